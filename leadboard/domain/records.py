"""What notes, tasks and activities share: a row that hangs on a lead, changed field by field with its event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import as_day, execute, one
from leadboard.errors import N_, Conflict, NotFound
from leadboard.events import BY_USER, Change, EventKind
from leadboard.permissions import Actor, visible_sql

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
    """The row with its lead's place, when the actor may see the lead. Raises NotFound."""
    condition, params = visible_sql(actor)
    columns = ["id", "lead_id", *WRITABLE[table], *_EXTRA[table]]
    state = "is not null" if deleted else "is null"
    found = one(
        f"select {', '.join(f'r.{column}' for column in columns)}, lead.stage_id, lead.pipeline_id, lead.owner_id"
        f" from {table} r join lead on lead.id = r.lead_id where r.id = ? and r.deleted_at {state} and {condition}",
        [record_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    record = dict(zip([*columns, "stage_id", "pipeline_id", "owner_id"], found, strict=True))
    return {name: _typed(name, value) for name, value in record.items()}


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
    step.record(
        kind, table, record["id"], lead_id=record["lead_id"], values=values,
        stage=record["stage_id"], pipeline=record["pipeline_id"], **data,
    )  # fmt: skip
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


def touch_lead(step: Change, lead_id: int) -> int:
    """A contact took place or was written down: the lead's quiet clock starts again. When it last had started."""
    found = one("select last_touch_at from lead where id = ?", (lead_id,))
    assert found is not None
    execute("update lead set last_touch_at = ? where id = ?", (step.at, lead_id))
    return int(found[0])


def untouch_lead(lead_id: int, *, at: int, before: int) -> None:
    """Undo of touch_lead(): the clock goes on as before, unless it was started again since."""
    execute("update lead set last_touch_at = ? where id = ? and last_touch_at = ?", (before, lead_id, at))
