"""Who belongs to whom, on the pages of organisations and contacts: people, firms, whom to ask first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import gettext

from leadboard.domain.relations import employ, end_employment, set_main_firm, set_primary_contact
from leadboard.errors import Refused
from leadboard.http import Toast, current_actor, go, is_fragment, needs, render, with_toast
from leadboard.lib.text import initials
from leadboard.permissions import Permission
from leadboard.queries.party_page import one_party
from leadboard.queries.party_relations import PARTS, FirmRow, PersonRow, firms_of, parts_of, people_of
from leadboard.web.parties.kinds import CONTACTS, ORGANISATIONS, contacts, organisations
from leadboard.web.party_picks import Pick, Unclear, asked_again, new_party_url, picked_id


@dataclass
class PeoplePanel:
    """The people of an organisation, the first of them."""

    party: dict[str, Any]
    people: list[PersonRow]
    may_edit: bool
    pick: Pick

    @property
    def total(self) -> int:
        return self.people[0].total if self.people else 0

    @property
    def all_url(self) -> str:
        """The list of them all, when these are not all; "" otherwise."""
        return CONTACTS.url("index", organisation=self.party["id"]) if self.total > len(self.people) else ""

    def initials(self, person: PersonRow) -> str:
        return initials(person.name)

    def url(self, endpoint: str, **values: int) -> str:
        return ORGANISATIONS.url(endpoint, record_id=self.party["id"], **values)


@dataclass
class FirmsPanel:
    """The organisations of a contact."""

    party: dict[str, Any]
    firms: list[FirmRow]
    may_edit: bool
    pick: Pick

    def url(self, endpoint: str, **values: int) -> str:
        return CONTACTS.url(endpoint, record_id=self.party["id"], **values)


@dataclass(frozen=True)
class PartsPanel:
    """The organisation above, and those below."""

    party: dict[str, Any]
    parts: list[tuple[int, str]]
    has_more: bool


def people_panel(party: dict[str, Any], pick: Pick | None = None) -> PeoplePanel:
    actor = current_actor()
    return PeoplePanel(party, people_of(party, actor), actor.may(Permission.WRITE), pick or _person_pick(party))


def firms_panel(party: dict[str, Any], pick: Pick | None = None) -> FirmsPanel:
    actor = current_actor()
    return FirmsPanel(party, firms_of(party, actor), actor.may(Permission.WRITE), pick or _firm_pick(party))


def parts_panel(party: dict[str, Any]) -> PartsPanel | None:
    parts = parts_of(party["id"], current_actor())
    return PartsPanel(party, parts[:PARTS], len(parts) > PARTS) if parts or party["parent_name"] else None


def _person_pick(party: dict[str, Any]) -> Pick:
    return Pick(
        "contact", ORGANISATIONS.url("add_person", record_id=party["id"]), "panel-people", gettext("Add a person"), gettext("Add"),
        new_url=new_party_url("contact", organisation=party["id"]), asks_title=True,
    )  # fmt: skip


def _firm_pick(party: dict[str, Any]) -> Pick:
    return Pick(
        "organisation", CONTACTS.url("add_firm", record_id=party["id"]), "panel-firms", gettext("Add an organisation"), gettext("Add"),
        new_url=new_party_url("organisation"), asks_title=True,
    )  # fmt: skip


def _panel(record_type: str, record_id: int, pick: Pick | None = None) -> tuple[str, Any]:
    """The template of the panel that is changed here, and what it shows now."""
    party = one_party(record_type, record_id, current_actor())
    if record_type == "organisation":
        return "parties/_people.html", people_panel(party, pick)
    return "parties/_firms.html", firms_panel(party, pick)


def _done(record_type: str, record_id: int, text: str, change_set_id: int | None) -> Response:
    toast = Toast(text, "good", change_set_id) if change_set_id else Toast(gettext("Nothing changed"))
    if not is_fragment():
        kind = ORGANISATIONS if record_type == "organisation" else CONTACTS
        return go(kind.url("detail", record_id=record_id), toast=toast)
    template, panel = _panel(record_type, record_id)
    return with_toast(render(template, panel=panel), toast)


def _ask_again(record_type: str, record_id: int, pick: Pick) -> Response:
    template, panel = _panel(record_type, record_id, pick)
    if is_fragment():
        return render(template, status=422, panel=panel)
    return render("parties/pick.html", panel, status=422, pick=pick)


def _add(
    record_type: str, record_id: int, make_pick: Callable[[dict[str, Any]], Pick], save: Callable[[int, str], int | None]
) -> Response:
    party = one_party(record_type, record_id, current_actor())
    pick = make_pick(party)
    try:
        other_id = picked_id(pick)
        change_set_id = save(other_id, request.form.get("job_title", ""))
    except Unclear as unclear:
        return _ask_again(record_type, record_id, unclear.pick)
    except Refused as refusal:
        return _ask_again(record_type, record_id, asked_again(pick, refusal))
    other = one_party(pick.record_type, other_id, current_actor())
    person, firm = (other, party) if record_type == "organisation" else (party, other)
    text = gettext("%(person)s is at %(firm)s now", person=person["name"], firm=firm["name"])
    return _done(record_type, record_id, text, change_set_id)


@organisations.post("/organisations/<int:record_id>/people")
@needs(Permission.WRITE)
def add_person(record_id: int) -> Response:
    """Somebody there already by typing or picking; a new one is a page of its own."""

    def save(contact_id: int, job_title: str) -> int | None:
        return employ(contact_id, record_id, actor=current_actor(), job_title=job_title)

    return _add("organisation", record_id, _person_pick, save)


@contacts.post("/contacts/<int:record_id>/firms")
@needs(Permission.WRITE)
def add_firm(record_id: int) -> Response:
    def save(organisation_id: int, job_title: str) -> int | None:
        return employ(record_id, organisation_id, actor=current_actor(), job_title=job_title)

    return _add("contact", record_id, _firm_pick, save)


def _left(record_type: str, record_id: int, contact_id: int, organisation_id: int) -> Response:
    actor = current_actor()
    person, firm = one_party("contact", contact_id, actor), one_party("organisation", organisation_id, actor)
    change_set_id = end_employment(contact_id, organisation_id, actor=actor)
    text = gettext(
        "%(person)s is no longer at %(firm)s. Contact, leads and history stay as they are.",
        person=person["name"],
        firm=firm["name"],
    )
    return _done(record_type, record_id, text, change_set_id)


@organisations.post("/organisations/<int:record_id>/people/<int:contact_id>/remove")
@needs(Permission.WRITE)
def remove_person(record_id: int, contact_id: int) -> Response:
    return _left("organisation", record_id, contact_id, record_id)


@contacts.post("/contacts/<int:record_id>/firms/<int:organisation_id>/remove")
@needs(Permission.WRITE)
def remove_firm(record_id: int, organisation_id: int) -> Response:
    return _left("contact", record_id, record_id, organisation_id)


@organisations.post("/organisations/<int:record_id>/people/<int:contact_id>/primary")
@needs(Permission.WRITE)
def make_primary(record_id: int, contact_id: int) -> Response:
    """Whom to ask first; pressed for the one it is already, nobody."""
    actor = current_actor()
    firm, person = one_party("organisation", record_id, actor), one_party("contact", contact_id, actor)
    is_already = firm["primary_contact_id"] == contact_id
    change_set_id = set_primary_contact(record_id, None if is_already else contact_id, actor=actor)
    text = (
        gettext("%(firm)s has no primary contact now", firm=firm["name"])
        if is_already
        else gettext("%(person)s is the primary contact of %(firm)s now", person=person["name"], firm=firm["name"])
    )
    return _done("organisation", record_id, text, change_set_id)


@contacts.post("/contacts/<int:record_id>/firms/<int:organisation_id>/main")
@needs(Permission.WRITE)
def make_main(record_id: int, organisation_id: int) -> Response:
    actor = current_actor()
    firm = one_party("organisation", organisation_id, actor)
    change_set_id = set_main_firm(record_id, organisation_id, actor=actor)
    return _done("contact", record_id, gettext("%(firm)s is the main organisation now", firm=firm["name"]), change_set_id)
