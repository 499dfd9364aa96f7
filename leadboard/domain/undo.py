"""Taking an action back from its events: what was, is written again, as a new action of its own.

A field that somebody changed since stays as it is, and the answer says who changed it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadboard.db import execute, one, rows
from leadboard.domain import activities, field_rewrites, notes, tasks
from leadboard.domain.custom_fields import revert_field
from leadboard.domain.custom_values import value_of
from leadboard.domain.first_contacts import drop_absent
from leadboard.domain.hosts import Host, host_of, untouch
from leadboard.domain.lead_rows import load_visible
from leadboard.domain.leads import delete_leads, restore_leads, update_lead
from leadboard.domain.linking import revert_refusal
from leadboard.domain.merging import split_record
from leadboard.domain.moves import MOVE_COLUMNS, put_back
from leadboard.domain.parties import delete_parties, restore_parties, update_party
from leadboard.domain.points import revert_points
from leadboard.domain.record_rows import TABLES
from leadboard.domain.record_rows import load_visible as load_party
from leadboard.domain.relations import revert_employment, revert_links
from leadboard.domain.stage_deleting import deletion_in, restore_stage
from leadboard.domain.tags import revert_tags
from leadboard.domain.versions import fields_changed_since
from leadboard.domain.views import revert_view
from leadboard.errors import N_, Conflict, NotAllowed, NotFound, Refused
from leadboard.events import Change, EventKind, change, decode, encode
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import RECORD_TYPES, RecordField
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.custom_fields import custom_fields


@dataclass(frozen=True)
class PastEvent:
    id: int
    change_set_id: int
    at: int
    kind: str
    record_type: str
    record_id: int
    hosts: dict[str, int | None]
    data: dict[str, Any]
    values: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Undone:
    """`change_set_id` is the undo itself; `kept` counts what others changed since and stays."""

    change_set_id: int
    count: int
    kept: int
    lead_id: int | None


def undo_change(change_set_id: int, *, actor: Actor) -> Undone:
    """Take back what one action did. Raises NotFound, NotAllowed, Refused (already taken back), Conflict (all changed since)."""
    with change(actor, "undo") as step:
        kind = check_undoable(change_set_id, actor)
        if kind in field_rewrites.KINDS:
            begun = field_rewrites.take_back(change_set_id, actor=actor)
            execute("update change_set set undone_at = ? where id = ?", (step.at, change_set_id))
            return Undone(begun.change_set_id, 1, 0, None)
        deletion = deletion_in(change_set_id)
        if deletion is not None:
            restored = restore_stage(step, deletion, actor)
            execute("update change_set set undone_at = ? where id = ?", (step.at, change_set_id))
            return Undone(step.change_set_id, restored.done + 1, restored.kept, None)
        # A tag that was made by typing it on a lead stays for the others.
        events = [
            event
            for event in _events("change_set_id = ?", [change_set_id]).values()
            if (event.kind, event.record_type) != (EventKind.LIST_CHANGED, "tag")
        ]
        if not events or any(event.kind not in INVERSES for event in events):
            raise Refused(N_("This cannot be taken back."))
        done, kept, last = 0, 0, None
        for event in reversed(events):
            try:
                take_back(step, event, actor)
                done += 1
            except (Conflict, NotFound) as error:
                kept, last = kept + 1, error
        if done == 0 and last is not None:
            raise last
        drop_absent(step, _firms_of(events))
        execute("update change_set set undone_at = ? where id = ?", (step.at, change_set_id))
        leads = {event.record_id for event in events if event.record_type == "lead"}
        return Undone(step.change_set_id, done, kept, leads.pop() if len(leads) == 1 else None)


def check_undoable(change_set_id: int, actor: Actor) -> str:
    """The kind of an action that can be taken back. Raises NotFound, Refused (already taken back), NotAllowed.

    Inside the transaction of the undo, so that it stays true.
    """
    require(actor, Permission.WRITE)
    found = one("select actor_kind, user_id, undone_at, kind from change_set where id = ?", (change_set_id,))
    if found is None:
        raise NotFound(N_("This action is not known any more."))
    if found[2] is not None:
        raise Refused(N_("This was undone already."))
    if not (found[1] == actor.id or actor.may(Permission.DELETE_ANY)):
        raise NotAllowed(N_("Only whoever did it, or a manager, takes it back."))
    return str(found[3])


def take_back(step: Change, event: PastEvent, actor: Actor) -> None:
    """Undo one event, as a part of the caller's change. Raises Conflict, NotFound when it stays as it is."""
    INVERSES[event.kind](step, event, actor)
    _untouch(event)


