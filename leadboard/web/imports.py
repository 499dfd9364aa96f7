"""The import wizard: upload, columns, check, import, take back."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from babel.languages import get_official_languages
from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext

from leadboard.config import Settings
from leadboard.domain import import_undo, imports
from leadboard.domain.import_files import LINE_COLUMN, REASON_COLUMN, existing, shape_of
from leadboard.domain.import_formats import questions
from leadboard.errors import Refused
from leadboard.forms.imports import OptionsForm, UploadForm, reading_form
from leadboard.http import Toast, current_actor, download, go, instance, message_of, needs, render, takes_files
from leadboard.lib.ids import as_id
from leadboard.models.import_fields import FIRST_RECORD, OTHER
from leadboard.models.imports import ImportState
from leadboard.permissions import Permission
from leadboard.queries.imports import ImportFile, Run, created_titles, import_file, recent_imports, rejected_csv, rejected_rows
from leadboard.queries.lead_filter import known_values
from leadboard.web.import_pages import (
    MOST_COLUMNS,
    RECORDS,
    STATES,
    ColumnsPage,
    IndexPage,
    ProgressPage,
    ReadingPage,
    ResultPage,
    UndoPage,
    accepted_files,
    columns_of,
    filling_form,
    format_choices,
    kept_error,
    made_of,
    peek,
    say,
    target_choices,
    with_choices,
)

bp = Blueprint("imports", __name__, url_prefix="/imports")

SHOWN_REJECTED = 100
SHOWN_CHANGED = 200
WALKING = {ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}


def _settings() -> Settings:
    found: Settings = current_app.config["LEADBOARD"]
    return found


def _languages() -> tuple[str, ...]:
    """Those in which names of the file may be written: the instance's, its country's, the reader's."""
    found = instance()
    return (found.language, *get_official_languages(found.country), *request.accept_languages.values())


# ---------------------------------------------------------------------------------------------- 1: the file


@bp.get("")
@needs(Permission.IMPORT)
def index() -> Response:
    """Past imports, and a place to put a file."""
    return _index(UploadForm(format_choices()))


def _index(form: UploadForm, status: int = 200) -> Response:
    states = {str(state): (gettext(label), tone) for state, (label, tone) in STATES.items()}
    records = {name: gettext(label) for name, label in RECORDS.items()}
    page = IndexPage(
        form,
        recent_imports(),
        records,
        states,
        _settings().import_max_mb,
        [label for _, label in format_choices()],
        accepted_files(),
    )
    return render("imports/index.html", page, status=status)


@bp.post("")
@takes_files
@needs(Permission.IMPORT)
def upload() -> Response:
    """Take a file in and go on to its columns, or to what there is to know first."""
    form = UploadForm(format_choices())
    if not form.validate():
        return _index(form, 422)
    file = form.file.data
    try:
        run_id = imports.upload(
            file.stream, file.filename or "", actor=current_actor(), folder=_settings().instance,
            most_bytes=_settings().import_max_mb * 1_000_000, importer=form.importer.data, languages=_languages(), record_type=form.record_type.data,
        )  # fmt: skip
    except Refused as error:
        form.file.errors = [message_of(error)]
        return _index(form, 422)
    finally:
        file.close()
    return go(url_for("imports.show", run_id=run_id))


@bp.get("/<int:run_id>")
@needs(Permission.IMPORT)
def show(run_id: int) -> Response:
    """Where an import stands."""
    file = import_file(run_id)
    run = file.run
    if run.state in WALKING:
        return _progress(file, "imports/running.html")
    if run.state == ImportState.UPLOADED:
        return go(url_for("imports.reading" if run.options.reader is None else "imports.columns", run_id=run_id))
    rejected = [row for _, row in rejected_rows(run_id, limit=SHOWN_REJECTED)]
    stopped = kept_error(file.error)
    page = ResultPage(run, file.file_name, 3, run.counts, made_of(run), rejected, stopped[1] if stopped else "")
    if run.state == ImportState.CHECKED:
        return render("imports/checked.html", page)
    page.step, page.created, page.left = 5, created_titles(run), file.left
    return render("imports/done.html", page)


