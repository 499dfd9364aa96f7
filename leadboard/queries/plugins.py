"""What the admin page says of plugins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import database, rows
from leadboard.errors import N_, NotFound
from leadboard.pluginhost.discovery import Origin
from leadboard.pluginhost.loading import Loaded, State
from leadboard.pluginhost.migrations import HISTORY_PREFIX
from leadboard.pluginhost.registry import loaded_plugins, registry, wanted


@dataclass(frozen=True)
class FailureRow:
    """One place of a plugin that failed; times in milliseconds."""

    id: int
    plugin: str
    place: str
    page: str
    message: str
    traceback: str
    count: int
    streak: int
    first_at: int
    last_at: int
    tripped_at: int | None


@dataclass(frozen=True)
class TimingRow:
    """How long one hook of a plugin took, in microseconds."""

    plugin: str
    place: str
    calls: int
    total_us: int
    worst_us: int

    @property
    def mean_us(self) -> int:
        return self.total_us // max(1, self.calls)


@dataclass(frozen=True)
class PluginInfo:
    """A plugin with its state. `adds` is {register hook: what it gave, by key}."""

    loaded: Loaded
    state: State
    failures: list[FailureRow] = field(default_factory=list)
    adds: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.loaded.name

    @property
    def title(self) -> str:
        """What it calls itself, else the name of its folder."""
        return self.loaded.plugin.title if self.loaded.plugin is not None else self.loaded.name

    @property
    def is_builtin(self) -> bool:
        """A part of Leadboard that comes through the hooks; it has no switch."""
        return self.loaded.found.origin is Origin.BUILTIN


def plugins() -> list[PluginInfo]:
    """Every plugin that was found, in the order in which they answer."""
    failures: dict[str, list[FailureRow]] = {}
    for row in failure_rows():
        failures.setdefault(row.plugin, []).append(row)
    return [PluginInfo(one, state_of(one), failures.get(one.name, []), _adds(one.name)) for one in loaded_plugins()]


def plugin_info(name: str) -> PluginInfo:
    """The plugin of this name: the usable one, when there are several. Raises NotFound."""
    found = [one for one in loaded_plugins() if one.name == name]
    if not found:
        raise NotFound(N_("There is no plugin %(name)s here."), name=name)
    one = next((one for one in found if one.is_usable), found[0])
    return PluginInfo(one, state_of(one), [row for row in failure_rows() if row.plugin == name], _adds(name))


def left_over() -> list[str]:
    """The names of plugins that are gone and have left settings or tables behind."""
    here = {one.name for one in loaded_plugins()}
    kept = {table.removeprefix(HISTORY_PREFIX) for table in database.get_tables() if table.startswith(HISTORY_PREFIX)}
    return sorted((kept | set(registry().states.chosen)) - here)


def state_of(one: Loaded) -> State:
    """What an admin is told: why it cannot be turned on, or whether it is."""
    known = registry()
    if not one.is_usable or not wanted(one, known.states):
        return one.state
    if one.name not in known.on:
        return State.NEEDS_MIGRATION
    return State.TRIPPED if any(plugin == one.name for plugin, _ in known.tripped) else State.ON


@dataclass(frozen=True)
class Troubles:
    """The names of plugins that an admin should look at: given up somewhere, or wanted and not to be had."""

    tripped: list[str]
    not_on: list[str]


def troubles() -> Troubles:
    """What admins are told on every page. Costs no statement."""
    known = registry()
    not_on = [
        one.name
        for one in loaded_plugins()
        if one.name not in known.on and (wanted(one, known.states) or (not one.is_usable and known.states.chosen.get(one.name)))
    ]
    return Troubles(sorted({plugin for plugin, _ in known.tripped if plugin in known.on}), sorted(set(not_on)))


def failure_rows() -> list[FailureRow]:
    """What went wrong, the latest first."""
    return [
        FailureRow(*row)
        for row in rows(
            "select id, plugin, place, page, message, traceback, count, streak, first_at, last_at, tripped_at"
            " from plugin_failure order by last_at desc, id desc"
        )
    ]


def slowest(limit: int = 20, *, plugin: str | None = None) -> list[TimingRow]:
    """The places that take longest in the mean, of all plugins or of one."""
    return [
        TimingRow(*row)
        for row in rows(
            "select plugin, place, calls, total_us, worst_us from plugin_timing where plugin = coalesce(?, plugin)"
            " order by total_us / calls desc, plugin, place limit ?",
            (plugin, limit),
        )
    ]


def _adds(name: str) -> dict[str, list[Any]]:
    return {
        hook: items
        for hook, contributions in registry().contributions.items()
        if (items := [contribution.item for contribution in contributions if contribution.plugin == name])
    }
