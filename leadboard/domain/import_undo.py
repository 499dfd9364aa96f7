"""Taking an import back: what it made is removed for good; what somebody has changed since is left for a person to choose."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leadboard.db import atomic, execute, execute_many, many_writes, now_ms, one, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.erasing import erase_records
from leadboard.domain.import_jobs import UNDO_JOB, actor_of
from leadboard.domain.settings import announce
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import BY_USER, Change, EventKind, change
from leadboard.jobs import enqueue
from leadboard.models.import_fields import FIRST_RECORD
from leadboard.models.imports import ImportState, RowOutcome
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.imports import Run, load_run

BATCH = 500
EVERY_CHANGED = "all"


@dataclass(frozen=True)
class ChangedRecord:
    """A record of an import that somebody has changed since, with the last one who did."""

    id: int
    title: str
    by: str
    at: int


# A record in the bin is gone for its owner: it needs no choice.
_CHANGED = (
    "select distinct e.{name}_id from event e join {name} r on r.id = e.{name}_id"
    " where e.{name}_id in ({places}) and e.change_set_id <> ? and r.deleted_at is null"
)
# Rows of an import whose record is there and was changed by somebody else than the import.
_ROWS_CHANGED = (
    " from import_row w join import_run run on run.id = w.run_id join event e on e.{name}_id = w.{name}_id"
    " join {name} r on r.id = w.{name}_id where w.run_id = ? and w.outcome in ('created', 'kept')"
    " and e.change_set_id <> run.change_set_id and r.deleted_at is null"
)


def changed_since(run_id: int, *, limit: int) -> tuple[int, list[ChangedRecord]]:
    """How many of an import's records somebody has changed since, and the first `limit` of them."""
    run = load_run(run_id)
    name = run.options.record_type if run else FIRST_RECORD
    those = _ROWS_CHANGED.format(name=name)
    counted = one(f"select count(distinct e.{name}_id){those}", (run_id,))
    count = int(counted[0]) if counted else 0
    if count == 0:
        return 0, []
    found = rows(
        f"select r.id, r.{'title' if name == FIRST_RECORD else 'name'}, coalesce(u.name, ''), e.at from event e join {name} r on r.id = e.{name}_id"  # noqa: S608 - ours
        f"{BY_USER} where e.id in (select max(e.id){those} group by w.{name}_id order by 1 desc limit ?) order by e.id desc",
        (run_id, limit),
    )
    return count, [ChangedRecord(*row) for row in found]


