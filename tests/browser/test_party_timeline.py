"""Notes, steps and calls of a contact and an organisation, as somebody uses them."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_contact, create_organisation
from leadboard.domain.relations import link_lead
from leadboard.lib.dates import today_in
from leadboard.models import Activity, Contact, Note, Task

pytestmark = pytest.mark.browser
TODAY = today_in("Europe/Berlin")


@pytest.fixture
def acme(anna):
    return create_organisation({"name": "Acme"}, actor=anna.actor).id


@pytest.fixture
def kim(anna, acme):
    return create_contact({"name": "Kim Lee", "organisation": acme}, actor=anna.actor).id


@pytest.mark.parametrize("width", [1440, 360])
def test_a_contact_is_worked_with(width, kim, anna, second_browser):
    page = second_browser(anna, viewport={"width": width, "height": 800})
    page.goto(f"/contacts/{kim}")

    page.locator("#note-form textarea").fill("Likes **tea**, ask @ben")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline strong")).to_have_text("tea")
    expect(page.locator("#timeline .mention")).to_have_text("@ben")
    expect(page.locator("#toasts")).to_contain_text("Note saved")

    panel = page.locator("#tasks-panel")
    panel.get_by_text("Add a next step").click()
    panel.get_by_label("What").fill("Send the catalogue")
    panel.get_by_label("Another day").fill("+3")
    panel.get_by_role("button", name="Add next step").click()
    expect(panel.locator(".step-i .what")).to_have_text("Send the catalogue")
    assert Contact.get_by_id(kim).next_task_on == TODAY + timedelta(days=3)
    panel.get_by_label("Done: Send the catalogue").click()
    expect(panel.locator(".steps-done .what")).to_have_text("Send the catalogue")
    expect(page.locator("#timeline")).to_contain_text("did Send the catalogue")

    page.get_by_text("Log a call").click()
    page.locator("#call-form textarea").fill("half a th")
    page.reload()
    expect(page.locator("#call-form textarea")).to_have_value("half a th")
    page.locator("#call-form textarea").fill("Wants 40 seats")
    page.get_by_label("Minutes").fill("4")
    page.locator("#call-form").get_by_role("button", name="Save").click()
    expect(page.locator("#timeline")).to_contain_text("I called · Reached · 4 min")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    note = page.locator("#timeline .tl-i", has_text="Likes tea")
    note.hover()
    note.get_by_label("Pin").click()
    expect(page.locator("#timeline .note.pinned")).to_have_text("Likes tea, ask @ben")
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(page.locator("#timeline .note.pinned")).to_have_count(0)
    assert [(row.contact_id, row.lead_id) for row in [*Note.select(), *Task.select(), *Activity.select()]] == [(kim, None)] * 3


@pytest.mark.parametrize("scripts", [True, False])
def test_everything_of_a_firm_or_only_its_own(scripts, make, acme, kim, anna, second_browser):
    lead = make.lead("Kitchen", owner=anna.user)
    link_lead(lead.id, organisation_id=acme, actor=anna.actor)
    for number in range(31):
        add_note(body=f"own {number}", organisation_id=acme, actor=anna.actor)
    add_note(body="of Kim", contact_id=kim, actor=anna.actor)
    add_note(lead.id, body="of the kitchen", actor=anna.actor)
    page = second_browser(anna, java_script_enabled=scripts)
    page.goto(f"/organisations/{acme}")
    expect(page.locator("#timeline .note").first).to_have_text("of the kitchen")

    page.get_by_role("link", name="Only this organisation").click()
    expect(page.locator("#timeline .note").first).to_have_text("own 30")
    expect(page.locator(".tl-f [aria-current]")).to_have_text("Only this organisation")
    page.locator("#note-form textarea").fill("own 31")
    page.get_by_role("button", name="Save note").click()
    if scripts:
        expect(page.locator("#timeline .note").first).to_have_text("own 31")
        expect(page).to_have_url(f"/organisations/{acme}?entries=own")
        page.locator("#timeline .tl-more, #timeline li").last.scroll_into_view_if_needed()
        expect(page.locator("#timeline .note")).to_have_count(32)
        page.reload()
    else:
        page.get_by_role("link", name="Only this organisation").click()
        page.get_by_text("Show older").click()
        expect(page.locator("#timeline .note")).to_have_text(["own 1", "own 0"])
        page.get_by_text("Back to the newest entries").click()
    expect(page.locator("#timeline .note").first).to_have_text("own 31")

    page.get_by_role("link", name="Everything").click()
    page.get_by_role("link", name="Kitchen").first.click()
    expect(page).to_have_url(f"/leads/{lead.id}")


def test_a_viewer_reads(acme, kim, anna, vera, second_browser):
    add_note(body="of Kim", contact_id=kim, actor=anna.actor)
    page = second_browser(vera)
    page.goto(f"/organisations/{acme}")

    expect(page.locator("#timeline .note")).to_have_text("of Kim")
    expect(page.locator("#composer")).to_have_count(0)
    expect(page.locator("#tasks-panel")).to_contain_text("Nothing is planned.")
