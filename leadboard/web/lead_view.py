"""A lead in words: what the lead page shows of each field, each stage, and each side of a conflict."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext, ngettext

from leadboard.db import now_ms
from leadboard.domain.custom_values import value_of
from leadboard.domain.versions import FieldConflict
from leadboard.formats import Formats
from leadboard.forms.custom_inputs import dom_name, known_fields
from leadboard.forms.leads import Choices, LeadForm
from leadboard.http import current_actor, formats
from leadboard.lib.ids import as_id
from leadboard.lib.text import initials
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.pipelines import StageKind
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import Actor, Permission, may_delete
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.lead_page import DAY_MS, history_of, one_lead, sources, with_current
from leadboard.queries.pipelines import PipelineRow, pipelines
from leadboard.queries.tasks import TasksPanel, tasks_panel
from leadboard.queries.timeline import TimelinePage, timeline_page
from leadboard.queries.users import owners
from leadboard.web.board_view import INTEREST_TONES
from leadboard.web.custom_facts import label_of, shown_by_name, shown_of
from leadboard.web.field_texts import field_text

# Shown also when empty; the rest is folded away until it holds something.
MAIN = ("person_name", "organisation_name", "email", "phone", "value_amount", "owner", "source", "interest", "expected_close_on")
# The currency is part of the value; the title stands above.
SHOWN = tuple(name for name in (*MAIN, *LEAD_FIELDS, "title") if name not in {"value_currency"})
# Fields that others follow: their rows are drawn again too.
FOLLOWERS = {
    "given_name": ("person_name", "title"), "family_name": ("person_name", "title"), "person_name": ("title",),
    "organisation_name": ("title",), "email": ("title",), "phone": ("title",),
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One row of the details. `url` makes a link of the text; `title` tells who set it and when.

    `is_missing`: every lead needs it, and this one came by a way that cannot ask.
    """

    name: str
    label: str
    icon: str
    text: str
    url: str = ""
    title: str = ""
    may_edit: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    is_missing: bool = False

    @property
    def dom(self) -> str:
        return dom_name(self.name)


@dataclass(frozen=True)
class PathStep:
    """A stage of the bar; `state` is done, here or empty."""

    id: int
    name: str
    state: str
    spent: str


@dataclass(frozen=True)
class Side:
    """A field that two people changed: both values as typed, and as shown."""

    name: str
    label: str
    yours: str
    yours_shown: str
    theirs: str
    theirs_shown: str
    by: str


@dataclass
class LeadPage:
    """Everything on the lead page."""

    lead: dict[str, Any]
    facts: list[Fact]
    more: list[Fact]
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
    saved: str = ""
    with_names: tuple[str, ...] = field(default_factory=tuple)
    panels: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    actions: Sequence[Any] = ()

    @cached_property
    def tasks(self) -> TasksPanel:
        return tasks_panel(self.lead["id"], current_actor())

    @cached_property
    def timeline(self) -> TimelinePage:
        """The newest entries, or those before the one that the address names."""
        return timeline_page(self.lead["id"], current_actor(), request.args.get("before", type=as_id))

    @property
    def url(self) -> str:
        return url_for("leads.detail", lead_id=self.lead["id"])

    @property
    def may_write(self) -> bool:
        """The same by the name that the panels of tasks and timeline know."""
        return self.may_edit

    @property
    def interest(self) -> tuple[str, str] | None:
        value = self.lead["interest"]
        return (shown_value("interest", value, self.lead, formats()), INTEREST_TONES[value]) if value else None

    def fact(self, name: str) -> Fact:
        return next(one for one in (*self.facts, *self.more) if one.name == name)


def lead_page(lead_id: int) -> LeadPage:
    """The page of a lead that the reader may see. Three statements. Raises NotFound."""
    actor, fmt = current_actor(), formats()
    lead = one_lead(lead_id, actor)
    history = history_of(lead, now=now_ms())
    known = pipelines()
    # One action sets many fields, and a moment takes longer to write than all else of a row.
    moments = {at: fmt.moment(at) for at in {setter.at for setter in history.setters.values()}}
    titles = {
        name: gettext("%(who)s, %(when)s", who=setter.name or "Leadboard", when=moments[setter.at])
        for name, setter in history.setters.items()
    }
    facts = [_fact(name, lead, titles.get(name, ""), actor, fmt) for name in dict.fromkeys(SHOWN)]
    facts += [_custom_fact(field, lead, titles.get(field.name, ""), actor) for field in known_fields().active]
    pipeline = next((one for one in known if one.id == lead["pipeline_id"]), None)
    return LeadPage(
        lead,
        facts=[one for one in facts if one.name in MAIN or one.is_missing or (one.text and one.name != "title")],
        more=[one for one in facts if one.name not in MAIN and not one.is_missing and (not one.text or one.name == "title")],
        path=_path(lead, pipeline, history.stages),
        ending=_ending(lead, fmt),
        others=len(known) > 1,
        other_columns=_other_columns(lead["other_columns"]),
        may_edit=actor.may(Permission.WRITE),
        may_delete=may_delete(actor, lead["owner_id"]),
        may_take=actor.may(Permission.WRITE) and lead["owner_id"] is None,
        initials=initials(lead["title"]),
        phone_url=_url("phone", lead["phone"], lead),
        was_merged=history.was_merged,
        value_title=next(one.title for one in facts if one.name == "value_amount"),
    )


