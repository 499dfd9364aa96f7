"""At a large size, sorts and filters by a field go by its index on both engines."""

import json

import pytest

from leadboard.db import database, execute, is_sqlite
from leadboard.domain.lead_rows import blank_row, insert_rows
from leadboard.lib.dates import today_in
from leadboard.lib.text import fold, sort_key
from leadboard.models import Stage
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.leads import Order, lead_list

LEADS = 3_000


@pytest.fixture
def large(every_field, make):
    """Three thousand leads with values in half of them."""
    make.pipeline()
    stage = Stage.select().first()
    batch = []
    for number in range(LEADS):
        row = blank_row()
        row.update(
            pipeline_id=stage.pipeline_id, stage_id=stage.id, position=number, title=f"L{number}", title_key=f"l{number:05}"
        )
        if number % 2:
            text = f"value {number}"
            row["fields"] = json.dumps(
                {
                    "text": text, "number": number / 4, "money": number, "day": f"20{number % 90 + 10}-01-01", "moment": f"20{number % 90 + 10}-01-01T00:00:00Z",
                    "choice": "gold", "choices": ["white"], "yes_no": True, "mail": f"m{number}@x.example",
                }
            )  # fmt: skip
            row["field_keys"] = json.dumps({"Stext": sort_key(text, "en"), "Ttext": fold(text), "Smail": f"m{number}@x.example"})
        batch.append(row)
    insert_rows(batch)
    if not is_sqlite():
        execute("analyze lead")


def plan(sql, params):
    """Of three thousand rows PostgreSQL would rather read all: asked not to, it shows whether the index fits the condition."""
    if is_sqlite():
        return " ".join(str(row[-1]) for row in database.execute_sql("explain query plan " + sql, params).fetchall())
    database.execute_sql("set enable_seqscan = off")
    try:
        return " ".join(str(row[-1]) for row in database.execute_sql("explain " + sql, params).fetchall())
    finally:
        database.execute_sql("set enable_seqscan = on")


@pytest.mark.parametrize("key", ["text", "number", "day", "moment", "money", "mail", "choice", "yes_no"])
def test_the_list_walks_the_index_of_the_field(key, large, queries):
    index = custom_fields().by_key[key].index
    assert index
    for descending in (False, True):
        order = Order(f"f.{key}", descending)
        first = lead_list(LeadFilter(), order, SYSTEM, today_in("UTC"))
        assert len(first.rows) == 50
        seen = []
        database.obj.query_hooks.append(lambda event, *_, seen=seen: seen.append((event.sql, event.params)))
        try:
            lead_list(LeadFilter(), order, SYSTEM, today_in("UTC"), after=first.next)
        finally:
            database.obj.query_hooks.pop()
        [(sql, params)] = [(sql, params) for sql, params in seen if "order by" in sql]
        found = plan(sql, params)
        assert index in found, found
        assert "TEMP B-TREE" not in found and "Sort" not in found, found


@pytest.mark.parametrize(
    "arg, text",
    [
        ("f.text", "value 17"), ("f.number", "4.25"), ("f.number.from", "749.5"), ("f.money", "0.17"), ("f.mail", "m17@x.example"),
        ("f.day", "2011-01-01"), ("f.choice", "silver"), ("f.choices", "rose"),
    ],
)  # fmt: skip
def test_a_filter_looks_up_the_index_of_the_field(arg, text, large):
    key = arg.split(".")[1]
    wanted = LeadFilter.from_args({arg: text}, SYSTEM, known_values())
    sql, params = wanted.where(SYSTEM, "lead", today_in("UTC"))
    found = plan(f"select lead.id from lead where {sql} limit 51".replace("?", "?" if is_sqlite() else "%s"), params)
    assert custom_fields().by_key[key].index in found, found
