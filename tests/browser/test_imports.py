"""The import wizard in Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leadboard.db import forget_connection
from leadboard.domain.parties import create_contact
from leadboard.jobs import Worker
from leadboard.models import Contact, Lead, Organisation
from leadboard.permissions import SYSTEM

pytestmark = pytest.mark.browser

DEALS = b"""\
opportunity_id,sales_agent,product,account,deal_stage,close_value
A1,Moses Frase,GTX Basic,Cancity,Won,1054
A2,Darcel Schlecht,GTXPro,,Engaging,
A3,Nobody Known,MG Special,Isdom,Lost,ask him
"""


@pytest.fixture
def deals(make: Any) -> None:
    make.pipeline("Sales", (("Prospecting", "open", 10), ("Engaging", "open", 40), ("Won", "won", 100), ("Lost", "lost", 0)))
    forget_connection()


def put(page: Page, content: bytes) -> None:
    page.goto("/imports")
    page.set_input_files("#file", {"name": "deals.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload and look at the columns").click()


def test_a_file_goes_in_and_is_taken_back(as_ada: Page, deals: None, worker: Worker) -> None:
    page = as_ada
    put(page, DEALS)
    expect(page.get_by_label("account", exact=True)).to_have_value("organisation_name")
    page.get_by_label("product", exact=True).select_option("Leave out")
    page.get_by_label("Make missing owners").check()
    page.get_by_role("button", name="Check all rows").click()

    expect(page.locator(".tally").first).to_have_text("2new")
    expect(page.get_by_role("region", name="Rejected rows")).to_contain_text("“ask him” is not an amount")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all 1").click()
    assert download.value.suggested_filename.startswith("rejected-")
    page.get_by_role("button", name="Import 2 leads").click()

    expect(page.get_by_text("2 leads are imported.")).to_be_visible()
    assert [lead.title for lead in Lead.select().order_by(Lead.id)] == ["Cancity", "A2"]
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo this import").click()

    expect(page.get_by_text("Taken back: 2 leads are removed.")).to_be_visible()
    assert Lead.select().count() == 0


ACCOUNTS = b"""\
account,sector,employees,subsidiary of
Birch Ltd,Food,12,Acme Holding
Acme Holding,Food,400,
Cancity,Retail,30,Nowhere Inc
"""


def test_organisations_come_in_and_leads_are_linked_to_them(as_ada: Page, deals: None, worker: Worker) -> None:
    page = as_ada
    put(page, ACCOUNTS)
    # Its columns say that a row is a firm; that can be changed and changed back.
    expect(page.get_by_role("button", name="Organisations")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Contacts", exact=True).click()
    expect(page.get_by_role("button", name="Contacts", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Organisations").click()
    expect(page.get_by_label("subsidiary of")).to_have_value("parent")
    page.get_by_role("button", name="Check all rows").click()
    expect(page.locator(".tally").first).to_have_text("3new")
    expect(page.get_by_text("The import also makes: 1 organisations.")).to_be_visible()
    page.get_by_role("button", name="Import 3 organisations").click()
    expect(page.get_by_text("3 organisations are imported.")).to_be_visible()
    assert Organisation.get(Organisation.name == "Birch Ltd").parent.name == "Acme Holding"

    put(page, b"Deal name,Company,Person,Email\nFirst,BIRCH,Ewa Ellis,ewa@birch.example\nSecond,New Firm,Tom Nair,\n")
    page.get_by_label("People and organisations").select_option("Link them, and make those that are missing")
    page.get_by_role("button", name="Check all rows").click()
    expect(page.get_by_text("The import also makes: 2 contacts, 1 organisations.")).to_be_visible()
    page.get_by_role("button", name="Import 2 leads").click()
    expect(page.get_by_text("2 leads are imported.")).to_be_visible()
    expect(page.get_by_text("2 leads are linked to their organisation.")).to_be_visible()

    first = Lead.get(Lead.title == "First")
    assert (first.organisation_name, first.organisation.name, first.contact.name) == ("BIRCH", "Birch Ltd", "Ewa Ellis")
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Taken back: 2 leads are removed.")).to_be_visible()
    assert (Contact.select().count(), Organisation.select().count()) == (0, 4)


def test_contacts_leave_as_a_file(as_mona: Page, app: Any) -> None:
    create_contact({"name": "Anna Nowak", "email": "anna@acme.example"}, actor=SYSTEM)
    forget_connection()
    as_mona.goto("/contacts/export")
    as_mona.get_by_text("Exact", exact=True).click()
    with as_mona.expect_download() as download:
        as_mona.get_by_role("button", name="Download").click()

    assert download.value.suggested_filename.startswith("contacts-")
    with open(download.value.path(), encoding="utf-8") as file:
        assert [line.split(",")[0] for line in file] == ["Name", "Anna Nowak"]


def test_the_right_encoding_is_chosen_by_looking(as_ada: Page, deals: None) -> None:
    put(as_ada, "Imię;Firma\nŁucja;Żółw\n".encode("cp1250"))

    expect(as_ada.locator("mark").first).to_be_visible()
    as_ada.get_by_text("cp1250", exact=True).click()
    as_ada.get_by_role("button", name="Look at the columns").click()

    expect(as_ada.locator("table.map")).to_contain_text("Łucja")


def test_without_javascript_the_wizard_goes_to_its_end(
    second_browser: Callable[..., Page], ada: Any, deals: None, worker: Worker
) -> None:
    page = second_browser(ada, java_script_enabled=False)
    put(page, b"Company\nAcme\nBirch\n")
    page.get_by_role("button", name="Check all rows").click()

    expect(page.get_by_role("button", name="Import 2 leads")).to_be_visible()
    page.get_by_role("button", name="Import 2 leads").click()

    expect(page.get_by_text("2 leads are imported.")).to_be_visible()


def test_a_list_leaves_as_a_file(as_mona: Page, make: Any) -> None:
    make.lead("Here", stage="New")
    make.lead("There", stage="Offer")
    forget_connection()
    as_mona.goto("/leads")
    as_mona.get_by_role("searchbox").fill("here")
    expect(as_mona.locator("#export")).to_have_attribute("href", "/leads/export?q=here")
    as_mona.get_by_role("link", name="Export").click()
    as_mona.get_by_text("Exact", exact=True).click()
    with as_mona.expect_download() as download:
        as_mona.get_by_role("button", name="Download").click()

    with open(download.value.path(), encoding="utf-8") as file:
        assert [line.split(",")[0] for line in file] == ["Title", "Here", "There"]
