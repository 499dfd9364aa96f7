"""Adding, changing, ordering and archiving custom fields. What changes all values of one is in field_rewrites.py.

Edits say what their form showed (`seen`): what somebody else changed too in the meantime is a Conflict with both.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leadboard.db import execute, one, rows
from leadboard.domain.field_indexes import keep_indexes
from leadboard.domain.settings import announce
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.fieldtypes import KEY, FieldContext, FieldDefinition, FieldType, ValueSql
from leadboard.lib.text import clean_line, clean_text, fold, slug
from leadboard.models import CustomField
from leadboard.models.import_fields import SHARED, TARGETS_OF
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.custom_fields import (
    BoundField,
    custom_fields,
    definition_of,
    every_field,
    field_context,
    field_types,
    plain,
)
from leadboard.queries.settings import instance

LABEL_LIMIT, HELP_LIMIT = 80, 500
MOST_FIELDS = 200
MOST_LOOKED_AT = 10_000
CHANGEABLE = ("label", "help", "options", "is_required", "is_unique", "default", "on_card", "in_list")
# {record type: {name: label} of what is typed without custom fields}: keys and columns of files must be told apart.
_TYPED: dict[str, dict[str, str]] = {
    record_type: {**dict.fromkeys(SHARED, ""), **{name: target.label for name, target in targets.items()}}
    for record_type, targets in TARGETS_OF.items()
}
_TAKEN = frozenset({"id", "fields", "version", "position"})


def add_field(
    label: str, type_key: str, *, actor: Actor, key: str = "", record_type: str = "lead", **values: Any
) -> FieldDefinition:
    """A new field of leads, contacts or organisations, at the end. `key` is made of the label unless given and never changes. Raises NotAllowed, Refused.

    `values` are help, options, is_required, is_unique, default (a JSON value), on_card, in_list.
    """
    require(actor, Permission.SETTINGS)
    with change(actor, "field.add") as step:
        if record_type not in _TYPED:
            raise Refused(N_("Fields belong to one of: %(known)s."), field="record_type", known=", ".join(_TYPED))
        kind = known_type(type_key)
        known = custom_fields(None, record_type).by_key
        if len(known) >= MOST_FIELDS:
            raise Refused(N_("There are %(most)d fields already."), most=MOST_FIELDS)
        label = _label(label, [one.definition for one in known.values()], record_type)
        given = {name: value for name, value in values.items() if value is not None or name == "default"}
        if unknown := sorted(given.keys() - set(CHANGEABLE)):
            raise TypeError(unknown[0])
        definition = FieldDefinition(
            0, _key(key or _key_of(label, record_type), known, record_type), label, type_key, position=len(known) + 1, record_type=record_type,
        )  # fmt: skip
        definition = complete(replace(definition, **given), kind)
        record = CustomField.create(
            record_type=record_type, key=definition.key, label=definition.label, type=definition.type, help=definition.help, options=dict(definition.options),
            is_required=definition.is_required, is_unique=definition.is_unique, default=definition.default,
            position=definition.position, on_card=definition.on_card, in_list=definition.in_list,
        )  # fmt: skip
        finish_field(step, record.id, {"label": (None, label), "type": (None, type_key), "key": (None, definition.key)})
        return definition_of(record)


def change_field(
    key: str, *, actor: Actor, record_type: str = "lead", seen: Mapping[str, Any] | None = None, **values: Any
) -> FieldDefinition:
    """Change what is named of CHANGEABLE. Raises NotAllowed, NotFound, Conflict, Refused: also when a record holds a value that no longer fits."""
    require(actor, Permission.SETTINGS)
    with change(actor, "field.change") as step:
        field = load_field(key, record_type)
        if unknown := sorted(values.keys() - set(CHANGEABLE)):
            raise TypeError(unknown[0])
        before = field.definition
        if field.type is None:
            raise field.off()
        values = typed_over(before, values, seen)
        if "label" in values:
            others = [one.definition for one in custom_fields(None, record_type).by_key.values() if one.key != key]
            values["label"] = _label(values["label"], others, record_type)
        after = complete(replace(before, **values), field.type)
        changed = {
            name: (getattr(before, name), getattr(after, name))
            for name in CHANGEABLE
            if getattr(before, name) != getattr(after, name)
        }
        if not changed:
            return before
        if "options" in changed:
            refuse_misfits(field, after)
        if after.is_unique and "is_unique" in changed:
            _refuse_doubles(replace(field, definition=after))
        CustomField.update(**{name: new for name, (_, new) in changed.items()}).where(CustomField.id == before.id).execute()
        finish_field(step, before.id, changed)
        return after


def archive_field(key: str, *, is_archived: bool, actor: Actor, record_type: str = "lead") -> None:
    """Stop offering a field, or offer it again. Records keep its values. Raises NotAllowed, NotFound."""
    require(actor, Permission.SETTINGS)
    with change(actor, "field.archive") as step:
        definition = load_field(key, record_type).definition
        if definition.is_archived == is_archived:
            return
        execute("update custom_field set archived_at = ? where id = ?", (step.at if is_archived else None, definition.id))
        finish_field(step, definition.id, {"is_archived": (definition.is_archived, is_archived)})


def move_field(key: str, *, by: int, actor: Actor, record_type: str = "lead") -> None:
    """One place up (-1) or down (1) among the fields in use; at the end it stays. Raises NotAllowed, NotFound."""
    load_field(key, record_type)
    order = [one.key for one in custom_fields(None, record_type).active]
    if key in order:
        place = order.index(key)
        order.insert(max(0, place + (1 if by > 0 else -1)), order.pop(place))
        order_fields(order, actor=actor, record_type=record_type)


def order_fields(keys: Sequence[str], *, actor: Actor, record_type: str = "lead") -> None:
    """Put the named fields first, in this order; the others follow as they were. Raises NotAllowed, NotFound."""
    require(actor, Permission.SETTINGS)
    with change(actor, "field.order") as step:
        first = [load_field(key, record_type).key for key in dict.fromkeys(keys)]
        known = custom_fields(None, record_type).by_key
        order = [*first, *(key for key in known if key not in first)]
        if order == list(known):
            return
        for position, key in enumerate(order, 1):
            execute("update custom_field set position = ? where id = ?", (position, known[key].definition.id))
        before = [one.definition.id for one in known.values()]
        finish_field(step, 0, {}, order=[known[key].definition.id for key in order], order_before=before)


def revert_field(
    step: Change, field_id: int, values: Mapping[str, tuple[Any, Any]], data: Mapping[str, Any], *, actor: Actor
) -> None:
    """Take back what one of the functions above did. Raises NotFound, NotAllowed, Refused, Conflict (changed again since)."""
    require(actor, Permission.SETTINGS)
    if "order_before" in data:
        keys = {one.definition.id: (one.key, one.definition.record_type) for one in every_field()}
        order = [keys[number] for number in data["order_before"] if number in keys]
        if order:
            order_fields([key for key, _ in order], actor=actor, record_type=order[0][1])
        return
    definition = next((one.definition for one in every_field() if one.definition.id == field_id), None)
    if definition is None:
        raise NotFound(N_("This field is gone."))
    key, record_type = definition.key, definition.record_type
    if "key" in values:
        _take_back_new(step, definition, actor)
    elif "is_archived" in values:
        archive_field(key, is_archived=values["is_archived"][0], actor=actor, record_type=record_type)
    else:
        back = {name: before for name, (before, after) in values.items() if getattr(definition, name, None) == after}
        if not back or back.keys() - set(CHANGEABLE):
            raise Conflict(N_("It was changed since. Nothing was taken back."))
        change_field(key, actor=actor, record_type=record_type, **back)


def _take_back_new(step: Change, definition: FieldDefinition, actor: Actor) -> None:
    """A new field goes; one that holds values already is archived, so that none is lost."""
    table = definition.record_type
    raw = ValueSql(definition.key, table).raw
    if one(f"select 1 from {table} where {raw} is not null limit 1"):  # noqa: S608 - a checked key
        archive_field(definition.key, is_archived=True, actor=actor, record_type=table)
        return
    execute("delete from custom_field where id = ?", (definition.id,))
    finish_field(step, definition.id, {"label": (definition.label, None)})


def typed_over(before: FieldDefinition, values: Mapping[str, Any], seen: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was typed over what the form showed. Raises Conflict when somebody else wrote the same."""
    if seen is None:
        return dict(values)
    out = {name: value for name, value in values.items() if name not in seen or value != seen[name]}
    for name, value in out.items():
        theirs = getattr(before, name)
        if name in seen and seen[name] != theirs and value != theirs:
            raise Conflict(
                N_("Somebody else changed this to “%(theirs)s” while you were typing. Save again to write your own."),
                field=name, details={"theirs": theirs, "yours": value}, theirs=_in_words(theirs),
            )  # fmt: skip
    return out


