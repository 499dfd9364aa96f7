"""Calling plugins so that none of them can break what calls it.

Four ways of calling a hook, settled by its family (hookspecs.FAMILY), and `isolated` for everything else of a plugin's
that runs: a view, a template, a panel's data, a job.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, TypeVar

from leadboard.db import atomic
from leadboard.errors import LeadboardError
from leadboard.pluginhost import health
from leadboard.pluginhost.answers import checked
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.registry import Implementation, builtin, registry

T = TypeVar("T")


@dataclass(slots=True)  # not frozen: that doubles the price of making one, and every call makes one
class Outcome(Generic[T]):
    """What became of a call: its value, or the reference of the failure's record."""

    value: T | None = None
    reference: str = ""
    was_called: bool = True

    @property
    def is_ok(self) -> bool:
        return self.was_called and not self.reference


def isolated(
    plugin: str, place: str, work: Callable[[], T], *, through: tuple[type[BaseException], ...] = (), is_long: bool = False
) -> Outcome[T]:
    """Run a piece of a plugin. A failure is recorded; `through` are errors that are an answer, not a failure.

    `is_long` is work over many rows, which nobody is warned of.

    A place that is tripped is not called. The developer's setting plugin_errors = "raise" lets everything through.
    """
    if (plugin, place[:80]) in registry().tripped:
        return Outcome(was_called=False)
    began = perf_counter()
    value, error = outcome_of(work)
    if error is None:
        health.took(plugin, place, perf_counter() - began, is_long=is_long)
        return Outcome(value)
    return _failed(plugin, place, error, through)


def _failed(plugin: str, place: str, error: BaseException, through: tuple[type[BaseException], ...] = ()) -> Outcome[Any]:
    if isinstance(error, through) or registry().raises:
        raise error
    return Outcome(reference=health.record(plugin, place, error))


def has(hook: Callable[..., Any]) -> bool:
    """Whether any plugin that is on has this hook: what it would be told need not be put together otherwise."""
    return hook.__name__ in registry().implementations


def collect(hook: Callable[..., Any], **arguments: Any) -> list[tuple[str, Any]]:
    """(plugin, answer) of every plugin that is on and answers, in their order. One that raises is left out."""
    answers = []
    for implementation in registry().implementations.get(hook.__name__, ()):
        answer = _answer(implementation, arguments)
        if answer is not None:
            answers.append((implementation.plugin, answer))
    return answers


def first(hook: Callable[..., T | None], *, among: Sequence[T] | None = None, **arguments: Any) -> T | None:
    """The first answer that is not None, or that is one of `among`; a plugin that raises is passed over."""
    for implementation in registry().implementations.get(hook.__name__, ()):
        value: T | None = _answer(implementation, arguments)
        if value is not None and (among is None or value in among):
            return value
    return None


def guard(hook: Callable[..., Any], **arguments: Any) -> None:
    """Ask every plugin inside the caller's transaction, each in its own savepoint. Our own errors stop the write.

    Any other error undoes what that plugin wrote, and the write goes on.
    """
    for implementation in registry().implementations.get(hook.__name__, ()):
        ask(implementation.plugin, implementation.hook, lambda one=implementation: _asked(one, arguments))  # type: ignore[misc]


def ask(plugin: str, place: str, work: Callable[[], T]) -> Outcome[T]:
    """One question to one plugin inside the caller's transaction, in a savepoint; our own errors go through."""

    def inside() -> T:
        with atomic():
            return work()

    return isolated(plugin, place, inside, through=(LeadboardError,))


def _answer(implementation: Implementation, arguments: dict[str, Any]) -> Any:
    """As isolated(), with nothing made for the call: a page has a hundred. The registry has no place that is tripped."""
    began = perf_counter()
    answer, error = outcome_of(_asked, implementation, arguments)
    if error is not None:
        return _failed(implementation.plugin, implementation.hook, error).value
    health.took(implementation.plugin, implementation.hook, perf_counter() - began)
    return answer


def _asked(implementation: Implementation, arguments: dict[str, Any]) -> Any:
    plugin, hook, function, names = implementation
    return checked(plugin, hook, function(*map(_own, map(arguments.__getitem__, names))), is_builtin=plugin in builtin())


def _own(argument: Any) -> Any:
    """Lists and dicts are each plugin's own: what one takes out of them the next one still finds."""
    return argument.copy() if type(argument) in {list, dict} else argument
