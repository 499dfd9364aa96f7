"""What a form offers to compare a field by, the values to choose from, and an example of how it is typed."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext

from leadboard.errors import N_
from leadboard.fieldtypes import Operator
from leadboard.lib.querytext import Term, Value, query_text
from leadboard.queries import query_columns as columns
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.field_filter import ways_of
from leadboard.queries.query_columns import Column, Reader
from leadboard.queries.typed_query import Language
from leadboard.web.filter_words import DAY_WORDS, STATE_WORDS, STEP_WORDS, choices_of, kind_of

_DAYS = frozenset({"day", "moment", "next_step"})


class ComparedBy(NamedTuple):
    sign: str
    label: str


class Offered(NamedTuple):
    """`choices` are (text, label) of which some are ticked; `hints` only help with typing."""

    choices: Sequence[tuple[str, str]] = ()
    hints: Sequence[tuple[str, str]] = ()


def comparisons_of(found: Column | BoundField) -> list[ComparedBy]:
    """The ways to compare, the usual one first."""
    signs = _signs(found)
    kind = kind_of(found)
    looks_inside = ":" in signs and (
        (isinstance(found, Column) and kind == "text") or (not isinstance(found, Column) and Operator.CONTAINS in ways_of(found))
    )
    words = {
        ":": N_("contains") if looks_inside else N_("is"), "=": N_("is exactly"), "!=": N_("does not contain") if looks_inside else N_("is not"),
        ">=": N_("from") if kind in _DAYS else N_("at least"), "<=": N_("until") if kind in _DAYS else N_("at most"),
        "..": N_("between"), "none": N_("is empty"), "any": N_("is filled"),
    }  # fmt: skip
    return [ComparedBy(sign, gettext(words[sign])) for sign in words if sign in signs]


def _signs(found: Column | BoundField) -> set[str]:
    if isinstance(found, Column):
        signs = {":", "!="}
        if found.kind == "text":
            signs.add("=")
        if ">=" in found.operators:
            signs |= {">=", "<=", ".."}
        return signs | ({"none", "any"} if found.has_empty else set())
    ways = ways_of(found)
    signs = {"none", "any"}
    if Operator.IS in ways or Operator.CONTAINS in ways:
        signs |= {":", "!="}
    if Operator.IS in ways and Operator.CONTAINS in ways:
        signs.add("=")
    return signs | ({">=", "<=", ".."} if Operator.FROM in ways else set())


def offered_values(found: Column | BoundField, reader: Reader) -> Offered:
    """What there is to choose from, under the texts that a typed filter has for it."""
    if isinstance(found, BoundField):
        return Offered(choices_of(found))
    if found.kind in reader.names:
        names = reader.names[found.kind]
        me = [(columns.ME, gettext("Me"))] if found.kind == "owner" and reader.actor.id is not None else []
        return Offered([*me, *((text_of(number, names), name) for number, name in names.items())])
    if found.kind == "state":
        return Offered([(key, gettext(label)) for key, label in STATE_WORDS.items()])
    if found.kind == "choice":
        return Offered([(key, gettext(label)) for key, label in found.options])
    if found.kind == "next_step":
        return Offered(hints=[(key, gettext(label)) for key, label in {**STEP_WORDS, **DAY_WORDS}.items()])
    if found.kind in _DAYS:
        return Offered(hints=[(key, gettext(label)) for key, label in DAY_WORDS.items()])
    return Offered()


def text_of(number: int, names: dict[int, str] | object) -> str:
    """A record by its name when no other has it, else by its number."""
    known: dict[int, str] = names if isinstance(names, dict) else dict(names)  # type: ignore[call-overload]
    name = known[number]
    is_alone = sum(other.casefold() == name.casefold() for other in known.values()) == 1
    return name if is_alone and name and name.lower() not in {columns.ME, columns.EMPTY, columns.FILLED} else str(number)


_EXAMPLES = {
    "money": (">=", "5000"),
    "number": (">=", "10"),
    "day": (":", "this-month"),
    "moment": (":", "-30d"),
    "next_step": (":", "none"),
    "state": (":", "open"),
}


def example_of(key: str, language: Language, reader: Reader) -> str:
    """A condition that can be typed as it stands."""
    found = language.find(key)
    assert found is not None
    kind = kind_of(found)
    if isinstance(found, BoundField) and kind == "day":
        return query_text([Term(key, ">=", (Value(reader.today.isoformat()),))])
    if kind in _EXAMPLES:
        sign, text = _EXAMPLES[kind]
        return query_text([Term(key, sign, (Value(text),))])
    offered = offered_values(found, reader).choices
    if not offered and (kind in reader.names or (isinstance(found, BoundField) and Operator.CONTAINS not in ways_of(found))):
        return f"{key}:none"
    text = offered[0][0] if offered else {"phone": "4930", "email": "example", "country": "DE"}.get(key, "text")
    return query_text([Term(key, ":", (Value(text),))])
