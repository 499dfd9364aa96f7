"""One half of the form of a conversion: the records that the firm or the person may be, a new one, or none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext

from leadboard.domain.conversion import Side, carried_values, first_contact, first_organisation, gaps
from leadboard.domain.custom_values import value_of
from leadboard.domain.record_rows import TABLES, RecordTable
from leadboard.errors import N_, Refused
from leadboard.fieldtypes import PREFIX
from leadboard.forms.conversion import NewPartyForm, OtherForm, new_party_form, other_form
from leadboard.forms.custom_inputs import reader_context
from leadboard.http import current_actor, formats, message_of
from leadboard.lib.ids import as_id
from leadboard.queries.conversion import parties_by_id
from leadboard.queries.custom_fields import BoundField, custom_fields
from leadboard.queries.party_matches import REASON_LABELS, PartyMatch, Reason, matching_contacts, matching_organisations
from leadboard.web.field_texts import field_text

NEW, OTHER = "new", "other"
MOST_OFFERED = 5
# What may be changed before a new record is made; the rest comes over as it is.
_ASKED = {"organisation": ("name", "website", "industry"), "contact": ("name", "email", "phone", "job_title")}
# What existing records call themselves, and whose they are, a lead does not change.
_OWN = {"owner", "name", "given_name", "family_name", "organisation"}


@dataclass(frozen=True)
class Value:
    """Something of the lead's that a record may take. `theirs` is what an existing one holds; `input` the name of its control."""

    name: str
    label: str
    text: str
    value: Any
    input: str = ""
    theirs: str = ""
    is_taken: bool = True


@dataclass
class Option:
    """A record that may be meant, or a new one: `fills` come over without a question, `ticks` unless they are unticked."""

    value: str
    label: str
    detail: str = ""
    reason: str = ""
    fills: list[Value] = field(default_factory=list)
    ticks: list[Value] = field(default_factory=list)
    differences: list[Value] = field(default_factory=list)


