"""Leads, contacts and organisations as vCards 4.0 (RFC 6350)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from leadboard.api import ExportColumn, fold, read_points

CARDS_AT_ONCE = 500
LONGEST_LINE = 75  # bytes, without the line end
FIELDS = (
    "title", "person_name", "given_name", "family_name", "organisation_name", "job_title", "email", "phone", "website", "street", "postal_code",
    "city", "region", "country",
)  # fmt: skip


# The fields of contacts and organisations that leads have under another name.
SAME = {"contact": {"name": "person_name", "organisation": "organisation_name"}, "organisation": {"name": "organisation_name"}}
FURTHER = {"more_emails": "email", "more_phones": "phone"}


def write(columns: Sequence[ExportColumn], rows: Iterable[Sequence[object]], exact: bool) -> Iterator[bytes]:
    same = SAME.get(columns[0].record_type, {})
    names = [same.get(column.name, column.name) for column in columns]
    places = {name: index for index, name in enumerate(names) if name in FIELDS or name in FURTHER}
    part: list[str] = []
    for row in rows:
        part.append(card({name: str(row[index] or "") for name, index in places.items()}))
        if len(part) >= CARDS_AT_ONCE:
            yield "".join(part).encode()
            part.clear()
    # Even without a lead there is a file.
    yield "".join(part).encode()


def card(record: Mapping[str, str]) -> str:
    """One record as a card: of the person, or where there is none of the organisation.

    `more_emails` and `more_phones` are cells of an export: one a line, with what it is for.
    """
    get = {name: record.get(name, "") for name in FIELDS}
    person = get["person_name"] or " ".join(filter(None, (get["given_name"], get["family_name"])))
    lines = ["BEGIN:VCARD", "VERSION:4.0"]
    if not person and get["organisation_name"]:
        lines.append("KIND:org")
    lines.append(f"FN:{_escape(person or get['organisation_name'] or get['title'])}")
    if person:
        family, given = get["family_name"], get["given_name"]
        if not family and not given:
            given, _, family = person.rpartition(" ")
        lines.append("N:" + _compound([family, given, "", "", ""]))
    address = ["", "", get["street"], get["city"], get["region"], get["postal_code"], get["country"]]
    simple = {
        "ORG": get["organisation_name"], "TITLE": get["job_title"], "EMAIL": get["email"], "TEL": get["phone"], "ADR": any(address) and _compound(address),
    }  # fmt: skip
    for name, value in simple.items():
        lines += [f"{name}:{value if name == 'ADR' else _escape(str(value))}"] if value else []
        lines += _further(name, record)
    if get["website"]:
        # An address is a URI: no escapes.
        lines.append("URL:" + "".join(get["website"].split()))
    lines.append("END:VCARD")
    return "".join(_folded(line) for line in lines)


def _further(name: str, record: Mapping[str, str]) -> list[str]:
    """The lines of further addresses or numbers, each with its type."""
    cell = {"EMAIL": "more_emails", "TEL": "more_phones"}.get(name)
    found = read_points(record.get(cell, ""), FURTHER[cell]) if cell else []
    return [f"{name}{_type(label)}:{_escape(text)}" for text, label in found]


def _type(label: str) -> str:
    kind = re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-")
    return f";TYPE={kind}" if kind else ""


def _compound(parts: Iterable[str]) -> str:
    return ";".join(_escape(part) for part in parts)


def _escape(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n").replace("\0", "")


def _folded(line: str) -> str:
    """Lines of at most 75 bytes, never cut inside a character."""
    if len(line.encode()) <= LONGEST_LINE:
        return line + "\r\n"
    pieces, piece, room = [], "", LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", LONGEST_LINE - 1
        piece += character
        room -= size
    return "\r\n ".join([*pieces, piece]) + "\r\n"
