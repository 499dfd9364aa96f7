"""A field of every built-in type, and a value of each."""

import pytest

from leadboard.domain.custom_fields import add_field
from leadboard.permissions import SYSTEM

TYPES = {
    "text": {}, "long_text": {}, "number": {"decimals": 2}, "money": {"currency": "EUR"}, "day": {}, "moment": {}, "yes_no": {},
    "choice": {"choices": ["Silver", {"key": "gold", "label": "Gold", "tone": "amber"}]},
    "choices": {"choices": ["Red wine", "White", "Rosé"]}, "mail": {}, "tel": {}, "link": {}, "user": {},
}  # fmt: skip
# Two types have the name of a field that every lead has.
TYPE_OF = {"mail": "email", "tel": "phone"}
# key: (typed, stored, shown, in a file)
VALUES = {
    "text": ("Łódź ", "Łódź", "Łódź", "Łódź"),
    "long_text": ("one\ntwo", "one\ntwo", "one\ntwo", "one\ntwo"),
    "number": ("1234,5", 1234.5, "1.234,50", "1234.5"),
    "money": ("12k", 1_200_000, "12.000 €", "12000"),
    "day": ("2031-11-20", "2031-11-20", "20 Nov 2031", "2031-11-20"),
    "moment": ("2031-11-20T11:30", "2031-11-20T10:30:00Z", "20 Nov 2031, 11:30:00", "2031-11-20T10:30:00Z"),
    "yes_no": ("yes", True, "Yes", "yes"),
    "choice": ("gold", "gold", "Gold", "Gold"),
    "choices": (["white", "red_wine"], ["red_wine", "white"], "Red wine, White", "Red wine; White"),
    "mail": ("Ola@Acme.example", "Ola@Acme.example", "Ola@Acme.example", "Ola@Acme.example"),
    "tel": ("030 901820", "030 901820", "030 901820", "030 901820"),
    "link": ("acme.example/x", "acme.example/x", "acme.example/x", "acme.example/x"),
}


@pytest.fixture
def field(app):
    """field("number", in_list=True) adds a field of a type, under the type's name as key."""

    def add(key, **values):
        options = values.pop("options", TYPES.get(key, {}))
        label = values.pop("label", f"My {key.replace('_', ' ')}")
        kind = values.pop("type", TYPE_OF.get(key, key))
        return add_field(label, kind, key=key, options=options, actor=SYSTEM, **values)

    return add


@pytest.fixture
def every_field(field):
    return {key: field(key, in_list=True) for key in TYPES}
