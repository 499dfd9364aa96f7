"""Round trips of every built-in type, and what definitions may hold."""

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadboard.defaults.field_types import register_field_types
from leadboard.domain.custom_fields import archive_field, change_field
from leadboard.errors import NotAllowed, Refused
from leadboard.fieldtypes import FieldContext, FieldDefinition, Operator, PersonName, Shown, ValueSql
from tests.fields.conftest import TYPE_OF, TYPES

KINDS = {one.key: one for one in register_field_types()}
CONTEXTS = [
    FieldContext("en", "EUR", "DE", zone, locale, date(2026, 11, 20), day_first=first, find_people=lambda: {7: PersonName("Ola", "ola@x.example", True)})
    for zone, locale, first in (("Europe/Berlin", "en_DE", True), ("UTC", "en_US", False), ("Asia/Tehran", "fa", True))
]  # fmt: skip
CELLS = FieldContext("en", "EUR", "DE", "Europe/Berlin", "en", date(2026, 11, 20), find_people=CONTEXTS[0].find_people)
_LINES = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=60)
# An hour that a clock goes through twice cannot be typed without its zone: the types keep to what can.
_MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)).map(
    lambda at: at.replace(microsecond=0, hour=12, tzinfo=UTC).isoformat().replace("+00:00", "Z")
)
VALUES = {
    "text": _LINES, "long_text": st.lists(_LINES, min_size=1, max_size=4).map("\n".join),
    "number": st.integers(-(10**14), 10**14).map(lambda number: number / 100), "money": st.integers(0, 10**14),
    "day": st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(date.isoformat), "moment": _MOMENTS, "yes_no": st.booleans(),
    "choice": st.sampled_from(["silver", "gold"]), "choices": st.lists(st.sampled_from(["red_wine", "white", "rose"]), min_size=1, unique=True),
    "mail": st.emails(), "tel": st.from_regex(r"\+49 [1-9][0-9]{5,9}", fullmatch=True), "link": st.from_regex(r"https://[a-z]{1,9}\.example/[a-z]*", fullmatch=True),
    "user": st.just(7),
}  # fmt: skip


def field_of(key):
    kind = KINDS[TYPE_OF.get(key, key)]
    return kind, FieldDefinition(1, key, "Field", kind.key, options=kind.clean_options(TYPES[key], CONTEXTS[0]))


@pytest.mark.parametrize("key", VALUES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.sqlite_only
def test_what_is_written_is_read_as_the_same(key, data, app):
    kind, field = field_of(key)
    drawn = data.draw(VALUES[key])
    try:
        value = kind.check(drawn, field, CONTEXTS[0])
    except Refused:
        return  # an address that is none to us, and the like
    if value is None:
        return
    assert kind.check(value, field, CONTEXTS[0]) == value
    assert kind.from_cell(kind.to_cell(value, field, CELLS), field, CELLS) == value
    for context in CONTEXTS:
        assert kind.from_input(kind.to_input(value, field, context), field, context) == value, context.locale
        assert isinstance(kind.show(value, field, context), Shown)
    # What is in a file is found by its own filter.
    operator = Operator.IS if Operator.IS in kind.operators else Operator.CONTAINS
    operand = kind.operand(operator, kind.to_cell(value, field, CELLS), field, CELLS)
    assert kind.condition(operator, operand, field, ValueSql(key))[0]


@pytest.mark.parametrize("key", VALUES)
@pytest.mark.parametrize("value", [True, 3.7, -1, "x\u0000", [], {}, math.nan, "99999999999999999999", ["a"], 10**30, object()])
@pytest.mark.sqlite_only
def test_no_value_breaks_a_type(key, value, app):
    kind, field = field_of(key)
    refused = []
    try:
        kind.check(value, field, CONTEXTS[0])
    except Refused as refusal:
        refused.append(refusal.field)
    assert refused in ([], [field.name])


@pytest.mark.parametrize(
    "key, values, says",
    [
        ("number", {"options": {"decimals": 9}}, "0 to 6"), ("number", {"options": {"colour": 1}}, "no option colour"),
        ("money", {"options": {"currency": "XXZ"}}, "three letters"), ("choice", {"options": {}}, "1 to 200"),
        ("choice", {"options": {"choices": ["A", "a"]}}, "two choices"), ("choice", {"options": {"choices": [{"label": "A", "tone": "x"}]}}, "colour x"),
        ("choice", {"options": {"choices": ["A;B"]}}, "semicolons"), ("choice", {"default": "platinum"}, "not one of"),
        ("choice", {"is_unique": True}, "cannot be unique"), ("text", {"is_unique": True, "default": "x"}, "no default"),
        ("text", {"label": " "}, "Type a name"), ("text", {"label": "x" * 81}, "too long"), ("text", {"label": "Interest"}, "already"),
        ("email", {}, "is taken"), ("Bad Key", {"type": "text"}, "a-z, 0-9"), ("a'b", {"type": "text"}, "a-z, 0-9"),
    ],
)  # fmt: skip
def test_a_definition_that_is_wrong_says_what(key, values, says, field):
    with pytest.raises(Refused, match=says):
        field(key, **values)


def test_only_admins_change_fields(field, mona, ada):
    made = field("text")
    for work in (
        lambda: change_field("text", label="X", actor=mona.actor),
        lambda: archive_field("text", is_archived=True, actor=mona.actor),
    ):
        with pytest.raises(NotAllowed):
            work()
    assert change_field("text", label="X", actor=ada.actor).label == "X"
    assert made.label == "My text"


def test_options_that_values_rest_on_stay(field, make, ada):
    field("money")
    field("number")
    change_field("money", options={"currency": "PLN"}, actor=ada.actor)
    make.lead(**{"fields.money": 100, "fields.number": 1.25})
    with pytest.raises(Refused, match="its currency stays"):
        change_field("money", options={"currency": "EUR"}, actor=ada.actor)
    with pytest.raises(Refused, match=r"1\.25"):
        change_field("number", options={"decimals": 1}, actor=ada.actor)
    change_field("number", options={"decimals": 3}, actor=ada.actor)


def test_a_field_with_doubles_does_not_become_unique(field, make, ada):
    field("text")
    make.lead(**{"fields.text": "A"})
    two = make.lead(**{"fields.text": "a"})
    with pytest.raises(Refused, match="have the same value"):
        change_field("text", is_unique=True, actor=ada.actor)
    two.delete_instance()
    change_field("text", is_unique=True, actor=ada.actor)
    with pytest.raises(Refused, match="must be unique"):
        make.lead(**{"fields.text": "A"})
