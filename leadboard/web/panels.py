"""Panels and buttons of a record's page: our own from defaults/*_panels.py, and those that plugins add."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, current_app, url_for
from flask_babel import gettext
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from leadboard import hookspecs
from leadboard.contributions import Action, LeadRef, Panel, PanelArea, PartyRef
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


@dataclass(frozen=True)
class PanelHost:
    """Whose page it is: the hooks that are asked, the name under which they get the record, and the addresses.

    `argument` is the name that the view of a button gets the record's id by.
    """

    panels: Callable[..., Any]
    actions: Callable[..., Any]
    name: str
    argument: str
    endpoint: str

    def address_of(self, endpoint: str, record_id: int, **values: str) -> str:
        given: dict[str, Any] = {self.argument: record_id, **values}
        return url_for(endpoint, **given)


LEAD_HOST = PanelHost(hookspecs.lead_panels, hookspecs.lead_actions, "lead", "lead_id", "leads.panel")
Ref = LeadRef | PartyRef


def panels_of(host: PanelHost, record: Ref, actor: Actor) -> Areas:
    """The panels of a page by its columns, in order; eager ones of plugins are drawn now."""
    found: Areas = {area: [] for area in PanelArea}
    for plugin, panel in _panels(host, record, actor):
        if panel.is_lazy:
            url = host.address_of(host.endpoint, record.id, key=panel.key)
            view: PanelView | None = PanelView(panel.key, gettext(panel.title), url=url)
        else:
            view = _view(plugin, panel, host, record, actor)
        if view is not None:
            found[PanelArea(panel.area)].append(view)
    return found


def _panels(host: PanelHost, record: Ref, actor: Actor) -> list[tuple[str, Panel]]:
    answers = collect(host.panels, **{host.name: record}, actor=actor)
    found = [(plugin, panel) for plugin, panels in answers for panel in panels]
    return sorted(found, key=lambda entry: (entry[1].order, entry[0], entry[1].key))


def _view(plugin: str, panel: Panel, host: PanelHost, record: Ref, actor: Actor) -> PanelView | None:
    """The panel with its content; None when it has none for this record.

    Ours are drawn later, as parts of the page: what fails in them is the page's own failure, and not one to leave out.
    """

    def load() -> dict[str, Any] | None:
        values = panel.load(**{host.name: record}, actor=actor)
        return None if values is None else {host.name: record, **values}

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


def actions_of(host: PanelHost, record: Ref, actor: Actor) -> list[tuple[str, Action, str]]:
    """(plugin, button, its address) that the actor may press."""
    found = []
    for plugin, actions in collect(host.actions, **{host.name: record}, actor=actor):
        for action in actions:
            # Its endpoint may take other arguments, its permission may not exist.
            url = isolated(plugin, f"action {action.key}", lambda action=action: _url_of(action, host, record.id, actor))  # type: ignore[misc]
            if url.value:
                found.append((plugin, action, url.value))
    return sorted(found, key=lambda entry: (entry[1].order, entry[0], entry[1].key))


def _url_of(action: Action, host: PanelHost, record_id: int, actor: Actor) -> str:
    """Where the button leads; "" when the actor may not press it."""
    if action.endpoint not in current_app.view_functions or not actor.may(Permission(action.needs)):
        return ""
    return host.address_of(action.endpoint, record_id)


def _nothing() -> Markup:
    """Stands on the page of a panel that has nothing to show for this record."""
    return Markup('<p class="muted">{}</p>').format(gettext("Nothing to show here."))


def one_panel(host: PanelHost, record: Ref, key: str, **values: Any) -> Response:
    """One panel: what the page fetches, or a small page of its own without JavaScript. Raises NotFound."""
    actor = current_actor()
    for plugin, found in _panels(host, record, actor):
        if found.key == key:
            view = _view(plugin, found, host, record, actor)
            if view is None and is_fragment():
                return Response()  # takes the place of the whole panel
            view = view or PanelView(key, gettext(found.title), _nothing())
            return render("panels/_panel.html" if is_fragment() else "panels/panel.html", view, **values)
    raise NotFound(N_("This panel is not available: its plugin is off."))


@bp.get("/leads/<int:lead_id>/panels/<key>")
def panel(lead_id: int, key: str) -> Response:
    lead = one_lead(lead_id, current_actor())
    url = url_for("leads.detail", lead_id=lead_id)
    return one_panel(LEAD_HOST, lead_ref(lead), key, title=lead["title"], url=url)


TEMPLATE_GLOBALS: dict[str, Any] = {"panel_html": panel_html}
