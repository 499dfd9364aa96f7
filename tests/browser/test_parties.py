"""Contacts and organisations in Chromium: suggestions by keys and mouse, edits in place, rows of e-mails, at 1440 and 360 px."""

import pytest
from playwright.sync_api import expect

from leadboard.domain.points import Point
from leadboard.domain.reached import set_reached
from tests.browser.test_screens import keep, serious

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(make, anna):
    make.organisation("Acre & Co", city="Rome")
    return make.organisation("Acme GmbH", owner=anna.user, website="acme.example", industry="Tools", city="Gdańsk")


def test_a_person_is_added_with_a_suggested_firm_by_keyboard(as_anna, acme):
    page = as_anna
    page.goto("/contacts/new")
    page.locator("#name").fill("Anna Kim")
    firm = page.locator("#organisation")
    firm.press_sequentially("ac")
    expect(page.locator("[data-pick]")).to_have_count(3)
    firm.press("ArrowDown")
    expect(page.get_by_role("option", name="Acme GmbH")).to_have_attribute("aria-selected", "true")
    firm.press("Enter")
    expect(firm).to_have_value("Acme GmbH")
    expect(page.locator("[data-pick]")).to_have_count(0)
    page.get_by_role("button", name="Add contact").click()

    expect(page.get_by_role("heading", name="Anna Kim")).to_be_visible()
    expect(page.locator(".lead-h .facts a")).to_have_text("Acme GmbH")


def test_a_suggestion_is_refused_and_a_new_firm_made_by_mouse(as_anna, acme, make):
    person = make.contact("Anna Kim", organisation=acme.id)
    page = as_anna
    page.goto(f"/contacts/{person.id}")
    row = page.locator("#f-organisation")
    row.hover()
    row.locator("a.fact-e").click()
    field = row.get_by_role("combobox")
    expect(field).to_be_focused()
    field.fill("Acm")
    expect(page.get_by_role("option", name="Acme GmbH")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("option", name="Acme GmbH")).to_be_hidden()
    field.press_sequentially("us")
    page.get_by_role("option", name="Make a new one: Acmus").click()
    row.get_by_role("button", name="Save").click()

    expect(page.locator(".lead-h .facts a")).to_have_text("Acmus")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".lead-h .facts a")).to_have_text("Acme GmbH")


def test_rows_of_emails_are_edited(as_anna, acme):
    page = as_anna
    page.goto(f"/organisations/{acme.id}")
    page.get_by_role("link", name="Further e-mails and phones").click()
    page.get_by_label("Address or number of row 1").fill("info@acme.example")
    page.get_by_role("button", name="Add another").click()
    page.get_by_label("Address or number of row 2").fill("sales at acme")
    page.get_by_label("Label of row 2").fill("sales")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".reach-r .error")).to_contain_text("sales at acme is not an e-mail address")
    page.get_by_label("Address or number of row 2").fill("sales@acme.example")
    page.get_by_label("Address or number of row 2").press("Enter")

    expect(page.locator("#reached li")).to_have_count(2)
    expect(page.locator("#reached")).to_contain_text("sales")


@pytest.mark.parametrize("width", [1440, 360])
def test_the_pages_are_whole_at_every_width(as_anna, acme, make, anna, width):
    person = make.contact("Anna Kim", organisation=acme.id, owner=anna.user, job_title="Head of Buying", email="kim@acme.example")
    set_reached(
        "contact",
        person.id,
        [Point("email", "kim@acme.example"), Point("email", f"{'k' * 60}@home.example", "home")],
        actor=anna.actor,
    )
    page = as_anna
    page.set_viewport_size({"width": width, "height": 900})
    for path in (
        f"/contacts/{person.id}",
        f"/organisations/{acme.id}",
        "/contacts/new",
        f"/contacts/{person.id}/reached",
        f"/organisations/{acme.id}/edit",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert serious(page) == [], path
        keep(page, f"parties-{path.strip('/').replace('/', '-')}-{width}")
