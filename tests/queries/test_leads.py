"""The list of leads: orders, pages, plans."""

import base64
import itertools
import json
from datetime import date, timedelta

import pytest

from leadboard.db import atomic, rows
from leadboard.domain.lead_rows import blank_row, insert_rows
from leadboard.domain.lead_values import derive
from leadboard.domain.leads import delete_leads
from leadboard.errors import Refused
from leadboard.models import Stage
from leadboard.permissions import SYSTEM
from leadboard.queries import bins, keyset, lead_filter, record_filter, record_list, text_search
from leadboard.queries.bins import bin_page
from leadboard.queries.lead_filter import EVERYTHING, LeadFilter
from leadboard.queries.leads import LEAD_LIST, SORTS, lead_list
from leadboard.queries.settings import instance

TODAY = date(2026, 6, 15)
ORDERS = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]


@pytest.fixture
def many(make):
    """many(count, title=…): leads straight into the table; a third of them lacks what may be missing."""

    def build(count, **values):
        stage = make.stage("New") if make.count.get("pipeline") else make.pipeline().stages[0]
        batch = []
        for number in range(count):
            row = {**blank_row(), "title": f"Lead {number % 7}", "stage_id": stage.id, "pipeline_id": stage.pipeline_id, **values}
            row["position"] = 10_000_000 + number
            row["created_at"], row["last_touch_at"] = 1000 + number % 5, 2000 + number % 3
            if number % 3:
                day = TODAY + timedelta(days=number % 4 - 1)
                row.update(value_amount=number % 6, organisation_name=f"Org {number % 4}")
                row.update(next_task_on=day.isoformat(), next_task_id=1, expected_close_on=day.isoformat())
            derive(row, instance())
            batch.append(row)
        with atomic():
            return insert_rows(batch)

    return build


def pages(order, wanted=EVERYTHING, actor=SYSTEM):
    """The ids of each page, followed forwards; then the same backwards."""
    there, back = [], []
    page = lead_list(wanted, order, actor, TODAY)
    assert page.previous == ""
    while True:
        there.append([row.id for row in page.rows])
        if not page.next:
            break
        last = page
        page = lead_list(wanted, order, actor, TODAY, after=last.next)
        assert page.first == last.first + len(last.rows)
    while True:
        back.insert(0, [row.id for row in page.rows])
        if not page.previous:
            break
        page = lead_list(wanted, order, actor, TODAY, before=page.previous)
    assert there == back
    return there


@pytest.mark.parametrize("arg", ORDERS)
@pytest.mark.parametrize("counted", [1000, 20])
def test_pages_hold_every_lead_once_in_order(many, monkeypatch, arg, counted):
    monkeypatch.setattr(record_list, "MOST_COUNTED", counted)
    monkeypatch.setattr(record_list, "PAGE", 7)
    ids = many(45)
    order = LEAD_LIST.order(arg)
    key = {row[0]: row[1] for row in rows(f"select id, {order.sort.sql} from lead")}

    found = list(itertools.chain(*pages(order)))

    filled = sorted((i for i in ids if key[i] not in (None, "")), key=lambda i: (key[i], i), reverse=order.descending)
    empty = sorted((i for i in ids if key[i] in (None, "")), reverse=order.descending)
    assert found == filled + empty


def test_one_page_says_so(many):
    many(50)

    page = lead_list(LeadFilter(), LEAD_LIST.order("title"), SYSTEM, TODAY)

    assert (len(page.rows), page.first, page.total, page.more_than_counted, page.previous, page.next) == (
        50,
        1,
        50,
        False,
        "",
        "",
    )


def test_many_leads_are_not_counted(many, monkeypatch):
    monkeypatch.setattr(record_list, "MOST_COUNTED", 10)
    many(12)

    page = lead_list(LeadFilter(), LEAD_LIST.order("title"), SYSTEM, TODAY)

    assert (page.total, page.more_than_counted) == (10, True)


def test_a_row_carries_what_the_list_shows(make, anna):
    lead = make.lead("Ałła", organisation_name="Acme", value_amount=1200, owner=anna.user, email="a@acme.example")
    make.task(lead, "Call", due_on=TODAY)

    (row,) = lead_list(LeadFilter(), LEAD_LIST.order("title"), anna.actor, TODAY).rows

    assert row[:8] == (lead.id, "Ałła", "Acme", lead.stage_id, 1200, "EUR", anna.id, "Call")
    assert str(row.next_task_on) == "2026-06-15"
    assert row.email == "a@acme.example"


@pytest.mark.parametrize(
    "text", ["x", "", "e30", "bnVsbA", "WzEsMl0", "WyJ4IiwiMSIsMV0", "WzEsIDEsIHRydWVd" * 999, "W1tbW1tb", "8J+YgA", "ł"]
)
def test_a_mark_that_this_list_did_not_write_is_refused(many, text):
    many(3)
    if text == "":
        assert len(lead_list(LeadFilter(), LEAD_LIST.order("title"), SYSTEM, TODAY, after=text).rows) == 3
        return
    with pytest.raises(Refused):
        lead_list(LeadFilter(), LEAD_LIST.order("next"), SYSTEM, TODAY, after=text)


