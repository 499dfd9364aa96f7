"""Custom fields as the pages show them: rows of the lead page, words on cards."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadboard.domain.custom_values import value_of
from leadboard.fieldtypes import Shown
from leadboard.forms.custom_inputs import known_fields, reader_context
from leadboard.queries.custom_fields import BoundField, expect_records

CARD_TAGS = 4
CARD_TEXT = 40


def shown_of(field: BoundField, value: Any) -> Shown:
    return field.shown(value, reader_context())


def shown_by_name(name: str, value: Any, record_type: str = "lead") -> Shown:
    """A value of a field by its name: fields.budget. Of one that is gone, what can be told."""
    field = known_fields(record_type).named(name)
    return BoundField.shown(field, value, reader_context()) if field is not None else Shown("" if value is None else str(value))


def label_of(name: str, record_type: str = "lead") -> str:
    field = known_fields(record_type).named(name)
    return field.label if field is not None else name


def texts_of_custom(row: Mapping[str, Any], record_type: str = "lead") -> dict[str, str]:
    """What each custom field of a stored record shows in its input."""
    context = reader_context()
    return {name: field.to_input(value_of(row, name), context) for name, field in known_fields(record_type).editable.items()}


def defaults_of_custom(record_type: str = "lead") -> dict[str, str]:
    """What the custom fields of a new record begin with."""
    context = reader_context()
    return {name: field.to_input(field.definition.default, context) for name, field in known_fields(record_type).editable.items()}


def expect(fields: Sequence[BoundField], stored: Iterable[Any]) -> None:
    """Before the values of a page are shown: those that point to records are read in one go. `stored` are columns `fields`."""
    if any(field.points for field in fields):
        values = (json.loads(one) if isinstance(one, str) else one or {} for one in stored)
        expect_records(fields, values, reader_context())


def card_tags(fields: Iterable[BoundField], values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The words on a card, (tone, text): choices in their colours, other values with their label."""
    found: list[tuple[str, str]] = []
    context = reader_context()
    for field in fields:
        value = values.get(field.key)
        if value is None:
            continue
        shown = field.shown(value, context)
        if shown.tags:
            found += [(tone, text[:CARD_TEXT]) for tone, text in shown.tags[:CARD_TAGS]]
        elif shown.text:
            found.append(("grey", f"{field.label}: {shown.text}"[:CARD_TEXT]))
    return tuple(found)
