"""What a typed filter may ask of a column: its key, what its values are, and the SQL of a comparison.

Texts are compared without regard to capitals, alike on both engines: a column with its ASCII capitals lowered (what lower()
does on SQLite, and on PostgreSQL in the collation C) against the usual ways to write the asked text. So accents count; the
search for words folds them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from leadboard.db import LARGEST_ID, Where, is_sqlite
from leadboard.errors import N_, Refused
from leadboard.lib.dates import DayError
from leadboard.lib.dayranges import read_days
from leadboard.lib.emails import email_key
from leadboard.lib.folding import fold, to_ascii_digits
from leadboard.lib.ids import is_id
from leadboard.lib.money import AmountError, read_amount
from leadboard.lib.phones import phone_fragment
from leadboard.lib.text import sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.settings import instance

_LAST = "\U0010ffff"
EMPTY, FILLED, ME = "none", "any", "me"
IS, NOT, FROM, TO, ABOVE, BELOW = ":", "!=", ">=", "<=", ">", "<"
ORDERED = (IS, "=", NOT, FROM, TO, ABOVE, BELOW)
EQUAL = (IS, "=", NOT)
_ASCII = str.maketrans({chr(65 + number): chr(97 + number) for number in range(26)})
# Currencies with another number of decimals than two, as far as anybody uses them.
_ODD = {
    0: ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
}


@dataclass(frozen=True)
class Reader:
    """Who asks, and how they write. `names` has {id: name} of stages, pipelines, owners, sources and lost reasons."""

    actor: Actor
    today: date
    zone: str
    currency: str
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    week_start: int = 0
    locale: str = "en"
    day_first: bool = True


@dataclass(frozen=True)
class Condition:
    """`where(alias)` is its SQL. `is_lookup`: an index serves it; the lower the `rank`, the fewer rows it finds as a rule."""

    where: Callable[[str], Where]
    is_lookup: bool = False
    rank: int = 3


@dataclass(frozen=True)
class Column:
    """`read` gives the condition of one operator and value; it raises Refused or DayError. `empty` is the SQL of no value."""

    key: str
    label: str
    read: Callable[["Column", str, str, Reader], Condition]
    column: str = ""
    operators: tuple[str, ...] = EQUAL
    has_empty: bool = True
    empty: str = "{0} is null"
    is_indexed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    kind: str = "text"

    def is_empty(self) -> Condition:
        return Condition(lambda alias: (self.empty.format(f"{alias}.{self.column}"), []))


def wrong(column: Column, text: str, known: str) -> Refused:
    """A value that there is not; `known` are those there are."""
    return Refused(
        N_("“%(text)s” does not fit %(key)s. Known: %(known)s."), field="query", text=text[:60], key=column.key, known=known
    )


# ---------------------------------------------------------------------------------------------- texts


def ascii_lower(text: str) -> str:
    """As lower() of both engines: accented capitals stay."""
    return text.translate(_ASCII)


def spellings(text: str) -> list[str]:
    """The usual ways to write a text, with its ASCII letters small: of an ASCII text there is one."""
    return sorted(
        {ascii_lower(one) for one in (text, text.lower(), text.upper(), text.title(), text[:1].upper() + text[1:].lower())}
    )


def lowered(column: str) -> str:
    return f"lower({column})" if is_sqlite() else f'lower({column} collate "C")'


def text_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """`:` looks inside the text, `=` compares the whole."""
    asked = spellings(text)
    if operator == "=":
        places = ", ".join("?" * len(asked))
        return Condition(lambda alias: (f"{lowered(f'{alias}.{column.column}')} in ({places})", list(asked)))
    part = "instr({0}, ?) > 0" if is_sqlite() else "position(? in {0}) > 0"

    def where(alias: str) -> Where:
        one = part.format(lowered(f"{alias}.{column.column}"))
        return f"({' or '.join([one] * len(asked))})", list(asked)

    return Condition(where)


def email_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    key = email_key(text)
    if key is not None:
        return Condition(lambda alias: (f"{alias}.email_key = ?", [key]), is_lookup=True, rank=0)
    return text_condition(column, operator, text, reader)


def phone_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """Any part of a number, however it is written."""
    digits = phone_fragment(text)
    if not digits:
        raise Refused(N_("“%(text)s” is no part of a telephone number. Write digits."), field="query", text=text[:60])
    # Kept back to front, because ends of numbers are what is looked up.
    part = "instr({0}, ?) > 0" if is_sqlite() else "position(? in {0}) > 0"
    return Condition(lambda alias: (part.format(f"{alias}.phone_reversed"), [digits[::-1]]))


def choice_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """A value of a fixed list, by its key or its label."""
    asked = fold(text)
    value = next((key for key, label in column.options if asked in {fold(key), fold(label)}), None)
    if value is None:
        raise wrong(column, text, ", ".join(key for key, _ in column.options))
    return Condition(lambda alias: (f"{alias}.{column.column} = ?", [value]))


# ---------------------------------------------------------------------------------------------- records


def ids_of(column: Column, text: str, reader: Reader) -> list[int]:
    """Those that a text names: by the whole name, by the number, by the beginning of the name. Raises Refused."""
    known = reader.names[column.kind]
    if column.kind == "owner" and text.lower() == ME and reader.actor.id is not None:
        return [reader.actor.id]
    asked = fold(text)
    found = [number for number, name in known.items() if fold(name) == asked]
    if not found and text.isascii() and text.isdecimal() and len(text) < 16 and int(text) in known:
        found = [int(text)]
    found = found or [number for number, name in known.items() if asked and fold(name).startswith(asked)]
    if not found:
        shown = ", ".join([*([ME] if column.kind == "owner" else []), *dict.fromkeys(list(known.values())[:30])])
        raise wrong(column, text, shown or "-")
    return found


def named_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """A stage, a pipeline, a colleague, a source, a reason."""
    ids = ids_of(column, text, reader)
    places = ", ".join("?" * len(ids))
    return Condition(lambda alias: (f"{alias}.{column.column} in ({places})", list(ids)), is_lookup=column.is_indexed, rank=2)


def linked_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """A contact or an organisation that leads are linked to: by its number (#7), its whole name with =, the beginning of it with `:`."""
    name = column.kind
    digits, params = text.removeprefix("#"), list[Any]()
    if is_id(digits) and (text.startswith("#") or operator == IS):
        asked, params = f"{name}.id = ?", [int(digits)]
    else:
        key = sort_key(fold(text), instance().language).partition("\x1f")[0]
        if not key:
            raise Refused(
                N_("“%(text)s” is no name. Write its beginning, or its number such as #7."), field="query", text=text[:60]
            )
        asked, params = ("name_key >= ? and name_key < ?", [key, key + _LAST])
        if operator == "=":
            spelled = spellings(text)
            asked, params = f"{asked} and {lowered('name')} in ({', '.join('?' * len(spelled))})", [*params, *spelled]
    visible, values = visible_sql(reader.actor, name)
    sql = f"(select {name}.id from {name} where {asked} and {visible})"  # noqa: S608 - ours
    return Condition(lambda alias: (f"{alias}.{column.column} in {sql}", [*params, *values]), is_lookup=True, rank=1)


def number_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    digits = to_ascii_digits(text).replace("%", "").replace(" ", "")
    if not digits.lstrip("-").isdecimal() or len(digits) > 18 or abs(int(digits)) > LARGEST_ID:
        raise Refused(N_("“%(text)s” is no whole number, as %(key)s needs it."), field="query", text=text[:60], key=column.key)
    return _compared(column, operator, int(digits))


def money_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """An amount in every lead's own currency; of one currency only when the text names it."""
    try:
        # Read twice: an amount that names its currency is the same both times.
        minor, currency = read_amount(text, "EUR", reader.locale)
        named = read_amount(text, "USD", reader.locale)[1] == currency
    except (AmountError, ValueError) as error:
        raise Refused(
            N_("“%(text)s” is no amount. Write it like 1234.50, 12k or 500USD."), field="query", text=text[:60]
        ) from error
    sign = "=" if operator == IS else operator
    if named:
        return Condition(
            lambda alias: (f"({alias}.{column.column} {sign} ? and {alias}.value_currency = ?)", [minor, currency]),
            is_lookup=True, rank=2,
        )  # fmt: skip
    odd = ", ".join(f"'{code}'" for codes in _ODD.values() for code in codes)

    def where(alias: str) -> Where:
        amount, of = f"{alias}.{column.column}", f"{alias}.value_currency"
        parts, params = [f"({amount} {sign} ? and {of} not in ({odd}))"], [minor]
        for decimals, codes in _ODD.items():
            listed = ", ".join(f"'{code}'" for code in codes)
            parts.append(f"({amount} {sign} ? and {of} in ({listed}))")
            params.append(_in_units(minor, sign, decimals))
        return f"({' or '.join(parts)})", params

    # No index serves alternatives under the condition of a partial one, and a range over all of them is wide because of yen.
    return Condition(where)


def _in_units(cents: int, sign: str, decimals: int) -> int:
    """What an amount of a currency with other decimals is compared with: no amount is between two of its units."""
    if decimals == 3:
        return cents * 10
    whole, rest = divmod(cents, 100)
    if sign == "=":
        return -1 if rest else whole
    return whole + (1 if rest and sign in {FROM, BELOW} else 0)


def _compared(column: Column, operator: str, value: Any) -> Condition:
    sign = "=" if operator == IS else operator
    return Condition(
        lambda alias: (f"{alias}.{column.column} {sign} ?", [value]), is_lookup=column.is_indexed, rank=1 if sign == "=" else 2
    )


# ---------------------------------------------------------------------------------------------- days and moments


def day_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """A day, a stretch of days; `close:+14d` is from today on to then, `created:-7d` from then to today."""
    bounds = _bounds(operator, text, reader)
    return _between(column, [None if one is None else one.isoformat() for one in bounds])


def moment_condition(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    """The same of a moment, by the days of the reader's zone."""
    return _between(column, [None if one is None else _midnight(one, reader.zone) for one in _bounds(operator, text, reader)])


def _bounds(operator: str, text: str, reader: Reader) -> tuple[date | None, date | None]:
    """(first, end): from `first` up to, and without, `end`."""
    try:
        found = read_days(text, reader.today, week_start=reader.week_start, day_first=reader.day_first)
    except DayError as error:
        raise Refused(
            N_("“%(text)s” is no day. Write it like 2026-11-20, this-month or -30d."), field="query", text=text[:40]
        ) from error
    first, end = found.first, found.end
    if operator in {IS, "="}:
        if found.is_offset and operator == IS:
            tomorrow = read_days("tomorrow", reader.today).first
            return (first, tomorrow) if first <= reader.today else (reader.today, end)
        return first, end
    return {FROM: (first, None), ABOVE: (end, None), BELOW: (None, first), TO: (None, end)}[operator]


def _midnight(day: date, zone: str) -> int:
    """The day's first moment in milliseconds."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).timestamp() * 1000)


def _between(column: Column, bounds: list[Any]) -> Condition:
    parts = [sign for sign, one in zip((">=", "<"), bounds, strict=True) if one is not None]
    params = [one for one in bounds if one is not None]

    def where(alias: str) -> Where:
        return f"({' and '.join(f'{alias}.{column.column} {sign} ?' for sign in parts)})", list(params)

    return Condition(where, is_lookup=column.is_indexed, rank=1 if len(params) == 2 else 2)
