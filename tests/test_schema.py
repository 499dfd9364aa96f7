"""The schema: models and migrations agree, upgrades keep every row, and say when they cannot."""

import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from peewee import CharField, DatabaseError, ForeignKeyField, TextField
from playhouse.schema_diff import diff_models

from leadboard import paths, schema
from leadboard.config import Settings
from leadboard.db import atomic, database, execute, forget_connection, is_sqlite, one, open_database, rows
from leadboard.domain.moves import move_lead
from leadboard.errors import DatabaseProblem
from leadboard.models import ALL_MODELS, Event, Note, Source
from leadboard.permissions import SYSTEM
from leadboard.queries import settings as settings_cache
from leadboard.schema import HISTORY, check, repeatable, triggers, upgrade
from leadboard.testing.factories import Make

TABLES = sorted(model._meta.table_name for model in ALL_MODELS)
NAMED_INDEXES = set(schema.INDEX_SQL)

# What a later release might bring: a new column, and a change that makes SQLite rebuild tables that others point to.
LATER = """
    from peewee import CharField

    def up(migrator, db):
        migrator.migrate(
            migrator.add_column("note", "colour", CharField(max_length=20, default="plain")),
            migrator.add_column("event", "hue", CharField(max_length=20, default="")),
        )
        for table, column in (("lead", "lost_to"), ("stage", "tone"), ("event", "data")):
            migrator.migrate(migrator.rename_column(table, column, column + "_2"))
            migrator.migrate(migrator.rename_column(table, column + "_2", column))
        if db.__class__.__name__ == "SqliteDatabase":
            for table, column in (("lead", "lost_to"), ("event", "data"), ("user", "name")):
                migrator.migrate(migrator.drop_not_null(table, column))
                migrator.migrate(migrator.add_not_null(table, column))
"""


@pytest.fixture
def fresh(engine, tmp_path, settings, request):
    """Settings of a database without any table, and one that this test alone may migrate."""
    if engine == "sqlite":
        folder = tmp_path / "fresh"
        folder.mkdir()
        found = Settings(instance=folder, secret_key="t" * 40, testing=True)
    else:
        name = f"leadboard_schema_{request.node.name.split('[')[0][-40:]}"
        database.execute_sql(f"drop database if exists {name} with (force)")
        database.execute_sql(f"create database {name}")
        base = settings.database_url.rpartition("/")[0]
        found = Settings(instance=tmp_path, database_url=f"{base}/{name}", secret_key="t" * 40, testing=True)
    forget_connection()
    open_database(found)
    yield found
    forget_connection()
    open_database(settings)
    if engine == "postgresql":
        database.execute_sql(f"drop database if exists {name} with (force)")


