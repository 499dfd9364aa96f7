"""A record as programs read and write it: its fields with their JSON schemas, and a row of the database as JSON.

`RecordApi.fields` is the one list of fields that every lead, contact or organisation has: what is in it stands in the
OpenAPI document, is checked in a request, written in an answer and told by /fields. Custom fields are in an object of
their own, see custom_json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leadboard.domain.field_values import MAX_AMOUNT, MAX_EMPLOYEES, MAX_PROBABILITY
from leadboard.domain.points import LABEL_LIMIT, MOST_POINTS, Point
from leadboard.domain.record_rows import RecordTable
from leadboard.domain.tags import MOST_ON_A_LEAD, NAME_LIMIT
from leadboard.models.contact_points import PointKind
from leadboard.models.record_fields import FieldKind, RecordField
from leadboard.queries.api_rows import NoteOf, json_list, points_sql
from leadboard.rest import Schema, Shape
from leadboard.web.api import custom_json
from leadboard.web.api.json_types import (
    DAY_OR_NULL,
    ID,
    ID_OR_NULL,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    VERSION,
    answer_object,
    api_value,
    body_object,
    day_json,
    list_of,
    moment_json,
    plain,
)

POINTS, TAGS = "contact_points", "tags"
_NUMBERS = {
    FieldKind.INTEGER: MAX_EMPLOYEES,
    FieldKind.PERCENT: MAX_PROBABILITY,
    FieldKind.MONEY: MAX_AMOUNT,
}
_IDS = {FieldKind.USER, FieldKind.SOURCE, FieldKind.ORGANISATION}
_NOTES = {
    "value_amount": "In the smallest unit of value_currency: 12,34 EUR is 1234.",
    "value_currency": "Three letters, e.g. EUR. Empty: the currency of this Leadboard.",
    "country": "Two letters, e.g. PL; in a request also the English name.",
    "owner_id": "A colleague; null: nobody.",
}
_POINT = body_object(
    {
        "kind": {"enum": [str(kind) for kind in PointKind]},
        "text": {"type": "string", "minLength": 1, "maxLength": 254},
        "label": {"type": "string", "maxLength": LABEL_LIMIT, "description": "Which one it is: work, private, reception."},
    },
    ("kind", "text"),
)
_POINTS_TOLD: Schema = {
    **list_of(answer_object({"kind": TEXT, "text": TEXT, "label": TEXT})),
    "description": "Further e-mail addresses and telephone numbers, beside email and phone.",
}
_POINTS_SENT: Schema = {
    **list_of(_POINT),
    "maxItems": MOST_POINTS,
    "description": "The whole list of further addresses and numbers; what is not in it goes.",
}
_TAGS_SENT: Schema = {
    **list_of({"type": "string", "minLength": 1, "maxLength": NAME_LIMIT, "pattern": "^[^,]*$"}),
    "maxItems": MOST_ON_A_LEAD,
    "description": "The whole list by name; what is not in it goes, and a tag that is not there yet is made.",
}


@dataclass(frozen=True)
class ApiField:
    """A field of a record. `name` is the API's, `field` the domain's; an empty value is null."""

    name: str
    field: str
    label: str
    kind: str
    schema: Schema
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Told:
    """What else is told of a record: its schema, how the column is written, and the SQL of it where it is no column."""

    schema: Schema
    write: Callable[[Any], Any]
    sql: Callable[[], str] | None = None


@dataclass(frozen=True, kw_only=True)
class RecordApi:
    """How programs reach the records of a table.

    `told` is what is changed by operations of its own; `links` are the columns that a change may set beside the fields,
    `place` what only a new record takes.
    """

    table: RecordTable
    plural: str
    read: str
    write: str
    told: Mapping[str, Told]
    links: Mapping[str, Schema]
    place: Mapping[str, Schema] = field(default_factory=dict)
    new_links: bool = True
    has_tags: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def record_type(self) -> str:
        return self.table.name

    @property
    def id_name(self) -> str:
        """The argument of an address that names one of them."""
        return f"{self.table.name}_id"

    def shape(self, name: str, make: Callable[[], Schema], *uses: Shape) -> Shape:
        """A shape named after the record: {} in the name is Lead, Contact or Organisation."""
        return Shape(name.format(self.table.name.capitalize()), make, uses)

    @cached_property
    def fields(self) -> list[ApiField]:
        """Every field of our own that can be written, in the order of the form."""
        return [_api_field(one, {**_NOTES, **self.notes}) for one in self.table.fields.values()]

    @property
    def columns(self) -> tuple[str, ...]:
        """The SQL of what json() takes, the id first."""
        table = self.table.name
        told = [one.sql() if one.sql is not None else f"{table}.{name}" for name, one in self._all_told.items()]
        return (*told, *(f"{table}.{one.name}" for one in self.fields), f"{table}.fields")

    @cached_property
    def _all_told(self) -> Mapping[str, Told]:
        points = Told(_POINTS_TOLD, _points, lambda: points_sql(self.table.name))
        return {**_ALWAYS_FIRST, **self.told, **_ALWAYS_LAST, POINTS: points}

    def named(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """A row of `columns` by its names."""
        return dict(zip((*self._all_told, *(one.name for one in self.fields), "fields"), row, strict=True))

    def json(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as the shape `record`."""
        found = {name: told.write(row[name]) for name, told in self._all_told.items()}
        for one in self.fields:
            found[one.name] = day_json(row[one.name]) if one.kind == FieldKind.DAY else plain(row[one.name])
        return {**found, custom_json.NAME: custom_json.custom_json(row["fields"], self.record_type)}

    def api_name(self, name: str) -> str:
        """What the API calls a field of the domain."""
        known = {one.field: one.name for one in self.fields}
        return custom_json.api_path(name) or {"points": POINTS}.get(name) or known.get(name, name)

    def domain_values(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The fields among what was sent, as domain functions take them."""
        own = {one.field: sent[one.name] for one in self.fields if one.name in sent}
        return {**own, **custom_json.domain_custom(sent)}

    def sent_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the domain as a request would send them; the inverse of domain_values()."""
        return {one.name: api_value(values[one.field]) for one in self.fields if one.field in values}

    def domain_links(self, sent: Mapping[str, Any]) -> dict[str, int | None]:
        return {name: sent[name] for name in self.links if name in sent}

    # ------------------------------------------------------------------------------------------ shapes

    @cached_property
    def record(self) -> Shape:
        return self.shape("{}", self._record)

    def _record(self) -> Schema:
        told = {name: one.schema for name, one in self._all_told.items()}
        custom = custom_json.told_schema(self.record_type)
        return answer_object({**told, **self._writable(), custom_json.NAME: custom})

    def _writable(self) -> dict[str, Schema]:
        return {one.name: one.schema for one in self.fields}

    def _lists(self) -> dict[str, Schema]:
        """What is sent as a whole list."""
        return {POINTS: _POINTS_SENT, **({TAGS: _TAGS_SENT} if self.has_tags else {})}

    @cached_property
    def written(self) -> Shape:
        out_of_sight = self.shape(
            "{}OutOfSight",
            lambda: {
                **answer_object({"id": ID, "version": VERSION}),
                "description": "It was written and belongs to somebody whose records the owner of this token does not see.",
            },
        )
        return self.shape("Written{}", lambda: {"anyOf": [self.record.ref, out_of_sight.ref]}, self.record, out_of_sight)

    @cached_property
    def page(self) -> Shape:
        cursor = {"type": ["string", "null"], "description": "Send it as cursor for the next page; null on the last one."}
        return self.shape("{}List", lambda: answer_object({"data": list_of(self.record.ref), "next_cursor": cursor}), self.record)

    def new_schema(self) -> Schema:
        """A new record, with what it needs."""
        custom = custom_json.new_schema(self.record_type)
        links = self.links if self.new_links else {}
        return body_object(
            {**self._writable(), **links, **self._lists(), custom_json.NAME: custom, **self.place},
            (custom_json.NAME,) if "required" in custom else (),
        )

    @cached_property
    def new(self) -> Shape:
        return self.shape("New{}", self.new_schema)

    def values_schema(self) -> Schema:
        """Some of the fields, none needed."""
        return body_object({**self._writable(), custom_json.NAME: custom_json.changes_schema(self.record_type)})

    @cached_property
    def changes(self) -> Shape:
        def make() -> Schema:
            only = "Only the fields that are sent change; null empties one."
            custom = {**custom_json.changes_schema(self.record_type), "description": only}
            return body_object({
                **self._writable(), **self.links, **self._lists(), custom_json.NAME: custom,
                "version": {**VERSION, "description": "The version that was read; or send If-Match. Without either the fields are overwritten."},
            })  # fmt: skip

        return self.shape("{}Changes", make)

    @cached_property
    def note(self) -> Shape:
        return self.shape(
            "Note" if self.record_type == "lead" else "{}Note",
            lambda: answer_object({
                "id": ID, self.id_name: ID, "author_id": ID_OR_NULL, "body": {"type": "string", "description": "Markdown."},
                "is_pinned": {"type": "boolean"}, "version": VERSION, "created_at": MOMENT, "edited_at": MOMENT_OR_NULL,
            }),
        )  # fmt: skip

    def note_json(self, note: NoteOf, record_id: int) -> dict[str, Any]:
        """A note as the shape `note`."""
        return {
            "id": note.id, self.id_name: record_id, "author_id": note.author_id, "body": note.body, "is_pinned": bool(note.is_pinned),
            "version": note.version, "created_at": moment_json(note.created_at), "edited_at": moment_json(note.edited_at),
        }  # fmt: skip


def sent_points(sent: Mapping[str, Any]) -> list[Point] | None:
    """The list of further addresses and numbers that was sent; None without one."""
    if POINTS not in sent:
        return None
    return [Point(one["kind"], one["text"], one.get("label", "")) for one in sent[POINTS]]


def _points(stored: Any) -> list[dict[str, str]]:
    return [dict(zip(("kind", "text", "label"), one, strict=True)) for one in json_list(stored)]


def _api_field(known: RecordField, notes: Mapping[str, str]) -> ApiField:
    name = known.column
    schema = dict(_schema(known))
    if name in notes:
        schema["description"] = notes[name]
    return ApiField(name, known.name, known.label, str(known.kind), schema, known.options)


def _schema(known: RecordField) -> Schema:
    if known.kind in _NUMBERS:
        return {"type": ["integer", "null"], "minimum": 0, "maximum": _NUMBERS[known.kind]}
    if known.kind in _IDS:
        return ID_OR_NULL
    if known.kind is FieldKind.DAY:
        return DAY_OR_NULL
    if known.kind is FieldKind.CHOICE:
        return {"enum": [None, *(value for value, _ in known.options)]}
    if known.kind is FieldKind.CURRENCY:
        return {"type": ["string", "null"], "pattern": "^([A-Za-z]{3})?$"}
    return {"type": ["string", "null"], "maxLength": known.limit}


_ALWAYS_FIRST = {"id": Told(ID, int), "version": Told(VERSION, int)}
_ALWAYS_LAST = {
    "next_task_on": Told(DAY_OR_NULL, day_json),
    "last_touch_at": Told(MOMENT, moment_json),
    "external_source": Told(TEXT_OR_NULL, plain),
    "external_id": Told(TEXT_OR_NULL, plain),
    "created_at": Told(MOMENT, moment_json),
    "updated_at": Told(MOMENT, moment_json),
}
