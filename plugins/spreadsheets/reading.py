"""A sheet of a workbook as a table of texts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from leadboard.api import (
    N_,
    FileProblem,
    ReaderChoice,
    ReaderOption,
    Refused,
    Row,
    RowProblem,
    Table,
    header_index,
    header_names,
)

from . import measuring, workbooks

MOST_COLUMNS = 2000
LARGEST_CELL = 100_000
MOST_WIDE_ROWS = 1000
PREAMBLE = 50
PEEK_ROWS = 3
_BETWEEN = " · "

Cells = dict[int, str]
Wrong = dict[int, str]
_NEVER_WORKED_OUT = (
    "This formula was never worked out, so the file holds no value for it. Open the workbook in a spreadsheet, save it and upload"
    " that file."
)


# ---------------------------------------------------------------------------------------------- which sheet


def look(path: Path, given: Mapping[str, str], languages: Sequence[str]) -> list[ReaderOption]:
    """Which sheet, when several hold something. Hidden ones are not offered."""
    with workbooks.opened(path) as book:
        sheets = [sheet for sheet in book.worksheets[: workbooks.MOST_SHEETS] if sheet.sheet_state == "visible"]
        peeks = {sheet.title: _peek(book, sheet.title) for sheet in sheets}
    filled = {title: lines for title, lines in peeks.items() if lines}
    if not filled:
        raise FileProblem("There is nothing in this workbook. Check that its sheet holds rows and is not hidden.")
    said = given.get("sheet")
    if said is not None and said not in filled:
        raise Refused(
            N_("There is no sheet “%(name)s” with rows. Known: %(known)s."),
            field="sheet",
            name=said[:40],
            known=", ".join(filled),
        )
    return [
        ReaderOption(
            name="sheet",
            label=N_("Which sheet holds the leads?"),
            choices=tuple(ReaderChoice(value=title, lines=lines) for title, lines in filled.items()),
            value=said if said is not None else next(iter(filled)) if len(filled) == 1 else None,
            likely=max(filled, key=lambda title: max(line.count(_BETWEEN) for line in filled[title])),
            question=N_("This workbook has several sheets with rows: %(likely)s."),
        )
    ]  # fmt: skip


def _peek(book: Any, title: str) -> tuple[str, ...]:
    """The first rows of a sheet, to know it by."""
    found = islice(((cells, wrong) for _, cells, wrong in _rows(book, title)), PEEK_ROWS)
    return tuple(_BETWEEN.join(text for _, text in sorted(cells.items())[:12])[:200] or "…" for cells, _ in found)


# ---------------------------------------------------------------------------------------------- the table


def open_table(path: Path, options: Mapping[str, str]) -> Table:
    """The rows behind the header, with their numbers in the sheet."""
    with ExitStack() as stack:
        book = stack.enter_context(workbooks.opened(path))
        title = options.get("sheet", "")
        if title not in book.sheetnames:
            raise FileProblem(f"There is no sheet “{title[:40]}” in this workbook. Upload the file again.")
        first = list(islice(_rows(book, title), PREAMBLE))
        place = header_index([_dense(cells) for _, cells, _ in first])
        if place is None:
            raise FileProblem("There is nothing in this sheet. Choose another one.")
        number, cells, _ = first[place]
        headers = header_names(_dense(cells))
        if len(headers) > MOST_COLUMNS:
            raise FileProblem(f"Row {number:,} has {len(headers):,} cells; at most {MOST_COLUMNS:,} are read.", number)
        kept = stack.pop_all()
    return Table(headers, _records(book, title, number, len(headers), kept), on_close=kept.close)


def _dense(cells: Cells) -> list[str]:
    """From the first column to the last one with something in it."""
    return [cells.get(index, "") for index in range(max(cells, default=-1) + 1)]


def _records(book: Any, title: str, header: int, width: int, kept: ExitStack) -> Iterator[Row | RowProblem]:
    wide = 0
    with kept, workbooks.broken_is_told():
        for number, cells, wrong in _rows(book, title):
            if number <= header:
                continue
            beyond = [index for index in [*cells, *wrong] if index >= width]
            if beyond:
                wide += 1
                if wide > MOST_WIDE_ROWS:
                    raise FileProblem(
                        f"More than {MOST_WIDE_ROWS:,} rows have cells beyond the header. Name every column.", number
                    )
                yield RowProblem(
                    number, f"Column {_letters(min(beyond))} has no name in the header row. Name it, or empty the cell."
                )
            elif any(len(text) > LARGEST_CELL for text in cells.values()):
                yield RowProblem(number, f"A cell has more than {LARGEST_CELL:,} characters. Shorten it.")
            else:
                yield Row(number, [cells.get(index, "") for index in range(width)], False, tuple(wrong.items()))


def _letters(index: int) -> str:
    """0 is A, 26 is AA."""
    text, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


# ---------------------------------------------------------------------------------------------- cells


def _rows(book: Any, title: str) -> Iterator[tuple[int, Cells, Wrong]]:
    """(number, texts, what could not be read) of rows that hold something; both by index of their column."""
    shown = workbooks.shown_as(book)
    for number, row in workbooks.cells_of(book, title):
        if number > measuring.MOST_ROWS:
            raise FileProblem(f"This sheet has rows beyond number {measuring.MOST_ROWS:,}; no spreadsheet has so many.", number)
        cells: Cells = {}
        wrong: Wrong = {}
        for cell in row:
            index, kind, value = cell["column"] - 1, cell["data_type"], cell["value"]
            if kind == "f":
                wrong[index] = _NEVER_WORKED_OUT
            elif kind == "e":
                wrong[index] = f"The cell holds the error {value}. Mend its formula or empty it."
            elif value is not None:
                text = _text(value, shown.get(cell["style_id"], ""))
                if text.strip():
                    cells[index] = text
        if cells or wrong:
            yield number, cells, wrong


def _text(value: object, shown: str) -> str:
    """What a person reads in the cell, in a way that can be read in one way only."""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\0", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, shown)
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float, shown: str) -> str:
    """1234.5 as 1234.5; without the noise of floating point, and never as 4.86E+10, which is how telephone numbers die."""
    if value in (float("inf"), float("-inf")):
        return str(value)
    if shown == "%":
        return f"{_plain(value * 100)} %"
    text = _plain(value)
    if shown and text.isdigit():
        return text.zfill(len(shown))
    return text


def _plain(value: float) -> str:
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    text = f"{exact:f}"
    whole, point, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if not fraction:
        return whole
    # Three digits behind a point could be thousands (1.234); four cannot.
    return f"{whole}{point}{fraction}" + ("0" if len(fraction) == 3 else "")
