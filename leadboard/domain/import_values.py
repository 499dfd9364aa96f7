"""Numbers and days of a column: how they are written there, decided over all rows, and reading them so.

"1,234" and "03/04/2026" mean two things each. One look at every row of the column mostly settles it; when it does not, a
person is asked. Nothing is guessed.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from leadboard.db import moment
from leadboard.errors import N_, Refused
from leadboard.lib.dates import DayError, parse_day
from leadboard.lib.money import AmountError, read_amount
from leadboard.lib.text import to_ascii_digits
from leadboard.models.import_fields import TARGETS_OF, Target
from leadboard.models.record_fields import FieldKind

POINT, COMMA, DAY, MONTH, SERIAL = "point", "comma", "day", "month", "serial"
EITHER = "either"
# What programs write for "no date".
NO_DAY = {"0-0-00", "0000-00-00", "00/00/0000", "00.00.0000", "0000-00-00 00:00:00"}
_NUMBER = re.compile(r"\d(?:[\d.,'’\s\u00a0\u202f]*\d)?")
_GROUPS = re.compile(r"\d{1,3}(?:[.,'’\s\u00a0\u202f]\d{3})+")
_SPACES = re.compile(r"['’\s\u00a0\u202f]")
_NUMERIC_DAY = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d+)?")
_SERIAL_START = date(1899, 12, 30)
# Locales whose decimal mark is known to the reader of amounts.
_LOCALES = {POINT: "en", COMMA: "de"}


# Where records of several types have a field of one name, it is of one kind.
_KNOWN: dict[str, Target] = {name: target for targets in TARGETS_OF.values() for name, target in targets.items()}


def is_number(target: str) -> bool:
    return target in _KNOWN and _KNOWN[target].kind is FieldKind.MONEY


def is_whole(target: str) -> bool:
    return target in _KNOWN and _KNOWN[target].kind in {FieldKind.INTEGER, FieldKind.PERCENT}


def is_day(target: str) -> bool:
    return target in _KNOWN and (_KNOWN[target].is_moment or _KNOWN[target].kind is FieldKind.DAY)


# ---------------------------------------------------------------------------------------------- deciding


def mark_of(text: str) -> str:
    """What one cell says about the decimal mark of its column: point, comma, either, or nothing ("")."""
    found = _NUMBER.search(to_ascii_digits(text))
    if found is None:
        return ""
    number = _SPACES.sub("", found.group())
    points, commas = number.count("."), number.count(",")
    if not points and not commas:
        return ""
    if points and commas:
        return POINT if number.rfind(".") > number.rfind(",") else COMMA
    mark, other = (POINT, COMMA) if points else (COMMA, POINT)
    if points + commas > 1:
        return other
    whole, _, fraction = number.partition("." if points else ",")
    could_be_thousands = len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0")
    return EITHER if could_be_thousands else mark


def order_of(text: str) -> str:
    """What one cell says about day and month of its column: day (first), month, either, serial, or nothing ("")."""
    plain = to_ascii_digits(text).strip()
    found = _NUMERIC_DAY.match(plain)
    if found is None:
        return SERIAL if _SERIAL.fullmatch(plain) else ""
    one, other = int(found[1]), int(found[3])
    if one == other:
        return ""
    if one > 12:
        return DAY
    return MONTH if other > 12 else EITHER


@dataclass
class ColumnMarks:
    """What the cells of one column said, and one that could be read in two ways."""

    column: str
    target: str
    reads_as: str = ""
    votes: Counter[str] = field(default_factory=Counter)
    example: str = ""
    filled: int = 0

    @property
    def is_day(self) -> bool:
        return self.reads_as == "day" or is_day(self.target)

    def see(self, text: str) -> None:
        vote = order_of(text) if self.is_day else mark_of(text)
        self.filled += 1
        if vote:
            self.votes[vote] += 1
            if vote == EITHER and not self.example:
                self.example = text.strip()[:40]

    def decide(self, said: str) -> str:
        """The column's word, given what a person has said (or ""). Raises Refused naming the column and the option."""
        return self._decide_order(said) if self.is_day else self._decide_mark(said)

    def _decide_mark(self, said: str) -> str:
        if said:
            return said
        points, commas = self.votes[POINT], self.votes[COMMA]
        if self.votes[EITHER] and bool(points) == bool(commas):
            raise Refused(
                N_("Column %(column)s: %(example)s can be read in two ways. Say whether the point or the comma marks the decimals."),
                field="decimal", column=self.column, example=self.example,
            )  # fmt: skip
        return COMMA if commas > points else POINT

    def _decide_order(self, said: str) -> str:
        if self.votes[SERIAL] and self.votes[SERIAL] == self.filled:
            return SERIAL
        if said:
            return said
        if self.votes[EITHER] and bool(self.votes[DAY]) == bool(self.votes[MONTH]):
            raise Refused(
                N_("Column %(column)s: %(example)s can be read in two ways. Say whether the day or the month comes first."),
                field="day_order", column=self.column, example=self.example,
            )  # fmt: skip
        return MONTH if self.votes[MONTH] else DAY


