"""Delimited files as programs really write them, read row by row with clear errors. Memory stays flat: no more than one
row is held.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from leadboard.defaults.delimited.kinds import check_kind
from leadboard.lib.columns import looks_like_header
from leadboard.lib.tables import (
    LARGEST_CELL,
    MOST_COLUMNS,
    PREAMBLE,
    FileProblem,
    Row,
    RowProblem,
    Table,
    header_index,
    header_names,
)

DELIMITERS: Final = (",", ";", "\t", "|")
_LONGEST_LINE: Final = 4_000_000  # characters of one physical line, before it is parsed
_SAMPLE: Final = 200  # records


# --- the separator ---------------------------------------------------------------------------------------------------

_SEP_LINE: Final = re.compile('\ufeff?"?sep=([,;\t|])"?\r?\n?', re.I)


def _records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        records += islice((record for record in reader if any(record)), _SAMPLE)
    except csv.Error:
        return records
    return records


def guess_delimiter(text_head: str) -> str:
    """The separator by parsing the first records with each: the one that gives most records one width above 1.

    A line ``sep=;`` decides. A file of one column gives ",".

    :param text_head: the beginning of the file; its last line may be cut
    """
    if match := _SEP_LINE.match(text_head):
        return match[1]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        records = _records(text_head, delimiter)
        if len(records) > 2 and not text_head.endswith(("\n", "\r")):
            records.pop()
        widths = [len(record) for record in records]
        wide = max(set(widths), key=lambda width: (widths.count(width) * (width > 1), width), default=1)
        # Short rows are usual (Google, Outlook): they count half. A line of prose in front counts against all alike.
        share = sum(1.0 if width == wide else 0.5 if 1 < width < wide else 0.0 for width in widths) / (len(widths) or 1)
        score = (round(share, 1), wide)
        if wide > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


# --- reading ---------------------------------------------------------------------------------------------------------


def _position_of_bad_byte(path: Path, encoding: str) -> tuple[int, int]:
    """Line and column, from 1, of the first byte that is not of this encoding."""
    line_number = 1
    with path.open("rb") as file:
        for line_number, line in enumerate(file, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                return line_number, len(line[: error.start].decode(encoding, "ignore")) + 1
    return line_number, 1


class _Lines:
    """Physical lines of a file for csv.reader, counted and checked."""

    def __init__(self, file: io.TextIOBase, path: Path, encoding: str) -> None:
        self.file, self.path, self.encoding = file, path, encoding
        self.number = 0
        self.has_nul = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self.file.readline(_LONGEST_LINE)
        except UnicodeError as error:
            raise self._undecodable() from error
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= _LONGEST_LINE:
            raise FileProblem(f"Line {self.number:,} does not end. This is not a table with one record a line.", self.number)
        if "\0" in line:
            self.has_nul = True
        return line

    def _undecodable(self) -> FileProblem:
        if self.encoding.lower().startswith(("utf-16", "utf-32")):
            return FileProblem(f"The file ends or breaks after line {self.number:,}. Export it again.", self.number)
        line, column = _position_of_bad_byte(self.path, self.encoding)
        return FileProblem(
            f"Line {line:,}, character {column:,} cannot be read as {self.encoding}. Choose another encoding for this file.", line
        )


@dataclass
class DelimitedTable(Table):
    """`first_data_line` is the one after the header, counted from 1."""

    first_data_line: int = 2


class _Reader:
    """Records of one open file with the number of their first line."""

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        # "utf-8" on a file with a mark would leave it in the first header.
        self._file = path.open(encoding="utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding, newline="")
        self._lines = _Lines(self._file, path, encoding)
        # strict: without it a quote that is never closed swallows the rest of the file and nobody hears of it.
        self._csv = csv.reader(self._lines, delimiter=delimiter, strict=True)

    @property
    def line_number(self) -> int:
        """The last line that was read."""
        return self._lines.number

    def close(self) -> None:
        self._file.close()

    def skip_separator_line(self) -> None:
        if not _SEP_LINE.fullmatch(next(self._lines, "")):
            self._file.seek(0)
            self._lines.number = 0
            self._lines.has_nul = False

    def records(self) -> Iterator[tuple[int, list[str] | str]]:
        """Line number and cells of each record; a text in their place is what is wrong with it."""
        while True:
            start = self._lines.number + 1
            self._lines.has_nul = False
            try:
                cells = next(self._csv)
            except StopIteration:
                return
            except csv.Error as error:
                yield start, self._complaint(start, str(error))
                continue
            yield start, self._wrong_with(cells) or cells

    def _complaint(self, start: int, error: str) -> str:
        if "field limit" in error:
            raise FileProblem(
                f"A quoted cell that begins in line {start:,} has more than {LARGEST_CELL:,} characters. Probably a quote is never "
                'closed: look for a single " there, double or remove it.',
                start,
            )
        if "unexpected end" in error:
            return 'A quote is opened here and never closed, so the rest of the file is one cell. Double the " or remove it.'
        return 'A quoted cell goes on after its closing quote. Double each " inside a quoted cell.'

    def _wrong_with(self, cells: list[str]) -> str:
        if self._lines.has_nul:
            return "There is a NUL character in this row. The file is damaged or not text; export it again."
        if len(cells) > MOST_COLUMNS:
            return f"This row has {len(cells):,} cells; at most {MOST_COLUMNS:,} are read. Is the separator right?"
        if sum(map(len, cells)) > LARGEST_CELL and max(map(len, cells)) > LARGEST_CELL:
            return f"A cell has {max(map(len, cells)):,} characters; at most {LARGEST_CELL:,} fit. Shorten it."
        return ""

    def rows(self, width: int) -> Iterator[Row | RowProblem]:
        try:
            for line_number, cells in self.records():
                if isinstance(cells, str):
                    yield RowProblem(line_number, cells)
                elif len(cells) == width:
                    if any(cells):
                        yield Row(line_number, cells, False)
                elif any(cells):
                    yield _fitted(line_number, cells, width)
        finally:
            self.close()


def _fitted(line_number: int, cells: list[str], width: int) -> Row | RowProblem:
    """A short row is filled up; a long one is only read when what is too much is empty."""
    if len(cells) < width:
        return Row(line_number, cells + [""] * (width - len(cells)), True)
    if not any(cell.strip() for cell in cells[width:]):
        return Row(line_number, cells[:width], False)
    return RowProblem(
        line_number,
        f"This row has {len(cells):,} cells, the header has {width:,}. Put quotes around a cell that holds the separator.",
    )


def _header_of(reader: _Reader, is_header: Callable[[Sequence[str]], bool]) -> tuple[int, list[str]]:
    """Index among the first records, and cells, of the header."""
    found: list[tuple[int, list[str]]] = []
    for index, (line_number, cells) in enumerate(islice(reader.records(), PREAMBLE)):
        if isinstance(cells, str):
            if not found:
                raise FileProblem(f"Line {line_number:,}: {cells}", line_number)
        elif any(cell.strip() for cell in cells):
            found.append((index, cells))
    place = header_index([cells for _, cells in found], is_header)
    if place is None:
        raise FileProblem("There is no header row. The first row must name the columns.")
    return found[place]


def open_table(
    path: Path, encoding: str, delimiter: str, *, is_header: Callable[[Sequence[str]], bool] = looks_like_header
) -> DelimitedTable:
    """Open a delimited file behind its header; lines in front of the header are left out.

    :param is_header: knows the header rows of known exports, where they do not come first
    :raises FileProblem: when this is no such file, is empty or has no header
    """
    with path.open("rb") as file:
        check_kind(file.read(4096))
    reader = _Reader(path, encoding, delimiter)
    try:
        reader.skip_separator_line()
        index, cells = _header_of(reader, is_header)
    except FileProblem:
        reader.close()
        raise
    reader.close()
    # The search read on beyond the header: begin again and stop behind it.
    reader = _Reader(path, encoding, delimiter)
    reader.skip_separator_line()
    for _ in islice(reader.records(), index + 1):
        pass
    return DelimitedTable(
        header_names(cells), reader.rows(len(cells)), on_close=reader.close, first_data_line=reader.line_number + 1
    )
