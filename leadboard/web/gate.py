"""The door: host, origin, session, CSRF, security headers. Every request passes here before a view sees it."""

import ipaddress
import logging
import socket
from functools import cache, lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_wtf import CSRFProtect
from htmx_flask import request as htmx_request
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import SecurityError

from leadboard.blueprints import plugin_of
from leadboard.config import Settings
from leadboard.db import end_transaction, execute_if_writable, forget_connection, in_transaction, is_sqlite, now_ms, one
from leadboard.domain.sign_in import ABSOLUTE_MS, IDLE_MS
from leadboard.errors import N_, NotAllowed, NotFound
from leadboard.lib.tokens import token_hash
from leadboard.permissions import user_actor
from leadboard.pluginhost import health
from leadboard.pluginhost.registry import refresh, registry
from leadboard.queries.settings import Instance, go_by, instance
from leadboard.rest import request_id, takes_tokens
from leadboard.web.bearer import read_token

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
log = logging.getLogger("leadboard.web")
SEEN_EVERY_MS = 60_000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
csrf = CSRFProtect()


def init_gate(app: Flask, settings: Settings) -> None:
    app.config["LEADBOARD_HOSTS"] = known_hosts(settings)
    csrf.init_app(app)
    app.before_request_funcs.setdefault(None, []).insert(0, open_gate)
    app.after_request(secure_answer)
    app.teardown_request(close_gate)


def open_gate() -> Response | None:
    """Settle host, origin, instance and actor; send strangers to the sign-in, programs without a token away."""
    view = current_app.view_functions.get(request.endpoint or "")
    g.was_in_transaction = in_transaction()  # a caller's, such as a test that takes everything back
    g.is_api = request.path.startswith("/api/") or takes_tokens(view)
    g.actor = None
    g.instance = Instance()
    check_host()
    if request.endpoint == "health.healthz":
        return None
    if not g.is_api:
        check_origin()
    identify = read_token if g.is_api else read_session
    try:
        identify()
    except (OperationalError, InterfaceError):
        if is_sqlite():
            raise
        # PostgreSQL was restarted since this thread's last request. Nothing was written yet: ask again.
        forget_connection()
        identify()
    refresh(g.instance.revision)
    health.page.set(request.path)
    refuse_plugins_that_are_off()
    if g.is_api:
        return None
    if getattr(view, "takes_files", False):
        settings: Settings = current_app.config["LEADBOARD"]
        request.max_content_length = (settings.import_max_mb + 1) * 1_000_000
    if g.actor is not None or view is None or getattr(view, "is_public", False):
        return None
    if not g.instance.is_set_up:
        return redirect(url_for("setup.welcome"), 303)  # type: ignore[return-value]
    return ask_to_sign_in()


def close_gate(error: BaseException | None) -> None:
    """The request is over: forget its revision, end what a plugin left open, write down what went wrong in plugins."""
    go_by(None)
    if not g.get("was_in_transaction", True) and end_transaction():
        log.error("%s left a transaction open; it was rolled back", request.path)
    health.flush()


def refuse_plugins_that_are_off() -> None:
    """Routes of plugins are known from the start; those of one that is off answer as if they were not there."""
    plugin = plugin_of(current_app.blueprints.get(request.blueprint or ""))
    if plugin is not None and plugin not in registry().on:
        raise NotFound(N_("There is nothing at this address, or you may not see it."))


def ask_to_sign_in() -> Response:
    """A page goes to the sign-in form and comes back after it; an htmx part may not be swapped for that form."""
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else ""
    if htmx_request.htmx:
        try:
            current = urlsplit(request.headers.get("HX-Current-URL", ""))
        except ValueError:
            current = urlsplit("")
        wanted = current.path + (f"?{current.query}" if current.query else "")
        response = Response(status=401)
        response.headers["HX-Redirect"] = url_for("auth.sign_in", next=wanted or None)
        return response
    return redirect(url_for("auth.sign_in", next=wanted if wanted not in {"", "/"} else None), 303)  # type: ignore[return-value]


