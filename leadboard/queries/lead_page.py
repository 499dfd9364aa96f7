"""What the lead page shows: the lead with its names, who set each value, and how long it stayed in each stage."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.events import BY_USER
from leadboard.fieldtypes import PREFIX
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.leads import Lead
from leadboard.permissions import Actor, visible_sql

DAY_MS = 86_400_000
# Only the newest events of a lead are read: a lead edited by a machine may have thousands.
MOST_EVENTS = 3000

_COLUMNS = [field.column_name for field in Lead._meta.sorted_fields]
_NAMES = ("owner_name", "source_name", "pipeline_name", "stage_name", "stage_kind", "stage_tone", "lost_reason")
_SELECT = (
    f"select {', '.join(f'lead.{column}' for column in _COLUMNS)}, u.name, source.name, p.name, s.name, s.kind, s.tone, r.name"
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


class Setter(NamedTuple):
    """Who or what gave a field its value. `name` is empty for Leadboard itself."""

    at: int
    name: str


@dataclass(frozen=True)
class History:
    """`setters` by field; `days` in milliseconds by stage, the present one included; whether another lead was merged into it."""

    setters: Mapping[str, Setter]
    stages: Mapping[int, int]
    was_merged: bool = False


class _Step(NamedTuple):
    id: int
    at: int
    kind: str
    data: str
    name: str
    field: str | None
    before: str | None


def history_of(lead: Mapping[str, Any], *, now: int) -> History:
    """Read a lead's events once, for everything that the page tells from them."""
    found = rows(
        "select e.id, e.at, e.kind, e.data, coalesce(u.name, ''), v.field, v.before from event e"
        f" left join event_value v on v.event_id = e.id{BY_USER}"
        " where e.lead_id = ? and e.record_type = 'lead' order by e.id desc limit ?",
        (lead["id"], MOST_EVENTS),
    )
    steps = [_Step(*row) for row in reversed(found)]
    setters = {
        step.field: Setter(step.at, step.name)
        for step in steps
        if step.field and (step.field in LEAD_FIELDS or step.field.startswith(PREFIX))
    }
    was_merged = any(step.kind == "record_merged" for step in steps)
    return History({str(name): setter for name, setter in setters.items()}, stage_days(lead, steps, now=now), was_merged)


# What starts and stops the clock of a stage.
_CLOCK_KINDS = {"lead_created", "lead_moved", "lead_snoozed", "lead_woken"}


def stage_days(lead: Mapping[str, Any], steps: Sequence[_Step], *, now: int) -> dict[int, int]:
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
