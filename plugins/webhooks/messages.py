"""What a message says: ids, and what the endpoint's owner may see of the change. Frozen when it is queued."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leadboard.api import Actor, Event, atomic, enqueue, execute, now_ms, rows

from .endpoints import may_act, stop, visible_lead
from .sending import SEND

# Types of messages by kinds of events. A lead that only changed its place within a stage is told to nobody.
TYPES = {
    "lead_created": "lead.created",
    "lead_updated": "lead.updated",
    "lead_moved": "lead.stage_changed",
    "lead_deleted": "lead.deleted",
    "lead_restored": "lead.restored",
    "note_added": "note.added",
    "activity_logged": "activity.logged",
    "task_added": "task.added",
    "task_completed": "task.completed",
    "import_finished": "import.finished",
}
# Texts that people wrote stay here: a receiver that wants them reads them with a token of its own.
_WITH_VALUES = {"lead.created", "lead.updated", "lead.stage_changed", "task.added", "task.completed"}
BEST_BYTES = 20_000
# Where an event calls a field otherwise than the API does.
_CUSTOM = "fields."
_NAMES = {"owner": "owner_id", "source": "source_id"}


def queue(event: Event) -> int:
    """Put a message for every endpoint that wants it in the queue, once however often the event is told; how many."""
    kind = TYPES.get(event.kind)
    if kind is None or (kind == "lead.stage_changed" and event.data.get("from_stage") == event.data.get("stage")):
        return 0
    count = 0
    for endpoint_id, owner_id, key, wanted in rows(
        "select id, owner_id, key, kinds from p_webhooks_endpoint where is_on and created_at <= ?", (event.at,)
    ):
        if kind not in json.loads(wanted):
            continue
        actor = may_act(owner_id)
        if actor is None:
            stop(endpoint_id, "owner")
            continue
        body = _body(kind, event, actor)
        if body is not None:
            count += put(endpoint_id, f"msg_{key}_{event.id}", kind, body, lead_id=event.lead_id)
    return count


def put(endpoint_id: int, message_id: str, kind: str, body: str, *, lead_id: int | None = None) -> bool:
    """One message in the queue; False when it is there already."""
    now = now_ms()
    with atomic():
        is_new = execute(
            "insert into p_webhooks_delivery (endpoint_id, message_id, kind, lead_id, body, state, tries, next_at, created_at, last_problem)"
            " values (?, ?, ?, ?, ?, 'waiting', 0, ?, ?, '') on conflict (endpoint_id, message_id) do nothing",
            (endpoint_id, message_id, kind, lead_id, body, now, now),
        )
        if is_new:
            enqueue(SEND, key=f"{SEND}:{message_id}")
    return bool(is_new)


def text_of(kind: str, at_ms: int, data: Mapping[str, Any]) -> str:
    """A message as Standard Webhooks has it."""
    return json.dumps({"type": kind, "timestamp": _iso(at_ms), "data": data}, ensure_ascii=False, separators=(",", ":"))


def _body(kind: str, event: Event, actor: Actor) -> str | None:
    """None when it is about a lead that the owner may not see."""
    data: dict[str, Any] = {"event": event.id, "by": {"kind": event.actor_kind, "id": event.actor_id}}
    if event.lead_id is not None:
        lead = visible_lead(event.lead_id, actor)
        if lead is None:
            return None
        data["lead"] = lead
    if event.record_type != "lead":
        data["record"] = {"kind": event.record_type, "id": event.record_id}
    if kind == "import.finished":
        data["counts"] = {name: value for name, value in event.data.items() if isinstance(value, int)}
    if kind in _WITH_VALUES:
        data["changes"] = _changes(event.id)
    text = text_of(kind, event.at, data)
    if len(text.encode()) > BEST_BYTES and "changes" in data:
        data["changes"] = _without_values(data["changes"])
        data["cut"] = True
        text = text_of(kind, event.at, data)
    return text


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _changes(event_id: int) -> dict[str, Any]:
    """{field: {before, after}}, named and written as /api/v1 does: custom fields are in an object of their own."""
    found: dict[str, Any] = {}
    for name, before, after in rows("select field, before, after from event_value where event_id = ? order by id", (event_id,)):
        change = {"before": _value(name, before), "after": _value(name, after)}
        if name.startswith(_CUSTOM):
            found.setdefault("custom_fields", {})[name.removeprefix(_CUSTOM)] = change
        else:
            found[_NAMES.get(name, name)] = change
    return found


def _value(name: str, text: str | None) -> Any:
    value = None if text is None else json.loads(text)
    if name.endswith("_at") and isinstance(value, int):
        return _iso(value)
    return None if value == "" else value


def _without_values(changes: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = dict.fromkeys(changes)
    if "custom_fields" in changes:
        told["custom_fields"] = dict.fromkeys(changes["custom_fields"])
    return told
