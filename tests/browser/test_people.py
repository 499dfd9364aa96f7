"""Signing in, colleagues and Settings in Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.passwords import hash_password
from leadboard.models import User
from leadboard.queries.pipelines import pipeline

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


@pytest.fixture
def dora(make):
    make.pipeline("Sales")
    return make.user("Dora Neri", password_hash=hash_password(PASSWORD))


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def stage_names(page: Page):
    return page.locator("#stages .name")


def test_signing_in_leads_where_one_wanted_to_go_and_signing_out_back(page, dora):
    page.goto("/account")
    sign_in(page, dora.email, "wrong")
    expect(page.locator("#password-error")).to_have_text("E-mail or password is wrong.")
    expect(page.get_by_label("Password")).to_be_focused()

    sign_in(page, dora.email, PASSWORD)
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_text("This browser", exact=True)).to_be_visible()

    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_guessing_gets_slow(page, dora):
    page.goto("/login")
    for _ in range(5):
        sign_in(page, dora.email, "wrong")
        expect(page.locator("#password-error")).to_be_visible()
    sign_in(page, dora.email, PASSWORD)

    expect(page.get_by_role("alert")).to_have_text(re.compile(r"Too many tries\. Wait \d seconds"))
    expect(page.get_by_label("E-mail")).to_have_value(dora.email)


def test_a_colleague_is_added_by_link_and_signs_in_in_a_browser_of_their_own(as_ada, make, second_browser):
    make.pipeline("Sales")
    page = as_ada
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/admin/people")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name").fill("Ben Carter")
    page.get_by_label("E-mail").fill("ben@team.example")
    page.get_by_role("radio", name="Manager").check()
    page.get_by_role("button", name="Add and get the link").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.get_by_label("Link", exact=True).input_value()

    his = second_browser(None)
    his.goto(link)
    expect(his.get_by_role("heading", name="Welcome, Ben Carter")).to_be_visible()
    his.get_by_label("New password").fill(PASSWORD)
    his.get_by_role("button", name="Save and sign in").click()
    expect(his.locator(".stage h2").first).to_have_text("New")

    page.goto("/admin/people")
    row = page.get_by_role("row", name="Ben Carter")
    expect(row).to_contain_text("Manager")
    expect(row).to_contain_text("Active")


def test_whoever_is_deactivated_is_out_with_the_next_click(as_ada, make, dora, second_browser):
    User.update(password_hash=hash_password(PASSWORD)).where(User.role == "admin").execute()
    make.leads(2, owner=dora)
    hers = second_browser(None)
    hers.goto("/login")
    sign_in(hers, dora.email, PASSWORD)
    hers.goto("/account")

    as_ada.goto(f"/admin/people/{dora.id}")
    as_ada.get_by_role("link", name="Deactivate…").click()
    expect(as_ada.get_by_text("They have: 2 leads.")).to_be_visible()
    as_ada.get_by_label("Give it all to").select_option(label="Ada Admin")
    as_ada.get_by_role("button", name="Deactivate").click()

    expect(as_ada.locator(".toast-i")).to_contain_text("Given away: 2 leads")
    hers.reload()
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_stage_moved_twice_in_a_hurry_ends_where_it_was_put(as_ada, make):
    make.lead("Acme", stage="Offer")
    page = as_ada
    page.goto("/admin/pipelines/1")
    held = []
    page.route("**/admin/pipelines/1/order", lambda route: held.append(route))

    with page.expect_request("**/admin/pipelines/1/order"):
        page.locator("#stages .set-i", has_text="Meeting").locator(".grip").drag_to(
            page.locator("#stages .set-i", has_text="New")
        )
    page.get_by_role("button", name="Move down: Meeting").click()
    with page.expect_response("**/admin/pipelines/stages/*/order"):
        held[0].continue_()

    expect(stage_names(page)).to_have_text(["New", "Meeting", "Contacted", "Offer", "Won", "Lost"])
    assert [stage.name for stage in pipeline(1).stages] == ["New", "Meeting", "Contacted", "Offer", "Won", "Lost"]


def test_stages_are_named_ordered_and_deleted(as_ada, make):
    make.lead("Acme", stage="Offer")
    page = as_ada
    page.goto("/admin/pipelines")
    page.get_by_role("link", name="Pipeline 1", exact=True).click()

    page.locator("#stages .set-i", has_text="Meeting").locator(".grip").drag_to(page.locator("#stages .set-i", has_text="New"))
    expect(stage_names(page)).to_have_text(["Meeting", "New", "Contacted", "Offer", "Won", "Lost"])
    page.get_by_role("button", name="Move down: Meeting").click()
    expect(stage_names(page)).to_have_text(["New", "Meeting", "Contacted", "Offer", "Won", "Lost"])

    page.get_by_role("link", name="Edit Contacted").click()
    page.get_by_label("Name", exact=True).fill("Prospecting")
    page.locator(".swatches .tone-pink").click()
    page.get_by_role("button", name="Save").click()
    expect(stage_names(page)).to_have_text(["New", "Meeting", "Prospecting", "Offer", "Won", "Lost"])

    page.get_by_role("link", name="Edit Offer").click()
    page.get_by_role("link", name="Delete the stage…").click()
    page.get_by_role("button", name="Delete the stage").click()
    expect(page.locator("#move_to-error")).to_contain_text("Choose the stage")
    page.get_by_label("Move its leads to").select_option(label="Prospecting")
    page.get_by_role("button", name="Delete the stage").click()
    expect(stage_names(page)).to_have_text(["New", "Meeting", "Prospecting", "Won", "Lost"])
    expect(page.locator("#stages .set-i", has_text="Prospecting")).to_contain_text("1 lead")

    page.get_by_role("link", name="Edit Won").click()
    page.get_by_role("link", name="Delete the stage…").click()
    expect(page.get_by_role("alert")).to_contain_text("Won is the only won stage")
    assert [stage.name for stage in pipeline(1).stages] == ["New", "Meeting", "Prospecting", "Won", "Lost"]


def test_a_pipeline_of_one_s_own(as_ada, make):
    make.pipeline("Sales")
    page = as_ada
    page.goto("/admin/pipelines/new")
    page.get_by_label("Name").fill("Deals")
    page.get_by_label("Open stages").fill("Prospecting\nEngaging")
    page.get_by_role("button", name="Add").click()

    expect(stage_names(page)).to_have_text(["Prospecting", "Engaging", "Won", "Lost"])


def test_dark_is_dark_on_the_next_page(as_anna, make):
    make.pipeline("Sales")
    as_anna.goto("/account")
    as_anna.get_by_role("radio", name="Dark").check()
    as_anna.get_by_role("button", name="Save").nth(1).click()

    expect(as_anna.locator("html")).to_have_attribute("data-bs-theme", "dark")
    as_anna.goto("/")
    expect(as_anna.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_phone_shows_the_pages_without_sideways_scrolling(as_ada, make):
    make.pipeline("Sales")
    as_ada.set_viewport_size({"width": 360, "height": 780})
    for path in (
        "/admin",
        "/admin/people",
        "/admin/people/new",
        "/admin/pipelines/1",
        "/admin/pipelines/stages/1",
        "/admin/sources",
        "/account",
    ):
        as_ada.goto(path)
        assert as_ada.evaluate("document.documentElement.scrollWidth") <= 360, path
