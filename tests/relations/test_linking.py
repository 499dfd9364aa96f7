"""New leads that are linked: from an organisation or a contact, and by what is typed (decision 019)."""

import pytest

from leadboard.db import one, rows
from leadboard.domain.parties import create_contact, create_organisation, delete_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import set_primary_contact
from leadboard.domain.undo import undo_change
from leadboard.permissions import SYSTEM
from leadboard.queries.recognised import recognise

LINKS = "select contact_id, organisation_id from lead order by id desc limit 1"


def found(actor, **typed):
    known = recognise(actor, typed)
    return known.contact and known.contact.name, known.organisation and known.organisation.name


# ------------------------------------------------------------------------------------------ who is meant


@pytest.mark.parametrize("typed, expected", [
    ({"email": "KIM@acme.example"}, ("Anna Kim", "Acme Ltd")),
    ({"email": "lee@acme.example"}, (None, "Acme Ltd")),
    ({"organisation_name": "ACME"}, (None, "Acme Ltd")),
    ({"organisation_name": "Acme GmbH", "email": "lee@acme.example"}, (None, "Acme Ltd")),
    ({"website": "www.acme.example/about"}, (None, "Acme Ltd")),
    # Two different answers are left to be asked.
    ({"organisation_name": "Acme", "website": "other.example"}, (None, None)),
    ({"organisation_name": "Birch", "email": "lee@acme.example"}, (None, None)),
    ({"organisation_name": "Birch", "email": "kim@acme.example"}, ("Anna Kim", None)),
    # A name or a number alone is nobody in particular.
    ({"person_name": "Anna Kim", "phone": "+49 30 901820"}, (None, None)),
    ({"email": "kim@gmail.com"}, (None, None)),
    ({"email": "no address", "organisation_name": "  "}, (None, None)),
    ({}, (None, None)),
])  # fmt: skip
def test_what_is_typed_means_whom_without_doubt(typed, expected, anna, kim):
    assert found(anna.actor, **typed) == expected


def test_two_that_fit_are_nobody(anna, firm, kim):
    create_organisation({"name": "Acme Inc", "website": "acme.example"}, actor=anna.actor)
    create_contact({"name": "Other Kim", "email": "kim@acme.example"}, actor=anna.actor)
    assert found(anna.actor, email="kim@acme.example", organisation_name="Acme") == (None, None)


def test_of_two_firms_of_one_name_the_domain_or_the_person_tells(anna, firm, kim):
    other = create_organisation({"name": "Acme GmbH", "website": "acme-berlin.example"}, actor=anna.actor).id
    lee = create_contact({"name": "Lee", "email": "lee@gmail.com", "organisation": other}, actor=anna.actor).id
    assert found(anna.actor, organisation_name="Acme", email="x@acme-berlin.example") == (None, "Acme GmbH")
    assert found(anna.actor, organisation_name="Acme", email="lee@gmail.com") == ("Lee", "Acme GmbH")
    assert found(anna.actor, email="lee@gmail.com") == ("Lee", "Acme GmbH")
    set_points([Point("email", "lee@private.example")], contact_id=lee, actor=anna.actor)
    assert found(anna.actor, email="lee@private.example")[0] == "Lee"


def test_what_is_hidden_or_in_the_bin_is_not_meant(anna, ben, firm, kim, own_only):
    typed = {"email": "kim@acme.example", "organisation_name": "Acme"}
    assert ben.post("/leads/recognised", typed).text.strip() == ""
    update_party("organisation", firm, {"owner": None}, actor=SYSTEM)
    assert "Acme Ltd" in ben.post("/leads/recognised", typed).text
    delete_parties("organisation", [firm], actor=SYSTEM)
    assert found(anna.actor, **typed) == ("Anna Kim", None)


def test_it_takes_one_statement(anna, kim, queries):
    actor = anna.actor
    with queries(at_most=1):
        found(actor, email="kim@acme.example", organisation_name="Acme", website="acme.example")
    with queries(at_most=0):
        found(actor, person_name="Anna Kim")


# ------------------------------------------------------------------------------------------ quick add


@pytest.fixture
def board(make, anna):
    make.lead("First", actor=anna.actor)
    return one("select min(id) from pipeline")[0]


def added(answer):
    return answer.headers["HX-Trigger"]


def test_a_line_is_linked_by_itself_says_so_and_is_taken_back_with_one_click(anna, board, firm, kim):
    answer = anna.htmx(f"/board/{board}/quick-add", {"text": "A. Kim, ACME, kim@acme.example"}, method="post")
    assert "linked to Anna Kim, Acme Ltd" in added(answer)
    assert one(LINKS) == (kim, firm)
    assert one("select person_name, organisation_name from lead order by id desc") == ("A. Kim", "ACME")
    undo_change(one("select max(id) from change_set")[0], actor=anna.actor)
    assert one("select count(*) from lead where deleted_at is null") == (1,)


def test_the_preview_tells_it_and_its_box_keeps_it_from_being_linked(anna, html, board, firm, kim):
    typed = {"text": "A. Kim, ACME, kim@acme.example\nLee, Nobody Known"}
    page = html(anna.post(f"/board/{board}/quick-add/preview", typed))
    assert page.texts(".qa-l b") == ["Anna Kim", "Acme Ltd"]
    assert [box.attrs["value"] for box in page.all(".qa-l input")] == [f"contact:{kim}", f"organisation:{firm}"]
    typed["unlinked"] = [f"organisation:{firm}", "nonsense", "organisation:x"]
    page = html(anna.post(f"/board/{board}/quick-add/preview", typed))
    assert ["checked" in box.attrs for box in page.all(".qa-l input")] == [False, True]
    answer = anna.htmx(f"/board/{board}/quick-add", typed, method="post")
    assert "linked to Anna Kim" in added(answer)
    assert rows("select contact_id, organisation_id from lead order by position limit 2") == [(kim, None), (None, None)]