def page_of(lead_id: int) -> LeadPage:
    """The page that is being shown, read once for all of its panels; or what one panel by itself needs."""
    page: LeadPage | None = g.get("lead_page")
    if page is None or page.lead["id"] != lead_id:
        page = g.lead_page = lead_page(lead_id)
    return page


def choices_for(lead: Mapping[str, Any] | None = None) -> Choices:
    """What owner and source of a lead may become. Two statements."""
    fmt = formats()
    offered, known = owners(current_actor()), sources()
    if lead is not None:
        offered = with_current(offered, lead["owner_id"], lead["owner_name"])
        known = with_current(known, lead["source_id"], lead["source_name"])
    return Choices(offered, known, fmt.locale, (lead or {}).get("value_currency") or fmt.currency, fmt.today)


def sides_of(
    conflicts: Sequence[FieldConflict], form: LeadForm, lead: dict[str, Any], texts: Mapping[str, str], choices: Choices
) -> list[Side]:
    """Both values of each field in conflict: `texts` is what is stored now."""
    fmt = formats()
    people_of = {"owner": dict(choices.owners), "source": dict(choices.sources)}
    found = []
    for one in conflicts:
        if one.field in form.custom:
            yours, theirs = (shown_by_name(one.field, value).text for value in (one.yours, one.theirs))
            text = form[one.field].data or ""
            found.append(Side(one.field, label_of(one.field), text, yours, texts[one.field], theirs, one.by))
            continue
        shown = []
        for value, names in ((one.yours, None), (one.theirs, lead)):
            name = people_of.get(one.field, {}).get(value, "") if one.field in people_of else ""
            money = {
                **lead,
                "value_currency": (form["value_currency"].data if names is None and "value_currency" in form.names else None)
                or lead["value_currency"],
            }
            shown.append(name or shown_value(one.field, value, money, fmt))
        label = gettext(LEAD_FIELDS[one.field].label)
        found.append(Side(one.field, label, form[one.field].data or "", shown[0], texts[one.field], shown[1], one.by))
    return found


def shown_value(name: str, value: Any, lead: Mapping[str, Any], fmt: Formats) -> str:
    """A field's stored value as a person reads it."""
    if value in (None, ""):
        return ""
    field = LEAD_FIELDS[name]
    if field.kind is FieldKind.MONEY:
        return fmt.money(value, lead["value_currency"] or None)
    if field.kind in {FieldKind.USER, FieldKind.SOURCE}:
        return str(lead[f"{name}_name"] or "")
    return field_text(field, value, fmt)


def _fact(name: str, lead: Mapping[str, Any], title: str, actor: Actor, fmt: Formats) -> Fact:
    known = LEAD_FIELDS[name]
    value = lead[known.column]
    may_edit = actor.may(Permission.WRITE)
    if name == "owner":
        may_edit = may_edit and (actor.may(Permission.ASSIGN) or lead["owner_id"] in {None, actor.id})
    text = shown_value(name, value, lead, fmt)
    return Fact(name, gettext(known.label), known.icon, text, _url(name, text, lead), title, may_edit)


def _custom_fact(field: BoundField, lead: Mapping[str, Any], title: str, actor: Actor) -> Fact:
    shown = shown_of(field, value_of(lead, field.name))
    may_edit = actor.may(Permission.WRITE) and field.is_editable
    is_missing = field.definition.is_required and field.is_editable and not shown.text
    return Fact(field.name, field.label, field.icon, shown.text, shown.url, title, may_edit, shown.tags, is_missing)


def _url(name: str, text: str, lead: Mapping[str, Any]) -> str:
    kind = LEAD_FIELDS[name].kind
    if not text:
        return ""
    if kind is FieldKind.EMAIL:
        return f"mailto:{text}"
    if kind is FieldKind.PHONE:
        return f"tel:{lead['phone_e164']}" if lead["phone_e164"] else ""
    if kind is FieldKind.LINK:
        return text if text.lower().startswith(("http://", "https://")) else f"https://{text}"
    return ""


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


def _other_columns(text: str) -> list[tuple[str, str]]:
    """What an import kept of columns that have no field here."""
    if not text:
        return []
    found = json.loads(text)
    return [(str(name), str(value)) for name, value in found.items() if value not in (None, "")]
