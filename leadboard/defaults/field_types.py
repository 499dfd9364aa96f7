"""The types of custom fields that come with Leadboard."""

from leadboard.api import FieldType, Plugin, hookimpl
from leadboard.defaults.field_types_choice import ChoiceType, ManyChoicesType, UserType, YesNoType
from leadboard.defaults.field_types_number import DayType, MomentType, MoneyType, NumberType
from leadboard.defaults.field_types_record import ContactLinkType, LeadLinkType, OrganisationLinkType
from leadboard.defaults.field_types_text import EmailType, LinkType, LongTextType, PhoneType, TextType

PLUGIN = Plugin(name="field_types", title="Field types", version="1.0", category="fields")


@hookimpl
def register_field_types() -> list[FieldType]:
    return [
        TextType(), LongTextType(), NumberType(), MoneyType(), DayType(), MomentType(), YesNoType(), ChoiceType(), ManyChoicesType(),
        EmailType(), PhoneType(), LinkType(), UserType(), LeadLinkType(), ContactLinkType(), OrganisationLinkType(),
    ]  # fmt: skip
