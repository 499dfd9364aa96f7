"""Records as rows of a file: every field under its own label; leads in the order of the boards, others as they were made."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from leadboard.db import as_day, moment, rows
from leadboard.file_formats import ColumnKind, ExportColumn
from leadboard.lib.money import minor_digits
from leadboard.lib.point_cells import write_labelled, write_points
from leadboard.models.import_fields import FIRST_RECORD, MORE_EMAILS, MORE_PHONES, TAGS, TARGETS, TARGETS_OF, Target
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.queries.custom_fields import BoundField, expect_records, field_context
from leadboard.queries.settings import instance
from leadboard.queries.tags import in_order, known_tags, parse_ids, tag_ids_sql

CHUNK = 1000


_KINDS = {
    FieldKind.MONEY: ColumnKind.AMOUNT,
    FieldKind.INTEGER: ColumnKind.NUMBER,
    FieldKind.PERCENT: ColumnKind.NUMBER,
    FieldKind.DAY: ColumnKind.DAY,
}


def _kind(target: Target) -> ColumnKind:
    if target.is_moment:
        return ColumnKind.MOMENT
    return _KINDS.get(target.kind, ColumnKind.TEXT) if target.kind else ColumnKind.TEXT


COLUMNS_OF: dict[str, list[ExportColumn]] = {
    record_type: [ExportColumn(name, target.label, _kind(target), record_type) for name, target in targets.items()]
    for record_type, targets in TARGETS_OF.items()
}
COLUMNS = COLUMNS_OF[FIRST_RECORD]


def exported_columns(custom: Sequence[BoundField], record_type: str = FIRST_RECORD) -> list[ExportColumn]:
    """The columns of a file: all fields, custom ones last, whose cells are texts. An archived one says so in its heading."""
    further = [ExportColumn(field.name, field.heading, record_type=record_type) for field in custom]
    return [*COLUMNS_OF[record_type], *further]


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
    # Filled from tables of their own.
    MORE_EMAILS: "''",
    MORE_PHONES: "''",
    TAGS: "''",
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
    sql = f"select lead.position, lead.id, lead.fields, {tag_ids_sql('lead')}, {_COLUMNS}{_FROM} where lead.stage_id = ? and lead.position > ? and {where} order by lead.position limit ?"
    tags = known_tags()
    for (stage_id,) in stages:
        after = -(1 << 62)
        while part := rows(sql, [stage_id, after, *params, CHUNK]):
            found = [_cells(row[4:]) for row in part]
            ids = [row[1] for row in part]
            _put_further("lead", ids, found, _INDEX)
            _put(
                ids,
                found,
                _INDEX[TAGS],
                {row[1]: ", ".join(tag.name for tag in in_order(parse_ids(row[3]), tags)) for row in part if row[3]},
            )
            _put_custom([row[2] for row in part], found, custom)
            yield found
            if len(part) < CHUNK:
                break
            after = part[-1][0]


# ---------------------------------------------------------------------------------------------- contacts, organisations

_OF_PARTY = {
    "owner": "coalesce(owner.name, '')",
    "owner_email": "coalesce(owner.email, '')",
    "organisation": "coalesce(firm.name, '')",
    "organisation_external_id": "coalesce(firm.external_id, '')",
    "parent": "coalesce(firm.name, '')",
    "parent_external_id": "coalesce(firm.external_id, '')",
    # Filled from tables of their own.
    "employments": "''",
    MORE_EMAILS: "''",
    MORE_PHONES: "''",
}
_ABOVE = {"contact": "organisation_id", "organisation": "parent_id"}


def exported_parties(
    record_type: str, where: str, params: Sequence[Any], custom: Sequence[BoundField] = ()
) -> Iterator[list[list[object]]]:
    """The contacts or organisations of a condition over their table, a part at a time, in the order in which they were made."""
    targets = TARGETS_OF[record_type]
    written = {
        **_OF_PARTY,
        **{name: f"coalesce({record_type}.{name}, '')" for name in ("external_source", "external_id")},
        "is_primary": f"case when firm.primary_contact_id = {record_type}.id then 'Yes' else '' end",
    }
    columns = ", ".join(written.get(name, f"{record_type}.{name}") for name in targets)
    sql = (
        f"select {record_type}.id, {record_type}.fields, {columns} from {record_type}"  # noqa: S608 - our columns
        f' left join "user" owner on owner.id = {record_type}.owner_id'
        f" left join organisation firm on firm.id = {record_type}.{_ABOVE[record_type]} and firm.deleted_at is null"
        f" where {record_type}.id > ? and {where} order by {record_type}.id limit ?"
    )
    places = {name: index for index, name in enumerate(targets)}
    writers = [*_writers(targets)]
    after = 0
    while part := rows(sql, [after, *params, CHUNK]):
        ids, found = [row[0] for row in part], [list(row[2:]) for row in part]
        for cells in found:
            for index, write in writers:
                cells[index] = write(cells[index])
        _put_further(record_type, ids, found, places)
        if record_type == "contact":
            _put(ids, found, places["employments"], _employments(ids))
        _put_custom([row[1] for row in part], found, custom)
        yield found
        if len(part) < CHUNK:
            return
        after = ids[-1]


def _put(ids: Sequence[int], cells: Sequence[list[object]], place: int, texts: Mapping[int, str]) -> None:
    for record_id, row in zip(ids, cells, strict=True):
        row[place] = texts.get(record_id, "")


def _put_further(record_type: str, ids: Sequence[int], cells: Sequence[list[object]], places: Mapping[str, int]) -> None:
    """The further addresses and numbers of each record, as a cell of each kind."""
    points: dict[str, dict[int, list[tuple[str, str]]]] = {"email": {}, "phone": {}}
    for record_id, kind, text, label in rows(
        f"select {record_type}_id, kind, text, label from contact_point where {record_type}_id in ({', '.join('?' * len(ids))})"  # noqa: S608 - places only
        " order by position, id",
        list(ids),
    ):
        points[kind].setdefault(record_id, []).append((text, label))
    for name, kind in ((MORE_EMAILS, "email"), (MORE_PHONES, "phone")):
        _put(ids, cells, places[name], {record_id: write_points(found, kind) for record_id, found in points[kind].items()})


def _employments(ids: Sequence[int]) -> dict[int, str]:
    """The further firms of each person as a cell: one a line, with what they do there."""
    lines: dict[int, list[str]] = {}
    for contact_id, name, job_title in rows(
        f"select e.contact_id, o.name, e.job_title from employment e join organisation o on o.id = e.organisation_id"  # noqa: S608 - places only
        f" where e.contact_id in ({', '.join('?' * len(ids))}) and o.deleted_at is null order by o.name, o.id",
        list(ids),
    ):
        lines.setdefault(contact_id, []).append(write_labelled(name, job_title))
    return {contact_id: "\n".join(sorted(found)) for contact_id, found in lines.items()}


# ---------------------------------------------------------------------------------------------- cells


def _cells(row: Sequence[Any]) -> list[object]:
    cells: list[object] = list(row)
    for index, write in _WRITERS:
        cells[index] = write(row[index])
    cells[_AMOUNT] = write_amount(row[_AMOUNT], row[_CURRENCY])
    return cells


def _put_custom(stored: Sequence[Any], cells: Sequence[list[object]], custom: Sequence[BoundField]) -> None:
    """The custom fields behind the others. Each part has a context of its own: names that were read do not pile up."""
    if not custom:
        return
    values, context = [json.loads(one) if isinstance(one, str) else one for one in stored], field_context(instance())
    expect_records(custom, values, context)
    for row, known in zip(cells, values, strict=True):
        row += [field.to_cell(known.get(field.key), context) for field in custom]


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


def _writers(targets: Mapping[str, Target]) -> Iterator[tuple[int, Callable[[Any], object]]]:
    """How the cells of some columns are written: (place, writer)."""
    for index, (name, target) in enumerate(targets.items()):
        if target.is_moment:
            yield index, _moment
        elif target.kind is FieldKind.DAY:
            yield index, _day
        elif target.kind is FieldKind.CHOICE:
            yield index, _choice(name)
        elif name == "other_columns":
            yield index, _other


_AMOUNT, _CURRENCY = _INDEX["value_amount"], _INDEX["value_currency"]
_WRITERS = [*_writers(TARGETS)]
