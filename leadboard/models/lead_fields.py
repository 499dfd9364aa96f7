"""What a person may type about a lead: one table for forms, inline edit, list, import and export."""

from dataclasses import dataclass
from enum import StrEnum

from leadboard.errors import N_


class FieldKind(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    COUNTRY = "country"
    INTEGER = "integer"
    PERCENT = "percent"
    MONEY = "money"
    CURRENCY = "currency"
    DAY = "day"
    CHOICE = "choice"
    USER = "user"
    SOURCE = "source"


@dataclass(frozen=True)
class LeadField:
    """What is typed under `name`; `limit` the most characters; `options` (value, label) of a choice."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    limit: int = 200
    icon: str = "info-circle"
    options: tuple[tuple[str, str], ...] = ()

    @property
    def column(self) -> str:
        """Where its value is kept: one that stands for a record is kept as that record's id."""
        return f"{self.name}_id" if self.kind in {FieldKind.USER, FieldKind.SOURCE} else self.name


INTEREST = (("cold", N_("Cold")), ("warm", N_("Warm")), ("hot", N_("Hot")))
QUALIFICATION = (("suspect", N_("Suspect")), ("prospect", N_("Prospect")), ("mql", N_("MQL")), ("sql", N_("SQL")))

_FIELDS = (
    LeadField("title", N_("Title"), icon="tag"),
    LeadField("person_name", N_("Person"), icon="user"),
    LeadField("given_name", N_("Given name"), limit=100, icon="user"),
    LeadField("family_name", N_("Family name"), limit=100, icon="user"),
    LeadField("organisation_name", N_("Organisation"), icon="building"),
    LeadField("job_title", N_("Job title"), limit=120, icon="briefcase"),
    LeadField("email", N_("E-mail"), FieldKind.EMAIL, 254, "mail"),
    LeadField("phone", N_("Phone"), FieldKind.PHONE, 60, "phone"),
    LeadField("website", N_("Website"), FieldKind.LINK, 300, "world"),
    LeadField("value_amount", N_("Value"), FieldKind.MONEY, 40, "coin"),
    LeadField("value_currency", N_("Currency"), FieldKind.CURRENCY, 3, "coin"),
    LeadField("probability", N_("Probability"), FieldKind.PERCENT, 4, "chart-bar"),
    LeadField("expected_close_on", N_("Expected close"), FieldKind.DAY, 40, "calendar"),
    LeadField("owner", N_("Owner"), FieldKind.USER, 120, "user"),
    LeadField("source", N_("Source"), FieldKind.SOURCE, 80, "world"),
    LeadField("interest", N_("Interest"), FieldKind.CHOICE, 8, "flame", INTEREST),
    LeadField("qualification", N_("Qualification"), FieldKind.CHOICE, 16, "filter", QUALIFICATION),
    LeadField("industry", N_("Industry"), limit=100, icon="briefcase"),
    LeadField("employees", N_("Employees"), FieldKind.INTEGER, 12, "users"),
    LeadField("territory", N_("Territory"), limit=100, icon="map-pin"),
    LeadField("street", N_("Street"), icon="map-pin"),
    LeadField("postal_code", N_("Postal code"), limit=20, icon="map-pin"),
    LeadField("city", N_("City"), limit=100, icon="map-pin"),
    LeadField("region", N_("Region"), limit=100, icon="map-pin"),
    LeadField("country", N_("Country"), FieldKind.COUNTRY, 60, "map-pin"),
)
LEAD_FIELDS: dict[str, LeadField] = {field.name: field for field in _FIELDS}
