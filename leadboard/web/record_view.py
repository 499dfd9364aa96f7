"""A record in words: what its page shows of each field, and of each side of a conflict."""

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext

from leadboard.domain.custom_values import value_of
from leadboard.domain.hosts import Host
from leadboard.domain.points import Point, keys_of, points_of
from leadboard.domain.versions import FieldConflict
from leadboard.formats import Formats
from leadboard.forms.custom_inputs import dom_name, known_fields
from leadboard.forms.party_inputs import PartyField
from leadboard.forms.records import Choices, RecordForm
from leadboard.http import current_actor, formats
from leadboard.lib.links import web_address
from leadboard.models.contact_points import PointKind
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import Actor, Permission
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.lead_page import sources, with_current
from leadboard.queries.record_history import Setter
from leadboard.queries.users import owners
from leadboard.web.custom_facts import label_of, shown_by_name, shown_of
from leadboard.web.field_texts import field_text
from leadboard.web.parties.kinds import record_url, record_view
from leadboard.web.record_layout import LAYOUTS, Layout
from leadboard.web.record_parts import HasEntries

# Their values are ids, and the row has their names beside them.
_NAMED = {FieldKind.USER, FieldKind.SOURCE, FieldKind.ORGANISATION}


@dataclass(frozen=True)
class Fact:
    """One row of the details. `url` makes a link of the text; `title` tells who set it and when.

    `is_missing`: every record needs it, and this one came by a way that cannot ask.
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
class Side:
    """A field that two people changed: both values as typed, and as shown. `picks` tell apart what has the same name."""

    name: str
    label: str
    yours: str
    yours_shown: str
    theirs: str
    theirs_shown: str
    by: str
    picks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """`facts` are always shown, `more` is folded away."""

    facts: list[Fact]
    more: list[Fact]


class RecordPage(HasEntries):
    """What the page of any record offers to the templates of its details. `saved` was just saved, `with_names` are drawn again."""

    saved: str = ""
    with_names: tuple[str, ...] = ()

    @property
    @abstractmethod
    def layout(self) -> Layout: ...

    @property
    @abstractmethod
    def row(self) -> Mapping[str, Any]: ...

    @cached_property
    def points(self) -> list[tuple[Point, str]]:
        """By what it is reached, with addresses to press, when that is more than its own e-mail and phone. Two statements at most."""
        if not self.row.get("has_points", True):
            return []
        record_type, record_id = self.layout.record_type, self.row["id"]
        further = points_of(Host(record_type, record_id, None))
        own = [Point(kind, self.row[kind]) for kind in ("email", "phone") if self.row[kind]]
        return [(point, _reach_url(point)) for point in (*own, *further)] if further else []

    def at(self, endpoint: str, **values: Any) -> str:
        """The address of a view of this record: at("edit_field", name="city")."""
        return record_view(self.layout.record_type, endpoint, self.row["id"], **values)

    @property
    @abstractmethod
    def details(self) -> Details: ...

    @property
    def facts(self) -> list[Fact]:
        return self.details.facts

    @property
    def more(self) -> list[Fact]:
        return self.details.more

    def fact(self, name: str) -> Fact:
        return next(one for one in (*self.facts, *self.more) if one.name == name)


def details_of(layout: Layout, row: Mapping[str, Any], setters: Mapping[str, Setter]) -> Details:
    """Every field in words. No statement."""
    actor, fmt = current_actor(), formats()
    # One action sets many fields, and a moment takes longer to write than all else of a row.
    moments = {at: fmt.moment(at) for at in {setter.at for setter in setters.values()}}
    titles = {
        name: gettext("%(who)s, %(when)s", who=setter.name or "Leadboard", when=moments[setter.at])
        for name, setter in setters.items()
    }
    facts = [_fact(layout, name, row, titles.get(name, ""), actor, fmt) for name in layout.shown]
    facts += [_custom_fact(one, row, titles.get(one.name, ""), actor) for one in known_fields(layout.record_type).active]
    main, title = layout.main, layout.title
    return Details(
        [one for one in facts if one.name in main or one.is_missing or (one.text and one.name != title)],
        [one for one in facts if one.name not in main and not one.is_missing and (not one.text or one.name == title)],
    )


def choices_for(layout: Layout, row: Mapping[str, Any] | None = None) -> Choices:
    """What owner and source of a record may become. One statement, or two of a lead."""
    fmt = formats()
    offered = owners(current_actor())
    known = sources() if "source" in layout.fields else []
    if row is not None:
        offered = with_current(offered, row["owner_id"], row["owner_name"])
        known = with_current(known, row["source_id"], row["source_name"]) if "source" in layout.fields else []
    return Choices(offered, known, fmt.locale, (row or {}).get("value_currency") or fmt.currency, fmt.today)


def sides_of(
    conflicts: Sequence[FieldConflict], form: RecordForm, row: Mapping[str, Any], texts: Mapping[str, str], choices: Choices
) -> list[Side]:
    """Both values of each field in conflict: `texts` is what is stored now."""
    layout = LAYOUTS[form.record_type]
    return [_side(one, layout, form, row, texts, choices) for one in conflicts]


def _side(
    one: FieldConflict, layout: Layout, form: RecordForm, row: Mapping[str, Any], texts: Mapping[str, str], choices: Choices
) -> Side:
    name, control = one.field, form[one.field]
    typed, stored = control.data or "", texts[name]
    if name in form.custom:
        yours, theirs = (shown_by_name(name, value, layout.record_type).text for value in (one.yours, one.theirs))
        return Side(name, label_of(name, layout.record_type), typed, yours, stored, theirs, one.by)
    label = gettext(layout.fields[name].label)
    if isinstance(control, PartyField):
        picks = (f"{control.picked}|{typed}" if control.picked else "", f"{one.theirs}|{stored}" if one.theirs else "")
        return Side(name, label, typed, typed, stored, stored, one.by, tuple(pick for pick in picks if pick))
    fmt, shown = formats(), []
    people_of = {"owner": dict(choices.owners), "source": dict(choices.sources)}
    for value, is_yours in ((one.yours, True), (one.theirs, False)):
        currency = form["value_currency"].data if is_yours and "value_currency" in form.names else None
        money = {**row, "value_currency": currency or row["value_currency"]} if "value_currency" in row else row
        shown.append(people_of.get(name, {}).get(value, "") or shown_value(layout, name, value, money, fmt))
    return Side(name, label, typed, shown[0], stored, shown[1], one.by)


def shown_value(layout: Layout, name: str, value: Any, row: Mapping[str, Any], fmt: Formats) -> str:
    """A field's stored value as a person reads it."""
    if value in (None, ""):
        return ""
    known = layout.fields[name]
    if known.kind is FieldKind.MONEY:
        return fmt.money(value, row["value_currency"] or None)
    if known.kind in _NAMED:
        return str(row[f"{name}_name"] or "")
    return field_text(known, value, fmt)


