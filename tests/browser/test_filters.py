"""Finding in Chromium: a typed filter, chips, mistakes, a condition put together, saved views; also on a phone and without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from leadboard.queries.views import views_of

pytestmark = pytest.mark.browser


@pytest.fixture
def two(make, anna):
    make.pipeline()
    make.lead("Acme", owner=anna.user, city="Berlin", value_amount=900_000)
    make.lead("Baltic", city="Paris")


def titles(page: Page):
    return page.locator("td.who a")


def problems(page: Page):
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in {"serious", "critical"}]


def overflow(page: Page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_filter_is_typed_with_suggestions_and_a_part_taken_off(as_anna, two):
    page = as_anna
    page.goto("/leads")
    line = page.get_by_role("combobox", name="Filter as text")
    line.press_sequentially("cit")
    page.get_by_role("option", name="city:").click()
    line.press_sequentially("berlin created:this-m")
    expect(page.get_by_role("option", name="this-month")).to_be_visible()
    line.press("ArrowDown")
    line.press("Enter")
    expect(line).to_have_value("city:berlin created:this-month ")
    line.press("Enter")
    expect(titles(page)).to_have_text(["Acme"])
    expect(page.get_by_text("City: contains berlin")).to_be_visible()
    assert problems(page) == []
    page.get_by_role("link", name="Remove filter: City").click()
    expect(titles(page)).to_have_count(2)
    expect(page.get_by_role("combobox", name="Filter as text")).to_have_value("created:this-month")


@pytest.mark.parametrize("path", ["/leads", "/board/1"])
def test_a_mistake_is_marked_and_corrected(path, as_anna, two):
    page = as_anna
    page.goto(path)
    line = page.get_by_role("combobox", name="Filter as text")
    line.fill("owner:me vlaue>=5")
    line.press("Enter")
    expect(page.locator("#filter-error mark")).to_have_text("vlaue>=5")
    expect(line).to_be_focused()
    expect(page.get_by_role("heading", name="Nothing is filtered")).to_be_visible()
    assert problems(page) == []
    line.fill("owner:me value>=5")
    line.press("Enter")
    expect(page.get_by_role("link", name="Acme").first).to_be_visible()
    expect(page.get_by_role("link", name="Baltic")).to_have_count(0)


def test_a_condition_is_put_together_in_a_dialog(as_anna, two):
    page = as_anna
    page.goto("/leads")
    page.get_by_role("link", name="Add condition").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Field").select_option("value")
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_label("Comparison").select_option(">=")
    dialog.get_by_label("Value", exact=True).fill("lots")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is no amount")
    dialog.get_by_label("Value", exact=True).fill("5k")
    dialog.get_by_role("button", name="Add").click()
    expect(titles(page)).to_have_text(["Acme"])
    page.get_by_role("link", name="What can be typed").click()
    expect(page.locator("#dialog")).to_contain_text("lost_reason")
    assert problems(page) == []


def test_a_view_is_saved_pinned_opened_first_changed_and_deleted(as_anna, anna, two):
    page = as_anna
    page.goto("/leads?query=owner:me")
    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Save as new view").click()
    page.locator("#dialog").get_by_label("Name").fill("Mine")
    page.locator("#dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#view-menu summary")).to_have_text("Mine")
    expect(page.locator("#pinned .nav-i")).to_have_text(re.compile("Mine\\s*1"))
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Open this first").click()
    page.get_by_role("link", name="Leads", exact=True).click()
    expect(titles(page)).to_have_text(["Acme"])
    page.get_by_role("link", name="Remove filter: Owner").click()
    expect(titles(page)).to_have_count(2)
    page.goto(f"/leads?view={views_of(anna.actor)[0].id}&query=city:paris")
    expect(page.locator("#view-menu summary")).to_contain_text("changed")
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Update this view").click()
    expect(titles(page)).to_have_text(["Baltic"])
    page.locator("#view-menu summary").click()
    page.get_by_role("button", name="Delete view").click()
    expect(page.locator("#pinned")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#pinned .nav-i")).to_have_count(1)


def test_a_shared_view_reaches_a_colleague(as_mona, second_browser, ben, two):
    page = as_mona
    page.goto("/board/1?query=city:berlin")
    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Save as new view").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill("Berlin")
    dialog.get_by_label("Share with everybody").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#view-menu summary")).to_have_text("Berlin")
    other = second_browser(ben)
    other.goto("/board/1")
    other.locator("#view-menu summary").click()
    other.get_by_role("link", name="Berlin").click()
    expect(other.get_by_role("link", name="Acme").first).to_be_visible()
    expect(other.get_by_role("link", name="Baltic")).to_have_count(0)


@pytest.mark.parametrize("path", ["/leads", "/board/1", "/contacts", "/views", "/filter/lead/help"])
def test_on_a_phone_nothing_overflows(path, second_browser, anna, two, make):
    make.contact("Ann")
    page = second_browser(anna, viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto(path)
    if path in {"/leads", "/board/1"}:
        page.locator("label.more-l").click()
        expect(page.get_by_role("combobox", name="Filter as text")).to_be_visible()
    assert overflow(page) <= 0
    assert problems(page) == []


def test_everything_works_without_scripts(second_browser, anna, two):
    page = second_browser(anna, java_script_enabled=False)
    page.goto("/leads")
    page.get_by_role("combobox", name="Filter as text").fill("owner:me")
    page.get_by_role("button", name="Apply").last.click()
    expect(titles(page)).to_have_text(["Acme"])
    page.get_by_role("link", name="Add condition").click()
    page.get_by_label("Field").select_option("city")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Value", exact=True).fill("ber")
    page.get_by_role("button", name="Add").click()
    expect(titles(page)).to_have_text(["Acme"])
    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Save as new view").click()
    page.get_by_label("Name").fill("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#pinned .nav-i")).to_have_text("Mine")


def test_columns_are_chosen_dragged_and_kept(as_anna, two):
    page = as_anna
    headings = page.locator("#bulk thead th:not(.pick)")
    page.goto("/leads")
    page.get_by_role("link", name="Columns").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox", name="Organisation")).to_be_checked()
    for name in ("Organisation", "Owner", "Last contact", "Created"):
        dialog.get_by_role("checkbox", name=name, exact=True).uncheck()
    dialog.get_by_role("checkbox", name="City").check()
    row = dialog.locator(".col-i", has_text="Value")
    row.locator(".grip").drag_to(dialog.locator(".col-i", has_text="Stage").first)
    dialog.get_by_role("button", name="Move up: Value").click()
    expect(dialog.get_by_role("checkbox", name="City")).to_be_checked()
    assert problems(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The columns are saved for you")).to_be_visible()
    expect(headings).to_have_text(["Name", "Value", "Stage", "Next step", "Expected close", "City"])
    page.reload()
    expect(headings).to_have_count(6)

    # The keyboard alone brings the usual ones back.
    page.get_by_role("link", name="Columns").focus()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="The usual ones").focus()
    page.keyboard.press("Enter")
    expect(headings).to_have_count(9)


@pytest.mark.parametrize("language", ["en", "x-rtl"])
def test_columns_on_a_phone_and_without_scripts(language, make, anna, two, second_browser):
    make.set_up(language=language)
    page = second_browser(anna, java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/columns/leads?shown=stage,value&next=/leads")
    page.locator('button[value="value:up"]').click()
    assert [one.get_attribute("value") for one in page.locator('input[name="order"]').all()[:2]] == ["value", "stage"]
    assert overflow(page) == 0
    page.locator('button[name="keep"]').click()
    expect(page).to_have_url(re.compile("/leads$"))
    expect(titles(page)).to_have_count(2)
    assert overflow(page) == 0
