"""Columns and cards as texts, worked out once a page so that the template only writes them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext, ngettext
from markupsafe import Markup

from leadboard import hookspecs
from leadboard.contributions import Badge, lead_ref
from leadboard.db import now_ms
from leadboard.formats import Formats
from leadboard.http import icon
from leadboard.lib.text import initials
from leadboard.permissions import Actor
from leadboard.pluginhost.calling import has
from leadboard.queries.board import COUNT_CAP, PAGE, Card, Numbers
from leadboard.queries.filtered_board import Column
from leadboard.queries.pipelines import PipelineRow, StageRow
from leadboard.queries.stale import DAY_MS, stale_days
from leadboard.queries.tags import in_order, parse_ids
from leadboard.web.card_badges import TagPainter, badges_of
from leadboard.web.card_fields import card_parts, other_text
from leadboard.web.custom_facts import card_tags, expect
from leadboard.web.shell import tone_of

INTEREST_TONES = {"hot": "red", "warm": "orange", "cold": "blue"}
# The names of the states in the style sheet.
STATES = {"overdue": "over", "today": "today", "planned": "plan", "none": "none"}


class CardView(NamedTuple):
    """One card, in the order in which templates/board/_cards.html takes it apart."""

    id: int
    version: int
    name: str
    organisation: str
    value: str
    tags: Markup
    state: str
    step: str
    when: str
    owner: str
    owner_initials: str
    owner_tone: str


@dataclass(slots=True)
class BarPart:
    """A part of the next-step bar; `at` is where it begins, in leads."""

    state: str
    count: int
    label: str
    url: str
    at: int


@dataclass(slots=True)
class ColumnView:
    """A column: its header's texts, its cards, and where to go on when there are more."""

    id: int
    name: str
    tone: str
    count: str
    totals: list[str]
    weighted: list[str]
    parts: list[BarPart]
    sums_url: str
    list_url: str
    add_url: str
    cards: list[CardView] = field(default_factory=list)
    more_url: str = ""
    more_text: str = ""
    is_shown: bool = False
    is_folded: bool = False
    fold_url: str = ""
    most: str = ""
    is_over: bool = False
    flow: str = ""


