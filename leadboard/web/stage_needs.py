"""Asking, in place, for the fields that a stage needs: on the board, in a column's quick add, when a lead is converted."""

from collections.abc import Sequence
from typing import Any

from flask import request

from leadboard.errors import Incomplete
from leadboard.forms.custom_inputs import known_fields
from leadboard.forms.leads import LeadForm, lead_form
from leadboard.forms.records import MONEY
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.web.record_layout import LEAD
from leadboard.web.record_view import choices_for

NEEDS = "needs"


def names_in(refusal: Incomplete) -> list[str]:
    """The empty fields that a form can ask for."""
    return [one.field for one in refusal.problems if one.field and _is_known(one.field)]


def ask_for(names: Sequence[str]) -> LeadForm:
    """An empty form of these fields."""
    return lead_form(_with_currency(names), choices_for(LEAD), formdata=None)


def sent_names() -> list[str]:
    """Which fields the form asked for."""
    return [name for name in dict.fromkeys(request.form.get(NEEDS, "")[:2000].split()) if _is_known(name)]


def read_sent() -> tuple[LeadForm | None, dict[str, Any] | None]:
    """The form that was sent and what was filled in; no values when something cannot be read, none at all when nothing was asked."""
    names = sent_names()
    if not names:
        return None, {}
    choices = choices_for(LEAD)
    form = lead_form(_with_currency(names), choices)
    values = form.typed(choices, request.form)
    if values is None:
        return form, None
    # What is still empty is asked for again; it does not empty what a colleague filled in meanwhile.
    return form, {name: value for name, value in values.items() if value not in (None, "", [])}


def _with_currency(names: Sequence[str]) -> list[str]:
    found = [name for name in names if name not in MONEY]
    return [*MONEY, *found] if MONEY[0] in names else found


def _is_known(name: str) -> bool:
    return name in LEAD_FIELDS or name in known_fields().editable