def marks_for(mapping: Mapping[str, str], custom: Callable[[str], str] = lambda _: "") -> dict[str, ColumnMarks]:
    """A counter for each column whose cells can be read in two ways; `custom` tells what the target is as written: number, day."""
    return {
        column: ColumnMarks(column, target, custom(target))
        for column, target in mapping.items()
        if is_number(target) or is_day(target) or custom(target)
    }


# ---------------------------------------------------------------------------------------------- reading


def read_money(text: str, currency: str, decided: str) -> tuple[int, str]:
    """Minor units and currency of a cell. Raises Refused."""
    try:
        return read_amount(text, currency, _LOCALES.get(decided, "en"))
    except AmountError as error:
        raise Refused("%(text)s", text=str(error)) from error


def read_whole(text: str) -> int:
    """A count or a percentage of a cell: 1,200 and 1.200 are both 1200, 40 % is 40. Raises Refused."""
    plain = to_ascii_digits(text).strip().removesuffix("%").strip()
    if _GROUPS.fullmatch(plain):
        return int(re.sub(r"\D", "", plain))
    whole, _, fraction = plain.replace(",", ".").partition(".")
    if whole.isdigit() and len(whole) < 16 and (not fraction or fraction.isdigit()):
        return int(whole) + (fraction[:1] >= "5")
    raise Refused(N_("“%(text)s” is not a whole number."), text=text.strip()[:40])


@lru_cache(maxsize=4096)
def read_day(text: str, decided: str, today: date) -> date | None:
    """A day of a cell; None for the ways to write "no day". Raises Refused."""
    plain = text.strip()
    if plain in NO_DAY:
        return None
    if decided == SERIAL:
        return _SERIAL_START + timedelta(days=int(re.split("[.,]", to_ascii_digits(plain))[0]))
    try:
        return parse_day(plain, today=today, day_first=decided != MONTH)
    except DayError as error:
        raise Refused("%(text)s", text=str(error)) from error


@lru_cache(maxsize=4096)
def read_moment(text: str, decided: str, time_zone: str, today: date) -> int | None:
    """A point in time of a cell, in milliseconds: what has no zone is of the instance's, a day is its first moment."""
    plain = to_ascii_digits(text).strip()
    zone = ZoneInfo(time_zone)
    if decided != SERIAL and len(plain) > 10:
        try:
            found = datetime.fromisoformat(plain.removesuffix(" UTC") + ("+00:00" if plain.endswith(" UTC") else ""))
        except ValueError:
            pass
        else:
            return round((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp() * 1000)
    day = read_day(text, decided, today)
    return None if day is None else round(datetime.combine(day, time(), zone).timestamp() * 1000)


def day_of(at: int, time_zone: str) -> date:
    """The day of a stored point in time where the instance is."""
    return moment(at).astimezone(ZoneInfo(time_zone)).date()
