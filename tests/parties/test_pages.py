"""The pages of contacts and organisations: head, details, edits one by one or all at once, new, given away, deleted, restored."""

import json

import pytest

from leadboard.db import one, rows
from leadboard.domain.parties import assign_parties, delete_parties, update_party
from leadboard.domain.settings import change_settings
from leadboard.models import Contact, Organisation
from leadboard.permissions import SYSTEM


def fact(page, name):
    return page.one(f"#f-{name} dd")


def contact_edit(person, kim, name, value, *, version=None, was="", **more):
    data = {"version": version or kim.version, f"was-{name}": was, name: value, **more}
    return person.htmx(f"/contacts/{kim.id}/fields/{name}", data)


def test_a_person_is_shown_with_firm_and_addresses(kim, acme, anna, ben, html):
    update_party("contact", kim.id, {"city": "Berlin", "phone": "+49 30 901820"}, actor=ben.actor)

    page = html(anna.get(f"/contacts/{kim.id}"))

    assert page.one("h1").text == "Anna Kim"
    assert page.one(".lead-h .facts").text == "Head of BuyingAcme GmbHOwner Anna Kowalska"
    assert page.one(".lead-h .facts a").attrs["href"] == f"/organisations/{acme.id}"
    assert [a.attrs["href"] for a in page.all(".lead-a a.btn")] == ["tel:+4930901820", "mailto:kim@acme.example"]
    assert fact(page, "organisation").one("span a").attrs["href"] == f"/organisations/{acme.id}"
    assert fact(page, "city").one("span").attrs["title"].startswith("Ben Carter, ")
    assert fact(page, "website").text == "Not set"
    assert len({node.attrs["id"] for node in page.all(".fact")}) == len(page.all(".fact")) == 14


def test_a_firm_is_shown_with_website_and_industry(acme, anna, make, html):
    part = make.organisation("Acme Polska", parent=acme.id, website="https://pl.acme.example", industry="Tools", employees=12)

    page = html(anna.get(f"/organisations/{part.id}"))

    assert page.one(".lead-h .facts").text == "pl.acme.exampleToolsNobody owns it"
    assert fact(page, "parent").one("span a").attrs["href"] == f"/organisations/{acme.id}"
    assert fact(page, "employees").one("span").text == "12"
    assert page.all(".lead-a a.btn") == []
    assert [button.text for button in page.all(".lead-a form button")] == ["Take it"]


def test_text_that_people_typed_stays_text(make, anna, html):
    firm = make.organisation('<script>alert(1)</script>"', city="<b>x</b>", website="javascript.example:1", industry="<i>y</i>")
    Organisation.update(other_columns=json.dumps({"<i>": "<u>", "Empty": ""})).execute()

    page = html(anna.get(f"/organisations/{firm.id}"))

    assert [page.all(tag) for tag in ("b script", "i", "u")] == [[], [], []]
    assert fact(page, "website").one("span a").attrs["href"] == "https://javascript.example:1"
    assert page.texts("section[aria-labelledby=h-other] .fact dt") == ["<i>"]


def test_three_people_see_what_they_may(kim, anna, ben, vera, carla, html):
    assert html(vera.get(f"/contacts/{kim.id}")).all(".fact-e") == html(vera.get(f"/contacts/{kim.id}")).all(".lead-a form") == []
    assert vera.get(f"/contacts/{kim.id}/edit").status_code == vera.get("/contacts/new").status_code == 403
    assert contact_edit(vera, kim, "city", "Rome").status_code == 403
    assert carla.get(f"/contacts/{kim.id}/edit").status_code == 303
    change_settings(actor=SYSTEM, member_visibility="own")
    for url in ("", "/edit", "/fields/city", "/fields/city/row", "/reached"):
        assert ben.get(f"/contacts/{kim.id}{url}").status_code == 404
        assert anna.get(f"/contacts/{kim.id}{url}").status_code in {200, 303}
    for verb in ("assign", "delete", "edit", "reached"):
        assert ben.post(f"/contacts/{kim.id}/{verb}", {"owner": ben.id}).status_code == 404


