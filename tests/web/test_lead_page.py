"""The lead page and its edits, one field or all."""

import json
from datetime import date

import pytest

from leadboard.domain.leads import assign_leads, delete_leads, update_lead
from leadboard.domain.moves import Loss, move_lead
from leadboard.models import Lead
from leadboard.permissions import SYSTEM


@pytest.fixture
def acme(make, anna):
    return make.lead(
        "Acme",
        owner=anna.user,
        city="Gdańsk",
        phone="+48 22 555 01 20",
        email="a@acme.example",
        website="acme.example",
        value_amount=120050,
    )


def fact(page, name):
    return page.one(f"#f-{name} dd")


def edit(person, lead, name, value, *, version=None, was=None, **more):
    data = {"version": version or lead.version, f"was-{name}": getattr(lead, name) if was is None else was, name: value, **more}
    return person.htmx(f"/leads/{lead.id}/fields/{name}", data)


# ---------------------------------------------------------------------------------------------- the page


def test_the_page_shows_every_field_and_who_set_it(acme, anna, ben, html):
    update_lead(acme.id, {"city": "Sopot"}, actor=ben.actor)

    page = html(anna.get(f"/leads/{acme.id}"))

    assert page.one("h1").text == "Acme"
    assert fact(page, "city").one("span").attrs["title"].startswith("Ben Carter, ")
    assert [fact(page, name).one("span a").attrs["href"] for name in ("phone", "email", "website")] == [
        "tel:+48225550120", "mailto:a@acme.example", "https://acme.example",
    ]  # fmt: skip
    assert fact(page, "value_amount").one("span").text == "1.200,50 €"
    assert fact(page, "industry").text == "Not set"
    assert len({node.attrs["id"] for node in page.all(".fact")}) == len(page.all(".fact")) == 24


def test_text_that_people_typed_stays_text(make, anna, html):
    lead = make.lead('<script>alert(1)</script>"', city="<b>x</b>", website="javascript:1")
    Lead.update(other_columns=json.dumps({"<i>": "<u>"})).execute()

    page = html(anna.get(f"/leads/{lead.id}"))

    assert [page.all(tag) for tag in ("b script", "i", "u")] == [[], [], []]
    assert fact(page, "website").one("span a").attrs["href"] == "https://javascript:1"


def test_columns_of_an_import_are_kept_in_sight(make, anna, html):
    lead = make.lead()
    Lead.update(other_columns=json.dumps({"Product": "GTX", "Empty": ""})).execute()

    page = html(anna.get(f"/leads/{lead.id}"))

    assert [(node.one("dt").text, node.one("dd").text) for node in page.all("section[aria-labelledby=h-other] .fact")] == [
        ("Product", "GTX")
    ]


def test_the_stage_bar_moves_on_click(acme, anna, html, make):
    page = html(anna.get(f"/leads/{acme.id}"))
    button = page.all("form.path button")[2]

    answer = anna.post(
        page.one("form.path").attrs["action"],
        {button.attrs["name"]: button.attrs["value"], "version": 1, "next": f"/leads/{acme.id}"},
    )

    assert (answer.status_code, answer.location) == (303, f"/leads/{acme.id}")
    steps = html(anna.get(f"/leads/{acme.id}")).all("form.path li")
    assert [step.attrs.get("class", "") for step in steps] == ["done", "done", "done", "here"]
    assert steps[0].one("small").text == "under a day"


def test_a_lost_lead_says_when_and_why(acme, anna, html, make):
    reason = make.lost_reason("Too dear")
    move_lead(acme.id, to_stage_id=make.stage("Lost").id, actor=anna.actor, loss=Loss(reason.id, "Zebra"))

    page = html(anna.get(f"/leads/{acme.id}"))

    assert page.one("form.path.lost .here small").text.endswith("· Too dear · Zebra")
    assert page.all("button[value=won]") == []


def test_the_page_costs_the_same_with_one_and_three_edits_and_people(acme, anna, queries, make):
    make.note(acme)
    make.task(acme)
    anna.get("/leads")  # what is kept between requests is read once
    with queries(at_most=14) as one:
        anna.get(f"/leads/{acme.id}")
    for city, name in (("Sopot", "Dora"), ("Gdynia", "Eva")):
        update_lead(acme.id, {"city": city, "region": city}, actor=anna.actor)
        make.note(acme)
        make.task(acme)
        make.user(name)
    with queries(at_most=14) as three:
        anna.get(f"/leads/{acme.id}")

    assert len(one.texts) == len(three.texts)


