"""The one search in Chromium: the keys that open it, the list below it, small screens, right to left, trouble, no script."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_party
from leadboard.domain.tasks import add_task
from leadboard.permissions import SYSTEM
from tests.browser.test_screens import serious

pytestmark = pytest.mark.browser


@pytest.fixture
def world(make):
    make.pipeline("Sales")
    leads = [make.lead(title) for title in ("Łukasz Żółć", "Acme Foods", "Acme Steel")]
    create_party("contact", {"name": "Acme person", "email": "p@acme.example"}, actor=SYSTEM)
    add_note(leads[0].id, body="They asked for a discount. " * 20, actor=SYSTEM)
    add_task(leads[1].id, title="Send the discounted offer", actor=SYSTEM)
    return leads


def box(page: Page):
    return page.get_by_role("combobox", name="Search", exact=True)


def option(page: Page, name: str):
    return page.get_by_role("option", name=name)


def chosen(page: Page):
    return page.locator("#seek-panel [aria-selected=true]")


def test_slash_opens_arrows_choose_and_enter_opens(as_anna, world):
    page = as_anna
    page.goto("/leads")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    expect(option(page, "New lead")).to_be_visible()

    page.keyboard.type("acme")
    expect(option(page, "Acme Steel")).to_be_visible()
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#announce")).to_have_text(re.compile(r"\d+ results"))
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Acme Steel")
    assert box(page).get_attribute("aria-activedescendant") == chosen(page).get_attribute("id")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Acme Foods")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/leads/{world[2].id}$"))


def test_ctrl_k_opens_and_escape_gives_the_focus_back(as_anna, world):
    page = as_anna
    page.goto("/leads")
    link = page.get_by_role("link", name="New lead")
    link.focus()
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()
    page.keyboard.type("lukasz")
    expect(option(page, "Łukasz Żółć").locator("mark").first).to_have_text("Łukasz")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    expect(page.locator("#seek-panel")).to_be_hidden()
    expect(box(page)).to_have_value("lukasz")

    page.keyboard.press("Control+k")
    expect(option(page, "Łukasz Żółć")).to_be_visible()
    page.mouse.click(700, 700)
    expect(page.locator("#seek-panel")).to_be_hidden()


def test_whoever_types_elsewhere_types_on_and_single_keys_can_be_off(as_anna, world):
    page = as_anna
    page.goto("/leads")
    field = page.get_by_role("searchbox", name="Filter by text")
    field.focus()
    page.keyboard.type("a/b")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(field).to_have_value("a/b")

    page.evaluate("localStorage.setItem('leadboard.single-keys', 'off')")
    page.goto("/leads")
    expect(page.locator(".seek-k")).to_be_hidden()
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()


def test_ctrl_enter_opens_in_a_new_tab_and_enter_alone_shows_everything(as_anna, world):
    page = as_anna
    page.goto("/leads")
    page.keyboard.press("/")
    page.keyboard.type("discount")
    expect(option(page, "They asked")).to_be_visible()
    page.keyboard.press("ArrowDown")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    expect(opened.value).to_have_url(re.compile(r"/notes/\d+$"))
    expect(box(page)).to_be_focused()

    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=discount$"))
    expect(page.get_by_role("heading", name="Notes and calls")).to_be_visible()
    page.get_by_role("link", name="Send the discounted offer").click()
    expect(page.get_by_role("heading", name="Next steps")).to_be_visible()


def test_what_was_looked_at_lately_comes_first_and_goes_with_signing_out(as_anna, world):
    page = as_anna
    for lead in world[:2]:
        page.goto(f"/leads/{lead.id}")
    page.keyboard.press("Control+k")
    group = page.get_by_role("group", name="Viewed lately")
    expect(group.get_by_role("option")).to_have_text(["Łukasz Żółć"])
    assert page.evaluate("localStorage.getItem('leadboard.viewed')") == f"lead-{world[1].id},lead-{world[0].id}"

    page.keyboard.press("Escape")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("localStorage.getItem('leadboard.viewed')") is None


def test_what_is_typed_before_the_page_is_ready_is_searched(as_anna, world):
    page = as_anna
    # htmx begins its work by a timeout without a delay.
    page.add_init_script("const later = setTimeout; window.setTimeout = (call, delay = 700) => later(call, delay)")
    page.goto("/leads")
    page.keyboard.press("/")
    page.keyboard.type("acme")
    expect(option(page, "Acme Steel")).to_be_visible()


def test_trouble_is_told_in_the_panel_and_what_was_typed_stays(as_anna, world):
    page = as_anna
    page.goto("/leads")
    page.route("**/search?*", lambda route: route.fulfill(status=429, body="busy"))
    page.keyboard.press("/")
    page.keyboard.type("acme")
    # Not the trouble of "ac": what asked last is told.
    page.wait_for_event("requestfinished", lambda request: request.url.endswith("q=acme"))
    trouble = page.locator("#seek-panel [role=alert]")
    expect(trouble).to_contain_text("The search did not work.")
    expect(page.locator("#toasts > *")).to_have_count(0)

    page.unroute("**/search?*")
    trouble.get_by_role("button", name="Try again").click()
    expect(option(page, "Acme Steel")).to_be_visible()
    expect(box(page)).to_have_value("acme")


def test_a_slow_answer_is_waited_for_and_an_overtaken_one_is_dropped(as_anna, world):
    page = as_anna
    page.goto("/leads")
    held: list[Route] = []
    page.route("**/search?q=luk*", lambda route: held.append(route))
    page.keyboard.press("/")
    expect(option(page, "New lead")).to_be_visible()
    page.keyboard.type("luk")
    expect(page.locator("#seek-q.htmx-request")).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.type("steel")
    expect(option(page, "Acme Steel")).to_be_visible()
    expect(option(page, "Łukasz")).to_have_count(0)


def test_a_phone_opens_it_over_the_bar(anna, world, second_browser):
    page = second_browser(anna, viewport={"width": 360, "height": 740})
    page.goto(f"/leads/{world[0].id}")
    opener = page.get_by_role("link", name="Search", exact=True)
    expect(box(page)).to_be_hidden()
    opener.click()
    expect(box(page)).to_be_focused()
    box(page).press_sequentially("acme")
    expect(option(page, "Acme Foods")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert box(page).bounding_box()["width"] > 270
    assert serious(page) == []
    page.get_by_role("button", name="Close the search").click()
    expect(box(page)).to_be_hidden()
    expect(opener).to_be_focused()


@pytest.mark.parametrize("language, width", [("en", 1440), ("x-rtl", 1440), ("x-rtl", 360)])
def test_panel_and_page_are_sound(language, width, make, anna, world, second_browser):
    make.set_up(language=language)
    make.leads(25, title="Acme with a name that is really long and goes on and on until nobody reads it any more")
    page = second_browser(anna, viewport={"width": width, "height": 800})
    problems = []
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("acme")
    expect(page.locator("#seek-o-all-lead")).to_be_visible()
    panel = page.locator("#seek-panel").bounding_box()
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= width
    page.keyboard.press("ArrowDown")
    problems += serious(page)
    for url in ("/search", "/search?q=acme", "/search?q=zzz", "/search?q=acme&type=lead"):
        page.goto(url)
        problems += serious(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert problems == []


def test_it_works_without_a_script(anna, world, second_browser):
    for width in (1440, 360):
        page = second_browser(anna, java_script_enabled=False, viewport={"width": width, "height": 740})
        page.goto("/leads")
        if width == 360:
            page.get_by_role("link", name="Search", exact=True).click()
        field = page.get_by_role("searchbox", name="Search", exact=True)
        field.fill("acme")
        field.press("Enter")
        expect(page.get_by_role("heading", name="Leads", exact=True)).to_be_visible()
        page.get_by_role("link", name="Acme Foods").click()
        expect(page).to_have_url(re.compile(f"/leads/{world[1].id}$"))
