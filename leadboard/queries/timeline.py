"""Everything that happened to a lead, newest first, a page at a time.

A page is at most eight statements, whatever it holds. Texts are made by web/timeline_view.py: here values are as stored.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import LARGEST_ID, one, rows
from leadboard.errors import N_, NotFound
from leadboard.events import EventKind, decode
from leadboard.permissions import Actor, Permission, may_change_entry, visible_sql
from leadboard.queries.notes import NoteRow, notes_by_id

PAGE = 30
# Edits fold into one entry, so more events are read than entries shown.
_EVENTS = 3 * PAGE
FOLD_MS = 10 * 60_000
MOST_FOLDED = 50


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's way from old to new: more than two values when it was changed again in the same entry.

    Amounts come with the currency that each of them was in.
    """

    field: str
    values: tuple[Any, ...]
    currencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """`stayed_ms` is how long the lead had been in the stage it left; None when that is not known."""

    from_stage_id: int | None
    to_stage_id: int
    from_pipeline_id: int | None
    to_pipeline_id: int | None
    stayed_ms: int | None
    lost_reason_id: int | None
    lost_to: str


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """Something that took place; `kind` is the key of an ActivityType, whose plugin may be off by now."""

    id: int
    kind: str
    subject: str
    direction: str
    outcome: str
    duration_seconds: int | None
    body: str
    at: int
    may_delete: bool


@dataclass(frozen=True, slots=True)
class ImportFacts:
    run_id: int
    file_name: str
    line_number: int


@dataclass(slots=True)
class Entry:
    """One line of the timeline. `kind` is the event's kind; `id` that of its newest event, `oldest_id` of its oldest."""

    id: int
    oldest_id: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    record_id: int
    change_kind: str
    note: NoteRow | None = None
    activity: ActivityFacts | None = None
    move: MoveFacts | None = None
    imported: ImportFacts | None = None
    title: str = ""
    changes: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in a page are called. Stages are (name, tone)."""

    users: dict[int, str]
    stages: dict[int, tuple[str, str]]
    pipelines: dict[int, str]
    sources: dict[int, str]
    lost_reasons: dict[int, str]
    token_owners: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`before` is where this page starts (None: with the newest), `older` where the next one does (None: there is none)."""

    lead_id: int
    pinned: tuple[NoteRow, ...]
    entries: tuple[Entry, ...]
    names: Names
    before: int | None
    older: int | None
    may_write: bool


