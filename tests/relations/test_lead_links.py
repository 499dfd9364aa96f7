"""The lead page: what a lead is linked to, what it may be linked to, and the other leads of its firm."""

import pytest

from leadboard.db import one
from leadboard.domain.leads import update_lead
from leadboard.domain.parties import create_contact, create_organisation, delete_parties, update_party
from leadboard.domain.relations import link_lead
from leadboard.domain.undo import undo_change
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_links import refused_links

LINKS = "select contact_id, organisation_id from lead where id = ?"
TYPED = {"person_name": "A. Kim", "organisation_name": "ACME Limited", "email": "kim@acme.example", "phone": "030 901820"}


@pytest.fixture
def lead(make, anna):
    return make.lead("Forty seats", actor=anna.actor, owner=anna.user, **TYPED)


def last_change():
    return one("select max(id) from change_set")[0]


def test_the_linked_person_and_firm_are_shown_with_their_links(anna, html, linked, firm, kim):
    page = html(anna.get(f"/leads/{linked().id}"))
    assert page.texts("#panel-linked .rel-n") == ["Anna Kim", "Acme Ltd"]
    assert [one.attrs["href"] for one in page.all("#panel-linked .grow a")] == [
        f"/contacts/{kim}", "mailto:kim@acme.example", "tel:+4930901820", f"/organisations/{firm}",
    ]  # fmt: skip


def test_one_is_linked_by_typing_and_unlinked_and_what_was_typed_stays(anna, html, lead, firm, kim):
    answer = anna.htmx(f"/leads/{lead.id}/links/organisation", {"text": "acme"}, method="post")
    assert (answer.status_code, html(answer).texts("#panel-linked .rel-n")) == (200, ["Acme Ltd"])
    answer = anna.post(f"/leads/{lead.id}/links/contact", {"text": "kim@acme.example"})
    assert (answer.status_code, one(LINKS, (lead.id,))) == (303, (kim, firm))
    for record_type in ("contact", "organisation"):
        answer = anna.htmx(f"/leads/{lead.id}/links/{record_type}/remove", {}, method="post")
        assert "typed on the lead stays" in answer.headers["HX-Trigger"]
    assert one(LINKS, (lead.id,)) == (None, None)
    assert one("select person_name, organisation_name from lead where id = ?", (lead.id,)) == ("A. Kim", "ACME Limited")
    undo_change(last_change(), actor=anna.actor)
    assert one(LINKS, (lead.id,)) == (None, firm)


@pytest.mark.parametrize("data", [{}, {"text": ""}, {"text": "nobody"}, {"id": "x"}, {"id": "77"}, {"text": "y" * 9000}])
def test_what_means_nobody_is_asked_again_with_what_was_typed(data, anna, html, lead, firm):
    for answer in (
        anna.post(f"/leads/{lead.id}/links/organisation", data),
        anna.htmx(f"/leads/{lead.id}/links/organisation", data, method="post"),
    ):
        assert answer.status_code == (404 if data.get("id") == "77" else 422)
        if data.get("text") == "nobody":
            assert html(answer).one("#panel-linked-organisation").attrs["value"] == "nobody"
    assert one(LINKS, (lead.id,)) == (None, None)


def test_records_are_made_of_what_is_typed_and_belong_together(anna, html, lead):
    anna.post(f"/leads/{lead.id}/links/organisation/new", {})
    answer = anna.htmx(f"/leads/{lead.id}/links/contact/new", {}, method="post")
    assert html(answer).texts("#panel-linked .rel-n") == ["A. Kim", "ACME Limited"]
    contact_id, organisation_id = one(LINKS, (lead.id,))
    assert one("select name, email, organisation_id from contact where id = ?", (contact_id,)) == (
        "A. Kim", "kim@acme.example", organisation_id,
    )  # fmt: skip
    again = anna.post(f"/leads/{lead.id}/links/contact/new", {})
    assert (again.status_code, one("select count(*) from contact")) == (422, (1,))
    undo_change(last_change(), actor=anna.actor)
    assert one(LINKS, (lead.id,)) == (None, organisation_id)


