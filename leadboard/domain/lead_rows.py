"""Writing rows of the lead table: the statements that create, change and bulk-load it share.

No rule lives here: callers have authorised, validated and hold the transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from leadboard.db import execute, insert_many, now_ms, one
from leadboard.domain import record_rows
from leadboard.domain.idempotency import forget_answers_about
from leadboard.domain.lead_values import words_of
from leadboard.domain.record_rows import LEAD, reserve_ids
from leadboard.models.leads import Lead
from leadboard.permissions import Actor

COLUMNS = LEAD.columns
_values_of = itemgetter(*COLUMNS)
_INSERT = f"insert into lead ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"


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
    found = one(_INSERT + " returning id", [row[column] for column in COLUMNS])
    assert found is not None
    lead_id = int(found[0])
    execute("insert into lead_text (rowid, words) values (?, ?)", (lead_id, words_of(row)))
    return lead_id


def insert_rows(batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert many leads at once; their ids in order. Ids are taken first: executemany returns none."""
    if not batch:
        return []
    ids = reserve_ids("lead", len(batch))
    insert_many("lead", ["id", *COLUMNS], [(lead_id, *_values_of(row)) for lead_id, row in zip(ids, batch, strict=True)])
    insert_many("lead_text", ["rowid", "words"], [(lead_id, words_of(row)) for lead_id, row in zip(ids, batch, strict=True)])
    return ids


def update_row(lead_id: int, changes: Mapping[str, Any]) -> None:
    """Write the named columns of one lead."""
    record_rows.update_row(LEAD, lead_id, changes)


def update_words(lead_id: int, row: Mapping[str, Any]) -> None:
    execute("update lead_text set words = ? where rowid = ?", (words_of(row), lead_id))


def load_visible(lead_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    """The whole row of a lead that the actor may see. Raises NotFound."""
    return record_rows.load_visible(LEAD, lead_id, actor, deleted=deleted)


def visible_ids(lead_ids: Iterable[int], actor: Actor, *, deleted: bool = False) -> list[tuple[int, int | None]]:
    """(id, owner_id) of those of the leads that the actor may see, in the order of ids."""
    return record_rows.visible_ids(LEAD, lead_ids, actor, deleted=deleted)


_ERASE = (
    "delete from event_value where event_id in (select id from event where lead_id in ({places}))",
    "delete from task where lead_id in ({places})",
    "delete from note where lead_id in ({places})",
    "delete from activity where lead_id in ({places})",
    "delete from lead_text where rowid in ({places})",
    "delete from lead where id in ({places})",
)


def erase_rows(lead_ids: Sequence[int]) -> None:
    """Take leads out for good, with what hangs on them, every value the log kept of them and what programs were answered.

    The facts of the log stay.
    """
    if lead_ids:
        places = ", ".join("?" * len(lead_ids))
        for statement in _ERASE:
            execute(statement.format(places=places), list(lead_ids))
        forget_answers_about(lead_ids)
