"""`leadboard import`."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from leadboard import jobs
from leadboard.cli.instance import open_instance, upgrade
from leadboard.config import Settings
from leadboard.db import one, rows
from leadboard.domain import import_undo, imports
from leadboard.domain.import_custom import archived_columns, fill_of, target_of
from leadboard.domain.import_files import FOLDER, LINE_COLUMN, REASON_COLUMN
from leadboard.domain.import_formats import find_importer, importers
from leadboard.domain.lists import NOT_STATED
from leadboard.errors import N_, LeadboardError, NotFound, Refused
from leadboard.lib.text import fold
from leadboard.models.import_fields import IGNORE, OTHER, SHARED, is_target
from leadboard.models.import_options import CREATABLE, MATCHES, Options
from leadboard.models.imports import ImportState
from leadboard.permissions import SYSTEM
from leadboard.queries.imports import Run, load_run, rejected_csv
from leadboard.queries.settings import instance
from leadboard.queries.users import user_id_of
from leadboard.wiring import connect_jobs

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", ",": ",", ";": ";", "\\t": "\t", "\t": "\t", "|": "|"}
WAIT_S = 0.2
COUNTS = ("created", "rejected", "already_there", "warnings", "without_reason", "removed", "kept", "linked")
RECORDS = {"leads": "lead", "contacts": "contact", "organisations": "organisation"}
# The option of a question, by the field that the refusal names.
WAYS_OUT = {
    "decimal": "Add --decimal point or --decimal comma.",
    "day_order": "Add --day-first or --month-first.",
    "encoding": "Add --encoding NAME.",
    "fill": "Use --map COLUMN=FIELD or --fill FIELD=VALUE.",
    "mapping": "Say where a column goes with --map COLUMN=FIELD.",
}


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--as", "record_type", type=click.Choice(list(RECORDS)), default="leads", show_default=True,
    help="What each row of the file is.",
)  # fmt: skip
@click.option(
    "--people",
    type=click.Choice(["known", "new"]),
    help="Link rows of leads to the people and organisations that are here; with new, make those that are missing.",
)
@click.option(
    "--incomplete", type=click.Choice(["first"]), help="Rows that lack what their stage needs go to the first that takes them."
)
@click.option("--pipeline", metavar="P", help="Name or id of the pipeline for rows that name none. Default: the first one.")
@click.option("--stage", metavar="S", help="Stage for rows that name none. Default: the first open one.")
@click.option(
    "--map", "maps", metavar="COLUMN=FIELD", multiple=True,
    help="Where a column goes: a field (also a custom one by key or label), note, other or ignore.",
)  # fmt: skip
@click.option(
    "--fill",
    "fills",
    metavar="FIELD=VALUE",
    multiple=True,
    help="What rows get that leave a custom field empty, by its key or label.",
)
@click.option(
    "--match",
    metavar="FIELD",
    help=f"Reject rows whose value is already there: {', '.join(MATCHES)} (of contacts and organisations: name, of these also website).",
)
@click.option(
    "--create",
    metavar="LISTS",
    help=f"Make what is missing, comma separated: {', '.join(CREATABLE)}; of contacts and organisations: owners, organisations.",
)
@click.option("--owner", metavar="EMAIL", help="Owner of rows that name none: e-mail or name.")
@click.option(
    "--importer", metavar="FORMAT", help="Who reads the file: csv, or another one that a plugin brings. Default: found."
)
@click.option("--reader", "reader", metavar="NAME=VALUE", multiple=True, help="How the file is read, e.g. sheet=Leads.")
@click.option("--encoding", metavar="E", help="Encoding of the file, e.g. utf-8 or cp1250. Default: found, else asked for.")
@click.option("--delimiter", metavar="D", help="comma, semicolon, tab or pipe. Default: found.")
@click.option("--day-first", "day_order", flag_value="day", help="3/4/2026 is the 3rd of April.")
@click.option("--month-first", "day_order", flag_value="month", help="3/4/2026 is the 4th of March.")
@click.option("--decimal", type=click.Choice(["point", "comma"]), help="The decimal mark where a number can be read in two ways.")
@click.option("--keep-apostrophes", is_flag=True, help="Keep apostrophes that guard cells against spreadsheets.")
@click.option(
    "--external-source", metavar="NAME", help="Names where the numbers of external_id come from. Default: the column's name."
)
@click.option("--rejected", type=click.Path(path_type=Path, dir_okay=False), help="Where the rejected rows are written.")
@click.option("--dry-run", is_flag=True, help="Check every row and import none.")
@click.option("--undo", metavar="ID", type=int, help="Take an import back instead.")
@click.option("--resume", metavar="ID", type=int, help="Let an import that stopped go on instead.")
@click.option("--remove-changed", is_flag=True, help="With --undo: also remove leads that somebody changed since.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(file: Path | None, undo: int | None, resume: int | None, remove_changed: bool, **given: Any) -> None:
    """Bring the leads, contacts or organisations of a FILE in; rows that cannot be read are left out and written to a file with the reasons."""
    if (file is None) == (undo is None and resume is None):
        raise click.UsageError("Give a FILE, or --undo ID, or --resume ID.")
    settings = open_instance()
    upgrade(settings)
    connect_jobs(settings)
    if undo is not None:
        key = import_undo.start_undo(undo, actor=SYSTEM, remove_changed=import_undo.EVERY_CHANGED if remove_changed else ())
        _work(undo, key, as_json=given["as_json"])
        _report(undo, settings, given, None)
    elif resume is not None:
        run = _run(resume)
        # One that was killed is still taken by the dead process for up to a minute: wait for it.
        key = imports.resume(resume, actor=SYSTEM) if imports.has_stopped(run) else run.progress.get("job", "")
        _work(resume, key, as_json=given["as_json"])
        _report(resume, settings, given, given["rejected"])
    else:
        assert file is not None
        _import(file, settings, given)


def _import(file: Path, settings: Settings, given: Mapping[str, Any]) -> None:
    # Bad usage is told before anything is kept.
    _maps(given["maps"])
    _reading(given)
    if given["importer"] and find_importer(given["importer"]) is None:
        known = ", ".join(importer.key for importer in importers())
        raise click.UsageError(f"--importer {given['importer']}: there is no such format. Known: {known}.")
    try:
        with file.open("rb") as source:
            run_id = imports.upload(
                source, file.name, actor=SYSTEM, folder=settings.instance, most_bytes=settings.import_max_mb * 1_000_000,
                importer=given["importer"] or "", record_type=RECORDS[given["record_type"]],
            )  # fmt: skip
    except OSError as error:
        raise Refused(N_("%(file)s cannot be read: %(reason)s."), file=file, reason=error.strerror) from error
    try:
        options = _options(run_id, settings, given)
        if given["dry_run"]:
            imports.choose(run_id, options, actor=SYSTEM, folder=settings.instance)
            key = _run(run_id).progress["job"]
        else:
            key = imports.start_unchecked(run_id, options, actor=SYSTEM, folder=settings.instance)
        _work(run_id, key, as_json=given["as_json"])
        if _run(run_id).state == ImportState.UPLOADED:
            raise _error_of(run_id)
        _report(run_id, settings, given, given["rejected"])
    except LeadboardError as error:
        way_out = WAYS_OUT.get(error.field or "") or _way_out(run_id, error.field)
        _forget(run_id, settings)
        if way_out:
            raise Refused("%(text)s %(way_out)s", text=str(error), way_out=way_out) from error
        raise
    if given["dry_run"]:
        _forget(run_id, settings)


def _way_out(run_id: int, field: str | None) -> str:
    """For what only this file's format asks."""
    run = load_run(run_id)
    return f"Add --reader {field}=…" if run is not None and run.options.reader is None and field not in {None, "file"} else ""


