"""What plugins add to pages: files, slots, panels. Each piece is drawn behind the plugin boundary."""

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, g, request
from flask_babel import gettext
from jinja2 import Environment
from markupsafe import Markup, escape
from werkzeug.security import safe_join

from leadboard import hookspecs
from leadboard.contributions import Slot
from leadboard.errors import N_, NotFound
from leadboard.http import current_actor, public
from leadboard.pluginhost.calling import collect, isolated
from leadboard.pluginhost.registry import registry
from leadboard.web.house_templates import folder_of

bp = Blueprint("plugins", __name__)

YEAR_S = 31_536_000


def overrides_of(name: str) -> list[str]:
    """The core templates that a plugin replaces."""
    folder = folder_of(name)
    base = folder / "overrides" if folder is not None else None
    return (
        sorted(path.relative_to(base).as_posix() for path in base.rglob("*.html")) if base is not None and base.is_dir() else []
    )


# ---------------------------------------------------------------------------------------------- parts


def draw(plugin: str, place: str, template: str, values: Any, *, is_optional: bool = False) -> Markup:
    """A template of a plugin; a placeholder with the reference when it cannot be drawn.

    Of one that is optional nothing is left once it was given up: nobody misses it.
    """
    return _draw(_house(), plugin, place, template, values, is_optional=is_optional)


def _draw(house: "House", plugin: str, place: str, template: str, values: Any, *, is_optional: bool) -> Markup:
    def render() -> str:
        known = {**house.values, **values}
        return house.environment.get_template(template).render(known)

    outcome = isolated(plugin, place, render)
    if outcome.is_ok:
        return Markup(outcome.value)  # noqa: S704 - rendered by Jinja with escaping on
    return failed_part(outcome.reference) if outcome.was_called or not is_optional else Markup("")


class House(NamedTuple):
    """What templates are drawn with: where they come from, and what every one of them knows."""

    environment: Environment
    values: dict[str, Any]


def _house() -> House:
    """Put together once a page: a page has many parts."""
    if "house" not in g:
        known: dict[str, Any] = {}
        current_app.update_template_context(known)
        g.house = House(current_app.jinja_env, known)
    found: House = g.house
    return found


def failed_part(reference: str) -> Markup:
    """What stands where a part of a plugin should be."""
    text = gettext("This part is not available.")
    if reference:
        text = gettext("This part is not available (%(ref)s).", ref=reference)
    return Markup('<p class="muted small">{}</p>').format(text)


def slot(name: str) -> Markup:
    """Everything that plugins put into a place of the page."""
    found = collect(hookspecs.page_slot, slot=Slot(name), actor=current_actor())
    house, place = _house() if found else None, f"slot {name}"
    drawn = [_draw(house, plugin, place, part.template, part.values, is_optional=True) for plugin, part in found if house]
    return Markup("".join(drawn))  # noqa: S704 - each part was drawn by _draw()


def plugin_assets() -> Markup:
    """The style sheets and scripts that plugins want on this page."""
    tags = []
    for plugin, assets in collect(hookspecs.page_assets, endpoint=request.endpoint or ""):
        for asset in assets:
            if url := asset_url(plugin, asset.path):
                pattern = (
                    '<script src="{}" defer></script>'
                    if url.split("?")[0].endswith(".js")
                    else '<link rel="stylesheet" href="{}">'
                )
                tags.append(Markup(pattern).format(url))  # noqa: S704 - one of two literals
    return Markup("\n").join(tags)


def asset_url(plugin: str, path: str) -> str:
    """The address of a file below the plugin's static folder, with its content hash; "" when there is none."""
    folder = folder_of(plugin)
    digest = _digest(str(folder / "static" / path)) if folder is not None else ""
    return f"/static/p/{escape(plugin)}/{escape(path)}?v={digest}" if digest else ""


@lru_cache(maxsize=256)
def _digest(path: str) -> str:
    file = Path(path)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""


@bp.get("/static/p/<plugin>/<path:name>")
@public
def asset(plugin: str, name: str) -> Response:
    """A static file of a plugin that is on."""
    folder = folder_of(plugin) if plugin in registry().on else None
    path = safe_join(str(folder / "static"), name) if folder is not None else None
    if path is None or not Path(path).is_file():
        raise NotFound(N_("There is nothing at this address, or you may not see it."))
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = Response(Path(path).read_bytes(), mimetype=kind)
    if "v" in request.args:
        response.cache_control.public = True
        response.cache_control.max_age = YEAR_S
    else:
        response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


TEMPLATE_GLOBALS: dict[str, Any] = {"slot": slot, "plugin_assets": plugin_assets}
