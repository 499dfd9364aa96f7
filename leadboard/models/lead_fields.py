"""What a person may type about a lead: one table for forms, inline edit, list, import and export."""

from leadboard.errors import N_
from leadboard.models.record_fields import FieldKind, RecordField

INTEREST = (("cold", N_("Cold")), ("warm", N_("Warm")), ("hot", N_("Hot")))
QUALIFICATION = (("suspect", N_("Suspect")), ("prospect", N_("Prospect")), ("mql", N_("MQL")), ("sql", N_("SQL")))

_FIELDS = (
    RecordField("title", N_("Title"), icon="tag"),
    RecordField("person_name", N_("Person"), icon="user"),
    RecordField("given_name", N_("Given name"), limit=100, icon="user"),
    RecordField("family_name", N_("Family name"), limit=100, icon="user"),
    RecordField("organisation_name", N_("Organisation"), icon="building"),
    RecordField("job_title", N_("Job title"), limit=120, icon="briefcase"),
    RecordField("email", N_("E-mail"), FieldKind.EMAIL, 254, "mail"),
    RecordField("phone", N_("Phone"), FieldKind.PHONE, 60, "phone"),
    RecordField("website", N_("Website"), FieldKind.LINK, 300, "world"),
    RecordField("value_amount", N_("Value"), FieldKind.MONEY, 40, "coin"),
    RecordField("value_currency", N_("Currency"), FieldKind.CURRENCY, 3, "coin"),
    RecordField("probability", N_("Probability"), FieldKind.PERCENT, 4, "chart-bar"),
    RecordField("expected_close_on", N_("Expected close"), FieldKind.DAY, 40, "calendar"),
    RecordField("owner", N_("Owner"), FieldKind.USER, 120, "user"),
    RecordField("source", N_("Source"), FieldKind.SOURCE, 80, "world"),
    RecordField("interest", N_("Interest"), FieldKind.CHOICE, 8, "flame", INTEREST),
    RecordField("qualification", N_("Qualification"), FieldKind.CHOICE, 16, "filter", QUALIFICATION),
    RecordField("industry", N_("Industry"), limit=100, icon="briefcase"),
    RecordField("employees", N_("Employees"), FieldKind.INTEGER, 12, "users"),
    RecordField("territory", N_("Territory"), limit=100, icon="map-pin"),
    RecordField("street", N_("Street"), icon="map-pin"),
    RecordField("postal_code", N_("Postal code"), limit=20, icon="map-pin"),
    RecordField("city", N_("City"), limit=100, icon="map-pin"),
    RecordField("region", N_("Region"), limit=100, icon="map-pin"),
    RecordField("country", N_("Country"), FieldKind.COUNTRY, 60, "map-pin"),
)
LEAD_FIELDS: dict[str, RecordField] = {field.name: field for field in _FIELDS}
