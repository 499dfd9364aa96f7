"""Work on many records: drafted from a list, looked at without doing it, then done by a job that can be stopped and taken back."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from leadboard.db import atomic, execute, insert_many, now_ms, one, rows
from leadboard.domain.bulk_verbs import apply_task, check_task
from leadboard.errors import N_, Conflict, LeadboardError, Refused
from leadboard.events import Change, change, decode
from leadboard.jobs import enqueue
from leadboard.models.bulk import BulkState
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.bulk import LISTINGS, PART, BulkTask, filter_of, first_ids, has_stopped, own_bulk, still_selected

RUN_JOB = "bulk.run"
MOST_PREVIEWED = 100
# So many are tried in one transaction of a preview, which takes the write lock as the work itself does.
TRIED_AT_ONCE = 20
KEEP_DRAFTS_MS = 2 * 86_400_000
KEEP_MS = 30 * 86_400_000


def draft_bulk(
    record_type: str,
    *,
    actor: Actor,
    ids: Iterable[int] = (),
    args: Mapping[str, str] | None = None,
    sort: str = "",
) -> int:
    """Remember a selection: these records, or all that a list's filter finds. Its id. Raises Refused, NotAllowed."""
    require(actor, Permission.WRITE)
    selection: dict[str, Any] = {"ids": True}
    chosen = sorted(set(ids))
    if args is not None:
        wanted = filter_of(record_type, args, actor)
        selection = {"args": wanted.to_args(), "sort": LISTINGS[record_type].order(sort or None).arg}
    elif not chosen:
        raise Refused(N_("Tick some rows first."), field="id")
    with atomic():
        run_id = insert_run(record_type, BulkState.DRAFT, selection, {}, actor)
        write_parts(run_id, chosen)
        execute("update bulk_run set total_rows = ? where id = ?", (len(chosen), run_id))
    return run_id


def insert_run(record_type: str, state: BulkState, selection: Mapping[str, Any], task: Mapping[str, Any], actor: Actor) -> int:
    """A run with nothing to do yet; its id."""
    found = one(
        "insert into bulk_run (user_id, record_type, state, selection, task, counts, total_rows, done_rows, job, created_at)"
        " values (?, ?, ?, ?, ?, '{}', 0, 0, '', ?) returning id",
        (actor.id, record_type, str(state), json.dumps(selection), json.dumps(task), now_ms()),
    )
    assert found is not None
    return int(found[0])


def write_parts(run_id: int, ids: Sequence[int]) -> None:
    """Write down which records a run is about."""
    parts = [(run_id, number, json.dumps(ids[start : start + PART])) for number, start in enumerate(range(0, len(ids), PART))]
    insert_many("bulk_part", ["run_id", "number", "ids"], parts)


def choose_task(run_id: int, task: Mapping[str, Any], *, actor: Actor) -> None:
    """Say what is to be done. Raises Refused naming the field, NotFound, Conflict when it was begun already."""
    run = own_bulk(run_id, actor)
    _refuse_begun(run)
    kept = check_task(run.record_type, task, actor)
    execute("update bulk_run set task = ? where id = ? and state = 'draft'", (json.dumps(kept), run.id))


def _refuse_begun(run: BulkTask) -> None:
    if run.state != BulkState.DRAFT:
        raise Conflict(N_("This was begun already."))


def start_bulk(run_id: int, *, actor: Actor) -> None:
    """Begin the work, as a job. Raises Refused, NotFound, NotAllowed, Conflict when it was begun already."""
    run = own_bulk(run_id, actor)
    _refuse_begun(run)
    check_task(run.record_type, run.task, actor)
    state = BulkState.COLLECTING if run.is_by_filter else BulkState.RUNNING
    with atomic():
        if not execute(
            "update bulk_run set state = ?, created_at = ? where id = ? and state = 'draft'", (str(state), now_ms(), run.id)
        ):
            raise Conflict(N_("This was begun already."))
        enqueue_run(run.id, 0)


def enqueue_run(run_id: int, done: int) -> None:
    """The job that goes on from the `done`-th record."""
    key = f"{RUN_JOB}:{run_id}:{done}:{now_ms()}"
    execute("update bulk_run set job = ? where id = ?", (key, run_id))
    # A restart in the middle counts as a try: it may be restarted many times.
    enqueue(RUN_JOB, key=key, max_attempts=20, run_id=run_id)


