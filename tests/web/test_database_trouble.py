"""Full, read-only, locked, gone: writing says when to try again, reading goes on, and all is well afterwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from leadboard import db
from leadboard.db import database, forget_connection, is_sqlite, one, open_database
from leadboard.models import Event, Lead


@pytest.fixture(autouse=True)
def board(make):
    make.pipeline()
    make.lead("Here before")


def write(person) -> tuple[int, str | None]:
    answer = person.post("/leads/new", {"title": "New one"})
    return answer.status_code, answer.headers.get("Retry-After")


def reads(person) -> bool:
    answer = person.get("/leads")
    return answer.status_code == 200 and "Here before" in answer.get_data(as_text=True)


def counts() -> tuple[int, int]:
    return Lead.select().count(), Event.select().count()


@contextmanager
def reopened(settings) -> Iterator[None]:
    """Connections are opened anew, as after an error."""
    open_database(settings)
    yield
    forget_connection()


@pytest.mark.sqlite_only
def test_a_full_disk(settings, anna, monkeypatch):
    before = counts()
    pages = one("pragma page_count")[0]
    with monkeypatch.context() as full:
        full.setitem(db.SQLITE_PRAGMAS, "max_page_count", pages)
        with reopened(settings):
            results: set[tuple[int, str | None]] = set()
            while len(results) < 2:
                results.add(write(anna))
            assert results == {(303, None), (503, "5")}
            assert reads(anna)
            stuck = counts()
    open_database(settings)

    assert stuck[0] - before[0] == stuck[1] - before[1]
    assert one("pragma integrity_check") == ("ok",)
    assert write(anna)[0] < 400


@pytest.mark.sqlite_only
def test_a_locked_database(settings, anna, monkeypatch):
    monkeypatch.setattr(db, "SQLITE_TIMEOUT_S", 0)
    before = counts()
    with reopened(settings):
        holder = sqlite3.connect(settings.sqlite_path, isolation_level=None)
        holder.execute("begin immediate")
        assert write(anna) == (503, "5")
        assert reads(anna)
        holder.execute("rollback")
        holder.close()

        assert counts() == before
        assert write(anna)[0] < 400


@pytest.mark.sqlite_only
def test_a_read_only_database(settings, anna, monkeypatch):
    before = counts()
    with monkeypatch.context() as fixed:
        fixed.setitem(db.SQLITE_PRAGMAS, "query_only", 1)
        with reopened(settings):
            assert write(anna) == (503, "5")
            assert reads(anna)
    open_database(settings)

    assert counts() == before
    assert write(anna)[0] < 400


def test_connections_that_the_server_closed(settings, anna):
    """PostgreSQL was restarted: the next request may fail, the one after works."""
    if is_sqlite():
        forget_connection()
    else:
        with psycopg.connect(settings.database_url, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            )
    first = anna.get("/leads")
    assert first.status_code in {200, 503}
    assert reads(anna)
    assert write(anna)[0] < 400
    assert not database.is_closed()
