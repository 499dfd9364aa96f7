"""The filters that programs add to those of the lists of contacts and organisations: what is known exactly, and since when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from leadboard.db import Where
from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key
from leadboard.lib.phones import phone_keys
from leadboard.permissions import Actor
from leadboard.queries.party_filter import ContactFilter, OrganisationFilter, PartyFilter
from leadboard.queries.record_filter import Owners
from leadboard.queries.settings import instance

# Longer is none of ours.
LONGEST = 254


@dataclass(frozen=True)
class ExactFilter(PartyFilter):
    """`email` is a key and `phone` digits from the end, both also of further ones; `updated_since` in milliseconds."""

    email: str = ""
    phone: str = ""
    domain: str = ""
    external_source: str = ""
    external_id: str = ""
    updated_since: int | None = None

    @classmethod
    def party_args(cls, args: Mapping[str, str], actor: Actor, owners: Owners) -> dict[str, Any]:
        email, phone = args.get("email", "").strip(), args.get("phone", "").strip()
        source, number = args.get("external_source", ""), args.get("external_id", "")
        if bool(source) != bool(number):
            raise Refused(
                N_("A number of elsewhere is looked up together with its system: external_source and external_id."),
                field="external_id" if source else "external_source",
            )
        return {
            **super().party_args(args, actor, owners),
            # What is no address belongs to nobody.
            "email": (email_key(email) or "-") if email else "",
            "phone": (phone_keys(phone, instance().phone_region)[1][:40] or "-") if phone else "",
            "domain": args.get("domain", "").strip().lower(), "external_source": source, "external_id": number,
            "updated_since": _moment(args.get("updated_since", "")),
        }  # fmt: skip

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        return (self._number, self._email, self._phone, self._domain, *super()._parts(), self._since)

    def _number(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        if not self.external_id:
            return None
        sql = f"{alias}.external_source = ? and {alias}.external_id = ? and {alias}.external_id is not null"
        return sql, [self.external_source, self.external_id]

    def _email(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return self._main_or_further(alias, "email_key", "key", self.email)

    def _phone(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return self._main_or_further(alias, "phone_reversed", "reversed", self.phone)

    def _main_or_further(self, alias: str, column: str, further: str, value: str) -> Where | None:
        if not value:
            return None
        table = self.record_type
        sql = (
            f"{alias}.id in (select main.id from {table} main where main.{column} = ? and main.{column} is not null and main.deleted_at is null"  # noqa: S608 - ours
            f" union select {table}_id from contact_point where {further} = ? and {further} is not null and {table}_id is not null)"
        )
        return sql, [value, value]

    def _domain(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return (f"{alias}.domain = ? and {alias}.domain is not null", [self.domain]) if self.domain else None

    def _since(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return None if self.updated_since is None else (f"{alias}.updated_at >= ?", [self.updated_since])


@dataclass(frozen=True)
class ExactContacts(ExactFilter, ContactFilter):
    """Contacts as programs look for them."""


@dataclass(frozen=True)
class ExactOrganisations(ExactFilter, OrganisationFilter):
    """Organisations as programs look for them."""


def _moment(text: str) -> int | None:
    """Milliseconds; a moment without a zone is UTC."""
    if not text:
        return None
    try:
        # A + that was not encoded comes as a blank.
        at = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise Refused(N_("This must be a moment such as 2026-12-31T10:00:00Z."), field="updated_since") from error
