"""The parts of a record's page that notes, calls and next steps answer with, and the forms on it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Response, request
from flask_babel import gettext, ngettext

from leadboard.contributions import ActivityType
from leadboard.formats import Formats
from leadboard.forms.timeline import CallForm, NoteForm, StepForm
from leadboard.http import Toast, back_or, current_actor, formats, go, instance, is_fragment, render, with_toast
from leadboard.lib.ids import as_id
from leadboard.permissions import Permission
from leadboard.pluginhost.registry import registry
from leadboard.queries.hosts import HostKey
from leadboard.queries.tasks import Assignee, TaskRow, TasksPanel, tasks_panel
from leadboard.queries.timeline import TimelinePage, timeline_page
from leadboard.web.parties.kinds import KINDS
from leadboard.web.record_routes import RecordRef


@dataclass(frozen=True)
class RecordParts:
    """The panels of one record, under the names that its page gives them."""

    host: RecordRef
    tasks: TasksPanel
    timeline: TimelinePage
    may_write: bool


class HasEntries(ABC):
    """A whole page's steps and timeline, read when a panel asks for them."""

    @property
    @abstractmethod
    def host(self) -> RecordRef:
        """The record as the panels know it."""

    @cached_property
    def tasks(self) -> TasksPanel:
        return tasks_panel(self.host.key, current_actor())

    @cached_property
    def timeline(self) -> TimelinePage:
        """The newest entries, or those before the one that the address names."""
        return newest_entries(self.host.key, request.args.get("before", type=as_id))


@dataclass(frozen=True)
class Composer:
    note: NoteForm
    call: CallForm
    step: StepForm


def record_parts(host: HostKey) -> RecordParts:
    """Both panels afresh. Raises NotFound."""
    actor = current_actor()
    tasks = tasks_panel(host, actor, instance())
    return RecordParts(RecordRef(host, tasks.title), tasks, newest_entries(host), actor.may(Permission.WRITE))


def newest_entries(host: HostKey, before: int | None = None) -> TimelinePage:
    """The newest entries, or those before one, with those of what belongs to the record unless the reader wants its own only."""
    return timeline_page(*host, current_actor(), before, is_wide=not wants_own_entries())


def wants_own_entries() -> bool:
    """The filter of the timeline is in the address of the page, which htmx tells when a part of it is asked for."""
    if "entries" in request.args or not is_fragment():
        return request.args.get("entries") == "own"
    return "own" in parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).get("entries", ())


def composer_for(tasks: TasksPanel) -> Composer:
    """Empty forms. Templates only read them, so one set serves every request of a person and a day."""
    types = tuple(registry().items("register_activity_types"))
    return _empty_composer(tasks.assignees, formats(), current_actor().id, instance().language, types)


@lru_cache(maxsize=256)
def _empty_composer(
    people: tuple[Assignee, ...], shown: Formats, me: int | None, language: str, types: tuple[ActivityType, ...]
) -> Composer:
    """`types` are those that the form asks for by itself: it is another one when a plugin brings more."""
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


def answer(host: HostKey, template: str, toast: Toast | None, **values: Any) -> Response:
    """After a save: the part that asked and those that changed with it, or back to the record's page."""
    if not is_fragment():
        return go(back_to(host), toast=toast)
    response = render(template, record_parts(host), **values)
    return with_toast(response, toast) if toast is not None else response


def back_to(host: HostKey) -> str:
    """The page that the form came from when it is ours, else that of the record."""
    if host.record_type == "lead":
        return back_or("leads.detail", lead_id=host.id)
    return back_or(f"{KINDS[host.record_type].plural}.detail", record_id=host.id)


def due_text(task: TaskRow) -> str:
    """When a step is due, in words."""
    return due_words(task.due_on)


def due_words(day: date | None) -> str:
    found = formats()
    if day is None:
        return gettext("Some time")
    days = (day - found.today).days
    near = {-1: gettext("Yesterday"), 0: gettext("Today"), 1: gettext("Tomorrow")}
    if days in near:
        return near[days]
    return ngettext("%(n)s day late", "%(n)s days late", -days, n=found.number(-days)) if days < 0 else found.day(day)


def wants(part: str) -> bool:
    """Which of the places that show a form has sent it."""
    return request.values.get("part") == part


def due_class(task: TaskRow) -> str:
    """The name of a step's state in the style sheet, where "none" is a record without any step."""
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
