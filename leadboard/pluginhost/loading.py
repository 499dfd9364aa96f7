"""Importing plugins and settling the state of each. Nothing a plugin does at import keeps Leadboard from starting."""

import ast
import importlib
import importlib.util
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from leadboard import hookspecs
from leadboard.contributions import API_VERSION, RESERVED, VERSION, Plugin, is_offered
from leadboard.errors import N_
from leadboard.pluginhost.boundary import attempt, outcome_of
from leadboard.pluginhost.discovery import Found, Origin

log = logging.getLogger("leadboard.plugins")


class State(StrEnum):
    """What an admin is told. A plugin that can be used is off, on, waiting for its tables, or on with a place given up."""

    INCOMPATIBLE = "incompatible"
    BROKEN = "broken"
    BLOCKED = "blocked"
    NEEDS_MIGRATION = "needs_migration"
    OFF = "off"
    ON = "on"
    TRIPPED = "tripped"


UNUSABLE = {State.INCOMPATIBLE, State.BROKEN, State.BLOCKED}


@dataclass
class Loaded:
    """A plugin after the attempt to load it. `state` is off, or why it cannot be turned on; `problem` says that in words."""

    found: Found
    plugin: Plugin | None = None
    module: ModuleType | None = None
    state: State = State.OFF
    problem: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    traceback: str = ""
    implementations: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = field(default_factory=dict)
    """{hook: (function, names of the arguments it takes)}."""

    @property
    def name(self) -> str:
        return self.found.name

    @property
    def hooks(self) -> tuple[str, ...]:
        return tuple(sorted(self.implementations))

    @property
    def is_usable(self) -> bool:
        """Whether it could be turned on."""
        return self.state not in UNUSABLE

    @property
    def folder(self) -> Path | None:
        """Where its templates, static files and migrations are; None for a single file."""
        file = getattr(self.module, "__file__", None)
        return Path(file).parent if file and Path(file).name == "__init__.py" else None

    def fail(self, state: State, problem: str, trace: str = "", **params: Any) -> "Loaded":
        self.state, self.problem, self.params, self.traceback = state, problem, params, trace
        log.error("plugin %s is %s: %s", self.name, state.value, (problem % params) if params else problem)
        return self


def load_plugins(found: Iterable[Found], blocked: Iterable[str] = ()) -> list[Loaded]:
    """Import each plugin, check its metadata and its hooks. The first of two with one name wins."""
    loaded: list[Loaded] = []
    taken: dict[str, Found] = {}
    prefixes: dict[str, str] = {}
    for candidate in found:
        one = _load(candidate, set(blocked))
        if one.is_usable and one.plugin is not None:
            prefix = one.plugin.public_prefix
            if (other := taken.get(one.name)) is not None:
                one.fail(
                    State.BROKEN, N_("Another plugin has the same name: %(where)s. Remove one of the two."), where=other.where
                )
            elif prefix and prefix in prefixes:
                one.fail(
                    State.BROKEN,
                    N_("The address /%(prefix)s belongs to the plugin %(name)s."),
                    prefix=prefix,
                    name=prefixes[prefix],
                )
            else:
                taken[one.name] = candidate
                if prefix:
                    prefixes[prefix] = one.name
        loaded.append(one)
    return loaded


def _load(found: Found, blocked: set[str]) -> Loaded:
    one = Loaded(found)
    if found.name in blocked:
        return one.fail(State.BLOCKED, N_("It is named in LEADBOARD_BLOCK_PLUGINS and was not imported."))
    is_first = found.module not in sys.modules
    threads = threading.active_count()
    trace = attempt(lambda: _import(one))
    # A module that is there already started nothing now: a thread that appears meanwhile is somebody else's.
    if not trace and is_first and threading.active_count() > threads:
        trace = "It started a thread while it was imported; threads do not survive the start of the server's processes."
    if trace:
        _forget_module(found.module)
        needs, _ = outcome_of(lambda: _written_requirement(found.module))
        if needs and not is_offered(needs):
            return _incompatible(one, needs, trace)
        return one.fail(State.BROKEN, N_("It cannot be imported: %(error)s"), trace, error=_last_line(trace))
    plugin = getattr(one.module, "PLUGIN", None)
    if not isinstance(plugin, Plugin):
        return one.fail(State.BROKEN, N_("It has no PLUGIN = Plugin(…) that says what it is."))
    one.plugin = plugin
    if plugin.name != found.name:
        return one.fail(
            State.BROKEN, N_("It calls itself %(name)s but is installed as %(found)s: both must be one name."),
            name=plugin.name, found=found.name,
        )  # fmt: skip
    if plugin.name in RESERVED and not is_ours(one):
        return one.fail(
            State.BROKEN, N_("The name %(name)s is one of Leadboard's own: the plugin needs another."), name=plugin.name
        )
    if not plugin.is_compatible:
        return _incompatible(one, plugin.requires_api)
    return _check_hooks(one)


def _incompatible(one: Loaded, needs: str, trace: str = "") -> Loaded:
    text = N_("It needs version %(needs)s of the plugin interface; this Leadboard has %(has)s.")
    return one.fail(State.INCOMPATIBLE, text, trace, needs=needs, has=".".join(map(str, API_VERSION)))


def _written_requirement(module: str) -> str:
    """`requires_api` as PLUGIN = Plugin(…) has it in the source of a module that cannot be imported; "" when it says none.

    One that is written for a newer interface fails already when it imports a name that is not here.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin:
        return ""
    for node in ast.parse(Path(spec.origin).read_bytes()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            told = {key.arg: key.value.value for key in node.value.keywords if isinstance(key.value, ast.Constant)}
            text = str(told.get("requires_api", ""))
            if ast.unparse(targets[0]) == "PLUGIN" and VERSION.fullmatch(text):
                return text
    return ""


def _import(one: Loaded) -> None:
    one.module = importlib.import_module(one.found.module)


def _check_hooks(one: Loaded) -> Loaded:
    """Let pluggy compare every implementation with its specification, in a manager that holds no other plugin."""
    manager = _specifications()

    def register() -> None:
        manager.register(one.module, name=one.name)
        manager.check_pending()

    trace = attempt(register)
    if trace:
        _specifications.cache_clear()  # pluggy leaves what it had registered before the failure
        return one.fail(State.BROKEN, N_("A hook does not fit: %(error)s"), trace, error=_last_line(trace))
    callers = manager.get_hookcallers(one.module) or []
    implementations = [(caller.name, impl) for caller in callers for impl in caller.get_hookimpls()]
    manager.unregister(one.module)
    wrappers = [name for name, impl in implementations if impl.wrapper or impl.hookwrapper]
    if wrappers:
        return one.fail(State.BROKEN, N_("%(hook)s is a hook wrapper; those are not supported."), hook=wrappers[0])
    one.implementations = {name: (impl.function, tuple(impl.argnames)) for name, impl in implementations}
    return one


@cache
def _specifications() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _last_line(trace: str) -> str:
    return trace.strip().splitlines()[-1]


def _forget_module(name: str) -> None:
    for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[module]


def is_ours(one: Loaded) -> bool:
    """Whether it came with Leadboard."""
    return one.found.origin in {Origin.BUILTIN, Origin.BUNDLED}
