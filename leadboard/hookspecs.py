"""Every hook, and the whole contract of each. docs/plugins/hooks/ is generated from this file.

Five families settle how a hook is called; `FAMILY` tells that of each:

* register: called when the set of plugins that are on changes. Returns a list; a bad item is left out and shown to the
  admin, the rest stays. Keys begin with the plugin's name and a dot.
* collect: called while a page is built or a rule is asked. A plugin that raises is left out.
* first: as collect, but the first answer that is not None wins.
* guard: called inside the transaction of a write, each plugin in its own savepoint. `Refused` stops the write and its
  text is shown; any other error undoes what the plugin wrote and the write goes on.
* event: called by the job worker after the commit, in no transaction, at least once per event, in order.

An implementation names only the arguments it needs.
"""

from typing import TYPE_CHECKING, Any

import pluggy

from leadboard.contributions import (
    Action,
    ActivityType,
    Asset,
    Badge,
    Draft,
    Job,
    LeadRef,
    Match,
    MenuItem,
    Panel,
    Part,
    PartyRef,
    PipelineTemplate,
    Slot,
    StageRule,
)
from leadboard.events import Event
from leadboard.file_formats import Exporter, Importer

if TYPE_CHECKING:
    import click

PROJECT = "leadboard"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

FAMILY: dict[str, str] = {}


def _family(name: str) -> Any:
    def mark(spec: Any) -> Any:
        FAMILY[spec.__name__] = name
        return hookspec(spec)

    return mark


# ---------------------------------------------------------------------------------------------- register


@_family("register")
def register_routes() -> list[Any]:
    """Pages and addresses of the plugin, as `PluginBlueprint`s below /p/<name>/ (or its public prefix).

    Called once at start, whether the plugin is on or off; while it is off each of them answers 404.
    """


@_family("register")
def register_models() -> list[type]:
    """The plugin's own tables, as `PluginModel`s named p_<name>_…; its migrations make them, *Remove data* drops them."""


@_family("register")
def register_settings_form() -> list[type]:
    """One `SettingsForm` class: what an admin may set. Read the values with `settings_for(name)`."""


@_family("register")
def register_field_types() -> list[Any]:
    """Types of custom fields, as `FieldType`s: form, check, storage, display, filter, sort, import and export of a value."""


@_family("register")
def register_pipeline_templates() -> list[PipelineTemplate]:
    """Stage packs, offered when an admin makes a pipeline."""


@_family("register")
def register_stage_rules() -> list[StageRule]:
    """Rules that may say no to a move, asked inside its transaction."""


@_family("register")
def register_activity_types() -> list[ActivityType]:
    """Kinds of things that take place with a lead, shown on its timeline."""


@_family("register")
def register_importers() -> list[Importer]:
    """File formats that leads can come from, as `Importer`s. The wizard, its checks and its undo are the core's."""


@_family("register")
def register_exporters() -> list[Exporter]:
    """File formats that leads can be written to, as `Exporter`s."""


@_family("register")
def register_jobs() -> list[Job]:
    """Work for the job worker. While the plugin is off, its jobs wait."""


@_family("register")
def register_commands() -> "list[click.Command]":
    """Commands of the shell, as `leadboard <plugin> <command>`. While the plugin is off, they say so."""


# ---------------------------------------------------------------------------------------------- collect


@_family("collect")
def menu_items(actor: Any) -> list[MenuItem]:
    """Entries of the main navigation."""


@_family("collect")
def lead_panels(lead: LeadRef, actor: Any) -> list[Panel]:
    """Parts of the lead page, beside or below Leadboard's own, which come through this hook, too."""


@_family("collect")
def lead_actions(lead: LeadRef, actor: Any) -> list[Action]:
    """Buttons of the lead page."""


@_family("collect")
def party_panels(party: PartyRef, actor: Any) -> list[Panel]:
    """Parts of the page of a contact or an organisation, beside or below Leadboard's own, which come through this hook, too."""


@_family("collect")
def party_actions(party: PartyRef, actor: Any) -> list[Action]:
    """Buttons of the page of a contact or an organisation."""


@_family("collect")
def board_badges(leads: list[LeadRef], actor: Any) -> dict[int, Badge] | dict[int, list[Badge]]:
    """Words on cards: by lead id a badge, or a list of them. Gets all leads of the page at once: read what you need in one statement."""


@_family("collect")
def page_slot(slot: Slot, actor: Any) -> Part | None:
    """Something of the plugin's own in a place of a page."""


@_family("collect")
def page_assets(endpoint: str) -> list[Asset]:
    """Style sheets and scripts that the page at this Flask endpoint needs."""


@_family("collect")
def find_duplicates(draft: Draft, actor: Any) -> list[Match]:
    """Leads that may be the same as what somebody is typing. Only those that the actor may see are shown."""


# ---------------------------------------------------------------------------------------------- first


@_family("first")
def recognise_file(head: bytes, name: str) -> str | None:
    """The key of the importer that reads a file with this beginning (4,096 bytes) and name, or None.

    A key that no importer has is passed over. The built-in reader of delimited text answers last, and for everything.
    """


# ---------------------------------------------------------------------------------------------- guard


@_family("guard")
def before_lead_save(lead: LeadRef | None, values: dict[str, Any], actor: Any) -> None:
    """Before a lead is made (`lead` is None) or changed. `values` are the typed fields that are about to be written."""


# ---------------------------------------------------------------------------------------------- event


@_family("event")
def event_emitted(event: Event) -> None:
    """Something was committed. `event.kind` is one of the kinds of docs/plugins/events.md; `event.id` tells repeats."""
