"""The board: the page, its columns, and what changes on it while somebody looks."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, session, url_for
from flask_babel import gettext

from leadboard.db import snapshot
from leadboard.domain.folding import fold_stage
from leadboard.errors import Refused
from leadboard.http import back_or, current_actor, formats, go, is_fragment, render
from leadboard.lib.ids import as_id, as_number, ids_in
from leadboard.queries import board as board_queries
from leadboard.queries.board import MOST_CARDS, PAGE, Numbers
from leadboard.queries.filtered_board import FAR, NEAR, Column
from leadboard.queries.lead_filter import Known, LeadFilter
from leadboard.queries.limits import within
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.views import View, default_view
from leadboard.web.board_opening import Board, open_board
from leadboard.web.board_view import CardView, ColumnView
from leadboard.web.field_chips import FieldChips, field_chips
from leadboard.web.filter_bar import FilterBar, Mistake, mistake_of, part_chips, with_args
from leadboard.web.view_opening import Opened, open_view

bp = Blueprint("board", __name__)

SUMS_LIMIT_MS = 300
SUMS_ASKED_LIMIT_MS = 20_000


@dataclass
class BoardPage:
    """Everything on the board's page."""

    pipeline: PipelineRow
    pipelines: Sequence[PipelineRow]
    columns: Sequence[ColumnView]
    card_actions: str
    version: int
    totals_text: str
    filters: Mapping[str, Any]
    known: Known
    lead_filter: LeadFilter
    base_url: str
    closed: str = ""
    closed_url: str = ""
    is_empty: bool = False
    mistake: Mistake | None = None
    opened: Opened | None = None

    @property
    def extra(self) -> dict[str, str]:
        """The view that this began with, for addresses of the page."""
        return self.opened.extra if self.opened is not None else {}

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters)

    @property
    def new_text(self) -> str:
        """The button by what this pipeline calls its records."""
        name = self.pipeline.record_name
        return gettext("New %(name)s", name=name) if name else gettext("New lead")

    @property
    def has_limits(self) -> bool:
        return any(stage.touch_days is not None or stage.stay_days is not None for stage in self.pipeline.open_stages)

    @property
    def url(self) -> str:
        return self.url_with()

    def url_with(self, **values: Any) -> str:
        """This board under the same filter and more; built by hand, because the filter menus need one a person."""
        if not self.filters and not self.extra:
            # Ids and our own words only: nothing to quote.
            return f"{self.base_url}?{'&'.join(f'{name}={value}' for name, value in values.items())}" if values else self.base_url
        return f"{self.base_url}?{urlencode({**self.filters, **self.extra, **values})}"

    def url_without(self, name: str) -> str:
        return with_args(self.base_url, {**{key: value for key, value in self.filters.items() if key != name}, **self.extra})

    def board_url(self, pipeline_id: int) -> str:
        """Another board, with what somebody opens there first."""
        first = default_view(current_actor(), "board", pipeline_id)
        return url_for("board.show", pipeline_id=pipeline_id, view=first.id if first is not None else None)

    @property
    def list_url(self) -> str:
        return url_for("leads.index", pipeline=self.pipeline.id, **self.filters)

    @property
    def field_chips(self) -> FieldChips:
        parts = part_chips(self.lead_filter, self.base_url, self.extra, {name: str(text) for name, text in self.filters.items()})
        return field_chips(self.lead_filter.fields, self.base_url, {**self.filters, **self.extra}, parts=parts)

    @cached_property
    def bar(self) -> FilterBar:
        """The line under the chips. After a mistake everything else of the address stays."""
        if self.mistake is not None:
            kept = {name: text for name, text in request.args.items() if name != "query"}
            return FilterBar("lead", self.base_url, request.args.get("query", ""), kept, self.mistake, self.opened)
        return FilterBar(
            "lead", self.base_url, self.lead_filter.typed(self.known, current_actor()), self.extra, opened=self.opened
        )

    @property
    def changes_url(self) -> str:
        return url_for("board.changes", pipeline_id=self.pipeline.id, **self.filters)

    @property
    def columns_url(self) -> str:
        return url_for("board.columns", pipeline_id=self.pipeline.id, **self.filters)


@dataclass
class ChangesPage:
    """Parts of a board to swap; None leaves a part alone."""

    columns: Sequence[ColumnView] = ()
    card_actions: str = ""
    with_cards: bool = True
    totals_text: str | None = None
    closed: str | None = None
    gone: Sequence[int] = ()
    arrived: Sequence[tuple[int, CardView]] = ()
    redrawn: Sequence[CardView] = ()


@bp.get("/")
def home() -> Response:
    """The board that was looked at last, else the first one."""
    known = pipelines()
    ids = [found.id for found in known]
    kept = session.get("board")
    number = kept if kept in ids else next(iter(ids), None)
    first = default_view(current_actor(), "board", number) if not request.args else None
    return show_board(number, first, known)


