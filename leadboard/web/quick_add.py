"""Quick add: one line a lead, understood while it is typed. What every lead needs is asked for when it is missing."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.contributions import Draft
from leadboard.domain.quick_add import add_lines, values_of
from leadboard.errors import Incomplete, Refused
from leadboard.formats import Formats
from leadboard.forms.custom_inputs import known_fields
from leadboard.forms.leads import Choices, LeadForm, lead_form
from leadboard.http import (
    Toast,
    current_actor,
    formats,
    go,
    instance,
    is_fragment,
    message_of,
    needs,
    render,
    reswap,
    trigger,
    with_toast,
)
from leadboard.lib.ids import as_id, is_id
from leadboard.lib.quickadd import QuickAddError, QuickLead, read_lines
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.permissions import Permission
from leadboard.queries import board as board_queries
from leadboard.queries.pipelines import StageRow
from leadboard.queries.recognised import Recognised, recognise
from leadboard.queries.suspects import Suspect, find_duplicates, has_finders
from leadboard.web.board import ChangesPage
from leadboard.web.board_opening import Board, open_board
from leadboard.web.new_lead import added_text
from leadboard.web.record_layout import LEAD
from leadboard.web.record_view import choices_for

bp = Blueprint("quick_add", __name__)

MOST_SHOWN = 3


@dataclass(frozen=True)
class LinkChip:
    """Whom a line is going to be linked to, unless its box says no; `value` is what the box sends."""

    record_type: str
    name: str
    value: str
    is_off: bool


@dataclass
class QuickAddPage:
    """The form in a column: what is typed, how it is understood, what is wrong with it.

    `understood` holds (label, value) pairs of each of the first lines; `further` counts the others. `needed` asks for what
    every lead needs and no line can say, once somebody tried without; `count` leads get it.
    """

    stage: StageRow
    board: Board
    text: str = ""
    error: str = ""
    understood: list[list[tuple[str, str]]] = field(default_factory=list)
    further: int = 0
    suspects: list[list[Suspect]] = field(default_factory=list)
    linked: list[list[LinkChip]] = field(default_factory=list)
    needed: LeadForm | None = None
    count: int = 0

    @property
    def url(self) -> str:
        return self.board.painter.url("quick_add.form", stage=self.stage.id)

    @property
    def preview_url(self) -> str:
        return url_for("quick_add.preview", pipeline_id=self.board.pipeline.id)

    @property
    def rows(self) -> int:
        """As many lines as the script would show of what was pasted."""
        return min(8, self.text.count("\n") + 1)

    @property
    def import_url(self) -> str:
        """Where lines whose needs differ are better off; "" for who may not import."""
        return url_for("imports.index") if current_actor().may(Permission.IMPORT) else ""

    @property
    def board_url(self) -> str:
        return self.board.painter.url("board.show", stage=self.stage.id)


def read(text: str) -> list[QuickLead]:
    """Raises QuickAddError."""
    known = instance()
    return read_lines(text, currency=known.currency, region=known.phone_region, locale=formats().locale)


def asked_stage(board: Board) -> StageRow:
    stages = board.pipeline.open_stages
    return board.pipeline.stage(request.args.get("stage", type=as_id) or (stages[0].id if stages else 0))


@bp.get("/board/<int:pipeline_id>/quick-add")
@needs(Permission.WRITE)
def form(pipeline_id: int) -> Response:
    """The form for one column."""
    board = open_board(pipeline_id, request.args)
    return show(QuickAddPage(asked_stage(board), board))


def show(page: QuickAddPage, status: int = 200) -> Response:
    return render("board/_quick_add.html" if is_fragment() else "board/quick_add.html", page, status=status)


@bp.post("/board/<int:pipeline_id>/quick-add/preview")
@needs(Permission.WRITE)
def preview(pipeline_id: int) -> Response:
    """How the line is understood so far. POST, because a URL with names in it would end up in logs."""
    board = open_board(pipeline_id, {})
    page = QuickAddPage(board.pipeline.stages[0], board)
    show_understood(page, understand(page, request.form.get("text", "")))
    return render("board/_understood.html", page)


def understand(page: QuickAddPage, text: str) -> list[QuickLead]:
    """Read the text; what is wrong with it goes on the page."""
    try:
        return read(text)
    except QuickAddError as error:
        page.error = str(error)
        return []


def show_understood(page: QuickAddPage, lines: list[QuickLead]) -> None:
    page.understood = [shown(line, formats()) for line in lines[:MOST_SHOWN]]
    page.further = max(0, len(lines) - MOST_SHOWN)
    page.linked = [link_chips(recognise(current_actor(), values_of(line))) for line in lines[:MOST_SHOWN]]
    if has_finders():
        page.suspects = [find_duplicates(Draft(values=values_of(line)), current_actor()) for line in lines[:MOST_SHOWN]]


def link_chips(found: Recognised) -> list[LinkChip]:
    off = unlinked()
    return [
        LinkChip(record_type, one.name, f"{record_type}:{one.id}", (record_type, one.id) in off)
        for record_type, one in (("contact", found.contact), ("organisation", found.organisation))
        if one is not None
    ]


def unlinked() -> set[tuple[str, int]]:
    """(record type, id) of those that somebody said the lines do not mean."""
    parts = (text.partition(":") for text in request.form.getlist("unlinked"))
    return {(record_type, int(number)) for record_type, _, number in parts if is_id(number)}


def shown(line: QuickLead, fmt: Formats) -> list[tuple[str, str]]:
    pairs = [
        (gettext("Person"), line.person_name),
        (gettext("Organisation"), line.organisation_name),
        (gettext("E-mail"), line.email),
        (gettext("Phone"), line.phone),
        (gettext("Value"), fmt.money(line.value_amount, line.value_currency)),
        (gettext("Note"), line.rest),
    ]
    return [(label, value) for label, value in pairs if value]


@bp.post("/board/<int:pipeline_id>/quick-add")
@needs(Permission.WRITE)
def add(pipeline_id: int) -> Response:
    """Make the leads; the form stays for the next one. With `open` the new lead's page follows."""
    board = open_board(pipeline_id, request.args)
    stage = asked_stage(board)
    page = QuickAddPage(stage, board, text=request.form.get("text", ""))
    lines = understand(page, page.text)
    if not lines:
        page.error = page.error or gettext("Type a name, an organisation, an e-mail address …")
        return show(page, 422)
    form, values = needed_values(stage)
    page.count = len(lines)
    if values is None:
        page.needed = form
        show_understood(page, lines)
        return show(page, 422)
    try:
        change_set_id, made, linked = add_lines(
            lines, stage_id=stage.id, pipeline_id=board.pipeline.id, actor=current_actor(), custom=values, but=unlinked()
        )
    except Refused as refusal:
        show_refusal(page, form, refusal)
        show_understood(page, lines)
        return show(page, 422)
    toast = Toast(
        added_text(
            ngettext("%(num)s lead added to %(stage)s", "%(num)s leads added to %(stage)s", len(made), stage=stage.name), linked
        ),
        "good",
        change_set_id,
    )
    if request.form.get("open"):
        return go(url_for("leads.detail", lead_id=made[0]), toast=toast)
    if not is_fragment():
        return go(page.board_url, toast=toast)
    return with_cards(board, stage, made, toast)


