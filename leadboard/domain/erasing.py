"""Taking records out for good, with what hangs on them, every value the log kept of them and what programs were answered."""

from collections.abc import Iterable

from leadboard.db import execute, rows
from leadboard.domain.idempotency import forget_answers_about
from leadboard.domain.search_words import forget_words
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES

_HANGING = (*ENTRY_TYPES, "contact_point")
BATCH = 200


def erase_records(record_type: str, ids: Iterable[int]) -> int:
    """Erase records, and those that were merged into them; how many. The facts of the log stay. Inside the caller's transaction.

    What points to them points to nothing afterwards.
    """
    wanted = sorted(set(ids))
    found: list[int] = []
    while wanted:
        found += wanted
        wanted = _merged_into(record_type, wanted)
    for start in range(0, len(found), BATCH):
        _erase(record_type, found[start : start + BATCH])
    forget_answers_about(found, record_type)
    return len(found)


def _merged_into(record_type: str, ids: list[int]) -> list[int]:
    """The records in the bin that these have taken the place of."""
    places = ", ".join("?" * len(ids))
    return [
        row[0] for row in rows(f"select id from {record_type} where deleted_at is not null and merged_into_id in ({places})", ids)
    ]


def _erase(table: str, ids: list[int]) -> None:
    places = ", ".join("?" * len(ids))
    # An event of a linked record that shows on this one's timeline is the other's.
    others = ", ".join(f"'{one}'" for one in RECORD_TYPES if one != table)
    of_these = f"select id from event where {table}_id in ({places}) and record_type not in ({others})"
    statements = [f"delete from event_value where event_id in ({of_these})"]
    for entry in ENTRY_TYPES:
        forget_words(entry, f"{table}_id in ({places})", ids)
    forget_words(table, f"id in ({places})", ids)
    statements += [f"delete from {hanging} where {table}_id in ({places})" for hanging in _HANGING]
    if table == "contact":
        statements.append(f"update organisation set primary_contact_id = null where primary_contact_id in ({places})")
    if table != "lead":
        statements.append(f"delete from employment where {table}_id in ({places})")
        statements.append(f"update lead set {table}_id = null where {table}_id in ({places})")
    statements.append(f"delete from {table}_text where rowid in ({places})")
    statements.append(f"delete from {table} where id in ({places})")
    for statement in statements:
        execute(statement, ids)
