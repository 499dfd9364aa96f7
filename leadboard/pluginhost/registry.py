"""What the plugins that are on add up to. Built when first asked for, and again when the revision has moved.

A registry never changes: a request works with one of them from beginning to end.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from leadboard import hookspecs
from leadboard.contributions import ActivityType, Job, PipelineTemplate, Problem, StageRule
from leadboard.db import database
from leadboard.fieldtypes import FieldType
from leadboard.file_formats import Exporter, Importer
from leadboard.models.plugin_model import PluginModel
from leadboard.pluginhost import health
from leadboard.pluginhost.answers import listed, misfit, wrong_key
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.discovery import Origin
from leadboard.pluginhost.loading import Loaded
from leadboard.pluginhost.migrations import pending
from leadboard.pluginhost.state import States, read_states

# Asked once at start, of every plugin that can be loaded, on or off.
AT_START = ("register_routes", "register_models", "register_commands")
EXPECTED: dict[str, type | tuple[type, ...]] = {
    "register_pipeline_templates": PipelineTemplate,
    "register_stage_rules": StageRule,
    "register_activity_types": ActivityType,
    "register_field_types": FieldType,
    "register_jobs": Job,
    "register_importers": Importer,
    "register_exporters": Exporter,
}
"""What a register hook's list holds; the layers that define the other kinds add theirs by expect()."""


class Implementation(NamedTuple):
    """One plugin's function for one hook."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]


class Contribution(NamedTuple):
    """One item of a register hook, and whose it is."""

    plugin: str
    item: Any


@dataclass(frozen=True)
class Registry:
    """`implementations` and `contributions` by hook name, of plugins that are on; `states` of all."""

    revision: int = -1
    order: tuple[str, ...] = ()
    states: States = field(default_factory=States)
    implementations: Mapping[str, Sequence[Implementation]] = field(default_factory=dict)
    contributions: Mapping[str, Sequence[Contribution]] = field(default_factory=dict)
    raises: bool = False

    @cached_property
    def on(self) -> frozenset[str]:
        """The names of the plugins that are on."""
        return frozenset(self.order)

    @property
    def tripped(self) -> frozenset[tuple[str, str]]:
        return self.states.tripped

    def items(self, hook: str) -> list[Any]:
        """What a register hook gave, without whose it is."""
        return [contribution.item for contribution in self.contributions.get(hook, ())]

    def by_key(self, hook: str) -> dict[str, Any]:
        return {contribution.item.key: contribution.item for contribution in self.contributions.get(hook, ())}


@dataclass
class _Host:
    """What this process has loaded."""

    loaded: tuple[Loaded, ...] = ()
    implementations: dict[str, dict[str, tuple[Callable[..., Any], tuple[str, ...]]]] = field(default_factory=dict)
    at_start: dict[str, list[Contribution]] = field(default_factory=dict)
    start_failures: list[tuple[str, str, BaseException]] = field(default_factory=list)
    raises: bool = False
    some_start_on: bool = True
    builtin: frozenset[str] = frozenset()
    source: object = None
    registry: Registry | None = None


_host = _Host()
_lock = threading.RLock()
_building: ContextVar[Registry | None] = ContextVar("registry that is being built", default=None)


def expect(hook: str, kind: type | tuple[type, ...]) -> None:
    """Settle what the list of a register hook holds."""
    EXPECTED[hook] = kind


def use_plugins(loaded: Sequence[Loaded], *, raises: bool = False, some_start_on: bool = True) -> None:
    """Take what was loaded as this process's plugins. Built-in ones answer last.

    Without `some_start_on` nothing but them is on until it is turned on: what a test wants.
    """
    global _host
    usable = [one for one in loaded if one.is_usable and one.plugin is not None]
    usable.sort(key=lambda one: (one.found.origin is Origin.BUILTIN, one.plugin.order if one.plugin else 0, one.name))
    _host = _Host(tuple(loaded), {one.name: one.implementations for one in usable}, raises=raises, some_start_on=some_start_on)
    _host.builtin = frozenset(one.name for one in usable if one.found.origin is Origin.BUILTIN)
    # Nothing is on yet, and the database may have no tables: settings are not there at start, for any plugin.
    token = _building.set(Registry())
    try:
        for hook in AT_START:
            _host.at_start[hook] = _register(hook, list(_host.implementations), blame=failed_at_start)
    finally:
        _building.reset(token)


def loaded_plugins() -> tuple[Loaded, ...]:
    """Every plugin that was found, usable or not."""
    return _host.loaded


def loaded_plugin(name: str) -> Loaded | None:
    """The usable plugin of this name."""
    return next((one for one in _host.loaded if one.name == name and one.is_usable), None)


def builtin() -> frozenset[str]:
    """The names of the parts of Leadboard that come through the hooks."""
    return _host.builtin


def plugins_off() -> list[str]:
    """The names of plugins that are not on, also of those that are broken, blocked or gone for now: their jobs wait."""
    known = registry()
    return sorted(({one.name for one in _host.loaded} | set(known.states.chosen)) - known.on)


def at_start(hook: str) -> list[Contribution]:
    """What a hook of AT_START gave, of every usable plugin, on or off."""
    return _host.at_start.get(hook, [])


def failed_at_start(plugin: str, place: str, error: BaseException) -> None:
    """Keep what went wrong before it was known which plugins are on: it is recorded of those that are, when they are."""
    if _host.raises:
        raise error
    with _lock:
        _host.start_failures.append((plugin, place, error))
        if _host.registry is not None:
            _record_start_failures(_host.registry.on)


def _record_start_failures(on: Collection[str]) -> None:
    """A plugin that is off costs nobody anything: each command and each start would count its failures again."""
    found, _host.start_failures = _host.start_failures, []
    for plugin, place, error in found:
        if plugin in on:
            health.record(plugin, place, error)
        else:
            _host.start_failures.append((plugin, place, error))


def registry() -> Registry:
    """The registry in force; the database is asked only the first time, see refresh()."""
    building = _building.get()
    if building is not None:
        return building
    found = _host.registry
    return found if found is not None and _host.source is database.obj else _rebuild()


def refresh(revision: int) -> None:
    """Go by this revision from now on: each request, command and job says which one it read."""
    if _is_behind(revision):
        with _lock:
            if _is_behind(revision):  # another thread may have been first
                _rebuild()


def _is_behind(revision: int) -> bool:
    found = _host.registry
    return found is None or found.revision != revision or _host.source is not database.obj


def forget() -> None:
    """Read the state of plugins again the next time."""
    _host.registry = None


def _rebuild() -> Registry:
    with _lock:
        states = read_states()
        names = [name for name in _host.implementations if _is_on(name, states)]
        skipped = states.tripped
        implementations: dict[str, list[Implementation]] = {}
        for name in names:
            for hook, (function, arguments) in _host.implementations[name].items():
                if (name, hook) not in skipped:
                    implementations.setdefault(hook, []).append(Implementation(name, hook, function, arguments))
        found = Registry(states.revision, tuple(names), states, implementations, {}, _host.raises)
        # A register hook may ask for settings: it sees the registry without contributions.
        token = _building.set(found)
        try:
            contributions = {
                hook: _register(hook, [name for name in names if (name, hook) not in skipped], blame=_blame)
                for hook, family in hookspecs.FAMILY.items()
                if family == "register" and hook not in AT_START
            }
        finally:
            _building.reset(token)
        _host.registry = Registry(states.revision, tuple(names), states, implementations, contributions, _host.raises)
        _host.source = database.obj
        _record_start_failures(names)
        return _host.registry


def wanted(one: Loaded, states: States) -> bool:
    """Whether this usable plugin is to be on: by an admin's choice, else as it came."""
    if one.plugin is None or not one.is_usable:
        return False
    if one.found.origin is Origin.BUILTIN:
        return True
    starts_on = _host.some_start_on and one.plugin.starts_on and one.found.origin is Origin.BUNDLED
    return states.chosen.get(one.name, starts_on)


