"""The forms of a lead: those of any record, of the fields of leads."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadboard.forms.records import Choices, RecordForm, record_form

__all__ = ["Choices", "LeadForm", "lead_form"]

LeadForm = RecordForm


def lead_form(names: Iterable[str], choices: Choices, texts: Mapping[str, str] | None = None, **options: Any) -> LeadForm:
    """A form of these fields of a lead; see record_form."""
    return record_form("lead", names, choices, texts, **options)
