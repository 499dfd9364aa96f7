"""Panels and buttons that plugins add to the lead page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, url_for
from flask_babel import gettext
from markupsafe import Markup

from leadboard import hookspecs
from leadboard.contributions import Action, LeadRef, Panel
from leadboard.domain.plugin_rules import lead_ref
from leadboard.errors import N_, NotFound
from leadboard.http import current_actor, is_fragment, render
from leadboard.permissions import Actor, Permission
from leadboard.pluginhost.calling import collect, isolated
from leadboard.queries.lead_page import one_lead
from leadboard.web import leads
from leadboard.web.plugin_parts import draw, failed_part

bp = leads.bp


@dataclass(frozen=True)
class PanelView:
    """A panel as the page shows it: its content, or the address it is fetched from."""

    key: str
    dom_id: str
    title: str
    url: str
    html: Markup | None = None


def panels_of(lead: Mapping[str, Any], actor: Actor) -> list[PanelView]:
    """The panels of plugins that are on, in order; eager ones are drawn now."""
    found = []
    for plugin, panel in _panels(lead_ref(lead), actor):
        html = None if panel.is_lazy else _draw(plugin, panel, lead_ref(lead), actor)
        if panel.is_lazy or html is not None:
            url = url_for("leads.panel", lead_id=lead["id"], key=panel.key)
            found.append(PanelView(panel.key, f"panel-{panel.key.replace('.', '-')}", gettext(panel.title), url, html))
    return found


def _panels(lead: LeadRef, actor: Actor) -> list[tuple[str, Panel]]:
    found = [(plugin, panel) for plugin, panels in collect(hookspecs.lead_panels, lead=lead, actor=actor) for panel in panels]
    return sorted(found, key=lambda entry: (entry[1].order, entry[0], entry[1].key))


def _draw(plugin: str, panel: Panel, lead: LeadRef, actor: Actor) -> Markup | None:
    def load() -> dict[str, Any] | None:
        values = panel.load(lead=lead, actor=actor)
        return None if values is None else {"lead": lead, **values}

    loaded = isolated(plugin, f"panel {panel.key}", load)
    if not loaded.is_ok:
        return failed_part(loaded.reference)
    if loaded.value is None:
        return None
    return draw(plugin, f"panel {panel.key} template", panel.template, loaded.value)


def actions_of(lead: Mapping[str, Any], actor: Actor) -> list[tuple[str, Action, str]]:
    """(plugin, button, its address) that the actor may press."""
    found = []
    for plugin, actions in collect(hookspecs.lead_actions, lead=lead_ref(lead), actor=actor):
        for action in actions:
            # Its endpoint may take other arguments, its permission may not exist.
            url = isolated(plugin, f"action {action.key}", lambda action=action: _url_of(action, lead["id"], actor))  # type: ignore[misc]
            if url.value:
                found.append((plugin, action, url.value))
    return sorted(found, key=lambda entry: (entry[1].order, entry[0], entry[1].key))


def _url_of(action: Action, lead_id: int, actor: Actor) -> str:
    """Where the button leads; "" when the actor may not press it."""
    if action.endpoint not in current_app.view_functions or not actor.may(Permission(action.needs)):
        return ""
    return url_for(action.endpoint, lead_id=lead_id)


def _nothing() -> Markup:
    """Stands on the page of a panel that has nothing to show for this lead."""
    return Markup('<p class="muted">{}</p>').format(gettext("Nothing to show for this lead."))


@bp.get("/leads/<int:lead_id>/panels/<key>")
def panel(lead_id: int, key: str) -> Response:
    """One panel: what the page fetches, or a small page of its own without JavaScript."""
    actor = current_actor()
    lead = one_lead(lead_id, actor)
    for plugin, found in _panels(lead_ref(lead), actor):
        if found.key == key:
            html = _draw(plugin, found, lead_ref(lead), actor)
            if html is None and is_fragment():
                return Response()  # takes the place of the whole panel
            view = PanelView(key, f"panel-{key.replace('.', '-')}", gettext(found.title), "", html or _nothing())
            return render("leads/_panel.html" if is_fragment() else "leads/panel.html", view, lead=lead)
    raise NotFound(N_("This panel is not available: its plugin is off."))
