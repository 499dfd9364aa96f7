"""Contacts and organisations made, edited, given away, put in the bin and taken out of it, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, request
from flask_babel import gettext

from leadboard.domain.parties import create_party, restore_parties, update_party
from leadboard.errors import N_, NotFound, Refused
from leadboard.forms.party_inputs import PartyField
from leadboard.forms.records import RecordForm, record_form
from leadboard.http import Toast, back_or, current_actor, go, is_own_path, needs, render
from leadboard.lib.ids import as_id
from leadboard.permissions import Actor, Permission
from leadboard.queries.party_matches import REASON_LABELS, PartyMatch, matching_contacts, matching_organisations
from leadboard.queries.party_names import party_name
from leadboard.queries.party_page import one_party
from leadboard.web.bulk import assigned, deleted
from leadboard.web.custom_facts import defaults_of_custom
from leadboard.web.parties.detail import party_page
from leadboard.web.parties.kinds import KINDS, PartyKind, on_both
from leadboard.web.record_edit import Editing, NewPage, edit_all, edit_one, row_of
from leadboard.web.record_layout import LAYOUTS
from leadboard.web.record_view import choices_for

LONGEST = 300


def _editing(kind: PartyKind) -> Editing:
    record_type = kind.record_type

    def update(record_id: int, values: dict[str, Any], **more: Any) -> int | None:
        return update_party(record_type, record_id, values, **more).change_set_id

    def index_url() -> str:
        return kind.url("index")

    return Editing(LAYOUTS[record_type], partial(one_party, record_type), update, partial(party_page, kind), index_url)


EDITING = {record_type: _editing(kind) for record_type, kind in KINDS.items()}


@on_both("/<int:record_id>/edit", methods=("GET", "POST"))
@needs(Permission.WRITE)
def edit(kind: PartyKind, record_id: int) -> Response:
    return edit_all(EDITING[kind.record_type], record_id)


@on_both("/<int:record_id>/fields/<name>", methods=("GET", "POST"))
@needs(Permission.WRITE)
def edit_field(kind: PartyKind, record_id: int, name: str) -> Response:
    return edit_one(EDITING[kind.record_type], record_id, name)


@on_both("/<int:record_id>/fields/<name>/row")
def field_row(kind: PartyKind, record_id: int, name: str) -> Response:
    return row_of(EDITING[kind.record_type], record_id, name)


# ---------------------------------------------------------------------------------------------- new


@dataclass(kw_only=True)
class NewPartyPage(NewPage):
    """`back_url` is where whoever came from elsewhere goes on; "" for the new record's page."""

    kind: PartyKind
    back_url: str

    @property
    def heading(self) -> str:
        return {"contact": gettext("New contact"), "organisation": gettext("New organisation")}[self.kind.record_type]

    @property
    def submit(self) -> str:
        return {"contact": gettext("Add contact"), "organisation": gettext("Add organisation")}[self.kind.record_type]


@on_both("/new", methods=("GET", "POST"))
@needs(Permission.WRITE)
def new(kind: PartyKind) -> Response:
    """An empty form; ?name=, ?organisation= and ?parent= fill it in, ?next= says where to go afterwards."""
    actor, record_type = current_actor(), kind.record_type
    layout = LAYOUTS[record_type]
    choices = choices_for(layout)
    form = record_form(record_type, layout.form_names(), choices, {"owner": str(actor.id), **defaults_of_custom(record_type)})
    back = request.values.get("next", "")
    back = back if is_own_path(back) else ""
    page = NewPartyPage(layout=layout, form=form, cancel_url=back or kind.url("index"), kind=kind, back_url=back)
    if request.method == "GET":
        _fill_in(form, actor)
        return render("parties/new.html", page)
    values = form.typed(choices, request.form)
    if values is None:
        return render("parties/new.html", page, status=422)
    try:
        done = create_party(record_type, values, actor=actor, complete=True)
    except Refused as refusal:
        form.show_error(refusal)
        return render("parties/new.html", page, status=422)
    toast = Toast(gettext(layout.added), "good", done.change_set_id)
    try:
        one_party(record_type, done.id, actor)
    except NotFound:
        # Made for a colleague by somebody who sees own records only.
        return go(page.cancel_url, toast=toast)
    return go(back or kind.url("detail", record_id=done.id), toast=toast)


def _fill_in(form: RecordForm, actor: Actor) -> None:
    """What the page before knows already."""
    form["name"].data = request.args.get("name", "")[:LONGEST]
    for name in ("organisation", "parent"):
        record_id = request.args.get(name, type=as_id)
        field = form[name] if name in form.names else None
        if isinstance(field, PartyField) and record_id is not None:
            found = party_name("organisation", record_id, actor)
            if found is not None:
                field.data, field.picks = found.name, [f"{found.id}|{found.name}"]


_MATCHING: dict[str, tuple[Callable[..., list[PartyMatch]], tuple[str, ...]]] = {
    "contact": (matching_contacts, ("name", "email", "phone")),
    "organisation": (matching_organisations, ("name", "email", "phone", "website")),
}


@on_both("/similar", methods=("POST",))
@needs(Permission.WRITE)
def similar(kind: PartyKind) -> Response:
    """The hint under the form: who is there already. POST, because a URL with names in it would end up in logs."""
    find, names = _MATCHING[kind.record_type]
    typed = {name: request.form.get(name, "").strip()[:LONGEST] for name in names}
    if not typed["name"]:
        typed["name"] = " ".join(request.form.get(name, "") for name in ("given_name", "family_name")).strip()[:LONGEST]
    found = find(current_actor(), **typed)
    return render("parties/_similar.html", found=[(one, REASON_LABELS[one.reason]) for one in found], kind=kind)


# ---------------------------------------------------------------------------------------------- one at a time


@on_both("/<int:record_id>/assign", methods=("POST",))
@needs(Permission.WRITE)
def assign(kind: PartyKind, record_id: int) -> Response:
    one_party(kind.record_type, record_id, current_actor())
    return assigned(kind.record_type, [record_id], back_or(f"{kind.plural}.detail", record_id=record_id))


@on_both("/<int:record_id>/delete", methods=("POST",))
@needs(Permission.WRITE)
def delete(kind: PartyKind, record_id: int) -> Response:
    one_party(kind.record_type, record_id, current_actor())
    return deleted(kind.record_type, [record_id], back_or(f"{kind.plural}.index"))


_RESTORED = {"contact": N_("Contact restored"), "organisation": N_("Organisation restored")}
_NOT_IN_BIN = {
    "contact": N_("This contact is not in the bin any more, or you may not see it."),
    "organisation": N_("This organisation is not in the bin any more, or you may not see it."),
}


@on_both("/<int:record_id>/restore", methods=("POST",))
@needs(Permission.WRITE)
def restore(kind: PartyKind, record_id: int) -> Response:
    """Out of the bin, with all that hangs on it."""
    change_set_id = restore_parties(kind.record_type, [record_id], actor=current_actor())
    if change_set_id is None:
        raise NotFound(_NOT_IN_BIN[kind.record_type])
    toast = Toast(gettext(_RESTORED[kind.record_type]), "good", change_set_id)
    return go(kind.url("detail", record_id=record_id), toast=toast)
