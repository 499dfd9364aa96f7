"""Lists in groups in Chromium: chosen, opened, counted by themselves when there are many."""

import re

import pytest
from playwright.sync_api import Page, expect

from leadboard.queries import groups as group_queries
from leadboard.queries import record_list

pytestmark = pytest.mark.browser


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def titles(page: Page):
    return page.locator("td.who a")


def test_from_the_menu_to_the_rows_of_a_group(as_anna, make, anna):
    make.lead("Acme", owner=anna, value_amount=1200_00, value_currency="EUR")
    make.lead("Baltic", owner=anna, stage="Won")
    make.lead("Zebra")
    page = as_anna
    page.goto("/leads?sort=title")
    page.get_by_text("Group by", exact=True).click()
    page.locator(".grp-m").get_by_role("link", name="Owner").click()
    groups = page.get_by_role("region", name="Groups by Owner")
    expect(groups.get_by_role("listitem")).to_have_text([re.compile("Anna Kowalska 2 1,2k"), re.compile("Nobody ?1")])
    # They follow what is typed.
    page.get_by_label("Filter by text").press_sequentially("acme")
    expect(groups.get_by_role("listitem")).to_have_count(1)
    page.get_by_label("Filter by text").fill("")
    expect(groups.get_by_role("listitem")).to_have_count(2)
    groups.get_by_role("link", name="Anna").click()
    expect(titles(page)).to_have_text(["Acme", "Baltic"])
    expect(page).to_have_url(re.compile("sort=title"))
    expect(groups).to_have_count(0)
    page.go_back()
    groups.get_by_role("link", name="No groups").click()
    expect(titles(page)).to_have_count(3)


def test_many_are_counted_after_the_rows_are_there(as_anna, make, monkeypatch):
    for module in (record_list, group_queries):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    make.leads(4)
    page = as_anna
    page.goto("/leads?group=stage")
    expect(titles(page)).to_have_count(4)
    expect(page.locator("#groups li")).to_have_text([re.compile("New ?4")])
    expect(page.locator("#groups")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("language", ["en", "x-rtl"])
def test_on_a_phone_and_without_scripts(language, make, anna, second_browser):
    make.set_up(language=language)
    make.lead("Acme", owner=anna)
    make.lead("Zebra")
    page = second_browser(anna, java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/leads?group=owner")
    assert overflow(page) == 0
    page.locator(".grp-i").first.click()
    expect(titles(page)).to_have_text(["Acme"])
