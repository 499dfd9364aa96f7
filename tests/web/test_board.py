"""The board's page and its parts, as three people and a program see them."""

import json
import re
from datetime import timedelta

import pytest

from leadboard.db import one
from leadboard.domain.moves import move_lead, snooze_lead
from leadboard.lib.dates import today_in
from leadboard.models import Event, Lead, Stage
from leadboard.permissions import SYSTEM
from leadboard.queries import board as board_queries


def cards(page, stage):
    return page.texts(f"#s{stage.id}b .lc-n")


@pytest.fixture
def pipeline(make):
    return make.pipeline("Sales pipeline")


def test_a_column_shows_its_leads_newest_on_top_with_exact_numbers(make, anna, html, pipeline):
    today = today_in("Europe/Berlin")
    make.lead("Acme", value_amount=100_000)
    late = make.lead("Birch", value_amount=50_000, value_currency="USD")
    make.task(late, "Call", due_on=today - timedelta(days=2))
    page = html(anna.get("/"))
    new = make.stage("New")

    assert cards(page, new) == ["Birch", "Acme"]
    assert page.one(f"#s{new.id}h .stage-c").text == "2"
    assert page.one(f"#s{new.id}s").text == "1k € + 500 US$ 100 € + 50 US$ weighted"
    assert page.texts(f"#s{new.id}h .bar title") == ["1 lead with an overdue step", "1 lead without a next step"]
    assert page.one(f"#l{late.id} .due").text == "Call · 2 d late"


def test_the_bar_counts_what_its_links_show(make, anna, html, pipeline):
    """A step without a day is planned, in the number as in the list behind it."""
    make.task(make.lead("Some time"), "Call", due_on=None)
    make.lead("Nothing")
    page = html(anna.get("/"))
    bar = {node.one("title").text: node.attrs["href"] for node in page.all(f"#s{make.stage('New').id}h .bar a")}

    assert list(bar) == ["1 lead with a planned step", "1 lead without a next step"]
    assert [html(anna.get(url)).texts(".lc-n") for url in bar.values()] == [["Some time"], ["Nothing"]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_needs_ten_statements_however_many_leads(count, make, anna, queries, pipeline):
    for name in ("New", "Contacted", "Offer"):
        for lead in make.leads(count, stage=name, owner=anna.user):
            make.task(lead)

    anna.get("/")  # what is kept between requests is read once
    with queries(at_most=10):
        assert anna.get("/").status_code == 200


def test_a_poll_that_finds_nothing_is_two_statements(make, anna, queries, pipeline):
    make.lead()
    seen = str(board_queries.newest_event())

    with queries(at_most=2):
        answer = anna.get(f"/board/{pipeline.id}/changes", headers={"HX-PTag": seen})
    assert answer.status_code == 304


def test_a_poll_brings_the_columns_that_changed_and_no_others(make, anna, html, pipeline):
    lead = make.lead("Acme")
    make.lead("Birch", stage="Meeting")
    seen = board_queries.newest_event()
    move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=SYSTEM)

    answer = anna.get(f"/board/{pipeline.id}/changes", headers={"HX-PTag": str(seen), "HX-Request": "true"})

    targets = [node.attrs["hx-target"] for node in html(answer).all("hx-partial")]
    touched = {make.stage("New").id, make.stage("Offer").id}
    assert {int(found[1]) for target in targets if (found := re.match(r"#s(\d+)", target))} == touched
    assert answer.headers["HX-PTag"] == str(board_queries.newest_event())


def test_changes_keep_as_many_cards_as_were_loaded(make, anna, html, pipeline):
    make.leads(40)
    answer = anna.get(f"/board/{pipeline.id}/changes", headers={"HX-PTag": "0", "X-Board-Loaded": f"{make.stage('New').id}:40"})

    assert len(html(answer).all(".lc")) == 40


