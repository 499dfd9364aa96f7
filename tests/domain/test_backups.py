"""Backups are whole, verified and rotated; a restore puts back exactly what was there and keeps what it replaces."""

import gzip
import io
import json
import os
import random
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from leadboard import paths, schema
from leadboard.db import database, execute, forget_connection, one, open_database, rows
from leadboard.domain import backups, dumps
from leadboard.domain.archive import Manifest, open_archive, write_archive
from leadboard.domain.backups import backup_before_upgrade, kept, nightly_backup, write_backup
from leadboard.domain.demo import add_sample_data
from leadboard.domain.restore import restore_backup
from leadboard.errors import DatabaseProblem
from leadboard.instance_lock import instance_lock
from leadboard.models import ALL_MODELS, Lead

ENDED = {"session", "password_link"}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    found = {
        name: rows(f'select * from "{name}" order by 1') for name in (m._meta.table_name for m in ALL_MODELS) if name not in ENDED
    }
    for name in ("lead_text", "contact_text", "organisation_text"):
        found[name] = rows(f"select rowid, words from {name} order by rowid")
    return found


@pytest.fixture(autouse=True)
def tidy(settings) -> Iterator[None]:
    """PostgreSQL keeps what a restore set aside: remove it from the shared test database."""
    yield
    if settings.sqlite_path is None:
        open_database(settings)
        for (name,) in rows("select nspname from pg_namespace where nspname like 'before_restore_%'"):
            execute(f'drop schema "{name}" cascade')
    forget_connection()


def test_a_restore_puts_back_what_the_backup_held(app, make, anna, settings, tmp_path):
    make.note(make.lead("Łódź GmbH", owner=anna.user), "Ciao **bella**\n\n😀")
    add_sample_data(40)
    (settings.instance / "uploads" / "imports").mkdir(parents=True)
    (settings.instance / "uploads" / "imports" / "a b.csv").write_bytes(b"name\nAnna\n")
    before = everything()
    write_backup(settings, tmp_path / "b.tar.gz")

    make.lead("Typed after the backup")
    (settings.instance / "uploads" / "imports" / "a b.csv").write_bytes(b"changed")
    (settings.instance / "uploads" / "later.csv").write_bytes(b"later")
    done = restore_backup(settings, tmp_path / "b.tar.gz")

    assert everything() == before
    assert (settings.instance / "uploads" / "imports" / "a b.csv").read_bytes() == b"name\nAnna\n"
    assert not (settings.instance / "uploads" / "later.csv").exists()
    assert one("select count(*) from session") == (0,)
    assert done.aside is not None
    # The database works on: ids go on, the log is append-only.
    assert make.lead("After the restore").id > 41
    with pytest.raises(Exception, match="append-only"):
        execute("delete from event")
    forget_connection()


def test_what_was_replaced_is_set_aside(app, make, settings, tmp_path):
    write_backup(settings, tmp_path / "b.tar.gz")
    make.lead("Typed after the backup")

    done = restore_backup(settings, tmp_path / "b.tar.gz")

    assert Lead.select().count() == 0
    if settings.sqlite_path:
        open_database(replace(settings, database_url=f"sqlite:///{done.aside}/leadboard.db"))
        assert rows("select title from lead") == [("Typed after the backup",)]
        forget_connection()
        open_database(settings)
    else:
        assert rows(f"select title from {done.aside.removeprefix('schema ')}.lead") == [("Typed after the backup",)]


def test_the_manifest_counts_what_is_in_it(app, make, settings, tmp_path):
    make.leads(3)
    written = write_backup(settings, tmp_path / "b.tar.gz")

    with open_archive(tmp_path / "b.tar.gz") as (found, read):
        read(None)
    assert found == written
    assert (found.counts["lead"], found.counts["lead_text"], found.schema) == (3, 3, sorted(schema.applied()))
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    assert backups.days_without_backup(settings) == 0


def test_secrets_leave_only_when_asked(app, settings, tmp_path):
    (settings.instance / "secret_key").write_text("s" * 64)
    (settings.instance / "leadboard.toml").write_text(
        f'secret_key = "{"k" * 40}" # mine\nbase_url = "https://crm.example"\ntrusted_proxies = 1\ntrusted_hosts = ["a", "b"]\n'
        'database_url = "postgresql://lead:geheim@db/crm"\n'
    )
    write_backup(settings, tmp_path / "plain.tar.gz")
    write_backup(settings, tmp_path / "all.tar.gz", with_secret=True)

    plain, whole = members(tmp_path / "plain.tar.gz"), members(tmp_path / "all.tar.gz")
    assert plain["leadboard.toml"].decode().splitlines()[1:] == [
        'base_url = "https://crm.example"', "trusted_proxies = 1", 'trusted_hosts = ["a", "b"]', 'database_url = "postgresql://lead@db/crm"',
    ]  # fmt: skip
    assert "secret_key" not in plain
    assert (whole["secret_key"], b"geheim" in whole["leadboard.toml"]) == (b"s" * 64, True)


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        return {header.name: archive.extractfile(header).read() for header in archive}


