"""The list of leads, a new lead, and what is done with several at once."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.db import as_day
from leadboard.domain.leads import assign_leads, create_lead, delete_leads, restore_leads
from leadboard.errors import N_, NotFound, Refused
from leadboard.forms.custom_inputs import known_fields
from leadboard.forms.leads import lead_form
from leadboard.http import Toast, back_or, current_actor, formats, go, is_fragment, needs, render
from leadboard.lib.ids import as_id
from leadboard.lib.text import initials
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.field_filter import PREFIX
from leadboard.queries.lead_filter import ME, NOBODY, Known, LeadFilter, known_values
from leadboard.queries.lead_page import one_lead
from leadboard.queries.leads import LeadList, LeadRow, Order, has_leads, lead_list, leads_changed
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.suspects import has_finders
from leadboard.web.custom_facts import Cell, cells_of, defaults_of_custom
from leadboard.web.field_chips import FieldChips, field_chips
from leadboard.web.record_edit import NewPage
from leadboard.web.record_layout import LEAD
from leadboard.web.record_view import choices_for
from leadboard.web.shell import tone_of

bp = Blueprint("leads", __name__)

MOST_SELECTED = 5000
# (sort, heading, is a number). The list shows them in this order.
COLUMNS: tuple[tuple[str, str, bool], ...] = (
    ("title", N_("Name"), False), ("organisation", N_("Organisation"), False), ("", N_("Stage"), False), ("value", N_("Value"), True),
    ("next", N_("Next step"), False), ("", N_("Owner"), False), ("touch", N_("Last contact"), True), ("close", N_("Expected close"), True),
    ("created", N_("Created"), True),
)  # fmt: skip
_FALLING_FIRST = {"value", "touch", "created"}


class Person(NamedTuple):
    name: str
    initials: str
    tone: str


class Line(NamedTuple):
    """A row of the list as it is shown."""

    id: int
    title: str
    organisation: str
    stage: str
    tone: str
    value: str
    step_state: str
    step: str
    owner: Person | None
    touched: str
    close: str
    created: str
    cells: Sequence[Cell] = ()


class Heading(NamedTuple):
    label: str
    url: str
    state: str
    is_number: bool


class Chip(NamedTuple):
    """One filter of the bar: what it is set to, or what it may be set to as (label, url)."""

    name: str
    label: str
    value: str
    clear_url: str
    options: list[tuple[str, str]]


@dataclass
class ListPage:
    """The list as this reader filtered and sorted it."""

    found: LeadList
    lead_filter: LeadFilter
    order: Order
    known: Known
    is_new: bool
    people: dict[int, Person] = field(default_factory=dict)

    def url(self, **values: Any) -> str:
        args = {
            **self.lead_filter.to_args(),
            **({} if self.order == Order.from_arg(None) else {"sort": self.order.arg}),
            **values,
        }
        return url_for("leads.index", **args)

    @property
    def here(self) -> str:
        return self.url(**{name: request.args[name] for name in ("after", "before") if request.args.get(name)})

    @property
    def export_url(self) -> str:
        """Where this list, as it is filtered, becomes a file."""
        args: dict[str, Any] = dict(self.lead_filter.to_args())
        return url_for("exports.ask", **args)

    @property
    def owners(self) -> list[tuple[int, str]]:
        """Who the ticked leads may be given to."""
        return [(number, name) for number, name in self.known.owners.items() if number in self.known.active]

    @property
    def lines(self) -> list[Line]:
        """The rows in words. Made here and not in the template: a call from Jinja costs as much as what it calls."""
        fmt, labels, today = formats(), self.known.stage_labels, gettext("today")
        fields = known_fields().in_list
        money, day, ago, days_since, local = fmt.money, fmt.day, fmt.ago, fmt.days_since, fmt.local
        return [
            Line(
                row.id, row.title, row.organisation, *labels.get(row.stage_id, ("", "grey")), money(row.value_amount, row.value_currency),
                *self._due(row), self._person(row.owner_id), ago(row.last_touch_at) if days_since(row.last_touch_at) else today,
                day(row.expected_close_on), day(local(row.created_at).date()), cells_of(fields, _values(row.fields)) if fields else (),
            )
            for row in self.found.rows
        ]  # fmt: skip

    def _due(self, row: LeadRow) -> tuple[str, str]:
        """State and text of a row's next step, as the style sheet knows them."""
        fmt, title = formats(), row.next_task
        if title is None:
            return "", ""
        due_on = as_day(row.next_task_on)
        if due_on is None:
            return "plan", title
        state = fmt.due(due_on)
        if state == "overdue":
            return "over", gettext("%(title)s · %(days)s d late", title=title, days=(fmt.today - due_on).days)
        if state == "today":
            return "today", gettext("%(title)s · today", title=title)
        return "plan", gettext("%(title)s · %(day)s", title=title, day=fmt.day(due_on))

    def _person(self, user_id: int | None) -> Person | None:
        if user_id is not None and user_id not in self.people:
            name = self.known.owners.get(user_id, "")
            self.people[user_id] = Person(name, initials(name), tone_of(user_id))
        return None if user_id is None else self.people[user_id]

    @property
    def position(self) -> str:
        """ "51–100 of 1,204", or "of 1,000+"."""
        number = formats().number
        total = number(self.found.total) + ("+" if self.found.more_than_counted else "")
        last = self.found.first + len(self.found.rows) - 1
        return gettext("%(first)s–%(last)s of %(total)s", first=number(self.found.first), last=number(last), total=total)

    @property
    def headings(self) -> list[Heading]:
        found = []
        for name, label, is_number in COLUMNS:
            state, descending = "", name in _FALLING_FIRST
            if name == self.order.name:
                state = "descending" if self.order.descending else "ascending"
                descending = not self.order.descending
            url = self.url(sort=Order(name, descending).arg) if name else ""
            found.append(Heading(gettext(label), url, state, is_number))
        return found + [self._custom_heading(field) for field in known_fields().in_list]

    def _custom_heading(self, field: BoundField) -> Heading:
        name, state, descending = PREFIX + field.key, "", False
        if name == self.order.name:
            state = "descending" if self.order.descending else "ascending"
            descending = not self.order.descending
        url = self.url(sort=Order(name, descending).arg) if field.is_sortable else ""
        return Heading(field.label, url, state, field.is_number)

    @property
    def field_chips(self) -> FieldChips:
        sort = {} if self.order == Order.from_arg(None) else {"sort": self.order.arg}
        return field_chips(self.lead_filter.fields, url_for("leads.index"), {**self.lead_filter.to_args(), **sort})

    @property
    def chips(self) -> list[Chip]:
        wanted, known = self.lead_filter, self.known
        pipeline = wanted.pipeline_id
        stages = {number: name for number, name in known.stages.items() if pipeline in {None, known.pipeline_of[number]}}
        if pipeline is None and len(known.pipelines) > 1:
            stages = {number: f"{known.pipelines[known.pipeline_of[number]]}: {name}" for number, name in stages.items()}
        owners: dict[Any, str] = {ME: gettext("Me"), NOBODY: gettext("Nobody"), **known.owners}
        kinds = {
            "open": gettext("Open"), "board": gettext("On the board"), "later": gettext("Not now"),
            "won": gettext("Won"), "lost": gettext("Lost"), "closed": gettext("Won or lost"),
        }  # fmt: skip
        steps = {
            "overdue": gettext("Overdue"), "today": gettext("Today"), "planned": gettext("Planned"), "none": gettext("No next step"),
        }  # fmt: skip
        return [
            *(
                [self._chip("pipeline", gettext("Pipeline"), pipeline, known.pipelines, "stage")]
                if len(known.pipelines) > 1
                else []
            ),
            self._chip("closed", gettext("State"), wanted.closed, kinds),
            self._chip("stage", gettext("Stage"), wanted.stage_ids, stages),
            self._chip("owner", gettext("Owner"), wanted.owner, owners),
            self._chip("source", gettext("Source"), wanted.source_id, known.sources),
            self._chip("next", gettext("Next step"), wanted.next_step, steps),
        ]

    def _chip(self, name: str, label: str, value: Any, options: Any, *also: str) -> Chip:
        args = {key: text for key, text in self.lead_filter.to_args().items() if key not in {name, *also}}
        if self.order != Order.from_arg(None):
            args["sort"] = self.order.arg
        # By hand: url_for takes 50 µs, and there is one for every colleague.
        path = url_for("leads.index")
        rest = "".join(f"&{key}={quote_plus(text)}" for key, text in args.items())
        values = value if isinstance(value, tuple) else (value,) if value is not None else ()
        shown = ", ".join(str(options.get(one, one)) for one in values)
        offered = [] if values else [(str(text), f"{path}?{name}={key}{rest}") for key, text in options.items()]
        return Chip(name, label, shown, f"{path}?{rest[1:]}" if rest else path, offered)


