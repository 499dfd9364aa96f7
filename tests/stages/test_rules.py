"""What a stage asks of a lead that comes in, whichever way it comes."""

import json

import pytest

from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.custom_fields import archive_field
from leadboard.domain.leads import create_lead
from leadboard.domain.moves import move_lead
from leadboard.domain.pipelines import update_stage
from leadboard.domain.undo import undo_change
from leadboard.errors import Incomplete, Refused
from leadboard.models import Event, Lead
from leadboard.queries.pipelines import stage as read_stage


@pytest.fixture
def board(make, ada):
    """A board whose stage Offer needs a value and a budget, and whose stage New leads to Contacted and Lost only."""
    make.pipeline("Sales")
    make.field("Budget", "number")
    update_stage(make.stage("Offer").id, actor=ada.actor, needs=["fields.budget", "value_amount"])
    ways = [make.stage("Contacted").id, make.stage("Lost").id]
    update_stage(make.stage("New").id, actor=ada.actor, leads_to=ways)
    return make


def at(lead):
    found = Lead.get_by_id(lead.id)
    return found.stage.name, found.value_amount, json.loads(found.fields) if isinstance(found.fields, str) else found.fields


def test_a_refusal_lists_every_field_that_is_missing(board, anna):
    lead = board.lead(stage="Meeting")

    with pytest.raises(Incomplete) as refusal:
        move_lead(lead.id, to_stage_id=board.stage("Offer").id, actor=anna.actor)

    assert str(refusal.value) == "Offer needs: Value, Budget."
    assert [one.field for one in refusal.value.problems] == ["value_amount", "fields.budget"]
    assert at(lead) == ("Meeting", None, {})


def test_values_and_move_are_one_change_that_is_taken_back_at_once(board, anna):
    lead = board.lead(stage="Meeting")

    moved = move_lead(
        lead.id, to_stage_id=board.stage("Offer").id, actor=anna.actor, values={"value_amount": 5000, "fields.budget": 7}
    )
    assert at(lead) == ("Offer", 5000, {"budget": 7})
    assert {event.kind for event in Event.select().where(Event.change_set_id == moved.change_set_id)} == {
        "lead_updated",
        "lead_moved",
    }

    undo_change(moved.change_set_id, actor=anna.actor)
    assert at(lead) == ("Meeting", None, {})


def test_a_move_that_is_refused_saves_no_values(board, anna):
    lead = board.lead(stage="Meeting")

    with pytest.raises(Incomplete):
        move_lead(lead.id, to_stage_id=board.stage("Offer").id, actor=anna.actor, values={"value_amount": 5000})

    assert at(lead) == ("Meeting", None, {})


def test_leads_go_only_where_their_stage_lets_them(board, anna):
    lead = board.lead(stage="New")

    with pytest.raises(Refused, match="From New leads go on to: Contacted, Lost"):
        move_lead(lead.id, to_stage_id=board.stage("Meeting").id, actor=anna.actor)
    move_lead(lead.id, to_stage_id=board.stage("Contacted").id, actor=anna.actor)
    move_lead(lead.id, to_stage_id=board.stage("Meeting").id, actor=anna.actor)


def test_another_pipeline_is_no_way_of_this_one(board, anna):
    other = board.pipeline("Other")
    lead = board.lead(stage="New")

    move_lead(lead.id, to_stage_id=board.stage("Meeting", other).id, actor=anna.actor)

    assert Lead.get_by_id(lead.id).pipeline_id == other.id


def test_a_field_that_nobody_can_fill_is_not_asked_for_and_stays_asked(board, anna, ada):
    archive_field("budget", is_archived=True, actor=ada.actor)
    lead = board.lead(stage="Meeting", value_amount=100)
    move_lead(lead.id, to_stage_id=board.stage("Offer").id, actor=anna.actor)

    update_stage(board.stage("Offer").id, actor=ada.actor, name="Proposal")
    assert read_stage(board.stage("Proposal").id).needs == ("value_amount", "fields.budget")


def test_a_new_lead_by_a_form_needs_it_one_by_itself_is_never_turned_away(board, anna):
    with pytest.raises(Incomplete):
        create_lead({"title": "A"}, stage_id=board.stage("Offer").id, actor=anna.actor, complete=True)
    create_lead({"title": "B"}, stage_id=board.stage("Offer").id, actor=anna.actor)


def test_a_conversion_that_moves_on_asks_too_and_makes_nothing(board, anna):
    lead = board.lead(stage="Meeting", person_name="Anna Kim")
    sides = {"organisation": Side(), "contact": Side(is_new=True), "to_stage_id": board.stage("Offer").id}

    with pytest.raises(Incomplete):
        convert_lead(lead.id, actor=anna.actor, **sides)
    assert Lead.get_by_id(lead.id).converted_at is None

    convert_lead(lead.id, actor=anna.actor, lead_values={"value_amount": 100, "fields.budget": 1}, **sides)
    assert at(lead)[:2] == ("Offer", 100)


