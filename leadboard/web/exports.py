"""Leads out as a file. Asking is a page, taking is a POST: it writes into the log who took how many."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for

from leadboard.domain.exports import FIRST_FORMAT, export_leads, exporters, find_exporter
from leadboard.file_formats import Exporter
from leadboard.http import current_actor, download, formats, needs, render
from leadboard.permissions import Permission
from leadboard.queries.lead_filter import LeadFilter, known_values

bp = Blueprint("exports", __name__)


@dataclass
class ExportPage:
    action: str
    is_filtered: bool
    back_url: str
    formats: list[Exporter]

    @property
    def exact(self) -> str:
        """The formats that can be exact, where not all can."""
        able = [one.label for one in self.formats if one.can_be_exact]
        return "" if len(able) == len(self.formats) else ", ".join(able)


@bp.get("/leads/export")
@needs(Permission.EXPORT)
def ask() -> Response:
    """In which format; for a spreadsheet or exact."""
    filters: dict[str, Any] = dict(_filter().to_args())
    page = ExportPage(url_for("exports.leads", **filters), bool(filters), url_for("leads.index", **filters), exporters())
    return render("exports/ask.html", page)


@bp.post("/leads/export")
@needs(Permission.EXPORT)
def leads() -> Response:
    """The leads of a filter, the same arguments as the list's, sent piece by piece."""
    actor = current_actor()
    where, params = _filter().where(actor, "lead", formats().today)
    exact = request.form.get("kind") == "exact"
    exporter = find_exporter(request.form.get("format", FIRST_FORMAT))
    parts = export_leads(where, params, actor=actor, format_key=exporter.key, exact=exact)
    # The first part is made now: what goes wrong before it is a page that says so, not a file that breaks off.
    return download(_after(next(parts, b""), parts), f"leads-{formats().today.isoformat()}{exporter.suffix}", exporter.media_type)


def _after(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts


def _filter() -> LeadFilter:
    return LeadFilter.from_args(request.args, current_actor(), known_values())
