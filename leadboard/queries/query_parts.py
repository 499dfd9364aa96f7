"""A typed filter taken apart into what LeadFilter has a field for and the rest; and a whole filter written as one text."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadboard.fieldtypes import Operator
from leadboard.lib.querytext import Node, Term, Value, Words, query_text
from leadboard.queries import query_columns as columns
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.field_filter import FieldCondition, condition_of, ways_of
from leadboard.queries.lead_query import COLUMNS
from leadboard.queries.lead_states import KINDS
from leadboard.queries.query_columns import Reader
from leadboard.queries.record_filter import NEXT_STEPS
from leadboard.queries.settings import instance

# The arguments that hold one record: the key of a term, and the name of LeadFilter's field.
_ONE = {"pipeline": "pipeline_id", "owner": "owner", "source": "source_id"}
_SIGNS = {Operator.IS: "=", Operator.CONTAINS: ":", Operator.FROM: ">=", Operator.TO: "<="}


def simple_part(part: Node, reader: Reader) -> tuple[str, Any] | None:
    """(field of LeadFilter, value) when one of them says the same as this part, which has been read before."""
    if isinstance(part, Words):
        return "text", f'"{part.text}"' if part.is_phrase else part.text
    if not isinstance(part, Term) or part.operator not in {":", "="} or any(one.last is not None for one in part.values):
        return None
    words = [one.text for one in part.values]
    first, is_one = words[0].lower(), len(words) == 1
    is_word = is_one and not part.values[0].is_quoted
    if part.key == "state":
        return ("closed", first) if is_one and first in KINDS else None
    if part.key == "next_step":
        return ("next_step", first) if is_word and first in NEXT_STEPS else None
    if part.key == "stage":
        ids = [number for text in words for number in columns.ids_of(COLUMNS["stage"], text, reader)]
        return "stage_ids", tuple(dict.fromkeys(ids))
    if part.key in _ONE and is_one:
        return _one_record(part.key, part.values[0], reader)
    return None


def _one_record(key: str, value: Value, reader: Reader) -> tuple[str, Any] | None:
    word = value.text.lower()
    if not value.is_quoted and word in {columns.EMPTY, columns.FILLED}:
        return ("owner", word) if key == "owner" and word == columns.EMPTY else None
    if key == "owner" and word == columns.ME and not value.is_quoted:
        return "owner", columns.ME
    ids = columns.ids_of(COLUMNS[key], value.text, reader)
    return (_ONE[key], ids[0]) if len(ids) == 1 else None


def field_part(part: Node, reader: Reader) -> FieldCondition | None:
    """The condition on one custom field that this part is; a list of values, and what is strictly more or less, is none."""
    if not isinstance(part, Term) or len(part.values) > 1 or part.values[0].last is not None or part.key in COLUMNS:
        return None
    bound = custom_fields(instance().revision).by_key.get(part.key.removeprefix("f."))
    value = part.values[0]
    if bound is None or part.operator not in {":", "=", ">=", "<="}:
        return None
    if not value.is_quoted and value.text.lower() in {columns.EMPTY, columns.FILLED} and part.operator in {":", "="}:
        return condition_of(bound, Operator.EMPTY, str(int(value.text.lower() == columns.EMPTY)), reader.actor)
    ways = {sign: way for way, sign in _SIGNS.items()}
    way = ways[part.operator]
    if way is Operator.CONTAINS and way not in ways_of(bound):
        way = Operator.IS
    return condition_of(bound, way, value.text, reader.actor)


def typed_text(
    args: Mapping[str, Any], fields: Iterable[FieldCondition], rest: str, names: Mapping[str, Mapping[int, str]]
) -> str:
    """The whole filter as one text that reads as the same filter. `args` are LeadFilter's own fields by name."""
    parts: list[Node] = []
    for key, name in (("pipeline", "pipeline_id"), ("owner", "owner"), ("source", "source_id")):
        if args[name] is not None:
            parts.append(Term(key, ":", (_named(args[name], names[key]),)))
    if args["stage_ids"]:
        parts.append(Term("stage", ":", tuple(_named(number, names["stage"]) for number in args["stage_ids"])))
    for key, name in (("state", "closed"), ("next_step", "next_step")):
        if args[name]:
            parts.append(Term(key, ":", (Value(args[name]),)))
    parts += [
        Term(key, ":", (Value(f"#{args[name].id}"),)) for key, name in (("firm", "firm"), ("contact", "person")) if args[name]
    ]
    parts += [_field_term(one) for one in fields]
    return " ".join(text for text in (query_text(parts), rest, args["text"]) if text)


def _named(value: Any, names: Mapping[int, str]) -> Value:
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


def _field_term(condition: FieldCondition) -> Term:
    if condition.operator is Operator.EMPTY:
        return Term(condition.field.key, ":", (Value(columns.EMPTY if condition.operand else columns.FILLED),))
    key = condition.field.key if condition.field.key not in COLUMNS else f"f.{condition.field.key}"
    return Term(key, _SIGNS[condition.operator], (Value(condition.text, is_quoted=True),))
