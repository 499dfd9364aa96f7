"""Files that are no delimited text, told by their first bytes, with the way out."""

import re
from typing import Final

from leadboard.lib.encodings import is_binary
from leadboard.lib.tables import FileProblem

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
    (re.compile(r"\s*BEGIN:VCARD", re.I), "This is a vCard file, not a CSV file. Ask an admin to turn the vCard plugin on."),
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
                f"This is an Excel workbook (.xlsx), not a CSV file. Ask an admin to turn the spreadsheets plugin on, or: {_EXCEL_WAY_OUT}"
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
