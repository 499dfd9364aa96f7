"""The navigation inside Settings. A page of settings extends layouts/admin.html and has its line here."""

from collections.abc import Iterator
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext

from leadboard.errors import N_
from leadboard.permissions import Permission
from leadboard.web.shell import NavItem

# (endpoint, label, icon, permission), in order.
SUBNAV: list[tuple[str, str, str, Permission]] = [
    ("settings.index", N_("General"), "adjustments", Permission.SETTINGS),
    ("people.index", N_("People"), "users", Permission.PEOPLE),
    ("settings.visibility", N_("Visibility"), "eye", Permission.SETTINGS),
    ("pipelines.index", N_("Pipelines and stages"), "layout-columns", Permission.STAGES),
    ("fields.index", N_("Custom fields"), "forms", Permission.SETTINGS),
    ("lists.sources", N_("Sources"), "target", Permission.SETTINGS),
    ("lists.lost_reasons", N_("Lost reasons"), "mood-sad", Permission.SETTINGS),
    ("tags.index", N_("Tags"), "tag", Permission.SETTINGS),
    ("plugin_admin.index", N_("Plugins"), "puzzle", Permission.SETTINGS),
    ("sample.index", N_("Sample data"), "database", Permission.SETTINGS),
]


class Subnav:
    """Made for every page, looked at by those of Settings only: so the work waits until then."""

    def __iter__(self) -> Iterator[NavItem]:
        for endpoint, label, icon, permission in SUBNAV:
            if g.actor is not None and g.actor.may(permission):
                url = url_for(endpoint)
                active = request.path == url or (url != "/admin" and request.path.startswith(f"{url}/"))
                yield NavItem(url, gettext(label), icon, active=active)


def subnav_values() -> dict[str, Any]:
    """For app.context_processor: `subnav` of layouts/admin.html."""
    return {"subnav": Subnav()}
