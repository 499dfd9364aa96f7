"""The people and organisations that rows of a file name: found in a few statements a batch, or made once each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from leadboard.db import insert_many, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.conversion import first_contact, first_organisation
from leadboard.domain.import_rows import Draft
from leadboard.domain.party_values import derive
from leadboard.domain.record_rows import CONTACT, ORGANISATION, RecordTable, blank_row, insert_rows
from leadboard.events import Change, EventKind
from leadboard.lib.firms import domain_of, firm_key
from leadboard.lib.text import fold, sort_key
from leadboard.models.imports import RowOutcome
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.settings import Instance

CREATED = {"contact": EventKind.CONTACT_CREATED, "organisation": EventKind.ORGANISATION_CREATED}


class Entry(NamedTuple):
    """A record as far as rows can mean it. `apart` tells two of one name apart: a firm's domain, a person's e-mail key."""

    id: int
    name: str
    apart: str
    firm_id: int | None = None


class Known:
    """The records of one table that a batch may mean, by the columns that it was looked up by.

    In a dry run what would have been made stays known until the end, under ids below zero.
    """

    def __init__(self, table: RecordTable, actor: Actor) -> None:
        self.table, self.actor = table, actor
        self._apart, self._firm = ("email_key", "contact.organisation_id") if table is CONTACT else ("domain", "null")
        self._by: dict[str, dict[str, list[Entry]]] = {}
        self._foreseen: list[tuple[Entry, dict[str, str | None]]] = []

    def load(self, column: str, values: Iterable[str | None], *, point: str = "") -> None:
        """Look up those with one of the values; with `point` also those that have it as a further address or number."""
        found = self._by[column] = {}
        wanted = sorted({value for value in values if value})
        if wanted:
            name, places = self.table.name, ", ".join("?" * len(wanted))
            condition, params = visible_sql(self.actor, name)
            kept = "<> ''" if column == "match_key" else "is not null"
            chosen = f"{name}.id, {name}.name, {name}.{self._apart}, {self._firm}"
            for value, *entry in rows(
                f"select {name}.{column}, {chosen} from {name} where {name}.{column} in ({places}) and {name}.{column} {kept}"  # noqa: S608 - ours
                f" and {condition} order by {name}.id",
                [*wanted, *params],
            ):
                found.setdefault(value, []).append(_entry(*entry))
            if point:
                for value, *entry in rows(
                    f"select p.{point}, {chosen} from contact_point p join {name} on {name}.id = p.{name}_id"  # noqa: S608 - ours
                    f" where p.{point} in ({places}) and p.{point} is not null and {condition} order by {name}.id",
                    [*wanted, *params],
                ):
                    found.setdefault(value, []).append(_entry(*entry))
        for one, keys in self._foreseen:
            if value := keys.get(column):
                found.setdefault(value, []).append(one)

    def of(self, column: str, value: str | None) -> list[Entry]:
        return self._by[column].get(value, []) if value else []

    def add(self, entry: Entry, keys: dict[str, str | None], *, is_foreseen: bool) -> None:
        """One that the batch makes."""
        for column, value in keys.items():
            if value and column in self._by:
                self._by[column].setdefault(value, []).append(entry)
        if is_foreseen:
            self._foreseen.append((entry, keys))


def _entry(record_id: int, name: str, apart: str | None, firm_id: int | None) -> Entry:
    return Entry(record_id, fold(name), apart or "", firm_id)


class Maker:
    """Collects the records of one table that a batch makes, and writes them at once. Until then their ids are below zero."""

    def __init__(self, table: RecordTable, run_id: int, instance: Instance) -> None:
        self.table, self.run_id, self.instance = table, run_id, instance
        self._rows: list[tuple[int, dict[str, Any]]] = []
        self._ids: dict[int, int] = {}
        self._last = 0

    def make(self, line_number: int, values: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """(id, row) of a new record with the typed values."""
        row = blank_row(self.table)
        row.update({self.table.fields[name].column: value for name, value in values.items()})
        derive(self.table, row, self.instance)
        self._rows.append((line_number, row))
        self._last -= 1
        return self._last, row

    def write(self, step: Change | None) -> int:
        """Write what was collected, each with its event and its row of the import; how many they were."""
        made, self._rows = self._rows, []
        first = self._last + len(made) - 1
        if step is not None and made:
            name = self.table.name
            ids = insert_rows(self.table, [row for _, row in made])
            record_many(step, CREATED[name], name, [(one, one, {"version": 1, "import": self.run_id}) for one in ids], of=name)
            insert_many(
                "import_row",
                ["run_id", "line_number", "outcome", f"{name}_id", "reasons", "cells"],
                [(self.run_id, line, str(RowOutcome.MADE), one, "", "") for one, (line, _) in zip(ids, made, strict=True)],
            )
            self._ids = {first - index: one for index, one in enumerate(ids)}
        return len(made)

    def id_of(self, record_id: int | None) -> int | None:
        """The id of a record, now that it is written; in a dry run none."""
        return record_id if record_id is None or record_id > 0 else self._ids.get(record_id)


class FirmAsked(NamedTuple):
    """What a row says of an organisation. `phone` is the digits from the end."""

    name: str
    domains: tuple[str, ...] = ()
    phone: str | None = None
    external_id: str | None = None


class Firms:
    """Organisations by what rows say of them: number of elsewhere, name without legal form, domain, phone; in this order.

    A name is the surest of what people type; of several firms of one name the domain decides, else the first one counts.
    """

    def __init__(self, run_id: int, instance: Instance, actor: Actor) -> None:
        self.known, self.maker = Known(ORGANISATION, actor), Maker(ORGANISATION, run_id, instance)

    def load(self, asked: Sequence[FirmAsked]) -> None:
        self.known.load("match_key", (firm_key(one.name) for one in asked if one.name))
        self.known.load("domain", chain.from_iterable(one.domains for one in asked))
        self.known.load("phone_reversed", (one.phone for one in asked), point="reversed")
        self.known.load("external_id", (one.external_id for one in asked))

    def find(self, asked: FirmAsked, *, by_name_only: bool = False) -> tuple[int | None, bool]:
        """The organisation's id, and whether there are several that the row could mean."""
        if found := self.known.of("external_id", asked.external_id):
            return found[0].id, False
        named = self.known.of("match_key", firm_key(asked.name) if asked.name else None)
        found = [one for one in named if one.name == fold(asked.name)] or named
        if len(found) > 1:
            found = [one for one in found if one.apart in asked.domains] or found
        if found:
            return found[0].id, len({one.id for one in found}) > 1
        if by_name_only:
            return None, False
        for domain in asked.domains:
            if found := self.known.of("domain", domain):
                return found[0].id, False
        found = self.known.of("phone_reversed", asked.phone)
        return (found[0].id, False) if found else (None, False)

    def make(self, line_number: int, values: dict[str, Any], *, is_dry: bool) -> int:
        firm_id, row = self.maker.make(line_number, values)
        keys = {name: row[name] for name in ("match_key", "domain", "phone_reversed")}
        self.known.add(Entry(firm_id, fold(row["name"]), row["domain"] or ""), keys, is_foreseen=is_dry)
        return firm_id