def test_the_page_costs_the_same_with_one_and_three_edits_and_people(kim, anna, ben, mona, make, queries):
    anna.get(f"/contacts/{kim.id}")  # what is kept between requests is read once
    with queries(at_most=40) as few:
        anna.get(f"/contacts/{kim.id}")
    for person, city in ((ben, "Rome"), (mona, "Oslo"), (anna, "Bonn")):
        update_party("contact", kim.id, {"city": city}, actor=person.actor)
        make.contact(organisation=kim.organisation_id)
    with queries(at_most=40) as many:
        anna.get(f"/contacts/{kim.id}")

    assert len(many.texts) == len(few.texts)


# ---------------------------------------------------------------------------------------------- one field


def test_a_field_is_edited_in_its_row(kim, anna, html):
    form = html(anna.htmx(f"/contacts/{kim.id}/fields/city", method="GET"))
    assert form.one("input[name=city]").attrs["value"] == "Sopot"

    answer = contact_edit(anna, kim, "city", "Gdynia", was="Sopot")

    assert html(answer).one(".fact.saved span").text == "Gdynia"
    assert html(answer).one("h1").text == "Anna Kim"
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "City saved"
    assert Contact.get_by_id(kim.id).city == "Gdynia"


def test_the_name_that_follows_is_drawn_again(make, anna, html):
    person = make.contact("", given_name="Anna", family_name="Kim")
    person = Contact.get_by_id(update_party("contact", person.id, {"name": ""}, actor=SYSTEM).id)

    answer = contact_edit(anna, person, "family_name", "Lind", was="Kim")

    assert (html(answer).one("h1").text, html(answer).texts("#f-name dd span")) == ("Anna Lind", ["Anna Lind"])


def test_an_error_keeps_the_form_open(kim, anna, html):
    answer = contact_edit(anna, kim, "email", "kim at acme", was="kim@acme.example")

    assert answer.status_code == 422
    assert html(answer).one("input[name=email]").attrs["value"] == "kim at acme"
    assert html(answer).one(".error").text.startswith("kim at acme is not an e-mail address.")


def test_a_persons_firm_is_typed(kim, anna, make, html):
    bolt = make.organisation("Bolt & Sons")

    assert contact_edit(anna, kim, "organisation", "bolt and sons", was="Acme GmbH").status_code == 422
    answer = contact_edit(anna, kim, "organisation", "BOLT & SONS", was="Acme GmbH")

    assert Contact.get_by_id(kim.id).organisation_id == bolt.id
    assert html(answer).one(".lead-h .facts a").text == "Bolt & Sons"


def test_a_firm_that_is_not_there_is_made_when_chosen(kim, anna, html):
    refused = contact_edit(anna, kim, "organisation", "Bolt", was="Acme GmbH")
    pick = html(refused).one("input[type=radio]").attrs["value"]
    assert (refused.status_code, pick) == (422, "new|Bolt")

    contact_edit(anna, kim, "organisation", "Bolt", was="Acme GmbH", **{"organisation-pick": pick})

    assert rows("select o.name from contact c join organisation o on o.id = c.organisation_id") == [("Bolt",)]


def test_a_firm_of_two_namesakes_is_chosen(kim, anna, make, html):
    make.organisation("Bolt", city="Rome")
    paris = make.organisation("Bolt", city="Paris")
    refused = html(contact_edit(anna, kim, "organisation", "bolt", was="Acme GmbH"))
    assert refused.texts(".suggest-o label") == ["Bolt Rome", "Bolt Paris", "Make a new one: bolt"]

    contact_edit(anna, kim, "organisation", "bolt", was="Acme GmbH", **{"organisation-pick": f"{paris.id}|bolt"})

    assert Contact.get_by_id(kim.id).organisation_id == paris.id


def test_a_firm_is_not_part_of_itself(acme, anna, make, html):
    part = make.organisation("Acme Polska", parent=acme.id)

    answer = anna.htmx(f"/organisations/{acme.id}/fields/parent", {"version": 1, "was-parent": "", "parent": part.name})

    assert answer.status_code == 422
    assert "part of itself" in html(answer).one(".error").text


