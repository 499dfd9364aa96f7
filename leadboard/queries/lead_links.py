"""The contact and the organisation of a lead, those it may be about, and the other leads of its firm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from leadboard.db import is_sqlite, rows
from leadboard.events import EventKind
from leadboard.lib.firms import domain_of, firm_key
from leadboard.lib.text import fold, sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.party_matches import PartyMatch, matching_contacts, matching_organisations
from leadboard.queries.settings import instance

MOST_SUGGESTED = 3
MOST_SIBLINGS = 5
# So many that begin alike, or have the domain in their words, are looked at to find the firm's own.
MOST_LOOKED_AT = 200
_LAST = "\U0010ffff"


class LinkedParty(NamedTuple):
    """`about` is a person's job title, a firm's industry."""

    record_type: str
    id: int
    name: str
    about: str
    email: str
    phone: str
    phone_e164: str | None


def linked_parties(lead: Mapping[str, Any], actor: Actor) -> dict[str, LinkedParty]:
    """What the lead is linked to, by record type, as far as the actor may see it. One statement, none without a link."""
    parts, params = [], []
    for record_type, about in (("contact", "job_title"), ("organisation", "industry")):
        record_id = lead[f"{record_type}_id"]
        if record_id is not None:
            condition, found = visible_sql(actor, "party")
            parts.append(
                f"select '{record_type}', id, name, {about}, email, phone, phone_e164 from {record_type} party where id = ? and {condition}"
            )
            params += [record_id, *found]
    return {row[0]: LinkedParty(*row) for row in rows(" union all ".join(parts), params)} if parts else {}


# ---------------------------------------------------------------------------------------------- suggestions


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A record that the lead may be about, and by what."""

    record_type: str
    match: PartyMatch


def suggestions(lead: Mapping[str, Any], actor: Actor) -> list[Suggestion]:
    """What an unlinked side of the lead may be; not what somebody said it is not."""
    found: list[Suggestion] = []
    refused = refused_links(lead["id"])
    if lead["organisation_id"] is None:
        firms = matching_organisations(
            actor, name=lead["organisation_name"], email=lead["email"], website=lead["website"], phone=lead["phone"]
        )
        found += [Suggestion("organisation", one) for one in firms if ("organisation", one.id) not in refused][:MOST_SUGGESTED]
    if lead["contact_id"] is None:
        people = matching_contacts(actor, name=lead["person_name"], email=lead["email"], phone=lead["phone"])
        found += [Suggestion("contact", one) for one in people if ("contact", one.id) not in refused][:MOST_SUGGESTED]
    return found


def refused_links(lead_id: int) -> set[tuple[str, int]]:
    """(record type, id) of what somebody said the lead is not about."""
    found: dict[tuple[str, int], bool] = {}
    for (data,) in rows("select data from event where lead_id = ? and kind = ? order by id", (lead_id, EventKind.LINK_REFUSED)):
        said = json.loads(data)
        record_type = "contact" if "contact" in said else "organisation"
        found[record_type, said[record_type]] = said["refused"]
    return {one for one, is_so in found.items() if is_so}


def is_refused(lead_id: int, record_type: str, record_id: int) -> bool:
    return (record_type, record_id) in refused_links(lead_id)


# ---------------------------------------------------------------------------------------------- the same firm


class Sibling(NamedTuple):
    """Another lead of the firm."""

    id: int
    title: str
    stage_id: int
    value_amount: int | None
    value_currency: str
    owner_name: str | None


@dataclass(frozen=True, slots=True)
class Siblings:
    """The newest few. `text` finds all of them when no organisation is linked."""

    found: list[Sibling]
    has_more: bool
    text: str = ""


_COLUMNS = "lead.id, lead.title, lead.stage_id, lead.value_amount, lead.value_currency, u.name"
_FROM = 'from lead left join "user" u on u.id = lead.owner_id'


def siblings(lead: Mapping[str, Any], actor: Actor) -> Siblings:
    """Other leads of the linked organisation; of an unlinked lead those whose typed firm or domain is the same.

    One statement, or one for the name and one for the domain. Free mail is nobody's firm.
    """
    condition, params = visible_sql(actor)
    if lead["organisation_id"] is not None:
        found = rows(
            f"select {_COLUMNS} {_FROM} where lead.organisation_id = ? and {condition} and lead.id <> ?"
            f" order by lead.id desc limit {MOST_SIBLINGS + 1}",
            [lead["organisation_id"], *params, lead["id"]],
        )
        return Siblings([Sibling(*row) for row in found[:MOST_SIBLINGS]], len(found) > MOST_SIBLINGS)
    key, domain = firm_key(lead["organisation_name"]) if lead["organisation_name"] else "", _domain(lead)
    near = [*_by_name(lead, key, condition, params), *_by_domain(lead, domain, condition, params)]
    alike = {
        row[0]: Sibling(*row[:6]) for row in near if (key and firm_key(row[6]) == key) or (domain and domain in _domains(row))
    }
    newest = [alike[lead_id] for lead_id in sorted(alike, reverse=True)]
    return Siblings(newest[:MOST_SIBLINGS], len(newest) > MOST_SIBLINGS, lead["organisation_name"] or domain or "")


_TYPED = f"{_COLUMNS}, lead.organisation_name, lead.email, lead.website"


def _by_name(lead: Mapping[str, Any], key: str, condition: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """Those whose firm begins alike: Acme, Acme Ltd and Acme GmbH lie side by side in the index of names."""
    begin = sort_key(key, instance().language).partition("\x1f")[0] if key else ""
    if not begin:
        return []
    hint = " indexed by lead_by_organisation" if is_sqlite() else ""
    return rows(
        f'select {_TYPED} from lead{hint} left join "user" u on u.id = lead.owner_id'
        f" where lead.organisation_key >= ? and lead.organisation_key < ? and {condition} and lead.id <> ?"
        f" order by lead.organisation_key limit {MOST_LOOKED_AT}",
        [begin, begin + _LAST, *params, lead["id"]],
    )


def _by_domain(lead: Mapping[str, Any], domain: str | None, condition: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """Those with an address at the domain, by the index of words."""
    if domain is None:
        return []
    wanted = fold(f"@{domain}")
    if is_sqlite():
        words, asked = "words match ?", '"' + wanted.replace('"', '""') + '"'
    else:
        words, asked = "words like ?", f"%{wanted}%"
    return rows(
        f"select {_TYPED} {_FROM} where lead.id in (select rowid from lead_text where {words} limit {MOST_LOOKED_AT})"
        f" and {condition} and lead.id <> ?",
        [asked, *params, lead["id"]],
    )


def _domain(lead: Mapping[str, Any]) -> str | None:
    return (domain_of(lead["email"]) if lead["email"] else None) or (domain_of(lead["website"]) if lead["website"] else None)


def _domains(row: tuple[Any, ...]) -> set[str]:
    return {domain for text in row[7:9] if text and (domain := domain_of(text))}
