import zoneinfo

import phonenumbers
import pytest

from leadboard.lib.countries import COUNTRIES, CountryDefaults, CountryError, country_defaults, country_name
from leadboard.lib.money import is_currency


def test_all_countries_of_iso_3166_are_there():
    assert len(COUNTRIES) == 249
    assert {"DE", "IR", "AQ", "BV", "HM", "XK"} - set(COUNTRIES) == {"XK"}


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_fills_every_field_with_something_valid(country):
    defaults = country_defaults(country)

    assert is_currency(defaults.currency)
    assert zoneinfo.ZoneInfo(defaults.time_zone)
    assert defaults.phone_region in phonenumbers.SUPPORTED_REGIONS
    assert defaults.week_start in range(7)
    assert country_name(country, "en") != country


@pytest.mark.parametrize(
    "country, currency, time_zone, week_start",
    [
        ("US", "USD", "America/New_York", 6),
        ("DE", "EUR", "Europe/Berlin", 0),
        ("PL", "PLN", "Europe/Warsaw", 0),
        ("IR", "IRR", "Asia/Tehran", 5),
        ("AU", "AUD", "Australia/Sydney", 0),
        ("BR", "BRL", "America/Sao_Paulo", 6),
        ("RU", "RUB", "Europe/Moscow", 0),
        ("CA", "CAD", "America/Toronto", 6),
        ("GB", "GBP", "Europe/London", 0),
        ("CH", "CHF", "Europe/Zurich", 0),
        ("IN", "INR", "Asia/Kolkata", 6),
        ("CN", "CNY", "Asia/Shanghai", 0),
        ("SE", "SEK", "Europe/Stockholm", 0),
        ("MV", "MVR", "Indian/Maldives", 4),
    ],
)
def test_defaults_of_some_countries(country, currency, time_zone, week_start):
    assert country_defaults(country.lower()) == CountryDefaults(
        currency=currency, time_zone=time_zone, phone_region=country, week_start=week_start
    )


@pytest.mark.parametrize("code", ["XX", "", "Germany", "001", "ZZ"])
def test_other_codes_are_refused(code):
    with pytest.raises(CountryError, match="two letters"):
        country_defaults(code)


def test_country_names_follow_the_language():
    assert country_name("de", "pl") == "Niemcy"
    assert country_name("DE", "xx") == "Germany"
    assert country_name("XX", "en") == "XX"
