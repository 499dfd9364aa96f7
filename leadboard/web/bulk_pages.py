"""Many records at once: what is to be done, what it would change, how far it is, and what came of it."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain import bulk
from leadboard.domain.bulk_verbs import ADD, ASSIGN, DELETE, EDIT, MOVE, REMOVE, SET, TAG
from leadboard.domain.parties import NewParty
from leadboard.domain.tags import MOST_ON_A_LEAD, NAME_LIMIT
from leadboard.errors import N_, Refused
from leadboard.fieldtypes import Storage
from leadboard.forms.custom_inputs import known_fields
from leadboard.forms.records import RecordForm, record_form
from leadboard.http import Toast, back_or, current_actor, formats, go, message_of, needs, render
from leadboard.lib.ids import as_id
from leadboard.models.bulk import BulkState
from leadboard.permissions import Permission
from leadboard.queries.bulk import (
    BulkTask,
    Refusal,
    chosen_where,
    count_of,
    currencies_of,
    has_stopped,
    own_bulk,
    recent_bulk,
    refusals,
    titles_of,
)
from leadboard.queries.moves import lost_reasons
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.tags import offered_tags
from leadboard.queries.timeline import FieldChange
from leadboard.queries.timeline_names import Names, names_of
from leadboard.queries.users import owners
from leadboard.web.custom_facts import label_of
from leadboard.web.exports import send_export, show_export
from leadboard.web.parties.kinds import KINDS, record_url
from leadboard.web.record_layout import LAYOUTS, Layout
from leadboard.web.record_view import choices_for
from leadboard.web.timeline_view import TimelinePainter
from leadboard.web.timeline_words import ChangeView

bp = Blueprint("bulk", __name__, url_prefix="/bulk")

SHOWN_CHANGED = 10
SHOWN_REFUSED = 200
# A field that stands for a record, by what names_of() calls it.
_NAMED = {"owner": "user", "source": "source", "stage_id": "stage", "organisation": "organisation", "parent": "organisation"}
# What a move changes beside the stage follows from it.
_FOLLOWS = {"closed_at", "stage_entered_at", "pipeline_id", "snoozed_until", "lost_reason_id", "lost_to"}
STATES = {
    BulkState.COLLECTING: (N_("Under way"), "blue"),
    BulkState.RUNNING: (N_("Under way"), "blue"),
    BulkState.DONE: (N_("Done"), "green"),
    BulkState.STOPPED: (N_("Stopped"), "amber"),
}


def counted(record_type: str, count: int) -> str:
    """ "3 leads"."""
    return {
        "lead": lambda: ngettext("%(num)s lead", "%(num)s leads", count),
        "contact": lambda: ngettext("%(num)s contact", "%(num)s contacts", count),
        "organisation": lambda: ngettext("%(num)s organisation", "%(num)s organisations", count),
        "event": lambda: ngettext("%(num)s change", "%(num)s changes", count),
    }[record_type]()


def list_url(run: BulkTask) -> str:
    """The list that the selection was made in."""
    endpoint = "leads.index" if run.record_type in {"lead", "event"} else f"{KINDS[run.record_type].plural}.index"
    return url_for(endpoint, **run.selection.get("args", {}))


@dataclass
class BulkPage:
    """`told` says what is done, `count` with how many."""

    run: BulkTask
    told: str
    count: str = ""
    error: str = ""

    @property
    def back_url(self) -> str:
        return list_url(self.run)

    @property
    def what(self) -> str:
        return counted(self.run.record_type, self.run.total)

    @property
    def has_stopped(self) -> bool:
        return has_stopped(self.run)


@dataclass
class ChoosePage(BulkPage):
    """`form` is that of the chosen field; `fields` are (name, label) of those there are."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    name: str = ""
    form: RecordForm | None = None
    is_list: bool = False
    how: str = SET
    pipelines: list[PipelineRow] = field(default_factory=list)
    reasons: list[tuple[int, str]] = field(default_factory=list)
    owners: list[tuple[int, str]] = field(default_factory=list)
    known_tags: list[str] = field(default_factory=list)
    # As they were typed, and whether they are to go.
    tags: str = ""
    takes_tags: bool = False


