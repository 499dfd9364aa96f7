"""`leadboard field`: the fields of leads, contacts and organisations, from the shell of the server."""

import json
from collections.abc import Sequence
from typing import Any

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.domain.custom_fields import add_field, archive_field, change_field, load_field, order_fields
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import BoundField, custom_fields, field_context, field_types
from leadboard.queries.settings import instance

of_records = click.option(
    "--of", "record_type", type=click.Choice(RECORD_TYPES), default="lead", show_default=True, help="Whose field it is."
)
as_json = click.option("--json", "wants_json", is_flag=True, help="Print JSON.")


@click.group()
def field() -> None:
    """Add fields to leads, contacts and organisations, change and archive them."""


def _options(function: Any) -> Any:
    """What `add` and `change` share."""
    for option in reversed(
        (
            click.option("--help-text", metavar="TEXT", help="Shown under the field in forms."),
            click.option(
                "--choice", "choices", multiple=True, metavar="[KEY=]LABEL[:COLOUR]", help="A choice; once for each, in order."
            ),
            click.option(
                "--option", "options", multiple=True, metavar="NAME=JSON", help="Another option of the type, e.g. decimals=2."
            ),
            click.option("--required/--not-required", "is_required", default=None, help="Forms do not leave it empty."),
            click.option("--unique/--not-unique", "is_unique", default=None, help="No two leads have the same value."),
            click.option(
                "--default", "default", metavar="VALUE", help="What a new lead begins with, as in a file; empty for none."
            ),
            click.option("--in-list/--not-in-list", "in_list", default=None, help="A column of the list of leads."),
            click.option("--on-card/--not-on-card", "on_card", default=None, help="On the cards of the board."),
        )
    ):
        function = option(function)
    return function


@field.command()
@click.argument("label")
@click.argument("type_key", metavar="TYPE")
@click.option("--key", default="", help="Its name in addresses and the API: a-z, 0-9 and _. Default: made of the label.")
@of_records
@_options
@as_json
def add(label: str, type_key: str, key: str, record_type: str, wants_json: bool, **given: Any) -> None:
    """Add a field to all records of a type. `leadboard field types` lists the types."""
    upgrade(open_instance())
    values = _values(given)
    default = values.pop("default", None)
    made = add_field(label, type_key, key=key, record_type=record_type, actor=SYSTEM, **values)
    if default:
        change_field(
            made.key, record_type=record_type, actor=SYSTEM, default=_default(load_field(made.key, record_type), default)
        )
    _tell(load_field(made.key, record_type), f"Added {made.label}: {made.key} ({made.type}).", wants_json)


@field.command()
@click.argument("key")
@click.option("--label", help="A new name.")
@click.option("--first", is_flag=True, help="Put it before all others.")
@of_records
@_options
@as_json
def change(key: str, label: str | None, first: bool, record_type: str, wants_json: bool, **given: Any) -> None:
    """Change what is named. Choices given replace the list; those that leads hold must stay."""
    upgrade(open_instance())
    found = load_field(key, record_type)
    values = _values(given, {**found.definition.options})
    if "default" in values:
        values["default"] = _default(found, values["default"])
    if label is not None:
        values["label"] = label
    change_field(key, record_type=record_type, actor=SYSTEM, **values)
    if first:
        order_fields([key], record_type=record_type, actor=SYSTEM)
    _tell(load_field(key, record_type), f"Changed {key}.", wants_json)


@field.command("list")
@of_records
@as_json
def list_fields(record_type: str, wants_json: bool) -> None:
    """All fields in their order, archived ones too."""
    upgrade(open_instance())
    found = list(custom_fields(None, record_type).by_key.values())
    if wants_json:
        click.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        state = "archived" if one.definition.is_archived else "" if one.type is not None else "its plugin is off"
        click.echo("\t".join(part for part in (one.key, one.definition.type, one.label, state) if part))


@field.command()
@as_json
def types(wants_json: bool) -> None:
    """The types of fields there are, with those of plugins that are on."""
    upgrade(open_instance())
    found = sorted(field_types().items())
    if wants_json:
        click.echo(json.dumps([{"key": key, "label": one.label} for key, one in found], indent=2))
        return
    for key, one in found:
        click.echo(f"{key}\t{one.label}")


@field.command()
@click.argument("key")
@click.option("--undo", is_flag=True, help="Offer it again.")
@of_records
def archive(key: str, undo: bool, record_type: str) -> None:
    """Stop offering a field. Records keep its values, and --undo brings it back."""
    upgrade(open_instance())
    archive_field(key, is_archived=not undo, record_type=record_type, actor=SYSTEM)
    click.echo(f"{key} is {'offered again' if undo else 'archived'}.")


def _values(given: dict[str, Any], options: dict[str, Any] | None = None) -> dict[str, Any]:
    """The arguments of add_field and change_field of what was given."""
    values = {
        name: given[name] for name in ("is_required", "is_unique", "in_list", "on_card", "default") if given[name] is not None
    }
    if given["help_text"] is not None:
        values["help"] = given["help_text"]
    wanted = dict(options or {})
    for entry in given["options"]:
        name, equals, text = entry.partition("=")
        if not equals:
            raise click.UsageError(f"--option {entry}: write NAME=JSON.")
        wanted[name] = _json(text)
    if given["choices"]:
        wanted["choices"] = _choices(given["choices"])
    if given["options"] or given["choices"]:
        values["options"] = wanted
    return values


def _json(text: str) -> Any:
    """JSON, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _choices(entries: Sequence[str]) -> list[dict[str, str]]:
    found = []
    for entry in entries:
        key, equals, rest = entry.partition("=")
        label, colon, tone = (rest if equals else entry).rpartition(":")
        choice = {"label": label, "tone": tone} if colon else {"label": tone}
        found.append({"key": key, **choice} if equals else choice)
    return found


def _default(found: BoundField, text: str) -> Any:
    return found.from_cell(text, field_context(instance(), locale="en")) if text else None


def _tell(found: BoundField, text: str, wants_json: bool) -> None:
    click.echo(json.dumps(_as_json(found), ensure_ascii=False) if wants_json else text)


def _as_json(one: BoundField) -> dict[str, Any]:
    made = one.definition
    return {
        "key": made.key, "label": made.label, "type": made.type, "help": made.help, "options": dict(made.options),
        "required": made.is_required, "unique": made.is_unique, "default": made.default, "in_list": made.in_list,
        "on_card": made.on_card, "archived": made.is_archived, "usable": one.type is not None,
    }  # fmt: skip
