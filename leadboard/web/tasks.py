"""Next steps on a record's page and in the dialog of a card: add, done, reopen, edit, postpone, delete."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.domain.tasks import add_task, change_task, complete_task, delete_task, reopen_task
from leadboard.errors import N_, Conflict, Refused
from leadboard.forms.timeline import StepForm
from leadboard.http import Toast, current_actor, formats, go, instance, is_fragment, needs, render, reswap, with_toast
from leadboard.lib.dates import DayError, parse_day
from leadboard.lib.ids import as_id
from leadboard.permissions import Permission
from leadboard.queries.hosts import HostKey
from leadboard.queries.tasks import TaskRow, TasksPanel, task_row, tasks_panel
from leadboard.web.record_parts import back_to, record_parts, step_form, wants
from leadboard.web.record_routes import RecordRef, on_records

bp = Blueprint("tasks", __name__)

POSTPONE_DAYS = {"1", "7"}
# The places with a form for a new step: what is drawn again when it is refused, the form's name there, its ids.
_FORM_PARTS = {
    "composer": ("tasks/_composer.html", "step_form", "step"),
    "panel": ("tasks/_panel.html", "panel_form", "panel"),
    "card": ("tasks/_card_menu.html", "card_form", "card"),
}


@dataclass(frozen=True)
class StepPage:
    host: RecordRef
    tasks: TasksPanel
    task: TaskRow | None = None


@on_records(bp, "/next-step")
@needs(Permission.READ)
def card(host: HostKey) -> Response:
    """The open steps of a card: tick, postpone, add. A dialog on the board, the panel of the record's page, else a page."""
    part = "tasks/_panel.html" if wants("panel") else "tasks/_card_menu.html"
    return render(part if is_fragment() else "tasks/card.html", _page(tasks_panel(host, current_actor(), instance())))


@on_records(bp, "/tasks", methods=("POST",))
@needs(Permission.WRITE)
def add(host: HostKey) -> Response:
    tasks = tasks_panel(host, current_actor(), instance())
    part = request.form.get("part", "")
    template, name, id_prefix = _FORM_PARTS.get(part, _FORM_PARTS["composer"])
    form = step_form(tasks.assignees, id_prefix)
    if form.validate():
        try:
            added = add_task(
                title=form.text("title"), due_on=form.due_on.data, assignee_id=form.assignee_id, actor=current_actor(),
                **host.ids,
            )  # fmt: skip
        except Refused as refusal:
            form.show_error(refusal)
        else:
            return _changed(host, Toast(gettext("Next step added"), "good", added.change_set_id))
    return render(template if is_fragment() else "tasks/new.html", _page(tasks), status=422, **{name: form, "step_form": form})


@bp.post("/tasks/<int:task_id>/done")
@needs(Permission.WRITE)
def done(task_id: int) -> Response:
    """Tick off; the panel that comes back asks what is next when nothing is left."""
    task = task_row(task_id, current_actor())
    undo = complete_task(task_id, actor=current_actor())
    toast = Toast(gettext("Done: %(title)s", title=task.title), "good", undo) if undo is not None else None
    return _changed(task.host, toast, focus=task_id)


@bp.post("/tasks/<int:task_id>/reopen")
@needs(Permission.WRITE)
def reopen(task_id: int) -> Response:
    task = task_row(task_id, current_actor())
    undo = reopen_task(task_id, actor=current_actor())
    toast = Toast(gettext("Open again: %(title)s", title=task.title), undo=undo) if undo is not None else None
    return _changed(task.host, toast, focus=task_id)


@bp.post("/tasks/<int:task_id>/postpone")
@needs(Permission.WRITE)
def postpone(task_id: int) -> Response:
    """`days` later than planned, or than today when that has passed; or to the day of `on`."""
    task = task_row(task_id, current_actor())
    day = _later(task)
    undo = change_task(task_id, due_on=day, actor=current_actor())
    text = gettext("%(title)s: now on %(day)s", title=task.title, day=formats().day(day))
    return _changed(task.host, Toast(text, undo=undo) if undo is not None else None, focus=task_id)


