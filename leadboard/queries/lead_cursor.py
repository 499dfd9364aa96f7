"""Leads for programs: chosen columns, a page of any size by cursor, the same filter and order as the list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from leadboard.db import as_day
from leadboard.permissions import Actor
from leadboard.queries.lead_filter import LeadFilter, text_is_common
from leadboard.queries.leads import COMMON_TEXT, MOST_COUNTED, Mark, Order, counted, narrow_field, page_rows


def leads_from(
    wanted: LeadFilter, order: Order, actor: Actor, today: date, *, columns: Sequence[str], limit: int, cursor: str | None = None
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Up to `limit` leads after the cursor, and the cursor of the next page or None. Raises Refused.

    `columns` are SQL of our own, the first one lead.id.
    """
    common = bool(wanted.text) and text_is_common(wanted.text, more_than=COMMON_TEXT)
    by = narrow_field(wanted)
    many = counted(wanted, actor, today, walk=common, by=by) > MOST_COUNTED
    condition = wanted.where(actor, "lead", today, walk=common, by=by)
    mark = Mark.read(cursor, order) if cursor else None
    found = page_rows(order, condition, mark, columns=", ".join(columns), size=limit, walk=many and not by)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        key = shown[-1][-1]
        number = (mark.number if mark is not None else 0) + limit
        following = Mark(as_day(key) if isinstance(key, date) else key, shown[-1][0], number).text()
    return [row[:-1] for row in shown], following
