"""The door to the outside: where it does not lead, and that nobody behind it can hold it open."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from leadboard import outbound
from leadboard.errors import Refused, SettingsProblem
from leadboard.outbound import Unreachable, allow_hosts, is_public, read_target, send_request


class Site(BaseHTTPRequestHandler):
    """A server that answers what the path says, and keeps what it was asked."""

    asked: list

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).asked.append((self.path, self.headers["Host"], body))
        if self.path.startswith("/drip"):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            try:
                while not self.server.is_over.wait(0.05):
                    self.wfile.write(b"X-More: x\r\n")
            except OSError:
                return
            return
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/elsewhere")
        answer = b"y" * 200_000 if self.path == "/large" else b"fine"
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    """A server in our own, private network, which the operator has allowed."""
    Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.is_over = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    allow_hosts([f"127.0.0.1:{server.server_port}"])
    yield f"http://127.0.0.1:{server.server_port}"
    allow_hosts([])
    server.is_over.set()
    server.shutdown()
    server.server_close()


PRIVATE = [
    "127.1", "0177.0.0.1", "2130706433", "0x7f000001", "0", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
    "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fc00::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[2600::1%251]", "[ff02::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]",
    "[2002:a00:1::]", "[3fff::1]", "[2001::1]", "[fec0::1]", "[::10.0.0.1]", "[::ffff:0:10.0.0.1]", "[5f00::1]", "[4000::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_numbers_that_lead_into_a_private_network_are_refused_however_they_are_written(host):
    with pytest.raises(Refused, match="private network"):
        read_target(f"https://{host}/hook")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "crm.example", "//crm.example/", "ftp://crm.example/", "javascript:alert(1)", "file:///etc/passwd", "http://[::", "http://crm.example:99999/",
        "http://crm.example/a b", "http://crm.example/\r\nX: y", "http://user:secret@crm.example/", "http://crm.example:22/", "http://" + "a" * 80 + ".example",
        "http://crm.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_addresses_that_are_none_are_refused_and_the_field_is_named(url):
    with pytest.raises(Refused) as refused:
        read_target(url)
    assert refused.value.field == "url"


def names(monkeypatch, *addresses):
    """The resolver answers this, whatever the name."""
    asked = []

    def resolve(host, port, *args, flags=0, **kwargs):
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(outbound.socket, "getaddrinfo", resolve)
    return asked


def test_a_name_is_judged_by_every_address_that_it_has(monkeypatch):
    names(monkeypatch, "8.8.8.8", "127.0.0.1")
    monkeypatch.setattr(outbound.socket, "create_connection", lambda *a: pytest.fail("connected"))
    with pytest.raises(Refused, match="private network"):
        send_request("POST", "https://rebound.example/")


def test_the_connection_goes_to_the_address_that_was_judged_and_the_name_is_asked_for_once(monkeypatch):
    seen = []

    def connect(address, timeout):
        seen.append(address)
        raise ConnectionRefusedError

    asked = names(monkeypatch, "8.8.8.8")
    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    with pytest.raises(Unreachable, match="could not be reached"):
        send_request("POST", "http://hooks.example/x")
    assert (asked, seen) == (["hooks.example"], [("8.8.8.8", 80)])


def test_a_name_with_many_addresses_where_nobody_answers_costs_a_few_tries(monkeypatch):
    seen = []

    def connect(address, timeout):
        seen.append(address)
        raise TimeoutError

    names(monkeypatch, *(f"8.8.8.{number}" for number in range(100)))
    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        send_request("POST", "https://slow.example/")
    assert len(seen) == 3


def test_a_host_that_the_operator_allows_is_reached_under_its_own_name(site):
    answer = send_request("POST", f"{site}/a?b=1", body=b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status, answer.body) == (200, b"fine")
    assert Site.asked == [("/a?b=1", site.removeprefix("http://"), b"{}")]
    with pytest.raises(Refused, match="ports 80 and 443"):
        read_target("http://127.0.0.1:1/")


def test_redirects_are_answers_and_never_followed(site):
    answer = send_request("GET", f"{site}/away")
    assert (answer.status, [path for path, _, _ in Site.asked]) == (302, ["/away"])


def test_no_more_is_read_than_was_asked_for(site):
    assert len(send_request("GET", f"{site}/large", most_bytes=1000).body) == 1000


def test_a_server_that_dribbles_is_cut_off(site):
    began = time.monotonic()
    with pytest.raises(Unreachable):
        send_request("GET", f"{site}/drip", total_s=0.4)
    assert time.monotonic() - began < 5


def test_header_values_bring_no_lines_of_their_own(site):
    with pytest.raises(Unreachable):
        send_request("GET", site, headers={"X-A": "b\r\nX-C: d"})
    assert Site.asked == []


@pytest.mark.parametrize("entry", ["pbx.lan", "pbx.lan:", ":80", "pbx.lan:http", "pbx.lan:70000"])
def test_a_wrong_entry_of_the_setting_is_named(entry):
    with pytest.raises(SettingsProblem, match="LEADBOARD_OUTBOUND_HOSTS has"):
        allow_hosts([entry])
