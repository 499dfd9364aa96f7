"""Writing cells and rows of delimited files, safe for spreadsheets or exact."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

__all__ = ["guard_cell", "unguard_cell", "write_row"]

# A spreadsheet runs such a text as a formula, also behind spaces and characters nobody sees (ASVS 5.0 1.2.10).
_FORMULA: Final = re.compile(
    "'*(?:[\t\r\n]|[\\s\\x00-\\x20\\x7f-\\xa0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3000\ufeff]*[=+\\-@＝＋－＠])"
)


def guard_cell(text: str) -> str:
    """The text with an apostrophe in front when a spreadsheet would run it as a formula.

    A text that already looks guarded gets another one, so that `unguard_cell` gives back every text exactly.
    """
    return "'" + text if text and _FORMULA.match(text) else text


def unguard_cell(text: str) -> str:
    """The text without the apostrophe of `guard_cell` or of other careful exporters."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text


def write_row(cells: Iterable[object], delimiter: str = ",", *, guarded: bool) -> str:
    """One record with its line end (CRLF, RFC 4180). None is empty; numbers and days are written as such, unguarded.

    :param guarded: for spreadsheets; without it the texts are exact
    """
    written = []
    for cell in cells:
        if cell is None:
            text = ""
        elif isinstance(cell, datetime | date):
            text = cell.isoformat()
        else:
            text = guard_cell(cell) if guarded and isinstance(cell, str) else str(cell)
        if any(char in text for char in (delimiter, '"', "\r", "\n")):
            text = '"' + text.replace('"', '""') + '"'
        written.append(text)
    # A record of one empty cell would be a blank line, which readers leave out.
    return (delimiter.join(written) or '""' * bool(written)) + "\r\n"
