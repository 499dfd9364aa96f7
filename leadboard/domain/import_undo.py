"""Taking an import back: what it made is removed for good; what somebody has changed since is left for a person to choose."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leadboard.db import atomic, execute, many_writes, now_ms, one, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.erasing import erase_records
from leadboard.domain.import_jobs import UNDO_JOB, actor_of
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import BY_USER, Change, EventKind, change
from leadboard.jobs import enqueue
from leadboard.models.imports import ImportState, RowOutcome
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.imports import Run, load_run

BATCH = 500
EVERY_CHANGED = "all"


@dataclass(frozen=True)
class ChangedLead:
    """A lead of an import that somebody has changed since, with the last one who did."""

    id: int
    title: str
    by: str
    at: int


# A lead in the bin is gone for its owner: it needs no choice.
_CHANGED = (
    "select distinct e.lead_id from event e join lead on lead.id = e.lead_id"
    " where e.lead_id in ({places}) and e.change_set_id <> ? and lead.deleted_at is null"
)


def changed_since(run_id: int, *, limit: int) -> tuple[int, list[ChangedLead]]:
    """How many of an import's leads somebody has changed since, and the first `limit` of them."""
    counted = one(
        "select count(distinct e.lead_id) from import_row r join import_run run on run.id = r.run_id join event e on e.lead_id = r.lead_id"
        " join lead on lead.id = r.lead_id where r.run_id = ? and r.outcome in ('created', 'kept')"
        " and e.change_set_id <> run.change_set_id and lead.deleted_at is null",
        (run_id,),
    )
    count = int(counted[0]) if counted else 0
    if count == 0:
        return 0, []
    found = rows(
        "select lead.id, lead.title, coalesce(u.name, ''), e.at from event e join lead on lead.id = e.lead_id"  # noqa: S608 - ours
        f"{BY_USER} where e.id in ("
        "select max(e.id) from import_row r join import_run run on run.id = r.run_id join event e on e.lead_id = r.lead_id"
        " join lead on lead.id = r.lead_id where r.run_id = ? and r.outcome in ('created', 'kept')"
        " and e.change_set_id <> run.change_set_id and lead.deleted_at is null group by r.lead_id order by 1 desc limit ?"
        ") order by e.id desc",
        (run_id, limit),
    )
    return count, [ChangedLead(*row) for row in found]


def start_undo(run_id: int, *, actor: Actor, remove_changed: Sequence[int] | str = ()) -> str:
    """Begin to take an import back; the job's key. `remove_changed` names changed leads to remove too, or is "all".

    Raises NotFound, NotAllowed, Refused, Conflict.
    """
    require(actor, Permission.IMPORT)
    require(actor, Permission.DELETE_ANY)
    run = load_run(run_id)
    if run is None:
        raise NotFound(N_("This import does not exist."))
    if run.state not in {ImportState.DONE, ImportState.UNDONE}:
        raise Refused(N_("Only an import that is done can be taken back."))
    key = f"{UNDO_JOB}:{run_id}:{now_ms()}"
    progress = {**run.progress, "job": key, "by": actor.id if actor.kind == "user" else None, "remove_changed": remove_changed}
    with atomic():
        # What an earlier undo kept is looked at again.
        execute("update import_row set outcome = 'created' where run_id = ? and outcome = 'kept'", (run_id,))
        done = execute(
            "update import_run set state = ?, progress = ?, error = null, done_rows = 0 where id = ? and state = ?",
            (str(ImportState.UNDOING), json.dumps(progress), run_id, run.state),
        )
        if not done:
            raise Conflict(N_("Somebody is taking this import back already."))
        enqueue(UNDO_JOB, key=key, run_id=run_id)
    return key


@many_writes()
def undo_import(run_id: int) -> None:
    """Remove what an import made, a batch a transaction. Goes on where an earlier attempt stopped."""
    run = load_run(run_id)
    if run is None or run.state != ImportState.UNDOING:
        return
    actor = _undoer(run)
    change_set_id: int | None = run.progress.get("undo_change_set")
    while True:
        with change(actor, "import.undo", change_set_id=change_set_id) as step:
            batch = _next_batch(run.id)
            if not batch:
                _finish(run, step)
                return
            change_set_id = step.change_set_id
            keep = _to_keep(run, batch)
            _set_outcome(run.id, keep, RowOutcome.KEPT)
            gone = [lead_id for lead_id in batch if lead_id not in keep]
            _remove(gone, step)
            _set_outcome(run.id, gone, RowOutcome.REMOVED)
            execute(
                "update import_run set done_rows = done_rows + ?, progress = ? where id = ?",
                (len(batch), json.dumps({**run.progress, "undo_change_set": change_set_id}), run.id),
            )


