"""What the pages of the import wizard show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from leadboard.domain.import_custom import archived_columns, needed_fields
from leadboard.domain.import_files import FileShape
from leadboard.domain.import_formats import described, find_importer, importers
from leadboard.domain.import_names import MAY_BE_MADE
from leadboard.domain.import_undo import ChangedRecord
from leadboard.errors import N_
from leadboard.forms.custom_inputs import reader_context
from leadboard.forms.leads import Choices, LeadForm, lead_form
from leadboard.http import formats
from leadboard.models.import_fields import FIRST_RECORD, GROUP_LABELS, IGNORE, NOTE, OTHER, TARGETS_OF, TargetGroup
from leadboard.models.import_options import Options
from leadboard.models.imports import ImportState
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.imports import ImportSummary, RejectedRow, Run
from leadboard.web.parties.kinds import record_url

# A file of thousands of columns would be a page of thousands of lists; what comes after is kept aside.
MOST_COLUMNS = 150
STATES = {
    ImportState.UPLOADED: (N_("Waiting for its columns"), "amber"),
    ImportState.CHECKING: (N_("Checking"), "blue"),
    ImportState.CHECKED: (N_("Checked, not imported"), "amber"),
    ImportState.RUNNING: (N_("Importing"), "blue"),
    ImportState.DONE: (N_("Imported"), "green"),
    ImportState.UNDOING: (N_("Being taken back"), "blue"),
    ImportState.UNDONE: (N_("Taken back"), "grey"),
}
MADE = {
    "stages": N_("stages"), "owners": N_("owners"), "sources": N_("sources"), "reasons": N_("lost reasons"), "tags": N_("tags"), "pipelines": N_("pipelines"),
    "contacts": N_("contacts"), "organisations": N_("organisations"),
}  # fmt: skip
# What a row is: its name in the plural.
RECORDS = {"lead": N_("Leads"), "contact": N_("Contacts"), "organisation": N_("Organisations")}
STEPS = (N_("File"), N_("Columns"), N_("Check"), N_("Import"))


def say(message: str, params: Mapping[str, Any]) -> str:
    """A kept message in the reader's language."""
    return str(gettext(message, **params))


def kept_error(text: str | None) -> tuple[str | None, str] | None:
    """(field, message) of the error that a walk ended with."""
    if not text:
        return None
    name, message, params = json.loads(text)
    return name, say(message, params)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


def target_choices(record_type: str) -> list[tuple[str, list[Choice]]]:
    """Where a column can go, under headings."""
    groups: dict[str, list[Choice]] = {
        "": [
            Choice(OTHER, gettext("Keep under Other columns")),
            Choice(IGNORE, gettext("Leave out")),
            Choice(NOTE, gettext("Note")),
        ]
    }
    for group in TargetGroup:
        label = gettext(GROUP_LABELS[group])
        targets = TARGETS_OF[record_type].values()
        if chosen := [Choice(target.name, gettext(target.label)) for target in targets if target.group == group]:
            groups[label] = chosen
    if custom := custom_fields(None, record_type).editable:
        groups[gettext("More fields")] = [Choice(name, field.label) for name, field in custom.items()]
    return list(groups.items())


@dataclass(frozen=True)
class Column:
    index: int
    name: str
    target: str
    samples: list[str]
    error: str = ""


@dataclass
class IndexPage:
    form: Any
    imports: list[ImportSummary]
    records: dict[str, str]
    states: dict[str, tuple[str, str]]
    most_mb: int
    formats: list[str]
    accept: str


@dataclass
class StepPage:
    """One step of the wizard; `step` is 1 to 4."""

    run: Run
    file_name: str
    step: int

    @property
    def record_type(self) -> str:
        return self.run.options.record_type

    @property
    def is_of_leads(self) -> bool:
        return self.record_type == FIRST_RECORD

    def url_of(self, record_id: int) -> str:
        return record_url(self.record_type, record_id)

    def counted(self, number: int) -> str:
        """ "3 contacts": so many of what a row of this file is."""
        return counted(self.record_type, number)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """(label, done, current or "") of the line of steps."""
        return [
            (gettext(label), "done" if number < self.step else "current" if number == self.step else "")
            for number, label in enumerate(STEPS, 1)
        ]

    @property
    def read_as(self) -> str:
        """How the file is read, in a few words."""
        return described(self.run.options.importer, self.run.options.reader)

    @property
    def way_back(self) -> str:
        """The text of the link to the questions about the file, when its format has any."""
        found = find_importer(self.run.options.importer)
        return gettext(found.way_back) if found is not None and found.way_back else ""


# A line of the file in pieces; true for those with letters beyond ASCII, which tell whether the encoding is right.
Peek = list[tuple[bool, str]]


@dataclass
class ReadingPage(StepPage):
    """The questions about a file; `peeks` are the lines that choices show: by option, then by choice."""

    form: Any
    helps: dict[str, str]
    peeks: dict[str, dict[str, list[Peek]]]


