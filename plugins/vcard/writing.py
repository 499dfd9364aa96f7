"""Leads as vCards 4.0 (RFC 6350)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from leadboard.api import ExportColumn

CARDS_AT_ONCE = 500
LONGEST_LINE = 75  # bytes, without the line end
FIELDS = (
    "title", "person_name", "given_name", "family_name", "organisation_name", "job_title", "email", "phone", "website", "street", "postal_code",
    "city", "region", "country",
)  # fmt: skip


def write(columns: Sequence[ExportColumn], rows: Iterable[Sequence[object]], exact: bool) -> Iterator[bytes]:
    places = {column.name: index for index, column in enumerate(columns) if column.name in FIELDS}
    part: list[str] = []
    for row in rows:
        part.append(card({name: str(row[index] or "") for name, index in places.items()}))
        if len(part) >= CARDS_AT_ONCE:
            yield "".join(part).encode()
            part.clear()
    # Even without a lead there is a file.
    yield "".join(part).encode()


def card(lead: Mapping[str, str]) -> str:
    """One lead as a card: of the person, or where there is none of the organisation."""
    get = {name: lead.get(name, "") for name in FIELDS}
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
    lines += [f"{name}:{value if name == 'ADR' else _escape(str(value))}" for name, value in simple.items() if value]
    if get["website"]:
        # An address is a URI: no escapes.
        lines.append("URL:" + "".join(get["website"].split()))
    lines.append("END:VCARD")
    return "".join(_folded(line) for line in lines)


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
