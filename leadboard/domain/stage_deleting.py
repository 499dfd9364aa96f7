"""Deleting a stage and taking that back: its leads go to another one and come home, set by set, however many there are."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from leadboard.db import execute, execute_many, one, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.handover import BATCH, empty_stage
from leadboard.domain.lists import close_as, not_stated_id
from leadboard.domain.pipelines import keep_one_of_each, refuse_taken_stage, write_order
from leadboard.domain.stage_values import values_of_stage
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import Change, EventKind, change, decode
from leadboard.models.pipelines import Stage, StageKind
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.pipelines import StageRow, pipeline, stage

# Columns that a lead gets back; the event of its move keeps what they were.
_PUT_BACK = ("closed_at", "lost_reason_id", "lost_to", "stage_entered_at")


class Deleted(NamedTuple):
    """How many leads went to the other stage, and the handle to take it back."""

    moved: int
    change_set_id: int


def delete_stage(stage_id: int, *, actor: Actor, move_to: int | None = None) -> Deleted:
    """Remove a stage; its leads go to another of the pipeline in the same change set. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.STAGES)
    with change(actor, "stage.delete") as step:
        found = stage(stage_id)
        stages = pipeline(found.pipeline_id).stages
        keep_one_of_each(stages, found)
        count, target_id = 0, None
        if one("select 1 from lead where stage_id = ? limit 1", (stage_id,)) is not None:
            target = next((other for other in stages if other.id == move_to and other.id != stage_id), None)
            if target is None:
                raise Refused(N_("Choose the stage that the leads of %(name)s go to."), field="move_to", name=found.name)
            target_id = target.id
            becomes_lost = target.kind == StageKind.LOST and found.kind != StageKind.LOST
            reason = not_stated_id(actor=actor) if becomes_lost else None
            count = empty_stage(step, stage_id, target.id, to_kind=target.kind, reason_id=reason)
        listed_by = _forget_way(stages, stage_id)
        execute("delete from stage where id = ?", (stage_id,))
        write_order([other.id for other in stages if other.id != stage_id])
        step.record(
            EventKind.STAGE_CHANGED, "stage", stage_id, pipeline=found.pipeline_id, moved=count, moved_to=target_id,
            deleted_at=[other.id for other in stages].index(stage_id), listed_by=listed_by,
            values={name: (value, None) for name, value in values_of_stage(found).items()},
        )  # fmt: skip
        return Deleted(count, step.change_set_id)


def _forget_way(stages: Sequence[StageRow], stage_id: int) -> list[int]:
    """Take a stage out of the ways of the others; those that had it."""
    found = [other for other in stages if stage_id in other.leads_to]
    for other in found:
        left = " ".join(str(number) for number in other.leads_to if number != stage_id)
        execute("update stage set leads_to = ? where id = ?", (left, other.id))
    return [other.id for other in found]


# ---------------------------------------------------------------------------------------------- taking it back


class Restored(NamedTuple):
    """How many leads came home, and how many stay where somebody moved them since."""

    done: int
    kept: int


def deletion_in(change_set_id: int) -> int | None:
    """The event of a deleted stage in a change set."""
    found = rows("select id, data from event where change_set_id = ? and kind = ?", (change_set_id, str(EventKind.STAGE_CHANGED)))
    return next((int(event_id) for event_id, data in found if "deleted_at" in json.loads(data)), None)


