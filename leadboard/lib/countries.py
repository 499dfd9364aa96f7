"""What a country fills in at set-up: currency, time zone, phone region, first day of the week."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies

from leadboard.lib.text import sort_key

__all__ = [
    "COUNTRIES", "CountryDefaults", "CountryError", "countries_by_name", "country_defaults", "country_name", "currencies", "phone_regions", "time_zones",
]  # fmt: skip


class CountryError(ValueError):
    """The code is no ISO 3166 country."""


@dataclass(frozen=True, kw_only=True)
class CountryDefaults:
    """What a country's people expect until they choose otherwise."""

    currency: str  # ISO 4217
    time_zone: str  # name in the tz database
    phone_region: str  # in which a number without a country code is read
    week_start: int  # 0 is Monday, as date.weekday()


# Where a country has several zones: the one most of its people live in (tz database, zone1970.tab, by population).
_POPULOUS_ZONES: Final = {
    "AQ": "Antarctica/McMurdo",
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Chuuk",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    # Uninhabited, so without a zone of their own: that of the state they belong to.
    "BV": "Europe/Oslo",
    "HM": "Australia/Perth",
}

# Places without numbers of their own are reached through another region's.
_PHONE_REGIONS: Final = {"AQ": "NZ", "BV": "NO", "GS": "FK", "HM": "AU", "PN": "NZ", "TF": "RE", "UM": "US"}

# CLDR 45, supplemental/weekData; every other country starts on Monday.
_FRIDAY: Final = "MV"
_SATURDAY: Final = "AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY"
_SUNDAY: Final = (
    "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK "
    "PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW"
)
_WEEK_STARTS: Final = {
    country: day for day, countries in ((4, _FRIDAY), (5, _SATURDAY), (6, _SUNDAY)) for country in countries.split()
}

_ZONES: Final[dict[str, str]] = {
    **{country: zones[0] for country, zones in get_global("territory_zones").items() if country.isalpha() and country != "ZZ"},
    **_POPULOUS_ZONES,
}

COUNTRIES: Final = tuple(sorted(_ZONES))
"""Every ISO 3166-1 alpha-2 code."""


@lru_cache(maxsize=512)
def country_defaults(country: str) -> CountryDefaults:
    """The defaults of an ISO 3166 country ("PL", case does not matter).

    :raises CountryError: for any other text
    """
    code = country.strip().upper()
    if code not in _ZONES:
        raise CountryError(f"“{country[:20]}” is not a country code. Use two letters of ISO 3166, for example DE.")
    currencies = get_territory_currencies(code, start_date=datetime.now(UTC).date(), tender=True, non_tender=False)
    return CountryDefaults(
        currency=currencies[0] if currencies else "USD",  # Antarctica has none
        time_zone=_ZONES[code],
        phone_region=code if code in phonenumbers.SUPPORTED_REGIONS else _PHONE_REGIONS[code],
        week_start=_WEEK_STARTS.get(code, 0),
    )


@lru_cache(maxsize=4096)
def country_name(country: str, locale: str) -> str:
    """The name of a country in a language; the code itself when the language has no name for it."""
    try:
        names = Locale.parse(locale.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        names = Locale("en").territories
    return str(names.get(country.upper(), country))


@lru_cache(maxsize=16)
def countries_by_name(codes: tuple[str, ...], locale: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of these countries, as the language orders them."""
    return tuple(sorted(((code, country_name(code, locale)) for code in codes), key=lambda one: sort_key(one[1], locale)))


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The zones people live in, by name, as this machine's tz database knows them; and UTC."""
    names = {zone for zones in get_global("territory_zones").values() for zone in zones} | set(_ZONES.values())
    return ("UTC", *sorted((names & available_timezones()) - {"UTC"}))


@lru_cache(maxsize=1)
def currencies() -> tuple[str, ...]:
    """Codes of the money that is legal tender somewhere today."""
    today = datetime.now(UTC).date()
    return tuple(sorted({code for country in COUNTRIES for code in get_territory_currencies(country, start_date=today)}))


@lru_cache(maxsize=1)
def phone_regions() -> tuple[str, ...]:
    """Countries with a numbering plan of their own."""
    return tuple(sorted(code for code in phonenumbers.SUPPORTED_REGIONS if code.isalpha()))