def stop_bulk(run_id: int, *, actor: Actor) -> None:
    """Do no more of it; what is done stays done, and can be taken back. Raises NotFound, Conflict when it is over."""
    run = own_bulk(run_id, actor)
    if not execute(
        "update bulk_run set state = 'stopped', finished_at = ? where id = ? and state in ('collecting', 'running')",
        (now_ms(), run.id),
    ):
        raise Conflict(N_("This is over already."))


def resume_bulk(run_id: int, *, actor: Actor) -> None:
    """Let work that an error has stopped go on. Raises Refused when nothing has stopped."""
    run = own_bulk(run_id, actor)
    if not has_stopped(run):
        raise Refused(N_("This has not stopped."))
    with atomic():
        enqueue_run(run.id, run.done)


def discard_bulk(run_id: int, *, actor: Actor) -> None:
    """Forget a draft."""
    run = own_bulk(run_id, actor)
    _refuse_begun(run)
    execute("delete from bulk_run where id = ? and state = 'draft'", (run.id,))


def sweep_bulk() -> None:
    """Forget drafts that nobody began within two days, and what was done a month ago."""
    execute("delete from bulk_run where state = 'draft' and created_at < ?", (now_ms() - KEEP_DRAFTS_MS,))
    execute("delete from bulk_run where state in ('done', 'stopped') and created_at < ?", (now_ms() - KEEP_MS,))


# ---------------------------------------------------------------------------------------------- looking without doing


@dataclass(frozen=True)
class Changed:
    """A record of a preview: {field: (before, after)} as the log would keep it."""

    record_id: int
    values: dict[str, tuple[Any, Any]]


@dataclass
class Preview:
    """What the first records would become. `refused` are (id, error); `looked_at` how many were tried."""

    changed: list[Changed] = field(default_factory=list)
    refused: list[tuple[int, LeadboardError]] = field(default_factory=list)
    same: int = 0
    looked_at: int = 0


class _TakeBack(Exception):
    pass


def preview_bulk(run: BulkTask, *, actor: Actor, today: date, most: int = MOST_PREVIEWED) -> Preview:
    """Try it on the first records and keep nothing: by the same functions, so that what they refuse is known. Raises Refused."""
    require(actor, Permission.WRITE)
    _refuse_begun(run)
    wanted = filter_of(run.record_type, run.selection["args"], actor) if run.is_by_filter else None
    ids, found = first_ids(run, actor, today, most), Preview()
    for start in range(0, len(ids), TRIED_AT_ONCE):
        part = ids[start : start + TRIED_AT_ONCE]
        live = still_selected(run, wanted, part, actor, today)
        try:
            with change(actor, "bulk.preview") as step:
                _try(run, [one for one in part if one in live], step, actor, found)
                raise _TakeBack
        except _TakeBack:
            pass
    return found


def _try(run: BulkTask, ids: Sequence[int], step: Change, actor: Actor, found: Preview) -> None:
    for record_id in ids:
        found.looked_at += 1
        try:
            changed = apply_task(run.record_type, record_id, run.task, actor)
        except LeadboardError as error:
            found.refused.append((record_id, error))
            continue
        if not changed:
            found.same += 1
            continue
        found.changed.append(Changed(record_id, {}))
    if step.recorded:
        values = _values_of(run.record_type, step.change_set_id)
        found.changed = [Changed(one.record_id, values.get(one.record_id, one.values)) for one in found.changed]


def _values_of(record_type: str, change_set_id: int) -> dict[int, dict[str, tuple[Any, Any]]]:
    found: dict[int, dict[str, tuple[Any, Any]]] = {}
    for record_id, name, before, after in rows(
        "select e.record_id, v.field, v.before, v.after from event e join event_value v on v.event_id = e.id"
        " where e.change_set_id = ? and e.record_type = ? order by v.id",
        (change_set_id, record_type),
    ):
        found.setdefault(record_id, {})[name] = (decode(before), decode(after))
    return found


def counted(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Both together."""
    return dict(Counter(counts) + Counter(more))
