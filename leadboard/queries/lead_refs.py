"""Leads as plugins get them: one by its id, and those that a telephone number or an address belongs to."""

from collections.abc import Iterable

from leadboard.contributions import LeadRef
from leadboard.errors import N_, NotFound
from leadboard.lib.phones import phone_keys
from leadboard.lib.text import clean_line, sort_key
from leadboard.permissions import Actor
from leadboard.queries.lead_filter import LeadFilter
from leadboard.queries.record_refs import MOST, refs, refs_by_email, refs_by_id, refs_by_phone
from leadboard.queries.settings import instance, today

LONGEST_NAME = 200


def find_lead(lead_id: int, actor: Actor) -> LeadRef:
    """A lead that the actor may see. Raises NotFound."""
    found = find_leads([lead_id], actor)
    if not found:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return found[lead_id]


def find_leads(lead_ids: Iterable[int], actor: Actor) -> dict[int, LeadRef]:
    """Those of the leads that the actor may see, by id."""
    return refs_by_id("lead", lead_ids, actor)


def find_leads_by_phone(number: str, actor: Actor, *, region: str | None = None) -> list[LeadRef]:
    """The leads with this number, main or further, in whatever form it is written, the latest first; at most 20.

    `region` is the country in which a number without a country code is meant, else the instance's. A number that nobody has
    whole is looked for by its end, as long as that has seven digits: a telephone system may send it without its beginning.
    """
    return refs_by_phone("lead", number, actor, region=region)


def number_key(number: str) -> str:
    """The digits of a number from its end, the same in every way of writing it; "" when it is withheld."""
    return phone_keys(number, instance().phone_region)[1] if any(char.isdigit() for char in number) else ""


def find_leads_by_email(addresses: Iterable[str], actor: Actor) -> list[LeadRef]:
    """The leads with any of these addresses, main or further, the latest first; at most 20."""
    return refs_by_email("lead", addresses, actor)


def search_leads(text: str, actor: Actor) -> list[LeadRef]:
    """What somebody who looks for a lead by a few letters, an address or a number finds, the latest first; at most 20."""
    wanted = clean_line(text[:LONGEST_NAME], LONGEST_NAME)
    if not wanted:
        return []
    condition, params = LeadFilter(text=wanted).where(actor, "lead", today())
    return refs("lead", condition, params, actor)


def find_leads_by_name(name: str, actor: Actor) -> list[LeadRef]:
    """The leads whose title or organisation is this name, but for case; the latest first, at most 20."""
    if not name.strip():
        return []
    key = sort_key(clean_line(name[:LONGEST_NAME], LONGEST_NAME), instance().language)
    found: dict[int, LeadRef] = {}
    for column in ("title_key", "organisation_key"):
        found |= {one.id: one for one in refs("lead", f"lead.{column} = ?", [key], actor)}
    return [found[lead_id] for lead_id in sorted(found, reverse=True)][:MOST]
