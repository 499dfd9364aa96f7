"""A board under a filter, within the time of a page however many leads there are.

What few leads fit is looked up and is exact. Else each column is looked through from its top: a short one to its end, which is
exact too, a long one as far as a page has time for. The rest is looked through by requests of its own, on the way down.
docs/decisions/021-filtered-boards.md has the figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from leadboard.db import Where, is_sqlite, rows
from leadboard.permissions import Actor
from leadboard.queries.board import COUNT_CAP, ON_BOARD_OF_LEAD, Card, Numbers, Parts, cards_of
from leadboard.queries.field_filter import FieldCondition
from leadboard.queries.lead_filter import LeadFilter
from leadboard.queries.pipelines import StageRow
from leadboard.queries.record_filter import ME, NOBODY, next_step_sql
from leadboard.queries.text_search import among_sql, begins_sql

# Leads that are looked at in a column of more than COUNT_CAP: with the whole page, and by a request for this column alone.
NEAR, FAR = 200, 20_000
# So many are looked up one by one, wherever they are.
FEW = 1000


class Column(NamedTuple):
    """`until` is the place below which nobody looked yet; None: this is all. `numbers` are of what was looked at."""

    numbers: Numbers
    cards: list[Card]
    until: int | None


class _Seen(NamedTuple):
    """What a lead adds to its column."""

    id: int
    currency: str
    amount: int | None
    probability: int | None
    next_on: Any
    next_task_id: int | None


@dataclass(frozen=True)
class FilteredBoard:
    """The columns of one reader's filter. `few` are the only leads that it can find, when these are few."""

    wanted: LeadFilter
    actor: Actor
    today: date
    few: Sequence[int] | None = None

    @classmethod
    def of(cls, wanted: LeadFilter, actor: Actor, today: date) -> "FilteredBoard":
        return cls(wanted, actor, today, _few(wanted, actor, today))

    def columns(
        self, stages: Sequence[StageRow], limits: Mapping[int, int], parts: Parts, *, reach: int, after: int | None = None
    ) -> dict[int, Column]:
        """{stage: column} of all `stages`, with the cards of those in `limits`, at most so many and one more.

        `after` looks on below a place. Three statements at most.
        """
        ends = self._ends(stages, after, reach) if self.few is None else {}
        seen = self._seen([stage.id for stage in stages], ends, after)
        shown = [one.id for stage_id, limit in limits.items() for one in seen[stage_id][: limit + 1]]
        cards = cards_of(shown, parts)
        return {
            stage.id: Column(
                _numbers(stage, seen[stage.id], self.today, is_all=ends.get(stage.id) is None),
                [cards[one.id] for one in seen[stage.id][: limits.get(stage.id, -1) + 1] if one.id in cards],
                ends.get(stage.id),
            )
            for stage in stages
        }

    def numbers(self, stages: Sequence[StageRow]) -> dict[int, Numbers]:
        """The headers alone."""
        return {stage_id: column.numbers for stage_id, column in self.columns(stages, {}, Parts(), reach=NEAR).items()}

    def count(self, stages: Sequence[StageRow]) -> tuple[int, bool]:
        """How many leads columns have together, and whether there may be more. Columns with a lot are not looked through."""
        found = self.numbers(stages).values()
        return sum(one.count for one in found), any(one.capped for one in found)

    def _ends(self, stages: Sequence[StageRow], after: int | None, reach: int) -> dict[int, int | None]:
        """Where to stop in each column; None at its end. One statement, of an index only."""
        if not stages:
            return {}
        below = "" if after is None else " and position > ?"
        place = f"(select position from lead where {ON_BOARD_OF_LEAD} and lead.stage_id = ?{below} order by position limit 1 offset ?)"  # noqa: S608 - ours
        values: list[Any] = []
        for stage in stages:
            mine = [stage.id] if after is None else [stage.id, after]
            values += [stage.id, *mine, max(COUNT_CAP, reach), *mine, reach - 1]
        text = " union all ".join([f"select ?, {place}, {place}"] * len(stages))
        return {int(stage_id): None if last is None else end for stage_id, last, end in rows(_typed(text), values)}

    def _seen(self, stage_ids: Sequence[int], ends: Mapping[int, int | None], after: int | None) -> dict[int, list[_Seen]]:
        """The leads of each column in order, no more than one above the cap. One statement."""
        found: dict[int, list[_Seen]] = {stage_id: [] for stage_id in stage_ids}
        if not stage_ids or self.few == ():
            return found
        where, params = self.wanted.where(self.actor, "lead", self.today, walk=True)
        branches, values = [], list[Any]()
        if self.few is not None:
            among, ids = among_sql("lead", self.few)
            places = ", ".join("?" * len(stage_ids))
            below = "" if after is None else " and lead.position > ?"
            branches.append(
                f"select lead.stage_id, lead.position, {_SEEN} from lead{' not indexed' if is_sqlite() else ''}"  # noqa: S608 - ours
                f" where {where} and {among} and {ON_BOARD_OF_LEAD} and lead.stage_id in ({places}){below}"
            )
            values = [*params, *ids, *stage_ids, *([] if after is None else [after])]
            stage_ids = []
        hint = " indexed by lead_board" if is_sqlite() else ""
        for number, stage_id in enumerate(stage_ids):
            end = ends.get(stage_id)
            bounds = [(" and lead.position > ?", after), (" and lead.position <= ?", end)]
            branches.append(
                f"select * from (select lead.stage_id, lead.position, {_SEEN} from lead{hint}"  # noqa: S608 - ours
                f" where {where} and {ON_BOARD_OF_LEAD} and lead.stage_id = ?{''.join(sql for sql, at in bounds if at is not None)}"
                f" order by lead.position limit {COUNT_CAP + 1}) b{number}"
            )
            values += [*params, stage_id, *(at for _, at in bounds if at is not None)]
        text = _IN_ORDER.format(columns=" union all ".join(branches))
        for stage_id, _, *rest in rows(text, values):
            found[stage_id].append(_Seen(*rest))
        return found


