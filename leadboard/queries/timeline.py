"""Everything that happened to a lead, a contact or an organisation, newest first, a page at a time.

A page is at most eight statements, whatever it holds; eleven with what was merged into the record or belongs to it.
Which events those are is in timeline_events.py. Texts are made by web/timeline_view.py: here values are as stored.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import LARGEST_ID, one, rows
from leadboard.errors import N_, NotFound
from leadboard.events import EventKind, decode
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, Permission, may_change_entry
from leadboard.queries.hosts import HOST_COLUMNS, HOST_JOINS, HostKey, host_in, visible_host
from leadboard.queries.notes import NoteRow, notes_by_id
from leadboard.queries.timeline_events import (
    MOST_EVENTS,
    EventRow,
    Head,
    Roots,
    Values,
    currencies_after,
    events_of,
    head_of,
    merged_into,
    values_of,
    wide_events,
)
from leadboard.queries.timeline_names import Names, names_of

PAGE = 30
FOLD_MS = 10 * 60_000
MOST_FOLDED = 50
_FOLDS = {EventKind.LEAD_UPDATED, EventKind.CONTACT_UPDATED, EventKind.ORGANISATION_UPDATED}
_BINNED = {EventKind.LEAD_DELETED, EventKind.CONTACT_DELETED, EventKind.ORGANISATION_DELETED}


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
    """One line of the timeline. `kind` is the event's kind; `id` that of its newest event, `oldest_id` of its oldest.

    `host` is the record on whose timeline it stands: in a wide page it may be another one than the page's. `others` are
    the records that it tells of beside that one, by what they are to it. `merged_from` is the one that it was about before
    that was merged into the host. `split_id` is the handle to take a merge back, as long as it stands.
    """

    id: int
    oldest_id: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    record_type: str
    record_id: int
    change_kind: str
    host: HostKey
    is_own: bool = True
    merged_from: HostKey | None = None
    note: NoteRow | None = None
    activity: ActivityFacts | None = None
    move: MoveFacts | None = None
    imported: ImportFacts | None = None
    title: str = ""
    changes: list[FieldChange] = field(default_factory=list)
    others: dict[str, HostKey] = field(default_factory=dict)
    split_id: int | None = None

    @property
    def is_about_host(self) -> bool:
        """Whether the record that changed is the one on whose timeline it stands, or was merged into it."""
        return self.record_type == self.host.record_type


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`before` is where this page starts (None: with the newest), `older` where the next one does (None: there is none).

    `is_wide` is None for a record that nothing belongs to, else whether what belongs to it is told, too.
    """

    host: HostKey
    pinned: tuple[NoteRow, ...]
    entries: tuple[Entry, ...]
    names: Names
    before: int | None
    older: int | None
    may_write: bool
    is_wide: bool | None = None


def timeline_page(
    record_type: str, record_id: int, actor: Actor, before: int | None = None, *, is_wide: bool = False
) -> TimelinePage:
    """The entries with event ids below `before`, or the newest; pinned notes come with the first page. Raises NotFound.

    With `is_wide` also those of what belongs to a contact or an organisation: its leads, its people.
    """
    host, is_wide = HostKey(record_type, record_id), is_wide and record_type != "lead"
    before = max(0, min(before, LARGEST_ID)) if before is not None else None
    head = head_of(host, actor)
    events, roots, horizon = _events(host, head, actor, before, is_wide=is_wide)
    values = values_of([event.id for event in events])
    currencies = _currencies(host, head, events, values, before)
    entries, groups = _folded(events, values, host, roots)
    is_whole = len(events) < MOST_EVENTS and horizon is None
    if not is_whole and len(entries) > 1:
        # The last entry may go on in events that were not read: the next page has it whole.
        entries.pop()
    shown = entries[:PAGE]
    for entry, group in zip(shown, groups, strict=False):
        lead_id = entry.record_id if entry.record_type == "lead" else 0
        currencies[lead_id] = _add_changes(entry, group, currencies.get(lead_id, ""))
    older = None
    if len(entries) > PAGE or not is_whole:
        older = shown[-1].oldest_id if shown else events[-1].id if events else horizon
    pinned = _fill(shown, host, actor, with_pinned=before is None, of_others=is_wide)
    return TimelinePage(
        host, pinned, tuple(shown), names_of(_wanted(shown), actor), before, older,
        actor.may(Permission.WRITE), None if record_type == "lead" else is_wide,
    )  # fmt: skip


