"""The verbs of an import: upload, say how to read it, start, resume, discard. The walks themselves are import_jobs.py."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from leadboard.db import atomic, execute, now_ms, one, rows
from leadboard.domain.import_custom import checked_fill, custom_targets
from leadboard.domain.import_files import FileShape, StoredFile, existing, shape_of, store
from leadboard.domain.import_formats import open_file, questions
from leadboard.domain.import_jobs import CHECK_JOB, RUN_JOB, UNDO_JOB, target_stage
from leadboard.domain.import_names import Names, check_creatable
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.file_formats import ReaderOption
from leadboard.jobs import enqueue
from leadboard.lib.text import TextError, clean_line, slug
from leadboard.models.import_fields import FIRST_RECORD, TARGETS_OF, is_target
from leadboard.models.import_options import Options
from leadboard.models.imports import ImportRun, ImportState
from leadboard.models.jobs import JobState
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.imports import Run, import_file, load_run
from leadboard.queries.settings import instance

# A number of elsewhere is unique among the numbers of the same column name only.
SOURCE_LIMIT = 40
KEEP_UNUSED_MS = 7 * 86_400_000
_EARLY = (ImportState.UPLOADED, ImportState.CHECKED)


def upload(
    source: IO[bytes],
    file_name: str,
    *,
    actor: Actor,
    folder: Path,
    most_bytes: int,
    importer: str = "",
    languages: tuple[str, ...] = (),
    record_type: str = FIRST_RECORD,
) -> int:
    """Keep a file and look at it; the new run's id. Raises Refused for what is no table, NotAllowed.

    It is recognised unless `importer` says who reads it; what its rows are, when `record_type` is "". When something about it is not certain (its encoding, which of its
    sheets), the run waits for an answer before its columns are known.
    """
    require(actor, Permission.IMPORT)
    stored = store(source, file_name, folder, most_bytes=most_bytes, importer=importer)
    try:
        return _begin(stored, file_name, actor, folder, languages, record_type)
    except Refused:
        forget_file(stored.path, folder)
        raise


def _begin(stored: StoredFile, file_name: str, actor: Actor, folder: Path, languages: tuple[str, ...], record_type: str) -> int:
    path = existing(folder, stored.path)
    options, columns_hash = Options(stored.importer, record_type=record_type), ""
    asked = questions(stored.importer, path, {}, languages)
    if all(option.value is not None for option in asked):
        options, shape = _first_options(path, replace(options, reader=settled(asked)), file_name)
        columns_hash = shape.columns_hash
    try:
        shown = clean_line(Path(file_name).name, 255) or "file"
    except TextError:
        shown = "file"
    run = ImportRun.create(
        user=actor.id, file_name=shown, file_path=stored.path, file_hash=stored.sha256, columns_hash=columns_hash,
        state=ImportState.UPLOADED, options=options.to_json(), created_at=now_ms(),
    )  # fmt: skip
    return int(run.id)


def _first_options(path: Path, options: Options, file_name: str) -> tuple[Options, FileShape]:
    """What the file's columns suggest; as last time when a file of the same columns was imported before."""
    shape = shape_of(path, options, file_name)
    is_found = not options.record_type
    create = ("organisations",) if shape.record_type != FIRST_RECORD else ()
    options = replace(options, mapping=shape.mapping, record_type=shape.record_type, create=create)
    earlier = _earlier(shape.columns_hash, options.record_type if not is_found else "")
    if earlier is None:
        return options, shape
    if earlier.record_type != shape.record_type:
        shape = shape_of(path, replace(options, record_type=earlier.record_type))
    custom = custom_targets(earlier.record_type)
    kept = {column: to for column, to in earlier.mapping.items() if is_target(to, earlier.record_type) or to in custom}
    # A field may be gone since.
    mapping = {**shape.mapping, **kept}
    return replace(earlier, importer=options.importer, reader=options.reader, decided={}, mapping=mapping), shape


