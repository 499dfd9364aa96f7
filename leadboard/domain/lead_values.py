"""What a lead's typed fields make of its other columns."""

from collections.abc import Mapping
from typing import Any

from leadboard.domain.field_values import clean_value
from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key
from leadboard.lib.phones import phone_keys
from leadboard.lib.text import sort_key
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.queries.settings import Instance


def clean(name: str, value: Any) -> Any:
    """A lead's value as stored; see clean_value."""
    return clean_value(LEAD_FIELDS[name], value)


def derive(row: dict[str, Any], instance: Instance, changed: Mapping[str, Any] | None = None) -> None:
    """Fill the columns that follow from typed ones, in place. With `changed`, only what those fields touch."""

    def touched(*names: str) -> bool:
        return changed is None or any(name in changed for name in names)

    if touched("given_name", "family_name") and not row["person_name"]:
        row["person_name"] = f"{row['given_name']} {row['family_name']}".strip()
    if touched("title", "person_name", "organisation_name", "given_name", "family_name"):
        if not row["title"]:
            row["title"] = row["person_name"] or row["organisation_name"] or row["email"] or row["phone"]
        if not row["title"]:
            raise Refused(N_("A lead needs a name: fill the person, the organisation or the title."), field="title")
        row["title_key"] = sort_key(row["title"], instance.language)
        row["organisation_key"] = sort_key(row["organisation_name"], instance.language) if row["organisation_name"] else ""
    if touched("email"):
        row["email_key"] = email_key(row["email"]) if row["email"] else None
    if touched("phone"):
        e164, digits = phone_keys(row["phone"], instance.phone_region) if row["phone"] else (None, "")
        row["phone_e164"], row["phone_reversed"] = e164, digits[:40] or None
    if touched("value_amount", "value_currency"):
        if row["value_amount"] is None:
            row["value_currency"] = ""
        elif not row["value_currency"]:
            row["value_currency"] = instance.currency
