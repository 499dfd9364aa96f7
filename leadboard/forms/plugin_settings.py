"""Settings of a plugin: a plain WTForms form; the core stores what it holds and draws it on the plugin's page."""

import os
from types import SimpleNamespace
from typing import Any, cast

from wtforms import Form, StringField
from wtforms.widgets import PasswordInput

from leadboard.pluginhost import secrets
from leadboard.pluginhost.registry import expect, registry


class SecretField(StringField):
    """Write-only: what is kept is never sent to a browser. Left empty, it stays as it is."""

    widget = PasswordInput(hide_value=True)


class SettingsForm(Form):
    """Fields with defaults and validators. Values are kept as JSON: text, numbers, yes or no, lists of these."""


expect("register_settings_form", SettingsForm)


def settings_form_of(name: str) -> type[SettingsForm] | None:
    """The form class of a plugin that is on."""
    for contribution in registry().contributions.get("register_settings_form", ()):
        if contribution.plugin == name:
            return cast("type[SettingsForm]", contribution.item)
    return None


def settings_for(name: str) -> SimpleNamespace:
    """The settings of a plugin by field name: as kept, else the field's default; secrets as plain text.

    LEADBOARD_P_<NAME>_<FIELD> in the environment goes before a kept secret.
    """
    form_class = settings_form_of(name)
    if form_class is None:
        return SimpleNamespace()
    form = form_class()
    states = registry().states
    kept = states.settings.get(name, {})
    sealed = secrets.unseal(states.secrets.get(name, ""))
    values: dict[str, Any] = {}
    for field in form:
        key = field.short_name
        if isinstance(field, SecretField):
            values[key] = os.environ.get(secret_variable(name, key)) or sealed.get(key, "")
        else:
            values[key] = kept.get(key, field.data)
    return SimpleNamespace(**values)


def secret_variable(name: str, key: str) -> str:
    """The environment variable that a secret may come from."""
    return f"LEADBOARD_P_{name}_{key}".upper()