def _forget(run_id: int, settings: Settings) -> None:
    """Leave nothing behind of an import that did not begin."""
    run = load_run(run_id)
    if run is not None and run.state in {ImportState.UPLOADED, ImportState.CHECKED}:
        imports.discard(run_id, actor=SYSTEM, folder=settings.instance)


def _options(run_id: int, settings: Settings, given: Mapping[str, Any]) -> Options:
    """The options of the command on top of what the file itself suggests."""
    run = _run(run_id)
    reading = _reading(given)
    if reading or run.options.reader is None:
        imports.choose_reading(run_id, reading, actor=SYSTEM, folder=settings.instance)
        run = _run(run_id)
    mapping, record_type = dict(run.options.mapping), run.options.record_type
    for column, target in _maps(given["maps"]):
        if not is_target(target, record_type):
            target = target_of(target, record_type) or target
        for other, used in mapping.items():
            if used == target and target not in SHARED:
                mapping[other] = OTHER  # what was said wins over what was suggested
        mapping[_column(column, mapping)] = target
    pipeline_id = _pipeline(given["pipeline"])
    if pipeline_id is not None:
        mapping = {column: OTHER if target == "pipeline" else target for column, target in mapping.items()}
    return replace(
        run.options,
        mapping=mapping,
        pipeline_id=pipeline_id,
        stage_id=_stage(given["stage"], pipeline_id),
        owner_id=_owner(given["owner"]),
        create=tuple(part.strip() for part in (given["create"] or "").split(",") if part.strip()),
        match=given["match"] or "",
        decimal=given["decimal"] or "",
        day_order=given["day_order"] or "",
        fill=dict(fill_of(entry, instance(), record_type) for entry in given["fills"]),
        unguard=not given["keep_apostrophes"],
        external_source=given["external_source"] or "",
        people=given["people"] or "",
        incomplete=given["incomplete"] or "",
    )