def past_events(event_ids: Sequence[int]) -> dict[int, PastEvent]:
    """These events by their ids. Two statements."""
    return _events(f"id in ({', '.join('?' * len(event_ids))})", event_ids)


def _events(condition: str, params: Sequence[int]) -> dict[int, PastEvent]:
    found = rows(
        "select id, at, kind, record_type, record_id, data, lead_id, contact_id, organisation_id, change_set_id"  # noqa: S608 - places only
        f" from event where {condition} order by id",
        params,
    )
    values: dict[int, dict[str, tuple[Any, Any]]] = {}
    for event_id, field, before, after in rows(
        f"select event_id, field, before, after from event_value where event_id in (select id from event where {condition})",  # noqa: S608 - places only
        params,
    ):
        values.setdefault(event_id, {})[field] = (decode(before), decode(after))
    return {
        row[0]: PastEvent(
            row[0],
            row[9],
            row[1],
            row[2],
            row[3],
            row[4],
            dict(zip(RECORD_TYPES, row[6:9], strict=True)),
            json.loads(row[5]),
            values.get(row[0], {}),
        )
        for row in found
    }


def _firms_of(events: list[PastEvent]) -> set[int | None]:
    """The organisations that somebody may have left by taking these back."""
    found: set[int | None] = set()
    for event in events:
        if event.kind == EventKind.CONTACT_UPDATED:
            found.update(event.values.get("organisation", ()))
        elif event.kind == EventKind.EMPLOYMENT_CHANGED:
            found.add(event.data["organisation"])
        elif event.kind == EventKind.RECORD_MERGED and event.record_type == "organisation":
            found.update((event.record_id, event.data["other"]))
        elif event.kind == EventKind.RECORD_MERGED:
            found.update(event.data["moved"].get("organisation.primary_contact_id", ()))
        elif event.record_type == "organisation":
            found.add(event.record_id)
    return found


def _lead_updated(step: Change, event: PastEvent, actor: Actor) -> None:
    changed_since = _values_changed_since(step, event, load_visible(event.record_id, actor), LEAD_FIELDS)
    # A custom field that nobody can change now stays as it is.
    known = {*LEAD_FIELDS, *custom_fields().editable}
    fields = {name: before for name, (before, _) in event.values.items() if name in known and name not in changed_since}
    if not fields:
        raise _changed_by(next((changed_since[name] for name in event.values if name in changed_since), ""))
    update_lead(event.record_id, {name: "" if value is None else value for name, value in fields.items()}, actor=actor)


def _lead_moved(step: Change, event: PastEvent, actor: Actor) -> None:
    lead = load_visible(event.record_id, actor)
    changed_since = _changed_since(step, event)
    by = next((changed_since[name] for name in ("stage_id", "snoozed_until") if name in changed_since), None)
    if by is not None or lead["stage_id"] != event.data["stage"]:
        if by:
            raise Conflict(N_("%(title)s was moved again since by %(by)s. It stays where it is."), title=lead["title"], by=by)
        raise Conflict(N_("%(title)s was moved again since. It stays where it is."), title=lead["title"])
    columns = {name: event.values[name][0] for name in MOVE_COLUMNS if name in event.values}
    put_back(event.record_id, columns=columns, position=event.data.get("from_position"), actor=actor)


