"""Work on many records as its job and its pages read it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import is_sqlite, one, rows
from leadboard.errors import N_, NotFound
from leadboard.models.bulk import BulkState
from leadboard.models.jobs import JobState
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.hosts import TITLES
from leadboard.queries.keyset import Listing
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.leads import LEAD_LIST
from leadboard.queries.limits import within
from leadboard.queries.party_filter import FILTERS
from leadboard.queries.party_list import CONTACT_LIST, ORGANISATION_LIST
from leadboard.queries.record_filter import RecordFilter, known_owners
from leadboard.queries.record_list import COMMON_TEXT, MOST_COUNTED, plan_of, records_from

LISTINGS: dict[str, Listing] = {"lead": LEAD_LIST, "contact": CONTACT_LIST, "organisation": ORGANISATION_LIST}
PART = 1000
COUNT_MS = 2000
# Of an action that is taken back.
EVENTS = "event"
_COLUMNS = (
    "id, user_id, record_type, state, selection, task, counts, total_rows, done_rows, change_set_id, job, error, created_at,"
    " finished_at"
)


@dataclass(frozen=True)
class BulkTask:
    """A row of bulk_run. `selection` is {"args": {…}, "sort": …} of a filter, or {"ids": true} of ticked records."""

    id: int
    user_id: int | None
    record_type: str
    state: str
    selection: dict[str, Any]
    task: dict[str, Any]
    counts: dict[str, int]
    total: int
    done: int
    change_set_id: int | None
    job: str
    error: str | None
    created_at: int
    finished_at: int | None

    @property
    def is_by_filter(self) -> bool:
        return "args" in self.selection

    @property
    def is_undo(self) -> bool:
        return self.record_type == EVENTS

    @property
    def is_walking(self) -> bool:
        return self.state in {BulkState.COLLECTING, BulkState.RUNNING}


def load_bulk(run_id: int) -> BulkTask | None:
    found = one(f"select {_COLUMNS} from bulk_run where id = ?", (run_id,))  # noqa: S608 - a constant
    return _task(found) if found else None


def own_bulk(run_id: int, actor: Actor) -> BulkTask:
    """One that this person began. Raises NotFound."""
    found = load_bulk(run_id)
    if found is None or actor.id is None or found.user_id != actor.id:
        raise NotFound(N_("This work does not exist, or somebody else began it."))
    return found


def recent_bulk(actor: Actor, limit: int = 30) -> list[BulkTask]:
    """What this person began lately, the newest first. One statement."""
    found = rows(
        f"select {_COLUMNS} from bulk_run where user_id = ? and state <> 'draft' order by id desc limit ?",  # noqa: S608 - a constant
        (actor.id, limit),
    )
    return [_task(row) for row in found]


def _task(row: Sequence[Any]) -> BulkTask:
    return BulkTask(*row[:4], *map(json.loads, row[4:7]), *row[7:])


def has_stopped(run: BulkTask) -> bool:
    """Whether its job has given up."""
    if not run.is_walking:
        return False
    found = one("select state from job where key = ?", (run.job,))
    return found is None or found[0] in {JobState.FAILED, JobState.DONE}


# ---------------------------------------------------------------------------------------------- which records


def filter_of(record_type: str, args: Mapping[str, str], actor: Actor) -> RecordFilter:
    """The filter of a list's URL; never of the bin. Raises Refused when something in it is gone. One or two statements."""
    if record_type == "lead":
        return LeadFilter.from_args(args, actor, known_values()).without("deleted")
    return FILTERS[record_type].from_args(args, actor, known_owners()).without("deleted")


def count_of(run: BulkTask, actor: Actor, today: date) -> tuple[int, bool]:
    """How many records are selected now, and whether that is all of them: False says at least so many."""
    if not run.is_by_filter:
        return run.total, True
    wanted = filter_of(run.record_type, run.selection["args"], actor)
    plan = plan_of(wanted, actor, today)
    if plan.total <= MOST_COUNTED:
        return plan.total, True
    found = within(COUNT_MS, lambda: one(*_select(wanted, "count(*)", actor, today)))
    return (int(found[0]), True) if found is not None else (MOST_COUNTED, False)


def every_id(wanted: RecordFilter, actor: Actor, today: date) -> list[int]:
    """The ids of all that the filter finds, in the order in which they were made."""
    return sorted(int(row[0]) for row in rows(*_select(wanted, f"{wanted.record_type}.id", actor, today)))


