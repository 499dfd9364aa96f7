"""Several processes on one socket: a parent that starts them, starts again those that die, and stops them together.

The parent forks and does nothing else: no thread and no database connection may exist when it forks, because SQLite's
locks and psycopg's sockets do not survive that. The job worker is therefore a process like the others.
"""

import gc
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from leadboard.pluginhost.boundary import attempt

log = logging.getLogger("leadboard.server")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_S = 30
QUICK_DEATH_S = 5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30


class Service(Protocol):
    """Work that goes on in threads of its own between start() and stop()."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Signals:
    """Turns signals into something to wait for, together with other files."""

    def __init__(self, *kinds: signal.Signals) -> None:
        self._kinds = kinds
        self._reader, self._writer = socket.socketpair()

    def __enter__(self) -> "Signals":
        self._writer.setblocking(False)
        self._reader.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for kind in self._kinds:
            signal.signal(kind, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        signal.set_wakeup_fd(-1)
        for number in self._kinds:
            signal.signal(number, signal.SIG_DFL)
        self.close()

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def wait(self, timeout_s: float | None = None, *, also: int | None = None) -> set[int]:
        """The signals that came; empty after the time-out or when the file `also` can be read or was closed."""
        files: list[int | socket.socket] = [self._reader] if also is None else [self._reader, also]
        ready, _, _ = select.select(files, [], [], timeout_s)
        return set(self._reader.recv(4096)) if self._reader in ready else set()


def run_here(services: Sequence[Service]) -> None:
    """Run services in this process until SIGTERM or SIGINT."""
    with Signals(*STOP_SIGNALS) as signals:
        _run(services, signals, parent=None)


def _run(services: Sequence[Service], signals: Signals, *, parent: int | None) -> None:
    for service in services:
        service.start()
    signals.wait(also=parent)
    stopping = [threading.Thread(target=service.stop) for service in services]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()


@dataclass
class Role:
    """One process to keep running; `make` builds its service after the fork."""

    name: str
    make: Callable[[], Service]
    pid: int = 0
    started_at: float = 0
    pause_s: float = 0
    due_at: float = 0


GC_THRESHOLD = 5_000


class Supervisor:
    """run() keeps one process for each role until told to stop, then calls `at_stop`; it returns the exit code."""

    def __init__(self, roles: Sequence[Role], *, at_stop: Callable[[], None]) -> None:
        self.roles = roles
        self.at_stop = at_stop
        # Its writing end is open in the parent only: the children read its end when the parent is gone, however it died.
        self._alive_reader, self._alive_writer = os.pipe()

    def run(self) -> int:
        # What is loaded now stays shared: the collector of a child must not write to these pages.
        gc.collect()
        gc.freeze()
        # A page makes some thousands of objects and lets them all go: looking through them every 700 finds nothing.
        gc.set_threshold(GC_THRESHOLD)
        with Signals(*STOP_SIGNALS, signal.SIGCHLD) as signals:
            self._signals = signals
            while True:
                self._start_due()
                came = signals.wait(self._next_due_s())
                if came.intersection(STOP_SIGNALS):
                    return self._stop()
                self._bury()

    def _start_due(self) -> None:
        now = time.monotonic()
        for role in self.roles:
            if not role.pid and role.due_at <= now:
                role.started_at = now
                role.pid = self._fork(role)

    def _fork(self, role: Role) -> int:
        if threading.active_count() > 1:
            raise RuntimeError("fork with threads running")
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal between the fork and the child's own handling would be told to the parent only.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid = os.fork()
        if pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            return pid
        error = attempt(lambda: self._be(role))
        if error is not None:
            log.critical("process %s failed: %s", role.name, error)
        sys.stderr.flush()
        os._exit(0 if error is None else 1)  # the parent's clean-up is not this process's

    def _be(self, role: Role) -> None:
        """The life of a child."""
        os.close(self._alive_writer)
        self._signals.close()
        with Signals(*STOP_SIGNALS) as signals:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            _run([role.make()], signals, parent=self._alive_reader)

    def _next_due_s(self) -> float | None:
        waiting = [role.due_at for role in self.roles if not role.pid]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _bury(self) -> None:
        """Plan a successor for each process that died: at once, or after a growing pause when it had just started."""
        for role in self.roles:
            status = _exit_status(role.pid)
            if status is None:
                continue
            lived_s = time.monotonic() - role.started_at
            role.pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, role.pause_s * 2)) if lived_s < QUICK_DEATH_S else 0
            role.due_at = time.monotonic() + role.pause_s
            log.error("process %s (%d) ended with %s; another one starts in %.1f s", role.name, role.pid, status, role.pause_s)
            role.pid = 0

    def _stop(self) -> int:
        """Stop all; a second signal, or STOP_S, kills those that still run."""
        self.at_stop()
        self._signal_all(signal.SIGTERM)
        end = time.monotonic() + STOP_S
        while any(role.pid for role in self.roles):
            came = self._signals.wait(max(0.0, end - time.monotonic()))
            for role in self.roles:
                if _exit_status(role.pid) is not None:
                    role.pid = 0
            if came.intersection(STOP_SIGNALS) or time.monotonic() >= end:
                log.warning("stopped with work unfinished")
                self._signal_all(signal.SIGKILL)
                return 1
        return 0

    def _signal_all(self, kind: signal.Signals) -> None:
        for role in self.roles:
            if role.pid:
                os.kill(role.pid, kind)


def _exit_status(pid: int) -> str | None:
    """How a child ended, or None while it runs. It is asked by its number: other children belong to subprocess."""
    if not pid:
        return None
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"code {code}"
