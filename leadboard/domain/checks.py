"""Examining the database: what must hold whatever happened, and putting right what can be derived."""

import json
from dataclasses import dataclass

from leadboard import schema
from leadboard.config import Settings
from leadboard.db import database, execute, is_sqlite, rows
from leadboard.domain.field_indexes import index_differences, keep_indexes
from leadboard.domain.record_checks import Check, native, record_checks, repair_in_batches, wrong_fields, wrong_keys
from leadboard.pluginhost.migrations import ahead, applied, pending
from leadboard.pluginhost.registry import at_start, loaded_plugins, wanted
from leadboard.pluginhost.state import read_states

SHOWN = 5


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


CHECKS = (
    Check("positions are unique in a stage", "select stage_id from lead group by stage_id, position having count(*) > 1"),
    Check(
        "leads stand in a stage of their pipeline",
        "select l.id from lead l join stage s on s.id = l.stage_id where s.pipeline_id <> l.pipeline_id",
    ),
    Check(
        "leads are closed in won and lost stages only",
        "select l.id from lead l join stage s on s.id = l.stage_id where (s.kind = 'open') <> (l.closed_at is null)",
    ),
    *record_checks(),
    Check(
        "events belong to an action", "select e.id from event e where not exists (select 1 from change_set c where c.id = e.change_set_id)"
    ),
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
    for check in CHECKS:
        found = [str(row[0]) for row in rows(native(check.sql))]
        findings.append(Finding(check.name, len(found), found[:SHOWN], check.repair is not None))
    for name, found, repairable in (
        ("field values are JSON objects", wrong_fields(), False),
        ("contacts and organisations are found by what they hold", wrong_keys(), True),
    ):
        findings.append(Finding(name, len(found), found[:SHOWN], repairable))
    return findings


def repair(settings: Settings) -> None:
    """Write again what follows from other data: indexes, triggers, next steps, search words, keys."""
    for statement in schema.repeatable():
        execute(statement)
    if not schema.check(settings):
        keep_indexes()
    for check in CHECKS:
        repair_in_batches(check)
    wrong_keys(repair=True)


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


def as_json(findings: list[Finding]) -> str:
    return json.dumps(
        {"ok": not any(finding.count for finding in findings), "findings": [vars(finding) for finding in findings]}, indent=2
    )
