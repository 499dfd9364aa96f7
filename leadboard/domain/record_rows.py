"""Reading and writing rows of leads, contacts and organisations: the statements that create, change, bulk-load and erase share.

No rule lives here: callers have authorised, validated and hold the transaction. Beside each row lie the words that find it (`lead_text` …).
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from leadboard.db import execute, insert_many, is_sqlite, now_ms, one, rows
from leadboard.domain import search_words
from leadboard.domain.search_words import add_words, record_texts
from leadboard.errors import NotFound
from leadboard.lib.text import fold
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.leads import Lead
from leadboard.models.parties import Contact, Organisation, Party
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
from leadboard.models.record_fields import RecordField
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.hosts import MISSING


@dataclass(frozen=True)
class RecordTable:
    """One of the three tables: its name is the record type of its events. `searched` are the columns that search looks through."""

    name: str
    columns: tuple[str, ...]
    fields: Mapping[str, RecordField]
    searched: tuple[str, ...]
    missing: str
    blank: Mapping[str, Any]


def _table(
    model: type[Party] | type[Lead], fields: Mapping[str, RecordField], searched: tuple[str, ...], missing: str
) -> RecordTable:
    known = [field for field in model._meta.sorted_fields if field.column_name != "id"]
    blank = {
        field.column_name: None if callable(field.default) or field.default is None else field.default for field in known
    } | {"fields": "{}", "field_keys": "{}", "name": "", "name_key": ""}
    return RecordTable(model._meta.table_name, tuple(field.column_name for field in known), fields, searched, missing, blank)


_NAMES = ("name", "email", "phone", "city")
CONTACT = _table(Contact, CONTACT_FIELDS, _NAMES, MISSING["contact"])
ORGANISATION = _table(Organisation, ORGANISATION_FIELDS, (*_NAMES, "website", "domain"), MISSING["organisation"])
LEAD = _table(Lead, LEAD_FIELDS, ("title", "person_name", "organisation_name", "email", "phone", "city"), MISSING["lead"])
TABLES: dict[str, RecordTable] = {table.name: table for table in (LEAD, CONTACT, ORGANISATION)}


def blank_row(table: RecordTable) -> dict[str, Any]:
    """Every column of a new record at its default."""
    now = now_ms()
    return {**table.blank, "created_at": now, "updated_at": now, "last_touch_at": now}


def words_of(table: RecordTable, row: Mapping[str, Any]) -> str:
    """The folded text that finds this record: names, addresses, and the phone's digits as typed and in full.

    What a longer part holds already is left out: any piece of it is found there, and the index stays a third smaller.
    """
    words = ""
    for part in (*map(row.__getitem__, table.searched), row["phone_e164"], "".join(filter(str.isdigit, row["phone"]))):
        if part and part not in words:
            words = f"{words} {part}"
    return fold(words)


def insert_row(table: RecordTable, row: Mapping[str, Any]) -> int:
    """Insert one record with its search words; its id."""
    found = one(
        f"insert into {table.name} ({', '.join(table.columns)}) values ({', '.join('?' * len(table.columns))}) returning id",  # noqa: S608 - ours
        [row[column] for column in table.columns],
    )
    assert found is not None
    record_id = int(found[0])
    write_words(table, record_id, row)
    return record_id


def insert_rows(table: RecordTable, batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert many records at once, with their search words; their ids in order. Ids are taken first: executemany returns none."""
    if not batch:
        return []
    ids = reserve_ids(table.name, len(batch))
    values_of = itemgetter(*table.columns)
    insert_many(table.name, ["id", *table.columns], [(number, *values_of(row)) for number, row in zip(ids, batch, strict=True)])
    words = [(number, words_of(table, row)) for number, row in zip(ids, batch, strict=True)]
    insert_many(f"{table.name}_text", ["rowid", "words"], words)
    texts = [(number, record_texts(row, table.searched)) for number, row in zip(ids, batch, strict=True)]
    add_words(table.name, [one for one in texts if one[1]])
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


def write_words(table: RecordTable, record_id: int, row: Mapping[str, Any]) -> None:
    """The words of a record that has none yet."""
    execute(f"insert into {table.name}_text (rowid, words) values (?, ?)", (record_id, words_of(table, row)))  # noqa: S608 - ours
    if texts := record_texts(row, table.searched):
        search_words.write_words(table.name, record_id, *texts)


def update_words(table: RecordTable, record_id: int, row: Mapping[str, Any], changed: Collection[str]) -> None:
    """Write the words of a record anew when a column that they are made of has changed."""
    if not {*table.searched, "phone_e164"}.isdisjoint(changed):
        execute(f"update {table.name}_text set words = ? where rowid = ?", (words_of(table, row), record_id))  # noqa: S608 - ours
    elif "field_keys" not in changed:
        return
    search_words.write_words(table.name, record_id, *record_texts(row, table.searched))


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


def reindex(*, afresh: bool = False) -> int:
    """Write the words of everything that has none, or of everything; how many. Safe while others write, and to run again."""
    return search_words.rebuild_words({table.name: table.searched for table in TABLES.values()}, afresh=afresh)


def fill_search_words() -> None:
    """The job that follows an upgrade of a filled database."""
    reindex()
