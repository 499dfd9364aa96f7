"""Whom to ask first at a firm works there: whoever leaves, by whatever way, is the first contact no longer."""

from collections.abc import Iterable

from leadboard.db import execute, rows
from leadboard.domain.hosts import Host
from leadboard.events import Change, EventKind

# Of an organisation `o`: its first contact does not work there. One that was merged away keeps what it comes back with.
ABSENT = (
    "o.primary_contact_id is not null and o.merged_into_id is null"
    " and not exists (select 1 from contact c where c.id = o.primary_contact_id and c.organisation_id = o.id)"
    " and not exists (select 1 from employment m where m.contact_id = o.primary_contact_id and m.organisation_id = o.id)"
)


def drop_absent(step: Change, organisation_ids: Iterable[int | None]) -> None:
    """Take away the first contact of those firms where that person is not any more, with its event; inside a change.

    Whoever may move a person may do so, whether they see the firm or not.
    """
    ids = sorted({firm_id for firm_id in organisation_ids if firm_id is not None})
    if not ids:
        return
    found = rows(
        f"select o.id, o.owner_id, o.primary_contact_id from organisation o where o.id in ({', '.join('?' * len(ids))}) and {ABSENT}",  # noqa: S608 - ours
        ids,
    )
    for firm_id, owner_id, contact_id in found:
        execute("update organisation set primary_contact_id = null where id = ?", (firm_id,))
        host = Host("organisation", firm_id, owner_id)
        step.record(
            EventKind.RECORD_LINKED, host.record_type, host.id, **host.place, values={"primary_contact_id": (contact_id, None)}
        )
