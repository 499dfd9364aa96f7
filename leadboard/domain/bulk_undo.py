"""Taking a large action back: as a job, like the action itself."""

from leadboard.db import atomic, execute, one, rows
from leadboard.domain.bulk import enqueue_run, insert_run, write_parts
from leadboard.domain.undo import INVERSES, check_undoable
from leadboard.errors import N_, Refused
from leadboard.models.bulk import BulkState
from leadboard.permissions import Actor
from leadboard.queries.bulk import EVENTS

# More is not done while somebody waits for the page, and everybody for the write lock.
MOST_AT_ONCE = 100


def is_large(change_set_id: int) -> bool:
    """Whether an action is taken back by a job. One short statement."""
    found = one(
        "select count(*) from (select 1 from event where change_set_id = ? limit ?) as found", (change_set_id, MOST_AT_ONCE + 1)
    )
    return found is not None and found[0] > MOST_AT_ONCE


def start_bulk_undo(change_set_id: int, *, actor: Actor) -> int:
    """Begin to take an action back; the id of the run. What was changed since stays, and is counted.

    Raises NotFound, NotAllowed, Refused (taken back already, or still being done).
    """
    with atomic():
        check_undoable(change_set_id, actor)
        if one("select 1 from bulk_run where change_set_id = ? and state in ('collecting', 'running')", (change_set_id,)):
            raise Refused(N_("This is still being done. Stop it first, then take it back."))
        kinds = {row[0] for row in rows("select distinct kind from event where change_set_id = ?", (change_set_id,))}
        if kinds - INVERSES.keys():
            raise Refused(N_("This cannot be taken back."))
        run_id = insert_run(EVENTS, BulkState.RUNNING, {}, {"verb": "undo", "change_set": change_set_id}, actor)
        events = [row[0] for row in rows("select id from event where change_set_id = ? order by id desc", (change_set_id,))]
        write_parts(run_id, events)
        execute("update bulk_run set total_rows = ? where id = ?", (len(events), run_id))
        # Now, not at the end: nobody takes it back twice.
        execute(
            "update change_set set undone_at = (select created_at from bulk_run where id = ?) where id = ?",
            (run_id, change_set_id),
        )
        enqueue_run(run_id, 0)
    return run_id
