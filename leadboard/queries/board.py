"""What a board shows: columns, cards and header numbers, by hand-written SQL over one filter.

A whole board without a filter is six statements, however many leads there are; filtered_board.py has the others. Numbers come
from the same condition as the cards, never from the cards loaded; above COUNT_CAP leads a stage its sums are fetched by a request
of their own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import Where, as_day, is_sqlite, one, rows
from leadboard.models.leads import ON_BOARD
from leadboard.queries.pipelines import StageRow
from leadboard.queries.tags import parse_ids, tag_ids_sql
from leadboard.queries.text_search import among_sql

PAGE = 25
MOST_CARDS = 1000
COUNT_CAP = 1000


@dataclass(slots=True)
class Card:
    """A lead as its card shows it. `next_on` and `next_title` are the earliest open task."""

    id: int
    version: int
    title: str
    organisation: str
    value_amount: int | None
    value_currency: str
    interest: str
    owner_id: int | None
    owner_name: str
    next_title: str | None
    next_on: date | None
    position: int
    next_task_id: int | None
    fields: Any = None
    tag_ids: str | None = None
    last_touch_at: int = 0
    stage_entered_at: int = 0
    others: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the cards of a board show beside the usual, so that only that is read.

    `clocks`: a stage has limits. `columns` are further columns of the lead, by our own names.
    """

    fields: bool = False
    tags: bool = False
    clocks: bool = False
    columns: tuple[str, ...] = ()


NO_PARTS = Parts()


@dataclass(slots=True)
class Numbers:
    """The header of one column. `count` is exact up to COUNT_CAP; None sums mean they are fetched separately.

    `totals` and `weighted` are {currency: minor units}; `steps` {overdue, today, planned, none: leads}.
    """

    count: int = 0
    capped: bool = False
    totals: dict[str, int] | None = None
    weighted: dict[str, int] | None = None
    steps: dict[str, int] | None = None


def newest_event() -> int:
    """Where the log stands: what a live board asks to be told of after."""
    found = one("select max(id) from event")
    return int(found[0] or 0) if found else 0


def folded_stages(user_id: int | None) -> tuple[int, frozenset[int]]:
    """newest_event(), and the columns that this person has folded away. One statement."""
    joined = "group_concat(stage_id)" if is_sqlite() else "string_agg(stage_id::text, ',')"
    found = one(f"select max(id), (select {joined} from folded_stage where user_id = ?) from event", (user_id,))  # noqa: S608 - ours
    return (int(found[0] or 0), frozenset(parse_ids(found[1]))) if found else (0, frozenset())


_CARD = (
    "lead.id, lead.version, lead.title, lead.organisation_name, lead.value_amount, lead.value_currency, lead.interest,"
    " lead.owner_id, lead.next_task_id, lead.next_task_on, lead.position, lead.stage_id{more}"
)
_CARDS = (
    "select lead.id, lead.version, lead.title, lead.organisation_name, lead.value_amount, lead.value_currency, lead.interest,"
    " lead.owner_id, coalesce(u.name, ''), t.title, lead.next_task_on, lead.position, lead.stage_id, lead.next_task_id{more} from ({branches}) lead"
    ' left join "user" u on u.id = lead.owner_id left join task t on t.id = lead.next_task_id order by lead.stage_id, lead.position'
)
_BRANCH = "select * from (select {card} from lead where {where} and {board} and lead.stage_id = ?{after} order by lead.position limit ?) b{number}"


def cards(wanted: Mapping[int, int], where: Where, parts: Parts = NO_PARTS, *, after: int | None = None) -> dict[int, list[Card]]:
    """{stage: cards} in column order, at most `wanted[stage]` + 1 each (one more tells that there are more).

    `after` continues a single column below a position. One statement for all columns.
    """
    if not wanted:
        return {}
    sql, params = where
    branches, values, (inner, outer) = [], [], _more_columns(parts)
    for number, (stage_id, limit) in enumerate(wanted.items()):
        branches.append(
            _BRANCH.format(
                card=_CARD.format(more=inner),
                where=sql,
                board=ON_BOARD_OF_LEAD,
                after=" and lead.position > ?" if after is not None else "",
                number=number,
            )
        )
        values += [*params, stage_id, *([after] if after is not None else []), min(limit, MOST_CARDS) + 1]
    found: dict[int, list[Card]] = {stage_id: [] for stage_id in wanted}
    for row in rows(_CARDS.format(branches=" union all ".join(branches), more=outer), values):
        found[row[12]].append(_card(row, parts))
    return found


