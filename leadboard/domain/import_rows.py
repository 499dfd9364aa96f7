"""From a row of a file to the row of a record: its own cells. What names in it stand for is settled by its kind of rows.

import_leads.py and import_parties.py are those kinds.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from leadboard.domain.field_values import clean_value
from leadboard.domain.import_cells import KeptAside, read_kept, reader_of
from leadboard.domain.import_custom import CustomReader
from leadboard.domain.import_names import Names
from leadboard.domain.import_points import PointText, read_points
from leadboard.domain.import_values import is_day, is_number, is_whole, read_day, read_moment, read_money, read_whole
from leadboard.domain.points import MOST_POINTS, Point, keys_of, once_each
from leadboard.domain.record_rows import RecordTable
from leadboard.errors import N_, Refused
from leadboard.events import Change
from leadboard.lib.csvcells import unguard_cell
from leadboard.lib.tables import Row
from leadboard.lib.text import clean_line
from leadboard.models.contact_points import PointKind
from leadboard.models.import_fields import IGNORE, MORE_EMAILS, MORE_PHONES, NOTE, OTHER, TAGS, TARGETS_OF
from leadboard.models.import_options import Options
from leadboard.models.record_fields import FieldKind, RecordField
from leadboard.queries.settings import Instance

# (column or "", marked message, its values): shown in the reader's language.
Reason = tuple[str, str, dict[str, Any]]

# Names of records: kept as text until the transaction that may make them.
NAMED = frozenset(
    {
        "pipeline",
        "stage",
        "owner_email",
        "lost_reason",
        "organisation_external_id",
        "parent_external_id",
        "employments",
        "is_primary",
    }
)
_RECORDS = {FieldKind.USER, FieldKind.SOURCE, FieldKind.ORGANISATION}
_FURTHER = {MORE_EMAILS: PointKind.EMAIL, MORE_PHONES: PointKind.PHONE}
_LIMITS = {"lost_to": 120, "external_source": 40, "external_id": 120}


@dataclass(slots=True)
class Draft:
    """A row on its way in. With `problems` it is rejected; a warning keeps the cell aside and lets the row in."""

    line_number: int
    cells: list[str]
    row: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    moments: dict[str, int] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Reason] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)
    points: list[PointText] = field(default_factory=list)
    # Cells of tags, each with its column; then their ids.
    named_tags: list[tuple[str, str]] = field(default_factory=list)
    tag_ids: list[int] = field(default_factory=list)
    named_firms: list[tuple[str, str]] = field(default_factory=list)
    firms: list[tuple[int, str]] = field(default_factory=list)
    has_no_reason: bool = False
    # What is settled when all rows are in, as JSON.
    later: str = ""

    @property
    def external(self) -> tuple[str, str] | None:
        return (self.row["external_source"], self.row["external_id"]) if self.row.get("external_id") else None

    def keep_aside(self, column: str, text: str, message: str, params: dict[str, Any]) -> None:
        """Let the row in without a cell: it goes to the other columns, with a warning."""
        self.other[column] = text
        self.warnings.append((column, message, params))
        self.row["other_columns"] = json.dumps(self.other, ensure_ascii=False)


Setter = Callable[[Draft, str, str], None]


class RowKind(Protocol):
    """What differs between rows of leads, contacts and organisations."""

    @property
    def table(self) -> RecordTable: ...

    @property
    def naming(self) -> tuple[str, ...]:
        """Any of these names the record; without one its number of elsewhere is put into the first."""

    def blank(self) -> dict[str, Any]: ...

    def derive(self, row: dict[str, Any]) -> None:
        """Fill the columns that follow from typed ones. Raises Refused without a name."""

    def settle(self, drafts: Sequence[Draft], names: Names, step: Change | None) -> None:
        """Turn names into ids, made with `step` where they may be; adds to the problems of drafts."""

    def link(self, good: Sequence[Draft], names: Names, step: Change | None) -> None:
        """Find the people, organisations and tags that rows name, or make them with `step`. Adds warnings, never problems."""

    def insert(self, good: Sequence[tuple[int, Draft]], step: Change, *, total: int) -> list[int]:
        """Write the records, each with the number of its row among `total`, and their events; their ids."""

    def counted(self) -> dict[str, int]:
        """How many further records were made since it was asked last, or would be: {name of the count: number}."""


class RowReader:
    """Reads rows of one file by its options."""

    def __init__(self, headers: Sequence[str], options: Options, instance: Instance, today: date, kind: RowKind) -> None:
        self.options, self.instance, self.today, self.kind = options, instance, today, kind
        self.headers = headers
        self._blank = kind.blank()
        self.custom = CustomReader(options, instance, today)
        setters: list[tuple[bool, int, str, Setter]] = []
        for index, column in enumerate(headers):
            target = options.mapping.get(column, OTHER)
            if target != IGNORE:
                # Amounts come last: they need the row's currency.
                setters.append((is_number(target), index, column, self._setter(column, target)))
        self._setters = [entry[1:] for entry in sorted(setters, key=lambda entry: entry[:2])]

    # ------------------------------------------------------------------------------------------ cells

    def read(self, row: Row) -> Draft:
        draft = Draft(row.line_number, row.cells, dict(self._blank))
        for index, column, setter in self._setters:
            text = row.cells[index]
            if not text or text.isspace():
                continue
            if self.options.unguard and text[0] == "'":
                text = unguard_cell(text)
            try:
                setter(draft, column, text)
            except Refused as refusal:
                draft.problems.append((column, refusal.message, refusal.params))
            except KeptAside as aside:
                draft.other[column] = read_kept(text)
                draft.warnings.append((column, aside.message, aside.params))
        self._name(draft)
        return draft

    def wrong_cells(self, row: Row) -> list[Reason]:
        """What the reader of the file could not read, of columns that are wanted."""
        wrong = [(self.headers[index], message) for index, message in row.wrong]
        return [
            (column, "%(text)s", {"text": message})
            for column, message in wrong
            if self.options.mapping.get(column, OTHER) != IGNORE
        ]

    def _name(self, draft: Draft) -> None:
        """Give the record its name and keys; without any name its number of elsewhere serves."""
        row = draft.row
        if row["external_id"] and not row["external_source"]:
            row["external_source"] = self.options.external_source or None
        if draft.problems:
            return
        if draft.points:
            self._first_points(draft)
        if (firm := draft.names.get("organisation")) and not any(row[name] for name in self.kind.naming if name != "phone"):
            row[self.kind.naming[0]] = firm  # its card in an address book
        if row["external_id"] and not any(row[name] for name in self.kind.naming):
            row[self.kind.naming[0]] = row["external_id"]
        if self.options.owner_id is not None and not draft.names.keys() & {"owner", "owner_email"}:
            row["owner_id"] = self.options.owner_id
        try:
            self.kind.derive(row)
            self.custom.finish(row, draft.custom)
        except Refused as refusal:
            column = self.options.column_of(refusal.field or "") or ""
            draft.problems.append((column, refusal.message, refusal.params))
        if draft.other:
            row["other_columns"] = json.dumps(draft.other, ensure_ascii=False)

    def _first_points(self, draft: Draft) -> None:
        """A record without a main address or number gets its first further one."""
        for kind in PointKind:
            if not draft.row[kind] and (found := next((point for point in draft.points if point.kind == kind), None)):
                try:
                    draft.row[kind] = clean_value(self.kind.table.fields[kind], found.text)
                except Refused:
                    continue  # a number longer than the main field has room for
                draft.points.remove(found)

    def _setter(self, column: str, target: str) -> Setter:
        """How a cell of this column gets into a draft; settled once a file, not once a row."""
        if target == OTHER:
            return _set_other
        if target == NOTE:
            return _set_note
        decided = self.options.decided.get(column, "")
        if target in self.custom:
            read = self.custom.reader(target, decided)
            return lambda draft, _, text: draft.custom.__setitem__(target, read(text))
        if target in _FURTHER:
            return _points_setter(column, _FURTHER[target])
        if target == TAGS:
            return lambda draft, column, text: draft.named_tags.append((column, read_kept(text)))
        if target in NAMED or TARGETS_OF[self.kind.table.name][target].kind in _RECORDS:
            return lambda draft, _, text: draft.names.__setitem__(target, text)
        if target == "other_columns":
            return _set_other_columns
        if target in _LIMITS:
            return lambda draft, _, text: draft.row.__setitem__(target, _line(text, _LIMITS[target]))
        if TARGETS_OF[self.kind.table.name][target].is_moment:
            return self._moment_setter(target, decided)
        if is_number(target):
            return self._money_setter(target, decided)
        field = self.kind.table.fields[target]
        if target in list(PointKind):
            return _main_setter(field, PointKind(target))
        if is_day(target):
            return lambda draft, _, text: draft.row.__setitem__(target, clean_value(field, read_day(text, decided, self.today)))
        if is_whole(target):
            return lambda draft, _, text: draft.row.__setitem__(target, clean_value(field, read_whole(text)))
        return _field_setter(field)

    def _moment_setter(self, target: str, decided: str) -> Setter:
        def put(draft: Draft, column: str, text: str) -> None:
            found = read_moment(text, decided, self.instance.time_zone, self.today)
            if found is not None:
                draft.moments[target] = found

        return put

    def _money_setter(self, target: str, decided: str) -> Setter:
        field = self.kind.table.fields[target]

        def put(draft: Draft, column: str, text: str) -> None:
            typed = draft.row["value_currency"]
            amount, currency = read_money(text, typed or self.instance.currency, decided)
            if typed and currency != typed:
                raise Refused(
                    N_("“%(text)s” is not in %(currency)s, which this row names."), text=text.strip()[:40], currency=typed
                )
            draft.row[target], draft.row["value_currency"] = clean_value(field, amount), currency

        return put


def _set_other(draft: Draft, column: str, text: str) -> None:
    draft.other[column] = read_kept(text)


def _set_note(draft: Draft, column: str, text: str) -> None:
    if kept := read_kept(text):
        draft.notes.append(kept)


def _set_other_columns(draft: Draft, column: str, text: str) -> None:
    """What an export wrote of a record's other columns: JSON. Anything else is one such column itself."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        draft.other.update({str(key): str(value) for key, value in found.items()})
    else:
        _set_other(draft, column, text)


