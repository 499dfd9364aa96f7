"""One note, and the texts it had before."""

from dataclasses import dataclass
from typing import Any

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.events import BY_USER, EventKind, decode
from leadboard.permissions import Actor, Permission, may_change_entry
from leadboard.queries.hosts import HOST_COLUMNS, HOST_JOINS, HOST_TITLE, HostKey, host_in, visible_host

# Longer notes are shown by their beginning, with a link to the rest: a page of thirty must not become megabytes.
SHOWN_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note as the timeline shows it. `body` is the whole text or, when `is_cut`, its beginning."""

    id: int
    host: HostKey
    author_id: int | None
    author_name: str
    body: str
    is_cut: bool
    is_pinned: bool
    version: int
    created_at: int
    edited_at: int | None
    may_change: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class EarlierText:
    """What a note said from `at` on, and who had written that."""

    body: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class NoteHistory:
    """`title` is what the record is called that the note is about."""

    note: NoteRow
    title: str
    earlier: tuple[EarlierText, ...]


_COLUMNS = f"e.id, e.author_id, coalesce(u.name, ''), {{body}}, e.is_pinned, e.version, e.created_at, e.edited_at, {HOST_COLUMNS}"
_FROM = 'from note e left join "user" u on u.id = e.author_id'
_CUT = f"substr(e.body, 1, {SHOWN_CHARACTERS + 1})"


def note_row(note_id: int, actor: Actor) -> NoteRow:
    """A note with its whole text. Raises NotFound."""
    return _one(note_id, actor)[0]


def _one(note_id: int, actor: Actor) -> tuple[NoteRow, str]:
    condition, params = visible_host(actor)
    found = one(
        f"select {HOST_TITLE}, {_COLUMNS.format(body='e.body')} {_FROM}{HOST_JOINS} where e.id = ? and e.deleted_at is null and {condition}",
        [note_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    return _note(found[1:], actor, whole=True), str(found[0])


def notes_by_id(
    note_ids: list[int], host: HostKey, actor: Actor, *, with_pinned: bool, of_others: bool = False
) -> dict[int, NoteRow]:
    """Notes of a record that the caller has found visible, by id; with the pinned ones when asked. One statement.

    With `of_others` the ids may be of notes about other records, which the caller has found visible, too.
    """
    if not note_ids and not with_pinned:
        return {}
    by_id = [f"e.id in ({', '.join('?' * len(note_ids))})"] if note_ids else []
    pinned = ["e.is_pinned"] if with_pinned else []
    if of_others:
        chosen = [*by_id, *(f"(e.{host.column} = ? and {mark})" for mark in pinned)]
        where, params = f"({' or '.join(chosen)})", [*note_ids, *([host.id] if with_pinned else [])]
    else:
        where, params = f"e.{host.column} = ? and ({' or '.join([*by_id, *pinned])})", [host.id, *note_ids]
    found = rows(
        f"select {_COLUMNS.format(body=_CUT)} {_FROM} where {where} and e.deleted_at is null order by e.id desc",
        params,
    )
    return {row[0]: _note(row, actor, whole=False) for row in found}


def _note(row: tuple[Any, ...], actor: Actor, *, whole: bool) -> NoteRow:
    note_id, author_id, author, text, is_pinned, version, created_at, edited_at = row[:8]
    is_cut = not whole and len(text) > SHOWN_CHARACTERS
    return NoteRow(
        note_id, host_in(row[8:]), author_id, author, _beginning(text) if is_cut else text, is_cut,
        bool(is_pinned), version, created_at, edited_at, may_change_entry(actor, author_id), actor.may(Permission.WRITE),
    )  # fmt: skip


def _beginning(text: str) -> str:
    """Cut at the end of a line or word, not inside one, when there is one not far back."""
    cut = text[:SHOWN_CHARACTERS]
    for mark in ("\n", " "):
        at = cut.rfind(mark, SHOWN_CHARACTERS // 2)
        if at > 0:
            return cut[:at]
    return cut


def note_history(note_id: int, actor: Actor) -> NoteHistory:
    """A note and its earlier texts, newest first. Raises NotFound."""
    note, title = _one(note_id, actor)
    found = rows(
        "select v.before, e.at, coalesce(u.name, '') from event e join event_value v on v.event_id = e.id and v.field = 'body'"
        f"{BY_USER}"
        " where e.record_type = 'note' and e.record_id = ? and e.kind = ? order by e.id",
        (note_id, str(EventKind.NOTE_EDITED)),
    )
    earlier = []
    # An event tells what the text was before it: who had written that, and when, is in the event before.
    by, at = note.author_name, note.created_at
    for before, edited_at, editor in found:
        earlier.append(EarlierText(decode(before) or "", by, at))
        by, at = editor, edited_at
    return NoteHistory(note, title, tuple(reversed(earlier)))
