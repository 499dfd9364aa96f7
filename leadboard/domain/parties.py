"""Creating, changing, assigning, deleting and restoring contacts and organisations: the rules of leads, without a board."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.domain.custom_values import Changes, change_values, first_values, parted, refuse_restore
from leadboard.domain.field_values import clean_value
from leadboard.domain.first_contacts import drop_absent
from leadboard.domain.party_values import check_references, derive
from leadboard.domain.record_rows import (
    CONTACT,
    TABLES,
    RecordTable,
    blank_row,
    insert_row,
    load_visible,
    release_number,
    update_row,
    update_words,
    visible_ids,
)
from leadboard.domain.versions import refuse_conflicts, refuse_merged
from leadboard.errors import N_, NotAllowed, Refused
from leadboard.events import Change, change
from leadboard.permissions import Actor, Permission, may_delete, may_give, require
from leadboard.queries.settings import instance


@dataclass(frozen=True)
class PartyDone:
    """What a write answers: the handle for undo (None when nothing changed), and the record's state after it."""

    change_set_id: int | None
    id: int
    version: int


@dataclass(frozen=True)
class NewParty:
    """Stands for a record that is made of a name as part of the same action: a contact's organisation."""

    record_type: str
    name: str


def create_contact(values: Mapping[str, Any], *, actor: Actor) -> PartyDone:
    """A new person; see create_party."""
    return create_party("contact", values, actor=actor)


def create_organisation(values: Mapping[str, Any], *, actor: Actor) -> PartyDone:
    """A new firm; see create_party."""
    return create_party("organisation", values, actor=actor)


def create_party(record_type: str, values: Mapping[str, Any], *, actor: Actor, complete: bool = False) -> PartyDone:
    """A new contact or organisation from {typed field: value}; custom fields are called fields.<key>.

    It is the actor's own unless it is given an owner. With `complete` required custom fields must be there. Raises
    Refused, Incomplete, NotAllowed.
    """
    require(actor, Permission.WRITE)
    table, settings = TABLES[record_type], instance()
    with change(actor, f"{record_type}.create") as step:
        row = blank_row(table)
        plain, custom = parted(_with_new(values, actor))
        for name, value in _cleaned(table, plain).items():
            row[table.fields[name].column] = value
        if row["owner_id"] is None and "owner" not in values:
            row["owner_id"] = actor.user_id
        check_references(table, row, values, actor)
        made = first_values(row, custom, settings, complete=complete, record_type=record_type)
        derive(table, row, settings)
        record_id = insert_row(table, row)
        typed = {name: (None, row[field.column]) for name, field in table.fields.items() if row[field.column] not in (None, "")}
        step.record(f"{record_type}_created", record_type, record_id, values={**typed, **made}, version=1)
        return PartyDone(step.change_set_id, record_id, 1)


def update_party(
    record_type: str,
    record_id: int,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    version: int | None = None,
    over: Iterable[str] = (),
) -> PartyDone:
    """Change typed fields. Raises Refused, NotFound, NotAllowed, Conflict: as domain/leads.update_lead."""
    require(actor, Permission.WRITE)
    table = TABLES[record_type]
    with change(actor, f"{record_type}.update") as step:
        row = load_visible(table, record_id, actor)
        before = dict(row)
        plain, custom = parted(_with_new(values, actor))
        typed = {name: value for name, value in _cleaned(table, plain).items() if value != before[table.fields[name].column]}
        # Taking an action back may bring a required field back to nothing.
        others = change_values(row, custom, instance(), may_empty=step.kind == "undo", record_type=record_type)
        changed = {**typed, **{name: after for name, (_, after) in others.items()}}
        if version is not None and version != row["version"] and changed:
            refuse_conflicts(record_type, before, changed, version, set(over), table.fields)
        if not changed:
            return PartyDone(None, record_id, row["version"])
        for name, value in typed.items():
            row[table.fields[name].column] = value
        if "owner" in changed:
            _may_give(actor, before["owner_id"], row["owner_id"])
        if table is CONTACT and "name" not in changed and before["name"] == _joined(before):
            row["name"] = ""
        check_references(table, row, changed, actor, is_undo=step.kind == "undo")
        derive(table, row, instance())
        _write(step, table, before, row, others)
        # Undo and merging look when they are through: on their way a person may be nowhere.
        if table is CONTACT and "organisation" in changed and step.kind not in {"undo", "contact.merge"}:
            drop_absent(step, [before["organisation_id"]])
        return PartyDone(step.change_set_id, record_id, row["version"])


