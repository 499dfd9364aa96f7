"""Sample data: is there any, how far is it, add it, remove it."""

from dataclasses import dataclass

from flask import Blueprint, Response, url_for
from flask_babel import gettext

from leadboard.domain.demo import USUAL_LEADS, is_filling_given_up, start_filling
from leadboard.domain.demo_removal import start_removing, touched_leads
from leadboard.domain.demo_state import sample_state
from leadboard.http import Toast, current_actor, go, is_fragment, needs, render
from leadboard.permissions import Permission

bp = Blueprint("sample", __name__)

REMOVABLE = {"ready", "failed"}


@dataclass(frozen=True)
class SamplePage:
    """`phase` is "none", "filling", "failed", "ready" or "removing"; `touched` counts sample leads that people worked on."""

    phase: str
    leads: int = 0
    wanted: int = 0
    touched: int = 0
    usual: int = USUAL_LEADS


@bp.get("/admin/sample")
@needs(Permission.SETTINGS)
def index() -> Response:
    """The page, or the part of it that asks again while work goes on."""
    page = _page()
    if is_fragment():
        return render("sample/_state.html", page)
    return render("sample/index.html", page)


@bp.post("/admin/sample/add")
@needs(Permission.SETTINGS)
def add() -> Response:
    start_filling(actor=current_actor())
    return go(url_for("sample.index"))


@bp.get("/admin/sample/remove")
@needs(Permission.SETTINGS)
def confirm() -> Response:
    """Says what goes, before it goes."""
    page = _page()
    return render("sample/remove.html", page) if page.phase in REMOVABLE else go(url_for("sample.index"))


@bp.post("/admin/sample/remove")
@needs(Permission.SETTINGS)
def remove() -> Response:
    start_removing(actor=current_actor())
    return go(url_for("sample.index"), toast=Toast(gettext("The sample data is being removed.")))


def _page() -> SamplePage:
    state = sample_state()
    if state is None:
        return SamplePage("none")
    phase = "failed" if state.phase == "filling" and is_filling_given_up() else state.phase
    touched = touched_leads(state) if phase in REMOVABLE else 0
    return SamplePage(phase, state.leads, state.wanted, touched)