def test_the_person_made_first_is_at_the_firm_made_then(anna, lead):
    anna.post(f"/leads/{lead.id}/links/contact/new", {})
    anna.post(f"/leads/{lead.id}/links/organisation/new", {})
    contact_id, organisation_id = one(LINKS, (lead.id,))
    assert one("select organisation_id from contact where id = ?", (contact_id,)) == (organisation_id,)


def suggested(answer, html):
    return html(answer).texts(".rel-s .grow")


def test_a_suggestion_is_taken_refused_and_refused_no_more(anna, html, lead, firm, kim):
    url = f"/leads/{lead.id}/suggestions"
    assert f'hx-get="{url}"' in anna.get(f"/leads/{lead.id}").text
    assert suggested(anna.htmx(url, method="get"), html) == [
        "Same domain: Acme Ltd acme.example",
        "Same e-mail: Anna Kim Acme Ltd",
    ]
    answer = anna.htmx(f"/leads/{lead.id}/links/organisation/refuse", {"id": firm}, method="post")
    assert "Acme Ltd is not suggested here any more" in answer.headers["HX-Trigger"]
    assert suggested(anna.get(url), html) == ["Same e-mail: Anna Kim Acme Ltd"]
    assert anna.htmx(f"/leads/{lead.id}/links/organisation/refuse", {"id": firm}, method="post").status_code == 200
    undo_change(last_change(), actor=anna.actor)
    assert refused_links(lead.id) == set()
    assert len(suggested(anna.get(url), html)) == 2
    anna.post(f"/leads/{lead.id}/links/contact", {"id": kim})
    assert suggested(anna.get(url), html) == ["Same domain: Acme Ltd acme.example"]
    anna.post(f"/leads/{lead.id}/links/organisation", {"id": firm})
    assert "suggestions" not in anna.get(f"/leads/{lead.id}").text


def test_free_mail_suggests_no_firm(anna, html, make):
    create_organisation({"name": "Freelance", "email": "me@gmail.com", "website": "gmail.com"}, actor=anna.actor)
    lead = make.lead("Somebody", email="kim@gmail.com", actor=anna.actor, owner=anna.user)
    make.lead("Somebody else", email="lee@gmail.com", actor=anna.actor, owner=anna.user)
    assert suggested(anna.get(f"/leads/{lead.id}/suggestions"), html) == []
    assert html(anna.get(f"/leads/{lead.id}/same-firm")).all(".rel-i") == []


@pytest.mark.parametrize("data, status", [({}, 422), ({"id": "x"}, 422), ({"id": "99"}, 404)])
def test_nonsense_is_not_refused(data, status, anna, lead):
    assert anna.post(f"/leads/{lead.id}/links/contact/refuse", data).status_code == status


def test_who_may_not_see_a_record_learns_nothing_of_it(anna, ben, vera, html, lead, linked, firm, kim, own_only):
    update_lead(lead.id, {"owner": None}, actor=SYSTEM)
    shared = linked("Shared")
    update_lead(shared.id, {"owner": None}, actor=SYSTEM)
    assert suggested(ben.get(f"/leads/{lead.id}/suggestions"), html) == []
    for record_type, other in (("organisation", firm), ("contact", kim)):
        for verb in ("", "/refuse"):
            assert ben.post(f"/leads/{lead.id}/links/{record_type}{verb}", {"id": other}).status_code == 404
    text = html(ben.get(f"/leads/{shared.id}")).one("#panel-linked").text
    assert ("Kim" in text, "Acme" in text, "may not see" in text) == (False, False, True)
    # A viewer without anything to see has no panel, and may change nothing.
    assert html(vera.get(f"/leads/{lead.id}")).all("#panel-linked") == []
    assert vera.post(f"/leads/{lead.id}/links/contact/new", {}).status_code == 403
    update_party("organisation", firm, {"owner": None}, actor=SYSTEM)
    panel = html(vera.get(f"/leads/{shared.id}")).one("#panel-linked")
    assert (panel.texts(".rel-n"), panel.all("form")) == (["Acme Ltd"], [])