def _later(task: TaskRow) -> date:
    today = formats().today
    days = request.form.get("days", "")
    if days in POSTPONE_DAYS:
        try:
            return max(task.due_on or today, today) + timedelta(days=int(days))
        except OverflowError as error:
            raise Refused(N_("There is no later day. Choose another one."), field="on") from error
    try:
        return parse_day(request.form.get("on", ""), today=today, day_first=formats().day_first)
    except DayError as error:
        raise Refused(
            N_("“%(text)s” is not a day. Write it like 2026-11-20, 20 Nov, friday or +3."),
            field="on", text=request.form.get("on", "")[:40],
        ) from error  # fmt: skip


@bp.post("/tasks/<int:task_id>/delete")
@needs(Permission.WRITE)
def delete(task_id: int) -> Response:
    task = task_row(task_id, current_actor())
    undo = delete_task(task_id, actor=current_actor())
    return _changed(task.host, Toast(gettext("Deleted: %(title)s", title=task.title), undo=undo))


@bp.route("/tasks/<int:task_id>/edit", methods=["GET", "POST"])
@needs(Permission.WRITE)
def edit(task_id: int) -> Response:
    task = task_row(task_id, current_actor())
    tasks = tasks_panel(task.host, current_actor(), instance())
    form = step_form(tasks.assignees, f"task{task_id}")
    if not form.is_submitted():
        _fill(form, task)
        return _edit_form(tasks, task, form, 200)
    if form.validate():
        try:
            undo = change_task(
                task_id, title=form.text("title"), due_on=form.due_on.data, clear_due=form.due_on.data is None,
                assignee_id=form.assignee_id, clear_assignee=form.assignee_id is None,
                version=request.form.get("version", type=as_id), actor=current_actor(),
            )  # fmt: skip
        except Refused as refusal:
            form.show_error(refusal)
        except Conflict as conflict:
            form.show_error(conflict)
            form.version.data = str(task.version)
            return _edit_form(tasks, task, form, 422 if is_fragment() else 409, theirs=task)
        else:
            toast = Toast(gettext("Next step saved"), "good", undo) if undo is not None else None
            return _changed(task.host, toast, focus=task_id)
    return _edit_form(tasks, task, form, 422)


def _fill(form: StepForm, task: TaskRow) -> None:
    form.title.data, form.version.data = task.title, str(task.version)
    form.due_on.show(task.due_on)
    form.assignee.data = str(task.assignee_id) if task.assignee_id is not None else ""


def _edit_form(tasks: TasksPanel, task: TaskRow, form: StepForm, status: int, *, theirs: TaskRow | None = None) -> Response:
    page = StepPage(RecordRef(tasks.host, tasks.title), tasks, task)
    values = {"edit_form": form, "theirs": theirs, "part": "card" if wants("card") else "panel"}
    if not is_fragment():
        return render("tasks/edit.html", page, status=status, **values)
    # A refused form stays where it is; a saved one redraws the whole panel or dialog.
    return reswap(render("tasks/_edit.html", page, status=status, **values), "outerHTML", f"#t{task.id}")


def _page(tasks: TasksPanel) -> StepPage:
    return StepPage(RecordRef(tasks.host, tasks.title), tasks)


def _changed(host: HostKey, toast: Toast | None, *, focus: int | None = None) -> Response:
    """The place that asked, drawn again: the card's dialog, or the panel and the timeline of the record's page."""
    if not is_fragment():
        return go(back_to(host), toast=toast)
    if wants("card"):
        response = render("tasks/_card_menu.html", _page(tasks_panel(host, current_actor(), instance())), focus=focus)
        return with_toast(response, toast) if toast is not None else response
    template = "tasks/_added.html" if wants("composer") else "tasks/_changed.html"
    values: dict[str, Any] = {"focus": focus}
    if wants("composer"):
        values["step_form"] = step_form(tasks_panel(host, current_actor(), instance()).assignees, "step", formdata=None)
    response = render(template, record_parts(host), **values)
    return with_toast(response, toast) if toast is not None else response
