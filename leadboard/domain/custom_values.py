"""Values of custom fields on their way into a record: checked by their types, kept as JSON, with the keys they are found by."""

import json
from collections.abc import Mapping
from typing import Any

from leadboard.db import one
from leadboard.errors import N_, Incomplete, Refused
from leadboard.fieldtypes import PREFIX, FieldContext, Operator
from leadboard.pluginhost.state import read_revision
from leadboard.queries.custom_fields import BoundField, Fields, custom_fields, field_context, value_where
from leadboard.queries.settings import Instance

# {name: (before, after)}
Changes = dict[str, tuple[Any, Any]]


def parted(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of typed fields, and those of custom ones."""
    custom = {name: value for name, value in values.items() if name.startswith(PREFIX)}
    return {name: value for name, value in values.items() if name not in custom}, custom


def editable_field(name: str, known: Fields) -> BoundField:
    """A field that may be written. Raises Refused."""
    found = known.named(name)
    if found is None:
        raise Refused(N_("There is no field %(name)s."), field=name, name=name[:60])
    if found.definition.is_archived:
        raise Refused(N_("The field “%(label)s” is archived."), field=name, label=found.label)
    if found.type is None:
        raise found.off()
    return found


def first_values(
    row: dict[str, Any], values: Mapping[str, Any], settings: Instance, *, complete: bool = False, record_type: str = "lead"
) -> Changes:
    """Put the custom values of a new record into its row, with the defaults of fields that are not named. Raises Refused.

    With `complete` it raises Incomplete, naming every required field that is left empty.
    """
    known = custom_fields(settings.revision, record_type)
    if not values and not known.active:
        return {}
    defaults = {
        one.name: one.definition.default
        for one in known.editable.values()
        if one.definition.default is not None and one.name not in values
    }
    made = change_values(row, {**defaults, **values}, settings, record_type=record_type)
    if complete:
        _refuse_missing(row, known)
    return made


def _refuse_missing(row: Mapping[str, Any], known: Fields) -> None:
    missing = missing_fields(row, known)
    if missing:
        problems = [Refused(N_("%(label)s must not be empty."), field=one.name, label=one.label) for one in missing]
        raise Incomplete(N_("Every lead needs: %(labels)s."), problems, labels=", ".join(one.label for one in missing))


def missing_fields(row: Mapping[str, Any], known: Fields) -> list[BoundField]:
    """The required fields that a lead's row leaves empty."""
    return [one for one in known.editable.values() if one.definition.is_required and value_of(row, one.name) is None]


def change_values(
    row: dict[str, Any], values: Mapping[str, Any], settings: Instance, *, may_empty: bool = True, record_type: str = "lead"
) -> Changes:
    """Put custom values into a record's row, in place; what changed. Raises Refused.

    Values of other fields, and of those whose type is not there, stay as they are. A required field cannot be emptied
    unless `may_empty`.
    """
    if not values:
        return {}
    # As they are now: this write may have waited for a change of the very field, begun before it.
    known, context = custom_fields(read_revision(), record_type), field_context(settings)
    kept, keys = json.loads(row["fields"]), json.loads(row["field_keys"])
    changes: Changes = {}
    for name, value in values.items():
        field = editable_field(name, known)
        before, after = kept.get(field.key), field.check(value, context)
        if before == after and isinstance(before, bool) == isinstance(after, bool):
            continue
        if after is None and field.definition.is_required and not may_empty:
            raise Refused(N_("%(label)s must not be empty."), field=name, label=field.label)
        refuse_taken(field, after, context, but=row.get("id", 0))
        put_value(kept, keys, field, after, context)
        changes[name] = (before, after)
    if changes:
        row["fields"] = json.dumps(kept, ensure_ascii=False)
        row["field_keys"] = json.dumps(keys, ensure_ascii=False)
    return changes


def put_value(kept: dict[str, Any], keys: dict[str, str], field: BoundField, value: Any, context: FieldContext) -> None:
    """Set or take away one checked value and its keys."""
    for mark in "ST":
        keys.pop(mark + field.key, None)
    if value is None:
        kept.pop(field.key, None)
        return
    kept[field.key] = value
    keys.update(field.keys(value, context))


def value_of(row: Mapping[str, Any], name: str) -> Any:
    """The stored value of a custom field."""
    fields = row["fields"]
    return (json.loads(fields) if isinstance(fields, str) else fields).get(name.removeprefix(PREFIX))


def refuse_taken(field: BoundField, value: Any, context: FieldContext, *, but: int = 0) -> None:
    """Raise Refused when the field is unique and another record has this value. Writers take turns, so the answer stays true."""
    if not field.definition.is_unique or value is None:
        return
    found = taken_by(field, value, context, but=but)
    if found is not None:
        raise Refused(
            N_("%(label)s must be unique, and #%(id)s %(title)s has this value already."),
            field=field.name, label=field.label, id=found[0], title=found[1],
        )  # fmt: skip


def taken_by(field: BoundField, value: Any, context: FieldContext, *, but: int = 0) -> tuple[int, str] | None:
    """(id, title) of another living record with this value."""
    sql, params = _equal(field, value, context)
    table = field.definition.record_type
    title = "title" if table == "lead" else "name"
    found = one(
        f"select {table}.id, {table}.{title} from {table} where {table}.deleted_at is null and {sql} and {table}.id <> ? limit 1",  # noqa: S608 - our own expressions
        [*params, but],
    )
    return (int(found[0]), str(found[1])) if found else None


def _equal(field: BoundField, value: Any, context: FieldContext) -> tuple[str, list[Any]]:
    return value_where(field, Operator.IS, operand_of(field, value, context), field.definition.record_type)


def operand_of(field: BoundField, value: Any, context: FieldContext) -> Any:
    """What two values have in common that are the same to a filter, and so to a unique field."""
    text = field.to_cell(value, context)
    return field.ask("operand", lambda kind: kind.operand(Operator.IS, text, field.definition, context))


def refuse_restore(record_id: int, settings: Instance, record_type: str = "lead") -> None:
    """Raise Refused when a record in the bin holds a unique value that another one has taken since."""
    unique = [one for one in custom_fields(settings.revision, record_type).editable.values() if one.definition.is_unique]
    if not unique:
        return
    found = one(f"select fields from {record_type} where id = ?", (record_id,))  # noqa: S608 - ours
    row = {"fields": found[0] if found else "{}"}
    for field in unique:
        refuse_taken(field, value_of(row, field.name), field_context(settings), but=record_id)
