"""The database: one connection a thread, one writer at a time, and work that waits for the commit.

Times are stored as whole milliseconds since 1970 in UTC (MomentField), days as dates: the same value in raw
SQL on SQLite and PostgreSQL. docs/decisions/002-one-writer.md tells why PostgreSQL takes a lock per write.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    DatabaseError,
    DatabaseProxy,
    Model,
    NodeList,
    PeeweeException,
    PostgresqlDatabase,
    SqliteDatabase,
)
from playhouse.db_url import parse as parse_url
from psycopg.pq import TransactionStatus

from leadboard.config import Settings

log = logging.getLogger("leadboard.db")

database = DatabaseProxy()

Where = tuple[str, list[Any]]
"""A condition in SQL with its parameters."""

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: an acknowledged write survives a power cut
    "foreign_keys": 1,
    "cache_size": -8000,
    "temp_store": 2,
}
SQLITE_TIMEOUT_S = 15
# Any number will do, as long as it is ours: the advisory lock that every write on PostgreSQL holds until its commit.
WRITER_LOCK = 5_318_008_401
LARGEST_ID = 2**63 - 1
_ROWS_A_STATEMENT = 500
_MOST_VALUES = 32_000  # SQLite takes 32,766 in one statement


def now_ms() -> int:
    """Now, as stored: milliseconds since 1970 in UTC."""
    return time.time_ns() // 1_000_000


class MomentField(BigIntegerField):
    """A moment: aware datetime in Python, milliseconds since 1970 in the database."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return round(value.timestamp() * 1000)
        return value

    def python_value(self, value: Any) -> Any:
        return value if value is None else moment(value)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class IdField(BigAutoField):
    """A primary key that is never given twice, also after the newest row was deleted."""

    def ddl(self, ctx: Any) -> Any:
        bound = self.model._meta.database
        if isinstance(getattr(bound, "obj", bound), SqliteDatabase):
            return NodeList((super().ddl(ctx), SQL("AUTOINCREMENT")))
        return super().ddl(ctx)


class BaseModel(Model):
    class Meta:
        database = database
        legacy_table_names = False


def open_database(settings: Settings) -> None:
    """Point `database` at the configured file or server; connections open by themselves, one a thread."""
    if database.obj is not None:
        forget_connection()
    database.initialize(make_database(settings))


def make_database(settings: Settings) -> SqliteDatabase | PostgresqlDatabase:
    path = settings.sqlite_path
    if path is not None:
        return SqliteDatabase(str(path), pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE", timeout=SQLITE_TIMEOUT_S)
    kwargs = parse_url(settings.database_url.replace("postgres://", "postgresql://", 1), unquote_password=True, unquote_user=True)
    name = kwargs.pop("database")
    return PostgresqlDatabase(name, prefer_psycopg3=True, connect_timeout=10, application_name="leadboard", **kwargs)


def is_sqlite() -> bool:
    return isinstance(database.obj, SqliteDatabase)


def as_day(value: date | str | None) -> date | None:
    """A day of a raw row: SQLite hands out ISO text, PostgreSQL a date."""
    return _parse_day(value) if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def _parse_day(text: str) -> date:
    return date.fromisoformat(text)


# ---------------------------------------------------------------------------------------------- writing

_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)


@contextmanager
def atomic() -> Iterator[None]:
    """One write transaction; a nested call is a savepoint. Work put off by after_commit() runs after the outermost commit.

    Writers take turns on both engines, so what was read inside stays true until the commit.
    """
    queue = _after_commit.get()
    if queue is not None:
        mark = len(queue)
        try:
            with database.atomic():
                yield
        except BaseException:
            del queue[mark:]
            raise
        return
    queue = []
    token = _after_commit.set(queue)
    try:
        with database.atomic():
            if not is_sqlite():
                database.execute_sql("select pg_advisory_xact_lock(%s)", (WRITER_LOCK,))
            yield
    finally:
        _after_commit.reset(token)
    for work in queue:
        work()


def after_commit(work: Callable[[], None]) -> None:
    """Run `work` after the outermost commit, or never when it rolls back. It must not raise."""
    queue = _after_commit.get()
    if queue is None:
        work()
    else:
        queue.append(work)


def in_transaction() -> bool:
    return _after_commit.get() is not None


@contextmanager
def snapshot() -> Iterator[None]:
    """Several reads that see one state of the database. Takes no write lock."""
    if database.in_transaction():
        yield
    elif is_sqlite():
        with database.transaction("DEFERRED"):
            yield
    else:
        with database.transaction():
            database.execute_sql("set transaction isolation level repeatable read, read only")
            yield


