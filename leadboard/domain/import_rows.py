"""From a row of a file to the row of a lead: first its own cells, then the records that its names stand for."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from leadboard.domain.import_cells import KeptAside, read_kept, reader_of
from leadboard.domain.import_custom import CustomReader
from leadboard.domain.import_names import Names, StageRef
from leadboard.domain.import_values import day_of, is_day, is_number, is_whole, read_day, read_moment, read_money, read_whole
from leadboard.domain.lead_rows import blank_row
from leadboard.domain.lead_values import clean, derive
from leadboard.errors import N_, Refused
from leadboard.events import Change
from leadboard.lib.csvcells import unguard_cell
from leadboard.lib.tables import Row
from leadboard.lib.text import clean_line
from leadboard.models.import_fields import IGNORE, NOTE, OTHER, TARGETS
from leadboard.models.import_options import Options
from leadboard.models.pipelines import StageKind
from leadboard.queries.settings import Instance

# (column or "", marked message, its values): shown in the reader's language.
Reason = tuple[str, str, dict[str, Any]]

# Names of records: kept as text until the transaction that may make them.
NAMED = frozenset({"pipeline", "stage", "owner", "owner_email", "source", "lost_reason"})
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
    has_no_reason: bool = False

    @property
    def external(self) -> tuple[str, str] | None:
        return (self.row["external_source"], self.row["external_id"]) if self.row.get("external_id") else None


Setter = Callable[[Draft, str, str], None]


class RowReader:
    """Reads rows of one file by its options. `settle` comes second: it needs the database as it is then."""

    def __init__(
        self, headers: Sequence[str], options: Options, instance: Instance, today: date, default_stage: StageRef
    ) -> None:
        self.options, self.instance, self.today, self.default_stage = options, instance, today, default_stage
        self.headers = headers
        self._blank = blank_row()
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
        """Give the lead its title and keys; without any name its number of elsewhere serves."""
        row = draft.row
        if row["external_id"] and not row["external_source"]:
            row["external_source"] = self.options.external_source or None
        if draft.problems:
            return
        if row["external_id"] and not any(
            row[name] for name in ("title", "person_name", "given_name", "family_name", "organisation_name", "email", "phone")
        ):
            row["title"] = row["external_id"]
        if self.options.owner_id is not None and not draft.names.keys() & {"owner", "owner_email"}:
            row["owner_id"] = self.options.owner_id
        try:
            derive(row, self.instance)
            self.custom.finish(row, draft.custom)
        except Refused as refusal:
            column = self.options.column_of(refusal.field or "") or ""
            draft.problems.append((column, refusal.message, refusal.params))
        if draft.other:
            row["other_columns"] = json.dumps(draft.other, ensure_ascii=False)

    def _setter(self, column: str, target: str) -> Setter:
        """How a cell of this column gets into a draft; settled once a file, not once a row."""
        if target == OTHER:
            return _set_other
        if target == NOTE:
            return _set_note
        if target in NAMED:
            return lambda draft, _, text: draft.names.__setitem__(target, text)
        if target == "other_columns":
            return _set_other_columns
        if target in _LIMITS:
            return lambda draft, _, text: draft.row.__setitem__(target, _line(text, _LIMITS[target]))
        decided = self.options.decided.get(column, "")
        if target in self.custom:
            read = self.custom.reader(target, decided)
            return lambda draft, _, text: draft.custom.__setitem__(target, read(text))
        if TARGETS[target].is_moment:
            return self._moment_setter(target, decided)
        if is_number(target):
            return self._money_setter(target, decided)
        if is_day(target):
            return lambda draft, _, text: draft.row.__setitem__(target, clean(target, read_day(text, decided, self.today)))
        if is_whole(target):
            return lambda draft, _, text: draft.row.__setitem__(target, clean(target, read_whole(text)))
        return _field_setter(target)

    def _moment_setter(self, target: str, decided: str) -> Setter:
        def put(draft: Draft, column: str, text: str) -> None:
            found = read_moment(text, decided, self.instance.time_zone, self.today)
            if found is not None:
                draft.moments[target] = found

        return put

    def _money_setter(self, target: str, decided: str) -> Setter:
        def put(draft: Draft, column: str, text: str) -> None:
            typed = draft.row["value_currency"]
            amount, currency = read_money(text, typed or self.instance.currency, decided)
            if typed and currency != typed:
                raise Refused(
                    N_("“%(text)s” is not in %(currency)s, which this row names."), text=text.strip()[:40], currency=typed
                )
            draft.row[target], draft.row["value_currency"] = clean(target, amount), currency

        return put

    # ------------------------------------------------------------------------------------------ names

    def settle(self, draft: Draft, names: Names, step: Change | None) -> None:
        """Turn names into ids and work out stage and times. Adds to the draft's problems."""
        if draft.problems:
            return
        row, texts = draft.row, draft.names
        stage: StageRef | None = self.default_stage
        if texts:
            self._look_up(
                draft,
                "owner",
                lambda: names.owner(texts.get("owner", ""), texts.get("owner_email", ""), step),
                "owner_id",
                "owner_email",
            )
            self._look_up(draft, "source", lambda: names.source(texts["source"], step), "source_id")
            stage = self._stage_of(draft, names, step)
        if draft.problems or stage is None:
            return
        row["pipeline_id"], row["stage_id"] = stage.pipeline_id, stage.id
        if draft.moments or stage.kind != StageKind.OPEN:
            self._settle_times(draft, stage)
        if stage.kind == StageKind.LOST:
            self._settle_loss(draft, names, step)
        elif "lost_reason" in texts or row["lost_to"]:
            # An open lead cannot have been lost: what the file says is kept aside.
            for target in ("lost_reason", "lost_to"):
                if text := texts.get(target) or (row["lost_to"] if target == "lost_to" else ""):
                    draft.other[self.options.column_of(target) or target] = text
            row["lost_to"] = ""
            row["other_columns"] = json.dumps(draft.other, ensure_ascii=False)

    def _look_up(self, draft: Draft, name: str, find: Callable[[], int], column: str, other_name: str = "") -> None:
        if name not in draft.names and other_name not in draft.names:
            return
        try:
            draft.row[column] = find()
        except Refused as refusal:
            where = self.options.column_of(name) or self.options.column_of(other_name) or ""
            draft.problems.append((where, refusal.message, refusal.params))

    def _stage_of(self, draft: Draft, names: Names, step: Change | None) -> StageRef | None:
        pipeline_id = self.default_stage.pipeline_id
        where = "pipeline"
        try:
            if "pipeline" in draft.names:
                pipeline_id = names.pipeline(draft.names["pipeline"], step)
            where = "stage"
            if "stage" in draft.names:
                return names.stage(draft.names["stage"], pipeline_id, step)
            if pipeline_id == self.default_stage.pipeline_id:
                return self.default_stage
            return next(
                ref for (pipeline, _), ref in names.stages.items() if pipeline == pipeline_id and ref.kind == StageKind.OPEN
            )
        except Refused as refusal:
            draft.problems.append((self.options.column_of(where) or "", refusal.message, refusal.params))
        except StopIteration:
            draft.problems.append(("", N_("The pipeline “%(text)s” has no open stage."), {"text": draft.names["pipeline"]}))
        return None

    def _settle_times(self, draft: Draft, stage: StageRef) -> None:
        row, moments = draft.row, dict(draft.moments)
        closed_at = moments.pop("closed_at", None)
        row.update(moments)
        if stage.kind == StageKind.OPEN:
            if closed_at is not None and row["expected_close_on"] is None:
                # The date on which an open lead closes is a hope.
                row["expected_close_on"] = day_of(closed_at, self.instance.time_zone)
            return
        row["closed_at"] = closed_at or moments.get("stage_entered_at") or row["created_at"]
        if closed_at is not None and "stage_entered_at" not in moments:
            row["stage_entered_at"] = closed_at

    def _settle_loss(self, draft: Draft, names: Names, step: Change | None) -> None:
        text = draft.names.get("lost_reason", "")
        try:
            draft.row["lost_reason_id"] = names.reason(text, step)
        except Refused as refusal:
            draft.problems.append((self.options.column_of("lost_reason") or "", refusal.message, refusal.params))
        draft.has_no_reason = not text


def _set_other(draft: Draft, column: str, text: str) -> None:
    draft.other[column] = read_kept(text)


def _set_note(draft: Draft, column: str, text: str) -> None:
    if kept := read_kept(text):
        draft.notes.append(kept)


def _set_other_columns(draft: Draft, column: str, text: str) -> None:
    """What an export wrote of a lead's other columns: JSON. Anything else is one such column itself."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        draft.other.update({str(key): str(value) for key, value in found.items()})
    else:
        _set_other(draft, column, text)


def _field_setter(target: str) -> Setter:
    read = reader_of(target)

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
