"""Leads out as a file. Asking is a page, taking is a POST: it writes into the log who took how many."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for

from leadboard.domain.exports import export_leads
from leadboard.http import current_actor, download, formats, needs, render
from leadboard.permissions import Permission
from leadboard.queries.lead_filter import LeadFilter, known_values

bp = Blueprint("exports", __name__)


@dataclass
class ExportPage:
    action: str
    is_filtered: bool
    back_url: str


@bp.get("/leads/export")
@needs(Permission.EXPORT)
def ask() -> Response:
    """For a spreadsheet or exact."""
    filters: dict[str, Any] = dict(_filter().to_args())
    return render(
        "exports/ask.html", ExportPage(url_for("exports.leads", **filters), bool(filters), url_for("leads.index", **filters))
    )


@bp.post("/leads/export")
@needs(Permission.EXPORT)
def leads() -> Response:
    """The leads of a filter, the same arguments as the list's, sent piece by piece."""
    actor = current_actor()
    where, params = _filter().where(actor, "lead", formats().today)
    exact = request.form.get("kind") == "exact"
    return download(export_leads(where, params, actor=actor, exact=exact), f"leads-{formats().today.isoformat()}.csv")


def _filter() -> LeadFilter:
    return LeadFilter.from_args(request.args, current_actor(), known_values())
