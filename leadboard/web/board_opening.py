"""A board as a reader has opened it: the pipeline, the filter of the address, and its columns under both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadboard.db import Where
from leadboard.errors import N_, NotFound
from leadboard.http import current_actor, formats
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission, visible_sql
from leadboard.queries import board as board_queries
from leadboard.queries.board import COUNT_CAP, Numbers
from leadboard.queries.field_filter import PREFIX
from leadboard.queries.filtered_board import Column, FilteredBoard
from leadboard.queries.lead_filter import Known, LeadFilter, known_values
from leadboard.queries.lead_query import LEADS
from leadboard.queries.pipelines import PipelineRow, StageRow, pipelines
from leadboard.queries.query_parts import with_typed
from leadboard.web.board_view import BoardPainter

FILTER_ARGS = ("owner", "source", "tag", "q", "next", "stale", "firm", "person", "query")
# What the arguments of a board have another meaning for, or none.
TYPED_ONLY = ("pipeline_id", "stage_ids", "closed")


@dataclass
class Board:
    """A pipeline as this reader has filtered it: what every view here starts from."""

    pipeline: PipelineRow
    pipelines: Sequence[PipelineRow]
    filters: dict[str, str]
    lead_filter: LeadFilter
    known: Known | None
    where: Where
    painter: BoardPainter

    @cached_property
    def filtered(self) -> FilteredBoard | None:
        """How its leads are found; None when it shows all there are, which indexes count."""
        actor = current_actor()
        return FilteredBoard.of(self.lead_filter, actor, formats().today) if self.filters or not actor.sees_all else None

    def columns(
        self, stages: Sequence[StageRow], limits: Mapping[int, int], *, reach: int, after: int | None = None
    ) -> dict[int, Column]:
        """Headers of all `stages`, and the cards of those in `limits`; see FilteredBoard."""
        if self.filtered is not None:
            return self.filtered.columns(stages, limits, self.painter.parts, after=after, reach=reach)
        numbers = self.numbers(stages) if after is None else {stage.id: Numbers(capped=True) for stage in stages}
        cards = board_queries.cards(limits, self.where, self.painter.parts, after=after)
        return {stage.id: Column(numbers[stage.id], cards.get(stage.id, []), None) for stage in stages}

    def numbers(self, stages: Sequence[StageRow]) -> dict[int, Numbers]:
        """The headers of columns alone."""
        if self.filtered is not None:
            return self.filtered.numbers(stages)
        return board_queries.numbers(stages, self.where, formats().today)

    def closed_count(self) -> str:
        """How many leads are in won and lost stages, up to the cap."""
        stages = [stage for stage in self.pipeline.stages if stage.kind != StageKind.OPEN]
        if self.filtered is not None:
            total, is_more = self.filtered.count(stages)
        else:
            total, is_more = sum(board_queries.counts([stage.id for stage in stages], self.where).values()), False
        return formats().number(min(total, COUNT_CAP)) + ("+" if is_more or total > COUNT_CAP else "")


def open_board(
    pipeline_id: int | None,
    args: Mapping[str, str],
    *,
    with_known: bool = False,
    known_pipelines: Sequence[PipelineRow] | None = None,
) -> Board:
    """Read the pipeline and the filter of a URL. Raises NotFound, Refused."""
    actor, today = current_actor(), formats().today
    found = pipelines() if known_pipelines is None else known_pipelines
    pipeline = _chosen(pipeline_id, found)
    names = [*FILTER_ARGS, *(name for name in args if name.startswith(PREFIX))]
    filters = {name: args[name] for name in names if args.get(name)}
    known = known_values() if filters or with_known else None
    lead_filter = LeadFilter()
    if known is not None and filters:
        lead_filter = with_typed(LeadFilter.from_args(filters, actor, known), TYPED_ONLY, known.reader(actor), LEADS)
        filters = lead_filter.to_args()
    where = lead_filter.where(actor, "lead", today) if filters else visible_sql(actor)
    return Board(
        pipeline,
        found,
        filters,
        lead_filter,
        known,
        where,
        BoardPainter(formats(), pipeline, filters, may_add=actor.may(Permission.WRITE)),
    )


def _chosen(pipeline_id: int | None, known: Sequence[PipelineRow]) -> PipelineRow:
    """The pipeline with this id, or the first one. Raises NotFound."""
    for found in known:
        if pipeline_id in {None, found.id}:
            return found
    raise NotFound(N_("This pipeline does not exist any more, or it is archived."))
