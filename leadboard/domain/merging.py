"""Two records that are one: the other's entries and links come over, and a later split puts everything back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadboard.db import execute, rows
from leadboard.domain.first_contacts import drop_absent
from leadboard.domain.hosts import Host, host_of, untouch
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.parties import delete_parties, update_party
from leadboard.domain.party_values import is_part_of
from leadboard.domain.points import Point, points_of, write_points
from leadboard.domain.record_rows import TABLES, load_visible, visible_ids
from leadboard.domain.relations import LINKS, TARGET, link_columns, title_at, write_employment
from leadboard.domain.tasks import refresh_next_task
from leadboard.domain.versions import fields_changed_since, kept_id
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.models.contact_points import PointKind
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import Actor, Permission, may_delete, may_give, require
from leadboard.queries.custom_fields import custom_fields

# {record type: (table, column)} of everything that points to one, but for employment, where two may become the same row.
_POINTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "lead": (("note", "lead_id"), ("task", "lead_id"), ("activity", "lead_id")),
    "contact": (
        ("note", "contact_id"), ("task", "contact_id"), ("activity", "contact_id"), ("lead", "contact_id"),
        ("organisation", "primary_contact_id"),
    ),
    "organisation": (
        ("note", "organisation_id"), ("task", "organisation_id"), ("activity", "organisation_id"), ("lead", "organisation_id"),
        ("contact", "organisation_id"), ("organisation", "parent_id"),
    ),
}  # fmt: skip
_PARTNER = {"contact_id": "organisation_id", "organisation_id": "contact_id"}
_EXTERNAL = ("external_source", "external_id")


@dataclass(frozen=True)
class Merged:
    """`change_set_id` is the handle of the split: undo_change() takes it."""

    change_set_id: int
    id: int


def load_record_row(record_type: str, record_id: int, actor: Actor) -> dict[str, Any]:
    """The row of a record. Raises NotFound; Refused, naming the way, when it was merged into another one."""
    try:
        return load_visible(TABLES[record_type], record_id, actor)
    except NotFound:
        end = kept_id(record_type, record_id)
        if end == record_id:
            raise
        other = load_visible(TABLES[record_type], end, actor)
        raise Refused(
            N_("This record was merged into #%(id)s %(name)s in the meantime. Go on there."),
            id=other["id"], name=other["title" if record_type == "lead" else "name"],
        ) from None  # fmt: skip


def default_values(record_type: str, keep: Mapping[str, Any], other: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """{field: value} that a merge writes unless told otherwise: of two values the newer record's, never nothing over something.

    An organisation that is in the bin, or that the actor may not see, is nothing.
    """
    newer, older = (other, keep) if other["updated_at"] > keep["updated_at"] else (keep, other)
    values = {}
    for name, field in TABLES[record_type].fields.items():
        best = newer[field.column] if newer[field.column] not in (None, "") else older[field.column]
        if best != keep[field.column] and (field.kind is not FieldKind.ORGANISATION or _is_there(best, actor)):
            values[name] = best
    # Text on SQLite; objects on PostgreSQL, unless the row was read to be written.
    ours, theirs, of_newer = (
        json.loads(row["fields"]) if isinstance(row["fields"], str) else row["fields"] for row in (keep, other, newer)
    )
    for custom in custom_fields(None, record_type).editable.values():
        best = of_newer.get(custom.key, theirs.get(custom.key, ours.get(custom.key)))
        if best != ours.get(custom.key):
            values[custom.name] = best
    return values


def _is_there(organisation_id: int | None, actor: Actor) -> bool:
    return organisation_id is None or bool(visible_ids(TABLES["organisation"], [organisation_id], actor))


def merge_records(
    record_type: str,
    keep_id: int,
    other_id: int,
    *,
    actor: Actor,
    values: Mapping[str, Any] | None = None,
    versions: Mapping[int, int] | None = None,
) -> Merged:
    """Merge the other record into the one that is kept, in one change set.

    `values` is {field: value} of what the kept one gets, default_values() unless given. Raises Refused, NotFound, NotAllowed;
    Conflict, with {id: {field: who}}, when a field was changed after the `versions` {id: version} that the user saw.
    """
    require(actor, Permission.WRITE)
    if keep_id == other_id:
        raise Refused(N_("Choose two different records to merge."), field="other")
    with change(actor, f"{record_type}.merge") as step:
        keep, other = (load_record_row(record_type, record_id, actor) for record_id in (keep_id, other_id))
        if not may_delete(actor, other["owner_id"]):
            raise Refused(N_("You may merge away only what you may delete. Ask its owner or a manager."), field="other")
        _refuse_changed(record_type, (keep, other), versions or {})
        wanted = dict(default_values(record_type, keep, other, actor) if values is None else values)
        if values is None and "owner" in wanted and not may_give(actor, keep["owner_id"], wanted["owner"]):
            del wanted["owner"]
        if record_type == "organisation":
            _leave_ring(wanted, keep, other, actor)
        if record_type == "lead":
            delete_leads([other_id], actor=actor)
        else:
            delete_parties(record_type, [other_id], actor=actor)
        host, gone = host_of(actor, **{f"{record_type}_id": keep_id}), Host(record_type, other_id, other["owner_id"])
        moved = _take_over(step, host, keep, other)
        _link(step, host, keep, other, actor)
        if record_type == "contact":
            _keep_firms(step, wanted, keep, other)
        if record_type == "lead":
            update_lead(keep_id, wanted, actor=actor)
        else:
            update_party(record_type, keep_id, wanted, actor=actor)
        if record_type == "contact":
            drop_absent(step, [keep["organisation_id"], *moved.get("organisation.primary_contact_id", ())])
        _join_points(step, host, gone, keep, other, actor)
        return Merged(step.change_set_id, keep_id)


def _refuse_changed(record_type: str, pair: Sequence[Mapping[str, Any]], versions: Mapping[int, int]) -> None:
    known = {*TABLES[record_type].fields, *custom_fields(None, record_type).editable}
    changed = {}
    for row in pair:
        seen = versions.get(row["id"], row["version"])
        since = fields_changed_since(record_type, row["id"], seen) if seen != row["version"] else {}
        if fields := {name: by for name, by in since.items() if name in known}:
            changed[row["id"]] = fields
    if changed:
        raise Conflict(
            N_("Somebody changed one of the two in the meantime. Look at what is marked, then merge again."), details=changed
        )


def _link(step: Change, host: Host, keep: Mapping[str, Any], other: Mapping[str, Any], actor: Actor) -> None:
    """Links that only the other one had, as far as their end is still there."""
    for name in LINKS.get(host.record_type, ()):
        if keep[name] is None and other[name] is not None and visible_ids(TABLES[TARGET[name]], [other[name]], actor):
            link_columns(step, host, {name: other[name]}, actor)


def _leave_ring(wanted: dict[str, Any], keep: Mapping[str, Any], other: Mapping[str, Any], actor: Actor) -> None:
    """A firm that was part of the other, also by way of a third one, is not part of itself afterwards.

    It leaves before the third one follows: taken back, that one is at its old place when this one returns.
    """
    pair = {int(keep["id"]), int(other["id"])}
    if is_part_of(wanted.get("parent", keep["parent_id"]), pair):
        above = (keep["parent_id"], other["parent_id"])
        parent = next((one for one in above if one is not None and not is_part_of(one, pair)), None)
        wanted["parent"] = parent if _is_there(parent, actor) else None
        update_party("organisation", int(keep["id"]), {"parent": wanted["parent"]}, actor=actor)


def _take_over(step: Change, host: Host, keep: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, list[int]]:
    """Point everything that pointed to the other record to the kept one, with the event that knows the way back; {place: ids}."""
    moved: dict[str, list[int]] = {}
    for table, column in _POINTERS[host.record_type]:
        # A firm is not made part of itself: that its parent was the other one is one of its own values.
        but = host.id if table == host.record_type else 0
        found = rows(f"select id from {table} where {column} = ? and id <> ? order by id", (other["id"], but))  # noqa: S608 - ours
        ids = [row[0] for row in found]
        if ids:
            moved[f"{table}.{column}"] = ids
    if host.record_type != "lead":
        column = f"{host.record_type}_id"
        if partners := _employment_to_move(column, host.id, int(other["id"])):
            moved[f"employment.{column}"] = partners
    for place, ids in moved.items():
        table, column = place.split(".")
        _repoint(table, column, ids, host.id, from_id=int(other["id"]))
    values: dict[str, tuple[Any, Any]] = {}
    if host.record_type == "lead" and keep["converted_at"] is None and other["converted_at"] is not None:
        values["converted_at"] = (None, other["converted_at"])
        execute("update lead set converted_at = ? where id = ?", (other["converted_at"], host.id))
    if keep["external_id"] is None and other["external_id"] is not None:
        values |= {name: (None, other[name]) for name in _EXTERNAL}
        _write_external(host.record_type, int(other["id"]), None, None)
        _write_external(host.record_type, host.id, other["external_source"], other["external_id"])
    touch_at = max(keep["last_touch_at"], other["last_touch_at"])
    execute(f"update {host.record_type} set last_touch_at = ? where id = ?", (touch_at, host.id))  # noqa: S608 - ours
    execute(f"update {host.record_type} set merged_into_id = ? where id = ?", (host.id, other["id"]))  # noqa: S608 - ours
    refresh_next_task(host)
    refresh_next_task(Host(host.record_type, int(other["id"]), None))
    step.record(
        EventKind.RECORD_MERGED, host.record_type, host.id, **host.place, values=values, other=other["id"], moved=moved,
        touched=[keep["last_touch_at"], touch_at],
    )  # fmt: skip
    return moved


def _keep_firms(step: Change, wanted: Mapping[str, Any], keep: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """A person has one main firm; the other one of the two is a further one now, unless none was chosen."""
    main = wanted.get("organisation", keep["organisation_id"])
    for row in (keep, other):
        firm_id = row["organisation_id"]
        if main is not None and firm_id not in {None, main} and title_at(keep["id"], firm_id) is None:
            write_employment(step, keep["id"], firm_id, row["job_title"])


def _repoint(table: str, column: str, ids: Sequence[int], to_id: int, *, from_id: int) -> None:
    """Rows by id; those of employment, which come back under another one when they are undone, by the other side of theirs."""
    known_by = _PARTNER.get(column, "id") if table == "employment" else "id"
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        execute(
            f"update {table} set {column} = ? where {column} = ? and {known_by} in ({', '.join('?' * len(part))})",  # noqa: S608 - ours
            [to_id, from_id, *part],
        )


def _employment_to_move(column: str, keep_id: int, other_id: int) -> list[int]:
    """The other sides of the rows that come over. Those of which the kept one has its twin stay."""
    partner = _PARTNER[column]
    found = rows(
        f"select {partner} from employment e where {column} = ? and not exists"  # noqa: S608 - ours
        f" (select 1 from employment t where t.{column} = ? and t.{partner} = e.{partner}) order by id",
        (other_id, keep_id),
    )
    return [row[0] for row in found]


def _write_external(record_type: str, record_id: int, source: str | None, external_id: str | None) -> None:
    execute(
        f"update {record_type} set external_source = ?, external_id = ? where id = ?",  # noqa: S608 - ours
        (source, external_id, record_id),
    )


def _join_points(step: Change, host: Host, gone: Host, keep: Mapping[str, Any], other: Mapping[str, Any], actor: Actor) -> None:
    """Addresses and numbers of both: what is not the main one now is a further one."""
    now = load_record_row(host.record_type, host.id, actor)
    mains = {(str(kind), str(now[kind])) for kind in PointKind}
    points = [
        *points_of(host),
        *(Point(str(kind), str(row[kind])) for row in (keep, other) for kind in PointKind if row[kind]),
        *points_of(gone),
    ]
    write_points(step, host, [point for point in points if (point.kind, point.text) not in mains])


def split_record(step: Change, host: Host, data: Mapping[str, Any], values: Mapping[str, tuple[Any, Any]]) -> None:
    """Give back what a merge took over, as far as the kept record still has it; part of domain/undo.py's change."""
    other_id = int(data["other"])
    for place, ids in data["moved"].items():
        table, column = place.split(".")
        _repoint(table, column, ids, other_id, from_id=host.id)
    if "converted_at" in values:
        before, after = values["converted_at"]
        execute("update lead set converted_at = ? where id = ? and converted_at = ?", (before, host.id, after))
    if "external_id" in values:
        source, external_id = (values[name][1] for name in _EXTERNAL)
        _write_external(host.record_type, host.id, None, None)
        _write_external(host.record_type, other_id, source, external_id)
    touched_before, touch_at = data["touched"]
    untouch(host.record_type, host.id, at=touch_at, before=touched_before)
    execute(f"update {host.record_type} set merged_into_id = null where id = ?", (other_id,))  # noqa: S608 - ours
    refresh_next_task(host)
    refresh_next_task(Host(host.record_type, other_id, None))
    step.record(EventKind.RECORD_SPLIT, host.record_type, host.id, **host.place, other=other_id)
