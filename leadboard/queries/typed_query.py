"""A typed filter over records of one type: what it may name, and its SQL. The text itself is read by lib/querytext.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadboard.db import Where
from leadboard.errors import N_, Refused
from leadboard.fieldtypes import Operator
from leadboard.lib.querytext import Group, Node, Not, QueryError, Term, Value, Words, parse_query, query_text
from leadboard.queries import query_columns as columns
from leadboard.queries.custom_fields import BoundField, Fields, custom_fields
from leadboard.queries.field_filter import IS_ARCHIVED, condition_of, type_is_missing, ways_of
from leadboard.queries.query_columns import Column, Condition, Reader
from leadboard.queries.settings import instance
from leadboard.queries.text_search import text_sql


@dataclass(frozen=True)
class Language:
    """What may be typed of one type of records: the columns by key; custom fields come on top, by f.key where a column has the key."""

    record_type: str
    name_key: str
    columns: Mapping[str, Column]

    @property
    def custom(self) -> Fields:
        return custom_fields(instance().revision, self.record_type)

    @property
    def keys(self) -> list[str]:
        """Everything that can be asked of."""
        return [*self.columns, *(self.key_of(one) for one in self.custom.active)]

    def find(self, key: str) -> Column | BoundField | None:
        """A column, or a custom field, archived or not."""
        return self.columns.get(key) or self.custom.by_key.get(key.removeprefix("f."))

    def key_of(self, bound: BoundField) -> str:
        return bound.key if bound.key not in self.columns else f"f.{bound.key}"


@dataclass(frozen=True)
class TypedQuery:
    """Parts that must all be true; `text` is what they were typed as, written evenly. Equal texts are equal filters."""

    text: str = ""
    parts: tuple[Node, ...] = field(default=(), compare=False)
    reader: Reader | None = field(default=None, compare=False)
    language: Language | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def conditions(self) -> list[Condition]:
        """One for each part, to be joined with `and`. Read again from the text: it was read before, so nothing is refused."""
        if self.reader is None or self.language is None:
            return []
        return [_condition(part, self.reader, self.language) for part in self.parts]


NO_QUERY = TypedQuery()


def read_query(text: str, reader: Reader, language: Language) -> TypedQuery:
    """The filter that a text is. Raises Refused(field="query") with `at`, the place in the text, and says what there is."""
    try:
        parts = parse_query(text)
    except QueryError as error:
        raise Refused(_MESSAGES[error.code], field="query", at=error.start, found=error.found[:40]) from error
    found = TypedQuery(query_text(parts), parts, reader, language)
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


def _condition(part: Node, reader: Reader, language: Language) -> Condition:
    if isinstance(part, Words):
        text = f'"{part.text}"' if part.is_phrase else part.text
        return Condition(lambda alias: text_sql(language.record_type, language.name_key, alias, text), is_lookup=True, rank=2)
    if isinstance(part, Not):
        return _turned(_condition(part.part, reader, language))
    if isinstance(part, Group):
        return _joined([_condition(one, reader, language) for one in part.parts], part.kind)
    try:
        return _of_term(part, reader, language)
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


def _of_term(term: Term, reader: Reader, language: Language) -> Condition:
    column = language.find(term.key)
    key = term.key.removeprefix("f.")
    bound = column if isinstance(column, BoundField) else None
    if bound is not None and bound.definition.is_archived:
        raise Refused(IS_ARCHIVED, key=key)
    if column is None:
        raise Refused(
            N_("There is no field %(key)s. Known: %(known)s. To look for this text, put it between quotation marks."),
            key=term.key[:40],
            known=", ".join(language.keys),
        )
    sign = ":" if term.operator == "!=" else term.operator
    found = [_of_value(column, sign, value, reader) for value in term.values]
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