_IN_ORDER = "{columns} order by 1, 2"
_SEEN = "lead.id, lead.value_currency, lead.value_amount, lead.probability, lead.next_task_on, lead.next_task_id"


def _typed(text: str) -> str:
    """PostgreSQL has to be told that a selected place is a whole number."""
    return text if is_sqlite() else text.replace("select ?,", "select ?::bigint,")


def _numbers(stage: StageRow, seen: Sequence[_Seen], today: date, *, is_all: bool) -> Numbers:
    """The sums as queries/board.py has them; none of a column that was not looked through."""
    capped = not is_all or len(seen) > COUNT_CAP
    found = Numbers(count=min(len(seen), COUNT_CAP), capped=capped)
    if capped:
        return found
    day = today.isoformat()
    found.totals, found.weighted, found.steps = {}, {}, {"overdue": 0, "today": 0, "planned": 0, "none": 0}
    for one in seen:
        if one.amount is not None:
            chance = stage.probability if one.probability is None else one.probability
            found.totals[one.currency] = found.totals.get(one.currency, 0) + one.amount
            found.weighted[one.currency] = found.weighted.get(one.currency, 0) + one.amount * chance
        found.steps[_step(None if one.next_on is None else str(one.next_on), one.next_task_id, day)] += 1
    found.weighted = {currency: amount // 100 for currency, amount in found.weighted.items()}
    return found


def _step(next_on: str | None, next_task_id: int | None, day: str) -> str:
    if next_on is None:
        return "none" if next_task_id is None else "planned"
    return "overdue" if next_on < day else "today" if next_on == day else "planned"


# ---------------------------------------------------------------------------------------------- few


def _few(wanted: LeadFilter, actor: Actor, today: date) -> tuple[int, ...] | None:
    """The leads that one condition of the filter leaves, when these are at most FEW."""
    for sql, params in _narrow(wanted, actor, today):
        found = rows(f"select * from ({sql} limit {FEW + 1}) as found", params)  # noqa: S608 - ours
        if len(found) <= FEW:
            return tuple(number for (number,) in found)
    return None


def _narrow(wanted: LeadFilter, actor: Actor, today: date) -> Iterator[Where]:
    """Selects of ids, each by one condition that an index serves and the others of the filter left out."""
    lookup = wanted.text_lookup()
    if lookup is not None:
        yield f"select * from ({lookup[0]}) as ids", lookup[1]  # noqa: S608 - ours
    of_lead = "select id from lead where lead.deleted_at is null and"
    if wanted.text and lookup is None:
        sql, params = begins_sql("lead.title_key", wanted.text)
        yield f"{of_lead} {sql}", params
    for column, value in _equal(wanted, actor):
        yield f"{of_lead} {column} = ?", [value]
    if wanted.owner == NOBODY:
        yield f"{of_lead} lead.owner_id is null", []
    if wanted.next_step in {"overdue", "today"}:
        sql, params = next_step_sql("lead", wanted.next_step, today)
        yield f"{of_lead} {sql}", params
    by_field: dict[str, list[FieldCondition]] = {}
    for one in wanted.fields:
        if one.is_lookup and one.field.index:
            by_field.setdefault(one.field.key, []).append(one)
    for conditions in by_field.values():
        parts = [one.where("lead") for one in conditions]
        hint = f" indexed by {conditions[0].field.index}" if is_sqlite() else ""
        yield (
            f"select id from lead{hint} where lead.deleted_at is null and {' and '.join(sql for sql, _ in parts)}",  # noqa: S608 - ours
            [param for _, params in parts for param in params],
        )
    for typed in wanted.query.conditions():
        if typed.is_lookup:
            sql, params = typed.where("lead")
            yield f"{of_lead} {sql}", params
    if wanted.tag_id is not None:
        yield "select lead_id as id from lead_tag where tag_id = ?", [wanted.tag_id]
    if not actor.sees_all:
        # Their own and what is nobody's, as visible_sql() has it, each by the index of owners.
        yield f"{of_lead} lead.owner_id = ? union all {of_lead} lead.owner_id is null", [actor.id]


def _equal(wanted: LeadFilter, actor: Actor) -> Iterator[tuple[str, int]]:
    """Columns with an index of their own, and what they are to be."""
    if wanted.firm is not None:
        yield "lead.organisation_id", wanted.firm.id
    if wanted.person is not None:
        yield "lead.contact_id", wanted.person.id
    owner = actor.id if wanted.owner == ME else wanted.owner
    if isinstance(owner, int):
        yield "lead.owner_id", owner
    if wanted.source_id is not None:
        yield "lead.source_id", wanted.source_id