def _undoer(run: Run) -> Actor:
    return actor_of(replace(run, user_id=run.progress.get("by")))


def _next_batch(run_id: int) -> list[int]:
    found = rows(
        "select lead_id from import_row where run_id = ? and outcome = ? order by line_number limit ?",
        (run_id, str(RowOutcome.CREATED), BATCH),
    )
    return [row[0] for row in found]


def _to_keep(run: Run, lead_ids: Sequence[int]) -> set[int]:
    """Those that somebody changed since and did not give up."""
    removable = run.progress.get("remove_changed", ())
    if removable == EVERY_CHANGED:
        return set()
    sql = _CHANGED.format(places=", ".join("?" * len(lead_ids)))
    changed = {row[0] for row in rows(sql, [*lead_ids, run.change_set_id])}
    return changed - set(removable)


def _set_outcome(run_id: int, lead_ids: Iterable[int], outcome: RowOutcome) -> None:
    ids = list(lead_ids)
    if ids:
        places = ", ".join("?" * len(ids))
        execute(
            f"update import_row set outcome = ? where run_id = ? and outcome = 'created' and lead_id in ({places})",  # noqa: S608 - places only
            [str(outcome), run_id, *ids],
        )


def _remove(lead_ids: Sequence[int], step: Change) -> None:
    """Take leads out for good, with what hangs on them and every value the log kept of them. The facts of the log stay."""
    if not lead_ids:
        return
    places = ", ".join("?" * len(lead_ids))
    there = rows(f"select id, stage_id, pipeline_id, version from lead where id in ({places})", list(lead_ids))  # noqa: S608 - places only
    erase_records("lead", lead_ids)
    record_many(
        step, EventKind.LEAD_DELETED, "lead",
        [(lead_id, lead_id, {"stage": stage, "pipeline": pipeline, "version": version}) for lead_id, stage, pipeline, version in there],
    )  # fmt: skip


# What each kind of list entry may still be used by; nothing is removed that is.
_USED: dict[str, tuple[str, tuple[str, ...]]] = {
    "stages": ("stage", ("select 1 from lead where stage_id = ?",)),
    "sources": ("source", ("select 1 from lead where source_id = ?",)),
    "reasons": ("lost_reason", ("select 1 from lead where lost_reason_id = ?",)),
    "owners": (
        '"user"',
        (
            "select 1 from lead where owner_id = ?",
            "select 1 from task where assignee_id = ?",
            "select 1 from note where author_id = ?",
            "select 1 from activity where author_id = ?",
            "select 1 from session where user_id = ?",
            "select 1 from api_token where user_id = ?",
            "select 1 from password_link where user_id = ?",
            'select 1 from "user" where id = ? and password_hash is not null',
            "select 1 from event where actor_kind = 'user' and actor_id = ?",
        ),
    ),
    "pipelines": ("pipeline", ("select 1 from stage where pipeline_id = ?", "select 1 from lead where pipeline_id = ?")),
}
_KINDS = {
    "stages": EventKind.STAGE_CHANGED, "sources": EventKind.LIST_CHANGED, "reasons": EventKind.LIST_CHANGED,
    "owners": EventKind.USER_CHANGED, "pipelines": EventKind.PIPELINE_CHANGED,
}  # fmt: skip


def _finish(run: Run, step: Change) -> None:
    """Remove the list entries that the import made and nothing uses, and close the run."""
    made: dict[str, list[Any]] = run.progress.get("made", {})
    left: dict[str, list[Any]] = {}
    for what, (table, uses) in _USED.items():
        for record_id in made.get(what, []):
            if any(one(sql, (record_id,)) for sql in uses):
                left.setdefault(what, []).append(record_id)
            elif execute(f"delete from {table} where id = ?", (record_id,)):  # noqa: S608 - a constant
                step.record(_KINDS[what], table.strip('"'), record_id, removed=True)
    kept = one("select count(*) from import_row where run_id = ? and outcome = ?", (run.id, str(RowOutcome.KEPT)))
    removed = one("select count(*) from import_row where run_id = ? and outcome = ?", (run.id, str(RowOutcome.REMOVED)))
    counts = {**run.counts, "kept": kept[0] if kept else 0, "removed": removed[0] if removed else 0}
    progress = {"made": left, "job": run.progress.get("job")}
    execute(
        "update import_run set state = ?, counts = ?, progress = ? where id = ?",
        (str(ImportState.UNDONE), json.dumps(counts), json.dumps(progress), run.id),
    )
    step.record(EventKind.IMPORT_UNDONE, "import_run", run.id, removed=counts["removed"], kept=counts["kept"])
