"""The list of leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from flask import Response, url_for
from flask_babel import gettext

from leadboard.errors import N_
from leadboard.http import current_actor, formats
from leadboard.queries.keyset import Order
from leadboard.queries.lead_filter import Known, LeadFilter, known_values
from leadboard.queries.leads import LEAD_LIST, lead_list
from leadboard.queries.record_filter import Owners
from leadboard.queries.record_list import no_records
from leadboard.queries.stale import STALE
from leadboard.web import leads
from leadboard.web.custom_facts import Cell
from leadboard.web.record_list import Chip, Column, ListPage, Person, Words, show_list

bp = leads.bp


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


@dataclass(kw_only=True)
class LeadListPage(ListPage):
    """`known` is what the filter may name."""

    known: Known

    endpoints: ClassVar[str] = "leads"
    rows_template: ClassVar[str] = "leads/_list_rows.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("title", N_("Name")), Column("organisation", N_("Organisation")), Column("", N_("Stage")),
        Column("value", N_("Value"), True, True), Column("next", N_("Next step")), Column("", N_("Owner")),
        Column("touch", N_("Last contact"), True, True), Column("close", N_("Expected close"), True), Column("created", N_("Created"), True, True),
    )  # fmt: skip

    @property
    def words(self) -> Words:
        return Words(
            gettext("Leads"), "address-book", gettext("New lead"), gettext("No leads yet"),
            gettext("Add the first one by hand, or bring your list."), gettext("No lead matches"),
            gettext("Name, organisation, e-mail, phone …"), gettext("Selected leads"),
        )  # fmt: skip

    @property
    def export_url(self) -> str:
        args: dict[str, Any] = dict(self.wanted.to_args())
        return url_for("exports.ask", **args)

    @property
    def lines(self) -> list[Line]:
        """The rows in words. Made here and not in the template: a call from Jinja costs as much as what it calls."""
        fmt, labels = formats(), self.known.stage_labels
        money, day = fmt.money, fmt.day
        return [
            Line(
                row.id, row.title, row.organisation, *labels.get(row.stage_id, ("", "grey")), money(row.value_amount, row.value_currency),
                *self.due(row.next_task, row.next_task_on), self.person(row.owner_id), self.touched(row.last_touch_at),
                day(row.expected_close_on), self.created(row.created_at), self.cells(row.fields),
            )
            for row in self.found.rows
        ]  # fmt: skip

    @property
    def typed(self) -> str:
        assert isinstance(self.wanted, LeadFilter)
        return self.wanted.typed(self.known, current_actor())

    @property
    def own_chips(self) -> list[Chip]:
        wanted, known = self.wanted, self.known
        assert isinstance(wanted, LeadFilter)
        pipeline = wanted.pipeline_id
        stages = {number: name for number, name in known.stages.items() if pipeline in {None, known.pipeline_of[number]}}
        if pipeline is None and len(known.pipelines) > 1:
            stages = {number: f"{known.pipelines[known.pipeline_of[number]]}: {name}" for number, name in stages.items()}
        kinds = {
            "open": gettext("Open"), "board": gettext("On the board"), "later": gettext("Not now"),
            "won": gettext("Won"), "lost": gettext("Lost"), "closed": gettext("Won or lost"),
        }  # fmt: skip
        of_pipeline = [self.chip("pipeline", gettext("Pipeline"), pipeline, known.pipelines, "stage")]
        linked = (("firm", gettext("Organisation"), wanted.firm), ("person", gettext("Contact"), wanted.person))
        return [
            *(self.chip(name, label, one.id, {one.id: one.name}) for name, label, one in linked if one is not None),
            *(of_pipeline if len(known.pipelines) > 1 else []),
            self.chip("closed", gettext("State"), wanted.closed, kinds),
            self.chip("stage", gettext("Stage"), wanted.stage_ids, stages),
        ]

    @property
    def later_chips(self) -> list[Chip]:
        assert isinstance(self.wanted, LeadFilter)
        source = self.chip("source", gettext("Source"), self.wanted.source_id, self.known.sources)
        names = {key: gettext(label) for key, label in STALE.items()}
        stale = self.chip("stale", gettext("Stale"), self.wanted.stale, names)
        tag = self.chip("tag", gettext("Tag"), self.wanted.tag_id, self.known.tags)
        return [source, tag, stale] if self.known.tags else [source, stale]


@bp.get("/leads")
def index() -> Response:
    actor, known = current_actor(), known_values()

    def read(args: Mapping[str, str]) -> tuple[LeadFilter, Order]:
        return LeadFilter.from_args(args, actor, known).without("deleted"), LEAD_LIST.order(args.get("sort"))

    def page_of(wanted: LeadFilter, order: Order, args: Mapping[str, str] | None) -> LeadListPage:
        found = no_records() if args is None else lead_list(
            wanted, order, actor, formats().today, after=args.get("after"), before=args.get("before")
        )  # fmt: skip
        return LeadListPage(found, wanted, order, Owners(known.owners, known.active), is_new=False, known=known)

    return show_list("leads", read, page_of)