def test_a_new_stage_redraws_the_whole_page(make, anna, pipeline):
    seen = board_queries.newest_event()
    Event.create(kind="stage_changed", actor_kind="system", record_type="stage", record_id=1, change_set_id=1, data="{}")

    answer = anna.get(f"/board/{pipeline.id}/changes", headers={"HX-PTag": str(seen)})

    assert answer.headers["HX-Refresh"] == "true"


def test_the_sums_of_absurd_values_are_numbers_too(make, anna, html, pipeline):
    """Sums beyond 64 bits: somebody's typing error, or ill will, must not take the board from everybody."""
    make.leads(160, value_amount=10**15, stage="Offer")

    assert html(anna.get("/")).one(f"#s{make.stage('Offer').id}s").text == "1.600tn € 960tn € weighted"


def test_a_column_above_the_cap_counts_its_sums_by_itself(make, anna, html, pipeline, monkeypatch):
    monkeypatch.setattr(board_queries, "COUNT_CAP", 3)
    make.leads(5, value_amount=100_00)
    new = make.stage("New")
    page = html(anna.get("/"))
    url = page.one(f"#s{new.id}s").attrs["hx-get"]

    assert page.one(f"#s{new.id}h .stage-c").text == "3+"
    assert html(anna.htmx(url, method="GET")).one(".stage-s").text == "500 € 50 € weighted"


def test_own_visibility_hides_colleagues_leads_from_cards_and_numbers(make, anna, ben, html, pipeline):
    make.set_up(member_visibility="own")
    make.lead("Anna's", owner=anna.user, value_amount=100_00)
    make.lead("Ben's", owner=ben.user, value_amount=200_00)
    make.lead("Nobody's", value_amount=300_00)
    new = make.stage("New")

    page = html(ben.get("/"))

    assert cards(page, new) == ["Nobody's", "Ben's"]
    assert page.one(f"#s{new.id}h .stage-c").text == "2"
    assert page.one(f"#s{new.id}s a").text == "500 €"


def test_the_filter_in_the_url_holds_for_cards_and_numbers(make, anna, ben, html, pipeline):
    make.lead("Anna's", owner=anna.user)
    make.lead("Ben's", owner=ben.user)

    page = html(anna.get(f"/board/{pipeline.id}?owner=me"))

    assert page.texts(".lc-n") == ["Anna's"]
    assert page.one(f"#s{make.stage('New').id}h .stage-c").text == "1"


def test_links_of_a_filtered_board_keep_the_filter(make, anna, html, pipeline):
    for lead in make.leads(30, owner=anna.user):
        make.task(lead, due_on=today_in("Europe/Berlin"))
    page = html(anna.get(f"/board/{pipeline.id}?owner=me&next=today"))
    new = make.stage("New")

    assert page.one(".more a").attrs["href"].startswith(f"/board/{pipeline.id}/stages/{new.id}/cards?owner=me&next=today&after=")
    assert page.one(f"#s{new.id}h .stage-c").attrs["href"] == (
        f"/leads?owner=me&next=today&pipeline={pipeline.id}&stage={new.id}&closed=board"
    )
    assert page.one(f"#s{new.id}h .bar a").attrs["href"] == f"/board/{pipeline.id}?owner=me&next=today&stage={new.id}"


def test_one_lead_is_one_lead(make, anna, html, pipeline):
    make.lead("Acme", value_amount=100_000)
    page = html(anna.get(f"/board/{pipeline.id}"))

    assert page.one("#board-totals").text == "1 lead · 1k € · 100 € weighted"
    assert page.one(f"#s{make.stage('New').id}h .stage-c").attrs["aria-label"] == "1 lead"
    assert page.one(f"#s{make.stage('Offer').id}h .stage-c").attrs["aria-label"] == "0 leads"


