"""What an organisation's page shows of its people and its leads, and what is done there."""

import pytest

from leadboard.db import one, rows
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.parties import create_contact, create_organisation, delete_parties, update_party
from leadboard.domain.relations import add_employment, link_lead, set_primary_contact
from leadboard.domain.undo import undo_change
from leadboard.errors import Refused
from leadboard.models import Stage
from leadboard.permissions import SYSTEM


def people(page):
    return page.texts("#panel-people .rel-n")


def test_its_people_stand_there_with_how_they_are_reached(anna, html, firm, kim):
    lee = create_contact({"name": "Lee", "phone": "ask"}, actor=anna.actor).id
    add_employment(lee, firm, job_title="Adviser", actor=anna.actor)
    set_primary_contact(firm, lee, actor=anna.actor)
    page = html(anna.get(f"/organisations/{firm}"))
    assert people(page) == ["Lee Primary", "Anna Kim"]
    assert page.texts("#panel-people .rel-m") == ["Adviserfurther organisationask", "Buyerkim@acme.example+49 30 901820"]
    assert [link.attrs["href"] for link in page.all("#panel-people .rel-m a")] == ["mailto:kim@acme.example", "tel:+4930901820"]


def test_somebody_is_added_by_an_address_and_taken_out_again(anna, html, firm):
    lee = create_contact({"name": "Lee", "email": "lee@else.example"}, actor=anna.actor).id
    answer = anna.htmx(f"/organisations/{firm}/people", {"text": "LEE@else.example", "job_title": "Adviser"}, method="post")
    assert (answer.status_code, people(html(answer)), "<html" in answer.text) == (200, ["Lee"], False)
    assert "Lee is at Acme Ltd now" in answer.headers["HX-Trigger"]
    assert one("select organisation_id, job_title from contact where id = ?", (lee,)) == (firm, "Adviser")
    # The last one may leave.
    answer = anna.htmx(f"/organisations/{firm}/people/{lee}/remove", {}, method="post")
    assert (people(html(answer)), "history stay" in answer.headers["HX-Trigger"]) == ([], True)
    assert one("select organisation_id, deleted_at from contact where id = ?", (lee,)) == (None, None)
    again = anna.htmx(f"/organisations/{firm}/people/{lee}/remove", {}, method="post")
    assert (again.status_code, "Nothing changed" in again.headers["HX-Trigger"]) == (200, True)