def _points_setter(column: str, kind: PointKind) -> Setter:
    """What is no address is kept aside, the others count."""

    def put(draft: Draft, _: str, text: str) -> None:
        found, wrong = read_points(text, kind, column)
        draft.points += found
        if wrong is not None:
            raise KeptAside(wrong.message, None, **wrong.params)

    return put


def _main_setter(field: RecordField, kind: PointKind) -> Setter:
    """Of several in one cell the first is the main one, the others are further ones."""
    read = reader_of(field)

    def put(draft: Draft, column: str, text: str) -> None:
        try:
            draft.row[kind] = read(text)
        except KeptAside:
            found, wrong = read_points(text, kind)
            if wrong is not None:
                raise
            draft.row[kind] = clean_value(field, found[0].text)
            draft.points += found[1:]

    return put


def _field_setter(field: RecordField) -> Setter:
    read, target = reader_of(field), field.name

    def put(draft: Draft, column: str, text: str) -> None:
        try:
            draft.row[target] = read(text)
        except KeptAside as aside:
            draft.row[target] = aside.value
            raise

    return put


def _line(text: str, limit: int) -> str:
    try:
        return clean_line(text, limit)
    except ValueError as error:
        raise Refused(N_("This is too long: at most %(limit)d characters."), limit=limit) from error


