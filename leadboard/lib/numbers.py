"""Numbers as people and files write them: 1234.5, 1.234,5, 1 234,5, ۱۲۳, and back."""

from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from leadboard.lib.folding import to_ascii_digits
from leadboard.lib.money import split_number

__all__ = ["NumberError", "decimal_mark", "format_number", "read_number", "write_number"]

_LONGEST = 40


class NumberError(ValueError):
    """The text is not a number."""


def read_number(text: str, locale: str = "en") -> Decimal:
    """The number of a text. What "1,234" is, the locale decides; all else is read alike everywhere.

    :raises NumberError: for anything that is not one number
    """
    plain = " ".join(to_ascii_digits(text).replace("\u2019", "'").replace("\u2212", "-").split())
    sign, plain = ("-", plain[1:].strip()) if plain[:1] == "-" else ("", plain.removeprefix("+"))
    parts = split_number(plain, locale) if plain and len(plain) <= _LONGEST and plain[-1:].isdigit() else None
    if parts is None:
        raise NumberError(f"“{text.strip()[:40]}” is not a number.")
    whole, fraction = parts
    return Decimal(f"{sign}{whole or '0'}.{fraction or '0'}")


def write_number(value: Decimal, mark: str = ".") -> str:
    """Digits and the decimal mark, nothing else. Behind a point three digits could be thousands: a fourth says no."""
    text = f"{value.normalize():f}"
    whole, point, fraction = text.partition(".")
    if not point:
        return whole
    return f"{whole}{mark}{fraction}" + ("0" if len(fraction) == 3 else "")


@lru_cache(maxsize=64)
def decimal_mark(locale: str) -> str:
    """The sign between whole and fraction."""
    return format_decimal(Decimal("1.5"), locale=_known(locale))[1:2]


@lru_cache(maxsize=4096)
def format_number(value: Decimal, locale: str, decimals: int) -> str:
    """A number as a locale writes it, always with this many decimals."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=_known(locale))


@lru_cache(maxsize=64)
def _known(locale: str) -> Locale:
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
