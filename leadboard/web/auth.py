"""Signing in and out, and what a new session means for the browser's cookies."""

from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from leadboard.config import Settings
from leadboard.domain import sign_in as domain
from leadboard.forms.users import SignInForm
from leadboard.http import current_actor, go, is_own_path, public, render
from leadboard.web.saving import problem_with

bp = Blueprint("auth", __name__)

HOME = "/"
DEVICE_COOKIE_S = 365 * 86_400


@bp.get("/login")
@public
def sign_in() -> Response:
    form = SignInForm(formdata=None)
    form.next.data = own_path(request.args.get("next"))
    if g.actor is not None:
        return redirect(form.next.data, 303)  # type: ignore[return-value]
    return render("auth/sign_in.html", form=form)


@bp.post("/login")
@public
def sign_in_post() -> Response:
    """Check the password; the session starts anew, whoever had it before."""
    form = SignInForm()
    done: list[domain.SignedIn] = []
    if status := problem_with(
        form, lambda: done.append(domain.sign_in(form.text("email"), form.text("password"), browser=browser()))
    ):
        return render("auth/sign_in.html", form=form, status=status)
    return let_in(done[0], own_path(form.next.data))


@bp.post("/logout")
@public
def sign_out() -> Response:
    """End this session; a browser that is signed out already only sees the sign-in again."""
    token = session.get("sid")
    if g.actor is not None and token:
        domain.sign_out(token, actor=current_actor())
    session.clear()
    return go(url_for("auth.sign_in"))


def own_path(target: str | None) -> str:
    """Where to go after signing in: a path of ours, or the board."""
    return target if target and is_own_path(target) and not target.startswith(url_for("auth.sign_in")) else HOME


# ---------------------------------------------------------------------------------------------- the browser


def browser() -> domain.Browser:
    """Where this request comes from, and whether its user was here before."""
    return domain.Browser(request.remote_addr or "", request.user_agent.string, _known_device())


def let_in(done: domain.SignedIn, target: str) -> Response:
    """Start a session of its own, so that nothing known before the sign-in is worth anything after it."""
    if earlier := session.get("sid"):
        domain.forget_session(earlier)
    session.clear()
    session["sid"] = done.token
    session.permanent = True
    response = go(target)
    response.set_cookie(
        _device_cookie_name(), _signer().dumps([done.user_id, done.device]), max_age=DEVICE_COOKIE_S, httponly=True,
        secure=_settings().is_https, samesite="Lax", path="/",
    )  # fmt: skip
    return response


def _known_device() -> tuple[int, str] | None:
    try:
        kept: Any = _signer().loads(request.cookies.get(_device_cookie_name(), ""))
        return int(kept[0]), str(kept[1])
    except (BadSignature, ValueError, TypeError, IndexError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known-device")


def _device_cookie_name() -> str:
    return "__Host-leadboard-device" if _settings().is_https else "leadboard-device"


def _settings() -> Settings:
    settings: Settings = current_app.config["LEADBOARD"]
    return settings
