"""Tells other systems what took place: signed, retried, with a log of every delivery."""

from leadboard.api import (
    N_,
    Actor,
    Event,
    Job,
    MenuItem,
    Part,
    Permission,
    Plugin,
    PluginBlueprint,
    PluginModel,
    Slot,
    hookimpl,
)

from . import endpoints, messages, sending
from .models import Delivery, Endpoint, Try
from .views import bp

PLUGIN = Plugin(
    name="webhooks",
    title="Webhooks",
    version="1.0",
    requires_api="0.2",
    description="Tells other systems what takes place here: signed messages, tried again until they arrive, with a log.",
    category="integration",
    hosts=("the addresses that are set up",),
)


@hookimpl
def register_models() -> list[type[PluginModel]]:
    return [Endpoint, Delivery, Try]


@hookimpl
def register_routes() -> list[PluginBlueprint]:
    return [bp]


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(key=sending.SEND, run=sending.send_due, every_s=60),
        Job(key="webhooks.sweep", run=sending.sweep, every_s=24 * 3600),
    ]


@hookimpl
def menu_items(actor: Actor) -> list[MenuItem]:
    return [
        MenuItem(key="webhooks.list", label=N_("Webhooks"), endpoint="p_webhooks.index", icon="webhook", needs=Permission.EXPORT)
    ]


@hookimpl
def page_slot(slot: Slot, actor: Actor) -> Part | None:
    if slot is not Slot.PAGE_TOP or actor is None or not actor.may(Permission.EXPORT):
        return None
    stopped = endpoints.stopped(actor)
    return Part("plugins/webhooks/_banner.html", {"stopped": stopped}) if stopped else None


@hookimpl
def event_emitted(event: Event) -> None:
    messages.queue(event)
