"""An acknowledged write survives kill -9 at any moment."""

import http.cookiejar
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.support.processes import ROOT, environment, leadboard, until

pytestmark = pytest.mark.soak

KILLS, WRITERS = 50, 8
EMAIL, PASSWORD = "ada@team.example", "correct horse battery staple"
TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([^"]+)"')


class Browser:
    """A signed-in client that keeps its cookies over restarts of the server."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), NoRedirect)
        self.token = ""

    def sign_in(self) -> None:
        self.read_token("/login")
        assert self.post("/login", email=EMAIL, password=PASSWORD) == 303
        self.read_token("/account")

    def read_token(self, path: str) -> None:
        found = TOKEN.search(self.opener.open(self.url + path, timeout=20).read().decode())
        assert found is not None
        self.token = found[1]

    def post(self, path: str, **fields: str) -> int:
        data = urllib.parse.urlencode({**fields, "csrf_token": self.token}).encode()
        try:
            with self.opener.open(self.url + path, data, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


def start(instance: Path, port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "leadboard", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment(instance), stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True)
    assert process.stdout is not None
    # Processes of a killed parent may answer for a moment: wait for this one to say where it is.
    assert b"is at http" in process.stdout.readline()
    process.stdout.close()
    until(lambda: answers(port) or None, "an answer")
    return process


def answers(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        return bool(answer.status == 200)


def write_until(stop: threading.Event, browser: Browser, writer: int, kept: list[str], refused: list[int]) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        title = f"writer {writer} lead {number}"
        try:
            status = browser.post("/leads/new", title=title)
        except OSError:  # killed while it answered: the lead may be there or not
            stop.wait(0.05)
            continue
        if 200 <= status < 400:
            kept.append(title)
        else:
            refused.append(status)


def test_fifty_kills_lose_no_acknowledged_lead(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    done = leadboard(tmp_path, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    done = leadboard(tmp_path, "user", "add", EMAIL, "--name", "Ada", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    assert done.returncode == 0, done.stderr
    server = start(tmp_path, port)
    browsers = [Browser(port) for _ in range(WRITERS)]
    for browser in browsers:
        browser.sign_in()
    stop = threading.Event()
    kept: list[list[str]] = [[] for _ in browsers]
    refused: list[int] = []
    threads = [
        threading.Thread(target=write_until, args=(stop, browser, number, kept[number], refused))
        for number, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    chance = random.Random(1)
    try:
        for kill in range(KILLS):
            stop.wait(chance.uniform(0.2, 1.2))
            if kill % 5 == 4:
                server.kill()  # the parent alone: its children notice and go
            else:
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            began = time.monotonic()
            server = start(tmp_path, port)
            assert time.monotonic() - began < 20
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        server.terminate()
        assert server.wait(40) == 0

    acknowledged = {title for titles in kept for title in titles}
    assert set(refused) <= {503}
    assert len(acknowledged) > KILLS
    check(tmp_path, acknowledged)


def check(instance: Path, acknowledged: set[str]) -> None:
    with sqlite3.connect(instance / "leadboard.db") as database:
        leads = {title for (title,) in database.execute("select title from lead")}
        assert acknowledged - leads == set()
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("pragma foreign_key_check").fetchall() == []
        created = database.execute("select count(*), count(distinct record_id) from event where kind = 'lead_created'").fetchone()
        assert created == (len(leads), len(leads))
    done = leadboard(instance, "db", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"{len(acknowledged)} acknowledged of {len(leads)} leads")
