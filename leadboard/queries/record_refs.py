"""Leads, contacts and organisations as plugins get them: some by their ids, and those that a number or an address belongs to."""

from collections.abc import Callable, Iterable
from typing import Any

from leadboard.contributions import LeadRef, PartyRef
from leadboard.db import rows
from leadboard.lib.emails import email_key
from leadboard.lib.phones import phone_fragment, phone_keys
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.settings import instance

MOST = 20
# A shorter end of a number is shared by too many.
SHORTEST_END = 7
MOST_ADDRESSES = 200

Ref = LeadRef | PartyRef
_MAKE: dict[str, Callable[..., Any]] = {"lead": LeadRef, "contact": PartyRef, "organisation": PartyRef}
_COLUMNS = {
    "lead": "lead.id, lead.title, lead.pipeline_id, lead.stage_id, lead.owner_id, lead.version",
    "contact": "'contact', contact.id, contact.name, contact.owner_id, contact.version",
    "organisation": "'organisation', organisation.id, organisation.name, organisation.owner_id, organisation.version",
}


def refs(
    record_type: str, condition: str, params: Iterable[Any], actor: Actor, *, joins: str = "", limit: int = MOST
) -> list[Any]:
    """The records of a condition, which is SQL of ours, that the actor may see; the latest first."""
    visible, values = visible_sql(actor, record_type)
    found = rows(
        f"select {_COLUMNS[record_type]} from {record_type}{joins} where {condition} and {visible}"
        f" order by {record_type}.id desc limit {limit}",
        [*params, *values],
    )
    return [_MAKE[record_type](*row) for row in found]


def refs_by_id(record_type: str, ids: Iterable[int], actor: Actor) -> dict[int, Any]:
    """Those of the records that the actor may see, by id."""
    wanted = sorted(set(ids))
    found: dict[int, Any] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        places = ", ".join("?" * len(part))
        found |= {one.id: one for one in refs(record_type, f"{record_type}.id in ({places})", part, actor, limit=len(part))}
    return found


def refs_by_phone(record_type: str, number: str, actor: Actor, *, region: str | None = None) -> list[Any]:
    """The records with this number, main or further, in whatever form it is written, the latest first; at most 20.

    `region` is the country in which a number without a country code is meant, else the instance's. A number that nobody has
    whole is looked for by its end, as long as that has seven digits: a telephone system may send it without its beginning.
    """
    e164, digits = phone_keys(number, region or instance().phone_region)
    if e164 is not None:
        found = refs(
            record_type, f"{record_type}.phone_reversed = ? and {record_type}.phone_reversed is not null", [digits], actor
        )
        if found := _with_further(record_type, found, "p.reversed = ? and p.reversed is not null", [digits], actor):
            return found
    end = phone_fragment(number)
    if end is None or len(end) < SHORTEST_END:
        return []
    # Digits sort alike in every language of a server.
    reach = [end, end + "9" * 40]
    between = "{0} is not null and {0} >= ? and {0} <= ?"
    found = refs(record_type, between.format(f"{record_type}.phone_reversed"), reach, actor)
    return _with_further(record_type, found, between.format("p.reversed"), reach, actor)


def refs_by_email(record_type: str, addresses: Iterable[str], actor: Actor) -> list[Any]:
    """The records with any of these addresses, main or further, the latest first; at most 20."""
    keys = sorted({key for address in addresses if (key := email_key(address))})[:MOST_ADDRESSES]
    if not keys:
        return []
    one_of = f"{{0}} is not null and {{0}} in ({', '.join('?' * len(keys))})"
    found = refs(record_type, one_of.format(f"{record_type}.email_key"), keys, actor)
    return _with_further(record_type, found, one_of.format("p.key"), keys, actor)


def _with_further(record_type: str, found: list[Any], condition: str, params: list[Any], actor: Actor) -> list[Any]:
    """The same with those that have it among their further addresses and numbers."""
    joins = f" join contact_point p on p.{record_type}_id = {record_type}.id"
    known = {one.id: one for one in [*found, *refs(record_type, condition, params, actor, joins=joins)]}
    return sorted(known.values(), key=lambda one: -one.id)[:MOST]
