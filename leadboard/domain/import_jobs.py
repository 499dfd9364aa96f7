"""The two walks over a file, as jobs: the dry run over every row, and the run in batches that survives a crash."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from leadboard.db import atomic, execute, many_writes, now_ms, one
from leadboard.domain.import_batches import Pass
from leadboard.domain.import_custom import reads_as
from leadboard.domain.import_files import existing
from leadboard.domain.import_formats import batches, open_file, read_rows
from leadboard.domain.import_leads import LeadRows
from leadboard.domain.import_links import Linker
from leadboard.domain.import_names import Names, StageRef, check_creatable
from leadboard.domain.import_parents import judge_parents, link_parents
from leadboard.domain.import_parties import PartyRows
from leadboard.domain.import_rows import RowKind, RowReader
from leadboard.domain.import_values import marks_for
from leadboard.domain.record_rows import TABLES
from leadboard.errors import N_, LeadboardError, Refused
from leadboard.events import EventKind, change
from leadboard.lib.dates import today_in
from leadboard.lib.tables import Row, Table
from leadboard.models.import_fields import FIRST_RECORD
from leadboard.models.import_options import LINK_NEW, Options
from leadboard.models.imports import ImportState
from leadboard.models.pipelines import StageKind
from leadboard.permissions import SYSTEM, Actor, Permission, require
from leadboard.queries.imports import Run, load_run
from leadboard.queries.settings import instance
from leadboard.queries.users import user_actor_of

CHECK_JOB, RUN_JOB, UNDO_JOB = "imports.check", "imports.run", "imports.undo"
MOST_NAMES_SHOWN = 200


def actor_of(run: Run) -> Actor:
    """Who started the run, with the rights of today; the system for the shell."""
    if run.user_id is None:
        return SYSTEM
    actor = user_actor_of(run.user_id)
    if actor is None:
        raise Refused(N_("Whoever started this import has no account any more. Upload the file again."))
    return actor


def target_stage(options: Options, names: Names) -> StageRef:
    """Where rows without a stage of their own go. Raises Refused."""
    refs = list(names.stages.values())
    if options.stage_id is not None:
        found = next((ref for ref in refs if ref.id == options.stage_id), None)
        if found is None or options.pipeline_id not in {None, found.pipeline_id}:
            raise Refused(N_("This stage no longer exists. Choose another one."), field="stage")
        return found
    pipeline_id = options.pipeline_id or next(iter(names.pipelines.values()), None)
    if pipeline_id not in names.pipelines.values():
        raise Refused(N_("There is no such pipeline. Make one in the settings first."), field="pipeline")
    for ref in refs:
        if ref.pipeline_id == pipeline_id and ref.kind == StageKind.OPEN:
            return ref
    raise Refused(N_("This pipeline has no open stage for rows without one. Choose a stage."), field="stage")


def survey(table: Table, options: Options, *, most_rows: int) -> tuple[Options, int]:
    """One look at every row: how many there are, and how numbers and days are written. Raises Refused naming what is not clear."""
    marks = marks_for(options.mapping, lambda target: reads_as(target, options.record_type))
    watched = [(table.headers.index(column), marks[column]) for column in marks]
    total = 0
    for batch in read_rows(options.importer, table):
        total += len(batch)
        if total > most_rows:
            table.close()
            raise Refused(
                N_("This file has more than %(most)d rows. Split it, or raise LEADBOARD_IMPORT_MAX_ROWS."),
                field="file",
                most=most_rows,
            )
        for row in batch if watched else ():
            if isinstance(row, Row):
                for index, column in watched:
                    if text := row.cells[index].strip():
                        column.see(text)
    if total == 0:
        raise Refused(N_("This file has a header but no rows."), field="file")
    said = {"amount": options.decimal, "day": options.day_order}
    decided = {mark.column: mark.decide(said["day" if mark.is_day else "amount"]) for mark in marks.values()}
    return replace(options, decided=decided), total


def check_import(run_id: int, *, folder: Path, most_rows: int) -> None:
    """The dry run: every row is read and judged, nothing but the judgement is written. Begins anew when it was interrupted."""
    run = load_run(run_id)
    if run is None or run.state != ImportState.CHECKING:
        return
    try:
        path = existing(folder, run.file_path)
        options, total = survey(open_file(run.options.importer, path, run.options.reader or {}), run.options, most_rows=most_rows)
        with atomic():
            execute("delete from import_row where run_id = ?", (run.id,))
            execute(
                "update import_run set options = ?, total_rows = ?, done_rows = 0 where id = ?",
                (options.to_json(), total, run.id),
            )
        walk, table = _begin(replace(run, options=options), path, Names.load(options.create), actor_of(run))
        done = 0
        for batch in batches(options.importer, table):
            drafts = walk.read(batch)
            walk.settle(drafts, None)
            done += len(batch)
            with atomic():
                walk.write_rejected(drafts)
                execute(
                    "update import_run set done_rows = ?, counts = ? where id = ? and state = ?",
                    (done, json.dumps(walk.counts), run.id, str(ImportState.CHECKING)),
                )
        if isinstance(walk.kind, PartyRows):
            walk.counts.update(judge_parents(walk.kind))
        made = {what: found[:MOST_NAMES_SHOWN] for what, found in walk.names.made.items()}
        counts = {**walk.counts, **{f"new_{what}": len(found) for what, found in walk.names.made.items()}}
        _finish_check(run.id, ImportState.CHECKED, counts=counts, progress={"made": made}, error=None)
    except LeadboardError as error:
        _finish_check(run.id, ImportState.UPLOADED, counts={}, progress={}, error=error)


def _finish_check(
    run_id: int, state: ImportState, *, counts: Mapping[str, int], progress: Mapping[str, Any], error: LeadboardError | None
) -> None:
    execute(
        "update import_run set state = ?, counts = ?, progress = ?, done_rows = 0, error = ? where id = ? and state = ?",
        (
            str(state), json.dumps(counts), json.dumps(progress, ensure_ascii=False), error_text(error), run_id, str(ImportState.CHECKING),
        ),
    )  # fmt: skip


def error_text(error: LeadboardError | None) -> str | None:
    """An error as kept with the run: shown in the reader's language, beside the field it is about."""
    return None if error is None else json.dumps([error.field, error.message, error.params], ensure_ascii=False, default=str)


