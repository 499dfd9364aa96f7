"""Calls of a telephone system: told by a signed webhook, shown to the agent while they ring, written on the timeline."""

from wtforms import ValidationError

from leadboard.api import (
    N_,
    Actor,
    Asset,
    Job,
    MenuItem,
    Part,
    Permission,
    Plugin,
    PluginBlueprint,
    PluginModel,
    SecretField,
    SettingsForm,
    Slot,
    fields,
    gettext,
    hookimpl,
    signing_key,
    validators,
)

from . import calls, lists, timeline
from .doors import public_bp
from .models import Call, CallEvent, Extension
from .views import bp

PLUGIN = Plugin(
    name="telephony_hook",
    title="Telephony",
    version="1.0",
    requires_api="0.2",
    description="Calls of any telephone system that can send a web request: who is calling, on the timeline, and calls without a lead.",
    category="integration",
    public_prefix="in/telephony",
)
SHORTEST_TOKEN = 24


def _is_secret(form: SettingsForm, field: SecretField) -> None:
    if field.data:
        try:
            signing_key(field.data)
        except ValueError as error:
            raise ValidationError(gettext("This is no signing secret: whsec_ and 24 to 64 bytes in base64.")) from error


def _is_token(form: SettingsForm, field: SecretField) -> None:
    if field.data and len(field.data.strip()) < SHORTEST_TOKEN:
        raise ValidationError(gettext("At least 24 characters, e.g. the output of: openssl rand -hex 32."))


class Settings(SettingsForm):
    secret = SecretField(
        N_("Signing secret"), validators=[_is_secret],
        description=N_("For systems that sign as Standard Webhooks: whsec_… Without this and without a token nothing is taken."),
    )  # fmt: skip
    token = SecretField(
        N_("Token"), validators=[_is_token],
        description=N_("For systems that send “Authorization: Bearer …”. Make it with: openssl rand -hex 32."),
    )  # fmt: skip
    ring_seconds = fields.IntegerField(
        N_("Close a call that only rang after"), default=120, description=N_("Seconds. Some systems never tell that the caller gave up."),
        validators=[validators.NumberRange(30, 3600, N_("Between 30 and 3,600 seconds."))],
    )  # fmt: skip
    ignored = fields.TextAreaField(
        N_("Numbers to leave out"), default="", description=N_("Your own numbers, alarms, the lift. One a line."),
        validators=[validators.Length(max=5000)],
    )  # fmt: skip


@hookimpl
def register_settings_form() -> list[type[SettingsForm]]:
    return [Settings]


@hookimpl
def register_models() -> list[type[PluginModel]]:
    return [Call, CallEvent, Extension]


@hookimpl
def register_routes() -> list[PluginBlueprint]:
    return [bp, public_bp]


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(key=timeline.LOG, run=timeline.log),
        Job(key="telephony_hook.close", run=calls.close_forgotten, every_s=30),
        Job(key="telephony_hook.sweep", run=calls.sweep, every_s=24 * 3600),
    ]


@hookimpl
def menu_items(actor: Actor) -> list[MenuItem]:
    return [
        MenuItem(
            key="telephony_hook.calls",
            label=N_("Calls"),
            endpoint="p_telephony_hook.index",
            icon="phone-call",
            needs=Permission.WRITE,
        )
    ]


@hookimpl
def page_slot(slot: Slot, actor: Actor) -> Part | None:
    if slot is not Slot.PAGE_BOTTOM or actor is None or not lists.has_extension(actor):
        return None
    return Part("plugins/telephony_hook/_bottom.html", {"calls": lists.live(actor)})


@hookimpl
def page_assets(endpoint: str) -> list[Asset]:
    return [] if endpoint.startswith(("auth.", "setup.")) else [Asset("call.css"), Asset("call.js")]
