"""What notes, tasks and activities share: a row that hangs on a lead, changed field by field with its event."""

from collections.abc import Mapping
from typing import Any

from leadboard.db import execute, one
from leadboard.errors import N_, NotFound
from leadboard.events import Change, EventKind
from leadboard.permissions import Actor, visible_sql

# Columns that writes may touch; table and column names below come from here only.
WRITABLE: dict[str, tuple[str, ...]] = {
    "note": ("body", "is_pinned", "edited_at", "deleted_at"),
    "task": ("title", "due_on", "assignee_id", "done_at", "deleted_at"),
    "activity": ("at", "duration_seconds", "direction", "outcome", "body", "deleted_at"),
}
VERSIONED = {"note", "task"}


def load_record(table: str, record_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    """The row with its lead, when the actor may see the lead. Raises NotFound."""
    condition, params = visible_sql(actor)
    columns = [
        "id",
        "lead_id",
        *WRITABLE[table],
        *(["version"] if table in VERSIONED else []),
        "author_id" if table != "task" else "created_at",
    ]
    state = "is not null" if deleted else "is null"
    found = one(
        f"select {', '.join(f'r.{column}' for column in columns)} from {table} r join lead on lead.id = r.lead_id"
        f" where r.id = ? and r.deleted_at {state} and {condition}",
        [record_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    return dict(zip(columns, found, strict=True))


def change_record(step: Change, table: str, record: Mapping[str, Any], kind: EventKind, **fields: Any) -> bool:
    """Write the fields that differ, with their event; False when none does."""
    assert set(fields) <= set(WRITABLE[table])
    values = {name: (record[name], value) for name, value in fields.items() if record[name] != value}
    if not values:
        return False
    sets = [f"{name} = ?" for name in values] + (["version = version + 1"] if table in VERSIONED else [])
    execute(f"update {table} set {', '.join(sets)} where id = ?", [*(after for _, after in values.values()), record["id"]])
    step.record(kind, table, record["id"], lead_id=record["lead_id"], values=values)
    return True


def touch_lead(step: Change, lead_id: int) -> None:
    """A contact took place or was written down: the lead's quiet clock starts again."""
    execute("update lead set last_touch_at = ? where id = ?", (step.at, lead_id))
