"""The `leadboard` command: exit 0 on success, 2 on bad usage, 1 on failure with one clear line on stderr."""

import sys

import click
from peewee import PeeweeException

from leadboard import __version__
from leadboard.cli.backup import backup, restore
from leadboard.cli.db import db
from leadboard.cli.demo import demo
from leadboard.cli.exports import export
from leadboard.cli.fields import field
from leadboard.cli.imports import import_
from leadboard.cli.plugin_commands import Commands
from leadboard.cli.plugins import plugins_
from leadboard.cli.serve import serve
from leadboard.cli.tokens import token
from leadboard.cli.users import user
from leadboard.config import load_settings
from leadboard.errors import LeadboardError
from leadboard.pluginhost import health
from leadboard.schema import unusable


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="leadboard")
def command() -> None:
    """Leadboard: a lead database and pipeline board on your own machine."""


COMMANDS: list[click.Command] = [serve, demo, user, token, field, import_, export, backup, restore, db, plugins_]
for _command in COMMANDS:
    command.add_command(_command)


def main() -> None:
    """Run the command; a known error becomes its message, not a traceback."""
    try:
        command(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        fail("Stopped.")
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        fail(error.format_message())
    except LeadboardError as error:
        fail(str(error))
    except PeeweeException as error:
        fail(str(unusable(load_settings(), error)))
    finally:
        # What plugins did wrong during the command is to be seen by the admin.
        health.flush()


def fail(message: str) -> None:
    """One line on stderr, exit code 1."""
    click.echo(f"leadboard: {message}", err=True)
    sys.exit(1)
