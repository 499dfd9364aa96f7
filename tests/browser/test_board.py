"""The board in Chromium: every way of moving, and what happens when a move is refused."""

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.moves import move_lead
from leadboard.models import Event, Lead
from leadboard.permissions import SYSTEM

pytestmark = pytest.mark.browser


@pytest.fixture
def leads(make, anna, app):
    """Three leads of Anna's: two in New (Birch on top of Acme), one in Offer."""
    make.pipeline("Sales pipeline")
    for name in ("Price", "Timing"):
        make.lost_reason(name)
    acme = make.lead("Acme", owner=anna.user, value_amount=100_00)
    birch = make.lead("Birch & Co", owner=anna.user, value_amount=200_00)
    cedar = make.lead("Cedar", stage="Offer", owner=anna.user, value_amount=300_00)
    return {"acme": acme, "birch": birch, "cedar": cedar}


def column(page: Page, name: str):
    return page.locator(".stage[data-stage]", has=page.locator("h2", has_text=name))


def names(page: Page, stage: str):
    return column(page, stage).locator(".lc-n")


def card(page: Page, name: str):
    return page.locator(".lc", has_text=name)


def toast(page: Page, text: str):
    return page.locator(".toast-i", has_text=text)


def stage_of(lead) -> str:
    return Lead.get_by_id(lead.id).stage.name


def drag_to_zone(page: Page, name: str, zone: str) -> None:
    """The zones appear only while something is dragged, so the mouse goes there by hand."""
    card(page, name).hover()
    page.mouse.down()
    page.mouse.move(600, 500, steps=3)
    box = page.locator(f'.zone[data-zone="{zone}"]')
    expect(box).to_be_in_viewport(ratio=1)
    at = box.bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.mouse.move(at["x"] + at["width"] / 2 + 2, at["y"] + at["height"] / 2)
    page.mouse.up()


def test_drag_by_mouse_saves_place_headers_and_toast(as_anna, leads):
    page = as_anna
    page.goto("/")
    card(page, "Acme").drag_to(card(page, "Cedar"), target_position={"x": 50, "y": 8})

    expect(toast(page, "Acme → Offer")).to_be_visible()
    expect(names(page, "Offer")).to_have_text(["Acme", "Cedar"])
    expect(column(page, "New").locator(".stage-c")).to_have_text("1")
    expect(column(page, "Offer").locator(".stage-s")).to_contain_text("400")
    assert stage_of(leads["acme"]) == "Offer"
    page.reload()
    expect(names(page, "Offer")).to_have_text(["Acme", "Cedar"])


def test_undo_in_the_toast_puts_the_card_back_to_its_place(as_anna, leads):
    page = as_anna
    page.goto("/")
    card(page, "Birch").drag_to(card(page, "Cedar"))
    toast(page, "Birch & Co → Offer").get_by_role("button", name="Undo").click()

    expect(names(page, "New")).to_have_text(["Birch & Co", "Acme"])
    expect(toast(page, "Undone")).to_be_visible()
    assert stage_of(leads["birch"]) == "New"


def test_move_by_keyboard_keeps_the_focus_and_says_where(as_anna, leads):
    page = as_anna
    page.goto("/")
    card(page, "Acme").locator(".lc-n").focus()
    page.keyboard.press("Alt+ArrowRight")

    expect(names(page, "Contacted")).to_have_text(["Acme"])
    expect(card(page, "Acme").locator(".lc-n")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("Acme moved to Contacted, 1 of 1")
    expect(toast(page, "Acme → Contacted")).to_be_visible()
    page.keyboard.press("BracketRight")
    expect(names(page, "Meeting")).to_have_text(["Acme"])
    expect(toast(page, "Acme → Meeting")).to_be_visible()
    page.keyboard.press("KeyM")
    page.get_by_role("dialog").get_by_role("button", name="Offer").click()
    expect(names(page, "Offer")).to_have_text(["Acme", "Cedar"])
    assert stage_of(leads["acme"]) == "Offer"


def test_single_keys_can_be_switched_off(as_anna, leads):
    page = as_anna
    page.goto("/account")
    page.get_by_label("Single-key shortcuts on the board").uncheck()
    page.goto("/")
    card(page, "Acme").locator(".lc-n").focus()
    page.keyboard.press("BracketRight")
    page.keyboard.press("Alt+ArrowRight")

    expect(toast(page, "Acme → Contacted")).to_be_visible()
    assert Event.select().where(Event.kind == "lead_moved").count() == 1


def test_arrows_move_the_focus_between_cards(as_anna, leads):
    page = as_anna
    page.goto("/")
    card(page, "Birch").locator(".lc-n").focus()
    page.keyboard.press("ArrowDown")
    expect(card(page, "Acme").locator(".lc-n")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(card(page, "Cedar").locator(".lc-n")).to_be_focused()


def test_touch_drag_after_a_long_press(second_browser, anna, leads):
    page = second_browser(anna, has_touch=True, viewport={"width": 1200, "height": 800})
    page.goto("/")
    start, end = card(page, "Acme").bounding_box(), card(page, "Cedar").bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, x=None, y=None):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if x is None else [{"x": x, "y": y}]})

    x, y = start["x"] + 60, start["y"] + 20
    send("touchStart", x, y)
    expect(page.locator(".lc-chosen")).to_be_visible()
    for step in range(1, 11):
        send("touchMove", x + (end["x"] + 60 - x) * step / 10, y + (end["y"] + 10 - y) * step / 10)
    expect(column(page, "Offer").locator(".lc-ghost")).to_be_visible()
    send("touchEnd")

    expect(toast(page, "Acme → Offer")).to_be_visible()
    assert stage_of(leads["acme"]) == "Offer"


