"""Contacts and organisations in Chromium: the list and its search, several at once, the bin, at both widths."""

import re

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.merging import merge_records
from leadboard.domain.parties import delete_parties
from leadboard.models import Contact
from leadboard.permissions import SYSTEM

pytestmark = pytest.mark.browser


def names(page: Page):
    return page.locator("td.who a")


def test_ticked_contacts_are_assigned_and_deleted_with_undo(as_mona, make, mona, anna):
    for number in (1, 2, 3):
        make.contact(f"Contact {number}")
    page = as_mona
    page.goto("/contacts?sort=name")
    expect(page.locator(".bulk")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(page.locator(".bulk")).to_contain_text("3 selected")
    page.get_by_label("New owner").select_option(label="Anna Kowalska")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator(".toast-i")).to_contain_text("3 contacts assigned")
    expect(page).to_have_url(re.compile("sort=name"))
    assert [row.owner_id for row in Contact.select()] == [anna.id] * 3
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(page.locator("td", has_text="Anna Kowalska")).to_have_count(0)

    page.get_by_label("Select Contact 2").check()
    page.get_by_role("button", name="Move to the bin").click()
    expect(names(page)).to_have_text(["Contact 1", "Contact 3"])
    page.locator(".toast-i").get_by_role("button", name="Undo").click()
    expect(names(page)).to_have_text(["Contact 1", "Contact 2", "Contact 3"])


def test_the_search_narrows_while_one_types(as_mona, make):
    firm = make.organisation("Baltic Foods", website="baltic.example", country="PL")
    make.contact("Ewa Nowak", organisation=firm.id)
    make.contact("Jan Lis")
    page = as_mona
    page.goto("/contacts")

    page.get_by_label("Filter by text").press_sequentially("baltic")
    expect(names(page)).to_have_text(["Ewa Nowak"])
    expect(page).to_have_url(re.compile("q=baltic"))
    page.get_by_role("link", name="Clear filters").click()
    expect(names(page)).to_have_count(2)

    page.get_by_role("link", name="Organisations").click()
    page.get_by_role("search", name="Filter", exact=True).get_by_text("Country").click()
    page.get_by_role("link", name="Poland").click()
    expect(page.locator(".chip.on")).to_contain_text("Country: Poland")
    expect(names(page)).to_have_text(["Baltic Foods"])


def test_the_bin_restores_one_and_many_of_each_type(as_mona, make, mona):
    ids = [make.organisation(f"Firm {number}").id for number in (1, 2, 3)]
    delete_parties("organisation", ids, actor=mona.actor)
    kept, other = make.contact("Kept"), make.contact("Other")
    merge_records("contact", kept.id, other.id, actor=SYSTEM, values={})
    page = as_mona
    page.goto("/bin")
    page.get_by_label("What is in the bin").get_by_role("link", name="Organisations").click()
    page.locator("tr", has_text="Firm 2").get_by_role("button", name="Restore").click()
    expect(page.locator(".toast-i")).to_contain_text("1 organisation restored")
    expect(page.locator("td.who b")).to_have_count(2)
    page.get_by_label("Select all on this page").check()
    page.locator(".bulk").get_by_role("button", name="Restore").click()
    expect(page.locator(".toast-i")).to_contain_text("2 organisations restored")
    expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()

    page.get_by_label("What is in the bin").get_by_role("link", name="Contacts").click()
    expect(page.locator("td.who")).to_contain_text("Merged into Kept")
    expect(page.get_by_role("button", name="Restore")).to_have_count(0)
    page.get_by_role("link", name="Kept").click()
    expect(page).to_have_url(re.compile(f"/contacts/{kept.id}$"))


@pytest.mark.parametrize("path", ["contacts", "organisations", "bin?type=contact"])
def test_nothing_is_wider_than_a_phone(as_mona, make, mona, path):
    firm = make.organisation("A firm with a name that is as long as names of firms get " * 2, website=f"{'long' * 12}.example")
    long = make.contact("Nobody " * 20, email=f"{'nobody' * 8}@example.com", organisation=firm.id)
    delete_parties("contact", [make.contact("Gone " * 30).id], actor=mona.actor)
    assert long.id
    page = as_mona
    page.set_viewport_size({"width": 360, "height": 780})

    page.goto(f"/{path}")

    expect(page.locator("td.who").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("document.querySelector('nav.side').scrollWidth") <= 360
