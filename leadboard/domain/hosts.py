"""The record that a note, a next step or an activity hangs on: a lead, a contact or an organisation."""

from dataclasses import dataclass
from typing import Any

from leadboard.db import execute, one
from leadboard.domain.record_rows import TABLES
from leadboard.errors import NotFound
from leadboard.events import Change
from leadboard.permissions import Actor, visible_sql

_PLACE = {"lead": "lead.stage_id, lead.pipeline_id"}


@dataclass(frozen=True)
class Host:
    """`stage_id` and `pipeline_id` are a lead's."""

    record_type: str
    id: int
    owner_id: int | None
    stage_id: int | None = None
    pipeline_id: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The foreign key of a row that hangs on it; an event's link to it."""
        return {f"{self.record_type}_id": self.id}

    @property
    def place(self) -> dict[str, Any]:
        """What the live board wants to know from an event."""
        return {"stage": self.stage_id, "pipeline": self.pipeline_id} if self.record_type == "lead" else {}


def host_of(actor: Actor, **ids: int | None) -> Host:
    """The one of lead_id, contact_id and organisation_id that is given, when the actor may see it. Raises NotFound."""
    given = [(name.removesuffix("_id"), record_id) for name, record_id in ids.items() if record_id is not None]
    if len(given) != 1:
        raise TypeError(f"one record, not {len(given)}")
    record_type, record_id = given[0]
    condition, params = visible_sql(actor, record_type)
    columns = f"{record_type}.owner_id, {_PLACE.get(record_type, 'null, null')}"
    found = one(f"select {columns} from {record_type} where id = ? and {condition}", [record_id, *params])  # noqa: S608 - ours
    if found is None:
        raise NotFound(TABLES[record_type].missing)
    return Host(record_type, record_id, *found)


def touch(step: Change, host: Host) -> int:
    """A contact took place or was written down: the record's quiet clock starts again. When it last had started."""
    found = one(f"select last_touch_at from {host.record_type} where id = ?", (host.id,))  # noqa: S608 - ours
    assert found is not None
    execute(f"update {host.record_type} set last_touch_at = ? where id = ?", (step.at, host.id))  # noqa: S608 - ours
    return int(found[0])


def untouch(record_type: str, record_id: int, *, at: int, before: int) -> None:
    """Undo of touch(): the clock goes on as before, unless it was started again since."""
    execute(
        f"update {record_type} set last_touch_at = ? where id = ? and last_touch_at = ?",  # noqa: S608 - ours
        (before, record_id, at),
    )
