"""Records for programs: chosen columns of one, what hangs on it as JSON in the same statement, and where it was merged."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from leadboard.db import is_sqlite, one, rows
from leadboard.errors import NotFound
from leadboard.events import EventKind
from leadboard.permissions import Actor, visible_sql


def record_row(record_type: str, record_id: int, actor: Actor, *, columns: Sequence[str], missing: str) -> tuple[Any, ...]:
    """Columns, which are SQL of ours, of one record that the actor may see. Raises NotFound with the text `missing`."""
    condition, params = visible_sql(actor, record_type)
    found = one(
        f"select {', '.join(columns)} from {record_type} where {record_type}.id = ? and {condition}",  # noqa: S608 - ours
        [record_id, *params],
    )
    if found is None:
        raise NotFound(missing)
    return tuple(found)


def points_sql(record_type: str) -> str:
    """The further addresses and numbers of a record as a list of [kind, text, label]."""
    return _list_sql("contact_point", f"{record_type}_id = {record_type}.id", ("kind", "text", "label"), "position, id")


def employments_sql() -> str:
    """The further firms of a contact as a list of [organisation_id, job_title]."""
    return _list_sql("employment", "contact_id = contact.id", ("organisation_id", "job_title"), "id")


def _list_sql(table: str, condition: str, columns: Sequence[str], order: str) -> str:
    """Rows as one JSON list of lists, in order."""
    row, rows_of = ("json_array", "json_group_array") if is_sqlite() else ("json_build_array", "json_agg")
    return (
        f"(select {rows_of}({row}({', '.join(f'h.{column}' for column in columns)}))"  # noqa: S608 - ours
        f" from (select {', '.join(columns)} from {table} where {condition} order by {order}) as h)"
    )


def json_list(stored: Any) -> list[Any]:
    """A list of such a column: text on SQLite, nothing on PostgreSQL when there are no rows."""
    found = json.loads(stored) if isinstance(stored, str) else stored
    return list(found or [])


class NoteOf(NamedTuple):
    """A note of any record."""

    id: int
    author_id: int | None
    body: str
    is_pinned: bool
    version: int
    created_at: int
    edited_at: int | None


def note_of(note_id: int, record_type: str, record_id: int) -> NoteOf:
    """A note of a record that the caller has found visible."""
    [found] = rows(
        "select id, author_id, body, is_pinned, version, created_at, edited_at from note"  # noqa: S608 - ours
        f" where id = ? and {record_type}_id = ? and deleted_at is null",
        (note_id, record_id),
    )
    return NoteOf(*found)


def merge_of(record_type: str, record_id: int, other_id: int) -> int | None:
    """The change set in which a record took over another one; the last one that was not taken back."""
    found = rows(
        "select e.change_set_id, e.data from event e join change_set c on c.id = e.change_set_id"
        " where e.record_type = ? and e.record_id = ? and e.kind = ? and c.undone_at is null order by e.id desc",
        (record_type, record_id, str(EventKind.RECORD_MERGED)),
    )
    return next((row[0] for row in found if json.loads(row[1])["other"] == other_id), None)
