"""The bin: deleted leads, contacts and organisations, each type in pages, last deleted first."""

from typing import NamedTuple

from leadboard.db import is_sqlite, rows
from leadboard.events import BY_USER
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.keyset import Mark, Sort
from leadboard.queries.record_list import PAGE

_NEWEST = Sort("deleted_at", "", int)
# What is shown below the name, and the stage of a lead.
_COLUMNS = {
    "lead": "lead.title, lead.organisation_name, lead.stage_id",
    "contact": "contact.name, case when contact.email <> '' then contact.email else contact.phone end, null",
    "organisation": "organisation.name, coalesce(organisation.domain, organisation.city), null",
}


class BinRow(NamedTuple):
    """A deleted record, by whom and when. `merged_into` is the one that took its place, `merged_title` its name for who may see it."""

    id: int
    title: str
    detail: str
    stage_id: int | None
    owner_id: int | None
    deleted_at: int
    deleted_by: str | None
    merged_into: int | None
    merged_title: str | None


def bin_page(actor: Actor, record_type: str = "lead", *, after: str | None = None) -> tuple[list[BinRow], str]:
    """The deleted records of a type that the actor may see, and the mark of the next page. One statement."""
    table = record_type
    sql, params = visible_sql(actor, table, deleted=True)
    if after:
        mark = Mark.read(after, _NEWEST)
        sql, params = f"{sql} and ({table}.deleted_at, {table}.id) < (?, ?)", [*params, mark.key, mark.id]
    kept, of_kept = visible_sql(actor, "kept")
    hint = f" indexed by {table}_deleted" if is_sqlite() else ""
    found = rows(
        f"select {table}.id, {_COLUMNS[table]}, {table}.owner_id, {table}.deleted_at,"
        f" (select coalesce(u.name, '') from event e{BY_USER}"
        f" where e.{table}_id = {table}.id and e.kind = '{table}_deleted' order by e.id desc limit 1), {table}.merged_into_id,"
        f" (select kept.{'title' if table == 'lead' else 'name'} from {table} kept where kept.id = {table}.merged_into_id and {kept})"
        f" from {table}{hint} where {sql} order by {table}.deleted_at desc, {table}.id desc limit {PAGE + 1}",
        [*of_kept, *params],
    )
    shown = [BinRow(*row) for row in found[:PAGE]]
    more = Mark(shown[-1].deleted_at, shown[-1].id, 1).text() if len(found) > PAGE else ""
    return shown, more


def binned_types(actor: Actor) -> set[str]:
    """Of which types something is in the bin for this reader. One statement."""
    parts, params = [], []
    for table in _COLUMNS:
        sql, values = visible_sql(actor, table, deleted=True)
        parts.append(f"select '{table}' where exists (select 1 from {table} where {sql})")
        params += values
    return {str(found[0]) for found in rows(" union all ".join(parts), params)}
