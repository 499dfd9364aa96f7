"""The lead page: details edited one by one in place, or all at once on a page of their own."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Response, request, url_for

from leadboard.db import snapshot
from leadboard.domain.linking import LINK_COLUMNS, update_linked_lead
from leadboard.domain.plugin_rules import lead_ref
from leadboard.errors import NotFound
from leadboard.http import current_actor, needs, render
from leadboard.permissions import Permission
from leadboard.queries.lead_links import refused_links
from leadboard.queries.lead_page import one_lead
from leadboard.web import leads
from leadboard.web.lead_links import links_panel
from leadboard.web.lead_view import LeadPage, lead_page, page_of
from leadboard.web.link_boxes import LOOKED_AT, NAMED_BY, LinkBoxes, LinkChoice, chosen_links, link_choices, typed
from leadboard.web.merging import follow_merged
from leadboard.web.panels import LEAD_HOST, actions_of, panels_of
from leadboard.web.record_edit import Editing, edit_all, edit_one, row_of
from leadboard.web.record_layout import LEAD

bp = leads.bp


def _update(lead_id: int, values: dict[str, Any], **more: Any) -> int | None:
    return update_linked_lead(lead_id, values, links=chosen_links(), **more)


def _beside(lead: Mapping[str, Any], names: tuple[str, ...]) -> LinkBoxes | None:
    """Boxes to link what a field names, for the sides that are not linked; nothing is linked unless one is ticked."""
    sides = [side for side, name in NAMED_BY.items() if name in names and lead[LINK_COLUMNS[side]] is None]
    if not sides:
        return None
    url = url_for("leads.recognised_on", lead_id=lead["id"], side=sides)
    return LinkBoxes(_boxes(lead, sides), url)


def _boxes(lead: Mapping[str, Any], sides: Collection[str]) -> list[LinkChoice]:
    refused = refused_links(lead["id"])
    found = link_choices({**{name: lead[name] for name in LOOKED_AT}, **typed()}, sides=sides, is_on=False)
    return [one for one in found if one.is_on or (one.record_type, one.id) not in refused]


@bp.post("/leads/<int:lead_id>/recognised")
@needs(Permission.WRITE)
def recognised_on(lead_id: int) -> Response:
    """Whom a field as typed means. POST, because a URL with names in it would end up in logs."""
    lead = one_lead(lead_id, current_actor())
    sides = [side for side in request.args.getlist("side") if side in NAMED_BY and lead[LINK_COLUMNS[side]] is None]
    return render("leads/_links.html", links=_boxes(lead, sides))


def _then(page: LeadPage) -> None:
    """What is typed of whom is what the panel of links goes by."""
    if page.saved in {*NAMED_BY.values(), *LOOKED_AT, "phone"}:
        page.linked_panel = links_panel(page.lead)


EDITING = Editing(LEAD, one_lead, _update, lead_page, lambda: url_for("leads.index"), _beside, _then)


@bp.get("/leads/<int:lead_id>")
def detail(lead_id: int) -> Response:
    """The whole page, from one state of the database; `before` begins the timeline further down.

    What its panels show they read themselves, see defaults/lead_panels.py.
    """
    actor = current_actor()
    with snapshot():
        try:
            page = page_of(lead_id)
        except NotFound:
            return follow_merged("lead", lead_id)
        reference = lead_ref(page.lead)
        page.panels, page.actions = panels_of(LEAD_HOST, reference, actor), actions_of(LEAD_HOST, reference, actor)
        return render("leads/detail.html", page)


@bp.route("/leads/<int:lead_id>/edit", methods=["GET", "POST"])
@needs(Permission.WRITE)
def edit(lead_id: int) -> Response:
    return edit_all(EDITING, lead_id)


@bp.route("/leads/<int:lead_id>/fields/<name>", methods=["GET", "POST"])
@needs(Permission.WRITE)
def edit_field(lead_id: int, name: str) -> Response:
    return edit_one(EDITING, lead_id, name)


@bp.get("/leads/<int:lead_id>/fields/<name>/row")
def field_row(lead_id: int, name: str) -> Response:
    return row_of(EDITING, lead_id, name)
