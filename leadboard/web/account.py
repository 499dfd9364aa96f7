"""One's own account: name, password, appearance, tokens, signed-in browsers. Whose it is comes from the session alone."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, session, url_for
from flask_babel import gettext

from leadboard.domain import sign_in, tokens, users
from leadboard.forms.base import Form
from leadboard.forms.tokens import SCOPE_NAMES, TokenForm
from leadboard.forms.users import PasswordForm, ProfileForm, ThemeForm
from leadboard.http import Toast, back_or, current_actor, go, needs, render
from leadboard.lib.agents import browser_and_system
from leadboard.permissions import Permission
from leadboard.queries.tokens import TokenRow, tokens_of
from leadboard.queries.users import SessionRow, account_of, sessions_of
from leadboard.web.saving import problem_with

bp = Blueprint("account", __name__)


@dataclass(frozen=True)
class AccountPage:
    profile: ProfileForm
    password: PasswordForm
    theme: ThemeForm
    sessions: list[SessionRow]
    token: TokenForm
    tokens: list[TokenRow]
    new_token: str | None = None


@bp.get("/account")
@needs(Permission.READ)
def index() -> Response:
    return _page()


@bp.post("/account")
@needs(Permission.READ)
def profile() -> Response:
    form = ProfileForm()
    return _save(form, "profile", gettext("Saved."), lambda: users.update_profile(
        actor=current_actor(), name=form.text("name"), email=form.text("email"), current_password=form.text("current_password"),
    ))  # fmt: skip


@bp.post("/account/password")
@needs(Permission.READ)
def password() -> Response:
    """Ends all other sessions; this one goes on."""
    form = PasswordForm()
    return _save(form, "password", gettext("The new password is set. All other browsers are signed out."), lambda: (
        users.change_password(
            actor=current_actor(), current=form.text("current_password"), new=form.text("new_password"), keep_session=g.session_id,
        )
    ))  # fmt: skip


@bp.post("/account/theme")
@needs(Permission.READ)
def theme() -> Response:
    form = ThemeForm()
    return _save(form, "theme", gettext("Saved."), lambda: users.change_theme(form.text("theme"), actor=current_actor()))


@bp.post("/account/sessions/<int:session_id>/end")
@needs(Permission.READ)
def end_session(session_id: int) -> Response:
    sign_in.end_session(session_id, actor=current_actor())
    if session_id == g.session_id:
        session.clear()
        return go(url_for("auth.sign_in"))
    return go(url_for("account.index"), toast=Toast(gettext("That browser is signed out."), "good"))


@bp.post("/account/sessions/end")
@needs(Permission.READ)
def end_all() -> Response:
    """Sign out everywhere, here too."""
    sign_in.end_other_sessions(actor=current_actor(), keep=None)
    session.clear()
    return go(url_for("auth.sign_in"))


@bp.post("/account/tokens")
@needs(Permission.READ)
def add_token() -> Response:
    """A token of one's own, shown once on the next page: until then it is in the browser's own signed cookie."""
    actor = current_actor()
    form = TokenForm(actor)
    made: list[tokens.NewToken] = []

    def work() -> None:
        users.ask_password(form.text("current_password"), actor=actor)
        made.append(tokens.add_token(
            actor.id or 0, name=form.text("name"), scopes=form.scopes.data or [], days=form.days.data or None, actor=actor
        ))  # fmt: skip

    if status := problem_with(form, work):
        return _page(token=form, status=status)
    session["token"] = made[0].text
    return go(url_for("account.index", _anchor="tokens"))


@bp.post("/account/tokens/<int:token_id>/revoke")
@needs(Permission.READ)
def revoke_token(token_id: int) -> Response:
    """End a token; it is one's own, for an admin also anybody's."""
    tokens.revoke_token(token_id, actor=current_actor())
    return go(back_or("account.index"), toast=Toast(gettext("The token is revoked."), "good"))


def _save(form: Form, name: str, done: str, work: Callable[[], None]) -> Response:
    """Run one of the page's forms; with an error the whole page comes back with it."""
    if status := problem_with(form, work):
        return _page(**{name: form}, status=status)
    return go(url_for("account.index"), toast=Toast(done, "good"))


def _page(
    profile: ProfileForm | None = None,
    password: PasswordForm | None = None,
    theme: ThemeForm | None = None,
    token: TokenForm | None = None,
    *,
    status: int = 200,
) -> Response:
    actor = current_actor()
    name, email, chosen = account_of(actor)
    page = AccountPage(
        profile or ProfileForm(formdata=None, data={"name": name, "email": email}),
        password or PasswordForm(formdata=None),
        theme or ThemeForm(formdata=None, data={"theme": chosen}),
        sessions_of(actor, g.session_id),
        token or TokenForm(actor, formdata=None),
        tokens_of(actor.id or 0, actor),
        session.pop("token", None),
    )
    return render("account/index.html", page, browser_and_system=browser_and_system, scope_names=SCOPE_NAMES, status=status)