SESSION_SQL = (
    "select s.id, s.created_at, s.last_seen_at, u.id, u.name, u.role, u.theme, u.email,"
    " (select value from setting where key = 'revision')"
    ' from session s join "user" u on u.id = s.user_id where s.token_hash = ? and u.is_active'
)


def read_session() -> None:
    """One statement: the session, its user, and whether the cached settings are still true."""
    token = session.get("sid")
    found = one(SESSION_SQL, (token_hash(token),)) if token else None
    if found is None:
        g.instance = instance()
        return
    session_id, created_at, seen_at, user_id, name, role, theme, email, revision = found
    go_by(int(revision or 0))
    g.instance = instance()
    now = now_ms()
    if now - created_at > ABSOLUTE_MS or now - seen_at > IDLE_MS:
        execute_if_writable("delete from session where id = ?", (session_id,))
        session.pop("sid", None)
        return
    g.session_id, g.theme, g.email = session_id, theme, email
    g.actor = user_actor(user_id, name, role, member_visibility=g.instance.member_visibility)
    if now - seen_at > SEEN_EVERY_MS and not request.headers.get("HX-PTag"):
        execute_if_writable("update session set last_seen_at = ? where id = ?", (now, session_id))


# ---------------------------------------------------------------------------------------------- host and origin


def check_host() -> None:
    """Refuse a Host that is not ours: links in answers are built from it.

    A number cannot be rebound to another machine by a hostile name server, so any address is taken while no
    base URL is set.
    """
    host = _name_in(request.environ.get("HTTP_HOST", ""))
    if host in current_app.config["LEADBOARD_HOSTS"]:
        return
    settings: Settings = current_app.config["LEADBOARD"]
    if not settings.base_url and _is_address(host):
        return
    raise SecurityError(f"unknown host {host}")


def check_origin() -> None:
    """Refuse unsafe requests that another site started. Old browsers and plain http send no Sec-Fetch-Site: then Origin decides."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in {"same-origin", "none"}:
            return
        raise NotAllowed(N_("This request was started by another site. Nothing was saved."))
    origin = request.headers.get("Origin")
    if origin is None or origin in {f"{request.scheme}://{request.host}", current_app.config["LEADBOARD"].base_url}:
        return
    raise NotAllowed(N_("This request was started by another site. Nothing was saved."))


def known_hosts(settings: Settings) -> frozenset[str]:
    names = set(LOOPBACK | own_names())
    names.update(host.lower().rstrip(".") for host in settings.trusted_hosts)
    if settings.base_url:
        names.add((urlsplit(settings.base_url).hostname or "").lower())
    if settings.testing:
        names.add("leadboard.example")
    return frozenset(names)


@cache
def own_names() -> frozenset[str]:
    """What this machine calls itself: its name, short and in full, and the one for networks without a name server."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    try:
        full = socket.getaddrinfo(name, None, flags=socket.AI_CANONNAME)[0][3].lower().rstrip(".")
    except (OSError, UnicodeError):  # nobody knows this machine
        full = name
    return frozenset({name, short, f"{short}.local", full or name})


def _name_in(host: str) -> str:
    """The name or address of a Host header, without the port; empty when it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_plain_http() -> bool:
    """True when somebody else on the network could read along: the browser came without TLS, and not on this very machine."""
    return not request.is_secure and not _is_trusted_by_browser() and _name_in(request.host) not in LOOPBACK


def is_unknown_tls() -> bool:
    """True when the browser came by TLS and Leadboard only knows from the browser: its proxy does not say so."""
    return not request.is_secure and _is_trusted_by_browser() and _name_in(request.host) not in LOOPBACK


def _is_trusted_by_browser() -> bool:
    """Browsers send this header over TLS, and to their own machine, only."""
    return "Sec-Fetch-Site" in request.headers


def secure_answer(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if not is_plain_http():  # where it is ignored with an error in the console
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    if current_app.config["LEADBOARD"].is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if g.get("is_api"):
        headers["X-Request-Id"] = request_id()
        response.vary.add("Authorization")
    else:
        response.vary.add("HX-Request")
    return response
