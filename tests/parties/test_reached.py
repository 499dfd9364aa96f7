"""Several e-mails and phones of one record: shown, edited as rows of one form, with and without JavaScript."""

import json

import pytest

from leadboard.domain.hosts import Host
from leadboard.domain.points import Point, points_of, set_points
from leadboard.domain.reached import reached_by, set_reached
from leadboard.domain.undo import undo_change
from leadboard.models import Contact

BOTH = [("email", "kim@acme.example", ""), ("phone", "+49 30 901820", ""), ("email", "kim@home.example", "home")]


@pytest.fixture
def reached(kim, anna):
    set_reached("contact", kim.id, [Point(*point) for point in BOTH], actor=anna.actor)
    return Contact.get_by_id(kim.id)


def send(person, kim, points, *, was=None, **more):
    data = {name: [point[at] for point in points] for at, name in enumerate(("kind", "text", "label"))}
    return person.post(f"/contacts/{kim.id}/reached", {**data, "was": json.dumps(BOTH if was is None else was), **more})


def texts(page):
    return [node.attrs.get("value", "") for node in page.all("input[name=text]")]


def test_they_are_shown_with_their_labels(reached, anna, vera, html):
    page = html(anna.get(f"/contacts/{reached.id}"))

    assert page.texts("#reached li") == ["kim@acme.example", "+49 30 901820", "kim@home.examplehome"]
    assert [a.attrs["href"] for a in page.all("#reached li a")] == [
        "mailto:kim@acme.example", "tel:+4930901820", "mailto:kim@home.example",
    ]  # fmt: skip
    assert html(vera.get(f"/contacts/{reached.id}")).all("#reached header a") == []


def test_a_record_with_its_own_two_shows_no_list(kim, anna, html):
    page = html(anna.get(f"/contacts/{kim.id}"))

    assert page.all("#reached") == []
    assert page.one(".reach-m a").attrs["href"] == f"/contacts/{kim.id}/reached"


def test_a_lead_has_them_too_and_its_page_costs_nothing_more_without(make, anna, html, queries):
    lead = make.lead("Acme", email="a@acme.example", actor=anna.actor)
    with queries(at_most=40) as without:
        anna.get(f"/leads/{lead.id}")
    answer = anna.post(
        f"/leads/{lead.id}/reached",
        {"kind": ["email", "email"], "text": ["a@acme.example", "b@acme.example"], "label": ["", "b"]},
    )
    assert answer.headers["Location"] == f"/leads/{lead.id}"
    with queries(at_most=40) as one_more:
        page = html(anna.get(f"/leads/{lead.id}"))

    assert page.texts("#reached li") == ["a@acme.example", "b@acme.exampleb"]
    assert len(one_more.texts) == len(without.texts) + 1


def test_the_form_has_a_row_for_each_and_a_free_one(reached, anna, html):
    page = html(anna.get(f"/contacts/{reached.id}/reached"))

    assert texts(page) == ["kim@acme.example", "+49 30 901820", "kim@home.example", ""]
    assert page.texts(".reach-r .tag") == ["First", "First"]


def test_rows_are_saved_and_taken_back_as_one(reached, anna):
    answer = send(anna, reached, [BOTH[2], BOTH[1], ("phone", "030 1", "fax"), ("email", " ", "")])

    assert answer.status_code == 303
    found = Contact.get_by_id(reached.id)
    assert (found.email, found.phone) == ("kim@home.example", "+49 30 901820")
    assert points_of(Host("contact", reached.id, None)) == [Point("phone", "030 1", "fax")]
    with anna.client.session_transaction() as cookie:
        undo_change(cookie["toast"][2], actor=anna.actor)
    assert reached_by("contact", reached.id, anna.actor) == [Point(*point) for point in BOTH]


@pytest.mark.parametrize(
    "act, expected",
    [
        ("add", ["kim@acme.example", "+49 30 901820", "kim@home.example", ""]),
        ("first-2", ["kim@home.example", "kim@acme.example", "+49 30 901820", ""]),
        ("drop-1", ["kim@acme.example", "kim@home.example"]),
        ("drop-99", ["kim@acme.example", "+49 30 901820", "kim@home.example"]),
    ],
)
def test_the_small_buttons_arrange_rows_and_save_nothing(reached, anna, html, act, expected):
    answer = send(anna, reached, BOTH, act=act)

    assert (answer.status_code, texts(html(answer))) == (200, expected)
    assert reached_by("contact", reached.id, anna.actor) == [Point(*point) for point in BOTH]


def test_an_error_names_its_row_and_keeps_everything(reached, anna, html):
    answer = send(anna, reached, [*BOTH, ("email", "kim at home", "x"), ("phone", "1", "y" * 41)])

    page = html(answer)
    assert answer.status_code == 422
    assert [row.one("input[name=text]").attrs["value"] for row in page.all(".reach-r") if row.all(".error")] == [
        "kim at home",
        "1",
    ]
    assert page.all(".error")[0].text.startswith("kim at home is not an e-mail address.")
    assert texts(page) == ["kim@acme.example", "+49 30 901820", "kim@home.example", "kim at home", "1"]


def test_five_hundred_fit_and_more_are_refused(kim, anna, html):
    many = [("email", f"kim{number}@acme.example", "") for number in range(501)]
    assert send(anna, kim, many, was=[["email", "kim@acme.example", ""]]).status_code == 303
    assert len(reached_by("contact", kim.id, anna.actor)) == 501
    assert len(texts(html(anna.get(f"/contacts/{kim.id}/reached")))) == 502

    answer = send(anna, kim, [*many, ("email", "one.more@acme.example", "")], was=many)

    assert (answer.status_code, html(answer).one("[role=alert]").text) == (422, "At most 500 addresses and numbers fit.")
    assert send(anna, kim, many * 3, was=many).status_code == 422


def test_a_list_that_a_colleague_changed_is_asked_about(reached, anna, ben, html):
    set_points([Point("phone", "030 7", "desk")], contact_id=reached.id, actor=ben.actor)
    mine = [*BOTH, ("phone", "030 9", "lab")]

    answer = send(anna, reached, mine)

    page = html(answer)
    assert answer.status_code == 409
    assert page.texts(".reach-t li") == ["kim@acme.example", "+49 30 901820", "030 7 desk"]
    assert texts(page) == [text for _, text, _ in mine]
    assert send(anna, reached, mine, was=json.loads(page.one("input[name=was]").attrs["value"])).status_code == 303
    assert reached_by("contact", reached.id, anna.actor)[-1] == Point("phone", "030 9", "lab")


@pytest.mark.parametrize("was", ["", "1", "[1]", "{", '[["a"]]', '[{"a": 1, "b": 2, "c": 3, "d": 4}]'])
def test_a_made_up_list_is_no_list(reached, anna, was):
    data = {"kind": ["email"], "text": ["kim@acme.example"], "label": [""], "was": was}
    assert anna.post(f"/contacts/{reached.id}/reached", data).status_code in {303, 409}


def test_a_kind_that_is_none_is_refused(reached, anna, html):
    answer = send(anna, reached, [("fax", "1", "")])
    assert (answer.status_code, html(answer).one(".error").text) == (422, "Choose e-mail or phone.")
