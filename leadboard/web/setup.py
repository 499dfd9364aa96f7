"""The first visit: a link from the terminal, one form, then something to look at."""

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext

from leadboard.domain import setup as domain
from leadboard.domain.demo import is_filling_given_up, start_filling
from leadboard.domain.demo_state import sample_state
from leadboard.domain.links import LINK_IS_OVER
from leadboard.errors import NotFound, Refused
from leadboard.forms.setup import SetupForm
from leadboard.http import Toast, current_actor, go, instance, is_fragment, needs, public, render
from leadboard.lib.countries import COUNTRIES
from leadboard.permissions import Permission
from leadboard.queries.leads import has_leads
from leadboard.queries.users import find_link, is_set_up_open
from leadboard.web.auth import HOME, browser, let_in

bp = Blueprint("setup", __name__)


@bp.get("/setup")
@public
def welcome() -> Response:
    """What a stranger to a fresh instance sees: where the link is."""
    _refuse_when_set_up()
    return render("setup/welcome.html", wrong_link=False)


@bp.get("/setup/<token>")
@public
def form(token: str) -> Response:
    _refuse_when_set_up()
    if not _is_good(token):
        return render("setup/welcome.html", wrong_link=True, status=404)
    form = SetupForm(formdata=None)
    form.country.data = guess_country()
    form.fill_in()
    return render("setup/form.html", form=form, token=token)


@bp.post("/setup/<token>")
@public
def save(token: str) -> Response:
    """Make the first admin. Whoever is second finds the set-up closed."""
    _refuse_when_set_up()
    if not _is_good(token):
        return render("setup/welcome.html", wrong_link=True, status=404)
    form = SetupForm()
    is_valid = form.validate()
    form.fill_in()
    if not is_valid and form.errors:
        return render("setup/form.html", form=form, token=token, status=422)
    try:
        done = domain.set_up(
            token, name=form.text("name"), email=form.text("email"), password=form.text("password"), team=form.text("team"),
            regional=form.regional(), browser=browser(),
        )  # fmt: skip
    except Refused as error:
        form.show_error(error)
        return render("setup/form.html", form=form, token=token, status=422)
    return let_in(done, url_for("setup.start"))


@bp.get("/setup/<token>/country")
@public
def country(token: str) -> Response:
    """The fields that a country fills in, while the form is being filled out."""
    _refuse_when_set_up()
    if not _is_good(token):
        raise NotFound(LINK_IS_OVER)
    form = SetupForm(formdata=request.args)
    form.fill_in()
    return render("setup/_country.html", form=form)


def guess_country() -> str:
    """The country in the browser's languages (de-AT is Austria), or none."""
    for language, _ in request.accept_languages:
        region = language.replace("_", "-").rpartition("-")[2].upper()
        if "-" in language and region in COUNTRIES:
            return str(region)
    return ""


def _is_good(token: str) -> bool:
    link = find_link(token)
    return link is not None and link.user_id is None


def _refuse_when_set_up() -> None:
    if not is_set_up_open():
        raise NotFound("There is nothing at this address, or you may not see it.")


# ---------------------------------------------------------------------------------------------- the second step


@bp.get("/start")
@needs(Permission.SETTINGS)
def start() -> Response:
    """Sample data, an import, or an empty board: asked as long as there is no lead."""
    state = sample_state()
    if state is not None and state.phase == "filling" and not is_filling_given_up():
        return redirect(url_for("setup.filling"), 303)  # type: ignore[return-value]
    if has_leads(current_actor()):
        return redirect(HOME, 303)  # type: ignore[return-value]
    return render("setup/start.html", team=instance().name)


@bp.post("/start")
@needs(Permission.SETTINGS)
def choose() -> Response:
    if request.form.get("start") == "sample" and not has_leads(current_actor()):
        if sample_state() is None:
            start_filling(actor=current_actor())
        return go(url_for("setup.filling"))
    return go(url_for("setup.start"))


@bp.get("/start/sample")
@needs(Permission.SETTINGS)
def filling() -> Response:
    """Waits for the sample data; htmx asks again every second, a browser without scripts every three."""
    state = sample_state()
    if state is not None and state.phase == "ready":
        return go(HOME, toast=Toast(gettext("The sample data is here. Settings removes it again."), "good"))
    if state is None or state.phase == "removing":
        return go(url_for("setup.start"))
    template = "setup/_filling.html" if is_fragment() else "setup/filling.html"
    return render(template, has_failed=is_filling_given_up())
