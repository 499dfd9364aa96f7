"""What the lead page shows: the lead with its names, who set each value, and how long it stayed in each stage."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.leads import Lead
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.record_history import Setter, Step, setters_in, steps_of

DAY_MS = 86_400_000

_COLUMNS = [field.column_name for field in Lead._meta.sorted_fields]
_NAMES = ("owner_name", "source_name", "pipeline_name", "stage_name", "stage_kind", "stage_tone", "lost_reason", "has_points")
_SELECT = (
    f"select {', '.join(f'lead.{column}' for column in _COLUMNS)}, u.name, source.name, p.name, s.name, s.kind, s.tone, r.name,"
    " exists (select 1 from contact_point where contact_point.lead_id = lead.id)"
    ' from lead join pipeline p on p.id = lead.pipeline_id join stage s on s.id = lead.stage_id left join "user" u on u.id = lead.owner_id'
    " left join source on source.id = lead.source_id left join lost_reason r on r.id = lead.lost_reason_id"
)


def one_lead(lead_id: int, actor: Actor) -> dict[str, Any]:
    """A lead's columns, and the names that its ids stand for. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = one(f"{_SELECT} where lead.id = ? and {condition}", [lead_id, *params])
    if found is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return dict(zip([*_COLUMNS, *_NAMES], found, strict=True))


@dataclass(frozen=True)
class History:
    """`setters` by field; `days` in milliseconds by stage, the present one included; whether another lead was merged into it."""

    setters: Mapping[str, Setter]
    stages: Mapping[int, int]
    was_merged: bool = False


def history_of(lead: Mapping[str, Any], *, now: int) -> History:
    """Read a lead's events once, for everything that the page tells from them."""
    steps = steps_of("lead", lead["id"])
    was_merged = any(step.kind == "record_merged" for step in steps)
    return History(setters_in(steps, LEAD_FIELDS), stage_days(lead, steps, now=now), was_merged)


# What starts and stops the clock of a stage.
_CLOCK_KINDS = {"lead_created", "lead_moved", "lead_snoozed", "lead_woken"}


def stage_days(lead: Mapping[str, Any], steps: Sequence[Step], *, now: int) -> dict[int, int]:
    """Milliseconds spent in each stage. The clock stops while a lead is off the board, and when it is won or lost."""
    spent: dict[int, int] = {}
    events = {step.id: step for step in steps if step.kind in _CLOCK_KINDS}
    entered = {step.id: json.loads(step.before) for step in steps if step.field == "stage_entered_at" and step.before}
    stage: int | None = None
    since: int | None = None
    for step in events.values():
        data = json.loads(step.data)
        if step.kind == "lead_created":
            stage, since = data["stage"], step.at
        elif step.kind == "lead_moved":
            if stage is None or (since is not None and stage == data["from_stage"] and not spent):
                # An import knows better than its own moment when a lead entered its first stage.
                since = min(since or step.at, entered.get(step.id, step.at))
            if since is not None:
                _add(spent, data["from_stage"], step.at - since)
            stage, since = data["stage"], step.at
        elif step.kind == "lead_snoozed":
            if since is not None:
                _add(spent, data["stage"], step.at - since)
            stage, since = data["stage"], None
        elif step.kind == "lead_woken":
            stage, since = data["stage"], step.at
    if lead["closed_at"] is None and lead["snoozed_until"] is None:
        start = lead["stage_entered_at"] if since is None or not spent else since
        _add(spent, lead["stage_id"], now - min(start, since or start))
    return spent


def _add(spent: dict[int, int], stage_id: int, milliseconds: int) -> None:
    spent[stage_id] = spent.get(stage_id, 0) + max(0, milliseconds)


def sources() -> list[tuple[int, str]]:
    """(id, name) of the sources in use, in the admins' order."""
    return [(row[0], row[1]) for row in rows("select id, name from source where archived_at is null order by position, id")]


def with_current(found: Iterable[tuple[int, str]], current: int | None, name: str | None) -> list[tuple[int, str]]:
    """The choices, and the one that is set now although it is no longer offered."""
    offered = list(found)
    if current is None or any(number == current for number, _ in offered):
        return offered
    return [*offered, (current, name or "")]
