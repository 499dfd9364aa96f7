"""Sources, lost reasons and tags kept by an admin in Chromium: wide, narrow, and without a script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.lists import not_stated_id
from leadboard.models import Lead, LostReason, Source
from leadboard.permissions import SYSTEM
from leadboard.queries.tags import known_tags

pytestmark = pytest.mark.browser

LISTS = {"sources": ("New source", Source), "lost-reasons": ("New reason", LostReason)}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_shaped_from_nothing(admin: Page, name: str) -> None:
    page, (hint, model) = admin, LISTS[name]
    shown = page.locator(".set").first.locator(".name")
    page.goto(f"/admin/{name}")
    expect(page.get_by_text("None yet. Type the first one below.")).to_be_visible()
    for text in ("Fair", "Phone", "Letter"):
        page.get_by_placeholder(hint).fill(text)
        page.get_by_role("button", name="Add").click()
        expect(shown.last).to_have_text(text)
    page.get_by_placeholder(hint).fill("FAIR")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".error")).to_contain_text("There is an entry with this name already")
    expect(page.get_by_placeholder(hint)).to_have_value("FAIR")

    page.get_by_role("button", name="Move down: Fair").press("Enter")
    expect(shown).to_have_text(["Phone", "Fair", "Letter"])
    if page.evaluate("typeof window.htmx") == "object":
        # Who goes on pressing goes on moving the same one.
        expect(page.get_by_role("button", name="Move down: Fair")).to_be_focused()
    page.get_by_role("button", name="Move up: Letter").click()
    expect(shown).to_have_text(["Phone", "Letter", "Fair"])
    page.get_by_role("link", name="Rename Letter").click()
    page.get_by_label("Name").fill("Post")
    page.get_by_role("button", name="Save").click()
    expect(shown).to_have_text(["Phone", "Post", "Fair"])
    page.get_by_role("button", name="Archive Phone").click()
    expect(shown).to_have_text(["Post", "Fair"])
    page.locator("summary", has_text="Archived").click()
    page.get_by_role("button", name="Offer Phone again").click()
    # It comes back to where it was.
    expect(shown).to_have_text(["Phone", "Post", "Fair"])
    assert [one.name for one in model.select().order_by(model.position, model.id)] == ["Phone", "Post", "Fair"]


def test_what_is_archived_is_not_offered_and_leads_keep_it(admin: Page, make: Any) -> None:
    page, lead = admin, make.lead("Acme")
    for text in ("Price", "Timing"):
        make.lost_reason(text)
    not_stated_id(actor=SYSTEM)
    page.goto("/admin/lost-reasons")
    expect(page.locator(".set-i", has_text="Not stated")).to_contain_text("Always there")
    page.get_by_role("button", name="Archive Price").click()
    page.goto(f"/leads/{lead.id}/menu")
    page.get_by_role("button", name="Lost …").click()
    expect(page.get_by_role("radio", name="Timing")).to_be_visible()
    expect(page.get_by_role("radio", name="Price")).to_have_count(0)
    page.get_by_role("radio", name="Timing").check()
    page.get_by_role("button", name="Mark as lost").click()
    expect(page.locator(".toast-i")).to_contain_text("Acme → Lost")
    page.goto("/admin/lost-reasons")
    page.get_by_role("button", name="Archive Timing").click()
    assert Lead.get_by_id(lead.id).lost_reason.name == "Timing"


def test_tags_are_shaped_from_nothing(admin: Page, make: Any) -> None:
    page, lead = admin, make.lead("Acme")
    page.goto("/admin/tags")
    page.get_by_label("Name").fill("vip")
    page.get_by_title("Red").click()
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".set .tag.tone-red")).to_have_text("vip")
    page.get_by_label("Name").fill("a, b")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#name-error")).to_contain_text("A tag has no comma in it")
    expect(page.get_by_label("Name")).to_have_value("a, b")

    page.get_by_role("link", name="Edit vip").click()
    page.get_by_label("Name").fill("Very important")
    page.get_by_title("Teal").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".set .tag.tone-teal")).to_have_text("Very important")
    page.goto(f"/leads/{lead.id}/tags")
    page.get_by_role("textbox", name="Tags").or_(page.get_by_role("combobox", name="Tags")).fill("very important")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("a.tag", has_text="Very important").first).to_be_visible()
    page.goto("/admin/tags")
    page.get_by_role("link", name="1 lead").click()
    expect(page.locator("td.who a")).to_have_text(["Acme"])
    page.goto("/admin/tags")
    page.get_by_role("button", name="Archive Very important").click()
    page.locator("summary", has_text="Archived").click()
    expect(page.get_by_role("button", name="Offer Very important again")).to_be_visible()
    page.goto(f"/leads/{lead.id}")
    expect(page.locator(".tag", has_text="Very important").first).to_be_visible()
    assert [(tag.name, tag.tone, tag.is_archived) for tag in known_tags().values()] == [("Very important", "teal", True)]
