"""Columns of lists: chosen and ordered by each person, or by the view that is open."""

import pytest

from leadboard.db import rows
from leadboard.domain.custom_fields import archive_field
from leadboard.domain.tags import add_tag, set_tags
from leadboard.domain.views import keep_columns, save_view
from leadboard.errors import Refused
from leadboard.permissions import SYSTEM

USUAL = ["Name", "Organisation", "Stage", "Value", "Next step", "Owner", "Last contact", "Expected close", "Created"]


def headings(html, answer):
    return [text.strip() for text in html(answer).texts("#bulk thead th")][1:]


def choose(person, place, keys, order=(), **more):
    return person.post(f"/columns/{place}", {"order": [*order, *keys], "show": keys, "keep": "1", "next": f"/{place}", **more})


def test_each_person_chooses_and_orders_their_own(anna, ben, make, html):
    make.field("Area", "number", key="area")
    make.lead("Acme", city="Gdańsk", probability=40, email="anna@acme.example", **{"fields.area": 12})

    answer = choose(anna, "leads", ["city", "fields.area", "stage", "email", "probability"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leads")

    page = html(anna.get("/leads"))
    assert headings(html, anna.get("/leads")) == ["Name", "City", "Area", "Stage", "E-mail", "Probability"]
    assert [text.strip() for text in page.texts("tbody td")][1:] == [
        "Acme", "Gdańsk", "12", "New", "anna@acme.example", "40 %",
    ]  # fmt: skip
    assert page.all("tbody a")[1].attrs["href"] == "mailto:anna@acme.example"
    assert headings(html, ben.get("/leads")) == USUAL

    anna.post("/columns/leads", {"usual": "1", "next": "/leads"})
    assert headings(html, anna.get("/leads")) == USUAL
    assert rows("select * from list_layout") == []


def test_no_column_but_the_name(anna, make, html):
    make.lead("Acme")
    choose(anna, "leads", [])
    assert headings(html, anna.get("/leads")) == ["Name"]


@pytest.mark.parametrize(
    "place, keys, labels",
    [
        ("contacts", ["city", "organisation", "website"], ["Name", "City", "Organisation", "Website"]),
        ("organisations", ["won", "employees", "people"], ["Name", "Won", "Employees", "People"]),
    ],
)
def test_contacts_and_organisations_have_them_too(place, keys, labels, anna, make, html):
    firm = make.organisation("Acme", employees=12)
    make.contact("Zoë", organisation=firm.id)
    choose(anna, place, keys)
    assert headings(html, anna.get(f"/{place}")) == labels
    cells = [text.strip() for text in html(anna.get(f"/{place}")).texts("tbody td")][1:]
    assert cells == (["Zoë", "", "Acme", ""] if place == "contacts" else ["Acme", "", "12", "1"])


def test_moments_sources_and_tags_have_columns(anna, make, html):
    make.source("Fair")
    lead = make.lead("Acme", source=1)
    add_tag("Hot", tone="red", actor=SYSTEM)
    set_tags(lead.id, ["Hot"], actor=SYSTEM)
    page = html(anna.get("/leads?columns=source,tags,entered,closed"))
    assert [text.strip() for text in page.texts("tbody td")][1:4] == ["Acme", "Fair", "Hot"]


def test_an_address_says_which_and_an_unknown_one_names_those_there_are(anna, make, html):
    make.field("Area", "number", key="area")
    make.lead("Acme")
    assert headings(html, anna.get("/leads?columns=value,fields.area")) == ["Name", "Value", "Area"]
    # What is in the address stays in the addresses of the page.
    assert "columns=value" in html(anna.get("/leads?columns=value")).all("thead th a")[0].attrs["href"]

    answer = anna.get("/leads?columns=value,moon")
    assert answer.status_code == 400
    told = html(answer).text
    assert "moon" in told and "stage" in told and "fields.area" in told


def test_a_view_keeps_its_columns_and_leaves_out_what_is_gone(anna, make, html):
    make.field("Area", "number", key="area")
    make.lead("Acme")
    view = save_view("Small", "leads", {"columns": "fields.area,city"}, actor=anna.actor)
    assert headings(html, anna.get(f"/leads?view={view}")) == ["Name", "Area", "City"]
    # With the view open the choice goes into the address, to be kept with it.
    answer = choose(anna, "leads", ["city", "stage"], next=f"/leads?view={view}&columns=fields.area%2Ccity&after=x")
    assert answer.headers["Location"] == f"/leads?view={view}&columns=city%2Cstage"
    assert headings(html, anna.get(answer.headers["Location"])) == ["Name", "City", "Stage"]
    assert rows("select * from list_layout") == []

    archive_field("area", is_archived=True, actor=SYSTEM)
    page = anna.get(f"/leads?view={view}")
    assert headings(html, page) == ["Name", "City"]
    assert "columns=fields.area" in html(page).text


def test_a_field_that_is_archived_leaves_the_columns_of_everybody(anna, make, html):
    make.field("Area", "number", key="area")
    make.lead("Acme")
    choose(anna, "leads", ["fields.area", "city"])
    archive_field("area", is_archived=True, actor=SYSTEM)
    assert headings(html, anna.get("/leads")) == ["Name", "City"]


def test_the_form_moves_one_without_a_script_and_forgets_no_tick(anna, html):
    page = html(anna.get("/columns/leads?shown=value,stage&next=/leads"))
    first = [node.attrs["value"] for node in page.all('input[name="order"]')][:3]
    assert first == ["value", "stage", "organisation"]
    assert [node.attrs["value"] for node in page.all('input[name="show"][checked]')] == ["value", "stage"]

    moved = html(
        anna.post(
            "/columns/leads", {"order": ["value", "stage"], "show": ["stage", "city"], "move": "stage:up", "next": "/leads"}
        )
    )
    assert [node.attrs["value"] for node in moved.all('input[name="order"]')][:3] == ["stage", "value", "organisation"]
    assert {node.attrs["value"] for node in moved.all('input[name="show"][checked]')} == {"stage", "city"}
    assert moved.one('input[name="next"]').attrs["value"] == "/leads"
    assert rows("select * from list_layout") == []


def test_who_may(anna, carla):
    assert carla.get("/columns/leads").status_code == 303
    assert anna.get("/columns/moon").status_code == 404
    assert (
        anna.post("/columns/leads", {"show": ["moon"], "order": ["moon"], "next": "//evil.example"}).headers["Location"]
        == "/leads"
    )
    for place in ("board", "moon"):
        with pytest.raises(Refused):
            keep_columns(place, ["stage"], actor=anna.actor)


@pytest.mark.parametrize("place", ["leads", "contacts", "organisations"])
def test_more_columns_are_read_with_the_same_statements(place, anna, make, queries):
    make.leads(3)
    firm = make.organisation("Acme")
    make.contact("Zoë", organisation=firm.id)
    with queries(at_most=20) as usual:
        anna.get(f"/{place}")
    choose(anna, place, ["city", "country", "email", "next", "owner"])
    with queries(at_most=len(usual.texts)):
        anna.get(f"/{place}")
