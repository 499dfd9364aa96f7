"""What the pages of a merge show: whom it may be with, what hangs on either, and what was merged before."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.events import BY_USER
from leadboard.lib.emails import email_key
from leadboard.lib.ids import as_id
from leadboard.lib.text import fold, sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.lead_refs import search_leads
from leadboard.queries.settings import instance

MOST = 10
LONGEST = 200
_TITLE = {"lead": "title", "contact": "name", "organisation": "name"}
# (what is counted, SQL with one place for the record's id)
_HANGING: dict[str, tuple[tuple[str, str], ...]] = {
    "lead": (),
    "contact": (("leads", "select count(*) from lead where contact_id = ? and deleted_at is null"),),
    "organisation": (
        ("leads", "select count(*) from lead where organisation_id = ? and deleted_at is null"),
        ("people", "select count(*) from contact where organisation_id = ? and deleted_at is null"),
    ),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that another one may be merged with; `reason` says why it is offered, and is translated already or empty."""

    id: int
    name: str
    detail: str = ""
    reason: str = ""


def search_records(record_type: str, text: str, actor: Actor, *, but: int) -> list[Candidate]:
    """What somebody who looks for a record by the beginning of its name, an address or its number finds."""
    wanted = " ".join(text.split())[:LONGEST]
    if not wanted:
        return []
    if record_type == "lead":
        return [Candidate(lead.id, lead.title) for lead in search_leads(wanted, actor) if lead.id != but][:MOST]
    condition, params = visible_sql(actor, record_type)
    key = sort_key(fold(wanted), instance().language).partition("\x1f")[0]
    asked: list[tuple[str, list[Any]]] = [("name_key >= ? and name_key < ?", [key, key + "\U0010ffff"])] if key else []
    if (address := email_key(wanted)) is not None:
        asked.append(("email_key = ?", [address]))
    if (number := _number(wanted)) is not None:
        asked.append(("id = ?", [number]))
    found: dict[int, Candidate] = {}
    for where, values in asked:
        for row in rows(
            f"select id, name, email, city from {record_type} where {where} and {condition} and id <> ? order by name_key, id limit {MOST}",  # noqa: S608 - ours
            [*values, *params, but],
        ):
            found.setdefault(row[0], Candidate(row[0], row[1], " · ".join(part for part in row[2:] if part)))
    return list(found.values())[:MOST]


def _number(text: str) -> int | None:
    try:
        return as_id(text.removeprefix("#"))
    except ValueError:
        return None


def hanging_on(record_type: str, ids: tuple[int, int]) -> list[dict[str, int]]:
    """{what: how many} of what would come over from each of two records. One statement."""
    column = f"{record_type}_id"
    counted = (
        ("notes", f"select count(*) from note where {column} = ? and deleted_at is null"),  # noqa: S608 - ours
        ("steps", f"select count(*) from task where {column} = ? and deleted_at is null"),  # noqa: S608 - ours
        ("calls", f"select count(*) from activity where {column} = ? and deleted_at is null"),  # noqa: S608 - ours
        *_HANGING[record_type],
    )
    line = f"select {', '.join(f'({sql})' for _, sql in counted)}"
    found = rows(f"{line} union all {line}", [number for number in ids for _ in counted])
    return [dict(zip((name for name, _ in counted), row, strict=True)) for row in found]


# ---------------------------------------------------------------------------------------------- merged before


class MergedRecord(NamedTuple):
    """A record that was merged into another one; `change_set_id` is the handle of the split. One that is hidden has no name."""

    change_set_id: int
    id: int
    name: str
    at: int
    by: str
    record_type: str
    kept_id: int


_MERGES = (
    "select e.change_set_id, e.data, e.at, coalesce(u.name, ''), e.record_type, e.record_id from event e"  # noqa: S608 - ours
    f" join change_set cs on cs.id = e.change_set_id{BY_USER} where e.kind = 'record_merged' and cs.undone_at is null"
)


def merges_of(record_type: str, record_id: int, actor: Actor) -> list[MergedRecord]:
    """What was merged into a record and is neither split again nor purged, the latest first."""
    found = rows(f"{_MERGES} and e.record_type = ? and e.record_id = ? order by e.id desc limit 100", (record_type, record_id))
    return _named(found, actor)


def merge_by(change_set_id: int, actor: Actor) -> MergedRecord:
    """The merge that a change set made. Raises NotFound, also when it was split or one of the two is purged."""
    for found in _named(rows(f"{_MERGES} and e.change_set_id = ?", (change_set_id,)), actor):
        return found
    raise NotFound(N_("There is no such merge, or it was taken back already."))


def _named(found: list[tuple[Any, ...]], actor: Actor) -> list[MergedRecord]:
    if not found:
        return []
    record_type = found[0][4]
    others = [int(json.loads(row[1])["other"]) for row in found]
    seen, params = visible_sql(actor, record_type, deleted=True)
    name = f"case when {seen} then {_TITLE[record_type]} else '' end"
    names = dict(
        rows(f"select id, {name} from {record_type} where id in ({', '.join('?' * len(others))})", [*params, *others])  # noqa: S608 - ours
    )
    return [
        MergedRecord(row[0], other, names[other], row[2], row[3], record_type, row[5])
        for row, other in zip(found, others, strict=True)
        if other in names
    ]


def is_in_bin(record_type: str, record_id: int, actor: Actor) -> bool:
    condition, params = visible_sql(actor, record_type, deleted=True)
    return one(f"select 1 from {record_type} where id = ? and {condition}", [record_id, *params]) is not None  # noqa: S608 - ours
