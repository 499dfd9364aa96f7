"""The fields of the whole form of a lead, in the groups in which it shows them."""

from leadboard.errors import N_
from leadboard.forms.custom_inputs import known_fields
from leadboard.models.lead_fields import LEAD_FIELDS

# How the whole form is laid out; the first group is always open.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("person_name", "organisation_name", "email", "phone", "value_amount", "value_currency", "owner", "source", "interest", "expected_close_on")),
    (N_("More about the person and the deal"), ("title", "given_name", "family_name", "job_title", "website", "probability", "qualification")),
    (N_("Organisation and address"), ("industry", "employees", "territory", "street", "postal_code", "city", "region", "country")),
)  # fmt: skip


def form_names() -> tuple[str, ...]:
    """Every field of a lead that a form may have."""
    return (*LEAD_FIELDS, *known_fields().editable)


def form_groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """How the whole form is laid out. Custom fields that must be filled stand with those that are always seen."""
    custom = known_fields().editable
    if not custom:
        return GROUPS
    needed = tuple(name for name, field in custom.items() if field.definition.is_required)
    others = tuple(name for name in custom if name not in needed)
    first, *rest = GROUPS
    return ((first[0], (*first[1], *needed)), *([(N_("More fields"), others)] if others else []), *rest)
