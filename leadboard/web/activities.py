"""What took place, on a record's page: log, delete."""

from flask import Blueprint, Response
from flask_babel import gettext

from leadboard.domain.activities import CALL, delete_activity, log_activity, log_call
from leadboard.domain.records import Added
from leadboard.domain.tasks import NextStep
from leadboard.errors import Refused
from leadboard.forms.timeline import CallForm
from leadboard.http import Toast, current_actor, go, instance, is_fragment, needs, render, with_toast
from leadboard.permissions import Permission
from leadboard.queries.hosts import HostKey
from leadboard.queries.tasks import tasks_panel
from leadboard.queries.timeline import host_of_activity
from leadboard.web.notes import NotePage
from leadboard.web.record_parts import answer, back_to, call_form
from leadboard.web.record_routes import RecordRef, on_records

bp = Blueprint("activities", __name__)


@on_records(bp, "/calls", methods=("POST",))
@needs(Permission.WRITE)
def log(host: HostKey) -> Response:
    """Write a call down, with the step that came out of it when one was typed."""
    tasks = tasks_panel(host, current_actor(), instance())
    form = call_form(tasks.assignees)
    if form.validate():
        try:
            added = _log(host, form)
        except Refused as refusal:
            if refusal.field == "next_assignee":
                form.next_assignee.data = ""
            form.show_error(refusal)
        else:
            toast = Toast(gettext("Call saved") if form.text("kind") == CALL else gettext("Saved"), "good", added.change_set_id)
            return answer(host, "activities/_logged.html", toast, call_form=call_form(tasks.assignees, formdata=None))
    page = NotePage(RecordRef(host, tasks.title))
    return render("activities/_form.html" if is_fragment() else "activities/new.html", page, status=422, call_form=form)


def _log(host: HostKey, form: CallForm) -> Added:
    actor, body, seconds, step = current_actor(), form.text("body"), form.duration.seconds, _next_step(form)
    if (kind := form.text("kind") or CALL) == CALL:
        return log_call(
            direction=form.text("direction"), outcome=form.text("outcome"), body=body, duration_seconds=seconds,
            next_step=step, actor=actor, **host.ids,
        )  # fmt: skip
    return log_activity(kind=kind, body=body, duration_seconds=seconds, next_step=step, actor=actor, **host.ids)


def _next_step(form: CallForm) -> NextStep | None:
    if not form.has_next_step:
        return None
    return NextStep(form.text("next_title"), form.next_due_on.data, form.next_assignee_id)


@bp.post("/activities/<int:activity_id>/delete")
@needs(Permission.WRITE)
def delete(activity_id: int) -> Response:
    host = host_of_activity(activity_id, current_actor())
    toast = Toast(gettext("Entry deleted"), undo=delete_activity(activity_id, actor=current_actor()))
    if not is_fragment():
        return go(back_to(host), toast=toast)
    return with_toast(Response(""), toast)
