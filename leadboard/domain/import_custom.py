"""Columns of a file that go into custom fields: which there are, how a cell is read, what a row must have."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from leadboard.domain.custom_values import operand_of, put_value, taken_by
from leadboard.domain.import_values import COMMA, MONTH, SERIAL, read_day
from leadboard.errors import N_, Refused
from leadboard.lib.text import fold
from leadboard.models.import_options import Options
from leadboard.queries.custom_fields import BoundField, custom_fields, field_context
from leadboard.queries.settings import Instance


def custom_targets(record_type: str) -> dict[str, str]:
    """{name: label} of the fields that a column can go into."""
    return {name: field.label for name, field in custom_fields(None, record_type).editable.items()}


def archived_columns(headers: Iterable[str], record_type: str) -> list[str]:
    """The columns that an export wrote of fields that are archived here: nothing can go into those."""
    archived = [field for field in custom_fields(None, record_type).by_key.values() if field.definition.is_archived]
    known = {fold(text) for field in archived for text in (field.name, field.heading)}
    return [header for header in headers if fold(header) in known]


def target_of(text: str, record_type: str) -> str | None:
    """The target that somebody means by a label, a key or fields.key; None when it is no custom field."""
    folded = fold(text)
    for name, field in custom_fields(None, record_type).editable.items():
        if folded in {name, field.key, fold(field.label)}:
            return name
    return None


def reads_as(target: str, record_type: str) -> str:
    """How the cells of a column for this target are written: "number", "day" or "" ."""
    field = custom_fields(None, record_type).editable.get(target)
    return field.type.reads_as if field is not None and field.type is not None else ""


def needed_fields(record_type: str) -> list[BoundField]:
    """What every record needs and no default fills."""
    return [
        one
        for one in custom_fields(None, record_type).editable.values()
        if one.definition.is_required and one.definition.default is None
    ]


def checked_fill(options: Options, settings: Instance) -> dict[str, Any]:
    """What rows get that have no value of their own. Raises Refused; also when every record needs what nothing gives."""
    known, context = custom_fields(settings.revision, options.record_type).editable, field_context(settings)
    checked = {name: known[name].check(value, context) for name, value in options.fill.items() if name in known}
    found = {name: value for name, value in checked.items() if value is not None}
    given = {*found, *options.mapping.values()}
    missing = [field.label for field in needed_fields(options.record_type) if field.name not in given]
    if missing:
        raise Refused(
            N_("Every row needs: %(labels)s. Choose the column it is in, or say what every row gets."),
            field="fill", labels=", ".join(missing),
        )  # fmt: skip
    return found


def fill_of(text: str, settings: Instance, record_type: str) -> tuple[str, Any]:
    """(custom field, value) of FIELD=VALUE, the value as in a file. Raises Refused."""
    name, _, value = text.partition("=")
    target, fields = target_of(name, record_type), custom_fields(None, record_type).editable
    if target is None:
        known = ", ".join(field.key for field in fields.values()) or "-"
        raise Refused(N_("There is no field %(name)s to fill. Known: %(known)s."), name=name.strip()[:60], known=known)
    context = field_context(settings, locale="en")
    return target, fields[target].from_cell(value.strip(), context)


class CustomReader:
    """The custom fields of one file. `values` of a row are {name: value}, checked."""

    def __init__(self, options: Options, settings: Instance, today: date) -> None:
        known = custom_fields(settings.revision, options.record_type).editable
        self._context = field_context(settings, locale="en", today=today)
        self._fields: Mapping[str, BoundField] = known
        defaults = {name: one.definition.default for name, one in known.items() if one.definition.default is not None}
        self._defaults = {**defaults, **{name: value for name, value in options.fill.items() if name in known}}
        self._needed = [one for name, one in known.items() if one.definition.is_required and name not in self._defaults]
        self.unique = [name for name in options.mapping.values() if name in known and known[name].definition.is_unique]

    def __contains__(self, target: str) -> bool:
        return target in self._fields

    def reader(self, target: str, decided: str) -> Callable[[str], Any]:
        """How a cell of one column is read, as its numbers and days are written there."""
        field, context = self._fields[target], self._context
        context = replace(context, locale="de" if decided == COMMA else "en", day_first=decided != MONTH)
        today = context.today

        def read(text: str) -> Any:
            if decided == SERIAL:
                text = str(read_day(text, decided, today) or "")
            return field.from_cell(text.strip(), context)

        return read

    def finish(self, row: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Put a row's values and the defaults of other fields into the record. Raises Refused for what is required and empty."""
        for field in self._needed:
            if values.get(field.name) is None:
                raise Refused(N_("%(label)s is empty, and every row needs it."), field=field.name, label=field.label)
        found = {**self._defaults, **{name: value for name, value in values.items() if value is not None}}
        if not found:
            return
        kept: dict[str, Any] = {}
        keys: dict[str, str] = {}
        for name, value in found.items():
            put_value(kept, keys, self._fields[name], value, self._context)
        row["fields"], row["field_keys"] = json.dumps(kept, ensure_ascii=False), json.dumps(keys, ensure_ascii=False)

    def known_as(self, name: str, value: Any) -> tuple[int, str] | None:
        """(id, title) of the record that has a unique value already."""
        return taken_by(self._fields[name], value, self._context)

    def key_of(self, name: str, value: Any) -> str:
        """The same for values that are the same to a unique field."""
        return str(operand_of(self._fields[name], value, self._context))
