"""The lists of contacts and of organisations, and what is done with several of them at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from flask import Response, url_for
from flask_babel import gettext

from leadboard.errors import N_
from leadboard.http import back_or, current_actor, formats, needs
from leadboard.lib.countries import countries_by_name, country_name
from leadboard.lib.links import web_address
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
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
from leadboard.queries.query_columns import Reader
from leadboard.queries.query_parts import typed_text
from leadboard.queries.record_filter import Owners, known_owners
from leadboard.queries.record_list import no_records
from leadboard.web.bulk import bulk_action
from leadboard.web.list_columns import TIMES, WORK, Columns, ListCell, ListColumn, further_of, typed_columns
from leadboard.web.parties.kinds import CONTACTS, PartyKind, on_both
from leadboard.web.record_list import Chip, ListPage, Words, show_list


def _firm(page: Any, row: Any, _: Any) -> ListCell:
    """A link only for who may see it."""
    name = page.names.get(row.organisation_id or 0, "")
    return ListCell("link" if name else "text", name, "cut tight", f"/organisations/{row.organisation_id}")


def _phone(page: Any, row: Any, _: Any) -> ListCell:
    return ListCell("link" if row.phone_e164 else "text", row.phone, "nowrap", f"tel:{row.phone_e164}")


def _website(page: Any, row: Any, _: Any) -> ListCell:
    url = web_address(row.website or row.domain or "")
    return ListCell("link" if url else "text", row.domain or row.website, "cut tight", url)


def _place(page: Any, row: Any, _: Any) -> ListCell:
    country = country_name(row.country, page.fmt.locale) if row.country else ""
    return ListCell("text", ", ".join(part for part in (row.city, country) if part), "cut tight")


def _count(label: str, name: str) -> ListColumn:
    def show(page: Any, row: Any, _: Any) -> ListCell:
        count = getattr(page.numbers[row.id], name)
        return ListCell("text", page.fmt.number(count) if count else "", "num", label=page.word(label) if count else "")

    return ListColumn(label, show, is_number=True)


def _won(page: Any, row: Any, _: Any) -> ListCell:
    sums = page.numbers[row.id].won
    text = " · ".join(page.fmt.money(amount, currency, short=True) for currency, amount in sorted(sums.items()))
    return ListCell("text", text, "num", label=page.word(N_("Won")) if text else "")


# Beyond those of the typed fields.
CONTACT_COLUMNS: dict[str, ListColumn] = {
    "job_title": ListColumn(N_("Job title"), lambda page, row, _: ListCell("text", row.job_title, "cut tight")),
    "organisation": ListColumn(N_("Organisation"), _firm),
    "email": ListColumn(
        N_("E-mail"),
        lambda page, row, _: ListCell("link" if row.email else "text", row.email, "cut tight", f"mailto:{row.email}"),
    ),
    "phone": ListColumn(N_("Phone"), _phone),
    **WORK,
    **TIMES,
}
CONTACT_COLUMNS |= typed_columns(
    (field for name, field in CONTACT_FIELDS.items() if name not in {"name", "owner", *CONTACT_COLUMNS}), "contact"
)
ORGANISATION_COLUMNS: dict[str, ListColumn] = {
    "website": ListColumn(N_("Website"), _website),
    "industry": ListColumn(N_("Industry"), lambda page, row, _: ListCell("text", row.industry, "cut tight")),
    "place": ListColumn(N_("Place"), _place),
    "people": _count(N_("People"), "people"),
    "open_leads": _count(N_("Open leads"), "open_leads"),
    "won": ListColumn(N_("Won"), _won, is_number=True),
    **WORK,
    **TIMES,
}
ORGANISATION_COLUMNS |= typed_columns(
    (field for name, field in ORGANISATION_FIELDS.items() if name not in {"name", "owner", "parent", *ORGANISATION_COLUMNS}),
    "organisation",
)


@dataclass(kw_only=True)
class PartyListPage(ListPage):
    """What both lists have; `actor` is the reader."""

    actor: Actor

    @cached_property
    def reader(self) -> Reader:
        return party_reader(self.actor, self.people.names)

    @property
    def typed(self) -> str:
        return typed_text(self.wanted, self.reader, LANGUAGES[self.wanted.record_type])

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
    name_sort: ClassVar[str] = "name"
    columns: ClassVar[Columns] = CONTACT_COLUMNS
    usual: ClassVar[tuple[str, ...]] = ("job_title", "organisation", "email", "phone", "next", "owner", "touch", "created")

    @property
    def words(self) -> Words:
        return Words(
            gettext("Contacts"), "users", gettext("New contact"), gettext("No contacts yet"),
            gettext("Contacts are the people behind your leads. Convert a lead, add one by hand, or bring your list."),
            gettext("No contact matches"), gettext("Name, organisation, e-mail, phone …"), gettext("Selected contacts"),
        )  # fmt: skip

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
    name_sort: ClassVar[str] = "name"
    columns: ClassVar[Columns] = ORGANISATION_COLUMNS
    usual: ClassVar[tuple[str, ...]] = (
        "website", "industry", "place", "people", "open_leads", "won", "next", "owner", "touch", "created",
    )  # fmt: skip

    @property
    def words(self) -> Words:
        return Words(
            gettext("Organisations"), "building", gettext("New organisation"), gettext("No organisations yet"),
            gettext("Organisations are the firms behind your leads. Convert a lead, add one by hand, or bring your list."),
            gettext("No organisation matches"), gettext("Name, domain, e-mail, phone …"), gettext("Selected organisations"),
        )  # fmt: skip

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

    def page_of(
        wanted: PartyFilter, order: Order, args: Mapping[str, str] | None, shown: tuple[str, ...]
    ) -> ContactListPage | OrganisationListPage:
        return _page(wanted, order, owners, actor, args, shown)

    return show_list(ContactListPage if kind is CONTACTS else OrganisationListPage, kind.record_type, read, page_of)


def _page(
    wanted: PartyFilter, order: Order, owners: Owners, actor: Actor, args: Mapping[str, str] | None, shown: tuple[str, ...]
) -> ContactListPage | OrganisationListPage:
    """The page that `args` name; without them there are no records in it."""
    today = formats().today
    if isinstance(wanted, ContactFilter):
        people = no_records() if args is None else contact_list(
            wanted, order, actor, today, further_of(shown, CONTACT_COLUMNS), after=args.get("after"), before=args.get("before")
        )  # fmt: skip
        names = organisation_names((row.organisation_id for row in people.rows), actor) if "organisation" in shown else {}
        return ContactListPage(people, wanted, order, owners, shown, actor=actor, names=names)
    assert isinstance(wanted, OrganisationFilter)
    found = no_records() if args is None else organisation_list(
        wanted, order, actor, today, further_of(shown, ORGANISATION_COLUMNS), after=args.get("after"), before=args.get("before")
    )  # fmt: skip
    numbers = numbers_of([row.id for row in found.rows], actor) if {"people", "open_leads", "won"} & {*shown} else {}
    return OrganisationListPage(found, wanted, order, owners, shown, actor=actor, numbers=numbers)


@on_both("/bulk", methods=("POST",))
@needs(Permission.WRITE)
def bulk(kind: PartyKind) -> Response:
    """Assign or delete the ticked records, as one action that is undone as one."""
    return bulk_action(kind.record_type, back_or(f"{kind.plural}.index"))