def timeline_page(lead_id: int, actor: Actor, before: int | None = None) -> TimelinePage:
    """The entries with event ids below `before`, or the newest; pinned notes come with the first page. Raises NotFound."""
    before = max(0, min(before, LARGEST_ID)) if before is not None else None
    currency = _currency_at(lead_id, actor, before)
    events = _events(lead_id, before)
    values = _values([event[0] for event in events])
    entries, groups = _folded(events, values)
    is_whole = len(events) < _EVENTS
    if not is_whole and len(entries) > 1:
        # The last entry may go on in events that were not read: the next page has it whole.
        entries.pop()
    shown = entries[:PAGE]
    for entry, group in zip(shown, groups, strict=False):
        currency = _add_changes(entry, group, currency)
    has_older = len(entries) > PAGE or not is_whole
    notes = notes_by_id(
        [entry.record_id for entry in shown if entry.kind == EventKind.NOTE_ADDED], lead_id, actor, with_pinned=before is None
    )
    pinned = tuple(note for note in notes.values() if note.is_pinned) if before is None else ()
    activities = _activities([entry.record_id for entry in shown if entry.kind == EventKind.ACTIVITY_LOGGED], actor)
    for entry in shown:
        entry.note = notes.get(entry.record_id) if entry.kind == EventKind.NOTE_ADDED else None
        entry.activity = activities.get(entry.record_id) if entry.kind == EventKind.ACTIVITY_LOGGED else None
    created = next((entry for entry in shown if entry.kind == EventKind.LEAD_CREATED), None)
    if created is not None:
        created.imported = _import_of(lead_id)
    return TimelinePage(
        lead_id, pinned, tuple(shown), _names(shown), before, shown[-1].oldest_id if has_older and shown else None,
        actor.may(Permission.WRITE),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- events

# What has an entry of its own. Edits and pins show on the note itself; a deleted note or call leaves one line in the
# place of its deletion. A move without values only changed the order inside its stage.
_SHOWN = (
    "(e.kind in ('lead_created', 'lead_updated', 'lead_snoozed', 'lead_woken', 'lead_deleted', 'lead_restored',"
    " 'task_added', 'task_changed', 'task_completed', 'task_reopened', 'task_deleted', 'task_restored')"
    " or e.kind = 'lead_moved' and exists (select 1 from event_value v where v.event_id = e.id)"
    " or e.kind = 'note_added' and n.deleted_at is null and not n.is_pinned"
    " or e.kind = 'note_deleted' and n.deleted_at = e.at"
    " or e.kind = 'activity_logged' and a.deleted_at is null"
    " or e.kind = 'activity_deleted' and a.deleted_at = e.at)"
)


def _events(lead_id: int, before: int | None) -> list[tuple[Any, ...]]:
    older, params = ("and e.id < ?", [before]) if before is not None else ("", [])
    return rows(
        "select e.id, e.at, e.kind, e.actor_kind, e.actor_id, e.record_id, e.data, coalesce(cs.kind, ''), coalesce(t.title, '')"
        " from event e left join note n on n.id = e.record_id and e.record_type = 'note'"
        " left join activity a on a.id = e.record_id and e.record_type = 'activity'"
        " left join task t on t.id = e.record_id and e.record_type = 'task'"
        " left join change_set cs on cs.id = e.change_set_id"
        f" where e.lead_id = ? {older} and {_SHOWN} order by e.id desc limit {_EVENTS}",
        [lead_id, *params],
    )


# {field: (before, after)} as JSON text: most of what is read to fold edits is not shown, so little is decoded.
Values = dict[str, tuple[str | None, str | None]]


def _values(event_ids: Sequence[int]) -> dict[int, Values]:
    if not event_ids:
        return {}
    found: dict[int, Values] = {}
    for event_id, name, before, after in rows(
        f"select event_id, field, before, after from event_value where event_id in ({', '.join('?' * len(event_ids))}) order by id",
        event_ids,
    ):
        found.setdefault(event_id, {})[name] = (before, after)
    return found


def _currency_at(lead_id: int, actor: Actor, before: int | None) -> str:
    """The currency that the lead's value had when the page starts. Raises NotFound."""
    condition, params = visible_sql(actor)
    lead = one(f"select value_currency from lead where id = ? and {condition}", [lead_id, *params])
    if lead is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    changed = (
        one(
            "select v.before from event e join event_value v on v.event_id = e.id and v.field = 'value_currency'"
            " where e.lead_id = ? and e.record_type = 'lead' and e.id >= ? order by e.id limit 1",
            (lead_id, before),
        )
        if before is not None
        else None
    )
    return str((decode(changed[0]) if changed else lead[0]) or "")


def _folded(events: Iterable[tuple[Any, ...]], values: dict[int, Values]) -> tuple[list[Entry], list[list[Values]]]:
    """Entries, newest first, each with the values of its events; edits of one person within a few minutes are one."""
    entries: list[Entry] = []
    groups: list[list[Values]] = []
    for event_id, at, kind, actor_kind, actor_id, record_id, data, change_kind, title in events:
        found = values.get(event_id, {})
        last = entries[-1] if entries else None
        if (
            last is not None and kind == last.kind == EventKind.LEAD_UPDATED
            and (actor_kind, actor_id) == (last.actor_kind, last.actor_id)
            and last.at - at <= FOLD_MS and len(groups[-1]) < MOST_FOLDED
        ):  # fmt: skip
            last.oldest_id = event_id
            groups[-1].append(found)
            continue
        entry = Entry(event_id, event_id, at, kind, actor_kind, actor_id, record_id, change_kind, title=title)
        if kind == EventKind.LEAD_MOVED:
            entry.move = _move(json.loads(data), found)
        entries.append(entry)
        groups.append([found])
    return entries, groups


def _move(data: dict[str, Any], values: Values) -> MoveFacts:
    entered_from, entered_at = (decode(text) for text in values.get("stage_entered_at", (None, None)))
    return MoveFacts(
        data.get("from_stage"), data["stage"], data.get("from_pipeline"), data.get("pipeline"),
        entered_at - entered_from if entered_from is not None and entered_at is not None else None,
        decode(values.get("lost_reason_id", (None, None))[1]), decode(values.get("lost_to", (None, None))[1]) or "",
    )  # fmt: skip


# Of a move these are told in its own words.
_NOT_FIELDS = {"pipeline_id", "stage_id", "closed_at", "lost_reason_id", "lost_to", "stage_entered_at", "deleted_at", "done_at"}


def _add_changes(entry: Entry, group: Sequence[Values], currency: str) -> str:
    """Put the changes of a group (newest event first) on its entry, in the order they were made; the currency before it."""
    steps: list[tuple[str, str | None, str | None, str, str]] = []
    for found in group:
        was, became = currency, currency
        if "value_currency" in found:
            was, became = (decode(text) or "" for text in found["value_currency"])
        steps += [(name, before, after, was, became) for name, (before, after) in reversed(found.items())]
        currency = was
    chains: list[tuple[str, list[str | None], list[str]]] = []
    latest: dict[str, tuple[list[str | None], list[str]]] = {}
    for name, before, after, was, became in reversed(steps):
        if name in _NOT_FIELDS:
            continue
        if name in latest and latest[name][0][-1] == before:
            latest[name][0].append(after)
            latest[name][1].append(became)
        else:
            latest[name] = ([before, after], [was, became])
            chains.append((name, *latest[name]))
    entry.changes = [
        FieldChange(name, tuple(decode(text) for text in texts), tuple(currencies)) for name, texts, currencies in chains
    ]
    return currency


# ---------------------------------------------------------------------------------------------- what entries point to


def _activities(activity_ids: Sequence[int], actor: Actor) -> dict[int, ActivityFacts]:
    if not activity_ids:
        return {}
    found = rows(
        "select id, kind, subject, direction, outcome, duration_seconds, body, at, author_id from activity"
        f" where id in ({', '.join('?' * len(activity_ids))})",
        activity_ids,
    )
    return {
        row_id: ActivityFacts(row_id, kind, subject, direction, outcome, seconds, body, at, may_change_entry(actor, author_id))
        for row_id, kind, subject, direction, outcome, seconds, body, at, author_id in found
    }


def _import_of(lead_id: int) -> ImportFacts | None:
    found = one(
        "select run.id, run.file_name, r.line_number from import_row r join import_run run on run.id = r.run_id"
        " where r.lead_id = ? order by r.id limit 1",
        (lead_id,),
    )
    return ImportFacts(*found) if found else None


_NAMES = {
    "user": "select 'user', id, name, '' from \"user\"",
    "token": "select 'token', id, (select u.name from \"user\" u where u.id = api_token.user_id), '' from api_token",
    "stage": "select 'stage', id, name, tone from stage",
    "pipeline": "select 'pipeline', id, name, '' from pipeline",
    "source": "select 'source', id, name, '' from source",
    "reason": "select 'reason', id, name, '' from lost_reason",
}


def _names(entries: Sequence[Entry]) -> Names:
    """The names behind the ids of a page, in one statement."""
    wanted: dict[str, set[int]] = {noun: set() for noun in _NAMES}
    for entry in entries:
        if entry.actor_kind == "user" and entry.actor_id is not None:
            wanted["user"].add(entry.actor_id)
        if entry.actor_kind == "token" and entry.actor_id is not None:
            wanted["token"].add(entry.actor_id)
        if entry.move is not None:
            move = entry.move
            wanted["stage"] |= {i for i in (move.from_stage_id, move.to_stage_id) if i is not None}
            wanted["pipeline"] |= {i for i in (move.from_pipeline_id, move.to_pipeline_id) if i is not None}
            wanted["reason"] |= {i for i in (move.lost_reason_id,) if i is not None}
        for change in entry.changes:
            noun = {"owner": "user", "assignee_id": "user", "source": "source"}.get(change.field)
            if noun is not None:
                wanted[noun] |= {value for value in change.values if isinstance(value, int)}
    parts = [f"{sql} where id in ({', '.join('?' * len(wanted[noun]))})" for noun, sql in _NAMES.items() if wanted[noun]]
    found: dict[str, dict[int, tuple[str, str]]] = {noun: {} for noun in _NAMES}
    ids = [record_id for noun in _NAMES for record_id in wanted[noun]]
    for kind, record_id, name, tone in rows(" union all ".join(parts), ids) if parts else ():
        found[kind][record_id] = (name, tone)
    plain = {noun: {record_id: name for record_id, (name, _) in names.items()} for noun, names in found.items()}
    return Names(plain["user"], found["stage"], plain["pipeline"], plain["source"], plain["reason"], plain["token"])


def lead_of_activity(activity_id: int, actor: Actor) -> int:
    """The lead that an entry is about. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = one(
        "select a.lead_id from activity a join lead on lead.id = a.lead_id"
        f" where a.id = ? and a.deleted_at is null and {condition}",
        [activity_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    return int(found[0])