def test_a_field_that_is_not_there_is_not_found(kim, acme, anna):
    for url in (
        f"/contacts/{kim.id}/fields/industry",
        f"/organisations/{acme.id}/fields/job_title/row",
        f"/contacts/{kim.id}/fields/fields.x",
    ):
        assert anna.get(url).status_code == 404


def test_two_edits_of_one_field_show_both_values_and_ask(kim, anna, ben, html):
    update_party("contact", kim.id, {"city": "Rome"}, actor=ben.actor)

    answer = contact_edit(anna, kim, "city", "Oslo", was="Sopot")

    page = html(answer)
    assert answer.status_code == 409
    assert [label.one(".val").text for label in page.all(".versus label")] == ["Oslo", "Rome"]
    assert "Ben Carter changed this too" in page.one("[role=alert]").text
    contact_edit(anna, kim, "city", "Oslo", was="Rome", version=page.one("input[name=version]").attrs["value"])
    assert Contact.get_by_id(kim.id).city == "Oslo"


def test_firms_in_conflict_are_told_apart_by_number(kim, anna, ben, make, html):
    first, second = make.organisation("Bolt", city="Rome"), make.organisation("Bolt", city="Paris")
    cog = make.organisation("Cog")
    update_party("contact", kim.id, {"organisation": cog.id}, actor=ben.actor)
    page = html(contact_edit(anna, kim, "organisation", "Bolt", was="Acme GmbH", **{"organisation-pick": f"{second.id}|Bolt"}))

    assert page.texts(".versus .val") == ["Bolt", "Cog"]
    sent = {
        "organisation-pick": [
            one.attrs["value"] for one in page.all("input[type=hidden]") if one.attrs["name"] == "organisation-pick"
        ]
    }
    contact_edit(anna, kim, "organisation", "Bolt", was="Cog", version=2, **sent)
    assert (first.id, Contact.get_by_id(kim.id).organisation_id) == (first.id, second.id)


# ---------------------------------------------------------------------------------------------- all fields