def show_refusal(page: QuickAddPage, form: LeadForm | None, refusal: Refused) -> None:
    """What is wrong, beside the field that it is about when it was asked for; what was not is asked for now."""
    names = form.names if form is not None else ()
    was_asked = any(name in request.form for name in names)
    is_incomplete = isinstance(refusal, Incomplete)
    page.needed = form if was_asked or is_incomplete else None
    if form is not None and (refusal.field in names or (is_incomplete and was_asked)):
        form.show_error(refusal)
    else:
        page.error = message_of(refusal)


def needed_values(stage: StageRow) -> tuple[LeadForm | None, dict[str, Any] | None]:
    """The form of what every lead or this stage needs and no default fills, and what was sent; None when it cannot be read.

    Nearly always there are none, and no form: making one takes an eighth of the time of adding a lead.
    """
    names = [
        name for name, one in known_fields().editable.items() if one.definition.is_required and one.definition.default is None
    ]
    names += [name for name in stage.needs if name not in names and (name in LEAD_FIELDS or name in known_fields().editable)]
    if not names:
        return None, {}
    fmt = formats()
    # Colleagues and sources are read only where one of them has to be chosen.
    is_listed = not {"owner", "source"}.isdisjoint(names)
    choices = choices_for(LEAD) if is_listed else Choices((), (), fmt.locale, fmt.currency, fmt.today)
    form = lead_form(names, choices)
    for name in names:
        # Several columns of the board may have their form open.
        form[name].id = f"qa{stage.id}-{form[name].id}"
    return form, form.typed(choices, request.form)


def with_cards(board: Board, stage: StageRow, made: list[int], toast: Toast) -> Response:
    """The new cards on top of their column, and its header; the script empties the form."""
    numbers = board.numbers([stage])
    found = [board_queries.one_card(lead_id, board.where, board.painter.parts) for lead_id in made[: board_queries.PAGE]]
    changes = ChangesPage(
        columns=[board.painter.header(stage, numbers[stage.id])], card_actions=board.painter.actions, with_cards=False,
        arrived=[(stage.id, board.painter.card(card, stage.id)) for card in reversed(found) if card is not None],
    )  # fmt: skip
    response = reswap(with_toast(render("board/_changes.html", changes), toast), "none")
    return trigger(response, **{"quick-added": {"stage": stage.id}})
