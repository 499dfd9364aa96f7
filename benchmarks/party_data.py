"""Data of benchmarks with contacts and organisations: 3 and 1 for every ten leads, each lead linked to both."""

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from common import FOLDER, Data, data, leadboard, say

from leadboard.config import load_settings
from leadboard.db import atomic, execute_many, forget_connection, many_writes, open_database, rows
from leadboard.domain.conversion import first_contact, first_organisation
from leadboard.domain.party_values import derive
from leadboard.domain.record_rows import CONTACT, LEAD, ORGANISATION, RecordTable, blank_row, insert_rows
from leadboard.models.parties import PARTY_INDEXES
from leadboard.queries.settings import instance

LEADS_A_FIRM, PEOPLE_A_FIRM = 10, 3
FIRMS_A_BATCH = 300


def party_data(leads: int) -> Data:
    """A copy of the data of `leads` leads, made once."""
    plain = data(leads)
    folder = FOLDER / f"leads-{leads}-parties"
    if not (folder / "parties_ready").is_file():
        say(f"making contacts and organisations for {leads:,} leads in {folder} …")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("leadboard.db", "secret_key"):
            shutil.copy(plain.folder / name, folder / name)
        began = time.monotonic()
        _fill(folder)
        leadboard(folder, "db", "upgrade")
        say(f"{time.monotonic() - began:.0f} s")
        (folder / "parties_ready").write_text("")
    else:
        leadboard(folder, "db", "upgrade")
    return Data(folder, leads, plain.board, plain.stages)


def _fill(folder: Path) -> None:
    open_database(load_settings(folder, {}))
    with sqlite3.connect(folder / "leadboard.db") as db:
        for index in PARTY_INDEXES:
            name = index.sql.split(" if not exists ")[1].split()[0]
            db.execute(f"drop index if exists {name}")
    db.close()
    with many_writes():
        for batch in _batches():
            with atomic():
                _write(batch)
    forget_connection()


def _batches() -> Iterator[list[dict[str, Any]]]:
    last = 0
    size = FIRMS_A_BATCH * LEADS_A_FIRM
    while found := rows(
        f"select id, {', '.join(LEAD.columns)} from lead where deleted_at is null and id > ? order by id limit {size}", (last,)
    ):
        last = found[-1][0]
        yield [dict(zip(("id", *LEAD.columns), row, strict=True)) for row in found]


def _write(leads: list[dict[str, Any]]) -> None:
    groups = []
    waiting = iter(leads)
    while group := list(islice(waiting, LEADS_A_FIRM)):
        groups.append(group)
    firms = insert_rows(ORGANISATION, [_row(ORGANISATION, group[0], first_organisation(group[0])) for group in groups])
    people = [
        _row(CONTACT, lead, {**first_contact(lead), "organisation": firm, "name": lead["person_name"] or lead["title"]})
        for firm, group in zip(firms, groups, strict=True)
        for lead in group[:PEOPLE_A_FIRM]
    ]
    ids = iter(insert_rows(CONTACT, people))
    links: list[tuple[Any, ...]] = []
    for firm, group in zip(firms, groups, strict=True):
        of_firm: Sequence[int] = list(islice(ids, min(PEOPLE_A_FIRM, len(group))))
        links += [(of_firm[place % len(of_firm)], firm, lead["id"]) for place, lead in enumerate(group)]
    execute_many("update lead set contact_id = ?, organisation_id = ? where id = ?", links)


def _row(table: RecordTable, lead: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    row = blank_row(table)
    for name, value in values.items():
        row[table.fields[name].column] = value
    if table is ORGANISATION and not row["name"]:
        row["name"] = lead["title"]
    derive(table, row, instance())
    return {**row, **{name: lead[name] for name in ("created_at", "updated_at", "last_touch_at", "next_task_on")}}
