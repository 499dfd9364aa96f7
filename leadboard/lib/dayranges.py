"""Stretches of days as a filter names them: today, this-month, 2026-11, -7d."""

import re
from datetime import date, timedelta
from typing import Final, NamedTuple

from leadboard.lib.dates import DayError, parse_day, plus_months

__all__ = ["WORDS", "DayRange", "read_days"]

_PERIODS: Final = ("week", "month", "quarter", "year")
WORDS: Final = (
    "today", "yesterday", "tomorrow", *(f"{which}-{period}" for period in _PERIODS for which in ("last", "this", "next")),
)  # fmt: skip
_YEAR: Final = re.compile(r"(\d{4})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")
_ISO: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_OFFSET: Final = re.compile(r"([+-])(\d{1,4})([dwmqy])")
_MOST: Final = {"d": 36_500, "w": 5_200, "m": 1_200, "q": 400, "y": 100}
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


class DayRange(NamedTuple):
    """From `first` up to, and without, `end`. Of an offset (`is_offset`) the one day that it leads to."""

    first: date
    end: date
    is_offset: bool = False


def read_days(text: str, today: date, *, week_start: int = 0, day_first: bool = True) -> DayRange:
    """The days that a text names: a word of WORDS, a year, a month, a day, or a day so many d, w, m, q or y from today.

    :raises DayError: for anything else
    """
    text = text.strip().lower().replace("\u2212", "-")
    if text in WORDS:
        return _of_word(text, today, week_start)
    if match := _OFFSET.fullmatch(text):
        return _offset(match, today)
    try:
        if match := _YEAR.fullmatch(text):
            return _checked(DayRange(date(int(match[1]), 1, 1), date(int(match[1]) + 1, 1, 1)), text)
        if match := _MONTH.fullmatch(text):
            first = date(int(match[1]), int(match[2]), 1)
            return _checked(DayRange(first, plus_months(first, 1)), text)
        if _ISO.fullmatch(text):
            year, month, number = map(int, text.split("-"))
            if year > 1500:
                day = date(year, month, number)
                return _checked(DayRange(day, day + timedelta(days=1)), text)
    except (ValueError, OverflowError) as error:
        raise DayError(f"“{text[:40]}” is not in the calendar. Write it like 2026-11-20.") from error
    day = parse_day(text, today=today, day_first=day_first)
    return DayRange(day, day + timedelta(days=1))


def _of_word(text: str, today: date, week_start: int) -> DayRange:
    which, _, period = text.partition("-")
    if not period:
        day = today + timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[which])
        return DayRange(day, day + timedelta(days=1))
    steps = {"last": -1, "this": 0, "next": 1}[which]
    if period == "week":
        first = today - timedelta(days=(today.weekday() - week_start) % 7) + timedelta(days=7 * steps)
        return DayRange(first, first + timedelta(days=7))
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    first = plus_months(today.replace(month=(today.month - 1) // months * months + 1, day=1), steps * months)
    return DayRange(first, plus_months(first, months))


def _offset(match: re.Match[str], today: date) -> DayRange:
    number, unit = int(match[2]) * (-1 if match[1] == "-" else 1), match[3]
    if abs(number) > _MOST[unit]:
        raise DayError(f"“{match[0]}” is too far away. Write it like -30d, +2w or -6m.")
    try:
        if unit in "dw":
            day = today + timedelta(days=number * (7 if unit == "w" else 1))
        else:
            day = plus_months(today, number * {"m": 1, "q": 3, "y": 12}[unit])
        return DayRange(day, day + timedelta(days=1), is_offset=True)
    except (ValueError, OverflowError) as error:
        raise DayError(f"“{match[0]}” is too far away. Write it like -30d, +2w or -6m.") from error


def _checked(found: DayRange, text: str) -> DayRange:
    if not _FIRST_YEAR <= found.first.year <= _LAST_YEAR:
        raise DayError(f"“{text[:40]}” is too far away. Write a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return found
