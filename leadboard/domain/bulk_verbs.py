"""What can be done with many records: each verb checks what is asked once, and does it to one record by the function that pages use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import one
from leadboard.domain.custom_values import editable_field, value_of
from leadboard.domain.field_values import clean_value
from leadboard.domain.leads import delete_lead, update_lead
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.parties import delete_parties, update_party
from leadboard.domain.record_rows import TABLES, load_visible
from leadboard.domain.tags import clean_tag_name, refuse_too_many, retag
from leadboard.errors import N_, Refused
from leadboard.fieldtypes import PREFIX, Storage
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.custom_fields import custom_fields, field_context
from leadboard.queries.settings import instance

Task = Mapping[str, Any]
EDIT, ASSIGN, MOVE, TAG, DELETE = "edit", "assign", "move", "tag", "delete"
SET, ADD, REMOVE = "set", "add", "remove"


@dataclass(frozen=True)
class Verb:
    """`check(record_type, task, actor)` gives the task as it is kept, or raises Refused; `apply(record_type, id, task, actor)`
    does it to one record and says whether anything changed.
    """

    check: Callable[[str, Task, Actor], dict[str, Any]]
    apply: Callable[[str, int, Task, Actor], bool]


def check_task(record_type: str, task: Task, actor: Actor) -> dict[str, Any]:
    """What is asked, as it is kept. Raises Refused naming the field, NotAllowed."""
    require(actor, Permission.WRITE)
    verb = VERBS.get(str(task.get("verb", "")))
    if verb is None:
        raise Refused(N_("Say what to do with them."), field="verb")
    return {"verb": task["verb"], **verb.check(record_type, task, actor)}


def apply_task(record_type: str, record_id: int, task: Task, actor: Actor) -> bool:
    """Do it to one record, inside the caller's change. Raises what the function of a single record raises."""
    return VERBS[task["verb"]].apply(record_type, record_id, task, actor)


# ---------------------------------------------------------------------------------------------- fields


def _check_edit(record_type: str, task: Task, actor: Actor) -> dict[str, Any]:
    values, how = dict(task.get("values") or {}), task.get("how") or SET
    if not values:
        raise Refused(N_("Choose a field."), field="field")
    if how not in {SET, ADD, REMOVE}:
        raise Refused(N_("Say whether to set, add or remove."), field="how")
    known, context = custom_fields(None, record_type), field_context(instance())
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith(PREFIX):
            field = editable_field(name, known)
            kept[name] = field.check(value, context)
            if how != SET and (field.type is None or field.type.storage is not Storage.LIST or kept[name] is None):
                raise Refused(N_("Choose at least one to add or to take away."), field=name)
            if how == SET and kept[name] is None and field.definition.is_required:
                raise Refused(N_("%(label)s must not be empty."), field=name, label=field.label)
        elif how != SET:
            raise Refused(N_("Only a field of several choices can be added to."), field=name)
        elif name not in TABLES[record_type].fields:
            raise Refused(N_("There is no field %(name)s."), field=name, name=name[:60])
        else:
            found = clean_value(TABLES[record_type].fields[name], value)
            kept[name] = found.isoformat() if isinstance(found, date) else found
    return {"values": kept, "how": how}


def _edit(record_type: str, record_id: int, task: Task, actor: Actor) -> bool:
    values = dict(task["values"])
    if task.get("how", SET) != SET:
        row = load_visible(TABLES[record_type], record_id, actor)
        values = {name: _joined(value_of(row, name), value, task["how"]) for name, value in values.items()}
    if record_type == "lead":
        return update_lead(record_id, values, actor=actor).change_set_id is not None
    return update_party(record_type, record_id, values, actor=actor).change_set_id is not None


def _joined(now: Any, value: Any, how: str) -> list[Any]:
    """The choices of a record with these more, or without them."""
    kept = [one for one in now or () if one not in value]
    return [*kept, *value] if how == ADD else kept


def _check_assign(record_type: str, task: Task, actor: Actor) -> dict[str, Any]:
    owner_id = task.get("owner")
    if owner_id is not None and one('select 1 from "user" where id = ?', (owner_id,)) is None:
        raise Refused(N_("This owner no longer exists. Choose another one."), field="owner")
    return {"values": {"owner": owner_id}}


# ---------------------------------------------------------------------------------------------- stages


def _check_move(record_type: str, task: Task, actor: Actor) -> dict[str, Any]:
    if record_type != "lead":
        raise Refused(N_("Only leads have stages."), field="stage")
    found = one(
        "select s.kind from stage s join pipeline p on p.id = s.pipeline_id where s.id = ? and p.archived_at is null",
        (task.get("stage_id"),),
    )
    if found is None:
        raise Refused(N_("This stage no longer exists. Choose another one."), field="stage")
    kept: dict[str, Any] = {"stage_id": task["stage_id"]}
    if found[0] != StageKind.LOST:
        return kept
    if one("select 1 from lost_reason where id = ?", (task.get("reason_id"),)) is None:
        raise Refused(N_("Say why they were lost."), field="lost_reason")
    return {**kept, "reason_id": task["reason_id"], "lost_to": str(task.get("lost_to") or "")[:120]}


def _move(record_type: str, record_id: int, task: Task, actor: Actor) -> bool:
    if one("select 1 from lead where id = ? and stage_id = ? and snoozed_until is null", (record_id, task["stage_id"])):
        return False
    loss = Loss(task["reason_id"], task["lost_to"]) if task.get("reason_id") else None
    return move_lead(record_id, to_stage_id=task["stage_id"], loss=loss, actor=actor).change_set_id is not None


# ---------------------------------------------------------------------------------------------- tags


def _check_tags(record_type: str, task: Task, actor: Actor) -> dict[str, Any]:
    if record_type != "lead":
        raise Refused(N_("Only leads have tags."), field="tags")
    names = [clean_tag_name(name) for name in task.get("tags") or () if name.strip()]
    if not names:
        raise Refused(N_("Type a tag."), field="tags")
    refuse_too_many(names)
    if task.get("how") not in {ADD, REMOVE}:
        raise Refused(N_("Say whether to add or remove."), field="how")
    return {"tags": names, "how": task["how"]}


def _tag(record_type: str, record_id: int, task: Task, actor: Actor) -> bool:
    return retag(record_id, task["tags"], is_taken=task["how"] == REMOVE, actor=actor) is not None


# ---------------------------------------------------------------------------------------------- the bin


def _delete(record_type: str, record_id: int, task: Task, actor: Actor) -> bool:
    if record_type == "lead":
        return delete_lead(record_id, actor=actor) is not None
    return delete_parties(record_type, [record_id], actor=actor) is not None


VERBS: dict[str, Verb] = {
    EDIT: Verb(_check_edit, _edit),
    ASSIGN: Verb(_check_assign, _edit),
    MOVE: Verb(_check_move, _move),
    TAG: Verb(_check_tags, _tag),
    DELETE: Verb(lambda record_type, task, actor: {}, _delete),
}
