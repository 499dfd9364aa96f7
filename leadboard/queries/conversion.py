"""What the form of a conversion shows: the records a lead may be linked to, and who converted it before."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from leadboard.db import one, rows
from leadboard.events import BY_USER
from leadboard.models.parties import Contact, Organisation
from leadboard.permissions import Actor, visible_sql

_COLUMNS = {
    model._meta.table_name: tuple(field.column_name for field in model._meta.sorted_fields) for model in (Contact, Organisation)
}


def parties_by_id(record_type: str, ids: Iterable[int], actor: Actor) -> dict[int, dict[str, Any]]:
    """Those of the records that the actor may see, with all of their columns. One statement; none without ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    columns = _COLUMNS[record_type]
    condition, params = visible_sql(actor, record_type)
    found = rows(
        f"select {', '.join(columns)} from {record_type} where id in ({', '.join('?' * len(wanted))}) and {condition}",  # noqa: S608 - ours
        [*wanted, *params],
    )
    return {int(row["id"]): row for row in (dict(zip(columns, values, strict=True)) for values in found)}


class Conversion(NamedTuple):
    """Who converted a lead, when, and the handle to take it back."""

    at: int
    by: str
    change_set_id: int
    user_id: int | None


def conversion_of(lead_id: int) -> Conversion | None:
    """The conversion that counts: not one that was taken back."""
    found = one(
        f"select e.at, coalesce(u.name, ''), e.change_set_id, cs.user_id from event e join change_set cs on cs.id = e.change_set_id{BY_USER}"  # noqa: S608 - ours
        " where e.lead_id = ? and e.kind = 'lead_converted' and cs.undone_at is null and cs.kind <> 'undo' order by e.id desc limit 1",
        (lead_id,),
    )
    return Conversion(*found) if found else None