def _events(
    host: HostKey, head: Head, actor: Actor, before: int | None, *, is_wide: bool
) -> tuple[list[EventRow], Roots, int | None]:
    if is_wide:
        return wide_events(host, actor, before)
    roots = merged_into(host) if head.has_merged else {host: host}
    return events_of(roots, before), roots, None


def _currencies(
    host: HostKey, head: Head, events: Sequence[EventRow], values: dict[int, Values], before: int | None
) -> dict[int, str]:
    """The currency of each lead whose value was changed, as it was when the page starts."""
    lead_ids = {event.record_id for event in events if event.record_type == "lead" and "value_amount" in values.get(event.id, ())}
    if before is None and lead_ids <= {host.id} and host.record_type == "lead":
        return {host.id: head.currency}
    return currencies_after(lead_ids, events[0].id) if events else {}


def _fill(shown: Sequence[Entry], host: HostKey, actor: Actor, *, with_pinned: bool, of_others: bool) -> tuple[NoteRow, ...]:
    """Put on the entries what they point to; the pinned notes."""
    note_ids = [entry.record_id for entry in shown if entry.kind == EventKind.NOTE_ADDED]
    notes = notes_by_id(note_ids, host, actor, with_pinned=with_pinned, of_others=of_others)
    activities = _activities([entry.record_id for entry in shown if entry.kind == EventKind.ACTIVITY_LOGGED], actor)
    imports = _imports([entry.record_id for entry in shown if entry.kind == EventKind.LEAD_CREATED])
    for entry in shown:
        if entry.kind == EventKind.NOTE_ADDED:
            entry.note = notes.get(entry.record_id)
        elif entry.kind == EventKind.ACTIVITY_LOGGED:
            entry.activity = activities.get(entry.record_id)
        elif entry.kind == EventKind.LEAD_CREATED:
            entry.imported = imports.get(entry.record_id)
    return tuple(note for note in notes.values() if note.is_pinned) if with_pinned else ()


# ---------------------------------------------------------------------------------------------- entries


def _folded(
    events: Iterable[EventRow], values: dict[int, Values], host: HostKey, roots: Roots
) -> tuple[list[Entry], list[list[Values]]]:
    """Entries, newest first, each with the values of its events; edits of one person within a few minutes are one."""
    entries: list[Entry] = []
    groups: list[list[Values]] = []
    for event in events:
        found = values.get(event.id, {})
        last = entries[-1] if entries else None
        if (
            last is not None and event.kind == last.kind and event.kind in _FOLDS and event.record_id == last.record_id
            and (event.actor_kind, event.actor_id) == (last.actor_kind, last.actor_id)
            and last.at - event.at <= FOLD_MS and len(groups[-1]) < MOST_FOLDED
        ):  # fmt: skip
            last.oldest_id = event.id
            groups[-1].append(found)
            continue
        place = next((known for known in event.hosts if known in roots), host)
        about = HostKey(event.record_type, event.record_id)
        if event.kind in _BINNED and roots.get(about, about) != about and event.change_kind.endswith(".merge"):
            # That it was merged is told by the record that was kept.
            continue
        entry = _entry(event, found, roots.get(place, host), host)
        entry.merged_from = place if entry.host != place else None
        entries.append(entry)
        groups.append([found])
    return entries, groups


