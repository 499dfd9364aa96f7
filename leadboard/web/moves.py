"""Moving a lead: one endpoint for mouse, touch, keyboard and plain forms.

`POST /leads/<id>/move` takes where to: `stage_id`, or `to` = won, lost, later, pipeline, bin, wake. What it still has
to know (a reason, a day, a stage) it asks for with a form that carries everything said so far, before anything is saved.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext
from htmx_flask import request as htmx_request
from werkzeug.datastructures import MultiDict

from leadboard.domain.leads import delete_leads
from leadboard.domain.moves import Loss, Moved, Place, move_lead, snooze_lead, wake_lead
from leadboard.errors import N_, Conflict, Incomplete, Refused
from leadboard.forms.leads import LeadForm
from leadboard.forms.moves import LaterForm, LossForm, StageForm
from leadboard.http import (
    Toast,
    back_or,
    current_actor,
    formats,
    go,
    is_fragment,
    message_of,
    needs,
    render,
    reswap,
    trigger,
    with_toast,
)
from leadboard.lib.ids import as_id
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission
from leadboard.queries import board as board_queries
from leadboard.queries.field_filter import PREFIX
from leadboard.queries.moves import MovingLead, lost_reasons, moving_lead
from leadboard.queries.pipelines import PipelineRow, StageRow, pipelines
from leadboard.web.board import ChangesPage
from leadboard.web.board_opening import open_board
from leadboard.web.stage_needs import ask_for, names_in, read_sent

bp = Blueprint("moves", __name__)

# What a question's form carries on: everything the first request said.
CARRIED = ("to", "stage_id", "before_id", "after_id", "version", "board", "next", "placed", "q", "owner", "source", "query")
# What the question about a loss was answered with: carried on when the stage needs more than that.
LOSS = ("lost_reason", "lost_to", "come_back_on")


@dataclass
class MenuPage:
    lead: MovingLead
    pipeline: PipelineRow | None
    others: list[PipelineRow]
    board: str
    next: str
    args: dict[str, str] = field(default_factory=dict)


@dataclass
class QuestionPage:
    """A form in between: `carried` are the hidden fields."""

    lead: MovingLead
    title: str
    form: Any
    template: str
    carried: dict[str, str]
    cancel_url: str
    submit: str
    days: list[tuple[str, str]] = field(default_factory=list)


@bp.get("/leads/<int:lead_id>/menu")
def menu(lead_id: int) -> Response:
    """Everything that can be done with a card: a menu, or a page of its own."""
    return _menu(lead_id, "moves/_menu.html", "moves/menu.html")


@bp.get("/leads/<int:lead_id>/move")
@needs(Permission.WRITE)
def choose(lead_id: int) -> Response:
    """ "Move to…": every stage as one button."""
    return _menu(lead_id, "moves/_choose.html", "moves/choose.html")


def _menu(lead_id: int, part: str, page: str) -> Response:
    lead = moving_lead(lead_id, current_actor())
    known = pipelines()
    kept = ("board", "next", "q", "owner", "source", "query")
    args = {name: text for name, text in request.args.items() if text and (name in kept or name.startswith(PREFIX))}
    found = MenuPage(
        lead, next((p for p in known if p.id == lead.pipeline_id), None), [p for p in known if p.id != lead.pipeline_id],
        args.get("board", ""), back_or("board.show", pipeline_id=lead.pipeline_id), args,
    )  # fmt: skip
    return render(part if is_fragment() else page, found)


@bp.post("/leads/<int:lead_id>/move")
@needs(Permission.WRITE)
def move(lead_id: int) -> Response:
    lead = moving_lead(lead_id, current_actor())
    to = request.form.get("to", "")
    try:
        if to == "bin":
            return _binned(lead, delete_leads([lead_id], actor=current_actor()))
        if to == "later":
            return _snoozed(lead)
        if to == "wake":
            return _answer(lead, wake_lead(lead_id, actor=current_actor()))
        stage = _target(lead, to)
        return stage if isinstance(stage, Response) else _moved(lead, stage)
    except Conflict as conflict:
        return _conflict(conflict)


def _target(lead: MovingLead, to: str) -> StageRow | Response:
    """The stage meant, or the question which one."""
    known = pipelines()
    stages = {stage.id: stage for pipeline in known for stage in pipeline.stages}
    if request.form.get("stage_id"):
        stage = stages.get(request.form.get("stage_id", type=as_id) or 0)
        if stage is None:
            raise Refused(N_("This stage no longer exists. Reload the board."), field="stage")
        return stage
    if to in {StageKind.WON, StageKind.LOST}:
        own = next((pipeline for pipeline in known if pipeline.id == lead.pipeline_id), None)
        of_kind = own.of_kind(to) if own is not None else ()
        if len(of_kind) == 1:
            return of_kind[0]
        groups = {own.name if own else "": [(stage.id, stage.name) for stage in of_kind]}
    elif to == "pipeline":
        groups = {
            p.name: [(s.id, s.name) for s in p.stages if s.kind == StageKind.OPEN] for p in known if p.id != lead.pipeline_id
        }
    else:
        raise Refused(N_("Say where to: name a stage."), field="stage")
    if not any(groups.values()):
        raise Refused(N_("There is no stage of that kind. An admin can add one under Pipelines and stages."), field="stage")
    form = StageForm(groups, formdata=None)
    return _ask(lead, gettext("Move %(title)s to", title=lead.title), form, "moves/_stage.html", gettext("Move"))


def _moved(lead: MovingLead, stage: StageRow) -> Response:
    loss = None
    needed, values = read_sent()
    if needed is not None and values is None:
        return _ask_needs(lead, stage, needed)
    if stage.kind == StageKind.LOST and lead.stage_kind != StageKind.LOST:
        asked = "asked" in request.form
        form = LossForm(lost_reasons()) if asked else LossForm(lost_reasons(), formdata=None)
        if not asked or not form.validate():
            return _ask(lead, gettext("%(title)s is lost", title=lead.title), form, "moves/_loss.html", gettext("Mark as lost"))
        loss = Loss(form.lost_reason.data, form.lost_to.data or "", form.come_back_on.data, gettext("Come back to this lead"))
    board = request.form.get("board", type=as_id)
    other = stage.pipeline_id != lead.pipeline_id
    try:
        moved = move_lead(
            lead.id, to_stage_id=stage.id, actor=current_actor(), board_id=board if board is not None and not _wants_other(other) else None,
            before_id=request.form.get("before_id", type=as_id), after_id=request.form.get("after_id", type=as_id),
            version=request.form.get("version", type=as_id), loss=loss, values=values,
        )  # fmt: skip
    except Refused as refusal:
        return _ask_again(lead, stage, needed, refusal)
    return _answer(lead, moved)


def _ask_again(lead: MovingLead, stage: StageRow, needed: LeadForm | None, refusal: Refused) -> Response:
    """Ask for what the stage needs, or for another value of what was asked. Raises a refusal that no input here can mend."""
    names = names_in(refusal) if isinstance(refusal, Incomplete) else []
    if names:
        form = needed if needed is not None and set(names) <= set(needed.names) else ask_for(names)
        if form is needed:
            form.show_error(refusal)
        return _ask_needs(lead, stage, form)
    if needed is None or refusal.field not in needed.names:
        raise refusal
    needed.show_error(refusal)
    return _ask_needs(lead, stage, needed)


def _ask_needs(lead: MovingLead, stage: StageRow, form: LeadForm) -> Response:
    title = gettext("%(title)s → %(stage)s", title=lead.title, stage=stage.name)
    return _ask(lead, title, form, "moves/_needs.html", gettext("Save and move"))


def _wants_other(other: bool) -> bool:
    """A drop stays on its board; only the zone "Other pipeline" and the menu say another one on purpose."""
    return other and request.form.get("to") == "pipeline"


def _snoozed(lead: MovingLead) -> Response:
    today = formats().today
    # A button with a day and the empty date field send two values: the first that says something counts.
    asked = "asked" in request.form
    until = next(filter(None, request.form.getlist("until")), "")
    form = LaterForm(MultiDict({**request.form, "until": until}) if asked else None)
    days = [((today + timedelta(days=n)).isoformat(), label) for n, label in (
        (7, gettext("In a week")), (30, gettext("In a month")), (91, gettext("In three months")), (182, gettext("In half a year")),
    )]  # fmt: skip

    def ask() -> Response:
        title = gettext("Not now: %(title)s", title=lead.title)
        return _ask(lead, title, form, "moves/_later.html", gettext("Take off the board"), days)

    if not asked or not form.validate():
        return ask()
    assert form.until.data is not None
    try:
        moved = snooze_lead(lead.id, until=form.until.data, today=today, actor=current_actor())
    except Refused as refusal:
        form.show_error(refusal)
        return ask()
    text = gettext("%(title)s comes back on %(day)s", title=lead.title, day=formats().day(form.until.data))
    return _answer(lead, moved, text)


def _ask(lead: MovingLead, title: str, form: Any, template: str, submit: str, days: Any = ()) -> Response:
    """The question, with nothing saved: 200 when it is asked, 422 when the answer was wrong. A dialog for htmx, else a page."""
    status = 422 if form.errors else 200
    carried = {name: request.form[name] for name in CARRIED if request.form.get(name)}
    if template == "moves/_stage.html":
        carried.pop("stage_id", None)
    if template == "moves/_needs.html":
        carried |= {name: request.form[name] for name in LOSS if request.form.get(name)}
    page = QuestionPage(
        lead, title, form, template, carried, back_or("board.show", pipeline_id=lead.pipeline_id), submit, list(days)
    )
    if is_fragment():
        response = reswap(render("moves/_question.html", page, status=status), "innerHTML", "#dialog")
        return trigger(response, **{"move-asked": {"lead": lead.id}})
    return render("moves/question.html", page, status=status)


# ---------------------------------------------------------------------------------------------- answers


def _answer(lead: MovingLead, moved: Moved, text: str = "") -> Response:
    text = text or gettext("%(title)s → %(stage)s", title=moved.title, stage=moved.stage_name)
    if moved.stage_kind != StageKind.WON:
        return _done(lead, moved.to_stage_id, moved.version, Toast(text, "info", moved.change_set_id))
    link = None
    if moved.change_set_id is not None and lead.stage_kind != StageKind.WON and not lead.is_converted:
        link = (gettext("Make a customer of it?"), url_for("convert.form", lead_id=lead.id))
    return _done(lead, moved.to_stage_id, moved.version, Toast(text, "good", moved.change_set_id, link))


def _binned(lead: MovingLead, change_set_id: int | None) -> Response:
    return _done(lead, None, lead.version, Toast(gettext("%(title)s is in the bin", title=lead.title), "info", change_set_id))


def _done(lead: MovingLead, to_stage_id: int | None, version: int, toast: Toast) -> Response:
    """The card and the headers it touched, for the board that asked; else back to the page the form came from."""
    if _wants_json():
        return jsonify(lead_id=lead.id, stage_id=to_stage_id, version=version, undo=toast.undo)
    board_id = request.form.get("board", type=as_id)
    if not is_fragment() or board_id is None:
        return go(back_or("board.show", pipeline_id=lead.pipeline_id), toast=toast)
    board = open_board(board_id, request.form)
    stages = {stage.id: stage for stage in board.pipeline.open_stages}
    touched = [stages[stage_id] for stage_id in dict.fromkeys((lead.stage_id, to_stage_id)) if stage_id in stages]
    numbers = board.numbers(touched)
    columns = [board.painter.header(stage, numbers[stage.id]) for stage in touched]
    card = board_queries.one_card(lead.id, board.where, board.painter.parts) if to_stage_id in stages else None
    page = ChangesPage(columns=columns, card_actions=board.painter.actions, with_cards=False)
    if len(touched) < 2 and to_stage_id != lead.stage_id:
        page.closed = board.closed_count()
    if card is None:
        page.gone = [lead.id]
    elif request.form.get("placed"):
        page.redrawn = [board.painter.card(card, int(to_stage_id or 0))]
    else:
        page.gone, page.arrived = [lead.id], [(int(to_stage_id or 0), board.painter.card(card, int(to_stage_id or 0)))]
    response = with_toast(render("board/_changes.html", page), toast)
    response.headers["HX-Reswap"] = "none"
    return trigger(response, **{"move-done": {"lead": lead.id}})


def _wants_json() -> bool:
    return not htmx_request.htmx and request.accept_mimetypes.best == "application/json"


def _conflict(conflict: Conflict) -> Response:
    """409 with the place where the card is: JSON for programs, a refreshed board for htmx, a page else."""
    place: Place = conflict.details
    body = {"lead": place.lead_id, "stage_id": place.stage_id, "stage": place.stage_name, "version": place.version}
    message = message_of(conflict)
    if _wants_json():
        response = jsonify(error={"code": "conflict", "message": message, "place": body})
        response.status_code = 409
        return response
    if is_fragment():
        response = with_toast(Response(status=409), Toast(message, "error"))
        return trigger(response, **{"move-refused": {**body, "message": message}})
    return render("errors/error.html", status=409, code=409, title=gettext("Somebody else was faster"), message=message)
