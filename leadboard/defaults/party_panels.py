"""What stands on every page of a contact or an organisation."""

from typing import Any

from leadboard.api import N_, Actor, Panel, PanelArea, PartyRef, Plugin, hookimpl
from leadboard.web.parties.deals import deals_panel
from leadboard.web.parties.detail import page_of
from leadboard.web.parties.relations import firms_panel, parts_panel, people_panel

PLUGIN = Plugin(name="party_panels", title="Pages of contacts and organisations", version="1.0", category="leads")


def _load_people(party: PartyRef, actor: Actor) -> dict[str, Any]:
    return {"panel": people_panel(page_of(party.record_type, party.id).party)}


def _load_firms(party: PartyRef, actor: Actor) -> dict[str, Any]:
    return {"panel": firms_panel(page_of(party.record_type, party.id).party)}


def _load_deals(party: PartyRef, actor: Actor) -> dict[str, Any]:
    page = page_of(party.record_type, party.id)
    return {"panel": deals_panel(party.record_type, page.party, page.groups)}


def _load_parts(party: PartyRef, actor: Actor) -> dict[str, Any] | None:
    panel = parts_panel(page_of(party.record_type, party.id).party)
    return {"panel": panel} if panel else None


_LEADS = Panel(
    key="leads", title=N_("Leads"), template="parties/_deals.html", load=_load_deals, order=5, is_lazy=False, is_framed=False,
    area=PanelArea.MAIN,
)  # fmt: skip

# Made once: what differs from record to record is read by `load`.
PANELS: dict[str, list[Panel]] = {
    "contact": [
        Panel(key="firms", title=N_("Organisations"), template="parties/_firms.html", load=_load_firms, order=15, is_lazy=False, is_framed=False),
        _LEADS,
    ],
    "organisation": [
        Panel(key="people", title=N_("People"), template="parties/_people.html", load=_load_people, order=15, is_lazy=False, is_framed=False),
        _LEADS,
        Panel(key="parts", title=N_("Group of companies"), template="parties/_parts.html", load=_load_parts, order=40, is_lazy=False, is_framed=False),
    ],
}  # fmt: skip


@hookimpl
def party_panels(party: PartyRef) -> list[Panel]:
    return PANELS[party.record_type]
