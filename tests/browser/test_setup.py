"""The first visit in Chromium: the link from the terminal, the form, the way to start."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from leadboard.app import create_app
from leadboard.config import Settings
from leadboard.domain.users import new_setup_link
from leadboard.models import User
from leadboard.queries.settings import instance

pytestmark = pytest.mark.browser


@pytest.fixture
def app(settings: Settings) -> Flask:
    """An instance that nobody has set up."""
    return create_app(settings)


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada Admin")
    page.get_by_label("Your team or company").fill("Baltic Sails")
    page.get_by_label("Your e-mail").fill("ada@baltic.example")
    page.get_by_label("Password").fill("correct horse battery")


def test_a_stranger_is_sent_to_the_terminal_and_whoever_has_the_link_sets_up(page, live_server):
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome to Leadboard")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)

    page.goto(f"/setup/{new_setup_link()}")
    expect(page.get_by_label("Country")).to_have_value("GB")
    fill_in(page)
    page.get_by_label("Country").select_option("PL")
    page.get_by_text("Currency, time zone and telephone numbers").click()
    expect(page.get_by_label("Currency")).to_have_value("PLN")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Warsaw")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="What do you want to see first?")).to_be_visible()
    page.get_by_role("link", name="An empty board").click()
    expect(page.locator(".stage h2").first).to_have_text("New")
    page.wait_for_load_state("networkidle")  # a file that is cut off while it is sent is a warning of the server
    found = instance()
    assert (found.name, found.currency, found.time_zone, found.phone_region) == ("Baltic Sails", "EUR", "Europe/Warsaw", "PL")


def test_a_weak_password_is_refused_and_the_rest_stays(page, live_server):
    page.goto(f"/setup/{new_setup_link()}")
    fill_in(page)
    page.get_by_label("Password").fill("balticsails2026")
    page.get_by_role("button", name="Continue").click()

    expect(page.locator("#password-error")).to_contain_text("easy to guess")
    expect(page.get_by_label("Your team or company")).to_have_value("Baltic Sails")
    assert User.select().count() == 0


def test_sample_data_comes_while_one_watches(page, live_server, run_jobs):
    page.goto(f"/setup/{new_setup_link()}")
    fill_in(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Sample data").click()
    expect(page.get_by_role("status").filter(has_text="Making up a team")).to_be_visible()

    run_jobs()

    expect(page.locator(".lc").first).to_be_visible()
    expect(page.locator(".toast-i")).to_contain_text("The sample data is here")


def test_the_set_up_works_without_scripts(browser, live_server):
    context = browser.new_context(java_script_enabled=False, base_url=live_server, locale="en-GB")
    page = context.new_page()
    page.goto(f"/setup/{new_setup_link()}")
    fill_in(page)
    page.get_by_label("Country").select_option("JP")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="What do you want to see first?")).to_be_visible()
    assert (instance().currency, instance().time_zone, instance().week_start) == ("JPY", "Asia/Tokyo", 6)
    context.close()
