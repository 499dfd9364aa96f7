"""Many records at once in the browser, without JavaScript: choose, look, do, wait, take back."""

import re

import pytest

from leadboard.jobs import run_due
from leadboard.models import Contact, Event, Lead, Stage
from leadboard.queries.bulk import load_bulk


def run_of(answer):
    assert answer.status_code == 303, answer.text
    return int(re.search(r"/bulk/(\d+)", answer.location)[1])


def draft(person, **data):
    return run_of(person.post("/leads/bulk", {"action": "change", **data}))


def test_the_list_offers_all_that_match_only_when_there_is_more_than_the_page(mona, make, html):
    make.leads(3)
    assert html(mona.get("/leads")).all(".bulk .all-m") == []
    make.leads(60, city="Oslo")

    page = html(mona.get("/leads?sort=title"))

    assert page.one(".bulk .all-m span").text == "All 63 that match"
    assert page.one("#bulk input[name=sort]").attrs["value"] == "title"


def test_all_that_match_are_edited_after_a_look(mona, anna, make, html):
    make.leads(60, owner=anna.user, city="Oslo")
    make.lead(city="Bergen")
    first = Lead.select().order_by(Lead.id).first().id

    run_id = draft(mona, id=[first], all="1", filter=f"owner={anna.id}", sort="title")
    page = html(mona.get(f"/bulk/{run_id}"))
    assert "60 leads" in page.one("#main p").text
    page = html(mona.get(f"/bulk/{run_id}?field=city"))
    assert page.one("input[name=city]")
    answer = mona.post(f"/bulk/{run_id}", {"verb": "edit", "field": "city", "city": "Gdynia"})
    assert answer.location == f"/bulk/{run_id}"
    page = html(mona.get(answer.location))
    assert [one.text for one in page.all(".tally b")] == ["60", "0", "0"]
    assert (page.all("del")[0].text, page.all("ins")[0].text) == ("Oslo", "Gdynia")
    assert Lead.select().where(Lead.city == "Gdynia").count() == 0

    mona.post(f"/bulk/{run_id}/start")
    page = html(mona.get(f"/bulk/{run_id}"))
    assert page.one("#poll progress") and page.one("noscript meta")
    run_due()
    assert mona.get(f"/bulk/{run_id}/progress").location == f"/bulk/{run_id}"
    page = html(mona.get(f"/bulk/{run_id}"))
    assert [one.text for one in page.all(".tally b")] == ["60", "0", "0", "0"]
    assert Lead.select().where(Lead.city == "Gdynia").count() == 60

    undo = f"/undo/{load_bulk(run_id).change_set_id}"
    assert undo in [form.attrs["action"] for form in page.all("#main form")]
    mona.post(undo)
    assert Lead.select().where(Lead.city == "Gdynia").count() == 0


def test_a_large_undo_has_a_page_of_its_own(mona, make, html):
    make.leads(101)
    run_id = draft(mona, all="1")
    mona.post(f"/bulk/{run_id}", {"verb": "edit", "field": "city", "city": "Gdynia"})
    mona.post(f"/bulk/{run_id}/start")
    run_due()

    answer = mona.post(f"/undo/{load_bulk(run_id).change_set_id}")
    undo_id = run_of(answer)
    assert "Take back" in mona.get(answer.location).text
    run_due()
    page = html(mona.get(f"/bulk/{undo_id}"))
    assert [one.text for one in page.all(".tally b")] == ["101", "0"]
    assert Lead.select().where(Lead.city == "Gdynia").count() == 0


def test_more_ticks_than_are_done_at_once_are_looked_at_first(mona, make, html):
    ids = [lead.id for lead in make.leads(101)]

    run_id = run_of(mona.post("/leads/bulk", {"action": "delete", "id": ids}))
    assert "101 leads" in mona.get(f"/bulk/{run_id}").text
    assert Lead.select().where(Lead.deleted_at.is_null()).count() == 101
    mona.post(f"/bulk/{run_id}/start")
    run_due()
    assert Lead.select().where(Lead.deleted_at.is_null()).count() == 0


def test_what_will_be_refused_is_shown_with_its_reason(anna, ben, make, html):
    theirs = make.lead("Theirs", owner=ben.user)
    run_id = draft(anna, id=[theirs.id])
    anna.post(f"/bulk/{run_id}", {"verb": "delete"})

    page = html(anna.get(f"/bulk/{run_id}"))

    assert [one.text for one in page.all(".tally b")] == ["0", "0", "1"]
    assert "only leads that are your own" in anna.get(f"/bulk/{run_id}").text


def test_a_move_into_a_lost_stage_asks_why(mona, make):
    lead = make.lead()
    lost = Stage.get(Stage.kind == "lost")
    reason = make.lost_reason("Price")
    run_id = draft(mona, id=[lead.id])

    answer = mona.post(f"/bulk/{run_id}", {"verb": "move", "stage_id": lost.id})
    assert answer.status_code == 422 and "Say why they were lost." in answer.text
    mona.post(f"/bulk/{run_id}", {"verb": "move", "stage_id": lost.id, "lost_reason": reason.id})
    assert lost.name in mona.get(f"/bulk/{run_id}").text
    mona.post(f"/bulk/{run_id}/start")
    run_due()
    assert Lead.get().stage_id == lost.id


