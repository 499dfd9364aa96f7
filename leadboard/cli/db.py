"""`leadboard db upgrade` and `leadboard db check`."""

import click

from leadboard import schema
from leadboard.cli.instance import open_instance


@click.group()
def db() -> None:
    """Bring the database up to date, or examine it."""


@db.command()
def upgrade() -> None:
    """Apply pending migrations. A filled database is backed up first."""
    settings = open_instance()
    done = schema.upgrade(settings)
    click.echo(f"Applied: {', '.join(done)}." if done else "The database is up to date.")
