"""Running the shipped command, and watching processes come and go."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEADLINE_S = 20.0
ROOT = Path(__file__).resolve().parents[2]


def environment(instance: Path, **more: str) -> dict[str, str]:
    """This process's environment with no other setting of Leadboard than these."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LEADBOARD_")}
    return {**kept, "LEADBOARD_INSTANCE": str(instance), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


def leadboard(
    instance: Path, *args: str, stdin: str = "", prefix: Sequence[str] = (), **more: Any
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    settings = {key: more.pop(key) for key in list(more) if key.startswith("LEADBOARD_")}
    return subprocess.run(
        [*prefix, sys.executable, "-m", "leadboard", *args], env=environment(instance, **settings), input=stdin, text=True,
        capture_output=True, timeout=120, check=False, **{"cwd": instance.parent, **more},
    )  # fmt: skip


class Served:
    """A running `leadboard serve`; `url` is the address that it printed, without the slash."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdout is not None
        self.printed = process.stdout.readline()
        found = re.search(r"http://[\w.:\[\]-]+", self.printed)
        assert found is not None, self.printed
        self.url = found[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def get(self, path: str, timeout: float = 10) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def children(self) -> list[int]:
        return children_of(self.process.pid)

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(kind)
        return self.process.wait(DEADLINE_S + 20)


@contextmanager
def served(command: list[str], env: dict[str, str]) -> Iterator[Served]:
    """Start a server; whatever is left of it at the end is killed."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    children: list[int] = []
    try:
        server = Served(process)
        until(lambda: server.get("/healthz") == 200 or None, "an answer")
        children = server.children()
        yield server
    finally:
        for pid in {*children, *children_of(process.pid), process.pid}:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait(DEADLINE_S)
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def serving(instance: Path, *args: str, **settings: str) -> Iterator[Served]:
    """`leadboard serve` on a free port."""
    with served([sys.executable, "-m", "leadboard", "serve", "--port", "0", *args], environment(instance, **settings)) as server:
        yield server


def until(ask: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is not None; fails after DEADLINE_S."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        try:
            answer = ask()
        except OSError:
            answer = None
        if answer is not None:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"no {what} within {DEADLINE_S:.0f} s")


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """True for a process that runs; a zombie that nobody has asked for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
