"""The custom fields of a record as programs read and write them: one object, so that a field of ours never meets theirs."""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from leadboard.errors import Refused
from leadboard.fieldtypes import PREFIX, Control, FieldType, Operator
from leadboard.forms.custom_inputs import reader_context
from leadboard.http import instance
from leadboard.queries.custom_fields import BoundField, Fields, custom_fields
from leadboard.queries.field_filter import MAX_TEXT, arg_of, ways_of
from leadboard.queries.field_filter import PREFIX as SORT_PREFIX
from leadboard.rest import Schema

NAME = "custom_fields"
# Where there is nothing to say of a value.
ANYTHING: Schema = {}
_cache: dict[str, tuple[Fields, dict[str, Schema]]] = {}


def known(record_type: str) -> Fields:
    """The custom fields of leads, contacts or organisations in this request. No statement."""
    return custom_fields(instance().revision, record_type)


def api_path(field: str) -> str | None:
    """What the API calls a custom field of the domain; None for what is none."""
    return f"{NAME}.{field.removeprefix(PREFIX)}" if field.startswith(PREFIX) else None


def domain_custom(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The custom fields among what was sent, as domain functions take them."""
    return {PREFIX + key: value for key, value in sent.get(NAME, {}).items()}


def custom_json(stored: Any, record_type: str) -> dict[str, Any]:
    """The column `fields` of a row: every field that is in use, empty ones as null."""
    values = json.loads(stored) if isinstance(stored, str) else stored
    return {field.key: values.get(field.key) for field in known(record_type).active}


# ---------------------------------------------------------------------------------------------- schemas


def value_schema(field: BoundField) -> Schema:
    """What a value of the field is, as its type says; anything when the type is not there or cannot say it."""
    record_type = field.definition.record_type
    fields = known(record_type)
    if record_type not in _cache or _cache[record_type][0] is not fields:
        _cache[record_type] = (fields, {one.key: _asked(one) for one in fields.by_key.values()})
    return _cache[record_type][1][field.key]


def _asked(field: BoundField) -> Schema:
    if field.type is None:
        return ANYTHING
    try:
        return field.ask("schema", lambda kind: _checked(kind, field))
    except Refused:
        return ANYTHING


def _checked(kind: FieldType, field: BoundField) -> Schema:
    """A plugin's schema, before requests are checked with it. Raises what makes it useless."""
    text = json.dumps(kind.schema(field.definition))
    if '"$ref"' in text or '"$dynamicRef"' in text:
        raise ValueError(f"The schema of {kind.key} refers to another one.")
    schema: Schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return schema


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    kind = schema.get("type")
    if not schema or kind is None or not schema.keys().isdisjoint({"anyOf", "oneOf", "allOf", "not", "const", "if"}):
        return schema and {"anyOf": [schema, {"type": "null"}]}
    kinds = [kind] if isinstance(kind, str) else list(kind)
    found = {**schema, "type": [*dict.fromkeys([*kinds, "null"])]}
    return {**found, "enum": [*schema["enum"], None]} if "enum" in schema else found


def _property(field: BoundField, schema: Schema) -> Schema:
    told = ". ".join(part for part in (field.definition.help.strip().rstrip("."), schema.get("description", "")) if part)
    return {**schema, "title": field.label, **({"description": told} if told else {})}


def _object(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    found = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": required} if required else found


def told_schema(record_type: str) -> Schema:
    """`custom_fields` of an answer: all are always there."""
    found = {field.key: _property(field, or_null(value_schema(field))) for field in known(record_type).active}
    return _object(found, list(found))


def changes_schema(record_type: str) -> Schema:
    """`custom_fields` of a change. A required field may come back as null: on a record that never had one nothing changes."""
    return _object(
        {field.key: _property(field, or_null(value_schema(field))) for field in known(record_type).editable.values()}, []
    )


def new_schema(record_type: str) -> Schema:
    """`custom_fields` of a new record; with `required` it has to be there itself."""
    found, needed = {}, []
    for field in known(record_type).editable.values():
        schema = value_schema(field)
        is_needed = field.definition.is_required and field.definition.default is None
        # Whoever sends null means it, also where there is a default.
        found[field.key] = _property(field, schema if field.definition.is_required else or_null(schema))
        if is_needed:
            needed.append(field.key)
        elif field.definition.default is not None:
            found[field.key] = {**found[field.key], "default": field.definition.default}
    return _object(found, needed)


# ---------------------------------------------------------------------------------------------- the list


def filter_parameters(record_type: str) -> dict[str, Schema]:
    """The filters by custom fields, as the address of the list has them."""
    found: dict[str, Schema] = {}
    for field in known(record_type).active:
        for way in ways_of(field):
            is_empty = way == Operator.EMPTY
            schema: Schema = {"enum": ["0", "1"]} if is_empty else {"type": "string", "maxLength": MAX_TEXT}
            found[arg_of(field, Operator(way))] = {**schema, "description": f"{field.label}: {way}"}
    return found


def sort_names(record_type: str) -> list[str]:
    """The orders by custom fields."""
    return [SORT_PREFIX + field.key for field in known(record_type).active if field.is_sortable]


# ---------------------------------------------------------------------------------------------- /fields


def options_of(field: BoundField) -> list[dict[str, Any]] | None:
    """What a value of the field may be picked from, as JSON values with their labels; None when it is typed."""
    if not field.is_editable:
        return None
    context = reader_context()
    try:
        wanted = field.input(context)
        if wanted.control not in {Control.ONE, Control.MANY}:
            return None
        picked = [(field.from_input(text, context), label) for text, label in wanted.choices]
    except Refused:
        return None
    # One of several is a list of one.
    return [
        {"value": value[0] if wanted.control is Control.MANY else value, "label": context.translate(label)}
        for value, label in picked
    ]
