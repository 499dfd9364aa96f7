"""Sample data, added and removed from Settings."""

import pytest
from playwright.sync_api import expect

from leadboard import jobs
from leadboard.domain.setup import prepare_instance
from leadboard.models import Lead

pytestmark = pytest.mark.browser


def test_sample_data_is_added_and_removed(as_ada, make):
    prepare_instance()
    make.lead("My own")
    page = as_ada

    page.goto("/admin")
    page.get_by_role("link", name="Sample data").click()
    page.get_by_role("button", name="Add 200 sample leads").click()
    expect(page.get_by_text("Writing sample leads: 0 of 200.")).to_be_visible()
    jobs.run_due()
    expect(page.get_by_text("There are 200 sample leads")).to_be_visible()

    page.get_by_role("link", name="Remove sample data…").click()
    expect(page.get_by_text("This cannot be undone.")).to_be_visible()
    page.get_by_role("button", name="Remove sample data").click()
    expect(page.get_by_text("200 leads left")).to_be_visible()
    jobs.run_due()
    expect(page.get_by_text("There is no sample data.")).to_be_visible()
    assert [lead.title for lead in Lead.select()] == ["My own"]
