"""Examining the database: what must hold whatever happened, and putting right what can be derived."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from leadboard import schema
from leadboard.config import Settings
from leadboard.db import atomic, database, execute, is_sqlite, one, rows
from leadboard.domain.field_indexes import index_differences, keep_indexes
from leadboard.domain.hosts import Host
from leadboard.domain.lead_values import TEXT_FIELDS, words_of
from leadboard.domain.tasks import refresh_next_task
from leadboard.pluginhost.migrations import ahead, applied, pending
from leadboard.pluginhost.registry import at_start, loaded_plugins, wanted
from leadboard.pluginhost.state import read_states

SHOWN = 5
BATCH = 1000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `wrong` are ids or names, at most SHOWN of `count`; `repairable` by repair().

    `way_out` says what else helps.
    """

    name: str
    count: int
    wrong: list[str]
    repairable: bool = False
    way_out: str = ""


_NEXT_TASK = (
    "select l.id from lead l left join task n on n.id = l.next_task_id where l.next_task_id {differs}"
    " (select t.id from task t where t.lead_id = l.id and t.done_at is null and t.deleted_at is null"
    " order by t.due_on is null, t.due_on, t.id limit 1) or (l.next_task_id is not null and l.next_task_on {differs} n.due_on)"
)
# (name, statement that gives what is wrong, whether repair() can put it right)
CHECKS: tuple[tuple[str, str, bool], ...] = (
    ("positions are unique in a stage", "select stage_id from lead group by stage_id, position having count(*) > 1", False),
    (
        "leads stand in a stage of their pipeline",
        "select l.id from lead l join stage s on s.id = l.stage_id where s.pipeline_id <> l.pipeline_id",
        False,
    ),
    (
        "leads are closed in won and lost stages only",
        "select l.id from lead l join stage s on s.id = l.stage_id where (s.kind = 'open') <> (l.closed_at is null)",
        False,
    ),
    ("next steps are the earliest open ones", _NEXT_TASK, True),
    ("leads can be searched", "select l.id from lead l where not exists (select 1 from lead_text t where t.rowid = l.id)", True),
    (
        "search words belong to a lead",
        "select t.rowid from lead_text t where not exists (select 1 from lead l where l.id = t.rowid)",
        True,
    ),
    ("leads were created by an event", "select l.id from lead l where not exists (select 1 from event e where e.lead_id = l.id)", False),
    ("events belong to an action", "select e.id from event e where not exists (select 1 from change_set c where c.id = e.change_set_id)", False),
    ("field values of leads are JSON objects", "", False),
)  # fmt: skip


def check_database(settings: Settings) -> list[Finding]:
    """Look at everything; findings with a count of 0 are well. Raises DatabaseProblem when it cannot be read at all."""
    findings = [_pending(settings)]
    if is_sqlite():
        findings += [
            _sqlite("the file is whole", "pragma integrity_check(100)"),
            _sqlite("no row points to nothing", "pragma foreign_key_check"),
        ]
    missing = schema.missing_indexes()
    findings.append(Finding("indexes are there", len(missing), missing[:SHOWN], repairable=True))
    if findings[0].count:
        return findings
    findings += [_plugins_behind(), _plugins_ahead(), _plugin_tables(), _field_indexes()]
    for name, sql, repairable in CHECKS:
        found = _wrong(sql) if sql else _bad_fields()
        findings.append(Finding(name, len(found), found[:SHOWN], repairable))
    return findings


def repair(settings: Settings) -> None:
    """Write again what follows from other data: indexes, triggers, next steps, search words."""
    for statement in schema.repeatable():
        execute(statement)
    if not schema.check(settings):
        keep_indexes()
    statements = {name: sql for name, sql, repairable in CHECKS if repairable}
    _in_batches(statements["search words belong to a lead"], lambda ids: _each("delete from lead_text where rowid = ?", ids))
    _in_batches(statements["leads can be searched"], _index_words)
    _in_batches(_NEXT_TASK, _derive_next)


def _pending(settings: Settings) -> Finding:
    found = schema.check(settings)
    return Finding("no migration is pending", len(found), found[:SHOWN], way_out="leadboard db upgrade applies it.")


def _plugins_behind() -> Finding:
    """Of plugins that are to be on; those of others run when they are turned on."""
    states = read_states()
    found = [f"{one.name} {name}" for one in loaded_plugins() if wanted(one, states) for name in pending(one)]
    way_out = "leadboard db upgrade applies it, and says why when it cannot."
    return Finding("no migration of a plugin is pending", len(found), found[:SHOWN], way_out=way_out)


def _plugins_ahead() -> Finding:
    found = [f"{one.name} {name}" for one in loaded_plugins() if one.is_usable for name in ahead(one)]
    way_out = "Its tables were made by a newer version of the plugin: install that one, or turn it off and use Remove data."
    return Finding("tables of plugins are not newer than the plugins", len(found), found[:SHOWN], way_out=way_out)


def _plugin_tables() -> Finding:
    there = set(database.get_tables())
    migrated = {one.name for one in loaded_plugins() if one.is_usable and applied(one) and not pending(one)}
    declared = [(one.plugin, one.item._meta.table_name) for one in at_start("register_models")]
    found = [table for plugin, table in declared if plugin in migrated and table not in there]
    way_out = "Restore a backup; or turn the plugin off, use Remove data, and turn it on again: its tables are made anew, empty."
    return Finding("tables of plugins are there", len(found), found[:SHOWN], way_out=way_out)


def _field_indexes() -> Finding:
    missing, left_over = index_differences()
    found = [*(f"{name} is missing" for name in missing), *(f"{name} is left over" for name in left_over)]
    return Finding("indexes of custom fields are those of the fields", len(found), found[:SHOWN], repairable=True)


def _sqlite(name: str, sql: str) -> Finding:
    found = [" ".join(map(str, row)) for row in rows(sql) if row != ("ok",)]
    return Finding(name, len(found), found[:SHOWN])


def _wrong(sql: str) -> list[str]:
    return [str(row[0]) for row in rows(_native(sql))]


def _native(sql: str) -> str:
    return sql.replace("{differs}", "is not" if is_sqlite() else "is distinct from")


def _bad_fields() -> list[str]:
    """On PostgreSQL the column's type sees to it."""
    if not is_sqlite():
        return []
    return [str(row[0]) for row in rows("select id from lead where not json_valid(fields) or json_type(fields) <> 'object'")]


def _in_batches(sql: str, put_right: Callable[[list[int]], None]) -> None:
    """Each batch in its own transaction: what is put right is no longer found."""
    while True:
        with atomic():
            found = [int(row[0]) for row in rows(f"{_native(sql)} limit {BATCH}")]
            if not found:
                return
            put_right(found)


def _each(sql: str, ids: list[int]) -> None:
    for record_id in ids:
        execute(sql, (record_id,))


def _index_words(ids: list[int]) -> None:
    columns = (*TEXT_FIELDS, "phone_e164")
    for lead_id in ids:
        found = one(f"select {', '.join(columns)} from lead where id = ?", (lead_id,))
        assert found is not None
        execute("insert into lead_text (rowid, words) values (?, ?)", (lead_id, words_of(dict(zip(columns, found, strict=True)))))


def _derive_next(ids: list[int]) -> None:
    for lead_id in ids:
        refresh_next_task(Host("lead", lead_id, None))


def as_json(findings: list[Finding]) -> str:
    return json.dumps(
        {"ok": not any(finding.count for finding in findings), "findings": [vars(finding) for finding in findings]}, indent=2
    )
