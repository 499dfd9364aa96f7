"""Values as a person reads them, in the instance's language, currency and time zone. One object a request.

Formatting is called a few hundred times a page, so each function is a dictionary look-up away from its text.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta, get_date_format
from babel.numbers import format_decimal

from leadboard.db import as_day, moment
from leadboard.i18n import formats_locale
from leadboard.lib.dates import due_state, format_day, today_in
from leadboard.lib.money import format_amount
from leadboard.queries.settings import Instance


@dataclass(frozen=True)
class Formats:
    locale: str
    time_zone: str
    currency: str
    today: date

    @classmethod
    def of(cls, instance: Instance) -> "Formats":
        return cls(
            formats_locale(instance.language, instance.country),
            instance.time_zone,
            instance.currency,
            today_in(instance.time_zone),
        )

    def money(self, amount: int | None, currency: str | None = None, *, short: bool = False) -> str:
        """Minor units as text, e.g. €9,800 or, short, €9.8k. Empty without an amount."""
        return "" if amount is None else format_amount(amount, currency or self.currency, self.locale, short=short)

    def number(self, value: int) -> str:
        return _number(value, self.locale)

    def day(self, day: date | str | None) -> str:
        """20 Nov, with the year when it is another one."""
        value = as_day(day)
        return "" if value is None else format_day(value, self.locale, today=self.today)

    @property
    def day_first(self) -> bool:
        """What 3/4 means to the reader: 3 April, or in a few countries March 4."""
        return _day_first(self.locale)

    def due(self, day: date | str | None) -> str:
        """overdue, today, planned or none."""
        return due_state(as_day(day), self.today)

    def local(self, at: int | datetime) -> datetime:
        """A stored moment in the instance's time zone."""
        value = moment(at) if isinstance(at, int) else at
        return value.astimezone(_zone(self.time_zone))

    def moment(self, at: int | datetime | None) -> str:
        """Date and time for a title or an absolute stamp."""
        return "" if at is None else _moment(self.local(at).replace(microsecond=0), self.locale)

    def clock(self, at: int | datetime) -> str:
        return f"{self.local(at):%H:%M}"

    def ago(self, at: int | datetime | None) -> str:
        """The distance in the largest unit, as in "3 days"."""
        if at is None:
            return ""
        days = (self.today - self.local(at).date()).days
        return _days(days, self.locale)

    def days_since(self, at: int | datetime) -> int:
        """Whole calendar days between a moment and today."""
        return (self.today - self.local(at).date()).days


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _moment(local: datetime, locale: str) -> str:
    return format_datetime(local, "medium", locale=locale)


@lru_cache(maxsize=64)
def _day_first(locale: str) -> bool:
    return not str(get_date_format("short", locale=locale).pattern).startswith("M")


@lru_cache(maxsize=4096)
def _number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=4096)
def _days(days: int, locale: str) -> str:
    return format_timedelta(days * 86_400, granularity="day", threshold=1.5, locale=locale)
