"""Widths of columns: each person's own, kept beside the columns they chose."""

import pytest

from leadboard.db import rows
from leadboard.domain.views import MOST_WIDTHS, keep_columns, keep_widths, save_view
from leadboard.errors import Refused
from leadboard.permissions import SYSTEM
from leadboard.queries.views import layout_of


def widths(html, answer):
    """{key of a column: its width} of a page."""
    found = {}
    for head in html(answer).all("thead th[data-col]"):
        drawn = head.all(".col-w")
        assert bool(drawn) == ("sz" in head.attrs.get("class", ""))
        if drawn:
            found[head.attrs["data-col"]] = int(drawn[0].attrs["width"])
    return found


def resize(person, place, column, width):
    return person.post(f"/columns/{place}/widths", {"column": column, "width": width})


@pytest.mark.parametrize("place", ["leads", "contacts", "organisations"])
def test_each_person_has_their_own(place, anna, ben, make, html):
    make.lead("Acme")
    make.organisation("Acme")
    make.contact("Zoë")
    assert resize(anna, place, "owner", "90").status_code == 204
    resize(anna, place, "name", "240")
    assert widths(html, anna.get(f"/{place}")) == {"name": 240, "owner": 90}
    assert widths(html, ben.get(f"/{place}")) == {}
    assert widths(html, anna.get("/leads" if place != "leads" else "/contacts")) == {}
    # The cells of the column know it, and no others.
    row = html(anna.get(f"/{place}")).all("tbody td.sz")
    assert len(row) == 2

    resize(anna, place, "owner", "0")
    assert widths(html, anna.get(f"/{place}")) == {"name": 240}
    resize(anna, place, "name", "")
    assert rows("select * from list_layout") == []


def test_they_stay_with_the_columns_of_a_view_and_of_an_address(anna, make, html):
    make.field("Area", "number", key="area")
    make.lead("Acme")
    resize(anna, "leads", "fields.area", "70")
    resize(anna, "leads", "stage", "120")
    view = save_view("Small", "leads", {"columns": "fields.area,city"}, actor=anna.actor)
    assert widths(html, anna.get(f"/leads?view={view}")) == {"fields.area": 70}
    assert widths(html, anna.get("/leads?columns=value,stage")) == {"stage": 120}
    # Choosing other columns forgets no width, and a width chooses no columns.
    assert layout_of(anna.actor, "leads").columns is None
    keep_columns("leads", ["city", "stage"], actor=anna.actor)
    assert widths(html, anna.get("/leads")) == {"stage": 120}
    resize(anna, "leads", "city", "200")
    assert layout_of(anna.actor, "leads").columns == ("city", "stage")
    anna.post("/columns/leads", {"usual": "1", "next": "/leads"})
    assert rows("select * from list_layout") == []


def test_the_form_takes_them_without_a_script(anna, make, html):
    make.lead("Acme")
    resize(anna, "leads", "stage", "120")
    form = html(anna.get("/columns/leads?shown=value,stage&next=/leads"))
    assert form.one('input[name="width:stage"]').attrs["value"] == "120"
    sent = {"order": ["value", "stage"], "show": ["value", "stage"], "keep": "1", "next": "/leads"}
    assert anna.post("/columns/leads", {**sent, "width:stage": "", "width:value": "٩٠", "width:name": "300"}).status_code == 303
    assert widths(html, anna.get("/leads")) == {"value": 90, "name": 300}

    # What was typed is still there when another row is moved, and when it was wrong.
    moved = html(anna.post("/columns/leads", {**sent, "move": "stage:up", "width:stage": "77"}))
    assert moved.one('input[name="width:stage"]').attrs["value"] == "77"
    wrong = anna.post("/columns/leads", {**sent, "width:stage": "wide"})
    assert wrong.status_code == 422 and "from 32 to 1200 pixels" in html(wrong).text
    marked = html(wrong).one('input[name="width:stage"]')
    assert (marked.attrs["value"], marked.attrs["aria-invalid"]) == ("wide", "true")
    assert len(html(wrong).all("[aria-invalid]")) == 1
    assert widths(html, anna.get("/leads")) == {"value": 90, "name": 300}

    # With a view open the columns go into the address, the widths stay the reader's own.
    view = save_view("Mine", "leads", {"owner": "me"}, actor=anna.actor)
    answer = anna.post("/columns/leads", {**sent, "width:value": "50", "next": f"/leads?view={view}"})
    assert answer.headers["Location"] == f"/leads?view={view}&columns=value%2Cstage"
    assert layout_of(anna.actor, "leads").widths == {"value": 50, "name": 300}
    anna.post("/columns/leads", {**sent, "usual": "1", "next": f"/leads?view={view}"})
    assert layout_of(anna.actor, "leads").widths == {}


@pytest.mark.parametrize("column, width, told", [
    ("moon", "90", "stage"), ("stage", "3", "32"), ("stage", "9" * 30, "1200"), ("stage", "-5", "32"), ("stage", "x", "32"),
])  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_kept(column, width, told, anna, html):
    answer = resize(anna, "leads", column, width)
    assert answer.status_code in {400, 422} and told in html(answer).text
    assert rows("select * from list_layout") == []


def test_who_may(anna, carla):
    assert resize(carla, "leads", "stage", "90").status_code == 303
    assert resize(anna, "moon", "stage", "90").status_code == 404
    with pytest.raises(Refused):
        keep_widths("board", {"stage": 90}, actor=anna.actor)
    with pytest.raises(Refused):
        keep_widths("leads", {"stage": 90}, actor=SYSTEM)


def test_what_is_kept_has_an_end(anna):
    keep_widths("leads", {f"fields.f{number}": 100 for number in range(MOST_WIDTHS + 50)}, actor=anna.actor)
    assert len(layout_of(anna.actor, "leads").widths) == MOST_WIDTHS


def test_a_width_costs_no_statement(anna, make, queries):
    make.leads(3)
    anna.get("/leads")
    with queries(at_most=20) as usual:
        anna.get("/leads")
    resize(anna, "leads", "stage", "90")
    anna.get("/leads")
    with queries(at_most=len(usual.texts)):
        anna.get("/leads")
