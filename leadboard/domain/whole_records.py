"""A record with all that hangs on it, written as one action: fields, links, further addresses. What programs write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import rows
from leadboard.domain.hosts import Host, host_of
from leadboard.domain.leads import create_lead, delete_leads, update_lead
from leadboard.domain.merging import Merged, default_values, load_record_row, merge_records
from leadboard.domain.parties import create_party, delete_parties, update_party
from leadboard.domain.points import Point, check_point, write_points
from leadboard.domain.record_rows import TABLES, load_visible
from leadboard.domain.relations import link_columns, set_primary_contact
from leadboard.domain.tags import write_tags
from leadboard.domain.undo import Undone, undo_change
from leadboard.domain.versions import FieldConflict, fields_changed_since, refuse_old
from leadboard.errors import N_, Conflict, NotAllowed, NotFound, Refused
from leadboard.events import Change, change
from leadboard.permissions import SYSTEM, Actor, Permission, may_delete, require
from leadboard.queries.api_rows import merge_of
from leadboard.queries.tags import tags_of


@dataclass(frozen=True)
class Written:
    """`change_set_id` is the handle for undo, None when nothing changed."""

    change_set_id: int | None
    id: int
    version: int


@dataclass(frozen=True)
class Besides:
    """What is no field of the record: links {column: id or None}; further addresses and numbers, and the names of a lead's tags.

    Of these two the whole list; None: it stays.
    """

    points: Sequence[Point] | None = None
    tags: Sequence[str] | None = None
    links: Mapping[str, int | None] = field(default_factory=dict)


NOTHING_ELSE = Besides()


def create_record(
    record_type: str, values: Mapping[str, Any], *, actor: Actor, besides: Besides = NOTHING_ELSE, **place: int | None
) -> Written:
    """A new lead, contact or organisation; `place` is a lead's, as create_lead() takes it. Raises as the verbs of each."""
    with change(actor, f"{record_type}.create") as step:
        if record_type == "lead":
            record_id = create_lead(values, actor=actor, complete=True, **place).lead_id
        else:
            record_id = create_party(record_type, values, actor=actor, complete=True).id
        # The record may be out of the writer's sight by now: it was made by the same action.
        _write_besides(step, host_of(SYSTEM, **{f"{record_type}_id": record_id}), besides, actor)
        [(version,)] = rows(f"select version from {TABLES[record_type].name} where id = ?", (record_id,))  # noqa: S608 - ours
        return Written(step.change_set_id, record_id, version)


def change_record(
    record_type: str,
    record_id: int,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    version: int | None = None,
    besides: Besides = NOTHING_ELSE,
) -> Written:
    """Change fields and what hangs on a record. Raises Refused, NotFound, NotAllowed, Conflict: as update_lead, update_party."""
    require(actor, Permission.WRITE)
    with change(actor, f"{record_type}.update") as step:
        # Links and addresses first: with its new owner it may be out of the writer's sight.
        host = host_of(actor, **{f"{record_type}_id": record_id})
        if besides.tags is not None and version is not None:
            _refuse_other_tags(host, besides.tags, version)
        _write_besides(step, host, besides, actor)
        if record_type == "lead":
            now = update_lead(record_id, values, actor=actor, version=version).version
        else:
            now = update_party(record_type, record_id, values, actor=actor, version=version).version
        return Written(step.change_set_id if step.recorded else None, record_id, now)


def _write_besides(step: Change, host: Host, besides: Besides, actor: Actor) -> None:
    if besides.points is not None:
        write_points(step, host, [check_point(point) for point in besides.points])
    if besides.tags is not None:
        _write_tags(step, host, besides.tags)
    for name, record_id in besides.links.items():
        try:
            if name == "primary_contact_id":
                set_primary_contact(host.id, record_id, actor=actor)
            else:
                link_columns(step, host, {name: record_id}, actor)
        except (NotFound, Refused) as error:
            raise Refused(error.message, field=name, **error.params) from error


def _refuse_other_tags(host: Host, sent: Sequence[str], version: int) -> None:
    """Raises Conflict when somebody changed the tags since `version`: what is sent is the whole list."""
    by = fields_changed_since(host.record_type, host.id, version).get("tags")
    if by is not None:
        now = [tag.name for tag in tags_of([host.id]).get(host.id, [])]
        sides = [FieldConflict("tags", list(sent), now, by)]
        raise Conflict(N_("Somebody changed the same field in the meantime. Choose which value stays."), details=sides)


def _write_tags(step: Change, host: Host, names: Sequence[str]) -> None:
    if host.record_type != "lead":
        raise Refused(N_("Only leads have tags."), field="tags")
    try:
        write_tags(step, host.id, names)
    except Refused as error:
        raise Refused(error.message, field="tags", **error.params) from error


def delete_record(record_type: str, record_id: int, *, actor: Actor, version: int | None = None) -> None:
    """Put one record in the bin. Raises NotFound, NotAllowed, Conflict when it is not at `version` any more."""
    require(actor, Permission.WRITE)
    with change(actor, f"{record_type}.delete"):
        row = load_visible(TABLES[record_type], record_id, actor)
        if not may_delete(actor, row["owner_id"]):
            raise NotAllowed(N_("You may delete only what is your own. Nothing was deleted."))
        refuse_old(row, version)
        if record_type == "lead":
            delete_leads([record_id], actor=actor)
        else:
            delete_parties(record_type, [record_id], actor=actor)


def merge_known(
    record_type: str,
    keep_id: int,
    other_id: int,
    *,
    actor: Actor,
    values: Mapping[str, Any] | None = None,
    version: int | None = None,
    other_version: int | None = None,
) -> Merged:
    """Merge as merge_records(), when both records are as the writer has read them; `values` are said beside those of default_values()."""
    require(actor, Permission.WRITE)
    with change(actor, f"{record_type}.merge"):
        keep, other = (load_record_row(record_type, record_id, actor) for record_id in (keep_id, other_id))
        refuse_old(keep, version)
        refuse_old(other, other_version, "other_version")
        wanted = {**default_values(record_type, keep, other, actor), **(values or {})}
        return merge_records(record_type, keep_id, other_id, actor=actor, values=wanted)


def split(record_type: str, record_id: int, other_id: int, *, actor: Actor) -> Undone:
    """Take a merge back: both records are there again. Raises NotFound, NotAllowed, Conflict."""
    require(actor, Permission.WRITE)
    load_visible(TABLES[record_type], record_id, actor)
    change_set_id = merge_of(record_type, record_id, other_id)
    if change_set_id is None:
        raise NotFound(N_("#%(other)s was not merged into #%(id)s, or was split from it already."), other=other_id, id=record_id)
    return undo_change(change_set_id, actor=actor)
