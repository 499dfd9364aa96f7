"""Contacts and organisations as plugins get them."""

from collections.abc import Iterable

from leadboard.contributions import PartyRef
from leadboard.errors import N_, NotFound
from leadboard.permissions import Actor
from leadboard.queries.record_refs import refs_by_email, refs_by_id, refs_by_phone


def find_contact(contact_id: int, actor: Actor) -> PartyRef:
    """A contact that the actor may see. Raises NotFound."""
    found = find_contacts([contact_id], actor)
    if not found:
        raise NotFound(N_("This contact does not exist, or you may not see it."))
    return found[contact_id]


def find_contacts(contact_ids: Iterable[int], actor: Actor) -> dict[int, PartyRef]:
    """Those of the contacts that the actor may see, by id."""
    return refs_by_id("contact", contact_ids, actor)


def find_contacts_by_phone(number: str, actor: Actor, *, region: str | None = None) -> list[PartyRef]:
    """The contacts with this number, main or further, as find_leads_by_phone() finds leads."""
    return refs_by_phone("contact", number, actor, region=region)


def find_contacts_by_email(addresses: Iterable[str], actor: Actor) -> list[PartyRef]:
    """The contacts with any of these addresses, main or further, the latest first; at most 20."""
    return refs_by_email("contact", addresses, actor)
