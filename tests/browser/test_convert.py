"""Converting, merging and splitting in Chromium."""

import pytest
from playwright.sync_api import Page, expect

from leadboard.db import one, rows
from leadboard.domain.parties import create_contact, create_organisation
from tests.browser.test_screens import keep, overflow, serious
from tests.support.buyers import COUNTS, acme_kitchen

pytestmark = pytest.mark.browser


@pytest.fixture
def lead(make, anna):
    return acme_kitchen(make, anna)


def converted(page: Page):
    return page.locator(".lead-h .facts").get_by_text("Converted")


def test_two_clicks_by_mouse_and_one_to_take_it_back(as_anna, lead):
    page = as_anna
    page.goto(f"/leads/{lead.id}")
    page.get_by_role("link", name="Convert").click()
    page.get_by_role("dialog").get_by_role("button", name="Convert").click()
    expect(converted(page)).to_be_visible()
    expect(page.locator(".toast-i")).to_contain_text("Acme kitchen is converted: Acme GmbH · Anna Kim")
    assert one(COUNTS) == (1, 1)
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(converted(page)).to_have_count(0)
    expect(page.get_by_role("link", name="Convert")).to_be_visible()
    assert one(COUNTS) == (0, 0)


def test_the_same_by_keyboard(as_anna, lead):
    page = as_anna
    page.goto(f"/leads/{lead.id}")
    page.get_by_role("link", name="Convert").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Convert")).to_be_focused()
    page.keyboard.press("Enter")
    expect(converted(page)).to_be_visible()
    converted(page).click()
    expect(page.get_by_role("dialog").get_by_role("link", name="Acme GmbH")).to_be_focused()
    page.get_by_role("button", name="Take the conversion back").click()
    expect(page.get_by_role("link", name="Convert")).to_be_visible()
    assert one(COUNTS) == (0, 0)


def test_a_suggestion_is_taken_and_another_one_refused(as_anna, lead, anna):
    firm = create_organisation({"name": "ACME", "website": "acme.example", "city": "Hamburg"}, actor=anna.actor).id
    create_contact({"name": "A. Kim", "email": "anna@acme.example"}, actor=anna.actor)
    page = as_anna
    page.goto(f"/leads/{lead.id}")
    page.get_by_role("link", name="Convert").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="ACME same domain acme.example")).to_be_checked()
    expect(dialog.get_by_text("same domain")).to_be_visible()
    expect(dialog.locator("#contact-name")).to_be_hidden()
    dialog.get_by_label("City of the lead").check()
    dialog.get_by_label("New person").check()
    dialog.locator("#contact-name").fill("")
    dialog.locator("#contact-email").fill("no address")
    dialog.get_by_role("button", name="Convert").click()
    expect(dialog.locator("#contact-email-error")).to_contain_text("is not an e-mail address")
    dialog.locator("#contact-name").fill("Anna Kim-Berg")
    dialog.locator("#contact-email").fill("a.kim@acme.example")
    dialog.get_by_role("button", name="Convert").click()
    expect(converted(page)).to_be_visible()
    assert rows("select id, name, city from organisation") == [(firm, "ACME", "Berlin")]
    assert rows("select name, email from contact order by id") == [
        ("A. Kim", "anna@acme.example"), ("Anna Kim-Berg", "a.kim@acme.example"),
    ]  # fmt: skip


def test_winning_on_the_board_offers_it(as_anna, lead):
    page = as_anna
    page.goto("/")
    page.locator(".lc").focus()
    page.locator(".lc .lc-m").click()
    page.locator("#menu").get_by_role("button", name="Won").click()
    page.locator(".toast-i").get_by_role("link", name="Make a customer of it?").click()
    page.get_by_role("dialog").get_by_role("button", name="Convert").click()
    expect(page.locator(".toast-i")).to_contain_text("Acme kitchen is converted")
    expect(page.locator("#board")).to_be_visible()
    assert one("select stage_id = (select id from stage where kind = 'won'), converted_at is not null from lead") in (
        (1, 1),
        (True, True),
    )


