"""Tables as readers of files hand them over: a header, rows of text cells, and clear problems.

A problem of the file is a `FileProblem`, one of a row a `RowProblem`, one of a cell stands in its row's `wrong`; each
says what and how to set it right.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from leadboard.lib.columns import looks_like_header

__all__ = ["LARGEST_CELL", "MOST_COLUMNS", "FileProblem", "Row", "RowProblem", "Table", "header_index", "header_names"]

MOST_COLUMNS: Final = 2000
LARGEST_CELL: Final = 100_000  # characters
PREAMBLE: Final = 50  # records among which the header is looked for


class FileProblem(ValueError):
    """The file cannot be read; the message says why and what to do.

    :ivar line_number: where, counted from 1, when it is about a line
    """

    def __init__(self, message: str, line_number: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line_number = line_number


class Row(NamedTuple):
    """One record: as many cells as the table has headers."""

    line_number: int  # of its first line in the file, counted from 1
    cells: list[str]
    padded: bool = False  # the file had fewer cells than headers
    wrong: Sequence[tuple[int, str]] = ()  # (index, why) of cells without a value; tells only when the column is wanted


class RowProblem(NamedTuple):
    """One record that cannot be read; the others can."""

    line_number: int
    message: str


@dataclass
class Table:
    """An opened file. Its `records` are read once, and lazily: memory stays flat however many there are.

    `targets` says where columns go when the reader knows: {header: name of a lead's field, "note" or "other"}. `on_close`
    lets go of the file; whoever reads to the end of `records` has let go of it too.
    """

    headers: list[str]
    records: Iterator[Row | RowProblem] = field(repr=False)
    targets: Mapping[str, str] = field(default_factory=dict)
    on_close: Callable[[], None] = field(default=lambda: None, repr=False)

    def rows(self) -> Iterator[Row | RowProblem]:
        """The records behind the header, blank ones left out.

        :raises FileProblem: when the rest of the file cannot be read
        """
        return self.records

    def close(self) -> None:
        """Let go of the file without reading on."""
        self.on_close()


def header_names(cells: Sequence[str]) -> list[str]:
    """Names without line breaks; one for the nameless; a second "Phone" is "Phone #2"."""
    names: list[str] = []
    for position, cell in enumerate(cells, 1):
        name = " ".join(unicodedata.normalize("NFC", cell).replace("\ufeff", "").split()) or f"Column {position}"
        unique, count = name, 1
        while unique in names:
            count += 1
            unique = f"{name} #{count}"
        names.append(unique)
    return names


def header_index(records: Sequence[Sequence[str]], is_header: Callable[[Sequence[str]], bool] = looks_like_header) -> int | None:
    """Which of the first records, none of them blank, names the columns: the first that `is_header` knows from other exports,
    else the first with two different cells, else (a file of one column) the first."""
    for is_one in (is_header, _is_likely_header):
        for index, cells in enumerate(records):
            if is_one(cells):
                return index
    return 0 if records else None


def _is_likely_header(cells: Sequence[str]) -> bool:
    return len({cell.strip() for cell in cells if cell.strip()}) >= 2
