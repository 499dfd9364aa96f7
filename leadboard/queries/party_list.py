"""The lists of contacts and of organisations, and what they show of the rows of one page."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from leadboard.db import rows
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.keyset import Listing, Sort
from leadboard.queries.record_list import read_page


def _listing(table: str) -> Listing:
    """Its indexes are in models/parties.py."""
    return Listing(
        table,
        {
            "name": Sort(f"{table}.name_key", f"{table}_by_name", str),
            "next": Sort(f"{table}.next_task_on", f"{table}_by_next_task", date, "null"),
            "touch": Sort(f"{table}.last_touch_at", f"{table}_by_last_touch", int),
            "created": Sort(f"{table}.created_at", f"{table}_by_created", int),
            "updated": Sort(f"{table}.updated_at", f"{table}_by_updated", int),
        },
    )


CONTACT_LIST, ORGANISATION_LIST = _listing("contact"), _listing("organisation")


class ContactRow(NamedTuple):
    """One line of the list of contacts."""

    id: int
    name: str
    job_title: str
    organisation_id: int | None
    email: str
    phone: str
    phone_e164: str | None
    owner_id: int | None
    next_task: str | None
    next_task_on: date | str | None
    last_touch_at: int
    created_at: int
    fields: Any
    further: tuple[Any, ...]


class OrganisationRow(NamedTuple):
    """One line of the list of organisations; what it adds up is in Numbers."""

    id: int
    name: str
    domain: str | None
    website: str
    industry: str
    city: str
    country: str
    owner_id: int | None
    next_task: str | None
    next_task_on: date | str | None
    last_touch_at: int
    created_at: int
    fields: Any
    further: tuple[Any, ...]


class Numbers(NamedTuple):
    """Of an organisation: people and open leads that the reader may see, and what its won ones came to, by currency."""

    people: int
    open_leads: int
    won: dict[str, int]


_NEXT = "(select task.title from task where task.id = {0}.next_task_id), {0}.next_task_on, {0}.last_touch_at, {0}.created_at"
_CONTACT = (
    "contact.id, contact.name, contact.job_title, contact.organisation_id, contact.email, contact.phone, contact.phone_e164,"
    f" contact.owner_id, {_NEXT.format('contact')}"
)
_ORGANISATION = (
    "organisation.id, organisation.name, organisation.domain, organisation.website, organisation.industry, organisation.city,"
    f" organisation.country, organisation.owner_id, {_NEXT.format('organisation')}"
)


# One page of the contacts that a filter finds; see read_page().
contact_list = partial(read_page, columns=_CONTACT, make=ContactRow)
# One page of the organisations that a filter finds; see read_page().
organisation_list = partial(read_page, columns=_ORGANISATION, make=OrganisationRow)


def organisation_names(ids: Iterable[int | None], actor: Actor) -> dict[int, str]:
    """{id: name} of those that the actor may see. One statement."""
    wanted = sorted({one for one in ids if one is not None})
    sql, params = visible_sql(actor, "organisation")
    places = ", ".join("?" * len(wanted)) or "null"
    return dict(rows(f"select id, name from organisation where id in ({places}) and {sql}", [*wanted, *params]))  # noqa: S608 - ours


def numbers_of(ids: list[int], actor: Actor) -> dict[int, Numbers]:
    """What these organisations add up, of what the actor may see. Two statements."""
    places = ", ".join("?" * len(ids)) or "null"
    sql, params = visible_sql(actor, "contact")
    people = dict(
        rows(
            "select organisation_id, count(*) from (select contact.organisation_id, contact.id from contact"  # noqa: S608 - ours
            f" where contact.organisation_id in ({places}) and {sql}"
            " union select employment.organisation_id, contact.id from employment join contact on contact.id = employment.contact_id"
            f" where employment.organisation_id in ({places}) and {sql}) as works group by organisation_id",
            [*ids, *params, *ids, *params],
        )
    )
    found = {number: Numbers(people.get(number, 0), 0, {}) for number in ids}
    sql, params = visible_sql(actor, "lead")
    for number, kind, currency, count, amount in rows(
        "select lead.organisation_id, stage.kind, lead.value_currency, count(*), sum(lead.value_amount)"  # noqa: S608 - ours
        f" from lead join stage on stage.id = lead.stage_id where lead.organisation_id in ({places}) and {sql} and stage.kind <> 'lost'"
        " group by lead.organisation_id, stage.kind, lead.value_currency",
        [*ids, *params],
    ):
        if kind == StageKind.WON:
            if amount:
                found[number].won[currency] = int(amount)
        else:
            found[number] = found[number]._replace(open_leads=found[number].open_leads + count)
    return found
