"""What notes, tasks and activities share: a row that hangs on a record, changed field by field with its event."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from leadboard.db import as_day, execute, one
from leadboard.domain.hosts import Host, host_of
from leadboard.domain.search_words import TEXTS, entry_words
from leadboard.errors import N_, Conflict, NotFound
from leadboard.events import BY_USER, Change, EventKind
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor

# Columns that writes may touch; table and column names below come from here only.
WRITABLE: dict[str, tuple[str, ...]] = {
    "note": ("body", "is_pinned", "edited_at", "deleted_at"),
    "task": ("title", "due_on", "assignee_id", "done_at", "deleted_at"),
    "activity": ("at", "duration_seconds", "direction", "outcome", "subject", "body", "deleted_at"),
}
# What a form shows and may write over: only these raise the version.
CONTENT: dict[str, frozenset[str]] = {
    "note": frozenset({"body"}),
    "task": frozenset({"title", "due_on", "assignee_id"}),
    "activity": frozenset(),
}
_EXTRA = {"note": ("version", "author_id"), "task": ("version",), "activity": ("author_id",)}


@dataclass(frozen=True)
class Added:
    """A new note, task or activity, and the handle that takes it back."""

    id: int
    change_set_id: int


def load_record(table: str, record_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    """The row with its `host`, when the actor may see that. Raises NotFound."""
    columns = ["id", *(f"{name}_id" for name in RECORD_TYPES), *WRITABLE[table], *_EXTRA[table]]
    state = "is not null" if deleted else "is null"
    found = one(
        f"select {', '.join(columns)} from {table} where id = ? and deleted_at {state}",
        (record_id,),
    )
    if found is not None:
        record = {name: _typed(name, value) for name, value in zip(columns, found, strict=True)}
        with suppress(NotFound):
            return {**record, "host": host_of(actor, **{f"{name}_id": record[f"{name}_id"] for name in RECORD_TYPES})}
    raise NotFound(N_("This entry does not exist any more, or you may not see it."))


def _typed(name: str, value: Any) -> Any:
    """A raw or decoded value as Python compares it: days come as text, truths of SQLite as numbers."""
    if name == "due_on":
        return as_day(value)
    return bool(value) if name == "is_pinned" else value


def change_record(
    step: Change, table: str, record: Mapping[str, Any], kind: EventKind, fields: Mapping[str, Any], **data: Any
) -> bool:
    """Write the fields that differ, with their event; False when none does. `data` goes into the event."""
    assert set(fields) <= set(WRITABLE[table])
    values = {name: (record[name], value) for name, value in fields.items() if record[name] != value}
    if not values:
        return False
    sets = [f"{name} = ?" for name in values] + (["version = version + 1"] if CONTENT[table] & set(values) else [])
    execute(f"update {table} set {', '.join(sets)} where id = ?", [*(after for _, after in values.values()), record["id"]])
    if not values.keys().isdisjoint(TEXTS[table]):
        entry_words(table, record["id"], {**record, **fields})
    host: Host = record["host"]
    step.record(kind, table, record["id"], **host.columns, values=values, **host.place, **data)
    return True


def earlier_fields(
    table: str, record: Mapping[str, Any], values: Mapping[str, tuple[Any, Any]], *, after_event: int
) -> dict[str, Any]:
    """What undo writes back: the earlier values of those fields that are still as the event left them.

    Raises Conflict, naming who changed them since, when none is.
    """
    fields = {name: _typed(name, before) for name, (before, after) in values.items() if record[name] == _typed(name, after)}
    if values and not fields:
        raise Conflict(N_("%(by)s changed it since. Nothing was taken back."), by=_changed_by(table, record["id"], after_event))
    return fields


def _changed_by(table: str, record_id: int, after_event: int) -> str:
    found = one(
        f"select u.name from event e{BY_USER}"
        " where u.name is not null and e.record_type = ? and e.record_id = ? and e.id > ? order by e.id desc limit 1",
        (table, record_id, after_event),
    )
    return str(found[0]) if found else "Leadboard"