def _is_on(name: str, states: States) -> bool:
    """Wanted, and its tables are there."""
    one = loaded_plugin(name)
    return one is not None and wanted(one, states) and not pending(one)


def _register(hook: str, names: Sequence[str], *, blame: Callable[[str, str, BaseException], None]) -> list[Contribution]:
    """The valid items of one register hook, of the named plugins in their order; `blame` is told what is none."""
    found: list[Contribution] = []
    keys: dict[str, str] = {}
    for name in names:
        if hook not in _host.implementations[name]:
            continue
        function, _ = _host.implementations[name][hook]
        items, error = outcome_of(lambda function=function, hook=hook: listed(function(), hook))  # type: ignore[misc]
        if error is not None:
            blame(name, hook, error)
            continue
        for item in items or ():
            # A look at a plugin's object may run the plugin's code.
            problem, error = outcome_of(lambda name=name, item=item: _problem_of(name, hook, item, keys))  # type: ignore[misc]
            if error is None and not problem:
                found.append(Contribution(name, item))
            else:
                blame(name, hook, error or Problem(problem))
    return found


def _blame(plugin: str, hook: str, error: BaseException) -> None:
    if _host.raises:
        raise error
    health.record(plugin, hook, error)


def _problem_of(plugin: str, hook: str, item: Any, keys: dict[str, str]) -> str:
    """Why an item of a register hook cannot be taken, or ''."""
    kind = EXPECTED.get(hook, object)
    fits = isinstance(item, type) and issubclass(item, kind) if hook in CLASSES else isinstance(item, kind)
    if not fits:
        return f"{hook}() gave {item!r}, which is no {getattr(kind, '__name__', kind)}"
    if isinstance(item, type) and issubclass(item, PluginModel):
        return _problem_of_table(plugin, item)
    if hook in CLASSES:
        return ""
    if getattr(item, "plugin", plugin) != plugin:
        return f"{hook}() gave {item!r}, which calls itself a part of {item.plugin}"
    if problem := misfit(item) or ("" if plugin in builtin() else wrong_key(plugin, item)):
        return problem
    key = getattr(item, "key", None)
    if key is None:
        return ""
    if key in keys:
        return f"the key {key!r} is already taken by the plugin {keys[key]}"
    keys[key] = plugin
    return ""


def _problem_of_table(plugin: str, model: type[PluginModel]) -> str:
    """A row of a plugin must never keep a lead, a person or a stage from being removed."""
    table = model._meta.table_name
    if not table.startswith(f"p_{plugin}_"):
        return f"the table {table} must be called p_{plugin}_…"
    for key in model._meta.refs:
        if issubclass(key.rel_model, PluginModel):
            continue
        if str(key.on_delete).upper() not in {"CASCADE", "SET NULL"} or key.backref != "+":
            return f"the foreign key {table}.{key.column_name} to a table of the core needs on_delete='CASCADE' and backref='+'"
    return ""


# Hooks whose lists hold classes, not objects.
CLASSES = {"register_models", "register_settings_form"}
EXPECTED["register_models"] = PluginModel
