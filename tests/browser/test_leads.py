"""Leads in Chromium: the list, a new lead, edits in place and their conflicts, the bin."""

import re

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.leads import delete_leads
from leadboard.models import Lead
from tests.browser.conftest import carry_session

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(make, anna):
    make.lost_reason("Price")
    return make.lead("Acme", owner=anna.user, city="Gdańsk", phone="+48 22 555 01 20", value_amount=120000)


def edit(page: Page, name: str):
    """Open the row of a field; its form."""
    row = page.locator(f"#f-{name}")
    row.hover()
    row.locator("a.fact-e").click()
    expect(row.locator("form")).to_be_visible()
    return row


def titles(page: Page):
    return page.locator("td.who a")


def test_a_lead_is_added_by_form(as_anna, make):
    make.pipeline()
    page = as_anna
    page.goto("/leads")
    page.get_by_role("main").get_by_role("link", name="New lead").click()
    page.get_by_label("Person").fill("Anna Nowak")
    page.get_by_label("Value").fill("lots")
    page.get_by_role("button", name="Add lead").click()
    expect(page.locator("#value_amount-error")).to_contain_text("lots is not an amount")
    expect(page.get_by_label("Person")).to_have_value("Anna Nowak")

    page.get_by_label("Value").fill("24.5k")
    page.get_by_role("button", name="Add lead").click()

    expect(page.get_by_role("heading", name="Anna Nowak")).to_be_visible()
    expect(page.locator(".lead-h .facts")).to_contain_text("24.500")
    expect(page.locator(".toast-i")).to_contain_text("Lead added")


def test_a_field_is_edited_in_place_with_the_keyboard_and_undone(as_anna, acme):
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    row = edit(page, "city")
    expect(row.locator("input[name=city]")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Sopot")
    page.keyboard.press("Enter")

    expect(row.locator("dd > span")).to_have_text("Sopot")
    expect(row.locator("a.fact-e")).to_be_focused()
    expect(page.locator(".toast-i")).to_contain_text("City saved")
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(page.locator("#f-city dd > span")).to_have_text("Gdańsk")
    expect(page.locator(".toast-i")).to_have_text(["Undone"])


def test_a_wrong_value_stays_in_its_row_until_it_is_right_or_cancelled(as_anna, acme):
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    page.get_by_text("Empty fields").click()
    row = edit(page, "probability")
    row.locator("input[name=probability]").fill("140")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".error")).to_contain_text("between 0 and 100")
    expect(row.locator("input[name=probability]")).to_have_value("140")
    row.get_by_role("link", name="Cancel").click()
    expect(row.locator(".none")).to_have_text("Not set")


def test_the_head_follows_the_fields(as_anna, acme):
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    row = edit(page, "value_amount")
    row.locator("input[name=value_amount]").fill("2500 USD")
    row.get_by_role("button", name="Save").click()
    expect(page.locator(".lead-h .facts b")).to_have_text(re.compile("2.500"))
    row = edit(page, "interest")
    row.locator("select").select_option("hot")
    row.get_by_role("button", name="Save").click()
    expect(page.locator(".lead-h .facts .tag")).to_have_text("Hot")
    assert (Lead.get_by_id(acme.id).value_amount, Lead.get_by_id(acme.id).value_currency) == (250000, "USD")


@pytest.mark.parametrize("choice, city", [("Yours", "Hel"), ("Anna Kowalska", "Sopot")])
def test_two_people_who_edit_one_field_see_both_values_and_choose(as_anna, ben, second_browser, acme, choice, city):
    one, other = as_anna, second_browser(ben)
    for page in (one, other):
        page.goto(f"/leads/{acme.id}")
    mine, theirs = edit(one, "city"), edit(other, "city")
    mine.locator("input[name=city]").fill("Sopot")
    mine.get_by_role("button", name="Save").click()
    expect(mine.locator("dd > span")).to_have_text("Sopot")

    theirs.locator("input[name=city]").fill("Hel")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.locator(".versus")).to_contain_text("Hel")
    expect(theirs.locator(".versus")).to_contain_text("Sopot")
    assert Lead.get_by_id(acme.id).city == "Sopot"
    theirs.locator("label", has_text=choice).click()
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.locator("dd > span")).to_have_text(city)
    assert Lead.get_by_id(acme.id).city == city
    expect(other.locator(".toast-i.bad")).to_have_count(0)


def test_the_stage_bar_moves_and_lost_asks_first(as_anna, acme):
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    page.locator(".path").get_by_role("button", name="Offer").click()
    expect(page.locator(".path .here")).to_contain_text("Offer")

    page.get_by_role("button", name="Lost").click()
    expect(page.locator("#dialog")).to_contain_text("Why was it lost?")
    assert Lead.get_by_id(acme.id).stage.name == "Offer"
    page.get_by_label("Price").check()
    page.locator("#dialog").get_by_role("button", name="Mark as lost").click()
    expect(page.locator(".path.lost .here")).to_contain_text("Price")


