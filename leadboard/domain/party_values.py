"""What the typed fields of a contact or an organisation make of its other columns."""

from collections.abc import Collection, Mapping
from typing import Any

from leadboard.db import one
from leadboard.domain.record_rows import CONTACT, ORGANISATION, RecordTable
from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key
from leadboard.lib.firms import domain_of, firm_key
from leadboard.lib.phones import phone_keys
from leadboard.lib.text import sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.settings import Instance

MOST_PARENTS = 20


def derive(table: RecordTable, row: dict[str, Any], instance: Instance) -> None:
    """Fill the columns that follow from typed ones, in place. Raises Refused without a name."""
    if table is CONTACT and not row["name"]:
        row["name"] = f"{row['given_name']} {row['family_name']}".strip()
    if not row["name"]:
        row["name"] = row["email"] or row["phone"] if table is CONTACT else row["website"] and (domain_of(row["website"]) or "")
    if not row["name"]:
        raise Refused(
            N_("A contact needs a name, an e-mail or a phone.") if table is CONTACT else N_("An organisation needs a name."),
            field="name",
        )
    row["name_key"] = sort_key(row["name"], instance.language)
    row["email_key"] = email_key(row["email"]) if row["email"] else None
    e164, digits = phone_keys(row["phone"], instance.phone_region) if row["phone"] else (None, "")
    row["phone_e164"], row["phone_reversed"] = e164, digits[:40] or None
    if table is ORGANISATION:
        row["match_key"] = firm_key(row["name"])
        row["domain"] = domain_of(row["website"]) or domain_of(row["email"])


def check_references(
    table: RecordTable, row: Mapping[str, Any], changed: Mapping[str, Any], actor: Actor, *, is_undo: bool = False
) -> None:
    """Raise Refused for an owner, an organisation or a parent that is not there, and for firms that own each other in a ring.

    Taking an action back may point to what is in the bin, as it did before.
    """
    if (
        "owner" in changed
        and row["owner_id"] is not None
        and one('select 1 from "user" where id = ?', (row["owner_id"],)) is None
    ):
        raise Refused(N_("This owner no longer exists. Choose another one."), field="owner")
    for name in ("organisation", "parent"):
        if name not in changed or row[f"{name}_id"] is None:
            continue
        condition, params = ("true", []) if is_undo else visible_sql(actor, "organisation")
        if one(f"select 1 from organisation where id = ? and {condition}", [row[f"{name}_id"], *params]) is None:  # noqa: S608 - ours
            raise Refused(N_("This organisation no longer exists. Choose another one."), field=name)
    if table is ORGANISATION and "parent" in changed and "id" in row:
        _refuse_ring(int(row["id"]), row["parent_id"])


def _refuse_ring(organisation_id: int, parent_id: int | None) -> None:
    if is_part_of(parent_id, {organisation_id}):
        raise Refused(N_("This would make the organisation part of itself. Choose another one above it."), field="parent")


def is_part_of(organisation_id: int | None, of: Collection[int]) -> bool:
    """Whether an organisation is one of these, or they are above it; also when so many are that nobody can tell."""
    above, seen = organisation_id, 0
    while above is not None:
        seen += 1
        if above in of or seen > MOST_PARENTS:
            return True
        found = one("select parent_id from organisation where id = ?", (above,))
        above = found[0] if found else None
    return False