def test_several_of_one_name_are_asked_about_and_none_is_offered_as_new(anna, html, firm, kim):
    twins = [create_contact({"name": "Lee", "email": f"lee{n}@else.example"}, actor=anna.actor).id for n in range(2)]
    for answer in (
        anna.htmx(f"/organisations/{firm}/people", {"text": "lee"}, method="post"),
        anna.post(f"/organisations/{firm}/people", {"text": "lee"}),
    ):
        page = html(answer)
        assert (answer.status_code, "Which one?" in answer.text) == (422, True)
        assert [button.attrs["value"] for button in page.all(".pick-m")] == [str(number) for number in twins]
        assert page.one("input[name=text]").attrs["value"] == "lee"
    answer = anna.post(f"/organisations/{firm}/people", {"id": twins[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/organisations/{firm}")
    assert people(html(anna.get(f"/organisations/{firm}"))) == ["Anna Kim", "Lee"]
    answer = anna.post(f"/organisations/{firm}/people", {"text": "Nobody Known"})
    assert (answer.status_code, "No contact is called so" in answer.text) == (422, True)
    for data in ({}, {"text": " "}, {"id": "x"}, {"id": "99"}, {"text": "x" * 10_000}):
        assert anna.post(f"/organisations/{firm}/people", data).status_code in {404, 422}


def test_a_person_is_at_two_firms_and_the_second_becomes_the_main_one(anna, html, firm, kim):
    other = create_organisation({"name": "Birch"}, actor=anna.actor).id
    anna.post(f"/contacts/{kim}/firms", {"text": "birch gmbh", "job_title": "Adviser"})
    page = html(anna.get(f"/contacts/{kim}"))
    assert page.texts("#panel-firms .rel-n") == ["Acme Ltd Main", "Birch"]
    assert people(html(anna.get(f"/organisations/{other}"))) == ["Anna Kim"]
    anna.post(f"/contacts/{kim}/firms/{other}/main", {})
    page = html(anna.get(f"/contacts/{kim}"))
    assert page.texts("#panel-firms .rel-i .grow") == ["Birch Main Adviser", "Acme Ltd Buyer"]
    [step] = rows("select max(id) from change_set")
    undo_change(step[0], actor=anna.actor)
    assert html(anna.get(f"/contacts/{kim}")).texts("#panel-firms .rel-i .grow") == ["Acme Ltd Main Buyer", "Birch Adviser"]
    anna.post(f"/contacts/{kim}/firms/{firm}/remove", {})
    assert html(anna.get(f"/contacts/{kim}")).texts("#panel-firms .rel-n") == ["Birch"]


def test_one_is_asked_first_until_it_is_pressed_again(anna, html, firm, kim):
    stranger = create_contact({"name": "Lee"}, actor=anna.actor).id
    assert anna.post(f"/organisations/{firm}/people/{stranger}/primary", {}).status_code == 422
    anna.post(f"/organisations/{firm}/people/{kim}/primary", {})
    assert people(html(anna.get(f"/organisations/{firm}"))) == ["Anna Kim Primary"]
    anna.post(f"/organisations/{firm}/people/{kim}/primary", {})
    assert people(html(anna.get(f"/organisations/{firm}"))) == ["Anna Kim"]


@pytest.fixture
def deals(linked, make, anna):
    """Two open ones, one won in each of two currencies, one lost."""
    start = linked("First", value_amount=100_000, value_currency="EUR")
    won = Stage.get(Stage.kind == "won").id
    lost = Stage.get(Stage.kind == "lost").id
    made = {
        "first": start,
        "second": linked("Second"),
        "won": linked("Won", value_amount=50_000, value_currency="EUR"),
        "dollars": linked("Dollars", value_amount=20_000, value_currency="USD"),
        "lost": linked("Lost", value_amount=1_000, value_currency="EUR"),
    }
    for name in ("won", "dollars"):
        move_lead(made[name].id, to_stage_id=won, actor=anna.actor)
    move_lead(made["lost"].id, to_stage_id=lost, loss=Loss(make.lost_reason().id), actor=anna.actor)
    return made


def groups(page):
    return page.texts("#panel-leads h3")


@pytest.mark.parametrize("place", ["organisations/{firm}", "contacts/{kim}"])
def test_its_leads_stand_in_groups_with_what_they_are_worth(place, anna, html, firm, kim, deals):
    page = html(anna.get("/" + place.format(firm=firm, kim=kim)))
    assert groups(page) == ["Open 2", "Won 2", "Lost 1"]
    sums = [text.replace("\xa0", " ") for text in page.texts("#panel-leads summary .num")]
    assert sums == ["1.000 €", "500 € + 200 US$", "10 €"]
    assert page.texts("#panel-leads .rel-n") == ["Second", "First", "Dollars", "Won", "Lost"]
    assert "Lifetime value 500 € + 200 US$" in page.one("#party-head").text.replace("\xa0", " ")
    assert page.one("#panel-leads .panel-h a").attrs["href"].startswith("/leads/new?")


def test_more_than_ten_lead_to_the_list_which_shows_what_it_is_filtered_by(anna, html, firm, linked):
    for number in range(12):
        linked(f"Lead {number:02}")
    page = html(anna.get(f"/organisations/{firm}"))
    assert (groups(page), len(page.all("#panel-leads .rel-n"))) == (["Open 12"], 10)
    link = page.one("#panel-leads .rel-all a")
    assert (link.text, link.attrs["href"]) == ("All 12", f"/leads?firm={firm}&closed=open")
    shown = html(anna.get(link.attrs["href"]))
    assert len(shown.all("tbody tr")) == 12
    assert "Organisation: Acme Ltd" in shown.one("#chips").text
    assert anna.get("/leads?firm=99").status_code == 400


def test_who_sees_own_records_only_sees_neither_names_nor_counts(anna, ben, vera, html, firm, kim, deals, own_only):
    update_party("organisation", firm, {"owner": None}, actor=SYSTEM)
    page = html(ben.get(f"/organisations/{firm}"))
    text = page.one("main").text
    assert (people(page), groups(page)) == ([], [])
    assert not any(word in text for word in ("Kim", "First", "€", "Lifetime"))
    assert ben.get(f"/leads?person={kim}").status_code == 400
    update_party("contact", kim, {"owner": None}, actor=SYSTEM)
    assert people(html(ben.get(f"/organisations/{firm}"))) == ["Anna Kim"]
    # A viewer reads.
    page = html(vera.get(f"/organisations/{firm}"))
    assert (page.all("#panel-people form"), page.all("#panel-people summary"), page.all("#panel-leads .panel-h a")) == (
        [],
        [],
        [],
    )
    assert vera.post(f"/organisations/{firm}/people", {"id": kim}).status_code == 403


def test_a_hidden_parent_has_no_name(anna, ben, html, firm, own_only):
    above = create_organisation({"name": "Secret Holding"}, actor=anna.actor).id
    update_party("organisation", firm, {"owner": None, "parent": above}, actor=SYSTEM)
    assert "Part of Secret Holding" in html(anna.get(f"/organisations/{firm}")).one("main").text
    assert "Secret" not in ben.get(f"/organisations/{firm}").text


def test_parts_and_the_one_above(anna, html, firm):
    parts = [create_organisation({"name": f"Part {n}", "parent": firm}, actor=anna.actor).id for n in range(12)]
    page = html(anna.get(f"/organisations/{firm}"))
    assert (len(page.all("#panel-parts li")), "further ones" in page.one("#panel-parts").text) == (10, True)
    assert html(anna.get(f"/organisations/{parts[0]}")).one("#panel-parts .panel-b").text == "Part of Acme Ltd"
    # A ring is refused where the parent is typed; the page of one stands whatever is stored.
    with pytest.raises(Refused, match="part of itself"):
        update_party("organisation", firm, {"parent": parts[0]}, actor=anna.actor)


def test_an_organisation_that_is_gone_takes_nobody(anna, firm, kim):
    """Merged away or deleted in another tab."""
    delete_parties("organisation", [firm], actor=anna.actor)
    for url in (f"/organisations/{firm}/people", f"/organisations/{firm}/people/{kim}/primary", f"/contacts/{kim}/firms"):
        assert anna.post(url, {"id": firm if "firms" in url else kim}).status_code == 404
    assert anna.post(f"/contacts/{kim}/firms/{firm}/main", {}).status_code == 404


def test_of_many_people_the_first_stand_there_and_all_in_the_list(anna, html, firm):
    for number in range(25):
        create_contact({"name": f"Person {number:03}", "organisation": firm}, actor=anna.actor)
    page = html(anna.get(f"/organisations/{firm}"))
    assert len(people(page)) == 20
    link = page.one("#panel-people .rel-all a")
    assert (link.text, link.attrs["href"]) == ("All 25 people", f"/contacts?organisation={firm}")


def test_three_people_and_leads_cost_as_many_statements_as_one(anna, firm, kim, linked, queries):
    linked("One")
    with queries(at_most=40) as first:
        anna.get(f"/organisations/{firm}")
    for number in range(2):
        create_contact({"name": f"Person {number}", "organisation": firm}, actor=anna.actor)
        linked(f"More {number}")
    with queries(at_most=len(first.texts)):
        anna.get(f"/organisations/{firm}")
    with queries(at_most=40) as first:
        anna.get(f"/contacts/{kim}")
    other = create_organisation({"name": "Birch"}, actor=anna.actor).id
    add_employment(kim, other, actor=anna.actor)
    link_lead(linked("Other").id, organisation_id=other, actor=anna.actor)
    with queries(at_most=len(first.texts)):
        anna.get(f"/contacts/{kim}")