def _changed_since(step: Change, event: PastEvent) -> dict[str, str]:
    """{field: who} of what was changed after the event, by others than this action and its undo."""
    return fields_changed_since(
        event.record_type, event.record_id, event.data["version"], apart_from={event.change_set_id, step.change_set_id}
    )


def _values_changed_since(
    step: Change, event: PastEvent, row: Mapping[str, Any], fields: Mapping[str, RecordField]
) -> dict[str, str]:
    """As _changed_since(), but for what is again as the event left it: a later change of it was taken back itself."""
    found = _changed_since(step, event)
    for name, (_, after) in event.values.items():
        now = decode(encode(row[fields[name].column])) if name in fields else value_of(row, name)
        if now == after or (now in (None, "") and after in (None, "")):
            found.pop(name, None)
    return found


def _changed_by(name: str) -> Conflict:
    if name:
        return Conflict(N_("%(by)s changed it since. Nothing was taken back."), by=name)
    return Conflict(N_("It was changed since. Nothing was taken back."))


def _lead_created(step: Change, event: PastEvent, actor: Actor) -> None:
    load_visible(event.record_id, actor)  # delete_leads() passes over what is hidden or gone already
    delete_leads([event.record_id], actor=actor)


def _lead_deleted(step: Change, event: PastEvent, actor: Actor) -> None:
    load_visible(event.record_id, actor, deleted=True)
    restore_leads([event.record_id], actor=actor)


def _party_updated(step: Change, event: PastEvent, actor: Actor) -> None:
    table = TABLES[event.record_type]
    changed_since = _values_changed_since(step, event, load_party(table, event.record_id, actor), table.fields)
    known = {*table.fields, *custom_fields(None, event.record_type).editable}
    fields = {name: before for name, (before, _) in event.values.items() if name in known and name not in changed_since}
    if not fields:
        raise _changed_by(next((changed_since[name] for name in event.values if name in changed_since), ""))
    update_party(event.record_type, event.record_id, fields, actor=actor)


def _party_created(step: Change, event: PastEvent, actor: Actor) -> None:
    load_party(TABLES[event.record_type], event.record_id, actor)
    delete_parties(event.record_type, [event.record_id], actor=actor)


def _party_deleted(step: Change, event: PastEvent, actor: Actor) -> None:
    load_party(TABLES[event.record_type], event.record_id, actor, deleted=True)
    restore_parties(event.record_type, [event.record_id], actor=actor)


def _lead_converted(step: Change, event: PastEvent, actor: Actor) -> None:
    lead = load_visible(event.record_id, actor)
    before, after = event.values["converted_at"]
    if lead["converted_at"] != after:
        raise Conflict(N_("It was changed since. Nothing was taken back."))
    execute("update lead set converted_at = ? where id = ?", (before, event.record_id))
    step.record(
        EventKind.LEAD_CONVERTED, "lead", event.record_id, values={"converted_at": (after, before)},
        stage=lead["stage_id"], pipeline=lead["pipeline_id"],
    )  # fmt: skip


def _tags_changed(step: Change, event: PastEvent, actor: Actor) -> None:
    revert_tags(event.record_id, added=event.data["added"], removed=event.data["removed"], actor=actor)


def _merged(step: Change, event: PastEvent, actor: Actor) -> None:
    split_record(step, _host(event, actor), event.data, event.values)


def _points_changed(step: Change, event: PastEvent, actor: Actor) -> None:
    before, after = event.values["points"]
    revert_points(step, _host(event, actor), before, after)


def _linked(step: Change, event: PastEvent, actor: Actor) -> None:
    revert_links(step, _host(event, actor), event.values, actor)


def _employment_changed(step: Change, event: PastEvent, actor: Actor) -> None:
    _host(event, actor)
    before, after = event.values["employment"]
    revert_employment(step, event.record_id, event.data["organisation"], before, after)


def _link_refused(step: Change, event: PastEvent, actor: Actor) -> None:
    record_type = "contact" if "contact" in event.data else "organisation"
    revert_refusal(step, event.record_id, record_type, event.data[record_type], actor)