class BoardPainter:
    """Turns what queries/board.py read into texts, with every label translated once."""

    def __init__(self, formats: Formats, pipeline: PipelineRow, filters: Mapping[str, Any], *, may_add: bool) -> None:
        self.formats = formats
        self.pipeline = pipeline
        self.filters = dict(filters)
        self._query = f"{urlencode(self.filters)}&" if filters else ""
        # A state that is filtered by is replaced by the part of the bar that is clicked.
        kept = {name: value for name, value in filters.items() if name != "next"}
        self._bar_query = f"{urlencode(kept)}&" if kept else ""
        self._owners: dict[int, tuple[str, str, str]] = {}
        self.parts, self._shown = card_parts(pipeline)
        self._stages = {stage.id: stage for stage in pipeline.stages}
        self._now = now_ms()
        self._badges: Mapping[int, Sequence[Badge]] = {}
        self._tags = TagPainter()
        # Werkzeug needs 20 µs a URL and a board has fifty: the addresses are built once, the arguments added by hand.
        self.board_url = url_for("board.show", pipeline_id=pipeline.id)
        self._list_url = url_for("leads.index")
        self._add_url = url_for("quick_add.form", pipeline_id=pipeline.id) if may_add else ""
        self.interest = {"hot": gettext("hot"), "warm": gettext("warm"), "cold": gettext("cold")}
        self.no_step = gettext("No next step")
        self.late = gettext("%(days)s d late", days="\0")
        self.today = gettext("today")
        self.actions = gettext("Actions for %(name)s", name="\0")

    # ------------------------------------------------------------------------------------------ cards

    def read_badges(self, cards: Mapping[int, Sequence[Card]], actor: Actor) -> None:
        """Ask the plugins once for all cards, {stage: cards}, that are about to be drawn; read what their values point to."""
        expect(self._shown.custom, (card.fields for found in cards.values() for card in found))
        leads = [
            lead_ref(card.id, card.title, self.pipeline.id, stage_id, card.owner_id, card.version)
            for stage_id, found in cards.items()
            for card in found
        ] if has(hookspecs.board_badges) else []  # fmt: skip
        self._badges = badges_of(leads, actor) if leads else {}
        self._tags = TagPainter()

    def card(self, card: Card, stage_id: int = 0) -> CardView:
        shown = self._shown
        state, step, when = self._due(card.next_title, card.next_on) if shown.step else ("none", "", "")
        tags: tuple[tuple[str, str], ...] = ()
        if shown.interest and card.interest in INTEREST_TONES:
            tags = ((INTEREST_TONES[card.interest], self.interest[card.interest]),)
        if card.tag_ids:
            tags += tuple((tag.tone, tag.name) for tag in in_order(parse_ids(card.tag_ids)))
        if card.others:
            tags += self._others(card)
        if shown.custom and card.fields:
            tags += card_tags(shown.custom, json.loads(card.fields) if isinstance(card.fields, str) else card.fields)
        owner, owner_initials, owner_tone = self._owner(card.owner_id, card.owner_name) if shown.owner else ("", "", "")
        drawn = self._tags.html(tags, self._badges.get(card.id, ()))
        if self.parts.clocks and (stage := self._stages.get(stage_id)) is not None:
            drawn = self._stale(card, stage) + drawn
        return CardView(
            card.id, card.version, card.title, card.organisation if shown.organisation and card.organisation != card.title else "",
            self.formats.money(card.value_amount, card.value_currency) if shown.value else "", drawn, state, step, when,
            owner, owner_initials, owner_tone,
        )  # fmt: skip

    def _stale(self, card: Card, stage: StageRow) -> Markup:
        """The marks of a lead that waits too long: icon and words, first on its card."""
        facts = {
            "last_touch_at": card.last_touch_at, "stage_entered_at": card.stage_entered_at,
            "next_task_id": card.next_task_id, "next_task_on": card.next_on,
        }  # fmt: skip
        quiet, stay = stale_days(stage, facts, now=self._now, today=self.formats.today)
        marks = []
        if quiet is not None:
            marks.append(("clock-pause", ngettext("%(num)s day quiet", "%(num)s days quiet", quiet)))
        if stay is not None:
            marks.append(("clock", ngettext("%(num)s day here", "%(num)s days here", stay)))
        return Markup("").join(
            Markup('<i class="tag stale tone-amber">{}{}</i>').format(icon(name), text) for name, text in marks
        )

    def _others(self, card: Card) -> tuple[tuple[str, str], ...]:
        """The words of further columns that an admin put on the cards."""
        found = []
        for name, value in zip(self.parts.columns, card.others, strict=True):
            if value not in (None, ""):
                found.append(("grey", other_text(name, value, self.formats)))
        return tuple(found)

    def _owner(self, owner_id: int | None, name: str) -> tuple[str, str, str]:
        """(name, initials, tone), worked out once for each owner on the board."""
        if owner_id is None:
            return "", "", ""
        found = self._owners.get(owner_id)
        if found is None:
            found = self._owners[owner_id] = (name, initials(name), tone_of(owner_id))
        return found

    def _due(self, title: str | None, day: date | None) -> tuple[str, str, str]:
        """The state of the next step, its title, and when it is due: the last is never cut short."""
        if title is None:
            return "none", "", self.no_step
        if day is None:
            return "plan", title, ""
        state = self.formats.due(day)
        if state == "overdue":
            return "over", title, self.late.replace("\0", str((self.formats.today - day).days))
        if state == "today":
            return "today", title, self.today
        return "plan", title, self.formats.day(day)

    # ------------------------------------------------------------------------------------------ columns

    def column(
        self,
        stage: StageRow,
        found: Column,
        *,
        limit: int = PAGE,
        is_shown: bool = False,
        is_folded: bool = False,
    ) -> ColumnView:
        numbers, cards, until = found
        view = self.header(stage, numbers)
        view.is_shown, view.is_folded = is_shown, is_folded
        view.cards = [self.card(card, stage.id) for card in cards[:limit]]
        if len(cards) > limit:
            view.more_url = self._more_url(stage, cards[limit - 1].position)
            view.more_text = (
                gettext("More") if numbers.capped else gettext("%(n)s more", n=self.formats.number(numbers.count - limit))
            )
        elif until is not None and not is_folded:
            view.more_url, view.more_text = self._more_url(stage, until), gettext("Look further down")
        return view

    def _more_url(self, stage: StageRow, after: int) -> str:
        return self._with(f"{self.board_url}/stages/{stage.id}/cards", f"after={after}")

    def header(self, stage: StageRow, numbers: Numbers) -> ColumnView:
        formats = self.formats
        count = formats.number(numbers.count) + ("+" if numbers.capped else "")
        list_url = self._with(self._list_url, f"pipeline={self.pipeline.id}&stage={stage.id}&closed=board")
        view = ColumnView(
            stage.id, stage.name, stage.tone, count,
            [formats.money(amount, currency, short=True) for currency, amount in sorted((numbers.totals or {}).items())],
            [formats.money(amount, currency, short=True) for currency, amount in sorted((numbers.weighted or {}).items())],
            self._parts(stage, numbers.steps or {}),
            "" if numbers.totals is not None else self.url("board.sums", stage_id=stage.id),
            list_url, self._with(self._add_url, f"stage={stage.id}") if self._add_url else "",
        )  # fmt: skip
        view.fold_url = f"{self.board_url}/stages/{stage.id}/fold"
        if stage.most_leads is not None:
            view.most, view.is_over = formats.number(stage.most_leads), numbers.count > stage.most_leads
        if stage.flow_ms is not None:
            view.flow = self._flow(stage.flow_ms, stage.flow_share or 0)
        return view

    def _flow(self, spent_ms: int, share: int) -> str:
        """How leads go through a column, from the team's own history."""
        days = round(spent_ms / DAY_MS)
        time = ngettext("%(num)s day", "%(num)s days", days) if days else gettext("under a day")
        return gettext("usually %(time)s · %(share)s %% go on", time=time, share=share)

    def _parts(self, stage: StageRow, steps: Mapping[str, int]) -> list[BarPart]:
        labels = {
            "overdue": lambda n: ngettext("%(num)s lead with an overdue step", "%(num)s leads with an overdue step", n),
            "today": lambda n: ngettext("%(num)s lead with a step today", "%(num)s leads with a step today", n),
            "planned": lambda n: ngettext("%(num)s lead with a planned step", "%(num)s leads with a planned step", n),
            "none": lambda n: ngettext("%(num)s lead without a next step", "%(num)s leads without a next step", n),
        }
        parts, at = [], 0
        for state, label in labels.items():
            if count := steps.get(state):
                parts.append(
                    BarPart(
                        STATES[state], count, label(count), f"{self.board_url}?{self._bar_query}next={state}&stage={stage.id}", at
                    )
                )
                at += count
        return parts

    def url(self, endpoint: str, **values: Any) -> str:
        """A URL of this board under the same filter."""
        return url_for(endpoint, pipeline_id=self.pipeline.id, **{**self.filters, **values})

    def _with(self, base: str, query: str) -> str:
        """`query` is made of our own words and numbers, so it needs no quoting; the filters were quoted once."""
        return f"{base}?{self._query}{query}"

    def totals(self, numbers: Mapping[int, Numbers]) -> tuple[str, list[str], list[str]]:
        """The page's own header: leads, sums and weighted sums by currency; no sums when a column's are not known."""
        capped = any(column.capped for column in numbers.values())
        count = sum(column.count for column in numbers.values())
        if capped:
            many = self.formats.number(max(count, COUNT_CAP)) + "+"
            return ngettext("%(count)s lead", "%(count)s leads", COUNT_CAP, count=many), [], []
        sums: dict[str, int] = {}
        weighted: dict[str, int] = {}
        for column in numbers.values():
            for currency, amount in (column.totals or {}).items():
                sums[currency] = sums.get(currency, 0) + amount
            for currency, amount in (column.weighted or {}).items():
                weighted[currency] = weighted.get(currency, 0) + amount
        return (
            ngettext("%(count)s lead", "%(count)s leads", count, count=self.formats.number(count)),
            [self.formats.money(amount, currency, short=True) for currency, amount in sorted(sums.items())],
            [self.formats.money(amount, currency, short=True) for currency, amount in sorted(weighted.items())],
        )
