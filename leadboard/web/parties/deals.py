"""The leads of an organisation or a contact in words, and what was won with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from leadboard.db import as_day
from leadboard.errors import N_
from leadboard.formats import Formats
from leadboard.http import current_actor, formats
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission
from leadboard.queries.party_relations import Deal, Group

_LABELS = {StageKind.OPEN: N_("Open"), StageKind.WON: N_("Won"), StageKind.LOST: N_("Lost")}
_ARGUMENTS = {"organisation": "firm", "contact": "person"}
_STATES = {"overdue": "over", "today": "today", "planned": "plan"}


@dataclass(frozen=True)
class DealLine:
    id: int
    title: str
    stage: str
    tone: str
    value: str
    owner: str
    step: str
    step_state: str
    closed: str


@dataclass(frozen=True)
class GroupView:
    """`sums` are amounts in words; `all_url` is the list of all of them when there are more than these."""

    label: str
    count: int
    sums: list[str]
    deals: list[DealLine]
    all_url: str
    is_open: bool


@dataclass(frozen=True)
class DealsPanel:
    groups: list[GroupView]
    new_url: str


def deals_panel(record_type: str, party: dict[str, Any], groups: Sequence[Group]) -> DealsPanel:
    """`new_url` is for whoever may write: a lead that knows its firm or person already."""
    fmt, may_write = formats(), current_actor().may(Permission.WRITE)
    views = [
        GroupView(
            gettext(_LABELS[StageKind(group.kind)]), group.count, in_words(group, fmt), [_line(deal, fmt) for deal in group.deals],
            _all_url(record_type, party["id"], group) if group.count > len(group.deals) else "",
            # Won and lost ones are history: folded away as long as something is going on.
            place == 0,
        )
        for place, group in enumerate(groups)
    ]  # fmt: skip
    # By hand, as a query: the names of its arguments are the two kinds'.
    new_url = f"{url_for('leads.new')}?{record_type}={party['id']}" if may_write else ""
    return DealsPanel(views, new_url)


def _all_url(record_type: str, record_id: int, group: Group) -> str:
    return f"{url_for('leads.index')}?{_ARGUMENTS[record_type]}={record_id}&closed={group.kind}"


def in_words(group: Group, fmt: Formats) -> list[str]:
    return [fmt.money(amount, currency) for amount, currency in group.sums]


def worth_of(groups: Sequence[Group]) -> list[str]:
    """The value won so far, for each currency."""
    fmt = formats()
    return [text for group in groups if group.kind == StageKind.WON for text in in_words(group, fmt)]


def _line(deal: Deal, fmt: Formats) -> DealLine:
    due_on = as_day(deal.next_task_on)
    step = state = ""
    if deal.next_task is not None and deal.kind == StageKind.OPEN:
        state = _STATES[fmt.due(due_on)] if due_on is not None else "plan"
        step = gettext("%(title)s · %(day)s", title=deal.next_task, day=fmt.day(due_on)) if due_on else deal.next_task
    closed = fmt.day(fmt.local(deal.closed_at).date()) if deal.closed_at is not None else ""
    return DealLine(
        deal.id, deal.title, deal.stage_name, deal.stage_tone, fmt.money(deal.value_amount, deal.value_currency),
        deal.owner_name or "", step, state, closed,
    )  # fmt: skip
