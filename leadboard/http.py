"""What a view needs: the actor, rendering, htmx answers. The gaps of htmx-flask in headers are filled here."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Response, g, make_response, redirect, render_template, request, session, stream_with_context, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from htmx_flask import make_response as htmx_response
from htmx_flask import request as htmx_request
from markupsafe import Markup, escape
from werkzeug.urls import iri_to_uri

from leadboard.errors import LeadboardError, NotAllowed, Words
from leadboard.formats import Formats
from leadboard.i18n import direction
from leadboard.paths import STATIC
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.settings import Instance

P = ParamSpec("P")
R = TypeVar("R")


def current_actor() -> Actor:
    """Who is signed in. The sign-in gate has made sure that there is somebody, except on public views."""
    actor = cast("Actor | None", g.get("actor"))
    if actor is None:
        raise NotAllowed("Sign in first.")
    return actor


def instance() -> Instance:
    return cast(Instance, g.instance)


def formats() -> Formats:
    """The request's formats, made when first needed."""
    if "formats" not in g:
        g.formats = Formats.of(instance())
    return cast(Formats, g.formats)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that answers without a sign-in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def needs(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view for those whose role includes the permission; others get the 403 page."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(current_actor(), permission)
            return view(*args, **kwargs)

        guarded.needs = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def takes_files(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that takes files as large as an import may be; the gate lets them through before the form is read."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


# ---------------------------------------------------------------------------------------------- fragments and pages


def is_fragment() -> bool:
    """True when htmx wants a part to swap, false for a whole page (a boosted link, Back, no JavaScript)."""
    headers = request.headers
    return (
        bool(htmx_request.htmx)
        and not htmx_request.htmx.boosted
        and headers.get("HX-Request-Type") != "full"
        and "HX-History-Restore-Request" not in headers
    )


def render(template: str, page: Any = None, *, status: int = 200, **values: Any) -> Response:
    """Render a page or a fragment; `page` is its dataclass, known as `page` in the template."""
    return make_response(render_template(template, page=page, **values), status)


@dataclass(frozen=True)
class Toast:
    """A message at the edge of the screen; with `undo`, a change set's id, it offers to take the action back.

    `link` is what to go on with, if anything: a label and a path that opens as a dialog.
    """

    text: str
    tone: str = "info"
    undo: int | None = None
    link: tuple[str, str] | None = None


def with_toast(response: Response, toast: Toast) -> Response:
    """Add a toast to an htmx answer."""
    payload: dict[str, Any] = {"text": toast.text, "tone": toast.tone}
    if toast.undo is not None:
        payload["undo"] = url_for("undo.undo", change_set_id=toast.undo)
        payload["undo_label"] = gettext("Undo")
    if toast.link is not None:
        payload["link_label"], payload["link"] = toast.link
    return trigger(response, toast=payload)


def trigger(response: Response, **events: Any) -> Response:
    """Fire events in the browser after the swap. Header text is ASCII: json escapes the rest."""
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers.update(events)
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


def reswap(response: Response, how: str, target: str | None = None) -> Response:
    """Tell htmx where this answer goes instead. Set by hand: htmx-flask refuses the styles of htmx 4."""
    response.headers["HX-Reswap"] = how
    if target is not None:
        response.headers["HX-Retarget"] = target
    return response


def go(url: str, *, toast: Toast | None = None) -> Response:
    """Send the browser on: 303 for a plain form, HX-Redirect for htmx, which would swap a 303's page into a part."""
    if toast is not None:
        remember_toast(toast)
    if htmx_request.htmx:
        return htmx_response("", 204, redirect=iri_to_uri(url))
    return cast(Response, redirect(url, code=303))


def remember_toast(toast: Toast) -> None:
    """Show the toast on the next page."""
    session["toast"] = [toast.text, toast.tone, toast.undo, toast.link]


def download(parts: Iterator[str] | Iterator[bytes], file_name: str, media_type: str = "text/csv; charset=utf-8") -> Response:
    """A file sent piece by piece, never opened in the browser."""
    response = Response(stream_with_context(parts), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def message_of(error: LeadboardError) -> str:
    """The error in the reader's language."""
    params = {
        name: ", ".join(gettext(part) for part in value.parts) if isinstance(value, Words) else value
        for name, value in error.params.items()
    }
    return str(gettext(error.message, **params))


def back_or(endpoint: str, **values: Any) -> str:
    """The page that the form came from when it is ours, else an endpoint."""
    target = request.form.get("next") or request.args.get("next") or ""
    return target if is_own_path(target) else url_for(endpoint, **values)


def is_own_path(target: str) -> bool:
    """True for a path on this site. Refuses //host, /\\host, schemes and control characters."""
    return (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and "\\" not in target
        and all(character.isprintable() for character in target)
    )


# ---------------------------------------------------------------------------------------------- templates


@lru_cache(maxsize=256)
def _content_hash(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"


def asset(name: str) -> str:
    """The URL of a static file, with its content hash: browsers keep it for ever."""
    return f"/static/{name}?v={_content_hash(name)}"


@lru_cache(maxsize=512)
def icon(name: str, cls: str = "") -> Markup:
    """One symbol of the sprite. `flip` mirrors it in right-to-left pages, `lg` is 24 px."""
    cls, url = escape(f"icon {cls}".strip()), escape(f"{asset('vendor/icons.svg')}#{name}")
    return Markup(f'<svg class="{cls}" aria-hidden="true"><use href="{url}"/></svg>')  # noqa: S704 - both parts are escaped


def csrf_field() -> Markup:
    """The hidden field of a plain form, made once a request."""
    if "csrf_field" not in g:
        token = escape(generate_csrf())
        g.csrf_field = Markup(f'<input type="hidden" name="csrf_token" value="{token}">')  # noqa: S704 - the token is escaped
    return cast(Markup, g.csrf_field)


# Jinja globals, because macros are imported without the page's context; in Python, because a page has hundreds of them.
# An import costs 0.05 ms wherever it is written, so parts that are drawn often call these two straight.
TEMPLATE_GLOBALS: dict[str, Any] = {"asset": asset, "csrf_token": generate_csrf, "csrf_field": csrf_field, "icon_html": icon}


def template_values() -> dict[str, Any]:
    """What every template knows; web/shell.py adds what only whole pages need."""
    found = instance()
    return {
        "actor": g.get("actor"),
        "instance": found,
        "fmt": formats(),
        "lang": "en" if found.language.startswith("x-") else found.language,
        "dir": direction(found.language),
        "theme": g.get("theme", "auto"),
    }
