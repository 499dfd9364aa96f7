"""The forms of a record, made from its fields: what people type, read as they mean it, with an error beside each of them."""

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

from leadboard.domain.field_values import clean_value
from leadboard.domain.parties import NewParty
from leadboard.domain.record_rows import TABLES
from leadboard.errors import N_, Refused
from leadboard.forms.base import Form
from leadboard.forms.custom_inputs import form_field, known_fields, offer_choices, read_input, reader_context
from leadboard.forms.party_inputs import PartyField, SuggestingField
from leadboard.http import current_actor
from leadboard.lib.countries import COUNTRIES, countries_by_name
from leadboard.lib.dates import DayError, parse_day
from leadboard.lib.money import AmountError, minor_digits, read_amount
from leadboard.lib.text import to_ascii_digits
from leadboard.models.record_fields import FieldKind, RecordField
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
    ("lead", "title"): _("Left empty, the name of the person or the organisation is shown."),
    ("lead", "value_amount"): _("As you write it: 24500, 24.5k, 1,200.50 USD"),
    ("lead", "probability"): _("In per cent. Left empty, the stage decides."),
    ("contact", "name"): _("Left empty, given and family name are put together."),
    ("organisation", "parent"): _("The organisation that it belongs to."),
}
# What is typed of whom, on a lead: it stays a text.
_NAMES = {("lead", "person_name"): "contact", ("lead", "organisation_name"): "organisation"}
_LISTED = {FieldKind.CHOICE, FieldKind.USER, FieldKind.SOURCE, FieldKind.COUNTRY}


@dataclass(frozen=True)
class Choices:
    """What owner and source may be, as (id, name); and how this reader writes numbers and days."""

    owners: Sequence[tuple[int, str]]
    sources: Sequence[tuple[int, str]]
    locale: str
    currency: str
    today: date


class RecordForm(Form):
    """Some typed fields of a record; make one with record_form()."""

    record_type = "lead"
    names: tuple[str, ...] = ()
    custom: Mapping[str, BoundField] = {}

    def typed(self, choices: Choices, sent: Mapping[str, str]) -> dict[str, Any] | None:
        """{field: value} of what the user changed, or None when something cannot be taken: its field then has an error.

        `sent` is the request: what a field held when the form was made comes back in was-<field>, so that a field which
        nobody touched, or a form does not have, cannot overwrite what a colleague typed meanwhile.
        """
        if not self.validate():
            return None
        touched = [name for name in self.names if name in sent and self._is_touched(name, sent.get(WAS + name))]
        if any(name in touched for name in MONEY):
            touched = [*(name for name in touched if name not in MONEY), *(name for name in MONEY if name in self.names)]
        values: dict[str, Any] = {}
        for name in touched:
            try:
                if name in self.custom:
                    values[name] = read_input(self.custom[name], self[name].data or "", reader_context())
                else:
                    value = self._read(name, choices, values)
                    field = TABLES[self.record_type].fields[name]
                    values[name] = value if isinstance(value, NewParty) else clean_value(field, value)
            except Refused as refusal:
                refusal.field = name
                self.show_error(refusal)
        return None if self.errors else values

    def _is_touched(self, name: str, was: str | None) -> bool:
        field = self[name]
        return not _same(was, field.data) or (isinstance(field, PartyField) and bool(field.picked))

    def _read(self, name: str, choices: Choices, values: dict[str, Any]) -> Any:
        field = self[name]
        if isinstance(field, PartyField):
            return field.resolve(current_actor())
        text = (field.data or "").strip()
        kind = TABLES[self.record_type].fields[name].kind
        if kind is FieldKind.MONEY:
            return self._amount(text, choices, values)
        if kind is FieldKind.CURRENCY:
            # The amount came first, and may have named its currency.
            return values.get(name, text)
        if kind in _LISTED and text not in {value for value, _label in field.choices}:
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


