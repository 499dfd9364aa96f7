"""What every command that works on an instance begins with."""

import click

from leadboard import schema
from leadboard.config import Settings, load_settings, make_instance_folder
from leadboard.db import open_database
from leadboard.domain.backups import backup_before_upgrade
from leadboard.errors import N_, SettingsProblem
from leadboard.logs import set_up_log


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
    return settings


def upgrade(settings: Settings) -> list[str]:
    """Apply pending migrations, after a backup when there is something to lose; their names."""
    return schema.upgrade(settings, before=lambda: _back_up(settings))


def _back_up(settings: Settings) -> None:
    click.echo(f"Backed up to {backup_before_upgrade(settings)} before the upgrade.", err=True)
