"""The columns that a list can show: what is read for each, and how a cell of it looks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext

from leadboard.errors import N_
from leadboard.fieldtypes import PREFIX, FieldContext, Shown
from leadboard.forms.custom_inputs import known_fields
from leadboard.lib.links import web_address
from leadboard.models.record_fields import FieldKind, RecordField
from leadboard.permissions import Actor
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.record_filter import unknown
from leadboard.queries.record_list import Further
from leadboard.queries.views import layout_of
from leadboard.web.field_texts import field_text

# The name of a record always comes first, and is the one column of a list without another.
NAME = "name"
MOST_COLUMNS = 40


class Person(NamedTuple):
    name: str
    initials: str
    tone: str


class ListCell(NamedTuple):
    """A cell by its `kind`: text, link, stage, due, person, tags or field. `label` names a bare number on a phone."""

    kind: str
    text: str = ""
    css: str = ""
    url: str = ""
    tone: str = ""
    label: str = ""
    person: Person | None = None
    shown: Shown | None = None


@dataclass(frozen=True)
class ListColumn:
    """`show` makes a cell of the page, a row and what `sql` read for it; `sort` is empty when the list cannot be sorted by it."""

    label: str
    show: Callable[[Any, Any, Any], ListCell]
    sort: str = ""
    is_number: bool = False
    falling_first: bool = False
    # Where the engines differ, what makes it.
    sql: str | Callable[[], str] = ""


Columns = Mapping[str, ListColumn]


def _next_step(page: Any, row: Any, _: Any) -> ListCell:
    state, text = page.due(row.next_task, row.next_task_on)
    return ListCell("due", text, tone=state)


# What every list has.
WORK: dict[str, ListColumn] = {
    "next": ListColumn(N_("Next step"), _next_step, "next"),
    "owner": ListColumn(N_("Owner"), lambda page, row, _: ListCell("person", person=page.person(row.owner_id))),
}
TIMES: dict[str, ListColumn] = {
    "touch": ListColumn(
        N_("Last contact"), lambda page, row, _: ListCell("text", page.touched(row.last_touch_at), "num opt"), "touch", True, True
    ),
    "created": ListColumn(
        N_("Created"), lambda page, row, _: ListCell("text", page.created(row.created_at), "num opt"), "created", True, True
    ),
}


def typed_columns(fields: Iterable[RecordField], table: str) -> dict[str, ListColumn]:
    """A column for each field that people type, by its name."""
    return {
        field.name: ListColumn(
            field.label,
            _shown_as(field),
            is_number=field.kind in {FieldKind.INTEGER, FieldKind.PERCENT},
            sql=f"{table}.{field.name}",
        )
        for field in fields
    }


_NARROW = {
    FieldKind.CHOICE: "nowrap opt",
    FieldKind.PHONE: "nowrap opt",
    FieldKind.INTEGER: "num opt",
    FieldKind.PERCENT: "num opt",
}


def _shown_as(field: RecordField) -> Callable[[Any, Any, Any], ListCell]:
    css = _NARROW.get(field.kind, "cut tight opt")

    def show(page: Any, row: Any, value: Any) -> ListCell:
        if value is None or value == "":
            return ListCell("text", css="opt")
        if field.kind is FieldKind.EMAIL:
            return ListCell("link", value, css, f"mailto:{value}")
        if field.kind is FieldKind.LINK:
            return ListCell("link", value, css, web_address(value))
        return ListCell("text", field_text(field, value, page.fmt), css, label=page.word(field.label) if css == "num opt" else "")

    return show


def field_cells(field: BoundField, context: FieldContext) -> Callable[[Mapping[str, Any]], ListCell]:
    """What makes the cell of a custom field of the custom values of a row."""
    key, css = field.key, "num opt cut" if field.is_number else "opt cut"
    nothing = ListCell("field", css=css, shown=Shown(""))

    def cell(values: Mapping[str, Any]) -> ListCell:
        value = values.get(key)
        return nothing if value is None else ListCell("field", css=css, shown=field.shown(value, context))

    return cell


# ---------------------------------------------------------------------------------------------- which of them


def shown_columns(
    place: str, record_type: str, known: Columns, usual: Sequence[str], actor: Actor, text: str | None
) -> tuple[str, ...]:
    """The keys of the columns beside the name: those of an address, else the reader's own, else the usual ones. Raises Unknown."""
    if text:
        wanted = dict.fromkeys(key for key in text.split(",") if key and key != NAME)
        for key in wanted:
            if not is_column(key, record_type, known):
                raise unknown("columns", key, [*known, *_field_keys(record_type)])
        return tuple(wanted)[:MOST_COLUMNS]
    own = layout_of(actor, place).columns
    if own is not None:
        return tuple(key for key in own if is_column(key, record_type, known))
    return (*usual, *(one.name for one in known_fields(record_type).in_list))


def is_column(key: str, record_type: str, known: Columns) -> bool:
    return key in known or key in _field_keys(record_type)


def _field_keys(record_type: str) -> list[str]:
    return [one.name for one in known_fields(record_type).active]


def all_columns(record_type: str, known: Columns) -> dict[str, str]:
    """{key: label} of everything there is to choose from."""
    return {
        **{key: gettext(column.label) for key, column in known.items()},
        **{one.name: one.label for one in known_fields(record_type).active},
    }


def further_of(shown: Sequence[str], known: Columns) -> Further:
    """What these columns need to be read."""
    parts = [part for key in shown if key in known and (part := known[key].sql)]
    return Further(
        tuple(part if isinstance(part, str) else part() for part in parts), any(key.startswith(PREFIX) for key in shown)
    )
