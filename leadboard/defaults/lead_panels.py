"""What stands on every lead page: next steps, details, what an import kept, history."""

from typing import Any

from leadboard.api import N_, Actor, LeadRef, Panel, PanelArea, Plugin, hookimpl
from leadboard.web.lead_links import is_of_a_firm, links_panel
from leadboard.web.lead_view import page_of

PLUGIN = Plugin(name="lead_panels", title="Lead page", version="1.0", category="leads")


def _load(lead: LeadRef, actor: Actor) -> dict[str, Any]:
    return {"page": page_of(lead.id)}


def _load_reached(lead: LeadRef, actor: Actor) -> dict[str, Any] | None:
    page = page_of(lead.id)
    return {"page": page, "points": page.points} if page.points else None


def _load_other(lead: LeadRef, actor: Actor) -> dict[str, Any] | None:
    page = page_of(lead.id)
    return {"page": page} if page.other_columns else None


def _load_linked(lead: LeadRef, actor: Actor) -> dict[str, Any] | None:
    panel = links_panel(page_of(lead.id).lead)
    return {"panel": panel} if panel else None


def _load_firm(lead: LeadRef, actor: Actor) -> dict[str, Any] | None:
    """Fetched when the page is there already: a firm is looked for among all leads."""
    page = page_of(lead.id)
    return {"url": page.url} if is_of_a_firm(page.lead) else None


# Made once: what differs from lead to lead is read by `load`.
PANELS = [
    Panel(
        key="steps", title=N_("Next steps"), template="tasks/_panel.html", load=_load, order=10, is_lazy=False, is_framed=False,
    ),
    Panel(key="reached", title=N_("Reached by"), template="records/_reached.html", load=_load_reached, order=15, is_lazy=False, is_framed=False),
    Panel(
        key="linked", title=N_("Person and organisation"), template="leads/_linked.html", load=_load_linked, order=15, is_lazy=False,
        is_framed=False,
    ),
    Panel(
        key="details", title=N_("Details"), template="records/_details.html", load=_load, order=20, is_lazy=False, is_framed=False,
    ),
    Panel(key="other", title=N_("Other columns"), template="records/_other.html", load=_load_other, order=30, is_lazy=False, is_framed=False),
    Panel(key="firm", title=N_("Same firm"), template="leads/_firm.html", load=_load_firm, order=40, is_lazy=False, is_framed=False),
    Panel(
        key="history", title=N_("History"), template="timeline/_panel.html", load=_load, order=10, is_lazy=False, is_framed=False,
        area=PanelArea.MAIN,
    ),
]  # fmt: skip


@hookimpl
def lead_panels() -> list[Panel]:
    return PANELS
