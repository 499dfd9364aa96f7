"""Moving a lead: between stages, inside one, to another pipeline, off the board for a while, and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from leadboard.db import as_day, one, rows
from leadboard.domain.lead_rows import load_visible, update_row
from leadboard.domain.leads import update_lead
from leadboard.domain.lists import close_as
from leadboard.domain.positions import find_gap, place, take, take_back
from leadboard.domain.stage_rules import Rule, refuse_entry
from leadboard.domain.tasks import add_task
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line
from leadboard.models.pipelines import StageKind
from leadboard.permissions import SYSTEM, Actor, Permission, require, visible_sql

MAX_SNOOZE_DAYS = 3660
MAX_LOST_TO = 120


@dataclass(frozen=True)
class Loss:
    """Why a lead was lost: asked for before a move into a lost stage is saved. `task` is the step on the day to come back."""

    reason_id: int
    lost_to: str = ""
    come_back_on: date | None = None
    task: str = N_("Come back to this lead")


@dataclass(frozen=True)
class Moved:
    """A finished move. `change_set_id` is None when the card was already there."""

    change_set_id: int | None
    lead_id: int
    title: str
    from_stage_id: int
    to_stage_id: int
    stage_name: str
    stage_kind: str
    version: int


@dataclass(frozen=True)
class Place:
    """Where the database says a lead is: what a refused move goes back to."""

    lead_id: int
    stage_id: int
    stage_name: str
    version: int


_MOVING = (
    "select lead.id, lead.title, lead.pipeline_id, lead.stage_id, lead.position, lead.version, lead.owner_id, lead.snoozed_until,"
    " lead.closed_at, lead.lost_reason_id, lead.lost_to, stage.kind, stage.name, lead.stage_entered_at, stage.leads_to"
    " from lead join stage on stage.id = lead.stage_id where lead.id = ? and "
)
_NAMES = (
    "id", "title", "pipeline_id", "stage_id", "position", "version", "owner_id", "snoozed_until",
    "closed_at", "lost_reason_id", "lost_to", "kind", "stage_name", "stage_entered_at", "stage_leads_to",
)  # fmt: skip
# Columns of a move that undo puts back; the event keeps what they were.
MOVE_COLUMNS = ("pipeline_id", "stage_id", "snoozed_until", "closed_at", "lost_reason_id", "lost_to", "stage_entered_at")


def move_lead(
    lead_id: int,
    *,
    to_stage_id: int,
    actor: Actor,
    board_id: int | None = None,
    before_id: int | None = None,
    after_id: int | None = None,
    version: int | None = None,
    loss: Loss | None = None,
    values: Mapping[str, Any] | None = None,
) -> Moved:
    """Put a lead in a stage: above `before_id`, else below `after_id`, else on top. Raises NotFound, NotAllowed, Refused, Conflict.

    `board_id` is the pipeline whose board it was dropped on: lead and stage must both be of it. `version` is what
    the user saw: a Conflict (its details a Place) only when the stage has changed since. A move into a lost stage
    needs `loss`: Refused names the field lost_reason otherwise. `values` are saved with the move, such as those that the
    stage asks for; Incomplete names every field that it still needs.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.move") as step:
        lead = _load(lead_id, actor)
        stage = one(
            "select s.id, s.name, s.kind, s.pipeline_id, s.needs from stage s join pipeline p on p.id = s.pipeline_id"
            " where s.id = ? and p.archived_at is null",
            (to_stage_id,),
        )
        if stage is None:
            raise Refused(N_("This stage no longer exists. Reload the board."), field="stage")
        if board_id is not None and not board_id == lead["pipeline_id"] == stage[3]:
            raise Refused(N_("This lead or this stage belongs to another pipeline. Reload the board."), field="stage")
        if version is not None and version != lead["version"] and _stage_changed_since(lead_id, version):
            raise Conflict(
                N_("%(title)s was moved to %(stage)s by somebody else in the meantime."),
                details=Place(lead_id, lead["stage_id"], lead["stage_name"], lead["version"]),
                title=lead["title"], stage=lead["stage_name"],
            )  # fmt: skip
        into_lost = stage[2] == StageKind.LOST and lead["kind"] != StageKind.LOST
        if into_lost and loss is None:
            raise Refused(N_("Say why %(title)s was lost."), field="lost_reason", title=lead["title"])
        if values:
            update_lead(lead_id, values, actor=actor)
            lead = _load(lead_id, actor)
        if to_stage_id != lead["stage_id"]:
            left = Rule(lead["stage_id"], lead["pipeline_id"], lead["stage_name"], "", lead["stage_leads_to"])
            # Only a stage that needs something costs the whole row.
            whole = load_visible(lead_id, actor) if stage[4] else lead
            refuse_entry(whole, Rule(stage[0], stage[3], stage[1], stage[4], ""), actor, left=left)
        gap = find_gap(to_stage_id, lead_id=lead_id, before_id=before_id, after_id=after_id)
        if to_stage_id == lead["stage_id"] and lead["snoozed_until"] is None and gap.holds(lead["position"]):
            return _moved(None, lead, lead["version"])
        after = _after_move(lead, stage, loss if into_lost else None, step.at)
        after["position"] = take(to_stage_id, gap, lead_id=lead_id)
        _save_move(step, lead, after)
        if into_lost and loss is not None and loss.come_back_on is not None:
            add_task(lead_id, title=loss.task, due_on=loss.come_back_on, to_owner=True, actor=actor)
        return Moved(
            step.change_set_id, lead_id, lead["title"], lead["stage_id"], to_stage_id, stage[1], stage[2], after["version"]
        )


