"""Lists in pages by keyset, in any order, at any size: a page begins beside a row, it never counts or skips rows."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from leadboard.db import LARGEST_ID, Where, as_day, is_sqlite, rows
from leadboard.errors import N_, Unknown
from leadboard.fieldtypes import bound
from leadboard.queries.custom_fields import FIRST_NUMBER, FIRST_TEXT, custom_fields
from leadboard.queries.field_filter import PREFIX
from leadboard.queries.settings import instance


@dataclass(frozen=True)
class Sort:
    """One order of a list: its column, the index of it, and which rows have nothing to sort by ("null" or "blank").

    Of a custom field `sql` is the expression of its index instead of a column.
    """

    sql: str
    index: str
    kind: type | tuple[type, ...]
    empty: str = ""
    is_expression: bool = False

    def part_sql(self, column: str, *, filled: bool) -> str:
        """The condition for rows with, or without, something to sort by; empty when that is every row."""
        if self.empty == "null":
            if filled and self.is_expression and is_sqlite():
                # No `is not null` is looked up in the index of an expression.
                return f"{column} >= {FIRST_TEXT if self.kind is str else FIRST_NUMBER}"
            return f"{column} is {'not ' if filled else ''}null"
        return f"{column} {'>' if filled else '='} ''" if self.empty else ""


@dataclass(frozen=True)
class Listing:
    """The list of one type of records: the name of its table, the orders it can be read in, and the one nobody asked for."""

    record_type: str
    sorts: Mapping[str, Sort]
    usual: str = "-created"

    def order(self, text: str | None) -> "Order":
        """As the URL writes it: title, -value, f.budget. Raises Refused naming the sorts there are."""
        name = (text or self.usual).removeprefix("-")
        if self.sort(name) is None:
            fields = custom_fields(instance().revision, self.record_type).active
            known = [*self.sorts, *(PREFIX + one.key for one in fields if one.is_sortable)]
            raise Unknown(
                N_("There is no sort by %(text)s. Known: %(known)s."), field="sort", text=name[:40], known=", ".join(known)
            )
        return Order(self, name, (text or self.usual).startswith("-"))

    def sort(self, name: str) -> Sort | None:
        """The order by a column, or by a custom field; None when there is none."""
        if not name.startswith(PREFIX):
            return self.sorts.get(name)
        found = custom_fields(instance().revision, self.record_type).by_key.get(name.removeprefix(PREFIX))
        if found is None or not found.is_sortable or found.definition.is_archived or found.type is None:
            return None
        return Sort(found.comparable(), found.index, str if found.compares_text else (int, float), "null", is_expression=True)


@dataclass(frozen=True)
class Order:
    """A sort of a listing and its direction."""

    listing: Listing = field(repr=False)
    name: str
    descending: bool = False

    @property
    def arg(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    @property
    def args(self) -> dict[str, str]:
        """The arguments of the URL of this order: none of the usual one."""
        return {} if self.arg == self.listing.usual else {"sort": self.arg}

    @property
    def sort(self) -> Sort:
        found = self.listing.sort(self.name)
        assert found is not None
        return found


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
    def read(cls, text: str, sort: Sort) -> "Mark":
        """Raises Refused for anything that this list did not write."""
        try:
            key, record_id, number = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if sort.kind is date and key is not None:
                key = date.fromisoformat(key).isoformat()
            if not _is_key(key, sort) or not _is_whole(record_id) or not _is_whole(number):
                raise ValueError(text)
            return cls(key, record_id, max(1, min(number, 10**12)))
        except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError) as error:
            raise Unknown(N_("This page of the list is not known. Start again on the first one."), field="page") from error


def mark_of(key: Any, record_id: int, number: int) -> Mark:
    """The mark beside a row that was read: days of raw rows become days."""
    return Mark(as_day(key) if isinstance(key, date) else key, record_id, number)


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


def page_rows(
    order: Order, condition: Where, mark: Mark | None, *, columns: str, size: int, walk: bool, backwards: bool = False
) -> list[tuple[Any, ...]]:
    """Up to `size` rows and one more, away from the mark: rows with a key, then those without, or the reverse.

    Each is `columns`, which are our own and begin with the id, and its key.
    """
    sort = order.sort
    descending = order.descending != backwards
    phases = ["filled", "empty"] if sort.empty else ["filled"]
    if backwards:
        phases.reverse()
    at_empty = mark is not None and sort.empty and mark.key in {None, ""}
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
        table = order.listing.record_type
        found += _phase(table, sort, phase, condition, here, left, columns=columns, descending=descending, walk=walk)
        if len(found) > size:
            break
    return found


def _phase(
    table: str,
    sort: Sort,
    phase: str,
    condition: Where,
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
    keys = [f"{sign}{table}.id"] if phase == "empty" else [column, f"{sign}{table}.id"]
    if mark is not None:
        if phase == "filled" and sort.is_expression and is_sqlite():
            # Nor is a pair with an expression in it: without this one it would read from the beginning.
            tests.append(f"{column} {beyond}= ?")
            values.append(bound(mark.key))
        tests.append(f"({', '.join(keys)}) {beyond} ({', '.join('?' * len(keys))})")
        values += [mark.id] if phase == "empty" else [bound(mark.key), mark.id]
    ordered = ", ".join(f"{key} {way}" for key in keys)
    return rows(
        f"select {columns}, {sort.sql} from {table}{hint} where {' and '.join(tests)} order by {ordered} limit {limit}",
        values,
    )
