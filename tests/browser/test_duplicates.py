"""The hint about leads that are there already, while somebody types."""

import pytest
from playwright.sync_api import expect

from leadboard.domain.plugins import enable
from leadboard.permissions import SYSTEM

pytestmark = pytest.mark.browser


def test_the_form_of_a_new_lead_says_who_is_there_already(make, anna, second_browser):
    enable("duplicates", actor=SYSTEM)
    make.lead("Ferienhof Lüders", email="ilse@hof.example", owner=anna.user)
    page = second_browser(anna)
    page.goto("/leads/new")
    page.locator("input[name=email]").press_sequentially("Ilse@hof.example")
    page.keyboard.press("Tab")
    expect(page.locator("#suspects")).to_contain_text("Looks like Ferienhof Lüders: same e-mail")
