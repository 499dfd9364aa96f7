"""The HTTP server of one process: waitress on a socket that other processes may share, stopped without cutting a request.

A request is read whole, body included, before a thread gets it, so that slow clients cost memory and no thread.
"""

import errno
import logging
import os
import signal
import socket
import threading
import time
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

from leadboard.errors import N_, SettingsProblem

log = logging.getLogger("leadboard.server")

THREADS = 4
BACKLOG = 512
CONNECTIONS = 500
# Around an uploaded file there is a form.
FORM_BYTES = 2 * 1024 * 1024
# An answer larger than this waits for its reader; smaller ones are spooled to disk and free their thread at once.
SPOOL_BYTES = 256 * 1024 * 1024
IDLE_S = 60
FINISH_S = 20
# How long a stopping server waits for the rest of a request, and for the first byte of a fresh connection.
ARRIVING_S = 3
FRESH_S = 0.5
# Processes share one socket, and the first to wake would take every connection that comes with it. So each waits a
# moment for those that have fewer, longer the more it has itself.
GIVE_WAY_S = 0.0003
MOST_WAITED_FOR = 8
# The processes of a server that was killed a moment ago need one to let go of the port.
LEAVING_S = 1.0


class Channel(HTTPChannel):
    """A connection; once the server is stopping it takes no further request."""

    has_spoken = False
    server: Any  # create_server gives its server `stopping_since`

    def readable(self) -> bool:
        if self.server.stopping_since is not None and self.request is None and self.has_spoken:
            return False
        return bool(super().readable())

    def received(self, data: bytes) -> bool:
        self.has_spoken = True
        return bool(super().received(data))

    def is_busy(self, stopping_s: float) -> bool:
        """True while something that a client waits for would be lost."""
        if self.requests or self.total_outbufs_len:
            return True
        if self.request is not None:
            return stopping_s < ARRIVING_S
        return not self.has_spoken and stopping_s < FRESH_S


class WebServer:
    """start() serves in a thread; stop() finishes what is in flight."""

    def __init__(self, app: Any, listener: socket.socket, *, largest_file_mb: int, trust_proxy_headers: bool = False) -> None:
        self._map: dict[int, Any] = {}
        server: Any = create_server(
            app, map=self._map, sockets=[listener], threads=THREADS, ident=None, backlog=BACKLOG, connection_limit=CONNECTIONS,
            channel_timeout=IDLE_S, cleanup_interval=10, max_request_body_size=largest_file_mb * 1024 * 1024 + FORM_BYTES, outbuf_high_watermark=SPOOL_BYTES,
            asyncore_use_poll=True, clear_untrusted_proxy_headers=not trust_proxy_headers,
        )  # fmt: skip
        server.channel_class = Channel
        server.stopping_since = None
        accept = server.handle_accept

        def accept_in_turn() -> None:
            give_way(len(server.active_channels))
            accept()  # finds nothing when another process was faster

        server.handle_accept = accept_in_turn
        self._server = server
        self._thread = threading.Thread(target=self._run, name="leadboard-http", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and finish what is in flight, for at most FINISH_S."""
        self._server.stopping_since = time.monotonic()
        self._server.pull_trigger()
        self._thread.join(FINISH_S + 5)

    def _run(self) -> None:
        try:
            self._loop()
        finally:
            if self._server.stopping_since is None:
                # Without its loop this process is deaf: end it, so that another one takes its place.
                os.kill(os.getpid(), signal.SIGTERM)

    def _loop(self) -> None:
        server = self._server
        while server.stopping_since is None:
            wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)
        # Not server.close(): that breaks the pipe by which finishing requests wake this loop.
        wasyncore.dispatcher.close(server)
        while self._is_busy():
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._map, count=1)
        server.task_dispatcher.shutdown()

    def _is_busy(self) -> bool:
        stopping_s = time.monotonic() - self._server.stopping_since
        if stopping_s > FINISH_S:
            log.warning("stopped with requests unfinished after %d s", FINISH_S)
            return False
        tasks = self._server.task_dispatcher
        channels = list(self._server.active_channels.values())
        return bool(tasks.active_count or tasks.queue or any(channel.is_busy(stopping_s) for channel in channels))


def give_way(connections: int) -> None:
    """Let processes with fewer connections than this one accept first."""
    time.sleep(min(connections, MOST_WAITED_FOR) * GIVE_WAY_S)


def bind(host: str, port: int) -> socket.socket:
    """A socket on the address, not listening yet. Raises SettingsProblem with the way out."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise SettingsProblem(
            N_("%(host)s is not an address of this machine. Use --host 127.0.0.1, or 0.0.0.0 for the whole network."), host=host
        ) from error
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    end = time.monotonic() + LEAVING_S
    while True:
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            # Another server may hold the port without listening yet; the second to listen loses.
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE and time.monotonic() < end:
                time.sleep(0.1)
                continue
            raise SettingsProblem(_refusal(error), host=host, port=port, other=port + 1 if port < 65535 else 8000) from error
        return listener


def _refusal(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return N_(
            "Port %(port)d is in use, perhaps by another Leadboard. Stop that program, or use --port %(other)d (make run PORT=%(other)d)."
        )
    if error.errno == errno.EACCES:
        return N_("This user may not listen on port %(port)d. Use a port from 1024 up, such as --port 8000.")
    return N_("%(host)s is not an address of this machine. Use --host 127.0.0.1, or 0.0.0.0 for the whole network.")


def url_of(listener: socket.socket, base_url: str = "") -> str:
    """The address to open in a browser, ending in a slash."""
    if base_url:
        return f"{base_url}/"
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = _own_address() or "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _own_address() -> str | None:
    """The address by which this machine reaches others. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
