"""Reads that may take too long: given up after a time limit instead of holding the page."""

import time
from collections.abc import Callable
from typing import TypeVar

from peewee import OperationalError

from leadboard.db import database, is_sqlite

T = TypeVar("T")
_STEPS = 20_000


def within(milliseconds: int, read: Callable[[], T]) -> T | None:
    """What `read` gives, or None when the database needed longer. Not inside a transaction."""
    if is_sqlite():
        return _sqlite(milliseconds, read)
    try:
        with database.transaction():
            database.execute_sql(f"set local statement_timeout = {milliseconds:d}")
            return read()
    except OperationalError as error:
        if "statement timeout" in str(error):
            return None
        raise


def _sqlite(milliseconds: int, read: Callable[[], T]) -> T | None:
    connection = database.connection()
    end = time.monotonic() + milliseconds / 1000
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        return read()
    except OperationalError as error:
        if "interrupted" in str(error):
            return None
        raise
    finally:
        connection.set_progress_handler(None, 0)