def settle_owner(draft: Draft, names: Names, step: Change | None, options: Options) -> None:
    """The owner that a row names, by name or e-mail."""
    texts = draft.names
    if texts.keys() & {"owner", "owner_email"}:
        look_up(
            draft, options, ("owner", "owner_email"), "owner_id",
            lambda: names.owner(texts.get("owner", ""), texts.get("owner_email", ""), step),
        )  # fmt: skip


def look_up(draft: Draft, options: Options, targets: Sequence[str], column: str, find: Callable[[], int]) -> None:
    """Put the id of what a row names into its column; a refusal names the file's column."""
    try:
        draft.row[column] = find()
    except Refused as refusal:
        where = next((found for target in targets if (found := options.column_of(target))), "")
        draft.problems.append((where, refusal.message, refusal.params))


def check_points(draft: Draft) -> None:
    """Adds to the problems of the draft."""
    if len(draft.points) > MOST_POINTS:
        draft.problems.append(("", N_("At most %(most)d addresses and numbers fit."), {"most": MOST_POINTS}))


def points_of(draft: Draft) -> list[Point]:
    """The further ones: without doubles, and without what is the main one."""
    mains = {(str(kind), keys_of(kind, draft.row[kind])[0] or draft.row[kind]) for kind in PointKind if draft.row[kind]}
    points = once_each([Point(str(one.kind), one.text, one.label) for one in draft.points])
    return [point for point in points if (point.kind, keys_of(point.kind, point.text)[0] or point.text) not in mains]
