"""The list of leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from flask import Response, url_for
from flask_babel import gettext

from leadboard.errors import N_
from leadboard.fieldtypes import Shown
from leadboard.http import current_actor, formats
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.queries.keyset import Order
from leadboard.queries.lead_filter import Known, LeadFilter, known_values
from leadboard.queries.lead_query import LEADS
from leadboard.queries.leads import LEAD_LIST, lead_list
from leadboard.queries.query_columns import Reader
from leadboard.queries.query_parts import typed_text
from leadboard.queries.record_filter import Owners
from leadboard.queries.record_list import no_records
from leadboard.queries.stale import STALE
from leadboard.queries.tags import in_order, parse_ids, tag_ids_sql
from leadboard.web import leads
from leadboard.web.list_columns import TIMES, WORK, Columns, ListCell, ListColumn, further_of, typed_columns
from leadboard.web.record_list import Chip, ListPage, Words, show_list

bp = leads.bp


def _stage(page: Any, row: Any, _: Any) -> ListCell:
    name, tone = page.known.stage_labels.get(row.stage_id, ("", "grey"))
    return ListCell("stage", name, tone=tone)


def _tags(page: Any, row: Any, ids: Any) -> ListCell:
    return ListCell("tags", css="opt", shown=Shown("", tags=tuple((tag.tone, tag.name) for tag in in_order(parse_ids(ids)))))


# Beyond those of the typed fields.
COLUMNS: dict[str, ListColumn] = {
    "organisation": ListColumn(
        N_("Organisation"), lambda page, row, _: ListCell("text", row.organisation, "cut"), "organisation"
    ),
    "stage": ListColumn(N_("Stage"), _stage),
    "value": ListColumn(
        N_("Value"),
        lambda page, row, _: ListCell("text", page.fmt.money(row.value_amount, row.value_currency), "num"),
        "value",
        True,
        True,
    ),
    **WORK,
    "touch": TIMES["touch"],
    "close": ListColumn(
        N_("Expected close"), lambda page, row, _: ListCell("text", page.fmt.day(row.expected_close_on), "num opt"), "close", True
    ),
    "created": TIMES["created"],
    "entered": ListColumn(
        N_("In stage since"),
        lambda page, row, at: ListCell("text", page.created(at), "num opt"),
        "",
        True,
        sql="lead.stage_entered_at",
    ),
    "closed": ListColumn(
        N_("Closed"),
        lambda page, row, at: ListCell("text", page.created(at) if at else "", "num opt"),
        "",
        True,
        sql="lead.closed_at",
    ),
    "source": ListColumn(
        N_("Source"),
        lambda page, row, key: ListCell("text", page.known.sources.get(key, ""), "cut tight opt"),
        sql="lead.source_id",
    ),
    "tags": ListColumn(N_("Tags"), _tags, sql=lambda: tag_ids_sql("lead")),
    **typed_columns(
        (
            field
            for name, field in LEAD_FIELDS.items()
            if name
            not in {"title", "organisation_name", "value_amount", "value_currency", "expected_close_on", "owner", "source"}
        ),
        "lead",
    ),
}


@dataclass(kw_only=True)
class LeadListPage(ListPage):
    """`known` is what the filter may name."""

    known: Known

    endpoints: ClassVar[str] = "leads"
    name_sort: ClassVar[str] = "title"
    columns: ClassVar[Columns] = COLUMNS
    usual: ClassVar[tuple[str, ...]] = ("organisation", "stage", "value", "next", "owner", "touch", "close", "created")

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

    @cached_property
    def reader(self) -> Reader:
        return self.known.reader(current_actor())

    @property
    def typed(self) -> str:
        return typed_text(self.wanted, self.reader, LEADS)

    @cached_property
    def filter_names(self) -> Mapping[str, Mapping[int, str]]:
        """Stages with their pipeline where there are several."""
        known = self.known
        assert isinstance(self.wanted, LeadFilter)
        pipeline = self.wanted.pipeline_id
        stages = {number: name for number, name in known.stages.items() if pipeline in {None, known.pipeline_of[number]}}
        if pipeline is None and len(known.pipelines) > 1:
            stages = {number: f"{known.pipelines[known.pipeline_of[number]]}: {name}" for number, name in stages.items()}
        return {**self.reader.names, "stage": stages}

    @property
    def own_chips(self) -> list[Chip]:
        wanted, known = self.wanted, self.known
        assert isinstance(wanted, LeadFilter)
        pipeline = wanted.pipeline_id
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
            self.chip("stage", gettext("Stage"), wanted.stage_ids, self.filter_names["stage"]),
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

    def page_of(wanted: LeadFilter, order: Order, args: Mapping[str, str] | None, shown: tuple[str, ...]) -> LeadListPage:
        found = no_records() if args is None else lead_list(
            wanted, order, actor, formats().today, further_of(shown, COLUMNS), after=args.get("after"), before=args.get("before")
        )  # fmt: skip
        return LeadListPage(found, wanted, order, Owners(known.owners, known.active), shown, known=known)

    return show_list(LeadListPage, "lead", read, page_of)
