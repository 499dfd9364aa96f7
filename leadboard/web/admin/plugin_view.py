"""What the pages of plugins show, in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from flask_babel import gettext, ngettext

from leadboard.contributions import CATEGORIES, Job
from leadboard.errors import N_
from leadboard.forms.plugin_settings import SettingsForm
from leadboard.models.users import Role
from leadboard.permissions import ROLE_PERMISSIONS
from leadboard.pluginhost.discovery import Origin
from leadboard.pluginhost.loading import Loaded, State
from leadboard.pluginhost.registry import at_start, registry
from leadboard.queries.plugins import PluginInfo, TimingRow
from leadboard.web.plugin_parts import overrides_of
from leadboard.web.plugin_routes import routes_of

# state: (words, tone, icon)
STATES: dict[State, tuple[str, str, str]] = {
    State.ON: (N_("On"), "green", "check"),
    State.OFF: (N_("Off"), "grey", ""),
    State.TRIPPED: (N_("Partly stopped"), "orange", "alert-triangle"),
    State.NEEDS_MIGRATION: (N_("Its tables are not ready"), "orange", "database"),
    State.BROKEN: (N_("Broken"), "red", "alert-circle"),
    State.INCOMPATIBLE: (N_("Does not fit this version"), "red", "alert-circle"),
    State.BLOCKED: (N_("Blocked"), "grey", "lock"),
}
ORIGINS = {
    Origin.BUILTIN: N_("Part of Leadboard"),
    Origin.BUNDLED: N_("Comes with Leadboard"),
    Origin.DROPIN: N_("Dropped into the instance"),
    Origin.PACKAGE: N_("Installed package"),
}
# Of plugins that are grouped by what they are for.
HEADINGS = {
    "pipeline": N_("Pipelines and the board"),
    "fields": N_("Types of fields"),
    "leads": N_("Pages of leads, contacts and organisations"),
    "timeline": N_("Timeline"),
    "data": N_("Files and data"),
    "integration": N_("Other systems"),
    "other": N_("More"),
}
# What a hook means to an admin; the lists of register hooks are shown by their own heading.
HOOKS = {
    "register_routes": N_("Addresses"),
    "register_models": N_("Tables"),
    "register_settings_form": N_("Settings"),
    "register_field_types": N_("Types of fields"),
    "register_pipeline_templates": N_("Pipelines to start from"),
    "register_stage_rules": N_("Rules between stages"),
    "register_activity_types": N_("Kinds of activities"),
    "register_importers": N_("Files that leads can come from"),
    "register_exporters": N_("Files that leads can be written to"),
    "register_jobs": N_("Background work"),
    "register_commands": N_("Commands of the shell"),
    "menu_items": N_("Entries of the main navigation"),
    "lead_panels": N_("Parts of the lead page"),
    "lead_actions": N_("Buttons of the lead page"),
    "party_panels": N_("Parts of the pages of contacts and organisations"),
    "party_actions": N_("Buttons of the pages of contacts and organisations"),
    "board_badges": N_("Badges on cards"),
    "page_slot": N_("Parts of other pages"),
    "page_assets": N_("Style sheets and scripts"),
    "find_duplicates": N_("Finds leads that may be the same"),
    "recognise_file": N_("Recognises files to import"),
    "before_lead_save": N_("Looks at leads before they are saved"),
    "event_emitted": N_("Is told of everything that happens"),
}  # fmt: skip
# Shown by a list of their own, or by the settings form.
LISTED = {
    "register_field_types", "register_pipeline_templates", "register_stage_rules", "register_activity_types", "register_importers",
    "register_exporters",
}  # fmt: skip
ROLES = (
    (Role.VIEWER, N_("everybody who is signed in")), (Role.MEMBER, N_("members and above")),
    (Role.MANAGER, N_("managers and above")), (Role.ADMIN, N_("admins")),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One thing that a plugin adds. `code` is shown as typed, `text` in words."""

    code: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    lines: list[Line]


@dataclass(frozen=True)
class PluginsPage:
    """`groups` are plugins by heading; `builtin` the parts of Leadboard that come through the same hooks."""

    groups: list[tuple[str, list[PluginInfo]]]
    builtin: list[PluginInfo]
    left_over: list[str]
    slowest: list[TimingRow]
    folder: str
    is_safe_mode: bool = False


@dataclass(frozen=True)
class SettingsPart:
    """`kept` has a hint for each secret field, `env` the variable that goes before it."""

    form: SettingsForm
    kept: dict[str, str]
    env: dict[str, tuple[str, str]]
    are_secrets_lost: bool = False
    are_lacking: bool = False


