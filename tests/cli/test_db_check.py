"""`leadboard db check` and what plugins and custom fields have in the database: what is wrong, and which command helps."""

import json
import re

import pytest

from leadboard.db import database, execute, rows
from leadboard.domain.custom_fields import add_field
from leadboard.domain.field_indexes import wanted_indexes
from leadboard.permissions import SYSTEM

SOURCE = """
from peewee import CharField
from leadboard.api import *
PLUGIN = Plugin(name="visits", title="Visits", version="1.0")
class Visit(PluginModel):
    place = CharField()
    class Meta:
        table_name = "p_visits_visit"
@hookimpl
def register_models():
    return [Visit]
"""
FIRST = "def up(migrator, db): db.execute_sql('create table p_visits_visit (id integer primary key, place varchar(255))')"
SECOND = "def up(migrator, db): db.execute_sql('alter table p_visits_visit add column day integer')"


@pytest.fixture
def scripts(drop_in, settings, shell):
    """The folder of the migrations of a plugin that is on."""
    drop_in("visits", SOURCE, files={"migrations/0001_visits.py": FIRST})
    assert shell("plugins", "enable", "visits")[0] == 0
    yield settings.instance / "plugins" / "visits" / "migrations"
    for table in ("p_visits_visit", "schema_migration_p_visits"):
        execute(f"drop table if exists {table}")


@pytest.fixture
def check(shell):
    """check() is {what is wrong: which}, and what is said to whoever reads it."""

    def run(*options):
        code, out, _ = shell("db", "check", "--json", *options)
        told = json.loads(out)
        wrong = {one["name"]: one["wrong"] for one in told["findings"] if one["count"]}
        assert (code, told["ok"]) == (bool(wrong), not wrong)
        return wrong, shell("db", "check")[2].strip()

    return run


def test_nothing_is_wrong_with_a_plugin_that_is_as_it_should_be(scripts, check):
    assert check() == ({}, "")


def test_a_migration_that_did_not_run_yet(scripts, check, shell):
    (scripts / "0002_more.py").write_text(SECOND)
    wrong, said = check()
    assert wrong == {"no migration of a plugin is pending": ["visits 0002_more"]}
    assert said == ("leadboard: The database needs attention. leadboard db upgrade applies it, and says why when it cannot.")
    shell("db", "upgrade")
    assert check() == ({}, "")


def test_a_migration_of_a_plugin_that_is_off_waits_for_its_switch(scripts, check, shell):
    (scripts / "0002_more.py").write_text(SECOND)
    shell("plugins", "disable", "visits")
    assert check() == ({}, "")


def test_tables_of_a_newer_version_of_the_plugin(scripts, check, shell):
    (scripts / "0002_more.py").write_text(SECOND)
    shell("db", "upgrade")
    (scripts / "0002_more.py").unlink()
    for _ in ("on", "off"):
        wrong, said = check()
        assert wrong == {"tables of plugins are not newer than the plugins": ["visits 0002_more"]}
        assert "install that one, or turn it off and use Remove data" in said
        shell("plugins", "disable", "visits")


def test_a_table_that_is_gone(scripts, check, shell):
    execute("drop table p_visits_visit")
    wrong, said = check()
    assert wrong == {"tables of plugins are there": ["p_visits_visit"]}
    assert "Restore a backup; or turn the plugin off, use Remove data, and turn it on again" in said


def test_the_index_of_a_field_that_is_missing_and_one_that_is_left_over(settings, app, check, shell):
    shell("db", "upgrade")
    add_field("Size", "number", actor=SYSTEM)
    (name,) = wanted_indexes()
    assert check() == ({}, "")
    execute(f"drop index {name}")
    execute("create index lead_f999_00000000 on lead (city)")
    wrong, said = check()
    assert wrong == {
        "indexes of custom fields are those of the fields": [f"{name} is missing", "lead_f999_00000000 is left over"]
    }
    assert said == "leadboard: The database needs attention. leadboard db check --repair puts right what can be derived."
    assert check("--repair") == ({}, "")
    assert {name} == {found for found in indexes() if re.match(r"lead_f\d", found)}


def indexes():
    return {index.name for index in database.get_indexes("lead")}


def test_a_pending_migration_of_the_core_says_the_command(check, settings, app):
    execute("delete from schema_migration where name = '0004_tokens'")
    try:
        wrong, said = check()
    finally:
        execute("insert into schema_migration (name, applied) values ('0004_tokens', '2026-01-01')")
    assert (wrong, said) == (
        {"no migration is pending": ["0004_tokens"]},
        "leadboard: The database needs attention. leadboard db upgrade applies it.",
    )
    assert rows("select count(*) from schema_migration where name = '0004_tokens'") == [(1,)]
