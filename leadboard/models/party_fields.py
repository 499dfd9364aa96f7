"""What a person may type about an organisation and about a contact; see lead_fields.py for leads."""

from leadboard.errors import N_
from leadboard.models.record_fields import FieldKind, RecordField

_ADDRESS = (
    RecordField("street", N_("Street"), icon="map-pin"),
    RecordField("postal_code", N_("Postal code"), limit=20, icon="map-pin"),
    RecordField("city", N_("City"), limit=100, icon="map-pin"),
    RecordField("region", N_("Region"), limit=100, icon="map-pin"),
    RecordField("country", N_("Country"), FieldKind.COUNTRY, 60, "map-pin"),
)
_REACHED_BY = (
    RecordField("email", N_("E-mail"), FieldKind.EMAIL, 254, "mail"),
    RecordField("phone", N_("Phone"), FieldKind.PHONE, 60, "phone"),
    RecordField("website", N_("Website"), FieldKind.LINK, 300, "world"),
)
_OWNER = RecordField("owner", N_("Owner"), FieldKind.USER, 120, "user")

ORGANISATION_FIELDS: dict[str, RecordField] = {
    field.name: field
    for field in (
        RecordField("name", N_("Name"), icon="building"),
        *_REACHED_BY,
        RecordField("industry", N_("Industry"), limit=100, icon="briefcase"),
        RecordField("employees", N_("Employees"), FieldKind.INTEGER, 12, "users"),
        RecordField("parent", N_("Part of"), FieldKind.ORGANISATION, 200, "building"),
        _OWNER,
        *_ADDRESS,
    )
}
CONTACT_FIELDS: dict[str, RecordField] = {
    field.name: field
    for field in (
        RecordField("name", N_("Name"), icon="user"),
        RecordField("given_name", N_("Given name"), limit=100, icon="user"),
        RecordField("family_name", N_("Family name"), limit=100, icon="user"),
        RecordField("organisation", N_("Organisation"), FieldKind.ORGANISATION, 200, "building"),
        RecordField("job_title", N_("Job title"), limit=120, icon="briefcase"),
        *_REACHED_BY,
        _OWNER,
        *_ADDRESS,
    )
}