@dataclass(frozen=True)
class PluginPage:
    info: PluginInfo
    adds: list[Group]
    tables: dict[str, int]
    slowest: list[TimingRow]
    others: list[Loaded] = field(default_factory=list)
    settings: SettingsPart | None = None
    problem: str = ""
    settings_trouble: str = ""
    can_switch: bool = False
    can_remove: bool = False
    is_wanted: bool = False
    """Turned on by somebody, and yet not to be had."""


def by_category(found: Iterable[PluginInfo]) -> list[tuple[str, list[PluginInfo]]]:
    """(heading, plugins), in the order of the headings; what cannot be loaded says nothing of itself."""
    groups: dict[str, list[PluginInfo]] = {category: [] for category in CATEGORIES}
    for info in found:
        about = info.loaded.plugin
        groups[about.category if about is not None and about.category in groups else "other"].append(info)
    return [(gettext(HEADINGS[category]), group) for category, group in groups.items() if group]


def words() -> dict[str, Any]:
    """Names and functions that the templates of plugins use."""
    return {"states": STATES, "state": State, "origins": ORIGINS, "duration": duration, "why": why}


def why(one: Loaded) -> str:
    """Why a plugin cannot be turned on, in the reader's language."""
    return str(gettext(one.problem, **one.params)) if one.problem else ""


def said(text: str) -> str:
    """What a plugin says of itself, in the reader's language when it came with Leadboard."""
    return gettext(text) if text else ""


def duration(microseconds: int) -> str:
    """Milliseconds with one digit; plugins are measured in these."""
    return gettext("%(number)s ms", number=f"{microseconds / 1000:.1f}")


def adds_of(info: PluginInfo) -> list[Group]:
    """Everything a plugin adds, by kind; of one that is off what can be known without asking it."""
    one = info.loaded
    groups = [
        Group(
            gettext("Addresses"), [_route(*route, is_on=one.name in registry().on) for route in routes_of(current_app, one.name)]
        ),
        Group(gettext("Background work"), [_job(item) for item in info.adds.get("register_jobs", [])]),
        *(_listed(hook, info.adds.get(hook, [])) for hook in sorted(LISTED)),
        Group(gettext("Commands of the shell"), [_command(one.name, command) for command in _commands(one.name)]),
        Group(gettext("Hosts it talks to"), [Line(host) for host in (one.plugin.hosts if one.plugin else ())]),
        Group(gettext("Pages of Leadboard that it replaces"), [Line(path) for path in overrides_of(one.name)]),
        Group(gettext("What it takes part in"), _parts(one)),
    ]
    return [group for group in groups if group.lines]


def table_lines(tables: dict[str, int]) -> list[tuple[str, str]]:
    """(table, how many rows in words)."""
    return [(name, ngettext("%(num)s row", "%(num)s rows", count)) for name, count in tables.items()]


def _route(rule: str, methods: str, needs: str, *, is_on: bool) -> Line:
    """A page that needs nothing to be named can be opened from here; programs' addresses cannot."""
    is_page = is_on and methods == "GET" and "<" not in rule and needs in ROLE_PERMISSIONS[Role.ADMIN]
    return Line(f"{methods} {rule}", who_may(needs), rule if is_page else "")


def who_may(needs: str) -> str:
    """The people who may use a route: by the least role that has its permission."""
    if not needs:
        return gettext("everybody, without signing in")
    if needs.startswith("token:"):
        return gettext("programs with a token (%(scope)s)", scope=needs.removeprefix("token:") or "–")
    for role, text in ROLES:
        if needs in ROLE_PERMISSIONS[role]:
            return gettext(text)
    return needs


def _job(job: Job) -> Line:
    if job.every_s is None:
        return Line(job.key, gettext("when something asks for it"))
    for unit, say in _UNITS:
        if job.every_s % unit == 0:
            return Line(job.key, say(job.every_s // unit))
    return Line(job.key)


_UNITS: tuple[tuple[int, Callable[[int], str]], ...] = (
    (86_400, lambda count: ngettext("every day", "every %(num)s days", count)),
    (3600, lambda count: ngettext("every hour", "every %(num)s hours", count)),
    (60, lambda count: ngettext("every minute", "every %(num)s minutes", count)),
    (1, lambda count: ngettext("every second", "every %(num)s seconds", count)),
)


def _listed(hook: str, items: Iterable[Any]) -> Group:
    lines = [Line(str(getattr(item, "key", "")), said(str(getattr(item, "label", getattr(item, "name", ""))))) for item in items]
    return Group(gettext(HOOKS[hook]), lines)


def _commands(name: str) -> list[Any]:
    return [contribution.item for contribution in at_start("register_commands") if contribution.plugin == name]


def _command(name: str, command: Any) -> Line:
    return Line(f"leadboard {name} {command.name}", gettext(command.get_short_help_str(limit=100)))


def _parts(one: Loaded) -> list[Line]:
    """The hooks that have no list of their own."""
    return [Line(hook, gettext(HOOKS[hook])) for hook in one.hooks if not hook.startswith("register_")]
