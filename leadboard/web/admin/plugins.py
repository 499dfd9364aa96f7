"""Plugins: which there are, on and off, their settings, what went wrong, and taking their data away."""

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext, ngettext

from leadboard.contributions import NAME
from leadboard.domain import plugins as domain
from leadboard.errors import N_, NotFound, Refused
from leadboard.forms import plugin_settings
from leadboard.forms.plugin_settings import SettingsForm
from leadboard.http import Toast, back_or, current_actor, go, message_of, needs, render
from leadboard.permissions import Permission
from leadboard.pluginhost import health
from leadboard.pluginhost.calling import isolated
from leadboard.pluginhost.registry import loaded_plugins, registry
from leadboard.pluginhost.tables import count_rows
from leadboard.queries.plugins import PluginInfo, left_over, plugin_info, plugins, slowest, troubles
from leadboard.web.admin.plugin_view import (
    PluginPage,
    PluginsPage,
    SettingsPart,
    adds_of,
    by_category,
    said,
    table_lines,
    words,
)
from leadboard.web.plugin_parts import draw

bp = Blueprint("plugin_admin", __name__)

SETTINGS_PLACE = "settings form"


@bp.get("/admin/plugins")
@needs(Permission.SETTINGS)
def index() -> Response:
    health.flush(timings=True)
    found = plugins()
    settings = current_app.config["LEADBOARD"]
    page = PluginsPage(
        by_category(info for info in found if not info.is_builtin), [info for info in found if info.is_builtin], left_over(), slowest(),
        str(settings.instance / "plugins"), settings.safe_mode,
    )  # fmt: skip
    return render("plugin_admin/index.html", page, **words())


@bp.get("/admin/plugins/<plugin_name>")
@needs(Permission.SETTINGS)
def detail(plugin_name: str) -> Response:
    return _detail(plugin_name)


@bp.post("/admin/plugins/<plugin_name>/switch")
@needs(Permission.SETTINGS)
def switch(plugin_name: str) -> Response:
    """On or off, in every process from its next request."""
    is_on = request.form.get("on") == "1"
    try:
        (domain.enable if is_on else domain.disable)(plugin_name, actor=current_actor())
    except Refused as error:
        return _detail(plugin_name, problem=message_of(error), status=422)
    title = said(plugin_info(plugin_name).title)
    text = gettext("%(title)s is on.", title=title) if is_on else gettext("%(title)s is off. Its data stays.", title=title)
    own_page = url_for("plugin_admin.detail", plugin_name=plugin_name, _anchor="settings")
    if is_on and _lacks_settings(plugin_name):
        text = gettext("%(title)s is on, but its settings are not complete.", title=title)
        return go(own_page, toast=Toast(text, "info"))
    if is_on and plugin_settings.settings_form_of(plugin_name) and not plugin_settings.has_settings(plugin_name):
        # Nobody has seen its settings yet: they can be reached only now.
        return go(own_page, toast=Toast(text, "good"))
    return go(back_or("plugin_admin.detail", plugin_name=plugin_name), toast=Toast(text, "good"))


@bp.post("/admin/plugins/<plugin_name>")
@needs(Permission.SETTINGS)
def save(plugin_name: str) -> Response:
    """Keep the settings; what cannot be kept comes back as it was typed."""
    form_class = plugin_settings.settings_form_of(plugin_name)
    if form_class is None:
        raise NotFound(N_("This plugin is off or has no settings."))
    outcome = isolated(plugin_name, SETTINGS_PLACE, lambda: _save(plugin_name, form_class), through=(Refused,))
    if not outcome.is_ok:
        return _detail(plugin_name, problem=_settings_failed(outcome.reference), status=422)
    if outcome.value is not None:
        return _detail(plugin_name, form=outcome.value, status=422)
    return go(url_for("plugin_admin.detail", plugin_name=plugin_name), toast=Toast(gettext("Saved."), "good"))


def _save(name: str, form_class: type[SettingsForm]) -> SettingsForm | None:
    """None when it was saved, else the form with what is wrong."""
    form = plugin_settings.filled_form(name, form_class, request.form)
    if not plugin_settings.check_settings(name, form, request.form):
        return form
    settings, secret = plugin_settings.values_of(form, request.form)
    domain.save_settings(name, settings, secret, actor=current_actor())
    return None


