"""Pipelines and stages shaped by an admin in Chromium: wide, narrow, by keyboard, and without a script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.pipelines import update_stage
from leadboard.domain.tags import add_tag
from leadboard.models import Lead, Pipeline
from leadboard.permissions import SYSTEM
from leadboard.queries.pipelines import pipelines
from leadboard.testing.people import Person
from tests.browser.conftest import carry_session
from tests.browser.test_screens import keep, overflow, serious

pytestmark = pytest.mark.browser


def stage_names(page: Page) -> Any:
    return page.locator("#stages .name")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast-i")).to_contain_text("Saved")


def test_a_pipeline_is_shaped_from_nothing(admin: Page, make: Any) -> None:
    page = admin
    make.field("Budget", "number")
    page.goto("/admin/pipelines")
    page.get_by_role("link", name="Add a pipeline").click()
    page.get_by_label("Name", exact=True).fill("Boats")
    page.get_by_label("Open stages").fill("First\nSecond")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(stage_names(page)).to_have_text(["First", "Second", "Won", "Lost"])

    page.get_by_role("link", name="Add a stage").click()
    page.get_by_label("Name", exact=True).fill("Third")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Edit Third").click()
    page.get_by_label("Name", exact=True).fill("Offer")
    page.get_by_label("Chance to win").fill("75")
    page.get_by_title("Pink").click()
    page.get_by_label("Days without contact").fill("5")
    page.get_by_label("Days in this stage").fill("30")
    page.get_by_label("Leads at once").fill("12")
    page.locator("summary", has_text="Fields that a lead needs").click()
    page.get_by_role("group", name="Fields that a lead needs").get_by_label("Budget").check()
    page.locator("summary", has_text="Leads go on to").click()
    page.get_by_role("group", name="Leads go on to").get_by_label("Won").check()
    save(page)
    expect(page.locator("#stages .set-i", has_text="Offer").locator(".rules span")).to_have_text(
        [
            "needs 1 field",
            "goes on to 1 stage",
            "marked after 5 days without contact",
            "marked after 30 days here",
            "up to 12 at once",
        ]
    )
    offer = pipelines()[-1].stages[2]
    assert (offer.name, offer.tone, offer.probability, offer.touch_days, offer.stay_days, offer.most_leads, offer.needed) == (
        "Offer", "pink", 75, 5, 30, 12, "fields.budget",
    )  # fmt: skip

    page.get_by_label("One of its leads is called").fill("Enquiry")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#record_plural-error")).to_contain_text("Say both")
    expect(page.get_by_label("One of its leads is called")).to_have_value("Enquiry")
    page.get_by_label("Several are called").fill("Enquiries")
    save(page)
    page.goto(f"/board/{offer.pipeline_id}")
    expect(page.get_by_role("link", name="New Enquiry").first).to_be_visible()


def test_stages_are_put_in_order_by_keyboard(admin: Page, make: Any) -> None:
    page = admin
    found = make.pipeline("Sales")
    page.goto(f"/admin/pipelines/{found.id}")
    up = page.get_by_role("button", name="Move up: Offer")
    up.focus()
    up.press("Enter")
    expect(stage_names(page)).to_have_text(["New", "Contacted", "Offer", "Meeting", "Won", "Lost"])
    down = page.get_by_role("button", name="Move down: New")
    down.focus()
    down.press("Enter")
    expect(stage_names(page)).to_have_text(["Contacted", "New", "Offer", "Meeting", "Won", "Lost"])


def test_the_focus_stays_on_the_stage_that_moves(page: Page, ada: Person, live_server: str, make: Any) -> None:
    carry_session(page.context, ada, live_server)
    page.goto(f"/admin/pipelines/{make.pipeline('Sales').id}")
    up = page.get_by_role("button", name="Move up: Offer")
    up.focus()
    for place in (2, 1, 0):
        page.keyboard.press("Enter")
        expect(stage_names(page).nth(place)).to_have_text("Offer")
        # At the top there is no further up: the other arrow of the same stage has it then.
        expect(up if place else page.get_by_role("button", name="Move down: Offer")).to_be_focused()


def test_stages_are_dragged(page: Page, ada: Person, live_server: str, make: Any) -> None:
    carry_session(page.context, ada, live_server)
    found = make.pipeline("Sales")
    page.goto(f"/admin/pipelines/{found.id}")
    grips = page.locator("#stages .grip")
    with page.expect_response("**/order"):
        grips.nth(3).drag_to(grips.nth(0))
    expect(stage_names(page)).to_have_text(["Offer", "New", "Contacted", "Meeting", "Won", "Lost"])
    page.wait_for_load_state("networkidle")
    with page.expect_response("**/order"):
        grips.nth(1).drag_to(grips.nth(3))
    expect(stage_names(page)).to_have_text(["Offer", "Contacted", "Meeting", "New", "Won", "Lost"])
    assert [stage.name for stage in pipelines()[0].stages][:4] == ["Offer", "Contacted", "Meeting", "New"]


def test_another_kind_closes_leads_and_the_last_of_a_kind_stays(admin: Page, make: Any) -> None:
    page = admin
    lead = make.lead("Acme", stage="Offer")
    page.goto(f"/admin/pipelines/{lead.pipeline_id}")
    page.get_by_role("link", name="Edit Offer").click()
    page.get_by_role("radio", name="Won").check()
    save(page)
    assert Lead.get_by_id(lead.id).closed_at is not None
    page.get_by_role("link", name="Edit Lost").click()
    page.get_by_label("Name", exact=True).fill("Gone")
    page.get_by_role("radio", name="Open").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".banner")).to_contain_text("Lost is the only lost stage of this pipeline. Add another lost one first.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Gone")
    page.get_by_label("Name", exact=True).fill("won")
    page.get_by_role("radio", name="Lost").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#name-error")).to_contain_text("There is a stage with this name already.")


def test_a_stage_is_deleted_its_leads_move_and_come_back(admin: Page, make: Any) -> None:
    page = admin
    leads = [make.lead(name, stage="Meeting") for name in ("Acme", "Birch")]
    page.goto(f"/admin/pipelines/{leads[0].pipeline_id}")
    page.get_by_role("link", name="Edit Meeting").click()
    page.get_by_role("link", name="Delete the stage…").click()
    expect(page.get_by_text("There are 2 leads in this stage")).to_be_visible()
    page.get_by_role("button", name="Delete the stage").click()
    expect(page.locator(".error")).to_contain_text("Choose the stage that the leads of Meeting go to.")
    page.get_by_label("Move its leads to").select_option("Offer")
    page.get_by_role("button", name="Delete the stage").click()
    expect(page.locator(".toast-i")).to_contain_text("Meeting is deleted; 2 leads were moved.")
    expect(stage_names(page)).to_have_text(["New", "Contacted", "Offer", "Won", "Lost"])
    assert {Lead.get_by_id(lead.id).stage.name for lead in leads} == {"Offer"}
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(stage_names(page)).to_have_text(["New", "Contacted", "Meeting", "Offer", "Won", "Lost"])
    assert {Lead.get_by_id(lead.id).stage.name for lead in leads} == {"Meeting"}


def test_a_pipeline_is_archived_and_used_again(admin: Page, make: Any) -> None:
    page = admin
    make.pipeline("Sales")
    found = make.pipeline("Partners")
    page.goto(f"/admin/pipelines/{found.id}")
    page.get_by_role("button", name="Archive").click()
    page.locator("summary", has_text="Archived").click()
    expect(page.get_by_role("button", name="Use Partners again")).to_be_visible()
    assert Pipeline.get_by_id(found.id).archived_at is not None
    page.get_by_role("link", name="Sales", exact=True).click()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator(".banner")).to_contain_text("This is the only pipeline in use. Add another one first.")
    page.goto("/admin/pipelines")
    page.locator("summary", has_text="Archived").click()
    page.get_by_role("button", name="Use Partners again").click()
    expect(page.get_by_role("link", name="Partners", exact=True)).to_be_visible()
    assert Pipeline.get_by_id(found.id).archived_at is None


def test_two_admins_at_one_stage(as_ada: Page, person: Any, second_browser: Any, make: Any) -> None:
    found = make.pipeline("Sales")
    one, two = as_ada, second_browser(person("Otto Other", "admin"))
    for page in (one, two):
        page.goto(f"/admin/pipelines/{found.id}")
        page.get_by_role("link", name="Edit Offer").click()
    one.get_by_title("Red").click()
    save(one)
    # Another field: both are kept. The same one: the second is told, and may write over it.
    two.get_by_label("Leads at once").fill("9")
    two.get_by_title("Teal").click()
    two.get_by_role("button", name="Save").click()
    expect(two.get_by_text("Somebody else changed this to “Red”")).to_be_visible()
    expect(two.get_by_label("Leads at once")).to_have_value("9")
    save(two)
    offer = pipelines()[0].stages[3]
    assert (offer.tone, offer.most_leads) == ("teal", 9)


def test_cards_show_what_is_chosen_for_their_board(admin: Page, make: Any) -> None:
    page = admin
    lead = make.lead("Acme", organisation_name="Acme GmbH", city="Gdynia")
    page.goto(f"/admin/pipelines/{lead.pipeline_id}")
    page.get_by_role("link", name="Cards").click()
    expect(page.get_by_role("group", name="Shown on cards")).to_be_hidden()
    page.get_by_label("The usual").uncheck()
    shown = page.get_by_role("group", name="Shown on cards")
    shown.get_by_label("Organisation").uncheck()
    shown.get_by_label("City").check()
    save(page)
    page.goto(f"/board/{lead.pipeline_id}")
    expect(page.locator(".lc .tag")).to_have_text(["Gdynia"])
    expect(page.locator(".lc")).not_to_contain_text("Acme GmbH")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width, language", [(1440, "en"), (360, "en"), (360, "x-rtl")])
def test_every_page_is_good_to_look_at(
    page: Page, ada: Person, live_server: str, make: Any, width: int, language: str, look: Any
) -> None:
    make.set_up(language=language)
    carry_session(page.context, ada, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=look)
    sales = make.pipeline("Sales " + "W" * 60)
    make.lost_reason("Price " + "W" * 60)
    make.source("Fair")
    tag = add_tag("Very important", tone="red", actor=SYSTEM)
    make.field("Budget " + "W" * 60, "number")
    new, meeting, won = make.stage("New"), make.stage("Meeting"), make.stage("Won")
    update_stage(
        new.id, actor=SYSTEM, name="New " + "W" * 70, needs=["email", "phone"], leads_to=[meeting.id], touch_days=7, stay_days=9,
        most_leads=1,
    )  # fmt: skip
    for name in ("Acme", "Birch"):
        lead = make.lead(name, stage="Meeting")
    pages = {
        "pipelines": "/admin/pipelines", "new": "/admin/pipelines/new", "pipeline": f"/admin/pipelines/{sales.id}",
        "cards": f"/admin/pipelines/{sales.id}/cards", "stage": f"/admin/pipelines/stages/{new.id}",
        "new-stage": f"/admin/pipelines/{sales.id}/stages/new", "delete": f"/admin/pipelines/stages/{meeting.id}/delete",
        "delete-last": f"/admin/pipelines/stages/{won.id}/delete", "sources": "/admin/sources", "reasons": "/admin/lost-reasons",
        "tags": "/admin/tags", "tag": f"/admin/tags/{tag}", "board": f"/board/{lead.pipeline_id}",
    }  # fmt: skip
    problems = []
    for name, url in pages.items():
        page.goto(url, wait_until="networkidle")
        problems += [f"{name}: {one}" for one in (*serious(page), *overflow(page, width))]
        keep(page, f"stages-{name}-{width}-{language}-{look}")
    assert problems == []
