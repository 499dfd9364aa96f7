"""Copies of the whole database, consistent while others write: SQLite by VACUUM INTO, PostgreSQL by pg_dump."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from leadboard.config import Settings
from leadboard.db import database, is_sqlite, one, rows
from leadboard.errors import N_, DatabaseProblem
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES

ASIDE = "before_restore_"
_TABLES = (
    "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'"
    + "".join(f" and name not like '{record_type}\\_text\\_%' escape '\\'" for record_type in RECORD_TYPES)
    + "".join(f" and name not like '{table}\\_words\\_%' escape '\\'" for table in (*RECORD_TYPES, *ENTRY_TYPES))
    + " order by name"
)


def dump(settings: Settings, path: Path) -> dict[str, int]:
    """Write a checked copy of the database to `path`; the rows of each table in it."""
    return _dump_sqlite(path) if is_sqlite() else _dump_postgresql(settings, path)


def _dump_sqlite(path: Path) -> dict[str, int]:
    database.execute_sql("vacuum into ?", (str(path),))
    return check_sqlite(path)


def check_sqlite(path: Path) -> dict[str, int]:
    """The rows of each table of a database file. Raises DatabaseProblem when it is damaged."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
        try:
            (state,) = copy.execute("pragma integrity_check(1)").fetchone()
            broken = copy.execute("pragma foreign_key_check").fetchall()
            names = [row[0] for row in copy.execute(_TABLES)]
            counts = {name: int(copy.execute(f'select count(*) from "{name}"').fetchone()[0]) for name in names}
        except sqlite3.DatabaseError as error:
            state, broken, counts = str(error), [], {}
    if state != "ok" or broken:
        reason = state if state != "ok" else f"{len(broken)} rows point to nothing"
        raise DatabaseProblem(N_("The database is damaged (%(reason)s). Run leadboard db check."), reason=reason)
    return counts


def _dump_postgresql(settings: Settings, path: Path) -> dict[str, int]:
    """pg_dump on the very snapshot in which the rows are counted."""
    program = tool("pg_dump")
    with database.transaction():
        database.execute_sql("set transaction isolation level repeatable read, read only")
        found = one("select pg_export_snapshot()")
        assert found is not None
        run_tool(
            settings,
            [program, "--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-comments", f"--snapshot={found[0]}",
             f"--exclude-schema={ASIDE}*", f"--file={path}"],
        )  # fmt: skip
        counts = count_postgresql()
    run_tool(settings, [tool("pg_restore"), "--list", str(path)], connect=False)
    return counts


def count_postgresql() -> dict[str, int]:
    names = [row[0] for row in rows("select tablename from pg_tables where schemaname = current_schema() order by tablename")]
    return {name: _count(name) for name in names}


def _count(table: str) -> int:
    found = one(f'select count(*) from "{table}"')
    return int(found[0]) if found else 0


# ---------------------------------------------------------------------------------------------- PostgreSQL's programs


def tool(name: str) -> str:
    """A program of PostgreSQL's client, as new as the server. Raises DatabaseProblem that says what to install."""
    server = _server_major()
    known = [shutil.which(name), *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True)]
    versions = {path: _major(path) for path in known if path}
    for path, version in versions.items():
        if version >= server:
            return path
    if versions:
        raise DatabaseProblem(
            N_("%(name)s is version %(found)d, the server is %(server)d. Install postgresql-client-%(server)d."),
            name=name, found=max(versions.values()), server=server,
        )  # fmt: skip
    raise DatabaseProblem(
        N_("%(name)s is not installed. Install postgresql-client-%(server)d, then run this again."), name=name, server=server
    )


def _server_major() -> int:
    found = one("select current_setting('server_version_num')::int")
    return int(found[0]) // 10_000 if found else 0


def _major(path: str) -> int:
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\s(\d+)", text)
    return int(found[1]) if found else 0


def run_tool(settings: Settings, command: Sequence[str], *, connect: bool = True) -> None:
    """Run one; where and as whom goes by the environment, which other users of the machine cannot read."""
    environment = {**os.environ, **(_connection(settings) if connect else {}), "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[0]
        raise DatabaseProblem(N_("%(name)s failed: %(reason)s"), name=Path(command[0]).name, reason=reason)


def _connection(settings: Settings) -> dict[str, str]:
    url = urlsplit(settings.database_url)
    values = {
        "PGHOST": url.hostname, "PGPORT": str(url.port) if url.port else None, "PGUSER": unquote(url.username or ""),
        "PGPASSWORD": unquote(url.password or ""), "PGDATABASE": unquote(url.path.lstrip("/")),
    }  # fmt: skip
    options = {
        f"PG{name.upper()}": value for name, value in parse_qsl(url.query) if name in {"sslmode", "sslrootcert", "host", "port"}
    }
    return {**{name: value for name, value in values.items() if value}, **options}
