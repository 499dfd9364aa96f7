"""The form of a conversion: what it suggests, what is chosen in it, and what comes of it, once only."""

import json
import threading

import pytest

from leadboard.db import forget_connection, one, rows
from leadboard.domain.custom_fields import add_field
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.parties import create_contact, create_organisation, delete_parties, update_party
from leadboard.domain.relations import link_lead
from leadboard.domain.settings import change_settings
from leadboard.permissions import SYSTEM
from leadboard.testing.people import Person, sign_in_directly
from tests.support.buyers import COUNTS, acme_kitchen


@pytest.fixture
def lead(make, anna):
    return acme_kitchen(make, anna)


@pytest.fixture
def firm(anna):
    return create_organisation({"name": "ACME", "website": "acme.example", "city": "Hamburg"}, actor=anna.actor).id


def sent(page):
    """What a browser would send of the form as it is."""
    data = {}
    for node in page.all("form.conv input"):
        kind = node.attrs.get("type", "text")
        if node.attrs.get("name") and (kind not in {"radio", "checkbox"} or "checked" in node.attrs):
            data[node.attrs["name"]] = node.attrs.get("value", "")
    del data["csrf_token"]
    return data


def url(lead):
    return f"/leads/{lead.id}/convert"


def toast(page):
    return " ".join(page.one("[data-toast] span").text.split())


def test_two_clicks_make_firm_and_person(lead, anna, html):
    head = html(anna.get(f"/leads/{lead.id}"))
    assert head.one(f'a[href="{url(lead)}"]').attrs["data-dialog"] == ""
    form = html(anna.get(url(lead)))
    data = sent(form)
    assert (data["organisation"], data["contact"]) == ("new", "new")
    answer = anna.post(url(lead), data)
    assert (answer.status_code, answer.location) == (303, f"/leads/{lead.id}")
    assert rows("select name, website, city from organisation") == [("Acme GmbH", "https://acme.example", "Berlin")]
    assert rows("select name, email, phone, job_title, organisation_id = (select id from organisation) from contact")[0][:4] == (
        "Anna Kim", "anna@acme.example", "+49 30 901820", "CEO",
    )  # fmt: skip
    page = html(anna.get(f"/leads/{lead.id}"))
    assert toast(page) == "Acme kitchen is converted: Acme GmbH · Anna Kim"
    assert not [node for node in page.all(".lead-a a") if node.attrs["href"] == url(lead)]
    done = html(anna.get(url(lead)))
    assert [node.text.strip() for node in done.all(".choices a")] == ["Acme GmbH", "Anna Kim"]
    assert anna.post(done.one(".dlg-f form").attrs["action"]).status_code == 303
    assert one(COUNTS) == (0, 0)


def test_what_is_there_is_suggested_with_its_reason(lead, firm, anna, html):
    person = create_contact({"name": "A. Kim", "email": "ANNA@acme.example"}, actor=anna.actor).id
    namesake = create_contact({"name": "Anna Kim"}, actor=anna.actor).id
    form = html(anna.get(url(lead)))
    assert [text.strip() for text in form.texts(".pick-i .tag")] == ["same domain", "same e-mail"]
    assert (sent(form)["organisation"], sent(form)["contact"]) == (str(firm), str(person))
    assert f'value="{namesake}"' not in str(form)
    anna.post(url(lead), sent(form))
    assert one(COUNTS) == (1, 2)
    assert one("select organisation_id, contact_id from lead") == (firm, person)
    assert one("select city, name from organisation") == ("Hamburg", "ACME")


def test_people_of_one_name_are_offered_but_not_assumed(make, anna, html):
    create_contact({"name": "Kim Lee"}, actor=anna.actor)
    lead = make.lead(person_name="Kim Lee", owner=anna.user)
    form = html(anna.get(url(lead)))
    assert [text.strip() for text in form.texts(".pick-i .tag")] == ["same name"]
    assert (sent(form)["organisation"], sent(form)["contact"]) == ("", "new")


def test_what_is_linked_already_comes_first(lead, firm, anna, html):
    other = create_organisation({"name": "Birch"}, actor=anna.actor).id
    link_lead(lead.id, organisation_id=other, actor=anna.actor)
    assert sent(html(anna.get(url(lead))))["organisation"] == str(other)


def test_a_suggestion_may_be_refused_and_both_sides_left_out(lead, firm, anna, html):
    data = sent(html(anna.get(url(lead))))
    anna.post(url(lead), {**data, "organisation": "", "contact": "new", "contact-name": "Kim, Anna"})
    assert one("select organisation_id, (select name from contact) from lead") == (None, "Kim, Anna")
    assert one(COUNTS) == (1, 1)


