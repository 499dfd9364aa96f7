"""Notes on a record's page: write, edit, pin, delete, and what they said before."""

from dataclasses import dataclass

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.domain.notes import add_note, delete_note, edit_note, pin_note
from leadboard.errors import Conflict, Refused
from leadboard.forms.timeline import NoteForm
from leadboard.http import Toast, current_actor, formats, go, is_fragment, needs, render, with_toast
from leadboard.lib.ids import as_id
from leadboard.permissions import Permission
from leadboard.queries.hosts import HostKey, host_title
from leadboard.queries.notes import NoteRow, note_history, note_row
from leadboard.queries.timeline_names import Names
from leadboard.web.record_parts import answer, back_to
from leadboard.web.record_routes import RecordRef, on_records
from leadboard.web.timeline_view import EntryView, TimelinePainter

bp = Blueprint("notes", __name__)


@dataclass(frozen=True)
class NotePage:
    """`theirs` is the text that somebody saved while this one was being edited."""

    host: RecordRef
    note: NoteRow | None = None
    entry: EntryView | None = None
    theirs: str = ""


@on_records(bp, "/notes", methods=("POST",))
@needs(Permission.WRITE)
def add(host: HostKey) -> Response:
    form = NoteForm()
    try:
        added = add_note(body=form.text("body"), actor=current_actor(), **host.ids)
    except Refused as refusal:
        form.show_error(refusal)
        page = NotePage(_ref(host))
        return render("notes/_form.html" if is_fragment() else "notes/new.html", page, status=422, note_form=form)
    toast = Toast(gettext("Note saved"), "good", added.change_set_id)
    return answer(host, "notes/_added.html", toast, note_form=NoteForm(formdata=None))


@bp.get("/notes/<int:note_id>")
@needs(Permission.READ)
def show(note_id: int) -> Response:
    """The whole note: in its place in the timeline, or on a page of its own."""
    note = note_row(note_id, current_actor())
    if is_fragment():
        return render("timeline/_one.html", entry=_painter().note(note))
    return render("notes/show.html", _page(note))


@bp.route("/notes/<int:note_id>/edit", methods=["GET", "POST"])
@needs(Permission.WRITE)
def edit(note_id: int) -> Response:
    note = note_row(note_id, current_actor())
    form = NoteForm(data={"body": note.body, "version": note.version})
    form.body.id = f"edit-{note_id}"
    if not form.is_submitted():
        return _edit_form(note, form, 200)
    try:
        version = request.form.get("version", type=as_id)
        undo = edit_note(note_id, body=form.text("body"), version=version, actor=current_actor())
    except Refused as refusal:
        form.show_error(refusal)
        return _edit_form(note, form, 422)
    except Conflict as conflict:
        form.show_error(conflict)
        # Saving again means having seen the other text.
        form.version.data = str(note.version)
        return _edit_form(note, form, 422 if is_fragment() else 409, theirs=conflict.details)
    toast = Toast(gettext("Note saved"), "good", undo) if undo is not None else None
    if not is_fragment():
        return go(back_to(note.host), toast=toast)
    response = render("timeline/_one.html", entry=_painter().note(note_row(note_id, current_actor())))
    return with_toast(response, toast) if toast is not None else response


def _edit_form(note: NoteRow, form: NoteForm, status: int, *, theirs: str = "") -> Response:
    return render(
        "notes/_edit.html" if is_fragment() else "notes/edit.html", _page(note, theirs=theirs), status=status, note_form=form
    )


@bp.get("/notes/<int:note_id>/history")
@needs(Permission.READ)
def history(note_id: int) -> Response:
    """Earlier texts of a note, newest first."""
    found = note_history(note_id, current_actor())
    host = RecordRef(found.note.host, found.title)
    return render("notes/_history.html" if is_fragment() else "notes/history.html", found, host=host)


@bp.post("/notes/<int:note_id>/pin")
@needs(Permission.WRITE)
def pin(note_id: int) -> Response:
    return _pin(note_id, pinned=True, text=gettext("Pinned above the timeline"))


@bp.post("/notes/<int:note_id>/unpin")
@needs(Permission.WRITE)
def unpin(note_id: int) -> Response:
    return _pin(note_id, pinned=False, text=gettext("No longer pinned"))


def _pin(note_id: int, *, pinned: bool, text: str) -> Response:
    undo = pin_note(note_id, pinned=pinned, actor=current_actor())
    note = note_row(note_id, current_actor())
    return answer(note.host, "timeline/_list.html", Toast(text, undo=undo) if undo is not None else None)


@bp.post("/notes/<int:note_id>/delete")
@needs(Permission.WRITE)
def delete(note_id: int) -> Response:
    note = note_row(note_id, current_actor())
    toast = Toast(gettext("Note deleted"), undo=delete_note(note_id, actor=current_actor()))
    if not is_fragment():
        return go(back_to(note.host), toast=toast)
    # The entry goes; where the reader has scrolled to stays.
    return with_toast(Response(""), toast)


def _page(note: NoteRow, *, theirs: str = "") -> NotePage:
    return NotePage(_ref(note.host), note, _painter().note(note), theirs)


def _ref(host: HostKey) -> RecordRef:
    return RecordRef(host, host_title(host, current_actor()))


def _painter() -> TimelinePainter:
    return TimelinePainter(formats(), Names())