def _begin(run: Run, path: Path, names: Names, actor: Actor) -> tuple[Pass, Table]:
    """A walk over the rows, where an earlier one stopped."""
    settings = instance()
    table = open_file(run.options.importer, path, run.options.reader or {})
    reader = RowReader(table.headers, run.options, settings, today_in(settings.time_zone), _kind_of(run, names, actor))
    return Pass(run.id, reader, names, run.options), table


def _kind_of(run: Run, names: Names, actor: Actor) -> RowKind:
    options, settings = run.options, instance()
    if options.record_type != FIRST_RECORD:
        return PartyRows(run.id, TABLES[options.record_type], options, settings, actor)
    bases = {int(stage_id): base for stage_id, base in run.progress.get("bases", {}).items()}
    linker = Linker(run.id, settings, actor, makes=options.people == LINK_NEW) if options.people else None
    return LeadRows(run.id, options, settings, target_stage(options, names), bases, linker)


def _surveyed(run: Run, path: Path, most_rows: int) -> Run:
    """The run with its rows counted and its columns decided, where no dry run has done it."""
    options, total = survey(open_file(run.options.importer, path, run.options.reader or {}), run.options, most_rows=most_rows)
    execute("update import_run set options = ?, total_rows = ? where id = ?", (options.to_json(), total, run.id))
    return replace(run, options=options, total_rows=total)


@many_writes()
def run_import(run_id: int, *, folder: Path, most_rows: int) -> None:
    """Write the records, a batch a transaction. Each batch records how far it came, so that a crash repeats nothing.

    Safe to run twice: a run that is done, or that another worker carries on, is left alone.
    """
    run = load_run(run_id)
    if run is None or run.state != ImportState.RUNNING:
        return
    try:
        actor = actor_of(run)
        require(actor, Permission.IMPORT)
        check_creatable(run.options.create, actor)
        path = existing(folder, run.file_path)
        if run.total_rows == 0:
            run = _surveyed(run, path, most_rows)
        walk, table = _begin(run, path, Names.load(run.options.create, run.progress.get("made")), actor)
        walk.counts.update(run.counts)
        done, change_set_id = run.done_rows, run.change_set_id
        for batch in batches(run.options.importer, table, skip=done):
            drafts = walk.read(batch)
            with change(actor, "import.run", change_set_id=change_set_id) as step:
                if not _still_at(run.id, done):
                    table.close()
                    return
                change_set_id = step.change_set_id
                walk.seen.clear()  # what earlier batches wrote is in the database
                walk.settle(drafts, step)
                walk.write(drafts, step, first=done, total=run.total_rows)
                done += len(batch)
                progress = {"bases": getattr(walk.kind, "bases", {}), "made": walk.names.made, "job": run.progress.get("job")}
                execute(
                    "update import_run set done_rows = ?, counts = ?, progress = ?, change_set_id = ? where id = ?",
                    (done, json.dumps(walk.counts), json.dumps(progress), change_set_id, run.id),
                )
        if run.options.record_type == "organisation":
            walk.counts.update(link_parents(run.id, run.options, instance(), actor, change_set_id))
            execute("update import_run set counts = ? where id = ? and done_rows = ?", (json.dumps(walk.counts), run.id, done))
        _finish_run(run.id, actor, change_set_id, done, None)
    except LeadboardError as error:
        now = load_run(run_id)
        assert now is not None
        _finish_run(run.id, SYSTEM, now.change_set_id, now.done_rows, error)


def _still_at(run_id: int, done: int) -> bool:
    """Whether nobody else has carried the run on. Inside the transaction, so the answer stays true."""
    found = one("select done_rows, state from import_run where id = ?", (run_id,))
    return found is not None and found[0] == done and found[1] == ImportState.RUNNING


def _finish_run(run_id: int, actor: Actor, change_set_id: int | None, done: int, error: LeadboardError | None) -> None:
    """Done; or, stopped before the first row, as it was before."""
    with change(actor, "import.run", change_set_id=change_set_id) as step:
        if not _still_at(run_id, done):
            return
        state = ImportState.DONE
        if error is not None and done == 0:
            was_checked = one("select 1 from import_run where id = ? and total_rows is not null", (run_id,))
            state = ImportState.CHECKED if was_checked else ImportState.UPLOADED
        execute(
            "update import_run set state = ?, finished_at = ?, error = ? where id = ?",
            (str(state), now_ms(), error_text(error), run_id),
        )
        if state == ImportState.DONE:
            found = one("select counts from import_run where id = ?", (run_id,))
            counts = json.loads(found[0]) if found else {}
            step.record(
                EventKind.IMPORT_FINISHED,
                "import_run",
                run_id,
                created=counts.get("created", 0),
                rejected=counts.get("rejected", 0),
            )
