"""Lists in groups: by what records can be grouped, how many are in each group, and the filter that finds just these."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from leadboard.db import Where, rows
from leadboard.errors import N_
from leadboard.fieldtypes import Operator, Storage
from leadboard.lib.querytext import Term, Value, query_text
from leadboard.models.lead_fields import INTEREST, LEAD_FIELDS, QUALIFICATION
from leadboard.queries.custom_fields import BoundField, custom_fields, field_context
from leadboard.queries.field_filter import arg_of, condition_of
from leadboard.queries.lead_states import kind_sql
from leadboard.queries.query_columns import EMPTY, Reader
from leadboard.queries.query_parts import named_value
from leadboard.queries.record_filter import NEXT_STEPS, NOBODY, RecordFilter, next_step_sql, unknown
from leadboard.queries.record_list import MOST_COUNTED
from leadboard.queries.settings import instance

# A list of more is none.
MOST_GROUPS = 300
# So many are counted one by one as far as the cap.
MOST_CAPPED = 60
# What a lead is in, each in one of them.
STATES = ("board", "later", "won", "lost")


class Narrowing(NamedTuple):
    """What finds the records of one group: arguments of the address, or a term of the typed filter."""

    args: Mapping[str, str] = {}
    term: Term | None = None

    def to_args(self, wanted: RecordFilter) -> dict[str, str]:
        """The arguments of the filter with this condition."""
        term = query_text([self.term]) if self.term else ""
        query = wanted.query.text if term in wanted.query.text.split() else f"{wanted.query.text} {term}".strip()
        return {name: text for name, text in {**wanted.to_args(), "query": query, **self.args}.items() if text}


@dataclass(frozen=True)
class Grouping:
    """`sql(table, reader)` is the value that the records of a group share; `known(reader)` the values in their order, none of a
    text; `narrow(value, reader)` finds these records, and is None for what no filter names. `column`: an index begins with it.
    """

    key: str
    label: str
    sql: Callable[[str, Reader], Where]
    known: Callable[[Reader], Sequence[Any]]
    narrow: Callable[[Any, Reader], Narrowing | None]
    column: str = ""
    of: BoundField | None = None


@dataclass(frozen=True)
class Tally:
    """One group: `count` is None when it is not known, and with `is_capped` there are more. `sums` is {currency: minor units}."""

    value: Any
    count: int | None = None
    is_capped: bool = False
    sums: Mapping[str, int] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------- by what


def _without(key: str) -> Narrowing:
    return Narrowing(term=Term(key, ":", (Value(EMPTY),)))


def _named(key: str, label: str, *, has_arg: bool = True, has_empty: bool = True) -> Grouping:
    """By a stage, a pipeline, a colleague, a source, a reason."""

    def narrow(value: Any, reader: Reader) -> Narrowing | None:
        names = reader.names[key]
        if value is None:
            return Narrowing({key: NOBODY}) if key == "owner" else _without(key)
        if value not in names:
            return None
        return Narrowing({key: str(value)}) if has_arg else Narrowing(term=Term(key, ":", (named_value(value, names),)))

    def known(reader: Reader) -> Sequence[Any]:
        return [*reader.names[key], *([None] if has_empty else [])]

    column = f"{key}_id"
    return Grouping(key, label, lambda table, _: (f"{table}.{column}", []), known, narrow, column if has_arg else "")


def _fixed(key: str, options: Sequence[tuple[str, str]]) -> Grouping:
    """By a column with a list of our own."""

    def narrow(value: Any, reader: Reader) -> Narrowing | None:
        return Narrowing(term=Term(key, ":", (Value(value),))) if value else _without(key)

    values = [*(value for value, _ in options), ""]
    return Grouping(key, LEAD_FIELDS[key].label, lambda table, _: (f"{table}.{key}", []), lambda _: values, narrow)


def _text(key: str, label: str) -> Grouping:
    """By a text that the filter knows exactly."""
    return Grouping(
        key, label, lambda table, _: (f"{table}.{key}", []), lambda _: (),
        lambda value, _: Narrowing({key: value}) if value else _without(key),
    )  # fmt: skip


def _cases(parts: Sequence[tuple[Any, Where]], *, others: str = "") -> Where:
    """The number of the first condition that holds."""
    sql = " ".join(f"when {condition} then {number}" for number, (condition, _) in parts)
    return f"(case {sql}{f' else {others}' if others else ''} end)", [param for _, (_, params) in parts for param in params]


def _next_step(table: str, reader: Reader) -> Where:
    return _cases([(number, next_step_sql(table, state, reader.today)) for number, state in enumerate(NEXT_STEPS)])


def _state(table: str, reader: Reader) -> Where:
    return _cases([(number, kind_sql(table, state)) for number, state in enumerate(STATES)])


def _listed(key: str, label: str, arg: str, values: Sequence[str], sql: Callable[[str, Reader], Where]) -> Grouping:
    """By one of several conditions; the value of a group is its number."""
    return Grouping(key, label, sql, lambda _: range(len(values)), lambda value, _: Narrowing({arg: values[value]}))


_OWNER = _named("owner", N_("Owner"))
_NEXT = _listed("next", N_("Next step"), "next", NEXT_STEPS, _next_step)
_COUNTRY = _text("country", N_("Country"))
_OF_LEADS = (
    _named("stage", N_("Stage"), has_empty=False), _named("pipeline", N_("Pipeline"), has_empty=False),
    _listed("state", N_("State"), "closed", STATES, _state), _OWNER, _named("source", N_("Source")), _NEXT, _fixed("interest", INTEREST), _fixed("qualification", QUALIFICATION),
    _named("lost_reason", N_("Lost because"), has_arg=False),
)  # fmt: skip
GROUPINGS: dict[str, tuple[Grouping, ...]] = {
    "lead": _OF_LEADS,
    "contact": (_OWNER, _NEXT, _COUNTRY),
    "organisation": (_OWNER, _NEXT, _text("industry", N_("Industry")), _COUNTRY),
}
# The values of the groups without a choice, and of what is no choice any more.
NO_CHOICE, OTHER = -1, -2


def _is_listed(bound: BoundField) -> bool:
    """Whether every record has one of a few values: then the type says which."""
    kind = bound.type
    if kind is None or kind.storage is Storage.LIST or Operator.IS not in kind.operators:
        return False
    return kind.has_choices or kind.storage is Storage.FLAG


def choices_of(bound: BoundField) -> Sequence[tuple[str, str]]:
    """(as the filter writes it, label) of a field's choices."""
    return bound.input(field_context(instance())).choices


