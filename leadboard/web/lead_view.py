"""A lead in words: what the lead page shows of it beside its fields (record_view.py), and how long it stayed in each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import g, url_for
from flask_babel import gettext, ngettext

from leadboard.db import now_ms
from leadboard.formats import Formats
from leadboard.http import current_actor, formats
from leadboard.lib.text import initials
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Permission, may_delete
from leadboard.queries.hosts import HostKey
from leadboard.queries.lead_page import DAY_MS, history_of, one_lead
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.tags import TagRow, tags_of
from leadboard.web.board_view import INTEREST_TONES
from leadboard.web.record_layout import LEAD, Layout
from leadboard.web.record_routes import RecordRef
from leadboard.web.record_view import Details, RecordPage, details_of, other_columns, shown_value, url_of


@dataclass(frozen=True)
class PathStep:
    """A stage of the bar; `state` is done, here or empty."""

    id: int
    name: str
    state: str
    spent: str


@dataclass
class TagsPage:
    """The tags of a lead. `text` is what the input holds, None while they are only shown."""

    lead_id: int
    title: str
    tags: list[TagRow]
    may_edit: bool
    text: str | None = None
    error: str = ""
    offered: list[TagRow] = field(default_factory=list)


@dataclass
class LeadPage(RecordPage):
    """Everything on the lead page."""

    head_template: ClassVar[str] = "leads/_head.html"
    head_id: ClassVar[str] = "lead-head"

    lead: dict[str, Any]
    all_facts: Details
    path: list[PathStep]
    ending: str
    others: bool
    other_columns: list[tuple[str, str]]
    may_edit: bool
    may_delete: bool
    may_take: bool
    initials: str
    phone_url: str
    value_title: str
    was_merged: bool = False
    record_plural: str = ""
    saved: str = ""
    with_names: tuple[str, ...] = field(default_factory=tuple)
    linked_panel: Any = None
    panels: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    actions: Sequence[Any] = ()

    @property
    def host(self) -> RecordRef:
        """The lead as the panels of tasks and timeline know it."""
        return RecordRef(HostKey("lead", self.lead["id"]), self.lead["title"])

    @property
    def url(self) -> str:
        return url_for("leads.detail", lead_id=self.lead["id"])

    @property
    def may_write(self) -> bool:
        """The same by the name that the panels of tasks and timeline know."""
        return self.may_edit

    @property
    def tags(self) -> TagsPage:
        lead_id = self.lead["id"]
        return TagsPage(lead_id, self.lead["title"], tags_of([lead_id]).get(lead_id, []), self.may_edit)

    @property
    def interest(self) -> tuple[str, str] | None:
        value = self.lead["interest"]
        return (shown_value(LEAD, "interest", value, self.lead, formats()), INTEREST_TONES[value]) if value else None

    @property
    def details(self) -> Details:
        return self.all_facts

    @property
    def layout(self) -> Layout:
        return LEAD

    @property
    def row(self) -> Mapping[str, Any]:
        return self.lead


def lead_page(lead_id: int) -> LeadPage:
    """The page of a lead that the reader may see. Three statements. Raises NotFound."""
    actor, fmt = current_actor(), formats()
    lead = one_lead(lead_id, actor)
    history = history_of(lead, now=now_ms())
    known = pipelines()
    details = details_of(LEAD, lead, history.setters)
    pipeline = next((one for one in known if one.id == lead["pipeline_id"]), None)
    return LeadPage(
        lead,
        all_facts=details,
        path=_path(lead, pipeline, history.stages),
        ending=_ending(lead, fmt),
        others=len(known) > 1,
        other_columns=other_columns(lead["other_columns"]),
        may_edit=actor.may(Permission.WRITE),
        may_delete=may_delete(actor, lead["owner_id"]),
        may_take=actor.may(Permission.WRITE) and lead["owner_id"] is None,
        initials=initials(lead["title"]),
        phone_url=url_of(LEAD, "phone", lead["phone"], lead),
        was_merged=history.was_merged,
        record_plural=pipeline.record_plural if pipeline is not None else "",
        value_title=next(one.title for one in details.facts if one.name == "value_amount"),
    )


def page_of(lead_id: int) -> LeadPage:
    """The page that is being shown, read once for all of its panels; or what one panel by itself needs."""
    page: LeadPage | None = g.get("lead_page")
    if page is None or page.lead["id"] != lead_id:
        page = g.lead_page = lead_page(lead_id)
    return page


def _path(lead: Mapping[str, Any], pipeline: PipelineRow | None, spent: Mapping[int, int]) -> list[PathStep]:
    """The open stages with the days spent in each; those before the present one are done."""
    if pipeline is None:
        return []
    stages = pipeline.open_stages
    here = next((place for place, stage in enumerate(stages) if stage.id == lead["stage_id"]), len(stages))
    steps = []
    for place, stage in enumerate(stages):
        state = "here" if place == here else "done" if place < here and (here < len(stages) or stage.id in spent) else ""
        days = _days(spent[stage.id]) if stage.id in spent else ""
        if state == "here":
            days = gettext("%(days)s so far", days=days) if days else ""
        steps.append(PathStep(stage.id, stage.name, state, days))
    return steps


def _days(milliseconds: int) -> str:
    days = milliseconds // DAY_MS
    return ngettext("%(num)d day", "%(num)d days", days) if days else gettext("under a day")


def _ending(lead: Mapping[str, Any], fmt: Formats) -> str:
    """What a closed or sleeping lead says about itself."""
    if lead["snoozed_until"] is not None:
        return gettext("Off the board until %(day)s", day=fmt.day(lead["snoozed_until"]))
    if lead["stage_kind"] == StageKind.OPEN or lead["closed_at"] is None:
        return ""
    day = fmt.day(fmt.local(lead["closed_at"]).date())
    if lead["stage_kind"] == StageKind.WON:
        return gettext("%(stage)s on %(day)s", stage=lead["stage_name"], day=day)
    parts = [gettext("%(stage)s on %(day)s", stage=lead["stage_name"], day=day), lead["lost_reason"] or "", lead["lost_to"]]
    return " · ".join(part for part in parts if part)
