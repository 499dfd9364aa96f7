"""The timeline of a lead page: older entries as they are scrolled to."""

from datetime import date

from flask import Blueprint, Response, redirect, request, url_for

from leadboard.http import current_actor, formats, is_fragment, needs, render
from leadboard.lib.ids import as_id
from leadboard.permissions import Permission
from leadboard.queries.timeline import TimelinePage, timeline_page
from leadboard.web.lead_parts import TEMPLATE_GLOBALS
from leadboard.web.timeline_view import TimelinePainter, TimelineView, note_html

bp = Blueprint("timeline", __name__)


@bp.get("/leads/<int:lead_id>/timeline")
@needs(Permission.READ)
def older(lead_id: int) -> Response:
    """The next entries for the list's end; without htmx the lead's page that begins with them."""
    before = request.args.get("before", type=as_id)
    if not is_fragment():
        return redirect(url_for("leads.detail", lead_id=lead_id, before=before), 303)  # type: ignore[return-value]
    page = timeline_page(lead_id, current_actor(), before)
    return render("timeline/_more.html", timeline_view(page, day_above=_day(request.args.get("day", ""))))


def timeline_view(page: TimelinePage, *, day_above: date | None = None) -> TimelineView:
    """The texts of a page of the timeline, for the template that draws it."""
    return TimelinePainter(formats(), page.names).page(page, day_above=day_above)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


bp.add_app_template_filter(note_html, "note_html")
bp.add_app_template_global(timeline_view)
for name, function in TEMPLATE_GLOBALS.items():
    bp.add_app_template_global(function, name)
