"""No page reads a large table from end to end: the plan of every statement that the pages make at 3,000 leads."""

import re

import pytest

from leadboard.db import database, execute_many, now_ms
from leadboard.domain.lead_rows import blank_row, insert_rows
from leadboard.models import Stage
from tests.walks.walking import Statements, visits

LARGE = {"lead", "event", "event_value", "note", "task", "activity", "lead_text", "import_row", "job", "change_set"}
LEADS = 3000
# statement (its beginning): why it may read everything
MAY_SCAN: dict[str, str] = {
    "select count(*) from lead where lead.fields->": "before a field is deleted for good, an admin is told how many values go",
    "select lead.fields->": "before a field becomes another type, every value of it is looked at",
}

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def large_world(world):
    """Three thousand leads in the first pipeline, each with an event, a note, a task and a call."""
    stages = list(Stage.select().where(Stage.pipeline == world.values["pipeline_id"][0]).order_by(Stage.position))
    now = now_ms()
    batch = []
    for number in range(LEADS):
        row = blank_row()
        stage = stages[number % len(stages)]
        row.update(
            pipeline_id=stage.pipeline_id, stage_id=stage.id, position=10_000_000 + number, title=f"Дело {number}", title_key=f"{number:05}",
            owner_id=world.people["member"].id if number % 3 else None, created_at=now - number * 60_000, city="Гданьск",
        )  # fmt: skip
        batch.append(row)
    ids = insert_rows(batch)
    member = world.people["member"].id
    execute_many(
        "insert into note (lead_id, author_id, body, is_pinned, version, created_at) values (?, ?, 'x', 0, 1, ?)",
        [(i, member, now) for i in ids],
    )
    execute_many("insert into task (lead_id, title, version, created_at) values (?, 'x', 1, ?)", [(i, now) for i in ids])
    execute_many(
        "insert into event (at, kind, actor_kind, actor_id, record_type, record_id, lead_id, change_set_id, data)"
        " select ?, 'lead_created', 'user', ?, 'lead', id, id, 1, '{\"version\": 1, \"stage\": ' || stage_id || ', \"pipeline\": ' || pipeline_id || '}'"
        " from lead where id = ?",
        [(now, member, i) for i in ids],
    )
    execute_many(
        "insert into event_value (event_id, field, before, after) select id, ?, null, '1' from event where lead_id = ?",
        [(field, i) for i in ids for field in ("title", "owner_id")],
    )
    execute_many(
        "insert into activity (lead_id, kind, at, direction, outcome, subject, body, created_at)"
        " values (?, 'call', ?, 'incoming', 'reached', '', 'x', ?)",
        [(i, now, now) for i in ids],
    )
    return world


def scans(sql, params):
    """Large tables that SQLite would read from end to end."""
    names = aliases(sql)
    for row in database.execute_sql(f"explain query plan {sql}", params).fetchall():
        found = re.match(r"SCAN (?:TABLE )?(\w+)(.*)", row[3])
        if found and names.get(found[1], found[1]) in LARGE and "INDEX" not in found[2] and "VIRTUAL TABLE" not in found[2]:
            yield row[3]


def aliases(sql):
    found = re.findall(r"\b(?:from|join|update|into|,)\s+\"?(\w+)\"?(?:\s+as)?\s+\"?(\w+)\"?", sql, re.IGNORECASE)
    return {alias: table for table, alias in found if table in LARGE}


@pytest.mark.parametrize("role, visibility", [("admin", "all"), ("member", "own")])
def test_no_statement_of_a_page_reads_a_large_table_whole(role, visibility, large_world, make):
    make.set_up(member_visibility=visibility)
    with Statements() as statements:
        for visit in visits(large_world, large_world.people[role]):
            statements.note_page(str(visit))

    problems = [
        f"{plan}   {statements.pages[sql]}\n    {' '.join(sql.split())[:400]}"
        for sql, params in statements.seen.items()
        if sql.lstrip().lower().startswith(("select", "with", "update", "delete"))
        if not any(sql.startswith(beginning) for beginning in MAY_SCAN)
        for plan in scans(sql, params)
    ]
    assert len(statements.seen) > 20
    assert not problems, "\n".join(["", *problems])


def test_the_walk_sees_a_scan(world):
    assert list(scans("select count(*) from lead l where l.city = ?", ("x",)))
    assert list(scans("select 1 from note where body = 'x'", ()))
    assert not list(scans("select * from lead where id = ?", (1,)))
    assert not list(scans("select 1 from event where lead_id = ? order by id", (1,)))
