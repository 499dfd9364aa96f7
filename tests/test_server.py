"""The processes of the server around a toy application: stopping, and slow clients."""

import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from waitress import wasyncore

from leadboard import server
from tests.support.processes import Served, environment, served, until


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


@pytest.fixture(params=["1", "2"], ids=["one process", "two processes"])
def toy(request: pytest.FixtureRequest, fifo: Path) -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.support.toy_server", str(fifo), request.param]
    with served(command, environment(fifo.parent)) as server:
        yield server


def ask_slowly(toy: Served, fifo: Path, answers: list[str]) -> threading.Thread:
    """Send a request that waits for the FIFO; returns once it is being worked on."""

    def ask() -> None:
        with urllib.request.urlopen(toy.url + "/slow", timeout=30) as answer:
            answers.append(answer.read().decode())

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: Path(f"{fifo}.waiting").exists() or None, "request at work")
    return thread


def test_sigterm_finishes_what_is_in_flight(toy, fifo):
    answers: list[str] = []
    thread = ask_slowly(toy, fifo, answers)
    with socket.create_connection(("127.0.0.1", toy.port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200")

        toy.process.send_signal(signal.SIGTERM)
        until(lambda: refuses(toy.port) or None, "closed port")
        assert toy.process.poll() is None
        fifo.write_text("finished")

        assert toy.process.wait(20) == 0
    thread.join(20)
    assert answers == ["finished"]


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_request_that_arrives_in_pieces_is_answered_while_stopping(toy):
    with socket.create_connection(("127.0.0.1", toy.port), timeout=20) as client:
        client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc")
        until(lambda: toy.get("/") == 200 or None, "answer")
        toy.process.send_signal(signal.SIGTERM)
        client.sendall(b"def")
        assert client.makefile("rb").read().endswith(b"\r\n\r\n6")
    assert toy.process.wait(20) == 0


def test_slow_clients_do_not_keep_others_waiting(toy):
    with ExitStack() as stack:
        for number in range(130):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", toy.port), timeout=20))
            if number < 30:
                client.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nthe beginning")
            elif number < 60:
                client.sendall(b"GET / HTTP/1.1\r\nHost: ")
            # the rest are tabs that stay open and say nothing
        for _ in range(5):
            began = time.monotonic()
            assert toy.get("/", timeout=5) == 200
            assert time.monotonic() - began < 1
        # Slow clients are waited for only a moment when the server stops.
        began = time.monotonic()
        assert toy.stop() == 0
        assert time.monotonic() - began < 10


def test_a_busy_keep_alive_connection_does_not_hold_up_the_end(toy):
    stop = threading.Event()

    def hammer() -> None:
        # A thread that comes late finds the port closed.
        with suppress(OSError), socket.create_connection(("127.0.0.1", toy.port), timeout=5) as client:
            while not stop.is_set():
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                if not client.recv(1000):
                    return

    threads = [threading.Thread(target=hammer) for _ in range(3)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    assert toy.stop() == 0
    assert time.monotonic() - began < 8
    stop.set()
    for thread in threads:
        thread.join()


def test_a_process_lets_those_with_fewer_connections_accept_first(monkeypatch):
    """Of eight connections at once one process could get all: each gives way by what it has."""
    gave_way: list[int] = []
    monkeypatch.setattr(server, "give_way", gave_way.append)
    listener = server.bind("127.0.0.1", 0)

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    web = server.WebServer(app, listener, largest_file_mb=1)
    web.start()
    try:
        with ExitStack() as stack:
            for _ in range(3):
                client = stack.enter_context(socket.create_connection(listener.getsockname()[:2], timeout=20))
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert client.recv(1000).startswith(b"HTTP/1.1 200")
    finally:
        web.stop()
        wasyncore.close_all(web._map, ignore_all=True)  # in a process of its own they end with it

    assert gave_way == [0, 1, 2]
