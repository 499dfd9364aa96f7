"""Packs: what is in one, and setting it up."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext

from leadboard.domain.packs import install_pack, plan_pack
from leadboard.forms.settings import NameForm
from leadboard.http import Toast, current_actor, go, needs, render
from leadboard.permissions import Permission
from leadboard.queries.custom_fields import field_types
from leadboard.web.saving import problem_with

bp = Blueprint("packs", __name__)


@bp.get("/admin/pipelines/packs/<key>")
@needs(Permission.STAGES)
def preview(key: str) -> Response:
    return _preview(key, NameForm(formdata=None, data={"name": gettext(plan_pack(key).template.name)}))


@bp.post("/admin/pipelines/packs/<key>")
@needs(Permission.STAGES)
def install(key: str) -> Response:
    form = NameForm()
    made: list[int] = []
    status = problem_with(form, lambda: made.append(install_pack(key, name=form.text("name"), actor=current_actor())))
    if status:
        return _preview(key, form, status)
    return go(url_for("pipelines.detail", pipeline_id=made[0]), toast=Toast(gettext("Pipeline added"), "good"))


def _preview(key: str, form: NameForm, status: int = 200) -> Response:
    types = {name: gettext(kind.label) for name, kind in field_types().items()}
    return render("pipelines/pack.html", plan=plan_pack(key), form=form, types=types, status=status)
