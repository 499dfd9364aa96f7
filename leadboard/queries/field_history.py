"""What was done to all values of a field, as far as it can be taken back."""

import json
from dataclasses import dataclass

from leadboard.db import one, rows
from leadboard.events import BY_USER, decode

# So many deleted fields are offered to come back.
MOST_GONE = 20


@dataclass(frozen=True)
class Done:
    """A change of all values: by whom, when, how many, and of a field that is gone its name."""

    change_set_id: int
    kind: str
    by: str
    at: int
    changed: int
    emptied: int
    label: str = ""


_WHAT = "select e.change_set_id, c.kind, coalesce(u.name, ''), e.at, e.data"
_FROM = f" from event e join change_set c on c.id = e.change_set_id{BY_USER}"


def last_rewrite(field_id: int) -> Done | None:
    """The last change of a field, if it concerned all values and was not taken back."""
    found = rows(
        f"{_WHAT}, c.undone_at{_FROM} where e.record_type = 'custom_field' and e.record_id = ? order by e.id desc limit 1",
        (field_id,),
    )
    for set_id, kind, by, at, data, undone_at in found:
        told = json.loads(data)
        if "emptied" in told and undone_at is None and kind != "undo":
            return Done(set_id, kind, by, at, told["changed"], told["emptied"])
    return None


def deleted_fields(record_type: str) -> list[Done]:
    """The fields that were deleted for good last, and can be brought back."""
    found = rows(
        f"{_WHAT}, l.before{_FROM} join event_value l on l.event_id = e.id and l.field = 'label'"
        " join event_value t on t.event_id = e.id and t.field = 'record_type'"
        " where e.record_type = 'custom_field' and c.kind = 'field.delete' and c.undone_at is null and t.before = ?"
        f" order by e.id desc limit {MOST_GONE}",
        (json.dumps(record_type),),
    )
    return [
        Done(set_id, kind, by, at, (told := json.loads(data))["changed"], told["emptied"], str(decode(label)))
        for set_id, kind, by, at, data, label in found
    ]


def was_there(field_id: int) -> bool:
    """Whether there ever was a field of this id."""
    return one("select 1 from event where record_type = 'custom_field' and record_id = ? limit 1", (field_id,)) is not None