@dataclass(frozen=True)
class Row:
    title: str
    url: str
    changes: list[ChangeView]


@dataclass
class PreviewPage(BulkPage):
    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    same: int = 0
    changing: int = 0
    looked_at: int = 0
    total: int = 0


@dataclass
class DonePage(BulkPage):
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    may_undo: bool = False


@bp.get("")
@needs(Permission.WRITE)
def index() -> Response:
    """What this person did to many records lately."""
    found = [(run, _told(run), gettext(STATES[BulkState(run.state)][0]), STATES[BulkState(run.state)][1], counted(run.record_type, run.total))
             for run in recent_bulk(current_actor())]  # fmt: skip
    return render("bulk/index.html", None, runs=found)


@bp.get("/<int:run_id>")
@needs(Permission.WRITE)
def show(run_id: int) -> Response:
    """Where it stands: to be chosen, to be looked at, under way, over."""
    run = own_bulk(run_id, current_actor())
    if run.state == BulkState.DRAFT:
        asks = not run.task or request.args.get("choose") or request.args.get("field")
        return _choose(run) if asks else _preview(run)
    if run.is_walking:
        return render("bulk/running.html", BulkPage(run, _told(run)))
    return _over(run)


@bp.get("/<int:run_id>/progress")
@needs(Permission.WRITE)
def progress(run_id: int) -> Response:
    """The bar alone; when the work is over, the way to its result."""
    run = own_bulk(run_id, current_actor())
    if not run.is_walking:
        return go(url_for("bulk.show", run_id=run_id))
    return render("bulk/_progress.html", BulkPage(run, _told(run)))


# ---------------------------------------------------------------------------------------------- what is to be done


def _choose(run: BulkTask, *, error: Refused | None = None, form: RecordForm | None = None) -> Response:
    layout, name = LAYOUTS[run.record_type], request.values.get("field", "")
    names = _fields_of(layout)
    if name and name not in dict(names):
        raise Refused(N_("There is no field %(name)s."), field="field", name=name[:60])
    count, is_exact = count_of(run, current_actor(), formats().today)
    page = ChoosePage(
        run, "", _how_many(run, count, is_exact=is_exact), message_of(error) if error is not None else "",
        fields=names, name=name, form=form or (_form(layout, name) if name else None), is_list=_is_list(run.record_type, name),
        how=request.form.get("how", SET), owners=owners(current_actor()),
    )  # fmt: skip
    if run.record_type == "lead":
        page.pipelines, page.reasons = pipelines(), lost_reasons()
        page.known_tags, page.tags = [tag.name for tag in offered_tags()], request.form.get("tags", "")
        page.takes_tags = request.form.get("verb") == TAG and page.how == REMOVE
    return render("bulk/choose.html", page, status=422 if request.method == "POST" else 200)


def _how_many(run: BulkTask, count: int, *, is_exact: bool) -> str:
    text = counted(run.record_type, count)
    return text if is_exact else gettext("More than %(what)s", what=text)


def _fields_of(layout: Layout) -> list[tuple[str, str]]:
    custom = [(one.name, one.label) for one in known_fields(layout.record_type).editable.values()]
    return [*((name, gettext(layout.fields[name].label)) for name in layout.shown), *custom]


def _form(layout: Layout, name: str) -> RecordForm:
    return record_form(layout.record_type, layout.together(name), choices_for(layout))


def _is_list(record_type: str, name: str) -> bool:
    found = known_fields(record_type).named(name) if name else None
    return found is not None and found.type is not None and found.type.storage is Storage.LIST


