"""Settings of the instance: what it is called, where it is, who sees what."""

import os

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext

from leadboard.domain.settings import change_settings, check_regional
from leadboard.domain.users import clean_name
from leadboard.forms.settings import GeneralForm, VisibilityForm
from leadboard.http import Toast, current_actor, go, instance, needs, render
from leadboard.i18n import LANGUAGES, PSEUDO
from leadboard.permissions import Permission
from leadboard.web.admin.nav import subnav_values
from leadboard.web.saving import problem_with

bp = Blueprint("settings", __name__)
bp.app_context_processor(subnav_values)


@bp.get("/admin")
@needs(Permission.SETTINGS)
def index() -> Response:
    found = instance()
    form = GeneralForm(languages(), formdata=None, obj=found)
    form.filled_for.data = found.country
    return render("settings/general.html", form=form)


@bp.post("/admin")
@needs(Permission.SETTINGS)
def save() -> Response:
    form = GeneralForm(languages())

    def work() -> None:
        regional = vars(form.regional())
        check_regional(**regional)
        change_settings(actor=current_actor(), name=clean_name(form.text("name")), language=form.language.data, **regional)

    form.fill_in()
    if status := problem_with(form, work):
        return render("settings/general.html", form=form, status=status)
    return go(url_for("settings.index"), toast=Toast(gettext("Saved."), "good"))


@bp.get("/admin/country")
@needs(Permission.SETTINGS)
def country() -> Response:
    """The fields that a country fills in, while it is being chosen."""
    form = GeneralForm(languages(), formdata=request.args)
    form.fill_in()
    return render("setup/_country.html", form=form)


@bp.get("/admin/visibility")
@needs(Permission.SETTINGS)
def visibility() -> Response:
    return render("settings/visibility.html", form=VisibilityForm(formdata=None, obj=instance()))


@bp.post("/admin/visibility")
@needs(Permission.SETTINGS)
def save_visibility() -> Response:
    form = VisibilityForm()
    if status := problem_with(
        form, lambda: change_settings(actor=current_actor(), member_visibility=form.member_visibility.data)
    ):
        return render("settings/visibility.html", form=form, status=status)
    return go(url_for("settings.visibility"), toast=Toast(gettext("Saved."), "good"))


def languages() -> list[tuple[str, str]]:
    """What can be chosen. The generated right-to-left language is for looking at the pages, not for working."""
    is_offered = current_app.testing or bool(os.environ.get("LEADBOARD_PSEUDO_LANGUAGE")) or instance().language == PSEUDO
    return [
        (code, gettext("%(name)s, for testing", name=name) if code == PSEUDO else name)
        for code, name in LANGUAGES.items()
        if code != PSEUDO or is_offered
    ]