def _reading(given: Mapping[str, Any]) -> dict[str, str]:
    """How the file is to be read, as far as it was said."""
    found = {}
    for entry in given["reader"]:
        name, equals, value = entry.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--reader {entry}: write NAME=VALUE.")
        found[name] = value
    delimiter = _delimiter(given["delimiter"])
    if given["encoding"]:
        found["encoding"] = given["encoding"]
    if delimiter:
        found["delimiter"] = delimiter
    return found


def _delimiter(text: str | None) -> str:
    if text is None:
        return ""
    if text.lower() not in DELIMITERS:
        raise click.UsageError(f"--delimiter {text}: use comma, semicolon, tab or pipe.")
    return DELIMITERS[text.lower()]


def _maps(entries: Sequence[str]) -> list[tuple[str, str]]:
    """(column, target) of each --map."""
    found = []
    for entry in entries:
        column, equals, target = entry.rpartition("=")
        if not equals or not column:
            raise click.UsageError(f"--map {entry}: write COLUMN=FIELD.")
        found.append((column, target.strip()))
    return found


def _column(text: str, mapping: Mapping[str, str]) -> str:
    """The file's column of this name, whatever its case."""
    return next((column for column in mapping if fold(column) == fold(text)), text)


def _pipeline(text: str | None) -> int | None:
    return None if text is None else _named("pipeline", text, rows("select id, name from pipeline where archived_at is null"))


def _stage(text: str | None, pipeline_id: int | None) -> int | None:
    """A stage of the pipeline, else of the first pipeline that has one of this name."""
    if text is None:
        return None
    found = rows(
        "select s.id, s.name, s.pipeline_id from stage s join pipeline p on p.id = s.pipeline_id where p.archived_at is null"
        " order by p.position, p.id, s.position, s.id"
    )
    return _named("stage", text, [(row[0], row[1]) for row in found if pipeline_id in {None, row[2]}])


def _named(noun: str, text: str, known: Sequence[tuple[Any, ...]]) -> int:
    for record_id, name in known:
        if text == str(record_id) or fold(name) == fold(text):
            return int(record_id)
    raise Refused(
        N_("There is no %(noun)s %(text)s. Known: %(known)s."),
        field=noun, noun=noun, text=text, known=", ".join(row[1] for row in known) or "-",
    )  # fmt: skip


def _owner(text: str | None) -> int | None:
    if text is None:
        return None
    return user_id_of(text) or _named("user", text, rows('select id, name from "user" order by id'))


# ---------------------------------------------------------------------------------------------- work and report


def _work(run_id: int, key: str, *, as_json: bool) -> None:
    """Run the job here, or wait for the server that has taken it."""
    shown = 0
    while (found := one("select state, error from job where key = ?", (key,))) is not None and found[0] in {"queued", "running"}:
        if jobs.run_one(f"shell:{os.getpid()}", key=key):
            continue
        if found[0] == "queued" and found[1]:
            break
        run = _run(run_id)
        if not as_json and run.done_rows > shown:
            shown = run.done_rows
            click.echo(f"{shown:,} of {run.total_rows:,} rows", err=True)
        time.sleep(WAIT_S)
    found = one("select state, error from job where key = ?", (key,))
    if found is not None and found[0] != "done":
        raise Refused(
            N_("The import stopped: %(error)s. What is in stays; go on with: leadboard import --resume %(id)d"),
            error=(found[1] or "").strip().splitlines()[-1], id=run_id,
        )  # fmt: skip


