"""Reading what a telephone system sends: JSON of any quality in, one checked event out."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from leadboard.api import clean_line, now_ms

KINDS = ("ringing", "answered", "ended", "missed", "voicemail", "recording")
DIRECTIONS = ("inbound", "outbound", "internal")
LONGEST = {"call_id": 200, "from": 60, "to": 60, "agent": 20, "hangup_cause": 60, "recording_url": 2000}
LONGEST_CALL_S = 86_400
# Clocks of telephone systems are set by hand.
AHEAD_MS = 60_000
BEHIND_MS = 30 * 86_400_000
# A variable without a value comes as its own name.
_UNFILLED = re.compile(r"\[\w+\]")


@dataclass(frozen=True)
class Told:
    """One event of one call; texts are empty when the system said nothing. `at` in milliseconds."""

    kind: str
    call_id: str
    direction: str
    number_from: str
    number_to: str
    agent: str
    at: int
    duration_s: int | None
    cause: str
    recording: str
    warnings: list[str] = field(default_factory=list)


class Unreadable(Exception):
    """`status` 400 for what is no JSON object, 422 for one that cannot be a call; `fields` tells why, by field."""

    def __init__(self, status: int, code: str, message: str, **fields: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields


def read_event(body: bytes) -> Told:
    """Raises Unreadable. What is only odd becomes a warning: a call must not be lost for a clock."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(400, "malformed", "The body is not JSON.") from error
    if not isinstance(found, dict):
        raise Unreadable(400, "malformed", "The body is not a JSON object.")
    kind = _text(found, "event", 40)
    if kind not in KINDS:
        raise Unreadable(422, "unknown_event", f"event must be one of: {', '.join(KINDS)}.", event=", ".join(KINDS))
    call_id = _text(found, "call_id", 10_000)
    if not 0 < len(call_id) <= LONGEST["call_id"]:
        raise Unreadable(422, "invalid", "call_id must have 1 to 200 characters.", call_id="1 to 200 characters")
    warnings: list[str] = []
    direction = _text(found, "direction", 20)
    if direction not in {"", *DIRECTIONS}:
        warnings.append("direction")
        direction = ""
    recording = _text(found, "recording_url", LONGEST["recording_url"])
    if recording and not recording.startswith(("https://", "http://")):
        warnings.append("recording_url")
        recording = ""
    return Told(
        kind, call_id, direction, _text(found, "from", LONGEST["from"]), _text(found, "to", LONGEST["to"]),
        _text(found, "agent", LONGEST["agent"]), _moment(found.get("at"), warnings), _seconds(found.get("duration_s"), warnings),
        _text(found, "hangup_cause", LONGEST["hangup_cause"]), recording, warnings,
    )  # fmt: skip


def _text(found: dict[str, Any], name: str, longest: int) -> str:
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = clean_line(str(value)[: longest + 1], 4 * longest)[:longest].strip()
    return "" if _UNFILLED.fullmatch(text) else text


def _moment(value: Any, warnings: list[str]) -> int:
    now = now_ms()
    if value is None or value == "":
        return now
    try:
        at = datetime.fromisoformat(str(value)[:40])
        found = round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        found = -1
    if not now - BEHIND_MS <= found <= now + AHEAD_MS:
        warnings.append("at")
        return now
    return found


def _seconds(value: Any, warnings: list[str]) -> int | None:
    if value is None or value == "" or value == "[Duration]":
        return None
    text = str(value)[:20]
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", text) or float(text) > LONGEST_CALL_S:
        warnings.append("duration_s")
        return None
    return round(float(text))
