"""What a message says: ids, and what the endpoint's owner may see of the change. Frozen when it is queued."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leadboard.api import Actor, Event, atomic, enqueue, execute, now_ms, rows

from .endpoints import RECORDS, may_act, stop, visible_record
from .sending import SEND

# Types of messages by kinds of events. A lead that only changed its place within a stage is told to nobody.
TYPES = {
    **{f"{record}_{kind}": f"{record}.{kind}" for record in RECORDS for kind in ("created", "updated", "deleted", "restored")},
    "lead_moved": "lead.stage_changed",
    "lead_converted": "lead.converted",
    "note_added": "note.added",
    "activity_logged": "activity.logged",
    "task_added": "task.added",
    "task_completed": "task.completed",
    "import_finished": "import.finished",
}
# These kinds of events are the same for every record, and of another type for each.
_OF_EACH = {
    "points_changed": "updated", "record_linked": "linked", "employment_changed": "linked", "record_merged": "merged", "record_split": "split",
}  # fmt: skip
# Texts that people wrote stay here: a receiver that wants them reads them with a token of its own.
_WITH_VALUES = {"task.added", "task.completed", "lead.stage_changed"} | {
    f"{record}.{kind}" for record in RECORDS for kind in ("created", "updated", "linked")
}
BEST_BYTES = 20_000
# Where an event calls a field otherwise than the API does.
_CUSTOM = "fields."
_NAMES = {name: f"{name}_id" for name in ("owner", "source", "organisation", "parent")} | {"points": "contact_points"}


def queue(event: Event) -> int:
    """Put a message for every endpoint that wants it in the queue, once however often the event is told; how many."""
    kind = TYPES.get(event.kind)
    if event.kind in _OF_EACH:
        kind = f"{event.record_type}.{_OF_EACH[event.kind]}"
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
        seen = _seen_records(event, actor)
        if seen is not None:
            ids = {f"{record_type}_id": record["id"] for record_type, record in seen.items()}
            count += put(endpoint_id, f"msg_{key}_{event.id}", kind, _body(kind, event, seen), **ids)
    return count


def put(endpoint_id: int, message_id: str, kind: str, body: str, **ids: int | None) -> bool:
    """One message in the queue; False when it is there already. `ids` are the lead_id, contact_id, organisation_id that it tells of."""
    now = now_ms()
    with atomic():
        is_new = execute(
            "insert into p_webhooks_delivery (endpoint_id, message_id, kind, lead_id, contact_id, organisation_id, body, state, tries, next_at,"
            " created_at, last_problem) values (?, ?, ?, ?, ?, ?, ?, 'waiting', 0, ?, ?, '') on conflict (endpoint_id, message_id) do nothing",
            (endpoint_id, message_id, kind, *(ids.get(f"{record}_id") for record in RECORDS), body, now, now),
        )
        if is_new:
            enqueue(SEND, key=f"{SEND}:{message_id}")
    return bool(is_new)


def text_of(kind: str, at_ms: int, data: Mapping[str, Any]) -> str:
    """A message as Standard Webhooks has it."""
    return json.dumps({"type": kind, "timestamp": _iso(at_ms), "data": data}, ensure_ascii=False, separators=(",", ":"))


def _seen_records(event: Event, actor: Actor) -> dict[str, dict[str, Any]] | None:
    """{record type: the record} of those that the event belongs to and the owner sees; None when it is about one that they do not see.

    Another one that it only names, as a conversion names the contact, is left out.
    """
    ids = {"lead": event.lead_id, "contact": event.contact_id, "organisation": event.organisation_id}
    named = {record_type: record_id for record_type, record_id in ids.items() if record_id is not None}
    found = {record_type: visible_record(record_type, record_id, actor) for record_type, record_id in named.items()}
    about = [event.record_type] if event.record_type in named else list(named)
    if any(found[record_type] is None for record_type in about):
        return None
    return {record_type: record for record_type, record in found.items() if record is not None}


def _body(kind: str, event: Event, seen: Mapping[str, Mapping[str, Any]]) -> str:
    data: dict[str, Any] = {"event": event.id, "by": {"kind": event.actor_kind, "id": event.actor_id}, **seen}
    if event.kind in {"record_merged", "record_split"}:
        data["other"] = {"kind": event.record_type, "id": event.data["other"]}
    if event.record_type not in RECORDS:
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
    if name == "points":
        return [dict(zip(("kind", "text", "label"), point, strict=True)) for point in value or ()]
    return None if value == "" else value


def _without_values(changes: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = dict.fromkeys(changes)
    if "custom_fields" in changes:
        told["custom_fields"] = dict.fromkeys(changes["custom_fields"])
    return told