def _select(wanted: RecordFilter, what: str, actor: Actor, today: date) -> tuple[str, list[Any]]:
    table = wanted.record_type
    common = bool(wanted.text) and wanted.text_is_common(more_than=COMMON_TEXT)
    sql, params = wanted.where(actor, table, today, walk=common)
    # With nothing to look up by, SQLite would read the wide rows.
    hint = f" indexed by {table}_by_created" if is_sqlite() and sql == f"{table}.deleted_at is null" else ""
    return f"select {what} from {table}{hint} where {sql}", params  # noqa: S608 - our own conditions


def first_ids(run: BulkTask, actor: Actor, today: date, most: int) -> list[int]:
    """The first of the selected records: as the list shows them, or as they were ticked."""
    if not run.is_by_filter:
        return part_ids(run.id, 0, most)
    order = LISTINGS[run.record_type].order(run.selection.get("sort"))
    wanted = filter_of(run.record_type, run.selection["args"], actor)
    found, _ = records_from(wanted, order, actor, today, columns=(f"{run.record_type}.id",), limit=most)
    return [int(row[0]) for row in found]


def still_selected(run: BulkTask, wanted: RecordFilter | None, ids: Sequence[int], actor: Actor, today: date) -> set[int]:
    """Those of the ids that the actor may see and that the filter, if any, finds now. One statement."""
    table = run.record_type
    sql, params = wanted.where(actor, table, today, walk=True) if wanted is not None else visible_sql(actor, table)
    # The values come first, so that each is looked up by its id and no index of the filter is read from end to end.
    values = ", ".join(["(?)"] * len(ids))
    found = rows(
        f"with part(id) as (values {values}) select {table}.id from part cross join {table}"  # noqa: S608 - our own conditions
        f" where {table}.id = part.id and {sql}",
        [*ids, *params],
    )
    return {int(row[0]) for row in found}


def part_ids(run_id: int, start: int, most: int) -> list[int]:
    """Up to `most` of the ids that a run wrote down, from the `start`-th on; those of one part only."""
    number, offset = divmod(start, PART)
    found = one("select ids from bulk_part where run_id = ? and number = ?", (run_id, number))
    return json.loads(found[0])[offset : offset + most] if found else []


# ---------------------------------------------------------------------------------------------- what came of it


@dataclass(frozen=True)
class Refusal:
    """A record that was left as it was. `title` is empty when the reader may not see it any more."""

    record_id: int
    title: str
    message: str
    params: dict[str, Any]


def refusals(run: BulkTask, record_type: str, actor: Actor, limit: int) -> list[Refusal]:
    """The first of them. One statement."""
    sql, params = visible_sql(actor, record_type)
    found = rows(
        f"select r.record_id, coalesce({record_type}.{TITLES[record_type]}, ''), r.message, r.params from bulk_refusal r"  # noqa: S608 - ours
        f" left join {record_type} on {record_type}.id = r.record_id and {sql} where r.run_id = ? order by r.id limit ?",
        [*params, run.id, limit],
    )
    return [Refusal(row[0], row[1], row[2], json.loads(row[3])) for row in found]


def titles_of(record_type: str, ids: Sequence[int], actor: Actor) -> dict[int, str]:
    """{id: title or name} of those that the actor may see. One statement."""
    sql, params = visible_sql(actor, record_type)
    places = ", ".join("?" * len(ids)) or "null"
    found = rows(
        f"select id, {TITLES[record_type]} from {record_type} where id in ({places}) and {sql}",  # noqa: S608 - ours
        [*ids, *params],
    )
    return {row[0]: row[1] for row in found}


def currencies_of(ids: Sequence[int]) -> dict[int, str]:
    """{id: currency} of leads that the caller has read before. One statement."""
    places = ", ".join("?" * len(ids)) or "null"
    return dict(rows(f"select id, value_currency from lead where id in ({places})", list(ids)))  # noqa: S608 - places only


def chosen_where(run: BulkTask, actor: Actor, today: date) -> tuple[str, list[Any]]:
    """The condition of all that is selected now."""
    table = run.record_type
    if run.is_by_filter:
        return filter_of(table, run.selection["args"], actor).where(actor, table, today)
    sql, params = visible_sql(actor, table)
    ids = [number for start in range(0, run.total, PART) for number in part_ids(run.id, start, PART)]
    return f"{sql} and {table}.id in ({', '.join('?' * len(ids)) or 'null'})", [*params, *ids]
