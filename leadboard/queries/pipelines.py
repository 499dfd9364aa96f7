"""Reading pipelines, stages and the lists that admins edit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Actor, Permission, require


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage; `kind` is open, won or lost, `tone` a name of the palette."""

    id: int
    pipeline_id: int
    name: str
    kind: str
    position: int
    probability: int
    tone: str
    touch_days: int | None = None
    stay_days: int | None = None
    most_leads: int | None = None
    needed: str = ""
    goes_to: str = ""
    flow_ms: int | None = None
    flow_share: int | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the fields that a lead must have to enter."""
        return tuple(self.needed.split())

    @property
    def leads_to(self) -> tuple[int, ...]:
        """The stages of the same pipeline that a lead may go on to; all when empty."""
        return tuple(int(number) for number in self.goes_to.split())


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """A pipeline with its stages in board order."""

    id: int
    name: str
    is_archived: bool
    stages: tuple[StageRow, ...]
    record_name: str = ""
    record_plural: str = ""
    card_fields: str | None = None

    @property
    def open_stages(self) -> tuple[StageRow, ...]:
        return self.of_kind(StageKind.OPEN)

    def of_kind(self, kind: str) -> tuple[StageRow, ...]:
        return tuple(stage for stage in self.stages if stage.kind == kind)

    def stage(self, stage_id: int) -> StageRow:
        """One stage of this pipeline. Raises NotFound."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise NotFound(N_("This stage does not exist in this pipeline. Reload the board."))


@dataclass(frozen=True)
class ListEntry:
    """A source or a lost reason; `lead_count` is known for sources only."""

    id: int
    name: str
    is_archived: bool
    lead_count: int | None


_STAGE = "s.id, s.pipeline_id, s.name, s.kind, s.position, s.probability, s.tone, s.touch_days, s.stay_days, s.most_leads, s.needs, s.leads_to, f.median_ms, f.share"
_PIPELINES = (
    f"select p.id, p.name, p.archived_at is not null, p.record_name, p.record_plural, p.card_fields, {_STAGE}"  # noqa: S608 - ours
    " from pipeline p left join stage s on s.pipeline_id = p.id left join stage_flow f on f.stage_id = s.id"
)
_IN_ORDER = " order by p.position, p.id, s.position, s.id"


def pipelines(*, archived: bool = False) -> list[PipelineRow]:
    """Pipelines in their order; with `archived` those, instead of the ones in use. One statement."""
    return _with_stages(rows(_PIPELINES + " where (p.archived_at is not null) = ?" + _IN_ORDER, (archived,)))


def pipeline(pipeline_id: int) -> PipelineRow:
    """One pipeline, archived or not. Raises NotFound."""
    for found in _with_stages(rows(_PIPELINES + " where p.id = ?" + _IN_ORDER, (pipeline_id,))):
        return found
    raise NotFound(N_("This pipeline does not exist."))


def _with_stages(found: Iterable[tuple[Any, ...]]) -> list[PipelineRow]:
    """A row without a stage is a pipeline that has none."""
    pipelines: dict[tuple[Any, ...], list[StageRow]] = {}
    for row in found:
        stages = pipelines.setdefault(row[:6], [])
        if row[6] is not None:
            stages.append(StageRow(*row[6:]))
    return [
        PipelineRow(number, name, bool(gone), tuple(stages), *more) for (number, name, gone, *more), stages in pipelines.items()
    ]


def stage(stage_id: int) -> StageRow:
    """One stage. Raises NotFound."""
    found = one(f"select {_STAGE} from stage s left join stage_flow f on f.stage_id = s.id where s.id = ?", (stage_id,))  # noqa: S608 - ours
    if found is None:
        raise NotFound(N_("This stage no longer exists."))
    return StageRow(*found)


def lead_counts(pipeline_id: int) -> dict[int, int]:
    """{stage id: leads in it, snoozed ones and those in the bin too}; stages without any are left out. Counts in an index."""
    found = rows(
        "select stage.id, (select count(*) from lead where lead.stage_id = stage.id) from stage where stage.pipeline_id = ?",
        (pipeline_id,),
    )
    return {stage_id: count for stage_id, count in found if count}


# Table names below come from here only, with how to count an entry's leads where an index knows it.
LISTS = {
    "source": "(select count(*) from lead where lead.source_id = t.id and lead.deleted_at is null)",
    "lost_reason": "null",
}


def list_entries(table: str, actor: Actor) -> list[ListEntry]:
    """Sources or lost reasons in their order, the archived ones last."""
    require(actor, Permission.READ)
    found = rows(
        f"select t.id, t.name, t.archived_at is not null, {LISTS[table]} from {table} t"  # noqa: S608 - a table of LISTS
        " order by t.archived_at is not null, t.position, t.id"
    )
    return [ListEntry(row[0], row[1], bool(row[2]), row[3]) for row in found]


def list_entry(table: str, entry_id: int) -> ListEntry:
    """One source or lost reason, without its count. Raises NotFound."""
    assert table in LISTS
    found = one(f"select id, name, archived_at is not null from {table} where id = ?", (entry_id,))  # noqa: S608 - a table of LISTS
    if found is None:
        raise NotFound(N_("This entry no longer exists."))
    return ListEntry(found[0], found[1], bool(found[2]), None)
