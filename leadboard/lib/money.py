"""Money as whole minor units (cents) and an ISO 4217 code; reading and writing it as people do.

Amounts are never floats: SQLite would add those up with an error.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_symbol, list_currencies

from leadboard.lib.folding import to_ascii_digits

__all__ = [
    "LARGEST_AMOUNT",
    "AmountError",
    "currency_symbol",
    "format_amount",
    "is_currency",
    "minor_digits",
    "parse_amount",
    "read_amount",
]

LARGEST_AMOUNT: Final = 10**15
"""In minor units. A thousand of the largest still add up within a signed 64-bit column."""


class AmountError(ValueError):
    """The text is not an amount of money; the message says how to write one."""


# ISO 4217, list one of 2024-06-25: the exponents that are not 2. Kept here and not asked from Babel, whose CLDR figures
# are about cash in use and change with its releases: a stored 1200 must not turn from 12.00 into 1200 by an upgrade.
_EXPONENTS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_MINOR_DIGITS: Final = {code: digits for digits, codes in _EXPONENTS.items() for code in codes.split()}


def minor_digits(currency: str) -> int:
    """Decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _MINOR_DIGITS.get(currency, 2)


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def is_currency(code: str) -> bool:
    """Whether this is an ISO 4217 code, in capitals, in use or historical."""
    return code in _currencies()


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    """A locale by any spelling ("pl", "pl-PL"); English where there is none."""
    for candidate in (name.replace("-", "_"), name[:2]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@lru_cache(maxsize=1024)
def currency_symbol(currency: str, locale: str) -> str:
    """The sign of a currency as people of this locale know it: "€", "zł", "CA$"."""
    return str(get_currency_symbol(currency, locale=_locale(locale)))


# --- writing ---------------------------------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """How one locale writes amounts of one currency."""

    before: str
    after: str
    below_before: str  # of a negative amount
    below_after: str
    group: str
    decimal: str
    lakh: bool  # groups of two above the thousand: 12,34,567


def _symbols(locale: Locale) -> tuple[str, str]:
    """Grouping sign and decimal mark with Latin digits, which all our pages use."""
    numbers = locale.number_symbols
    latin = numbers.get("latn") or numbers[locale.default_numbering_system]
    return str(latin.get("group", ",")), str(latin.get("decimal", "."))


def _with_symbol(affix: str, symbol: str, *, is_prefix: bool) -> str:
    """Put the symbol in place of ¤; one of letters is kept off the digits (CLDR currencySpacing)."""
    if "¤" not in affix:
        return affix
    edge = symbol[-1:] if is_prefix else symbol[:1]
    gap = "\u00a0" if edge.isalpha() or edge == "." else ""
    if is_prefix and affix.endswith("¤"):
        return affix.replace("¤", symbol) + gap
    if not is_prefix and affix.startswith("¤"):
        return gap + affix.replace("¤", symbol)
    return affix.replace("¤", symbol)


@lru_cache(maxsize=1024)
def _shape(currency: str, locale_name: str) -> _Shape:
    locale = _locale(locale_name)
    symbol = currency_symbol(currency, locale_name)
    pattern = locale.currency_formats["standard"]
    group, decimal = _symbols(locale)
    return _Shape(
        before=_with_symbol(pattern.prefix[0], symbol, is_prefix=True),
        after=_with_symbol(pattern.suffix[0], symbol, is_prefix=False),
        below_before=_with_symbol(pattern.prefix[1], symbol, is_prefix=True),
        below_after=_with_symbol(pattern.suffix[1], symbol, is_prefix=False),
        group=group,
        decimal=decimal,
        lakh=pattern.grouping[1] == 2,
    )


def _grouped(whole: int, shape: _Shape) -> str:
    text = f"{whole:,}"
    if shape.lakh and whole >= 100_000:
        digits = str(whole)
        head, tail = digits[:-3], digits[-3:]
        pairs = [head[max(at - 2, 0) : at] for at in range(len(head), 0, -2)]
        return shape.group.join([*reversed(pairs), tail])
    return text if shape.group == "," else text.replace(",", shape.group)


class _Scale(NamedTuple):
    """A short unit: its size in whole currency units, and what stands around the number."""

    size: int
    before: str
    after: str


@lru_cache(maxsize=1024)
def _scales(currency: str, locale_name: str) -> tuple[_Scale, ...]:
    """Short units of a locale, largest first. English takes k and m, which people type; others as CLDR has them."""
    locale = _locale(locale_name)
    shape = _shape(currency, locale_name)
    if locale.language == "en" and not shape.lakh:
        units = {10**3: "k", 10**6: "m", 10**9: "bn", 10**12: "tn"}
        return tuple(_Scale(size, shape.before, units[size] + shape.after) for size in sorted(units, reverse=True))
    symbol = currency_symbol(currency, locale_name)
    scales = {}
    for size_text, pattern in locale.compact_currency_formats["short"]["other"].items():
        digits = pattern.pattern.split(";")[0].count("0")
        # "0" alone means that this locale has no short form of this size.
        if pattern.pattern.strip("0¤ \u00a0\u200e\u200f") == "":
            continue
        size = int(size_text) // 10 ** (digits - 1)
        before = _with_symbol(pattern.prefix[0], symbol, is_prefix=True).replace("'", "")
        after = _with_symbol(pattern.suffix[0], symbol, is_prefix=False).replace("'", "")
        scales[size] = _Scale(size, before, after)
    return tuple(scales[size] for size in sorted(scales, reverse=True))


def _short(minor: int, currency: str, locale_name: str) -> str:
    shape = _shape(currency, locale_name)
    whole = (minor + 10 ** minor_digits(currency) // 2) // 10 ** minor_digits(currency)
    for scale in _scales(currency, locale_name):
        # One decimal below 100 units; 999,950 is shown as 1m, not as 1000k.
        tenths = (whole * 10 + scale.size // 2) // scale.size
        if tenths < 10 or (whole < scale.size and (whole + scale.size // 2000) < scale.size):
            continue
        number = str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}{shape.decimal}{tenths % 10}"
        if tenths >= 1000:
            number = _grouped((whole + scale.size // 2) // scale.size, shape)
        return scale.before + number + scale.after
    return shape.before + _grouped(whole, shape) + shape.after


@lru_cache(maxsize=16_384)
def format_amount(minor: int, currency: str, locale: str, *, short: bool = False) -> str:
    """An amount as this locale writes it, without decimals when it is whole: "€9,800", "1.234,50 €".

    :param minor: minor units
    :param short: about the size only, for sums in headers: "€754k", "€1.2m"

    Made for pages with hundreds of amounts: patterns are learnt once, then it is 0.2 µs for a repeated amount and
    under 2 µs for a new one.
    """
    if short and minor >= 0:
        return _short(minor, currency, locale)
    shape = _shape(currency, locale)
    digits = minor_digits(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    number = _grouped(whole, shape)
    if rest:
        number = f"{number}{shape.decimal}{rest:0{digits}}"
    if minor < 0:
        return shape.below_before + number + shape.below_after
    return shape.before + number + shape.after


# --- reading ---------------------------------------------------------------------------------------------------------

# Currency and its signs and words, a sign of several currencies with the one meant when nothing else is known.
_SIGN_LIST: Final = """
    EUR € eur euro euros / USD $ us$ / GBP £ / JPY ¥ 円 / CNY 元 / PLN zł zl / CHF fr sfr / SEK kr / CZK kč / HUF ft / RON lei
    BGN лв / UAH ₴ грн / RUB ₽ руб / TRY ₺ tl / INR ₹ rs / ILS ₪ / KRW ₩ 원 / VND ₫ / NGN ₦ / PHP ₱ / THB ฿ / KZT ₸ / GEL ₾
    AZN ₼ / CRC ₡ / PYG ₲ / BRL r$ / AUD a$ / CAD ca$ c$ / NZD nz$ / HKD hk$ / IRR ﷼ ریال تومان تومن toman / SAR ريال
"""
_SIGNS: Final = {sign: code for code, *signs in map(str.split, _SIGN_LIST.replace("\n", "/").split("/")[1:-1]) for sign in signs}
_SHARED_LIST: Final = {
    "$": "USD AUD CAD NZD SGD HKD MXN ARS CLP COP TWD BMD BSD BBD BZD FJD GYD JMD NAD TTD UYU XCD",
    "kr": "SEK NOK DKK ISK",
    "£": "GBP EGP GIP FKP SHP SSP SDG LBP SYP",
    "¥": "JPY CNY",
    "rs": "INR PKR LKR NPR MUR",
    "fr": "CHF XOF XAF",
    "﷼": "IRR SAR OMR QAR YER",
    "ریال": "IRR OMR QAR YER SAR",
    "ريال": "SAR OMR QAR YER IRR",
}
_SHARED_SIGNS: Final = {sign: frozenset(codes.split()) for sign, codes in _SHARED_LIST.items()}
_TOMANS: Final = frozenset(("تومان", "تومن", "toman"))  # ten rials
_SCALE_WORDS: Final = {
    10**3: "k th tsd tys thousand tausend mil mille tūkst тыс هزار",
    10**6: "m mn mio mln million millions millionen milion miljon млн میلیون مليون",
    10**9: "b bn mrd mld md billion milliard milliarden miliard млрд میلیارد مليار",
}
_MULTIPLIERS: Final = {word: times for times, words in _SCALE_WORDS.items() for word in words.split()}

_PLAIN: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?")
# Possessive: given back, signs that may also stand in a number take quadratic time, 9 s for 20,000 of them.
_AMOUNT: Final = re.compile(r"(?P<before>[^\d.,+\-−(]*+)(?P<number>[\d.,'_\u066b\u066c \u00a0]*\d)(?P<after>.*)", re.DOTALL)
_SPACES: Final = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_WAY_OUT: Final = "Write it like 1234.50 or 12k."


def _words(text: str) -> list[str]:
    """Signs, codes and multipliers around a number, lower case: "zł" of " zł.", "k" and "€" of "k€"."""
    words: list[str] = []
    for word in text.lower().split():
        word = word.strip(".,-–—=:")
        if word and word not in _MULTIPLIERS and word not in _SIGNS and unicodedata.category(word[-1]) == "Sc" and len(word) > 1:
            words += [word[:-1], word[-1]]
        elif word:
            words.append(word)
    return words


def _meaning(words: list[str], currency: str) -> tuple[str, int] | None:
    """Currency and multiplier of the words around a number; None when one of them is neither."""
    found, times, has_scale = "", 1, False
    for word in words:
        if word in _MULTIPLIERS and not has_scale:
            times, has_scale = times * _MULTIPLIERS[word], True
            continue
        if word in _TOMANS:
            times *= 10
        code = currency if currency in _SHARED_SIGNS.get(word, ()) else _SIGNS.get(word) or word.upper()
        if (found and found != code) or not is_currency(code):
            return None
        found = code
    return found or currency, times


def split_number(number: str, locale: str) -> tuple[str, str] | None:
    """Digits before and after the decimal mark; None when the marks make no number."""
    number = re.sub(r"(?<=\d)[ '_\u066c](?=\d{3}(?!\d))", "", number).replace("\u066b", ".·")
    if "·" in number:
        number = number.replace("·", "").replace(",", "")
        whole, _, fraction = number.partition(".")
        return (whole, fraction) if (whole + fraction).isdigit() else None
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return (number, "") if number.isdigit() else None
    mark = number[last]
    other = "," if mark == "." else "."
    if number.count(mark) > 1:
        groups = number.split(mark)
    elif other in number or not re.fullmatch(r"[1-9]\d{0,2}.\d{3}", number) or mark == _symbols(_locale(locale))[1]:
        groups = number[:last].split(other)
        whole, fraction = "".join(groups), number[last + 1 :]
        is_number = _are_groups(groups) and (whole + fraction).isdigit()
        return (whole, fraction) if is_number else None
    else:
        groups = number.split(mark)
    return ("".join(groups), "") if _are_groups(groups) else None


def _are_groups(groups: list[str]) -> bool:
    """Whether thousands are parted well: three digits in the last group, two (lakh) or three in the middle."""
    if len(groups) == 1:
        return True
    return len(groups[-1]) == 3 and 1 <= len(groups[0]) <= 3 and all(len(group) in (2, 3) for group in groups[1:-1])


def read_amount(text: str, currency: str, locale: str = "en") -> tuple[int, str]:
    """Minor units and currency of an amount as typed; `currency` holds where the text names none.

    Understands 12k, 1.5m, 1,234.50, 1.234,50, 1 234,50, 12'000, ۱۲٬۰۰۰٫۵, signs, codes and "mln" around the number.
    Only a mark that could be either ("1,234") is read by the locale. More decimals than the currency has are rounded.

    :raises AmountError: for anything that is not one amount from 0 to `LARGEST_AMOUNT`
    """
    digits = minor_digits(currency)
    if digits == 2 and (quick := _PLAIN.fullmatch(text)):
        minor = int(quick[1]) * 100 + int((quick[2] or "0").ljust(2, "0"))
        if minor <= LARGEST_AMOUNT:
            return minor, currency
    shown = text.strip()[:40]
    plain = _SPACES.sub(" ", to_ascii_digits(text).replace("’", "'").replace("ʼ", "'")).strip()
    if not plain:
        raise AmountError(f"There is no amount. {_WAY_OUT}")
    if plain[0] in "-−(" or re.match(r"\D{0,4}[-−]\s?\d", plain) or re.search(r"\d-$", plain):
        raise AmountError(f"“{shown}” is below zero. An amount is 0 or more.")
    match = _AMOUNT.fullmatch(plain.lstrip("+"))
    parts = match and split_number(match["number"].strip(), locale)
    meaning = match and _meaning(_words(match["before"]) + _words(match["after"]), currency)
    if not parts or not meaning:
        raise AmountError(f"“{shown}” is not an amount. {_WAY_OUT}")
    (whole, fraction), (found, times) = parts, meaning
    fraction = fraction[:12]  # far below the smallest unit, also of billions
    unit: int = 10 ** len(fraction)
    scaled = int(whole[:40] + fraction or "0") * times * 10 ** minor_digits(found)
    minor = (scaled + unit // 2) // unit
    if minor > LARGEST_AMOUNT:
        raise AmountError(f"“{shown}” is too large. At most {format_amount(LARGEST_AMOUNT, found, locale)} fits.")
    return minor, found


def parse_amount(text: str, currency: str, locale: str = "en") -> int:
    """Minor units of an amount in one currency; see `read_amount`.

    :raises AmountError: also when the text names another currency
    """
    minor, found = read_amount(text, currency, locale)
    if found != currency:
        raise AmountError(
            f"“{text.strip()[:40]}” is in {found}, but this amount is in {currency}. Leave the currency out or change it."
        )
    return minor
