"""Mails from a folder, in Chromium."""

import os
import time

import pytest
from leadboard_plugins.mail_drop import taking
from playwright.sync_api import expect

from leadboard.api import SYSTEM
from leadboard.domain.plugins import disable, remove_data, save_settings

pytestmark = pytest.mark.browser

LETTER = """From: Ilse <{name}@hof.example>
To: anna@team.example
Subject: About the roof, {name}
Message-ID: <{name}>

The roof leaks.

On Fri, Anna wrote:
> How is the roof?
"""


@pytest.fixture(autouse=True)
def on(plugin, tmp_path):
    plugin("mail_drop")
    folder = tmp_path / "Maildir"
    (folder / "new").mkdir(parents=True)
    for name in ("ilse", "otto"):
        path = folder / "new" / name
        path.write_text(LETTER.format(name=name))
        os.utime(path, (time.time() - 60, time.time() - 60))
    save_settings("mail_drop", {"folder": str(folder)}, {}, actor=SYSTEM)
    yield
    disable("mail_drop", actor=SYSTEM)
    remove_data("mail_drop", actor=SYSTEM)


def test_a_mail_is_read_on_the_lead_page_and_one_of_a_stranger_becomes_a_lead(as_anna, make):
    lead = make.lead("Ferienhof Lüders", email="ilse@hof.example")
    taking.read_folder()
    page = as_anna
    page.goto(f"/leads/{lead.id}")
    expect(page.locator("ol.tl")).to_contain_text("About the roof, ilse")
    page.locator("#panel-mail_drop-mails").get_by_role("link", name="About the roof").click()
    expect(page.get_by_text("How is the roof?")).to_be_hidden()
    page.get_by_text("Quoted text").click()
    expect(page.get_by_text("How is the roof?")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="E-mail").click()
    page.get_by_role("link", name="About the roof, otto").click()
    page.get_by_label("Title of the lead").fill("Otto")
    page.get_by_role("button", name="Make a lead with this address").click()
    expect(page.get_by_role("heading", name="Otto").first).to_be_visible()
    expect(page.locator("ol.tl")).to_contain_text("The roof leaks.")
