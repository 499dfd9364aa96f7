"""Required custom fields where a lead is made: quick add, forms, imports; and leads that came by a way that cannot ask."""

import io

import pytest

from leadboard.domain.custom_fields import add_field
from leadboard.models import Lead
from leadboard.permissions import SYSTEM


@pytest.fixture
def tier(app):
    return add_field("Tier", "choice", options={"choices": ["Silver", "Gold"]}, is_required=True, actor=SYSTEM)


def quick_add(person, pipeline, **sent):
    return person.htmx(f"/board/{pipeline.id}/quick-add", sent, method="POST")


def test_quick_add_asks_for_what_every_lead_needs_and_keeps_the_text(tier, make, anna, vera, html):
    pipeline = make.pipeline()

    answer = quick_add(anna, pipeline, text="Zoë Lund, Acme")
    assert answer.status_code == 422
    page = html(answer)
    assert page.one("textarea").text == "Zoë Lund, Acme"
    assert "Every lead needs: Tier." in page.one("[role=alert]").text
    assert page.one(".qa-need select").attrs["name"] == "fields.tier"
    assert "fields.tier" not in anna.htmx(f"/board/{pipeline.id}/quick-add", method="GET").text

    again = quick_add(anna, pipeline, **{"text": "Zoë Lund, Acme", "fields.tier": ""})
    assert again.status_code == 422 and "Tier must not be empty." in html(again).one(".qa-need .error").text
    wrong = quick_add(anna, pipeline, **{"text": "Zoë Lund, Acme", "fields.tier": "platinum"})
    assert wrong.status_code == 422 and "not one of" in html(wrong).one(".qa-need .error").text
    assert quick_add(vera, pipeline, **{"text": "x", "fields.tier": "gold"}).status_code == 403
    assert Lead.select().count() == 0

    assert quick_add(anna, pipeline, **{"text": "Zoë Lund, Acme", "fields.tier": "gold"}).status_code == 200
    assert [(lead.title, lead.fields) for lead in Lead.select()] == [("Zoë Lund", {"tier": "gold"})]


def test_many_pasted_lines_are_asked_once_and_all_or_none(tier, make, anna, mona, html):
    pipeline = make.pipeline()
    lines = "One, Acme\nTwo, Acme\nThree, Acme"

    answer = quick_add(anna, pipeline, text=lines)
    assert answer.status_code == 422 and "This goes for all 3 leads." in html(answer).one(".qa-need p").text
    assert "one at a time" in html(answer).one(".qa-need p").text
    assert html(quick_add(mona, pipeline, text=lines)).one(".qa-need p a").attrs["href"] == "/imports"
    assert Lead.select().count() == 0
    assert quick_add(anna, pipeline, **{"text": lines, "fields.tier": "silver"}).status_code == 200
    assert [lead.fields for lead in Lead.select()] == [{"tier": "silver"}] * 3


def test_quick_add_without_javascript(tier, make, anna, html):
    pipeline = make.pipeline()
    answer = anna.post(f"/board/{pipeline.id}/quick-add", data={"text": "Zoë"})
    assert answer.status_code == 422 and html(answer).one(".qa-need select")
    assert anna.post(f"/board/{pipeline.id}/quick-add", data={"text": "Zoë", "fields.tier": "gold"}).status_code == 303


def test_a_lead_that_nobody_could_be_asked_for_says_what_is_missing(tier, make, anna, html):
    lead = make.lead("From a call")
    assert html(anna.get(f"/leads/{lead.id}")).one("#f-fields-tier .tag").text == "Missing"
    assert anna.post(f"/leads/{lead.id}/fields/fields.tier", data={"fields.tier": "gold"}).status_code == 303
    assert "Missing" not in html(anna.get(f"/leads/{lead.id}")).one("#f-fields-tier").text
    assert "and: Tier." in anna.get("/leads/new").text


def test_an_import_asks_what_rows_get_that_lack_it(tier, make, mona, html, run_jobs):
    make.pipeline()
    sent = {"file": (io.BytesIO(b"organisation\nAcme\nGlobex\n"), "leads.csv")}
    url = mona.post("/imports", data=sent, content_type="multipart/form-data").headers["Location"] + "/columns"
    page = html(mona.get(url))
    form = {one.attrs["name"]: one.attrs.get("value", "") for one in page.all("#columns input[type=hidden]")}
    form |= {
        "to-0": "organisation_name",
        "pipeline_id": "1",
        "stage_id": "0",
        "owner_id": "0",
        "match": "",
        "decimal": "",
        "day_order": "",
    }

    refused = mona.post(url, data={**form, "fields.tier": ""})
    assert refused.status_code == 422 and "Every row needs: Tier." in refused.text
    assert mona.post(url, data={**form, "fields.tier": "gold"}).status_code == 303
    run_jobs()
    assert mona.post(url.replace("/columns", "/start")).status_code == 303
    run_jobs()
    assert [(lead.title, lead.fields) for lead in Lead.select()] == [("Acme", {"tier": "gold"}), ("Globex", {"tier": "gold"})]
