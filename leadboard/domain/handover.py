"""Changing very many leads in one statement a step, each with its event: a colleague leaves, a stage goes.

Tens of thousands of leads at once: the rules of update_lead and move_lead written for a whole set.
"""

from collections.abc import Iterator
from typing import Any

from leadboard.db import execute_many, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.positions import STEP
from leadboard.events import Change, EventKind

BATCH = 1000


def give_all_leads(step: Change, from_id: int, to_id: int) -> int:
    """Every lead of one owner, in the bin too, to another; how many. Part of the caller's change."""
    count = 0
    for batch in _leads_of(from_id):
        execute_many(
            "update lead set owner_id = ?, version = version + 1, updated_at = ? where id = ?",
            [(to_id, step.at, lead[0]) for lead in batch],
        )
        record_many(
            step,
            EventKind.LEAD_UPDATED,
            "lead",
            [
                (lead_id, lead_id, {"version": version + 1, "stage": stage_id, "pipeline": pipeline_id})
                for lead_id, version, stage_id, pipeline_id in batch
            ],
            [{"owner": (from_id, to_id)}] * len(batch),
        )
        count += len(batch)
    return count


def _leads_of(owner_id: int) -> Iterator[list[tuple[Any, ...]]]:
    """An owner's leads, batch by batch by id, while the caller gives them away."""
    last = 0
    while True:
        found = rows(
            "select id, version, stage_id, pipeline_id from lead where owner_id = ? and id > ? order by id limit ?",
            (owner_id, last, BATCH),
        )
        if not found:
            return
        last = found[-1][0]
        yield found


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
        "closed_at": None if to_kind == "open" else closed_at or step.at,
        "lost_reason_id": (lost_reason_id or reason_id) if to_kind == "lost" else None,
        "lost_to": lost_to if to_kind == "lost" else "",
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
