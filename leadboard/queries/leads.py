"""The list of leads and the bin: pages of 50 by keyset, in any order, at any size.

A page never counts or skips rows. Which way it reads depends on how many leads the filter finds: a few are looked up by
the filter and sorted, many are met soon enough by walking the index of the order. A capped count tells which. SQLite is left without statistics
(ANALYZE): on average a filter finds much, and for the few leads of a rare value it would read the whole table.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from leadboard.db import LARGEST_ID, as_day, is_sqlite, rows
from leadboard.errors import N_, Refused
from leadboard.events import BY_USER
from leadboard.fieldtypes import bound
from leadboard.permissions import Actor
from leadboard.queries.custom_fields import FIRST_NUMBER, FIRST_TEXT, custom_fields
from leadboard.queries.field_filter import PREFIX, FieldCondition
from leadboard.queries.lead_filter import LeadFilter
from leadboard.queries.lead_words import text_is_common
from leadboard.queries.settings import instance

PAGE = 50
# So many rows are looked up one by one in the time in which a page's rows are met among a million.
MOST_LOOKED_UP = 5000
# The most that is counted for a page; more is shown as "1,000+".
MOST_COUNTED = 1000
# To collect the ids of a text found more often costs more than to test the leads as they are met.
COMMON_TEXT = 50_000


@dataclass(frozen=True)
class Sort:
    """One order of the list: its column, its index in models/leads.py, and which rows have nothing to sort by.

    Of a custom field the `expression` of its index instead of a column.
    """

    column: str
    index: str
    kind: type | tuple[type, ...]
    empty: str = ""
    expression: str = ""

    @property
    def sql(self) -> str:
        return self.expression or f"lead.{self.column}"

    def part_sql(self, column: str, *, filled: bool) -> str:
        """The condition for rows with, or without, something to sort by; empty when that is every row."""
        if self.empty == "null":
            if filled and self.expression and is_sqlite():
                # No `is not null` is looked up in the index of an expression.
                return f"{column} >= {FIRST_TEXT if self.kind is str else FIRST_NUMBER}"
            return f"{column} is {'not ' if filled else ''}null"
        return f"{column} {'>' if filled else '='} ''" if self.empty else ""


SORTS = {
    "title": Sort("title_key", "lead_by_title", str),
    "organisation": Sort("organisation_key", "lead_by_organisation", str, "blank"),
    "value": Sort("value_amount", "lead_by_value", int, "null"),
    "next": Sort("next_task_on", "lead_by_next_task", date, "null"),
    "touch": Sort("last_touch_at", "lead_by_last_touch", int),
    "created": Sort("created_at", "lead_by_created", int),
    "close": Sort("expected_close_on", "lead_by_expected_close", date, "null"),
}
NEWEST_FIRST = "-created"


@dataclass(frozen=True)
class Order:
    """A sort and its direction, as the URL writes them: title, -value."""

    name: str
    descending: bool = False

    @classmethod
    def from_arg(cls, text: str | None) -> "Order":
        """Raises Refused naming the sorts there are."""
        name = (text or NEWEST_FIRST).removeprefix("-")
        if name not in SORTS and custom_sort(name) is None:
            raise Refused(
                N_("There is no sort by %(text)s. Known: %(known)s."), field="sort", text=name[:40], known=", ".join(SORTS)
            )
        return cls(name, (text or NEWEST_FIRST).startswith("-"))

    @property
    def arg(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    @property
    def sort(self) -> Sort:
        found = SORTS.get(self.name) or custom_sort(self.name)
        assert found is not None
        return found


def custom_sort(name: str) -> Sort | None:
    """The order by a custom field, f.budget; None when there is none."""
    field = custom_fields(instance().revision).by_key.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    if field is None or not field.is_sortable or field.definition.is_archived or field.type is None:
        return None
    return Sort("", field.index, str if field.compares_text else (int, float), "null", field.comparable())


class LeadRow(NamedTuple):
    """One line of the list. Names of stage, owner and source are in lead_filter.Known."""

    id: int
    title: str
    organisation: str
    stage_id: int
    value_amount: int | None
    value_currency: str
    owner_id: int | None
    next_task: str | None
    next_task_on: date | str | None
    email: str
    last_touch_at: int
    created_at: int
    expected_close_on: date | str | None
    fields: Any = None


_COLUMNS = (
    "lead.id, lead.title, lead.organisation_name, lead.stage_id, lead.value_amount, lead.value_currency, lead.owner_id,"
    " (select task.title from task where task.id = lead.next_task_id), lead.next_task_on, lead.email, lead.last_touch_at,"
    " lead.created_at, lead.expected_close_on"
)


class Mark(NamedTuple):
    """The place between two rows where a page begins: the row beside it, and that row's number in the list."""

    key: Any
    id: int
    number: int

    def text(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, date) else self.key
        if isinstance(key, Decimal):
            key = int(key) if key == int(key) else float(key)
        return base64.urlsafe_b64encode(json.dumps([key, self.id, self.number]).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, order: Order) -> "Mark":
        """Raises Refused for anything that this list did not write."""
        try:
            key, lead_id, number = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            sort = order.sort
            if sort.kind is date and key is not None:
                key = date.fromisoformat(key).isoformat()
            if not _is_key(key, sort) or not _is_whole(lead_id) or not _is_whole(number):
                raise ValueError(text)
            return cls(key, lead_id, max(1, min(number, 10**12)))
        except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError) as error:
            raise Refused(N_("This page of the list is not known. Start again on the first one."), field="page") from error


