"""Winning a lead offers its conversion beside the undo, and never stands in the way."""

import json

import pytest

from leadboard.domain.conversion import Side, convert_lead

LABEL = "Make a customer of it?"


@pytest.fixture
def lead(make, anna):
    return make.lead("Acme", person_name="Anna Kim", owner=anna.user, actor=anna.actor)


def won(person, lead, **data):
    return person.post(f"/leads/{lead.id}/move", {"to": "won", "next": f"/leads/{lead.id}", **data})


def test_without_javascript_the_next_page_has_the_link(lead, anna, html):
    assert won(anna, lead).location == f"/leads/{lead.id}"
    page = html(anna.get(f"/leads/{lead.id}"))
    assert [(node.text, node.attrs["href"]) for node in page.all("#toasts a")] == [(LABEL, f"/leads/{lead.id}/convert")]
    assert page.one("#toasts form")
    assert html(anna.get(f"/leads/{lead.id}")).all("#toasts a") == []


def test_a_drop_on_the_board_gets_it_with_the_toast(lead, make, anna):
    answer = anna.htmx(f"/leads/{lead.id}/move", {"stage_id": make.stage("Won").id, "board": lead.pipeline_id})
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert (toast["link_label"], toast["link"], "undo" in toast) == (LABEL, f"/leads/{lead.id}/convert", True)


def test_no_offer_for_what_is_converted_stays_won_or_is_not_won(lead, make, anna, html):
    anna.post(f"/leads/{lead.id}/move", {"stage_id": make.stage("Offer").id, "next": f"/leads/{lead.id}"})
    assert html(anna.get(f"/leads/{lead.id}")).all("#toasts a") == []
    convert_lead(lead.id, organisation=Side(), contact=Side(is_new=True), actor=anna.actor)
    won(anna, lead)
    assert html(anna.get(f"/leads/{lead.id}")).all("#toasts a") == []
    other = make.lead("Birch", stage="Won", owner=anna.user)
    won(anna, other)
    assert html(anna.get(f"/leads/{other.id}")).all("#toasts a") == []