def test_tags_are_typed_looked_at_and_given(mona, make, html):
    lead = make.lead("Acme")
    run_id = draft(mona, id=[lead.id])
    answer = mona.post(f"/bulk/{run_id}", {"verb": "tag", "how": "remove", "tags": "Hot, " + "x" * 41})
    assert answer.status_code == 422 and "at most 40 characters" in answer.text
    # What was typed stays.
    assert html(answer).one("#tags").attrs["value"].startswith("Hot, x") and "checked" in html(answer).one("#tags-remove").attrs

    mona.post(f"/bulk/{run_id}", {"verb": "tag", "how": "add", "tags": "Hot, Fair 2026"})
    page = html(mona.get(f"/bulk/{run_id}"))
    assert "Add tags: Hot, Fair 2026" in page.text
    assert [text.strip() for text in page.texts("tbody td")] == ["Acme", "Tags: empty → Fair 2026, Hot"]
    mona.post(f"/bulk/{run_id}/start")
    run_due()
    assert html(mona.get(f"/leads/{lead.id}")).texts("#lead-tags .tag") == ["Fair 2026", "Hot"]


@pytest.mark.parametrize(
    "data, text",
    [({"verb": "edit", "field": "email", "email": "none"}, "is not an e-mail address"), ({}, "Say what to do"), ({"verb": "edit"}, "Choose a field"),
     ({"verb": "edit", "field": "nope"}, "There is no field nope"), ({"verb": "move", "stage_id": "x"}, "stage no longer exists")],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_said(mona, make, data, text):
    run_id = draft(mona, id=[make.lead().id])

    answer = mona.post(f"/bulk/{run_id}", data)

    assert answer.status_code == 422 and text in answer.text


def test_a_filter_that_is_not_known_is_refused(mona, make):
    make.lead()
    assert mona.post("/leads/bulk", {"action": "change", "all": "1", "filter": "stage=999"}).status_code == 400


def test_ticked_rows_leave_as_a_file(mona, anna, make):
    wanted, _ = make.lead("Wanted"), make.lead("Unticked")
    run_id = draft(mona, id=[wanted.id])

    answer = mona.post(f"/bulk/{run_id}/export", {"format": "csv"})

    assert "Wanted" in answer.text and "Unticked" not in answer.text
    mine = draft(anna, id=[wanted.id])
    assert anna.get(f"/bulk/{mine}/export").status_code == 403


def test_it_is_its_makers_alone(mona, anna, vera, carla, make):
    run_id = draft(mona, id=[make.lead().id])

    assert anna.get(f"/bulk/{run_id}").status_code == 404
    assert vera.get(f"/bulk/{run_id}").status_code == 403
    assert carla.get(f"/bulk/{run_id}").status_code == 303
    assert anna.post(f"/bulk/{run_id}/start").status_code == 404


def test_earlier_work_is_listed_and_a_draft_can_be_dropped(mona, make, html):
    assert "Nothing yet" in mona.get("/bulk").text
    run_id = draft(mona, id=[make.lead().id])
    mona.post(f"/bulk/{run_id}", {"verb": "delete"})
    mona.post(f"/bulk/{run_id}/start")
    assert html(mona.get("/bulk")).one("tbody a").text == "Move to the bin"
    other = draft(mona, id=[Lead.get().id])
    assert mona.post(f"/bulk/{other}/discard").location == "/leads"
    assert mona.get(f"/bulk/{other}").status_code == 404


def test_work_can_be_stopped(mona, make):
    run_id = draft(mona, id=[make.lead().id])
    mona.post(f"/bulk/{run_id}", {"verb": "delete"})
    mona.post(f"/bulk/{run_id}/start")
    mona.post(f"/bulk/{run_id}/stop")
    run_due()
    assert Event.select().where(Event.kind == "lead_deleted").count() == 0
    assert "Stopped after 0" in mona.get(f"/bulk/{run_id}").text
    assert mona.post(f"/bulk/{run_id}/stop").status_code == 409


@pytest.mark.parametrize("kind", ["contacts", "organisations"])
def test_contacts_and_organisations_alike(mona, make, kind, html):
    record_type = kind[:-1]
    getattr(make, record_type)("One")
    run_id = run_of(mona.post(f"/{kind}/bulk", {"action": "change", "all": "1"}))
    mona.post(f"/bulk/{run_id}", {"verb": "edit", "field": "city", "city": "Gdynia"})
    assert "Gdynia" in mona.get(f"/bulk/{run_id}").text
    mona.post(f"/bulk/{run_id}/start")
    run_due()
    assert "Done" in mona.get(f"/bulk/{run_id}").text
    assert record_type == "organisation" or Contact.get().city == "Gdynia"
