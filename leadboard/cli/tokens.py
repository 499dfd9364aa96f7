"""`leadboard token`: keys with which programs use the API in somebody's name."""

import json
from typing import Any

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.cli.users import find_user
from leadboard.db import LARGEST_ID, moment
from leadboard.domain import tokens
from leadboard.lib.dates import iso_utc
from leadboard.permissions import SYSTEM, Scope
from leadboard.queries.tokens import TokenRow, all_tokens, tokens_of

as_json = click.option("--json", "wants_json", is_flag=True, help="Print JSON.")


@click.group()
def token() -> None:
    """Add, list and revoke tokens of the API."""


@token.command()
@click.argument("email")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([str(scope) for scope in Scope]),
    help="What it may be used for; give it several times for several.",
)  # fmt: skip
@click.option("--name", default="Shell", show_default=True, help="What it is for, as people see it.")
@click.option("--days", type=int, help="How long it is good for. Without this it never runs out.")
@as_json
def add(email: str, scopes: tuple[str, ...], name: str, days: int | None, wants_json: bool) -> None:
    """Make a token that acts as the person with this e-mail address, and print it. It is shown only this once."""
    upgrade(open_instance())
    made = tokens.add_token(find_user(email), name=name, scopes=scopes, days=days, actor=SYSTEM)
    click.echo(json.dumps({"id": made.id, "token": made.text}) if wants_json else made.text)


@token.command("list")
@click.argument("email", required=False)
@as_json
def list_tokens(email: str | None, wants_json: bool) -> None:
    """Tokens of everybody, or of one person, with what they may do and when they were last used."""
    upgrade(open_instance())
    found = tokens_of(find_user(email), SYSTEM) if email else all_tokens(SYSTEM)
    if wants_json:
        click.echo(json.dumps([_as_json(row) for row in found], ensure_ascii=False, indent=2))
        return
    for row in found:
        used = f"last used {_day(row.last_used_at)}" if row.last_used_at else "never used"
        click.echo(f"{row.id}\t…{row.last4}\t{_state(row)}\t{used}\t{','.join(row.scopes)}\t{row.owner}\t{row.name}")


@token.command()
@click.argument("token_id", type=click.IntRange(1, LARGEST_ID))
def revoke(token_id: int) -> None:
    """End a token at once. `leadboard token list` shows the numbers."""
    upgrade(open_instance())
    tokens.revoke_token(token_id, actor=SYSTEM)
    click.echo(f"Token {token_id} is revoked.")


def _state(row: TokenRow) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.has_expired else "active"


def _day(at: int | None) -> str | None:
    return iso_utc(moment(at))[:10] if at is not None else None


def _as_json(row: TokenRow) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "last_used_at", "revoked_at")
    at = {name: getattr(row, name) for name in moments}
    return {
        "id": row.id, "owner": row.owner, "name": row.name, "last4": row.last4, "scopes": list(row.scopes), "state": _state(row),
        **{name: iso_utc(moment(value)) if value is not None else None for name, value in at.items()},
    }  # fmt: skip
