"""The record that a note, a next step or an activity hangs on, for whoever reads these."""

from typing import Any, NamedTuple

from leadboard.db import Where, one
from leadboard.errors import N_, NotFound
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, visible_sql

TITLES = {"lead": "title", "contact": "name", "organisation": "name"}
MISSING = {
    "lead": N_("This lead does not exist, or you may not see it."),
    "contact": N_("This contact does not exist, or you may not see it."),
    "organisation": N_("This organisation does not exist, or you may not see it."),
}


class HostKey(NamedTuple):
    """A lead, a contact or an organisation."""

    record_type: str
    id: int

    @property
    def column(self) -> str:
        """The foreign key of what hangs on it, and of its events."""
        return f"{self.record_type}_id"

    @property
    def ids(self) -> dict[str, Any]:
        """The same as an argument of domain functions."""
        return {self.column: self.id}

    def missing(self) -> NotFound:
        return NotFound(MISSING[self.record_type])


# What the functions below take of a row `e`.
HOST_COLUMNS = ", ".join(f"e.{record_type}_id" for record_type in RECORD_TYPES)
HOST_TITLE = f"coalesce({', '.join(f'{name}.{TITLES[name]}' for name in RECORD_TYPES)})"
HOST_JOINS = "".join(f" left join {name} on {name}.id = e.{name}_id" for name in RECORD_TYPES)


def host_in(ids: tuple[Any, ...]) -> HostKey:
    """The one that is set of HOST_COLUMNS."""
    return next(HostKey(name, record_id) for name, record_id in zip(RECORD_TYPES, ids, strict=True) if record_id is not None)


def visible_host(actor: Actor) -> Where:
    """The condition, after HOST_JOINS, for rows that hang on what the actor may see."""
    parts, params = [], []
    for name in RECORD_TYPES:
        condition, values = visible_sql(actor, name)
        parts.append(f"{name}.id is not null and {condition}")
        params += values
    return f"({' or '.join(parts)})", params


def host_title(host: HostKey, actor: Actor) -> str:
    """What the record is called. Raises NotFound."""
    condition, params = visible_sql(actor, host.record_type)
    found = one(
        f"select {TITLES[host.record_type]} from {host.record_type} where id = ? and {condition}",
        [host.id, *params],
    )
    if found is None:
        raise host.missing()
    return str(found[0])