def test_the_number_of_a_column_leads_to_exactly_the_rows_behind_it(make, anna, html, pipeline):
    make.lead("Here")
    snooze_lead(
        make.lead("Later").id, until=today_in("Europe/Berlin") + timedelta(days=7), today=today_in("Europe/Berlin"), actor=SYSTEM
    )
    number = html(anna.get(f"/board/{pipeline.id}")).one(f"#s{make.stage('New').id}h .stage-c")

    assert number.text == "1"
    assert html(anna.get(number.attrs["href"])).texts("tbody .who a") == ["Here"]


def test_leads_put_off_are_found_in_the_list(make, anna, html):
    make.lead("Here")
    snooze_lead(
        make.lead("Later").id, until=today_in("Europe/Berlin") + timedelta(days=7), today=today_in("Europe/Berlin"), actor=SYSTEM
    )
    link = next(one for one in html(anna.get("/leads")).all(".chip.opt a") if one.text == "Not now")

    assert html(anna.get(link.attrs["href"])).texts("tbody .who a") == ["Later"]


def test_an_unknown_filter_value_names_the_known_ones(anna, pipeline):
    answer = anna.get(f"/board/{pipeline.id}?owner=999")

    assert answer.status_code == 400
    assert "me, none" in answer.get_data(as_text=True)


# ------------------------------------------------------------------------------------------------ moving


def move(person, lead, **fields):
    return person.post(f"/leads/{lead.id}/move", fields, headers={"Accept": "application/json"})


def test_a_move_answers_with_the_new_place(make, anna, pipeline):
    lead = make.lead("Acme", owner=anna.user)
    offer = make.stage("Offer")

    answer = move(anna, lead, stage_id=offer.id, version=1, board=pipeline.id)

    assert (answer.status_code, answer.json["stage_id"], answer.json["version"]) == (200, offer.id, 2)
    assert Lead.get_by_id(lead.id).stage_id == offer.id


@pytest.mark.parametrize("who, status", [("anna", 200), ("ben", 404), ("vera", 403), ("mona", 200)])
def test_who_moves_a_lead_under_own_visibility(who, status, request, make, anna, pipeline):
    make.set_up(member_visibility="own")
    lead = make.lead("Acme", owner=anna.user)

    answer = move(request.getfixturevalue(who), lead, stage_id=make.stage("Offer").id)

    assert answer.status_code == status
    assert Lead.get_by_id(lead.id).stage.name == ("Offer" if status == 200 else "New")


def test_a_stale_stage_answers_409_with_the_place(make, anna, pipeline):
    lead = make.lead("Acme")
    contacted, offer = make.stage("Contacted"), make.stage("Offer")
    move_lead(lead.id, to_stage_id=contacted.id, actor=SYSTEM)

    answer = move(anna, lead, stage_id=offer.id, version=1)

    assert answer.status_code == 409
    assert answer.json["error"]["place"] == {"lead": lead.id, "stage_id": contacted.id, "stage": "Contacted", "version": 2}


def test_a_drop_on_a_stage_of_another_pipeline_is_refused(make, anna, pipeline):
    other = make.pipeline("Partners")
    lead = make.lead("Acme", stage=make.stage("New", pipeline))
    foreign = Stage.get((Stage.pipeline == other) & (Stage.name == "Offer"))

    answer = move(anna, lead, stage_id=foreign.id, board=pipeline.id)

    assert answer.status_code == 422
    assert "another pipeline" in answer.json["error"]["message"]
    assert Lead.get_by_id(lead.id).pipeline_id == pipeline.id


def test_a_move_without_csrf_token_changes_nothing(make, anna, pipeline):
    lead = make.lead("Acme")

    assert anna.client.post(f"/leads/{lead.id}/move", data={"stage_id": make.stage("Offer").id}).status_code == 400
    assert Lead.get_by_id(lead.id).stage.name == "New"


