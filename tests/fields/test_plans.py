"""At a large size, sorts and filters by a field go by its index on both engines."""

import json

import pytest

from leadboard.db import database, execute, is_sqlite, rows
from leadboard.domain.field_indexes import keep_indexes
from leadboard.domain.lead_rows import blank_row, insert_rows
from leadboard.domain.settings import announce
from leadboard.lib.dates import today_in
from leadboard.lib.text import fold, sort_key
from leadboard.models import Stage
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.keyset import Order
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.leads import LEAD_LIST, lead_list

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
        order = Order(LEAD_LIST, f"f.{key}", descending)
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
        # From the mark on, not from the beginning of the index.
        assert f"SEARCH lead USING INDEX {index} (<expr>" in found or not is_sqlite(), found


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


@pytest.mark.sqlite_only
@pytest.mark.parametrize("key", ["text", "number", "choice", "choices", "day", "yes_no"])
def test_leads_with_a_value_are_looked_up_too(key, large):
    """PostgreSQL has statistics, and goes by what half of the leads have only when it pays."""
    wanted = LeadFilter.from_args({f"f.{key}.empty": "0"}, SYSTEM, known_values())
    sql, params = wanted.where(SYSTEM, "lead", today_in("UTC"))
    found = plan(f"select lead.id from lead where {sql} limit 51", params)
    assert f"SEARCH lead USING INDEX {custom_fields().by_key[key].index} (<expr>" in found, found


def statements_of(args, sort, queries):
    """(sql, params) of the statements of the first page and of the one after it."""
    wanted, order, today = LeadFilter.from_args(args, SYSTEM, known_values()), LEAD_LIST.order(sort), today_in("UTC")
    seen = []
    first = lead_list(wanted, order, SYSTEM, today)
    database.obj.query_hooks.append(lambda event, *_: seen.append((event.sql, event.params)))
    try:
        second = lead_list(wanted, order, SYSTEM, today, after=first.next or None)
    finally:
        database.obj.query_hooks.pop()
    return first, second, [(sql, params) for sql, params in seen if "lead" in sql]


@pytest.mark.parametrize("sort", ["f.number", "-f.number", "f.text", "f.choice", "f.day"])
@pytest.mark.parametrize("within", ["pipeline", "owner", "stage", "closed"])
def test_the_list_walks_the_index_within_a_part_of_the_leads(within, sort, large, queries):
    stage = Stage.select().first()
    value = {"pipeline": stage.pipeline_id, "owner": "none", "stage": stage.id, "closed": "open"}[within]
    first, second, seen = statements_of({within: str(value)}, sort, queries)
    assert len(first.rows) == len(second.rows) == 50
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}
    index = custom_fields().by_key[sort.removeprefix("-").removeprefix("f.")].index
    [(sql, params)] = [(sql, params) for sql, params in seen if "order by" in sql]
    found = plan(sql, params)
    if is_sqlite():
        assert f"SEARCH lead USING INDEX {index} (<expr>" in found, found
        assert "TEMP B-TREE" not in found, found
    else:
        assert "Seq Scan on lead" not in found, found


@pytest.mark.sqlite_only
def test_many_leads_are_looked_up_by_the_narrowest_field(large, make, queries, monkeypatch):
    """A thousand of a million are too many to count and too few to meet: they are looked up, whatever else is asked."""
    monkeypatch.setattr("leadboard.queries.record_list.MOST_COUNTED", 10)
    args = {"f.choice": "gold", "f.yes_no": "yes", "f.number.from": "745", "f.number.to": "747"}
    first, _, seen = statements_of(args, "title", queries)
    assert (first.total, first.more_than_counted) == (4, False)
    [(sql, params)] = [(sql, params) for sql, params in seen if "order by" in sql]
    found = plan(sql, params)
    index = custom_fields().by_key["number"].index
    assert f"{index} (<expr>>? AND <expr><?)" in found, found


def test_leads_with_and_without_a_value_are_all_there(large, queries):
    """Sorted up or down, filtered or not: nobody is lost between those with a value and those without."""
    for sort in ("f.number", "-f.number", "f.text", "-f.choice", "f.yes_no"):
        wanted, order, seen, mark = LeadFilter(), LEAD_LIST.order(sort), [], None
        while mark != "":
            page = lead_list(wanted, order, SYSTEM, today_in("UTC"), after=mark)
            seen += [row.id for row in page.rows]
            mark = page.next
        assert (len(seen), len(set(seen))) == (LEADS, LEADS)
    filled = LeadFilter.from_args({"f.number.empty": "0"}, SYSTEM, known_values())
    empty = LeadFilter.from_args({"f.number.empty": "1"}, SYSTEM, known_values())
    for wanted in (filled, empty):
        sql, params = wanted.where(SYSTEM, "lead", today_in("UTC"))
        assert rows(f"select count(*) from lead where {sql}", params)[0][0] == LEADS // 2


def test_fields_know_an_index_that_an_upgrade_has_made(field):
    """The process that upgrades goes on to serve: it must not name an index that is gone."""
    field("number")
    index = custom_fields().by_key["number"].index
    stale = index.rpartition("_")[0]
    execute(f"drop index {index}")
    execute(f"create index {stale}_00000000 on lead (id)")
    announce()
    assert custom_fields().by_key["number"].index != index
    assert keep_indexes() == [f"{stale}_00000000", index]
    assert custom_fields().by_key["number"].index == index
