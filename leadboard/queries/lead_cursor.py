"""Leads for programs: chosen columns, a page of any size by cursor, the same filter and order as the list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from leadboard.db import as_day, one
from leadboard.errors import N_, NotFound
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.lead_filter import LeadFilter
from leadboard.queries.lead_words import text_is_common
from leadboard.queries.leads import COMMON_TEXT, MOST_COUNTED, Mark, Order, counted, narrow_field, page_rows

Row = dict[str, Any]


def leads_from(
    wanted: LeadFilter, order: Order, actor: Actor, today: date, *, columns: Sequence[str], limit: int, cursor: str | None = None
) -> tuple[list[Row], str | None]:
    """Up to `limit` leads after the cursor, and the cursor of the next page or None. Raises Refused.

    `columns` are names of our own, the first one id.
    """
    common = bool(wanted.text) and text_is_common(wanted.text, more_than=COMMON_TEXT)
    by = narrow_field(wanted)
    many = counted(wanted, actor, today, walk=common, by=by) > MOST_COUNTED
    condition = wanted.where(actor, "lead", today, walk=common, by=by)
    mark = Mark.read(cursor, order) if cursor else None
    names = ", ".join(f"lead.{column}" for column in columns)
    found = page_rows(order, condition, mark, columns=names, size=limit, walk=many and not by)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        key = shown[-1][-1]
        number = (mark.number if mark is not None else 0) + limit
        following = Mark(as_day(key) if isinstance(key, date) else key, shown[-1][0], number).text()
    return [dict(zip(columns, row[:-1], strict=True)) for row in shown], following


def lead_row(lead_id: int, actor: Actor, *, columns: Sequence[str]) -> Row:
    """Chosen columns of one lead. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = one(f"select {', '.join(columns)} from lead where id = ? and {condition}", [lead_id, *params])
    if found is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return dict(zip(columns, found, strict=True))