@bp.route("/<int:run_id>/reading", methods=["GET", "POST"])
@needs(Permission.IMPORT)
def reading(run_id: int) -> Response:
    """How the file is to be read: the likely ways, each with what it makes of the file."""
    file = import_file(run_id)
    imports.load_open(run_id, current_actor())
    path = existing(_settings().instance, file.run.file_path)
    asked = questions(file.run.options.importer, path, file.run.options.reader or {}, _languages())
    if not asked:
        return go(url_for("imports.columns", run_id=run_id))
    form = reading_form(asked)
    if form.validate_on_submit():
        try:
            imports.choose_reading(run_id, form.given(), actor=current_actor(), folder=_settings().instance)
            return go(url_for("imports.columns", run_id=run_id))
        except Refused as error:
            form.show_error(error)
    peeks = {
        option.name: {
            choice.value: [peek(line, marked=option.marks_letters) for line in choice.lines] for choice in option.choices
        }
        for option in asked
    }
    helps = {option.name: gettext(option.help) for option in asked if option.help}
    status = 422 if request.method == "POST" else 200
    return render("imports/reading.html", ReadingPage(file.run, file.file_name, 1, form, helps, peeks), status=status)


# ---------------------------------------------------------------------------------------------- 2: the columns


@bp.route("/<int:run_id>/columns", methods=["GET", "POST"])
@needs(Permission.IMPORT)
def columns(run_id: int) -> Response:
    """Which column goes where, and everything else there is to say; then the dry run starts."""
    file = import_file(run_id)
    run = imports.load_open(run_id, current_actor())
    if run.options.reader is None:
        return go(url_for("imports.reading", run_id=run_id))
    shape = shape_of(existing(_settings().instance, run.file_path), run.options)
    form, filling = _options_form(run), filling_form(run.options)
    mapping = dict(run.options.mapping)
    if request.method == "POST":
        shown = shape.headers[:MOST_COLUMNS]
        mapping = with_choices(run.options, {name: request.form.get(f"to-{number}", OTHER) for number, name in enumerate(shown)})
        fill = filling.given(request.form)
        if form.validate() and fill is not None:
            try:
                _choose(run, form, mapping, fill)
                return go(url_for("imports.show", run_id=run_id))
            except Refused as error:
                form.say(error.field, message_of(error))
    elif (stopped := kept_error(file.error)) is not None:
        form.say(*stopped)
    page = ColumnsPage(
        run, file.file_name, 2, form, columns_of(shape, mapping), max(0, len(shape.headers) - MOST_COLUMNS),
        target_choices(run.options.record_type), file.is_known_shape, current_actor().may(Permission.STAGES), filling.form,
    )  # fmt: skip
    return render("imports/columns.html", page, status=422 if request.method == "POST" else 200)


def _options_form(run: Run) -> OptionsForm:
    known = known_values()
    stages: dict[str, list[tuple[int, str]]] = {}
    for stage_id, name in known.stages.items():
        stages.setdefault(known.pipelines[known.pipeline_of[stage_id]], []).append((stage_id, name))
    return OptionsForm(
        pipelines=known.pipelines, stages=stages, owners=known.owners, record_type=run.options.record_type,
        data=OptionsForm.values_of(run.options),
    )  # fmt: skip


def _choose(run: Run, form: OptionsForm, mapping: dict[str, str], fill: dict[str, Any]) -> None:
    is_of_leads = run.options.record_type == FIRST_RECORD
    options = replace(
        run.options,
        mapping=mapping,
        pipeline_id=form.pipeline_id.data if is_of_leads else None,
        stage_id=(form.stage_id.data or None) if is_of_leads else None,
        owner_id=form.owner_id.data or None,
        match=form.match.data,
        create=form.created(),
        decimal=form.decimal.data,
        day_order=form.day_order.data,
        unguard=form.unguard.data,
        fill=fill,
        external_source="",
        decided={},
        people=form.people.data if is_of_leads else "",
        incomplete=form.incomplete.data if is_of_leads else "",
    )
    imports.choose(run.id, options, actor=current_actor(), folder=_settings().instance)


