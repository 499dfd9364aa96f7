"""Reading pipelines, stages and the lists that admins edit."""

from dataclasses import dataclass

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.permissions import Actor, Permission, require


@dataclass(frozen=True)
class PipelineRow:
    id: int
    name: str
    position: int
    is_archived: bool


@dataclass(frozen=True)
class StageRow:
    """A stage; `kind` is open, won or lost, `tone` a name of the palette."""

    id: int
    pipeline_id: int
    name: str
    kind: str
    position: int
    probability: int
    tone: str


@dataclass(frozen=True)
class ListEntry:
    """A source or a lost reason; `lead_count` is known for sources only."""

    id: int
    name: str
    is_archived: bool
    lead_count: int | None


_PIPELINE = "select id, name, position, archived_at is not null from pipeline"
_STAGE = "select id, pipeline_id, name, kind, position, probability, tone from stage"


def pipelines(actor: Actor, *, archived: bool = False) -> list[PipelineRow]:
    """Pipelines in their order; with `archived` those, instead of the ones in use."""
    require(actor, Permission.READ)
    found = rows(_PIPELINE + " where (archived_at is not null) = ? order by position, id", (archived,))
    return [_pipeline(row) for row in found]


def pipeline(pipeline_id: int, actor: Actor) -> PipelineRow:
    """One pipeline, archived or not. Raises NotFound."""
    require(actor, Permission.READ)
    found = one(_PIPELINE + " where id = ?", (pipeline_id,))
    if found is None:
        raise NotFound(N_("This pipeline does not exist."))
    return _pipeline(found)


def _pipeline(row: tuple[int, str, int, bool]) -> PipelineRow:
    return PipelineRow(row[0], row[1], row[2], bool(row[3]))


def stages_of(pipeline_id: int) -> list[StageRow]:
    """The stages of a pipeline in board order."""
    return [StageRow(*row) for row in rows(_STAGE + " where pipeline_id = ? order by position, id", (pipeline_id,))]


def stage(stage_id: int) -> StageRow:
    """One stage. Raises NotFound."""
    found = one(_STAGE + " where id = ?", (stage_id,))
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
