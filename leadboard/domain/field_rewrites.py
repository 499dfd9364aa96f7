"""Changing all values of a field: to another type, from choices that go to others, to nothing when it is deleted for good; and back.

Few values are changed at once, in the transaction of the change. Of many each batch is one of its own: meanwhile nobody
can write the field (queries/custom_fields.py gives it no type), so that no value is passed over, and every other field of
the same records goes on being edited. All of it is one change set, which undo takes back as one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from leadboard.db import execute, execute_many, many_writes, one, rows
from leadboard.domain import search_words
from leadboard.domain.bulk_events import record_many
from leadboard.domain.custom_fields import change_field, finish_field, load_field, refuse_misfits, revert_field, typed_over
from leadboard.domain.custom_values import put_value
from leadboard.domain.field_conversion import Converter, conversion_context, preview_type, retyped
from leadboard.domain.record_rows import TABLES
from leadboard.domain.settings import announce
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import Change, EventKind, change, decode
from leadboard.fieldtypes import FieldDefinition
from leadboard.jobs import enqueue
from leadboard.models import CustomField
from leadboard.permissions import SYSTEM, Actor, Permission, require
from leadboard.queries.custom_fields import BoundField, bound_to_type, definition_of, every_field
from leadboard.queries.field_counts import count_values, has_value
from leadboard.queries.users import user_actor_of

REWRITE_JOB = "fields.rewrite"
AT_ONCE = 500
BATCH = 500
# Kinds of change sets that are taken back as a whole.
TYPE, CHOICES, DELETE = "field.type", "field.choices", "field.delete"
KINDS = frozenset({TYPE, CHOICES, DELETE})
# One that began with the fields as they are now would go on with them.
RUNNING_IMPORT = "select 1 from import_run where state in ('running', 'undoing') limit 1"
_KEPT = ("type", "options", "default", "is_required", "is_unique", "on_card", "in_list", "label", "help", "position")


@dataclass(frozen=True)
class Rewrite:
    """What is being done: kept with the field, so that a job goes on where an earlier attempt stopped.

    `before` and `after` are the parts of the definition that change, `after` None when the field goes. `back_of` is the
    change set that is taken back.
    """

    kind: str
    before: Mapping[str, Any]
    after: Mapping[str, Any] | None
    total: int
    change_set: int
    by: int | None
    becomes: Mapping[str, str | None] | None = None
    back_of: int | None = None
    done: int = 0
    emptied: int = 0
    last_id: int = 0


@dataclass(frozen=True)
class Begun:
    """`is_done` is false while a job is at it. `change_set_id` is the handle for undo."""

    change_set_id: int
    is_done: bool


def save_field(
    key: str, *, actor: Actor, becomes: Mapping[str, str | None], record_type: str = "lead",
    seen: Mapping[str, Any] | None = None, **values: Any,
) -> Begun:  # fmt: skip
    """Change a field while choices that are in use go (replace_choices), in one change set; without such just change_field().

    Raises NotAllowed, NotFound, Refused, Conflict.
    """
    require(actor, Permission.SETTINGS)
    with change(actor, CHOICES if becomes else "field.change") as step:
        if becomes:
            options = typed_over(load_field(key, record_type).definition, {"options": values.pop("options")}, seen)["options"]
            # The default goes the way of the values.
            values.pop("default", None)
        change_field(key, actor=actor, record_type=record_type, seen=seen, **values)
        if becomes:
            return replace_choices(key, options, becomes, actor=actor, record_type=record_type)
        return Begun(step.change_set_id if step.recorded else 0, True)


def change_type(
    key: str, type_key: str, options: Mapping[str, Any], *, actor: Actor, record_type: str = "lead", agreed: bool = False
) -> Begun:
    """Give a field another type. Values that do not convert become empty, which must be `agreed` to; the timeline keeps them.

    Raises NotAllowed, NotFound, Refused, Conflict.
    """
    require(actor, Permission.SETTINGS)
    with change(actor, TYPE) as step:
        preview = preview_type(key, type_key, options, actor=actor, record_type=record_type)
        if preview.doubles:
            raise Refused(N_("Some values would become the same, and this field is unique."), field="type")
        if preview.lost and not agreed:
            raise Refused(N_("Say that the values which do not convert may go."), field="agreed")
        field = load_field(key, record_type)
        after = retyped(field, type_key, options).definition
        return _begin(
            step, field, TYPE, {"type": after.type, "options": dict(after.options), "default": None, "is_unique": after.is_unique}
        )


def replace_choices(
    key: str, options: Mapping[str, Any], becomes: Mapping[str, str | None], *, actor: Actor, record_type: str = "lead"
) -> Begun:
    """Give a field a list of choices without some that are in use: what their values become (None: empty) is in `becomes`.

    Raises NotAllowed, NotFound, Refused, Conflict.
    """
    require(actor, Permission.SETTINGS)
    with change(actor, CHOICES) as step:
        field = load_field(key, record_type)
        if field.type is None:
            raise field.off()
        after = replace(field.definition, options=field.type.clean_options(options, conversion_context()))
        keys = {str(choice["key"]) for choice in after.options.get("choices", ())}
        if wrong := [found for found in becomes.values() if found is not None and found not in keys]:
            raise Refused(N_("There is no choice %(name)s any more."), field="options", name=wrong[0])
        # What others chose meanwhile is asked about again.
        refuse_misfits(field, after, apart_from=set(becomes))
        default = field.definition.default
        new_default = (
            Converter(field, bound_to_type(after), conversion_context(), becomes).convert(default)[0] if default else None
        )
        return _begin(step, field, CHOICES, {"options": dict(after.options), "default": new_default}, becomes=becomes)


def delete_field(key: str, *, actor: Actor, record_type: str = "lead", typed: str = "") -> Begun:
    """Delete an archived field with all its values; `typed` is its key, as a confirmation. Undo brings both back.

    Raises NotAllowed, NotFound, Refused, Conflict.
    """
    require(actor, Permission.SETTINGS)
    with change(actor, DELETE) as step:
        field = load_field(key, record_type)
        if not field.definition.is_archived:
            raise Refused(N_("Archive the field first. Only an archived one is deleted for good."))
        if typed.strip() != key:
            raise Refused(N_("Type %(key)s to confirm."), field="typed", key=key)
        return _begin(step, field, DELETE, None)


def take_back(change_set_id: int, *, actor: Actor) -> Begun:
    """Undo one of the three above. Raises NotAllowed, NotFound, Refused, Conflict (the field was changed again since)."""
    require(actor, Permission.SETTINGS)
    told = rows(
        "select e.id, e.record_id, c.kind, e.data from event e join change_set c on c.id = e.change_set_id"
        " where e.change_set_id = ? and e.kind = ? and e.record_type = 'custom_field' order by e.id",
        (change_set_id, str(EventKind.FIELD_CHANGED)),
    )
    if not told or "emptied" not in json.loads(told[-1][3]):
        raise Refused(N_("This is not done yet. Wait until it is, then take it back."))
    _, field_id, kind, _ = told[-1]
    *others, values = [
        {
            name: (decode(before), decode(after))
            for name, before, after in rows("select field, before, after from event_value where event_id = ?", (event_id,))
        }
        for event_id, *_ in told
    ]
    with change(actor, "undo") as step:
        for changed in others:
            revert_field(step, field_id, changed, {}, actor=actor)
        if kind == DELETE:
            _bring_back(field_id, {name: before for name, (before, _) in values.items()}, step.at)
            announce()
        field = next((one for one in every_field() if one.definition.id == field_id), None)
        if field is None:
            raise NotFound(N_("This field is gone."))
        if kind != DELETE and any(getattr(field.definition, name) != after for name, (_, after) in values.items()):
            raise Conflict(N_("The field was changed again since. Nothing was taken back."))
        wanted = {} if kind == DELETE else {name: before for name, (before, _) in values.items()}
        return _begin(step, field, kind, wanted, back_of=change_set_id)


def _bring_back(field_id: int, kept: Mapping[str, Any], at: int) -> None:
    """The row of a deleted field, archived as it was."""
    record_type, key = kept["record_type"], kept["key"]
    if one("select 1 from custom_field where record_type = ? and key = ?", (record_type, key)):
        raise Conflict(N_("Another field has the key %(key)s by now. Nothing was taken back."), key=key)
    CustomField.create(id=field_id, record_type=record_type, key=key, archived_at=at, **{name: kept[name] for name in _KEPT})


# ---------------------------------------------------------------------------------------------- the work


def _begin(
    step: Change, field: BoundField, kind: str, after: Mapping[str, Any] | None, *,
    becomes: Mapping[str, str | None] | None = None, back_of: int | None = None,
) -> Begun:  # fmt: skip
    """Settle what is done, and do it when it is little."""
    definition = field.definition
    if definition.rewrite:
        raise field.off()
    if after is not None and None in {bound_to_type(definition).type, bound_to_type(replace(definition, **after)).type}:
        raise field.off()
    if one(RUNNING_IMPORT):
        raise Refused(N_("An import is running. Wait until it is done."))
    names = _KEPT if after is None else tuple(after)
    before = {name: getattr(definition, name) for name in names}
    if after is None:
        before |= {"key": definition.key, "record_type": definition.record_type}
    total = count_values(definition) if back_of is None else _count_back(definition, back_of)
    work = Rewrite(kind, before, after, total, step.change_set_id, step.actor.user_id, becomes, back_of)
    _keep(definition.id, work)
    announce()
    if total > AT_ONCE:
        enqueue(REWRITE_JOB, key=f"{REWRITE_JOB}:{definition.id}:{step.change_set_id}", field_id=definition.id)
        return Begun(step.change_set_id, False)
    while not _batch(step, definition.id):
        pass
    return Begun(step.change_set_id, True)


@many_writes()
def run_rewrite(field_id: int) -> None:
    """The job: a batch a transaction, until nothing is left."""
    is_done = False
    while not is_done:
        found = _running(field_id)
        if found is None:
            return
        actor = user_actor_of(found[1].by) if found[1].by is not None else SYSTEM
        kind = "undo" if found[1].back_of is not None else found[1].kind
        with change(actor or SYSTEM, kind, change_set_id=found[1].change_set) as step:
            is_done = _batch(step, field_id)


def running(definition: FieldDefinition) -> Rewrite | None:
    """What is being done to all values of a field."""
    return Rewrite(**definition.rewrite) if definition.rewrite else None


def _running(field_id: int) -> tuple[FieldDefinition, Rewrite] | None:
    record = CustomField.get_or_none(CustomField.id == field_id)
    return (definition_of(record), Rewrite(**record.rewrite)) if record is not None and record.rewrite else None


def _keep(field_id: int, work: Rewrite) -> None:
    CustomField.update(rewrite=asdict(work)).where(CustomField.id == field_id).execute()


def _batch(step: Change, field_id: int) -> bool:
    """Rewrite the next records; whether that was all, and the field is what it was to be."""
    found = _running(field_id)
    if found is None:
        return True
    definition, work = found
    records = _next(definition, work)
    if not records:
        _finish(step, definition, work)
        return True
    plan = _Plan(definition, work)
    past = _past_values(definition, work.back_of, [row["id"] for row in records]) if work.back_of is not None else {}
    emptied, written = 0, []
    for row in records:
        before = json.loads(row["fields"]).get(definition.key)
        after = plan.after_of(before, past.get(row["id"]))
        emptied += before is not None and after is None and work.after is not None
        if plan.put(row, after):
            written.append((row, before, after))
    _write(step, definition, written)
    _keep(field_id, replace(work, done=work.done + len(records), emptied=work.emptied + emptied, last_id=records[-1]["id"]))
    return False


class _Plan:
    """What becomes of one value after the other."""

    def __init__(self, definition: FieldDefinition, work: Rewrite) -> None:
        self._context = conversion_context()
        self._before = bound_to_type(definition)
        self._target = bound_to_type(replace(definition, **work.after)) if work.after is not None else None
        becomes = (work.becomes or {}) if work.kind == CHOICES else None
        self._converter = Converter(self._before, self._target, self._context, becomes) if self._target is not None else None

    def after_of(self, value: Any, past: tuple[Any, Any] | None) -> Any:
        """The value as it is kept from now on; `past` is what the change that is taken back did to it."""
        if past is not None and value == past[1]:
            return past[0]
        if value is None or self._converter is None:
            return None
        return self._converter.convert(value)[0]

    def put(self, row: dict[str, Any], value: Any) -> bool:
        """Put it into the row; whether that changed it."""
        kept, keys = json.loads(row["fields"]), json.loads(row["field_keys"])
        before = (json.dumps(kept), json.dumps(keys))
        put_value(kept, keys, self._target or self._before, value, self._context)
        row["fields"], row["field_keys"] = json.dumps(kept, ensure_ascii=False), json.dumps(keys, ensure_ascii=False)
        return (json.dumps(kept), json.dumps(keys)) != before


def _next(definition: FieldDefinition, work: Rewrite) -> list[dict[str, Any]]:
    """The next records that the change concerns, also those in the bin."""
    table = TABLES[definition.record_type]
    columns = ["id", "version", "fields", "field_keys", *table.searched]
    if table.name == "lead":
        columns += ["stage_id", "pipeline_id"]
    concerns, params = has_value(definition), [work.last_id]
    if work.back_of is not None:
        told = f"select 1 from event e where e.record_type = '{table.name}' and e.record_id = {table.name}.id and e.change_set_id = ?"  # noqa: S608 - ours
        concerns = f"({concerns} or exists ({told}))"
        params.append(work.back_of)
    found = rows(
        f"select {', '.join(columns)} from {table.name} where id > ? and {concerns} order by id limit {BATCH}",  # noqa: S608 - ours
        params,
    )
    records = [dict(zip(columns, row, strict=True)) for row in found]
    for row in records:
        for column in ("fields", "field_keys"):
            if not isinstance(row[column], str):
                row[column] = json.dumps(row[column], ensure_ascii=False)
    return records


def _count_back(definition: FieldDefinition, change_set_id: int) -> int:
    changed = one(
        "select count(*) from event where change_set_id = ? and record_type = ?", (change_set_id, definition.record_type)
    )
    return max(count_values(definition), int(changed[0]) if changed else 0)


def _past_values(definition: FieldDefinition, change_set_id: int, ids: Sequence[int]) -> dict[int, tuple[Any, Any]]:
    """{record: (before, after)} of the change that is taken back."""
    places = ", ".join("?" * len(ids))
    return {
        int(number): (decode(before), decode(after))
        for number, before, after in rows(
            "select e.record_id, v.before, v.after from event e join event_value v on v.event_id = e.id"  # noqa: S608 - only question marks
            f" where e.change_set_id = ? and e.record_type = ? and v.field = ? and e.record_id in ({places})",
            [change_set_id, definition.record_type, definition.name, *ids],
        )
    }


def _write(step: Change, definition: FieldDefinition, written: Sequence[tuple[dict[str, Any], Any, Any]]) -> None:
    """The rows with their new values, their words, and one event for each value that is another one now."""
    if not written:
        return
    table = TABLES[definition.record_type]
    execute_many(
        f"update {table.name} set fields = ?, field_keys = ?, version = version + 1, updated_at = ? where id = ?",  # noqa: S608 - ours
        [(row["fields"], row["field_keys"], step.at, row["id"]) for row, _, _ in written],
    )
    for row, _, _ in written:
        search_words.write_words(table.name, row["id"], *search_words.record_texts(row, table.searched))
    told = [
        (row, before, after)
        for row, before, after in written
        if before != after or isinstance(before, bool) != isinstance(after, bool)
    ]
    where = ("stage", "pipeline") if table.name == "lead" else ()
    record_many(
        step, EventKind(f"{table.name}_updated"), table.name,
        [(row["id"], row["id"], {"version": row["version"] + 1, **{name: row[f"{name}_id"] for name in where}}) for row, _, _ in told],
        [{definition.name: (before, after)} for _, before, after in told],
        of=table.name,
    )  # fmt: skip


def _finish(step: Change, definition: FieldDefinition, work: Rewrite) -> None:
    if work.after is None:
        execute("delete from custom_field where id = ?", (definition.id,))
    else:
        CustomField.update(rewrite=None, **work.after).where(CustomField.id == definition.id).execute()
    after = work.after or {}
    values = {name: (before, after.get(name)) for name, before in work.before.items()}
    finish_field(step, definition.id, values, changed=work.done, emptied=work.emptied)
