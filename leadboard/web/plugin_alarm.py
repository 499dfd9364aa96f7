"""Tells admins on every page that a plugin was given up somewhere or could not be turned on. Users are never bothered."""

from flask import g, url_for
from flask_babel import gettext, ngettext

from leadboard.permissions import Permission
from leadboard.pluginhost.registry import loaded_plugin
from leadboard.queries.plugins import troubles
from leadboard.web.shell import BANNERS, Banner


def plugin_trouble() -> Banner | None:
    """Looks at what this process knows; the database is not asked."""
    actor = g.get("actor")
    if actor is None or not actor.may(Permission.SETTINGS):
        return None
    found = troubles()
    names = sorted({*found.tripped, *found.not_on})
    titles = [_title(name) for name in names]
    if not names:
        return None
    text = ngettext(
        "The plugin %(names)s does not work as it should.", "These plugins do not work as they should: %(names)s.", len(names),
        names=", ".join(titles),
    )  # fmt: skip
    url = url_for("plugin_admin.detail", plugin_name=names[0]) if len(names) == 1 else url_for("plugin_admin.index")
    return Banner(text, "warn", url, gettext("See why"))


def _title(name: str) -> str:
    """What the plugin calls itself; one that could not be loaded has its name alone."""
    one = loaded_plugin(name)
    return one.plugin.title if one is not None and one.plugin is not None else name


def init_plugin_alarm() -> None:
    if plugin_trouble not in BANNERS:
        BANNERS.append(plugin_trouble)