def peek(line: str, *, marked: bool) -> Peek:
    if not marked:
        return [(False, line)]
    pieces: Peek = []
    for character in line:
        is_telling = not character.isascii()
        if pieces and pieces[-1][0] == is_telling:
            pieces[-1] = (is_telling, pieces[-1][1] + character)
        else:
            pieces.append((is_telling, character))
    return pieces


def format_choices() -> list[tuple[str, str]]:
    """(key, label) of every reader of files."""
    return [(importer.key, gettext(importer.label)) for importer in importers()]


def accepted_files() -> str:
    """What the browser offers first when a file is chosen."""
    known = importers()
    suffixes = [suffix for importer in known for suffix in importer.suffixes]
    return ",".join(dict.fromkeys([*suffixes, *(media for importer in known for media in importer.media_types)]))


@dataclass
class ColumnsPage(StepPage):
    form: Any
    columns: list[Column]
    left_over: int
    choices: list[tuple[str, list[Choice]]]
    remembered: bool
    may_create: bool
    filling: LeadForm

    @property
    def archived(self) -> list[str]:
        """The columns left out because their fields are archived."""
        left_out = [column.name for column in self.columns if column.target == IGNORE]
        return archived_columns(left_out, self.run.options.record_type)

    @property
    def records(self) -> list[tuple[str, str]]:
        """(record type, label) of what the rows may be."""
        return [(name, gettext(label)) for name, label in RECORDS.items()]


@dataclass(frozen=True)
class Filling:
    """What rows get that leave empty what every record needs: a form of these fields."""

    form: LeadForm
    choices: Choices

    def given(self, sent: Mapping[str, str]) -> dict[str, Any] | None:
        """{field: value}; None when something cannot be taken, which its field then says."""
        return self.form.typed(self.choices, sent)


def counted(record_type: str, number: int) -> str:
    """So many leads, contacts or organisations."""
    n = formats().number(number)
    if record_type == "contact":
        return str(ngettext("%(n)s contact", "%(n)s contacts", number, n=n))
    if record_type == "organisation":
        return str(ngettext("%(n)s organisation", "%(n)s organisations", number, n=n))
    return str(ngettext("%(n)s lead", "%(n)s leads", number, n=n))


def filling_form(options: Options) -> Filling:
    """Not of a unique field: every row would have the same."""
    fmt, context = formats(), reader_context()
    fields = [one for one in needed_fields(options.record_type) if not one.definition.is_unique]
    choices = Choices((), (), fmt.locale, fmt.currency, fmt.today)
    texts = {one.name: one.to_input(options.fill.get(one.name), context) for one in fields}
    return Filling(lead_form([one.name for one in fields], choices, texts), choices)


@dataclass
class ResultPage(StepPage):
    """The dry run, or the run when it is done."""

    counts: dict[str, int]
    made: list[str]
    rejected: list[RejectedRow]
    error: str = ""
    created: list[tuple[int, str]] = field(default_factory=list)
    left: int = 0
    say: Any = say

    @property
    def is_undone(self) -> bool:
        return self.run.state == ImportState.UNDONE

    @property
    def board_url(self) -> str:
        """The board that the leads came to; after an undo it may be gone."""
        pipeline_id = self.run.options.pipeline_id
        return "/" if self.is_undone or not pipeline_id else url_for("board.show", pipeline_id=pipeline_id)

    @property
    def linked(self) -> int:
        """How many leads were linked to an organisation."""
        return self.counts.get("linked", 0)

    @property
    def lacks_names(self) -> bool:
        """Whether rows are rejected for a name that the import could make if it were let."""
        return any(message in MAY_BE_MADE for row in self.rejected for _, message, _ in row.reasons)


@dataclass
class ProgressPage(StepPage):
    text: str
    total: int
    has_stopped: bool


@dataclass
class UndoPage(StepPage):
    created: int
    changed_count: int
    changed: list[ChangedRecord]


def columns_of(shape: FileShape, mapping: Mapping[str, str], error_column: str = "", error: str = "") -> list[Column]:
    """The columns to choose for: the first of them all."""
    return [
        Column(index, name, mapping.get(name, OTHER), shape.samples.get(name, []), error if name == error_column else "")
        for index, name in enumerate(shape.headers[:MOST_COLUMNS])
    ]


def made_of(run: Run) -> list[str]:
    """The list entries that a run makes or made: "30 owners"."""
    made: dict[str, list[Any]] = {**run.progress.get("made", {}), "contacts": [], "organisations": []}
    numbers = {what: run.counts.get(f"new_{what}", len(found)) for what, found in made.items()}
    return [gettext("%(n)s %(what)s", n=number, what=gettext(MADE[what])) for what, number in numbers.items() if number]


def with_choices(options: Options, mapping: Mapping[str, str]) -> dict[str, str]:
    """The whole mapping of a file: what was chosen, and for columns that could not be shown what was suggested before."""
    return {**options.mapping, **mapping}