def assign_parties(record_type: str, ids: Iterable[int], *, owner_id: int | None, actor: Actor) -> int | None:
    """Give records to an owner, in one change set; its id, or None when nothing changed. Raises NotAllowed, Refused."""
    require(actor, Permission.WRITE)
    with change(actor, f"{record_type}.assign") as step:
        for record_id, _ in visible_ids(TABLES[record_type], ids, actor):
            update_party(record_type, record_id, {"owner": owner_id}, actor=actor)
        return step.change_set_id if step.recorded else None


def delete_parties(record_type: str, ids: Iterable[int], *, actor: Actor) -> int | None:
    """Put records in the bin, in one change set; what points to them keeps pointing. Raises NotAllowed."""
    require(actor, Permission.WRITE)
    table = TABLES[record_type]
    with change(actor, f"{record_type}.delete") as step:
        for record_id, owner_id in visible_ids(table, ids, actor):
            if not may_delete(actor, owner_id):
                raise NotAllowed(N_("You may delete only what is your own. Nothing was deleted."))
            _set_deleted(step, table, record_id, step.at)
        return step.change_set_id if step.recorded else None


def restore_parties(record_type: str, ids: Iterable[int], *, actor: Actor) -> int | None:
    """Take records out of the bin. Members restore their own. Raises NotAllowed."""
    require(actor, Permission.WRITE)
    table = TABLES[record_type]
    with change(actor, f"{record_type}.restore") as step:
        for record_id, owner_id in visible_ids(table, ids, actor, deleted=True):
            if not (actor.may(Permission.RESTORE) or may_delete(actor, owner_id)):
                raise NotAllowed(N_("You may restore only what is your own."))
            _set_deleted(step, table, record_id, None)
        return step.change_set_id if step.recorded else None


def _cleaned(table: RecordTable, values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = next((name for name in values if name not in table.fields), None)
    if unknown is not None:
        raise Refused(N_("There is no field %(name)s."), field=unknown, name=unknown[:60])
    return {name: clean_value(table.fields[name], value) for name, value in values.items()}


def _with_new(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The values with what is to be made, made."""
    return {
        name: create_party(value.record_type, {"name": value.name}, actor=actor).id if isinstance(value, NewParty) else value
        for name, value in values.items()
    }


def _joined(row: Mapping[str, Any]) -> str:
    return f"{row['given_name']} {row['family_name']}".strip()


def _write(step: Change, table: RecordTable, before: Mapping[str, Any], row: dict[str, Any], others: Changes) -> None:
    differing = {column: value for column, value in row.items() if value != before[column]}
    row["version"] = before["version"] + 1
    update_row(table, row["id"], {**differing, "version": row["version"], "updated_at": step.at})
    update_words(table, row["id"], row, differing.keys())
    typed = {name: (before[field.column], row[field.column]) for name, field in table.fields.items() if field.column in differing}
    step.record(f"{table.name}_updated", table.name, row["id"], values={**typed, **others}, version=row["version"])


def _may_give(actor: Actor, from_id: int | None, to_id: int | None) -> None:
    if not may_give(actor, from_id, to_id):
        raise NotAllowed(N_("Only a manager gives away what is somebody else's."))


def _set_deleted(step: Change, table: RecordTable, record_id: int, at: int | None) -> None:
    if at is None:
        refuse_merged(table.name, record_id)
        refuse_restore(record_id, instance(), table.name)
        release_number(table, record_id)
    update_row(table, record_id, {"deleted_at": at, "updated_at": step.at})
    kind = "restored" if at is None else "deleted"
    step.record(f"{table.name}_{kind}", table.name, record_id, deleted=at is not None)
