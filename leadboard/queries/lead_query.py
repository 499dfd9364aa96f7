"""A typed filter over leads: the fields it may name, and its SQL. The text itself is read by lib/querytext.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadboard.db import Where
from leadboard.errors import N_, Refused
from leadboard.fieldtypes import Operator
from leadboard.lib.querytext import Group, Node, Not, QueryError, Term, Value, Words, parse_query, query_text
from leadboard.models.lead_fields import INTEREST, LEAD_FIELDS, QUALIFICATION
from leadboard.queries import query_columns as columns
from leadboard.queries.custom_fields import BoundField, custom_fields
from leadboard.queries.field_filter import condition_of, type_is_missing, ways_of
from leadboard.queries.lead_states import KINDS, kind_sql
from leadboard.queries.query_columns import Column, Condition, Reader
from leadboard.queries.record_filter import NEXT_STEPS, next_step_sql
from leadboard.queries.settings import instance
from leadboard.queries.text_search import text_sql

_BLANK = "{0} = ''"


def _state(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    if text not in KINDS:
        raise columns.wrong(column, text, ", ".join(KINDS))
    return Condition(lambda alias: kind_sql(alias, text))


def _next_step(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    if text in NEXT_STEPS and operator in {":", "="}:
        return Condition(lambda alias: next_step_sql(alias, text, reader.today), is_lookup=text != "none", rank=2)
    return columns.day_condition(column, operator, text, reader)


def _text(key: str, label: str, column: str = "") -> Column:
    return Column(key, label, columns.text_condition, column or key, empty=_BLANK)


def _named(key: str, label: str, kind: str = "", *, has_empty: bool = True) -> Column:
    return Column(key, label, columns.named_condition, f"{key}_id", is_indexed=True, has_empty=has_empty, kind=kind or key)


def _ordered(key: str, label: str, kind: str, column: str = "", *, is_indexed: bool = False) -> Column:
    read = {
        "number": columns.number_condition, "money": columns.money_condition, "day": columns.day_condition, "moment": columns.moment_condition,
    }[kind]  # fmt: skip
    return Column(key, label, read, column or key, columns.ORDERED, is_indexed=is_indexed, kind=kind)


def _label(name: str) -> str:
    return LEAD_FIELDS[name].label


_ALL = (
    _named("stage", N_("Stage"), has_empty=False),
    _named("pipeline", N_("Pipeline"), has_empty=False),
    Column("state", N_("State"), _state, has_empty=False, options=tuple((one, one) for one in KINDS), kind="state"),
    _named("owner", _label("owner")),
    _named("source", _label("source")),
    _named("lost_reason", N_("Lost because")),
    Column("next_step", N_("Next step"), _next_step, "next_task_on", columns.ORDERED, is_indexed=True, kind="next_step",
           empty="{0} is null"),
    Column("firm", N_("Linked organisation"), columns.linked_condition, "organisation_id", is_indexed=True, kind="organisation"),
    Column("contact", N_("Linked contact"), columns.linked_condition, "contact_id", is_indexed=True, kind="contact"),
    _text("title", _label("title")),
    _text("person", _label("person_name"), "person_name"),
    _text("organisation", _label("organisation_name"), "organisation_name"),
    _text("job_title", _label("job_title")),
    Column("email", _label("email"), columns.email_condition, "email", empty=_BLANK),
    Column("phone", _label("phone"), columns.phone_condition, "phone", empty=_BLANK),
    _text("website", _label("website")),
    _ordered("value", _label("value_amount"), "money", "value_amount", is_indexed=True),
    _ordered("probability", _label("probability"), "number"),
    _ordered("close", _label("expected_close_on"), "day", "expected_close_on", is_indexed=True),
    Column("interest", _label("interest"), columns.choice_condition, "interest", empty=_BLANK, options=INTEREST, kind="choice"),
    Column("qualification", _label("qualification"), columns.choice_condition, "qualification", empty=_BLANK, options=QUALIFICATION, kind="choice"),
    _text("industry", _label("industry")),
    _ordered("employees", _label("employees"), "number"),
    *(_text(name, _label(name)) for name in ("territory", "street", "postal_code", "city", "region", "country")),
    _ordered("created", N_("Created"), "moment", "created_at", is_indexed=True),
    _ordered("changed", N_("Changed"), "moment", "updated_at"),
    _ordered("touched", N_("Last contact"), "moment", "last_touch_at", is_indexed=True),
    _ordered("entered", N_("In its stage since"), "moment", "stage_entered_at"),
    _ordered("ended", N_("Won or lost on"), "moment", "closed_at"),
    _ordered("later", N_("Off the board until"), "day", "snoozed_until", is_indexed=True),
    _text("lost_to", N_("Lost to")),
    _ordered("id", N_("Number"), "number", is_indexed=True),
)  # fmt: skip
COLUMNS: dict[str, Column] = {column.key: column for column in _ALL}


@dataclass(frozen=True)
class LeadQuery:
    """Parts that must all be true; `text` is what they were typed as, written evenly. Equal texts are equal filters."""

    text: str = ""
    parts: tuple[Node, ...] = field(default=(), compare=False)
    reader: Reader | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def conditions(self) -> list[Condition]:
        """One for each part, to be joined with `and`. Read again from the text: it was read before, so nothing is refused."""
        assert self.reader is not None or not self.parts
        return [_condition(part, self.reader) for part in self.parts if self.reader is not None]


NO_QUERY = LeadQuery()


def read_query(text: str, reader: Reader) -> LeadQuery:
    """The filter that a text is. Raises Refused(field="query") with `at`, the place in the text, and says what there is."""
    try:
        parts = parse_query(text)
    except QueryError as error:
        raise Refused(_MESSAGES[error.code], field="query", at=error.start, found=error.found[:40]) from error
    found = LeadQuery(query_text(parts), parts, reader)
    found.conditions()
    return found


_MESSAGES = {
    "too_long": N_("The filter is too long: at most %(found)s characters. Shorten it."),
    "too_deep": N_("There are too many parentheses inside one another: at most %(found)s."),
    "too_many": N_("There are too many conditions: at most %(found)s."),
    "not_opened": N_("There is a ) without a ( before it. Take it away, or write the text between quotation marks."),
    "not_closed": N_("The %(found)s that begins here does not end. Close it."),
    "empty_group": N_("There is nothing between these parentheses."),
    "empty_side": N_("A condition is missing beside “%(found)s”."),
    "no_value": N_("A value is missing after “%(found)s”. For fields without a value write none."),
}


# ---------------------------------------------------------------------------------------------- parts


def _condition(part: Node, reader: Reader) -> Condition:
    if isinstance(part, Words):
        text = f'"{part.text}"' if part.is_phrase else part.text
        return Condition(lambda alias: text_sql("lead", "title_key", alias, text), is_lookup=True, rank=2)
    if isinstance(part, Not):
        return _turned(_condition(part.part, reader))
    if isinstance(part, Group):
        return _joined([_condition(one, reader) for one in part.parts], part.kind)
    try:
        return _of_term(part, reader)
    except Refused as refusal:
        refusal.field = "query"
        refusal.params.setdefault("at", part.start)
        raise


def _turned(condition: Condition) -> Condition:
    """What is not so; a lead without a value is among them."""

    def where(alias: str) -> Where:
        sql, params = condition.where(alias)
        return f"(({sql}) is not true)", params

    return Condition(where)


def _joined(conditions: Sequence[Condition], kind: str) -> Condition:
    def where(alias: str) -> Where:
        found = [one.where(alias) for one in conditions]
        sql = (" and " if kind == "all" else " or ").join(f"({part})" for part, _ in found)
        return f"({sql})", [param for _, params in found for param in params]

    return conditions[0] if len(conditions) == 1 else Condition(where)


def _of_term(term: Term, reader: Reader) -> Condition:
    custom = custom_fields(instance().revision).by_key
    key = term.key.removeprefix("f.")
    bound = custom.get(key) if term.key not in COLUMNS else None
    if bound is not None and bound.definition.is_archived:
        raise Refused(N_("The field %(key)s is archived, so nothing can be found by it. Take it out of the filter."), key=key)
    if bound is None and term.key not in COLUMNS:
        known = [*COLUMNS, *(one.key for one in custom.values() if not one.definition.is_archived)]
        raise Refused(
            N_("There is no field %(key)s. Known: %(known)s. To look for this text, put it between quotation marks."),
            key=term.key[:40],
            known=", ".join(known),
        )
    sign = ":" if term.operator == "!=" else term.operator
    found = [_of_value(bound or COLUMNS[term.key], sign, value, reader) for value in term.values]
    joined = _joined(found, "any")
    return _turned(joined) if term.operator == "!=" else joined


def _of_value(column: Column | BoundField, sign: str, value: Value, reader: Reader) -> Condition:
    if value.last is not None:
        ends = [("<=", value.last), (">=", value.text)]
        found = [_one(column, end, text, reader) for end, text in ends if text]
        if not found or sign not in {":", "="}:
            raise Refused(N_("A range is written like 100..500, with : before it."))
        return Condition(_joined(found, "all").where, is_lookup=all(one.is_lookup for one in found), rank=1)
    word = value.text.lower()
    if not value.is_quoted and word in {columns.EMPTY, columns.FILLED} and sign in {":", "="}:
        empty = _is_empty(column, reader)
        if empty is not None:
            return empty if word == columns.EMPTY else _turned(empty)
    return _one(column, sign, value.text, reader)


def _is_empty(column: Column | BoundField, reader: Reader) -> Condition | None:
    if isinstance(column, BoundField):
        condition = condition_of(column, Operator.EMPTY, "1", reader.actor)
        return Condition(condition.where)
    if column.key == "next_step":
        return Condition(lambda alias: (f"({alias}.next_task_on is null and {alias}.next_task_id is null)", []))
    return column.is_empty() if column.has_empty else None


def _one(column: Column | BoundField, sign: str, text: str, reader: Reader) -> Condition:
    if isinstance(column, BoundField):
        return _of_custom(column, sign, text, reader)
    if sign not in column.operators:
        raise Refused(
            N_("%(label)s cannot be compared with %(sign)s. Known: %(known)s."),
            label=column.key, sign=sign, known=" ".join(column.operators),
        )  # fmt: skip
    return column.read(column, sign, text, reader)


# Of a field whose type knows no "contains", a colon means the value.
_WAYS = {"=": Operator.IS, ">=": Operator.FROM, "<=": Operator.TO, ">": Operator.FROM, "<": Operator.TO}


def _of_custom(bound: BoundField, sign: str, text: str, reader: Reader) -> Condition:
    if bound.type is None:
        raise type_is_missing(bound, "query")
    known = ways_of(bound)
    way = _WAYS.get(sign) or (Operator.CONTAINS if Operator.CONTAINS in known else Operator.IS)
    if way not in known:
        raise Refused(
            N_("%(label)s cannot be compared with %(sign)s. Known: %(known)s."),
            label=bound.key, sign=sign, known=" ".join(_signs_of(known)),
        )  # fmt: skip
    found = condition_of(bound, way, text, reader.actor)
    condition = Condition(found.where, is_lookup=found.is_lookup, rank=found.rank)
    if sign in {">", "<"}:
        same = condition_of(bound, Operator.IS, text, reader.actor)
        return Condition(
            _joined([condition, _turned(Condition(same.where))], "all").where, is_lookup=found.is_lookup, rank=found.rank
        )
    return condition


def _signs_of(known: Sequence[str]) -> list[str]:
    return [":", *(sign for sign, way in _WAYS.items() if way in known)]