def restore_stage(step: Change, event_id: int, actor: Actor) -> Restored:
    """Make a deleted stage again, at its place, and bring back the leads that nobody moved since. Part of undo's change.

    Raises NotAllowed, Conflict, Refused.
    """
    require(actor, Permission.STAGES)
    found = one("select record_id, data, change_set_id from event where id = ?", (event_id,))
    assert found is not None
    stage_id, data, change_set_id = int(found[0]), json.loads(found[1]), int(found[2])
    try:
        stages = pipeline(data["pipeline"]).stages
    except NotFound as error:
        raise Conflict(N_("The pipeline of this stage is gone.")) from error
    values = {
        name: decode(before) for name, before in rows("select field, before from event_value where event_id = ?", (event_id,))
    }
    refuse_taken_stage(stages, values["name"])
    there = {other.id for other in stages}
    values["leads_to"] = " ".join(number for number in values["leads_to"].split() if int(number) in there)
    Stage.insert({**values, "id": stage_id, "pipeline": data["pipeline"], "position": len(stages)}).execute()
    order = [other.id for other in stages]
    order.insert(data["deleted_at"], stage_id)
    write_order(order)
    for other in stages:
        if other.id in data["listed_by"] and other.goes_to:
            execute("update stage set leads_to = ? where id = ?", (f"{other.goes_to} {stage_id}", other.id))
    count = _bring_home(step, change_set_id, stage_id, data["moved_to"], values["kind"])
    step.record(
        EventKind.STAGE_CHANGED, "stage", stage_id, pipeline=data["pipeline"], moved=count, moved_from=data["moved_to"],
        values={name: (None, value) for name, value in values.items()},
    )  # fmt: skip
    return Restored(count, data["moved"] - count)


def _bring_home(step: Change, change_set_id: int, stage_id: int, from_stage_id: int | None, kind: str) -> int:
    """Every lead that is still where the deletion put it, to the place it had. Part by part; all in this transaction."""
    count = last = 0
    while batch := rows(
        "select e.id, e.lead_id, e.data, lead.version, lead.position, lead.pipeline_id, lead.closed_at, lead.lost_reason_id, lead.lost_to,"
        " lead.stage_entered_at from event e join lead on lead.id = e.lead_id"
        " where e.change_set_id = ? and e.id > ? and e.kind = 'lead_moved' and lead.stage_id = ?"
        " and not exists (select 1 from event x where x.lead_id = e.lead_id and x.id > e.id and x.kind = 'lead_moved')"
        " order by e.id limit ?",
        (change_set_id, last, from_stage_id, BATCH),
    ):
        before = _values_of(batch[0][0], batch[-1][0], change_set_id)
        last = batch[-1][0]
        _put_home(step, batch, before, stage_id, from_stage_id, kind)
        count += len(batch)
    return count


def _values_of(first: int, last: int, change_set_id: int) -> dict[int, dict[str, Any]]:
    """{event: {field: what it was}}."""
    found: dict[int, dict[str, Any]] = {}
    for event_id, field, before in rows(
        "select v.event_id, v.field, v.before from event_value v join event e on e.id = v.event_id"
        " where v.event_id >= ? and v.event_id <= ? and e.change_set_id = ?",
        (first, last, change_set_id),
    ):
        found.setdefault(event_id, {})[field] = decode(before)
    return found


def _put_home(
    step: Change,
    batch: Sequence[tuple[Any, ...]],
    before: dict[int, dict[str, Any]],
    stage_id: int,
    from_stage_id: int | None,
    kind: str,
) -> None:
    updates, events, values = [], [], []
    for event_id, lead_id, data, version, position, pipeline_id, *now in batch:
        was = before.get(event_id, {})
        current = dict(zip(_PUT_BACK, now, strict=True))
        after = {name: was.get(name, current[name]) for name in _PUT_BACK}
        close_as(kind, after, at=step.at, actor=step.actor)
        updates.append(
            (stage_id, json.loads(data)["from_position"], *(after[name] for name in _PUT_BACK), version + 1, step.at, lead_id)
        )
        facts = {
            "version": version + 1, "stage": stage_id, "pipeline": pipeline_id, "from_stage": from_stage_id,
            "from_pipeline": pipeline_id, "from_position": position,
        }  # fmt: skip
        events.append((lead_id, lead_id, facts))
        changed = {name: (current[name], after[name]) for name in _PUT_BACK if current[name] != after[name]}
        values.append({"stage_id": (from_stage_id, stage_id), **changed})
    execute_many(
        "update lead set stage_id = ?, position = ?, closed_at = ?, lost_reason_id = ?, lost_to = ?, stage_entered_at = ?,"
        " version = ?, updated_at = ? where id = ?",
        updates,
    )
    record_many(step, EventKind.LEAD_MOVED, "lead", events, values)