def test_a_lead_goes_to_the_bin_and_comes_back_by_undo(as_anna, acme):
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Move to the bin").click()
    expect(page).to_have_url(re.compile("/leads$"))
    expect(page.locator(".toast-i")).to_contain_text("1 lead is in the bin")

    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text(["Acme"])


def test_the_list_is_searched_as_one_types_sorted_and_paged(as_anna, make):
    for number in range(52):
        make.lead(f"Lead {number}", value_amount=number * 100, city="Sopot" if number < 3 else "")
    page = as_anna
    page.goto("/leads")
    page.get_by_label("Filter by text").press_sequentially("sopot")
    expect(titles(page)).to_have_text(["Lead 2", "Lead 1", "Lead 0"])
    expect(page).to_have_url(re.compile(r"q=sopot"))
    expect(page.get_by_label("Filter by text")).to_be_focused()

    page.get_by_role("link", name="Value").click()
    page.get_by_role("link", name="Value").click()
    expect(titles(page)).to_have_text(["Lead 0", "Lead 1", "Lead 2"])
    expect(page.get_by_label("Filter by text")).to_have_value("sopot")
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator(".pager")).to_contain_text("1–50 of 52")
    page.get_by_role("link", name="Next", exact=True).click()
    expect(titles(page)).to_have_text(["Lead 1", "Lead 0"])
    page.get_by_role("link", name="Previous").click()
    expect(titles(page)).to_have_count(50)

    page.get_by_label("Filter by text").fill("nobody has this")
    expect(page.get_by_role("heading", name="No lead matches")).to_be_visible()


def test_filters_are_set_and_taken_off_one_by_one(as_anna, make, anna):
    make.lead("Mine", owner=anna.user)
    make.lead("Free")
    page = as_anna
    page.goto("/leads")
    page.locator(".chips summary", has_text="Owner").click()
    page.locator(".chips").get_by_role("link", name="Nobody").click()
    expect(titles(page)).to_have_text(["Free"])
    expect(page.locator(".chip.on")).to_contain_text("Owner: Nobody")
    page.get_by_label("Remove filter: Owner").click()
    expect(titles(page)).to_have_text(["Free", "Mine"])


def test_ticked_leads_are_assigned_and_deleted_with_undo(as_mona, make, mona, anna):
    make.leads(3)
    page = as_mona
    page.goto("/leads?sort=title")
    expect(page.locator(".bulk")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(page.locator(".bulk")).to_contain_text("3 selected")
    page.get_by_label("New owner").select_option(label="Anna Kowalska")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator(".toast-i")).to_contain_text("3 leads assigned")
    expect(page).to_have_url(re.compile("sort=title"))
    assert [lead.owner_id for lead in Lead.select()] == [anna.id] * 3
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(page.locator("td", has_text="Anna Kowalska")).to_have_count(0)

    page.get_by_label("Select Lead 2").check()
    page.get_by_role("button", name="Move to the bin").click()
    expect(titles(page)).to_have_text(["Lead 1", "Lead 3"])
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(titles(page)).to_have_text(["Lead 1", "Lead 2", "Lead 3"])


def test_the_bin_restores_one_and_many(as_mona, make, mona):
    delete_leads([lead.id for lead in make.leads(3)], actor=mona.actor)
    page = as_mona
    page.goto("/bin")
    page.locator("tr", has_text="Lead 2").get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="Lead 2")).to_be_visible()

    page.goto("/bin")
    page.get_by_label("Select all on this page").check()
    page.locator(".bulk").get_by_role("button", name="Restore").click()
    expect(page.locator(".toast-i")).to_contain_text("2 leads restored")
    expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()


def test_without_scripts_everything_is_a_plain_form(browser, live_server, anna, ben, acme):
    context = browser.new_context(base_url=live_server, java_script_enabled=False)
    carry_session(context, anna, live_server)
    page = context.new_page()
    page.goto("/leads")
    page.get_by_label("Filter by text").fill("acme")
    page.get_by_role("search", name="Filter", exact=True).get_by_role("button", name="Apply").click()
    titles(page).click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("City").fill("Sopot")
    page.get_by_label("Probability").fill("140")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#probability-error")).to_contain_text("between 0 and 100")
    page.get_by_label("Probability").fill("40 %")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-city dd > span")).to_have_text("Sopot")
    expect(page.locator(".toast-i")).to_contain_text("Acme saved")

    page.locator("#f-phone").hover()
    page.locator("#f-phone a.fact-e").click()
    page.get_by_label("Phone").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#f-phone .none")).to_have_text("Not set")
    page.locator(".path").get_by_role("button", name="Contacted").click()
    expect(page.locator(".path .here")).to_contain_text("Contacted")
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Move to the bin").click()
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    assert Lead.get_by_id(acme.id).deleted_at is None
    context.close()