def test_a_lead_with_a_title_only_becomes_a_person(make, anna, html):
    lead = make.lead("The man from the fair", owner=anna.user)
    data = sent(html(anna.get(url(lead))))
    assert (data["organisation"], data["contact"], data["contact-name"]) == ("", "new", "The man from the fair")
    anna.post(url(lead), data)
    assert rows("select name from contact") == [("The man from the fair",)]


def test_nothing_chosen_is_refused_with_the_form(lead, anna, html):
    answer = anna.post(url(lead), {"organisation": "", "contact": ""})
    assert answer.status_code == 422
    assert html(answer).one(".error").text.strip() == "Choose an organisation, a person, or both."


def test_differences_are_shown_with_both_sides_and_the_chosen_one_is_taken(lead, firm, anna, html):
    form = html(anna.get(url(lead)))
    assert [node.texts(".val") for node in form.all(".versus")] == [["Hamburg", "Berlin"]]
    anna.post(url(lead), {**sent(form), f"organisation-{firm}-city": "lead"})
    assert one("select city from organisation") == ("Berlin",)


def test_custom_values_are_carried_unless_unticked(lead, firm, anna, ada, html):
    for record_type in ("lead", "organisation", "contact"):
        for label in ("Size", "Term"):
            add_field(label, "number", record_type=record_type, actor=ada.actor)
    update_lead(lead.id, {"fields.size": 12, "fields.term": 3}, actor=anna.actor)
    update_party("organisation", firm, {"fields.size": 50}, actor=anna.actor)
    form = html(anna.get(url(lead)))
    data = sent(form)
    assert f"organisation-{firm}-fields.term" in data and data[f"organisation-{firm}-fields.size"] == ""
    del data["contact-new-fields.term"]
    anna.post(url(lead), {**data, f"organisation-{firm}-fields.size": "lead"})
    found = one("select o.fields, c.fields from organisation o, contact c")
    assert [value if isinstance(value, dict) else json.loads(value) for value in found] == [{"size": 12, "term": 3}, {"size": 12}]


def test_what_a_new_record_needs_is_asked_for(lead, anna, ada, html):
    add_field("Licence", "text", record_type="contact", is_required=True, actor=ada.actor)
    form = html(anna.get(url(lead)))
    answer = anna.post(url(lead), sent(form))
    again = html(answer)
    assert answer.status_code == 422
    assert again.one("#contact-fields-licence-error").text.strip() == "Licence must not be empty."
    data = {**sent(again), "contact-name": "Kim", "contact-fields.licence": "B"}
    assert anna.post(url(lead), data).status_code == 303
    assert one("select name from contact") == ("Kim",)


def test_wrong_values_come_back_beside_their_field_with_what_was_typed(lead, anna, html):
    answer = anna.post(url(lead), {**sent(html(anna.get(url(lead)))), "contact-email": "no address", "contact-name": "K" * 300})
    page = html(answer)
    assert answer.status_code == 422
    assert page.one("#contact-name-error") and page.one("#contact-name").attrs["value"] == "K" * 300
    assert one(COUNTS) == (0, 0)


def test_the_lead_moves_on_to_the_stage_that_was_chosen(lead, make, anna, html):
    won = make.stage("Won")
    form = html(anna.get(url(lead)))
    assert "Lost" not in form.one("#to_stage").text
    anna.post(url(lead), {**sent(form), "to_stage": won.id})
    assert one("select stage_id from lead") == (won.id,)
    other = make.lead(person_name="Lee", owner=anna.user)
    answer = anna.post(url(other), {"contact": "new", "contact-name": "Lee", "to_stage": 987})
    assert (answer.status_code, html(answer).one("#to_stage-error").text.strip()[:24]) == (422, "This stage no longer exi")


