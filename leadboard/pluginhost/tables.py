"""The tables of plugins, which stay when a plugin is turned off and go only when an admin removes its data."""

from leadboard.db import database, execute, is_sqlite, rows
from leadboard.pluginhost.migrations import HISTORY_PREFIX, history_of
from leadboard.pluginhost.registry import at_start, loaded_plugins


def tables_of(name: str) -> list[str]:
    """The plugin's tables that are in the database: those it declares, and any other with its prefix.

    A plugin called `mail` must not take the tables of `mail_drop`, whether that one is on, broken or gone: a table
    belongs to the longest name that fits.
    """
    there = database.get_tables()
    declared = {contribution.item._meta.table_name: contribution.plugin for contribution in at_start("register_models")}
    names = {one.name for one in loaded_plugins()} | {name}
    names |= {table.removeprefix(HISTORY_PREFIX) for table in there if table.startswith(HISTORY_PREFIX)}
    names |= {known for (known,) in rows("select name from plugin_state")}

    def owner(table: str) -> str:
        fitting = [known for known in names if table.startswith(f"p_{known}_")]
        return declared.get(table) or max(fitting, key=len, default="")

    return sorted(table for table in there if owner(table) == name)


def count_rows(name: str) -> dict[str, int]:
    """{table: number of rows}."""
    return {
        table: int(rows(f'select count(*) from "{table}"')[0][0])  # noqa: S608 - a table as the database itself names it
        for table in tables_of(name)
    }


def drop_tables(name: str) -> None:
    """Take the plugin's tables and its history away, inside the caller's transaction."""
    tables = [*tables_of(name), history_of(name)]
    if is_sqlite():
        # They may refer to each other: what points to what is looked at only when all of them are gone.
        execute("pragma defer_foreign_keys = on")
        for table in tables:
            execute(f'drop table if exists "{table}"')
        return
    names = ", ".join(f'"{table}"' for table in tables)
    execute(f"drop table if exists {names} cascade")
