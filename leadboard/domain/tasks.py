"""Next steps: added, done, postponed, taken back. The record's next_task_* follows in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import execute, one
from leadboard.domain.hosts import Host, host_of, touch
from leadboard.domain.records import Added, change_record, earlier_fields, load_record
from leadboard.domain.search_words import entry_words
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line
from leadboard.models.tasks import Task
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.tasks import may_take

MAX_TITLE = 200


@dataclass(frozen=True)
class NextStep:
    """A step planned together with something else, e.g. the call it came out of."""

    title: str
    due_on: date | None = None
    assignee_id: int | None = None


def add_task(
    lead_id: int | None = None,
    *,
    title: str,
    actor: Actor,
    due_on: date | None = None,
    assignee_id: int | None = None,
    to_owner: bool = False,
    contact_id: int | None = None,
    organisation_id: int | None = None,
) -> Added:
    """Plan a next step with a lead, a contact or an organisation. Raises Refused, NotFound, NotAllowed.

    The assignee is the actor unless told; with `to_owner` the record's owner, as long as that one can take it.
    """
    require(actor, Permission.WRITE)
    with change(actor, "task.add") as step:
        host = host_of(actor, lead_id=lead_id, contact_id=contact_id, organisation_id=organisation_id)
        text = _title(title)
        if assignee_id is not None:
            _check_assignee(assignee_id, host.owner_id)
            who: int | None = assignee_id
        else:
            who = _default_assignee(host.owner_id, actor, to_owner=to_owner)
        task = Task.create(**host.columns, title=text, due_on=due_on, assignee=who, created_at=step.at)
        entry_words("task", task.id, {"title": text})
        step.record(
            EventKind.TASK_ADDED, "task", task.id, **host.columns,
            values={"title": (None, text), "due_on": (None, due_on), "assignee_id": (None, who)}, **host.place,
        )  # fmt: skip
        refresh_next_task(host)
        return Added(int(task.id), step.change_set_id)


def change_task(
    task_id: int,
    *,
    actor: Actor,
    title: str | None = None,
    due_on: date | None = None,
    assignee_id: int | None = None,
    clear_due: bool = False,
    clear_assignee: bool = False,
    version: int | None = None,
) -> int | None:
    """Rename, postpone or hand over an open step; the change set, or None when nothing changed.

    Raises Conflict (details: title, day and assignee as they are now) when somebody changed one of them since `version`.
    """
    require(actor, Permission.WRITE)
    with change(actor, "task.change") as step:
        task = load_record("task", task_id, actor)
        if task["done_at"] is not None:
            raise Refused(N_("This step is done. Reopen it to change it."))
        fields: dict[str, Any] = {}
        if title is not None:
            fields["title"] = _title(title)
        if due_on is not None or clear_due:
            fields["due_on"] = due_on
        if assignee_id is not None or clear_assignee:
            fields["assignee_id"] = assignee_id
        differing = {name for name, value in fields.items() if task[name] != value}
        if "assignee_id" in differing and assignee_id is not None:
            _check_assignee(assignee_id, task["host"].owner_id)
        if differing and version is not None and version != task["version"]:
            raise Conflict(
                N_("Somebody changed this step in the meantime. What you typed is kept: compare and save again."),
                details={name: task[name] for name in ("title", "due_on", "assignee_id")},
            )
        changed = change_record(step, "task", task, EventKind.TASK_CHANGED, fields)
        refresh_next_task(task["host"])
        return step.change_set_id if changed else None


def complete_task(task_id: int, *, actor: Actor) -> int | None:
    """Tick a step off. Doing it twice is no error."""
    require(actor, Permission.WRITE)
    with change(actor, "task.complete") as step:
        task = load_record("task", task_id, actor)
        if task["done_at"] is not None:
            return None
        touched_from = touch(step, task["host"])
        change_record(step, "task", task, EventKind.TASK_COMPLETED, {"done_at": step.at}, touched_from=touched_from)
        refresh_next_task(task["host"])
        return step.change_set_id


def reopen_task(task_id: int, *, actor: Actor) -> int | None:
    """Take the tick away. None when the step was open already."""
    return _set(task_id, actor, "task.reopen", EventKind.TASK_REOPENED, done_at=lambda step: None)


def delete_task(task_id: int, *, actor: Actor) -> int | None:
    """Take a step off the lead; undo brings it back."""
    return _set(task_id, actor, "task.delete", EventKind.TASK_DELETED, deleted_at=lambda step: step.at)


def _set(task_id: int, actor: Actor, verb: str, kind: EventKind, **fields: Any) -> int | None:
    require(actor, Permission.WRITE)
    with change(actor, verb) as step:
        task = load_record("task", task_id, actor)
        changed = change_record(step, "task", task, kind, {name: value(step) for name, value in fields.items()})
        refresh_next_task(task["host"])
        return step.change_set_id if changed else None


def refresh_next_task(host: Host) -> None:
    """Derive the record's next step: its earliest open task, those without a day last."""
    found = one(
        f"select id, due_on from task where {host.record_type}_id = ? and done_at is null and deleted_at is null"  # noqa: S608 - ours
        " order by due_on is null, due_on, id limit 1",
        (host.id,),
    )
    execute(
        f"update {host.record_type} set next_task_id = ?, next_task_on = ? where id = ?",  # noqa: S608 - ours
        (*(found or (None, None)), host.id),
    )


def revert_task(
    step: Change, task_id: int, values: Mapping[str, tuple[Any, Any]], actor: Actor, *, after_event: int, deleted: bool
) -> None:
    """Put earlier values back; part of domain/undo.py's change."""
    task = load_record("task", task_id, actor, deleted=deleted)
    fields = earlier_fields("task", task, values, after_event=after_event)
    kind = EventKind.TASK_CHANGED
    if deleted:
        kind = EventKind.TASK_RESTORED
    elif "done_at" in fields:
        kind = EventKind.TASK_REOPENED if fields["done_at"] is None else EventKind.TASK_COMPLETED
    change_record(step, "task", task, kind, fields)
    refresh_next_task(task["host"])


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


def _default_assignee(owner_id: int | None, actor: Actor, *, to_owner: bool) -> int | None:
    if (to_owner or actor.kind != "user") and owner_id is not None and may_take(owner_id, owner_id):
        return owner_id
    return actor.user_id


def _check_assignee(user_id: int, owner_id: int | None) -> None:
    if not may_take(user_id, owner_id):
        raise Refused(N_("This colleague cannot work on this. Choose another one."), field="assignee")
