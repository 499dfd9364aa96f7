"""What stands on every page of a contact or an organisation."""

from leadboard.api import Panel, PartyRef, Plugin, hookimpl

PLUGIN = Plugin(name="party_panels", title="Pages of contacts and organisations", version="1.0", category="leads")

# Made once: what differs from record to record is read by `load`.
PANELS: dict[str, list[Panel]] = {"contact": [], "organisation": []}


@hookimpl
def party_panels(party: PartyRef) -> list[Panel]:
    return PANELS[party.record_type]
