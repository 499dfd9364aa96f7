"""What a lead is linked to: the panel of its contact and organisation, suggestions, and the other leads of the firm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from leadboard.domain.linking import LINK_COLUMNS, make_of_lead, refuse_link
from leadboard.domain.relations import link_lead
from leadboard.errors import N_, Refused
from leadboard.formats import Formats
from leadboard.http import Toast, current_actor, formats, go, is_fragment, needs, render, with_toast
from leadboard.lib.ids import as_id
from leadboard.permissions import Permission
from leadboard.queries.lead_links import LinkedParty, Siblings, Suggestion, linked_parties, siblings, suggestions
from leadboard.queries.lead_page import one_lead
from leadboard.queries.party_matches import REASON_LABELS
from leadboard.queries.party_page import one_party
from leadboard.queries.pipelines import pipelines
from leadboard.web import leads
from leadboard.web.lead_view import page_of
from leadboard.web.party_picks import Pick, Unclear, asked_again, picked_id

bp = leads.bp

# What a lead must have typed for a record to be made of it, and what it may be recognised by.
_NAMED_BY = {"contact": ("person_name", "email", "phone"), "organisation": ("organisation_name", "website")}
_KNOWN_BY = ("person_name", "organisation_name", "email", "phone", "website")
_TITLES = {"contact": N_("Link a contact"), "organisation": N_("Link an organisation")}


@dataclass(frozen=True)
class LinkSide:
    """The contact or the organisation of a lead; `is_hidden` is one in the bin, or not for this reader."""

    record_type: str
    linked: LinkedParty | None
    is_hidden: bool
    typed: str
    pick: Pick


@dataclass(frozen=True)
class LinksPanel:
    lead: Mapping[str, Any]
    sides: list[LinkSide]
    may_edit: bool
    asks: bool
    url: str


def links_panel(lead: Mapping[str, Any], pick: Pick | None = None) -> LinksPanel | None:
    """One statement, none for a lead without links; None for a reader to whom there is nothing to show."""
    actor = current_actor()
    may_edit, found = actor.may(Permission.WRITE), linked_parties(lead, actor)
    if not may_edit and not found:
        return None
    # The others are made from it by hand: url_for takes 50 µs, and this is on every lead page.
    url = url_for("leads.detail", lead_id=lead["id"])
    sides = [
        LinkSide(
            record_type, found.get(record_type), record_type not in found and lead[column] is not None,
            next((lead[name] for name in _NAMED_BY[record_type] if lead[name]), ""),
            pick if pick is not None and pick.record_type == record_type else _pick(url, record_type),
        )
        for record_type, column in LINK_COLUMNS.items()
    ]  # fmt: skip
    asks = any(lead[column] is None for column in LINK_COLUMNS.values()) and any(lead[name] for name in _KNOWN_BY)
    return LinksPanel(lead, sides, may_edit, may_edit and asks, url)


def _pick(lead_url: str, record_type: str) -> Pick:
    return Pick(record_type, f"{lead_url}/links/{record_type}", "panel-linked", gettext(_TITLES[record_type]), gettext("Link"))


def _answer(lead_id: int, text: str, change_set_id: int | None) -> Response:
    """The panel as it is now, and what changes with it."""
    toast = Toast(text, "good", change_set_id) if change_set_id else Toast(gettext("Nothing changed"))
    if not is_fragment():
        return go(url_for("leads.detail", lead_id=lead_id), toast=toast)
    page = page_of(lead_id)
    return with_toast(render("leads/_links_changed.html", page, panel=links_panel(page.lead)), toast)


@bp.post("/leads/<int:lead_id>/links/<any(contact, organisation):record_type>")
@needs(Permission.WRITE)
def link(lead_id: int, record_type: str) -> Response:
    """To one that is there already, by typing or picking."""
    actor = current_actor()
    lead, pick = one_lead(lead_id, actor), _pick(url_for("leads.detail", lead_id=lead_id), record_type)
    try:
        other_id = picked_id(pick)
        change_set_id = link_lead(lead_id, actor=actor, **{LINK_COLUMNS[record_type]: other_id})
    except Unclear as unclear:
        return _ask_again(lead, unclear.pick)
    except Refused as refusal:
        return _ask_again(lead, asked_again(pick, refusal))
    other = one_party(record_type, other_id, actor)
    return _answer(lead_id, gettext("Linked to %(name)s", name=other["name"]), change_set_id)


def _ask_again(lead: Mapping[str, Any], pick: Pick) -> Response:
    if is_fragment():
        return render("leads/_linked.html", status=422, panel=links_panel(lead, pick))
    return render("leads/link.html", lead, status=422, pick=pick)


@bp.post("/leads/<int:lead_id>/links/<any(contact, organisation):record_type>/remove")
@needs(Permission.WRITE)
def unlink(lead_id: int, record_type: str) -> Response:
    change_set_id = link_lead(lead_id, actor=current_actor(), **{LINK_COLUMNS[record_type]: None})
    return _answer(lead_id, gettext("Link taken away. What is typed on the lead stays."), change_set_id)


@bp.post("/leads/<int:lead_id>/links/<any(contact, organisation):record_type>/new")
@needs(Permission.WRITE)
def make_party(lead_id: int, record_type: str) -> Response:
    """A contact or an organisation of what is typed."""
    try:
        change_set_id = make_of_lead(lead_id, record_type, actor=current_actor())
    except Refused as refusal:
        lead = one_lead(lead_id, current_actor())
        return _ask_again(lead, asked_again(_pick(url_for("leads.detail", lead_id=lead_id), record_type), refusal))
    text = gettext("Contact made and linked") if record_type == "contact" else gettext("Organisation made and linked")
    return _answer(lead_id, text, change_set_id)


# ---------------------------------------------------------------------------------------------- suggestions


@dataclass(frozen=True)
class Suggested:
    lead: Mapping[str, Any]
    found: list[Suggestion]

    def reason(self, one: Suggestion) -> str:
        return gettext(REASON_LABELS[one.match.reason])


@bp.get("/leads/<int:lead_id>/suggestions")
@needs(Permission.WRITE)
def suggested(lead_id: int) -> Response:
    """What the page fetches when it is there; without JavaScript a page of its own."""
    actor = current_actor()
    lead = one_lead(lead_id, actor)
    page = Suggested(lead, suggestions(lead, actor))
    return render("leads/_suggestions.html" if is_fragment() else "leads/suggestions.html", page)


@bp.post("/leads/<int:lead_id>/links/<any(contact, organisation):record_type>/refuse")
@needs(Permission.WRITE)
def refuse(lead_id: int, record_type: str) -> Response:
    """Not this one: it is not suggested for this lead any more."""
    actor, other_id = current_actor(), request.form.get("id", type=as_id)
    one_lead(lead_id, actor)
    if other_id is None:
        raise Refused(N_("This is no record. Reload the page."), field="id")
    other = one_party(record_type, other_id, actor)
    change_set_id = refuse_link(lead_id, record_type, other_id, actor=actor)
    return _answer(lead_id, gettext("%(name)s is not suggested here any more", name=other["name"]), change_set_id)


# ---------------------------------------------------------------------------------------------- the same firm


@dataclass(frozen=True)
class SiblingLine:
    id: int
    title: str
    stage: str
    tone: str
    value: str
    owner: str


@dataclass(frozen=True)
class SiblingsPanel:
    lines: list[SiblingLine]
    all_url: str


@bp.get("/leads/<int:lead_id>/same-firm")
def same_firm(lead_id: int) -> Response:
    """What the page fetches when it is there; without JavaScript a page of its own."""
    lead = one_lead(lead_id, current_actor())
    template = "leads/_siblings.html" if is_fragment() else "leads/siblings.html"
    return render(template, lead, panel=siblings_panel(lead))


def siblings_panel(lead: Mapping[str, Any]) -> SiblingsPanel:
    """Without lines for a lead whose firm is not known, or has no other lead."""
    found = siblings(lead, current_actor())
    if not found.found:
        return SiblingsPanel([], "")
    stages = {stage.id: (stage.name, stage.tone) for pipeline in pipelines() for stage in pipeline.stages}
    return SiblingsPanel([_sibling(one, stages, formats()) for one in found.found], _all_url(lead, found))


def _sibling(one: Any, stages: Mapping[int, tuple[str, str]], fmt: Formats) -> SiblingLine:
    value = fmt.money(one.value_amount, one.value_currency)
    return SiblingLine(one.id, one.title, *stages.get(one.stage_id, ("", "grey")), value, one.owner_name or "")


def _all_url(lead: Mapping[str, Any], found: Siblings) -> str:
    if not found.has_more:
        return ""
    if lead["organisation_id"] is not None:
        return url_for("leads.index", firm=lead["organisation_id"])
    return url_for("leads.index", q=found.text)


def is_of_a_firm(lead: Mapping[str, Any]) -> bool:
    """Whether there is anything to find other leads of the same firm by."""
    return lead["organisation_id"] is not None or any(lead[name] for name in ("organisation_name", "website", "email"))