def _load(lead_id: int, actor: Actor) -> dict[str, Any]:
    condition, params = visible_sql(actor)
    found = one(_MOVING + condition, [lead_id, *params])
    if found is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return _named(found)


def _named(row: tuple[Any, ...]) -> dict[str, Any]:
    lead = dict(zip(_NAMES, row, strict=True))
    lead["snoozed_until"] = as_day(lead["snoozed_until"])
    return lead


def _moved(step: Change | None, lead: dict[str, Any], version: int) -> Moved:
    """What is answered about a lead that stays in its stage; without a step, nothing was written."""
    return Moved(
        step.change_set_id if step is not None else None,
        lead["id"], lead["title"], lead["stage_id"], lead["stage_id"], lead["stage_name"], lead["kind"], version,
    )  # fmt: skip


def _after_move(lead: dict[str, Any], stage: tuple[Any, ...], loss: Loss | None, at: int) -> dict[str, Any]:
    """The lead as it will be, but for its position."""
    after = dict(lead)
    after.update(stage_id=stage[0], pipeline_id=stage[3], snoozed_until=None)
    if stage[0] == lead["stage_id"]:
        if lead["snoozed_until"] is not None:  # it wakes: the time away counts as nothing
            after.update(version=lead["version"] + 1, stage_entered_at=at)
        return after
    after["version"] = lead["version"] + 1
    after["stage_entered_at"] = at
    if stage[2] == StageKind.OPEN:
        after["closed_at"] = None
    elif lead["kind"] != stage[2]:
        after["closed_at"] = at
    if stage[2] != StageKind.LOST:
        after["lost_reason_id"], after["lost_to"] = None, ""
    if loss is not None:
        if one("select 1 from lost_reason where id = ?", (loss.reason_id,)) is None:
            raise Refused(N_("This reason no longer exists. Choose another one."), field="lost_reason")
        after["lost_reason_id"], after["lost_to"] = loss.reason_id, _rival(loss.lost_to)
    return after


def _rival(text: str) -> str:
    try:
        return clean_line(text, MAX_LOST_TO)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field="lost_to", limit=MAX_LOST_TO) from error


def _save_move(step: Change, lead: dict[str, Any], after: dict[str, Any]) -> None:
    columns = {name: after[name] for name in (*MOVE_COLUMNS, "version") if after[name] != lead[name]}
    # Always the position, too: while its neighbours were re-spaced the card was parked elsewhere.
    update_row(lead["id"], {**columns, "position": after["position"], "updated_at": step.at})
    values = {name: (lead[name], after[name]) for name in MOVE_COLUMNS if after[name] != lead[name]}
    step.record(
        EventKind.LEAD_MOVED, "lead", lead["id"], values=values, version=after["version"], stage=after["stage_id"], pipeline=after["pipeline_id"],
        from_stage=lead["stage_id"], from_pipeline=lead["pipeline_id"], from_position=lead["position"],
    )  # fmt: skip