@bp.get("/leads")
def index() -> Response:
    """The list; for htmx only what the search changes."""
    actor, today = current_actor(), formats().today
    known = known_values()
    wanted = LeadFilter.from_args(request.args, actor, known).without("deleted")
    order = Order.from_arg(request.args.get("sort"))
    found = lead_list(wanted, order, actor, today, after=request.args.get("after"), before=request.args.get("before"))
    is_new = wanted.is_empty and not found.rows and not has_leads(actor)
    page = ListPage(found, wanted, order, known, is_new)
    return render("leads/_found.html" if is_fragment() else "leads/index.html", page)


# ---------------------------------------------------------------------------------------------- new


@dataclass(kw_only=True)
class NewLeadPage(NewPage):
    stages: list[tuple[str, list[tuple[int, str]]]]
    stage_id: int | None
    stage_error: str = ""

    @property
    def looks_for_duplicates(self) -> bool:
        return has_finders()


@bp.route("/leads/new", methods=["GET", "POST"])
@needs(Permission.WRITE)
def new() -> Response:
    actor = current_actor()
    choices, known = choices_for(LEAD), pipelines()
    texts = {"owner": str(actor.id), "value_currency": choices.currency, **defaults_of_custom()}
    form = lead_form(LEAD.form_names(), choices, texts)
    stage_id = request.values.get("stage", type=as_id) or _first_stage(known, request.values.get("pipeline", type=as_id))
    page = NewLeadPage(layout=LEAD, form=form, cancel_url=back_or("leads.index"), stages=_stage_groups(known), stage_id=stage_id)
    if request.method == "GET":
        return render("leads/new.html", page)
    values = form.typed(choices, request.form)
    if values is None:
        return render("leads/new.html", page, status=422)
    try:
        done = create_lead(values, actor=actor, stage_id=stage_id, complete=True)
    except Refused as refusal:
        if refusal.field == "stage":
            page.stage_error = gettext(refusal.message, **refusal.params)
        else:
            form.show_error(refusal)
        return render("leads/new.html", page, status=422)
    toast = Toast(gettext("Lead added"), "good", done.change_set_id)
    try:
        one_lead(done.lead_id, actor)
    except NotFound:
        # Made for a colleague by somebody who sees own leads only.
        return go(url_for("leads.index"), toast=toast)
    return go(url_for("leads.detail", lead_id=done.lead_id), toast=toast)


