"""What plugins add to pages: templates, files, slots, panels. Each piece is drawn behind the plugin boundary."""

import hashlib
import mimetypes
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.loaders import split_template_path
from markupsafe import Markup, escape
from werkzeug.security import safe_join

from leadboard import hookspecs, paths
from leadboard.contributions import Asset, Part, Slot
from leadboard.errors import N_, NotFound
from leadboard.http import current_actor, public
from leadboard.pluginhost.calling import collect, isolated
from leadboard.pluginhost.registry import loaded_plugin, registry

bp = Blueprint("plugins", __name__)

YEAR_S = 31_536_000


class HouseLoader(BaseLoader):
    """Templates by name: the instance's own, then overrides of plugins that are on, then ours.

    `core/…` is always ours, so that an override can extend what it replaces; `plugins/<name>/…` is that plugin's folder.
    """

    def __init__(self, instance: Path) -> None:
        self._instance = instance / "templates"

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        revision = registry().revision
        for path in self._places(template):
            if path.is_file():
                return path.read_text(encoding="utf-8"), str(path), lambda: registry().revision == revision
        raise TemplateNotFound(template)

    def _places(self, template: str) -> list[Path]:
        parts = split_template_path(template)  # refuses ".."
        if parts[0] == "core":
            return [paths.TEMPLATES.joinpath(*parts[1:])]
        if parts[0] == "plugins" and len(parts) > 2:
            folder = _folder(parts[1])
            return [folder.joinpath("templates", *parts[2:])] if folder is not None else []
        folders = [folder for name in registry().order if (folder := _folder(name)) is not None]
        return [
            self._instance.joinpath(*parts),
            *(folder.joinpath("overrides", *parts) for folder in folders),
            paths.TEMPLATES.joinpath(*parts),
        ]


def _folder(name: str) -> Path | None:
    one = loaded_plugin(name)
    return one.folder if one is not None else None


def overrides_of(name: str) -> list[str]:
    """The core templates that a plugin replaces."""
    folder = _folder(name)
    base = folder / "overrides" if folder is not None else None
    return (
        sorted(path.relative_to(base).as_posix() for path in base.rglob("*.html")) if base is not None and base.is_dir() else []
    )


# ---------------------------------------------------------------------------------------------- parts


def draw(plugin: str, place: str, template: str, values: Any) -> Markup:
    """A template of a plugin; a placeholder with the reference when it cannot be drawn."""
    outcome = isolated(plugin, place, lambda: render_template(template, **values))
    if outcome.is_ok:
        return Markup(outcome.value)  # noqa: S704 - rendered by Jinja with escaping on
    return failed_part(outcome.reference)


def failed_part(reference: str) -> Markup:
    """What stands where a part of a plugin should be."""
    text = gettext("This part is not available.")
    if reference:
        text = gettext("This part is not available (%(ref)s).", ref=reference)
    return Markup('<p class="muted small">{}</p>').format(text)


def slot(name: str) -> Markup:
    """Everything that plugins put into a place of the page."""
    found = [
        draw(plugin, f"slot {name}", part.template, part.values)
        for plugin, part in collect(hookspecs.page_slot, slot=Slot(name), actor=current_actor())
        if isinstance(part, Part)
    ]
    return Markup("").join(found)


def plugin_assets() -> Markup:
    """The style sheets and scripts that plugins want on this page."""
    tags = []
    for plugin, assets in collect(hookspecs.page_assets, endpoint=request.endpoint or ""):
        for asset in assets:
            if isinstance(asset, Asset) and (url := asset_url(plugin, asset.path)):
                pattern = (
                    '<script src="{}" defer></script>'
                    if url.split("?")[0].endswith(".js")
                    else '<link rel="stylesheet" href="{}">'
                )
                tags.append(Markup(pattern).format(url))  # noqa: S704 - one of two literals
    return Markup("\n").join(tags)


def asset_url(plugin: str, path: str) -> str:
    """The address of a file below the plugin's static folder, with its content hash; "" when there is none."""
    folder = _folder(plugin)
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
    folder = _folder(plugin) if plugin in registry().on else None
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
