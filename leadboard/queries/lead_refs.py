"""Leads as plugins get them: one by its id, and those that a telephone number or an address belongs to."""

from collections.abc import Iterable
from typing import Any

from leadboard.contributions import LeadRef
from leadboard.db import rows
from leadboard.errors import N_, NotFound
from leadboard.lib.emails import email_key
from leadboard.lib.phones import phone_fragment, phone_keys
from leadboard.lib.text import clean_line, sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.lead_filter import LeadFilter
from leadboard.queries.settings import instance, today

MOST = 20
_SELECT = "select lead.id, lead.title, lead.pipeline_id, lead.stage_id, lead.owner_id, lead.version from lead where "
# A shorter end of a number is shared by too many.
SHORTEST_END = 7
LONGEST_NAME = 200


def find_lead(lead_id: int, actor: Actor) -> LeadRef:
    """A lead that the actor may see. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = rows(f"{_SELECT} lead.id = ? and {condition}", [lead_id, *params])
    if not found:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return LeadRef(*found[0])


def find_leads(lead_ids: Iterable[int], actor: Actor) -> dict[int, LeadRef]:
    """Those of the leads that the actor may see, by id."""
    wanted = sorted(set(lead_ids))
    condition, params = visible_sql(actor)
    found: dict[int, LeadRef] = {}
    for start in range(0, len(wanted), 500):
        part: list[Any] = wanted[start : start + 500]
        places = ", ".join("?" * len(part))
        found |= {row[0]: LeadRef(*row) for row in rows(f"{_SELECT} lead.id in ({places}) and {condition}", [*part, *params])}
    return found


def find_leads_by_phone(number: str, actor: Actor, *, region: str | None = None) -> list[LeadRef]:
    """The leads with this number in whatever form it is written, the latest first; at most 20.

    `region` is the country in which a number without a country code is meant, else the instance's. A number that nobody has
    whole is looked for by its end, as long as that has seven digits: a telephone system may send it without its beginning.
    """
    e164, reversed_digits = phone_keys(number, region or instance().phone_region)
    if e164 is not None and (found := _by_whole_number(reversed_digits, actor)):
        return found
    end = phone_fragment(number)
    if end is None or len(end) < SHORTEST_END:
        return []
    # Digits sort alike in every language of a server.
    condition, params = visible_sql(actor)
    return [
        LeadRef(*row)
        for row in rows(
            f"{_SELECT} lead.phone_reversed is not null and lead.phone_reversed >= ? and lead.phone_reversed <= ? and {condition}"
            f" order by lead.id desc limit {MOST}",
            [end, end + "9" * 40, *params],
        )
    ]


def number_key(number: str) -> str:
    """The digits of a number from its end, the same in every way of writing it; "" when it is withheld."""
    return phone_keys(number, instance().phone_region)[1] if any(char.isdigit() for char in number) else ""


def find_leads_by_email(addresses: Iterable[str], actor: Actor) -> list[LeadRef]:
    """The leads with any of these addresses, the latest first; at most 20."""
    keys = sorted({key for address in addresses if (key := email_key(address))})[:200]
    if not keys:
        return []
    condition, params = visible_sql(actor)
    places = ", ".join("?" * len(keys))
    return [
        LeadRef(*row)
        for row in rows(
            f"{_SELECT} lead.email_key is not null and lead.email_key in ({places}) and {condition} order by lead.id desc limit {MOST}",
            [*keys, *params],
        )
    ]


def _by_whole_number(reversed_digits: str, actor: Actor) -> list[LeadRef]:
    condition, params = visible_sql(actor)
    found = rows(
        f"{_SELECT} lead.phone_reversed = ? and {condition} order by lead.id desc limit {MOST}", [reversed_digits, *params]
    )
    return [LeadRef(*row) for row in found]


def search_leads(text: str, actor: Actor) -> list[LeadRef]:
    """What somebody who looks for a lead by a few letters, an address or a number finds, the latest first; at most 20."""
    wanted = clean_line(text[:LONGEST_NAME], LONGEST_NAME)
    if not wanted:
        return []
    condition, params = LeadFilter(text=wanted).where(actor, "lead", today())
    return [LeadRef(*row) for row in rows(f"{_SELECT} {condition} order by lead.id desc limit {MOST}", params)]


def find_leads_by_name(name: str, actor: Actor) -> list[LeadRef]:
    """The leads whose title or organisation is this name, but for case; the latest first, at most 20."""
    if not name.strip():
        return []
    key = sort_key(clean_line(name[:LONGEST_NAME], LONGEST_NAME), instance().language)
    condition, params = visible_sql(actor)
    found: dict[int, LeadRef] = {}
    for column in ("title_key", "organisation_key"):
        for row in rows(f"{_SELECT} lead.{column} = ? and {condition} order by lead.id desc limit {MOST}", [key, *params]):
            found[row[0]] = LeadRef(*row)
    return [found[lead_id] for lead_id in sorted(found, reverse=True)][:MOST]