@pytest.mark.parametrize(
    "sort, mark",
    [
        ("title", ["\ud800", 1, 1]), ("title", ["a\0b", 1, 1]), ("organisation", [None, 1, 1]), ("value", [None, 10**30, 1]),
        ("value", [None, "9" * 30, 1]), ("value", [True, 1, 1]), ("value", [10**30, 1, 1]), ("next", [None, 1, 1.5]),
        ("next", ["2026-13-01", 1, 1]), ("created", [1, -(10**30), 1]),
    ],
)  # fmt: skip
def test_a_mark_that_no_database_can_hold_is_refused(many, sort, mark):
    many(3)
    text = base64.urlsafe_b64encode(json.dumps(mark).encode()).decode().rstrip("=")
    with pytest.raises(Refused):
        lead_list(LeadFilter(), LEAD_LIST.order(sort), SYSTEM, TODAY, after=text)


def test_an_unknown_sort_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match=r"no sort by id; drop. Known: title, organisation"):
        LEAD_LIST.order("-id; drop")


def test_a_common_text_is_found_on_every_page(many, monkeypatch):
    monkeypatch.setattr(record_list, "COMMON_TEXT", 5)
    monkeypatch.setattr(record_list, "PAGE", 4)
    ids = many(9, city="Gdańsk")

    assert sorted(itertools.chain(*pages(LEAD_LIST.order("value"), LeadFilter(text="gdansk")))) == ids


# ---------------------------------------------------------------------------------------------- plans


@pytest.fixture
def plans(monkeypatch):
    """plans(function): the plans of every statement that it ran, on SQLite."""
    seen = []

    def noting(sql, params=()):
        seen.append((sql, list(params)))
        return rows(sql, params)

    for module in (bins, keyset, record_filter, record_list, text_search):
        monkeypatch.setattr(module, "rows", noting)

    def run(function, *args, **kwargs):
        seen.clear()
        function(*args, **kwargs)
        found = [[line[3] for line in rows(f"explain query plan {sql}", params)] for sql, params in seen]
        assert found
        return found

    return run


def filters(user, pipeline, source):
    stages = tuple(stage.id for stage in pipeline.stages)[:2]
    return [
        LeadFilter(), LeadFilter(pipeline_id=pipeline.id), LeadFilter(stage_ids=stages), LeadFilter(owner=user.id), LeadFilter(owner="me"),
        LeadFilter(owner="none"), LeadFilter(source_id=source.id), LeadFilter(text="lead"), LeadFilter(text="zz"), LeadFilter(text="no such"),
        *(LeadFilter(closed=kind) for kind in lead_filter.KINDS), *(LeadFilter(next_step=state) for state in record_filter.NEXT_STEPS),
        LeadFilter(
            pipeline_id=pipeline.id, stage_ids=stages, owner="me", source_id=source.id, text="lead", closed="open", next_step="planned",
        ),
    ]  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.parametrize("visibility", ["all", "own"])
def test_no_page_scans_the_leads(make, anna, ben, many, plans, visibility):
    make.set_up(member_visibility=visibility)
    common, rare = [(make.pipeline(), make.source()) for _ in range(2)]
    many(3000, owner_id=anna.id, source_id=common[1].id)
    won = rare[0].stages.where(Stage.kind == "won").get()
    few = {"owner_id": ben.id, "source_id": rare[1].id, "pipeline_id": rare[0].id, "stage_id": won.id, "city": "Łódź"}
    many(150, **few)
    wanted = [(anna, one) for one in filters(anna.user, *common)] + [
        (ben, one) for one in [*filters(ben.user, *rare), LeadFilter(text="lodz")]
    ]
    for (person, found_by), arg in itertools.product(wanted, ORDERS):
        order = LEAD_LIST.order(arg)
        first = lead_list(found_by, order, person.actor, TODAY)
        for marks in ({}, {"after": first.next}, {"before": first.next}):
            found = plans(lead_list, found_by, order, person.actor, TODAY, **{name: mark for name, mark in marks.items() if mark})
            scans = [line for plan in found for line in plan if line.startswith("SCAN lead") and "INDEX" not in line]
            assert not scans, (found_by, arg, marks, found)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("arg", ORDERS)
def test_a_page_of_many_leads_sorts_nothing(make, anna, many, plans, arg):
    many(3000)
    order = LEAD_LIST.order(arg)
    mark = lead_list(LeadFilter(), order, anna.actor, TODAY).next

    for wanted in (LeadFilter(), LeadFilter(owner="none"), LeadFilter(text="lead")):
        found = plans(lead_list, wanted, order, anna.actor, TODAY, after=mark)
        assert not [line for plan in found for line in plan if "TEMP B-TREE" in line], (wanted, found)


# ---------------------------------------------------------------------------------------------- the bin


def test_the_bin_shows_who_deleted_what(make, anna, ben, plans):
    make.set_up(member_visibility="own")
    mine, theirs = make.lead("Mine", owner=anna.user), make.lead("Ben's", owner=ben.user)
    delete_leads([mine.id], actor=anna.actor)
    delete_leads([theirs.id], actor=SYSTEM)

    shown, more = bin_page(anna.actor)
    everything, _ = bin_page(SYSTEM)

    assert ([(row.title, row.deleted_by) for row in shown], more) == ([("Mine", "Anna Kowalska")], "")
    assert sorted((row.title, row.deleted_by) for row in everything) == [("Ben's", ""), ("Mine", "Anna Kowalska")]


def test_the_bin_has_pages(many, monkeypatch, anna):
    monkeypatch.setattr(bins, "PAGE", 4)
    ids = many(9)
    delete_leads(ids, actor=SYSTEM)

    found, mark = [], None
    while mark != "":
        shown, mark = bin_page(anna.actor, after=mark)
        found += [row.id for row in shown]

    assert found == sorted(ids, reverse=True)
