"""Colleagues: adding by a link, roles, new passwords, leaving and coming back."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, request, session, url_for
from flask_babel import gettext, ngettext

from leadboard.domain import users
from leadboard.domain.handover import Handed
from leadboard.errors import NotFound
from leadboard.forms.tokens import SCOPE_NAMES
from leadboard.forms.users import ROLE_HELP, ROLE_NAMES, DeactivateForm, NewPersonForm, PersonForm, WelcomeForm
from leadboard.http import Toast, current_actor, formats, go, needs, public, render
from leadboard.lib.text import initials
from leadboard.permissions import Permission
from leadboard.queries.tokens import TokenRow, tokens_of
from leadboard.queries.users import PersonRow, UserState, find_link, owned_by, owners, person
from leadboard.queries.users import people as all_people
from leadboard.web.auth import HOME, browser, let_in
from leadboard.web.saving import problem_with
from leadboard.web.shell import tone_of

bp = Blueprint("people", __name__)


@dataclass(frozen=True)
class PersonPage:
    """`link` is shown once, right after it was made."""

    person: PersonRow
    form: PersonForm
    is_self: bool
    link: str | None
    link_is_local: bool
    tokens: list[TokenRow]


@bp.get("/admin/people")
@needs(Permission.PEOPLE)
def index() -> Response:
    return render("people/index.html", people=all_people(current_actor()), **_words())


@bp.get("/admin/people/new")
@needs(Permission.PEOPLE)
def new() -> Response:
    return render("people/new.html", form=NewPersonForm(formdata=None), **_words())


@bp.post("/admin/people/new")
@needs(Permission.PEOPLE)
def add() -> Response:
    """Add somebody and make the link that lets them in."""
    form, actor = NewPersonForm(), current_actor()
    added: list[int] = []
    status = problem_with(form, lambda: added.append(
        users.add_user(name=form.text("name"), email=form.text("email"), role=form.text("role"), actor=actor)
    ))  # fmt: skip
    if status:
        return render("people/new.html", form=form, status=status, **_words())
    return _show_link(added[0])


@bp.get("/admin/people/<int:user_id>")
@needs(Permission.PEOPLE)
def detail(user_id: int) -> Response:
    found = person(user_id, current_actor())
    return _detail(found, PersonForm(formdata=None, obj=found))


@bp.post("/admin/people/<int:user_id>")
@needs(Permission.PEOPLE)
def update(user_id: int) -> Response:
    form, actor = PersonForm(), current_actor()
    status = problem_with(form, lambda: users.update_user(
        user_id, actor=actor, name=form.text("name"), email=form.text("email"), role=form.text("role")
    ))  # fmt: skip
    if status:
        return _detail(person(user_id, actor), form, status)
    return go(url_for("people.index"), toast=Toast(gettext("Saved."), "good"))


@bp.post("/admin/people/<int:user_id>/link")
@needs(Permission.PEOPLE)
def link(user_id: int) -> Response:
    """A new one-time link; the one before ends."""
    return _show_link(user_id)


@bp.get("/admin/people/<int:user_id>/deactivate")
@needs(Permission.PEOPLE)
def ask_deactivate(user_id: int) -> Response:
    found = person(user_id, current_actor())
    return render(
        "people/deactivate.html", person=found, owned=_owned(user_id), form=DeactivateForm(_heirs(user_id), formdata=None)
    )


@bp.post("/admin/people/<int:user_id>/deactivate")
@needs(Permission.PEOPLE)
def deactivate(user_id: int) -> Response:
    form, actor = DeactivateForm(_heirs(user_id)), current_actor()
    given: list[Handed] = []
    status = problem_with(form, lambda: given.append(
        users.deactivate(user_id, actor=actor, give_leads_to=form.give_leads_to.data or None)
    ))  # fmt: skip
    found = person(user_id, actor)
    if status:
        return render("people/deactivate.html", person=found, owned=_owned(user_id), form=form, status=status)
    text = gettext("%(name)s is deactivated and signed out.", name=found.name)
    if any(given[0]):
        text = f"{text} {gettext('Given away: %(what)s.', what=', '.join(_counts(given[0])))}"
    return go(url_for("people.index"), toast=Toast(text, "good"))


@bp.post("/admin/people/<int:user_id>/reactivate")
@needs(Permission.PEOPLE)
def reactivate(user_id: int) -> Response:
    users.reactivate(user_id, actor=current_actor())
    found = person(user_id, current_actor())
    return go(
        url_for("people.detail", user_id=user_id), toast=Toast(gettext("%(name)s can sign in again.", name=found.name), "good")
    )


def _heirs(user_id: int) -> list[tuple[int, str]]:
    return [(other, name) for other, name in owners(current_actor()) if other != user_id]


def _owned(user_id: int) -> list[str]:
    return _counts(Handed(*owned_by(user_id, current_actor())))


def _counts(handed: Handed) -> list[str]:
    """In words, what there is any of."""
    shown = formats().number
    told = (
        (handed.leads, ngettext("%(count)s lead", "%(count)s leads", handed.leads, count=shown(handed.leads))),
        (handed.contacts, ngettext("%(count)s contact", "%(count)s contacts", handed.contacts, count=shown(handed.contacts))),
        (
            handed.organisations,
            ngettext(
                "%(count)s organisation", "%(count)s organisations", handed.organisations, count=shown(handed.organisations)
            ),
        ),
        (
            handed.tasks,
            ngettext("%(count)s open next step", "%(count)s open next steps", handed.tasks, count=shown(handed.tasks)),
        ),
    )
    return [text for count, text in told if count]


def _words() -> dict[str, Any]:
    """Names that the templates put into words."""
    return {
        "role_names": ROLE_NAMES,
        "role_help": ROLE_HELP,
        "initials": initials,
        "tone_of": tone_of,
        "states": UserState,
        "scope_names": SCOPE_NAMES,
    }


def _detail(found: PersonRow, form: PersonForm, status: int = 200) -> Response:
    token = None
    if session.get("link", (0,))[0] == found.id:
        token = session.pop("link")[1]
    shown = _address(token) if token else None
    is_local = shown is not None and not current_app.config["LEADBOARD"].base_url and _is_this_machine()
    page = PersonPage(found, form, found.id == current_actor().id, shown, is_local, tokens_of(found.id, current_actor()))
    return render("people/detail.html", page, status=status, **_words())


def _show_link(user_id: int) -> Response:
    """Make a link and show it on the next page, once: it is kept in the admin's own signed cookie until then."""
    session["link"] = [user_id, users.new_password_link(user_id, actor=current_actor())]
    return go(url_for("people.detail", user_id=user_id))