@pytest.mark.parametrize("needs", [["title"], ["value_currency"], ["fields.nothing"], ["drop table"]])
def test_a_stage_needs_only_fields_that_there_are(make, ada, needs):
    make.pipeline()
    with pytest.raises(Refused) as refusal:
        update_stage(make.stage("Offer").id, actor=ada.actor, needs=needs)
    assert refusal.value.field == "needs"


@pytest.mark.parametrize("name, value", [("touch_days", 0), ("stay_days", 4000), ("most_leads", -1)])
def test_limits_are_whole_numbers_within_reason(make, ada, name, value):
    make.pipeline()
    with pytest.raises(Refused) as refusal:
        update_stage(make.stage("Offer").id, actor=ada.actor, **{name: value})
    assert refusal.value.field == name


# ---------------------------------------------------------------------------------------------- in the browser's requests


def fields_of(page):
    return {one.attrs["name"]: one.attrs.get("value", "") for one in page.all("input") if "name" in one.attrs}


def test_the_board_asks_for_what_is_missing_and_saves_it_with_the_move(board, anna, html):
    lead = board.lead("Acme", stage="Meeting")
    sent = {"stage_id": board.stage("Offer").id, "board": lead.pipeline_id, "version": lead.version}

    asked = anna.htmx(f"/leads/{lead.id}/move", sent)
    page = html(asked)
    assert asked.status_code == 200
    needs = fields_of(page)["needs"]
    assert needs == "value_amount value_currency fields.budget"
    assert set(needs.split()) < set(fields_of(page))

    again = anna.htmx(
        f"/leads/{lead.id}/move", {**sent, "asked": "1", "needs": needs, "value_amount": "12k", "fields.budget": ""}
    )
    assert again.status_code == 422
    assert "12k" in again.text
    assert "needs this: Budget" in again.text

    done = anna.htmx(
        f"/leads/{lead.id}/move", {**sent, "asked": "1", "needs": needs, "value_amount": "12k", "fields.budget": "3"}
    )
    assert done.status_code == 200
    assert at(lead) == ("Offer", 1200000, {"budget": 3})


def test_without_scripts_the_question_is_a_page_that_leads_back(board, anna, html):
    lead = board.lead("Acme", stage="Meeting")

    page = html(anna.post(f"/leads/{lead.id}/move", {"stage_id": board.stage("Offer").id, "next": f"/leads/{lead.id}"}))
    form = fields_of(page)
    answer = anna.post(f"/leads/{lead.id}/move", {**form, "value_amount": "5", "fields.budget": "1"})

    assert (answer.status_code, answer.location) == (303, f"/leads/{lead.id}")
    assert at(lead)[0] == "Offer"


def test_a_lost_stage_that_needs_more_asks_for_both_and_keeps_the_reason(board, anna, ada, html):
    update_stage(board.stage("Lost").id, actor=ada.actor, needs=["industry"])
    reason = board.lost_reason("Price")
    lead = board.lead("Acme", stage="Meeting")
    sent = {"stage_id": board.stage("Lost").id, "asked": "1", "lost_reason": reason.id, "lost_to": "Umbrella"}

    page = html(anna.htmx(f"/leads/{lead.id}/move", sent))
    form = fields_of(page)
    assert form["lost_to"] == "Umbrella"
    anna.htmx(f"/leads/{lead.id}/move", {**form, "industry": "Print"})

    found = Lead.get_by_id(lead.id)
    assert (found.stage.name, found.lost_to, found.industry) == ("Lost", "Umbrella", "Print")


def test_quick_add_asks_for_what_its_stage_needs_but_not_for_what_the_line_says(board, anna, html):
    offer = board.stage("Offer")
    url = f"/board/{offer.pipeline_id}/quick-add?stage={offer.id}"

    first = anna.htmx(url, {"text": "Anna Kim, Acme, 12k"})
    assert first.status_code == 422
    assert "fields.budget" in fields_of(html(first))

    second = anna.htmx(url, {"text": "Anna Kim, Acme, 12k", "fields.budget": "4", "value_amount": ""})
    assert second.status_code == 200
    assert [(lead.value_amount, lead.stage_id) for lead in Lead.select()] == [(1200000, offer.id)]


def test_the_whole_form_of_a_new_lead_says_it_beside_the_field(board, anna, html):
    offer = board.stage("Offer").id
    page = html(anna.post("/leads/new", {"title": "A", "stage": offer}))
    assert "Offer needs this: Value." in page.one("#f-value_amount").text
    assert "Offer needs this: Budget." in page.one("#f-fields-budget").text
