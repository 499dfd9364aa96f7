"""Settings of a plugin: a plain WTForms form; the core stores what it holds and draws it on the plugin's page."""

import os
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from flask_babel import gettext
from wtforms import Form, StringField
from wtforms.widgets import PasswordInput

from leadboard.pluginhost import secrets
from leadboard.pluginhost.registry import expect, registry


class SecretField(StringField):
    """Write-only: what is kept is never sent to a browser. Left empty, it stays as it is."""

    widget = PasswordInput(hide_value=True)


class SettingsForm(Form):
    """Fields with defaults and validators. Values are kept as JSON: text, numbers, yes or no, lists of these."""

    def validate(self, extra_validators: Any = None) -> bool:
        """What cannot be read says one thing: a validator tells better than "not a valid integer" what is wanted."""
        is_good = super().validate(extra_validators)
        for field in self:
            if field.process_errors:
                field.errors = list(field.errors)[-1:]
        return is_good


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


# ---------------------------------------------------------------------------------------------- the page of an admin

REMOVE = "remove-"
"""A box named so takes a kept secret away."""
SHOWN_END = 4
SHOWN_FROM = 12


def filled_form(name: str, form_class: type[SettingsForm], typed: Any = None) -> SettingsForm:
    """The form with what is kept, or with what was typed over it. Secrets are never in it."""
    known = registry().states.settings.get(name, {})
    form = form_class(typed, data=dict(known))
    for field in form:
        # Forms are also made where nobody reads them, in jobs: their texts are marked, and translated here.
        field.label.text = gettext(str(field.label.text))
        field.description = gettext(str(field.description)) if field.description else ""
    return form


def kept_secrets(name: str, form: SettingsForm) -> dict[str, str]:
    """What an admin is told of each secret field: "" when nothing is kept, else dots and, of a long one, its end."""
    sealed = secrets.unseal(registry().states.secrets.get(name, ""))
    return {field.short_name: _hint(str(sealed.get(field.short_name) or "")) for field in _secret_fields(form)}


def env_secrets(name: str, form: SettingsForm) -> dict[str, tuple[str, str]]:
    """{field: (variable, hint)} of secrets that the environment settles."""
    found = {field.short_name: secret_variable(name, field.short_name) for field in _secret_fields(form)}
    return {key: (variable, _hint(os.environ[variable])) for key, variable in found.items() if os.environ.get(variable)}


def check_settings(name: str, form: SettingsForm, typed: Mapping[str, str]) -> bool:
    """Validate. A secret that is kept, or comes from the environment, counts as typed; the form never holds it afterwards."""
    sealed = secrets.unseal(registry().states.secrets.get(name, ""))
    given = {field.short_name: field.data or "" for field in _secret_fields(form)}
    for field in _secret_fields(form):
        key = field.short_name
        if not given[key] and f"{REMOVE}{key}" not in typed:
            field.data = os.environ.get(secret_variable(name, key)) or sealed.get(key, "")
            field.raw_data = [field.data]
    is_good = form.validate()
    for field in _secret_fields(form):
        field.data = given[field.short_name]
    return is_good


def has_settings(name: str) -> bool:
    """Whether somebody has saved the form already."""
    states = registry().states
    return bool(states.settings.get(name) or states.secrets.get(name))


def lacks_settings(name: str, form_class: type[SettingsForm]) -> bool:
    """Whether the plugin waits for an admin: what is kept, with the defaults, would not pass its own form."""
    form = form_class(data=dict(registry().states.settings.get(name, {})))
    sealed = secrets.unseal(registry().states.secrets.get(name, ""))
    for field in form:
        if isinstance(field, SecretField):
            field.data = os.environ.get(secret_variable(name, field.short_name)) or sealed.get(field.short_name, "")
        # Some validators look at what was sent.
        field.raw_data = [] if field.data in (None, "") else [str(field.data)]
    return not form.validate()


def values_of(form: SettingsForm, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str | None]]:
    """(settings, secrets) to keep: a secret left empty is not among them, one to be removed is None."""
    settings = {field.short_name: field.data for field in form if not isinstance(field, SecretField)}
    changed: dict[str, str | None] = {}
    for field in _secret_fields(form):
        if field.data:
            changed[field.short_name] = field.data
        elif f"{REMOVE}{field.short_name}" in typed:
            changed[field.short_name] = None
    return settings, changed


def secrets_are_lost(name: str) -> bool:
    """Whether secrets are kept that this instance's key does not open: it is another one since."""
    kept = registry().states.secrets.get(name, "")
    return bool(kept) and not secrets.unseal(kept)


def _secret_fields(form: SettingsForm) -> list[SecretField]:
    return [field for field in form if isinstance(field, SecretField)]


def _hint(secret: str) -> str:
    if not secret:
        return ""
    return f"••••{secret[-SHOWN_END:]}" if len(secret) >= SHOWN_FROM else "••••"
