"""What the benchmarks share: data folders, servers, the load generator, and how a result is told."""

import argparse
import csv
import json
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FOLDER = Path(os.environ.get("LEADBOARD_BENCH_DIR") or ROOT / "instance" / "bench")
SIZES = (1_000, 100_000, 1_000_000)
EMAIL, PASSWORD = "bench@leadboard.example", "a long enough bench password"
FLOOR_LIMIT_MS = 4.0
STAGES = ("New", "Contacted", "Meeting", "Proposal", "Negotiation", "Contract")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def leadboard(folder: Path, *args: str, text: str | None = None) -> str:
    """Run the shell command on an instance; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "leadboard", *args],
        cwd=ROOT,
        env=environment(folder),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"leadboard {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "LEADBOARD_INSTANCE": str(folder), "LEADBOARD_DATABASE_URL": ""}


@dataclass
class Data:
    """An instance with sample data. `board` is the pipeline with six open stages, `stages` their ids."""

    folder: Path
    leads: int
    board: int
    stages: list[int]

    @property
    def database(self) -> Path:
        return self.folder / "leadboard.db"

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            return connection.execute(sql, params).fetchall()


def data(leads: int) -> Data:
    """The instance with this many leads, made when it is missing."""
    folder = FOLDER / f"leads-{leads}"
    if not (folder / "ready").is_file():
        say(f"making {leads:,} leads in {folder} …")
        folder.mkdir(parents=True, exist_ok=True)
        leadboard(folder, "demo", "--leads", str(leads), "--seed", "1")
        leadboard(folder, "user", "add", EMAIL, "--name", "Bench", "--role", "admin", "--password-stdin", text=PASSWORD + "\n")
        _six_stages(folder / "leadboard.db")
        (folder / "ready").write_text("")
    else:
        # Of an earlier version: an upgrade of a million leads takes longer than a server is waited for.
        leadboard(folder, "db", "upgrade")
    found = Data(folder, leads, 0, [])
    found.board = int(found.rows("select id from pipeline where archived_at is null order by position, id limit 1")[0][0])
    found.stages = [
        row[0]
        for row in found.rows("select id from stage where pipeline_id = ? and kind = 'open' order by position, id", found.board)
    ]
    return found


def _six_stages(path: Path) -> None:
    """The floor has six open stages with a sixth of its leads each: the first pipeline gets the same."""
    with sqlite3.connect(path) as db:
        board = db.execute("select id from pipeline order by position, id limit 1").fetchone()[0]
        stages = [
            row[0]
            for row in db.execute("select id from stage where pipeline_id = ? and kind = 'open' order by position, id", (board,))
        ]
        for number in range(len(stages), len(STAGES)):
            db.execute(
                "insert into stage (pipeline_id, name, kind, position, probability, tone) values (?, ?, 'open', ?, 50, 'teal')",
                (board, STAGES[number], 100 + number),
            )
        stages = [
            row[0]
            for row in db.execute("select id from stage where pipeline_id = ? and kind = 'open' order by position, id", (board,))
        ]
        # Every open lead of every pipeline comes here, spread evenly; positions stay unique by being the ids.
        places = " ".join(f"when {number} then {stage}" for number, stage in enumerate(stages))
        db.execute("update lead set position = -1000000000000 - id")
        db.execute(
            f"update lead set pipeline_id = ?, stage_id = case id % {len(stages)} {places} end, position = -65536 * id, closed_at = null,"
            " lost_reason_id = null where stage_id in (select id from stage where kind = 'open')",
            (board,),
        )


# ---------------------------------------------------------------------------------------------- servers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], url: str, folder: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that answers at `url`; ended by SIGTERM."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(folder) if folder else None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(url, process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes] | None = None, seconds: float = 60) -> float:
    """Seconds until the first answer."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if process is not None and process.poll() is not None:
            sys.exit(f"the server of {url} stopped with code {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return time.monotonic() - begun
        except OSError:
            time.sleep(0.02)
    sys.exit(f"{url} did not answer within {seconds} s")


@contextmanager
def product(found: Data, *options: str) -> Iterator[tuple[str, int]]:
    """`leadboard serve` as shipped, on an instance: its address and process id."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "leadboard", "serve", "--port", str(port), *options]
    with running(command, f"{base}/healthz", found.folder) as process:
        yield base, process.pid


@contextmanager
def floor(leads: int) -> Iterator[str]:
    """The floor server with as many leads."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    file = FOLDER / f"floor-{leads}.db"
    with running(
        [sys.executable, str(HERE / "floor.py"), str(file), "--leads", str(leads), "--port", str(port)], f"{base}/hello"
    ):
        yield base


# ---------------------------------------------------------------------------------------------- load


def load(url: str, *options: str) -> dict[str, Any]:
    """One run of load.py; its JSON. A failing run ends the benchmark: a wrong answer has no speed."""
    done = subprocess.run([sys.executable, str(HERE / "load.py"), url, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"load.py {url}: {done.stderr.strip() or done.stdout.strip()}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def signed_in(base: str) -> list[str]:
    """The options that sign the load generator in."""
    return ["--login", f"{base}/login", "--login-field", f"email={EMAIL}", "--login-field", f"password={PASSWORD}"]


def with_token(base: str) -> list[str]:
    """Signed in, as htmx, with a CSRF token of the session."""
    return [
        *signed_in(base), "--token", f'csrf={base}/account~name="csrf-token" content="([^"]+)"',
        "-H", "X-CSRFToken: {csrf}", "-H", "HX-Request: true", "-H", "HX-Request-Type: partial", "-H", f"HX-Current-URL: {base}/",
    ]  # fmt: skip


Call = Callable[[], dict[str, Any]]


def paired(ours: Call, theirs: Call, rounds: int) -> dict[str, Any]:
    """Both in turn, `rounds` times: medians, and the median of the rounds' ratios."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    ratios = [a["p50_ms"] / b["p50_ms"] for a, b in pairs]
    return {
        "p50_ms": round(statistics.median(a["p50_ms"] for a, _ in pairs), 2),
        "floor_p50_ms": round(statistics.median(b["p50_ms"] for _, b in pairs), 2),
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(ratio, 2) for ratio in ratios],
    }


def write_rows(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    return str(path)


def options(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--leads", type=int, action="append", help="a size; all three unless told")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    args.leads = args.leads or list(SIZES)
    return args


def tell(name: str, bar: str, results: list[dict[str, Any]], held: bool, **more: Any) -> None:
    """Print the result and end with the exit code that says whether the bar was held."""
    print(json.dumps({"bench": name, "bar": bar, "held": held, "results": results, **more}, ensure_ascii=False))
    sys.exit(0 if held else 1)


def fits(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"no {pattern!r} in the answer")
    return found.group(1)
