"""What the menus of a card and the questions of a move show."""

from dataclasses import dataclass
from typing import Any

from leadboard.db import as_day, one, rows
from leadboard.errors import N_, NotFound
from leadboard.permissions import Actor, may_delete, visible_sql


@dataclass(frozen=True, slots=True)
class MovingLead:
    """A lead on its way, with what decides which ways are open."""

    id: int
    title: str
    version: int
    pipeline_id: int
    stage_id: int
    stage_kind: str
    owner_id: int | None
    snoozed_until: Any
    may_delete: bool
    is_converted: bool


def moving_lead(lead_id: int, actor: Actor) -> MovingLead:
    """Raises NotFound."""
    condition, params = visible_sql(actor)
    found = one(
        "select lead.id, lead.title, lead.version, lead.pipeline_id, lead.stage_id, stage.kind, lead.owner_id, lead.snoozed_until, lead.converted_at is not null"  # noqa: S608
        f" from lead join stage on stage.id = lead.stage_id where lead.id = ? and {condition}",
        [lead_id, *params],
    )
    if found is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    number, title, version, pipeline_id, stage_id, kind, owner_id, snoozed, is_converted = found
    return MovingLead(
        number,
        title,
        version,
        pipeline_id,
        stage_id,
        kind,
        owner_id,
        as_day(snoozed),
        may_delete(actor, owner_id),
        bool(is_converted),
    )


def lost_reasons() -> list[tuple[int, str]]:
    """(id, name) of the reasons in use, in the admins' order."""
    return [
        (int(row[0]), row[1]) for row in rows("select id, name from lost_reason where archived_at is null order by position, id")
    ]