def _entry(event: EventRow, values: Values, place: HostKey, host: HostKey) -> Entry:
    entry = Entry(
        event.id, event.id, event.at, event.kind, event.actor_kind, event.actor_id, event.record_type, event.record_id,
        event.change_kind, place, place == host, title=event.title,
    )  # fmt: skip
    if event.kind == EventKind.LEAD_MOVED:
        entry.move = _move(json.loads(event.data), values)
    elif event.kind in {EventKind.RECORD_MERGED, EventKind.RECORD_SPLIT}:
        entry.others["other"] = HostKey(event.record_type, json.loads(event.data)["other"])
        entry.split_id = event.change_set_id if event.kind == EventKind.RECORD_MERGED and not event.is_undone else None
    elif event.kind == EventKind.LINK_REFUSED:
        said = json.loads(event.data)
        entry.others["refused" if said["refused"] else "allowed"] = next(
            HostKey(name, said[name]) for name in ("contact", "organisation") if name in said
        )
    elif event.kind == EventKind.EMPLOYMENT_CHANGED:
        entry.others["organisation"] = HostKey("organisation", json.loads(event.data)["organisation"])
    if event.record_type in RECORD_TYPES and not entry.is_about_host:
        entry.others["about"] = HostKey(event.record_type, event.record_id)
    return entry


def _move(data: dict[str, Any], values: Values) -> MoveFacts:
    entered_from, entered_at = (decode(text) for text in values.get("stage_entered_at", (None, None)))
    return MoveFacts(
        data.get("from_stage"), data["stage"], data.get("from_pipeline"), data.get("pipeline"),
        entered_at - entered_from if entered_from is not None and entered_at is not None else None,
        decode(values.get("lost_reason_id", (None, None))[1]), decode(values.get("lost_to", (None, None))[1]) or "",
    )  # fmt: skip


# Of a move these are told in its own words.
_NOT_FIELDS = {
    "pipeline_id", "stage_id", "closed_at", "lost_reason_id", "lost_to", "stage_entered_at", "deleted_at", "done_at",
    "converted_at", "external_source", "external_id",
}  # fmt: skip


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


def _imports(lead_ids: Sequence[int]) -> dict[int, ImportFacts]:
    """The file and the row that each lead came from, of those that were imported."""
    if not lead_ids:
        return {}
    found = rows(
        "select r.lead_id, run.id, run.file_name, r.line_number from import_row r join import_run run on run.id = r.run_id"
        f" where r.lead_id in ({', '.join('?' * len(lead_ids))}) order by r.id desc",
        lead_ids,
    )
    return {lead_id: ImportFacts(*facts) for lead_id, *facts in found}


# Fields whose values are ids: what they are ids of.
_NOUNS = {
    "owner": "user", "assignee_id": "user", "source": "source", "organisation": "organisation", "parent": "organisation",
    "contact_id": "contact", "organisation_id": "organisation", "primary_contact_id": "contact",
}  # fmt: skip


def _wanted(entries: Sequence[Entry]) -> Iterator[tuple[str, object]]:
    """What a page wants the names of, as (noun, id)."""
    for entry in entries:
        if entry.actor_kind in {"user", "token"}:
            yield entry.actor_kind, entry.actor_id
        if entry.move is not None:
            yield from (("stage", entry.move.from_stage_id), ("stage", entry.move.to_stage_id))
            yield from (("pipeline", entry.move.from_pipeline_id), ("pipeline", entry.move.to_pipeline_id))
            yield "reason", entry.move.lost_reason_id
        for change in entry.changes:
            if change.field in _NOUNS:
                yield from ((_NOUNS[change.field], value) for value in change.values)
        yield from entry.others.values()
        if not entry.is_own:
            yield entry.host
        elif entry.merged_from is not None:
            yield entry.merged_from


def host_of_activity(activity_id: int, actor: Actor) -> HostKey:
    """The record that an entry is about. Raises NotFound."""
    condition, params = visible_host(actor)
    found = one(
        f"select {HOST_COLUMNS} from activity e{HOST_JOINS} where e.id = ? and e.deleted_at is null and {condition}",
        [activity_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    return host_in(found)
