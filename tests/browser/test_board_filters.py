"""Finding on the board by what it shows: the bar of a column, waiting leads, chips of next steps, tags and custom fields."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leadboard.db import execute, now_ms
from leadboard.domain.pipelines import update_stage
from leadboard.domain.tags import set_tags
from leadboard.permissions import SYSTEM
from leadboard.queries.settings import today
from tests.browser.test_board import column, names
from tests.browser.test_screens import overflow, serious

pytestmark = pytest.mark.browser

DAY_MS = 86_400_000


@pytest.fixture
def board(make: Any) -> Any:
    """Leads in New: with a late step, a planned one, none; and one in Meeting that waits too long."""
    make.pipeline("Sales")
    make.field("Tier", "choice", options={"choices": ["Gold", "Tin"]})
    late, planned = make.lead("Late", **{"fields.tier": "gold"}), make.lead("Planned")
    make.lead("Nothing")
    make.task(late, due_on=today() - timedelta(days=1))
    make.task(planned, due_on=today() + timedelta(days=5))
    update_stage(make.stage("Meeting").id, actor=SYSTEM, stay_days=30)
    waits = make.lead("Waits", stage="Meeting")
    make.lead("Fresh", stage="Meeting")
    execute("update lead set stage_entered_at = ? where id = ?", (now_ms() - 40 * DAY_MS, waits.id))
    return make


def test_a_part_of_the_bar_shows_just_those_leads_and_again_all(as_anna: Page, board: Any) -> None:
    page = as_anna
    page.goto("/")
    bar = column(page, "New").locator(".bar")
    bar.get_by_role("link", name="1 lead with an overdue step").click()
    expect(names(page, "New")).to_have_text(["Late"])
    expect(page.locator(".chip.on")).to_contain_text("Next step")
    page.get_by_role("link", name="Remove filter: Next step").click()
    expect(names(page, "New")).to_have_text(["Nothing", "Planned", "Late"])
    # By keyboard, to another part.
    bar.get_by_role("link", name="1 lead without a next step").focus()
    page.keyboard.press("Enter")
    expect(names(page, "New")).to_have_text(["Nothing"])


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "plain"])
def test_leads_that_wait_are_marked_and_found(second_browser: Any, anna: Any, board: Any, scripts: bool) -> None:
    page = second_browser(anna, java_script_enabled=scripts)
    page.goto("/")
    expect(page.locator(".tag.stale")).to_have_text(["40 days here"])
    page.get_by_role("link", name="Stale").click()
    expect(page.locator(".lc-n")).to_have_text(["Waits"])
    page.get_by_role("link", name="Remove filter: Stale").click()
    expect(page.locator(".lc-n")).to_have_count(5)


def test_chips_narrow_the_board(as_anna: Page, anna: Any, board: Any) -> None:
    page = as_anna
    lead = board.lead("Tagged", stage="Offer")
    set_tags(lead.id, ["vip"], actor=SYSTEM)
    page.goto("/")
    page.locator(".filters summary", has_text="Next step").click()
    page.locator(".filters").get_by_role("link", name="Planned").click()
    expect(page.locator(".lc-n")).to_have_text(["Planned"])
    page.get_by_role("link", name="Remove filter: Next step").click()
    page.locator(".filters summary", has_text="Tag").click()
    page.locator(".filters").get_by_role("link", name="vip").click()
    expect(page.locator(".lc-n")).to_have_text(["Tagged"])
    page.get_by_role("link", name="Remove filter: Tag").click()
    page.locator("#field-chips summary", has_text="Tier").click()
    page.locator("#field-chips").get_by_role("link", name="Gold").click()
    expect(page.locator(".lc-n")).to_have_text(["Late"])
    # A drop and the live board keep to what is filtered.
    expect(column(page, "New").locator(".stage-c")).to_have_text("1")


def test_on_a_phone_chips_of_custom_fields_wait_behind_filter(second_browser: Any, anna: Any, board: Any) -> None:
    for number in range(9):
        board.field(f"Field {number} " + "W" * 40, "number")
    page = second_browser(anna, viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto("/")
    expect(page.locator("#field-chips summary").first).to_be_hidden()
    page.locator("label.more-l").click()
    page.locator("#field-chips summary", has_text="Tier").click()
    assert overflow(page, 360) == []
    assert serious(page) == []
    page.locator("#field-chips").get_by_role("link", name="Gold").click()
    expect(names(page, "New")).to_have_text(["Late"])
    # What is filtered by is always told.
    expect(page.locator("#field-chips .chip.on")).to_contain_text("Tier")
