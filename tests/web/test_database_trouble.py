"""Full, read-only, locked, gone: writing says when to try again, reading goes on, and all is well afterwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from peewee import OperationalError

from leadboard import db
from leadboard.db import execute, forget_connection, is_sqlite, one, open_database
from leadboard.domain import leads
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
            told = anna.post("/leads/new", {"title": "Once more"}).get_data(as_text=True)
            assert "The disk of the server is full. Nothing of this was saved; reading goes on." in told
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


@contextmanager
def read_only(settings, monkeypatch) -> Iterator[None]:
    with monkeypatch.context() as fixed:
        fixed.setitem(db.SQLITE_PRAGMAS, "query_only", 1)
        url = settings.database_url and f"{settings.database_url}?options=-c%20default_transaction_read_only%3Don"
        with reopened(replace(settings, database_url=url)):
            yield
    open_database(settings)


def test_a_read_only_database(settings, anna, monkeypatch):
    before = counts()
    with read_only(settings, monkeypatch):
        assert write(anna) == (503, "5")
        assert reads(anna)

    assert counts() == before
    assert write(anna)[0] < 400


def test_reading_goes_on_when_it_is_time_to_note_who_was_seen(settings, anna, monkeypatch):
    execute("update session set last_seen_at = last_seen_at - 3600000")
    with read_only(settings, monkeypatch):
        assert reads(anna)
        assert write(anna) == (503, "5")
        assert reads(anna)


def test_a_session_that_has_run_out_ends_although_nothing_can_be_written(settings, anna, monkeypatch):
    execute("update session set created_at = created_at - 2678400000")
    with read_only(settings, monkeypatch):
        answer = anna.get("/leads")
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")
        assert anna.get("/login").status_code == 200


def test_connections_that_the_server_closed(settings, anna):
    """PostgreSQL was restarted: the next request opens a new connection."""
    if is_sqlite():
        forget_connection()
    else:
        with psycopg.connect(settings.database_url, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            )
    assert write(anna)[0] < 400
    assert reads(anna)


def test_the_cause_behind_a_failed_rollback_is_told(anna, monkeypatch):
    """SQLite ends the transaction of a full disk itself, and peewee's rollback then fails with another error."""

    def fill(*_: object) -> int:
        try:
            raise OperationalError("database or disk is full")
        except OperationalError:
            raise OperationalError("cannot rollback - no transaction is active")  # noqa: B904 - as peewee does

    monkeypatch.setattr(leads, "insert_row", fill)
    answer = anna.post("/leads/new", {"title": "New one"})

    assert answer.status_code == 503
    assert "The disk of the server is full." in answer.get_data(as_text=True)