def start_undo(run_id: int, *, actor: Actor, remove_changed: Sequence[int] | str = ()) -> str:
    """Begin to take an import back; the job's key. `remove_changed` names changed records to remove too, or is "all".

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
    actor, record_type = _undoer(run), run.options.record_type
    change_set_id: int | None = run.progress.get("undo_change_set")
    while True:
        with change(actor, "import.undo", change_set_id=change_set_id) as step:
            batch = _next_batch(run)
            if not batch:
                break
            change_set_id = step.change_set_id
            keep = _to_keep(run, batch)
            _set_outcome(run, keep, RowOutcome.KEPT)
            gone = [record_id for record_id in batch if record_id not in keep]
            _remove(record_type, gone, step)
            _set_outcome(run, gone, RowOutcome.REMOVED)
            execute(
                "update import_run set done_rows = done_rows + ?, progress = ? where id = ?",
                (len(batch), json.dumps({**run.progress, "undo_change_set": change_set_id}), run.id),
            )
    # People first: nobody is left at a firm that goes.
    for made in ("contact", "organisation"):
        change_set_id = _remove_made(run, made, actor, change_set_id)
    with change(actor, "import.undo", change_set_id=change_set_id) as step:
        now = one("select state from import_run where id = ?", (run.id,))
        if now is not None and now[0] == ImportState.UNDOING:
            _finish(run, step)


# What a person or a firm that an import made may still be needed for.
_NEEDED = {
    "contact": ("select contact_id from lead where contact_id in ({places})", "select contact_id from employment where contact_id in ({places})"),
    "organisation": (
        "select organisation_id from lead where organisation_id in ({places})",
        "select organisation_id from contact where organisation_id in ({places})",
        "select organisation_id from employment where organisation_id in ({places})",
        "select parent_id from organisation where parent_id in ({places})",
    ),
}  # fmt: skip


def _remove_made(run: Run, name: str, actor: Actor, change_set_id: int | None) -> int | None:
    """Take away the people or firms that rows named and that nothing else needs by now, and nobody has changed."""
    after = 0
    while True:
        with change(actor, "import.undo", change_set_id=change_set_id) as step:
            batch = rows(
                f"select id, {name}_id from import_row where run_id = ? and outcome = 'made' and {name}_id is not null and id > ?"  # noqa: S608 - ours
                " order by id limit ?",
                (run.id, after, BATCH),
            )
            if not batch:
                return change_set_id
            after = batch[-1][0]
            ids = [record_id for _, record_id in batch]
            places = ", ".join("?" * len(ids))
            keep = _changed(name, ids, run.change_set_id)
            for sql in _NEEDED[name]:
                keep |= {row[0] for row in rows(sql.format(places=places), ids)}
            gone = [(row_id, record_id) for row_id, record_id in batch if record_id not in keep]
            _remove(name, [record_id for _, record_id in gone], step)
            execute_many("delete from import_row where id = ?", [(row_id,) for row_id, _ in gone])
            if gone:
                change_set_id = step.change_set_id


def _undoer(run: Run) -> Actor:
    return actor_of(replace(run, user_id=run.progress.get("by")))


def _next_batch(run: Run) -> list[int]:
    found = rows(
        f"select {run.options.record_type}_id from import_row where run_id = ? and outcome = ? order by line_number limit ?",  # noqa: S608 - ours
        (run.id, str(RowOutcome.CREATED), BATCH),
    )
    return [row[0] for row in found]


def _to_keep(run: Run, ids: Sequence[int]) -> set[int]:
    """Those that somebody changed since and did not give up."""
    removable = run.progress.get("remove_changed", ())
    return set() if removable == EVERY_CHANGED else _changed(run.options.record_type, ids, run.change_set_id) - set(removable)


def _changed(name: str, ids: Sequence[int], change_set_id: int | None) -> set[int]:
    sql = _CHANGED.format(name=name, places=", ".join("?" * len(ids)))
    return {row[0] for row in rows(sql, [*ids, change_set_id])}


def _set_outcome(run: Run, record_ids: Iterable[int], outcome: RowOutcome) -> None:
    ids = list(record_ids)
    if ids:
        places = ", ".join("?" * len(ids))
        execute(
            f"update import_row set outcome = ? where run_id = ? and outcome = 'created' and {run.options.record_type}_id in ({places})",  # noqa: S608 - places only
            [str(outcome), run.id, *ids],
        )


_DELETED = {
    "lead": EventKind.LEAD_DELETED,
    "contact": EventKind.CONTACT_DELETED,
    "organisation": EventKind.ORGANISATION_DELETED,
}


def _remove(record_type: str, ids: Sequence[int], step: Change) -> None:
    """Take records out for good, with what hangs on them and every value the log kept of them. The facts of the log stay."""
    if not ids:
        return
    places = ", ".join("?" * len(ids))
    of_lead = "stage_id, pipeline_id, " if record_type == FIRST_RECORD else ""
    there = rows(f"select id, {of_lead}version from {record_type} where id in ({places})", list(ids))  # noqa: S608 - places only
    erase_records(record_type, ids)
    names = ("stage", "pipeline", "version") if of_lead else ("version",)
    record_many(
        step, _DELETED[record_type], record_type,
        [(record_id, record_id, dict(zip(names, facts, strict=True))) for record_id, *facts in there], of=record_type,
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
            "select 1 from contact where owner_id = ?",
            "select 1 from organisation where owner_id = ?",
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
    "tags": ("tag", ("select 1 from lead_tag where tag_id = ?",)),
    "pipelines": ("pipeline", ("select 1 from stage where pipeline_id = ?", "select 1 from lead where pipeline_id = ?")),
}
_KINDS = {
    "stages": EventKind.STAGE_CHANGED, "sources": EventKind.LIST_CHANGED, "reasons": EventKind.LIST_CHANGED,
    "tags": EventKind.LIST_CHANGED,
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
    if "tags" in made:
        announce()
    kept = one("select count(*) from import_row where run_id = ? and outcome = ?", (run.id, str(RowOutcome.KEPT)))
    removed = one("select count(*) from import_row where run_id = ? and outcome = ?", (run.id, str(RowOutcome.REMOVED)))
    counts = {**run.counts, "kept": kept[0] if kept else 0, "removed": removed[0] if removed else 0}
    progress = {"made": left, "job": run.progress.get("job")}
    execute(
        "update import_run set state = ?, counts = ?, progress = ? where id = ?",
        (str(ImportState.UNDONE), json.dumps(counts), json.dumps(progress), run.id),
    )
    step.record(EventKind.IMPORT_UNDONE, "import_run", run.id, removed=counts["removed"], kept=counts["kept"])
