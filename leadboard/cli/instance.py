"""What every command that works on an instance begins with."""

import click

from leadboard import schema
from leadboard.config import Settings, load_settings, make_instance_folder
from leadboard.db import open_database
from leadboard.domain.backups import backup_before_upgrade
from leadboard.domain.field_indexes import keep_indexes
from leadboard.domain.plugins import migrate_plugins
from leadboard.errors import N_, SettingsProblem
from leadboard.logs import set_up_log
from leadboard.wiring import connect_plugins


def open_instance() -> Settings:
    """Read the settings, start the log, make the folder and point at the database."""
    settings = load_settings()
    set_up_log(settings.log_level)
    try:
        make_instance_folder(settings.instance)
    except OSError as error:
        raise SettingsProblem(
            N_("The folder %(folder)s cannot be made: %(reason)s. Set LEADBOARD_INSTANCE to a folder that this user may write."),
            folder=settings.instance,
            reason=error.strerror,
        ) from error
    open_database(settings)
    connect_plugins(settings)
    return settings


def upgrade(settings: Settings) -> list[str]:
    """Apply pending migrations, after a backup when there is something to lose, then those of plugins; their names."""
    names = schema.upgrade(settings, before=lambda: _back_up(settings))
    return names + upgrade_plugins()


def upgrade_plugins() -> list[str]:
    """Apply pending migrations of plugins; their names. One that fails is told and its plugin stays off."""
    done = migrate_plugins()
    for name, error in done.failed.items():
        click.echo(f"The plugin {name} stays off: its migration failed ({error}).", err=True)
    keep_indexes()
    return [f"{name} {migration}" for name, migrations in done.applied.items() for migration in migrations]


def _back_up(settings: Settings) -> None:
    click.echo(f"Backed up to {backup_before_upgrade(settings)} before the upgrade.", err=True)
