"""Changing very many records in one statement a step, each with its event: a colleague leaves, a stage goes.

Tens of thousands at once: the rules of update_lead, update_party and move_lead written for a whole set.
"""

from typing import Any, NamedTuple

from leadboard.db import execute_many, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.positions import STEP
from leadboard.events import Change, EventKind
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import may_work_on
from leadboard.queries.users import user_actor_of

BATCH = 1000


class Handed(NamedTuple):
    """How many of each went to somebody else."""

    leads: int = 0
    contacts: int = 0
    organisations: int = 0
    tasks: int = 0


def give_everything(step: Change, from_id: int, to_id: int) -> Handed:
    """Everything that one person owns, in the bin too, and their open next steps, to another. Part of the caller's change."""
    leads, contacts, organisations = (_give_records(step, record_type, from_id, to_id) for record_type in RECORD_TYPES)
    return Handed(leads, contacts, organisations, _give_tasks(step, from_id, to_id))


def _give_records(step: Change, table: str, from_id: int, to_id: int) -> int:
    place = "stage_id, pipeline_id" if table == "lead" else "null, null"
    count = last = 0
    while batch := rows(
        f"select id, version, {place} from {table} where owner_id = ? and id > ? order by id limit ?", (from_id, last, BATCH)
    ):
        last = batch[-1][0]
        execute_many(
            f"update {table} set owner_id = ?, version = version + 1, updated_at = ? where id = ?",
            [(to_id, step.at, record[0]) for record in batch],
        )
        record_many(
            step,
            EventKind(f"{table}_updated"),
            table,
            [
                (record_id, record_id, {"version": version + 1, **({"stage": stage, "pipeline": pipeline} if table == "lead" else {})})
                for record_id, version, stage, pipeline in batch
            ],
            [{"owner": (from_id, to_id)}] * len(batch),
            of=table,
        )  # fmt: skip
        count += len(batch)
    return count


def _give_tasks(step: Change, from_id: int, to_id: int) -> int:
    """But for those on what the other one may not work on."""
    heir = user_actor_of(to_id)
    assert heir is not None
    count = 0
    for table in RECORD_TYPES:
        found = rows(
            f"select task.id, r.id, r.owner_id from task join {table} r on r.id = task.{table}_id"
            " where task.assignee_id = ? and task.done_at is null and task.deleted_at is null order by task.id",
            (from_id,),
        )
        given = [(task_id, record_id) for task_id, record_id, owner_id in found if may_work_on(heir, owner_id)]
        execute_many(
            "update task set assignee_id = ?, version = version + 1 where id = ?", [(to_id, task_id) for task_id, _ in given]
        )
        for start in range(0, len(given), BATCH):
            part = given[start : start + BATCH]
            events: list[tuple[int, int | None, dict[str, Any]]] = [(task_id, record_id, {}) for task_id, record_id in part]
            record_many(step, EventKind.TASK_CHANGED, "task", events, [{"assignee_id": (from_id, to_id)}] * len(part), of=table)
        count += len(given)
    return count


def empty_stage(step: Change, stage_id: int, to_stage_id: int, *, to_kind: str, reason_id: int | None) -> int:
    """Every lead of a stage, snoozed and deleted ones too, to the bottom of another of the same pipeline; how many.

    `reason_id` is the lost reason of leads that become lost by it.
    """
    found = rows("select max(position) from lead where stage_id = ?", (to_stage_id,))
    position, count = int(found[0][0] or 0), 0
    ordered = rows(
        "select id, version, pipeline_id, position, closed_at, lost_reason_id, lost_to, stage_entered_at"
        " from lead where stage_id = ? order by position",
        (stage_id,),
    )
    for start in range(0, len(ordered), BATCH):
        updates, events, values = [], [], []
        for lead in ordered[start : start + BATCH]:
            position += STEP
            update, data, changed = _moved(step, lead, stage_id, to_stage_id, position, to_kind, reason_id)
            updates.append(update)
            events.append((lead[0], lead[0], data))
            values.append(changed)
        execute_many(
            "update lead set stage_id = ?, position = ?, version = ?, closed_at = ?, lost_reason_id = ?, lost_to = ?,"
            " stage_entered_at = ?, updated_at = ? where id = ?",
            updates,
        )
        record_many(step, EventKind.LEAD_MOVED, "lead", events, values)
        count += len(updates)
    return count


def _moved(
    step: Change, lead: tuple[Any, ...], stage_id: int, to_stage_id: int, position: int, to_kind: str, reason_id: int | None
) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Of one lead: the row of the update, then data and values of the event."""
    lead_id, version, pipeline_id, from_position, closed_at, lost_reason_id, lost_to, entered_at = lead
    after = {
        "stage_id": to_stage_id,
        **_closing(to_kind, step.at, reason_id, closed_at, lost_reason_id, lost_to),
        "stage_entered_at": step.at,
    }
    before = {
        "stage_id": stage_id, "closed_at": closed_at, "lost_reason_id": lost_reason_id, "lost_to": lost_to,
        "stage_entered_at": entered_at,
    }  # fmt: skip
    values = {name: (before[name], value) for name, value in after.items() if before[name] != value}
    data = {
        "version": version + 1, "stage": to_stage_id, "pipeline": pipeline_id,
        "from_stage": stage_id, "from_pipeline": pipeline_id, "from_position": from_position,
    }  # fmt: skip
    update = (
        to_stage_id, position, version + 1, after["closed_at"], after["lost_reason_id"], after["lost_to"], step.at, step.at, lead_id,
    )  # fmt: skip
    return update, data, values


def restate_stage(step: Change, stage_id: int, *, to_kind: str, reason_id: int | None) -> int:
    """Close or open again every lead of a stage that means something else from now on, where they are; how many.

    What they were lost for stays in the log.
    """
    count = last = 0
    while batch := rows(
        "select id, version, pipeline_id, closed_at, lost_reason_id, lost_to from lead where stage_id = ? and id > ? order by id limit ?",
        (stage_id, last, BATCH),
    ):
        last = batch[-1][0]
        updates, events, values = [], [], []
        for lead_id, version, pipeline_id, *before in batch:
            after = _closing(to_kind, step.at, reason_id, *before)
            changed = {name: (was, now) for was, (name, now) in zip(before, after.items(), strict=True) if was != now}
            if changed:
                updates.append((*after.values(), version + 1, step.at, lead_id))
                events.append((lead_id, lead_id, {"version": version + 1, "stage": stage_id, "pipeline": pipeline_id}))
                values.append(changed)
        execute_many(
            "update lead set closed_at = ?, lost_reason_id = ?, lost_to = ?, version = ?, updated_at = ? where id = ?", updates
        )
        record_many(step, EventKind.LEAD_UPDATED, "lead", events, values)
        count += len(updates)
    return count


def _closing(
    to_kind: str, at: int, reason_id: int | None, closed_at: int | None, lost_reason_id: int | None, lost_to: str
) -> dict[str, Any]:
    """What a stage of this kind makes of a lead, in the order of the columns given."""
    is_lost = to_kind == "lost"
    return {
        "closed_at": None if to_kind == "open" else closed_at or at,
        "lost_reason_id": (lost_reason_id or reason_id) if is_lost else None,
        "lost_to": lost_to if is_lost else "",
    }
