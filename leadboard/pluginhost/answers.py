"""What the hooks of a page may answer, checked where it arrives: what comes out of here is safe to show."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from leadboard.contributions import Action, Asset, Badge, Match, MenuItem, Panel, Part, PipelineTemplate, Problem
from leadboard.pluginhost.boundary import storable

LISTS: dict[str, type] = {
    "menu_items": MenuItem,
    "lead_panels": Panel,
    "lead_actions": Action,
    "party_panels": Panel,
    "party_actions": Action,
    "page_assets": Asset,
    "find_duplicates": Match,
}
MOST_ITEMS = 1000
ONE: dict[str, type] = {"page_slot": Part, "recognise_file": str}


def checked(plugin: str, hook: str, answer: Any, *, is_builtin: bool = False) -> Any:
    """The answer, a list made of whatever was iterated. Raises Problem that says what does not fit."""
    if answer is None:
        return None
    if hook in ONE:
        _need(isinstance(answer, ONE[hook]), hook, answer, ONE[hook].__name__)
    elif hook == "board_badges":
        answer = _checked_badges(answer)
    elif hook in LISTS:
        answer = listed(answer, hook)
        for item in answer:
            _need(isinstance(item, LISTS[hook]), hook, item, LISTS[hook].__name__)
            if problem := misfit(item) or ("" if is_builtin else wrong_key(plugin, item)):
                raise Problem(problem)
    return answer


def _checked_badges(answer: Any) -> dict[Any, Badge] | dict[Any, list[Badge]]:
    """By lead a badge for each, or a list for each. Every card of a board goes through here, for every plugin: sets of types
    are looked at, not badges."""
    _need(isinstance(answer, Mapping), "board_badges", answer, "dict of Badge or lists of Badge")
    found: dict[Any, Any] = answer if type(answer) is dict else dict(answer)
    kinds = set(map(type, found.values()))
    if kinds == {Badge}:
        return found
    if kinds != {list}:
        found = {key: [given] if type(given) is Badge else listed(given, "board_badges") for key, given in found.items()}
    if not set(map(type, chain.from_iterable(found.values()))) <= {Badge}:
        wrong = next(badge for badge in chain.from_iterable(found.values()) if type(badge) is not Badge)
        _need(False, "board_badges", wrong, "Badge")
    return found


def listed(answer: Iterable[Any], hook: str) -> list[Any]:
    """A list of what a hook gave. Raises Problem for one that does not end, as a generator with a loop may not."""
    found = list(islice(answer, MOST_ITEMS + 1))
    if len(found) > MOST_ITEMS:
        raise Problem(f"{hook}() gave more than {MOST_ITEMS} things")
    return found


def _need(condition: bool, hook: str, found: Any, what: str) -> None:
    if not condition:
        raise Problem(f"{hook}() gave {found!r}, which is no {what}")


def wrong_key(plugin: str, item: Any) -> str:
    """Why the key of a contribution cannot be taken, or ''."""
    if not hasattr(item, "key"):
        return ""
    is_own = isinstance(item.key, str) and item.key.startswith(f"{plugin}.")
    return "" if is_own else f"the key {item.key!r} must begin with {plugin}."


def misfit(item: Any) -> str:
    """The first field of a contribution that is not of its type, or ''. A text must be a text before a page sorts by it."""
    for name, kind in _plain_fields(item.__class__):
        value = getattr(item, name)
        if not isinstance(value, kind):
            return f"{type(item).__name__}.{name} is {value!r}, which is no {kind.__name__}"
        if isinstance(value, str) and storable(value) != value:
            return f"{type(item).__name__}.{name} is {value!r}, which no page and no database can hold"
    parts = (*item.stages, *item.fields) if isinstance(item, PipelineTemplate) else ()
    return next((problem for part in parts if (problem := misfit(part))), "")


@lru_cache(maxsize=256)
def _plain_fields(kind: Any) -> tuple[tuple[str, type], ...]:
    if not hasattr(kind, "__dataclass_fields__"):
        return ()
    return tuple((one.name, one.type) for one in fields(kind) if one.type in (str, int, bool) and isinstance(one.type, type))
