"""An archive whose parts are measured while they are read: a few kB of XML can unpack to more objects than a machine holds.

At reading, not before: which part is a sheet is for the workbook to say, whatever its name.
"""

import re
import zipfile
from typing import IO, Any

from leadboard.api import FileProblem

MOST_ROWS = 1_048_576
# Tags. Excel has at most 65,490 styles and 16,384 columns.
MOST_IN_A_ROW = 500_000
MOST_IN_A_WHOLE = 400_000
MOST_IN_TEXTS = 4_000_000
# Bytes in one piece: the XML parser of Python before 3.11.9 takes quadratic time for a tag or comment that goes on.
LONGEST_PIECE = 1_000_000

_ROW_END = re.compile(rb"</(?:\w{1,20}:)?row>|<(?:\w{1,20}:)?row(?:\s[^<>]*)?/>")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,40})""")
_MARKS = "<!--?/row>"


class Measured(zipfile.ZipFile):
    """A ZipFile for openpyxl; what is too much is a FileProblem at the place where it shows."""

    def open(self, name: Any, *args: Any, **kwargs: Any) -> Any:
        return _Part(super().open(name, *args, **kwargs), str(getattr(name, "filename", name)))


class _Part:
    def __init__(self, source: IO[bytes], name: str) -> None:
        self._source = source
        self._is_texts = "sharedstrings" in name.lower()
        self._is_first = True
        self._rows = self._tags = self._piece = 0
        self._end = b""

    def __enter__(self) -> "_Part":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._source.close()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        if data:
            self._look(data, is_whole=size is None or size < 0)
        return data

    def _look(self, data: bytes, *, is_whole: bool) -> None:
        if self._is_first:
            self._is_first = False
            _check_encoding(data)
        if is_whole:
            _refuse_if(data.count(b"<") > MOST_IN_A_WHOLE)
        ends = list(_ROW_END.finditer(data))
        self._rows += len(ends)
        if ends and not self._is_texts:
            self._tags = data.count(b"<", ends[-1].end())
        else:
            self._tags += data.count(b"<")
        _refuse_if(self._tags > (MOST_IN_TEXTS if self._is_texts else MOST_IN_A_ROW) or self._rows > MOST_ROWS)
        self._look_at_pieces(data)

    def _look_at_pieces(self, data: bytes) -> None:
        """A comment or an instruction goes on to its own end, anything else to the next tag."""
        at = 0
        while at < len(data):
            stop = data.find(self._end or b"<", at)
            self._piece = (self._piece if at == 0 else 0) + (stop if stop >= 0 else len(data)) - at
            _refuse_if(self._piece > LONGEST_PIECE)
            if stop < 0:
                return
            self._piece = 0
            if self._end:
                at, self._end = stop + len(self._end), b""
                continue
            # Only what begins a comment or an instruction is of interest; all other tags are passed at once.
            found = [(place, end) for sign, end in ((b"<!--", b"-->"), (b"<?", b"?>")) if (place := data.find(sign, stop)) >= 0]
            if not found:
                self._piece = len(data) - data.rfind(b"<")
                return
            at, self._end = min(found)


def _check_encoding(head: bytes) -> None:
    """What is measured are bytes: they must mean what they seem to."""
    _refuse_if(b"\0" in head[:4] or head[:2] in {b"\xff\xfe", b"\xfe\xff"})
    if found := _ENCODING.search(head, 0, 300):
        try:
            is_plain = _MARKS.encode(found[1].decode()) == _MARKS.encode()
        except LookupError:
            is_plain = False
        _refuse_if(not is_plain)


def _refuse_if(condition: bool) -> None:
    if condition:
        raise FileProblem(
            "This workbook holds more than is read at once, or was made by no spreadsheet. Save the sheet with the leads as a"
            " workbook of its own, or as CSV."
        )
