"""Notes: written, edited with their earlier texts kept, pinned, deleted and taken back."""

from collections.abc import Mapping
from typing import Any

from leadboard.domain.hosts import host_of, touch
from leadboard.domain.records import Added, change_record, earlier_fields, load_record
from leadboard.domain.search_words import entry_words
from leadboard.errors import N_, Conflict, NotAllowed, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_text
from leadboard.models.notes import Note
from leadboard.permissions import Actor, Permission, may_change_entry, require

MAX_BODY = 100_000


def add_note(
    lead_id: int | None = None, *, body: str, actor: Actor, contact_id: int | None = None, organisation_id: int | None = None
) -> Added:
    """Write a note about a lead, a contact or an organisation. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "note.add") as step:
        host = host_of(actor, lead_id=lead_id, contact_id=contact_id, organisation_id=organisation_id)
        text = _body(body)
        note = Note.create(**host.columns, author=actor.user_id, body=text, created_at=step.at)
        entry_words("note", note.id, {"body": text})
        touched_from = touch(step, host)
        step.record(EventKind.NOTE_ADDED, "note", note.id, **host.columns, **host.place, touched_from=touched_from)
        return Added(int(note.id), step.change_set_id)


def edit_note(note_id: int, *, body: str, actor: Actor, version: int | None = None) -> int | None:
    """Replace a note's text; the earlier one stays in its history. Its author may, and managers.

    Raises Conflict (details: the text as it is now) when somebody edited it since `version`.
    """
    require(actor, Permission.WRITE)
    with change(actor, "note.edit") as step:
        note = load_record("note", note_id, actor)
        _own(note, actor)
        text = _body(body)
        if text == note["body"]:
            return None
        if version is not None and version != note["version"]:
            raise Conflict(
                N_("This note was edited in the meantime. Your text is kept below: compare and save again."),
                details=note["body"],
                field="body",
            )
        change_record(step, "note", note, EventKind.NOTE_EDITED, {"body": text, "edited_at": step.at})
        return step.change_set_id


def pin_note(note_id: int, *, pinned: bool, actor: Actor) -> int | None:
    """Keep a note above the timeline, or no longer; anybody who may write does. None when it was so already."""
    require(actor, Permission.WRITE)
    with change(actor, "note.pin") as step:
        note = load_record("note", note_id, actor)
        changed = change_record(step, "note", note, EventKind.NOTE_PINNED, {"is_pinned": pinned})
        return step.change_set_id if changed else None


def delete_note(note_id: int, *, actor: Actor) -> int:
    """Take a note away; undo brings it back. Its author may, and managers."""
    require(actor, Permission.WRITE)
    with change(actor, "note.delete") as step:
        note = load_record("note", note_id, actor)
        _own(note, actor)
        change_record(step, "note", note, EventKind.NOTE_DELETED, {"deleted_at": step.at})
        return step.change_set_id


def revert_note(
    step: Change, note_id: int, values: Mapping[str, tuple[Any, Any]], actor: Actor, *, after_event: int, deleted: bool
) -> None:
    """Put earlier values back; part of domain/undo.py's change."""
    note = load_record("note", note_id, actor, deleted=deleted)
    typed = {name: pair for name, pair in values.items() if name != "edited_at"}
    fields = earlier_fields("note", note, typed, after_event=after_event)
    if set(fields) != {"is_pinned"}:
        _own(note, actor)
    if "body" in fields:
        # The text was another one for a while: the mark "edited", which leads to the history, stays.
        fields["edited_at"] = step.at
    kind = EventKind.NOTE_RESTORED if deleted else EventKind.NOTE_PINNED if "is_pinned" in fields else EventKind.NOTE_EDITED
    change_record(step, "note", note, kind, fields)


def _own(note: Mapping[str, Any], actor: Actor) -> None:
    if not may_change_entry(actor, note["author_id"]):
        raise NotAllowed(N_("Only its author or a manager changes a note. Write one of your own instead."))


def _body(text: str) -> str:
    try:
        body = clean_text(text, MAX_BODY)
    except ValueError as error:
        raise Refused(N_("A note has at most %(limit)d characters. Split it in two."), field="body", limit=MAX_BODY) from error
    if not body.strip():
        raise Refused(N_("The note is empty. Write something first."), field="body")
    return body
