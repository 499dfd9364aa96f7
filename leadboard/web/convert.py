"""Converting a lead in the browser: one form with everything suggested, as a dialog and as a page."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain.conversion import Converted, Side, convert_lead, load_convertible
from leadboard.errors import Incomplete, InvalidInput, LeadboardError, NotFound, Refused
from leadboard.forms.leads import LeadForm
from leadboard.http import Toast, back_or, current_actor, go, is_fragment, message_of, needs, render
from leadboard.lib.ids import as_id
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission
from leadboard.queries.conversion import Conversion, conversion_of, parties_by_id
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.web.convert_sides import SideView, side_of
from leadboard.web.parties.kinds import KINDS
from leadboard.web.stage_needs import ask_for, names_in, read_sent

bp = Blueprint("convert", __name__)


@dataclass
class ConvertPage:
    """The form: `here` is the stage that the lead stays in when no other is chosen."""

    lead: dict[str, Any]
    sides: dict[str, SideView]
    stages: list[tuple[str, list[tuple[int, str]]]]
    here: str
    next: str
    stage_id: int | None = None
    stage_error: str = ""
    needed: LeadForm | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def in_dialog(self) -> bool:
        return is_fragment()

    def show(self, error: LeadboardError) -> None:
        """Put a refusal beside what it is about; what the stage still needs is asked for."""
        names = names_in(error) if isinstance(error, Incomplete) else []
        if names:
            asked = self.needed is not None and set(names) <= set(self.needed.names)
            self.needed = self.needed if asked else ask_for(names)
            self.stage_error = message_of(error)
            return
        if self.needed is not None and error.field in self.needed.names:
            self.needed.show_error(error)
            return
        for problem in error.problems if isinstance(error, InvalidInput) else (error,):
            name, _, of_side = (problem.field or "").partition(".")
            message = message_of(problem)
            if name == "stage":
                self.stage_error = message
            elif name not in self.sides:
                self.errors.append(message)
            else:
                self.sides[name].show(of_side, message)


@dataclass(frozen=True)
class Link:
    icon: str
    name: str
    url: str


@dataclass(frozen=True)
class DonePage:
    """What came of a conversion; `undo_url` takes it back, for those who may."""

    lead: dict[str, Any]
    links: list[Link]
    conversion: Conversion | None
    next: str
    undo_url: str


@bp.get("/leads/<int:lead_id>/convert")
@needs(Permission.WRITE)
def form(lead_id: int) -> Response:
    """The form; of a lead that is converted already, what came of it."""
    lead = load_convertible(lead_id, current_actor())
    if lead["converted_at"] is not None:
        return _done(lead)
    return _shown(_page(lead))


@bp.post("/leads/<int:lead_id>/convert")
@needs(Permission.WRITE)
def convert(lead_id: int) -> Response:
    """Do it. Whoever comes second, by a double click or in another tab, gets what the first one made."""
    actor = current_actor()
    lead = load_convertible(lead_id, actor)
    page = _page(lead)
    sides = {name: side.chosen() for name, side in page.sides.items()}
    page.stage_id = request.form.get("to_stage", type=as_id)
    page.needed, values = read_sent()
    if lead["converted_at"] is None and (None in sides.values() or values is None):
        return _shown(page, 422)
    organisation, contact = (sides[name] or Side() for name in ("organisation", "contact"))
    try:
        done = convert_lead(
            lead_id, organisation=organisation, contact=contact, to_stage_id=page.stage_id,
            carry=frozenset(), complete=True, actor=actor, lead_values=values,
        )  # fmt: skip
    except (Refused, NotFound) as error:
        page.show(error)
        return _shown(page, 422)
    return go(page.next, toast=_toast(lead, done, {"organisation": organisation.id, "contact": contact.id}))


def _shown(page: ConvertPage, status: int = 200) -> Response:
    return render("convert/_form.html" if is_fragment() else "convert/form.html", page, status=status)


def _page(lead: dict[str, Any]) -> ConvertPage:
    known = pipelines()
    names = {stage.id: f"{one.name}: {stage.name}" for one in known for stage in one.stages}
    sides = {name: side_of(name, lead) for name in ("organisation", "contact")}
    return ConvertPage(lead, sides, _stages(known, lead), names.get(lead["stage_id"], ""), _next(lead))


def _stages(known: list[PipelineRow], lead: dict[str, Any]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Where the lead may move on to. Into a lost one it would need a reason, and it buys."""
    return [
        (one.name, [(s.id, s.name) for s in one.stages if s.kind != StageKind.LOST and s.id != lead["stage_id"]]) for one in known
    ]


def _next(lead: dict[str, Any]) -> str:
    """Back to the board that asked, else to the lead."""
    board = request.values.get("board", type=as_id)
    if board is not None:
        return url_for("board.show", pipeline_id=board)
    return back_or("leads.detail", lead_id=lead["id"])


def _toast(lead: dict[str, Any], done: Converted, chosen: dict[str, int | None]) -> Toast:
    links = _links({"organisation_id": done.organisation_id, "contact_id": done.contact_id})
    names = " · ".join(link.name for link in links)
    if done.change_set_id is None:
        found = conversion_of(lead["id"])
        who = found.by if found is not None and found.by else "Leadboard"
        return Toast(gettext("%(who)s converted %(title)s already: %(names)s", who=who, title=lead["title"], names=names))
    text = gettext("%(title)s is converted: %(names)s", title=lead["title"], names=names)
    made = {"organisation": done.organisation_id, "contact": done.contact_id}
    if any(number is not None and number != made[name] for name, number in chosen.items()):
        text = gettext("%(text)s. What you chose was merged into it in the meantime.", text=text)
    return Toast(text, "good", done.change_set_id)


def _links(ids: dict[str, Any]) -> list[Link]:
    """The firm and the person, as far as the reader may see them."""
    found = []
    for name in ("organisation", "contact"):
        kind, number = KINDS[name], ids[f"{name}_id"]
        row = parties_by_id(name, [number] if number is not None else [], current_actor()).get(number)
        if row is not None:
            found.append(Link(kind.icon, row["name"], kind.url("detail", record_id=number)))
    return found


def _done(lead: dict[str, Any]) -> Response:
    found, actor = conversion_of(lead["id"]), current_actor()
    may_undo = found is not None and (found.user_id == actor.id or actor.may(Permission.DELETE_ANY))
    undo_url = url_for("undo.undo", change_set_id=found.change_set_id) if found is not None and may_undo else ""
    page = DonePage(lead, _links(lead), found, _next(lead), undo_url)
    return render("convert/_done.html" if is_fragment() else "convert/done.html", page)
