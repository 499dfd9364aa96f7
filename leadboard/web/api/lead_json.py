"""A lead as programs read and write it: its fields with their JSON schemas, and a row of the database as JSON.

lead_fields() is the one list of fields that every lead has: what is in it stands in the OpenAPI document, is checked in
a request, written in an answer and told by /fields. Custom fields are in an object of their own, see custom_json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import as_day, moment
from leadboard.domain.field_values import MAX_AMOUNT, MAX_EMPLOYEES, MAX_PROBABILITY
from leadboard.lib.dates import iso_utc
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind, RecordField
from leadboard.queries.notes import NoteRow
from leadboard.rest import Schema, Shape
from leadboard.web.api import custom_json

# The largest number that every reader of JSON reads exactly.
MAX_ID = 2**53 - 1
ID: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
ID_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_ID}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
VERSION: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1, "description": "Rises with every edit and move."}

_NUMBERS = {
    FieldKind.INTEGER: MAX_EMPLOYEES,
    FieldKind.PERCENT: MAX_PROBABILITY,
    FieldKind.MONEY: MAX_AMOUNT,
}
_NOTES = {
    "title": "What is shown. Empty: the person or the organisation.",
    "value_amount": "In the smallest unit of value_currency: 12,34 EUR is 1234.",
    "value_currency": "Three letters, e.g. EUR. Empty: the currency of this Leadboard.",
    "country": "Two letters, e.g. PL; in a request also the English name.",
    "owner_id": "A colleague; null: nobody.",
}


@dataclass(frozen=True)
class ApiField:
    """A field of a lead. `name` is the API's, `field` the domain's; an empty value is null."""

    name: str
    field: str
    label: str
    kind: str
    schema: Schema
    options: tuple[tuple[str, str], ...] = ()


def lead_fields() -> list[ApiField]:
    """Every field of our own that can be written, in the order of the form."""
    return _CORE


def _core_field(field: RecordField) -> ApiField:
    name = field.column
    schema = dict(_schema(field))
    if name in _NOTES:
        schema["description"] = _NOTES[name]
    return ApiField(name, field.name, field.label, str(field.kind), schema, field.options)


def _schema(field: RecordField) -> Schema:
    if field.kind in _NUMBERS:
        return {"type": ["integer", "null"], "minimum": 0, "maximum": _NUMBERS[field.kind]}
    if field.kind in {FieldKind.USER, FieldKind.SOURCE}:
        return ID_OR_NULL
    if field.kind is FieldKind.DAY:
        return DAY_OR_NULL
    if field.kind is FieldKind.CHOICE:
        return {"enum": [None, *(value for value, _ in field.options)]}
    if field.kind is FieldKind.CURRENCY:
        return {"type": ["string", "null"], "pattern": "^([A-Za-z]{3})?$"}
    return {"type": ["string", "null"], "maxLength": field.limit}


_CORE = [_core_field(field) for field in LEAD_FIELDS.values()]
_API_NAMES = {field.field: field.name for field in _CORE}


def api_name(field: str) -> str:
    """What the API calls a field of the domain."""
    return custom_json.api_path(field) or _API_NAMES.get(field, field)


def domain_values(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields among what was sent, as domain functions take them."""
    own = {field.field: sent[field.name] for field in lead_fields() if field.name in sent}
    return {**own, **custom_json.domain_custom(sent)}


# ---------------------------------------------------------------------------------------------- as JSON


def api_value(value: Any) -> Any:
    """A value of the domain or of a row as JSON: days as text, empty as null."""
    if isinstance(value, date):
        return value.isoformat()
    return _plain(value)


def _plain(value: Any) -> Any:
    return None if value == "" else value


def _moment(value: int | None) -> str | None:
    return None if value is None else iso_utc(moment(value))


def _day(value: Any) -> str | None:
    day = as_day(value)
    return None if day is None else day.isoformat()


# What else is told of a lead: {column: (schema, how it is written)}. These are changed by their own operations.
_TOLD: dict[str, tuple[Schema, Callable[[Any], Any]]] = {
    "id": (ID, int),
    "version": (VERSION, int),
    "pipeline_id": (ID, int),
    "stage_id": (ID, int),
    "stage_entered_at": (MOMENT, _moment),
    "snoozed_until": (DAY_OR_NULL, _day),
    "closed_at": (MOMENT_OR_NULL, _moment),
    "lost_reason_id": (ID_OR_NULL, _plain),
    "lost_to": (TEXT_OR_NULL, _plain),
    "next_task_on": (DAY_OR_NULL, _day),
    "last_touch_at": (MOMENT, _moment),
    "external_source": (TEXT_OR_NULL, _plain),
    "external_id": (TEXT_OR_NULL, _plain),
    "created_at": (MOMENT, _moment),
    "updated_at": (MOMENT, _moment),
}
COLUMNS: tuple[str, ...] = (*_TOLD, *(field.column for field in LEAD_FIELDS.values()), "fields")


