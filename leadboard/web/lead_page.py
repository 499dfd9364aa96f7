"""The lead page: details edited one by one in place, or all at once on a page of their own."""

from typing import Any

from flask import Response, url_for

from leadboard.db import snapshot
from leadboard.domain.leads import update_lead
from leadboard.domain.plugin_rules import lead_ref
from leadboard.errors import NotFound
from leadboard.http import current_actor, needs, render
from leadboard.permissions import Permission
from leadboard.queries.lead_page import one_lead
from leadboard.web import leads
from leadboard.web.lead_view import lead_page, page_of
from leadboard.web.merging import follow_merged
from leadboard.web.panels import LEAD_HOST, actions_of, panels_of
from leadboard.web.record_edit import Editing, edit_all, edit_one, row_of
from leadboard.web.record_layout import LEAD

bp = leads.bp


def _update(lead_id: int, values: dict[str, Any], **more: Any) -> int | None:
    return update_lead(lead_id, values, **more).change_set_id


EDITING = Editing(LEAD, one_lead, _update, lead_page, lambda: url_for("leads.index"))


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