def _address(token: str) -> str:
    base: str = current_app.config["LEADBOARD"].base_url or request.host_url.rstrip("/")
    return base + url_for("people.welcome", token=token)


def _is_this_machine() -> bool:
    return request.host.rpartition(":")[0] in {"localhost", "127.0.0.1", "[::1]"} or request.host in {"localhost", "127.0.0.1"}


# ---------------------------------------------------------------------------------------------- the invited person


@bp.get("/welcome/<token>")
@public
def welcome(token: str) -> Response:
    found = find_link(token)
    if found is None or found.user_id is None:
        return render("people/link_over.html", status=404)
    return render("people/welcome.html", form=WelcomeForm(formdata=None), token=token, person=found)


@bp.post("/welcome/<token>")
@public
def set_password(token: str) -> Response:
    """Set the password; the link is used up and the browser signed in."""
    found = find_link(token)
    if found is None or found.user_id is None:
        return render("people/link_over.html", status=404)
    form = WelcomeForm()
    done = []
    try:
        status = problem_with(form, lambda: done.append(users.welcome(token, password=form.text("password"), browser=browser())))
    except NotFound:
        return render("people/link_over.html", status=404)
    if status:
        return render("people/welcome.html", form=form, token=token, person=found, status=status)
    return let_in(done[0], HOME)
