"""Removing for good what has lain in the bin long enough."""

from leadboard.db import atomic, now_ms, rows
from leadboard.domain.erasing import BATCH, erase_records
from leadboard.models.record_fields import RECORD_TYPES

KEPT_DAYS = 30
DAY_MS = 86_400_000


def purge_bin(*, kept_days: int = KEPT_DAYS) -> None:
    """Remove leads, contacts and organisations deleted longer ago than that, with everything typed about them. Run by a periodic job.

    In small transactions, so that nobody waits for it; safe to run again. What was merged into another record stays as
    long as that one, so that it can be split.
    """
    before = now_ms() - kept_days * DAY_MS
    for record_type in RECORD_TYPES:
        old = f"select id from {record_type} where deleted_at is not null and deleted_at < ? and merged_into_id is null"
        while found := rows(f"{old} order by deleted_at limit {BATCH}", (before,)):
            ids = [record_id for (record_id,) in found]
            places = ", ".join("?" * len(ids))
            with atomic():
                # Again inside: somebody may have restored one meanwhile.
                still = rows(f"select id from {record_type} where id in ({places}) and deleted_at is not null", ids)
                erase_records(record_type, [record_id for (record_id,) in still])