def _of_field(bound: BoundField) -> Grouping:
    """By the very conditions that filter by a choice, so that a link finds just what was counted."""

    def sql(table: str, reader: Reader) -> Where:
        empty = condition_of(bound, Operator.EMPTY, "1", reader.actor).where(table)
        choices = [condition_of(bound, Operator.IS, text, reader.actor).where(table) for text, _ in choices_of(bound)]
        return _cases([(NO_CHOICE, empty), *enumerate(choices)], others=str(OTHER))

    def narrow(value: Any, reader: Reader) -> Narrowing | None:
        if value == NO_CHOICE:
            return Narrowing({arg_of(bound, Operator.EMPTY): "1"})
        return None if value == OTHER else Narrowing({arg_of(bound, Operator.IS): choices_of(bound)[value][0]})

    return Grouping(
        bound.name, bound.label, sql, lambda _: [*range(len(choices_of(bound))), NO_CHOICE], narrow, of=bound
    )  # fmt: skip


def groupings(record_type: str) -> list[Grouping]:
    """Everything that records of a type can be grouped by."""
    fields = custom_fields(instance().revision, record_type).active
    return [*GROUPINGS[record_type], *(_of_field(one) for one in fields if _is_listed(one))]


def grouping_of(record_type: str, key: str | None) -> Grouping | None:
    """The one that an address names; None without one. Raises Refused naming those there are."""
    if not key:
        return None
    known = groupings(record_type)
    found = next((one for one in known if one.key == key), None)
    if found is None:
        raise unknown("group", key, [one.key for one in known])
    return found


# ---------------------------------------------------------------------------------------------- how many


def tallies(grouping: Grouping, table: str, condition: Where, reader: Reader) -> list[Tally]:
    """Every group that has records among those of the condition, with sums for leads. One statement; it reads them all."""
    value, values = grouping.sql(table, reader)
    sql, params = condition
    money = ", lead.value_currency, sum(lead.value_amount * 1.0)" if table == "lead" else ""
    found: dict[Any, tuple[int, dict[str, int]]] = {}
    for one, count, *summed in rows(
        f"select {value}, count(*){money} from {table} where {sql} group by 1{', lead.value_currency' if money else ''}",  # noqa: S608 - ours
        [*values, *params],
    ):
        before, sums = found.get(one, (0, {}))
        # Times 1.0 as on the board: whole numbers could go beyond 64 bits.
        if summed and summed[1]:
            sums = {**sums, summed[0]: int(summed[1])}
        found[one] = (before + count, sums)
    return _in_order([Tally(one, count, sums=sums) for one, (count, sums) in found.items()], grouping, reader)


def _in_order(found: list[Tally], grouping: Grouping, reader: Reader) -> list[Tally]:
    """As the values stand in their list, else the largest first; what has no value last."""
    places = {value: place for place, value in enumerate(grouping.known(reader))}
    if places:
        there = [one for one in found if one.value in places]
        # What is in no list any more, or of another pipeline: together.
        others = [one for one in found if one.value not in places]
        if others:
            sums: Counter[str] = sum((Counter(one.sums) for one in others), Counter())
            there.append(Tally(OTHER, sum(one.count or 0 for one in others), sums=sums))
        return sorted(there, key=lambda one: places.get(one.value, len(places)))
    return sorted(found, key=lambda one: (not one.value, -(one.count or 0), str(one.value)))[:MOST_GROUPS]


def capped_tallies(grouping: Grouping, table: str, condition: Where, reader: Reader) -> list[Tally] | None:
    """The same up to MOST_COUNTED each, without sums; None for what no index serves. One statement."""
    known = grouping.known(reader)
    if not grouping.column or len(known) > MOST_CAPPED:
        return None
    sql, params = condition
    parts, values = [], list[Any]()
    for number, value in enumerate(known):
        same = "is null" if value is None else "= ?"
        parts.append(
            f"select {number} as place, (select count(*) from (select 1 from {table} where {sql} and {table}.{grouping.column} {same}"  # noqa: S608 - ours
            f" limit {MOST_COUNTED + 1}) g{number}) as found"
        )
        values += [*params, *([] if value is None else [value])]
    text = " union all ".join(parts)
    counted = sorted((int(place), int(count)) for place, count in rows(text, values))
    return [Tally(known[place], min(count, MOST_COUNTED), count > MOST_COUNTED) for place, count in counted if count]


def uncounted(grouping: Grouping, reader: Reader) -> list[Tally]:
    """The groups there may be."""
    return [Tally(value) for value in grouping.known(reader)][:MOST_GROUPS]
