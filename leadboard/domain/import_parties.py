"""Rows of contacts and of organisations: the firms that they name, their further addresses and numbers."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from leadboard.db import execute_many, insert_many
from leadboard.domain.bulk_events import record_many
from leadboard.domain.field_values import clean_value
from leadboard.domain.import_links import CREATED, FirmAsked, Firms
from leadboard.domain.import_names import Names
from leadboard.domain.import_rows import Draft, check_points, points_of, settle_owner
from leadboard.domain.party_values import derive
from leadboard.domain.points import insert_points
from leadboard.domain.record_rows import CONTACT, RecordTable, blank_row, insert_rows
from leadboard.domain.relations import MOST_FIRMS
from leadboard.errors import N_, Refused
from leadboard.events import Change
from leadboard.lib.firms import domain_of
from leadboard.lib.point_cells import read_labelled
from leadboard.lib.text import fold
from leadboard.models.import_options import Options
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
from leadboard.permissions import Actor
from leadboard.queries.settings import Instance

NOT_THERE = N_("There is no organisation “%(text)s”.")
SEVERAL = N_("Several organisations are called “%(text)s”: the first one is used.")
_YES = frozenset({"yes", "true", "1", "x"})


class PartyRows:
    """`names` and `parents` of a dry run hold what the organisations of the file are called and part of."""

    def __init__(self, run_id: int, table: RecordTable, options: Options, instance: Instance, actor: Actor) -> None:
        self.run_id, self.table, self.options, self.instance = run_id, table, options, instance
        self.naming: tuple[str, ...] = ("name", "given_name", "family_name", "email", "phone") if table is CONTACT else ("name",)
        self.firms = Firms(run_id, instance, actor)
        self.names: set[str] = set()
        self.parents: list[tuple[str, str]] = []
        self._counts: Counter[str] = Counter()

    def blank(self) -> dict[str, Any]:
        return blank_row(self.table)

    def derive(self, row: dict[str, Any]) -> None:
        derive(self.table, row, self.instance)

    def counted(self) -> dict[str, int]:
        found, self._counts = dict(self._counts), Counter()
        return found

    # ------------------------------------------------------------------------------------------ names

    def settle(self, drafts: Sequence[Draft], names: Names, step: Change | None) -> None:
        for draft in drafts:
            if draft.problems:
                continue
            draft.row.update(draft.moments)
            settle_owner(draft, names, step, self.options)
            self._check_names(draft)
            check_points(draft)

    def _check_names(self, draft: Draft) -> None:
        """A firm's name that is too long is no name; a line of further firms likewise."""
        for target, field in (("organisation", ORGANISATION_FIELDS["name"]), ("parent", ORGANISATION_FIELDS["name"])):
            if text := draft.names.get(target):
                try:
                    draft.names[target] = clean_value(field, text)
                except Refused as refusal:
                    draft.problems.append((self.options.column_of(target) or "", refusal.message, refusal.params))
        if text := draft.names.get("employments"):
            try:
                lines = [read_labelled(line.strip()) for line in text.splitlines() if line.strip()]
                if len(lines) > MOST_FIRMS:
                    raise Refused(N_("A person is at %(most)d firms at most."), most=MOST_FIRMS)
                draft.named_firms = [
                    (clean_value(ORGANISATION_FIELDS["name"], name), clean_value(CONTACT_FIELDS["job_title"], title))
                    for name, title in lines
                ]
            except Refused as refusal:
                draft.problems.append((self.options.column_of("employments") or "", refusal.message, refusal.params))

    def link(self, good: Sequence[Draft], names: Names, step: Change | None) -> None:
        if self.table is CONTACT:
            self._link_firms(good, step)
            return
        for draft in good:
            parent = {name: draft.names[name] for name in ("parent", "parent_external_id") if draft.names.get(name)}
            if parent:
                draft.later = json.dumps(parent, ensure_ascii=False)
            if step is None:
                self.names.add(fold(draft.row["name"]))
                if text := parent.get("parent"):
                    self.parents.append((fold(draft.row["name"]), text))

    def _link_firms(self, good: Sequence[Draft], step: Change | None) -> None:
        """The main firm of each contact and further ones; made once each when the options say so, else kept aside."""
        asked: list[tuple[Draft, FirmAsked, str | None]] = []
        for draft in good:
            name, number = draft.names.get("organisation", ""), draft.names.get("organisation_external_id")
            if name or number:
                domain = domain_of(draft.row["email"]) if draft.row["email"] else None
                asked.append((draft, FirmAsked(name, (domain,) if domain else (), None, number), None))
            asked += [(draft, FirmAsked(name), title) for name, title in draft.named_firms]
        self.firms.load([one for _, one, _ in asked])
        found = [self._firm_of(draft, one, title is None, is_dry=step is None) for draft, one, title in asked]
        self._counts["new_organisations"] += self.firms.maker.write(step)
        for (draft, _, title), kept in zip(asked, found, strict=True):
            firm_id = self.firms.maker.id_of(kept)
            if firm_id is not None and title is None:
                draft.row["organisation_id"] = firm_id
            elif firm_id is not None:
                draft.firms.append((firm_id, title or ""))

    def _firm_of(self, draft: Draft, asked: FirmAsked, is_main: bool, *, is_dry: bool) -> int | None:
        target = "organisation" if is_main else "employments"
        column = self.options.column_of(target) or self.options.column_of("organisation_external_id") or target
        # What an address says of a firm that has another name is no reason to put somebody there.
        firm_id, has_several = self.firms.find(asked, by_name_only=bool(asked.name))
        shown = asked.name or asked.external_id or ""
        if firm_id is not None:
            if has_several:
                draft.warnings.append((column, SEVERAL, {"text": shown}))
            return firm_id
        if "organisations" in self.options.create and asked.name:
            values = {"name": asked.name, "owner": draft.row["owner_id"]}
            return self.firms.make(draft.line_number, values, is_dry=is_dry)
        draft.keep_aside(column, shown, NOT_THERE, {"text": shown})
        return None

    # ------------------------------------------------------------------------------------------ writing

    def insert(self, good: Sequence[tuple[int, Draft]], step: Change, *, total: int) -> list[int]:
        """With events that carry no values, as those of leads."""
        drafts = [draft for _, draft in good]
        ids = insert_rows(self.table, [draft.row for draft in drafts])
        name = self.table.name
        record_many(step, CREATED[name], name, [(one, one, {"version": 1, "import": self.run_id}) for one in ids], of=name)
        insert_points(name, [(one, points_of(draft)) for one, draft in zip(ids, drafts, strict=True)], step.at)
        if self.table is CONTACT:
            self._insert_firms(ids, drafts, step)
        return ids

    def _insert_firms(self, ids: Sequence[int], drafts: Sequence[Draft], step: Change) -> None:
        insert_many(
            "employment",
            ["contact_id", "organisation_id", "job_title", "created_at"],
            [
                (one, firm_id, title, step.at)
                for one, draft in zip(ids, drafts, strict=True)
                for firm_id, title in dict(draft.firms).items()
                if firm_id != draft.row["organisation_id"]
            ],
        )
        first = [
            (one, draft.row["organisation_id"])
            for one, draft in zip(ids, drafts, strict=True)
            if draft.row["organisation_id"] and fold(draft.names.get("is_primary", "")) in _YES
        ]
        execute_many("update organisation set primary_contact_id = ? where id = ? and primary_contact_id is null", first)
