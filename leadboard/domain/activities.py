"""Calls that took place, written down."""

from leadboard.domain.lead_rows import load_visible
from leadboard.domain.records import change_record, load_record, touch_lead
from leadboard.errors import N_, NotAllowed, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_text
from leadboard.models.activities import Activity, Direction, Outcome
from leadboard.permissions import Actor, Permission, require

MAX_BODY = 20_000
MAX_CALL_S = 86_400


def log_call(
    lead_id: int,
    *,
    direction: str,
    outcome: str,
    actor: Actor,
    body: str = "",
    duration_seconds: int | None = None,
    at: int | None = None,
) -> int:
    """Write a call down; its id. `at` is in milliseconds, now unless told. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    if direction not in list(Direction):
        raise Refused(N_("Choose whether the call came in or went out."), field="direction")
    if outcome not in list(Outcome):
        raise Refused(N_("Choose how the call ended."), field="outcome")
    if duration_seconds is not None and not 0 <= duration_seconds <= MAX_CALL_S:
        raise Refused(N_("A call lasts between 0 and 24 hours."), field="duration")
    with change(actor, "activity.log") as step:
        load_visible(lead_id, actor)
        text = _body(body)
        activity = Activity.create(
            lead=lead_id, kind="call", at=at or step.at, duration_seconds=duration_seconds, direction=direction, outcome=outcome,
            body=text, author=actor.id if actor.kind == "user" else None, created_at=step.at,
        )  # fmt: skip
        step.record(EventKind.ACTIVITY_LOGGED, "activity", activity.id, lead_id=lead_id)
        touch_lead(step, lead_id)
        return int(activity.id)


def delete_activity(activity_id: int, *, actor: Actor) -> int:
    require(actor, Permission.WRITE)
    with change(actor, "activity.delete") as step:
        activity = load_record("activity", activity_id, actor)
        _own(activity, actor)
        change_record(step, "activity", activity, EventKind.ACTIVITY_DELETED, deleted_at=step.at)
        return step.change_set_id


def revert_activity(step: Change, activity_id: int, fields: dict[str, object], actor: Actor, *, deleted: bool) -> None:
    """Put earlier values back; part of domain/undo.py's change."""
    activity = load_record("activity", activity_id, actor, deleted=deleted)
    _own(activity, actor)
    change_record(step, "activity", activity, EventKind.ACTIVITY_RESTORED if deleted else EventKind.ACTIVITY_CHANGED, **fields)


def _own(activity: dict[str, object], actor: Actor) -> None:
    if activity["author_id"] != actor.id and not actor.may(Permission.DELETE_ANY):
        raise NotAllowed(N_("Only its author or a manager deletes an entry."))


def _body(text: str) -> str:
    try:
        return clean_text(text, MAX_BODY)
    except ValueError as error:
        raise Refused(
            N_("This text has at most %(limit)d characters. Put the rest in a note."), field="body", limit=MAX_BODY
        ) from error
