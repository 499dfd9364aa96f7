"""Chips that filter by custom fields, on the list and on the board: links where there are choices, else a small form."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from flask_babel import gettext

from leadboard.errors import N_, Refused
from leadboard.fieldtypes import Control, Operator
from leadboard.forms.custom_inputs import dom_name, input_of, known_fields, reader_context
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.field_filter import PREFIX, FieldCondition, arg_of

_LABELS = {
    Operator.IS: N_("Is"), Operator.CONTAINS: N_("Contains"), Operator.FROM: N_("From"), Operator.TO: N_("To"),
}  # fmt: skip
# The first ones, as admins order them; a row of twenty hides what is looked for, and takes a quarter of the time of a page.
MOST_OFFERED = 5
_SHOWN = {Operator.IS: "%s", Operator.CONTAINS: "… %s …", Operator.FROM: "≥ %s", Operator.TO: "≤ %s"}


class ActiveChip(NamedTuple):
    label: str
    value: str
    clear_url: str


class FilterInput(NamedTuple):
    """With `choices`, (text, label), one of them is picked; else something is typed."""

    id: str
    name: str
    label: str
    type: str
    choices: Sequence[tuple[str, str]] = ()


class OfferedChip(NamedTuple):
    """`options` are (label, url); `inputs` a form's, which takes the `args` along."""

    label: str
    options: list[tuple[str, str]]
    inputs: list[FilterInput]


class FieldChips(NamedTuple):
    """Everything that templates/leads/_field_chips.html shows. `further` are (label, key) of the other fields."""

    active: list[ActiveChip]
    offered: list[OfferedChip]
    path: str
    args: Mapping[str, str]
    further: Sequence[tuple[str, str]] = ()


def field_chips(
    conditions: Sequence[FieldCondition],
    path: str,
    args: Mapping[str, str],
    record_type: str = "lead",
    parts: Sequence[ActiveChip] = (),
) -> FieldChips:
    """`args` are all arguments of the address as it is; `parts` the chips of what else was typed."""
    taken = {condition.field.key for condition in conditions}

    def url(more: Mapping[str, str], *without: str) -> str:
        found = {**{name: text for name, text in args.items() if name not in without}, **more}
        return f"{path}?{urlencode(found)}" if found.keys() - {"view"} else path

    active = [*parts, *(ActiveChip(one.field.label, _value(one), url({}, one.arg)) for one in conditions)]
    offered = []
    left = [field for field in known_fields(record_type).active if field.key not in taken]
    # One alone is no less in a menu of its own.
    shown = MOST_OFFERED if len(left) > MOST_OFFERED + 1 else len(left)
    for field in left[:shown]:
        empty = arg_of(field, Operator.EMPTY)
        options = [(label, url({arg_of(field, Operator.IS): text})) for text, label in _choices(field)]
        options += [(gettext("Filled"), url({empty: "0"})), (gettext("Empty"), url({empty: "1"}))]
        offered.append(OfferedChip(field.label, options, _inputs(field)))
    further = [(field.label, f"{PREFIX}{field.key}") for field in left[shown:] if field.type is not None]
    return FieldChips(active, offered, path, args, further)


def _choices(field: BoundField) -> list[tuple[str, str]]:
    wanted = input_of(field, reader_context()) if field.type is not None else None
    if wanted is None or wanted.control not in {Control.ONE, Control.MANY}:
        return []
    return [(text, gettext(label)) for text, label in wanted.choices]


def _inputs(field: BoundField) -> list[FilterInput]:
    if field.type is None:
        return []
    choices = _choices(field)
    kind = "date" if field.type.reads_as == "day" else "text"
    return [
        FilterInput(f"ff-{dom_name(arg_of(field, one))}", arg_of(field, one), gettext(_LABELS[one]), kind, choices)
        for one in field.type.operators
        if not choices or one in {Operator.FROM, Operator.TO}  # the others are links
    ]


def _value(condition: FieldCondition) -> str:
    if condition.operator is Operator.EMPTY:
        return gettext("empty") if condition.operand else gettext("filled")
    labels = dict(_choices(condition.field))
    if labels:
        shown = ", ".join(labels.get(part.strip(), part.strip()) for part in condition.text.split(","))
        return shown if condition.operator is Operator.CONTAINS else _SHOWN[condition.operator] % shown
    return _SHOWN[condition.operator] % _written(condition)


def _written(condition: FieldCondition) -> str:
    """A day or an amount as the reader writes it; anything else as it is in the address."""
    if condition.operator is Operator.CONTAINS or condition.field.type is None or not condition.field.type.reads_as:
        return condition.text
    try:
        value = condition.field.from_cell(condition.text, reader_context())
    except Refused:
        return condition.text
    return condition.field.shown(value, reader_context()).text or condition.text
