"""Calls on the timeline of their lead or contact: one entry a call, completed as more is told."""

from typing import Any

from leadboard.api import (
    SYSTEM,
    Actor,
    NotFound,
    Permission,
    atomic,
    change_activity,
    execute,
    find_contact,
    find_lead,
    log_activity,
    one,
    user_actor_of,
)

from .calls import LOG

__all__ = ["LOG", "log"]


def log(call_id: int) -> None:
    """Write or complete the entry of a call that was answered or is over. The job; safe to run again."""
    with atomic():
        row = one(
            "select direction, state, user_id, rang_at, duration_s, left_message, number, recording, activity_id, left_out, lead_id, contact_id"
            " from p_telephony_hook_call where id = ?",
            (call_id,),
        )
        if row is None or row[1] == "ringing" or row[9]:
            return
        direction, state, user_id, rang_at, duration, left_message, number, recording, activity_id, _, lead_id, contact_id = row
        if lead_id is None and contact_id is None:
            return
        host = {"lead_id": lead_id} if lead_id is not None else {"contact_id": contact_id}
        fields: dict[str, Any] = {
            "direction": "outgoing" if direction == "outbound" else "incoming",
            "outcome": "left_message" if left_message else "no_answer" if state == "missed" else "reached",
            "duration_seconds": None if state == "missed" else duration,
        }
        try:
            if activity_id is not None:
                change_activity(activity_id, actor=SYSTEM, **fields)
                return
            body = "\n\n".join(part for part in (number, recording) if part)
            added = log_activity(
                kind="call", at=rang_at, body=body, actor=_author(user_id, lead_id, contact_id), **host, **fields
            )
        except NotFound:
            return  # who it was is in the bin, or somebody took the entry away: both are meant
        execute("update p_telephony_hook_call set activity_id = ? where id = ?", (added.id, call_id))


def _author(user_id: int | None, lead_id: int | None, contact_id: int | None) -> Actor:
    """Whoever had the call, when that is somebody who sees the lead or contact and may write to it."""
    actor = user_actor_of(user_id) if user_id is not None else None
    if actor is None or not actor.may(Permission.WRITE):
        return SYSTEM
    try:
        if lead_id is not None:
            find_lead(lead_id, actor)
        elif contact_id is not None:
            find_contact(contact_id, actor)
    except NotFound:
        return SYSTEM
    return actor
