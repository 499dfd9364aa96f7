"""The tables of plugins, which stay when a plugin is turned off and go only when an admin removes its data."""

import re

from leadboard.db import database, execute, is_sqlite, rows
from leadboard.pluginhost.migrations import history_of
from leadboard.pluginhost.registry import at_start


def tables_of(name: str) -> list[str]:
    """The plugin's tables that are in the database: those it declares, and any other with its prefix.

    A plugin called `mail` must not take the tables of `mail_drop`: the prefix counts only while nobody else's fits better.
    """
    declared = {contribution.item._meta.table_name: contribution.plugin for contribution in at_start("register_models")}
    prefix = re.compile(rf"p_{re.escape(name)}_[a-z0-9_]+")
    return sorted(
        table for table in database.get_tables() if declared.get(table, name if prefix.fullmatch(table) else "") == name
    )


def count_rows(name: str) -> dict[str, int]:
    """{table: number of rows}."""
    return {
        table: int(rows(f'select count(*) from "{table}"')[0][0])  # noqa: S608 - a table as the database itself names it
        for table in tables_of(name)
    }


def drop_tables(name: str) -> None:
    """Take the plugin's tables and its history away, inside the caller's transaction."""
    # A plugin's tables may point to one another, in any order.
    with_keys = "" if is_sqlite() else " cascade"
    for table in [*tables_of(name), history_of(name)]:
        execute(f'drop table if exists "{table}"{with_keys}')