def record_form(
    record_type: str, names: Iterable[str], choices: Choices, texts: Mapping[str, str] | None = None, **options: Any
) -> RecordForm:
    """A form of these fields. `texts` is what they hold now; what was sent wins over it."""
    form: RecordForm = _class_of(record_type, tuple(names))(data=dict(texts or {}), **options)
    offer_choices({name: form[name] for name in form.custom}, list(form.custom.values()), reader_context(), texts or {})
    for name in form.names:
        if name in form.custom:
            continue
        field = TABLES[record_type].fields[name]
        if field.kind in _LISTED:
            form[name].choices = _options(field, choices, (texts or {}).get(name, ""))
    return form


def _class_of(record_type: str, names: tuple[str, ...]) -> type[RecordForm]:
    """A form of these fields, typed and custom ones."""
    known = known_fields(record_type).editable
    custom = {name: known[name] for name in names if name in known}
    base = _form_class(record_type, tuple(name for name in names if name not in custom))
    if not custom:
        return base
    made = {name: form_field(field, reader_context()) for name, field in custom.items()}
    return type("RecordForm", (base,), {"names": names, "custom": custom, **made})


@lru_cache(maxsize=64)
def _form_class(record_type: str, names: tuple[str, ...]) -> type[RecordForm]:
    fields: dict[str, Any] = {name: _field(record_type, TABLES[record_type].fields[name]) for name in names}
    return type("RecordForm", (RecordForm,), {"record_type": record_type, "names": names, "version": HiddenField(), **fields})


def _field(record_type: str, field: RecordField) -> Field:
    label = _(field.label)  # the literals are marked in lead_fields.py and party_fields.py
    description = _HELP.get((record_type, field.name), "")
    if field.kind in _LISTED:
        return SelectField(label, choices=[], validate_choice=False, description=description)
    if field.kind is FieldKind.ORGANISATION:
        return PartyField(label, record_type="organisation", may_make=record_type == "contact", description=description)
    named = _NAMES.get((record_type, field.name))
    if named is not None:
        return SuggestingField(label, record_type=named, description=description)
    attributes = {"autocomplete": "off", "dir": "auto", **_ATTRIBUTES.get(field.kind, {})}
    return StringField(label, description=description, render_kw=attributes)


def _options(field: RecordField, choices: Choices, current: str) -> list[tuple[str, str]]:
    kind = field.kind
    if kind is FieldKind.USER:
        return [("", gettext("Nobody")), *((str(number), label) for number, label in choices.owners)]
    if kind is FieldKind.SOURCE:
        return [("", gettext("Not set")), *((str(number), label) for number, label in choices.sources)]
    if kind is FieldKind.COUNTRY:
        known = countries_by_name(COUNTRIES, choices.locale)
        odd = [(current, current)] if current and current not in dict(known) else []
        return [("", gettext("Not set")), *odd, *known]
    return [("", gettext("Not set")), *((value, gettext(label)) for value, label in field.options)]


def _same(was: str | None, now: str | None) -> bool:
    """Whether a text came back untouched; browsers send line ends and spaces as they like."""
    return was is not None and was.split() == (now or "").split()


def _day(text: str, choices: Choices) -> date:
    pattern = Locale.parse(choices.locale).date_formats["short"].pattern
    try:
        return parse_day(text, today=choices.today, day_first=pattern.find("d") < pattern.find("M"))
    except DayError as error:
        raise Refused(N_("%(text)s is not a day. Write it like 2026-11-20 or 20 Nov."), text=text[:40]) from error


def texts_of(record_type: str, row: Mapping[str, Any], choices: Choices) -> dict[str, str]:
    """What each typed field of a stored record shows in its input."""
    texts = {}
    for name, field in TABLES[record_type].fields.items():
        value = row[field.column]
        if value is None:
            texts[name] = ""
        elif field.kind is FieldKind.MONEY:
            texts[name] = amount_text(value, row["value_currency"], choices.locale)
        elif field.kind is FieldKind.ORGANISATION:
            texts[name] = row[f"{name}_name"] or ""
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
