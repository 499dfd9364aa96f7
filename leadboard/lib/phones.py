"""Telephone numbers: what was typed, the number it means, and the digits it is searched by.

What was typed is never rewritten; the normalised number stands beside it. Numbering plans come from `phonenumbers`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat

from leadboard.lib.folding import to_ascii_digits

__all__ = ["Phone", "PhoneState", "international", "phone_fragment", "phone_keys", "read_phone"]

PhoneState = Literal["valid", "possible", "unknown"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as typed and as understood."""

    raw: str
    e164: str | None  # "+4930901820"; None when nothing could be dialled
    digits: str  # of e164 without "+", else those typed, without the extension
    reversed_digits: str  # for searching by the last digits with an index
    extension: str
    state: PhoneState
    damaged: bool = False  # a spreadsheet turned it into a float; the last digits are lost


_LONGEST: Final = 100
_SCHEME: Final = re.compile(r"^(?:tel|callto|sips?|phone|fax|p|t|m):\s*", re.IGNORECASE)
_FLOAT: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d{1,2}")
_ZEROS_AFTER_POINT: Final = re.compile(r"(\d{7,15})[.,]0")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\0]")
# Words for "extension" that phonenumbers does not know.
_EXTENSION_WORD: Final = re.compile(
    r"[\s,;(]+(?:wew(?:n(?:ętrzny|\.)?)?|durchwahl|dw|app(?:arat)?|nst|klapka|kl|poste|interno|toestel|tst|ank|lokal|داخلی|فرعی)"
    r"[.:\s]*(?P<extension>\d{1,7})\)?$",
    re.IGNORECASE,
)
_NOT_DIGIT: Final = re.compile(r"\D+")


def _readable(raw: str) -> str:
    """The number in a form phonenumbers reads: ASCII digits, no scheme, nothing invisible."""
    text = _SCHEME.sub("", _INVISIBLE.sub("", to_ascii_digits(raw)).strip())
    if text and not text.isascii():
        text = text.replace("\u00a0", " ")
    text = _EXTENSION_WORD.sub(r" ext. \g<extension>", text)
    # A spreadsheet wrote a whole number as a float: nothing is lost.
    return match[1] if (match := _ZEROS_AFTER_POINT.fullmatch(text)) else text


def _unknown(raw: str, text: str, *, damaged: bool = False) -> Phone:
    digits = _NOT_DIGIT.sub("", text)[:_LONGEST]
    return Phone(raw, None, digits, digits[::-1], "", "unknown", damaged)


def read_phone(raw: str, region: str | None) -> Phone:
    """Understand a number as typed; any text gives a `Phone`, at worst one of unknown state.

    Reads Persian and Arabic digits, ``tel:`` links, 00 for +, extensions, letters (0800-FLOWERS).

    :param region: ISO 3166 country in which a number without a country code is meant; None when there is none
    """
    text = _readable(raw[: _LONGEST + 1])
    if _FLOAT.fullmatch(text):
        return _unknown(raw, "", damaged=True)
    if len(raw) > _LONGEST or sum(map(str.isdigit, text)) < 3:
        return _unknown(raw, text)
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return _unknown(raw, text)
    state: PhoneState = "valid"
    if not phonenumbers.is_valid_number(number):
        if not phonenumbers.is_possible_number(number):
            return _unknown(raw, text)
        state = "possible"
    digits = _digits_of(number)
    return Phone(raw, "+" + digits, digits, digits[::-1], number.extension or "", state)


def phone_keys(raw: str, region: str | None) -> tuple[str | None, str]:
    """`e164` and `reversed_digits` of `read_phone` alone: two thirds of its time go into telling valid from possible."""
    if (quick := _plain_international(raw)) is not None:
        return "+" + quick, quick[::-1]
    text = _readable(raw[: _LONGEST + 1])
    if (quick := _plain_international(text)) is not None:
        return "+" + quick, quick[::-1]
    if _FLOAT.fullmatch(text) or len(raw) > _LONGEST or sum(map(str.isdigit, text)) < 3:
        phone = read_phone(raw, region)
        return phone.e164, phone.reversed_digits
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None, _unknown(raw, text).reversed_digits
    # A number that is valid is always possible too.
    if not phonenumbers.is_possible_number(number):
        return None, _unknown(raw, text).reversed_digits
    digits = _digits_of(number)
    return "+" + digits, digits[::-1]


_PLAIN: Final = re.compile(r"\+[1-9][0-9 ().-]{6,20}(?<! )")


def _plain_international(text: str) -> str | None:
    """Digits of a number written in full, without its extras: a tenth of the time of parsing it. None: parse it."""
    if not _PLAIN.fullmatch(text):
        return None
    digits = _NOT_DIGIT.sub("", text)
    code = _country_code(digits[:3])
    # A zero in front may belong to the number or not, depending on the country.
    if not code or digits[len(code) :][:1] in {"", "0"} or not _is_plainly_possible(int(code), len(digits) - len(code)):
        return None
    return digits


@lru_cache(maxsize=1024)
def _country_code(digits: str) -> str:
    """The calling code that these digits begin with, or "": no code begins with another one."""
    return next((digits[:n] for n in (1, 2, 3) if int(digits[:n]) in COUNTRY_CODE_TO_REGION_CODE), "")


@lru_cache(maxsize=4096)
def _is_plainly_possible(code: int, length: int) -> bool:
    """Whether numbers of this length exist there, and none of their digits would be taken for a prefix to dial first."""
    region = COUNTRY_CODE_TO_REGION_CODE[code][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None or metadata.national_prefix_for_parsing not in {None, "0"}:
        return False
    return phonenumbers.is_possible_number(PhoneNumber(country_code=code, national_number=10 ** (length - 1)))


def _digits_of(number: PhoneNumber) -> str:
    zeros = "0" * ((number.number_of_leading_zeros or 1) if number.italian_leading_zero else 0)
    return f"{number.country_code}{zeros}{number.national_number}"


@lru_cache(maxsize=8192)
def international(e164: str) -> str:
    """A number for display, "+49 30 901820"; what is no E.164 number comes back as it is.

    Some 10 µs; no parsing, an E.164 number only has to be cut after its country code.
    """
    digits = e164[1:]
    if not (e164.startswith("+") and digits.isascii() and digits.isdigit() and len(digits) <= 15):
        return e164
    length = next((n for n in (1, 2, 3) if digits[:1] != "0" and int(digits[:n]) in COUNTRY_CODE_TO_REGION_CODE), 0)
    national = digits[length:] if length else ""
    if not length or not national.strip("0"):
        return e164
    zeros = len(national) - len(national.lstrip("0"))
    number = PhoneNumber(
        country_code=int(digits[:length]),
        national_number=int(national),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


_FRAGMENT: Final = re.compile(r"[\s+()./\-–—_0-9]*")


def phone_fragment(text: str) -> str | None:
    """Reversed digits of a typed part of a number, to be found as the beginning of `Phone.reversed_digits`.

    Zeros in front go: those of 030, 0049 and +49 (0)30 are dialled, not stored. None when the text is no part of a
    number or has fewer than three digits.
    """
    plain = _SCHEME.sub("", _INVISIBLE.sub("", to_ascii_digits(text[:_LONGEST])).strip()).replace("(0)", "")
    if not _FRAGMENT.fullmatch(plain):
        return None
    digits = _NOT_DIGIT.sub("", plain).lstrip("0")
    return digits[::-1] if len(digits) >= 3 else None