class Linker:
    """Links the leads of a batch to the people and organisations that their rows name; with `makes` also to new ones."""

    def __init__(self, run_id: int, instance: Instance, actor: Actor, *, makes: bool) -> None:
        self.instance, self.makes = instance, makes
        self.firms = Firms(run_id, instance, actor)
        self.people, self.maker = Known(CONTACT, actor), Maker(CONTACT, run_id, instance)
        self._counts: Counter[str] = Counter()

    def counted(self) -> dict[str, int]:
        found, self._counts = dict(self._counts), Counter()
        return found

    def link(self, drafts: Sequence[Draft], step: Change | None) -> None:
        firm_ids = self._link_firms(drafts, step)
        self._link_people(drafts, firm_ids, step)

    def _link_firms(self, drafts: Sequence[Draft], step: Change | None) -> list[int | None]:
        asked = [_firm_of(draft.row) for draft in drafts]
        self.firms.load(asked)
        found = []
        for draft, firm in zip(drafts, asked, strict=True):
            firm_id, _ = self.firms.find(firm)
            if firm_id is None and self.makes and firm.name:
                firm_id = self.firms.make(draft.line_number, first_organisation(draft.row), is_dry=step is None)
            found.append(firm_id)
        self._counts["new_organisations"] += self.firms.maker.write(step)
        for draft, firm_id in zip(drafts, found, strict=True):
            draft.row["organisation_id"] = self.firms.maker.id_of(firm_id)
        self._counts["linked"] += sum(one is not None for one in found)
        return found

    def _link_people(self, drafts: Sequence[Draft], firm_ids: Sequence[int | None], step: Change | None) -> None:
        people, language = self.people, self.instance.language
        people.load("email_key", (draft.row["email_key"] for draft in drafts), point="key")
        people.load("phone_reversed", (draft.row["phone_reversed"] for draft in drafts), point="reversed")
        people.load("name_key", (sort_key(draft.row["person_name"], language) for draft in drafts if draft.row["person_name"]))
        found = []
        for draft, firm_id in zip(drafts, firm_ids, strict=True):
            row = draft.row
            key = sort_key(row["person_name"], language) if row["person_name"] else ""
            # Known and made firms of this batch are told apart by the sign of their ids.
            firm_id = self.firms.maker.id_of(firm_id) or firm_id
            person_id = self._find(row, key, firm_id)
            if person_id is None and self.makes and key:
                person_id = self._make(draft, firm_id, is_dry=step is None)
            found.append(person_id)
        self._counts["new_contacts"] += self.maker.write(step)
        for draft, person_id in zip(drafts, found, strict=True):
            draft.row["contact_id"] = self.maker.id_of(person_id)

    def _find(self, row: dict[str, Any], key: str, firm_id: int | None) -> int | None:
        """By e-mail; by phone when nobody else is named, for a firm's people share one; by name within the firm."""
        if found := self.people.of("email_key", row["email_key"]):
            return found[0].id
        name = fold(row["person_name"])
        for one in self.people.of("phone_reversed", row["phone_reversed"]):
            if not name or one.name == name:
                return one.id
        for one in self.people.of("name_key", key):
            if firm_id is not None and one.firm_id == firm_id and not (one.apart and row["email_key"]):
                return one.id
        return None

    def _make(self, draft: Draft, firm_id: int | None, *, is_dry: bool) -> int:
        values = {**first_contact(draft.row), "organisation": draft.row["organisation_id"]}
        person_id, row = self.maker.make(draft.line_number, values)
        keys = {name: row[name] for name in ("email_key", "phone_reversed", "name_key")}
        self.people.add(Entry(person_id, fold(row["name"]), row["email_key"] or "", firm_id), keys, is_foreseen=is_dry)
        return person_id


def _firm_of(row: dict[str, Any]) -> FirmAsked:
    domains = (domain_of(text) for text in (row["website"], row["email"]) if text)
    return FirmAsked(row["organisation_name"], tuple(domain for domain in domains if domain), row["phone_reversed"])
