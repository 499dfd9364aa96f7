"""A typed filter taken apart into what LeadFilter has a field for and the rest; and a whole filter written as one text."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from leadboard.fieldtypes import Operator
from leadboard.lib.querytext import Node, Term, Value, Words, query_text
from leadboard.queries import query_columns as columns
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.field_filter import FieldCondition, condition_of, ways_of
from leadboard.queries.lead_states import KINDS
from leadboard.queries.query_columns import Reader
from leadboard.queries.record_filter import NEXT_STEPS, RecordFilter
from leadboard.queries.stale import STALE
from leadboard.queries.typed_query import Language, TypedQuery, read_query

AnyFilter = TypeVar("AnyFilter", bound=RecordFilter)
# The arguments that hold one record: the key of a term, and the name of LeadFilter's field.
_ONE = {"pipeline": "pipeline_id", "owner": "owner", "source": "source_id", "tag": "tag_id"}
_SIGNS = {Operator.IS: "=", Operator.CONTAINS: ":", Operator.FROM: ">=", Operator.TO: "<="}


def with_query(given: AnyFilter, text: str, reader: Reader, language: Language) -> AnyFilter:
    """A filter and what was typed. What one of its fields can hold becomes that field's value, so that it is one chip like any other."""
    if not text.strip():
        return given
    found, rest, texts = given, [], [given.text] if given.text else []
    for part in read_query(text, reader, language).parts:
        condition = field_part(part, reader, language)
        simple = None if condition else simple_part(part, reader, language)
        if condition is not None and all(one.arg != condition.arg for one in found.fields):
            found = replace(found, fields=(*found.fields, condition))
        elif simple is not None and simple[0] == "text":
            texts.append(simple[1])
        elif simple is not None and getattr(found, simple[0]) == getattr(type(given)(), simple[0]):
            found = replace(found, **{simple[0]: simple[1]})
        else:
            rest.append(part)
    return replace(found, text=" ".join(texts), query=TypedQuery(query_text(rest), tuple(rest), reader, language))


def simple_part(part: Node, reader: Reader, language: Language) -> tuple[str, Any] | None:
    """(field of LeadFilter, value) when one of them says the same as this part, which has been read before."""
    if isinstance(part, Words):
        return "text", f'"{part.text}"' if part.is_phrase else part.text
    if (
        not isinstance(part, Term)
        or part.key not in language.columns
        or part.operator not in {":", "="}
        or any(one.last is not None for one in part.values)
    ):
        return None
    words = [one.text for one in part.values]
    first, is_one = words[0].lower(), len(words) == 1
    is_word = is_one and not part.values[0].is_quoted
    if part.key == "state":
        return ("closed", first) if is_one and first in KINDS else None
    if part.key == "next_step":
        return ("next_step", first) if is_word and first in NEXT_STEPS else None
    if part.key == "stale":
        return ("stale", first) if is_one and first in STALE else None
    if part.key == "stage":
        ids = [number for text in words for number in columns.ids_of(language.columns["stage"], text, reader)]
        return "stage_ids", tuple(dict.fromkeys(ids))
    if part.key in _ONE and is_one:
        return _one_record(language.columns[part.key], part.values[0], reader)
    return None


def _one_record(column: columns.Column, value: Value, reader: Reader) -> tuple[str, Any] | None:
    key, word = column.key, value.text.lower()
    if not value.is_quoted and word in {columns.EMPTY, columns.FILLED}:
        return ("owner", word) if key == "owner" and word == columns.EMPTY else None
    if key == "owner" and word == columns.ME and not value.is_quoted:
        return "owner", columns.ME
    ids = columns.ids_of(column, value.text, reader)
    return (_ONE[key], ids[0]) if len(ids) == 1 else None


def field_part(part: Node, reader: Reader, language: Language) -> FieldCondition | None:
    """The condition on one custom field that this part is; a list of values, and what is strictly more or less, is none."""
    if not isinstance(part, Term) or len(part.values) > 1 or part.values[0].last is not None or part.key in language.columns:
        return None
    bound = language.find(part.key)
    value = part.values[0]
    if not isinstance(bound, BoundField) or part.operator not in {":", "=", ">=", "<="}:
        return None
    if not value.is_quoted and value.text.lower() in {columns.EMPTY, columns.FILLED} and part.operator in {":", "="}:
        return condition_of(bound, Operator.EMPTY, str(int(value.text.lower() == columns.EMPTY)), reader.actor)
    ways = {sign: way for way, sign in _SIGNS.items()}
    way = ways[part.operator]
    if way is Operator.CONTAINS and way not in ways_of(bound):
        way = Operator.IS
    return condition_of(bound, way, value.text, reader.actor)


def typed_text(given: RecordFilter, reader: Reader, language: Language) -> str:
    """The whole filter as one text that reads as the same filter."""
    parts = [*_typed_parts(vars(given), reader.names), *(_field_term(one, language) for one in given.fields)]
    return " ".join(text for text in (query_text(parts), given.query.text, given.text) if text)


def with_typed(given: AnyFilter, names: Iterable[str], reader: Reader, language: Language) -> AnyFilter:
    """The same filter with these of its fields among what was typed, for where no argument of the address holds them."""
    wanted = {name: getattr(given, name) for name in names}
    parts = (*_typed_parts(wanted, reader.names), *given.query.parts)
    return replace(given.without(*wanted), query=TypedQuery(query_text(parts), parts, reader, language))


def _typed_parts(args: Mapping[str, Any], names: Mapping[str, Mapping[int, str]]) -> list[Node]:
    parts: list[Node] = []
    for key, name in (("pipeline", "pipeline_id"), ("owner", "owner"), ("source", "source_id"), ("tag", "tag_id")):
        if args.get(name) is not None:
            parts.append(Term(key, ":", (named_value(args[name], names[key]),)))
    if args.get("stage_ids"):
        parts.append(Term("stage", ":", tuple(named_value(number, names["stage"]) for number in args["stage_ids"])))
    for key, name in (("state", "closed"), ("next_step", "next_step"), ("stale", "stale")):
        if args.get(name):
            parts.append(Term(key, ":", (Value(args[name]),)))
    parts += [
        Term(key, ":", (Value(f"#{args[name].id}"),)) for key, name in (("firm", "firm"), ("contact", "person")) if args.get(name)
    ]
    for key in ("country", "industry"):
        if args.get(key):
            parts.append(Term(key, "=" if key == "industry" else ":", (Value(args[key], is_quoted=True),)))
    return parts


def named_value(value: Any, names: Mapping[int, str]) -> Value:
    """By name when no other has it."""
    if not isinstance(value, int):
        return Value(str(value))
    name = names.get(value, "")
    same = [number for number, one in names.items() if one.casefold() == name.casefold()]
    return (
        Value(name, is_quoted=name.lower() in {columns.ME, columns.EMPTY, columns.FILLED})
        if same == [value] and name
        else Value(str(value))
    )


def _field_term(condition: FieldCondition, language: Language) -> Term:
    key = language.key_of(condition.field)
    if condition.operator is Operator.EMPTY:
        return Term(key, ":", (Value(columns.EMPTY if condition.operand else columns.FILLED),))
    return Term(key, _SIGNS[condition.operator], (Value(condition.text, is_quoted=True),))