def test_a_plain_form_goes_back_with_a_toast(make, anna, html, pipeline):
    lead = make.lead("Acme")

    answer = anna.post(f"/leads/{lead.id}/move", {"stage_id": make.stage("Offer").id, "next": "/board/1?owner=me"})

    assert (answer.status_code, answer.location) == (303, "/board/1?owner=me")
    assert html(anna.get("/")).texts(".toasts .toast-i span") == ["Acme → Offer"]


def test_next_leads_only_to_our_own_pages(make, anna, pipeline):
    lead = make.lead("Acme")

    answer = anna.post(f"/leads/{lead.id}/move", {"stage_id": make.stage("Offer").id, "next": "//evil.example/"})

    assert answer.location == f"/board/{pipeline.id}"


def test_won_goes_to_the_only_won_stage_and_asks_when_there_are_two(make, anna, html, pipeline):
    lead, second = make.leads(2)
    assert move(anna, lead, to="won").json["stage_id"] == make.stage("Won").id

    Stage.create(pipeline=pipeline, name="Won again", kind="won", position=9)
    answer = anna.post(f"/leads/{second.id}/move", {"to": "won"})
    assert html(answer).texts("select[name=stage_id] option") == ["Won", "Won again"]
    assert Lead.get_by_id(second.id).stage.name == "New"


def test_losing_with_a_day_to_come_back_plans_a_next_step(make, anna, pipeline):
    lead = make.lead("Acme", owner=anna.user)
    reason = make.lost_reason("Price")
    day = today_in("Europe/Berlin") + timedelta(days=90)

    move(anna, lead, to="lost", asked="1", lost_reason=reason.id, lost_to="Rival", come_back_on=day.isoformat())

    lead = Lead.get_by_id(lead.id)
    assert (lead.stage.kind, lead.lost_reason_id, lead.lost_to, lead.next_task_on) == ("lost", reason.id, "Rival", day)


def test_a_wrong_answer_to_the_lost_question_keeps_what_was_typed(make, anna, html, pipeline):
    make.lost_reason("Price")
    lead = make.lead("Acme")

    answer = anna.htmx(f"/leads/{lead.id}/move", {"to": "lost", "asked": "1", "lost_to": "Rival", "board": pipeline.id})

    assert answer.status_code == 422
    assert html(answer).one("input[name=lost_to]").attrs["value"] == "Rival"
    assert html(answer).one("input[name=board]").attrs["value"] == str(pipeline.id)
    assert "move-asked" in json.loads(answer.headers["HX-Trigger"])
    assert Lead.get_by_id(lead.id).stage.name == "New"


# ------------------------------------------------------------------------------------------------ quick add


def test_quick_add_is_one_change_that_can_be_undone(make, anna, pipeline):
    contacted = make.stage("Contacted")
    anna.post(f"/board/{pipeline.id}/quick-add?stage={contacted.id}", {"text": "Anna Kim, Acme\nTom, Birch, ring after five"})
    change_set = one("select max(change_set_id) from event")[0]
    assert [lead.title for lead in Lead.select().order_by(Lead.position)] == ["Anna Kim", "Tom"]

    anna.post(f"/undo/{change_set}")

    assert Lead.select().where(Lead.deleted_at.is_null()).count() == 0


def test_quick_add_of_nothing_says_what_to_type(anna, html, pipeline):
    answer = anna.htmx(f"/board/{pipeline.id}/quick-add", {"text": "  \n "})

    assert answer.status_code == 422
    assert "Type a name" in html(answer).one("[role=alert]").text
    assert Lead.select().count() == 0


def test_numbers_that_no_database_counts_to_name_nothing(make, anna, pipeline):
    lead = make.lead("Acme")
    note, endless = make.note(lead, actor=anna.actor), "9" * 5000

    columns = anna.htmx(f"/board/{pipeline.id}/columns?stages={endless},{lead.stage_id}", method="GET")
    edited = anna.post(f"/notes/{note}/edit", {"body": "New", "version": endless})

    assert (columns.status_code, f"s{lead.stage_id}" in columns.text) == (200, True)
    assert edited.status_code == 303
