"""Webhooks in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from leadboard import jobs
from leadboard.api import SYSTEM
from leadboard.domain.plugins import disable, remove_data

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def on(plugin):
    yield plugin("webhooks")
    disable("webhooks", actor=SYSTEM)
    remove_data("webhooks", actor=SYSTEM)


def test_a_webhook_is_added_tested_looked_at_and_turned_off(as_mona, make):
    make.lead()
    page = as_mona
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="Add a webhook").first.click()
    page.get_by_label("Name").fill("Accounting")
    page.get_by_label("Address").fill("http://192.168.0.1/hook")
    page.get_by_role("button", name="Add and get the secret").click()
    expect(page.locator("#url-error")).to_contain_text("private network")
    page.get_by_label("Address").fill("https://nobody.invalid/hook")
    page.get_by_role("button", name="Add and get the secret").click()
    expect(page.get_by_label("Secret", exact=True)).to_have_value(re.compile("^whsec_"))
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("heading", name="webhook.test")).to_be_visible()
    expect(page.locator("#tries")).to_contain_text("waiting")
    jobs.run_due()
    # The page looks again by itself.
    expect(page.locator("#tries")).to_contain_text("no answer")
    page.get_by_role("link", name="Accounting").click()
    expect(page.locator("#secret")).to_have_count(0)
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("The webhook is off")).to_be_visible()
    expect(page.get_by_role("button", name="Send a test")).to_have_count(0)
