"""Two people at one record, and two records that became one: what was changed since a form was opened, and which fields they both changed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import one, rows
from leadboard.domain.custom_values import value_of
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import BY_USER
from leadboard.models.record_fields import RecordField


@dataclass(frozen=True)
class FieldConflict:
    """Two people changed one field: what it was when the form was opened is neither of these."""

    field: str
    yours: Any
    theirs: Any
    by: str


def refuse_conflicts(
    record_type: str,
    row: Mapping[str, Any],
    changed: Mapping[str, Any],
    version: int,
    over: Collection[str],
    fields: Mapping[str, RecordField],
) -> None:
    """Raise Conflict, with FieldConflicts, when a field of `changed` that is not in `over` was changed since `version`."""
    conflicts = []
    for name, by in fields_changed_since(record_type, row["id"], version).items():
        if name in changed and name not in over:
            theirs = row[fields[name].column] if name in fields else value_of(row, name)
            conflicts.append(FieldConflict(name, changed[name], theirs, by))
    if conflicts:
        raise Conflict(N_("Somebody changed the same field in the meantime. Choose which value stays."), details=conflicts)


def fields_changed_since(record_type: str, record_id: int, version: int, *, apart_from: Collection[int] = ()) -> dict[str, str]:
    """{field: name of who changed it last} after `version` of the record, but for the named change sets."""
    found = rows(
        f"select e.data, v.field, coalesce(u.name, ''), e.change_set_id from event e join event_value v on v.event_id = e.id{BY_USER}"  # noqa: S608 - ours
        " where e.record_type = ? and e.record_id = ? order by e.id desc limit 1000",
        (record_type, record_id),
    )
    latest: dict[str, str] = {}
    for data, field, name, change_set_id in found:
        if change_set_id not in apart_from and json.loads(data).get("version", 0) > version:
            latest.setdefault(field, name)
    return latest


def refuse_old(row: Mapping[str, Any], version: int | None, field: str = "version") -> None:
    """Raise Conflict when a record is not at the version any more that somebody read before a step that concerns all of it."""
    if version is not None and version != row["version"]:
        sides = [FieldConflict(field, version, row["version"], "")]
        raise Conflict(N_("It was changed in the meantime. Nothing was done."), details=sides)


def refuse_merged(record_type: str, record_id: int) -> None:
    """Raise Refused for a record in the bin that is there because it was merged into another one."""
    found = one(f"select merged_into_id from {record_type} where id = ? and merged_into_id is not null", (record_id,))  # noqa: S608 - ours
    if found is not None:
        raise Refused(N_("It was merged into #%(id)s. Split that one instead, and both are there again."), id=found[0])


def kept_id(record_type: str, record_id: int) -> int:
    """The living end of what a record was merged into; itself, when it was not."""
    found = one(
        f"with recursive way(id) as (select cast(? as bigint) union select merged.merged_into_id from way join {record_type} merged"  # noqa: S608 - ours
        " on merged.id = way.id where merged.merged_into_id is not null)"
        f" select way.id from way join {record_type} kept on kept.id = way.id where kept.merged_into_id is null",
        (record_id,),
    )
    return int(found[0]) if found is not None else record_id
