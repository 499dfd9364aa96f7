"""Widths of columns in Chromium: dragged, by keys, by touch, right to left; kept, and without effect on a phone."""

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.views import keep_widths
from leadboard.queries.views import layout_of

pytestmark = pytest.mark.browser


def edge(page: Page, label: str):
    return page.get_by_role("separator", name=f"Width of {label}", exact=True)


def wide(page: Page, label: str) -> float:
    return page.get_by_role("columnheader", name=label, exact=True).bounding_box()["width"]


def drag(page: Page, label: str, by: int) -> None:
    edge(page, label).scroll_into_view_if_needed()
    box = edge(page, label).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y)
    page.mouse.move(x + by, y)
    with page.expect_response(lambda answer: answer.url.endswith("/widths")) as answer:
        page.mouse.up()
    assert answer.value.status == 204


@pytest.mark.parametrize("place", ["leads", "contacts", "organisations"])
def test_an_edge_is_dragged_and_stays_there(place, as_anna, make):
    make.lead("Acme with a name that is rather long, so that it is cut", organisation_name="Baltic Foods")
    make.contact("Acme with a name that is rather long, so that it is cut")
    make.organisation("Acme with a name that is rather long, so that it is cut")
    page = as_anna
    page.goto(f"/{place}")
    before = wide(page, "Owner")
    drag(page, "Owner", 90)
    assert wide(page, "Owner") == pytest.approx(before + 90, abs=2)
    drag(page, "Name", -60)
    narrow = wide(page, "Name")
    page.reload()
    assert wide(page, "Owner") == pytest.approx(before + 90, abs=2)
    assert wide(page, "Name") == pytest.approx(narrow, abs=1)
    # A heading is dragged over many others without sorting the list.
    assert "sort=" not in page.url
    # The whole name is told where it is cut.
    cell = page.locator("td.who")
    cell.hover()
    expect(cell).to_have_attribute("title", "Acme with a name that is rather long, so that it is cut")


def test_keys_move_it_and_bring_the_usual_width_back(as_anna, make, anna):
    make.lead("Acme")
    page = as_anna
    page.goto("/leads")
    before, others = wide(page, "Stage"), wide(page, "Value")
    one = edge(page, "Stage")
    expect(one).to_have_attribute("aria-valuetext", "as wide as its texts")
    one.focus()
    with page.expect_response(lambda answer: answer.url.endswith("/widths")):
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowRight"):
            page.keyboard.press(key)
    assert wide(page, "Stage") == pytest.approx(before + 80, abs=3)
    assert one.get_attribute("aria-valuenow") == str(layout_of(anna.actor, "leads").widths["stage"])
    page.reload()
    assert wide(page, "Stage") == pytest.approx(before + 80, abs=3)
    one.focus()
    with page.expect_response(lambda answer: answer.url.endswith("/widths")):
        page.keyboard.press("Home")
    page.reload()
    assert (wide(page, "Stage"), wide(page, "Value")) == (before, others)


def test_a_double_press_brings_the_usual_width_back(as_anna, make):
    make.lead("Acme")
    page = as_anna
    page.goto("/leads")
    before = wide(page, "Stage")
    drag(page, "Stage", 50)
    with page.expect_response(lambda answer: answer.url.endswith("/widths")):
        edge(page, "Stage").dblclick()
    assert wide(page, "Stage") == before


def test_right_to_left_it_grows_to_the_left(as_anna, make):
    make.set_up(language="x-rtl")
    make.lead("Acme")
    page = as_anna
    page.goto("/leads")
    head = page.locator("th[data-col=stage]")
    before = head.bounding_box()["width"]
    box = head.locator(".col-e").bounding_box()
    assert box["x"] - head.bounding_box()["x"] < 2
    x, y = box["x"] + 3, box["y"] + 9
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=4)
    with page.expect_response(lambda answer: answer.url.endswith("/widths")):
        page.mouse.up()
    assert head.bounding_box()["width"] == pytest.approx(before + 40, abs=2)
    head.locator(".col-e").focus()
    page.keyboard.press("ArrowLeft")
    assert head.bounding_box()["width"] == pytest.approx(before + 56, abs=2)


def test_escape_gives_up_and_a_narrowest_is_kept(as_anna, make, anna):
    make.lead("Acme")
    page = as_anna
    page.goto("/leads")
    before = wide(page, "Stage")
    box = edge(page, "Stage").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 9, steps=3)
    assert wide(page, "Stage") > before + 150
    page.keyboard.press("Escape")
    page.mouse.up()
    assert wide(page, "Stage") == before
    drag(page, "Stage", -900)
    assert layout_of(anna.actor, "leads").widths == {"stage": 32}


def test_a_phone_shows_cards_as_before(as_anna, make, anna):
    make.lead("Acme", organisation_name="Baltic Foods of the North")
    page = as_anna
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/leads")
    boxes = [cell.bounding_box() for cell in page.locator("tbody td:visible").all()]
    keep_widths("leads", {"name": 40, "organisation": 40, "stage": 700}, actor=anna.actor)
    page.reload()
    assert [cell.bounding_box() for cell in page.locator("tbody td:visible").all()] == boxes
    expect(page.locator(".col-e:visible")).to_have_count(0)