def test_two_contacts_are_merged_and_split(as_anna, anna):
    kim = create_contact({"name": "Anna Kim", "email": "anna@acme.example", "city": "Kiel"}, actor=anna.actor).id
    create_contact({"name": "A. Kim", "email": "ANNA@acme.example", "city": "Bonn"}, actor=anna.actor)
    page = as_anna
    page.goto(f"/contacts/{kim}/merge")
    page.get_by_role("link", name="A. Kim").click()
    page.get_by_role("group", name="City").get_by_text("Kiel").click()
    page.get_by_role("group", name="Name").get_by_text("Anna Kim", exact=True).click()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".toast-i")).to_contain_text("A. Kim is merged into Anna Kim")
    assert rows("select name, city from contact where deleted_at is null") == [("Anna Kim", "Kiel")]
    page.get_by_role("link", name="Split again A. Kim").click()
    page.get_by_role("dialog").get_by_role("button", name="Split again").click()
    expect(page.locator(".toast-i")).to_contain_text("A. Kim is a record of its own again")
    assert rows("select name, city from contact where deleted_at is null order by id") == [
        ("Anna Kim", "Kiel"),
        ("A. Kim", "Bonn"),
    ]


def test_two_firms_are_found_by_typing_and_merged_by_keyboard(as_anna, anna):
    acme = create_organisation({"name": "Acme"}, actor=anna.actor).id
    create_organisation({"name": "Birch Ltd"}, actor=anna.actor)
    page = as_anna
    page.goto(f"/organisations/{acme}/merge")
    expect(page.get_by_label("Search by name")).to_be_focused()
    page.keyboard.type("bir")
    expect(page.get_by_role("link", name="Birch Ltd")).to_be_visible()
    page.get_by_role("link", name="Birch Ltd").press("Enter")
    page.get_by_role("button", name="Merge").press("Enter")
    expect(page.locator(".toast-i")).to_contain_text("is merged into")
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(page.locator("#panel-merged")).to_have_count(0)
    assert one(COUNTS) == (2, 0)


def test_two_ticked_leads_are_merged_from_the_list_and_split(as_anna, make, anna):
    make.lead("Acme", owner=anna.user, actor=anna.actor)
    make.lead("Acme kitchen", owner=anna.user, actor=anna.actor)
    make.lead("Birch", owner=anna.user, actor=anna.actor)
    page = as_anna
    page.goto("/leads")
    merge = page.get_by_role("button", name="Merge")
    for name, is_there in (("Select Acme", False), ("Select Birch", True), ("Select Acme kitchen", False)):
        page.get_by_label(name, exact=True).check()
        expect(merge).to_be_visible(visible=is_there)
    page.get_by_label("Select Birch").uncheck()
    merge.click()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".toast-i")).to_contain_text("is merged into")
    page.get_by_role("link", name="Split again", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Split again").click()
    expect(page.locator(".toast-i")).to_contain_text("is a record of its own again")
    assert one("select count(*) from lead where deleted_at is null") == (3,)


@pytest.mark.parametrize(
    "look", [(1440, "light", "en"), (360, "light", "en"), (360, "dark", "x-rtl"), (1440, "dark", "en")], ids=str
)
def test_the_pages_are_sound(look, make, lead, anna, second_browser):
    width, scheme, language = look
    make.set_up(language=language)
    create_organisation({"name": "ACME", "website": "acme.example", "city": "Hamburg"}, actor=anna.actor)
    twin = make.lead("Acme", email="anna@acme.example", city="Kiel", value_amount=120000, owner=anna.user, actor=anna.actor)
    page = second_browser(anna, viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems = []
    for name, url in {
        "convert": f"/leads/{lead.id}/convert", "merge-with": f"/leads/{lead.id}/merge?q=Acme", "merge": f"/leads/{lead.id}/merge/{twin.id}",
    }.items():  # fmt: skip
        page.goto(url, wait_until="networkidle")
        problems += [f"{name}: {problem}" for problem in (*serious(page), *overflow(page, width))]
        keep(page, f"{name}-{width}-{scheme}-{language}")
    page.goto(f"/leads/{lead.id}", wait_until="networkidle")
    page.locator(".lead-a a[data-dialog]").first.click()
    expect(page.locator("#dialog form.conv")).to_be_visible()
    problems += [*serious(page), *overflow(page, width)]
    keep(page, f"convert-dialog-{width}-{scheme}-{language}")
    assert problems == []
