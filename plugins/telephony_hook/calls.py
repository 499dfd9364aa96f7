"""Calls, put together from events in any order and any number: what is known of one only grows."""

from dataclasses import dataclass
from typing import Any

from leadboard.api import (
    SYSTEM,
    atomic,
    enqueue,
    execute,
    find_contacts_by_phone,
    find_leads_by_phone,
    now_ms,
    number_key,
    one,
    rows,
    settings_for,
)

from .told import Told

LOG = "telephony_hook.log"
# Numbers this short are extensions.
LONGEST_EXTENSION = 5
OVER = {"ended", "missed", "voicemail"}
# An answered call whose end was never told.
FORGOTTEN_MS = 12 * 3_600_000
KEEP_MS = 90 * 86_400_000
BATCH = 200


@dataclass(frozen=True)
class Taken:
    """Where an event went; `is_duplicate` when it was there already."""

    call_id: int
    is_duplicate: bool


def take(told: Told, raw: str) -> Taken:
    """Keep an event and what follows from it, in one transaction."""
    with atomic():
        made = one("select id from p_telephony_hook_call where source_key = ?", (told.call_id,)) or one(
            "insert into p_telephony_hook_call (source_key, direction, state, number, number_key, extension, rang_at, left_message, left_out,"
            " cause, recording) values (?, '', 'ringing', '', '', '', ?, 0, 0, '', '') returning id",
            (told.call_id, told.at),
        )
        assert made is not None
        call_id = int(made[0])
        is_new = execute(
            "insert into p_telephony_hook_event (call_id, kind, at, received_at, body) values (?, ?, ?, ?, ?)"
            " on conflict (call_id, kind) do nothing",
            (call_id, told.kind, told.at, now_ms(), raw),
        )
        if is_new:
            _fill(call_id, told)
            settle(call_id)
        return Taken(call_id, not is_new)


def _fill(call_id: int, told: Told) -> None:
    """Put what this event says where nothing was said before; who answered counts more than who was rung."""
    row = one(
        "select direction, number, extension, cause, recording, duration_s from p_telephony_hook_call where id = ?", (call_id,)
    )
    assert row is not None
    direction, number, extension, cause, recording, duration = row
    said = told.direction or _direction_of(told)
    direction = direction or said
    other, own = (told.number_to, told.number_from) if direction == "outbound" else (told.number_from, told.number_to)
    agent = told.agent or (own if _is_extension(own) else "")
    if agent and (not extension or told.kind == "answered"):
        extension = agent
    is_first_number = not number and bool(other)
    number = number or other
    user = one("select user_id from p_telephony_hook_extension where number = ?", (extension,)) if extension else None
    values: dict[str, Any] = {
        "direction": direction, "number": number, "extension": extension[:20], "user_id": user[0] if user else None,
        "cause": cause or told.cause, "recording": recording or told.recording,
        "duration_s": duration if told.duration_s is None else told.duration_s,
    }  # fmt: skip
    if is_first_number or (direction == "internal" and not row[0]):
        values |= _about(number, direction)
    sets = ", ".join(f"{name} = ?" for name in values)
    execute(f"update p_telephony_hook_call set {sets} where id = ?", [*values.values(), call_id])  # noqa: S608 - columns of our own


def _direction_of(told: Told) -> str:
    """Of a system that does not say it: who has the short number is one of us."""
    if not told.number_from and not told.number_to:
        return ""
    ours = (_is_extension(told.number_from), _is_extension(told.number_to))
    return "internal" if ours == (True, True) else "outbound" if ours == (True, False) else "inbound"


def _about(number: str, direction: str) -> dict[str, Any]:
    """Whose number it is. Exactly one lead, else exactly one contact, else nobody: a wrong guess is worse than a question."""
    key = number_key(number)[:40]
    ignored = {number_key(line) for line in settings_for("telephony_hook").ignored.splitlines() if line.strip()}
    left_out = direction == "internal" or _is_extension(number) or (bool(key) and key in ignored)
    leads = find_leads_by_phone(number, SYSTEM) if key and not left_out else []
    contacts = find_contacts_by_phone(number, SYSTEM) if key and not left_out and len(leads) != 1 else []
    return {
        "number_key": key, "left_out": int(left_out), "lead_id": leads[0].id if len(leads) == 1 else None,
        "contact_id": contacts[0].id if len(contacts) == 1 else None,
    }  # fmt: skip


def _is_extension(number: str) -> bool:
    return 0 < len(number) <= LONGEST_EXTENSION and number.isascii() and number.isdecimal()


def settle(call_id: int) -> None:
    """Work the state out of all events so far. A late ringing reopens nothing; an end needs no answer before it."""
    told = dict(rows("select kind, at from p_telephony_hook_event where call_id = ?", (call_id,)))
    row = one("select rang_at, duration_s, over_at from p_telephony_hook_call where id = ?", (call_id,))
    assert row is not None
    rang_at, duration, over_at = row
    answered_at = told.get("answered")
    ends = [told[kind] for kind in OVER if kind in told]
    left_message = "voicemail" in told
    was_answered = answered_at is not None or (bool(duration) and not left_message and "missed" not in told)
    if ends:
        over_at = min(ends)
    elif answered_at is not None and rang_at > now_ms() - FORGOTTEN_MS:
        over_at = None  # it rang longer than anybody waits, and then somebody answered
    if over_at is not None:
        state = "ended" if was_answered else "missed"
    else:
        state = "talking" if was_answered else "ringing"
    if duration is None and answered_at is not None and ends:
        duration = max(0, (over_at - answered_at) // 1000)
    execute(
        "update p_telephony_hook_call set state = ?, rang_at = ?, answered_at = ?, over_at = ?, duration_s = ?, left_message = ? where id = ?",
        (state, min([rang_at, *told.values()]), answered_at, over_at, duration, int(left_message), call_id),
    )
    enqueue(LOG, key=f"{LOG}:{call_id}:{state}:{len(told)}:{over_at or 0}", call_id=call_id)


def close_forgotten() -> int:
    """End calls whose end was never told: those that only rang, and those that were answered half a day ago. The job."""
    now, count = now_ms(), 0
    ring_ms = 1000 * settings_for("telephony_hook").ring_seconds
    for call_id, _ in rows(
        "select id, state from p_telephony_hook_call where state = 'ringing' and rang_at < ? or state = 'talking' and rang_at < ?"
        " order by id limit ?",
        (now - ring_ms, now - FORGOTTEN_MS, BATCH),
    ):
        with atomic():
            if execute(
                "update p_telephony_hook_call set over_at = ?, cause = case when cause = '' then 'no end told' else cause end"
                " where id = ? and over_at is null",
                (now, call_id),
            ):
                settle(call_id)
                count += 1
    return count


def sweep() -> int:
    """Forget calls after ninety days, the timeline keeps them; how many. The job of every day."""
    return execute("delete from p_telephony_hook_call where rang_at < ?", (now_ms() - KEEP_MS,))