@pytest.fixture
def migrations(tmp_path, monkeypatch):
    """The folder of migrations, to add to."""
    folder = tmp_path / "migrations"
    shutil.copytree(paths.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(paths, "MIGRATIONS", folder)
    return folder


@pytest.fixture
def make_in(fresh):
    """Factories in the fresh database, migrated to the schema of today."""
    upgrade(fresh)
    settings_cache.forget()
    found = Make()
    found.set_up()
    yield found
    settings_cache.forget()


def add_migration(folder, text, name="9999_later.py"):
    (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")


def fill(make):
    """At least one row in every table, with everything that points to something."""
    ada = make.user("Ada Admin", role="admin")
    lead, _ = make.leads(2, owner=ada, source=make.source().id)
    make.note(lead)
    make.task(lead)
    move_lead(lead.id, to_stage_id=make.stage("Won").id, actor=SYSTEM)
    for model in ALL_MODELS:
        if not model.select().exists():
            model.create(**{field.name: some_value(field) for field in model._meta.sorted_fields if needs_value(field)})


def needs_value(field):
    if field.name in {"contact", "organisation"} and "lead" in field.model._meta.fields:
        return False  # it hangs on one record only
    return isinstance(field, ForeignKeyField) or not (field.null or field.default is not None or field.name == "id")


def some_value(field):
    if isinstance(field, ForeignKeyField):
        return field.rel_model.select().first()
    return "a" if isinstance(field, CharField | TextField) else 1


def counts():
    return {table: one(f'select count(*) from "{table}"')[0] for table in [*TABLES, "lead_text"]}


def partial_indexes():
    """The indexes that migrations do not make but schema.repeatable() does."""
    if is_sqlite():
        found = rows("select name from sqlite_master where type = 'index'")
    else:
        found = rows("select indexname from pg_indexes")
    return {name for (name,) in found} & NAMED_INDEXES


# ---------------------------------------------------------------------------------------------- models and migrations


def test_models_are_what_migrations_make(fresh):
    upgrade(fresh)

    diff = diff_models(database.obj, ALL_MODELS)

    made_elsewhere = [index for index in diff.drop_indexes if index.name in NAMED_INDEXES]
    assert diff._replace(drop_indexes=[index for index in diff.drop_indexes if index not in made_elsewhere]) == ([],) * 5
    assert partial_indexes() == NAMED_INDEXES


def test_types_and_null_are_what_migrations_make(fresh, engine):
    """schema_diff compares names only; the tables that the models would make differ in nothing else either."""
    upgrade(fresh)
    made = columns()
    for model in reversed(ALL_MODELS):
        execute(
            f'drop table "{model._meta.table_name}" cascade'
            if engine == "postgresql"
            else f'drop table "{model._meta.table_name}"'
        )
    database.create_tables(ALL_MODELS, safe=False)

    assert columns() == made


def columns():
    return {
        (table, column.name): (column.data_type.lower(), column.null, column.primary_key)
        for table in TABLES
        for column in database.get_columns(table)
    }


def test_every_table_has_its_model(fresh):
    upgrade(fresh)

    assert {
        table
        for table in database.get_tables()
        if not table.startswith("sqlite_") and not re.search(r"_(text|words)(_|$)", table)
    } == {*TABLES, HISTORY}


# ---------------------------------------------------------------------------------------------- upgrading


def test_an_upgrade_of_a_filled_database_keeps_every_row(make_in, fresh, migrations):
    fill(make_in)
    before = counts()
    assert 0 not in before.values(), before
    event = Event.select().dicts().order_by(Event.id).get()
    add_migration(migrations, LATER)
    told = []

    assert upgrade(fresh, before=lambda: told.append(counts())) == ["9999_later"]

    assert counts() == before
    assert told == [before], "the backup comes before the upgrade"
    assert {**Event.select().dicts().order_by(Event.id).get()} == event
    assert rows("select distinct colour from note") == [("plain",)]
    assert partial_indexes() == NAMED_INDEXES
    if is_sqlite():
        assert rows("pragma foreign_key_check") == []
        assert rows("pragma integrity_check") == [("ok",)]
    assert upgrade(fresh) == []


def test_a_rebuilt_table_keeps_its_triggers_and_foreign_keys(make_in, fresh, migrations):
    fill(make_in)
    add_migration(migrations, LATER)

    upgrade(fresh)

    assert_append_only()
    with pytest.raises(DatabaseError):
        execute("update lead set stage_id = 9999")
    lead_id = Note.get().lead_id
    execute("delete from lead_text where rowid = ?", (lead_id,))
    execute("delete from lead where id = ?", (lead_id,))
    assert Note.select().count() == 0


def test_a_failing_migration_leaves_the_database_as_it_was(make_in, fresh, migrations):
    fill(make_in)
    before = counts()
    add_migration(migrations, LATER + "\n        raise ValueError('no')\n")

    with pytest.raises(ValueError, match="no"):
        upgrade(fresh)

    assert counts() == before
    assert check(fresh) == ["9999_later"]
    assert "colour" not in {column.name for column in database.get_columns("note")}
    assert_append_only()


def test_an_upgrade_that_was_killed_before_its_end_is_finished_at_the_next_start(make_in, fresh):
    make_in.lead()
    for statement in schema.without_triggers():
        execute(statement)
    execute("drop index lead_board")

    assert upgrade(fresh) == []

    assert partial_indexes() == NAMED_INDEXES
    assert_append_only()


def test_rows_that_point_to_nothing_after_an_upgrade_are_told(make_in, fresh, migrations):
    fill(make_in)
    if not is_sqlite():
        assert rows("select 1 from pg_constraint where contype = 'f' and not convalidated") == []
        return
    add_migration(migrations, "def up(migrator, db):\n    db.execute_sql('delete from stage')\n")

    with pytest.raises(DatabaseProblem, match="4 rows point to nothing"):
        upgrade(fresh)


def test_no_upgrade_inside_a_transaction(settings):
    with atomic(), pytest.raises(RuntimeError):
        upgrade(settings)


def test_the_triggers_and_indexes_may_be_made_again(make):
    make.lead()
    for statement in [*repeatable(), *triggers()] * 2:
        execute(statement)

    assert partial_indexes() == NAMED_INDEXES
    assert_append_only()


# ---------------------------------------------------------------------------------------------- refusals


def test_a_database_of_a_newer_version_is_refused(fresh):
    upgrade(fresh)
    execute(f"insert into {HISTORY} (name, applied) values ('9998_newer', '2030-01-01 00:00:00')")

    with pytest.raises(DatabaseProblem) as refusal:
        upgrade(fresh)

    assert "newer Leadboard (it has 9998_newer)" in str(refusal.value)
    assert "Install that version" in str(refusal.value)


@pytest.mark.sqlite_only
def test_a_damaged_file_is_told_with_the_way_out(tmp_path, engine):
    (tmp_path / "leadboard.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    broken = Settings(instance=tmp_path, secret_key="t" * 40, testing=True)
    open_database(broken)

    with pytest.raises(DatabaseProblem, match="restore a backup") as refusal:
        check(broken)

    assert str(tmp_path / "leadboard.db") in str(refusal.value)
    forget_connection()


def test_the_log_of_events_can_only_grow(make):
    make.lead()
    assert_append_only()


def assert_append_only():
    for statement in ("update event set kind = 'x'", "delete from event"):
        with pytest.raises(DatabaseError, match="append-only"):
            execute(statement)
        if not is_sqlite():
            database.rollback()
    assert Event.select().where(Event.kind == "lead_created").exists()


# ---------------------------------------------------------------------------------------------- several processes

UPGRADE = """
import sys
from pathlib import Path
from leadboard.config import Settings
from leadboard.db import open_database
from leadboard.schema import upgrade

settings = Settings(instance=Path(sys.argv[1]), database_url=sys.argv[2], secret_key="t" * 40, testing=True)
open_database(settings)
sys.stdin.readline()
print(",".join(upgrade(settings)))
"""


def test_two_processes_that_upgrade_at_once_are_both_fine(fresh):
    arguments = [sys.executable, "-c", UPGRADE, str(fresh.instance), fresh.database_url]
    started = [
        subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=paths.ROOT
        )
        for _ in range(3)
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120) for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], answers
    assert sorted(out.strip() for out, _ in answers) == [
        "",
        "",
        ",".join(path.stem for path in sorted(paths.MIGRATIONS.glob("[0-9]*.py"))),
    ]
    assert check(fresh) == []


# ---------------------------------------------------------------------------------------------- ids


def test_ids_are_never_given_twice(settings):
    first = Source.create(name="a")
    first.delete_instance()
    second = Source.create(name="b")
    with pytest.raises(LookupError), atomic():
        create_and_fail()

    assert second.id > first.id
    assert Source.create(name="c").id > second.id


def create_and_fail():
    Source.create(name="lost")
    raise LookupError


@pytest.mark.sqlite_only
def test_every_id_of_a_table_is_kept_from_reuse(settings):
    """AUTOINCREMENT is what keeps SQLite from handing an id out again: an event may still speak of it."""
    connection = sqlite3.connect(settings.sqlite_path)
    made = dict(connection.execute("select name, sql from sqlite_master where type = 'table'"))
    connection.close()

    for model in ALL_MODELS:
        if model._meta.primary_key.name == "id":
            assert "AUTOINCREMENT" in made[model._meta.table_name], model
