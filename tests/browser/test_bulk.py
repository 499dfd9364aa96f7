"""All that match, in Chromium: choose, look, do, follow, take back; at both widths, and without JavaScript."""

import os
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from leadboard.jobs import run_due
from leadboard.models import Lead

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("LEADBOARD_SHOTS", "")


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def is_sound(page):
    """Nothing overflows, and axe finds nothing serious."""
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def work():
    """What the worker of `serve` does, in a thread of its own as there."""
    thread = threading.Thread(target=run_due)
    thread.start()
    thread.join()


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("scripts", [True, False], ids=["js", "plain"])
def test_all_that_match_are_changed_after_a_look_and_taken_back(second_browser, mona, make, width, scripts):
    make.leads(60, city="Oslo")
    page = second_browser(mona, java_script_enabled=scripts, viewport={"width": width, "height": 900})
    page.goto("/leads?sort=title")
    expect(page.locator(".bulk .all-m")).to_be_hidden()
    boxes = page.locator("tbody .pick input")
    if width == 360:
        boxes.first.check()  # no heading to tick on a phone
    elif scripts:
        page.get_by_label("Select all on this page").check()
    else:
        for box in boxes.all():
            box.check()
    shot(page, f"bulk-bar-{width}-{scripts}")
    page.get_by_label("All 60 that match").check()
    page.get_by_role("button", name="Change …").click()
    expect(page.locator("#main")).to_contain_text("60 leads")
    page.get_by_label("Field", exact=True).select_option(label="City")
    page.get_by_role("button", name="Choose").click()
    page.get_by_label("City").fill("Gdynia")
    if scripts:
        assert is_sound(page)
    shot(page, f"bulk-choose-{width}-{scripts}")
    page.locator("form", has=page.get_by_label("City")).get_by_role("button", name="Show what changes").click()
    expect(page.locator("ins").first).to_have_text("Gdynia")
    if scripts:
        assert is_sound(page)
    shot(page, f"bulk-preview-{width}-{scripts}")
    page.get_by_role("button", name="Change City: 60 leads").click()
    expect(page.locator("#poll progress")).to_be_visible()
    shot(page, f"bulk-running-{width}-{scripts}")
    work()
    if not scripts:
        page.reload()
    expect(page.locator(".banner.good")).to_contain_text("Done: 60 leads")
    shot(page, f"bulk-done-{width}-{scripts}")
    assert Lead.select().where(Lead.city == "Gdynia").count() == 60
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast-i")).to_contain_text("Undone")
    assert Lead.select().where(Lead.city == "Gdynia").count() == 0
