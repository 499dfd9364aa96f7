"""Fixtures for tests of plugins and beside plugins."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from leadboard.config import Settings
from leadboard.defaults import BUILTIN
from leadboard.domain.plugins import enable, save_settings
from leadboard.events import Event, events_after
from leadboard.forms.plugin_settings import SecretField, settings_for, settings_form_of
from leadboard.permissions import SYSTEM
from leadboard.pluginhost.discovery import Found, Origin, find_plugins
from leadboard.pluginhost.loading import load_plugins
from leadboard.pluginhost.registry import use_plugins
from leadboard.wiring import connect_plugins


@pytest.fixture
def plugin(app: Flask) -> Callable[..., SimpleNamespace]:
    """plugin("visit_plan") turns it on, with its tables, and gives its settings; plugin("visit_plan", weeks=3) sets some."""

    def turn_on(name: str, **values: Any) -> SimpleNamespace:
        enable(name, actor=SYSTEM)
        form_class = settings_form_of(name)
        if values:
            assert form_class is not None, f"{name} has no settings"
            kinds = {field.short_name: field for field in form_class()}
            unknown = sorted(set(values) - set(kinds))
            assert not unknown, f"{name} has no setting {', '.join(unknown)}"
            known = {key: value for key, value in vars(settings_for(name)).items() if not isinstance(kinds[key], SecretField)}
            secret = {key: value for key, value in values.items() if isinstance(kinds[key], SecretField)}
            said = {key: value for key, value in values.items() if key not in secret}
            save_settings(name, {**known, **said}, secret, actor=SYSTEM)
        return settings_for(name)

    return turn_on


@pytest.fixture
def plugin_errors(request: pytest.FixtureRequest) -> str:
    """What happens when a plugin raises: "raise" in tests; @pytest.mark.plugin_errors("record") keeps going, as for users."""
    mark = request.node.get_closest_marker("plugin_errors")
    return str(mark.args[0]) if mark else "raise"


@pytest.fixture
def drop_in(settings: Settings) -> Callable[..., Path]:
    """drop_in("name", "source") writes a plugin of one file into the instance; with files={path: text} a package.

    Write it before the `app` is made: let the test take `request` and ask for the others by name.
    """

    def write(name: str, source: str, files: dict[str, str] | None = None) -> Path:
        folder = settings.instance / "plugins"
        path = folder / name / "__init__.py" if files is not None else folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        for inner, text in (files or {}).items():
            file = path.parent / inner
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


@pytest.fixture
def broken_plugin(app: Flask, settings: Settings) -> Iterator[str]:
    """A plugin that raises in every hook is on, beside whatever else is; what it raises is recorded, as for users."""
    found = Found("broken_plugin", Origin.DROPIN, "leadboard.testing.broken_plugin", "leadboard.testing")
    use_plugins(load_plugins([*BUILTIN, *find_plugins(settings.instance), found]), some_start_on=False)
    enable("broken_plugin", actor=SYSTEM)
    yield "broken_plugin"
    sys.modules.pop("leadboard.testing.broken_plugin", None)
    connect_plugins(replace(settings, plugin_errors="raise"))


@pytest.fixture
def events(app: Flask) -> Callable[..., list[Event]]:
    """events("lead_moved") are the events of these kinds so far, in order; all of them when no kind is named."""
    begin = max((event.id for event in events_after(0, limit=1_000_000)), default=0)

    def since(*kinds: str) -> list[Event]:
        return [event for event in events_after(begin, limit=100_000) if not kinds or event.kind in kinds]

    return since


__all__: list[Any] = ["broken_plugin", "drop_in", "events", "plugin", "plugin_errors"]
