"""One batch of rows: read, matched against what is there, written. No transaction is opened here."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import insert_many, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.import_names import Names
from leadboard.domain.import_rows import Draft, Reason, RowKind, RowReader
from leadboard.domain.record_rows import RecordTable, reserve_ids
from leadboard.domain.search_words import add_words
from leadboard.errors import N_
from leadboard.events import Change, EventKind
from leadboard.lib.tables import Row, RowProblem
from leadboard.models.import_options import MATCHES_OF, Options
from leadboard.models.imports import RowOutcome

COUNTED = ("created", "rejected", "already_there", "warnings", "without_reason")
# What tells that a row is there already, and which record that is.
_THERE = {
    "lead": N_("Already there: lead #%(id)s %(title)s"),
    "contact": N_("Already there: contact #%(id)s %(title)s"),
    "organisation": N_("Already there: organisation #%(id)s %(title)s"),
}


@dataclass
class Pass:
    """One walk over the rows of a file: dry, or writing records. `seen` finds the same key twice in the file."""

    run_id: int
    reader: RowReader
    names: Names
    options: Options
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def kind(self) -> RowKind:
        return self.reader.kind

    @property
    def table(self) -> RecordTable:
        return self.reader.kind.table

    @property
    def title(self) -> str:
        """The column that names a record of this kind."""
        return "title" if self.table.name == "lead" else "name"

    def read(self, batch: Iterable[Row | RowProblem]) -> list[Draft]:
        """The cells of a batch. Needs no database: done before the transaction, so that writers wait less."""
        return [self._broken(row) if isinstance(row, RowProblem) else self._read(row) for row in batch]

    def _read(self, row: Row) -> Draft:
        draft = self.reader.read(row)
        if row.wrong:
            draft.problems += self.reader.wrong_cells(row)
        return draft

    def _broken(self, row: RowProblem) -> Draft:
        return Draft(row.line_number, [], problems=[("", "%(text)s", {"text": row.message})])

    def settle(self, drafts: Sequence[Draft], step: Change | None) -> None:
        """Names to ids (made with `step`), then rows that are there already: two statements at most."""
        self.kind.settle(drafts, self.names, step)
        self._match_external(drafts)
        if self.options.match and self.options.match != "external_id":
            self._match(drafts, MATCHES_OF[self.table.name][self.options.match])
        self._match_unique(drafts)
        good = [draft for draft in drafts if not draft.problems]
        self.kind.link(good, self.names, step)
        self.counts.update(self.kind.counted())
        self.counts["rejected"] += len(drafts) - len(good)
        self.counts["created"] += len(good)
        self.counts["warnings"] += sum(bool(draft.warnings) for draft in good)
        self.counts["without_reason"] += sum(draft.has_no_reason for draft in good)

    def _match_external(self, drafts: Sequence[Draft]) -> None:
        good = [draft for draft in drafts if not draft.problems and draft.external]
        if not good:
            return
        # SQLite looks each pair up in the index for a join; for `in (values …)` it reads the whole table.
        found = rows(
            f"with wanted (source, number) as (values {', '.join(['(?, ?)'] * len(good))})"  # noqa: S608 - places only
            f" select external_source, external_id, r.id, {self.title} from wanted join {self.table.name} r on external_source = source and external_id = number"
            " where deleted_at is null and external_id is not null",
            [value for draft in good for value in (draft.external or ())],
        )
        known = {(source, number): (record_id, title) for source, number, record_id, title in found}
        for draft in good:
            assert draft.external is not None
            self._refuse_known(draft, "external_id", draft.external, known.get(draft.external))

    def _match_unique(self, drafts: Sequence[Draft]) -> None:
        """Values of custom fields that only one record may have: a look-up each, by the field's index."""
        for name in self.reader.custom.unique:
            for draft in drafts:
                if not draft.problems and draft.custom.get(name) is not None:
                    value = draft.custom[name]
                    self._refuse_known(
                        draft, name, self.reader.custom.key_of(name, value), self.reader.custom.known_as(name, value)
                    )

    def _match(self, drafts: Sequence[Draft], column: str) -> None:
        good = [draft for draft in drafts if not draft.problems and draft.row[column]]
        if not good:
            return
        found = rows(
            f"select {column}, id, {self.title} from {self.table.name} where deleted_at is null and {column} in ({', '.join('?' * len(good))}) order by id desc",  # noqa: S608 - constants
            [draft.row[column] for draft in good],
        )
        known = {key: (record_id, title) for key, record_id, title in found}
        for draft in good:
            self._refuse_known(draft, self.options.match, draft.row[column], known.get(draft.row[column]))

    def _refuse_known(self, draft: Draft, match: str, key: Any, known: tuple[int, str] | None) -> None:
        if known is not None:
            reason: Reason = (
                self.options.column_of(match) or "",
                _THERE[self.table.name],
                {"id": known[0], "title": known[1]},
            )
            draft.problems.append(reason)
            self.counts["already_there"] += 1
            return
        # By hash: a dry run holds every key of the file, and the texts would be three times as large.
        line = self.seen.setdefault(hash((match, key)), draft.line_number)
        if line != draft.line_number:
            column = self.options.column_of(match) or ""
            draft.problems.append((column, N_("The same as line %(line)s of this file"), {"line": line}))

    # ------------------------------------------------------------------------------------------ writing

    def write(self, drafts: Sequence[Draft], step: Change, *, first: int, total: int) -> None:
        """Insert the records of a batch whose first row is row `first` of `total`, with events, notes and what became of each row."""
        good = [(number, draft) for number, draft in enumerate(drafts, first) if not draft.problems]
        ids = self.kind.insert(good, step, total=total)
        record_type = self.table.name
        notes = [(record_id, text) for record_id, (_, draft) in zip(ids, good, strict=True) for text in draft.notes]
        _insert_notes(record_type, notes, step)
        created = str(RowOutcome.CREATED)
        insert_many(
            "import_row",
            ["run_id", "line_number", "outcome", f"{record_type}_id", "reasons", "cells"],
            [
                (self.run_id, draft.line_number, created, record_id, "", draft.later)
                for record_id, (_, draft) in zip(ids, good, strict=True)
            ],
        )
        self.write_rejected(drafts)

    def write_rejected(self, drafts: Sequence[Draft]) -> None:
        insert_many(
            "import_row",
            ["run_id", "line_number", "outcome", "reasons", "cells"],
            [
                (
                    self.run_id, draft.line_number, str(RowOutcome.REJECTED),
                    json.dumps(draft.problems, ensure_ascii=False), json.dumps(draft.cells, ensure_ascii=False),
                )
                for draft in drafts
                if draft.problems
            ],
        )  # fmt: skip


def _insert_notes(record_type: str, notes: Sequence[tuple[int, str]], step: Change) -> None:
    if not notes:
        return
    author_id = step.actor.user_id
    ids = reserve_ids("note", len(notes))
    insert_many(
        "note",
        ["id", f"{record_type}_id", "author_id", "body", "is_pinned", "version", "created_at"],
        [(note_id, record_id, author_id, text, False, 1, step.at) for note_id, (record_id, text) in zip(ids, notes, strict=True)],
    )
    add_words("note", [(note_id, [text]) for note_id, (_, text) in zip(ids, notes, strict=True)])
    record_many(
        step, EventKind.NOTE_ADDED, "note", [(note_id, record_id, {}) for note_id, (record_id, _) in zip(ids, notes, strict=True)],
        of=record_type,
    )  # fmt: skip
