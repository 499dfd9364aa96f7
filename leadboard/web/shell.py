"""What whole pages show around their content: navigation, account, banners, the toast of the action before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, session, url_for
from flask_babel import gettext

from leadboard import hookspecs
from leadboard.contributions import MenuItem
from leadboard.errors import N_
from leadboard.lib.text import initials
from leadboard.permissions import Permission
from leadboard.pluginhost.calling import collect, isolated
from leadboard.queries.views import default_view
from leadboard.web.gate import is_plain_http
from leadboard.web.views import pinned_links

TONES = ("blue", "teal", "purple", "orange", "green", "pink", "indigo", "amber", "red")


@dataclass(frozen=True)
class NavItem:
    url: str
    label: str
    icon: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Banner:
    text: str
    tone: str = "warn"
    url: str = ""
    action: str = ""


# (endpoint, label, icon, permission), in order.
NAVIGATION: list[tuple[str, str, str, Permission]] = [
    ("board.home", N_("Board"), "layout-kanban", Permission.READ),
    ("leads.index", N_("Leads"), "address-book", Permission.READ),
    ("contacts.index", N_("Contacts"), "users", Permission.READ),
    ("organisations.index", N_("Organisations"), "building", Permission.READ),
    ("imports.index", N_("Import"), "file-import", Permission.IMPORT),
    ("bin.index", N_("Bin"), "trash", Permission.WRITE),
    ("settings.index", N_("Settings"), "settings", Permission.SETTINGS),
]
BANNERS: list[Callable[[], Banner | None]] = []


def tone_of(user_id: int) -> str:
    """The same colour for a person everywhere."""
    return TONES[user_id % len(TONES)]


@dataclass(frozen=True)
class ShownUser:
    id: int
    name: str
    email: str
    initials: str
    tone: str


def navigation() -> list[NavItem]:
    items = [
        NavItem(_opening(endpoint, url := url_for(endpoint)), gettext(label), icon, active=_is_here(endpoint, url))
        for endpoint, label, icon, permission in NAVIGATION
        if g.actor is not None and g.actor.may(permission)
    ]
    at = next((number for number, item in enumerate(items) if item.icon == "settings"), len(items))
    return [*items[:at], *_plugin_items(), *items[at:]]


def _opening(endpoint: str, url: str) -> str:
    """The address, or that of the view which somebody opens there first. Boards choose theirs themselves."""
    place, _, view = endpoint.partition(".")
    first = default_view(g.actor, place) if view == "index" and place in {"leads", "contacts", "organisations"} else None
    return url if first is None else url_for(endpoint, view=first.id)


def _plugin_items() -> list[NavItem]:
    """What plugins add; the settings stay last."""
    found = [(item.order, plugin, item) for plugin, items in collect(hookspecs.menu_items, actor=g.actor) for item in items]
    # An endpoint may take arguments that nobody has, a permission may not exist.
    made = [
        isolated(plugin, f"menu {item.key}", lambda item=item: _plugin_item(item)).value  # type: ignore[misc]
        for _, plugin, item in sorted(found, key=lambda entry: (entry[0], entry[1], entry[2].key))
    ]
    return [item for item in made if item is not None]


def _plugin_item(item: MenuItem) -> NavItem | None:
    if item.endpoint not in current_app.view_functions or not g.actor.may(Permission(item.needs)):
        return None
    return NavItem(url := url_for(item.endpoint), gettext(item.label), item.icon, active=_is_here(item.endpoint, url))


def _is_here(endpoint: str, url: str) -> bool:
    """In the entry's own blueprint, or anywhere below its address (all of /admin/… is Settings)."""
    return endpoint.partition(".")[0] == request.blueprint or (url != "/" and request.path.startswith(f"{url}/"))


def banners(*, of_connection_only: bool = False) -> list[Banner]:
    """Error pages ask for the connection only: what else there is to say may be what failed."""
    wants_all = g.get("actor") is not None and not of_connection_only
    found = [banner for make in BANNERS if (banner := make()) is not None] if wants_all else []
    if is_plain_http():
        found.append(
            Banner(gettext("This page is not encrypted: others on this network can read along. Put Leadboard behind HTTPS."))
        )
    return found


def shown_user() -> ShownUser | None:
    actor = g.get("actor")
    if actor is None:
        return None
    return ShownUser(actor.id, actor.name, g.get("email", ""), initials(actor.name), tone_of(actor.id))


def toasts() -> list[dict[str, Any]]:
    kept = session.pop("toast", None)
    if kept is None:
        return []
    text, tone, undo, link = kept if len(kept) == 4 else (*kept, None)  # kept by an older Leadboard
    return [
        {
            "text": text,
            "tone": {"error": "bad"}.get(tone, tone),
            "undo_url": url_for("undo.undo", change_set_id=undo, next=request.path) if undo else None,
            "link": link,
        }
    ]


def shell_values() -> dict[str, Any]:
    return {
        "nav": navigation,
        "pinned": pinned_links,
        "banners": banners,
        "toasts": toasts,
        "shown_user": shown_user,
        "tone_of": tone_of,
    }