def test_a_viewer_reads_and_writes_nothing(acme, vera, html):
    page = html(vera.get(f"/leads/{acme.id}"))

    assert page.all(".fact-e") == page.all("form.path button") == page.all(".lead-a form") == []
    for url in ("edit", "fields/city", "delete", "assign", "restore"):
        assert vera.post(f"/leads/{acme.id}/{url}", {"city": "x", "version": 1}).status_code == 403
    assert [vera.get(f"/leads/{acme.id}/{url}").status_code for url in ("edit", "fields/city")] == [403, 403]
    assert (
        vera.post("/leads/new", {"title": "x"}).status_code
        == vera.post("/leads/bulk").status_code
        == vera.get("/bin").status_code
        == 403
    )
    assert Lead.get_by_id(acme.id).version == 1


def test_nobody_reaches_a_lead_that_is_not_theirs_to_see(acme, ben, vera, mona, carla, make):
    make.set_up(member_visibility="own")
    gets = ["", "/edit", "/fields/city", "/fields/city/row"]
    posts = ["/edit", "/fields/city", "/delete", "/assign"]

    assert [ben.get(f"/leads/{acme.id}{url}").status_code for url in gets] == [404] * 4
    assert [ben.post(f"/leads/{acme.id}{url}", {"city": "x", "version": 1}).status_code for url in posts] == [404] * 4
    assert vera.get(f"/leads/{acme.id}").status_code == 404
    assert mona.get(f"/leads/{acme.id}").status_code == 200
    assert carla.get(f"/leads/{acme.id}").status_code == 303
    assert Lead.get_by_id(acme.id).version == 1


def test_a_deleted_lead_is_not_found(acme, anna):
    delete_leads([acme.id], actor=anna.actor)

    assert [anna.get(f"/leads/{acme.id}{url}").status_code for url in ("", "/edit")] == [404, 404]
    assert anna.get("/leads/99999999999999999999").status_code == 404


def test_an_unassigned_lead_can_be_taken(make, ben, html):
    lead = make.lead()
    form = html(ben.get(f"/leads/{lead.id}")).one(f"form[action=/leads/{lead.id}/assign]")

    answer = ben.post(form.attrs["action"], {"owner": form.one("input[name=owner]").attrs["value"]})

    assert (answer.location, Lead.get_by_id(lead.id).owner_id) == (f"/leads/{lead.id}", ben.id)


def test_a_member_may_not_give_away_what_is_not_theirs(acme, ben, anna):
    assert ben.post(f"/leads/{acme.id}/assign", {"owner": str(ben.id)}).status_code == 403
    assert Lead.get_by_id(acme.id).owner_id == anna.id


# ---------------------------------------------------------------------------------------------- one field


def test_a_field_is_edited_in_its_row(acme, anna, html):
    form = html(anna.htmx(f"/leads/{acme.id}/fields/city", method="GET")).one("#f-city form")
    assert form.one("input[name=city]").attrs["value"] == "Gdańsk"

    answer = edit(anna, acme, "city", "Sopot")

    page = html(answer)
    assert (answer.status_code, fact(page, "city").one("span").text, Lead.get_by_id(acme.id).city) == (200, "Sopot", "Sopot")
    assert page.one("hx-partial[hx-target=#lead-head] h1").text == "Acme"
    assert "Sopot" in page.one("hx-partial[hx-target=#timeline]").text
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "City saved"
    assert "undo" in json.loads(answer.headers["HX-Trigger"])["toast"]


def test_the_title_that_follows_is_drawn_again(make, anna, html):
    lead = make.lead(" ", person_name="Anna")

    page = html(edit(anna, lead, "person_name", "Anna Nowak"))

    assert page.one("hx-partial[hx-target=#f-title] dd span").text == "Anna Nowak" == page.one("h1").text