def _values(fields: Any) -> dict[str, Any]:
    """The custom values of a row: text on SQLite."""
    return json.loads(fields) if isinstance(fields, str) else fields or {}


def _first_stage(known: Iterable[PipelineRow], pipeline_id: int | None) -> int | None:
    return next((stage.id for one in known if pipeline_id in {None, one.id} for stage in one.open_stages), None)


def _stage_groups(known: Iterable[PipelineRow]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Stages to start in, by pipeline. A lead is not lost before it is there: that needs a reason."""
    return [(one.name, [(stage.id, stage.name) for stage in one.stages if stage.kind != StageKind.LOST]) for one in known]


# ---------------------------------------------------------------------------------------------- one or many at once


@bp.post("/leads/bulk")
@needs(Permission.WRITE)
def bulk() -> Response:
    """Assign or delete the ticked leads, as one action that is undone as one."""
    ids = selected()
    back = back_or("leads.index")
    if not ids:
        return go(back, toast=Toast(gettext("Tick the leads first."), "error"))
    action = request.form.get("action")
    if action == "delete":
        return _deleted(ids, back)
    if action == "assign":
        return _assigned(ids, back)
    raise Refused(N_("Say what to do with the leads: assign or delete."), field="action")


@bp.post("/leads/<int:lead_id>/assign")
@needs(Permission.WRITE)
def assign(lead_id: int) -> Response:
    one_lead(lead_id, current_actor())
    return _assigned([lead_id], back_or("leads.detail", lead_id=lead_id))


@bp.post("/leads/<int:lead_id>/delete")
@needs(Permission.WRITE)
def delete(lead_id: int) -> Response:
    one_lead(lead_id, current_actor())
    return _deleted([lead_id], back_or("leads.index"))


@bp.post("/leads/<int:lead_id>/restore")
@needs(Permission.WRITE)
def restore(lead_id: int) -> Response:
    """Out of the bin, to where the lead was."""
    change_set_id = restore_leads([lead_id], actor=current_actor())
    if change_set_id is None:
        raise NotFound(N_("This lead is not in the bin any more, or you may not see it."))
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("Lead restored"), "good", change_set_id))


def selected() -> list[int]:
    """The ticked leads of a form. Raises Refused."""
    ids = request.form.getlist("id")
    if len(ids) > MOST_SELECTED:
        raise Refused(N_("At most %(most)d leads at once. Narrow the filter."), field="id", most=MOST_SELECTED)
    try:
        return [as_id(text) for text in ids]
    except ValueError as error:
        raise Refused(N_("These are no leads. Reload the list."), field="id") from error


def _assigned(ids: list[int], back: str) -> Response:
    owner_id = request.form.get("owner", type=as_id)
    if owner_id is None and request.form.get("owner"):
        raise Refused(N_("This owner no longer exists. Choose another one."), field="owner")
    change_set_id = assign_leads(ids, owner_id=owner_id, actor=current_actor())
    if change_set_id is None:
        return go(back, toast=Toast(gettext("Nothing changed")))
    count = leads_changed(change_set_id)
    return go(back, toast=Toast(ngettext("%(num)d lead assigned", "%(num)d leads assigned", count), "good", change_set_id))


def _deleted(ids: list[int], back: str) -> Response:
    change_set_id = delete_leads(ids, actor=current_actor())
    if change_set_id is None:
        return go(back, toast=Toast(gettext("Nothing changed")))
    count = leads_changed(change_set_id)
    text = ngettext("%(num)d lead is in the bin", "%(num)d leads are in the bin", count)
    return go(back, toast=Toast(text, "info", change_set_id))