def _in_words(value: Any) -> str:
    """A part of a definition as somebody may read it."""
    if isinstance(value, Mapping):
        return ", ".join(
            ", ".join(str(one["label"]) for one in part) if name == "choices" else f"{name}: {part}"
            for name, part in value.items()
        )
    return plain(value) if value is not None else "—"


def proposed_key(label: str, record_type: str) -> str:
    """A key that is free."""
    return _key_of(label, record_type)


def load_field(key: str, record_type: str = "lead") -> BoundField:
    """A field by its key, archived or not. Raises NotFound."""
    found = custom_fields(None, record_type).by_key.get(key)
    if found is None:
        raise NotFound(N_("There is no field %(key)s."), key=key[:60])
    return found


def finish_field(step: Change, field_id: int, values: Mapping[str, tuple[Any, Any]], **data: Any) -> None:
    """The end of every change: every process reads the fields again, and the indexes are those that are wanted."""
    announce()
    step.record(EventKind.FIELD_CHANGED, "custom_field", field_id, values=values, **data)
    keep_indexes()


# ---------------------------------------------------------------------------------------------- checks


def known_type(type_key: str) -> FieldType:
    known = field_types()
    if type_key not in known:
        raise Refused(
            N_("There is no field type %(name)s. Known: %(known)s."),
            field="type",
            name=type_key[:60],
            known=", ".join(sorted(known)),
        )
    return known[type_key]