def test_two_tabs_two_people_and_a_double_click_make_one(lead, anna, ben, html):
    data = sent(html(anna.get(url(lead))))
    answers = [person.post(url(lead), data) for person in (anna, anna, ben)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert one(COUNTS) == (1, 1)
    page = html(ben.get(f"/leads/{lead.id}"))
    assert toast(page) == "Anna Kowalska converted Acme kitchen already: Acme GmbH · Anna Kim"


def test_eight_requests_at_the_same_moment_make_one(app, lead, anna, ben, html):
    data = sent(html(anna.get(url(lead))))
    people = [Person(person.user, sign_in_directly(app, person.user)) for person in [anna, ben] * 4]
    begin, answers = threading.Barrier(len(people)), []

    def convert(person):
        begin.wait()
        answers.append(person.post(url(lead), data).status_code)
        forget_connection()

    threads = [threading.Thread(target=convert, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * 8
    assert one(COUNTS) == (1, 1)
    assert one("select count(*) from event where kind = 'lead_converted'") == (1,)


def test_a_firm_merged_away_in_another_tab_is_followed(lead, firm, anna, html):
    data = sent(html(anna.get(url(lead))))
    kept = create_organisation({"name": "Acme Holding"}, actor=anna.actor).id
    merge_records("organisation", kept, firm, values={}, actor=anna.actor)
    assert anna.post(url(lead), data).status_code == 303
    assert one("select organisation_id from lead") == (kept,)
    assert "was merged into it in the meantime" in toast(html(anna.get(f"/leads/{lead.id}")))


def test_a_firm_deleted_in_another_tab_is_told_and_the_rest_stays_chosen(lead, firm, anna, html):
    data = {**sent(html(anna.get(url(lead)))), "contact-name": "Kim"}
    delete_parties("organisation", [firm], actor=anna.actor)
    answer = anna.post(url(lead), data)
    page = html(answer)
    assert answer.status_code == 422
    assert page.one(".error").text.strip() == "This organisation does not exist, or you may not see it."
    assert page.one("#contact-name").attrs["value"] == "Kim"


def test_who_may_not_and_what_cannot(lead, firm, anna, ben, vera, make, html):
    assert vera.get(url(lead)).status_code == 403
    assert url(lead) not in vera.get(f"/leads/{lead.id}").text
    create_organisation({"name": "Acme GmbH", "owner": ben.id}, actor=ben.actor)
    change_settings(member_visibility="own", actor=SYSTEM)
    assert ben.get(url(lead)).status_code == 404
    data = sent(html(anna.get(url(lead))))
    hidden = one("select id from organisation where name = 'Acme GmbH'")[0]
    assert str(hidden) not in [node.attrs["value"] for node in html(anna.get(url(lead))).all("input[name=organisation]")]
    assert anna.post(url(lead), {**data, "organisation": hidden}).status_code == 422
    delete_leads([lead.id], actor=anna.actor)
    for answer in (anna.get(url(lead)), anna.post(url(lead), data)):
        assert (answer.status_code, "is in the bin. Restore it first" in answer.text) == (422, True)


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 30, "0", "²"])
def test_junk_is_nobody(lead, anna, junk):
    assert anna.post(url(lead), {"organisation": junk, "contact": ""}).status_code == 422
    assert one(COUNTS) == (0, 0)


def test_as_a_dialog_it_is_a_part_and_ends_on_the_page_that_asked(lead, make, anna, html):
    part = anna.htmx(url(lead), {"board": lead.pipeline_id}, method="GET")
    form = html(part)
    assert "<html" not in part.text and form.one("form.conv").attrs["hx-target"] == "#dialog"
    answer = anna.htmx(url(lead), sent(form))
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/board/{lead.pipeline_id}")


def test_the_form_takes_the_same_statements_however_many_are_suggested(lead, anna, queries):
    anna.get(url(lead))
    for number in range(4):
        create_organisation({"name": f"Acme {number}", "website": "acme.example"}, actor=anna.actor)
        create_contact({"name": f"Kim {number}", "email": "anna@acme.example"}, actor=anna.actor)
        with queries(at_most=18):
            anna.get(url(lead))


def test_one_that_was_not_suggested_is_searched_for(lead, firm, anna, html):
    other, namesake = (create_organisation({"name": "Birch", "city": city}, actor=anna.actor).id for city in ("Kiel", "Ulm"))
    person = create_contact({"name": "Lee Park"}, actor=anna.actor).id
    data = sent(html(anna.get(url(lead)))) | {"organisation": "other", "contact": "other"}
    again = html(anna.post(url(lead), data))
    assert [text.strip() for text in again.texts(".fld .error")] == ["Type a name, or choose one of the others."] * 2
    data |= {"organisation-other": "Birch", "contact-other": "lee park"}
    answer = anna.post(url(lead), data)
    assert (answer.status_code, "several organisations of this name" in html(answer).text) == (422, True)
    assert [node.attrs["value"] for node in html(answer).all("[name=organisation-other-pick][type=radio]")] == [
        f"{other}|Birch", f"{namesake}|Birch",
    ]  # fmt: skip
    assert anna.post(url(lead), {**data, "organisation-other-pick": f"{namesake}|Birch"}).status_code == 303
    assert one("select organisation_id, contact_id from lead") == (namesake, person)
