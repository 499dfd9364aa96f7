"""Work for later: enqueued in the data's transaction, run at least once, by the job worker of `serve`.

A handler gets the payload as keyword arguments and must be safe to run again. Periodic jobs have one unique key per
slot, so that several processes run each slot once.
"""

import json
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import PeeweeException

from leadboard.db import after_commit, atomic, end_transaction, execute, forget_connection, now_ms, one
from leadboard.delivery import deliver_all
from leadboard.models.jobs import Job, JobState
from leadboard.pluginhost import health
from leadboard.pluginhost.boundary import attempt, outcome_of, text_of
from leadboard.pluginhost.registry import plugins_off, refresh, registry
from leadboard.pluginhost.state import read_revision

log = logging.getLogger("leadboard.jobs")

LEASE_MS = 60_000
POLL_S = 1.0
UNREACHABLE_S = 5.0
RETRY_CAP_MS = 300_000
KEEP_DONE_MS = 7 * 86_400_000

Handler = Callable[..., None]


@dataclass(frozen=True)
class Periodic:
    kind: str
    every_ms: int


_handlers: dict[str, Handler] = {}
_periodic: dict[str, Periodic] = {}
_wake = threading.Event()


def register(kind: str, handler: Handler, *, every_s: int | None = None) -> None:
    """Make a kind of job known; with `every_s` it also runs by itself once per slot of that length. wiring.py does this."""
    _handlers[kind] = handler
    if every_s is not None:
        _periodic[kind] = Periodic(kind, every_s * 1000)


def enqueue(kind: str, *, key: str | None = None, delay_s: float = 0, max_attempts: int = 5, **payload: Any) -> None:
    """Put a job in the queue, inside the caller's transaction if there is one. A `key` that is already there wins."""
    query = Job.insert(
        kind=kind, payload=json.dumps(payload), key=key, run_at=now_ms() + round(delay_s * 1000), max_attempts=max_attempts,
    )  # fmt: skip
    (query.on_conflict_ignore() if key else query).execute()
    after_commit(_wake.set)


def run_due(worker: str = "here") -> int:
    """Run everything that is due now, in this thread; how many ran. Used by tests and by commands that wait."""
    count = 0
    while run_one(worker):
        count += 1
    return count


def run_one(worker: str, *, key: str | None = None) -> bool:
    """Take one due job, or the due job of this key, and run it. False when there is none."""
    taken = _claim(worker, key)
    if taken is None:
        return False
    job_id, kind, payload, attempts, max_attempts = taken
    stop = threading.Event()
    heart = threading.Thread(target=_keep_lease, args=(job_id, worker, stop), daemon=True)
    heart.start()
    try:
        error = _run(job_id, kind, payload)
    finally:
        stop.set()
        heart.join()
        _end_transaction(f"job {job_id} {kind}")
    if error is None:
        state, run_at = JobState.DONE, now_ms()
    else:
        state = JobState.FAILED if attempts >= max_attempts else JobState.QUEUED
        run_at = now_ms() + min(RETRY_CAP_MS, 1000 * 2**attempts)
        log.error("job %s %s failed (attempt %d of %d): %s", job_id, kind, attempts, max_attempts, error.splitlines()[-1])
    execute(
        "update job set state = ?, error = ?, run_at = ?, finished_at = ?, lease_until = null where id = ? and owner = ?",
        (str(state), error, run_at, now_ms(), job_id, worker),
    )
    return True


def _end_transaction(who: str) -> None:
    if end_transaction():
        log.error("%s left a transaction open; it was rolled back", who)


def _run(job_id: int, kind: str, payload: str) -> str | None:
    """The traceback of a failed run, or None."""
    health.page.set(f"job {kind}")
    handler = _handlers.get(kind)
    if handler is not None:
        return attempt(lambda: handler(**json.loads(payload)))
    for plugin, job in registry().contributions.get("register_jobs", ()):
        if job.key == kind:
            return _run_plugin_job(job_id, plugin, job.run, payload)
    return f"no handler for jobs of kind {kind}"


