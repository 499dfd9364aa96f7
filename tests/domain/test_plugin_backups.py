"""Backups hold the tables of plugins, and go back also where a plugin is not installed any more."""

import pytest

from leadboard.db import database, execute, forget_connection, one, open_database, rows
from leadboard.domain.backups import write_backup
from leadboard.domain.checks import check_database
from leadboard.domain.plugins import enable, remove_data
from leadboard.domain.restore import restore_backup
from leadboard.permissions import SYSTEM
from leadboard.queries.plugins import left_over
from leadboard.wiring import connect_plugins

SOURCE = """
from leadboard.api import *
PLUGIN = Plugin(name="visits", title="Visits", version="1.0")
"""
MIGRATION = """
def up(migrator, db):
    db.execute_sql("create table p_visits_visit (id integer primary key, lead_id bigint not null references lead (id) on delete cascade)")
"""


@pytest.fixture(autouse=True)
def tidy(settings):
    """PostgreSQL keeps what a restore set aside, and the plugin's tables."""
    yield
    open_database(settings)
    if settings.sqlite_path is None:
        for (name,) in rows("select nspname from pg_namespace where nspname like 'before_restore_%'"):
            execute(f'drop schema "{name}" cascade')
    for table in ("p_visits_visit", "schema_migration_p_visits"):
        database.execute_sql(f"drop table if exists {table}")
    forget_connection()


def test_a_backup_with_a_plugin_goes_back_without_it(drop_in, settings, request, tmp_path):
    drop_in("visits", SOURCE, files={"migrations/0001_visits.py": MIGRATION})
    make = request.getfixturevalue("make")
    enable("visits", actor=SYSTEM)
    lead = make.lead("Ferienhof Lüders")
    execute("insert into p_visits_visit (id, lead_id) values (1, ?)", (lead.id,))
    manifest = write_backup(settings, tmp_path / "b.tar.gz")
    assert (manifest.counts["p_visits_visit"], manifest.counts["schema_migration_p_visits"]) == (1, 1)

    execute("delete from lead where id = ?", (lead.id,))
    (settings.instance / "plugins" / "visits").rename(tmp_path / "visits-elsewhere")
    connect_plugins(settings)
    restore_backup(settings, tmp_path / "b.tar.gz")

    open_database(settings)
    assert one("select lead_id from p_visits_visit") == (lead.id,)
    assert left_over() == ["visits"]
    assert [finding.name for finding in check_database(settings) if finding.count] == []
    assert remove_data("visits", actor=SYSTEM) == {"p_visits_visit": 1}
    assert left_over() == []


@pytest.mark.sqlite_only
def test_a_database_is_examined_before_it_has_the_tables_of_plugins(drop_in, settings, request):
    drop_in("visits", SOURCE, files={"migrations/0001_visits.py": MIGRATION})
    request.getfixturevalue("app")
    for table in ("plugin_state", "plugin_failure", "plugin_timing"):
        execute(f"drop table {table}")
    execute("delete from schema_migration where name = '0002_plugins'")
    connect_plugins(settings)
    assert [finding.name for finding in check_database(settings) if finding.count] == ["no migration is pending"]
