"""The tags: added, renamed, recoloured, archived."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain import tags as domain
from leadboard.forms.settings import TagForm
from leadboard.http import Toast, current_actor, go, needs, render
from leadboard.permissions import Permission
from leadboard.queries.tags import known_tags, tag_counts
from leadboard.web.saving import problem_with

bp = Blueprint("tags", __name__)


@bp.get("/admin/tags")
@needs(Permission.SETTINGS)
def index() -> Response:
    return _page(TagForm(formdata=None))


@bp.post("/admin/tags")
@needs(Permission.SETTINGS)
def add() -> Response:
    form = TagForm()
    if status := problem_with(form, lambda: domain.add_tag(form.text("name"), tone=form.tone.data, actor=current_actor())):
        return _page(form, status)
    return go(url_for("tags.index"))


@bp.get("/admin/tags/<int:tag_id>")
@needs(Permission.SETTINGS)
def edit(tag_id: int) -> Response:
    tag = domain.one_tag(tag_id)
    form = TagForm(formdata=None, obj=tag)
    form.remember({"name": tag.name, "tone": tag.tone})
    return render("lists/tag.html", form=form, tag=tag)


@bp.post("/admin/tags/<int:tag_id>")
@needs(Permission.SETTINGS)
def save(tag_id: int) -> Response:
    form, actor = TagForm(), current_actor()
    seen = form.shown()
    status = problem_with(
        form, lambda: domain.update_tag(tag_id, name=form.text("name"), tone=form.tone.data, actor=actor, seen=seen)
    )
    if status:
        tag = domain.one_tag(tag_id)
        form.remember({"name": tag.name, "tone": tag.tone})
        return render("lists/tag.html", form=form, tag=tag, status=status)
    return go(url_for("tags.index"), toast=Toast(gettext("Saved."), "good"))


@bp.post("/admin/tags/<int:tag_id>/archive")
@needs(Permission.SETTINGS)
def archive(tag_id: int) -> Response:
    domain.archive_tag(tag_id, is_archived=request.form.get("archived") == "1", actor=current_actor())
    return go(url_for("tags.index"))


def _page(form: TagForm, status: int = 200) -> Response:
    known = known_tags().values()
    used = [tag for tag in known if not tag.is_archived]
    return render(
        "lists/tags.html",
        form=form,
        tags=used,
        archived=[tag for tag in known if tag.is_archived],
        counts=tag_counts(),
        status=status,
    )
