"""A new lead by its whole form: empty, or from an organisation or a contact and linked to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Response, request, url_for
from flask_babel import gettext

from leadboard.domain.linking import create_linked_lead
from leadboard.errors import NotFound, Refused
from leadboard.forms.leads import lead_form
from leadboard.http import Toast, back_or, current_actor, go, message_of, needs, render
from leadboard.lib.ids import as_id
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission
from leadboard.queries.lead_page import one_lead
from leadboard.queries.party_page import one_party
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.recognised import Recognised
from leadboard.queries.suspects import has_finders
from leadboard.web import leads
from leadboard.web.custom_facts import defaults_of_custom
from leadboard.web.link_boxes import LinkChoice, chosen_links, link_choices, typed
from leadboard.web.record_edit import NewPage
from leadboard.web.record_layout import LEAD
from leadboard.web.record_view import choices_for

bp = leads.bp

_OF_FIRM = {
    "organisation_name": "name", "website": "website", "industry": "industry", "email": "email", "phone": "phone",
    "street": "street", "postal_code": "postal_code", "city": "city", "region": "region", "country": "country",
}  # fmt: skip
_OF_PERSON = {
    "person_name": "name", "given_name": "given_name", "family_name": "family_name", "job_title": "job_title",
    "email": "email", "phone": "phone",
}  # fmt: skip


@dataclass(kw_only=True)
class NewLeadPage(NewPage):
    stages: list[tuple[str, list[tuple[int, str]]]]
    stage_id: int | None
    stage_error: str = ""
    links: list[LinkChoice] = field(default_factory=list)

    @property
    def looks_for_duplicates(self) -> bool:
        return has_finders()


@bp.route("/leads/new", methods=["GET", "POST"])
@needs(Permission.WRITE)
def new() -> Response:
    """With ?organisation= or ?contact= it knows that one already; what is typed by itself recognises the rest."""
    actor = current_actor()
    choices, known = choices_for(LEAD), pipelines()
    given, prefilled = _given() if request.method == "GET" else ([], {})
    texts = {"owner": str(actor.id), "value_currency": choices.currency, **defaults_of_custom(), **prefilled}
    form = lead_form(LEAD.form_names(), choices, texts)
    stage_id = request.values.get("stage", type=as_id) or _first_stage(known, request.values.get("pipeline", type=as_id))
    page = NewLeadPage(
        layout=LEAD, form=form, cancel_url=back_or("leads.index"), stages=_stage_groups(known), stage_id=stage_id, links=given
    )
    if request.method == "GET":
        return render("leads/new.html", page)
    values = form.typed(choices, request.form)
    if values is None:
        page.links = link_choices(typed())
        return render("leads/new.html", page, status=422)
    try:
        done, found = create_linked_lead(values, links=chosen_links(), stage_id=stage_id, actor=actor, complete=True)
    except (Refused, NotFound) as refusal:
        page.links = link_choices(typed())
        if refusal.field == "stage":
            page.stage_error = message_of(refusal)
        else:
            form.show_error(refusal)
        return render("leads/new.html", page, status=422)
    toast = Toast(added_text(gettext("Lead added"), [found]), "good", done.change_set_id)
    try:
        one_lead(done.lead_id, actor)
    except NotFound:
        # Made for a colleague by somebody who sees own leads only.
        return go(url_for("leads.index"), toast=toast)
    return go(url_for("leads.detail", lead_id=done.lead_id), toast=toast)


def added_text(text: str, found: Iterable[Recognised]) -> str:
    """Says also whom the leads were linked to by themselves."""
    names = list(dict.fromkeys(name for one in found for name in one.names))
    return gettext("%(added)s, linked to %(names)s", added=text, names=", ".join(names[:3])) if names else text


@bp.post("/leads/recognised")
@needs(Permission.WRITE)
def recognised() -> Response:
    """Whom the form as typed will be linked to. POST, because a URL with names in it would end up in logs."""
    return render("leads/_links.html", links=link_choices(typed()))


# ---------------------------------------------------------------------------------------------- links


def _given() -> tuple[list[LinkChoice], dict[str, str]]:
    """Those that the address names, and what the form takes from them. Raises NotFound."""
    actor = current_actor()
    firm_id, person_id = (request.args.get(name, type=as_id) for name in ("organisation", "contact"))
    firm = one_party("organisation", firm_id, actor) if firm_id else None
    if firm is not None and person_id is None and firm["primary_contact_name"]:
        person_id = firm["primary_contact_id"]
    person = one_party("contact", person_id, actor) if person_id else None
    if person is not None and firm is None and person["organisation_name"]:
        firm = one_party("organisation", person["organisation_id"], actor)
    texts: dict[str, str] = {}
    for party, names in ((firm, _OF_FIRM), (person, _OF_PERSON)):
        if party is not None:
            texts |= {name: str(party[column]) for name, column in names.items() if party[column]}
    known = (("organisation", firm), ("contact", person))
    return [LinkChoice(kind, one["id"], one["name"], True, True) for kind, one in known if one is not None], texts


def _first_stage(known: Iterable[PipelineRow], pipeline_id: int | None) -> int | None:
    return next((stage.id for one in known if pipeline_id in {None, one.id} for stage in one.open_stages), None)


def _stage_groups(known: Iterable[PipelineRow]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Stages to start in, by pipeline. A lead is not lost before it is there: that needs a reason."""
    return [(one.name, [(stage.id, stage.name) for stage in one.stages if stage.kind != StageKind.LOST]) for one in known]
