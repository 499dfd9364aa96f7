"""What every command that works on an instance begins with."""

from leadboard.config import Settings, load_settings
from leadboard.db import open_database
from leadboard.errors import N_, SettingsProblem
from leadboard.logs import set_up_log


def open_instance() -> Settings:
    """Read the settings, start the log, make the folder and point at the database."""
    settings = load_settings()
    set_up_log(settings.log_level)
    try:
        settings.instance.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsProblem(
            N_("The folder %(folder)s cannot be made: %(reason)s. Set LEADBOARD_INSTANCE to a folder that this user may write."),
            folder=settings.instance,
            reason=error.strerror,
        ) from error
    open_database(settings)
    return settings
