"""What may be typed in filters over contacts and organisations."""

from collections.abc import Mapping

from leadboard.db import Where
from leadboard.errors import N_
from leadboard.lib.countries import COUNTRIES
from leadboard.lib.dates import today_in
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
from leadboard.models.record_fields import RecordField
from leadboard.permissions import Actor, visible_sql
from leadboard.queries import query_columns as columns
from leadboard.queries.column_kinds import BLANK, named, next_step_column, ordered, text
from leadboard.queries.query_columns import Column, Condition, Reader
from leadboard.queries.settings import instance
from leadboard.queries.typed_query import Language

_MAYBE_BLANK = "coalesce({0}, '') = ''"


def _organisation(column: Column, operator: str, asked: str, reader: Reader) -> Condition:
    """The name of the firm of a contact, of those firms that the reader may see."""
    name = Column("organisation", "", columns.text_condition, "name")
    inner = columns.text_condition(name, operator, asked, reader)

    def where(alias: str) -> Where:
        seen, values = visible_sql(reader.actor, "firm")
        sql, params = inner.where("firm")
        firms = f"select firm.id from organisation firm where {seen} and {sql}"  # noqa: S608 - both conditions are ours
        return f"{alias}.organisation_id in ({firms})", [*values, *params]

    return Condition(where)


def _country(column: Column, operator: str, asked: str, reader: Reader) -> Condition:
    """By its code of two letters."""
    code = asked.upper()
    if code not in COUNTRIES:
        raise columns.wrong(column, asked, "DE, FR, PL, US …")
    return Condition(lambda alias: (f"({alias}.country = ? and {alias}.country <> '')", [code]), is_lookup=True, rank=2)


def _shared(fields: Mapping[str, RecordField]) -> list[Column]:
    """What both have, in the order of a form."""
    return [
        Column("email", fields["email"].label, columns.email_condition, "email", empty=BLANK),
        Column("phone", fields["phone"].label, columns.phone_condition, "phone", empty=BLANK),
        text("website", fields["website"].label),
        named("owner", fields["owner"].label),
        next_step_column(),
        *(text(name, fields[name].label) for name in ("street", "postal_code", "city", "region")),
        Column("country", fields["country"].label, _country, "country", empty=BLANK, kind="country"),
        ordered("created", N_("Created"), "moment", "created_at", is_indexed=True),
        ordered("changed", N_("Changed"), "moment", "updated_at"),
        ordered("touched", N_("Last contact"), "moment", "last_touch_at", is_indexed=True),
        ordered("id", N_("Number"), "number", is_indexed=True),
    ]


def _by_key(found: list[Column]) -> dict[str, Column]:
    return {column.key: column for column in found}


CONTACTS = Language("contact", "name_key", _by_key([
    text("name", CONTACT_FIELDS["name"].label),
    text("given_name", CONTACT_FIELDS["given_name"].label),
    text("family_name", CONTACT_FIELDS["family_name"].label),
    Column("organisation", CONTACT_FIELDS["organisation"].label, _organisation, "organisation_id"),
    text("job_title", CONTACT_FIELDS["job_title"].label),
    *_shared(CONTACT_FIELDS),
]))  # fmt: skip
ORGANISATIONS = Language("organisation", "name_key", _by_key([
    text("name", ORGANISATION_FIELDS["name"].label),
    Column("domain", N_("Domain"), columns.text_condition, "domain", empty=_MAYBE_BLANK),
    text("industry", ORGANISATION_FIELDS["industry"].label),
    ordered("employees", ORGANISATION_FIELDS["employees"].label, "number"),
    *_shared(ORGANISATION_FIELDS),
]))  # fmt: skip


def party_reader(actor: Actor, owners: Mapping[int, str]) -> Reader:
    """What a typed filter over contacts or organisations is read with."""
    settings = instance()
    zone = settings.time_zone
    return Reader(actor, today_in(zone), zone, settings.currency, {"owner": owners}, settings.week_start, settings.language)
