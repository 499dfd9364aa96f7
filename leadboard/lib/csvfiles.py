"""Delimited files as programs really write them, read row by row with clear errors.

A problem of the file is a `FileProblem`, one of a row a `RowProblem`; both say where and what to do. Memory stays flat:
no more than one row is held.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from leadboard.lib.csvcells import guard_cell, unguard_cell, write_row
from leadboard.lib.encodings import Detected, detect, detect_file, is_binary

__all__ = [
    "DELIMITERS",
    "Detected",
    "FileProblem",
    "Row",
    "RowProblem",
    "Table",
    "check_kind",
    "detect",
    "detect_file",
    "guard_cell",
    "guess_delimiter",
    "open_table",
    "unguard_cell",
    "write_row",
]

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_COLUMNS: Final = 2000
LARGEST_CELL: Final = 100_000  # characters
_LONGEST_LINE: Final = 4_000_000  # characters of one physical line, before it is parsed
_SAMPLE: Final = 200  # records
_PREAMBLE: Final = 50  # records among which the header is looked for


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
    padded: bool  # the file had fewer cells than headers


class RowProblem(NamedTuple):
    """One record that cannot be read; the others can."""

    line_number: int
    message: str


# --- what it is ------------------------------------------------------------------------------------------------------

_EXCEL_WAY_OUT: Final = "Open it and save it as “CSV UTF-8 (comma delimited)”, then upload that file."
_KINDS: Final = (
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel workbook (.xls), not a CSV file. {_EXCEL_WAY_OUT}"),
    (b"%PDF", "This is a PDF. Export the table from the program it was made with, as CSV."),
    (b"\x89PNG", "This is a picture (PNG). Upload a table, as CSV."),
    (b"\xff\xd8\xff", "This is a picture (JPEG). Upload a table, as CSV."),
    (b"GIF8", "This is a picture (GIF). Upload a table, as CSV."),
    (b"\x1f\x8b", "This file is compressed (gzip). Unpack it and upload what is inside."),
    (b"7z\xbc\xaf", "This file is compressed (7-Zip). Unpack it and upload what is inside."),
    (b"Rar!", "This file is compressed (RAR). Unpack it and upload what is inside."),
    (b"SQLite format 3\0", "This is a database (SQLite). Export a table of it as CSV."),
    (b"{\\rtf", "This is a text document (RTF). Upload a table, as CSV."),
)
_TEXT_KINDS: Final = (
    (re.compile(r"\s*BEGIN:VCARD", re.I), "This is a vCard file, not a CSV file. Choose vCard as its format."),
    (re.compile(r"\s*BEGIN:VCALENDAR", re.I), "This is a calendar, not a table. Upload a table, as CSV."),
    (
        re.compile(r"\s*<(?:!doctype|html|table|\?xml)", re.I),
        "This is a web page or XML, not a CSV file. Export the table as CSV.",
    ),
    (re.compile(r"\s*[\[{]\s*[\"{\[\]}]"), "This is JSON, not a CSV file. Export the table as CSV."),
)


def check_kind(head: bytes) -> None:
    """Refuse what is no text at all by its first bytes.

    :raises FileProblem: for workbooks, archives, pictures, documents and empty files
    """
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0\r\n\t ,;|"):
        raise FileProblem("The file is empty. Export it again and check that it holds rows.")
    if head.startswith(b"PK\x03\x04"):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            raise FileProblem(
                f"This is an Excel workbook (.xlsx), not a CSV file. Choose Excel as its format, or: {_EXCEL_WAY_OUT}"
            )
        if b"opendocument" in head:
            raise FileProblem("This is an OpenDocument file. Save the sheet as “Text CSV”, then upload that file.")
        raise FileProblem("This file is compressed (ZIP). Unpack it and upload what is inside.")
    for magic, message in _KINDS:
        if head.startswith(magic):
            raise FileProblem(message)
    beginning = head[:200].decode("utf-8", "ignore").lstrip("\ufeff")
    for pattern, message in _TEXT_KINDS:
        if pattern.match(beginning):
            raise FileProblem(message)
    if is_binary(head):
        raise FileProblem("This is a file of a program, not a table. Export your leads as CSV, then upload that file.")


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
class Table:
    """An opened file: its headers, and once its rows."""

    headers: list[str]
    first_data_line: int  # line after the header, counted from 1
    _reader: "_Reader" = field(repr=False)

    def rows(self) -> Iterator[Row | RowProblem]:
        """The records after the header, blank ones left out. Once: the file is read while this runs, then closed.

        :raises FileProblem: when the rest of the file cannot be read
        """
        return self._reader.rows(len(self.headers))

    def close(self) -> None:
        """Let go of the file without reading on."""
        self._reader.close()


class _Reader:
    """Records of one open file with the number of their first line."""

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        # "utf-8" on a file with a mark would leave it in the first header.
        self._file = path.open(encoding="utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding, newline="")
        self._lines = _Lines(self._file, path, encoding)
        # strict: without it a quote that is never closed swallows the rest of the file and nobody hears of it.
        self._csv = csv.reader(self._lines, delimiter=delimiter, strict=True)

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


def _header_names(cells: Sequence[str]) -> list[str]:
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


def _is_likely_header(cells: Sequence[str]) -> bool:
    return len({cell.strip() for cell in cells if cell.strip()}) >= 2


def _header_of(reader: _Reader, is_header: Callable[[Sequence[str]], bool] | None) -> tuple[int, list[str]]:
    """Index among the first records, and cells, of the header: the first that `is_header` knows, else the first with two
    different cells, else (a file of one column) the first that is not blank."""
    found: list[tuple[int, int, list[str]]] = []
    for index, (line_number, cells) in enumerate(islice(reader.records(), _PREAMBLE)):
        if isinstance(cells, str):
            if not found:
                raise FileProblem(f"Line {line_number:,}: {cells}", line_number)
        elif any(cell.strip() for cell in cells):
            found.append((index, line_number, cells))
    if not found:
        raise FileProblem("There is no header row. The first row must name the columns.")
    candidates = [one for one in found if is_header is not None and is_header(one[2])]
    candidates += [one for one in found if _is_likely_header(one[2])]
    index, _, cells = (candidates or found)[0]
    return index, cells


def open_table(path: Path, encoding: str, delimiter: str, *, is_header: Callable[[Sequence[str]], bool] | None = None) -> Table:
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
    return Table(_header_names(cells), reader._lines.number + 1, reader)
