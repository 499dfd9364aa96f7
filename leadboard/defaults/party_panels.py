"""What stands on every page of a contact or an organisation: next steps, e-mails and phones, details, what an import kept, history."""

from typing import Any

from leadboard.api import N_, Actor, Panel, PanelArea, PartyRef, Plugin, hookimpl
from leadboard.web.parties.deals import deals_panel
from leadboard.web.parties.detail import page_of
from leadboard.web.parties.relations import firms_panel, parts_panel, people_panel

PLUGIN = Plugin(name="party_panels", title="Pages of contacts and organisations", version="1.0", category="leads")


def _load(party: PartyRef, actor: Actor) -> dict[str, Any]:
    return {"page": page_of(party.record_type, party.id)}


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


def _load_reached(party: PartyRef, actor: Actor) -> dict[str, Any] | None:
    page = page_of(party.record_type, party.id)
    return {"page": page, "points": page.points} if page.points else None


def _load_other(party: PartyRef, actor: Actor) -> dict[str, Any] | None:
    page = page_of(party.record_type, party.id)
    return {"page": page} if page.other_columns else None


# On both pages. Made once: what differs from record to record is read by `load`.
_COMMON = [
    Panel(key="steps", title=N_("Next steps"), template="tasks/_panel.html", load=_load, order=10, is_lazy=False, is_framed=False),
    Panel(key="reached", title=N_("Reached by"), template="records/_reached.html", load=_load_reached, order=15, is_lazy=False, is_framed=False),
    Panel(key="details", title=N_("Details"), template="records/_details.html", load=_load, order=20, is_lazy=False, is_framed=False),
    Panel(key="other", title=N_("Other columns"), template="records/_other.html", load=_load_other, order=30, is_lazy=False, is_framed=False),
    Panel(
        key="leads", title=N_("Leads"), template="parties/_deals.html", load=_load_deals, order=5, is_lazy=False, is_framed=False,
        area=PanelArea.MAIN,
    ),
    Panel(
        key="history", title=N_("History"), template="timeline/_panel.html", load=_load, order=10, is_lazy=False, is_framed=False,
        area=PanelArea.MAIN,
    ),
]  # fmt: skip
PANELS: dict[str, list[Panel]] = {
    "contact": [
        *_COMMON,
        Panel(key="firms", title=N_("Organisations"), template="parties/_firms.html", load=_load_firms, order=15, is_lazy=False, is_framed=False),
    ],
    "organisation": [
        *_COMMON,
        Panel(key="people", title=N_("People"), template="parties/_people.html", load=_load_people, order=15, is_lazy=False, is_framed=False),
        Panel(key="parts", title=N_("Group of companies"), template="parties/_parts.html", load=_load_parts, order=40, is_lazy=False, is_framed=False),
    ],
}  # fmt: skip


@hookimpl
def party_panels(party: PartyRef) -> list[Panel]:
    return PANELS[party.record_type]