def test_a_dry_run_changes_nothing(app, make, settings, tmp_path):
    write_backup(settings, tmp_path / "b.tar.gz")
    make.lead("Typed after the backup")
    before = sorted(path.name for path in settings.instance.iterdir())

    with instance_lock(settings.instance):
        assert restore_backup(settings, tmp_path / "b.tar.gz", dry_run=True).manifest.counts["lead"] == 0

    assert Lead.select().count() == 1
    assert {path.name for path in settings.instance.iterdir()} - set(before) <= {"in_use.lock", "last_backup"}


def test_a_restore_waits_for_nobody_while_a_server_runs(app, settings, tmp_path):
    write_backup(settings, tmp_path / "b.tar.gz")

    with instance_lock(settings.instance), pytest.raises(DatabaseProblem, match=r"is running on .* Stop it first"):
        restore_backup(settings, tmp_path / "b.tar.gz")


# ---------------------------------------------------------------------------------------------- what is refused


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def no_gzip(data: bytes) -> bytes:
    return b"PK\x03\x04" + data


def changed(data: bytes) -> bytes:
    """One byte of the database is another one, everything else fits."""
    return repacked(data, lambda name, text: text[:-1] + bytes([text[-1] ^ 1]) if name.startswith("database") else text)


def repacked(
    data: bytes, change: Callable[[str, bytes], bytes], extra: list[tuple[tarfile.TarInfo, bytes]] | None = None
) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as source, tarfile.open(fileobj=out, mode="w") as target:
        for header in source:
            text = change(header.name, source.extractfile(header).read())
            header.size = len(text)
            target.addfile(header, io.BytesIO(text))
        for header, text in extra or []:
            header.size = len(text)
            target.addfile(header, io.BytesIO(text))
    return gzip.compress(out.getvalue())


def with_a_member_too_many(data: bytes) -> bytes:
    return repacked(data, lambda _, text: text, [(tarfile.TarInfo("../../evil"), b"boo")])


def with_a_member_outside(data: bytes) -> bytes:
    def name_it(name: str, text: bytes) -> bytes:
        if name != "manifest.json":
            return text
        values = json.loads(text)
        values["members"]["uploads/../../evil"] = [3, "0" * 64]
        return json.dumps(values).encode()

    return repacked(data, name_it, [(tarfile.TarInfo("uploads/../../evil"), b"boo")])


def with_a_link(data: bytes) -> bytes:
    link = tarfile.TarInfo("uploads/x")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return repacked(data, lambda _, text: text, [(link, b"")])


def without_manifest(data: bytes) -> bytes:
    return repacked(data, lambda name, text: b"[]" if name == "manifest.json" else text)


@pytest.mark.parametrize(
    "damage", [cut_off, no_gzip, changed, with_a_member_too_many, with_a_member_outside, with_a_link, without_manifest]
)
def test_a_damaged_backup_is_refused_and_nothing_changes(damage, app, make, settings, tmp_path):
    good = tmp_path / "good.tar.gz"
    write_backup(settings, good)
    make.lead("Mine")
    (tmp_path / "bad.tar.gz").write_bytes(damage(good.read_bytes()))

    with pytest.raises(DatabaseProblem, match="backup"):
        restore_backup(settings, tmp_path / "bad.tar.gz")

    assert [lead.title for lead in Lead.select()] == ["Mine"]
    assert not (tmp_path.parent / "evil").exists()
    assert [path.name for path in settings.instance.iterdir() if path.name.startswith((".restore", "before-restore"))] == []


@pytest.mark.sqlite_only
def test_a_large_backup_torn_in_its_middle_is_refused(tmp_path):
    """Far behind the headers the damage shows while a member is read: no compressed data any more."""
    (tmp_path / "x").write_text(random.Random(1).randbytes(2_000_000).hex())
    torn = tmp_path / "b.tar.gz"
    write_archive(torn, {"uploads/x": tmp_path / "x"}, Manifest("9", "sqlite", "", [], {}, has_secret=False))
    data = torn.read_bytes()
    middle = len(data) // 2
    torn.write_bytes(data[:middle] + b"\xff" * 400 + data[middle + 400 :])

    with pytest.raises(DatabaseProblem, match="not a backup"), open_archive(torn) as (_, read):
        read(None)


@pytest.mark.parametrize(
    "fields, said",
    [({"schema": ["9999_later"]}, "newer Leadboard"), ({"engine": "oracle"}, "This is a backup of oracle")],
)
def test_a_backup_of_something_else_is_refused(fields, said, app, settings, tmp_path):
    manifest = Manifest(
        version="9",
        engine="sqlite" if settings.sqlite_path else "postgresql",
        created_at="",
        schema=[],
        counts={},
        has_secret=False,
    )
    (tmp_path / "x").write_bytes(b"x")
    member = "database.sqlite" if settings.sqlite_path else "database.pgdump"
    write_archive(tmp_path / "b.tar.gz", {member: tmp_path / "x"}, Manifest(**{**asdict(manifest), **fields}))

    with pytest.raises(DatabaseProblem, match=said):
        restore_backup(settings, tmp_path / "b.tar.gz")


