"""A call at one's telephone, in Chromium."""

import pytest
from leadboard_plugins.telephony_hook import lists
from playwright.sync_api import expect

from leadboard import jobs
from leadboard.api import SYSTEM
from leadboard.domain.plugins import disable, remove_data, save_settings

pytestmark = pytest.mark.browser
TOKEN = "t" * 32


@pytest.fixture(autouse=True)
def on(plugin, anna):
    plugin("telephony_hook")
    save_settings("telephony_hook", {}, {"token": TOKEN}, actor=SYSTEM)
    lists.save_extensions({anna.id: "201"}, actor=SYSTEM)
    yield
    disable("telephony_hook", actor=SYSTEM)
    remove_data("telephony_hook", actor=SYSTEM)


@pytest.fixture
def tell(app):
    def post(event, call_id, number):
        body = {"event": event, "call_id": call_id, "from": number, "agent": "201", "direction": "inbound"}
        answer = app.test_client().post("/in/telephony", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 202

    return post


def test_who_is_calling_shows_on_any_page_and_leads_to_the_lead(as_anna, make, tell):
    make.lead("Ferienhof Lüders", phone="+49 30 901820")
    page = as_anna
    page.goto("/leads")
    tell("ringing", "c1", "030 901820")
    box = page.locator("#telephony")
    expect(box).to_contain_text("Incoming call")
    tell("answered", "c1", "030 901820")
    expect(box).to_contain_text("On the phone")
    box.get_by_role("link", name="Ferienhof Lüders").click()
    tell("ended", "c1", "030 901820")
    jobs.run_due()
    expect(page.locator("#telephony")).to_contain_text("Call ended")
    page.reload()
    expect(page.locator("ol.tl")).to_contain_text("Anna Kowalska logged a call")
    page.locator("#telephony").get_by_role("button", name="Close").click()
    expect(page.locator(".call-now")).to_have_count(0)
    page.reload()
    expect(page.locator(".call-now")).to_have_count(0)


def test_an_unknown_caller_becomes_a_lead(as_anna, make, tell):
    make.lead("Somebody else")
    page = as_anna
    tell("ringing", "c2", "+49 40 5550000")
    page.goto("/")
    page.locator("#telephony").get_by_role("link", name="Who is it?").click()
    tell("missed", "c2", "+49 40 5550000")
    page.get_by_label("Title of the lead").fill("Roofer from Kiel")
    page.get_by_role("button", name="Make a lead with this number").click()
    expect(page.get_by_role("heading", name="Roofer from Kiel").first).to_be_visible()
    jobs.run_due()
    page.reload()
    expect(page.locator("ol.tl")).to_contain_text("No answer")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Calls").click()
    expect(page.get_by_text("No calls without a lead")).to_be_visible()