def test_an_organisation_merged_away_or_binned_in_another_tab(anna, html, linked, firm):
    lead = linked()
    delete_parties("organisation", [firm], actor=anna.actor)
    assert "in the bin" in html(anna.get(f"/leads/{lead.id}")).one("#panel-linked").text
    assert anna.post(f"/leads/{lead.id}/links/organisation", {"id": firm}).status_code == 404
    assert html(anna.get(f"/leads/{lead.id}/same-firm")).all(".rel-i") == []
    anna.post(f"/leads/{lead.id}/links/organisation/remove", {})
    assert one("select organisation_id from lead where id = ?", (lead.id,)) == (None,)


# ------------------------------------------------------------------------------------------ the same firm


def siblings(person, lead, html):
    return html(person.get(f"/leads/{lead.id}/same-firm")).texts(".rel-n")


def test_siblings_of_a_linked_lead_are_those_of_its_organisation(anna, ben, html, make, linked, own_only):
    leads = [linked(f"Lead {number}") for number in range(7)]
    make.lead("Stranger", organisation_name="Acme Ltd", actor=anna.actor, owner=anna.user)
    assert siblings(anna, leads[6], html) == [f"Lead {number}" for number in (5, 4, 3, 2, 1)]
    page = html(anna.get(f"/leads/{leads[6].id}/same-firm"))
    assert len(html(anna.get(page.one(".rel-all a").attrs["href"])).all("tbody tr")) == 7
    assert siblings(anna, leads[0], html) == [f"Lead {number}" for number in (6, 5, 4, 3, 2)]
    update_lead(leads[3].id, {"owner": None}, actor=SYSTEM)
    update_lead(leads[6].id, {"owner": None}, actor=SYSTEM)
    assert siblings(ben, leads[6], html) == ["Lead 3"]


def test_siblings_of_an_unlinked_lead_have_the_same_firm_or_domain(anna, html, make):
    def lead(title, **values):
        return make.lead(title, actor=anna.actor, owner=anna.user, **values)

    first = lead("First", organisation_name="Acme GmbH & Co. KG", email="a@acme.example")
    lead("By name", organisation_name="ACME, Inc.")
    lead("By domain", organisation_name="Something else", email="b@acme.example")
    lead("By website", email="c@acme.example", website="https://www.acme.example/about")
    lead("Begins alike", organisation_name="Acme Consulting")
    lead("Ends alike", email="d@not-acme.example")
    lead("Longer", email="e@acme.example.org")
    gone = lead("Gone", organisation_name="Acme")
    anna.post(f"/leads/{gone.id}/delete", {})
    assert siblings(anna, first, html) == ["By website", "By domain", "By name"]
    assert siblings(anna, lead("Nobody"), html) == []


def test_three_siblings_and_suggestions_cost_as_many_statements_as_one(anna, make, queries, firm, kim, lead):
    urls = [f"/leads/{lead.id}/same-firm", f"/leads/{lead.id}/suggestions", f"/leads/{lead.id}"]
    make.lead("One", organisation_name="Acme", email="x@acme.example", actor=anna.actor)
    counts = []
    for url in urls:
        with queries(at_most=40) as seen:
            anna.get(url)
        counts.append(len(seen.texts))
    for number in range(2):
        make.lead(f"More {number}", organisation_name="Acme", email=f"x{number}@acme.example", actor=anna.actor)
        create_organisation({"name": "ACME", "website": "acme.example"}, actor=anna.actor)
        create_contact({"name": f"Kim {number}", "email": "kim@acme.example"}, actor=anna.actor)
    for url, count in zip(urls, counts, strict=True):
        with queries(at_most=count):
            anna.get(url)


def test_links_cost_the_lead_page_one_statement_and_nothing_without_any(anna, make, queries, lead, firm, kim):
    with queries(at_most=40) as before:
        anna.get(f"/leads/{lead.id}")
    link_lead(lead.id, contact_id=kim, organisation_id=firm, actor=anna.actor)
    with queries(at_most=len(before.texts) + 1):
        anna.get(f"/leads/{lead.id}")