def test_an_error_keeps_the_form_open(acme, anna, html):
    answer = edit(anna, acme, "email", "nonsense")

    page = html(answer)
    assert (answer.status_code, page.one("input[name=email]").attrs["value"]) == (422, "nonsense")
    assert "not an e-mail address" in page.one("#e-email-error").text
    assert page.one("input[name=was-email]").attrs["value"] == "a@acme.example"


def test_value_and_currency_are_one(acme, anna, html):
    data = {
        "version": 1,
        "was-value_amount": "1200,50",
        "was-value_currency": "EUR",
        "value_amount": "1200,50",
        "value_currency": "JPY",
    }

    page = html(anna.htmx(f"/leads/{acme.id}/fields/value_amount", data))

    assert (Lead.get_by_id(acme.id).value_amount, Lead.get_by_id(acme.id).value_currency) == (1201, "JPY")
    assert "1.201" in fact(page, "value_amount").text


def test_a_field_can_be_emptied(acme, anna):
    update_lead(acme.id, {"expected_close_on": date(2026, 12, 1)}, actor=anna.actor)
    for name, was in (
        ("city", "Gdańsk"),
        ("expected_close_on", "2026-12-01"),
        ("owner", str(anna.id)),
        ("value_amount", "1200,50"),
    ):
        more = {"value_currency": "EUR", "was-value_currency": "EUR"} if name == "value_amount" else {}
        assert edit(anna, acme, name, "", was=was, version=9, **more).status_code == 200

    lead = Lead.get_by_id(acme.id)
    assert (lead.city, lead.expected_close_on, lead.owner_id, lead.value_amount, lead.value_currency) == (
        "",
        None,
        None,
        None,
        "",
    )


def test_an_unknown_field_is_not_found(acme, anna):
    for name in ("version", "deleted_at", "owner_id", "x"):
        assert anna.get(f"/leads/{acme.id}/fields/{name}").status_code == 404


def test_two_edits_of_one_field_show_both_values_and_ask(acme, anna, ben, html):
    edit(anna, acme, "city", "Sopot")

    answer = edit(ben, acme, "city", "Gdynia")

    page = html(answer)
    assert answer.status_code == 409
    assert [(node.one(".who").text, node.one(".val").text) for node in page.all(".versus label")] == [
        ("Yours", "Gdynia"),
        ("Anna Kowalska", "Sopot"),
    ]
    assert Lead.get_by_id(acme.id).city == "Sopot"

    sent = {
        node.attrs["name"]: node.attrs.get("value", "") for node in page.all("form input") if node.attrs.get("type") == "hidden"
    }
    kept = ben.htmx(f"/leads/{acme.id}/fields/city", {**sent, "city": "Sopot"})
    assert (kept.status_code, Lead.get_by_id(acme.id).version) == (200, 2)
    assert ben.htmx(f"/leads/{acme.id}/fields/city", {**sent, "city": "Gdynia"}).status_code == 200
    assert Lead.get_by_id(acme.id).city == "Gdynia"


def test_a_third_change_during_the_choice_is_asked_about_again(acme, anna, ben, mona, html):
    edit(anna, acme, "city", "Sopot")
    page = html(edit(ben, acme, "city", "Gdynia"))
    sent = {
        node.attrs["name"]: node.attrs.get("value", "") for node in page.all("form input") if node.attrs.get("type") == "hidden"
    }
    update_lead(acme.id, {"city": "Hel"}, actor=mona.actor)

    assert ben.htmx(f"/leads/{acme.id}/fields/city", {**sent, "city": "Gdynia"}).status_code == 409
    assert Lead.get_by_id(acme.id).city == "Hel"


def test_owners_in_conflict_are_shown_by_name(acme, anna, ben, mona, html):
    assign_leads([acme.id], owner_id=ben.id, actor=mona.actor)

    page = html(edit(mona, acme, "owner", str(mona.id), was=str(anna.id)))

    assert page.texts(".versus .val") == ["Mona Haddad", "Ben Carter"]


def test_whoever_gives_a_lead_out_of_sight_goes_back_to_the_list(acme, anna, ben, make):
    make.set_up(member_visibility="own")

    answer = edit(anna, acme, "owner", str(ben.id), was=str(anna.id))

    assert (answer.headers["HX-Redirect"], Lead.get_by_id(acme.id).owner_id) == ("/leads", ben.id)


# ---------------------------------------------------------------------------------------------- all fields


