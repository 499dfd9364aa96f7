"""Records out as a file. Asking is a page, taking is a POST: it writes into the log who took how many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain.exports import FIRST_FORMAT, export_records, exporters, find_exporter
from leadboard.errors import Refused
from leadboard.file_formats import Exporter
from leadboard.http import current_actor, download, formats, needs, render
from leadboard.permissions import Permission
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.views import with_view
from leadboard.web.filter_bar import FilterBar, mistake_of

bp = Blueprint("exports", __name__)


@dataclass
class ExportPage:
    heading: str
    told: str
    action: str
    back_url: str
    formats: list[Exporter]
    bar: FilterBar | None

    @property
    def exact(self) -> str:
        """The formats that can be exact, where not all can."""
        able = [one.label for one in self.formats if one.can_be_exact]
        return "" if len(able) == len(self.formats) else ", ".join(able)


@bp.get("/leads/export")
@needs(Permission.EXPORT)
def ask() -> Response:
    """In which format; for a spreadsheet or exact."""
    known = known_values()
    try:
        wanted = LeadFilter.from_args(with_view(request.args, current_actor(), "lead"), current_actor(), known)
    except Refused as refusal:
        return show_mistake(gettext("Export leads"), refusal, "lead", url_for("exports.ask"), url_for("leads.index"))
    filters: dict[str, Any] = dict(wanted.to_args())
    bar = FilterBar("lead", url_for("exports.ask"), wanted.typed(known, current_actor()))
    told = (
        gettext("The leads of the list as it is filtered, one a row, with all fields.")
        if filters
        else gettext("All leads that you may see, one a row, with all fields.")
    )
    return show_export(
        gettext("Export leads"), told, bar=bar, action=url_for("exports.leads", **filters),
        back_url=url_for("leads.index", **filters),
    )  # fmt: skip


def show_export(heading: str, told: str, *, action: str, back_url: str, bar: FilterBar | None = None) -> Response:
    """`bar` is the filter's; what was chosen one by one has none."""
    return render("exports/ask.html", ExportPage(heading, told, action, back_url, exporters(), bar))


def show_mistake(heading: str, refusal: Refused, record_type: str, path: str, back_url: str) -> Response:
    """The page with what cannot be read, and nothing to download."""
    mistake = mistake_of(refusal, request.args.get("query", ""))
    kept = {name: text for name, text in request.args.items() if name != "query"}
    bar = FilterBar(record_type, path, request.args.get("query", ""), kept, mistake)
    return render("exports/ask.html", ExportPage(heading, "", "", back_url, [], bar), status=400)


@bp.post("/leads/export")
@needs(Permission.EXPORT)
def leads() -> Response:
    """The leads of a filter, the same arguments as the list's, sent piece by piece."""
    where, params = _filter().where(current_actor(), "lead", formats().today)
    return send_export("lead", "leads", where, params)


def send_export(record_type: str, name: str, where: str, params: Sequence[Any]) -> Response:
    """The records of a condition in the format that the form asks for, as a file of this name and day."""
    exact = request.form.get("kind") == "exact"
    exporter = find_exporter(request.form.get("format", FIRST_FORMAT))
    parts = export_records(record_type, where, params, actor=current_actor(), format_key=exporter.key, exact=exact)
    # The first part is made now: what goes wrong before it is a page that says so, not a file that breaks off.
    return download(
        _after(next(parts, b""), parts), f"{name}-{formats().today.isoformat()}{exporter.suffix}", exporter.media_type
    )


def _after(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts


def _filter() -> LeadFilter:
    return LeadFilter.from_args(with_view(request.args, current_actor(), "lead"), current_actor(), known_values())
