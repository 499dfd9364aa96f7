"""The parts of a lead page that notes, calls and next steps answer with, and the forms on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Response, request
from flask_babel import gettext, ngettext

from leadboard.formats import Formats
from leadboard.forms.timeline import CallForm, NoteForm, StepForm
from leadboard.http import Toast, back_or, current_actor, formats, go, instance, is_fragment, render, with_toast
from leadboard.permissions import Permission
from leadboard.queries.tasks import Assignee, TaskRow, TasksPanel, tasks_panel
from leadboard.queries.timeline import TimelinePage, timeline_page


@dataclass(frozen=True)
class LeadRef:
    """As much of a lead as the panels need."""

    id: int
    title: str


@dataclass(frozen=True)
class LeadParts:
    """The panels of one lead, under the names that the lead page gives them."""

    lead: LeadRef
    tasks: TasksPanel
    timeline: TimelinePage
    may_write: bool


@dataclass(frozen=True)
class Composer:
    note: NoteForm
    call: CallForm
    step: StepForm


def lead_parts(lead_id: int) -> LeadParts:
    """Both panels afresh. Raises NotFound."""
    actor = current_actor()
    tasks = tasks_panel(lead_id, actor, instance())
    return LeadParts(LeadRef(lead_id, tasks.lead_title), tasks, timeline_page(lead_id, actor), actor.may(Permission.WRITE))


def composer_for(tasks: TasksPanel) -> Composer:
    """Empty forms. Templates only read them, so one set serves every request of a person and a day."""
    return _empty_composer(tasks.assignees, formats(), current_actor().id, instance().language)


@lru_cache(maxsize=256)
def _empty_composer(people: tuple[Assignee, ...], shown: Formats, me: int | None, language: str) -> Composer:
    call = CallForm(people, shown, me, formdata=None)
    return Composer(NoteForm(formdata=None), call, _empty_step_form(people, shown, me, language, "step"))


@lru_cache(maxsize=256)
def _empty_step_form(people: tuple[Assignee, ...], shown: Formats, me: int | None, language: str, id_prefix: str) -> StepForm:
    """`language` is that of the choices' labels."""
    return StepForm(people, shown, me, id_prefix=id_prefix, formdata=None)


def call_form(people: tuple[Assignee, ...], **kwargs: Any) -> CallForm:
    return CallForm(people, formats(), current_actor().id, **kwargs)


def step_form(people: tuple[Assignee, ...], id_prefix: str, **kwargs: Any) -> StepForm:
    return StepForm(people, formats(), current_actor().id, id_prefix=id_prefix, **kwargs)


def answer(lead_id: int, template: str, toast: Toast | None, **values: Any) -> Response:
    """After a save: the part that asked and those that changed with it, or back to the lead's page."""
    if not is_fragment():
        return go(back_or("leads.detail", lead_id=lead_id), toast=toast)
    response = render(template, lead_parts(lead_id), **values)
    return with_toast(response, toast) if toast is not None else response


def due_text(task: TaskRow) -> str:
    """When a step is due, in words."""
    found = formats()
    if task.due_on is None:
        return gettext("Some time")
    days = (task.due_on - found.today).days
    near = {-1: gettext("Yesterday"), 0: gettext("Today"), 1: gettext("Tomorrow")}
    if days in near:
        return near[days]
    return ngettext("%(n)s day late", "%(n)s days late", -days, n=found.number(-days)) if days < 0 else found.day(task.due_on)


def wants(part: str) -> bool:
    """Which of the places that show a form has sent it."""
    return request.values.get("part") == part


def due_class(task: TaskRow) -> str:
    """The name of a step's state in the style sheet, where "none" is a lead without any step."""
    return {"overdue": "over", "today": "today", "planned": "plan", "none": "plan"}[task.state]


def empty_step_form(tasks: TasksPanel, id_prefix: str) -> StepForm:
    return _empty_step_form(tasks.assignees, formats(), current_actor().id, instance().language, id_prefix)


# What the panels' templates call; macros see globals only.
TEMPLATE_GLOBALS: dict[str, Callable[..., Any]] = {
    "composer_for": composer_for,
    "empty_step_form": empty_step_form,
    "due_text": due_text,
    "due_class": due_class,
}
