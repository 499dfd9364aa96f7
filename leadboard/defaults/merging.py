"""Merging and splitting on the pages of leads, contacts and organisations: an entry of the menu, and what was merged before."""

from typing import Any

from leadboard.api import N_, Action, Actor, LeadRef, Panel, PartyRef, Plugin, hookimpl
from leadboard.queries.merging import MergedRecord, merges_of
from leadboard.web.lead_view import page_of

PLUGIN = Plugin(name="merging", title="Merge and split", version="1.0", category="leads")
ORDER = 900


def _of_lead(lead: LeadRef, actor: Actor) -> dict[str, Any] | None:
    # The history was read for the page already: most leads need no statement more.
    return _shown(merges_of("lead", lead.id, actor) if page_of(lead.id).was_merged else [])


def _of_party(party: PartyRef, actor: Actor) -> dict[str, Any] | None:
    return _shown(merges_of(party.record_type, party.id, actor))


def _shown(found: list[MergedRecord]) -> dict[str, Any] | None:
    return {"merged": found} if found else None


def _panel(load: Any) -> list[Panel]:
    return [Panel(key="merged", title=N_("Merged from"), template="merging/_merged.html", load=load, order=ORDER, is_lazy=False)]


def _action(endpoint: str) -> list[Action]:
    return [
        Action(
            key="merge", label=N_("Merge with …"), endpoint=endpoint, icon="arrow-merge", method="get", in_menu=True, order=ORDER
        )
    ]


OF_LEAD, OF_PARTY = _panel(_of_lead), _panel(_of_party)
ACTIONS = {
    "lead": _action("leads.merge_with"),
    "contact": _action("contacts.merge_with"),
    "organisation": _action("organisations.merge_with"),
}


@hookimpl
def lead_panels() -> list[Panel]:
    return OF_LEAD


@hookimpl
def party_panels() -> list[Panel]:
    return OF_PARTY


@hookimpl
def lead_actions() -> list[Action]:
    return ACTIONS["lead"]


@hookimpl
def party_actions(party: PartyRef) -> list[Action]:
    return ACTIONS[party.record_type]
