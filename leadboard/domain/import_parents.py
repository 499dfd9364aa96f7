"""What organisations of a file are part of: settled when all rows are in, for the firm above may come after those below it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import execute, execute_many, one, rows
from leadboard.domain.import_links import FirmAsked, Firms
from leadboard.domain.import_parties import PartyRows
from leadboard.domain.party_values import MOST_PARENTS
from leadboard.events import Change, change
from leadboard.lib.text import fold
from leadboard.models.import_options import Options
from leadboard.permissions import Actor
from leadboard.queries.settings import Instance

BATCH = 500


@dataclass
class Parents:
    """The links upwards of one import; `above` remembers the parents that were looked at."""

    run_id: int
    options: Options
    firms: Firms
    above: dict[int, int | None] = field(default_factory=dict)
    made: int = 0
    kept_aside: int = 0

    def link_all(self, actor: Actor, change_set_id: int | None) -> None:
        """A batch a transaction; what is settled is not looked at again after a crash."""
        after = 0
        while True:
            with change(actor, "import.run", change_set_id=change_set_id) as step:
                batch = rows(
                    "select id, line_number, organisation_id, cells from import_row where run_id = ? and outcome = 'created'"
                    " and cells <> '' and id > ? order by id limit ?",
                    (self.run_id, after, BATCH),
                )
                if not batch:
                    return
                after = batch[-1][0]
                self._link([(line, firm_id, json.loads(cells)) for _, line, firm_id, cells in batch], step)
                execute_many("update import_row set cells = '' where id = ?", [(row_id,) for row_id, *_ in batch])

    def _link(self, batch: Sequence[tuple[int, int, Mapping[str, str]]], step: Change) -> None:
        asked = [FirmAsked(said.get("parent", ""), external_id=said.get("parent_external_id")) for _, _, said in batch]
        self.firms.load(asked)
        found = []
        for (line, _, _), firm in zip(batch, asked, strict=True):
            parent_id, _ = self.firms.find(firm, by_name_only=True)
            if parent_id is None and firm.name and "organisations" in self.options.create:
                parent_id = self.firms.make(line, {"name": firm.name}, is_dry=False)
            found.append(parent_id)
        self.made += self.firms.maker.write(step)
        for (_, firm_id, said), kept in zip(batch, found, strict=True):
            parent_id = self.firms.maker.id_of(kept)
            if parent_id is None or self._is_ring(firm_id, parent_id):
                self._keep_aside(firm_id, said)
            else:
                execute("update organisation set parent_id = ? where id = ?", (parent_id, firm_id))
                self.above[firm_id] = parent_id

    def _is_ring(self, firm_id: int, parent_id: int) -> bool:
        above: int | None = parent_id
        for _ in range(MOST_PARENTS + 1):
            if above == firm_id:
                return True
            if above is None:
                return False
            if above not in self.above:
                found = one("select parent_id from organisation where id = ?", (above,))
                self.above[above] = found[0] if found else None
            above = self.above[above]
        return True

    def _keep_aside(self, firm_id: int, said: Mapping[str, str]) -> None:
        self.kept_aside += 1
        found = one("select other_columns from organisation where id = ?", (firm_id,))
        other: dict[str, Any] = json.loads(found[0]) if found and found[0] else {}
        for target, text in said.items():
            other[self.options.column_of(target) or target] = text
        execute("update organisation set other_columns = ? where id = ?", (json.dumps(other, ensure_ascii=False), firm_id))


def link_parents(run_id: int, options: Options, settings: Instance, actor: Actor, change_set_id: int | None) -> dict[str, int]:
    """Settle the links upwards; the counts that it adds."""
    parents = Parents(run_id, options, Firms(run_id, settings, actor))
    parents.link_all(actor, change_set_id)
    return {"new_organisations": parents.made, "warnings": parents.kept_aside}


def judge_parents(kind: PartyRows) -> dict[str, int]:
    """The same counts for a dry run: parents that are neither in the file nor here, and rings."""
    above: dict[str, str] = {}
    for name, parent in kind.parents:
        above.setdefault(name, fold(parent))
    unknown = {fold(text): text for _, text in kind.parents if fold(text) not in kind.names}
    missing = set(unknown) - {folded for folded, text in unknown.items() if _is_known(kind.firms, text)}
    makes = "organisations" in kind.options.create
    aside = 0 if makes else sum(fold(parent) in missing for _, parent in kind.parents)
    linked: dict[str, str] = {}
    for name, parent in above.items():
        if _closes_ring(linked, name, parent):
            aside += 1
        else:
            linked[name] = parent
    return {"new_organisations": len(missing) if makes else 0, "warnings": aside}


def _is_known(firms: Firms, text: str) -> bool:
    asked = FirmAsked(text)
    firms.load([asked])
    return firms.find(asked, by_name_only=True)[0] is not None


def _closes_ring(linked: Mapping[str, str], name: str, parent: str) -> bool:
    above: str | None = parent
    for _ in range(MOST_PARENTS + 1):
        if above is None or above == name:
            return above == name
        above = linked.get(above)
    return True
