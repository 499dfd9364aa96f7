"""A system of ours that is told, and an endpoint that tells it of everything."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from leadboard_plugins.webhooks import endpoints

from leadboard.domain.plugins import disable, remove_data
from leadboard.outbound import allow_hosts
from leadboard.permissions import SYSTEM

ALL = list(endpoints.KINDS)


@pytest.fixture(autouse=True)
def on(plugin, app):
    yield plugin("webhooks")
    # On PostgreSQL the database outlives the test.
    disable("webhooks", actor=SYSTEM)
    remove_data("webhooks", actor=SYSTEM)


class Receiver(BaseHTTPRequestHandler):
    """Answers `status` with `answer`, and keeps what came."""

    got: list
    status = 200
    answer = b"thanks"
    headers_out: dict

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.status)
        for name, value in self.headers_out.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver(app):
    """A system of ours that is told; its address as the endpoint has it is `receiver.url`."""
    Receiver.got, Receiver.status, Receiver.answer, Receiver.headers_out = [], 200, b"thanks", {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    allow_hosts([f"127.0.0.1:{server.server_port}"])
    yield Receiver
    allow_hosts([])
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook(receiver, mona):
    """An endpoint of Mona's that is told of everything: (id, secret)."""
    return endpoints.add_endpoint("Accounting", receiver.url, ALL, actor=mona.actor)
