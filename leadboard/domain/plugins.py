"""Turning plugins on and off, their settings, and taking their data away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import atomic, execute, now_ms
from leadboard.delivery import plugin_listener, start_from_now
from leadboard.domain.field_indexes import keep_indexes
from leadboard.domain.settings import announce
from leadboard.errors import N_, NotFound, Refused
from leadboard.events import EventKind, change
from leadboard.permissions import Actor, Permission, require
from leadboard.pluginhost import health, secrets
from leadboard.pluginhost.discovery import Origin
from leadboard.pluginhost.loading import Loaded
from leadboard.pluginhost.migrations import migrate, pending
from leadboard.pluginhost.registry import forget, loaded_plugin, loaded_plugins, registry, wanted
from leadboard.pluginhost.state import read_states
from leadboard.pluginhost.tables import count_rows, drop_tables
from leadboard.queries.plugins import left_over


def switchable(name: str) -> Loaded:
    """The plugin, when it is one that can be turned on and off. Raises NotFound, Refused."""
    one = loaded_plugin(name)
    if one is None:
        broken = next((found for found in loaded_plugins() if found.name == name), None)
        if broken is None:
            raise NotFound(N_("There is no plugin %(name)s here."), name=name)
        raise Refused(broken.problem, **broken.params)
    if one.found.origin is Origin.BUILTIN:
        raise Refused(N_("This is a part of Leadboard and always on."))
    return one


def enable(name: str, *, actor: Actor) -> None:
    """Make the plugin's tables and turn it on, in every process from its next request. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.SETTINGS)
    one = switchable(name)
    error = migrate(one)
    if error is not None:
        health.record(name, "migration", error)
        health.flush()
        raise Refused(N_("Its migration failed and it stays off: %(error)s"), error=f"{type(error).__name__}: {error}")
    _write_state(name, True, actor)
    keep_indexes()


def disable(name: str, *, actor: Actor) -> None:
    """Turn the plugin off, in every process from its next request, also one that is broken since. Its data stays.

    Raises Refused, NotFound, NotAllowed.
    """
    require(actor, Permission.SETTINGS)
    if loaded_plugin(name) is not None or name not in {one.name for one in loaded_plugins()}:
        switchable(name)
    _write_state(name, False, actor)


def _write_state(name: str, is_on: bool, actor: Actor) -> None:
    with change(actor, "plugin.switch") as step:
        was = name in registry().on
        execute(
            "insert into plugin_state (name, is_on, settings, secrets, changed_at) values (?, ?, '{}', '', ?)"
            " on conflict (name) do update set is_on = excluded.is_on, changed_at = excluded.changed_at",
            (name, is_on, now_ms()),
        )
        announce()
        if is_on:
            execute("delete from plugin_failure where plugin = ? and place = 'migration'", (name,))
        if is_on and not was:
            start_from_now(plugin_listener(name))
        if was != is_on:
            step.record(EventKind.PLUGIN_CHANGED, "plugin", 0, values={name: (was, is_on)}, plugin=name)


def save_settings(name: str, settings: Mapping[str, Any], secret: Mapping[str, Any], *, actor: Actor) -> None:
    """Keep what the plugin's form holds. A secret that is left out of `secret` stays; None takes it away. Raises NotAllowed."""
    require(actor, Permission.SETTINGS)
    one = switchable(name)
    text = json.dumps(dict(settings))
    with change(actor, "plugin.settings") as step:
        # As they are now: another process may have kept something since this request began.
        states = read_states()
        before = dict(states.settings.get(one.name, {}))
        kept = {**secrets.unseal(states.secrets.get(name, "")), **secret}
        sealed = secrets.seal({key: value for key, value in kept.items() if value is not None})
        execute(
            "insert into plugin_state (name, is_on, settings, secrets, changed_at) values (?, ?, ?, ?, ?)"
            " on conflict (name) do update set settings = excluded.settings, secrets = excluded.secrets, changed_at = excluded.changed_at",
            (name, wanted(one, states), text, sealed, now_ms()),
        )
        announce()
        changed = {f"{name}.{key}": (before.get(key), value) for key, value in settings.items() if before.get(key) != value}
        step.record(EventKind.PLUGIN_CHANGED, "plugin", 0, values=changed, plugin=name, secrets=sorted(secret))


def try_again(name: str, *, actor: Actor) -> None:
    """Forget a plugin's failures and call it again where it was given up. Raises NotAllowed."""
    require(actor, Permission.SETTINGS)
    with change(actor, "plugin.retry"):
        execute("delete from plugin_failure where plugin = ?", (name,))
        announce()


def remove_data(name: str, *, actor: Actor) -> dict[str, int]:
    """Drop the tables, settings, failures and jobs of a plugin that is off or gone; how many rows went, by table.

    Raises Refused while it is on, NotFound, NotAllowed.
    """
    require(actor, Permission.SETTINGS)
    known = {one.name: one for one in loaded_plugins()}
    if name not in known and name not in left_over():
        raise NotFound(N_("There is no plugin %(name)s here."), name=name)
    if name in known and known[name].found.origin is Origin.BUILTIN:
        raise Refused(N_("This is a part of Leadboard and always on."))
    with change(actor, "plugin.remove_data") as step:
        if name in known and wanted(known[name], read_states()) and not pending(known[name]):
            raise Refused(N_("Turn the plugin off first."))
        gone = count_rows(name)
        drop_tables(name)
        for table in ("plugin_failure", "plugin_timing"):
            execute(f"delete from {table} where plugin = ?", (name,))  # noqa: S608 - one of two literals
        execute("delete from plugin_state where name = ?", (name,))
        execute("delete from event_delivery where listener = ?", (plugin_listener(name),))
        # Also the one that runs now: it would be tried again, with what is gone.
        execute("delete from job where substr(kind, 1, ?) = ?", (len(name) + 1, f"{name}."))
        if name in known:
            # What starts on by itself would be on again without its row.
            execute(
                "insert into plugin_state (name, is_on, settings, secrets, changed_at) values (?, ?, '{}', '', ?)",
                (name, False, now_ms()),
            )
        announce()
        step.record(EventKind.PLUGIN_CHANGED, "plugin", 0, plugin=name, removed=gone)
    return gone


@dataclass(frozen=True)
class Migrated:
    """What migrate_plugins() did: the names of the migrations applied, and what stopped the others, by plugin."""

    applied: dict[str, list[str]]
    failed: dict[str, BaseException]


def migrate_plugins() -> Migrated:
    """Bring the tables of every plugin that is to be on up to date, at start. Those whose migration fails stay off."""
    done = Migrated({}, {})
    states = read_states()
    for one in loaded_plugins():
        if not wanted(one, states) or not (names := pending(one)):
            continue
        if (error := migrate(one)) is None:
            done.applied[one.name] = names
        else:
            done.failed[one.name] = error
            health.record(one.name, "migration", error)
    if done.applied:
        with atomic():
            for name in done.applied:
                execute("delete from plugin_failure where plugin = ? and place = 'migration'", (name,))
            announce()
    health.flush()
    forget()
    return done
