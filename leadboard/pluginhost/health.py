"""What went wrong in plugins and how long they took: kept in memory during the work, written after it.

A failure written inside the failing transaction would be rolled back with it, so `flush()` is called when the request
or the job is over. Five failures in a row of one plugin in one place trip it: that place is skipped, in every process,
until an admin presses *Try again*.
"""

import logging
import threading
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field

from peewee import PeeweeException

from leadboard.db import atomic, execute, in_transaction, now_ms, one
from leadboard.pluginhost.boundary import message_of, storable, text_of
from leadboard.pluginhost.state import bump_revision

log = logging.getLogger("leadboard.plugins")

MOST_IN_A_ROW = 5
SLOW_US = 100_000
TIMINGS_EVERY_MS = 30_000

page: ContextVar[str] = ContextVar("page that plugins work for", default="")
"""The path of the request or the kind of the job, for the failure's record."""


@dataclass
class Failure:
    plugin: str
    place: str
    page: str
    message: str
    traceback: str
    at: int = field(default_factory=now_ms)
    reference: str = field(default_factory=lambda: uuid.uuid4().hex[:8])


@dataclass(slots=True)
class Timing:
    calls: int = 0
    total_us: int = 0
    worst_us: int = 0


_lock = threading.Lock()
_failures: list[Failure] = []
_recovered: set[tuple[str, str]] = set()
_shaky: set[tuple[str, str]] = set()
"""Places that failed since this process last saw them work."""
_timings: dict[tuple[str, str], Timing] = {}
_written_at = now_ms()


def record(plugin: str, place: str, error: BaseException) -> str:
    """Keep a failure; the reference that its user is shown."""
    failure = Failure(plugin, place[:80], storable(page.get())[:200], message_of(error)[:500], text_of(error))
    with _lock:
        _failures.append(failure)
        _shaky.add((plugin, failure.place))
        _recovered.discard((plugin, failure.place))
    log.error("plugin %s failed in %s (%s): %s", plugin, place, failure.reference, failure.message)
    return failure.reference


def took(plugin: str, place: str, seconds: float, *, is_long: bool = False) -> None:
    """Count a call that ended well, and its time; it makes an end of a row of failures."""
    spent = round(seconds * 1_000_000)
    key = (plugin, place[:80])
    with _lock:
        timing = _timings.get(key)
        if timing is None:
            timing = _timings[key] = Timing()
        timing.calls += 1
        timing.total_us += spent
        if spent > timing.worst_us:
            timing.worst_us = spent
        if key in _shaky:
            _shaky.discard(key)
            _recovered.add(key)
    if spent > SLOW_US and not is_long:
        log.warning("plugin %s took %d ms in %s", plugin, spent // 1000, place)


def flush(*, timings: bool = False) -> None:
    """Write what was kept, in a transaction of its own; timings now and then, or when asked for."""
    global _written_at
    if in_transaction():
        return
    timings = timings or now_ms() - _written_at > TIMINGS_EVERY_MS
    if not _failures and not _recovered and not (timings and _timings):
        return
    with _lock:
        failures, recovered = _failures[:], set(_recovered)
        _failures.clear()
        _recovered.clear()
        spent = dict(_timings) if timings else {}
        if timings:
            _timings.clear()
            _written_at = now_ms()
    try:
        with atomic():
            _write(failures, recovered, spent)
    except PeeweeException as error:
        # The work itself is done and answered; the log has the failures.
        log.warning("the health of plugins was not written: %s", error)


def _write(failures: list[Failure], recovered: set[tuple[str, str]], spent: dict[tuple[str, str], Timing]) -> None:
    for failure in failures:
        found = one(
            "insert into plugin_failure (plugin, place, page, message, traceback, count, streak, first_at, last_at)"
            " values (?, ?, ?, ?, ?, 1, 1, ?, ?) on conflict (plugin, place) do update set page = excluded.page,"
            " message = excluded.message, traceback = excluded.traceback, count = plugin_failure.count + 1,"
            " streak = plugin_failure.streak + 1, last_at = excluded.last_at returning streak, tripped_at",
            (failure.plugin, failure.place, failure.page, failure.message, failure.traceback, failure.at, failure.at),
        )
        assert found is not None
        if found[0] >= MOST_IN_A_ROW and found[1] is None:
            execute(
                "update plugin_failure set tripped_at = ? where plugin = ? and place = ?",
                (failure.at, failure.plugin, failure.place),
            )
            bump_revision()
    # After the failures: a place is among these when it worked after its last one.
    for plugin, place in recovered:
        execute("update plugin_failure set streak = 0 where plugin = ? and place = ? and tripped_at is null", (plugin, place))
    for (plugin, place), timing in spent.items():
        execute(
            "insert into plugin_timing (plugin, place, calls, total_us, worst_us) values (?, ?, ?, ?, ?)"
            " on conflict (plugin, place) do update set calls = plugin_timing.calls + excluded.calls,"
            " total_us = plugin_timing.total_us + excluded.total_us,"
            " worst_us = case when plugin_timing.worst_us > excluded.worst_us then plugin_timing.worst_us else excluded.worst_us end",
            (plugin, place, timing.calls, timing.total_us, timing.worst_us),
        )


def forget() -> None:
    """Drop what is kept: the database behind it is another one now."""
    global _written_at
    with _lock:
        _failures.clear()
        _recovered.clear()
        _shaky.clear()
        _timings.clear()
        _written_at = now_ms()
