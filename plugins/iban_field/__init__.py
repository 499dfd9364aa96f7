"""A type of field that Leadboard does not know: an IBAN, checked by country, length and check digits."""

from leadboard.api import FieldType, Plugin, hookimpl

from .iban import IbanType

PLUGIN = Plugin(
    name="iban_field",
    title="IBAN field",
    version="1.0",
    description="A type of field for bank accounts: checked by country, length and check digits.",
    category="fields",
)


@hookimpl
def register_field_types() -> list[FieldType]:
    return [IbanType()]
