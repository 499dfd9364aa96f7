"""`leadboard user`: people, from the shell of the server."""

import json
import sys
from typing import Any

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.config import load_settings
from leadboard.db import moment
from leadboard.domain import users
from leadboard.domain.setup import prepare_instance
from leadboard.errors import NotFound, Refused
from leadboard.events import change
from leadboard.lib.dates import iso_utc
from leadboard.models.users import Role
from leadboard.permissions import SYSTEM
from leadboard.queries.settings import instance
from leadboard.queries.users import PersonRow, people, somebody_can_sign_in, user_id_of

ROLES = click.Choice([str(role) for role in Role])
password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
as_json = click.option("--json", "wants_json", is_flag=True, help="Print JSON.")


@click.group()
def user() -> None:
    """Add, list and deactivate people, and set passwords."""


def _open() -> None:
    upgrade(open_instance())


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="Full name, as colleagues see it.")
@click.option("--role", type=ROLES, default=str(Role.MEMBER), show_default=True)
@password_stdin
def add(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a person. Without a password, print a one-time link with which they choose one.

    The first person of a new instance must be an admin; this also sets the instance up, with defaults to be changed
    in Settings.
    """
    _open()
    password = _read_password() if password_stdin else None
    if not somebody_can_sign_in() and not instance().is_set_up:
        if role != Role.ADMIN or password is None:
            raise Refused(
                "Nobody can sign in yet, so the first person must be an admin with a password: add --role admin --password-stdin."
            )
        with change(SYSTEM, "instance.prepare"):
            user_id = users.add_user(name=name, email=email, role=role, password=password, actor=SYSTEM)
            prepare_instance()
    else:
        user_id = users.add_user(name=name, email=email, role=role, password=password, actor=SYSTEM)
    click.echo(f"Added {name} <{email}> as {role}.")
    if password is None:
        _print_link(user_id)


@user.command("list")
@as_json
def list_people(wants_json: bool) -> None:
    """Everybody, with role and state (active, invited, imported, deactivated)."""
    _open()
    found = people(SYSTEM)
    if wants_json:
        click.echo(json.dumps([_as_json(person) for person in found], ensure_ascii=False, indent=2))
        return
    for person in found:
        click.echo(f"{person.id}\t{person.email or '-'}\t{person.role}\t{person.state}\t{person.name}")


@user.command()
@click.argument("email")
@password_stdin
def password(email: str, password_stdin: bool) -> None:
    """Set a password, or without --password-stdin print a one-time link. A new password ends all sessions."""
    _open()
    user_id = find_user(email)
    if not password_stdin:
        _print_link(user_id)
        return
    users.set_password(user_id, _read_password(), actor=SYSTEM)
    click.echo(f"The password of {email} is set; all their sessions have ended.")


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Deactivate a person: signed out at once, no way in. Their leads and history stay."""
    _open()
    users.deactivate(find_user(email), actor=SYSTEM)
    click.echo(f"{email} is deactivated.")


def find_user(email: str) -> int:
    """The id behind an address. Raises NotFound."""
    user_id = user_id_of(email)
    if user_id is None:
        raise NotFound(f"Nobody here has the e-mail address {email}. `leadboard user list` shows everybody.")
    return user_id


def _read_password() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Refused("No password came on standard input. Try: printf '%s\\n' 'three unusual words' | leadboard user …")
    return line


def _print_link(user_id: int) -> None:
    base = load_settings().base_url or "http://127.0.0.1:8000"
    click.echo(f"One-time link, for seven days: {base}/welcome/{users.new_password_link(user_id, actor=SYSTEM)}")


def _as_json(person: PersonRow) -> dict[str, Any]:
    seen = person.last_seen_at
    return {
        "id": person.id, "name": person.name, "email": person.email, "role": person.role, "state": str(person.state),
        "leads": person.lead_count, "last_seen_at": iso_utc(moment(seen)) if seen else None,
    }  # fmt: skip