def _earlier(columns_hash: str, record_type: str) -> Options | None:
    """How the last file of these columns was imported; as records of this type, unless that is to be found."""
    found = rows(
        "select options from import_run where columns_hash = ? and state in ('done', 'undone') order by id desc limit 10",
        (columns_hash,),
    )
    known = (Options.from_json(text) for (text,) in found)
    return next((one for one in known if record_type in {"", one.record_type}), None)


def choose_reading(run_id: int, given: Mapping[str, str], *, actor: Actor, folder: Path) -> None:
    """Say how the file is to be read; its columns are looked at anew. Raises Refused naming the option, NotFound, NotAllowed."""
    run = load_open(run_id, actor)
    path = existing(folder, run.file_path)
    asked = questions(run.options.importer, path, given)
    if unknown := sorted(set(given) - {option.name for option in asked}):
        raise Refused(N_("Files of this format have no option %(name)s."), field="reader", name=unknown[0])
    options = Options(run.options.importer, settled(asked), record_type=run.options.record_type)
    options, shape = _first_options(path, options, import_file(run_id).file_name)
    _save(run, options, columns_hash=shape.columns_hash)


def choose_record(run_id: int, record_type: str, *, actor: Actor, folder: Path) -> None:
    """Say what a row of the file is; its columns are looked at anew. Raises Refused, NotFound, NotAllowed, Conflict."""
    run = load_open(run_id, actor)
    if record_type not in TARGETS_OF:
        raise Refused(N_("Rows are leads, contacts or organisations."), field="record_type")
    if run.options.reader is None:
        _save(run, replace(run.options, record_type=record_type))
        return
    options, shape = _first_options(
        existing(folder, run.file_path), Options(run.options.importer, run.options.reader, record_type=record_type), ""
    )
    _save(run, options, columns_hash=shape.columns_hash)


def settled(asked: Sequence[ReaderOption]) -> dict[str, str]:
    """The answers. Raises Refused naming the first option that nobody has answered."""
    found = {option.name: option.value for option in asked if option.value is not None}
    for option in asked:
        if option.value is None:
            likely = ", ".join(choice.value for choice in option.choices)
            raise Refused(option.question or N_("Choose one of: %(likely)s."), field=option.name, likely=likely)
    return found


def choose(run_id: int, options: Options, *, actor: Actor, folder: Path) -> None:
    """Keep what was chosen and start the dry run. Raises Refused naming the field, NotFound, NotAllowed, Conflict."""
    run = load_open(run_id, actor)
    options = checked(run, options, actor=actor, folder=folder)
    with atomic():
        key = _job_key(CHECK_JOB, run_id)
        _move_on(
            run,
            ImportState.CHECKING,
            options=options.to_json(),
            progress=json.dumps({"job": key}),
            counts="{}",
            error=None,
            done_rows=0,
        )
        enqueue(CHECK_JOB, key=key, run_id=run_id)


def checked(run: Run, options: Options, *, actor: Actor, folder: Path) -> Options:
    """The options, complete and without contradiction. Raises Refused, NotAllowed."""
    path = existing(folder, run.file_path)
    options = replace(options, importer=run.options.importer, reader=run.options.reader)
    if options.reader is None:
        options = replace(options, reader=settled(questions(options.importer, path, {})))
    table = open_file(options.importer, path, options.reader or {})
    table.close()
    options.check(table.headers, custom_targets(options.record_type))
    options = replace(options, fill=checked_fill(options, instance()))
    check_creatable(options.create, actor)
    if options.record_type == FIRST_RECORD:
        target_stage(options, Names.load(()))
    column = options.column_of("external_id")
    if column is not None and not options.external_source:
        options = replace(options, external_source=slug(column, fallback="import", limit=SOURCE_LIMIT))
    return options


def start(run_id: int, *, actor: Actor) -> str:
    """Import for real what was checked; the job's key. Raises NotFound, NotAllowed, Conflict when it was started already."""
    run = load_open(run_id, actor)
    if run.state != ImportState.CHECKED:
        raise Refused(N_("Check the rows first."))
    return _start(run)


