"""A typed filter in words, as its chips say it: the field, the comparison, and the value as the reader writes it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext, ngettext

from leadboard.errors import N_, Refused
from leadboard.fieldtypes import Operator
from leadboard.forms.custom_inputs import input_of, reader_context
from leadboard.http import formats
from leadboard.lib.dates import DayError
from leadboard.lib.dayranges import read_days
from leadboard.lib.money import AmountError, read_amount
from leadboard.lib.querytext import Group, Node, Not, Term, Value, Words
from leadboard.queries import query_columns as columns
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.field_filter import ways_of
from leadboard.queries.query_columns import Column, Reader
from leadboard.queries.typed_query import Language

DAY_WORDS = {
    "today": N_("today"), "yesterday": N_("yesterday"), "tomorrow": N_("tomorrow"),
    "last-week": N_("last week"), "this-week": N_("this week"), "next-week": N_("next week"),
    "last-month": N_("last month"), "this-month": N_("this month"), "next-month": N_("next month"),
    "last-quarter": N_("last quarter"), "this-quarter": N_("this quarter"), "next-quarter": N_("next quarter"),
    "last-year": N_("last year"), "this-year": N_("this year"), "next-year": N_("next year"),
}  # fmt: skip
STEP_WORDS = {"overdue": N_("overdue"), "today": N_("today"), "planned": N_("planned"), "none": N_("none")}
STATE_WORDS = {
    "open": N_("open"), "board": N_("on the board"), "later": N_("not now"), "won": N_("won"), "lost": N_("lost"),
    "closed": N_("won or lost"),
}  # fmt: skip
_EMPTINESS = frozenset({columns.EMPTY, columns.FILLED})
_DAYS = frozenset({"day", "moment", "next_step"})


class Said(NamedTuple):
    """A condition in words: what it is about, and what it asks of that."""

    label: str
    asks: str

    def __str__(self) -> str:
        return f"{self.label}: {self.asks}"


def said(part: Node, language: Language, reader: Reader) -> Said:
    """A part that has been read before."""
    if isinstance(part, Words):
        return Said(gettext("Text"), f"“{part.text}”")
    if isinstance(part, Not):
        inner = said(part.part, language, reader)
        if isinstance(part.part, Group):
            return Said(gettext("Not"), str(inner))
        return Said(inner.label, gettext("not %(asked)s", asked=inner.asks))
    if isinstance(part, Group):
        parts = [str(said(one, language, reader)) for one in part.parts]
        if part.kind == "any":
            return Said(gettext("Any of"), " · ".join(parts))
        return Said(gettext("All of"), " · ".join(parts))
    return _said_term(part, language, reader)


def _said_term(term: Term, language: Language, reader: Reader) -> Said:
    found = language.find(term.key)
    if found is None:
        return Said(term.key, "")
    label = gettext(found.label) if isinstance(found, Column) else found.label
    kind = kind_of(found)
    sign = ":" if term.operator == "!=" else term.operator
    between = gettext(" or ")
    plain = [value for value in term.values if value.last is None and (value.is_quoted or value.text.lower() not in _EMPTINESS)]
    if sign == ":" and _looks_inside(found) and len(plain) == len(term.values):
        shown = between.join(shown_value(value.text, found, kind, reader, is_quoted=True) for value in plain)
        asks = (
            gettext("does not contain %(value)s", value=shown)
            if term.operator == "!="
            else gettext("contains %(value)s", value=shown)
        )
        return Said(label, asks)
    values = between.join(_said_value(value, sign, found, kind, reader) for value in term.values)
    return Said(label, gettext("not %(asked)s", asked=values) if term.operator == "!=" else values)


def kind_of(found: Column | BoundField) -> str:
    """What its values are, as Column has it."""
    if isinstance(found, Column):
        return found.kind
    if found.type is None:
        return "text"
    if found.type.reads_as == "day":
        return "day"
    return "number" if Operator.FROM in found.type.operators else "text"


def _said_value(value: Value, sign: str, found: Column | BoundField, kind: str, reader: Reader) -> str:
    if value.last is not None:
        return _said_range(value, found, kind, reader)
    word = value.text.lower()
    if not value.is_quoted and sign in {":", "="} and word in {columns.EMPTY, columns.FILLED}:
        if kind == "next_step" and word == columns.EMPTY:
            return gettext("none")
        return gettext("empty") if word == columns.EMPTY else gettext("filled")
    if kind in _DAYS and sign == ":" and (stretch := _said_offset(word)):
        return stretch
    text = shown_value(value.text, found, kind, reader, is_quoted=value.is_quoted)
    comparisons = _DAY_COMPARISONS if kind in _DAYS else _COMPARISONS
    if sign == ":" and _looks_inside(found):
        return gettext("contains %(value)s", value=text)
    return gettext(comparisons[sign], value=text) if sign in comparisons else text


_COMPARISONS: Mapping[str, str] = {
    ">=": N_("at least %(value)s"), "<=": N_("at most %(value)s"), ">": N_("more than %(value)s"), "<": N_("less than %(value)s"),
}  # fmt: skip
_DAY_COMPARISONS: Mapping[str, str] = {
    ">=": N_("from %(value)s"), "<=": N_("until %(value)s"), ">": N_("after %(value)s"), "<": N_("before %(value)s"),
}  # fmt: skip


def _looks_inside(found: Column | BoundField) -> bool:
    if isinstance(found, Column):
        return found.kind == "text"
    return Operator.CONTAINS in ways_of(found)


def _said_range(value: Value, found: Column | BoundField, kind: str, reader: Reader) -> str:
    first, last = (shown_value(text, found, kind, reader) if text else "" for text in (value.text, value.last or ""))
    if first and last:
        return gettext("%(first)s to %(last)s", first=first, last=last)
    comparisons = _DAY_COMPARISONS if kind in _DAYS else _COMPARISONS
    return gettext(comparisons[">="], value=first) if first else gettext(comparisons["<="], value=last)


def _said_offset(word: str) -> str:
    """The stretch of days between today and an offset."""
    if len(word) < 3 or word[0] not in "+-−" or word[-1] not in "dwmqy" or not word[1:-1].isdecimal():
        return ""
    count, unit = int(word[1:-1]), word[-1]
    if word[0] == "+":
        return gettext("in the next %(stretch)s", stretch=_stretch(count, unit))
    return gettext("in the last %(stretch)s", stretch=_stretch(count, unit))


def _stretch(count: int, unit: str) -> str:
    return {
        "d": lambda n: ngettext("%(num)d day", "%(num)d days", n), "w": lambda n: ngettext("%(num)d week", "%(num)d weeks", n),
        "m": lambda n: ngettext("%(num)d month", "%(num)d months", n), "q": lambda n: ngettext("%(num)d quarter", "%(num)d quarters", n),
        "y": lambda n: ngettext("%(num)d year", "%(num)d years", n),
    }[unit](count)  # fmt: skip


def shown_value(text: str, found: Column | BoundField, kind: str, reader: Reader, *, is_quoted: bool = False) -> str:
    """One value as the reader writes it; as it was typed when there is nothing better to say."""
    if isinstance(found, BoundField):
        return _shown_custom(text, found)
    word = text.lower()
    if kind == "owner" and word == columns.ME and not is_quoted:
        return gettext("me")
    if kind in reader.names:
        names = [reader.names[kind][number] for number in columns.ids_of(found, text, reader)]
        return gettext(" or ").join(dict.fromkeys(names))
    for words in {"state": (STATE_WORDS,), "next_step": (STEP_WORDS, DAY_WORDS), "day": (DAY_WORDS,), "moment": (DAY_WORDS,)}.get(
        kind, ()
    ):
        if word in words:
            return gettext(words[word])
    if kind == "choice":
        labels: dict[str, str] = {key: gettext(label) for key, label in found.options}
        return labels.get(word, text)
    return _shown_day(text, reader) if kind in _DAYS else _shown_money(text, reader) if kind == "money" else text


def _shown_day(text: str, reader: Reader) -> str:
    try:
        days = read_days(text, reader.today, week_start=reader.week_start, day_first=reader.day_first)
    except DayError:
        return text
    if (days.end - days.first).days == 1:
        return formats().day(days.first)
    return text  # a month or a year is written the same everywhere


def _shown_money(text: str, reader: Reader) -> str:
    """In the currency that was named; without one it is of any, so only the digits are put in groups."""
    try:
        minor, currency = read_amount(text, "EUR", reader.locale)
        named = read_amount(text, "USD", reader.locale)[1] == currency
    except (AmountError, ValueError):
        return text
    if named:
        return formats().money(minor, currency)
    return formats().money(minor, reader.currency)


def _shown_custom(text: str, bound: BoundField) -> str:
    if bound.type is None:
        return text
    labels = dict(choices_of(bound))
    if labels:
        return labels.get(text, text)
    if not bound.type.reads_as:
        return text
    try:
        value = bound.from_cell(text, reader_context())
    except Refused:
        return text
    return bound.shown(value, reader_context()).text or text


def choices_of(bound: BoundField) -> Sequence[tuple[str, str]]:
    """(value, label) of what a custom field may hold, when that is a list."""
    if bound.type is None:
        return ()
    return [(text, gettext(label)) for text, label in input_of(bound, reader_context()).choices]
