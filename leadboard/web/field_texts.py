"""Values of lead fields as a person reads them."""

from typing import Any

from flask_babel import gettext

from leadboard.formats import Formats
from leadboard.lib.countries import country_name
from leadboard.models.record_fields import FieldKind, RecordField


def field_text(field: RecordField, value: Any, fmt: Formats) -> str:
    """A stored value in words. Amounts, people and sources need more than their value: callers write those."""
    if field.kind is FieldKind.DAY:
        return fmt.day(value)
    if field.kind is FieldKind.PERCENT:
        return f"{fmt.number(value)} %"
    if field.kind is FieldKind.INTEGER:
        return fmt.number(value)
    if field.kind is FieldKind.COUNTRY:
        return country_name(value, fmt.locale)
    if field.kind is FieldKind.CHOICE:
        return gettext(dict(field.options).get(value, value))
    return str(value)
