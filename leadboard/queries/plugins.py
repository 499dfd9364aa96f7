"""What the admin page says of plugins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import rows
from leadboard.pluginhost.loading import Loaded, State
from leadboard.pluginhost.migrations import pending
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


def plugins() -> list[PluginInfo]:
    """Every plugin that was found, in the order in which they answer."""
    failures: dict[str, list[FailureRow]] = {}
    for row in failure_rows():
        failures.setdefault(row.plugin, []).append(row)
    return [PluginInfo(one, state_of(one), failures.get(one.name, []), _adds(one.name)) for one in loaded_plugins()]


def state_of(one: Loaded) -> State:
    """What an admin is told: why it cannot be turned on, or whether it is."""
    known = registry()
    if not one.is_usable or not wanted(one, known.states):
        return one.state
    if pending(one):
        return State.NEEDS_MIGRATION
    return State.TRIPPED if any(plugin == one.name for plugin, _ in known.tripped) else State.ON


def failure_rows() -> list[FailureRow]:
    """What went wrong, the latest first."""
    return [
        FailureRow(*row)
        for row in rows(
            "select id, plugin, place, page, message, traceback, count, streak, first_at, last_at, tripped_at"
            " from plugin_failure order by last_at desc, id desc"
        )
    ]


def slowest(limit: int = 20) -> list[TimingRow]:
    """The places that take longest in the mean."""
    return [
        TimingRow(*row)
        for row in rows(
            "select plugin, place, calls, total_us, worst_us from plugin_timing order by total_us / calls desc, plugin, place limit ?",
            (limit,),
        )
    ]


def _adds(name: str) -> dict[str, list[Any]]:
    return {
        hook: items
        for hook, contributions in registry().contributions.items()
        if (items := [contribution.item for contribution in contributions if contribution.plugin == name])
    }
