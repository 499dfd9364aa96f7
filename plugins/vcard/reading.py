"""A file of vCards as a table: one row a card."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from itertools import islice
from pathlib import Path

from leadboard.api import N_, FileProblem, ReaderChoice, ReaderOption, Refused, Row, RowProblem, Table, codec_of, detect_file

from .cards import Card, read_cards
from .lines import Line

PEEK_LINES = 8
# The columns, and where they go in a lead; contacts take all addresses and numbers, and the names under their own fields.
# What nobody chose goes to the other columns.
TARGETS = {
    "Name": "person_name", "Given name": "given_name", "Family name": "family_name", "Organisation": "organisation_name", "Department": "other",
    "Job title": "job_title", "E-mail": "email", "Other e-mails": "more_emails", "Phone": "phone", "Other phones": "more_phones", "Website": "website",
    "Other websites": "other", "Street": "street", "Postal code": "postal_code", "City": "city", "Region": "region", "Country": "country",
    "Other addresses": "other", "Birthday": "other", "Nickname": "other", "Categories": "other", "Note": "note", "UID": "external_id",
    "Other properties": "other_columns",
}  # fmt: skip
# Properties that have a column of their own, or say nothing of a person.
_KNOWN = {
    "FN", "N", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "URL", "ADR", "BDAY", "NICKNAME", "CATEGORIES", "NOTE", "UID", "KIND", "BEGIN", "END", "VERSION",
    "PRODID", "REV", "PROFILE", "X-ABLABEL", "X-ABADR", "X-ABSHOWAS", "X-ABUID",
}  # fmt: skip
_NOT_CALLED = {"fax", "pager"}
_SHOWN_TYPES = ("work", "home", "cell", "fax", "pager", "car", "main", "other")
# What a line is able to do, not what it is for.
_ABLE_TO = {"pref", "internet", "voice", "text", "video", "x400", "msg", "bbs", "modem", "isdn", "pcs", "textphone"}
_LATE = 1000


# ---------------------------------------------------------------------------------------------- the file


def is_other_notation(head: bytes) -> bool:
    """jCard (RFC 7095) or xCard (RFC 6351)."""
    return b'["vcard"' in b"".join(head[:200].split()) or b"urn:ietf:params:xml:ns:vcard" in head[:2000]


def look(path: Path, given: Mapping[str, str], languages: Sequence[str]) -> list[ReaderOption]:
    """The encoding: UTF-8 since 3.0, whatever the telephone spoke before; asked when it is not certain."""
    with path.open("rb") as file:
        if is_other_notation(file.read(4096)):
            raise FileProblem("These are vCards as JSON or XML (jCard, xCard), which are not read. Export them as .vcf.")
    detected = detect_file(path, tuple(languages))
    said = given.get("encoding")
    candidates = dict.fromkeys([*detected.candidates, *([said] if said else [])])
    try:
        if said:
            codec_of(said)
        choices = tuple(ReaderChoice(value=name, lines=_peek(path, name)) for name in candidates)
    except LookupError as error:
        raise Refused(
            N_("%(text)s is not an encoding. Use e.g. utf-8 or cp1250."), field="encoding", text=str(said)[:40]
        ) from error
    return [
        ReaderOption(
            name="encoding",
            label=N_("Which one reads right?"),
            choices=choices,
            value=said or detected.encoding,
            marks_letters=True,
            question=N_("It is not certain in which encoding this file is. Likely: %(likely)s."),
            help=N_(
                "This file does not say in which encoding it was written. Choose the one in which the marked letters read right."
            ),
        )
    ]


def _peek(path: Path, encoding: str) -> tuple[str, ...]:
    """Lines with letters that tell."""
    with path.open(encoding=encoding, errors="replace") as file:
        return tuple(islice((line.rstrip()[:200] for line in islice(file, 20_000) if not line.isascii()), PEEK_LINES))


def open_table(path: Path, options: Mapping[str, str]) -> Table:
    """The cards, with the columns that any of them fills."""
    encoding = options.get("encoding", "utf-8")
    stamp = path.stat()
    headers = list(_columns_of(path, encoding, stamp.st_mtime_ns, stamp.st_size))
    return Table(headers, _rows(path, encoding, headers), {name: TARGETS[name] for name in headers})


@lru_cache(maxsize=16)
def _columns_of(path: Path, encoding: str, changed_at: int, size: int) -> tuple[str, ...]:
    """The columns that any card fills: one walk over the file. Kept, because a file is opened several times."""
    used: set[str] = set()
    count = 0
    for entry in _entries(path, encoding):
        if isinstance(entry, Card):
            used.update(name for name, text in cells_of(entry).items() if text)
        count += 1
    if not count:
        raise FileProblem("There is no card in this file: it holds no BEGIN:VCARD.")
    return tuple(name for name in TARGETS if name in used) or ("Name",)


def _rows(path: Path, encoding: str, headers: list[str]) -> Iterator[Row | RowProblem]:
    for entry in _entries(path, encoding):
        if isinstance(entry, RowProblem):
            yield entry
        else:
            cells = cells_of(entry)
            yield Row(entry.number, [cells[name] for name in headers])


def _entries(path: Path, encoding: str) -> Iterator[Card | RowProblem]:
    with ExitStack() as stack:
        if encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
            # Its line ends are no single bytes.
            text = stack.enter_context(path.open(encoding=encoding, errors="replace", newline=""))
            yield from read_cards((line.removeprefix("\ufeff").encode() for line in text), "utf-8")
            return
        file = stack.enter_context(path.open("rb"))
        lines = (line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line for number, line in enumerate(file))
        yield from read_cards((part for line in lines for part in _apart(line)), encoding)


def _apart(line: bytes) -> list[bytes]:
    """Old Macs ended lines with a CR alone."""
    return line.splitlines(keepends=True) if b"\r" in line[:-2] else [line]


# ---------------------------------------------------------------------------------------------- one card


def cells_of(card: Card) -> dict[str, str]:
    """The texts of a card, by column."""
    phones = sorted(card.all("TEL"), key=lambda line: line.rank + _LATE * bool(_NOT_CALLED & set(line.types)))
    mails = sorted(card.all("EMAIL"), key=lambda line: line.rank + _LATE * ("@" not in line.text))
    sites = card.all("URL")
    addresses = sorted(card.all("ADR"), key=lambda line: (line.rank, "work" not in line.types))
    organisations = [line.parts() for line in card.all("ORG")]
    place = _address(addresses[0]) if addresses else {}
    return {
        **_names(card, organisations[0][0] if organisations else ""),
        "Organisation": organisations[0][0] if organisations else "",
        "Department": _listed(
            [*organisations[0][1:], *(", ".join(parts) for parts in organisations[1:])] if organisations else []
        ),
        "Job title": _line(card.first("TITLE") or card.first("ROLE")),
        "E-mail": _mail(mails[0]) if mails else "",
        "Other e-mails": _typed(mails[1:], _mail),
        "Phone": _phone(phones[0]) if phones else "",
        "Other phones": _typed(phones[1:], _phone),
        "Website": _line(sites[0].text) if sites else "",
        "Other websites": _typed(sites[1:], lambda line: _line(line.text)),
        **{name: place.get(name, "") for name in ("Street", "Postal code", "City", "Region", "Country")},
        "Other addresses": _typed(addresses[1:], lambda line: _listed(_address(line).values())),
        "Birthday": _day(card.first("BDAY")),
        "Nickname": _line(card.first("NICKNAME")),
        "Categories": _listed(line.text for line in card.all("CATEGORIES")),
        "Note": "\n\n".join(line.text for line in card.all("NOTE")),
        "UID": card.first("UID").removeprefix("urn:uuid:")[:120],
        "Other properties": _others(card),
    }


def _names(card: Card, organisation: str) -> dict[str, str]:
    parts = [*next((line.parts() for line in card.all("N")), []), *[""] * 5]
    family, given, further = parts[0], parts[1], parts[2]
    full = _line(card.first("FN")) or " ".join(filter(None, (_line(given), _line(further), _line(family))))
    if full == organisation and not (family or given):
        full = ""  # a firm's card
    return {"Name": full, "Given name": _line(given), "Family name": _line(family)}


def _address(line: Line) -> dict[str, str]:
    box, more, street, city, region, code, country = [*(_line(part) for part in line.parts()), *[""] * 7][:7]
    return {"Street": _listed([street, more, box]), "Postal code": code, "City": city, "Region": region, "Country": country}


def _phone(line: Line) -> str:
    """Without tel:, an extension as people write it."""
    text, _, parameters = _line(line.text).removeprefix("tel:").partition(";")
    extension = re.search(r"(?:^|;)ext=(\d+)", parameters)
    return f"{text} ext. {extension[1]}" if extension else text


def _mail(line: Line) -> str:
    return _line(line.text).removeprefix("mailto:")


def _typed(lines: Sequence[Line], text: Callable[[Line], str]) -> str:
    """Each with what it is for: 905-666-1234 (home)."""
    found = []
    for line in lines:
        others = [kind for kind in line.types if kind not in _ABLE_TO]
        kind = next((kind for kind in (*_SHOWN_TYPES, *others) if kind in line.types), "")
        found.append(f"{text(line)} ({kind})" if kind else text(line))
    return "; ".join(filter(None, found))


def _day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if re.fullmatch(r"\d{8}(?:T.*)?", text) else _line(text)


def _others(card: Card) -> str:
    found: dict[str, list[str]] = {}
    for line in card.lines:
        if line.name not in _KNOWN and (text := line.text.strip(" ;")):
            found.setdefault(line.name, []).append(text)
    if card.first("TITLE") and (role := card.first("ROLE")):
        found["ROLE"] = [role]
    return json.dumps({name: "; ".join(texts) for name, texts in found.items()}, ensure_ascii=False) if found else ""


def _line(text: str) -> str:
    return ", ".join(filter(None, (part.strip(" ,") for part in text.splitlines())))


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(filter(None, texts))
