"""What must hold of every lead, contact and organisation, and putting right what follows from other data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from leadboard.db import atomic, execute, is_sqlite, one, rows
from leadboard.domain.first_contacts import ABSENT
from leadboard.domain.hosts import Host
from leadboard.domain.party_values import derive
from leadboard.domain.points import keys_of
from leadboard.domain.record_rows import CONTACT, ORGANISATION, TABLES, RecordTable, write_words
from leadboard.domain.search_words import TEXTS, entry_words
from leadboard.domain.tasks import refresh_next_task
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES
from leadboard.queries.settings import instance

BATCH = 1000
_DERIVED = ("name_key", "email_key", "phone_e164", "phone_reversed", "match_key", "domain")


class Check(NamedTuple):
    """`sql` gives the ids of what is wrong; `repair`, when there is one, puts some of them right."""

    name: str
    sql: str
    repair: Callable[[list[int]], None] | None = None


def native(sql: str) -> str:
    """`{differs}` is how each engine compares with NULL."""
    return sql.replace("{differs}", "is not" if is_sqlite() else "is distinct from")


def repair_in_batches(check: Check) -> None:
    """Each batch in its own transaction: what is put right is no longer found."""
    while check.repair is not None:
        with atomic():
            found = [int(row[0]) for row in rows(f"{native(check.sql)} limit {BATCH}")]
            if not found:
                return
            check.repair(found)


def record_checks() -> list[Check]:
    """Those that one statement answers."""
    found = [check for table in RECORD_TYPES for check in _of_every(table)]
    found += [_can_be_found(table) for table in ENTRY_TYPES]
    return [*found, *(check for table in ("contact", "organisation") for check in _of_parties(table)), *_OTHERS]


def _of_every(table: str) -> list[Check]:
    next_step = (
        f"select r.id from {table} r left join task n on n.id = r.next_task_id where r.next_task_id {{differs}}"
        f" (select t.id from task t where t.{table}_id = r.id and t.done_at is null and t.deleted_at is null"
        " order by t.due_on is null, t.due_on, t.id limit 1) or (r.next_task_id is not null and r.next_task_on {differs} n.due_on)"
    )
    return [
        Check(f"next steps of {table}s are the earliest open ones", next_step, lambda ids: _derive_next(table, ids)),
        Check(
            f"{table}s can be searched",
            f"select r.id from {table} r where not exists (select 1 from {table}_text t where t.rowid = r.id)",
            lambda ids: _index_words(TABLES[table], ids),
        ),
        Check(
            f"search words belong to {table}s",
            f"select t.rowid from {table}_text t where not exists (select 1 from {table} r where r.id = t.rowid)",
            lambda ids: _each(f"delete from {table}_text where rowid = ?", ids),
        ),
        Check(
            f"{table}s were created by an event",
            f"select r.id from {table} r where not exists (select 1 from event e where e.{table}_id = r.id)",
        ),
        Check(
            f"{table}s that were merged are in the bin, and the other one is there",
            f"select r.id from {table} r left join {table} o on o.id = r.merged_into_id"
            " where r.merged_into_id is not null and (r.deleted_at is null or o.id is null or o.id = r.id)",
        ),
    ]


def _of_parties(table: str) -> list[Check]:
    latest = f"(select max(n.created_at) from note n where n.{table}_id = r.id and n.deleted_at is null)"
    return [
        Check(
            f"last contacts of {table}s are not before their last note",
            f"select r.id from {table} r where r.last_touch_at < {latest}",
            lambda ids: _each(f"update {table} as r set last_touch_at = {latest} where r.id = ?", ids),
        ),
    ]


_OTHERS = (
    Check(
        "first contacts of organisations work there",
        f"select o.id from organisation o where {ABSENT}",
        lambda ids: _each("update organisation set primary_contact_id = null where id = ?", ids),
    ),
    Check("no organisation is part of itself", "select id from organisation where parent_id = id"),
)


def _each(sql: str, ids: list[int]) -> None:
    for record_id in ids:
        execute(sql, (record_id,))


def _can_be_found(table: str) -> Check:
    """An entry with a text has its words."""
    has_text = " or ".join(f"e.{name} <> ''" for name in TEXTS[table])
    return Check(
        f"{table}s can be searched",
        f"select e.id from {table} e where ({has_text}) and not exists (select 1 from {table}_words w where w.rowid = e.id)",
        lambda ids: _entry_words(table, ids),
    )


def _entry_words(table: str, ids: list[int]) -> None:
    columns = TEXTS[table]
    for record_id in ids:
        found = one(f"select {', '.join(columns)} from {table} where id = ?", (record_id,))
        assert found is not None
        entry_words(table, record_id, dict(zip(columns, found, strict=True)))


def _derive_next(record_type: str, ids: list[int]) -> None:
    for record_id in ids:
        refresh_next_task(Host(record_type, record_id, None))


def _index_words(table: RecordTable, ids: list[int]) -> None:
    columns = (*table.searched, "phone_e164", "field_keys")
    for record_id in ids:
        found = one(f"select {', '.join(columns)} from {table.name} where id = ?", (record_id,))
        assert found is not None
        write_words(table, record_id, dict(zip(columns, found, strict=True)))


# ---------------------------------------------------------------------------------------------- what is written by Python


def wrong_fields() -> list[str]:
    """Records whose field values are no JSON object. On PostgreSQL the column's type sees to it."""
    if not is_sqlite():
        return []
    wrong = "not json_valid(fields) or json_type(fields) <> 'object'"
    return [f"{table} {row[0]}" for table in RECORD_TYPES for row in rows(f"select id from {table} where {wrong}")]


def wrong_keys(*, repair: bool = False) -> list[str]:
    """Contacts, organisations and contact points that are not found by what they hold; with `repair` they are afterwards."""
    found = []
    for table in (CONTACT, ORGANISATION):
        kept = [name for name in _DERIVED if name in table.columns]
        for row in _rows_of(table.name, ("id", *kept, *_needed(table))):
            right = dict(row)
            derive(table, right, instance())
            if any(right[name] != row[name] for name in kept):
                found.append(f"{table.name} {row['id']}")
                _write(table.name, row["id"], {name: right[name] for name in kept}, repair=repair)
    for row in _rows_of("contact_point", ("id", "kind", "text", "key", "reversed")):
        key, digits = keys_of(row["kind"], row["text"])
        if (key, digits) != (row["key"], row["reversed"]):
            found.append(f"contact_point {row['id']}")
            _write("contact_point", row["id"], {"key": key, "reversed": digits}, repair=repair)
    return found


def _needed(table: RecordTable) -> tuple[str, ...]:
    """What derive() reads."""
    return ("name", "email", "phone", "website", *(("given_name", "family_name") if table is CONTACT else ()))


def _rows_of(table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    last = 0
    while found := rows(f"select {', '.join(columns)} from {table} where id > ? order by id limit {BATCH}", (last,)):
        last = found[-1][0]
        yield from (dict(zip(columns, row, strict=True)) for row in found)


def _write(table: str, record_id: int, values: Mapping[str, Any], *, repair: bool) -> None:
    if repair:
        with atomic():
            execute(
                f"update {table} set {', '.join(f'{name} = ?' for name in values)} where id = ?", [*values.values(), record_id]
            )
