"""The contact and the organisation that typed values stand for, when there is no doubt: decision 019."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import rows
from leadboard.lib.emails import email_key
from leadboard.lib.firms import domain_of, firm_key
from leadboard.permissions import Actor, visible_sql


@dataclass(frozen=True, slots=True)
class Known:
    """A record by its name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is linked without being picked."""

    contact: Known | None = None
    organisation: Known | None = None

    @property
    def links(self) -> dict[str, int]:
        """The columns of a lead that are set."""
        found = {"contact_id": self.contact, "organisation_id": self.organisation}
        return {name: one.id for name, one in found.items() if one is not None}

    @property
    def names(self) -> list[str]:
        return [one.name for one in (self.contact, self.organisation) if one is not None]

    def without(self, but: Collection[tuple[str, int]]) -> "Recognised":
        """The same without those of these (record type, id)."""
        contact, firm = self.contact, self.organisation
        return Recognised(
            None if contact is None or ("contact", contact.id) in but else contact,
            None if firm is None or ("organisation", firm.id) in but else firm,
        )


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    name: str
    by: str
    firm_id: int | None
    domain: str | None


def recognise(actor: Actor, values: Mapping[str, Any]) -> Recognised:
    """A person by the e-mail address, a firm by name and domain as far as they agree; nobody when two fit. One statement.

    A name or a telephone number never means one person only, and an address of free mail says nothing about a firm.
    """
    email, name = str(values.get("email") or ""), str(values.get("organisation_name") or "")
    key, match_key = email_key(email) if email else None, firm_key(name) if name else ""
    domains = {domain for text in (values.get("website"), email) if text and (domain := domain_of(str(text)))}
    found = _look_up(actor, key, sorted(domains), match_key)
    people = {row.id: row for row in found if row.by in {"email", "point"}}
    person = next(iter(people.values())) if len(people) == 1 else None
    firm = _firm(found, person, domains, bool(match_key))
    return Recognised(Known(person.id, person.name) if person else None, Known(firm.id, firm.name) if firm else None)


def _firm(found: list[_Row], person: _Row | None, domains: set[str], is_named: bool) -> _Row | None:
    of_person = [row for row in found if row.by == "firm" and person is not None and row.id == person.firm_id]
    by_domain = {row.id: row for row in found if row.by == "domain"}
    by_name = {row.id: row for row in found if row.by == "name"}
    if not is_named:
        # The firm of the person stands for itself; a domain of two firms, or another one, is left to be asked.
        wanted = by_domain or {row.id: row for row in of_person}
    else:
        both = by_name.keys() & ({*by_domain} | {row.id for row in of_person})
        wanted = {one: by_name[one] for one in both} if both else by_name
        if not both and len(wanted) == 1:
            [only] = wanted.values()
            if by_domain or (domains and only.domain and only.domain not in domains):
                return None
    return next(iter(wanted.values())) if len(wanted) == 1 else None


def _look_up(actor: Actor, key: str | None, domains: list[str], match_key: str) -> list[_Row]:
    """Two or three of each kind are enough to see that there are several."""
    people, people_params = visible_sql(actor, "contact")
    firms, firms_params = visible_sql(actor, "organisation")
    person, firm = (
        "contact.id, contact.name, '{}', contact.organisation_id, ''",
        "organisation.id, organisation.name, '{}', 0, organisation.domain",
    )
    its_firm = "contact join organisation on organisation.id = contact.organisation_id"
    point = "contact_point p join contact on contact.id = p.contact_id"
    by_email = f"contact.email_key = ? and contact.email_key is not null and {people}"
    parts: list[tuple[str, str, str, list[Any]]] = []
    if key:
        parts += [
            (person.format("email"), "contact", by_email, [key, *people_params]),
            (person.format("point"), point, f"p.key = ? and p.key is not null and {people}", [key, *people_params]),
            (firm.format("firm"), its_firm, f"{by_email} and {firms}", [key, *people_params, *firms_params]),
        ]
    if domains:
        is_one = f"organisation.domain in ({', '.join('?' * len(domains))}) and organisation.domain is not null and {firms}"
        parts.append((firm.format("domain"), "organisation", is_one, [*domains, *firms_params]))
    if match_key:
        is_one = f"organisation.match_key = ? and organisation.match_key <> '' and {firms}"
        parts.append((firm.format("name"), "organisation", is_one, [match_key, *firms_params]))
    if not parts:
        return []
    sql = " union all ".join(
        f"select * from (select {columns} from {table} where {condition} limit 3) as found{number}"  # noqa: S608 - ours
        for number, (columns, table, condition, _) in enumerate(parts)
    )
    return [_Row(*row) for row in rows(sql, [param for *_, params in parts for param in params])]