ON_BOARD_OF_LEAD = " and ".join(f"lead.{part}" for part in ON_BOARD.split(" and "))


def one_card(lead_id: int, where: Where, parts: Parts = NO_PARTS) -> Card | None:
    """The card of one lead when the condition lets it be seen and it is on the board."""
    sql, params = where
    inner, outer = _more_columns(parts)
    branch = f"select {_CARD.format(more=inner)} from lead where {sql} and {ON_BOARD_OF_LEAD} and lead.id = ?"  # noqa: S608
    found = rows(
        _CARDS.format(branches=branch, more=outer),
        [*params, lead_id],
    )
    if not found:
        return None
    return _card(found[0], parts)


def cards_of(lead_ids: Sequence[int], parts: Parts = NO_PARTS) -> dict[int, Card]:
    """{lead: its card} of leads that the caller has found on the board. One statement."""
    if not lead_ids:
        return {}
    (inner, outer), (among, ids) = _more_columns(parts), among_sql("lead", lead_ids)
    branch = f"select {_CARD.format(more=inner)} from lead where {among}"  # noqa: S608
    return {row[0]: _card(row, parts) for row in rows(_CARDS.format(branches=branch, more=outer), ids)}


def _card(row: Sequence[Any], parts: Parts) -> Card:
    card = Card(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], as_day(row[10]), row[11], row[13]
    )  # fmt: skip
    if len(row) > 14:
        rest = iter(row[14:])
        if parts.fields:
            card.fields = next(rest)
        if parts.tags:
            card.tag_ids = next(rest)
        if parts.clocks:
            card.last_touch_at, card.stage_entered_at = next(rest), next(rest)
        card.others = tuple(rest)
    return card


def _more_columns(parts: Parts) -> tuple[str, str]:
    """The columns that only some boards need: of the inner and of the outer select."""
    names = [
        *(["fields"] if parts.fields else []),
        *(["last_touch_at", "stage_entered_at"] if parts.clocks else []),
        *parts.columns,
    ]
    inner = "".join(f", lead.{name}" for name in names)
    outer = [f"lead.{name}" for name in names]
    if parts.tags:
        outer.insert(1 if parts.fields else 0, tag_ids_sql("lead"))
    return inner, "".join(f", {one}" for one in outer)


def counts(stage_ids: Sequence[int], where: Where) -> dict[int, int]:
    """{stage: leads on the board}, counted up to COUNT_CAP + 1. One statement that reads an index only."""
    if not stage_ids:
        return {}
    sql, params = where
    part = (
        f"select ? as stage_id, (select count(*) from (select 1 from lead where {sql} and {ON_BOARD_OF_LEAD}"  # noqa: S608
        " and lead.stage_id = ? limit ?) c{n}) as found"
    )
    values: list[Any] = []
    for stage_id in stage_ids:
        values += [stage_id, *params, stage_id, COUNT_CAP + 1]
    text = " union all ".join(part.replace("{n}", str(number)) for number in range(len(stage_ids)))
    return {int(row[0]): int(row[1]) for row in rows(text, values)}


def numbers(stages: Sequence[StageRow], where: Where, today: date) -> dict[int, Numbers]:
    """The headers of columns. Two statements; sums are left out for stages above the cap."""
    counted = counts([stage.id for stage in stages], where)
    found = {stage.id: Numbers(count=min(counted[stage.id], COUNT_CAP), capped=counted[stage.id] > COUNT_CAP) for stage in stages}
    small = [stage for stage in stages if not found[stage.id].capped]
    for stage_id, summed in sums(small, where, today).items():
        found[stage_id].totals, found[stage_id].weighted, found[stage_id].steps = summed.totals, summed.weighted, summed.steps
    return found


