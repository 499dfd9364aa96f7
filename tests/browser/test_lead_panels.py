"""Notes, calls, next steps and the timeline, as somebody uses them."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from leadboard.domain.leads import update_lead
from leadboard.domain.notes import edit_note
from leadboard.lib.dates import today_in
from leadboard.models import Activity, Lead, Note, Task

pytestmark = pytest.mark.browser
TODAY = today_in("Europe/Berlin")


@pytest.fixture
def open_as(second_browser):
    """open_as(anna, "/leads/1"): that page in somebody's browser."""

    def build(person, path, **options):
        page = second_browser(person, **options)
        page.goto(path)
        return page

    return build


@pytest.fixture
def lead(make, anna):
    return make.lead("Baltic Foods", owner=anna.user, value_amount=980_000)


def test_a_note_is_written_with_the_button_and_with_the_keys(lead, anna, open_as):
    page = open_as(anna, f"/leads/{lead.id}")

    page.get_by_label("Note", exact=True).last.fill("Budget **approved**, ask @ben")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#timeline strong")).to_have_text("approved")
    expect(page.locator("#timeline .mention")).to_have_text("@ben")
    expect(page.locator("#note-form textarea")).to_have_value("")
    expect(page.locator("#toasts")).to_contain_text("Note saved")

    page.locator("#note-form textarea").fill("Second")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .note")).to_have_text(["Second", "Budget approved, ask @ben"])
    assert [note.body for note in Note.select().order_by(Note.id)] == ["Budget **approved**, ask @ben", "Second"]


def test_what_was_typed_survives_a_refusal_and_a_reload_but_not_the_save(lead, anna, open_as):
    page = open_as(anna, f"/leads/{lead.id}")
    page.locator("#note-form textarea").fill("   ")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#note-form .error")).to_contain_text("empty")

    page.locator("#note-form textarea").fill("half a thought")
    page.get_by_text("Log a call").click()
    page.locator("#call-form textarea").fill("they rang")
    page.reload()
    expect(page.locator("#call-form textarea")).to_have_value("they rang")
    expect(page.locator("#call-form")).to_be_visible()
    page.locator("label", has_text="Note").first.click()
    expect(page.locator("#note-form textarea")).to_have_value("half a thought")

    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#timeline .note")).to_have_text("half a thought")
    page.reload()
    expect(page.locator("#note-form textarea")).to_have_value("")
    expect(page.locator("#call-form textarea")).to_have_value("they rang")


def test_drafts_are_gone_after_signing_out(lead, anna, open_as):
    page = open_as(anna, f"/leads/{lead.id}")
    page.locator("#note-form textarea").fill("secret")
    assert "secret" in page.evaluate("Object.values(localStorage).join()")

    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()

    assert page.evaluate("localStorage.length") == 0


def test_a_note_is_edited_in_its_place_and_tells_what_it_said_before(make, lead, anna, open_as):
    note_id = make.note(lead, "first thought", actor=anna.actor)
    page = open_as(anna, f"/leads/{lead.id}")

    page.locator(f"#n{note_id}").hover()
    page.get_by_label("Edit note").click()
    expect(page.locator(f"#edit-{note_id}")).to_be_focused()
    page.locator(f"#edit-{note_id}").fill("second thought")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#n{note_id} .note")).to_have_text("second thought")

    page.locator(f"#n{note_id}").get_by_text("edited").click()
    expect(page.locator(f"#h{note_id} .prose")).to_have_text("first thought")


def test_an_edit_that_meets_another_one_shows_both(make, lead, anna, mona, open_as):
    note_id = make.note(lead, "first", actor=anna.actor)
    page = open_as(anna, f"/leads/{lead.id}")
    page.locator(f"#n{note_id}").hover()
    page.get_by_label("Edit note").click()
    expect(page.locator(f"#edit-{note_id}")).to_be_focused()
    edit_note(note_id, body="by Mona", actor=mona.actor)

    page.locator(f"#edit-{note_id}").fill("by Anna")
    page.get_by_role("button", name="Save note").last.click()
    expect(page.locator(f"#n{note_id} .note")).to_have_text("by Mona")
    expect(page.locator(f"#edit-{note_id}")).to_have_value("by Anna")
    page.locator(f"#n{note_id}").get_by_role("button", name="Save note").click()
    expect(page.locator(f"#n{note_id} .note")).to_have_text("by Anna")


