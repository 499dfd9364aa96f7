"""The first form of an instance, and the part of it that a country fills in (Settings has the same fields)."""

from typing import Any

from babel import Locale
from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired

from leadboard.domain.setup import Regional
from leadboard.forms.base import Form, choices
from leadboard.forms.users import PASSWORD_HELP
from leadboard.lib.countries import COUNTRIES, countries_by_name, country_defaults, currencies, phone_regions, time_zones
from leadboard.lib.money import is_currency

REGIONAL = ("currency", "time_zone", "phone_region", "week_start")


class RegionalForm(Form):
    """Country, and what it stands for. `filled_for` is the country that the other fields were filled for."""

    country = SelectField(_("Country"), validators=[InputRequired(_("Choose a country."))])
    currency = SelectField(_("Currency"), validators=[InputRequired(_("Choose a currency."))])
    time_zone = SelectField(_("Time zone"), validators=[InputRequired(_("Choose a time zone."))])
    phone_region = SelectField(
        _("Telephone numbers of"), description=_("A number without a country code is read as one of this country.")
    )
    week_start = SelectField(_("The week starts on"), coerce=int)
    filled_for = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        locale = str(get_locale())
        self.country.choices = choices([("", _("Choose…")), *countries_by_name(COUNTRIES, locale)])
        self.currency.choices = choices(_currency_names(self.currency.data, locale))
        self.time_zone.choices = choices((zone, zone.replace("_", " ")) for zone in time_zones())
        self.phone_region.choices = choices(countries_by_name(phone_regions(), locale))
        self.week_start.choices = choices(sorted(get_day_names("wide", locale=locale).items()))

    def fill_in(self) -> None:
        """Give the fields that still hold what another country stands for the values of the chosen one."""
        chosen, before = self.country.data, self.filled_for.data
        if chosen not in COUNTRIES or chosen == before:
            return
        old = vars(country_defaults(before)) if before in COUNTRIES else {}
        for name, value in vars(country_defaults(chosen)).items():
            field = self._fields[name]
            if not old or field.data == old[name] or field.data in {None, ""}:
                field.data = value
                field.errors = []
        self.filled_for.data = chosen

    def regional(self) -> Regional:
        return Regional(**{name: self._fields[name].data for name in ("country", *REGIONAL)})


class SetupForm(RegionalForm):
    name = StringField(_("Your name"), validators=[InputRequired(_("Type your name."))])
    email = StringField(_("Your e-mail"), validators=[InputRequired(_("Type your e-mail address."))])
    password = PasswordField(_("Password"), description=PASSWORD_HELP, validators=[InputRequired(_("Type a password."))])
    team = StringField(_("Your team or company"), validators=[InputRequired(_("Type a name for your team."))])


def _currency_names(kept: str | None, locale: str) -> list[tuple[str, str]]:
    names = Locale.parse(locale, sep="_").currencies
    codes = {*currencies(), kept} if kept and is_currency(kept) else set(currencies())
    return [(code, f"{code} · {names[code]}" if code in names else code) for code in sorted(codes)]
