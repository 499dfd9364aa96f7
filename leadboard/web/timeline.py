"""The timeline of a record's page: older entries as they are scrolled to."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, redirect, request

from leadboard.http import formats, is_fragment, needs, render
from leadboard.lib.ids import as_id
from leadboard.permissions import Permission
from leadboard.queries.hosts import HostKey
from leadboard.queries.timeline import TimelinePage
from leadboard.web.parties.kinds import record_url
from leadboard.web.record_parts import TEMPLATE_GLOBALS, newest_entries
from leadboard.web.record_routes import on_records
from leadboard.web.timeline_view import TimelinePainter, TimelineView, note_html

bp = Blueprint("timeline", __name__)


@on_records(bp, "/timeline")
@needs(Permission.READ)
def older(host: HostKey) -> Response:
    """The next entries for the list's end; with `list` all that it shows. Without htmx the record's page that begins with them."""
    before = request.args.get("before", type=as_id)
    if not is_fragment():
        kept = {name: request.args[name] for name in ("entries",) if name in request.args}
        return redirect(record_url(host.record_type, host.id, before=before, **kept), 303)  # type: ignore[return-value]
    page = newest_entries(host, before)
    if "list" in request.args:
        return render("timeline/_list.html", TimelineList(page))
    return render("timeline/_more.html", timeline_view(page, day_above=_day(request.args.get("day", ""))))


@dataclass(frozen=True)
class TimelineList:
    """The list by itself, under the name that a record's page gives it."""

    timeline: TimelinePage


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
