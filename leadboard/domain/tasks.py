"""Next steps: added, done, postponed, taken back. The lead's next_task_* follows in the same transaction."""

from datetime import date

from leadboard.db import as_day, execute, one
from leadboard.domain.lead_rows import load_visible
from leadboard.domain.records import change_record, load_record, touch_lead
from leadboard.errors import N_, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line
from leadboard.models.tasks import Task
from leadboard.permissions import Actor, Permission, require

MAX_TITLE = 200


def add_task(lead_id: int, *, title: str, actor: Actor, due_on: date | None = None, assignee_id: int | None = None) -> int:
    """Plan a next step; its id. The assignee is the actor unless told. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "task.add") as step:
        lead = load_visible(lead_id, actor)
        text = _title(title)
        who = assignee_id if assignee_id is not None else (actor.id if actor.kind == "user" else lead["owner_id"])
        _check_assignee(who)
        task = Task.create(lead=lead_id, title=text, due_on=due_on, assignee=who, created_at=step.at)
        step.record(
            EventKind.TASK_ADDED, "task", task.id, lead_id=lead_id,
            values={"title": (None, text), "due_on": (None, due_on), "assignee_id": (None, who)}, stage=lead["stage_id"], pipeline=lead["pipeline_id"],
        )  # fmt: skip
        refresh_next_task(lead_id)
        return int(task.id)


def change_task(
    task_id: int,
    *,
    actor: Actor,
    title: str | None = None,
    due_on: date | None = None,
    assignee_id: int | None = None,
    clear_due: bool = False,
) -> int | None:
    """Rename, postpone or hand over an open step; the change set, or None when nothing changed."""
    require(actor, Permission.WRITE)
    with change(actor, "task.change") as step:
        task = load_record("task", task_id, actor)
        fields: dict[str, object] = {}
        if title is not None:
            fields["title"] = _title(title)
        if due_on is not None or clear_due:
            fields["due_on"] = due_on
        if assignee_id is not None:
            _check_assignee(assignee_id)
            fields["assignee_id"] = assignee_id
        task["due_on"] = as_day(task["due_on"])
        changed = change_record(step, "task", task, EventKind.TASK_CHANGED, **fields)
        refresh_next_task(task["lead_id"])
        return step.change_set_id if changed else None


def complete_task(task_id: int, *, actor: Actor) -> int | None:
    """Tick a step off. Doing it twice is no error."""
    require(actor, Permission.WRITE)
    with change(actor, "task.complete") as step:
        task = load_record("task", task_id, actor)
        if task["done_at"] is not None:
            return None
        change_record(step, "task", task, EventKind.TASK_COMPLETED, done_at=step.at)
        touch_lead(step, task["lead_id"])
        refresh_next_task(task["lead_id"])
        return step.change_set_id


def reopen_task(task_id: int, *, actor: Actor) -> int | None:
    require(actor, Permission.WRITE)
    return _set(task_id, actor, "task.reopen", EventKind.TASK_REOPENED, done_at=None)


def delete_task(task_id: int, *, actor: Actor) -> int | None:
    require(actor, Permission.WRITE)
    with change(actor, "task.delete") as step:
        return _set(task_id, actor, "task.delete", EventKind.TASK_DELETED, deleted_at=step.at)


def _set(task_id: int, actor: Actor, verb: str, kind: EventKind, **fields: object) -> int | None:
    with change(actor, verb) as step:
        task = load_record("task", task_id, actor)
        changed = change_record(step, "task", task, kind, **fields)
        refresh_next_task(task["lead_id"])
        return step.change_set_id if changed else None


def refresh_next_task(lead_id: int) -> None:
    """Derive the lead's next step: its earliest open task, those without a day last."""
    found = one(
        "select id, due_on from task where lead_id = ? and done_at is null and deleted_at is null order by due_on is null, due_on, id limit 1",
        (lead_id,),
    )
    execute("update lead set next_task_id = ?, next_task_on = ? where id = ?", (*(found or (None, None)), lead_id))


def revert_task(step: Change, task_id: int, fields: dict[str, object], actor: Actor, *, deleted: bool) -> None:
    """Put earlier values back; part of domain/undo.py's change."""
    task = load_record("task", task_id, actor, deleted=deleted)
    kind = EventKind.TASK_RESTORED if deleted else EventKind.TASK_CHANGED
    change_record(step, "task", task, kind, **fields)
    refresh_next_task(task["lead_id"])


def _title(text: str) -> str:
    try:
        title = clean_line(text, MAX_TITLE)
    except ValueError as error:
        raise Refused(
            N_("A next step has at most %(limit)d characters. Put the rest in a note."), field="title", limit=MAX_TITLE
        ) from error
    if not title:
        raise Refused(N_("Say what to do, e.g. Call about the offer."), field="title")
    return title


def _check_assignee(user_id: int | None) -> None:
    if user_id is not None and one('select 1 from "user" where id = ? and is_active', (user_id,)) is None:
        raise Refused(N_("This colleague no longer exists. Choose another one."), field="assignee")
