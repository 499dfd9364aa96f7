"""Leads as rows of a file: every field under its own label, in the order of the boards."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from typing import Any

from leadboard.db import as_day, moment, rows
from leadboard.fieldtypes import FieldContext
from leadboard.file_formats import ColumnKind, ExportColumn
from leadboard.lib.money import minor_digits
from leadboard.models.import_fields import TARGETS
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.queries.custom_fields import BoundField, field_context
from leadboard.queries.settings import instance

CHUNK = 1000


def _kind(name: str) -> ColumnKind:
    if TARGETS[name].is_moment:
        return ColumnKind.MOMENT
    return _KINDS.get(LEAD_FIELDS[name].kind, ColumnKind.TEXT) if name in LEAD_FIELDS else ColumnKind.TEXT


_KINDS = {
    FieldKind.MONEY: ColumnKind.AMOUNT,
    FieldKind.INTEGER: ColumnKind.NUMBER,
    FieldKind.PERCENT: ColumnKind.NUMBER,
    FieldKind.DAY: ColumnKind.DAY,
}
COLUMNS: list[ExportColumn] = [ExportColumn(name, target.label, _kind(name)) for name, target in TARGETS.items()]


def exported_columns(custom: Sequence[BoundField]) -> list[ExportColumn]:
    """The columns of a file: all fields, custom ones last, whose cells are texts. An archived one says so in its heading."""
    return [*COLUMNS, *(ExportColumn(field.name, field.heading) for field in custom)]


# What stands for a record is written by its name.
_SQL = {
    "owner": "coalesce(owner.name, '')",
    "owner_email": "coalesce(owner.email, '')",
    "source": "coalesce(source.name, '')",
    "pipeline": "pipeline.name",
    "stage": "stage.name",
    "lost_reason": "coalesce(lost_reason.name, '')",
    "external_source": "coalesce(lead.external_source, '')",
    "external_id": "coalesce(lead.external_id, '')",
}
_COLUMNS = ", ".join(_SQL.get(name, f"lead.{name}") for name in TARGETS)
_INDEX = {name: number for number, name in enumerate(TARGETS)}
_FROM = (
    " from lead join stage on stage.id = lead.stage_id join pipeline on pipeline.id = lead.pipeline_id"
    ' left join "user" owner on owner.id = lead.owner_id left join source on source.id = lead.source_id'
    " left join lost_reason on lost_reason.id = lead.lost_reason_id"
)


def exported_rows(where: str, params: Sequence[Any], custom: Sequence[BoundField] = ()) -> Iterator[list[list[object]]]:
    """The leads of a condition over `lead`, a part at a time: memory stays flat however many there are.

    In the order of pipelines, stages and cards, so that importing the file makes the same boards again.
    """
    stages = rows("select s.id from stage s join pipeline p on p.id = s.pipeline_id order by p.position, p.id, s.position, s.id")
    # A part is found again by its place: nothing is skipped or sorted twice.
    more, context = (", lead.fields", field_context(instance())) if custom else ("", None)
    sql = f"select lead.position, {_COLUMNS}{more}{_FROM} where lead.stage_id = ? and lead.position > ? and {where} order by lead.position limit ?"
    for (stage_id,) in stages:
        after = -(1 << 62)
        while part := rows(sql, [stage_id, after, *params, CHUNK]):
            if context is None:
                yield [_cells(row[1:]) for row in part]
            else:
                yield [_cells(row[1:-1]) + _custom_cells(row[-1], custom, context) for row in part]
            if len(part) < CHUNK:
                break
            after = part[-1][0]


def _cells(row: Sequence[Any]) -> list[object]:
    cells: list[object] = list(row)
    for index, write in _WRITERS:
        cells[index] = write(row[index])
    cells[_AMOUNT] = write_amount(row[_AMOUNT], row[_CURRENCY])
    return cells


def _custom_cells(fields: Any, custom: Sequence[BoundField], context: FieldContext) -> list[object]:
    values = json.loads(fields) if isinstance(fields, str) else fields
    return [field.to_cell(values.get(field.key), context) for field in custom]


def write_amount(amount: int | None, currency: str) -> str:
    """An amount that can be read in one way only: 1234.50, in currencies of three decimals 1234.5000."""
    if amount is None:
        return ""
    digits = minor_digits(currency)
    whole, rest = divmod(amount, 10**digits)
    if digits == 0:
        return str(whole)
    # Three digits behind a point could be thousands; four cannot.
    return f"{whole}.{rest:0{digits}}" + ("0" if digits == 3 else "")


def _moment(value: int | None) -> str:
    if value is None:
        return ""
    text = moment(value).astimezone(UTC).isoformat(timespec="milliseconds" if value % 1000 else "seconds")
    return text.replace("+00:00", "Z")


def _day(value: Any) -> str:
    day = as_day(value)
    return "" if day is None else day.isoformat()


def _choice(name: str) -> Callable[[str], str]:
    labels = dict(LEAD_FIELDS[name].options)
    return lambda value: labels.get(value, "")


def _other(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False) if text else ""


_AMOUNT, _CURRENCY = _INDEX["value_amount"], _INDEX["value_currency"]
_WRITERS: list[tuple[int, Callable[[Any], object]]] = [
    *((_INDEX[name], _moment) for name, target in TARGETS.items() if target.is_moment),
    *((_INDEX[name], _day) for name, field in LEAD_FIELDS.items() if field.kind is FieldKind.DAY),
    *((_INDEX[name], _choice(name)) for name, field in LEAD_FIELDS.items() if field.kind is FieldKind.CHOICE),
    (_INDEX["other_columns"], _other),
]
