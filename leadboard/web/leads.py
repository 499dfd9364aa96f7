"""A new lead, and what is done with one or several at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain.leads import create_lead, restore_leads
from leadboard.errors import N_, NotFound, Refused
from leadboard.forms.custom_inputs import known_fields
from leadboard.forms.leads import LeadForm, lead_form
from leadboard.http import Toast, back_or, current_actor, go, needs, render
from leadboard.lib.ids import as_id
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission
from leadboard.queries.lead_page import one_lead
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.suspects import has_finders
from leadboard.web.bulk import assigned, bulk_action, deleted
from leadboard.web.custom_facts import defaults_of_custom
from leadboard.web.lead_groups import form_groups, form_names
from leadboard.web.lead_view import choices_for

bp = Blueprint("leads", __name__)

# ---------------------------------------------------------------------------------------------- new


@dataclass
class NewPage:
    form: LeadForm
    stages: list[tuple[str, list[tuple[int, str]]]]
    stage_id: int | None
    stage_error: str
    cancel_url: str
    was: dict[str, str] = field(default_factory=dict)
    sides: tuple[()] = ()

    @property
    def groups(self) -> Any:
        return form_groups()

    def is_open(self, names: tuple[str, ...]) -> bool:
        """Whether a group shows its fields: when something is wrong in it."""
        return not self.form.errors.keys().isdisjoint(names)

    @property
    def needed(self) -> str:
        """The labels of what it must have beside a name."""
        return ", ".join(one.label for one in known_fields().editable.values() if one.definition.is_required)

    @property
    def looks_for_duplicates(self) -> bool:
        return has_finders()

    def side(self, name: str) -> None:
        """A new lead is nobody else's yet."""


@bp.route("/leads/new", methods=["GET", "POST"])
@needs(Permission.WRITE)
def new() -> Response:
    actor = current_actor()
    choices, known = choices_for(), pipelines()
    texts = {"owner": str(actor.id), "value_currency": choices.currency, **defaults_of_custom()}
    form = lead_form(form_names(), choices, texts)
    stage_id = request.values.get("stage", type=as_id) or _first_stage(known, request.values.get("pipeline", type=as_id))
    page = NewPage(form, _stage_groups(known), stage_id, "", back_or("leads.index"))
    if request.method == "GET":
        return render("leads/new.html", page)
    values = form.typed(choices, request.form)
    if values is None:
        return render("leads/new.html", page, status=422)
    try:
        done = create_lead(values, actor=actor, stage_id=stage_id, complete=True)
    except Refused as refusal:
        if refusal.field == "stage":
            page.stage_error = gettext(refusal.message, **refusal.params)
        else:
            form.show_error(refusal)
        return render("leads/new.html", page, status=422)
    toast = Toast(gettext("Lead added"), "good", done.change_set_id)
    try:
        one_lead(done.lead_id, actor)
    except NotFound:
        # Made for a colleague by somebody who sees own leads only.
        return go(url_for("leads.index"), toast=toast)
    return go(url_for("leads.detail", lead_id=done.lead_id), toast=toast)


def _first_stage(known: Iterable[PipelineRow], pipeline_id: int | None) -> int | None:
    return next((stage.id for one in known if pipeline_id in {None, one.id} for stage in one.open_stages), None)


def _stage_groups(known: Iterable[PipelineRow]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Stages to start in, by pipeline. A lead is not lost before it is there: that needs a reason."""
    return [(one.name, [(stage.id, stage.name) for stage in one.stages if stage.kind != StageKind.LOST]) for one in known]


# ---------------------------------------------------------------------------------------------- one or many at once


@bp.post("/leads/bulk")
@needs(Permission.WRITE)
def bulk() -> Response:
    """Assign or delete the ticked leads, as one action that is undone as one."""
    return bulk_action("lead", back_or("leads.index"))


@bp.post("/leads/<int:lead_id>/assign")
@needs(Permission.WRITE)
def assign(lead_id: int) -> Response:
    one_lead(lead_id, current_actor())
    return assigned("lead", [lead_id], back_or("leads.detail", lead_id=lead_id))


@bp.post("/leads/<int:lead_id>/delete")
@needs(Permission.WRITE)
def delete(lead_id: int) -> Response:
    one_lead(lead_id, current_actor())
    return deleted("lead", [lead_id], back_or("leads.index"))


@bp.post("/leads/<int:lead_id>/restore")
@needs(Permission.WRITE)
def restore(lead_id: int) -> Response:
    """Out of the bin, to where the lead was."""
    change_set_id = restore_leads([lead_id], actor=current_actor())
    if change_set_id is None:
        raise NotFound(N_("This lead is not in the bin any more, or you may not see it."))
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("Lead restored"), "good", change_set_id))
