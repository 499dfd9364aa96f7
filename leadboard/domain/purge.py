"""Removing for good what has lain in the bin long enough."""

from leadboard.db import atomic, now_ms, rows
from leadboard.domain.lead_rows import erase_rows

KEPT_DAYS = 30
DAY_MS = 86_400_000
BATCH = 200


def purge_leads(*, kept_days: int = KEPT_DAYS) -> None:
    """Remove leads deleted longer ago than that, with everything typed about them. Run by a periodic job.

    In small transactions, so that nobody waits for it; safe to run again.
    """
    before = now_ms() - kept_days * DAY_MS
    while found := rows(
        "select id from lead where deleted_at is not null and deleted_at < ? order by deleted_at limit ?", (before, BATCH)
    ):
        ids = [lead_id for (lead_id,) in found]
        places = ", ".join("?" * len(ids))
        with atomic():
            # Again inside: somebody may have restored one meanwhile.
            still_deleted = rows(f"select id from lead where id in ({places}) and deleted_at is not null", ids)
            erase_rows([lead_id for (lead_id,) in still_deleted])