# ---------------------------------------------------------------------------------------------- raw SQL for hot paths


def _native(sql: str) -> str:
    return sql if is_sqlite() else _for_postgresql(sql)


@lru_cache(maxsize=512)
def _for_postgresql(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def rows(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a hand-written statement; `?` marks a value on both engines.

    For the few hot paths only: peewee needs 0.2 ms to build what these statements already are.
    """
    found: list[tuple[Any, ...]] = database.execute_sql(_native(sql), params).fetchall()
    return found


def one(sql: str, params: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    """The first row of a hand-written statement, or None."""
    found: tuple[Any, ...] | None = database.execute_sql(_native(sql), params).fetchone()
    return found


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run a hand-written statement; the number of rows it changed."""
    return int(database.execute_sql(_native(sql), params).rowcount)


def execute_if_writable(sql: str, params: Sequence[Any] = ()) -> None:
    """Run a statement that may be lost, outside of any transaction: a full or read-only database can still be read."""
    try:
        execute(sql, params)
    except DatabaseError as error:
        log.warning("%r was not written down: %s", sql, error)


def execute_many(sql: str, params: Sequence[Sequence[Any]]) -> None:
    """Run a hand-written statement once per row of `params`, as the driver does it fastest."""
    cursor = database.connection().cursor()
    cursor.executemany(_native(sql), params)


def insert_many(table: str, columns: Sequence[str], batch: Sequence[Sequence[Any]]) -> None:
    """Insert rows of equal length in their order. Table and columns come from our own code, never from a request.

    SQLite gets one statement for hundreds of rows, and what is the same in all of them once: half the time of a
    statement a row, which binds every value and finds the table's last id anew.
    """
    if not batch:
        return
    if not is_sqlite():
        execute_many(f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})", batch)  # noqa: S608 - our own names
        return
    step = min(_ROWS_A_STATEMENT, _MOST_VALUES // len(columns))
    for start in range(0, len(batch), step):
        part = batch[start : start + step]
        by_column = list(zip(*part, strict=True))
        same = tuple(len(part) > 1 and values.count(values[0]) == len(part) for values in by_column)
        varying = [values for values, is_same in zip(by_column, same, strict=True) if not is_same] or [by_column[0]]
        constants = [values[0] for values, is_same in zip(by_column, same, strict=True) if is_same]
        database.execute_sql(
            _insert_sql(table, tuple(columns), same, len(part)), [*constants, *chain.from_iterable(zip(*varying, strict=True))]
        )


@lru_cache(maxsize=64)
def _insert_sql(table: str, columns: tuple[str, ...], same: tuple[bool, ...], count: int) -> str:
    """`select` of what is the same in all rows and of the columns of `values` that are not."""
    places = count_of_varying = 0
    chosen = []
    for is_same in same:
        if is_same:
            places += 1
            chosen.append(f"?{places}")
        else:
            count_of_varying += 1
            chosen.append(f"column{count_of_varying}")
    row = f"({', '.join('?' * max(count_of_varying, 1))})"
    return f"insert into {table} ({', '.join(columns)}) select {', '.join(chosen)} from (values {', '.join([row] * count)})"  # noqa: S608 - our own names


@contextmanager
def many_writes() -> Iterator[None]:
    """For a walk of many transactions: on SQLite they share more cache, and pages that each of them touches go to the
    database file once for several of them. Not inside a transaction.
    """
    if not is_sqlite():
        yield
        return
    # The indexes of a million leads do not fit the usual cache; one batch there writes more than the usual 1,000 pages.
    rows("pragma cache_size = -32000")
    rows("pragma wal_autocheckpoint = 8000")
    try:
        yield
    finally:
        rows("pragma cache_size = -8000")
        rows("pragma wal_autocheckpoint = 1000")
    rows("pragma wal_checkpoint(passive)")  # else the next small write of anybody would have to


def end_transaction() -> bool:
    """Take back what was begun in this thread and never ended, when a request or a job is over; whether there was anything.

    A plugin that leaves a transaction open would keep every other writer waiting.
    """
    if database.obj is None or database.is_closed():
        return False
    raw = database.connection()
    is_open = raw.in_transaction if is_sqlite() else raw.info.transaction_status != TransactionStatus.IDLE
    if not is_open and _after_commit.get() is None:
        return False
    _after_commit.set(None)
    while database.in_transaction():
        database.pop_transaction()
    forget_connection()
    return True


def forget_connection() -> None:
    """Close this thread's connection: the next statement opens a fresh one (after an error, before a fork)."""
    if not database.is_closed():
        with suppress(PeeweeException):
            database.close()