@bp.get("/board/<int:pipeline_id>")
def show(pipeline_id: int) -> Response:
    if session.get("board") != pipeline_id:
        session["board"] = pipeline_id
    return show_board(pipeline_id)


def show_board(pipeline_id: int | None, first: View | None = None, known: Sequence[PipelineRow] | None = None) -> Response:
    """`first` is the view that it opens with when the address asks for nothing; `known` are the pipelines, when they were read."""
    opened = open_view(
        "board", current_actor(), lambda args: open_board(pipeline_id, args), pipeline_id=pipeline_id, default=first
    )  # fmt: skip
    try:
        board = open_board(pipeline_id, opened.args, with_known=True, known_pipelines=known)
    except Refused as refusal:
        return _mistaken(pipeline_id, refusal, opened)
    stages = board.pipeline.open_stages
    with snapshot():
        version, folded = board_queries.folded_stages(current_actor().user_id)
        found = board.columns(stages, {stage.id: PAGE for stage in stages if stage.id not in folded}, reach=NEAR)
        board.painter.read_badges({stage_id: column.cards for stage_id, column in found.items()}, current_actor())
        closed = board.closed_count()
    numbers = {stage_id: column.numbers for stage_id, column in found.items()}
    shown = chosen_stage(board.pipeline, numbers, folded)
    columns = [
        board.painter.column(stage, found[stage.id], is_shown=stage.id == shown, is_folded=stage.id in folded) for stage in stages
    ]
    page = page_of(board, columns, numbers, version)
    page.closed, page.closed_url = closed, url_for("leads.index", pipeline=board.pipeline.id, closed="closed")
    page.is_empty = not any(column.cards or column.more_url or (column.is_folded and column.count != "0") for column in columns)
    page.opened = opened
    return render("board/index.html", page)


def _mistaken(pipeline_id: int | None, refusal: Refused, opened: Opened) -> Response:
    """The page with what cannot be read, and no leads: everything that was typed stays."""
    mistake = mistake_of(refusal, request.args.get("query", ""))
    args = {name: text for name, text in request.args.items() if name != "query"}
    board = open_board(pipeline_id, args, with_known=True)
    page = page_of(board, [], {}, 0)
    page.mistake, page.totals_text, page.opened = mistake, "", opened
    return render("board/index.html", page, status=400)


def page_of(board: Board, columns: Sequence[ColumnView], numbers: Mapping[int, Numbers], version: int) -> BoardPage:
    """The page around these columns, of a board that was opened with what its filters may name."""
    assert board.known is not None
    return BoardPage(
        pipeline=board.pipeline, pipelines=board.pipelines, columns=columns, card_actions=board.painter.actions, version=version,
        totals_text=totals_text(board, numbers), filters=board.filters, known=board.known, lead_filter=board.lead_filter,
        base_url=board.painter.board_url,
    )  # fmt: skip


def chosen_stage(pipeline: PipelineRow, numbers: Mapping[int, Numbers], folded: Container[int] = ()) -> int | None:
    """The column that a phone shows: the one in the URL, else the first with leads, else the first; what is folded comes last."""
    wanted = request.args.get("stage", type=as_id)
    stages = sorted((stage.id for stage in pipeline.open_stages), key=lambda number: number in folded)
    if wanted in stages:
        return wanted
    return next((stage for stage in stages if numbers[stage].count and stage not in folded), stages[0] if stages else None)


def totals_text(board: Board, numbers: Mapping[int, Numbers]) -> str:
    text, sums, weighted = board.painter.totals(numbers)
    if sums:
        text += " · " + " + ".join(sums) + " · " + gettext("%(sums)s weighted", sums=" + ".join(weighted))
    return text


# ---------------------------------------------------------------------------------------------- parts


@bp.get("/board/<int:pipeline_id>/stages/<int:stage_id>/cards")
def column(pipeline_id: int, stage_id: int) -> Response:
    """The next cards of a long column; as a page of its own without JavaScript."""
    board = open_board(pipeline_id, request.args, with_known=not is_fragment())
    stage = board.pipeline.stage(stage_id)
    after = request.args.get("after", type=as_number)
    with snapshot():
        found = board.columns([stage], {stage_id: PAGE}, after=after, reach=FAR)[stage_id]
        # Those of the rest of a column are not its own; a part of the page has no header.
        numbers = {stage_id: Numbers(capped=True)} if is_fragment() else board.numbers([stage])
        board.painter.read_badges({stage_id: found.cards}, current_actor())
    view = board.painter.column(stage, found._replace(numbers=numbers[stage_id]), is_shown=True)
    if found.cards:
        view.more_text = gettext("More")
    if is_fragment():
        return render("board/_more.html", view, actions=board.painter.actions)
    return render("board/index.html", page_of(board, [view], numbers, board_queries.newest_event()))


