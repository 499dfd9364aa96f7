"""Leads that may be the same: a hint while typing, and a list of pairs with their reasons."""

from typing import Any

from leadboard.api import (
    N_,
    Actor,
    Draft,
    Event,
    Job,
    LeadRef,
    Match,
    MenuItem,
    Permission,
    Plugin,
    PluginBlueprint,
    PluginModel,
    Refused,
    SettingsForm,
    fields,
    hookimpl,
    settings_for,
)

from . import finders, pairs
from .models import DuplicatePair
from .views import bp

PLUGIN = Plugin(
    name="duplicates",
    title="Duplicates",
    version="1.0",
    description="Says while you type when a lead is already there, and lists those that are there twice.",
    category="data",
    starts_on=True,
)


class Settings(SettingsForm):
    refuses_same_email = fields.BooleanField(
        N_("Refuse a second lead with the same e-mail"), default=False,
        description=N_("Also from the quick add. Imports have their own rule for what is already there."),
    )  # fmt: skip


@hookimpl
def register_settings_form() -> list[type[SettingsForm]]:
    return [Settings]


@hookimpl
def register_models() -> list[type[PluginModel]]:
    return [DuplicatePair]


@hookimpl
def register_routes() -> list[PluginBlueprint]:
    return [bp]


@hookimpl
def register_jobs() -> list[Job]:
    return [Job(key="duplicates.scan", run=pairs.scan, every_s=24 * 3600)]


@hookimpl
def menu_items(actor: Actor) -> list[MenuItem]:
    return [
        MenuItem(
            key="duplicates.list", label=N_("Duplicates"), endpoint="p_duplicates.index", icon="copy", needs=Permission.WRITE
        )
    ]


@hookimpl
def find_duplicates(draft: Draft, actor: Actor) -> list[Match]:
    return finders.matches(draft, actor)


@hookimpl
def before_lead_save(lead: LeadRef | None, values: dict[str, Any], actor: Actor) -> None:
    if values.get("email") and settings_for("duplicates").refuses_same_email:
        other = finders.other_with_email(str(values["email"]), lead.id if lead else None)
        if other is not None:
            raise Refused(N_("%(title)s has this e-mail already. Open that lead instead."), field="email", title=other)


@hookimpl
def event_emitted(event: Event) -> None:
    if event.kind in {"lead_created", "lead_updated", "lead_restored"} and event.lead_id is not None:
        # Not as a job: this is called outside of any request already, and a job costs three writes where most looks need none.
        pairs.look(event.lead_id)