def test_a_backup_that_fails_leaves_nothing(app, settings, tmp_path, monkeypatch):
    def full(*_: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(backups, "write_archive", full)
    target = tmp_path / "out" / "b.tar.gz"
    target.parent.mkdir()

    with pytest.raises(DatabaseProblem, match="No space left"):
        write_backup(settings, target)

    assert list(target.parent.iterdir()) == []


def test_a_disk_without_room_is_refused_first(app, settings, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))

    with pytest.raises(DatabaseProblem, match="Make room or choose another disk"):
        write_backup(settings, tmp_path / "b.tar.gz")


def test_an_old_or_missing_pg_dump_is_named(app, monkeypatch):
    monkeypatch.setattr(dumps, "_server_major", lambda: 18)
    monkeypatch.setattr(dumps, "_major", lambda path: 15)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(DatabaseProblem, match=r"pg_dump is version 15, the server is 18\. Install postgresql-client-18"):
        dumps.tool("pg_dump")

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    with pytest.raises(DatabaseProblem, match=r"pg_dump is not installed\. Install postgresql-client-18"):
        dumps.tool("pg_dump")


# ---------------------------------------------------------------------------------------------- by itself


def test_an_upgrade_backs_up_first(app, make, settings, tmp_path, monkeypatch):
    make.lead("Before the upgrade")
    folder = tmp_path / "migrations"
    shutil.copytree(paths.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "0999_more.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('create table more (id integer primary key)')\n"
    )
    monkeypatch.setattr(paths, "MIGRATIONS", folder)
    written: list[Path] = []
    try:
        done = schema.upgrade(settings, before=lambda: written.append(backup_before_upgrade(settings)))
        assert done == ["0999_more"]
        with open_archive(written[0]) as (manifest, read):
            read(None)
        assert written[0].name.startswith("before-0999_more-")
        assert (manifest.counts["lead"], "more" in manifest.counts) == (1, False)
    finally:
        execute("drop table if exists more")
        execute("delete from schema_migration where name = '0999_more'")


def test_the_newest_five_backups_before_upgrades_stay(app, settings, monkeypatch):
    folder = backups.backup_folder(settings)
    for number in range(8):
        path = folder / f"before-0002_x-2026010{number}-000000.tar.gz"
        path.touch()
        os.utime(path, (number, number))
    monkeypatch.setattr(schema, "check", lambda _: ["0003_y"])

    newest = backup_before_upgrade(settings)

    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"before-0002_x-2026010{number}-000000.tar.gz" for number in (4, 5, 6, 7)),
        newest.name,
    ]


def test_the_nightly_backup_skips_an_empty_instance(settings):
    nightly_backup(settings)

    assert not (settings.instance / "backups").exists()


def test_the_nightly_backup_leaves_a_new_instance_alone(app, make, settings):
    make.lead()
    backups.start_clock(settings)
    nightly_backup(settings)
    assert not (settings.instance / "backups").exists()

    os.utime(settings.instance / "last_backup", (1, 1))
    nightly_backup(settings)
    nightly_backup(settings)
    assert len(list((settings.instance / "backups").glob("*.tar.gz"))) == 1


def test_the_nightly_backup_rotates_and_tidies(app, make, settings):
    make.lead()
    folder = backups.backup_folder(settings)
    for day in range(1, 21):
        (folder / f"nightly-200001{day:02d}-010000.tar.gz").touch()
    (folder / "mine.tar.gz").touch()
    (folder / ".nightly-20000101-000000.tar.gz.killed").mkdir()

    nightly_backup(settings)

    names = sorted(path.name for path in folder.iterdir())
    assert names[:2] == ["in_use.lock", "mine.tar.gz"]
    assert names[2:-1] == [f"nightly-200001{day:02d}-010000.tar.gz" for day in (9, 15, 16, 17, 18, 19, 20)]
    assert len(names) == 10


def test_what_stays_of_a_year_of_nights():
    nights = [
        f"nightly-{year}{month:02d}{day:02d}-020000.tar.gz"
        for year in (2025, 2026)
        for month in range(1, 13)
        for day in range(1, 29)
    ]

    stay = sorted(kept([*nights, "before-0002-20260101-000000.tar.gz"]))

    assert [name[8:16] for name in stay if name[8:14] == "202612"] == [
        f"202612{day}" for day in (13, 20, 22, 23, 24, 25, 26, 27, 28)
    ]
    assert [name[8:16] for name in stay if name[8:14] < "202612"] == [
        "20260128",
        *[f"2026{month:02d}28" for month in range(2, 12)],
    ][: len(stay) - 9]


def test_two_backups_while_somebody_writes(app, make, settings, tmp_path):
    """The numbers in the manifest are those of the copy, whatever happens meanwhile."""
    make.leads(2)
    real = dumps.dump

    def dump_then_write(*args: Any) -> dict[str, int]:
        counts = real(*args)
        make.lead()
        return counts

    backups.dump, kept_dump = dump_then_write, backups.dump
    try:
        write_backup(settings, tmp_path / "b.tar.gz")
    finally:
        backups.dump = kept_dump
    restore_backup(settings, tmp_path / "b.tar.gz")
    assert (Lead.select().count(), database.is_closed()) == (2, False)