# ------------------------------------------------------------------------------------------ the whole form


def fields(page):
    names = ("organisation_name", "person_name", "email", "phone", "city", "job_title")
    return {name: value for name in names if (value := page.one(f"input[name={name}]").attrs.get("value"))}


def test_a_lead_from_an_organisation_knows_it_and_whom_to_ask(anna, html, firm, kim):
    update_party("organisation", firm, {"city": "Berlin", "phone": "+49 30 1"}, actor=anna.actor)
    page = html(anna.get(f"/leads/new?organisation={firm}"))
    assert fields(page) == {"organisation_name": "Acme Ltd", "phone": "+49 30 1", "city": "Berlin"}
    set_primary_contact(firm, kim, actor=anna.actor)
    page = html(anna.get(f"/leads/new?organisation={firm}"))
    assert fields(page) == {
        "organisation_name": "Acme Ltd", "person_name": "Anna Kim", "email": "kim@acme.example", "phone": "+49 30 901820",
        "city": "Berlin", "job_title": "Buyer",
    }  # fmt: skip
    assert page.texts(".links a") == ["Acme Ltd", "Anna Kim"]
    assert fields(html(anna.get(f"/leads/new?contact={kim}")))["organisation_name"] == "Acme Ltd"
    for bad in ("organisation=99", "contact=99"):
        assert anna.get(f"/leads/new?{bad}").status_code == 404
    assert anna.get("/leads/new?organisation=x").status_code == 200


def sent(firm=None, kim=None, **typed):
    offered = [f"organisation:{firm}:given"] * bool(firm) + [f"contact:{kim}:given"] * bool(kim)
    return {"title": "New", "offered": offered, **typed}


def test_it_is_linked_as_its_boxes_say(anna, board, firm, kim):
    anna.post("/leads/new", sent(firm, kim, **{"link-organisation": "1", "link-contact": "1"}))
    assert one(LINKS) == (kim, firm)
    anna.post("/leads/new", sent(firm, kim, email="kim@acme.example", **{"link-contact": "1"}))
    assert one(LINKS) == (kim, None)
    # Without JavaScript nothing was offered: what is typed tells.
    answer = anna.post("/leads/new", {"title": "New", "email": "kim@acme.example"})
    assert (answer.status_code, one(LINKS)) == (303, (kim, firm))
    anna.post("/leads/new", {"title": "New", "email": "kim@gmail.com", "person_name": "Anna Kim"})
    assert one(LINKS) == (None, None)


def test_boxes_come_with_the_typing_and_stay_as_they_were_set(anna, html, firm, kim):
    page = html(anna.post("/leads/recognised", {"email": "kim@acme.example"}))
    boxes = ["checked" in box.attrs for box in page.all("input[type=checkbox]")]
    assert (page.texts("a"), boxes) == (["Acme Ltd", "Anna Kim"], [True, True])
    offered = [one.attrs["value"] for one in page.all("input[name=offered]")]
    again = {"email": "kim@acme.example", "offered": offered, "link-contact": "1"}
    page = html(anna.post("/leads/recognised", again))
    assert ["checked" in box.attrs for box in page.all("input[type=checkbox]")] == [False, True]
    # A form with an error comes back with its boxes.
    page = html(anna.post("/leads/new", {**again, "value_amount": "much", "title": "T"}))
    assert ["checked" in box.attrs for box in page.all(".links input[type=checkbox]")] == [False, True]


def test_an_organisation_that_was_merged_away_meanwhile_is_told(anna, html, board, firm):
    delete_parties("organisation", [firm], actor=anna.actor)
    answer = anna.post("/leads/new", sent(firm, **{"link-organisation": "1"}))
    assert (answer.status_code, "does not exist" in answer.text) == (422, True)
    assert html(answer).one("input[name=title]").attrs["value"] == "New"
    assert one("select count(*) from lead") == (1,)


@pytest.mark.parametrize("offered", ["x", "organisation:", "organisation:x:given", "user:1:given", "contact:" + "9" * 40])
def test_boxes_of_nothing_are_nothing(offered, anna, make):
    make.lead("First", actor=anna.actor)
    answer = anna.post("/leads/new", {"title": "New", "offered": offered, "link-organisation": "1", "link-contact": "1"})
    assert (answer.status_code, one(LINKS)) == (303, (None, None))


def test_a_taken_suggestion_goes_before_what_is_recognised(anna, make, firm, kim, html):
    """Also when the form is sent before its boxes are there."""
    make.pipeline()
    other = create_organisation({"name": "Acme Holding"}, actor=anna.actor).id
    typed = {"organisation_name": "Acme Holding", "email": "kim@acme.example", "organisation_name-pick": f"{other}|Acme Holding"}
    assert "Acme Holding" in html(anna.post("/leads/recognised", typed)).one("[for=link-organisation]").text
    anna.post("/leads/new", typed)
    assert one(LINKS) == (kim, other)
    boxes = {"offered": f"organisation:{other}"}
    anna.post("/leads/new", {**typed, **boxes})
    assert one(LINKS) == (kim, None)
    anna.post("/leads/new", {**typed, "organisation_name": "Typed over"})
    assert one(LINKS) == (kim, None)