def test_a_refused_move_goes_back_to_where_the_database_has_the_card(as_anna, leads):
    page = as_anna
    page.goto("/")
    page.locator("#poll").evaluate("poll => poll.remove()")
    move_lead(leads["acme"].id, to_stage_id=leads["acme"].stage_id + 1, actor=SYSTEM)
    card(page, "Acme").drag_to(card(page, "Cedar"))

    expect(toast(page, "Acme was moved to Contacted by somebody else")).to_be_visible()
    expect(names(page, "Contacted")).to_have_text(["Acme"])
    expect(names(page, "Offer")).to_have_text(["Cedar"])
    assert stage_of(leads["acme"]) == "Contacted"


def test_dropping_on_lost_asks_for_the_reason_before_saving(as_anna, leads):
    page = as_anna
    page.goto("/")
    drag_to_zone(page, "Acme", "lost")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Acme is lost")
    assert stage_of(leads["acme"]) == "New"
    dialog.get_by_text("Cancel").click()
    expect(names(page, "New")).to_have_text(["Birch & Co", "Acme"])

    drag_to_zone(page, "Acme", "lost")
    dialog.get_by_text("Price").click()
    dialog.get_by_label("Lost to").fill("Rival Ltd")
    dialog.get_by_role("button", name="Mark as lost").click()
    expect(names(page, "New")).to_have_text(["Birch & Co"])
    expect(page.locator("#closed-count")).to_have_text("1")
    lead = Lead.get_by_id(leads["acme"].id)
    assert (lead.stage.kind, lead.lost_reason.name, lead.lost_to) == ("lost", "Price", "Rival Ltd")


def test_not_now_takes_the_card_off_the_board_until_its_day(as_anna, leads):
    page = as_anna
    page.goto("/")
    drag_to_zone(page, "Acme", "later")
    page.get_by_role("dialog").get_by_role("button", name="In a month").click()

    expect(names(page, "New")).to_have_text(["Birch & Co"])
    expect(toast(page, "Acme comes back on")).to_be_visible()
    assert Lead.get_by_id(leads["acme"].id).snoozed_until is not None


def test_won_bin_and_undo_from_the_card_menu(as_anna, leads):
    page = as_anna
    page.goto("/")
    card(page, "Acme").locator(".lc-m").click()
    page.locator("#menu").get_by_role("button", name="Won").click()
    expect(toast(page, "Acme → Won")).to_be_visible()
    expect(names(page, "New")).to_have_text(["Birch & Co"])

    card(page, "Birch").locator(".lc-m").click()
    page.locator("#menu").get_by_role("button", name="Move to the bin").click()
    expect(names(page, "New")).to_have_count(0)
    toast(page, "Birch & Co is in the bin").get_by_role("button", name="Undo").click()
    expect(names(page, "New")).to_have_text(["Birch & Co"])
    assert stage_of(leads["acme"]) == "Won"