def test_a_note_is_pinned_deleted_and_brought_back(make, lead, anna, open_as):
    note_id = make.note(lead, "old", actor=anna.actor)
    make.note(lead, "new", actor=anna.actor)
    page = open_as(anna, f"/leads/{lead.id}")
    expect(page.locator("#timeline .note")).to_have_text(["new", "old"])

    page.locator(f"#n{note_id}").hover()
    page.locator(f"#n{note_id}").get_by_label("Pin").click()
    expect(page.locator("#timeline .note")).to_have_text(["old", "new"])

    page.locator(f"#n{note_id}").hover()
    page.locator(f"#n{note_id}").get_by_label("Delete note").click()
    expect(page.locator("#timeline .note")).to_have_text(["new"])
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(page.locator("#timeline .note")).to_have_text(["old", "new"])


def test_a_call_is_logged_with_the_step_that_came_out_of_it(lead, anna, open_as):
    page = open_as(anna, f"/leads/{lead.id}")
    page.get_by_text("Log a call").click()
    page.get_by_label("Direction").select_option(label="They called")
    page.get_by_label("Minutes").fill("4")
    page.locator("#call-form textarea").fill("Wants 40 seats")
    page.get_by_text("And then?").click()
    page.locator("#call-next_title").fill("Send the quote")
    page.locator("#call-form").get_by_text("Tomorrow").click()
    page.locator("#call-form").get_by_role("button", name="Save").click()

    expect(page.locator("#tasks-panel .step-i")).to_contain_text(["Send the quote"])
    expect(page.locator("#timeline")).to_contain_text("They called · Reached · 4 min")
    assert [(call.direction, call.duration_seconds) for call in Activity.select()] == [("incoming", 240)]
    assert [(task.title, task.due_on) for task in Task.select()] == [("Send the quote", TODAY + timedelta(days=1))]
    assert Lead.get_by_id(lead.id).next_task_on == TODAY + timedelta(days=1)


def test_steps_are_planned_done_and_the_last_one_asks_for_the_next(lead, anna, open_as):
    page = open_as(anna, f"/leads/{lead.id}")
    panel = page.locator("#tasks-panel")
    expect(panel).to_contain_text("What comes next?")
    panel.get_by_label("What").fill("Call the CFO")
    panel.get_by_label("Another day").fill("+3")
    panel.get_by_role("button", name="Add next step").click()
    expect(panel.locator(".step-i .what")).to_have_text("Call the CFO")
    expect(panel.locator(".step-add")).not_to_have_attribute("open", "")

    panel.get_by_label("Done: Call the CFO").click()
    expect(panel).to_contain_text("That was the last one. What comes next?")
    expect(page.locator("#panel-title")).to_be_focused()
    page.keyboard.type("Send the contract")
    page.keyboard.press("Enter")
    expect(panel.locator(".steps").first.locator(".what")).to_have_text("Send the contract")
    assert [(task.title, task.done_at is not None) for task in Task.select().order_by(Task.id)] == [
        ("Call the CFO", True),
        ("Send the contract", False),
    ]


def test_a_step_is_postponed_edited_and_deleted(make, lead, anna, open_as):
    task_id = make.task(lead, "Call", due_on=TODAY - timedelta(days=4), actor=anna.actor)
    page = open_as(anna, f"/leads/{lead.id}")
    panel = page.locator("#tasks-panel")
    expect(panel.locator(".due")).to_have_text("4 days late")

    panel.get_by_label("More for Call").click()
    panel.get_by_role("button", name="One week later").click()
    expect(panel.locator(".due.plan")).to_be_visible()
    assert Task.get_by_id(task_id).due_on == TODAY + timedelta(days=7)

    panel.get_by_text("Call", exact=True).click()
    form = page.locator(f"#t{task_id} form")
    form.get_by_label("What").fill("")
    form.get_by_label("What").evaluate("field => field.removeAttribute('required')")
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".error")).to_contain_text("Say what to do")
    form.get_by_label("What").fill("Mail")
    form.get_by_label("Another day").fill("tomorrow")
    form.get_by_role("button", name="Save").click()
    expect(panel.locator(".what")).to_have_text("Mail")
    expect(panel.locator(".due")).to_have_text("Tomorrow")

    panel.get_by_label("More for Mail").click()
    panel.get_by_role("button", name="Delete").click()
    expect(panel).to_contain_text("Nothing is planned.")
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(panel.locator(".what")).to_have_text("Mail")


