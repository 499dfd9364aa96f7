"""What the page of a contact or an organisation shows of the record itself."""

from typing import Any

from leadboard.db import one
from leadboard.models.parties import Contact, Organisation
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.hosts import HostKey

_OWNER = ("owner_name", '"user" u on u.id = party.owner_id', "u.name", "")
# Per record type its model, and the names of what its ids stand for: (name, joined as, column, the alias of a record).
# What is in the bin, or not for this reader, has no name.
_KINDS = {
    "contact": (
        Contact,
        (_OWNER, ("organisation_name", "organisation o on o.id = party.organisation_id", "o.name", "o")),
    ),
    "organisation": (
        Organisation,
        (
            _OWNER,
            ("parent_name", "organisation o on o.id = party.parent_id", "o.name", "o"),
            ("primary_contact_name", "contact c on c.id = party.primary_contact_id", "c.name", "c"),
        ),
    ),
}  # fmt: skip


def one_party(record_type: str, record_id: int, actor: Actor) -> dict[str, Any]:
    """A contact's or an organisation's columns, and the names that its ids stand for. Raises NotFound."""
    model, names = _KINDS[record_type]
    columns = [field.column_name for field in model._meta.sorted_fields]
    condition, params = visible_sql(actor, "party")
    joins, joined_params = [], []
    for _, join, _, alias in names:
        theirs, values = visible_sql(actor, alias) if alias else ("", [])
        joins.append(f"left join {join}{f' and {theirs}' if theirs else ''}")
        joined_params += values
    found = one(
        f"select {', '.join(f'party.{column}' for column in columns)}, {', '.join(column for _, _, column, _ in names)}"  # noqa: S608 - ours
        f" from {record_type} party {' '.join(joins)} where party.id = ? and {condition}",
        [*joined_params, record_id, *params],
    )
    if found is None:
        raise HostKey(record_type, record_id).missing()
    return dict(zip([*columns, *(name for name, _, _, _ in names)], found, strict=True))
