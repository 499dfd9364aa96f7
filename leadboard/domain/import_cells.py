"""One cell of a file as the value of one field: what is understood beyond clean_value, and when to say no."""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from babel import Locale

from leadboard.domain.field_values import clean_value
from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key, find_emails
from leadboard.lib.text import clean_text, fold
from leadboard.models.record_fields import FieldKind, RecordField

MAX_KEPT = 100_000
# Names of countries are looked up in these; an earlier language wins.
_LANGUAGES = ("en", "de", "pl", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "cs", "el", "tr", "uk", "ru", "fa", "ar")
_SHORT_NAMES = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "america": "US", "united states of america": "US", "uk": "GB", "u.k.": "GB",
    "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL", "czech republic": "CZ", "korea": "KR",
    "republic of ireland": "IE", "uae": "AE", "turkey": "TR", "deutschland": "DE", "brd": "DE",
}  # fmt: skip
_PHONE_PREFIX = re.compile(r"^(?:p|tel|phone|mobile):\s*", re.IGNORECASE)
_FLOAT_PHONE = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d{1,2}")
_PLAIN_PHONE = re.compile("[0-9 +()./-]{1,60}")
_SEVERAL = " ::: "


class KeptAside(Exception):
    """A cell that does not fit its field, or not whole. `value` goes into the field, the cell under "Other columns"."""

    def __init__(self, message: str, value: Any, **params: Any) -> None:
        super().__init__(message)
        self.message, self.value, self.params = message, value, params


def reader_of(field: RecordField) -> Callable[[str], Any]:
    """How a cell becomes the value of a typed field (amounts, days and names of records are read elsewhere).

    The reader raises Refused, KeptAside.
    """
    return partial(_READERS.get(field.kind, clean_value), field)


def read_kept(text: str) -> str:
    """A cell that is kept as it is, line breaks and all."""
    try:
        return clean_text(text, MAX_KEPT)
    except ValueError as error:
        raise Refused(N_("This text is too long: at most %(limit)d characters."), limit=MAX_KEPT) from error


def _text(field: RecordField, text: str) -> str:
    if len(text) <= field.limit and text.isascii() and text.isprintable():
        return " ".join(text.split())
    return str(clean_value(field, text))


def _email(field: RecordField, text: str) -> str:
    key = email_key(text)
    if key == text.lower() and text.isascii():
        return text  # nothing but an address
    if key is None or "<" in text:
        found = find_emails(text)
        if len(found) > 1:
            raise KeptAside(N_("Several addresses: the first one is used."), clean_value(field, found[0]))
        if found:
            return str(clean_value(field, found[0]))
    return str(clean_value(field, text))


def _phone(field: RecordField, text: str) -> str:
    if _PLAIN_PHONE.fullmatch(text):
        return " ".join(text.split())
    text = _PHONE_PREFIX.sub("", text.strip())
    if _FLOAT_PHONE.fullmatch(text):
        raise Refused(
            N_("“%(text)s” was a phone number before a spreadsheet cut its digits. Format the column as text and export again."),
            text=text[:40],
        )
    if _SEVERAL in text:
        raise KeptAside(N_("Several numbers: the first one is used."), clean_value(field, text.partition(_SEVERAL)[0]))
    return str(clean_value(field, text))


def _country(field: RecordField, text: str) -> str:
    code = country_code(text.strip()[:100])
    if code is None:
        raise KeptAside(N_("“%(text)s” is not known as a country."), "", text=text.strip()[:40])
    return code


@lru_cache(maxsize=2048)
def country_code(text: str) -> str | None:
    """The code of a country by its code or its name in one of our languages."""
    folded = fold(text)
    if len(text) == 2 and text.upper() in Locale("en").territories:
        return text.upper()
    return _country_names().get(folded)


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names = {fold(name): code for name, code in _SHORT_NAMES.items()}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB"}:
                names.setdefault(fold(name), code)
    return names


def _choice(field: RecordField, text: str) -> str:
    folded = fold(text)
    for value, label in field.options:
        if folded in {value, fold(label)}:
            return value
    known = ", ".join(label for _, label in field.options)
    raise KeptAside(N_("“%(text)s” is not one of: %(known)s."), "", text=text.strip()[:40], known=known)


_READERS: dict[FieldKind, Callable[[RecordField, str], Any]] = {
    FieldKind.TEXT: _text, FieldKind.EMAIL: _email, FieldKind.PHONE: _phone, FieldKind.COUNTRY: _country, FieldKind.CHOICE: _choice,
}  # fmt: skip
