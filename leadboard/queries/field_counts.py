"""What the records hold in one field: how many have a value, which values there are, which are the same twice. For admins: the bin counts too."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leadboard.db import one, rows
from leadboard.fieldtypes import FieldContext, FieldDefinition, ValueSql
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.record_names import TITLE

MOST_SHOWN = 20


@dataclass(frozen=True)
class Held:
    """A record with what it holds, in words."""

    id: int
    title: str
    text: str


def has_value(definition: FieldDefinition) -> str:
    """The condition for records of its table that have a value, whatever its type."""
    return f"{ValueSql(definition.key, definition.record_type).raw} is not null"


def count_values(definition: FieldDefinition) -> int:
    """How many records have a value."""
    found = one(f"select count(*) from {definition.record_type} where {has_value(definition)}")  # noqa: S608 - a checked key
    return int(found[0]) if found else 0


def counted_values(definition: FieldDefinition, most: int) -> Iterator[tuple[Any, int, int]]:
    """(value, how many have it, the first who has) of the different values, at most so many."""
    raw = ValueSql(definition.key, definition.record_type).raw
    for text, count, first in rows(
        f"select {raw}, count(*), min(id) from {definition.record_type} where {raw} is not null group by {raw} limit {most}"  # noqa: S608 - a checked key
    ):
        yield json.loads(text), int(count), int(first)


def choice_counts(definition: FieldDefinition) -> Counter[str]:
    """How many records have each choice."""
    found: Counter[str] = Counter()
    for value, count, _ in counted_values(definition, 100_000):
        for key in value if isinstance(value, list) else [value]:
            found[str(key)] += count
    return found


def titles(record_type: str, ids: list[int]) -> dict[int, str]:
    """What records are called."""
    if not ids:
        return {}
    places = ", ".join("?" * len(ids))
    return {
        int(number): str(title)
        for number, title in rows(f"select id, {TITLE[record_type]} from {record_type} where id in ({places})", ids)  # noqa: S608 - ours
    }


def doubles(field: BoundField, context: FieldContext) -> list[Held]:
    """The first living records that have the same value as another one, one beside the other."""
    expression, table = field.comparable(), field.definition.record_type
    found = rows(
        f"select {table}.id, {table}.{TITLE[table]}, {ValueSql(field.key, table).raw} from {table} where {table}.deleted_at is null and {expression} in"  # noqa: S608 - the type's own expression
        f" (select {expression} from {table} where {table}.deleted_at is null and {expression} is not null group by {expression}"
        f" having count(*) > 1 order by {expression} limit {MOST_SHOWN}) and {table}.deleted_at is null"
        f" order by {expression}, {table}.id limit {MOST_SHOWN}"
    )
    return [Held(int(number), str(title), field.shown(json.loads(raw), context).text) for number, title, raw in found]