def _run(run_id: int) -> Run:
    run = load_run(run_id)
    if run is None:
        raise NotFound(N_("This import does not exist."))
    return run


def _error_of(run_id: int) -> LeadboardError:
    """What the dry run ended with, as it was raised."""
    found = one("select error from import_run where id = ?", (run_id,))
    field, message, params = json.loads(found[0]) if found and found[0] else (None, "The file could not be checked.", {})
    return Refused(message, field=field, **params)


def _say(message: str, params: Mapping[str, Any]) -> str:
    return message % params if params else message


def _write_rejected(run: Run, settings: Settings, target: Path | None) -> Path | None:
    if not run.counts.get("rejected") or run.state in {ImportState.UNDONE, ImportState.UNDOING}:
        return None
    path = target or settings.instance / FOLDER / f"import-{run.id}-rejected.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(rejected_csv(run.id, list(run.options.mapping), (LINE_COLUMN, REASON_COLUMN), _say))
    return path


def _report(run_id: int, settings: Settings, given: Mapping[str, Any], rejected: Path | None) -> None:
    """Counts, and where the rejected rows are; docs/admin/import.md tells the shape of the JSON."""
    run = _run(run_id)
    path = _write_rejected(run, settings, rejected)
    counts = {name: run.counts.get(name, 0) for name in COUNTS}
    error = str(_error_of(run_id)) if _has_error(run_id) else None
    if given["as_json"]:
        answer = {
            "import": None if given["dry_run"] else run_id,
            "state": str(run.state),
            "dry_run": bool(given["dry_run"]),
            "rows": run.total_rows,
            **counts,
            "made": _made(run),
            "rejected_file": str(path) if path else None,
            "mapping": dict(run.options.mapping),
            "error": error,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print(run, counts, dry_run=given["dry_run"])
        if path:
            click.echo(f"Rejected rows with reasons: {path}")
    if error:
        raise Refused("%(text)s", text=error)


def _made(run: Run) -> dict[str, int]:
    """How many of each kind an import made, or would make, beside its rows."""
    lists = {what: len(made) for what, made in run.progress.get("made", {}).items()}
    parties = {what: number for what in ("contacts", "organisations") if (number := run.counts.get(f"new_{what}", 0))}
    return {**lists, **parties}


def _has_error(run_id: int) -> bool:
    return one("select 1 from import_run where id = ? and error is not null", (run_id,)) is not None


def _print(run: Run, counts: Mapping[str, int], *, dry_run: bool) -> None:
    noun = next(plural for plural, name in RECORDS.items() if name == run.options.record_type)
    if run.state == ImportState.UNDONE:
        click.echo(
            f"Import {run.id} is taken back: {counts['removed']:,} {noun} removed, {counts['kept']:,} kept because somebody changed them since."
        )
        return
    verb = "would be imported" if dry_run else "imported"
    click.echo(f"{run.total_rows:,} rows: {counts['created']:,} {noun} {verb}, {counts['rejected']:,} rejected.")
    if counts["already_there"]:
        click.echo(f"{counts['already_there']:,} of the rejected rows are already there.")
    if counts["warnings"]:
        click.echo(f"{counts['warnings']:,} rows have cells that did not fit their field; they are kept under Other columns.")
    left_out = [column for column, target in run.options.mapping.items() if target == IGNORE]
    if archived := archived_columns(left_out, run.options.record_type):
        click.echo(
            f"Left out, because these fields are archived here: {', '.join(archived)}. --map 'COLUMN={OTHER}' keeps one under Other columns."
        )
    if counts["without_reason"]:
        click.echo(f"{counts['without_reason']:,} lost leads got the reason “{NOT_STATED}”.")
    if counts["linked"]:
        click.echo(f"{counts['linked']:,} leads {'would be' if dry_run else 'are'} linked to their organisation.")
    if made := ", ".join(f"{number:,} {what}" for what, number in _made(run).items() if number):
        click.echo(f"{'Would be made' if dry_run else 'Made'}: {made}.")
    if not dry_run and counts["created"]:
        click.echo(f"Take it back with: leadboard import --undo {run.id}")
