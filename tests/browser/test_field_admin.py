"""Custom fields shaped by an admin in Chromium: wide, narrow, by keyboard, and without a script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.custom_fields import add_field, archive_field
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields
from leadboard.testing.people import Person
from tests.browser.conftest import carry_session
from tests.browser.test_screens import keep, overflow, serious

pytestmark = pytest.mark.browser

TIERS = {"choices": [{"key": "gold", "label": "Gold", "tone": "amber"}, {"key": "tin", "label": "Tin", "tone": "grey"}]}


def open_field(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_an_admin_shapes_a_field_from_nothing_to_deleted(admin: Page, make: Any, run_jobs: Callable[[], int]) -> None:
    page, known = admin, lambda: custom_fields().by_key
    page.goto("/admin/fields")
    page.get_by_role("link", name="Add the first field").click()
    page.get_by_role("link", name="Choice", exact=True).click()
    page.get_by_label("Label").fill("Tier")
    page.get_by_role("textbox", name="Choice 1").fill("Gold")
    page.get_by_label("Colour of choice 1").select_option("Amber")
    page.get_by_role("textbox", name="Choice 2").fill("Tin")
    page.get_by_role("textbox", name="Choice 3").fill("Iron")
    page.get_by_role("button", name="More rows").click()
    expect(page.get_by_role("textbox", name="Choice 6")).to_be_visible()
    page.get_by_role("button", name="Move up: Iron").click()
    expect(page.get_by_role("textbox", name="Choice 2")).to_have_value("Iron")
    page.get_by_label("Default").select_option("Tin")
    page.get_by_label("A column of the list").check()
    page.get_by_role("button", name="Add the field").click()
    expect(page.locator("#fields")).to_contain_text("Tier")
    assert [one["key"] for one in known()["tier"].definition.options["choices"]] == ["gold", "iron", "tin"]
    make.lead("Acme", **{"fields.tier": "iron"})

    open_field(page, "Tier")
    page.get_by_role("button", name="Remove: Iron").click()
    expect(page.get_by_role("textbox", name="Choice 3")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Iron").select_option("Gold")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#fields")).to_contain_text("Tier")

    open_field(page, "Tier")
    page.get_by_role("link", name="Change the type…").click()
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.locator("#preview")).to_contain_text("1 value converts")
    page.get_by_role("button", name="Change the type").click()
    expect(page.locator("#field-state")).to_contain_text("changed the type")
    assert known()["tier"].definition.type == "text"
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("textbox", name="Choice 1")).to_have_value("Gold")
    assert known()["tier"].definition.type == "choice"

    page.goto("/admin/fields")
    open_field(page, "Tier")
    page.get_by_role("button", name="Archive").click()
    page.locator("summary", has_text="Archived").click()
    page.get_by_role("link", name="Delete Tier").click()
    expect(page.get_by_text("1 lead has a value")).to_be_visible()
    page.get_by_label("Type tier to confirm").fill("tier")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("No custom fields yet")).to_be_visible()
    page.locator("summary", has_text="Deleted").click()
    page.get_by_role("button", name="Bring Tier back").click()
    expect(page.locator("summary", has_text="Archived")).to_be_visible()


def test_fields_are_put_in_order(admin: Page) -> None:
    page = admin
    for name in ("One", "Two", "Three"):
        add_field(name, "text", actor=SYSTEM)
    page.goto("/admin/fields")
    up = page.get_by_role("button", name="Move up: Three")
    up.focus()
    up.press("Enter")
    expect(page.locator("#fields .name")).to_have_text(["One", "Three", "Two"])


def test_fields_are_dragged(page: Page, ada: Person, live_server: str) -> None:
    carry_session(page.context, ada, live_server)
    for name in ("One", "Two", "Three"):
        add_field(name, "text", actor=SYSTEM)
    page.goto("/admin/fields")
    grips = page.locator("#fields .grip")
    with page.expect_response("**/admin/fields/order**"):
        grips.nth(2).drag_to(grips.nth(0))
    expect(page.locator("#fields .name")).to_have_text(["Three", "One", "Two"])
    assert list(custom_fields().by_key) == ["three", "one", "two"]


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_every_page_is_good_to_look_at(page: Page, ada: Person, live_server: str, make: Any, width: int, look: Any) -> None:
    carry_session(page.context, ada, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=look)
    page.goto("/admin/fields")
    problems = [f"empty: {one}" for one in (*serious(page), *overflow(page, width))]
    keep(page, f"fields-empty-{width}-{look}")
    tier = add_field(
        "Tier", "choice", options=TIERS, in_list=True, on_card=True, is_required=True, help="What they get", actor=SYSTEM
    )
    number = add_field("Number", "text", is_unique=True, actor=SYSTEM)
    area = add_field("Area " + "W" * 70, "text", key="area", actor=SYSTEM)
    old = add_field("Old", "day", actor=SYSTEM)
    archive_field(old.key, is_archived=True, actor=SYSTEM)
    for text in ("12", "many <b>", "W" * 200):
        make.lead(f"Lead {text[:9]}", **{"fields.area": text, "fields.tier": "tin"})
    pages = {
        "list": "/admin/fields", "types": "/admin/fields/new", "new": "/admin/fields/new?type=money",
        "choice": f"/admin/fields/{tier.id}", "text": f"/admin/fields/{number.id}", "retype": f"/admin/fields/{area.id}/type",
        "convert": f"/admin/fields/{area.id}/type?type=number", "make-choices": f"/admin/fields/{area.id}/type?type=choice",
        "delete": f"/admin/fields/{old.id}/delete",
    }  # fmt: skip
    for name, url in pages.items():
        page.goto(url, wait_until="networkidle")
        problems += [f"{name}: {one}" for one in (*serious(page), *overflow(page, width))]
        keep(page, f"fields-{name}-{width}-{look}")
    page.goto(pages["choice"])
    page.get_by_role("button", name="Remove: Tin").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".becomes")).to_be_visible()
    problems += [f"becomes: {one}" for one in (*serious(page), *overflow(page, width))]
    keep(page, f"fields-becomes-{width}-{look}")
    assert problems == []


def test_a_key_that_is_taken_is_told_with_a_free_one(admin: Page) -> None:
    page = admin
    add_field("Budget", "money", actor=SYSTEM)
    page.goto("/admin/fields/new?type=text")
    page.get_by_label("Label").fill("What they can pay")
    page.get_by_label("Key").fill("budget")
    page.get_by_label("Help").fill("In words")
    page.get_by_role("button", name="Add the field").click()
    expect(page.get_by_text("The key budget is taken. budget_2 is free.")).to_be_visible()
    expect(page.get_by_label("Label")).to_have_value("What they can pay")
    expect(page.get_by_label("Help")).to_have_value("In words")
    page.get_by_label("Key").fill("budget_2")
    page.get_by_role("button", name="Add the field").click()
    expect(page.locator("#fields .name")).to_have_text(["Budget", "What they can pay"])


def test_the_focus_stays_on_the_field_that_moves(page: Page, ada: Person, live_server: str) -> None:
    carry_session(page.context, ada, live_server)
    for name in ("One", "Two", "Three"):
        add_field(name, "text", actor=SYSTEM)
    page.goto("/admin/fields")
    page.get_by_role("button", name="Move up: Three").focus()
    for place, arrow in ((1, "up"), (0, "down")):
        page.keyboard.press("Enter")
        expect(page.locator("#fields .name").nth(place)).to_have_text("Three")
        expect(page.get_by_role("button", name=f"Move {arrow}: Three")).to_be_focused()
