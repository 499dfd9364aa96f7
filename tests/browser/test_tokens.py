"""A token, from the account page to a program that uses it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from leadboard.domain.passwords import hash_password
from leadboard.models import User

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def overflow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("width, scheme", [(1440, "light"), (360, "dark")])
def test_a_token_is_made_copied_used_and_revoked(width, scheme, as_ada, ada, make, live_server):
    make.pipeline()
    User.update(password_hash=hash_password(PASSWORD)).where(User.id == ada.id).execute()
    page = as_ada
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto("/account")
    page.get_by_label("What it is for").fill("Website form")
    page.get_by_label("It is good for").select_option("90")
    page.get_by_label("Read leads").check()
    page.get_by_label("Add, change, move, merge and delete leads").check()
    form = page.locator("form[action*='/account/tokens']").last
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_role("button", name="Make a token").click()

    shown = page.locator("#token-text")
    expect(shown).to_have_value(re.compile("lb_"))
    token = shown.input_value()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    assert not overflow(page)
    violations = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
    assert violations == []

    answer = page.request.post("/api/v1/leads", data={"title": "From the website"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 201
    page.goto(f"/leads/{answer.json()['id']}")
    expect(page.get_by_text("Ada Admin by API")).to_be_visible()

    page.goto("/account")
    expect(page.locator("#token-text")).to_have_count(0)
    item = page.locator("#tokens .set-i")
    expect(item).to_contain_text("last used")
    page.once("dialog", lambda dialog: dialog.accept())
    item.get_by_role("button", name="Revoke").click()
    expect(item).to_contain_text("Revoked")
    refused = page.request.get("/api/v1/leads", headers={"Authorization": f"Bearer {token}"})
    assert refused.status == 401