def test_older_entries_come_as_the_list_is_scrolled(make, lead, anna, open_as):
    for number in range(70):
        make.note(lead, f"note {number}", actor=anna.actor)
    page = open_as(anna, f"/leads/{lead.id}")
    expect(page.locator("#timeline .note")).to_have_count(30)

    for count in (60, 70):
        page.locator("#timeline .tl-more, #timeline li").last.scroll_into_view_if_needed()
        expect(page.locator("#timeline .note")).to_have_count(count)

    expect(page.locator("#timeline .tl-d")).to_have_text(["Today"])
    expect(page.locator("#timeline")).to_contain_text("created this lead")


def test_without_scripts_everything_is_a_plain_form(make, lead, anna, open_as):
    for number in range(31):
        make.note(lead, f"note {number}", actor=anna.actor)
    page = open_as(anna, f"/leads/{lead.id}", java_script_enabled=False)

    page.locator("#note-form textarea").fill("no scripts here")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#timeline .note").first).to_have_text("no scripts here")
    expect(page.locator("#toasts")).to_contain_text("Note saved")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    assert Note.select().where(Note.deleted_at.is_null(False)).count() == 1

    page.goto(f"/leads/{lead.id}")
    page.locator("#note-form textarea").fill("  ")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".error")).to_contain_text("empty")
    page.goto(f"/leads/{lead.id}")
    page.get_by_text("Next step", exact=True).last.click()
    page.locator("#step-title").fill("Call")
    page.locator("#step-form").get_by_text("Today").click()
    page.locator("#step-form").get_by_role("button", name="Add next step").click()
    expect(page.locator("#tasks-panel .due")).to_have_text("Today")
    page.get_by_text("Show older").click()
    expect(page.locator("#timeline .note")).to_have_text(["note 2", "note 1", "note 0"])
    page.get_by_text("Back to the newest entries").click()
    expect(page.locator("#timeline .note").first).to_have_text("note 30")


def test_a_change_of_fields_shows_old_and_new(lead, anna, open_as):
    update_lead(lead.id, {"city": "Gdańsk", "value_amount": 1_200_000}, actor=anna.actor)

    page = open_as(anna, f"/leads/{lead.id}")

    expect(page.locator("#timeline .tl-c li").first).to_contain_text("9.800")
    expect(page.locator("#timeline .tl-c li").first).to_contain_text("12.000")


def test_the_steps_of_a_card_are_done_and_planned_on_the_board(make, lead, anna, open_as):
    make.task(lead, "Call", due_on=TODAY, actor=anna.actor)
    page = open_as(anna, f"/board/{lead.pipeline_id}")
    page.locator(f"#l{lead.id}").hover()
    page.locator(f"#l{lead.id} .lc-m").click()
    page.locator("#menu").get_by_text("Next steps").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator(".what")).to_have_text("Call")

    dialog.get_by_label("Done: Call").click()
    expect(dialog).to_contain_text("What comes next?")
    expect(page.locator("#card-title")).to_be_focused()
    page.keyboard.type("Mail")
    dialog.get_by_text("Tomorrow").click()
    dialog.get_by_role("button", name="Add next step").click()
    expect(dialog.locator(".what")).to_have_text("Mail")
    dialog.get_by_label("Close").click()
    expect(page.locator(f"#l{lead.id} .due")).to_contain_text("Mail")
    assert Lead.get_by_id(lead.id).next_task_on == TODAY + timedelta(days=1)
