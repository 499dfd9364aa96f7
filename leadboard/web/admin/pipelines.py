"""Pipelines and their stages."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain import pipelines as domain
from leadboard.domain.card_fields import PLACED, card_choices, choose_card_fields
from leadboard.domain.packs import packs
from leadboard.domain.stage_deleting import Deleted
from leadboard.domain.stage_deleting import delete_stage as delete
from leadboard.domain.stage_values import values_of_stage
from leadboard.errors import Refused
from leadboard.forms.settings import KIND_NAMES, CardsForm, DeleteStageForm, PipelineForm, PipelineNameForm, StageForm, stage_form
from leadboard.http import Toast, current_actor, go, is_fragment, message_of, needs, render
from leadboard.lib.ids import ids_in
from leadboard.permissions import Permission
from leadboard.queries.pipelines import PipelineRow, StageRow, lead_counts, pipeline, pipelines, stage
from leadboard.web.errors import STATUS
from leadboard.web.saving import problem_with

bp = Blueprint("pipelines", __name__)


@bp.get("/admin/pipelines")
@needs(Permission.STAGES)
def index() -> Response:
    return render("pipelines/index.html", pipelines=pipelines(), archived=pipelines(archived=True))


@bp.get("/admin/pipelines/new")
@needs(Permission.STAGES)
def new() -> Response:
    return render("pipelines/new.html", form=PipelineForm(formdata=None), packs=packs())


@bp.post("/admin/pipelines/new")
@needs(Permission.STAGES)
def add() -> Response:
    form = PipelineForm()
    added: list[int] = []
    status = problem_with(form, lambda: added.append(
        domain.add_pipeline(name=form.text("name"), open_stages=form.text("open_stages").splitlines(), actor=current_actor())
    ))  # fmt: skip
    if status:
        return render("pipelines/new.html", form=form, packs=packs(), status=status)
    return go(url_for("pipelines.detail", pipeline_id=added[0]))


@bp.get("/admin/pipelines/<int:pipeline_id>")
@needs(Permission.STAGES)
def detail(pipeline_id: int) -> Response:
    return _detail(pipeline_id)


@bp.post("/admin/pipelines/<int:pipeline_id>")
@needs(Permission.STAGES)
def rename(pipeline_id: int) -> Response:
    form = PipelineNameForm()
    status = problem_with(
        form, lambda: domain.update_pipeline(pipeline_id, actor=current_actor(), seen=form.shown(), **form.values())
    )
    if status:
        return _detail(pipeline_id, form, status)
    return go(url_for("pipelines.detail", pipeline_id=pipeline_id), toast=Toast(gettext("Saved."), "good"))


@bp.get("/admin/pipelines/<int:pipeline_id>/cards")
@needs(Permission.STAGES)
def cards(pipeline_id: int) -> Response:
    found = pipeline(pipeline_id)
    chosen = list(PLACED) if found.card_fields is None else found.card_fields.split()
    form = CardsForm(card_choices(), formdata=None, data={"is_usual": found.card_fields is None, "card_fields": chosen})
    form.remember({"card_fields": found.card_fields or ""})
    return render("pipelines/cards.html", pipeline=found, form=form)


@bp.post("/admin/pipelines/<int:pipeline_id>/cards")
@needs(Permission.STAGES)
def save_cards(pipeline_id: int) -> Response:
    form, actor = CardsForm(card_choices()), current_actor()
    names = None if form.is_usual.data else form.card_fields.data or []
    seen = (form.shown() or {}).get("card_fields")
    if status := problem_with(form, lambda: choose_card_fields(pipeline_id, names, actor=actor, seen=seen)):
        found = pipeline(pipeline_id)
        form.remember({"card_fields": found.card_fields or ""})
        return render("pipelines/cards.html", pipeline=found, form=form, status=status)
    return go(url_for("pipelines.detail", pipeline_id=pipeline_id), toast=Toast(gettext("Saved."), "good"))


@bp.post("/admin/pipelines/<int:pipeline_id>/archive")
@needs(Permission.STAGES)
def archive(pipeline_id: int) -> Response:
    try:
        domain.archive_pipeline(pipeline_id, is_archived=request.form.get("archived") == "1", actor=current_actor())
    except Refused as refusal:
        form = PipelineNameForm(formdata=None, obj=pipeline(pipeline_id))
        form.show_error(refusal)
        return _detail(pipeline_id, form, STATUS[Refused])
    return go(url_for("pipelines.index"))


@bp.post("/admin/pipelines/<int:pipeline_id>/order")
@needs(Permission.STAGES)
def order(pipeline_id: int) -> Response:
    """The whole order after a drag: the stages' ids, from first to last, with commas."""
    domain.order_stages(pipeline_id, ids_in(request.form.get("order", "")), actor=current_actor())
    return _stages(pipeline_id)


