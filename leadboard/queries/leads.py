"""The list of leads, and those in the bin."""

from datetime import date
from functools import partial
from typing import Any, NamedTuple

from leadboard.permissions import Actor
from leadboard.queries.keyset import Listing, Sort
from leadboard.queries.record_list import has_records, read_page

# Their indexes are in models/leads.py.
SORTS = {
    "title": Sort("lead.title_key", "lead_by_title", str),
    "organisation": Sort("lead.organisation_key", "lead_by_organisation", str, "blank"),
    "value": Sort("lead.value_amount", "lead_by_value", int, "null"),
    "next": Sort("lead.next_task_on", "lead_by_next_task", date, "null"),
    "touch": Sort("lead.last_touch_at", "lead_by_last_touch", int),
    "created": Sort("lead.created_at", "lead_by_created", int),
    "close": Sort("lead.expected_close_on", "lead_by_expected_close", date, "null"),
}
LEAD_LIST = Listing("lead", SORTS)


class LeadRow(NamedTuple):
    """One line of the list. Names of stage, owner and source are in lead_filter.Known."""

    id: int
    title: str
    organisation: str
    stage_id: int
    value_amount: int | None
    value_currency: str
    owner_id: int | None
    next_task: str | None
    next_task_on: date | str | None
    email: str
    last_touch_at: int
    created_at: int
    expected_close_on: date | str | None
    fields: Any
    further: tuple[Any, ...]


_COLUMNS = (
    "lead.id, lead.title, lead.organisation_name, lead.stage_id, lead.value_amount, lead.value_currency, lead.owner_id,"
    " (select task.title from task where task.id = lead.next_task_id), lead.next_task_on, lead.email, lead.last_touch_at,"
    " lead.created_at, lead.expected_close_on"
)


# One page of the leads that a filter finds; see read_page().
lead_list = partial(read_page, columns=_COLUMNS, make=LeadRow)


def has_leads(actor: Actor) -> bool:
    """Whether the actor sees any lead at all."""
    return has_records("lead", actor)