@bp.get("/board/<int:pipeline_id>/stages/<int:stage_id>/sums")
def sums(pipeline_id: int, stage_id: int) -> Response:
    """The header sums of a column above the cap, within a time limit; a click on "many" may take longer."""
    board = open_board(pipeline_id, request.args)
    stage = board.pipeline.stage(stage_id)
    limit = SUMS_ASKED_LIMIT_MS if request.args.get("asked") else SUMS_LIMIT_MS
    found = within(limit, lambda: board_queries.sums([stage], board.where, formats().today))
    view = board.painter.header(stage, found[stage_id] if found is not None else Numbers(capped=True))
    asked_url = board.painter.url("board.sums", stage_id=stage_id, asked=1)
    if is_fragment():
        return render("board/_sums.html", view, asked_url=asked_url)
    return render("board/sums.html", view, asked_url=asked_url, board_url=board.painter.url("board.show"))


@bp.post("/board/<int:pipeline_id>/stages/<int:stage_id>/fold")
def fold(pipeline_id: int, stage_id: int) -> Response:
    """Fold a column away, for oneself, or show it again."""
    fold_stage(stage_id, is_folded=request.form.get("folded") == "1", actor=current_actor())
    return go(back_or("board.show", pipeline_id=pipeline_id))


@bp.get("/board/<int:pipeline_id>/changes")
def changes(pipeline_id: int) -> Response:
    """What changed since the version in HX-PTag: 304 when nothing did. The cheapest request of the product."""
    try:
        version = as_number(request.headers.get("HX-PTag", ""))
    except ValueError:
        version = -1
    if version >= board_queries.newest_event():
        return Response(status=304)
    return draw_columns(pipeline_id, version, None)


@bp.get("/board/<int:pipeline_id>/columns")
def columns(pipeline_id: int) -> Response:
    """Columns as the database has them now: after a refused move."""
    return draw_columns(pipeline_id, 0, frozenset(ids_in(request.args.get("stages", ""))))


def draw_columns(pipeline_id: int, version: int, wanted: frozenset[int] | None) -> Response:
    board = open_board(pipeline_id, request.args)
    stages = board.pipeline.open_stages
    every = frozenset(stage.id for stage in board.pipeline.stages)
    with snapshot():
        newest, folded = board_queries.folded_stages(current_actor().user_id)
        if wanted is None:
            news = board_queries.news_since(version, every)
            if news is not None and news.structure:
                return reload_page()
            wanted = news.stages if news is not None else frozenset()
        touched = [stage for stage in stages if stage.id in wanted and stage.id not in folded]
        loaded = loaded_cards()
        limits = {stage.id: max(PAGE, min(loaded.get(stage.id, PAGE), MOST_CARDS)) for stage in touched}
        found = board.columns(touched, limits, reach=NEAR)
        # Whoever has looked further down keeps these cards; the header goes on saying what the page said.
        deeper = [
            stage
            for stage in touched
            if found[stage.id].until is not None and len(found[stage.id].cards) < loaded.get(stage.id, 0)
        ]
        further = board.columns(deeper, {stage.id: limits[stage.id] for stage in deeper}, reach=FAR)
        found |= {stage_id: column._replace(numbers=found[stage_id].numbers) for stage_id, column in further.items()}
        board.painter.read_badges({stage_id: column.cards for stage_id, column in found.items()}, current_actor())
        closed = board.closed_count() if wanted - {stage.id for stage in stages} else None
        others = [stage for stage in stages if stage.id not in found]
        overall = (
            {**board.numbers(others), **{stage_id: column.numbers for stage_id, column in found.items()}} if wanted else None
        )
    views = [board.painter.column(stage, found[stage.id], limit=limits[stage.id]) for stage in touched]
    # A folded column has no cards here; it counts them.
    views += [
        board.painter.column(stage, Column(overall[stage.id], [], None), is_folded=True)
        for stage in stages if overall and stage.id in wanted and stage.id in folded
    ]  # fmt: skip
    response = render("board/_changes.html", ChangesPage(
        columns=views, card_actions=board.painter.actions, closed=closed, totals_text=totals_text(board, overall) if overall else None,
    )) if wanted else Response(status=204)  # fmt: skip
    response.headers["HX-PTag"] = str(newest)
    return response


def reload_page() -> Response:
    """Stages themselves changed: the page is drawn again as a whole."""
    response = Response(status=204)
    response.headers["HX-Refresh"] = "true"
    return response


def loaded_cards() -> dict[int, int]:
    """{stage: cards on the reader's screen}, from the header X-Board-Loaded: "3:50,4:25"."""
    found: dict[int, int] = {}
    for part in request.headers.get("X-Board-Loaded", "")[:2000].split(","):
        stage, _, count = part.partition(":")
        if stage.isascii() and stage.isdecimal() and count.isascii() and count.isdecimal() and len(count) < 6:
            found[int(stage)] = int(count)
    return found
