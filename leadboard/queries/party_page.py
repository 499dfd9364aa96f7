"""What the page of a contact or an organisation shows of the record itself."""

from typing import Any

from leadboard.db import one
from leadboard.errors import N_, NotFound
from leadboard.models.parties import Contact, Organisation
from leadboard.permissions import Actor, visible_sql

_OWNER = ("owner_name", '"user" u on u.id = party.owner_id', "u.name")
# Per record type what is missing says, and the names of what its ids stand for: (name, joined as, column). What is in the bin has no name.
_KINDS = {
    "contact": (
        Contact,
        N_("This contact does not exist, or you may not see it."),
        (_OWNER, ("organisation_name", "organisation o on o.id = party.organisation_id and o.deleted_at is null", "o.name")),
    ),
    "organisation": (
        Organisation,
        N_("This organisation does not exist, or you may not see it."),
        (
            _OWNER,
            ("parent_name", "organisation o on o.id = party.parent_id and o.deleted_at is null", "o.name"),
            ("primary_contact_name", "contact c on c.id = party.primary_contact_id and c.deleted_at is null", "c.name"),
        ),
    ),
}  # fmt: skip


def one_party(record_type: str, record_id: int, actor: Actor) -> dict[str, Any]:
    """A contact's or an organisation's columns, and the names that its ids stand for. Raises NotFound."""
    model, missing, names = _KINDS[record_type]
    columns = [field.column_name for field in model._meta.sorted_fields]
    condition, params = visible_sql(actor, "party")
    found = one(
        f"select {', '.join(f'party.{column}' for column in columns)}, {', '.join(column for _, _, column in names)}"  # noqa: S608 - ours
        f" from {record_type} party {' '.join(f'left join {join}' for _, join, _ in names)} where party.id = ? and {condition}",
        [record_id, *params],
    )
    if found is None:
        raise NotFound(missing)
    return dict(zip([*columns, *(name for name, _, _ in names)], found, strict=True))
