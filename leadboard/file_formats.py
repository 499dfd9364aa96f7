"""Formats of files that leads come from and go to: what a reader and a writer hand to the core.

The wizard, the mapping of columns, the dry run, counts, rejected rows, progress and undo are the core's: a reader opens a
file and gives rows of text; a writer gets columns and rows and gives bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from leadboard.contributions import Problem
from leadboard.lib.tables import Table


@dataclass(frozen=True, kw_only=True)
class ReaderChoice:
    """One answer to a question about a file. `lines` show what the file would be then; they are drawn beside it."""

    value: str
    label: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReaderOption:
    """Something to know before a file can be read: its encoding, which of its sheets.

    `value` is the answer, by what was said or by what the file tells; None: it is not certain, `question` is asked.
    `likely` is the choice that is ticked first then. `help` stands above the choices; with `marks_letters` those beyond
    ASCII are marked in their lines, because they tell whether an encoding is right.
    """

    name: str
    label: str
    choices: tuple[ReaderChoice, ...]
    value: str | None = None
    likely: str = ""
    question: str = ""
    help: str = ""
    marks_letters: bool = False


def _nothing_to_ask(path: Path, given: Mapping[str, str], languages: Sequence[str]) -> list[ReaderOption]:
    return []


def _in_words(options: Mapping[str, str]) -> str:
    return " · ".join(filter(None, options.values()))


@dataclass(frozen=True, kw_only=True)
class Importer:
    """A reader of files. `recognise_file` says which files are its own; a person may also choose it by its label.

    `look(path, given, languages)` tells what there is to know before reading, given what was said so far ({option: value})
    and the languages in which names may be written. `open(path, options)` gives the table with every option settled; it is
    called several times for one file and gives the same rows each time. Both raise `FileProblem` or `Refused` with a text for
    the user; anything else counts as a failure of the plugin. `describe(options)` says how a file is read, in a few words.
    `way_back` is the link from the columns to the questions ("Letters look wrong?").
    """

    key: str
    label: str
    suffixes: tuple[str, ...]
    open: Callable[[Path, Mapping[str, str]], Table]
    look: Callable[[Path, Mapping[str, str], Sequence[str]], list[ReaderOption]] = _nothing_to_ask
    describe: Callable[[Mapping[str, str]], str] = _in_words
    media_types: tuple[str, ...] = ()
    way_back: str = ""

    def __post_init__(self) -> None:
        _check_suffixes(self.key, self.suffixes)


class ColumnKind(StrEnum):
    """What the cells of a column are, beside text."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column that goes out: `name` of the record's field, `label` of the header.

    The cells of a row are texts, whole numbers or None. Amounts are texts like "1234.50" ("1.2340" where a currency has three
    decimals), days "2026-12-24", moments "2026-12-24T10:00:00Z". `record_type` is what the rows are: lead, contact or
    organisation, alike in all columns of a file.
    """

    name: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    record_type: str = "lead"


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """A writer of files. `write(columns, rows, exact)` gives the bytes piece by piece; `rows` are read once, lazily.

    With `can_be_exact` the user may ask for every text as it is; otherwise texts that a spreadsheet would run as formulas
    are made safe (`guard_cell`), as far as the format does not do so itself.
    """

    key: str
    label: str
    suffix: str
    media_type: str
    write: Callable[[Sequence[ExportColumn], Iterable[Sequence[object]], bool], Iterator[bytes]]
    description: str = ""
    can_be_exact: bool = False
    order: int = 100

    def __post_init__(self) -> None:
        _check_suffixes(self.key, (self.suffix,))


def _check_suffixes(key: str, suffixes: Sequence[str]) -> None:
    for suffix in suffixes:
        if not (suffix[:1] == "." and suffix[1:].isascii() and suffix[1:].isalnum()):
            raise Problem(f"the suffix {suffix!r} of {key} must be a dot and letters, such as '.csv'")
    if not suffixes:
        raise Problem(f"the format {key} has no suffix")
