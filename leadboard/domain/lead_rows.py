"""Reading and writing rows of the lead table; see record_rows.py."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadboard.db import now_ms
from leadboard.domain import record_rows
from leadboard.domain.record_rows import LEAD
from leadboard.models.leads import Lead
from leadboard.permissions import Actor


def blank_row() -> dict[str, Any]:
    """Every column of a new lead at its default; `fields` as JSON text."""
    now = now_ms()
    row: dict[str, Any] = {}
    for field in Lead._meta.sorted_fields:
        default = field.default
        row[field.column_name] = None if callable(default) or default is None else default
    row.pop("id")
    row.update(
        fields="{}",
        field_keys="{}",
        created_at=now,
        updated_at=now,
        last_touch_at=now,
        stage_entered_at=now,
        title="",
        title_key="",
    )
    return row


def insert_row(row: Mapping[str, Any]) -> int:
    """Insert one lead with its search words; its id."""
    return record_rows.insert_row(LEAD, row)


def insert_rows(batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert many leads at once; their ids in order."""
    return record_rows.insert_rows(LEAD, batch)


def update_row(lead_id: int, changes: Mapping[str, Any]) -> None:
    """Write the named columns of one lead."""
    record_rows.update_row(LEAD, lead_id, changes)


def load_visible(lead_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    """The whole row of a lead that the actor may see. Raises NotFound."""
    return record_rows.load_visible(LEAD, lead_id, actor, deleted=deleted)


def visible_ids(lead_ids: Iterable[int], actor: Actor, *, deleted: bool = False) -> list[tuple[int, int | None]]:
    """(id, owner_id) of those of the leads that the actor may see, in the order of ids."""
    return record_rows.visible_ids(LEAD, lead_ids, actor, deleted=deleted)
