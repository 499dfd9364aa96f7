"""Panels and buttons of the lead page: our own from defaults/lead_panels.py, and those that plugins add."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, current_app, url_for
from flask_babel import gettext
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from leadboard import hookspecs
from leadboard.contributions import Action, LeadRef, Panel, PanelArea
from leadboard.domain.plugin_rules import lead_ref
from leadboard.errors import N_, NotFound
from leadboard.http import current_actor, is_fragment, render
from leadboard.permissions import Actor, Permission
from leadboard.pluginhost.calling import collect, isolated
from leadboard.pluginhost.registry import builtin
from leadboard.queries.lead_page import one_lead
from leadboard.web import leads
from leadboard.web.house_templates import part_of
from leadboard.web.plugin_parts import draw, failed_part

bp = leads.bp


@dataclass(frozen=True)
class PanelView:
    """A panel as the page shows it: drawn already, one of ours with its values, or the address it is fetched from."""

    key: str
    title: str
    html: Markup = field(default_factory=Markup)
    url: str = ""
    is_framed: bool = True
    template: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dom_id(self) -> str:
        return f"panel-{self.key.replace('.', '-')}"


Areas = dict[PanelArea, list[PanelView]]


def panels_of(lead: Mapping[str, Any], actor: Actor) -> Areas:
    """The panels of the lead page by its columns, in order; eager ones of plugins are drawn now."""
    reference = lead_ref(lead)
    found: Areas = {area: [] for area in PanelArea}
    for plugin, panel in _panels(reference, actor):
        if panel.is_lazy:
            url = url_for("leads.panel", lead_id=lead["id"], key=panel.key)
            view: PanelView | None = PanelView(panel.key, gettext(panel.title), url=url)
        else:
            view = _view(plugin, panel, reference, actor)
        if view is not None:
            found[PanelArea(panel.area)].append(view)
    return found


def _panels(lead: LeadRef, actor: Actor) -> list[tuple[str, Panel]]:
    found = [(plugin, panel) for plugin, panels in collect(hookspecs.lead_panels, lead=lead, actor=actor) for panel in panels]
    return sorted(found, key=lambda entry: (entry[1].order, entry[0], entry[1].key))


def _view(plugin: str, panel: Panel, lead: LeadRef, actor: Actor) -> PanelView | None:
    """The panel with its content; None when it has none for this lead.

    Ours are drawn later, as parts of the page: what fails in them is the page's own failure, and not one to leave out.
    """

    def load() -> dict[str, Any] | None:
        values = panel.load(lead=lead, actor=actor)
        return None if values is None else {"lead": lead, **values}

    title = gettext(panel.title)
    if plugin in builtin():
        values = load()
        return (
            None
            if values is None
            else PanelView(panel.key, title, is_framed=panel.is_framed, template=panel.template, values=values)
        )
    loaded = isolated(plugin, f"panel {panel.key}", load)
    if not loaded.is_ok:
        return PanelView(panel.key, title, failed_part(loaded.reference))
    if loaded.value is None:
        return None
    html = draw(plugin, f"panel {panel.key} template", panel.template, loaded.value)
    return PanelView(panel.key, title, html, is_framed=panel.is_framed)


@pass_context
def panel_html(context: Context, view: PanelView) -> Markup:
    """The content of a panel, for templates."""
    return part_of(context, view.template, view.values) if view.template else view.html


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
            view = _view(plugin, found, lead_ref(lead), actor)
            if view is None and is_fragment():
                return Response()  # takes the place of the whole panel
            view = view or PanelView(key, gettext(found.title), _nothing())
            return render("leads/_panel.html" if is_fragment() else "leads/panel.html", view, lead=lead)
    raise NotFound(N_("This panel is not available: its plugin is off."))


TEMPLATE_GLOBALS: dict[str, Any] = {"panel_html": panel_html}
