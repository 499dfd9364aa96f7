"""One page of a list of leads, contacts or organisations.

Which way it reads depends on how many records the filter finds: a few are looked up by the filter and sorted, many are
met soon enough by walking the index of the order. A capped count tells which. SQLite is left without statistics
(ANALYZE): on average a filter finds much, and for the few records of a rare value it would read the whole table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from leadboard.db import Where, is_sqlite, rows
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.keyset import Mark, Order, mark_of, page_rows
from leadboard.queries.record_filter import RecordFilter, narrow_field

PAGE = 50
# So many rows are looked up one by one in the time in which a page's rows are met among a million.
MOST_LOOKED_UP = 5000
# The most that is counted for a page; more is shown as "1,000+".
MOST_COUNTED = 1000
# To collect the ids of a text found more often costs more than to test the records as they are met.
COMMON_TEXT = 50_000

Row = TypeVar("Row", bound=tuple[Any, ...])


class Further(NamedTuple):
    """What rows hold beside what each of a list has: SQL of our own, and whether the custom values are wanted."""

    columns: tuple[str, ...] = ()
    has_fields: bool = False


NOTHING_FURTHER = Further()


@dataclass(frozen=True)
class RecordPage(Generic[Row]):
    """`total` is exact up to MOST_COUNTED; `more_than_counted` says that there are more. `first` is the first row's number.

    `condition` found them all.
    """

    rows: list[Row]
    total: int
    more_than_counted: bool
    first: int
    previous: str
    next: str
    condition: Where = ("", [])


def no_records() -> RecordPage[Any]:
    """A page of nothing, where nothing was asked."""
    return RecordPage([], 0, False, 1, "", "")


class Plan(NamedTuple):
    """How a filter is read: the condition, how many it finds as far as they were counted, and whether the order's index is walked."""

    condition: Where
    total: int
    walk: bool


def plan_of(wanted: RecordFilter, actor: Actor, today: date) -> Plan:
    """One statement; two or three with a text or custom fields."""
    ids, common = wanted.text_found(most=COMMON_TEXT)
    by = narrow_field(wanted, most=MOST_LOOKED_UP)
    condition = wanted.where(actor, wanted.record_type, today, walk=common, by=by, text_ids=ids)
    total = counted(wanted.record_type, condition)
    return Plan(condition, total, total > MOST_COUNTED and not by)


def counted(table: str, condition: Where) -> int:
    """How many records the condition finds, at most one more than MOST_COUNTED."""
    sql, params = condition
    # With nothing to look up by, SQLite would read the wide rows.
    hint = f" indexed by {table}_by_created" if is_sqlite() and sql == f"{table}.deleted_at is null" else ""
    found = rows(f"select count(*) from (select 1 from {table}{hint} where {sql} limit {MOST_COUNTED + 1}) as found", params)
    return int(found[0][0])


def read_page(
    wanted: RecordFilter,
    order: Order,
    actor: Actor,
    today: date,
    further: Further = NOTHING_FURTHER,
    *,
    columns: str,
    make: Callable[..., Row],
    after: str | None = None,
    before: str | None = None,
) -> RecordPage[Row]:
    """One page of the records that the filter finds: `make` of the `columns`, which begin with the id, of the custom values, which
    are None when nobody wants them, and of a tuple of the further ones. Two statements, three or four with a text or rows without a key.
    """
    condition, total, walk = plan_of(wanted, actor, today)
    backwards = before is not None
    mark = Mark.read(after or before or "", order.sort) if after or before else None
    fields = f"{wanted.record_type}.fields" if further.has_fields else "null"
    every = ", ".join((columns, fields, *further.columns))
    raw = page_rows(order, condition, mark, columns=every, size=PAGE, backwards=backwards, walk=walk)
    last = -1 - len(further.columns)
    found = [(make(*row[:last], row[last:-1]), row[-1]) for row in raw]
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    first = 1 if mark is None else mark.number - len(found) if backwards else mark.number + 1
    first = max(1, first)
    before_these, after_these = (more, True) if backwards else (mark is not None, more)
    return RecordPage(
        [row for row, _ in found],
        min(total, MOST_COUNTED),
        total > MOST_COUNTED,
        first,
        mark_of(found[0][1], found[0][0][0], first).text() if found and before_these else "",
        mark_of(found[-1][1], found[-1][0][0], first + len(found) - 1).text() if found and after_these else "",
        condition,
    )


def records_from(
    wanted: RecordFilter,
    order: Order,
    actor: Actor,
    today: date,
    *,
    columns: tuple[str, ...],
    limit: int,
    cursor: str | None = None,
) -> tuple[list[tuple[Any, ...]], str | None]:
    """For programs: up to `limit` records after the cursor, and the cursor of the next page or None. Raises Refused.

    `columns` are SQL of our own, the first one the id.
    """
    condition, _, walk = plan_of(wanted, actor, today)
    mark = Mark.read(cursor, order.sort) if cursor else None
    found = page_rows(order, condition, mark, columns=", ".join(columns), size=limit, walk=walk)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        number = (mark.number if mark is not None else 0) + limit
        following = mark_of(shown[-1][-1], shown[-1][0], number).text()
    return [row[:-1] for row in shown], following


def has_records(record_type: str, actor: Actor) -> bool:
    """Whether the actor sees any of them at all."""
    sql, params = visible_sql(actor, record_type)
    return bool(rows(f"select 1 from {record_type} where {sql} limit 1", params))


def records_changed(change_set_id: int, record_type: str) -> int:
    """How many records of the type an action changed."""
    found = rows(
        "select count(distinct record_id) from event where change_set_id = ? and record_type = ?", (change_set_id, record_type)
    )
    return int(found[0][0])
