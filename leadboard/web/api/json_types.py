"""Values as JSON: the schemas that records of every kind share, and how a row's columns are written."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from leadboard.db import as_day, moment
from leadboard.lib.dates import iso_utc
from leadboard.rest import Schema

# The largest number that every reader of JSON reads exactly.
MAX_ID = 2**53 - 1
ID: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
ID_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_ID}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
VERSION: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1, "description": "Rises with every edit and move."}


def answer_object(properties: Mapping[str, Schema]) -> Schema:
    """An object of an answer: everything is always there."""
    return body_object(properties, tuple(properties))


def body_object(properties: Mapping[str, Schema], required: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": [*required]} if required else {}),
        "additionalProperties": False,
        **more,
    }


def list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def api_value(value: Any) -> Any:
    """A value of the domain or of a row as JSON: days as text, empty as null."""
    if isinstance(value, date):
        return value.isoformat()
    return plain(value)


def plain(value: Any) -> Any:
    return None if value == "" else value


def moment_json(value: int | None) -> str | None:
    return None if value is None else iso_utc(moment(value))


def day_json(value: Any) -> str | None:
    day = as_day(value)
    return None if day is None else day.isoformat()
