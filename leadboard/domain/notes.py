"""Notes: written, edited with their earlier texts kept, pinned, deleted and taken back."""

from leadboard.domain.lead_rows import load_visible
from leadboard.domain.records import change_record, load_record, touch_lead
from leadboard.errors import N_, Conflict, NotAllowed, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_text
from leadboard.models.notes import Note
from leadboard.permissions import Actor, Permission, require

MAX_BODY = 100_000


def add_note(lead_id: int, *, body: str, actor: Actor) -> int:
    """Write a note; its id. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "note.add") as step:
        load_visible(lead_id, actor)
        text = _body(body)
        note = Note.create(lead=lead_id, author=actor.id if actor.kind == "user" else None, body=text, created_at=step.at)
        step.record(EventKind.NOTE_ADDED, "note", note.id, lead_id=lead_id)
        touch_lead(step, lead_id)
        return int(note.id)


def edit_note(note_id: int, *, body: str, actor: Actor, version: int | None = None) -> int | None:
    """Replace a note's text; the earlier one stays in its history. Its author may, and managers.

    Raises Conflict (details: the text as it is now) when somebody edited it since `version`.
    """
    require(actor, Permission.WRITE)
    with change(actor, "note.edit") as step:
        note = load_record("note", note_id, actor)
        _own(note, actor)
        if version is not None and version != note["version"]:
            raise Conflict(
                N_("This note was edited in the meantime. Your text is kept below: compare and save again."),
                details=note["body"],
                field="body",
            )
        changed = change_record(step, "note", note, EventKind.NOTE_EDITED, body=_body(body), edited_at=step.at)
        return step.change_set_id if changed else None


def pin_note(note_id: int, *, pinned: bool, actor: Actor) -> int | None:
    require(actor, Permission.WRITE)
    with change(actor, "note.pin") as step:
        note = load_record("note", note_id, actor)
        note["is_pinned"] = bool(note["is_pinned"])
        changed = change_record(step, "note", note, EventKind.NOTE_PINNED, is_pinned=pinned)
        return step.change_set_id if changed else None


def delete_note(note_id: int, *, actor: Actor) -> int:
    require(actor, Permission.WRITE)
    with change(actor, "note.delete") as step:
        note = load_record("note", note_id, actor)
        _own(note, actor)
        change_record(step, "note", note, EventKind.NOTE_DELETED, deleted_at=step.at)
        return step.change_set_id


def revert_note(step: Change, note_id: int, fields: dict[str, object], actor: Actor, *, deleted: bool) -> None:
    """Put earlier values back; part of domain/undo.py's change."""
    note = load_record("note", note_id, actor, deleted=deleted)
    _own(note, actor)
    change_record(step, "note", note, EventKind.NOTE_RESTORED if deleted else EventKind.NOTE_EDITED, **fields)


def _own(note: dict[str, object], actor: Actor) -> None:
    if note["author_id"] != actor.id and not actor.may(Permission.DELETE_ANY):
        raise NotAllowed(N_("Only its author or a manager changes a note. Write one of your own instead."))


def _body(text: str) -> str:
    try:
        body = clean_text(text, MAX_BODY)
    except ValueError as error:
        raise Refused(N_("A note has at most %(limit)d characters. Split it in two."), field="body", limit=MAX_BODY) from error
    if not body.strip():
        raise Refused(N_("The note is empty. Write something first."), field="body")
    return body
