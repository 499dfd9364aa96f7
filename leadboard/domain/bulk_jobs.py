"""The walk over many records, as jobs: small transactions, each of which writes down how far it came.

A job does a few seconds of it and puts the next one in the queue, so that two people's work, and whatever else waits,
take turns.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date

from leadboard.db import atomic, execute, insert_many, many_writes, now_ms, one, rows
from leadboard.domain.bulk import counted, enqueue_run, write_parts
from leadboard.domain.bulk_verbs import apply_task
from leadboard.domain.undo import past_events, take_back
from leadboard.errors import N_, LeadboardError, Refused
from leadboard.events import change
from leadboard.models.bulk import BulkState
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.bulk import BulkTask, every_id, filter_of, load_bulk, part_ids, still_selected
from leadboard.queries.record_filter import RecordFilter
from leadboard.queries.settings import today
from leadboard.queries.users import user_actor_of

SLICE_S = 3.0
# One transaction aims at so much time with the write lock, and others get a part of it between two.
AIM_S = 0.04
REST = 0.25
FIRST_BATCH, MOST_IN_BATCH = 20, 500


def run_bulk(run_id: int) -> None:
    """Some seconds of a run. Safe to run twice: what another worker does meanwhile is not done again."""
    run = load_bulk(run_id)
    if run is None or not run.is_walking:
        return
    try:
        actor = _actor_of(run)
        if run.state == BulkState.COLLECTING:
            _collect(run, actor)
            run = load_bulk(run_id)
            if run is None or run.state != BulkState.RUNNING:
                return
        _walk(run, actor)
    except LeadboardError as error:
        _finish(run_id, error)


def _actor_of(run: BulkTask) -> Actor:
    """Who began it, with the rights of today."""
    actor = user_actor_of(run.user_id) if run.user_id is not None else None
    if actor is None:
        raise Refused(N_("Whoever began this has no account any more."))
    require(actor, Permission.WRITE)
    return actor


def _collect(run: BulkTask, actor: Actor) -> None:
    """Write down all that the filter finds now: what comes to match it later was not meant."""
    ids = every_id(filter_of(run.record_type, run.selection["args"], actor), actor, today())
    with atomic():
        if not execute(
            "update bulk_run set state = 'running', total_rows = ? where id = ? and state = 'collecting'", (len(ids), run.id)
        ):
            return
        write_parts(run.id, ids)


@many_writes()
def _walk(run: BulkTask, actor: Actor) -> None:
    """Batches until the time is up; then the next job. Each looks whether nobody else has carried the run on."""
    wanted = filter_of(run.record_type, run.selection["args"], actor) if run.is_by_filter else None
    day, until, size, done = today(), time.monotonic() + SLICE_S, FIRST_BATCH, run.done
    work = _undo_batch if run.is_undo else _batch
    while True:
        ids = part_ids(run.id, done, size)
        if not ids:
            _finish(run.id, None)
            return
        began = time.monotonic()
        if not work(run, done, ids, wanted, actor, day):
            return
        took = time.monotonic() - began
        done += len(ids)
        size = max(1, min(MOST_IN_BATCH, round(size * min(2.0, AIM_S / max(took, 0.001)))))
        if time.monotonic() >= until:
            break
        time.sleep(min(took, AIM_S) * REST)
    with atomic():
        if _still_at(run.id, done):
            enqueue_run(run.id, done)


def _batch(run: BulkTask, done: int, ids: Sequence[int], wanted: RecordFilter | None, actor: Actor, day: date) -> bool:
    """One transaction; False when the run is not where it was."""
    counts, refused = Counter[str](), []
    with change(actor, f"{run.record_type}.bulk", change_set_id=_change_set(run.id)) as step:
        if not _still_at(run.id, done):
            return False
        live = still_selected(run, wanted, ids, actor, day)
        for record_id in ids:
            if record_id not in live:
                counts["left"] += 1
                continue
            try:
                changed = apply_task(run.record_type, record_id, run.task, actor)
            except LeadboardError as error:
                counts["refused"] += 1
                refused.append((run.id, record_id, error.message, json.dumps(error.params, ensure_ascii=False, default=str)))
                continue
            counts["changed" if changed else "same"] += 1
        insert_many("bulk_refusal", ["run_id", "record_id", "message", "params"], refused)
        _write_down(run.id, done + len(ids), counts, step.change_set_id if step.recorded else None)
    return True


def _undo_batch(run: BulkTask, done: int, ids: Sequence[int], wanted: RecordFilter | None, actor: Actor, day: date) -> bool:
    """As _batch(), over the events of the action that is taken back."""
    counts = Counter[str]()
    with change(actor, "undo", change_set_id=_change_set(run.id)) as step:
        if not _still_at(run.id, done):
            return False
        events = past_events(ids)
        for event_id in ids:
            try:
                take_back(step, events[event_id], actor)
                counts["changed"] += 1
            except LeadboardError:
                counts["kept"] += 1
        _write_down(run.id, done + len(ids), counts, step.change_set_id if step.recorded else None)
    return True


def _change_set(run_id: int) -> int | None:
    found = one("select change_set_id from bulk_run where id = ?", (run_id,))
    return found[0] if found else None


def _still_at(run_id: int, done: int) -> bool:
    """Inside the transaction, so the answer stays true."""
    found = one("select done_rows, state from bulk_run where id = ?", (run_id,))
    return found is not None and found[0] == done and found[1] == BulkState.RUNNING


def _write_down(run_id: int, done: int, counts: Counter[str], change_set_id: int | None) -> None:
    [(text,)] = rows("select counts from bulk_run where id = ?", (run_id,))
    execute(
        "update bulk_run set done_rows = ?, counts = ?, change_set_id = ? where id = ?",
        (done, json.dumps(counted(json.loads(text), counts)), change_set_id, run_id),
    )


def _finish(run_id: int, error: LeadboardError | None) -> None:
    text = None if error is None else json.dumps([error.message, error.params], ensure_ascii=False, default=str)
    with atomic():
        ended = execute(
            "update bulk_run set state = 'done', finished_at = ?, error = ? where id = ? and state in ('collecting', 'running')",
            (now_ms(), text, run_id),
        )
        if ended:
            execute("delete from bulk_part where run_id = ?", (run_id,))
