"""From what was typed to what is stored: one validation for form, quick add, import and API, whatever the record."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from babel import Locale

from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key
from leadboard.lib.text import clean_line, fold
from leadboard.models.record_fields import FieldKind, RecordField

MAX_PROBABILITY = 100
MAX_EMPLOYEES = 100_000_000
MAX_AMOUNT = 10**15
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_TERRITORIES = Locale("en").territories
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def clean_value(field: RecordField, value: Any) -> Any:
    """One field's value as stored. Raises Refused naming the field and the way out.

    Text comes as text; amounts as minor units, days as dates, what stands for a record as its id: forms and readers
    have parsed them.
    """
    check = _CHECKS.get(field.kind, _text)
    return check(field, value)


def _text(field: RecordField, value: Any) -> str:
    try:
        text = clean_line("" if value is None else str(value), field.limit)
    except ValueError as error:
        raise Refused(
            N_("%(label)s is too long: at most %(limit)d characters."), field=field.name, label=field.label, limit=field.limit
        ) from error
    return text


def _email(field: RecordField, value: Any) -> str:
    text = _text(field, value)
    if text and email_key(text) is None:
        raise Refused(
            N_("%(text)s is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."),
            field=field.name,
            text=text[:60],
        )
    return text


def _link(field: RecordField, value: Any) -> str:
    text = _text(field, value)
    if (
        text
        and _SCHEME.match(text)
        and not text.lower().startswith(("http://", "https://"))
        and not re.match(r"[\w.-]+:\d", text)
    ):
        raise Refused(N_("A website starts with https:// or http://."), field=field.name)
    return text


def _country(field: RecordField, value: Any) -> str:
    text = _text(field, value)
    if not text:
        return ""
    if text.upper() in _TERRITORIES and len(text) == 2:
        return text.upper()
    folded = fold(text)
    for code, label in _TERRITORIES.items():
        if len(code) == 2 and fold(label) == folded:
            return str(code)
    raise Refused(
        N_("%(text)s is not a country. Use its English name or two-letter code, e.g. PL."), field=field.name, text=text[:60]
    )


def _whole(field: RecordField, value: Any, most: int) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Refused(N_("%(label)s must be a whole number."), field=field.name, label=field.label) from error
    if not 0 <= number <= most:
        raise Refused(N_("%(label)s must be between 0 and %(most)d."), field=field.name, label=field.label, most=most)
    return number


def _currency(field: RecordField, value: Any) -> str:
    text = _text(field, value).upper()
    if text and not _CURRENCY.match(text):
        raise Refused(N_("A currency is three letters, e.g. EUR."), field=field.name)
    return text


def _day(field: RecordField, value: Any) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Refused(N_("%(label)s must be a day such as 2026-12-31."), field=field.name, label=field.label) from error


def _choice(field: RecordField, value: Any) -> str:
    text = str(value or "").strip().lower()
    known = [option for option, _ in field.options]
    if text and text not in known:
        raise Refused(N_("%(text)s is not one of: %(known)s."), field=field.name, text=text[:40], known=", ".join(known))
    return text


def _id(field: RecordField, value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


_CHECKS: dict[FieldKind, Callable[[RecordField, Any], Any]] = {
    FieldKind.EMAIL: _email,
    FieldKind.LINK: _link,
    FieldKind.COUNTRY: _country,
    FieldKind.INTEGER: lambda field, value: _whole(field, value, MAX_EMPLOYEES),
    FieldKind.PERCENT: lambda field, value: _whole(field, value, MAX_PROBABILITY),
    FieldKind.MONEY: lambda field, value: _whole(field, value, MAX_AMOUNT),
    FieldKind.CURRENCY: _currency,
    FieldKind.DAY: _day,
    FieldKind.CHOICE: _choice,
    FieldKind.USER: _id,
    FieldKind.SOURCE: _id,
    FieldKind.ORGANISATION: _id,
}
