"""People, firms and leads brought together by hand: on the pages of both, and on the lead page."""

import pytest
from playwright.sync_api import expect

from leadboard.db import one
from leadboard.domain.parties import create_contact, create_organisation
from leadboard.domain.relations import add_employment, link_lead, set_primary_contact
from tests.browser.test_screens import keep, overflow, serious

pytestmark = pytest.mark.browser
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.fixture
def firm(anna):
    return create_organisation({"name": "Acme Ltd", "website": "https://acme.example", "city": "Berlin"}, actor=anna.actor).id


@pytest.fixture
def kim(anna):
    values = {"name": "Anna Kim", "email": "kim@acme.example", "phone": "+49 30 901820", "job_title": "Head of Purchasing"}
    return create_contact(values, actor=anna.actor).id


@pytest.fixture(params=SIZES)
def window(request, anna, second_browser):
    """Anna's browser, wide and as a phone."""
    page = second_browser(anna, viewport=SIZES[request.param])
    yield page
    page.wait_for_load_state("networkidle")
    assert [*serious(page), *overflow(page, SIZES[request.param]["width"])] == []
    keep(page, f"relations-{request.node.originalname}-{request.param}")


def test_a_person_is_added_to_a_firm_made_primary_and_taken_out(window, firm, kim):
    window.goto(f"/organisations/{firm}")
    people = window.locator("#panel-people")
    people.get_by_label("Add a person").fill("kim@acme")
    people.get_by_role("button", name="Add").click()
    expect(people).to_contain_text("No contact is called so")
    people.get_by_label("Add a person").fill("anna k")
    window.keyboard.press("Enter")
    expect(people.locator(".rel-n")).to_have_text(["Anna Kim"])
    expect(window.locator("#toasts")).to_contain_text("Anna Kim is at Acme Ltd now")
    people.locator(".menu summary").click()
    people.get_by_role("button", name="Make primary contact").click()
    expect(people.locator(".tag")).to_have_text("Primary")
    assert one("select primary_contact_id from organisation") == (kim,)
    people.locator(".menu summary").click()
    people.get_by_role("button", name="Take out of this organisation").click()
    expect(people.locator(".rel-n")).to_have_count(0)
    window.locator("#toasts .toast-u").last.click()
    window.wait_for_load_state("networkidle")
    window.goto(f"/organisations/{firm}")
    expect(people.locator(".rel-n")).to_have_text(["Anna Kim Primary"])


def test_a_new_lead_comes_from_a_firm(window, make, anna, firm, kim):
    make.lead("Another", actor=anna.actor)
    add_employment(kim, firm, actor=anna.actor)
    set_primary_contact(firm, kim, actor=anna.actor)
    window.goto(f"/organisations/{firm}")
    window.locator("#panel-leads").get_by_role("link", name="New lead").click()
    expect(window.locator("input[name=organisation_name]")).to_have_value("Acme Ltd")
    expect(window.locator("#links input[type=checkbox]")).to_have_count(2)
    window.locator("input[name=value_amount]").fill("12k")
    window.get_by_role("button", name="Add lead").click()
    expect(window.locator("#panel-linked .rel-n")).to_have_text(["Anna Kim", "Acme Ltd"])
    window.goto(f"/organisations/{firm}")
    expect(window.locator("#panel-leads h3")).to_have_text("Open 1")
    assert one("select organisation_id, contact_id from lead order by id desc limit 1") == (firm, kim)


def test_a_suggestion_is_taken_and_another_refused(window, make, anna, firm, kim):
    lead = make.lead(
        "Forty seats", organisation_name="ACME", email="kim@acme.example", actor=anna.actor, owner=anna.user, value_amount=120_000
    )
    for title in ("Renewal", "Second site"):
        other = make.lead(title, actor=anna.actor, owner=anna.user)
        link_lead(other.id, organisation_id=firm, actor=anna.actor)
    window.goto(f"/leads/{lead.id}")
    expect(window.locator(".rel-s")).to_have_count(2)
    window.get_by_role("button", name="Not this one: Anna Kim").click()
    expect(window.locator(".rel-s")).to_have_count(1)
    window.get_by_role("button", name="Link: Acme Ltd").click()
    expect(window.locator("#panel-linked .rel-n")).to_have_text(["Acme Ltd"])
    expect(window.locator(".rel-s")).to_have_count(0)
    window.reload()
    expect(window.locator("#panel-firm .rel-n")).to_have_text(["Second site", "Renewal"])
    assert one("select organisation_id, contact_id from lead where id = ?", (lead.id,)) == (firm, None)


def test_a_box_tells_whom_a_typed_lead_is_linked_to(window, make, anna, firm, kim):
    make.lead("Another", actor=anna.actor)
    window.goto("/leads/new")
    window.locator("input[name=organisation_name]").fill("acme")
    window.locator("input[name=email]").fill("kim@acme.example")
    window.keyboard.press("Tab")
    expect(window.locator("#links a")).to_have_text(["Acme Ltd", "Anna Kim"])
    window.get_by_label("Link to the contact Anna Kim").uncheck()
    window.locator("input[name=person_name]").fill("Somebody else")
    window.keyboard.press("Tab")
    window.wait_for_load_state("networkidle")
    expect(window.get_by_label("Link to the contact Anna Kim")).not_to_be_checked()
    window.get_by_role("button", name="Add lead").click()
    expect(window.locator("#panel-linked .rel-n")).to_have_text(["Acme Ltd"])
    assert one("select organisation_id, contact_id from lead order by id desc limit 1") == (firm, None)
