"""One typed line becomes a lead: ``Anna Kim, Acme, anna@acme.example, +49 30 901820, 12k``, in any order.

E-mail, number and money are known by their shape; the first text that is left is the person, the second the
organisation. What is not understood is kept in `QuickLead.rest`: nothing typed is lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from leadboard.lib.emails import email_key, find_emails
from leadboard.lib.folding import to_ascii_digits
from leadboard.lib.money import AmountError, read_amount
from leadboard.lib.phones import read_phone

__all__ = ["LONGEST_LINE", "MOST_LINES", "QuickAddError", "QuickLead", "looks_like_firm", "read_line", "read_lines"]

MOST_LINES: Final = 500
LONGEST_LINE: Final = 2000


class QuickAddError(ValueError):
    """The pasted text cannot be added this way; the message names the other way."""


@dataclass(frozen=True, kw_only=True)
class QuickLead:
    """What a line says. Texts are as typed, "" where there is none."""

    person_name: str = ""
    organisation_name: str = ""
    email: str = ""
    phone: str = ""
    value_amount: int | None = None  # minor units
    value_currency: str | None = None
    rest: str = ""


# Legal forms and words that end or hold a firm's name. Those of two capitals count only as they are, at the end: "as"
# and "ag" are words and initials elsewhere.
_FIRM: Final = re.compile(
    r"(?i:(?:^|[\s,.&(])(?:gmbh|mbh|ohg|kgaa|e\.\s?k\.|ltd|limited|llc|llp|inc|incorporated|corp|corporation|company|plc|s\.a\.|"
    r"s\.?a\.?s\.?u?|s\.?a\.?r\.?l|s\.?r\.?l|s\.?p\.?a|s\.?l\.?u?|b\.v\.|n\.v\.|a/s|aps|oyj?|sp\.?\s?z\.?\s?o\.?\s?o|sp\.?\s?k|s\.?r\.?o|"
    r"a\.\s?s|kft|zrt|nyrt|bt|d\.?o\.?o|oü|uab|sia|pty|pvt|ltda|eireli|group|gruppe|trust|p\.l\.c|holdings?|verein|e\.\s?v|stiftung|foundation|"
    r"university|universität|hospital|hotel|bank|partners|consulting|solutions|technologies|systems|ооо|зао|оао|тоо|шпк)(?=$|[\s,.)&/]))"
    r"|(?:^|\s)(?:AG|KG|SE|UG|AB|AS|ASA|SA|SL|BV|NV|OY|PT|GbR|CO|Co\.)\.?$"
    r"|(?i:&\s?(?:co|sons?|söhne|partners?|cie|fils|figli)\b)"
    r"|^شرکت\s|株式会社|有限公司|유한회사|주식회사|\(주\)"
)


def looks_like_firm(text: str) -> bool:
    """Whether a name carries a legal form or another sign of a firm: "Acme GmbH", "Birch & Co"."""
    return bool(_FIRM.search(text)) and len(text.split()) + text.count(".") + (not text.isascii()) > 1


_SEPARATOR: Final = re.compile(r"[;|\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029،؛]|,(?!\d)|(?<!\d),")
# A comma between digits belongs to a number when thousands or one or two decimals follow.
_COMMA_NUMBER: Final = re.compile(r"\D{0,5}(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?|\d{1,7},\d{1,2})(?!\d)(?:\s?\D{0,12})?")
_PHONE: Final = re.compile(
    r"(?:(?:tel|phone|mobile|mob|fon|telefon|t|m|p)[.:]?\s*)?\+?[\d\s()./\-–]{5,}(?:\s*(?:ext\.?|x|#)\s*\d{1,6})?", re.I
)
_TRAILING_PHONE: Final = re.compile(r"(?:^|(?<=\s))\+\d[\d\s()./\-–]{5,}$")
_DAY: Final = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}-\d{1,2}-\d{1,2}")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[ .\u00a0\u202f']\d{3})+")
_NO_NAME: Final = re.compile(r"(?i:[a-z]+://|www\.)|[\W\d_]*$")  # links; digits and signs only: days, shares, ratings
_SPACES: Final = re.compile(r"\s+")


def _pieces(line: str) -> Iterator[str]:
    """The parts between separators, trimmed, without the empty ones."""
    start = 0
    for mark in _SEPARATOR.finditer(line):
        yield from _around_commas(line[start : mark.start()])
        start = mark.end()
    yield from _around_commas(line[start:])


def _around_commas(piece: str) -> Iterator[str]:
    """A piece whose commas all stand between digits: one number, or parts like ``600700800,12k``."""
    piece = _SPACES.sub(" ", piece).strip()
    parts = [piece] if "," not in piece or _COMMA_NUMBER.fullmatch(to_ascii_digits(piece)) else piece.split(",")
    yield from (part.strip() for part in parts if part.strip())


def _digit_count(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_phone(text: str, region: str | None) -> bool:
    """A + or six digits and nothing that no number has; what could be money is a number only if the region has such."""
    plain = to_ascii_digits(text)
    if not _PHONE.fullmatch(plain) or _digit_count(plain) < 6 or _DAY.fullmatch(plain):
        return False
    if plain.startswith(("+", "0")) or not plain[0].isdigit():
        return True
    if plain.isdigit():
        return len(plain) >= 7
    return not _GROUPED.fullmatch(plain) or read_phone(text, region).state == "valid"


def _money(text: str, currency: str, locale: str) -> tuple[int, str] | None:
    plain = to_ascii_digits(text)
    if not any(map(str.isdigit, plain)) or _DAY.fullmatch(plain) or (plain.isdigit() and (len(plain) > 6 or plain[0] == "0")):
        return None
    try:
        return read_amount(text, currency, locale)
    except AmountError:
        return None


class _Reading:
    """The line as understood so far."""

    def __init__(self, currency: str, region: str | None, locale: str) -> None:
        self.currency, self.region, self.locale = currency, region, locale
        self.email = self.phone = ""
        self.money: tuple[int, str] | None = None
        self.names: list[str] = []
        self.rest: list[str] = []

    def take(self, piece: str) -> None:
        """Sort one piece in; a second e-mail, number or amount goes to the rest."""
        if "@" in piece and (addresses := find_emails(piece)):
            self._take_email(piece, addresses)
        elif _is_phone(piece, self.region):
            self._take_phone(piece)
        elif money := _money(piece, self.currency, self.locale):
            if self.money is None:
                self.money = money
            else:
                self.rest.append(piece)
        elif (match := _TRAILING_PHONE.search(piece)) and match.start():
            self.take(piece[: match.start()].strip())
            self._take_phone(match.group())
        else:
            (self.rest if _NO_NAME.match(piece) else self.names).append(piece)

    def _take_email(self, piece: str, addresses: list[str]) -> None:
        """``Anna Kim <anna@acme.example>`` and ``Anna Kim anna@acme.example`` are a name and an address."""
        address = addresses[0]
        before, _, after = piece.partition(address)
        if self.email:
            self.rest.append(piece)
            return
        self.email = address
        before = re.sub(r"(?:e-?mail:?|mailto:|[<(\[\"'])\s*$", "", before.strip(), flags=re.IGNORECASE).strip(" \"'")
        after = after.strip(" >)]\"'")
        for text in (before, after):
            if text and email_key(text) != email_key(address):
                self.take(text)

    def _take_phone(self, text: str) -> None:
        if self.phone:
            self.rest.append(text)
        else:
            self.phone = text

    def lead(self) -> QuickLead:
        """A name that looks like a firm is the organisation wherever it stands; the others keep their order."""
        names = list(self.names)
        firm = next((name for name in names if looks_like_firm(name)), None)
        if firm is not None:
            names.remove(firm)
        person = names.pop(0) if names else ""
        organisation = firm if firm is not None else names.pop(0) if names else ""
        amount, currency = self.money or (None, None)
        return QuickLead(
            person_name=person,
            organisation_name=organisation,
            email=self.email,
            phone=self.phone,
            value_amount=amount,
            value_currency=currency,
            rest=", ".join([*names, *self.rest]),
        )


def read_line(text: str, *, currency: str, region: str | None, locale: str = "en") -> QuickLead:
    """Understand one line; separators are comma, semicolon, tab and |.

    :param currency: of amounts that name none
    :param region: ISO 3166 country of numbers without a country code
    :param locale: decides what "1,234" means
    """
    reading = _Reading(currency, region, locale)
    for piece in _pieces(text):
        reading.take(piece)
    return reading.lead()


def read_lines(text: str, *, currency: str, region: str | None, locale: str = "en") -> list[QuickLead]:
    """Understand pasted lines, one lead each; blank ones are left out.

    :raises QuickAddError: for more than `MOST_LINES`, or a line longer than `LONGEST_LINE`
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise QuickAddError(f"These are {len(lines):,} lines; at most {MOST_LINES} can be pasted at once. Import them as a file.")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise QuickAddError(
                f"Line {number:,} has {len(line):,} characters; at most {LONGEST_LINE:,} are read. Put long texts in a note."
            )
    return [read_line(line, currency=currency, region=region, locale=locale) for line in lines]
