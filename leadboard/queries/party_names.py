"""Contacts and organisations by a name that somebody types: what to suggest meanwhile, and which one is meant in the end."""

from typing import NamedTuple

from leadboard.db import one, rows
from leadboard.lib.text import clean_line, fold, sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.party_matches import PartyMatch, Reason, detail_of, matching_contacts, matching_organisations
from leadboard.queries.settings import instance

MOST = 8
LONGEST = 254
_LAST = "\U0010ffff"


class PartyName(NamedTuple):
    """`detail` tells two of one name apart."""

    id: int
    name: str
    detail: str


def suggested_parties(record_type: str, text: str, actor: Actor) -> list[PartyName]:
    """Whom the first letters, a whole name, an address or a number may mean; at most eight. Three statements at most."""
    typed = _cleaned(text)
    if not typed:
        return []
    found = {one.id: _name(one) for one in _matches(record_type, typed, actor)}
    for party in _beginning(record_type, typed, actor):
        found.setdefault(party.id, party)
    return list(found.values())[:MOST]


def suggested_leads(text: str, actor: Actor) -> list[PartyName]:
    """Those whose name or firm begins so, at most eight. Two statements."""
    typed = _cleaned(text)
    key = sort_key(fold(typed), instance().language).partition("\x1f")[0] if typed else ""
    if not key:
        return []
    condition, params = visible_sql(actor, "lead")
    found: dict[int, PartyName] = {}
    for column in ("title_key", "organisation_key"):
        for row in rows(
            f"select id, title, organisation_name from lead where {column} >= ? and {column} < ? and {condition}"  # noqa: S608 - ours
            f" order by {column}, id limit {MOST}",
            [key, key + _LAST, *params],
        ):
            found.setdefault(row[0], PartyName(*row))
    return list(found.values())[:MOST]


def find_parties(record_type: str, text: str, actor: Actor) -> list[PartyMatch]:
    """Those with this name, address, domain or number; when there is none, those whose name begins like it."""
    typed = _cleaned(text)
    if not typed:
        return []
    found = _matches(record_type, typed, actor)
    return found or [PartyMatch(*one, Reason.NAME) for one in _beginning(record_type, typed, actor)]


def parties_named(record_type: str, text: str, actor: Actor) -> list[PartyName]:
    """Those of this name: one that is spelled like it, signs and case aside, goes before firms that differ in their legal form."""
    typed = _cleaned(text)
    if not typed:
        return []
    matches = matching_organisations(actor, name=typed) if record_type == "organisation" else matching_contacts(actor, name=typed)
    found = [_name(one) for one in matches]
    spelled = [party for party in found if fold(party.name) == fold(typed)]
    return spelled or found


def party_name(record_type: str, record_id: int, actor: Actor) -> PartyName | None:
    """One that the actor may see."""
    condition, params = visible_sql(actor, record_type)
    detail, of_detail = detail_of(record_type, actor)
    found = one(
        f"select {record_type}.id, {record_type}.name, {detail} from {record_type} where id = ? and {condition}",  # noqa: S608 - ours
        [*of_detail, record_id, *params],
    )
    return PartyName(found[0], found[1], found[2] or "") if found else None


def _cleaned(text: str) -> str:
    return clean_line(text[:LONGEST], LONGEST)


def _name(match: PartyMatch) -> PartyName:
    return PartyName(match.id, match.name, match.detail)


def _matches(record_type: str, typed: str, actor: Actor) -> list[PartyMatch]:
    email = typed if "@" in typed else ""
    phone = typed if sum(map(str.isdigit, typed)) > len(typed) // 2 else ""
    if record_type == "contact":
        return matching_contacts(actor, name=typed, email=email, phone=phone)
    return matching_organisations(actor, name=typed, email=email, website="" if email or "." not in typed else typed, phone=phone)


def _beginning(record_type: str, typed: str, actor: Actor) -> list[PartyName]:
    """Those whose name begins so, by name."""
    key = sort_key(fold(typed), instance().language).partition("\x1f")[0]
    if not key:
        return []
    condition, params = visible_sql(actor, record_type)
    detail, of_detail = detail_of(record_type, actor)
    found = rows(
        f"select {record_type}.id, {record_type}.name, {detail} from {record_type}"  # noqa: S608 - ours
        f" where name_key >= ? and name_key < ? and {condition} order by name_key, {record_type}.id limit {MOST}",
        [*of_detail, key, key + _LAST, *params],
    )
    return [PartyName(row[0], row[1], row[2] or "") for row in found]