@bp.get("/admin/pipelines/<int:pipeline_id>/stages/new")
@needs(Permission.STAGES)
def new_stage(pipeline_id: int) -> Response:
    found = pipeline(pipeline_id)
    return _stage_page(found, None, StageForm(found, None, formdata=None))


@bp.post("/admin/pipelines/<int:pipeline_id>/stages/new")
@needs(Permission.STAGES)
def add_stage(pipeline_id: int) -> Response:
    found = pipeline(pipeline_id)
    form, actor = StageForm(found, None), current_actor()
    if status := problem_with(form, lambda: domain.add_stage(pipeline_id, actor=actor, **form.values())):
        return _stage_page(found, None, form, status)
    return go(url_for("pipelines.detail", pipeline_id=pipeline_id))


@bp.get("/admin/pipelines/stages/<int:stage_id>")
@needs(Permission.STAGES)
def edit_stage(stage_id: int) -> Response:
    found = stage(stage_id)
    known = pipeline(found.pipeline_id)
    return _stage_page(known, found, stage_form(known, found))


@bp.post("/admin/pipelines/stages/<int:stage_id>")
@needs(Permission.STAGES)
def update_stage(stage_id: int) -> Response:
    found, actor = stage(stage_id), current_actor()
    form = StageForm(pipeline(found.pipeline_id), found)
    status = problem_with(form, lambda: domain.update_stage(stage_id, actor=actor, seen=form.shown(), **form.values()))
    if status:
        found = stage(stage_id)
        form.remember(values_of_stage(found))
        return _stage_page(pipeline(found.pipeline_id), found, form, status)
    return go(url_for("pipelines.detail", pipeline_id=found.pipeline_id), toast=Toast(gettext("Saved."), "good"))


def _stage_page(found: PipelineRow, one: StageRow | None, form: StageForm, status: int = 200) -> Response:
    return render("pipelines/stage.html", pipeline=found, stage=one, form=form, status=status)


@bp.post("/admin/pipelines/stages/<int:stage_id>/order")
@needs(Permission.STAGES)
def move_stage(stage_id: int) -> Response:
    pipeline_id = domain.move_stage(stage_id, by=-1 if request.form.get("by") == "-1" else 1, actor=current_actor())
    return _stages(pipeline_id)


@bp.get("/admin/pipelines/stages/<int:stage_id>/delete")
@needs(Permission.STAGES)
def ask_delete_stage(stage_id: int) -> Response:
    found = stage(stage_id)
    return _delete_page(found, DeleteStageForm(_others(found), formdata=None))


@bp.post("/admin/pipelines/stages/<int:stage_id>/delete")
@needs(Permission.STAGES)
def delete_stage(stage_id: int) -> Response:
    found = stage(stage_id)
    form = DeleteStageForm(_others(found))
    done: list[Deleted] = []
    status = problem_with(form, lambda: done.append(
        delete(stage_id, actor=current_actor(), move_to=form.move_to.data or None)
    ))  # fmt: skip
    if status:
        return _delete_page(found, form, status)
    text = gettext("%(name)s is deleted.", name=found.name)
    if done[0].moved:
        text = ngettext(
            "%(name)s is deleted; %(num)s lead was moved.",
            "%(name)s is deleted; %(num)s leads were moved.",
            done[0].moved,
            name=found.name,
        )
    return go(url_for("pipelines.detail", pipeline_id=found.pipeline_id), toast=Toast(text, "good", done[0].change_set_id))


def _others(found: StageRow) -> list[tuple[int, str]]:
    return [(other.id, other.name) for other in pipeline(found.pipeline_id).stages if other.id != found.id]


def _delete_page(found: StageRow, form: DeleteStageForm, status: int = 200) -> Response:
    known = pipeline(found.pipeline_id)
    problem = ""
    try:
        domain.keep_one_of_each(known.stages, found)
    except Refused as refusal:
        problem = message_of(refusal)
    count = lead_counts(found.pipeline_id).get(found.id, 0)
    return render(
        "pipelines/delete_stage.html", pipeline=known, stage=found, form=form, lead_count=count, problem=problem, status=status
    )


def _stages(pipeline_id: int) -> Response:
    """The list of stages as it is now: in place for htmx, by a redirect otherwise."""
    if not is_fragment():
        return go(url_for("pipelines.detail", pipeline_id=pipeline_id))
    return render("pipelines/_stages.html", **_list_values(pipeline_id))


def _list_values(pipeline_id: int) -> dict[str, Any]:
    return {
        "pipeline": pipeline(pipeline_id), "counts": lead_counts(pipeline_id), "kind_names": KIND_NAMES,
    }  # fmt: skip


def _detail(pipeline_id: int, form: PipelineNameForm | None = None, status: int = 200) -> Response:
    values = _list_values(pipeline_id)
    found = values["pipeline"]
    form = form or PipelineNameForm(formdata=None, obj=found)
    form.remember({name: getattr(found, name) for name in ("name", "record_name", "record_plural")})
    return render("pipelines/detail.html", form=form, status=status, **values)