def _run_plugin_job(job_id: int, plugin: str, run: Callable[..., object], payload: str) -> str | None:
    """A plugin's job never trips: it is tried again with growing pauses, and then it has failed.

    One whose row is gone ran while the plugin's data was removed: what it missed then is no failure.
    """
    _, error = outcome_of(lambda: run(**json.loads(payload)))
    if error is None:
        return None
    _end_transaction(f"job {job_id} of {plugin}")
    if one("select 1 from job where id = ?", (job_id,)) is None:
        log.info("job %d of %s ended after the plugin's data was removed", job_id, plugin)
        return None
    health.record(plugin, "job", error)
    return text_of(error)


def _claim(worker: str, key: str | None = None) -> tuple[int, str, str, int, int] | None:
    now = now_ms()
    due = "((state = 'queued' and run_at <= ?) or (state = 'running' and lease_until < ?))"
    wanted: list[Any] = [now, now]
    # No job of our own is among these: contributions.RESERVED keeps plugins from our names.
    for plugin in plugins_off():
        due, wanted = f"{due} and substr(kind, 1, ?) <> ?", [*wanted, len(plugin) + 1, f"{plugin}."]
    if key is not None:
        due, wanted = f"{due} and key = ?", [*wanted, key]
    # An idle worker must not take the write lock: look first.
    if one(f"select 1 from job where {due} limit 1", wanted) is None:  # noqa: S608 - a constant
        return None
    with atomic():
        # A job whose every worker died must not take down the next one for ever.
        execute(
            "update job set state = 'failed', error = ?, finished_at = ?, lease_until = null"
            " where state = 'running' and lease_until < ? and attempts >= max_attempts",
            ("its worker died in the middle of the last attempt", now, now),
        )
        found = one(
            f"update job set state = 'running', owner = ?, lease_until = ?, attempts = attempts + 1 where id ="  # noqa: S608 - a constant
            f" (select id from job where {due} order by run_at, id limit 1)"
            " returning id, kind, payload, attempts, max_attempts",
            (worker, now + LEASE_MS, *wanted),
        )
    return (int(found[0]), found[1], found[2], int(found[3]), int(found[4])) if found else None


def _keep_lease(job_id: int, worker: str, stop: threading.Event) -> None:
    while not stop.wait(LEASE_MS / 3000):
        try:
            execute("update job set lease_until = ? where id = ? and owner = ?", (now_ms() + LEASE_MS, job_id, worker))
        except PeeweeException as error:  # full or locked for now: the next beat may be in time
            log.warning("the lease of job %d was not renewed: %s", job_id, error)
            forget_connection()
    forget_connection()


def enqueue_periodic() -> None:
    """Put the current slot of every periodic job in the queue; the unique key lets one process win."""
    now = now_ms()
    ours = [Periodic(job.key, job.every_s * 1000) for job in registry().items("register_jobs") if job.every_s]
    for job in (*_periodic.values(), *ours):
        slot = now // job.every_ms
        key = f"{job.kind}@{slot}"
        if one("select 1 from job where key = ?", (key,)) is None:
            enqueue(job.kind, key=key)


def sweep_jobs() -> None:
    """Forget finished jobs after a week; failed ones stay to be seen."""
    execute("delete from job where state = 'done' and finished_at < ?", (now_ms() - KEEP_DONE_MS,))


def forget_wake() -> None:
    """Forget a call to work that nobody answered (a test's, before the next one)."""
    _wake.clear()


class Worker:
    """A thread that runs jobs until told to stop; it finishes the job in hand."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.loop, name="leadboard-jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 20) -> None:
        self._stop.set()
        _wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def loop(self) -> None:
        while not self._stop.is_set():
            busy = False
            try:
                refresh(read_revision())
                deliver_all()
                _end_transaction("a listener")
                enqueue_periodic()
                busy = run_one(self.name)
                health.flush()
            except PeeweeException as error:
                log.warning("the job worker cannot use the database: %s", error)
                forget_connection()
                self._stop.wait(UNREACHABLE_S)
            if not busy:
                _wake.wait(POLL_S)
                _wake.clear()
        forget_connection()