@bp.post("/<int:run_id>")
@needs(Permission.WRITE)
def choose(run_id: int) -> Response:
    """Take what is to be done, and go on to what it would change."""
    run, form = own_bulk(run_id, current_actor()), None
    verb = request.form.get("verb", "")
    task: dict[str, Any] = {"verb": verb}
    if verb == EDIT and request.form.get("field"):
        layout, name = LAYOUTS[run.record_type], request.form["field"]
        if name not in dict(_fields_of(layout)):
            raise Refused(N_("There is no field %(name)s."), field="field", name=name[:60])
        form = _form(layout, name)
        values = form.typed(choices_for(layout), request.form)
        if values is None:
            return _choose(run, form=form)
        if any(isinstance(value, NewParty) for value in values.values()):
            form.show_error(Refused(N_("Choose one that is there: a new one would be made for each."), field=name))
            return _choose(run, form=form)
        how = request.form.get("how", SET) if _is_list(run.record_type, name) else SET
        task |= {"values": values, "how": how}
    elif verb == ASSIGN:
        task["owner"] = request.form.get("owner", type=as_id)
    elif verb == MOVE:
        task |= {"stage_id": request.form.get("stage_id", type=as_id), "reason_id": request.form.get("lost_reason", type=as_id), "lost_to": request.form.get("lost_to", "")}  # fmt: skip
    elif verb == TAG:
        names = request.form.get("tags", "")[: MOST_ON_A_LEAD * NAME_LIMIT].split(",")
        task |= {"tags": names, "how": request.form.get("how", "")}
    try:
        bulk.choose_task(run_id, _plain(task), actor=current_actor())
    except Refused as refusal:
        if form is not None and refusal.field in form.names:
            form.show_error(refusal)
            return _choose(run, form=form)
        return _choose(run, error=refusal, form=form)
    return go(url_for("bulk.show", run_id=run_id))


def _plain(task: dict[str, Any]) -> dict[str, Any]:
    """Without a form's days, which JSON has no word for."""
    values = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in task.get("values", {}).items()}
    return {**task, "values": values} if values else task


# ---------------------------------------------------------------------------------------------- what it would change


def _preview(run: BulkTask) -> Response:
    actor, today = current_actor(), formats().today
    count, is_exact = count_of(run, actor, today)
    found = bulk.preview_bulk(run, actor=actor, today=today)
    shown, refused = found.changed[:SHOWN_CHANGED], found.refused
    ids = [*(one.record_id for one in shown), *(record_id for record_id, _ in refused)]
    titles = titles_of(run.record_type, ids, actor)
    currencies = currencies_of(ids) if run.record_type == "lead" else {}
    changes = [_changes_of(one.values, currencies.get(one.record_id, "")) for one in shown]
    painter = TimelinePainter(formats(), _names(changes))
    page = PreviewPage(
        run, _told(run), _how_many(run, count, is_exact=is_exact),
        rows=[
            Row(titles.get(one.record_id, ""), record_url(run.record_type, one.record_id), _views(painter, run, change))
            for one, change in zip(shown, changes, strict=True)
        ],
        refused=[(titles.get(number, ""), record_url(run.record_type, number), message_of(error)) for number, error in refused],
        same=found.same, changing=len(found.changed), looked_at=found.looked_at, total=count,
    )  # fmt: skip
    return render("bulk/preview.html", page)


def _changes_of(values: dict[str, tuple[Any, Any]], currency: str) -> list[FieldChange]:
    currencies = tuple(text or "" for text in values.get("value_currency", (currency, currency)))
    return [FieldChange(name, both, currencies) for name, both in values.items() if name not in _FOLLOWS]


def _names(changes: list[list[FieldChange]]) -> Names:
    wanted = [(_NAMED[one.field], value) for many in changes for one in many if one.field in _NAMED for value in one.values]
    return names_of(wanted, current_actor())


def _views(painter: TimelinePainter, run: BulkTask, changes: list[FieldChange]) -> list[ChangeView]:
    """What is no typed field first."""
    own = {"stage_id": (gettext("Stage"), lambda stage_id: painter.names.stages.get(stage_id, ("", ""))[0]), "tags": (gettext("Tags"), ", ".join)}  # fmt: skip
    first = [ChangeView(own[one.field][0], tuple(map(own[one.field][1], one.values))) for one in changes if one.field in own]
    return first + painter.changes(run.record_type, [one for one in changes if one.field not in own])


