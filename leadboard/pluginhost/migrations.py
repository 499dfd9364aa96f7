"""The migrations of plugins: each plugin has its own scripts and its own history."""

from pathlib import Path

from playhouse.migrations import Runner

from leadboard.db import database, in_transaction, rows
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.loading import Loaded
from leadboard.schema import migration_lock

HISTORY_PREFIX = "schema_migration_p_"


def history_of(name: str) -> str:
    """The table that tells which migrations of a plugin were applied."""
    return f"{HISTORY_PREFIX}{name}"


def scripts_of(one: Loaded) -> Path | None:
    """The folder of its migrations, if it has any."""
    folder = one.folder / "migrations" if one.folder is not None else None
    return folder if folder is not None and folder.is_dir() else None


def pending(one: Loaded) -> list[str]:
    """The names of migrations that were not applied yet."""
    known = _known(one)
    if not known:
        return []
    done = applied(one)
    return [name for name in known if name not in done]


def ahead(one: Loaded) -> list[str]:
    """The names of migrations that were applied and that this version of the plugin does not have."""
    return sorted(applied(one) - set(_known(one)))


def applied(one: Loaded) -> set[str]:
    """The names of the plugin's migrations that this database has had."""
    if history_of(one.name) not in database.get_tables():
        return set()
    return {name for (name,) in rows(f"select name from {history_of(one.name)}")}  # noqa: S608 - the name of a plugin is a-z, 0-9 and _


def _known(one: Loaded) -> list[str]:
    folder = scripts_of(one)
    return [path.stem for path in sorted(folder.glob("[0-9]*.py"))] if folder is not None else []


def migrate(one: Loaded) -> BaseException | None:
    """Apply what is pending, each migration in a transaction of its own; what stopped it, or None."""
    if not pending(one):
        return None
    if in_transaction():
        raise RuntimeError("migrations inside a transaction lose rows on SQLite")
    with migration_lock():
        # Once it is our turn, another process may have done it all.
        _, error = outcome_of(lambda: Runner(database.obj, str(scripts_of(one)), table_name=history_of(one.name)).up())
    return error
