"""Where the focus is after something was saved, refused, left or taken away; what a phone and an empty board show."""

import pytest
from playwright.sync_api import expect

from leadboard.domain.notes import add_note

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(make, anna):
    return make.lead("Acme", owner=anna.user, value_amount=100_00)


def test_a_refused_page_opens_on_the_field_to_mend(as_anna, acme):
    page = as_anna
    page.goto("/account")
    page.get_by_label("Name").fill("Anna K.")
    page.get_by_label("New password").fill("short")
    page.get_by_label("Current password").last.fill("whatever it is")
    page.get_by_role("button", name="Set the new password").click()

    expect(page.locator(":focus")).to_have_attribute("aria-invalid", "true")


def test_the_focus_stays_beside_a_note_that_is_edited_pinned_and_deleted(as_anna, anna, acme):
    note_id = add_note(acme.id, body="First", actor=anna.actor).id
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    note = page.locator(f"#n{note_id}")

    note.get_by_label("Edit note").click()
    note.locator("textarea").fill("Second")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(note.locator(".note")).to_have_text("Second")
    expect(note.locator(":focus")).to_have_count(1)

    note.get_by_label("Pin").click()
    expect(note.get_by_label("Unpin")).to_be_focused()

    note.get_by_label("Delete note").click()
    expect(note).to_have_count(0)
    expect(page.locator("main :focus")).to_have_count(1)


def test_escape_leaves_a_field_and_a_note_as_they_were(as_anna, anna, acme):
    note_id = add_note(acme.id, body="First", actor=anna.actor).id
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    value = page.locator("#f-value_amount")

    value.get_by_label("Edit: Value").click()
    value.locator("input[name=value_amount]").fill("999")
    page.keyboard.press("Escape")
    expect(value.locator("input")).to_have_count(0)
    expect(value.get_by_label("Edit: Value")).to_be_focused()

    page.locator(f"#n{note_id}").get_by_label("Edit note").click()
    page.locator(f"#n{note_id} textarea").fill("999")
    page.keyboard.press("Escape")
    expect(page.locator(f"#n{note_id} .note")).to_have_text("First")


def test_a_day_that_is_not_one_has_the_focus(as_anna, acme):
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    panel = page.locator("#tasks-panel")

    panel.get_by_label("What").fill("Call")
    panel.get_by_label("Another day").fill("blursday")
    page.keyboard.press("Enter")

    expect(panel.get_by_text("“blursday” is not a day")).to_be_visible()
    expect(panel.get_by_label("Another day")).to_be_focused()


def test_the_focus_goes_to_the_next_card_when_one_leaves_the_board(as_anna, make, anna, acme):
    make.lead("Birch", owner=anna.user)
    page = as_anna
    page.goto("/")
    page.locator(".lc-n", has_text="Birch").focus()
    page.keyboard.press("m")
    page.locator("#dialog").get_by_role("button", name="Won").click()

    expect(page.locator(".lc-n")).to_have_text(["Acme"])
    expect(page.locator(".lc-n", has_text="Acme")).to_be_focused()


def test_the_first_card_takes_the_words_about_an_empty_board_away(as_anna, make):
    make.pipeline()
    page = as_anna
    page.goto("/")
    words = page.get_by_text("Nothing on this board yet")
    expect(words).to_be_visible()

    page.locator(".stage-add").first.click()
    page.locator(".qa textarea").fill("Anna Kim, Acme")
    page.keyboard.press("Enter")

    expect(page.locator(".lc-n")).to_have_text(["Anna Kim"])
    expect(words).to_be_hidden()
    expect(page.locator("#board-totals")).to_contain_text("1 lead")


def test_a_card_never_cuts_the_day_of_its_step(as_anna, make, acme):
    make.task(acme, "Confirm the date of the demonstration in November with everybody who decides", due_on=None)
    late = make.lead("Late")
    make.task(late, "Confirm the date of the demonstration in November with everybody who decides", due_on="2020-01-01")
    page = as_anna
    page.goto("/")
    due = page.locator(f"#l{late.id} .due")

    expect(due).to_contain_text("d late")
    assert due.evaluate("due => due.scrollWidth <= due.clientWidth")
    assert due.locator("i").evaluate("step => step.scrollWidth > step.clientWidth")


@pytest.mark.parametrize("url", ["/", "/leads"])
def test_a_phone_has_every_filter(url, second_browser, anna, acme):
    page = second_browser(anna, viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto(url)
    expect(page.locator("summary", has_text="Owner")).to_be_hidden()

    page.locator("label", has_text="Filter").tap()
    page.locator("summary", has_text="Owner").tap()
    page.get_by_role("link", name="Nobody").tap()

    expect(page.locator(".chip.on")).to_contain_text("Owner: nobody", ignore_case=True)
    expect(page.get_by_text("Acme")).to_have_count(0)


def test_a_phone_shows_the_tab_of_settings_that_is_open(second_browser, ada):
    page = second_browser(ada, viewport={"width": 360, "height": 740})
    page.goto("/admin/sample")

    expect(page.locator(".subnav [aria-current]")).to_be_in_viewport(ratio=0.9)