def _is_key(key: Any, sort: Sort) -> bool:
    """Whether this can be a value of the sort's column: neither database takes a NUL, a lone surrogate or a longer number."""
    if key is None:
        return sort.empty == "null"
    if isinstance(key, float):
        # Of a custom field, whose numbers have decimals.
        return isinstance(sort.kind, tuple) and abs(key) < LARGEST_ID
    if not isinstance(key, str):
        return sort.kind not in {str, date} and _is_whole(key)
    return sort.kind in {str, date} and "\0" not in key and not any("\ud800" <= character <= "\udfff" for character in key)


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) <= LARGEST_ID


@dataclass(frozen=True)
class LeadList:
    """`total` is exact up to MOST_COUNTED; `more_than_counted` says that there are more. `first` is the first row's number."""

    rows: list[LeadRow]
    total: int
    more_than_counted: bool
    first: int
    previous: str
    next: str


def lead_list(
    wanted: LeadFilter, order: Order, actor: Actor, today: date, *, after: str | None = None, before: str | None = None
) -> LeadList:
    """One page of the leads that the filter finds. Two statements, three or four with a text or rows without a key."""
    common = bool(wanted.text) and text_is_common(wanted.text, more_than=COMMON_TEXT)
    by = narrow_field(wanted)
    total = counted(wanted, actor, today, walk=common, by=by)
    many = total > MOST_COUNTED
    condition = wanted.where(actor, "lead", today, walk=common, by=by)
    backwards = before is not None
    mark = Mark.read(after or before or "", order) if after or before else None
    # The values of custom fields are read only when some of them have a column.
    columns = f"{_COLUMNS}, lead.fields" if custom_fields(instance().revision).in_list else _COLUMNS
    raw = page_rows(order, condition, mark, columns=columns, size=PAGE, backwards=backwards, walk=many and not by)
    found = [(LeadRow(*row[:-1]), row[-1]) for row in raw]
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    first = 1 if mark is None else mark.number - len(found) if backwards else mark.number + 1
    first = max(1, first)
    before_these, after_these = (more, True) if backwards else (mark is not None, more)
    return LeadList(
        [row for row, _ in found],
        min(total, MOST_COUNTED),
        many,
        first,
        _mark_of(found[0], first).text() if found and before_these else "",
        _mark_of(found[-1], first + len(found) - 1).text() if found and after_these else "",
    )


def narrow_field(wanted: LeadFilter) -> str:
    """The key of the custom field that finds the fewest leads, when these are few enough to look them all up and sort them.

    SQLite only: it knows nothing of the values. One statement for each field that the filter has an index for.
    """
    asked: dict[str, list[FieldCondition]] = {}
    for one in wanted.fields if is_sqlite() and not wanted.deleted else ():
        if one.is_lookup and one.field.index:
            asked.setdefault(one.field.key, []).append(one)
    few, found = MOST_LOOKED_UP, ""
    for key, conditions in asked.items():
        parts = [one.where("lead") for one in conditions]
        # Read from the index alone, and no further than the narrowest so far.
        [(count,)] = rows(
            f"select count(*) from (select 1 from lead indexed by {conditions[0].field.index} where lead.deleted_at is null"
            f" and {' and '.join(sql for sql, _ in parts)} limit {few + 1}) as found",
            [param for _, params in parts for param in params],
        )
        if count <= few:
            few, found = count, key
    return found


def counted(wanted: LeadFilter, actor: Actor, today: date, *, walk: bool = False, by: str = "") -> int:
    """How many leads the filter finds, at most one more than MOST_COUNTED."""
    sql, params = wanted.where(actor, "lead", today, walk=walk, by=by)
    # With nothing to look up by, SQLite would read the wide rows.
    hint = " indexed by lead_by_created" if is_sqlite() and sql == "lead.deleted_at is null" else ""
    found = rows(f"select count(*) from (select 1 from lead{hint} where {sql} limit {MOST_COUNTED + 1}) as found", params)
    return int(found[0][0])


