"""Sources and lost reasons: two lists with the same pages."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain import lists as domain
from leadboard.errors import N_, NotFound
from leadboard.forms.settings import NameForm
from leadboard.http import Toast, current_actor, go, is_fragment, needs, render
from leadboard.permissions import Permission
from leadboard.queries.pipelines import list_entries, list_entry
from leadboard.web.saving import problem_with

bp = Blueprint("lists", __name__)

# The part of the address → the table.
TABLES = {"sources": "source", "lost-reasons": "lost_reason"}
INDEXES = {"sources": "lists.sources", "lost-reasons": "lists.lost_reasons"}


@bp.get("/admin/sources")
@needs(Permission.SETTINGS)
def sources() -> Response:
    return _page("sources", NameForm(formdata=None))


@bp.get("/admin/lost-reasons")
@needs(Permission.SETTINGS)
def lost_reasons() -> Response:
    return _page("lost-reasons", NameForm(formdata=None))


@bp.post("/admin/<any('sources', 'lost-reasons'):name>")
@needs(Permission.SETTINGS)
def add(name: str) -> Response:
    form = NameForm()
    if status := problem_with(form, lambda: domain.add_entry(TABLES[name], form.text("name"), actor=current_actor())):
        return _page(name, form, status)
    return go(url_for(INDEXES[name]))


@bp.get("/admin/<any('sources', 'lost-reasons'):name>/<int:entry_id>")
@needs(Permission.SETTINGS)
def edit(name: str, entry_id: int) -> Response:
    entry = list_entry(TABLES[name], entry_id)
    if entry.name == domain.NOT_STATED and name == "lost-reasons":
        raise NotFound(N_("This entry no longer exists."))
    form = NameForm(formdata=None, obj=entry)
    form.remember({"name": entry.name})
    return render("lists/edit.html", form=form, entry=entry, name=name, index=url_for(INDEXES[name]))


@bp.post("/admin/<any('sources', 'lost-reasons'):name>/<int:entry_id>")
@needs(Permission.SETTINGS)
def rename(name: str, entry_id: int) -> Response:
    form = NameForm()
    seen = (form.shown() or {}).get("name")
    work = lambda: domain.rename_entry(TABLES[name], entry_id, form.text("name"), actor=current_actor(), seen=seen)  # noqa: E731
    if status := problem_with(form, work):
        entry = list_entry(TABLES[name], entry_id)
        form.remember({"name": entry.name})
        return render("lists/edit.html", form=form, entry=entry, name=name, index=url_for(INDEXES[name]), status=status)
    return go(url_for(INDEXES[name]), toast=Toast(gettext("Saved."), "good"))


@bp.post("/admin/<any('sources', 'lost-reasons'):name>/<int:entry_id>/order")
@needs(Permission.SETTINGS)
def order(name: str, entry_id: int) -> Response:
    domain.move_entry(TABLES[name], entry_id, by=-1 if request.form.get("by") == "-1" else 1, actor=current_actor())
    if is_fragment():
        return render("lists/_entries.html", name=name, **_entries(name))
    return go(url_for(INDEXES[name]))


@bp.post("/admin/<any('sources', 'lost-reasons'):name>/<int:entry_id>/archive")
@needs(Permission.SETTINGS)
def archive(name: str, entry_id: int) -> Response:
    domain.archive_entry(TABLES[name], entry_id, is_archived=request.form.get("archived") == "1", actor=current_actor())
    return go(url_for(INDEXES[name]))


def _page(name: str, form: NameForm, status: int = 200) -> Response:
    return render("lists/index.html", name=name, form=form, status=status, **_entries(name))


def _entries(name: str) -> dict[str, Any]:
    entries = list_entries(TABLES[name], current_actor())
    return {
        "entries": [entry for entry in entries if not entry.is_archived],
        "archived": [entry for entry in entries if entry.is_archived],
        "fixed": domain.NOT_STATED if name == "lost-reasons" else None,
    }
