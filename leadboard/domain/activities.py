"""What took place with a lead, a contact or an organisation, written down: calls, and whatever else an activity type names."""

from collections.abc import Mapping
from typing import Any

from leadboard.db import now_ms
from leadboard.domain.hosts import Host, host_of, touch
from leadboard.domain.records import Added, change_record, earlier_fields, load_record
from leadboard.domain.search_words import entry_words
from leadboard.domain.tasks import NextStep, add_task
from leadboard.errors import N_, NotAllowed, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line, clean_text
from leadboard.models.activities import Activity, Direction, Outcome
from leadboard.permissions import Actor, Permission, may_change_entry, require
from leadboard.pluginhost.registry import registry

MAX_BODY = 20_000
MAX_SUBJECT = 200
CALL = "call"
MAX_CALL_S = 86_400
CLOCK_SKEW_MS = 120_000


def log_call(
    lead_id: int | None = None,
    *,
    direction: str,
    outcome: str,
    actor: Actor,
    body: str = "",
    duration_seconds: int | None = None,
    at: int | None = None,
    next_step: NextStep | None = None,
    contact_id: int | None = None,
    organisation_id: int | None = None,
) -> Added:
    """log_activity() of a call, which has a direction and an outcome."""
    if direction not in list(Direction):
        raise Refused(N_("Choose whether the call came in or went out."), field="direction")
    if outcome not in list(Outcome):
        raise Refused(N_("Choose how the call ended."), field="outcome")
    return log_activity(
        lead_id, kind=CALL, direction=direction, outcome=outcome, body=body, duration_seconds=duration_seconds, at=at,
        next_step=next_step, actor=actor, contact_id=contact_id, organisation_id=organisation_id,
    )  # fmt: skip


def log_activity(
    lead_id: int | None = None,
    *,
    kind: str,
    actor: Actor,
    subject: str = "",
    body: str = "",
    direction: str = "",
    outcome: str = "",
    duration_seconds: int | None = None,
    at: int | None = None,
    next_step: NextStep | None = None,
    contact_id: int | None = None,
    organisation_id: int | None = None,
) -> Added:
    """Write down what took place, and in the same change the step that came out of it. Raises Refused, NotFound, NotAllowed.

    `kind` is the key of an ActivityType; `at` is in milliseconds, now unless told. A refusal about the step names its field
    with "next_" in front.
    """
    require(actor, Permission.WRITE)
    if kind not in registry().by_key("register_activity_types"):
        raise Refused(N_("Nobody knows activities of the kind %(kind)s here."), field="kind", kind=kind)
    if direction not in {"", *Direction} or outcome not in {"", *Outcome}:
        raise Refused(N_("Choose how it went."), field="outcome")
    if duration_seconds is not None and not 0 <= duration_seconds <= MAX_CALL_S:
        raise Refused(N_("A call lasts between 0 and 24 hours."), field="duration")
    if at is not None and at > now_ms() + CLOCK_SKEW_MS:
        raise Refused(N_("A call that is still to come is a next step."), field="at")
    with change(actor, "activity.log") as step:
        host = host_of(actor, lead_id=lead_id, contact_id=contact_id, organisation_id=organisation_id)
        text = _body(body)
        activity = Activity.create(
            **host.columns, kind=kind, at=at or step.at, duration_seconds=duration_seconds, direction=direction, outcome=outcome,
            subject=_subject(subject), body=text, author=actor.user_id, created_at=step.at,
        )  # fmt: skip
        entry_words("activity", activity.id, {"subject": activity.subject, "body": text})
        touched_from = touch(step, host)
        step.record(EventKind.ACTIVITY_LOGGED, "activity", activity.id, **host.columns, **host.place, touched_from=touched_from)
        if next_step is not None:
            _add_next_step(host, next_step, actor)
        return Added(int(activity.id), step.change_set_id)


def change_activity(activity_id: int, *, actor: Actor, **fields: Any) -> int | None:
    """Complete an entry, e.g. a call that has ended: at, duration_seconds, direction, outcome, subject, body.

    The change set, or None when nothing differs. Raises Refused, NotFound, NotAllowed.
    """
    require(actor, Permission.WRITE)
    with change(actor, "activity.change") as step:
        activity = load_record("activity", activity_id, actor)
        if actor.user_id is not None:
            _own(activity, actor)
        if "body" in fields:
            fields["body"] = _body(fields["body"])
        if "subject" in fields:
            fields["subject"] = _subject(fields["subject"])
        change_record(step, "activity", activity, EventKind.ACTIVITY_CHANGED, fields)
        return step.change_set_id if step.recorded else None


def _add_next_step(host: Host, next_step: NextStep, actor: Actor) -> None:
    try:
        add_task(**host.columns, title=next_step.title, due_on=next_step.due_on, assignee_id=next_step.assignee_id, actor=actor)
    except Refused as refusal:
        refusal.field = f"next_{refusal.field}"
        raise


def delete_activity(activity_id: int, *, actor: Actor) -> int:
    """Take an entry away; undo brings it back. Its author may, and managers."""
    require(actor, Permission.WRITE)
    with change(actor, "activity.delete") as step:
        activity = load_record("activity", activity_id, actor)
        _own(activity, actor)
        change_record(step, "activity", activity, EventKind.ACTIVITY_DELETED, {"deleted_at": step.at})
        return step.change_set_id


def revert_activity(
    step: Change, activity_id: int, values: Mapping[str, tuple[Any, Any]], actor: Actor, *, after_event: int, deleted: bool
) -> None:
    """Put earlier values back; part of domain/undo.py's change."""
    activity = load_record("activity", activity_id, actor, deleted=deleted)
    _own(activity, actor)
    fields = earlier_fields("activity", activity, values, after_event=after_event)
    change_record(step, "activity", activity, EventKind.ACTIVITY_RESTORED if deleted else EventKind.ACTIVITY_CHANGED, fields)


def _own(activity: Mapping[str, Any], actor: Actor) -> None:
    if not may_change_entry(actor, activity["author_id"]):
        raise NotAllowed(N_("Only its author or a manager deletes an entry."))


def _subject(text: str) -> str:
    """One line of at most 200 characters; the subject of a mail is cut, not refused."""
    return clean_line(text[:MAX_SUBJECT], MAX_SUBJECT)


def _body(text: str) -> str:
    try:
        return clean_text(text, MAX_BODY)
    except ValueError as error:
        raise Refused(
            N_("This text has at most %(limit)d characters. Put the rest in a note."), field="body", limit=MAX_BODY
        ) from error