@bp.post("/admin/plugins/<plugin_name>/retry")
@needs(Permission.SETTINGS)
def retry(plugin_name: str) -> Response:
    """Forget what went wrong and call it again where it was given up."""
    info = plugin_info(plugin_name)
    domain.try_again(plugin_name, actor=current_actor())
    text = gettext("%(title)s is tried again.", title=said(info.title))
    return go(url_for("plugin_admin.detail", plugin_name=plugin_name), toast=Toast(text, "good"))


@bp.get("/admin/plugins/<plugin_name>/remove")
@needs(Permission.SETTINGS)
def ask_remove(plugin_name: str) -> Response:
    """Says what goes, before it goes."""
    return _ask_remove(plugin_name)


@bp.post("/admin/plugins/<plugin_name>/remove")
@needs(Permission.SETTINGS)
def remove(plugin_name: str) -> Response:
    _removable(plugin_name)
    if request.form.get("name", "").strip() != plugin_name:
        return _ask_remove(plugin_name, gettext("Type %(name)s to remove its data.", name=plugin_name), 422)
    try:
        gone = sum(domain.remove_data(plugin_name, actor=current_actor()).values())
    except Refused as error:
        return _ask_remove(plugin_name, message_of(error), 422)
    text = ngettext(
        "The data of %(name)s is removed: %(num)s row.", "The data of %(name)s is removed: %(num)s rows.", gone, name=plugin_name
    )
    return go(url_for("plugin_admin.index"), toast=Toast(text, "good"))


# ---------------------------------------------------------------------------------------------- what is shown


def _detail(name: str, *, problem: str = "", form: SettingsForm | None = None, status: int = 200) -> Response:
    health.flush(timings=True)
    info = plugin_info(name)
    tables = count_rows(name)
    settings, trouble = _settings(info, form)
    known = registry()
    page = PluginPage(
        info, adds_of(info), tables, slowest(plugin=name),
        others=[one for one in loaded_plugins() if one.name == name and one is not info.loaded],
        settings=settings, settings_trouble=trouble, problem=problem,
        can_switch=info.loaded.is_usable and not info.is_builtin,
        can_remove=not info.is_builtin and (bool(tables) or name in known.states.chosen),
        is_wanted=name in troubles().not_on,
    )  # fmt: skip
    drawn = draw(name, SETTINGS_PLACE, "plugin_admin/_settings.html", {"page": page}) if settings is not None else ""
    return render(
        "plugin_admin/detail.html", page, status=status, table_lines=table_lines(tables), settings_html=drawn, **words()
    )


def _settings(info: PluginInfo, form: SettingsForm | None) -> tuple[SettingsPart | None, str]:
    """The form of a plugin that is on, or why it cannot be shown."""
    form_class = plugin_settings.settings_form_of(info.name)
    if form_class is None:
        return None, ""
    outcome = isolated(info.name, SETTINGS_PLACE, lambda: form or plugin_settings.filled_form(info.name, form_class))
    if outcome.value is None:
        return None, _settings_failed(outcome.reference)
    made = outcome.value
    return SettingsPart(
        made, plugin_settings.kept_secrets(info.name, made), plugin_settings.env_secrets(info.name, made),
        plugin_settings.secrets_are_lost(info.name), form is None and _lacks_settings(info.name),
    ), ""  # fmt: skip


def _lacks_settings(name: str) -> bool:
    """Whether a plugin that is on does not have yet what its form requires."""
    form_class = plugin_settings.settings_form_of(name)
    if form_class is None:
        return False
    return bool(isolated(name, SETTINGS_PLACE, lambda: plugin_settings.lacks_settings(name, form_class)).value)


def _settings_failed(reference: str) -> str:
    if not reference:
        return gettext("The settings form of this plugin failed several times and is not shown any more.")
    return gettext("The settings form of this plugin failed (%(ref)s). The reason is below.", ref=reference)


def _removable(name: str) -> str:
    """The title of a plugin whose data can be removed: one that is off, or that has left something behind. Raises NotFound."""
    if NAME.fullmatch(name) and name in left_over():
        return name
    info = plugin_info(name)
    if info.is_builtin:
        raise NotFound(N_("This is a part of Leadboard: its data is that of the leads."))
    return info.title


def _ask_remove(name: str, error: str = "", status: int = 200) -> Response:
    title = _removable(name)
    is_on = name in registry().on
    is_here = any(one.name == name for one in loaded_plugins())
    return render(
        "plugin_admin/remove.html", status=status, name=name, title=title, is_on=is_on, is_here=is_here, error=error,
        table_lines=table_lines(count_rows(name)), **words(),
    )  # fmt: skip
