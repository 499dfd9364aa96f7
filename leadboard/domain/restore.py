"""Putting a backup back. What is there is set aside, never overwritten."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from peewee import PeeweeException

from leadboard import paths
from leadboard.config import Settings
from leadboard.db import atomic, database, execute, forget_connection, is_sqlite, one, open_database, rows
from leadboard.domain.archive import Manifest, damaged, open_archive
from leadboard.domain.dumps import ASIDE, check_sqlite, count_postgresql, run_tool, tool
from leadboard.errors import N_, DatabaseProblem
from leadboard.instance_lock import instance_lock


@dataclass
class Restored:
    """What a restore did, or would do; `aside` is where the data before it went."""

    manifest: Manifest
    aside: str | None = None
    notes: list[str] = field(default_factory=list)


def restore_backup(settings: Settings, source: Path, *, dry_run: bool = False) -> Restored:
    """Check a backup and put it in place of the instance's data. Raises DatabaseProblem; then all is as before."""
    with instance_lock(settings.instance, alone=not dry_run):
        if not dry_run:
            _refuse_others()
        with _unpacked(settings, source) as (manifest, folder):
            result = Restored(manifest)
            if dry_run:
                return result
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            if is_sqlite():
                _swap_sqlite(settings, folder, stamp, result)
            else:
                _swap_postgresql(settings, folder, stamp, result)
            _swap_files(settings, folder, stamp, result)
        _end_sessions(settings)
        return result


@contextmanager
def _unpacked(settings: Settings, source: Path) -> Iterator[tuple[Manifest, Path]]:
    """The backup's files in a folder on the instance's disk, each checked."""
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.instance) as name:
        folder = Path(name)
        with open_archive(source) as (manifest, read):
            _refuse_wrong(manifest)
            _check_room(settings, manifest)
            read(lambda member: _create(folder / member))
        if manifest.engine == "sqlite":
            if check_sqlite(folder / "database.sqlite") != manifest.counts:
                raise damaged("the rows in it are not those that the manifest counts")
        else:
            run_tool(settings, [tool("pg_restore"), "--list", str(folder / "database.pgdump")], connect=False)
        yield manifest, folder


def _check_room(settings: Settings, manifest: Manifest) -> None:
    free = shutil.disk_usage(settings.instance).free
    if manifest.total_bytes > free:
        raise DatabaseProblem(
            N_("The restore needs %(needed)d MB in %(folder)s, and %(free)d MB are free. Make room first."),
            needed=manifest.total_bytes // 1_000_000 + 1, free=free // 1_000_000, folder=settings.instance,
        )  # fmt: skip


