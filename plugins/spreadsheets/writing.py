"""Records as a workbook: written row by row into a temporary file, then sent."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from leadboard.api import ColumnKind, ExportColumn, guard_cell, load_instance

LONGEST_CELL = 32_767  # Excel's own limit
WIDTHS = {ColumnKind.TEXT: 24, ColumnKind.NUMBER: 12, ColumnKind.AMOUNT: 14, ColumnKind.DAY: 12, ColumnKind.MOMENT: 20}
_CHUNK = 1 << 18
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_EARLIEST = 1901  # a day before is no number in Excel


def write(columns: Sequence[ExportColumn], rows: Iterable[Sequence[object]], exact: bool) -> Iterator[bytes]:
    """The workbook in parts. Nothing is sent before it is whole."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(f"{columns[0].record_type.capitalize()}s")
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS[column.kind]
    zone = ZoneInfo(load_instance().time_zone)
    writers = [_writer(sheet, column.kind, zone) for column in columns]
    with tempfile.TemporaryFile() as file:
        try:
            sheet.append([_text(sheet, column.label, is_bold=True) for column in columns])
            for row in rows:
                sheet.append([write_cell(value) for write_cell, value in zip(writers, row, strict=True)])
            book.save(file)
        finally:
            _tidy(sheet)
        file.seek(0)
        while part := file.read(_CHUNK):
            yield part


def _tidy(sheet: Any) -> None:
    """Saving removes the sheet's own temporary file; a failure on the way leaves it."""
    writer = sheet._writer
    if writer is not None and os.path.exists(writer.out):
        if not sheet.closed:
            sheet.close()
        writer.cleanup()


def _writer(sheet: Any, kind: ColumnKind, zone: ZoneInfo) -> Callable[[object], Any]:
    """How the cells of a column are written; what is not as its kind says stays a text."""

    def amount(text: str) -> Any:
        return _formatted(sheet, Decimal(text), "#,##0." + "0" * len(text.partition(".")[2]) if "." in text else "#,##0")

    def day(text: str) -> Any:
        found = date.fromisoformat(text)
        return _formatted(sheet, found, "yyyy-mm-dd") if found.year >= _EARLIEST else _text(sheet, text)

    def moment(text: str) -> Any:
        found = datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None)
        if found.year < _EARLIEST:
            return _text(sheet, text)
        return _formatted(sheet, found, "yyyy-mm-dd hh:mm:ss" + (".000" if found.microsecond else ""))

    typed = {ColumnKind.AMOUNT: amount, ColumnKind.DAY: day, ColumnKind.MOMENT: moment}.get(kind)

    def put(value: object) -> Any:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        return typed(value) if typed else _text(sheet, value)

    return put


def _formatted(sheet: Any, value: object, number_format: str) -> Any:
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = number_format
    return cell


def _text(sheet: Any, text: str, *, is_bold: bool = False) -> Any:
    """A cell that is a text whatever stands in it, and stays one when somebody edits it."""
    text = _NOT_IN_XML.sub("", text)
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 1] + "…"
    cell = WriteOnlyCell(sheet, "")
    cell._value, cell.data_type = text, "s"
    if is_bold:
        cell.font = Font(bold=True)
    if guard_cell(text) != text:
        cell.quotePrefix = True
    return cell
