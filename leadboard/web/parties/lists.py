"""The lists of contacts and of organisations, and what is done with several of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from flask import Response, url_for
from flask_babel import gettext

from leadboard.errors import N_
from leadboard.http import back_or, current_actor, formats, needs
from leadboard.lib.countries import countries_by_name, country_name
from leadboard.lib.links import web_address
from leadboard.permissions import Actor, Permission
from leadboard.queries.keyset import Order
from leadboard.queries.languages import LANGUAGES
from leadboard.queries.party_filter import FILTERS, ContactFilter, OrganisationFilter, PartyFilter, organisation_name, used_values
from leadboard.queries.party_list import (
    CONTACT_LIST,
    ORGANISATION_LIST,
    Numbers,
    contact_list,
    numbers_of,
    organisation_list,
    organisation_names,
)
from leadboard.queries.party_query import party_reader
from leadboard.queries.query_parts import typed_text
from leadboard.queries.record_filter import Owners, known_owners
from leadboard.queries.record_list import no_records
from leadboard.web.bulk import bulk_action
from leadboard.web.custom_facts import Cell
from leadboard.web.parties.kinds import CONTACTS, PartyKind, on_both
from leadboard.web.record_list import Chip, Column, ListPage, Person, Words, show_list


class ContactLine(NamedTuple):
    """A row of the list of contacts as it is shown. `organisation_id` is only there for who may see that one."""

    id: int
    name: str
    job_title: str
    organisation_id: int | None
    organisation: str
    email: str
    phone: str
    dial: str
    step_state: str
    step: str
    owner: Person | None
    touched: str
    created: str
    cells: Sequence[Cell]


class OrganisationLine(NamedTuple):
    """A row of the list of organisations as it is shown."""

    id: int
    name: str
    domain: str
    website: str
    industry: str
    place: str
    people: str
    open_leads: str
    won: str
    step_state: str
    step: str
    owner: Person | None
    touched: str
    created: str
    cells: Sequence[Cell]


@dataclass(kw_only=True)
class PartyListPage(ListPage):
    """What both lists have; `actor` is the reader."""

    actor: Actor

    @property
    def typed(self) -> str:
        record_type = self.wanted.record_type
        return typed_text(self.wanted, party_reader(self.actor, self.people.names), LANGUAGES[record_type])

    @property
    def export_url(self) -> str:
        args: dict[str, Any] = dict(self.wanted.to_args())
        return url_for(f"{self.endpoints}.export", **args)

    def country_chip(self, value: str) -> Chip:
        locale = formats().locale
        codes = (value,) if value else tuple(used_values(self.wanted.record_type, "country", self.actor))
        return self.chip("country", gettext("Country"), value, dict(countries_by_name(codes, locale)))


@dataclass(kw_only=True)
class ContactListPage(PartyListPage):
    names: dict[int, str] = field(default_factory=dict)

    endpoints: ClassVar[str] = "contacts"
    rows_template: ClassVar[str] = "parties/_contact_rows.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", N_("Name")), Column("", N_("Job title")), Column("", N_("Organisation")), Column("", N_("E-mail")),
        Column("", N_("Phone")), Column("next", N_("Next step")), Column("", N_("Owner")), Column("touch", N_("Last contact"), True, True),
        Column("created", N_("Created"), True, True),
    )  # fmt: skip

    @property
    def words(self) -> Words:
        return Words(
            gettext("Contacts"), "users", gettext("New contact"), gettext("No contacts yet"),
            gettext("Contacts are the people behind your leads. Convert a lead, add one by hand, or bring your list."),
            gettext("No contact matches"), gettext("Name, organisation, e-mail, phone …"), gettext("Selected contacts"),
        )  # fmt: skip

    @property
    def lines(self) -> list[Any]:
        return [
            ContactLine(
                row.id, row.name, row.job_title, row.organisation_id, self.names.get(row.organisation_id or 0, ""), row.email, row.phone,
                row.phone_e164 or "", *self.due(row.next_task, row.next_task_on), self.person(row.owner_id),
                self.touched(row.last_touch_at), self.created(row.created_at), self.cells(row.fields),
            )
            for row in self.found.rows
        ]  # fmt: skip

    @property
    def own_chips(self) -> list[Chip]:
        assert isinstance(self.wanted, ContactFilter)
        firm = self.wanted.organisation_id
        if firm is None:
            return []
        return [self.chip("organisation", gettext("Organisation"), firm, {firm: organisation_name(firm, self.actor) or ""})]

    @property
    def later_chips(self) -> list[Chip]:
        assert isinstance(self.wanted, ContactFilter)
        return [self.country_chip(self.wanted.country)]


@dataclass(kw_only=True)
class OrganisationListPage(PartyListPage):
    numbers: dict[int, Numbers] = field(default_factory=dict)

    endpoints: ClassVar[str] = "organisations"
    rows_template: ClassVar[str] = "parties/_organisation_rows.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", N_("Name")), Column("", N_("Website")), Column("", N_("Industry")), Column("", N_("Place")), Column("", N_("People"), True),
        Column("", N_("Open leads"), True), Column("", N_("Won"), True), Column("next", N_("Next step")), Column("", N_("Owner")),
        Column("touch", N_("Last contact"), True, True), Column("created", N_("Created"), True, True),
    )  # fmt: skip

    @property
    def words(self) -> Words:
        return Words(
            gettext("Organisations"), "building", gettext("New organisation"), gettext("No organisations yet"),
            gettext("Organisations are the firms behind your leads. Convert a lead, add one by hand, or bring your list."),
            gettext("No organisation matches"), gettext("Name, domain, e-mail, phone …"), gettext("Selected organisations"),
        )  # fmt: skip

    @property
    def lines(self) -> list[Any]:
        fmt = formats()
        number = fmt.number
        found = []
        for row in self.found.rows:
            sums = self.numbers[row.id]
            place = ", ".join(part for part in (row.city, country_name(row.country, fmt.locale) if row.country else "") if part)
            won = " · ".join(fmt.money(amount, currency, short=True) for currency, amount in sorted(sums.won.items()))
            found.append(
                OrganisationLine(
                    row.id, row.name, row.domain or row.website, web_address(row.website or row.domain or ""), row.industry, place,
                    number(sums.people) if sums.people else "", number(sums.open_leads) if sums.open_leads else "", won,
                    *self.due(row.next_task, row.next_task_on), self.person(row.owner_id), self.touched(row.last_touch_at),
                    self.created(row.created_at), self.cells(row.fields),
                )
            )  # fmt: skip
        return found

    @property
    def later_chips(self) -> list[Chip]:
        wanted = self.wanted
        assert isinstance(wanted, OrganisationFilter)
        known = [wanted.industry] if wanted.industry else used_values("organisation", "industry", self.actor)
        return [
            self.chip("industry", gettext("Industry"), wanted.industry, {one: one for one in known}),
            self.country_chip(wanted.country),
        ]


@on_both("")
def index(kind: PartyKind) -> Response:
    actor, owners = current_actor(), known_owners()
    listing = CONTACT_LIST if kind is CONTACTS else ORGANISATION_LIST

    def read(args: Mapping[str, str]) -> tuple[PartyFilter, Order]:
        wanted = FILTERS[kind.record_type].from_args(args, actor, owners).without("deleted")
        return wanted, listing.order(args.get("sort"))

    return show_list(kind.plural, read, lambda wanted, order, args: _page(wanted, order, owners, actor, args))


def _page(
    wanted: PartyFilter, order: Order, owners: Owners, actor: Actor, args: Mapping[str, str] | None
) -> ContactListPage | OrganisationListPage:
    """The page that `args` name; without them there are no records in it."""
    today = formats().today
    if isinstance(wanted, ContactFilter):
        people = no_records() if args is None else contact_list(
            wanted, order, actor, today, after=args.get("after"), before=args.get("before")
        )  # fmt: skip
        names = organisation_names((row.organisation_id for row in people.rows), actor)
        return ContactListPage(people, wanted, order, owners, is_new=False, actor=actor, names=names)
    assert isinstance(wanted, OrganisationFilter)
    found = no_records() if args is None else organisation_list(
        wanted, order, actor, today, after=args.get("after"), before=args.get("before")
    )  # fmt: skip
    numbers = numbers_of([row.id for row in found.rows], actor)
    return OrganisationListPage(found, wanted, order, owners, is_new=False, actor=actor, numbers=numbers)


@on_both("/bulk", methods=("POST",))
@needs(Permission.WRITE)
def bulk(kind: PartyKind) -> Response:
    """Assign or delete the ticked records, as one action that is undone as one."""
    return bulk_action(kind.record_type, back_or(f"{kind.plural}.index"))