def test_the_whole_form_without_javascript(acme, anna, html):
    page = html(anna.get(f"/organisations/{acme.id}/edit"))
    sent = {node.attrs["name"]: node.attrs.get("value", "") for node in page.all("form input") if node.attrs.get("name")}

    answer = anna.post(
        f"/organisations/{acme.id}/edit", {**sent, "city": "Sopot", "employees": "40", "country": "PL", "owner": str(anna.id)}
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/organisations/{acme.id}")
    found = Organisation.get_by_id(acme.id)
    assert (found.city, found.employees, found.country, found.name, found.version) == ("Sopot", 40, "PL", "Acme GmbH", 2)


def test_an_error_in_the_whole_form_keeps_everything(acme, anna, html):
    answer = anna.post(
        f"/organisations/{acme.id}/edit", {"version": 1, "employees": "many", "city": "Sopot", "name": "A" * 10_000}
    )

    page = html(answer)
    assert answer.status_code == 422
    assert page.one("#city").attrs["value"] == "Sopot"
    assert page.texts(".error") == ["Name is too long: at most 200 characters.", "Employees must be a whole number."]


# ---------------------------------------------------------------------------------------------- new


def test_a_new_person_of_a_firm_goes_back_to_it(anna, acme, html):
    page = html(anna.get(f"/contacts/new?organisation={acme.id}&next=/organisations/{acme.id}"))
    assert page.one("#organisation").attrs["value"] == "Acme GmbH"
    pick = page.one("input[name=organisation-pick]").attrs["value"]

    answer = anna.post(
        "/contacts/new",
        {
            "name": "Ada Lind",
            "organisation": "Acme GmbH",
            "organisation-pick": pick,
            "owner": str(anna.id),
            "next": f"/organisations/{acme.id}",
        },
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/organisations/{acme.id}")
    assert one("select name, organisation_id, owner_id from contact") == ("Ada Lind", acme.id, anna.id)
    assert "Contact added" in anna.get("/contacts").get_data(as_text=True)


def test_a_new_part_of_a_firm(anna, acme, html):
    assert html(anna.get(f"/organisations/new?parent={acme.id}&name=Acme+Polska")).one("#parent").attrs["value"] == "Acme GmbH"
    answer = anna.post("/organisations/new", {"name": "Acme Polska", "parent": "acme", "next": "//evil.example"})

    assert answer.headers["Location"].startswith("/organisations/")
    assert one("select parent_id from organisation where name = 'Acme Polska'") == (acme.id,)


@pytest.mark.parametrize(
    "plural, text", [("contacts", "A contact needs a name"), ("organisations", "An organisation needs a name")]
)
def test_a_new_one_without_a_name_is_told_so(anna, html, plural, text):
    answer = anna.post(f"/{plural}/new", {"name": " ", "city": "Rome"})

    assert answer.status_code == 422
    assert text in html(answer).one("#name-error").text
    assert html(answer).one("#city").attrs["value"] == "Rome"


def test_required_fields_are_asked_for_and_missing_ones_marked(anna, kim, make, html):
    make.field("Shoe size", "text", record_type="contact", is_required=True)
    page = html(anna.get("/contacts/new"))
    assert "It must also have: Shoe size." in page.one("form.lead-f p").text

    answer = anna.post("/contacts/new", {"name": "Ada Lind", "fields.shoe_size": ""})

    assert answer.status_code == 422
    assert html(answer).texts(".error") != []
    shown = html(anna.get(f"/contacts/{kim.id}")).one("#f-fields-shoe_size .tag")
    assert (shown.text, shown.attrs["title"]) == ("Missing", "Every contact needs this")
    answer = contact_edit(anna, kim, "fields.shoe_size", "43")
    assert html(answer).one(".fact.saved span").text == "43"
    assert html(anna.get(f"/organisations/{kim.organisation_id}")).all("#f-fields-shoe_size") == []


def test_who_is_there_already_is_hinted(anna, kim, acme, html):
    hint = html(anna.htmx("/contacts/similar", {"name": "Ann", "email": "KIM@acme.example"}))
    assert hint.texts("p") == ["Looks like Anna Kim (Acme GmbH): same e-mail"]
    assert html(anna.htmx("/organisations/similar", {"name": "ACME Ltd"})).texts("p") == [
        "Looks like Acme GmbH (acme.example): same name"
    ]
    assert html(anna.htmx("/contacts/similar", {"given_name": "anna", "family_name": "kim"})).texts("p") != []
    assert html(anna.htmx("/contacts/similar", {"name": ""})).texts("p") == []


# ---------------------------------------------------------------------------------------------- one at a time


def test_what_nobody_owns_can_be_taken(make, ben, html):
    firm = make.organisation("Bolt")
    form = html(ben.get(f"/organisations/{firm.id}")).one(".lead-a form")

    assert ben.post(form.attrs["action"], {"owner": ben.id}).status_code == 303
    assert Organisation.get_by_id(firm.id).owner_id == ben.id


def test_one_goes_to_the_bin_and_comes_back(kim, anna, ben):
    assert ben.post(f"/contacts/{kim.id}/delete").status_code == 403
    answer = anna.post(f"/contacts/{kim.id}/delete")
    assert answer.headers["Location"] == "/contacts"
    assert anna.get(f"/contacts/{kim.id}").status_code == 404

    answer = anna.post(f"/contacts/{kim.id}/restore")

    assert answer.headers["Location"] == f"/contacts/{kim.id}"
    assert anna.post(f"/contacts/{kim.id}/restore").status_code == 404


def test_whoever_gives_one_out_of_sight_goes_back_to_the_list(kim, anna, ben):
    change_settings(actor=SYSTEM, member_visibility="own")
    answer = contact_edit(anna, kim, "owner", str(ben.id), was=str(anna.id))

    assert answer.headers["HX-Redirect"] == "/contacts"
    assign_parties("contact", [kim.id], owner_id=anna.id, actor=SYSTEM)
    delete_parties("organisation", [kim.organisation_id], actor=SYSTEM)
    assert anna.get(f"/contacts/{kim.id}").status_code == 200