def sums(stages: Sequence[StageRow], where: Where, today: date) -> dict[int, Numbers]:
    """Count, sums by currency and next-step states of whole columns. One statement; its cost grows with the leads."""
    out = {
        stage.id: Numbers(totals={}, weighted={}, steps={"overdue": 0, "today": 0, "planned": 0, "none": 0}) for stage in stages
    }
    if not stages:
        return out
    sql, params = where
    day = today.isoformat()
    # Times 1.0: SQLite's sum of whole numbers fails beyond 64 bits, which a hundred absurd values reach. It stays exact up
    # to 2^53 there, PostgreSQL's always.
    chance = " ".join(f"when {stage.id:d} then {stage.probability:d}" for stage in stages)
    found = rows(
        "select lead.stage_id, lead.value_currency, count(*), sum(lead.value_amount * 1.0),"  # noqa: S608 - whole numbers of our own
        f" sum(lead.value_amount * 1.0 * coalesce(lead.probability, case lead.stage_id {chance} else 0 end)),"
        " sum(case when lead.next_task_on < ? then 1 else 0 end), sum(case when lead.next_task_on = ? then 1 else 0 end),"
        # A step without a day is planned, as queries/lead_filter.py has it.
        " sum(case when lead.next_task_on > ? or (lead.next_task_on is null and lead.next_task_id is not null) then 1 else 0 end)"
        f" from lead where {sql} and {ON_BOARD_OF_LEAD} and lead.stage_id in ({', '.join('?' * len(stages))})"
        " group by lead.stage_id, lead.value_currency",
        [day, day, day, *params, *(stage.id for stage in stages)],
    )
    for stage_id, currency, count, total, weighted, overdue, due, planned in found:
        numbers_of = out[stage_id]
        assert numbers_of.totals is not None
        assert numbers_of.weighted is not None
        assert numbers_of.steps is not None
        numbers_of.count += count
        if total is not None:
            numbers_of.totals[currency] = int(total)
            numbers_of.weighted[currency] = int(weighted) // 100
        for state, more in (
            ("overdue", overdue),
            ("today", due),
            ("planned", planned),
            ("none", count - overdue - due - planned),
        ):
            numbers_of.steps[state] += int(more)
    return out


# ---------------------------------------------------------------------------------------------- live

MOST_EVENTS = 500
_STRUCTURE = {"stage_changed", "pipeline_changed"}


@dataclass(frozen=True, slots=True)
class News:
    """What happened since a board was drawn: `stages` to draw again, or the whole board when `structure` changed."""

    version: int
    stages: frozenset[int]
    structure: bool


def news_since(version: int, stage_ids: frozenset[int]) -> News | None:
    """What concerns the board with these stages after event `version`; None when nothing happened at all."""
    found = rows("select id, kind, lead_id, data from event where id > ? order by id limit ?", (version, MOST_EVENTS + 1))
    if not found:
        return None
    newest = newest_event() if len(found) > MOST_EVENTS else int(found[-1][0])
    if len(found) > MOST_EVENTS:
        return News(newest, stage_ids, False)
    touched: set[int] = set()
    unknown: set[int] = set()
    for _, kind, lead_id, data in found:
        if kind in _STRUCTURE:
            return News(newest, stage_ids, True)
        if lead_id is None:
            continue
        touched.update(_stages_in(data))
        unknown.add(int(lead_id))
    for start in range(0, len(unknown), MOST_EVENTS):
        part = sorted(unknown)[start : start + MOST_EVENTS]
        places = ", ".join("?" * len(part))
        touched.update(int(row[0]) for row in rows(f"select distinct stage_id from lead where id in ({places})", part))  # noqa: S608
    return News(newest, frozenset(touched) & stage_ids, False)


def _stages_in(data: str) -> list[int]:
    values = json.loads(data)
    return [value for name in ("stage", "from_stage") if (value := values.get(name)) is not None]
