"""Custom fields in Chromium: edited in place on the lead page, then a column, an order and a filter of the list."""

import pytest
from playwright.sync_api import expect

from leadboard.domain.custom_fields import add_field
from leadboard.permissions import SYSTEM

pytestmark = pytest.mark.browser


def test_a_field_is_edited_on_the_lead_page_and_found_in_the_list(as_anna, anna, make):
    add_field("Tier", "choice", options={"choices": ["Silver", {"label": "Gold", "tone": "amber"}]}, in_list=True, actor=SYSTEM)
    add_field("Area", "number", in_list=True, actor=SYSTEM)
    add_field("Wines", "choices", options={"choices": ["Red", "White"]}, actor=SYSTEM)
    acme = make.lead("Acme", owner=anna.user)
    make.lead("Other", owner=anna.user, **{"fields.area": 5})
    page = as_anna
    page.goto(f"/leads/{acme.id}")
    page.get_by_text("Empty fields").click()

    def edit(name):
        row = page.locator(f"#f-fields-{name}")
        row.hover()
        row.locator("a.fact-e").click()
        expect(row.locator("form")).to_be_visible()
        return row

    row = edit("area")
    row.locator("input[name='fields.area']").fill("many")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".error")).to_contain_text("is not a number")
    row.locator("input[name='fields.area']").fill("80")
    row.get_by_role("button", name="Save").click()
    expect(row.locator("dd > span")).to_have_text("80")
    row = edit("tier")
    row.locator("select").select_option(label="Gold")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".tag.tone-amber")).to_have_text("Gold")
    row = edit("wines")
    row.get_by_label("White").check()
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".tag")).to_have_text("White")

    page.goto("/leads")
    page.get_by_role("link", name="Area", exact=True).click()
    expect(page.locator("td.who a")).to_have_text(["Other", "Acme"])
    chips = page.locator("#field-chips")
    chips.locator("summary", has_text="Area").click()
    chips.get_by_label("From").fill("60")
    chips.get_by_role("button", name="Apply").click()
    expect(page.locator("td.who a")).to_have_text(["Acme"])
    expect(chips.locator(".chip.on")).to_contain_text("≥ 60")
    chips.locator("summary", has_text="Tier").click()
    chips.get_by_role("link", name="Silver").click()
    expect(page.get_by_text("No lead matches")).to_be_visible()
    chips.get_by_role("link", name="Remove filter: Tier").click()
    expect(page.locator("td.who a")).to_have_text(["Acme"])


def test_quick_add_asks_for_a_required_field_in_place(as_anna, make):
    add_field("Tier", "choice", options={"choices": ["Silver", "Gold"]}, is_required=True, actor=SYSTEM)
    add_field("Contract", "text", is_required=True, actor=SYSTEM)
    make.pipeline()
    page = as_anna
    page.goto("/")
    page.locator(".stage-add").first.click()
    line = page.locator(".qa textarea")
    line.fill("Zoë Lund, Acme")
    line.press("Enter")
    needed = page.locator(".qa-need")
    expect(page.locator(".qa [role=alert]")).to_contain_text("Every lead needs: Tier, Contract.")
    expect(line).to_have_value("Zoë Lund, Acme")
    expect(needed.get_by_label("Tier")).to_be_focused()
    needed.get_by_label("Tier").select_option(label="Gold")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(needed.locator(".error")).to_have_text("Contract must not be empty.")
    expect(needed.get_by_label("Tier")).to_have_value("gold")
    needed.get_by_label("Contract").fill("A 12")
    needed.get_by_label("Contract").press("Enter")

    expect(page.locator(".lc-n")).to_have_text(["Zoë Lund"])
    expect(line).to_be_focused()
    expect(line).to_have_value("")
    expect(needed.get_by_label("Tier")).to_have_value("")
    expect(needed.get_by_label("Contract")).to_have_value("")
    expect(needed.locator(".error")).to_have_count(0)


def test_a_record_is_suggested_while_somebody_types(as_anna, anna, make):
    add_field("Adviser", "contact", key="adviser", actor=SYSTEM)
    make.contact("Zoë O'Brien", owner=anna.user)
    zofia = make.contact("Zofia Łódzka", owner=anna.user)
    lead = make.lead("Acme", owner=anna.user)
    page = as_anna
    page.goto(f"/leads/{lead.id}")
    page.get_by_text("Empty fields").click()
    row = page.locator("#f-fields-adviser")
    row.hover()
    row.locator("a.fact-e").click()
    box = row.get_by_role("combobox")
    box.press_sequentially("zo")
    expect(row.get_by_role("option")).to_have_count(2)
    # By keyboard: the second one, and save.
    expect(row.get_by_role("option", name="Zofia Łódzka")).to_be_visible()
    box.press_sequentially("f")
    expect(row.get_by_role("option")).to_have_count(1)
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value(f"Zofia Łódzka #{zofia.id}")
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_role("link", name="Zofia Łódzka")).to_have_attribute("href", f"/contacts/{zofia.id}")
