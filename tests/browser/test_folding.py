"""Columns that somebody folds away: what they still tell and take, on wide screens, on a phone, without a script."""

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.moves import move_lead
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from tests.browser.test_board import card, column, names, stage_of, toast
from tests.browser.test_screens import overflow, serious

pytestmark = pytest.mark.browser


@pytest.fixture
def leads(make):
    make.pipeline("Sales")
    return {name: make.lead(name, stage=stage) for name, stage in (("Acme", "New"), ("Birch", "New"), ("Cedar", "Contacted"))}


def folded(page: Page, name: str = "Contacted"):
    return page.locator(".folded", has_text=name)


def fold(page: Page, name: str = "Contacted") -> None:
    page.goto("/")
    column(page, name).hover()
    page.get_by_role("button", name=f"Fold {name}").click()
    expect(folded(page, name)).to_be_visible()


def test_a_folded_column_counts_what_comes_and_goes(as_anna, anna, leads, make):
    page = as_anna
    fold(page)
    expect(folded(page).locator(".count")).to_have_text("1")
    move_lead(leads["Acme"].id, to_stage_id=make.stage("Contacted").id, actor=SYSTEM)
    expect(folded(page).locator(".count")).to_have_text("2")

    card(page, "Birch").locator(".lc-n").focus()
    page.keyboard.press("KeyM")
    page.get_by_role("dialog").get_by_role("button", name="Contacted").click()
    expect(toast(page, "Birch → Contacted")).to_be_visible()
    expect(folded(page).locator(".count")).to_have_text("3")
    toast(page, "Birch → Contacted").get_by_role("button", name="Undo").click()
    expect(folded(page).locator(".count")).to_have_text("2")
    expect(names(page, "New")).to_have_text(["Birch"])
    page.get_by_role("button", name="Show Contacted").click()
    expect(names(page, "Contacted")).to_have_text(["Acme", "Cedar"])


def test_a_folded_column_is_no_way_around_a_stage(as_anna, leads):
    """One stage on by keyboard is the next stage, also while it is folded; and a card is dropped on it."""
    page = as_anna
    fold(page)
    card(page, "Acme").locator(".lc-n").focus()
    page.keyboard.press("BracketRight")
    expect(toast(page, "Acme → Contacted")).to_be_visible()
    expect(names(page, "New")).to_have_text(["Birch"])
    expect(card(page, "Birch").locator(".lc-n")).to_be_focused()
    card(page, "Birch").drag_to(folded(page))
    expect(toast(page, "Birch → Contacted")).to_be_visible()
    expect(folded(page).locator(".count")).to_have_text("3")
    assert {name: stage_of(lead) for name, lead in leads.items()} == dict.fromkeys(leads, "Contacted")


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "plain"])
def test_on_a_phone_a_folded_column_says_so_and_opens(second_browser, anna, leads, scripts, make):
    stage = make.stage("New")
    anna.post(f"/board/{stage.pipeline_id}/stages/{stage.id}/fold", {"folded": "1"})
    page = second_browser(anna, java_script_enabled=scripts, viewport={"width": 360, "height": 740})
    page.goto("/")
    # It begins with a column that shows something.
    expect(names(page, "Contacted")).to_have_text(["Cedar"])
    page.locator(".stage-tabs a", has_text="New").click()
    expect(page.get_by_text("You folded this column.")).to_be_visible()
    expect(card(page, "Cedar")).to_be_hidden()
    assert overflow(page, 360) == []
    if scripts:
        assert serious(page) == []
    page.get_by_role("button", name="Show New").click()
    expect(names(page, "New")).to_have_text(["Birch", "Acme"])
    assert Lead.select().count() == 3