def _label(label: str, others: Sequence[FieldDefinition], record_type: str) -> str:
    try:
        text = clean_line(label, LABEL_LIMIT)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field="label", limit=LABEL_LIMIT) from error
    if not text:
        raise Refused(N_("Type a name."), field="label")
    # Columns of files are found by their labels.
    names = [*(one.label for one in others), *filter(None, _TYPED[record_type].values())]
    if any(fold(other) == fold(text) for other in names):
        raise Refused(N_("There is a field “%(label)s” already."), field="label", label=text)
    return text


def _key_of(label: str, record_type: str) -> str:
    base = slug(label, fallback="field", limit=36).replace("-", "_")
    base = base if base[0].isalpha() else f"f_{base}"
    taken = {*custom_fields(None, record_type).by_key, *_TYPED[record_type], *_TAKEN}
    if base in taken:
        base = next(key for n in range(2, MOST_FIELDS + 10) if (key := f"{base}_{n}") not in taken)
    return base


def _key(key: str, known: Mapping[str, Any], record_type: str) -> str:
    if not KEY.fullmatch(key):
        raise Refused(N_("A key is 1 to 40 of a-z, 0-9 and _, a letter first."), field="key")
    if key in _TAKEN or key in _TYPED[record_type] or key in known:
        raise Refused(N_("The key %(key)s is taken. %(free)s is free."), field="key", key=key, free=_key_of(key, record_type))
    return key


def complete(definition: FieldDefinition, kind: FieldType) -> FieldDefinition:
    """The definition with its options and default checked by the type. Raises Refused."""
    context = field_context(instance())
    bound = BoundField(definition, kind, definition.type.partition(".")[0], "." not in definition.type)
    try:
        text = clean_text(definition.help, HELP_LIMIT)
    except ValueError as error:
        raise Refused(N_("This help is too long: at most %(limit)d characters."), field="help", limit=HELP_LIMIT) from error
    options = bound.ask("options", lambda one: one.clean_options(definition.options, context))
    definition = replace(definition, help=text, options=json.loads(json.dumps(options)))
    if definition.is_unique and not kind.can_be_unique:
        raise Refused(N_("A field of this type cannot be unique."), field="is_unique")
    if definition.is_unique and definition.default is not None:
        raise Refused(N_("A unique field has no default."), field="default")
    if definition.default is None:
        return definition
    return replace(definition, default=replace(bound, definition=definition).check(definition.default, context))


def _distinct(field: BoundField) -> list[Any]:
    """The different values that records hold, up to MOST_LOOKED_AT."""
    table = field.definition.record_type
    value = ValueSql(field.key, table)
    found = rows(
        f"select distinct {value.raw} from {table} where {value.raw} is not null limit {MOST_LOOKED_AT}"  # noqa: S608 - a checked key
    )
    return [json.loads(text) for (text,) in found]


def refuse_misfits(field: BoundField, after: FieldDefinition, apart_from: Collection[str] = ()) -> None:
    """New options must fit the values there are, but for choices that are about to become others."""
    values = _distinct(field)
    for name in field.type.fixed_options if field.type is not None else ():
        if values and field.definition.options.get(name) != after.options.get(name):
            raise Refused(N_("There are values of this field already, so its %(name)s stays."), field="options", name=name)
    context: FieldContext = field_context(instance())
    changed = replace(field, definition=after)
    for held in values:
        value = [one for one in held if one not in apart_from] if isinstance(held, list) else held
        if not isinstance(value, list) and value in apart_from:
            continue
        try:
            changed.check(value, context)
        except Refused as refusal:
            raise Refused(
                N_("There are values “%(value)s”, which would no longer fit."),
                field="options",
                value=field.shown(value, context).text,
            ) from refusal


def _refuse_doubles(field: BoundField) -> None:
    expression, table = field.comparable(), field.definition.record_type
    found = one(
        f"select min({table}.id), max({table}.id) from {table} where {table}.deleted_at is null and {expression} is not null"  # noqa: S608 - the type's own expression
        f" group by {expression} having count(*) > 1 limit 1"
    )
    if found is not None:
        raise Refused(
            N_("#%(one)s and #%(other)s have the same value of this field."),
            field="is_unique",
            one=found[0],
            other=found[1],
        )