@dataclass
class SideView:
    """`choice` is the value of the option that is ticked; empty for none."""

    name: str
    lead: Mapping[str, Any]
    options: list[Option]
    form: NewPartyForm
    choice: str
    other: OtherForm
    errors: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the values of a new record need a look."""
        return bool(self.form.errors)

    def show(self, name: str, message: str) -> None:
        if name == OTHER:
            self.other.other.errors = [message]
        elif name in self.form.names:
            self.form[name].errors = [*self.form[name].errors, message]
        else:
            self.errors.append(message)

    def chosen(self) -> Side | None:
        """What was sent, for the domain; None when something cannot be taken and is shown."""
        if self.choice == "":
            return Side()
        if self.choice == OTHER:
            return self._found()
        option = next((one for one in self.options if one.value == self.choice), None)
        if option is None:
            return Side(int(self.choice))
        taken = {one.name: one.value for one in (*option.ticks, *option.differences) if one.is_taken}
        if option.value != NEW:
            return Side(int(option.value), values=taken)
        typed = self.form.typed()
        return None if typed is None else Side(is_new=True, values={**taken, **typed})

    def _found(self) -> Side | None:
        """Whom the search means; None when that is not clear, and is shown."""
        try:
            found = self.other.other.resolve(current_actor())
            if found is None:
                raise Refused(N_("Type a name, or choose one of the others."))
        except Refused as refusal:
            self.show(OTHER, message_of(refusal))
            return None
        assert isinstance(found, int)
        return Side(found)


def side_of(name: str, lead: Mapping[str, Any]) -> SideView:
    """The half as it is suggested; once something was sent, as it was sent."""
    first = {"organisation": first_organisation, "contact": first_contact}[name](lead)
    if name == "contact" and not any(lead[known] for known in ("person_name", "organisation_name", "email", "phone")):
        first["name"] = lead["title"]
    matches = _matches(name, lead)
    linked = lead[f"{name}_id"]
    choice = _sent(name) if request.method == "POST" else _suggested(name, first, matches, linked)
    ids = [one.id for one in matches][:MOST_OFFERED]
    wanted = dict.fromkeys(int(one) for one in (linked or "", *ids, choice) if str(one).isdigit())
    rows = parties_by_id(name, wanted, current_actor())
    reasons = {one.id: one for one in matches}
    custom = {one.field.name: (one.field, one.value) for one in carried_values(lead) if one.record_type == name}
    options = [_existing(name, rows[one], first, custom, reasons.get(one), one == linked) for one in wanted if one in rows]
    form, new = _new(name, first, custom)
    other = other_form(name, formdata=request.form if request.method == "POST" else None)
    return SideView(name, lead, [*options, new], form, choice, other)


def _matches(name: str, lead: Mapping[str, Any]) -> list[PartyMatch]:
    actor, email, phone = current_actor(), lead["email"], lead["phone"]
    if name == "contact":
        return matching_contacts(actor, name=lead["person_name"], email=email, phone=phone)
    return matching_organisations(actor, name=lead["organisation_name"], email=email, website=lead["website"], phone=phone)


def _suggested(name: str, first: Mapping[str, Any], matches: list[PartyMatch], linked: int | None) -> str:
    """What is linked already; else the surest match, but for people of one name only; else a new one, when there is a name for it."""
    if linked is not None:
        return str(linked)
    if matches and not (name == "contact" and matches[0].reason is Reason.NAME):
        return str(matches[0].id)
    known = first["name"] or (name == "contact" and (first["email"] or first["phone"]))
    return NEW if known else ""


def _sent(name: str) -> str:
    text = request.form.get(name, "")
    return text if text in {NEW, OTHER} or (text.isdigit() and _is_id(text)) else ""


def _is_id(text: str) -> bool:
    try:
        return as_id(text) > 0
    except ValueError:
        return False


def _existing(
    name: str,
    row: Mapping[str, Any],
    first: Mapping[str, Any],
    custom: Mapping[str, tuple[BoundField, Any]],
    match: PartyMatch | None,
    is_linked: bool,
) -> Option:
    table, number = TABLES[name], row["id"]
    reason = gettext("linked already") if is_linked else gettext(REASON_LABELS[match.reason]) if match is not None else ""
    option = Option(str(number), row["name"], match.detail if match is not None else "", reason)
    option.fills = [_plain(table, known, value) for known, value in gaps(table, row, first).items()]
    option.differences = [
        _difference(_plain(table, known, value), f"{name}-{number}-{known}", _text(table, known, row[table.fields[known].column]))
        for known, value in first.items()
        if known not in _OWN and value and not _alike(row[table.fields[known].column], value)
    ]
    for known, (bound, value) in custom.items():
        shown = _custom(bound, value)
        theirs = value_of(row, known)
        if theirs is None:
            option.ticks.append(_ticked(shown, f"{name}-{number}-{known}"))
        elif theirs != value:
            option.differences.append(_difference(shown, f"{name}-{number}-{known}", _custom(bound, theirs).text))
    return option


def _new(name: str, first: Mapping[str, Any], custom: Mapping[str, tuple[BoundField, Any]]) -> tuple[NewPartyForm, Option]:
    table, context = TABLES[name], reader_context()
    needed = [one for one in custom_fields(None, name).editable.values() if one.definition.is_required]
    texts = {known: str(first[known] or "") for known in _ASKED[name]}
    texts |= {
        one.name: one.to_input(custom[one.name][1] if one.name in custom else one.definition.default, context) for one in needed
    }
    sent = request.form if request.method == "POST" else None
    form = new_party_form(name, _ASKED[name], needed, texts, formdata=sent)
    label = gettext("New organisation") if name == "organisation" else gettext("New person")
    others = {*_ASKED[name], "owner", "organisation"}
    fills = [_plain(table, known, value) for known, value in first.items() if value and known not in others]
    asked = {one.name for one in needed}
    ticks = [
        _ticked(_custom(bound, value), f"{name}-{NEW}-{known}") for known, (bound, value) in custom.items() if known not in asked
    ]
    return form, Option(NEW, label, first["name"] or "", fills=fills, ticks=ticks)


# ---------------------------------------------------------------------------------------------- values


def _plain(table: RecordTable, name: str, value: Any) -> Value:
    return Value(name, gettext(table.fields[name].label), _text(table, name, value), value)


def _text(table: RecordTable, name: str, value: Any) -> str:
    return field_text(table.fields[name], value, formats())


def _custom(bound: BoundField, value: Any) -> Value:
    assert bound.name.startswith(PREFIX)
    return Value(bound.name, bound.label, bound.shown(value, reader_context()).text, value)


def _ticked(value: Value, control: str) -> Value:
    """Taken unless the box was unticked."""
    is_taken = request.method != "POST" or control in request.form
    return Value(value.name, value.label, value.text, value.value, control, is_taken=is_taken)


def _difference(value: Value, control: str, theirs: str) -> Value:
    """Left as it is unless the lead's was chosen."""
    return Value(value.name, value.label, value.text, value.value, control, theirs, request.form.get(control) == "lead")


def _alike(theirs: Any, ours: Any) -> bool:
    """Whether two values say the same, however they are written; an empty one is no difference but a gap."""
    return not theirs or _bare(theirs) == _bare(ours)


def _bare(value: Any) -> str:
    return re.sub(r"\W", "", re.sub(r"^https?://(www\.)?", "", str(value).casefold()))