def url_of(layout: Layout, name: str, text: str, row: Mapping[str, Any]) -> str:
    """What pressing a shown value opens; "" of most."""
    if not text:
        return ""
    kind = layout.fields[name].kind
    if kind is FieldKind.EMAIL:
        return f"mailto:{text}"
    if kind is FieldKind.PHONE:
        return f"tel:{row['phone_e164']}" if row["phone_e164"] else ""
    if kind is FieldKind.LINK:
        return web_address(text)
    if kind is FieldKind.ORGANISATION:
        return record_url("organisation", row[f"{name}_id"])
    return ""


def _reach_url(point: Point) -> str:
    if point.kind == PointKind.EMAIL:
        return f"mailto:{point.text}"
    e164, _ = keys_of(point.kind, point.text)
    return f"tel:{e164}" if e164 else ""


def other_columns(text: str) -> list[tuple[str, str]]:
    """What an import kept of columns that have no field here."""
    if not text:
        return []
    found = json.loads(text)
    return [(str(name), str(value)) for name, value in found.items() if value not in (None, "")]


def _fact(layout: Layout, name: str, row: Mapping[str, Any], title: str, actor: Actor, fmt: Formats) -> Fact:
    known = layout.fields[name]
    may_edit = actor.may(Permission.WRITE)
    if name == "owner":
        may_edit = may_edit and (actor.may(Permission.ASSIGN) or row["owner_id"] in {None, actor.id})
    text = shown_value(layout, name, row[known.column], row, fmt)
    return Fact(name, gettext(known.label), known.icon, text, url_of(layout, name, text, row), title, may_edit)


def _custom_fact(one: BoundField, row: Mapping[str, Any], title: str, actor: Actor) -> Fact:
    shown = shown_of(one, value_of(row, one.name))
    may_edit = actor.may(Permission.WRITE) and one.is_editable
    is_missing = one.definition.is_required and one.is_editable and not shown.text
    return Fact(one.name, one.label, one.icon, shown.text, shown.url, title, may_edit, shown.tags, is_missing)
