"""A workbook through the wizard, in Chromium."""

import io
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from leadboard.db import forget_connection
from leadboard.jobs import Worker
from leadboard.models import Lead

pytestmark = pytest.mark.browser


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["Made by the fair"])
    sheet = book.create_sheet("Leads")
    for row in (["Company", "Phone", "Value"], ["Acme", 48601234567, 1234.5], ["Birch", None, "=1+1"]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_goes_in_and_out_again(as_ada: Page, make: Any, plugin: Any, worker: Worker) -> None:
    page = as_ada
    plugin("spreadsheets")
    make.pipeline("Sales")
    forget_connection()
    page.goto("/imports")
    page.set_input_files("#file", {"name": "fair.xlsx", "mimeType": "application/octet-stream", "buffer": workbook()})
    page.get_by_role("button", name="Upload and look at the columns").click()

    expect(page.get_by_text("Company · Phone · Value")).to_be_visible()
    expect(page.get_by_role("radio", name="Leads")).to_be_checked()
    page.get_by_role("button", name="Look at the columns").click()
    expect(page.get_by_label("Phone", exact=True)).to_have_value("phone")
    page.get_by_role("button", name="Check all rows").click()
    expect(page.get_by_role("region", name="Rejected rows")).to_contain_text("This formula was never worked out")
    page.get_by_role("button", name="Import 1 lead").click()

    expect(page.get_by_text("1 lead is imported.")).to_be_visible()
    lead = Lead.get()
    assert (lead.title, lead.phone, lead.value_amount) == ("Acme", "48601234567", 123450)

    page.goto("/leads/export")
    page.get_by_text("Excel workbook", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    with open(download.value.path(), "rb") as file:
        assert openpyxl.load_workbook(file)["Leads"]["A2"].value == "Acme"
