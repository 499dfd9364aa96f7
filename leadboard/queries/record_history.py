"""What the events of a record tell of it: who or what gave each field its value."""

from collections.abc import Container, Sequence
from typing import NamedTuple

from leadboard.db import rows
from leadboard.events import BY_USER
from leadboard.fieldtypes import PREFIX

# Only the newest events of a record are read: one edited by a machine may have thousands.
MOST_EVENTS = 3000


class Setter(NamedTuple):
    """Who or what gave a field its value. `name` is empty for Leadboard itself."""

    at: int
    name: str


class Step(NamedTuple):
    """One field of an event, or an event without any."""

    id: int
    at: int
    kind: str
    data: str
    name: str
    field: str | None
    before: str | None


def steps_of(record_type: str, record_id: int) -> list[Step]:
    """A record's events, the oldest first. One statement."""
    found = rows(
        "select e.id, e.at, e.kind, e.data, coalesce(u.name, ''), v.field, v.before from event e"
        f" left join event_value v on v.event_id = e.id{BY_USER}"
        f" where e.{record_type}_id = ? and e.record_type = '{record_type}' order by e.id desc limit ?",
        (record_id, MOST_EVENTS),
    )
    return [Step(*row) for row in reversed(found)]


def setters_in(steps: Sequence[Step], fields: Container[str]) -> dict[str, Setter]:
    """The last who set each of the fields and the custom ones."""
    return {
        step.field: Setter(step.at, step.name)
        for step in steps
        if step.field and (step.field in fields or step.field.startswith(PREFIX))
    }
