"""Mails that the server's mail system puts into a folder, on the timelines of the leads they concern."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import click
from wtforms import ValidationError

from leadboard.api import (
    N_,
    Actor,
    Asset,
    Job,
    LeadRef,
    MenuItem,
    Panel,
    PartyRef,
    Permission,
    Plugin,
    PluginBlueprint,
    PluginModel,
    Refused,
    SettingsForm,
    fields,
    hookimpl,
    message_of,
    validators,
)

from . import lists, taking
from .boxes import check_folder
from .models import ContactEntry, Entry, Mail, Place
from .views import bp

PLUGIN = Plugin(
    name="mail_drop",
    title="Mail drop",
    version="1.0",
    requires_api="0.2",
    description="Reads a Maildir or mbox that the server's mail system fills: mails on the timelines of the leads and contacts they concern.",
    category="integration",
)


def _is_folder(form: SettingsForm, field: fields.StringField) -> None:
    if field.data and field.data.strip():
        try:
            check_folder(field.data)
        except Refused as refusal:
            raise ValidationError(message_of(refusal)) from refusal


class Settings(SettingsForm):
    folder = fields.StringField(
        N_("Folder"), default="", validators=[validators.Length(max=500), _is_folder],
        description=N_("A Maildir or an mbox file on this server, e.g. /var/mail/crm. Nothing in it is moved or deleted. Empty: nothing is read."),
    )  # fmt: skip
    own = fields.TextAreaField(
        N_("Our own addresses"), default="", validators=[validators.Length(max=5000)],
        description=N_("Besides those of colleagues: addresses, or whole domains as @example.org. One a line."),
    )  # fmt: skip
    most_mb = fields.IntegerField(
        N_("Largest mail"), default=25, description=N_("MB. Of larger ones only the head is read."),
        validators=[validators.NumberRange(1, 100, N_("Between 1 and 100 MB."))],
    )  # fmt: skip


@hookimpl
def register_settings_form() -> list[type[SettingsForm]]:
    return [Settings]


@hookimpl
def register_models() -> list[type[PluginModel]]:
    return [Mail, Entry, ContactEntry, Place]


@hookimpl
def register_routes() -> list[PluginBlueprint]:
    return [bp]


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(key="mail_drop.read", run=taking.read_folder, every_s=60),
        Job(key="mail_drop.sweep", run=taking.sweep, every_s=24 * 3600),
    ]


@hookimpl
def register_commands() -> list[click.Command]:
    return [read]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def read(as_json: bool) -> None:
    """Read what is new in the folder now, all of it."""
    total = taking.Report()
    while True:
        report = taking.read_folder()
        total.again += report.again
        for mine, theirs in ((total.states, report.states), (total.reasons, report.reasons)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        if not report.read:
            break
    if as_json:
        click.echo(json.dumps({"read": total.read, "again": total.again, "states": total.states, "reasons": total.reasons}))
        return
    click.echo(f"{total.read} mails read, {total.again} of them known already.")
    for state, count in sorted(total.states.items()):
        click.echo(f"  {state}: {count}")
    for reason, count in sorted(total.reasons.items()):
        click.echo(f"  because of {reason}: {count}")


@hookimpl
def menu_items(actor: Actor) -> list[MenuItem]:
    return [
        MenuItem(key="mail_drop.mails", label=N_("E-mail"), endpoint="p_mail_drop.index", icon="mail", needs=Permission.WRITE)
    ]


@hookimpl
def lead_panels(lead: LeadRef, actor: Actor) -> list[Panel]:
    return [_panel(lists.panel)]


@hookimpl
def party_panels(party: PartyRef, actor: Actor) -> list[Panel]:
    return [_panel(lists.party_panel)] if party.record_type == "contact" else []


def _panel(load: Callable[..., Mapping[str, Any] | None]) -> Panel:
    return Panel(
        key="mail_drop.mails", title=N_("E-mail"), template="plugins/mail_drop/_panel.html", load=load, order=60, is_lazy=False
    )  # fmt: skip


@hookimpl
def page_assets(endpoint: str) -> list[Asset]:
    return [Asset("mail.css")] if endpoint == "p_mail_drop.detail" else []
