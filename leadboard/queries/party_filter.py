"""The filters over contacts and organisations that lists, export and API share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from leadboard.db import Where, one, rows
from leadboard.lib.emails import email_key
from leadboard.lib.ids import is_id
from leadboard.lib.phones import phone_keys
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.party_query import CONTACTS, ORGANISATIONS, party_reader
from leadboard.queries.query_parts import with_query
from leadboard.queries.record_filter import Owners, RecordFilter, one_word, unknown
from leadboard.queries.settings import instance
from leadboard.queries.text_search import asked_of, has_words_sql, lookup_sql

# A menu of more is no menu.
MOST_VALUES = 300
# A number is looked for among further ones by its end; fewer digits are shared by too many.
SHORTEST_END = 5


@dataclass(frozen=True)
class PartyFilter(RecordFilter):
    """`country` is a code of two letters, as stored."""

    country: str = ""

    @classmethod
    def party_args(cls, args: Mapping[str, str], actor: Actor, owners: Owners) -> dict[str, Any]:
        """The fields that both types have. Raises Refused. One statement with a country."""
        return {**cls.common_args(args, actor, owners.names), "country": cls.stored("country", args.get("country"), actor)}

    @classmethod
    def stored(cls, name: str, text: str | None, actor: Actor) -> str:
        """A text that some record has in this column. Raises Refused naming those there are."""
        if not text:
            return ""
        found = rows(
            f"select {name} from {cls.record_type} where {name} = ? and {name} <> '' and deleted_at is null limit 1", (text,)
        )
        return text if found else one_word(name, text, used_values(cls.record_type, name, actor)) or ""

    def own_args(self) -> dict[str, Any]:
        return {"country": self.country}

    def text_lookup(self) -> Where | None:
        """Also those with a further e-mail or number like it."""
        found = super().text_lookup()
        if found is None:
            return None
        sql, params = found
        for column, value in (("key", email_key(self.text)), ("reversed", _digits(self.text))):
            if value:
                test = "= ?" if column == "key" else ">= ? and reversed < ?"
                sql = f"{sql} union select {self.record_type}_id from contact_point where {column} {test} and {self.record_type}_id is not null"
                params = [*params, value] if column == "key" else [*params, value, value + ":"]
        return sql, params

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        return (self._owner, self._next_step, self._country)

    def _country(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return (f"{alias}.country = ? and {alias}.country <> ''", [self.country]) if self.country else None


@dataclass(frozen=True)
class ContactFilter(PartyFilter):
    """`organisation_id` is a firm, main or further, of the people looked for."""

    record_type: ClassVar[str] = "contact"

    organisation_id: int | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str], actor: Actor, owners: Owners) -> "ContactFilter":
        """The filter that a URL names. Raises Refused for a value that is not known, and says which are."""
        given = cls(organisation_id=_organisation(args.get("organisation"), actor), **cls.party_args(args, actor, owners))
        return with_query(given, args.get("query") or "", party_reader(actor, owners.names), CONTACTS)

    def own_args(self) -> dict[str, Any]:
        return {"organisation": self.organisation_id, **super().own_args()}

    def text_lookup(self) -> Where | None:
        """Also the people of a firm with this text."""
        found = super().text_lookup()
        if found is None:
            return None
        firms, values = lookup_sql("organisation", asked_of(self.text))
        sql = (
            f"{found[0]} union select works.id from contact works"
            f" where works.organisation_id in ({firms}) and works.deleted_at is null"
        )
        return sql, [*found[1], *values]

    def text_test(self, alias: str) -> Where:
        own, params = super().text_test(alias)
        firm, values = has_words_sql("organisation", f"{alias}.organisation_id", asked_of(self.text))
        return f"({own} or {firm})", [*params, *values]

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        return (self._organisation, *super()._parts())

    def _organisation(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        if self.organisation_id is None:
            return None
        sql = (
            f"{alias}.id in (select main.id from contact main where main.organisation_id = ? and main.deleted_at is null"
            " union select employment.contact_id from employment where employment.organisation_id = ?)"
        )
        return sql, [self.organisation_id, self.organisation_id]


@dataclass(frozen=True)
class OrganisationFilter(PartyFilter):
    """`industry` is one as it is stored."""

    record_type: ClassVar[str] = "organisation"

    industry: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str], actor: Actor, owners: Owners) -> "OrganisationFilter":
        """The filter that a URL names. Raises Refused for a value that is not known, and says which are."""
        given = cls(industry=cls.stored("industry", args.get("industry"), actor), **cls.party_args(args, actor, owners))
        return with_query(given, args.get("query") or "", party_reader(actor, owners.names), ORGANISATIONS)

    def own_args(self) -> dict[str, Any]:
        return {"industry": self.industry, **super().own_args()}

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        return (self._industry, *super()._parts())

    def _industry(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return (f"{alias}.industry = ? and {alias}.industry <> ''", [self.industry]) if self.industry else None


FILTERS: dict[str, type[ContactFilter] | type[OrganisationFilter]] = {
    "contact": ContactFilter,
    "organisation": OrganisationFilter,
}


def used_values(record_type: str, column: str, actor: Actor) -> list[str]:
    """The texts that a column has in records that the actor may see, at most MOST_VALUES. One statement.

    Who sees everything gets them from the index, one step a value, however many records there are.
    """
    if actor.sees_all:
        living = f"deleted_at is null and {column} <> ''"
        found = rows(
            f"with recursive used(value) as (select min({column}) from {record_type} where {living} union all"
            f" select (select min({column}) from {record_type} where {living} and {column} > used.value) from used where used.value is not null)"
            f" select value from used where value is not null limit {MOST_VALUES}"
        )
    else:
        sql, params = visible_sql(actor, record_type)
        found = rows(
            f"select distinct {column} from {record_type} where {sql} and {column} <> '' order by {column} limit {MOST_VALUES}",
            params,
        )
    return [str(value) for (value,) in found]


def organisation_name(organisation_id: int, actor: Actor) -> str | None:
    """Of one that the actor may see."""
    sql, params = visible_sql(actor, "organisation")
    found = one(f"select name from organisation where id = ? and {sql}", [organisation_id, *params])
    return str(found[0]) if found else None


def _organisation(text: str | None, actor: Actor) -> int | None:
    if not text:
        return None
    if is_id(text) and organisation_name(int(text), actor) is not None:
        return int(text)
    raise unknown("organisation", text, ())


def _digits(text: str) -> str:
    """The digits of a number from its end, when the text is one."""
    if any(character.isalpha() for character in text):
        return ""
    digits = phone_keys(text, instance().phone_region)[1]
    return digits[:40] if len(digits) >= SHORTEST_END else ""