def _mark_of(found: tuple[LeadRow, Any], number: int) -> Mark:
    row, key = found
    return Mark(as_day(key) if isinstance(key, date) else key, row.id, number)


def page_rows(
    order: Order,
    condition: tuple[str, list[Any]],
    mark: Mark | None,
    *,
    columns: str,
    size: int,
    walk: bool,
    backwards: bool = False,
) -> list[tuple[Any, ...]]:
    """Up to `size` rows and one more, away from the mark: rows with a key, then those without, or the reverse.

    Each is `columns`, which are our own and begin with the id, and its key.
    """
    descending = order.descending != backwards
    phases = ["filled", "empty"] if order.sort.empty else ["filled"]
    if backwards:
        phases.reverse()
    at_empty = mark is not None and order.sort.empty and mark.key in {None, ""}
    found: list[tuple[Any, ...]] = []
    for phase in phases:
        here = None
        if mark is not None:
            if (phase == "empty") == bool(at_empty):
                here = mark
            elif (phase == "empty") == backwards:
                # The mark lies further on: this part is behind it.
                continue
        left = size + 1 - len(found)
        found += _phase(order.sort, phase, condition, here, left, columns=columns, descending=descending, walk=walk)
        if len(found) > size:
            break
    return found


def _phase(
    sort: Sort,
    phase: str,
    condition: tuple[str, list[Any]],
    mark: Mark | None,
    limit: int,
    *,
    columns: str,
    descending: bool,
    walk: bool,
) -> list[tuple[Any, ...]]:
    sql, params = condition
    beyond, way = ("<", "desc") if descending else (">", "asc")
    # SQLite takes no account of the limit. The index is named when the order is walked, and kept out (by the sign) when not:
    # told nothing, it would sort everything that a filter finds, or walk everything to find a few.
    sign = "+" if is_sqlite() and not walk else ""
    hint = f" indexed by {sort.index}" if is_sqlite() and walk and sort.index else ""
    column = f"{sign}{sort.sql}"
    tests, values = [sql], list(params)
    part = sort.part_sql(column, filled=phase == "filled")
    if part:
        tests.append(part)
    keys = [f"{sign}lead.id"] if phase == "empty" else [column, f"{sign}lead.id"]
    if mark is not None:
        if phase == "filled" and sort.expression and is_sqlite():
            # Nor is a pair with an expression in it: without this one it would read from the beginning.
            tests.append(f"{column} {beyond}= ?")
            values.append(bound(mark.key))
        tests.append(f"({', '.join(keys)}) {beyond} ({', '.join('?' * len(keys))})")
        values += [mark.id] if phase == "empty" else [bound(mark.key), mark.id]
    ordered = ", ".join(f"{key} {way}" for key in keys)
    return rows(
        f"select {columns}, {sort.sql} from lead{hint} where {' and '.join(tests)} order by {ordered} limit {limit}",
        values,
    )


# ---------------------------------------------------------------------------------------------- the bin


class BinRow(NamedTuple):
    """A deleted lead, by whom and when."""

    id: int
    title: str
    organisation: str
    stage_id: int
    owner_id: int | None
    deleted_at: int
    deleted_by: str | None


def bin_page(actor: Actor, *, after: str | None = None) -> tuple[list[BinRow], str]:
    """The deleted leads that the actor may see, last deleted first, and the mark of the next page. One statement."""
    sql, params = LeadFilter(deleted=True).where(actor, "lead", date.min)
    if after:
        mark = Mark.read(after, Order("created"))
        sql, params = f"{sql} and (lead.deleted_at, lead.id) < (?, ?)", [*params, mark.key, mark.id]
    hint = " indexed by lead_deleted" if is_sqlite() else ""
    found = rows(
        "select lead.id, lead.title, lead.organisation_name, lead.stage_id, lead.owner_id, lead.deleted_at,"
        f" (select coalesce(u.name, '') from event e{BY_USER}"
        " where e.lead_id = lead.id and e.kind = 'lead_deleted' order by e.id desc limit 1)"
        f" from lead{hint} where {sql} order by lead.deleted_at desc, lead.id desc limit {PAGE + 1}",
        params,
    )
    shown = [BinRow(*row) for row in found[:PAGE]]
    more = Mark(shown[-1].deleted_at, shown[-1].id, 1).text() if len(found) > PAGE else ""
    return shown, more


def leads_changed(change_set_id: int) -> int:
    """How many leads an action changed."""
    found = rows("select count(distinct lead_id) from event where change_set_id = ?", (change_set_id,))
    return int(found[0][0])


def has_leads(actor: Actor) -> bool:
    """Whether the actor sees any lead at all."""
    sql, params = LeadFilter().where(actor, "lead", date.min)
    return bool(rows(f"select 1 from lead where {sql} limit 1", params))
