"""From what was typed to what is stored: one validation for form, quick add, import and API."""

import re
from collections.abc import Mapping
from datetime import date
from operator import itemgetter
from typing import Any

from babel import Locale

from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key
from leadboard.lib.phones import phone_keys
from leadboard.lib.text import clean_line, fold, sort_key
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.queries.settings import Instance

MAX_PROBABILITY = 100
MAX_EMPLOYEES = 100_000_000
MAX_AMOUNT = 10**15
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_TERRITORIES = Locale("en").territories
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def clean(name: str, value: Any) -> Any:
    """One field's value as stored. Raises Refused naming the field and the way out.

    Text comes as text; amounts as minor units, days as dates, owner and source as ids: forms and readers have
    parsed them.
    """
    field = LEAD_FIELDS[name]
    if field.kind in _CHECKS:
        return _CHECKS[field.kind](name, value)
    return _text(name, value)


def _text(name: str, value: Any) -> str:
    field = LEAD_FIELDS[name]
    try:
        text = clean_line("" if value is None else str(value), field.limit)
    except ValueError as error:
        raise Refused(
            N_("%(label)s is too long: at most %(limit)d characters."), field=name, label=field.label, limit=field.limit
        ) from error
    return text


def _email(name: str, value: Any) -> str:
    text = _text(name, value)
    if text and email_key(text) is None:
        raise Refused(
            N_("%(text)s is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."),
            field=name,
            text=text[:60],
        )
    return text


def _link(name: str, value: Any) -> str:
    text = _text(name, value)
    if (
        text
        and _SCHEME.match(text)
        and not text.lower().startswith(("http://", "https://"))
        and not re.match(r"[\w.-]+:\d", text)
    ):
        raise Refused(N_("A website starts with https:// or http://."), field=name)
    return text


def _country(name: str, value: Any) -> str:
    text = _text(name, value)
    if not text:
        return ""
    if text.upper() in _TERRITORIES and len(text) == 2:
        return text.upper()
    folded = fold(text)
    for code, label in _TERRITORIES.items():
        if len(code) == 2 and fold(label) == folded:
            return str(code)
    raise Refused(N_("%(text)s is not a country. Use its English name or two-letter code, e.g. PL."), field=name, text=text[:60])


def _whole(name: str, value: Any, most: int) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Refused(N_("%(label)s must be a whole number."), field=name, label=LEAD_FIELDS[name].label) from error
    if not 0 <= number <= most:
        raise Refused(N_("%(label)s must be between 0 and %(most)d."), field=name, label=LEAD_FIELDS[name].label, most=most)
    return number


def _currency(name: str, value: Any) -> str:
    text = _text(name, value).upper()
    if text and not _CURRENCY.match(text):
        raise Refused(N_("A currency is three letters, e.g. EUR."), field=name)
    return text


def _day(name: str, value: Any) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Refused(N_("%(label)s must be a day such as 2026-12-31."), field=name, label=LEAD_FIELDS[name].label) from error


def _choice(name: str, value: Any) -> str:
    text = str(value or "").strip().lower()
    known = [option for option, _ in LEAD_FIELDS[name].options]
    if text and text not in known:
        raise Refused(N_("%(text)s is not one of: %(known)s."), field=name, text=text[:40], known=", ".join(known))
    return text


def _id(name: str, value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


_CHECKS: dict[FieldKind, Any] = {
    FieldKind.EMAIL: _email,
    FieldKind.LINK: _link,
    FieldKind.COUNTRY: _country,
    FieldKind.INTEGER: lambda name, value: _whole(name, value, MAX_EMPLOYEES),
    FieldKind.PERCENT: lambda name, value: _whole(name, value, MAX_PROBABILITY),
    FieldKind.MONEY: lambda name, value: _whole(name, value, MAX_AMOUNT),
    FieldKind.CURRENCY: _currency,
    FieldKind.DAY: _day,
    FieldKind.CHOICE: _choice,
    FieldKind.USER: _id,
    FieldKind.SOURCE: _id,
}

# What search over leads looks through (queries/leads.py).
TEXT_FIELDS = ("title", "person_name", "organisation_name", "email", "phone", "city")
_words_in = itemgetter(*TEXT_FIELDS)


def derive(row: dict[str, Any], instance: Instance, changed: Mapping[str, Any] | None = None) -> None:
    """Fill the columns that follow from typed ones, in place. With `changed`, only what those fields touch."""

    def touched(*names: str) -> bool:
        return changed is None or any(name in changed for name in names)

    if touched("given_name", "family_name") and not row["person_name"]:
        row["person_name"] = f"{row['given_name']} {row['family_name']}".strip()
    if touched("title", "person_name", "organisation_name", "given_name", "family_name"):
        if not row["title"]:
            row["title"] = row["person_name"] or row["organisation_name"] or row["email"] or row["phone"]
        if not row["title"]:
            raise Refused(N_("A lead needs a name: fill the person, the organisation or the title."), field="title")
        row["title_key"] = sort_key(row["title"], instance.language)
        row["organisation_key"] = sort_key(row["organisation_name"], instance.language) if row["organisation_name"] else ""
    if touched("email"):
        row["email_key"] = email_key(row["email"]) if row["email"] else None
    if touched("phone"):
        e164, digits = phone_keys(row["phone"], instance.phone_region) if row["phone"] else (None, "")
        row["phone_e164"], row["phone_reversed"] = e164, digits[:40] or None
    if touched("value_amount", "value_currency"):
        if row["value_amount"] is None:
            row["value_currency"] = ""
        elif not row["value_currency"]:
            row["value_currency"] = instance.currency


def words_of(row: Mapping[str, Any]) -> str:
    """The folded text that finds this lead: names, addresses, and the phone's digits as typed and in full.

    What a longer part holds already is left out: any piece of it is found there, and the index stays a third smaller.
    """
    words = ""
    for part in (*_words_in(row), row["phone_e164"], "".join(filter(str.isdigit, row["phone"]))):
        if part and part not in words:
            words = f"{words} {part}"
    return fold(words)