def start_unchecked(run_id: int, options: Options, *, actor: Actor, folder: Path) -> str:
    """Keep what was chosen and import at once, without a dry run; the job's key. Raises Refused, NotFound, NotAllowed, Conflict."""
    run = load_open(run_id, actor)
    options = checked(run, options, actor=actor, folder=folder)
    return _start(run, options=options.to_json(), total_rows=None)


def _start(run: Run, **columns: Any) -> str:
    run_id = run.id
    key = _job_key(RUN_JOB, run_id)
    with atomic():
        execute("delete from import_row where run_id = ?", (run_id,))
        _move_on(run, ImportState.RUNNING, progress=json.dumps({"job": key}), counts="{}", error=None, done_rows=0, **columns)
        enqueue(RUN_JOB, key=key, run_id=run_id)
    return key


def resume(run_id: int, *, actor: Actor) -> str:
    """Let a walk that stopped by an error go on; the job's key. Raises Refused when nothing has stopped."""
    require(actor, Permission.IMPORT)
    run = load_run(run_id)
    if run is None:
        raise NotFound(N_("This import does not exist."))
    if not has_stopped(run):
        raise Refused(N_("This import has not stopped."))
    kind = {ImportState.CHECKING: CHECK_JOB, ImportState.RUNNING: RUN_JOB, ImportState.UNDOING: UNDO_JOB}[ImportState(run.state)]
    key = _job_key(kind, run_id)
    with atomic():
        execute("update import_run set progress = ? where id = ?", (json.dumps({**run.progress, "job": key}), run_id))
        enqueue(kind, key=key, run_id=run_id)
    return key


def has_stopped(run: Run) -> bool:
    """Whether the walk's job has given up."""
    if run.state not in {ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}:
        return False
    found = one("select state from job where key = ?", (run.progress.get("job", ""),))
    return found is None or found[0] in {JobState.FAILED, JobState.DONE}


def discard(run_id: int, *, actor: Actor, folder: Path) -> None:
    """Forget an upload that was not imported, and its file. Raises Refused, NotFound, NotAllowed."""
    run = load_open(run_id, actor)
    with atomic():
        execute("delete from import_row where run_id = ?", (run_id,))
        execute("delete from import_run where id = ? and state in ('uploaded', 'checked')", (run_id,))
    forget_file(run.file_path, folder)


def forget_file(path: str, folder: Path) -> None:
    """Delete an uploaded file unless another run needs it."""
    if one("select 1 from import_run where file_path = ?", (path,)) is None:
        (folder / path).unlink(missing_ok=True)


def sweep_uploads(folder: Path) -> None:
    """Forget uploads that nobody imported within a week."""
    old = rows(
        "select id, file_path from import_run where state in ('uploaded', 'checked') and created_at < ?",
        (now_ms() - KEEP_UNUSED_MS,),
    )
    for run_id, path in old:
        with atomic():
            execute("delete from import_row where run_id = ?", (run_id,))
            execute("delete from import_run where id = ?", (run_id,))
        forget_file(path, folder)


def load_open(run_id: int, actor: Actor) -> Run:
    """A run whose options may still change. Raises NotFound, NotAllowed, Conflict."""
    require(actor, Permission.IMPORT)
    run = load_run(run_id)
    if run is None:
        raise NotFound(N_("This import does not exist."))
    if run.state not in _EARLY:
        raise Conflict(N_("This import has been started already."))
    return run


def _save(run: Run, options: Options, **columns: Any) -> None:
    _move_on(run, ImportState.UPLOADED, options=options.to_json(), error=None, **columns)


def _move_on(run: Run, state: ImportState, **columns: Any) -> None:
    """Write the run, when it still is where it was: two clicks start one import. Column names are ours."""
    values: Mapping[str, Any] = {"state": str(state), **columns}
    sets = ", ".join(f"{name} = ?" for name in values)
    if not execute(f"update import_run set {sets} where id = ? and state = ?", [*values.values(), run.id, run.state]):  # noqa: S608 - our column names
        raise Conflict(N_("This import has been started already."))


def _job_key(kind: str, run_id: int) -> str:
    return f"{kind}:{run_id}:{now_ms()}"