def _stage_changed_since(lead_id: int, version: int) -> bool:
    found = rows(
        "select data from event where lead_id = ? and record_type = 'lead' and kind in ('lead_moved', 'lead_snoozed', 'lead_woken')"
        " order by id desc limit 50",
        (lead_id,),
    )
    changes = [json.loads(row[0]) for row in found]
    return any(data["version"] > version and data.get("from_stage") != data["stage"] for data in changes)


# ---------------------------------------------------------------------------------------------- not now


def snooze_lead(lead_id: int, *, until: date, today: date, actor: Actor) -> Moved:
    """Take a lead off the board until a day; its clocks stop. Raises NotFound, NotAllowed, Refused."""
    require(actor, Permission.WRITE)
    if not today < until <= today + timedelta(days=MAX_SNOOZE_DAYS):
        raise Refused(N_("Choose a day after today and within ten years."), field="until")
    with change(actor, "lead.snooze") as step:
        lead = _load(lead_id, actor)
        if lead["snoozed_until"] == until:
            return _moved(None, lead, lead["version"])
        version = lead["version"] + 1
        update_row(lead_id, {"snoozed_until": until, "version": version, "updated_at": step.at})
        step.record(
            EventKind.LEAD_SNOOZED, "lead", lead_id, values={"snoozed_until": (lead["snoozed_until"], until)}, version=version,
            stage=lead["stage_id"], pipeline=lead["pipeline_id"], from_stage=None, from_position=lead["position"],
        )  # fmt: skip
        return _moved(step, lead, version)


def wake_lead(lead_id: int, *, actor: Actor) -> Moved:
    """Bring a lead back on top of its stage before its day."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.wake") as step:
        lead = _load(lead_id, actor)
        if lead["snoozed_until"] is None:
            return _moved(None, lead, lead["version"])
        return _wake(step, lead)


def wake_due_leads(today: date) -> int:
    """Bring back every lead whose day has come; how many. Run by a periodic job."""
    due = rows(
        "select id from lead where snoozed_until is not null and snoozed_until <= ? order by snoozed_until, id limit 500",
        (today.isoformat(),),
    )
    for (lead_id,) in due:
        with change(SYSTEM, "lead.wake") as step:
            found = one(_MOVING + "lead.snoozed_until <= ?", (lead_id, today.isoformat()))
            if found is not None:
                _wake(step, _named(found))
    return len(due)


def _wake(step: Change, lead: dict[str, Any]) -> Moved:
    version = lead["version"] + 1
    update_row(lead["id"], {
        "snoozed_until": None, "position": place(lead["stage_id"], lead_id=lead["id"]), "version": version,
        # The time away does not count as time in the stage or without contact.
        "stage_entered_at": step.at, "last_touch_at": step.at, "updated_at": step.at,
    })  # fmt: skip
    step.record(
        EventKind.LEAD_WOKEN, "lead", lead["id"], version=version, stage=lead["stage_id"], pipeline=lead["pipeline_id"],
        from_stage=None, from_position=lead["position"],
        values={"snoozed_until": (lead["snoozed_until"], None), "stage_entered_at": (lead["stage_entered_at"], step.at)},
    )  # fmt: skip
    return _moved(step, lead, version)


def put_back(lead_id: int, *, columns: dict[str, Any], position: int | None, actor: Actor) -> None:
    """Undo of a move: the old stage and the old place, or the one beside it. Part of domain/undo.py's change. Raises Conflict."""
    with change(actor, "lead.move") as step:
        lead = _load(lead_id, actor)
        after = {**lead, **columns, "version": lead["version"] + 1}
        after["snoozed_until"] = as_day(after["snoozed_until"])
        stage = one("select pipeline_id, kind from stage where id = ?", (after["stage_id"],))
        if stage is None:
            raise Conflict(N_("The stage that %(title)s came from is gone. It stays where it is."), title=lead["title"])
        after["pipeline_id"] = stage[0]
        close_as(stage[1], after, at=step.at, actor=actor)
        if position is not None:
            after["position"] = take_back(after["stage_id"], position, lead_id=lead_id)
        else:
            after["position"] = place(after["stage_id"], lead_id=lead_id)
        _save_move(step, lead, after)
