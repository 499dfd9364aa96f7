"""Which contacts and organisations somebody may mean: by e-mail, telephone number, domain and name, the surest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from leadboard.db import Where, rows
from leadboard.errors import N_
from leadboard.lib.emails import email_key
from leadboard.lib.firms import domain_of, firm_key
from leadboard.lib.phones import phone_keys
from leadboard.lib.text import sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.settings import instance

MOST = 10


class Reason(StrEnum):
    """Why a record was found. The order is how sure it is."""

    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    NAME = "name"


REASON_LABELS = {
    Reason.EMAIL: N_("same e-mail"),
    Reason.DOMAIN: N_("same domain"),
    Reason.PHONE: N_("same phone"),
    Reason.NAME: N_("same name"),
}


def detail_of(table: str, actor: Actor) -> Where:
    """SQL of what tells two of one name apart: a firm that the reader may not see is not named."""
    if table == "organisation":
        return "coalesce(organisation.domain, organisation.city)", []
    seen, params = visible_sql(actor, "o")
    firm = f"select o.name from organisation o where o.id = contact.organisation_id and {seen}"  # noqa: S608 - the condition of permissions
    return f"coalesce(({firm}), contact.email)", params


@dataclass(frozen=True, slots=True)
class PartyMatch:
    """`detail` tells two of one name apart: a person's firm, a firm's domain or town."""

    id: int
    name: str
    detail: str
    reason: Reason


def matching_organisations(
    actor: Actor, *, name: str = "", email: str = "", website: str = "", phone: str = "", but: int = 0
) -> list[PartyMatch]:
    """The organisations that the typed values may mean. Addresses of free mail say nothing about a firm."""
    domains = {domain for text in (website, email) if text and (domain := domain_of(text))}
    asked = [
        (Reason.DOMAIN, "organisation.domain", sorted(domains)),
        (Reason.PHONE, "organisation.phone_reversed", _numbers(phone)),
        (Reason.NAME, "organisation.match_key", [key] if (key := firm_key(name)) else []),
    ]
    found = _matches("organisation", asked, actor, but)
    return _with_points("organisation", found, actor, but, phone=phone)


def matching_contacts(actor: Actor, *, name: str = "", email: str = "", phone: str = "", but: int = 0) -> list[PartyMatch]:
    """The people that the typed values may mean; a name alone only when nothing else was found."""
    key = email_key(email) if email else None
    asked = [
        (Reason.EMAIL, "contact.email_key", [key] if key else []),
        (Reason.PHONE, "contact.phone_reversed", _numbers(phone)),
    ]
    found = _matches("contact", asked, actor, but)
    found = _with_points("contact", found, actor, but, email=email, phone=phone)
    if found or not name.strip():
        return found
    by_name = [(Reason.NAME, "contact.name_key", [sort_key(name.strip()[:200], instance().language)])]
    return _matches("contact", by_name, actor, but)


def _numbers(phone: str) -> list[str]:
    digits = phone_keys(phone, instance().phone_region)[1][:40] if phone else ""
    return [digits] if digits else []


def _matches(table: str, asked: Iterable[tuple[Reason, str, list[str]]], actor: Actor, but: int) -> list[PartyMatch]:
    condition, params = visible_sql(actor, table)
    detail, of_detail = detail_of(table, actor)
    found: dict[int, PartyMatch] = {}
    for reason, column, values in asked:
        if not values:
            continue
        filled = f"{column} <> ''" if column.endswith("match_key") else f"{column} is not null"
        for row in rows(
            f"select {table}.id, {table}.name, {detail} from {table} where {column} in ({', '.join('?' * len(values))})"  # noqa: S608 - ours
            f" and {filled} and {condition} and {table}.id <> ? order by {table}.id limit {MOST}",
            [*of_detail, *values, *params, but],
        ):
            found.setdefault(row[0], PartyMatch(row[0], row[1], row[2] or "", reason))
    return list(found.values())[:MOST]


def _with_points(
    table: str, found: list[PartyMatch], actor: Actor, but: int, *, email: str = "", phone: str = ""
) -> list[PartyMatch]:
    """Also those that have the address or the number as a further one."""
    known = {one.id for one in found}
    condition, params = visible_sql(actor, table)
    detail, of_detail = detail_of(table, actor)
    key = email_key(email) if email else None
    for reason, column, values in ((Reason.EMAIL, "key", [key] if key else []), (Reason.PHONE, "reversed", _numbers(phone))):
        for value in values:
            for row in rows(
                f"select {table}.id, {table}.name, {detail} from contact_point p join {table} on {table}.id = p.{table}_id"  # noqa: S608 - ours
                f" where p.{column} = ? and p.{column} is not null and {condition} and {table}.id <> ? order by {table}.id limit {MOST}",
                [*of_detail, value, *params, but],
            ):
                if row[0] not in known:
                    known.add(row[0])
                    found.append(PartyMatch(row[0], row[1], row[2] or "", reason))
    return sorted(found, key=lambda one: list(Reason).index(one.reason))[:MOST]
