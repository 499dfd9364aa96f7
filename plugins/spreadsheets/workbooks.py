"""Opening workbooks that anybody may have made: what they unpack to is measured before it is read."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import openpyxl
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from leadboard.api import FileProblem

from .measuring import Measured

if not openpyxl.DEFUSEDXML:
    raise ImportError("defusedxml is not installed: without it a workbook could blow itself up through XML entities")
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")

MOST_UNPACKED = 400_000_000  # bytes of everything inside
MOST_IN_MEMORY = 80_000_000  # bytes of a part that is read as a whole: the shared texts, styles
MOST_PARTS = 5_000
MOST_SHEETS = 200

# What a broken workbook makes openpyxl and the libraries below it raise.
BROKEN = (
    KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, OSError, EOFError, ParseError,
    NotImplementedError, RuntimeError, zipfile.BadZipFile, InvalidFileException,
)  # fmt: skip
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
_ZEROS = re.compile(r"0{2,15}")


def check_archive(path: Path) -> None:
    """Raises FileProblem for what is no workbook, or would unpack to more than a machine should carry."""
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise FileProblem(
                "This is an old workbook (.xls), or one with a password. Open it, save it as .xlsx without a password, and upload that file."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileProblem("This Excel workbook is damaged: it cannot be unpacked. Save it again and upload that file.") from error
    if not any(part.filename.lower().startswith("xl/") for part in parts):
        raise FileProblem("This is a packed file, but no Excel workbook. Upload a workbook (.xlsx), or what is inside.")
    unpacked = sum(part.file_size for part in parts)
    whole = max((part.file_size for part in parts if not _SHEET_PART.fullmatch(part.filename)), default=0)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or (whole > MOST_IN_MEMORY and _is_read_whole(parts)):
        raise FileProblem(
            f"This workbook unpacks to {unpacked // 1_000_000:,} MB, more than is read ({MOST_UNPACKED // 1_000_000:,} MB)."
            " Save the sheet with the leads as a workbook of its own, or as CSV."
        )


def _is_read_whole(parts: list[zipfile.ZipInfo]) -> bool:
    """Whether a part that is too large to be read as a whole would be; pictures and the like are not looked at."""
    return any(
        part.file_size > MOST_IN_MEMORY and part.filename.lower().endswith((".xml", ".rels")) for part in parts
        if not _SHEET_PART.fullmatch(part.filename)
    )  # fmt: skip


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The workbook: values only, links to other workbooks left out, its sheets read as they are asked for."""
    check_archive(path)
    with path.open("rb") as file, broken_is_told():
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.archive = Measured(file)
        reader.read()
        book = reader.wb
        try:
            yield book
        finally:
            book.close()


@contextmanager
def broken_is_told() -> Iterator[None]:
    try:
        yield
    except FileProblem:
        raise
    except BROKEN as error:
        root: BaseException = error
        while root.__context__ is not None:
            root = root.__context__
        if isinstance(root, FileProblem):
            raise root from None  # told by measuring.py, from inside of openpyxl
        raise FileProblem(
            f"This workbook cannot be read ({type(root).__name__}). Open it in a spreadsheet, save it again and upload that file."
        ) from error


class SheetReader(WorkSheetParser):
    """Rows of a sheet as they stand in the file: openpyxl's own loop fills gaps, however large somebody says they are."""

    row_counter: int
    col_counter: int

    def parse_row(self, row: Element) -> tuple[int, list[dict[str, Any]]]:
        number = row.get("r")
        self.row_counter = int(number) if number else self.row_counter + 1
        self.col_counter = 0
        return self.row_counter, [self.parse_cell(cell) for cell in row]

    def parse_cell(self, element: Element) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        # A text that is empty by its formula says so ("str"); any other formula without a value was never worked out.
        if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = "f"
        return cell


def cells_of(book: Any, title: str) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """(number, cells) of the rows of a sheet. The cells are those that the file holds, from left to right."""
    sheet = book[title]
    with sheet._get_source() as source:
        reader = SheetReader(
            source, sheet._shared_strings, data_only=True, epoch=book.epoch, date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        yield from reader.parse()


def shown_as(book: Any) -> dict[int, str]:
    """How numbers are shown, by style, where it is more than the number: "%", or zeros that say how many digits ("00000")."""
    found = {}
    for style_id, style in enumerate(book._cell_styles):
        number = style.numFmtId
        code = BUILTIN_FORMATS.get(number, "General") if number < 164 else book._number_formats[number - 164]
        code = code.replace("\\", "").replace('"', "")
        if _ZEROS.fullmatch(code):
            found[style_id] = code
        elif code.rstrip().endswith("%"):
            found[style_id] = "%"
    return found
