"""Leads as delimited text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from leadboard.file_formats import ExportColumn
from leadboard.lib.csvcells import write_row

ROWS_AT_ONCE = 1000


def write_csv(columns: Sequence[ExportColumn], rows: Iterable[Sequence[object]], exact: bool) -> Iterator[bytes]:
    return _write(columns, rows, exact, ",")


def write_tsv(columns: Sequence[ExportColumn], rows: Iterable[Sequence[object]], exact: bool) -> Iterator[bytes]:
    return _write(columns, rows, exact, "\t")


def _write(columns: Sequence[ExportColumn], rows: Iterable[Sequence[object]], exact: bool, sign: str) -> Iterator[bytes]:
    """For spreadsheets unless `exact`: with a byte order mark, and texts that would run as formulas guarded."""
    header = write_row([column.label for column in columns], sign, guarded=not exact)
    yield (("" if exact else "\ufeff") + header).encode()
    left = iter(rows)
    while part := "".join(write_row(cells, sign, guarded=not exact) for cells in islice(left, ROWS_AT_ONCE)):
        yield part.encode()
