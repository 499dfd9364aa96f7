"""The one door to the outside for everything whose address a user can set: webhooks, gateways, feeds.

The name is resolved once, every address that comes back is judged, and the connection goes to one of those addresses:
a name server that answers differently a moment later gains nothing. Redirects are never followed. An address that is
not public is refused unless the operator lists its host:port in leadboard.toml (`outbound_hosts`); the browser cannot.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from leadboard.errors import N_, LeadboardError, Refused, SettingsProblem

NO_ADDRESS = N_("This is no address of a web server. It begins with https:// and has no spaces.")
NO_ANSWER = N_("The server could not be reached or did not answer in time.")
PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2000
CONNECT_S = 5.0
TOTAL_S = 15.0
MOST_BYTES = 65_536
# A name with a hundred addresses where nobody answers would hold its caller for minutes.
MOST_ADDRESSES = 3

# What is_global of this Python calls public, although it leads to other addresses or to nobody.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "2001::/23")
)
# Of IPv6 only this part is handed out to anybody; the rest is site-local, translated, or nobody's.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_allowed: frozenset[tuple[str, int]] = frozenset()


class Unreachable(LeadboardError):
    """Nobody answered in time. The text tells no more than that: the door must not serve to look around a network."""


@dataclass(frozen=True)
class Answer:
    """What a server said. `body` ends after the most bytes that were asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_ms: int


@dataclass(frozen=True)
class Target:
    """An address that may be asked, taken apart."""

    scheme: str
    host: str
    port: int
    path: str


def allow_hosts(entries: Iterable[str]) -> None:
    """Settle which host:port may be reached although they are not public; wiring.py does this. Raises SettingsProblem."""
    global _allowed
    found = set()
    for entry in entries:
        host, _, port = entry.strip().rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
            raise SettingsProblem(
                "LEADBOARD_OUTBOUND_HOSTS has %(entry)s. Each entry is host:port, e.g. pbx.lan:8088.", entry=repr(entry)
            )
        found.add((_plain(host), int(port)))
    _allowed = frozenset(found)


def read_target(url: str) -> Target:
    """Take an address apart and refuse what can be told to be wrong without asking anybody. Raises Refused."""
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise Refused(NO_ADDRESS, field="url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused(NO_ADDRESS, field="url") from error
    if parts.scheme not in PORTS or not host:
        raise Refused(NO_ADDRESS, field="url")
    if parts.username is not None or parts.password is not None:
        raise Refused(N_("Leave name and password out of the address."), field="url")
    target = Target(parts.scheme, _ascii_host(host), port or PORTS[parts.scheme], _path_of(parts))
    if (target.host, target.port) not in _allowed:
        if target.port not in PORTS.values():
            raise Refused(
                N_("Only ports 80 and 443 are used. The operator can allow this host and port in leadboard.toml."), field="url"
            )
        # With a zone (fe80::1%eth0) no resolver may take it for a number here, and yet one elsewhere would.
        if (number := target.host if ":" in target.host else _as_number(target.host)) is not None:
            _judge(number)
    return target


def send_request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    connect_s: float = CONNECT_S,
    total_s: float = TOTAL_S,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """Ask a server outside. Any status is an answer, also a redirect, which is not followed. Raises Refused, Unreachable."""
    target = read_target(url)
    began = time.monotonic()
    connection = _Pinned(target, _addresses(target), connect_s, total_s)
    # A server that sends a byte now and then keeps every single read in time: the whole has its own end.
    alarm = threading.Timer(total_s, connection.cut)
    alarm.daemon = True
    alarm.start()
    try:
        connection.request(method, target.path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        kept = _read(response, most_bytes)
        if connection.was_cut:
            raise Unreachable(N_("The server did not answer in time."))
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, kept, round((time.monotonic() - began) * 1000))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(NO_ANSWER) from error
    finally:
        alarm.cancel()
        connection.close()


def _read(response: http.client.HTTPResponse, most_bytes: int) -> bytes:
    pieces, size = [], 0
    while size < most_bytes and (piece := response.read(min(8192, most_bytes - size))):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


# ---------------------------------------------------------------------------------------------- addresses


def _addresses(target: Target) -> list[str]:
    """Where the name leads, each address judged. Raises Refused, Unreachable."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(NO_ANSWER) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if (target.host, target.port) not in _allowed:
        for address in addresses:
            _judge(address)
    return addresses[:MOST_ADDRESSES]


def _judge(address: str) -> None:
    if not is_public(address):
        raise Refused(
            N_("This address leads into a private network. The operator can allow its host and port in leadboard.toml."),
            field="url",
        )


def is_public(address: str) -> bool:
    """Whether an address, as a resolver gives it, belongs to the internet at large."""
    try:
        found: _Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found.scope_id is not None or found not in _GLOBAL_UNICAST:
            return False
    return (
        found.is_global
        and not found.is_multicast
        and not any(found in net for net in _NOT_PUBLIC if net.version == found.version)
    )


def _as_number(host: str) -> str | None:
    """The address that a host written in numbers means to the resolver, which also takes 127.1, 0x7f000001 and 2130706433."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return str(found[0][4][0])


def _ascii_host(host: str) -> str:
    try:
        return _plain(host if ":" in host else host.encode("idna").decode("ascii"))
    except UnicodeError as error:
        raise Refused(NO_ADDRESS, field="url") from error


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _path_of(parts: SplitResult) -> str:
    path = parts.path or "/"
    text = f"{path}?{parts.query}" if parts.query else path
    return "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in text)


# ---------------------------------------------------------------------------------------------- the connection


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were judged; Host and the name in the certificate stay those of the target."""

    def __init__(self, target: Target, addresses: list[str], timeout: float, total_s: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target = target
        self._addresses = addresses
        self._total_s = total_s
        self._raw: socket.socket | None = None
        self.was_cut = False
        if target.scheme == "https":
            self.default_port = PORTS["https"]

    def connect(self) -> None:
        """To the first of the addresses that answers."""
        for address in self._addresses:
            try:
                self._raw = socket.create_connection((address, self._target.port), self.timeout)
                break
            except OSError as error:
                failure = error
        else:
            raise failure
        self.sock = self._raw
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            secure = context.wrap_socket(self._raw, server_hostname=self._target.host, do_handshake_on_connect=False)
            self.sock = self._raw = secure
            secure.do_handshake()
        # From here on the clock of the whole request counts.
        self.sock.settimeout(self._total_s)

    def cut(self) -> None:
        """End it from another thread. Not by the TLS layer's shutdown(), which the reading thread may be inside."""
        self.was_cut = True
        if self._raw is not None:
            with suppress(OSError):  # it may have ended by itself just now
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)
