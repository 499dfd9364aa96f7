"""Leadboard's pytest plugin: the fixtures, and the engines that tests run on.

`--engine both` runs every test on SQLite and on PostgreSQL, except those marked browser or soak alone. SQLite is what is
asked for unless told; Leadboard's own suite asks for both.

A plugin that is a folder, not a package, names itself in its pytest.ini: `leadboard_plugins = .`
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import connect as psycopg_connect

from leadboard import jobs, schema
from leadboard.config import Settings
from leadboard.db import database, forget_connection, open_database
from leadboard.models import ALL_MODELS
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES
from leadboard.pluginhost import registry
from leadboard.queries import settings as settings_cache
from leadboard.queries.custom_fields import index_names
from leadboard.testing import postgres

# Failures in the suites that others inherit say what differed.
pytest.register_assert_rewrite("leadboard.testing.conformance")
pytest_plugins = ["leadboard.testing.fixtures", "leadboard.testing.programs", "leadboard.testing.plugins"]

SECRET = "t" * 40
MARKERS = (
    "both_engines: a soak that runs on PostgreSQL, too",
    "browser: drives Chromium",
    "sqlite_only: about the SQLite file itself, or the same on both engines",
    "soak: kills and long load",
    'plugin_errors(how): "record" lets pages go on beside a plugin that raises, as for users',
)


_server = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """One PostgreSQL for the whole run: with xdist the controller starts it and the workers find it by the variable."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    postgres.offer_tools()
    if not hasattr(config, "workerinput") and config.getoption("--engine") != "sqlite" and not config.getoption("--collect-only"):
        os.environ[postgres.VARIABLE] = _server.enter_context(postgres.server())


def pytest_unconfigure() -> None:
    _server.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=["both", "sqlite", "postgresql"], default="sqlite", help="the database engines to run on"
    )
    parser.addini("leadboard_plugins", "folders of plugins that every test's instance finds", type="paths", default=[])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" not in metafunc.fixturenames:
        return
    wanted = metafunc.config.getoption("--engine")
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    single = {"browser", "soak", "sqlite_only"} & marks and "both_engines" not in marks
    engines = ["sqlite", "postgresql"] if wanted == "both" and not single else ["sqlite" if single else wanted]
    metafunc.parametrize("engine", engines, scope="session")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy from."""
    folder = tmp_path_factory.mktemp("template")
    settings = Settings(instance=folder, secret_key=SECRET, testing=True)
    open_database(settings)
    schema.upgrade(settings)
    forget_connection()
    return folder / "leadboard.db"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated database of this worker's own on a throw-away server (or LEADBOARD_TEST_DATABASE_URL's)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with postgres.server() as base:
        name = f"leadboard_test_{worker}_{os.getpid()}"
        with psycopg_connect(base, autocommit=True) as admin:
            admin.execute(f"create database {name}")
        url = f"{base.rpartition('/')[0]}/{name}"
        settings = Settings(instance=Path("/nonexistent"), database_url=url, secret_key=SECRET, testing=True)
        open_database(settings)
        schema.upgrade(settings)
        forget_connection()
        yield url
        forget_connection()
        with psycopg_connect(base, autocommit=True) as admin:
            admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def settings(engine: str, tmp_path: Path, plugin_errors: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings of a fresh, migrated, empty database on the engine under test."""
    if engine == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "leadboard.db")
        found = Settings(instance=tmp_path, secret_key=SECRET, plugin_errors=plugin_errors, testing=True)
    else:
        url = request.getfixturevalue("postgres_url")
        found = Settings(instance=tmp_path, database_url=url, secret_key=SECRET, plugin_errors=plugin_errors, testing=True)
        open_database(found)
        _empty()
    _link_plugins(request.config.getini("leadboard_plugins"), found.instance / "plugins")
    settings_cache.forget()
    registry.forget()
    open_database(found)
    yield found
    jobs.forget_wake()
    forget_connection()


def _link_plugins(folders: list[Path], place: Path) -> None:
    """Drop the plugins under test into the instance, as a user would."""
    for folder in folders:
        place.mkdir(exist_ok=True)
        (place / folder.resolve().name).symlink_to(folder.resolve(), target_is_directory=True)


def _empty() -> None:
    """The database outlives the test: take its rows away, the tables that plugins made, and the indexes of custom fields."""
    for (table,) in database.execute_sql(
        "select tablename from pg_tables where schemaname = current_schema() and tablename ~ '^(schema_migration_)?p_'"
    ).fetchall():
        database.execute_sql(f'drop table if exists "{table}" cascade')
    for name in index_names():
        database.execute_sql(f'drop index if exists "{name}"')
    names = ", ".join(f'"{model._meta.table_name}"' for model in reversed(ALL_MODELS))
    database.execute_sql("alter table event disable trigger user")
    names += "".join(f", {table}_text" for table in RECORD_TYPES) + "".join(
        f", {table}_words" for table in (*RECORD_TYPES, *ENTRY_TYPES)
    )
    database.execute_sql(f"truncate {names} restart identity cascade")
    database.execute_sql("alter table event enable trigger user")
    forget_connection()