@bp.post("/<int:run_id>/record")
@needs(Permission.IMPORT)
def record(run_id: int) -> Response:
    """What a row of the file is: its columns are suggested anew."""
    imports.choose_record(run_id, request.form.get("record_type", ""), actor=current_actor(), folder=_settings().instance)
    return go(url_for("imports.columns", run_id=run_id))


# ---------------------------------------------------------------------------------------------- 3 and 4: check, import


@bp.get("/<int:run_id>/progress")
@needs(Permission.IMPORT)
def progress(run_id: int) -> Response:
    """The bar alone; when the walk is over, the way to its result."""
    file = import_file(run_id)
    if file.run.state not in WALKING:
        return go(url_for("imports.show", run_id=run_id))
    return _progress(file, "imports/_progress.html")


def _progress(file: ImportFile, template: str) -> Response:
    run = file.run
    texts = {
        ImportState.CHECKING: gettext("Checking all rows"),
        ImportState.RUNNING: gettext("Importing"),
        ImportState.UNDOING: gettext("Taking back"),
    }
    state = ImportState(run.state)
    total = run.counts.get("created", 0) if state == ImportState.UNDOING else run.total_rows
    step = 3 if state == ImportState.CHECKING else 4
    return render(template, ProgressPage(run, file.file_name, step, texts[state], total, imports.has_stopped(run)))


@bp.post("/<int:run_id>/start")
@needs(Permission.IMPORT)
def start(run_id: int) -> Response:
    imports.start(run_id, actor=current_actor())
    return go(url_for("imports.show", run_id=run_id))


@bp.post("/<int:run_id>/resume")
@needs(Permission.IMPORT)
def resume(run_id: int) -> Response:
    imports.resume(run_id, actor=current_actor())
    return go(url_for("imports.show", run_id=run_id))


@bp.get("/<int:run_id>/rejected.csv")
@needs(Permission.IMPORT)
def rejected(run_id: int) -> Response:
    """The rejected rows with their reasons, to mend and import again."""
    file = import_file(run_id)

    def lines() -> Iterator[str]:
        yield from rejected_csv(run_id, list(file.run.options.mapping), (LINE_COLUMN, REASON_COLUMN), say)

    return download(lines(), f"rejected-{run_id}.csv")


# ---------------------------------------------------------------------------------------------- undo, discard


@bp.route("/<int:run_id>/undo", methods=["GET", "POST"])
@needs(Permission.IMPORT)
def undo(run_id: int) -> Response:
    """What taking it back removes, and what somebody changed since: to be chosen."""
    file = import_file(run_id)
    count, changed = import_undo.changed_since(run_id, limit=SHOWN_CHANGED)
    if request.method == "POST":
        chosen: Any = import_undo.EVERY_CHANGED if request.form.get("all") else request.form.getlist("remove", type=as_id)
        import_undo.start_undo(run_id, actor=current_actor(), remove_changed=chosen)
        return go(url_for("imports.show", run_id=run_id))
    if file.run.state not in {ImportState.DONE, ImportState.UNDONE}:
        return go(url_for("imports.show", run_id=run_id))
    return render("imports/undo.html", UndoPage(file.run, file.file_name, 5, file.left, count, changed))


@bp.post("/<int:run_id>/discard")
@needs(Permission.IMPORT)
def discard(run_id: int) -> Response:
    imports.discard(run_id, actor=current_actor(), folder=_settings().instance)
    return go(url_for("imports.index"), toast=Toast(gettext("The upload is forgotten. Nothing was imported.")))
