"""Converting a lead: its firm and its person become records of their own, and the same lead moves on with its whole history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import execute, one
from leadboard.domain.custom_values import value_of
from leadboard.domain.hosts import host_of
from leadboard.domain.lead_rows import load_visible
from leadboard.domain.moves import move_lead
from leadboard.domain.parties import create_party, update_party
from leadboard.domain.record_rows import CONTACT, ORGANISATION, RecordTable
from leadboard.domain.record_rows import load_visible as load_party
from leadboard.domain.relations import employ, link_columns
from leadboard.domain.versions import kept_id
from leadboard.errors import N_, InvalidInput, LeadboardError, NotFound, Refused
from leadboard.events import EventKind, change
from leadboard.permissions import Actor, Permission, require, visible_sql
from leadboard.queries.custom_fields import BoundField, custom_fields

_ADDRESS = ("street", "postal_code", "city", "region", "country")
_OF_FIRM = {"organisation_name": "name", "website": "website", "industry": "industry", "employees": "employees"}
_OF_PERSON = {
    "person_name": "name", "given_name": "given_name", "family_name": "family_name", "job_title": "job_title", "email": "email", "phone": "phone",
}  # fmt: skip


@dataclass(frozen=True)
class Side:
    """What becomes of the firm or the person: an existing record's `id`, a new one (`is_new`), or neither.

    `values` win over what the lead says and, of an existing record, over what it holds.
    """

    id: int | None = None
    is_new: bool = False
    values: Mapping[str, Any] | None = None

    @property
    def is_wanted(self) -> bool:
        return self.is_new or self.id is not None


@dataclass(frozen=True)
class Carried:
    """A custom value of the lead that `field` of a contact or an organisation, of the same key and type, takes over."""

    record_type: str
    field: BoundField
    value: Any


@dataclass(frozen=True)
class Converted:
    """`change_set_id` is None when somebody had converted the lead before: the rest is what came of that."""

    change_set_id: int | None
    lead_id: int
    organisation_id: int | None
    contact_id: int | None


def convert_lead(
    lead_id: int,
    *,
    organisation: Side,
    contact: Side,
    actor: Actor,
    to_stage_id: int | None = None,
    carry: frozenset[str] | None = None,
    complete: bool = False,
    lead_values: Mapping[str, Any] | None = None,
) -> Converted:
    """Make or link firm and person, and move the lead on; once only. Raises Refused, NotFound, NotAllowed, Conflict.

    `carry` are the names of the custom fields that are taken over, all that fit when it is None; a value that the other
    side has already stays. With `complete` a new record needs its required fields. `lead_values` are saved with the move. A record that was merged into another
    one meanwhile stands for that. A refusal's field is named after the side: "contact.email", or "contact" itself.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.convert") as step:
        lead = load_convertible(lead_id, actor)
        if lead["converted_at"] is not None:
            return Converted(None, lead_id, lead["organisation_id"], lead["contact_id"])
        if not (organisation.is_wanted or contact.is_wanted):
            raise Refused(N_("Choose an organisation, a person, or both."), field="organisation")
        carried = [one for one in carried_values(lead) if carry is None or one.field.name in carry]
        firm_id = _settle(ORGANISATION, organisation, first_organisation(lead), carried, actor, complete)
        first = {**first_contact(lead), "organisation": firm_id}
        person_id = _settle(CONTACT, contact, first, carried, actor, complete)
        if contact.id is not None and person_id is not None and firm_id is not None:
            employ(person_id, firm_id, actor=actor)
        links = {
            name: record_id
            for name, record_id in (("organisation_id", firm_id), ("contact_id", person_id))
            if record_id is not None
        }
        link_columns(step, host_of(actor, lead_id=lead_id), links, actor)
        execute("update lead set converted_at = ? where id = ?", (step.at, lead_id))
        step.record(
            EventKind.LEAD_CONVERTED, "lead", lead_id, contact_id=person_id, organisation_id=firm_id,
            values={"converted_at": (None, step.at)}, stage=lead["stage_id"], pipeline=lead["pipeline_id"],
        )  # fmt: skip
        if to_stage_id is not None and to_stage_id != lead["stage_id"]:
            move_lead(lead_id, to_stage_id=to_stage_id, actor=actor, values=lead_values)
        return Converted(step.change_set_id, lead_id, firm_id, person_id)


def load_convertible(lead_id: int, actor: Actor) -> dict[str, Any]:
    """The row of a lead that may be converted, or is already. Raises NotFound; Refused, naming the way, for one in the bin."""
    condition, params = visible_sql(actor, deleted=True)
    binned = one(f"select merged_into_id from lead where id = ? and {condition}", [lead_id, *params])  # noqa: S608 - ours
    if binned is not None and binned[0] is not None:
        raise Refused(N_("This lead was merged into #%(id)s in the meantime. Convert that one."), id=kept_id("lead", lead_id))
    if binned is not None:
        raise Refused(N_("This lead is in the bin. Restore it first, then convert it."))
    return load_visible(lead_id, actor)


def first_organisation(lead: Mapping[str, Any]) -> dict[str, Any]:
    """What a new organisation takes from the lead."""
    values = {to: lead[name] for name, to in _OF_FIRM.items()}
    return {**values, **{name: lead[name] for name in _ADDRESS}, "owner": lead["owner_id"]}


def first_contact(lead: Mapping[str, Any]) -> dict[str, Any]:
    """What a new contact takes from the lead."""
    return {**{to: lead[name] for name, to in _OF_PERSON.items()}, "owner": lead["owner_id"]}


def carried_values(lead: Mapping[str, Any]) -> list[Carried]:
    """The custom values of the lead for which the other side has a field of the same key and type."""
    found = []
    for record_type in ("organisation", "contact"):
        theirs = custom_fields(None, record_type).editable
        for name, field in custom_fields().editable.items():
            value = value_of(lead, name)
            if value is not None and name in theirs and theirs[name].definition.type == field.definition.type:
                found.append(Carried(record_type, theirs[name], value))
    return found


def _settle(
    table: RecordTable, side: Side, first: Mapping[str, Any], carried: list[Carried], actor: Actor, complete: bool
) -> int | None:
    """The id of the record that is linked: found, or made."""
    custom = {one.field.name: one.value for one in carried if one.record_type == table.name}
    try:
        if side.is_new:
            values = {**first, **custom, **(side.values or {})}
            return create_party(table.name, values, actor=actor, complete=complete).id
        if side.id is None:
            return None
        row = load_party(table, kept_id(table.name, side.id), actor)
        changes = {**gaps(table, row, first), **missing(row, custom), **(side.values or {})}
        update_party(table.name, row["id"], changes, actor=actor)
    except (Refused, NotFound) as error:
        raise _of_side(table.name, error) from None
    return int(row["id"])


def gaps(table: RecordTable, row: Mapping[str, Any], first: Mapping[str, Any]) -> dict[str, Any]:
    """What the lead knows and the existing record does not; who owns it, how it is called and where somebody works stay."""
    return {
        name: value
        for name, value in first.items()
        if name not in {"owner", "name", "organisation"} and value and not row[table.fields[name].column]
    }


def missing(row: Mapping[str, Any], custom: Mapping[str, Any]) -> dict[str, Any]:
    """The same of custom fields, where no is a value, too."""
    return {name: value for name, value in custom.items() if value_of(row, name) is None}


def _of_side(name: str, error: LeadboardError) -> LeadboardError:
    """The error, named after the side that it is about."""
    for problem in error.problems if isinstance(error, InvalidInput) else (error,):
        problem.field = f"{name}.{problem.field}" if problem.field else name
    return error