def _told(run: BulkTask) -> str:
    """What is done, in words."""
    task = run.task
    verb = task.get("verb")
    if verb == DELETE:
        return gettext("Move to the bin")
    if verb == "undo":
        return gettext("Take back")
    if verb == MOVE:
        stage = names_of([("stage", task["stage_id"])], current_actor()).stages.get(task["stage_id"], ("", ""))[0]
        return gettext("Move to %(stage)s", stage=stage)
    if verb == ASSIGN:
        owner_id = task["values"]["owner"]
        name = names_of([("user", owner_id)], current_actor()).users.get(owner_id, "") if owner_id else gettext("Nobody")
        return gettext("Assign to %(name)s", name=name)
    if verb == TAG:
        tags = ", ".join(task["tags"])
        return gettext("Add tags: %(tags)s", tags=tags) if task["how"] == ADD else gettext("Take away tags: %(tags)s", tags=tags)
    if verb == EDIT:
        name = next(iter(task["values"]))
        fields = LAYOUTS[run.record_type].fields
        label = gettext(fields[name].label) if name in fields else label_of(name, run.record_type)
        texts = {SET: gettext("Change %(field)s", field=label), ADD: gettext("Add to %(field)s", field=label), REMOVE: gettext("Remove from %(field)s", field=label)}  # fmt: skip
        return texts[task.get("how", SET)]
    return ""


# ---------------------------------------------------------------------------------------------- doing it


@bp.post("/<int:run_id>/start")
@needs(Permission.WRITE)
def start(run_id: int) -> Response:
    bulk.start_bulk(run_id, actor=current_actor())
    return go(url_for("bulk.show", run_id=run_id))


@bp.post("/<int:run_id>/stop")
@needs(Permission.WRITE)
def stop(run_id: int) -> Response:
    bulk.stop_bulk(run_id, actor=current_actor())
    return go(url_for("bulk.show", run_id=run_id))


@bp.post("/<int:run_id>/resume")
@needs(Permission.WRITE)
def resume(run_id: int) -> Response:
    bulk.resume_bulk(run_id, actor=current_actor())
    return go(url_for("bulk.show", run_id=run_id))


@bp.post("/<int:run_id>/discard")
@needs(Permission.WRITE)
def discard(run_id: int) -> Response:
    back = list_url(own_bulk(run_id, current_actor()))
    bulk.discard_bulk(run_id, actor=current_actor())
    return go(back, toast=Toast(gettext("Nothing was changed.")))


def _over(run: BulkTask) -> Response:
    found = [] if run.is_undo else refusals(run, run.record_type, current_actor(), SHOWN_REFUSED)
    error = ""
    if run.error:
        message, params = json.loads(run.error)
        error = gettext(message, **params)
    page = DonePage(run, _told(run), error=error, refused=[_refused(run, one) for one in found])
    page.may_undo = not run.is_undo and run.change_set_id is not None
    return render("bulk/done.html", page)


def _refused(run: BulkTask, one: Refusal) -> tuple[str, str, str]:
    return one.title, record_url(run.record_type, one.record_id) if one.title else "", gettext(one.message, **one.params)


# ---------------------------------------------------------------------------------------------- as a file


@bp.get("/<int:run_id>/export")
@needs(Permission.EXPORT)
def export(run_id: int) -> Response:
    """The selection as a file: in which format."""
    run = own_bulk(run_id, current_actor())
    count, is_exact = count_of(run, current_actor(), formats().today)
    told = gettext("%(what)s, one a row, with all fields.", what=_how_many(run, count, is_exact=is_exact))
    return show_export(
        gettext("Export"), told, action=url_for("bulk.take_export", run_id=run_id), back_url=back_or("bulk.show", run_id=run_id)
    )


@bp.post("/<int:run_id>/export")
@needs(Permission.EXPORT)
def take_export(run_id: int) -> Response:
    run = own_bulk(run_id, current_actor())
    where, params = chosen_where(run, current_actor(), formats().today)
    return send_export(run.record_type, f"{run.record_type}s", where, params)