def _host(event: PastEvent, actor: Actor) -> Host:
    return host_of(actor, **{f"{event.record_type}_id": event.record_id})


def _field_changed(step: Change, event: PastEvent, actor: Actor) -> None:
    revert_field(step, event.record_id, event.values, event.data, actor=actor)


def _record_added(step: Change, event: PastEvent, actor: Actor) -> None:
    _DELETE[event.record_type](event.record_id, actor=actor)


def _record_changed(step: Change, event: PastEvent, actor: Actor) -> None:
    was_deleted = event.values.get("deleted_at", (None, None))[1] is not None
    _REVERT[event.record_type](step, event.record_id, event.values, actor, after_event=event.id, deleted=was_deleted)


def _untouch(event: PastEvent) -> None:
    """What was taken back was no contact: the record has been quiet since the one before."""
    touched_from = event.data.get("touched_from")
    if touched_from is None:
        return
    for record_type, record_id in event.hosts.items():
        if record_id is not None:
            untouch(record_type, record_id, at=event.at, before=touched_from)


def _view_changed(step: Change, event: PastEvent, actor: Actor) -> None:
    revert_view(step, event.record_id, event.values, actor)


_DELETE: dict[str, Callable[..., Any]] = {
    "note": notes.delete_note,
    "task": tasks.delete_task,
    "activity": activities.delete_activity,
}
_REVERT: dict[str, Callable[..., None]] = {
    "note": notes.revert_note,
    "task": tasks.revert_task,
    "activity": activities.revert_activity,
}

INVERSES: dict[str, Callable[[Change, PastEvent, Actor], None]] = {
    EventKind.LEAD_CREATED: _lead_created,
    EventKind.VIEW_CHANGED: _view_changed,
    EventKind.LEAD_UPDATED: _lead_updated,
    EventKind.LEAD_MOVED: _lead_moved,
    EventKind.LEAD_SNOOZED: _lead_moved,
    EventKind.LEAD_WOKEN: _lead_moved,
    EventKind.LEAD_DELETED: _lead_deleted,
    EventKind.LEAD_RESTORED: _lead_created,
    EventKind.CONTACT_CREATED: _party_created,
    EventKind.CONTACT_UPDATED: _party_updated,
    EventKind.CONTACT_DELETED: _party_deleted,
    EventKind.CONTACT_RESTORED: _party_created,
    EventKind.ORGANISATION_CREATED: _party_created,
    EventKind.ORGANISATION_UPDATED: _party_updated,
    EventKind.ORGANISATION_DELETED: _party_deleted,
    EventKind.ORGANISATION_RESTORED: _party_created,
    EventKind.LEAD_CONVERTED: _lead_converted,
    EventKind.TAGS_CHANGED: _tags_changed,
    EventKind.RECORD_MERGED: _merged,
    EventKind.POINTS_CHANGED: _points_changed,
    EventKind.RECORD_LINKED: _linked,
    EventKind.EMPLOYMENT_CHANGED: _employment_changed,
    EventKind.LINK_REFUSED: _link_refused,
    EventKind.FIELD_CHANGED: _field_changed,
    EventKind.NOTE_ADDED: _record_added,
    EventKind.NOTE_EDITED: _record_changed,
    EventKind.NOTE_PINNED: _record_changed,
    EventKind.NOTE_DELETED: _record_changed,
    EventKind.NOTE_RESTORED: _record_added,
    EventKind.TASK_ADDED: _record_added,
    EventKind.TASK_CHANGED: _record_changed,
    EventKind.TASK_COMPLETED: _record_changed,
    EventKind.TASK_REOPENED: _record_changed,
    EventKind.TASK_DELETED: _record_changed,
    EventKind.TASK_RESTORED: _record_added,
    EventKind.ACTIVITY_LOGGED: _record_added,
    EventKind.ACTIVITY_CHANGED: _record_changed,
    EventKind.ACTIVITY_DELETED: _record_changed,
    EventKind.ACTIVITY_RESTORED: _record_added,
}