def test_what_is_hidden_does_not_keep_the_other_side_from_being_made(anna, ben, make, own_only):
    firm, person = make.organisation("Hidden", owner=ben.user).id, make.contact("Hidden", owner=ben.user).id
    for column, hidden, noun in (("organisation_id", firm, "contact"), ("contact_id", person, "organisation")):
        lead = make.lead("Acme", owner=anna.user, person_name="Kim", organisation_name="Acme")
        link_lead(lead.id, **{column: hidden}, actor=SYSTEM)
        assert anna.post(f"/leads/{lead.id}/links/{noun}/new").status_code == 303
        assert one(f"select {column}, {noun}_id is null from lead where id = ?", (lead.id,)) == (hidden, False)


# ------------------------------------------------------------------------------------------ in the form of a field


def sent(page):
    """What a browser sends of the form of a field as it is."""
    return {
        node.attrs["name"]: node.attrs.get("value", "")
        for node in page.all("form input")
        if node.attrs["name"] != "csrf_token" and (node.attrs["type"] != "checkbox" or "checked" in node.attrs)
    }


def test_a_field_offers_to_link_whom_it_names_and_links_only_when_the_box_is_ticked(anna, html, lead, firm):
    url = f"/leads/{lead.id}/fields/organisation_name"
    form = html(anna.htmx(url, {}, method="get"))
    assert [" ".join(text.split()) for text in form.texts(".links label")] == ["Link to the organisation Acme Ltd"]
    data = {**sent(form), "organisation_name": "ACME Ltd."}
    assert anna.htmx(url, data, method="post").status_code == 200
    assert one(LINKS, (lead.id,)) == (None, None)
    answer = anna.htmx(url, {**sent(html(anna.htmx(url, {}, method="get"))), "link-organisation": "1"}, method="post")
    assert (one(LINKS, (lead.id,)), html(answer).texts("#panel-linked .rel-n")) == ((None, firm), ["Acme Ltd"])
    assert html(anna.htmx(url, {}, method="get")).all(".links") == []
    undo_change(last_change(), actor=anna.actor)
    assert one("select contact_id, organisation_id, organisation_name from lead where id = ?", (lead.id,)) == (
        None,
        None,
        "ACME Ltd.",
    )


def test_a_taken_suggestion_is_ticked_and_what_was_refused_is_not_offered(anna, html, lead, firm, kim):
    url = f"/leads/{lead.id}/recognised?side=contact&side=organisation"
    boxes = html(anna.post(url, {"person_name": "Anna Kim", "person_name-pick": f"{kim}|Anna Kim"}))
    assert [(node.attrs["id"], "checked" in node.attrs) for node in boxes.all("input[type=checkbox]")] == [
        ("link-contact", True), ("link-organisation", False),
    ]  # fmt: skip
    anna.post(f"/leads/{lead.id}/links/organisation/refuse", {"id": firm})
    assert html(anna.post(url, {"organisation_name": "Acme"})).all("[id=link-organisation]") == []
    answer = anna.post(
        f"/leads/{lead.id}/edit", {"version": "1", "person_name": "Anna Kim", "person_name-pick": f"{kim}|Anna Kim"}
    )
    assert (answer.status_code, one(LINKS, (lead.id,))) == (303, (kim, None))


def test_the_form_of_a_field_never_moves_a_link(anna, linked, firm):
    lead = linked(organisation_name="Acme")
    other = create_organisation({"name": "Birch"}, actor=anna.actor).id
    anna.post(
        f"/leads/{lead.id}/fields/organisation_name",
        {"organisation_name": "Birch", "organisation_name-pick": f"{other}|Birch", "was-organisation_name": "Acme"},
    )
    assert one("select organisation_name, organisation_id from lead where id = ?", (lead.id,)) == ("Birch", firm)


def test_a_suggestion_is_taken_where_one_is_linked(anna, lead, firm, kim):
    create_organisation({"name": "Acme"}, actor=anna.actor)
    anna.post(f"/leads/{lead.id}/links/organisation", {"text": "Acme Ltd", "text-pick": f"{firm}|Acme Ltd"})
    anna.post(f"/leads/{lead.id}/links/contact", {"text": "kim@acme.example", "text-pick": "999|somebody else"})
    assert one(LINKS, (lead.id,)) == (kim, firm)