def whole(html, answer):
    """What a browser would send of a form."""
    form = html(answer).one("form.panel")
    data = {
        node.attrs["name"]: node.attrs.get("value", "")
        for node in form.all("input")
        if node.attrs.get("type") != "radio" or "checked" in node.attrs
    }
    for select in form.all("select"):
        chosen = [option for option in select.all("option") if "selected" in option.attrs]
        data[select.attrs["name"]] = chosen[0].attrs["value"] if chosen else ""
    return data


def test_the_whole_form_saves_what_was_changed(acme, anna, html):
    data = whole(html, anna.get(f"/leads/{acme.id}/edit"))

    answer = anna.post(f"/leads/{acme.id}/edit", {**data, "city": "Sopot", "interest": "hot"})

    lead = Lead.get_by_id(acme.id)
    assert (answer.status_code, answer.location, lead.version) == (303, f"/leads/{acme.id}", 2)
    assert (lead.city, lead.interest, lead.phone, lead.value_amount, lead.owner_id) == (
        "Sopot",
        "hot",
        "+48 22 555 01 20",
        120050,
        anna.id,
    )


def test_sending_the_whole_form_untouched_changes_nothing(acme, anna, html):
    update_lead(
        acme.id, {"expected_close_on": date(2026, 12, 1), "employees": 1200, "probability": 40, "country": "PL"}, actor=anna.actor
    )
    data = whole(html, anna.get(f"/leads/{acme.id}/edit"))

    anna.post(f"/leads/{acme.id}/edit", data)

    assert Lead.get_by_id(acme.id).version == 2


def test_a_field_nobody_touched_leaves_a_colleagues_change(acme, anna, ben, html):
    data = whole(html, anna.get(f"/leads/{acme.id}/edit"))
    update_lead(acme.id, {"city": "Sopot"}, actor=ben.actor)

    answer = anna.post(f"/leads/{acme.id}/edit", {**data, "region": "Pomorze"})

    lead = Lead.get_by_id(acme.id)
    assert (answer.status_code, lead.city, lead.region) == (303, "Sopot", "Pomorze")


def test_the_whole_form_asks_about_a_conflict_and_keeps_the_rest(acme, anna, ben, html):
    data = whole(html, anna.get(f"/leads/{acme.id}/edit"))
    update_lead(acme.id, {"city": "Sopot", "industry": "Food"}, actor=ben.actor)

    answer = anna.post(f"/leads/{acme.id}/edit", {**data, "city": "Gdynia", "region": "Pomorze"})

    assert answer.status_code == 409
    assert html(answer).texts("#f-city .val") == ["Gdynia", "Sopot"]
    assert Lead.get_by_id(acme.id).region == ""
    anna.post(f"/leads/{acme.id}/edit", whole(html, answer))
    lead = Lead.get_by_id(acme.id)
    assert (lead.city, lead.region, lead.industry) == ("Gdynia", "Pomorze", "Food")


def test_an_error_in_the_whole_form_keeps_everything(acme, anna, ben, html):
    data = whole(html, anna.get(f"/leads/{acme.id}/edit"))
    update_lead(acme.id, {"region": "Pomorze"}, actor=ben.actor)

    answer = anna.post(f"/leads/{acme.id}/edit", {**data, "city": "Sopot", "probability": "140"})

    assert (answer.status_code, html(answer).one("#probability-error").text) == (422, "Probability must be between 0 and 100.")
    anna.post(f"/leads/{acme.id}/edit", {**whole(html, answer), "probability": "14"})
    lead = Lead.get_by_id(acme.id)
    assert (lead.city, lead.probability, lead.region) == ("Sopot", 14, "Pomorze")


def test_one_field_has_a_page_of_its_own_without_javascript(acme, anna, html):
    page = html(anna.get(f"/leads/{acme.id}/fields/city"))

    assert page.one("html form input[name=city]").attrs["value"] == "Gdańsk"
    answer = anna.post(f"/leads/{acme.id}/fields/city", {"version": 1, "was-city": "Gdańsk", "city": "Sopot"})
    assert (answer.status_code, answer.location) == (303, f"/leads/{acme.id}")


def test_the_system_may_own_nothing(make):
    assert make.lead(actor=SYSTEM).owner_id is None