def test_another_pipeline_asks_for_the_stage(as_anna, leads, make):
    make.pipeline("Partners", stages=(("First talk", "open", 10), ("Won", "won", 100), ("Lost", "lost", 0)))
    page = as_anna
    page.goto("/")
    drag_to_zone(page, "Acme", "pipeline")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Stage").select_option(label="First talk")
    dialog.get_by_role("button", name="Move").click()

    expect(toast(page, "Acme → First talk")).to_be_visible()
    expect(names(page, "New")).to_have_text(["Birch & Co"])
    page.locator("summary", has_text="Sales pipeline").click()
    page.get_by_role("link", name="Partners").click()
    expect(names(page, "First talk")).to_have_text(["Acme"])


def test_everything_works_without_javascript(second_browser, anna, leads):
    page = second_browser(anna, java_script_enabled=False)
    page.goto("/")
    card(page, "Acme").locator(".lc-m").click()
    page.get_by_role("link", name="Move to …").click()
    page.get_by_role("button", name="Offer").click()
    expect(page.locator(".toast-i")).to_contain_text("Acme → Offer")
    expect(names(page, "Offer")).to_have_text(["Acme", "Cedar"])
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(names(page, "New")).to_have_text(["Birch & Co", "Acme"])

    card(page, "Acme").locator(".lc-m").click()
    page.get_by_role("button", name="Lost …").click()
    page.get_by_label("Timing").check()
    page.get_by_role("button", name="Mark as lost").click()
    expect(names(page, "New")).to_have_text(["Birch & Co"])

    column(page, "Contacted").locator(".stage-add").click()
    page.locator("textarea").fill("Anna Kim, Acme, anna@acme.example")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(names(page, "Contacted")).to_have_text(["Anna Kim"])


def test_two_browsers_on_one_board_see_each_other(as_anna, ben, leads, second_browser):
    page, other = as_anna, second_browser(ben)
    page.goto("/")
    other.goto("/")
    card(other, "Cedar").locator(".lc-n").focus()
    card(page, "Acme").drag_to(card(page, "Cedar"), target_position={"x": 50, "y": 8})

    expect(names(other, "Offer")).to_have_text(["Acme", "Cedar"], timeout=3500)
    expect(names(other, "New")).to_have_text(["Birch & Co"])
    expect(column(other, "New").locator(".stage-c")).to_have_text("1")
    expect(card(other, "Cedar").locator(".lc-n")).to_be_focused()
    assert Event.select().where(Event.kind == "lead_moved").count() == 1


def test_quick_add_understands_the_line_and_many_lines(as_anna, leads):
    page = as_anna
    page.goto("/")
    column(page, "Contacted").locator(".stage-add").click()
    line = page.locator(".qa textarea")
    line.press_sequentially("Anna Kim, Acme GmbH, anna@acme.example, +49 30 901820, 12k")
    expect(page.locator(".qa-p")).to_contain_text("anna@acme.example")
    line.press("Enter")

    expect(names(page, "Contacted")).to_have_text(["Anna Kim"])
    expect(line).to_have_value("")
    expect(line).to_be_focused()
    line.fill("Ewa, Birch\nTom, Cedar")
    line.press("Enter")
    expect(names(page, "Contacted")).to_have_text(["Ewa", "Tom", "Anna Kim"])
    lead = Lead.get(Lead.person_name == "Anna Kim")
    assert (lead.organisation_name, lead.email_key, lead.phone_e164, lead.value_amount, lead.value_currency) == (
        "Acme GmbH", "anna@acme.example", "+4930901820", 1_200_000, "EUR",
    )  # fmt: skip


def test_long_columns_load_more_while_scrolling(as_anna, make, anna):
    make.leads(60, owner=anna.user)
    page = as_anna
    page.goto("/")
    more = page.locator(".more a")
    more.scroll_into_view_if_needed()
    expect(names(page, "New")).to_have_count(50)
    more.scroll_into_view_if_needed()
    expect(names(page, "New")).to_have_count(60)
    expect(more).to_have_count(0)


def test_phone_shows_one_stage_at_a_time_and_moves_by_the_menu(second_browser, anna, leads):
    page = second_browser(anna, viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto("/")
    expect(column(page, "New")).to_be_visible()
    expect(column(page, "Offer")).to_be_hidden()
    card(page, "Acme").locator(".lc-m").click()
    page.locator("#menu").get_by_role("link", name="Move to …").click()
    page.get_by_role("dialog").get_by_role("button", name="Offer").click()
    expect(toast(page, "Acme → Offer")).to_be_visible()
    page.locator(".stage-tabs a", has_text="Offer").click()
    expect(names(page, "Offer")).to_have_text(["Acme", "Cedar"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
