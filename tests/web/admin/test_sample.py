"""The page of the sample data."""

import pytest

from leadboard import jobs
from leadboard.db import rows
from leadboard.domain.demo import add_sample_data
from leadboard.domain.notes import add_note
from leadboard.domain.setup import prepare_instance
from leadboard.models import Lead


@pytest.fixture(autouse=True)
def prepared(make):
    prepare_instance()


def test_it_is_added_and_removed_from_the_page(ada, html, run_jobs):
    page = html(ada.get("/admin/sample"))
    assert "There is no sample data." in page.one("#sample-state").text

    assert ada.post("/admin/sample/add").headers["Location"] == "/admin/sample"
    waiting = html(ada.htmx("/admin/sample", method="GET")).one("#sample-state")
    assert waiting.attrs["hx-trigger"] == "every 1s"
    assert "0 of 200" in waiting.text
    run_jobs()
    done = html(ada.htmx("/admin/sample", method="GET")).one("#sample-state")
    assert "There are 200 sample leads" in done.text
    assert "hx-trigger" not in done.attrs

    assert ada.post("/admin/sample/remove").headers["Location"] == "/admin/sample"
    assert "200 leads left" in html(ada.get("/admin/sample")).one("#sample-state").text
    run_jobs()
    assert "There is no sample data." in html(ada.get("/admin/sample")).one("#sample-state").text
    assert Lead.select().count() == 0


def test_the_question_says_what_people_lose(ada, anna, html):
    add_sample_data(3)
    assert html(ada.get("/admin/sample/remove")).all(".banner") == []
    ((lead_id,),) = rows("select id from lead limit 1")
    add_note(lead_id, body="Called", actor=anna.actor)

    page = html(ada.get("/admin/sample/remove"))

    assert page.one(".banner").text == "People have worked on 1 of these leads. Their notes and changes go with it."
    assert page.one("form[action=/admin/sample/remove] button").text == "Remove sample data"


def test_when_it_could_not_be_written_the_page_says_so_and_removing_makes_way(ada, html, run_jobs, monkeypatch):
    def broken(**_payload):
        raise OSError("disk full")

    monkeypatch.setattr(jobs, "RETRY_CAP_MS", 0)
    with monkeypatch.context() as while_broken:
        while_broken.setitem(jobs._handlers, "demo.fill", broken)
        ada.post("/admin/sample/add")
        run_jobs()

    failed = html(ada.get("/admin/sample")).one("#sample-state")
    assert "could be written" in failed.one(".banner").text
    assert "hx-trigger" not in failed.attrs

    ada.post("/admin/sample/remove")
    run_jobs()
    ada.post("/admin/sample/add")
    run_jobs()
    assert "There are 200 sample leads" in html(ada.get("/admin/sample")).one("#sample-state").text


def test_adding_twice_is_refused(ada):
    add_sample_data(3)

    answer = ada.post("/admin/sample/add")

    assert (answer.status_code, Lead.select().count()) == (422, 3)


def test_there_is_nothing_to_remove(ada):
    assert ada.get("/admin/sample/remove").headers["Location"] == "/admin/sample"
    assert ada.post("/admin/sample/remove").status_code == 422


@pytest.mark.parametrize("who", ["anna", "mona", "vera"])
def test_only_admins_come_in(who, request):
    somebody = request.getfixturevalue(who)

    assert [somebody.get(f"/admin/sample{path}").status_code for path in ("", "/remove")] == [403, 403]
    assert [somebody.post(f"/admin/sample{path}").status_code for path in ("/remove", "/add")] == [403, 403]


def test_the_page_costs_the_same_with_more_leads(ada, queries):
    add_sample_data(1)
    ada.get("/admin/sample")  # the first request of a process also reads what plugins are on
    with queries(at_most=4) as one:
        ada.get("/admin/sample")
    add_sample_data(3)
    with queries(at_most=4) as four:
        ada.get("/admin/sample")
    assert len(one.texts) == len(four.texts)
