"""The forms of a lead, made from LEAD_FIELDS: what people type, read as they mean it, with an error beside each field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import format_decimal
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields import Field

from leadboard.domain.lead_values import clean
from leadboard.errors import N_, Refused
from leadboard.forms.base import Form
from leadboard.forms.custom_inputs import form_field, known_fields, offer_choices, read_input, reader_context
from leadboard.lib.countries import COUNTRIES, countries_by_name
from leadboard.lib.dates import DayError, parse_day
from leadboard.lib.money import AmountError, minor_digits, read_amount
from leadboard.lib.text import to_ascii_digits
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.queries.custom_fields import BoundField

# An amount means nothing without its currency: the two are edited and saved as one.
MONEY = ("value_amount", "value_currency")
WAS = "was-"

_ATTRIBUTES: dict[FieldKind, dict[str, str]] = {
    FieldKind.EMAIL: {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    FieldKind.PHONE: {"type": "tel"},
    FieldKind.LINK: {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"},
    FieldKind.INTEGER: {"inputmode": "numeric"},
    FieldKind.PERCENT: {"inputmode": "numeric"},
    FieldKind.MONEY: {"inputmode": "text"},
    FieldKind.CURRENCY: {"autocapitalize": "characters", "size": "4"},
    FieldKind.DAY: {"type": "date"},
}
_HELP = {
    "title": _("Left empty, the name of the person or the organisation is shown."),
    "value_amount": _("As you write it: 24500, 24.5k, 1,200.50 USD"),
    "probability": _("In per cent. Left empty, the stage decides."),
}
_LISTED = {FieldKind.CHOICE, FieldKind.USER, FieldKind.SOURCE, FieldKind.COUNTRY}


@dataclass(frozen=True)
class Choices:
    """What owner and source may be, as (id, name); and how this reader writes numbers and days."""

    owners: Sequence[tuple[int, str]]
    sources: Sequence[tuple[int, str]]
    locale: str
    currency: str
    today: date


class LeadForm(Form):
    """Some typed fields of a lead; make one with lead_form()."""

    names: tuple[str, ...] = ()
    custom: Mapping[str, BoundField] = {}

    def typed(self, choices: Choices, sent: Mapping[str, str]) -> dict[str, Any] | None:
        """{field: value} of what the user changed, or None when something cannot be taken: its field then has an error.

        `sent` is the request: what a field held when the form was made comes back in was-<field>, so that a field which
        nobody touched, or a form does not have, cannot overwrite what a colleague typed meanwhile.
        """
        if not self.validate():
            return None
        touched = [name for name in self.names if name in sent and not _same(sent.get(WAS + name), self[name].data)]
        if any(name in touched for name in MONEY):
            touched = [*(name for name in touched if name not in MONEY), *(name for name in MONEY if name in self.names)]
        values: dict[str, Any] = {}
        for name in touched:
            try:
                if name in self.custom:
                    values[name] = read_input(self.custom[name], self[name].data or "", reader_context())
                else:
                    values[name] = clean(name, self._read(name, choices, values))
            except Refused as refusal:
                refusal.field = name
                self.show_error(refusal)
        return None if self.errors else values

    def _read(self, name: str, choices: Choices, values: dict[str, Any]) -> Any:
        text = (self[name].data or "").strip()
        kind = LEAD_FIELDS[name].kind
        if kind is FieldKind.MONEY:
            return self._amount(text, choices, values)
        if kind is FieldKind.CURRENCY:
            # The amount came first, and may have named its currency.
            return values.get(name, text)
        if kind in _LISTED and text not in {value for value, _label in self[name].choices}:
            raise Refused(N_("This is not one of the choices."), field=name)
        if kind is FieldKind.DAY and text:
            return _day(text, choices)
        if kind in {FieldKind.INTEGER, FieldKind.PERCENT}:
            return to_ascii_digits(text).replace("%", "").replace("\u00a0", "").replace(" ", "")
        return text

    def _amount(self, text: str, choices: Choices, values: dict[str, Any]) -> int | None:
        if not text:
            return None
        named = (self["value_currency"].data or "").strip().upper() if "value_currency" in self.names else ""
        try:
            amount, found = read_amount(text, named or choices.currency, choices.locale)
        except (AmountError, ValueError) as error:
            raise Refused(
                N_("%(text)s is not an amount. Write it like 1234.50 or 12k."), field="value_amount", text=text[:40]
            ) from error
        values["value_currency"] = found
        return amount


def lead_form(names: Iterable[str], choices: Choices, texts: Mapping[str, str] | None = None, **options: Any) -> LeadForm:
    """A form of these fields. `texts` is what they hold now; what was sent wins over it."""
    form: LeadForm = _class_of(tuple(names))(data=dict(texts or {}), **options)
    offer_choices({name: form[name] for name in form.custom}, list(form.custom.values()), reader_context(), texts or {})
    for name in form.names:
        if name in form.custom:
            continue
        kind = LEAD_FIELDS[name].kind
        if kind in _LISTED:
            form[name].choices = _options(name, kind, choices, (texts or {}).get(name, ""))
    return form


def _class_of(names: tuple[str, ...]) -> type[LeadForm]:
    """A form of these fields, those of LEAD_FIELDS and custom ones."""
    known = known_fields().editable
    custom = {name: known[name] for name in names if name in known}
    base = _form_class(tuple(name for name in names if name not in custom))
    if not custom:
        return base
    made = {name: form_field(field, reader_context()) for name, field in custom.items()}
    return type("LeadForm", (base,), {"names": names, "custom": custom, **made})


@lru_cache(maxsize=64)
def _form_class(names: tuple[str, ...]) -> type[LeadForm]:
    fields: dict[str, Any] = {name: _field(name) for name in names}
    return type("LeadForm", (LeadForm,), {"names": names, "version": HiddenField(), **fields})


def _field(name: str) -> Field:
    field = LEAD_FIELDS[name]
    label = _(field.label)  # the literals are marked in lead_fields.py
    if field.kind in _LISTED:
        return SelectField(label, choices=[], validate_choice=False, description=_HELP.get(name, ""))
    attributes = {"autocomplete": "off", "dir": "auto", **_ATTRIBUTES.get(field.kind, {})}
    return StringField(label, description=_HELP.get(name, ""), render_kw=attributes)


def _options(name: str, kind: FieldKind, choices: Choices, current: str) -> list[tuple[str, str]]:
    if kind is FieldKind.USER:
        return [("", gettext("Nobody")), *((str(number), label) for number, label in choices.owners)]
    if kind is FieldKind.SOURCE:
        return [("", gettext("Not set")), *((str(number), label) for number, label in choices.sources)]
    if kind is FieldKind.COUNTRY:
        known = countries_by_name(COUNTRIES, choices.locale)
        odd = [(current, current)] if current and current not in dict(known) else []
        return [("", gettext("Not set")), *odd, *known]
    return [("", gettext("Not set")), *((value, gettext(label)) for value, label in LEAD_FIELDS[name].options)]


def _same(was: str | None, now: str | None) -> bool:
    """Whether a text came back untouched; browsers send line ends and spaces as they like."""
    return was is not None and was.split() == (now or "").split()


def _day(text: str, choices: Choices) -> date:
    pattern = Locale.parse(choices.locale).date_formats["short"].pattern
    try:
        return parse_day(text, today=choices.today, day_first=pattern.find("d") < pattern.find("M"))
    except DayError as error:
        raise Refused(N_("%(text)s is not a day. Write it like 2026-11-20 or 20 Nov."), text=text[:40]) from error


def texts_of(lead: Mapping[str, Any], choices: Choices) -> dict[str, str]:
    """What each typed field of a stored lead shows in its input."""
    texts = {}
    for name, field in LEAD_FIELDS.items():
        value = lead[field.column]
        if value is None:
            texts[name] = ""
        elif field.kind is FieldKind.MONEY:
            texts[name] = amount_text(value, lead["value_currency"], choices.locale)
        else:
            texts[name] = value.isoformat() if isinstance(value, date) else str(value)
    return texts


def amount_text(minor: int, currency: str, locale: str) -> str:
    """An amount as it is typed: no signs, no grouping, the decimal mark of the language."""
    digits = minor_digits(currency)
    whole, rest = divmod(minor, 10**digits)
    if not rest:
        return str(whole)
    mark = format_decimal(1.5, locale=locale)[1:2]
    return f"{whole}{mark}{rest:0{digits}d}"