def _create(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _refuse_wrong(manifest: Manifest) -> None:
    engine = "sqlite" if is_sqlite() else "postgresql"
    if manifest.engine != engine:
        raise DatabaseProblem(
            N_("This is a backup of %(theirs)s, and this instance uses %(ours)s. Set LEADBOARD_DATABASE_URL to match it."),
            theirs=manifest.engine, ours=engine,
        )  # fmt: skip
    if f"database.{'sqlite' if is_sqlite() else 'pgdump'}" not in manifest.members:
        raise damaged("it holds no database")
    known = {path.stem for path in paths.MIGRATIONS.glob("[0-9]*.py")}
    if newer := sorted(set(manifest.schema) - known):
        raise DatabaseProblem(
            N_("This backup was made by a newer Leadboard (%(version)s, it has %(name)s). Install that version first."),
            version=manifest.version, name=newer[-1],
        )  # fmt: skip


def _refuse_others() -> None:
    """On PostgreSQL a server may run on another machine: nobody else may be connected."""
    if is_sqlite():
        return
    found = one(
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and backend_type = 'client backend' and application_name not in ('pg_dump', 'pg_restore')"
    )
    if found and found[0]:
        raise DatabaseProblem(
            N_("%(count)d other programs are connected to this database. Stop Leadboard everywhere, then try again."),
            count=found[0],
        )


# ---------------------------------------------------------------------------------------------- taking the place


def _swap_sqlite(settings: Settings, folder: Path, stamp: str, result: Restored) -> None:
    path = settings.sqlite_path
    assert path is not None
    forget_connection()
    aside = path.parent / f"before-restore-{stamp}"
    for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if old.exists():
            aside.mkdir(exist_ok=True)
            old.rename(aside / old.name)
            result.aside = str(aside)
    try:
        os.replace(folder / "database.sqlite", path)
    except OSError:
        for old in aside.iterdir() if aside.is_dir() else ():
            old.rename(path.parent / old.name)
        raise


def _swap_postgresql(settings: Settings, folder: Path, stamp: str, result: Restored) -> None:
    """Move our tables into a schema of their own, then let pg_restore write; they move back when it fails."""
    aside = f"{ASIDE}{stamp.replace('-', '_')}"
    tables = [row[0] for row in rows("select tablename from pg_tables where schemaname = current_schema()")]
    home = one("select current_schema()")
    assert home is not None
    if tables:
        _move(tables, home[0], aside)
        result.aside = f"schema {aside}"
    try:
        forget_connection()
        run_tool(
            settings,
            [tool("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments",
             f"--dbname={_database_name()}", str(folder / "database.pgdump")],
        )  # fmt: skip
        counts = count_postgresql()
        if counts != result.manifest.counts:
            raise damaged("the rows restored are not those that the manifest counts")
    except (DatabaseProblem, PeeweeException):
        with atomic():
            for (name,) in rows("select tablename from pg_tables where schemaname = current_schema()"):
                _define(f'drop table "{name}" cascade')
            for function in _trigger_functions(home[0]):
                _define(f"drop function {function}() cascade")
        if tables:
            _move(tables, aside, home[0])
        raise


def _define(statement: str) -> None:
    """Run a statement that takes no values: names of tables and schemas as the database lists them."""
    execute(statement)


def _database_name() -> str:
    found = one("select current_database()")
    assert found is not None
    return str(found[0])


def _move(tables: list[str], source: str, target: str) -> None:
    """Move tables with their indexes and sequences, and the functions of their triggers, to another schema."""
    with atomic():
        _define(f'create schema if not exists "{target}"')
        for name in tables:
            _define(f'alter table "{source}"."{name}" set schema "{target}"')
        for function in _trigger_functions(source):
            _define(f'alter function "{source}".{function}() set schema "{target}"')
        if source.startswith(ASIDE):
            _define(f'drop schema "{source}"')


def _trigger_functions(schema: str) -> list[str]:
    found = rows(
        "select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where nspname = ? and starts_with(proname, 'leadboard_')",
        (schema,),
    )
    return [name for (name,) in found]


def _swap_files(settings: Settings, folder: Path, stamp: str, result: Restored) -> None:
    """Uploads and the key take their places; settings are laid beside those in force."""
    aside = settings.instance / f"before-restore-{stamp}"
    for name in ("uploads", "secret_key"):
        new, place = folder / name, settings.instance / name
        if name == "secret_key" and not new.exists():
            continue
        if place.exists():
            aside.mkdir(exist_ok=True)
            place.rename(aside / name)
        if new.exists():
            new.rename(place)
            result.notes.append(f"{name}: restored")
    toml, place = folder / "leadboard.toml", settings.instance / "leadboard.toml"
    if toml.exists() and place.exists() and place.read_bytes() != toml.read_bytes():
        toml.replace(settings.instance / "leadboard.toml.from-backup")
        result.notes.append("leadboard.toml: the one in force stays; the one of the backup is leadboard.toml.from-backup")
    elif toml.exists() and not place.exists():
        toml.rename(place)
        result.notes.append("leadboard.toml: restored without secrets")


def _end_sessions(settings: Settings) -> None:
    """Whoever was signed out since the backup must not be let in by it."""
    open_database(settings)
    with atomic():
        execute("delete from session")
        execute("delete from password_link")
    database.close()
