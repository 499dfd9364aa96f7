"""Days and moments: "today" of a zone, days as people type them, how a day is written, UTC moments as text."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton

from leadboard.lib.folding import fold

__all__ = [
    "DayError",
    "DueState",
    "days_between",
    "due_state",
    "format_day",
    "from_iso",
    "iso_utc",
    "parse_day",
    "plus_months",
    "today_in",
    "utc_now",
]

DueState = Literal["none", "overdue", "today", "planned"]


class DayError(ValueError):
    """The text is not a day; the message says how to write one."""


def utc_now() -> datetime:
    """This moment, with its zone UTC."""
    return datetime.now(UTC)


def today_in(zone_name: str) -> date:
    """Today's date for someone in this zone; in UTC when the name is no zone."""
    try:
        return datetime.now(ZoneInfo(zone_name)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return utc_now().date()


def days_between(start: date, end: date) -> int:
    """Days from start to end; negative when end is earlier."""
    return (end - start).days


def due_state(due: date | None, today: date) -> DueState:
    """How urgent a day is."""
    if due is None:
        return "none"
    if due == today:
        return "today"
    return "overdue" if due < today else "planned"


def iso_utc(moment: datetime) -> str:
    """A moment as "2026-11-21T10:00:00Z", microseconds only if it has any. One without a zone is taken for UTC."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """The moment of an ISO 8601 text, in UTC; one without a zone is taken for UTC.

    :raises DayError: for any other text
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DayError(f"“{text[:40]}” is not a moment. Write it like 2026-11-21T10:00:00Z.") from error


# --- writing ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _written(day: date, locale_name: str, skeleton: str) -> str:
    try:
        locale = Locale.parse(locale_name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en", "GB")
    # Our English is British: "20 Nov". Whoever wants "Nov 20" chooses en_US.
    if str(locale) == "en":
        locale = Locale("en", "GB")
    return format_skeleton(skeleton, day, locale=locale)


def format_day(day: date, locale: str, *, today: date) -> str:
    """A day, short: "20 Nov", with the year when it is not this year's. 0.3 µs once a day was written before."""
    return _written(day, locale, "MMMd" if day.year == today.year else "yMMMd")


# --- reading ---------------------------------------------------------------------------------------------------------

_WAY_OUT: Final = "Write it like 2026-11-20, 20 Nov, friday or +3."
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

# Languages whose names of months and weekdays are understood, in the order in which the first meaning wins.
_LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "fa")
_OFFSETS: Final = {
    0: "today, now, heute, dzis, dzisiaj, aujourd'hui, hoy, oggi, hoje, vandaag, idag, i dag, tanaan, dnes, امروز, اليوم",
    1: "tomorrow, tmr, tom, morgen, jutro, demain, manana, domani, amanha, imorgon, i morgon, i morgen, huomenna, zitra, فردا",
    -1: "yesterday, gestern, wczoraj, hier, ayer, ieri, ontem, gisteren, i gar, igar, دیروز",
    2: "day after tomorrow, ubermorgen, pojutrze, apres-demain, overmorgen, پس فردا",
}
_RELATIVE: Final = {word: days for days, words in _OFFSETS.items() for word in words.split(", ")}


def _names(width_of: Callable[[Locale, str], dict[int, str]], languages: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for language in languages:
        for width in ("wide", "abbreviated"):
            for number, name in width_of(Locale.parse(language), width).items():
                key = fold(name).rstrip(".")
                found.setdefault(key, number)
                # "listopada" and "listopad" differ in the ending only, "maj" and "mars" do not.
                if width == "wide" and len(key) > 5:
                    found.setdefault(key[:5], number)
    return found


@lru_cache(maxsize=2)
def _months(languages: tuple[str, ...]) -> dict[str, int]:
    """Month number by folded name, abbreviation or first five letters."""
    names = _names(lambda locale, width: dict(locale.months["format"][width]), languages)
    for name, number in _names(lambda locale, width: dict(locale.months["stand-alone"][width]), languages).items():
        names.setdefault(name, number)
    return {**names, "sept": 9}


@lru_cache(maxsize=2)
def _weekdays(languages: tuple[str, ...]) -> dict[str, int]:
    """Weekday, 0 is Monday, by folded name or abbreviation."""
    names = _names(lambda locale, width: dict(locale.days["format"][width]), languages)
    return {**names, "tues": 1, "weds": 2, "thur": 3, "thurs": 3}


def _number_of(name: str, table: Callable[[tuple[str, ...]], dict[str, int]]) -> int | None:
    """English first: loading the other languages takes some 100 ms, once."""
    name = name.rstrip(".")
    for languages in (("en",), _LANGUAGES):
        names = table(languages)
        number = names.get(name)
        if number is None and len(name) > 5 and table is _months:
            number = names.get(name[:5])
        if number is not None:
            return number
    return None


def _day(year: int, month: int, day: int, shown: str) -> date:
    if 1200 < year < 1500:
        year, month, day = _from_jalali(year, month, day, shown)
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise DayError(f"“{shown}” is not a day of the calendar. {_WAY_OUT}") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise DayError(f"“{shown}” is in the year {found.year}. Write a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return found


# The run of 33-year leap cycles we live in (Borkowski, "The Persian calendar for 3000 years", Earth, Moon and Planets 74).
_JALALI_FIRST: Final = 1210
_JALALI_END: Final = 1635


def _from_jalali(year: int, month: int, day: int, shown: str) -> tuple[int, int, int]:
    """The Gregorian day of a Solar Hijri one: a year like 1405 is never meant otherwise.

    The 33-year rule agrees with the official calendar from 1210 to 1634 (1831 to 2256).
    """
    is_leap = (year * 8 + 29) % 33 < 8
    length = 31 if month <= 6 else 30 if month <= 11 or is_leap else 29
    if not (_JALALI_FIRST <= year < _JALALI_END and 1 <= month <= 12 and 1 <= day <= length):
        raise DayError(f"“{shown}” is not a day of the Solar Hijri calendar. {_WAY_OUT}")
    leaps_before = sum((before * 8 + 29) % 33 < 8 for before in range(_JALALI_FIRST, year))
    day_of_year = (month - 1) * 31 - max(month - 7, 0) + day - 1
    # 1 Farvardin 1210 was 21 March 1831.
    found = date(1831, 3, 21) + timedelta(days=(year - _JALALI_FIRST) * 365 + leaps_before + day_of_year)
    return found.year, found.month, found.day


def _full_year(digits: str) -> int:
    """26 is 2026, 70 is 1970."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 70 else 1900)


def _coming(month: int, day: int, today: date, shown: str) -> date:
    """The next such day, today included: someone who leaves the year out plans."""
    for year in range(today.year, today.year + 8):
        if (month, day) == (2, 29) and not (year % 4 == 0 and (year % 100 or year % 400 == 0)):
            continue
        found = _day(year, month, day, shown)
        if found >= today:
            return found
    raise DayError(f"“{shown}” is not a day of the calendar. {_WAY_OUT}")


def plus_months(today: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(today.month - 1 + months, 12)
    first_of_next = date(today.year + years + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(today.year + years, month + 1, min(today.day, last))


_ISO: Final = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[t ][\d:.,]+\s?(?:z|utc|[+-][\d:]+)?)?")
_NUMERIC: Final = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})(?:\2\s?(\d{4}|\d{2})?)?(?: \d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?")
_DAY_MONTH: Final = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]*(?:of |de |di )?([^\W\d]+\.?)(?:[\s,-]+(?:de )?'?(\d{4}|\d{2}))?"
)
_MONTH_DAY: Final = re.compile(r"([^\W\d]+\.?)[\s-]*(\d{1,2})(?:st|nd|rd|th)?(?:[\s,]+(\d{4}))?")
_OFFSET: Final = re.compile(r"(?:in |\+ ?)?(\d{1,4}) ?(d|days?|w|weeks?|m|months?|y|years?)?")
_UNITS: Final = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


def _offset_day(text: str, today: date, shown: str) -> date | None:
    """ "+3", "in 3 days", "2w", "next week"."""
    if text in _RELATIVE:
        return today + timedelta(days=_RELATIVE[text])
    if text == "next week":
        return today + timedelta(days=7 - today.weekday())
    if text == "next month":
        return plus_months(today.replace(day=1), 1)
    match = _OFFSET.fullmatch(re.sub(r"^in an? ", "in 1 ", text))
    if not match or (match[2] is None and not text.startswith(("in ", "+"))):
        return None
    number, unit = int(match[1]), (match[2] or "d")[0]
    if number > {"d": 9999, "w": 520, "m": 120, "y": 50}[unit]:
        raise DayError(f"“{shown}” is too far away. {_WAY_OUT}")
    if unit in "my":
        return plus_months(today, number * (12 if unit == "y" else 1))
    return today + timedelta(days=number * (7 if unit == "w" else 1))


def _weekday(text: str, today: date) -> date | None:
    """The first such day after today; with "next" the one of next calendar week."""
    is_next = text.startswith("next ")
    number = _number_of(text.removeprefix("next ").removeprefix("on "), _weekdays)
    if number is None:
        return None
    if is_next:
        return today + timedelta(days=7 - today.weekday() + number)
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _numeric(match: re.Match[str], today: date, shown: str, *, day_first: bool) -> date:
    one, mark, other = int(match[1]), match[2], int(match[3])
    # With dots the day is first everywhere; otherwise a number over 12 can only be the day.
    if mark == "." or one > 12:
        day, month = one, other
    elif other > 12:
        month, day = one, other
    else:
        day, month = (one, other) if day_first else (other, one)
    return _day(_full_year(match[4]), month, day, shown) if match[4] else _coming(month, day, today, shown)


def _named(text: str, today: date, shown: str) -> date | None:
    """ "20 Nov", "Nov 20, 2026", "20. listopada 2026", "7-Feb-22"."""
    if match := _DAY_MONTH.fullmatch(text):
        day, name, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(text):
        name, day, year = match.groups()
    else:
        return None
    month = _number_of(name, _months)
    if month is None:
        return None
    return _day(_full_year(year), month, int(day), shown) if year else _coming(month, int(day), today, shown)


def parse_day(text: str, *, today: date, day_first: bool) -> date:
    """The day of a text: 2026-11-20, 20.11.2026, 20 Nov, Nov 20 2026, today, fri, +3, in 2 weeks, next week, ۱۴۰۵/۰۹/۰۱.

    A day without a year is the next one to come; a weekday is the first after today; "next week" is its Monday. The
    time of a moment is left out. Years from 1210 to 1500 are read in the Solar Hijri calendar.

    :param day_first: what 3/4/2026 means; used only when both could be the month
    :raises DayError: for anything else, with the ways to write a day
    """
    shown = text.strip()[:40]
    folded = fold(text[:100]).strip(" ,")
    if not folded:
        raise DayError(f"There is no day. {_WAY_OUT}")
    if match := _ISO.fullmatch(folded):
        return _day(int(match[1]), int(match[3]), int(match[4]), shown)
    if match := _NUMERIC.fullmatch(folded):
        return _numeric(match, today, shown, day_first=day_first)
    # "Fri, 20 Nov 2026": the date says it all.
    bare = re.sub(r"^[^\W\d]{2,12}\.?,\s*(?=\d)", "", folded)
    found = _offset_day(bare, today, shown) or _named(bare, today, shown) or _weekday(bare, today)
    if found is None:
        raise DayError(f"“{shown}” is not a day. {_WAY_OUT}")
    return found
