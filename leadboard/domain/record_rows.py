"""Reading and writing rows of leads, contacts and organisations. No rule lives here: callers have authorised, validated and hold the transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadboard.db import execute, insert_many, is_sqlite, now_ms, one, rows
from leadboard.errors import N_, NotFound
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.leads import Lead
from leadboard.models.parties import Contact, Organisation, Party
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
from leadboard.models.record_fields import RecordField
from leadboard.permissions import Actor, visible_sql


@dataclass(frozen=True)
class RecordTable:
    """One of the three tables: its name is the record type of its events."""

    name: str
    columns: tuple[str, ...]
    fields: Mapping[str, RecordField]
    missing: str
    blank: Mapping[str, Any]


def _table(model: type[Party] | type[Lead], fields: Mapping[str, RecordField], missing: str) -> RecordTable:
    known = [field for field in model._meta.sorted_fields if field.column_name != "id"]
    blank = {
        field.column_name: None if callable(field.default) or field.default is None else field.default for field in known
    } | {"fields": "{}", "field_keys": "{}", "name": "", "name_key": ""}
    return RecordTable(model._meta.table_name, tuple(field.column_name for field in known), fields, missing, blank)


CONTACT = _table(Contact, CONTACT_FIELDS, N_("This contact does not exist, or you may not see it."))
ORGANISATION = _table(Organisation, ORGANISATION_FIELDS, N_("This organisation does not exist, or you may not see it."))
LEAD = _table(Lead, LEAD_FIELDS, N_("This lead does not exist, or you may not see it."))
TABLES: dict[str, RecordTable] = {table.name: table for table in (LEAD, CONTACT, ORGANISATION)}


def blank_row(table: RecordTable) -> dict[str, Any]:
    """Every column of a new record at its default."""
    now = now_ms()
    return {**table.blank, "created_at": now, "updated_at": now, "last_touch_at": now}


def insert_row(table: RecordTable, row: Mapping[str, Any]) -> int:
    """Insert one record; its id."""
    found = one(
        f"insert into {table.name} ({', '.join(table.columns)}) values ({', '.join('?' * len(table.columns))}) returning id",  # noqa: S608 - ours
        [row[column] for column in table.columns],
    )
    assert found is not None
    return int(found[0])


def insert_rows(table: RecordTable, batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert many contacts or organisations at once; their ids in order. Ids are taken first: executemany returns none."""
    ids = reserve_ids(table.name, len(batch)) if batch else []
    insert_many(
        table.name,
        ["id", *table.columns],
        [(record_id, *(row[column] for column in table.columns)) for record_id, row in zip(ids, batch, strict=True)],
    )
    return ids


def reserve_ids(table: str, count: int) -> list[int]:
    """`count` fresh primary keys of a table, inside the caller's write transaction."""
    if is_sqlite():
        found = one("select seq from sqlite_sequence where name = ?", (table,))
        start = int(found[0]) + 1 if found else 1
        return list(range(start, start + count))
    return [
        int(row[0])
        for row in rows("select nextval(pg_get_serial_sequence(?, 'id')) from generate_series(1, ?)", (f'"{table}"', count))
    ]


def update_row(table: RecordTable, record_id: int, changes: Mapping[str, Any]) -> None:
    """Write the named columns of one record. Column names come from our own code, never from a request."""
    assert set(changes) <= set(table.columns)
    sets = ", ".join(f"{column} = ?" for column in changes)
    execute(f"update {table.name} set {sets} where id = ?", [*changes.values(), record_id])  # noqa: S608 - ours


def load_visible(table: RecordTable, record_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    """The whole row of a record that the actor may see. Raises NotFound."""
    condition, params = visible_sql(actor, table.name, deleted=deleted)
    found = one(
        f"select id, {', '.join(table.columns)} from {table.name} where id = ? and {condition}",  # noqa: S608 - ours
        [record_id, *params],
    )
    if found is None:
        raise NotFound(table.missing)
    row = dict(zip(["id", *table.columns], found, strict=True))
    for column in ("fields", "field_keys"):
        if not isinstance(row[column], str):
            row[column] = json.dumps(row[column], ensure_ascii=False)
    return row


def visible_ids(table: RecordTable, ids: Iterable[int], actor: Actor, *, deleted: bool = False) -> list[tuple[int, int | None]]:
    """(id, owner_id) of those of the records that the actor may see, in the order of ids."""
    wanted = sorted(set(ids))
    condition, params = visible_sql(actor, table.name, deleted=deleted)
    found: list[tuple[int, int | None]] = []
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found += [
            (int(record_id), owner_id)
            for record_id, owner_id in rows(
                f"select id, owner_id from {table.name} where id in ({', '.join('?' * len(part))}) and {condition} order by id",  # noqa: S608 - ours
                [*part, *params],
            )
        ]
    return found


def release_number(table: RecordTable, record_id: int) -> None:
    """Of a record that comes out of the bin: imported again meanwhile, the new one keeps the number of elsewhere."""
    name = table.name
    execute(
        f"update {name} set external_source = null, external_id = null where id = ? and exists (select 1 from {name} other"  # noqa: S608 - ours
        f" where other.external_source = {name}.external_source and other.external_id = {name}.external_id"
        " and other.deleted_at is null and other.external_id is not null)",
        (record_id,),
    )


_ERASE = (
    "delete from event_value where event_id in (select id from event where {name}_id in ({places}))",
    "delete from {name} where id in ({places})",
)


def erase_parties(table: RecordTable, ids: Sequence[int]) -> None:
    """Take contacts or organisations out for good, with every value the log kept of them. The facts of the log stay.

    What hangs on them goes with them; what points to them points nowhere, by the database's own rules.
    """
    if not ids:
        return
    places = ", ".join("?" * len(ids))
    if table is CONTACT:
        execute(f"update organisation set primary_contact_id = null where primary_contact_id in ({places})", list(ids))  # noqa: S608 - places only
    for statement in _ERASE:
        execute(statement.format(name=table.name, places=places), list(ids))