def lead_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of COLUMNS as the shape LEAD."""
    found = {name: write(row[name]) for name, (_, write) in _TOLD.items()}
    for field in _CORE:
        found[field.name] = _day(row[field.name]) if field.kind == FieldKind.DAY else _plain(row[field.name])
    return {**found, custom_json.NAME: custom_json.custom_json(row["fields"])}


# ---------------------------------------------------------------------------------------------- shapes


def _object(properties: Mapping[str, Schema], required: tuple[str, ...] = (), **more: Any) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": [*required]} if required else {}),
        "additionalProperties": False,
        **more,
    }


def answer_object(properties: Mapping[str, Schema]) -> Schema:
    """An object of an answer: everything is always there."""
    return _object(properties, tuple(properties))


def _writable() -> dict[str, Schema]:
    return {field.name: field.schema for field in lead_fields()}


def _lead() -> Schema:
    told = {name: schema for name, (schema, _) in _TOLD.items()}
    return answer_object({**told, **_writable(), custom_json.NAME: custom_json.told_schema()})


def _new_lead() -> Schema:
    custom = custom_json.new_schema()
    return _object(
        {
            **_writable(),
            custom_json.NAME: custom,
            "pipeline_id": {**ID, "description": "Starts in its first open stage."},
            "stage_id": {**ID, "description": "Starts there, on top. Not a lost stage: move the lead there with its reason."},
            "before_id": {**ID, "description": "The lead of that stage above which it goes."},
        },
        (custom_json.NAME,) if "required" in custom else (),
    )


LEAD = Shape("Lead", _lead)
OUT_OF_SIGHT = Shape(
    "LeadOutOfSight",
    lambda: {
        **answer_object({"id": ID, "version": VERSION}),
        "description": "The lead was written and belongs to somebody whose leads the owner of this token does not see.",
    },
)
WRITTEN = Shape("WrittenLead", lambda: {"anyOf": [LEAD.ref, OUT_OF_SIGHT.ref]}, uses=(LEAD, OUT_OF_SIGHT))
LEADS = Shape(
    "LeadList",
    lambda: answer_object({
        "data": {"type": "array", "items": LEAD.ref},
        "next_cursor": {"type": ["string", "null"], "description": "Send it as cursor for the next page; null on the last one."},
    }),
    uses=(LEAD,),
)  # fmt: skip
NEW_LEAD = Shape("NewLead", _new_lead)
LEAD_CHANGES = Shape(
    "LeadChanges",
    lambda: _object({
        **_writable(),
        custom_json.NAME: {**custom_json.changes_schema(), "description": "Only the fields that are sent change; null empties one."},
        "version": {**VERSION, "description": "The version that was read; or send If-Match. Without either the fields are overwritten."},
    }),
)  # fmt: skip
MOVE = Shape(
    "Move",
    lambda: _object(
        {
            "stage_id": ID,
            "before_id": {**ID_OR_NULL, "description": "Goes above this lead."},
            "after_id": {**ID_OR_NULL, "description": "Goes below this lead, when before_id is not there or has gone."},
            "version": {
                **VERSION,
                "description": "The version that was read: 409 when the stage changed since. Or send If-Match.",
            },
            "lost_reason_id": {**ID_OR_NULL, "description": "Needed for a move into a lost stage."},
            "lost_to": {"type": ["string", "null"], "maxLength": 120, "description": "The competitor who won."},
            "come_back_on": {**DAY_OR_NULL, "description": "A next step is planned for this day."},
        },
        ("stage_id",),
        dependentRequired={"lost_to": ["lost_reason_id"], "come_back_on": ["lost_reason_id"]},
    ),
)
NEW_NOTE = Shape("NewNote", lambda: _object({"body": {"type": "string", "minLength": 1, "maxLength": 100_000}}, ("body",)))
NOTE = Shape(
    "Note",
    lambda: answer_object({
        "id": ID, "lead_id": ID, "author_id": ID_OR_NULL, "body": {"type": "string", "description": "Markdown."},
        "is_pinned": {"type": "boolean"}, "version": VERSION, "created_at": MOMENT, "edited_at": MOMENT_OR_NULL,
    }),
)  # fmt: skip


def note_json(note: NoteRow) -> dict[str, Any]:
    """A note as the shape NOTE."""
    return {
        "id": note.id, "lead_id": note.host.id, "author_id": note.author_id, "body": note.body, "is_pinned": note.is_pinned,
        "version": note.version, "created_at": _moment(note.created_at), "edited_at": _moment(note.edited_at),
    }  # fmt: skip
