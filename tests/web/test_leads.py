"""The list, a new lead, and what is done with several leads."""

import pytest

from leadboard.domain.leads import delete_leads
from leadboard.models import ChangeSet, Lead
from leadboard.permissions import SYSTEM


def titles(html, answer):
    return html(answer).texts("td.who a")


def test_the_list_shows_the_leads_and_their_place(anna, make, html):
    make.lead("Baltic Foods", value_amount=980000, organisation_name="Baltic", owner=anna.user)
    make.task(Lead.get(), "Call")

    page = html(anna.get("/leads"))

    assert [" ".join(text.split()) for text in page.texts("tbody td")][1:7] == [
        "Baltic Foods",
        "Baltic",
        "New",
        "9.800 €",
        "Call",
        "AKAnna Kowalska",
    ]
    assert page.one(".pager").text == "1–1 of 1"


def test_without_any_lead_the_list_says_what_to_do(anna, vera, html):
    page = html(anna.get("/leads"))

    assert page.one(".empty h2").text == "No leads yet"
    assert page.one(".empty a.btn-primary").attrs["href"] == "/leads/new"
    assert html(vera.get("/leads")).all(".empty a") == []


def test_a_filter_that_matches_nothing_says_so_and_leads_back(anna, make, html):
    make.lead("Acme")

    page = html(anna.get("/leads?q=nobody"))

    assert page.one(".empty h2").text == "No lead matches"
    assert page.one(".empty a").attrs["href"] == "/leads"


def test_the_search_answers_htmx_with_the_list_and_the_chips(anna, make, html):
    make.lead("Acme")
    make.lead("Baltic")

    answer = anna.htmx("/leads", {"q": "balt", "owner": "none"}, method="GET")

    page = html(answer)
    assert titles(html, answer) == ["Baltic"]
    assert page.all("html") == []
    assert page.one("hx-partial[hx-target=#chips] .chip.on").text == "Owner: Nobody"


def test_headings_sort_and_keep_the_filter(anna, make, html):
    for title, value in (("b", 200), ("a", None), ("c", 100)):
        make.lead(title, value_amount=value)

    page = html(anna.get("/leads?q=&owner=none&sort=value"))

    assert page.texts("td.who a") == ["c", "b", "a"]
    value = next(th for th in page.all("th") if "Value" in th.text)
    assert (value.attrs["aria-sort"], value.one("a").attrs["href"]) == ("ascending", "/leads?owner=none&sort=-value")


def test_pages_follow_each_other(anna, make, html):
    for number in range(52):
        make.lead(f"Lead {number}")

    first = html(anna.get("/leads?sort=title"))
    second = html(anna.get(first.one("a[rel=next]").attrs["href"]))
    again = html(anna.get(second.one("a[rel=prev]").attrs["href"]))

    assert [first.one(".pager span").text, second.one(".pager span").text] == ["1–50 of 52", "51–52 of 52"]
    assert second.texts("td.who a") == ["Lead 50", "Lead 51"]
    assert again.texts("td.who a") == first.texts("td.who a")


@pytest.mark.parametrize("query", ["pipeline=99", "sort=id", "after=rubbish", "owner=x", "stage=1;drop"])
def test_an_unknown_filter_is_refused_with_the_way_out(anna, make, query):
    make.lead()

    answer = anna.get(f"/leads?{query}")

    assert answer.status_code == 400
    assert "Traceback" not in answer.get_data(as_text=True)


def test_the_list_costs_the_same_with_one_and_three_leads(anna, make, queries):
    make.lead(owner=anna.user)
    anna.get("/leads")  # what is kept between requests is read once
    with queries(at_most=8) as one:
        anna.get("/leads?sort=value&q=lead")
    make.leads(2, owner=anna.user)
    with queries(at_most=8) as three:
        anna.get("/leads?sort=value&q=lead")

    assert len(one.texts) == len(three.texts)


def test_a_viewer_sees_no_way_to_write(vera, make, html):
    make.lead("Acme")

    page = html(vera.get("/leads"))

    assert page.all("table input[type=checkbox]") == page.all("a[href=/leads/new]") == page.all(".bulk") == []


def test_members_see_their_own_and_unassigned_leads_only(anna, ben, mona, vera, carla, make, html):
    make.set_up(member_visibility="own")
    make.lead("Anna's", owner=anna.user)
    make.lead("Free")

    assert [sorted(titles(html, person.get("/leads"))) for person in (anna, ben, mona, vera)] == [
        ["Anna's", "Free"],
        ["Free"],
        ["Anna's", "Free"],
        ["Free"],
    ]
    assert carla.get("/leads").status_code == 303


# ---------------------------------------------------------------------------------------------- new


def test_a_new_lead_is_typed_as_people_type(anna, make, html):
    make.pipeline()
    offer = make.stage("Offer")

    answer = anna.post("/leads/new", {
        "person_name": "Anna Nowak", "value_amount": "24.5k", "expected_close_on": "2026-12-01", "probability": "40 %", "employees": "1 200",
        "country": "PL", "interest": "hot", "owner": str(anna.id), "stage": str(offer.id), "value_currency": "EUR",
    })  # fmt: skip

    lead = Lead.get()
    assert (answer.status_code, answer.location) == (303, f"/leads/{lead.id}")
    assert (lead.title, lead.value_amount, lead.value_currency, str(lead.expected_close_on), lead.probability) == (
        "Anna Nowak", 2450000, "EUR", "2026-12-01", 40,
    )  # fmt: skip
    assert (lead.employees, lead.country, lead.interest, lead.owner_id, lead.stage_id) == (1200, "PL", "hot", anna.id, offer.id)


def test_an_amount_may_name_its_currency(anna, make):
    make.pipeline()

    anna.post("/leads/new", {"title": "x", "value_amount": "100 USD", "value_currency": "EUR"})

    assert (Lead.get().value_amount, Lead.get().value_currency) == (10000, "USD")


def test_a_new_lead_starts_in_the_pipeline_whose_board_asked(anna, make, html):
    make.pipeline()
    second = make.pipeline()

    page = html(anna.get(f"/leads/new?pipeline={second.id}"))

    assert page.one("#stage option[selected]").attrs["value"] == str(make.stage("New", second).id)


def test_errors_stand_beside_their_fields_and_keep_what_was_typed(anna, make, html):
    make.pipeline()

    answer = anna.post(
        "/leads/new",
        {"person_name": "Anna", "email": "anna", "value_amount": "lots", "expected_close_on": "never", "city": "Gdańsk"},
    )

    page = html(answer)
    assert answer.status_code == 422
    assert {node.attrs["id"] for node in page.all(".error")} == {"email-error", "value_amount-error", "expected_close_on-error"}
    assert [page.one(f"#{name}").attrs["value"] for name in ("person_name", "email", "value_amount", "city")] == [
        "Anna",
        "anna",
        "lots",
        "Gdańsk",
    ]
    assert Lead.select().count() == 0


def test_a_lead_without_a_name_is_told_so_at_the_title(anna, make, html):
    make.pipeline()

    page = html(anna.post("/leads/new", {"city": "Gdańsk"}))

    assert "needs a name" in page.one("#title-error").text


def test_a_stage_that_has_gone_is_told(anna, make, html):
    make.pipeline()

    answer = anna.post("/leads/new", {"title": "x", "stage": "99"})

    assert (answer.status_code, "no longer exists" in html(answer).one("#stage-error").text) == (422, True)


def test_a_name_of_ten_thousand_characters_is_refused(anna, make, html):
    make.pipeline()

    answer = anna.post("/leads/new", {"person_name": "x" * 10_000})

    assert (answer.status_code, html(answer).one("#person_name-error").text) == (
        422,
        "Person is too long: at most 200 characters.",
    )


def test_a_lead_made_for_a_colleague_may_be_out_of_sight(anna, ben, make):
    make.set_up(member_visibility="own")
    make.pipeline()

    answer = anna.post("/leads/new", {"title": "x", "owner": str(ben.id)})

    assert answer.location == "/leads"


# ---------------------------------------------------------------------------------------------- many at once


def test_ticked_leads_are_assigned_and_it_is_undone_as_one(mona, anna, make):
    leads = make.leads(3)

    answer = mona.post(
        "/leads/bulk", {"action": "assign", "owner": str(anna.id), "id": [lead.id for lead in leads], "next": "/leads?sort=title"}
    )

    assert (answer.status_code, answer.location) == (303, "/leads?sort=title")
    assert [lead.owner_id for lead in Lead.select()] == [anna.id] * 3
    mona.post(f"/undo/{ChangeSet.select().order_by(ChangeSet.id.desc()).get().id}")
    assert [lead.owner_id for lead in Lead.select()] == [None] * 3


def test_ticked_leads_go_to_the_bin_and_come_back(mona, make, html):
    leads = make.leads(2)

    mona.post("/leads/bulk", {"action": "delete", "id": [lead.id for lead in leads]})
    page = html(mona.get("/leads"))

    assert page.one("#toasts .toast-i span").text == "2 leads are in the bin"
    assert Lead.select().where(Lead.deleted_at.is_null()).count() == 0
    mona.post(page.one("#toasts form[data-undo]").attrs["action"])
    assert Lead.select().where(Lead.deleted_at.is_null()).count() == 2


def test_nothing_is_deleted_when_one_of_them_is_somebody_elses(anna, ben, make):
    mine, theirs = make.lead(owner=anna.user), make.lead(owner=ben.user)

    answer = anna.post("/leads/bulk", {"action": "delete", "id": [mine.id, theirs.id]})

    assert answer.status_code == 403
    assert Lead.select().where(Lead.deleted_at.is_null(False)).count() == 0


@pytest.mark.parametrize(
    "data, status",
    [({}, 303), ({"id": "x"}, 422), ({"id": "1"}, 422), ({"id": "1", "action": "burn"}, 422), ({"id": ["1"] * 5001, "action": "delete"}, 422),
     ({"id": "1", "action": "assign", "owner": "me"}, 422), ({"id": "1", "action": "assign", "owner": "99"}, 422), ({"id": "99", "action": "delete"}, 303)],
)  # fmt: skip
def test_a_bulk_action_that_makes_no_sense_changes_nothing(mona, make, data, status):
    lead = make.lead()

    assert mona.post("/leads/bulk", data).status_code == status
    assert (Lead.get().version, Lead.get().deleted_at) == (lead.version, None)


def test_one_form_carries_five_thousand_ids(mona, make, run_jobs):
    lead = make.lead()

    answer = mona.post("/leads/bulk", {"action": "delete", "id": [lead.id, *range(10_000_000, 10_004_999)]})

    # More than are done at once: they are looked at first.
    assert answer.location.startswith("/bulk/")
    mona.post(f"{answer.location.partition('?')[0]}/start")
    run_jobs()
    assert Lead.get().deleted_at is not None


# ---------------------------------------------------------------------------------------------- the bin


def test_the_bin_restores(mona, make, html):
    lead = make.lead("Acme")
    mona.post(f"/leads/{lead.id}/delete")

    page = html(mona.get("/bin"))
    answer = mona.post("/bin/restore", {"id": lead.id})

    assert page.one("td.who b").text == "Acme"
    assert [td.text for td in page.all("tbody td")][3:] == ["Mona Haddad", page.all("time")[-1].text, "30 days"]
    assert (answer.status_code, Lead.get().deleted_at) == (303, None)
    assert html(mona.get("/bin")).one(".empty h2").text == "The bin is empty"


def test_members_restore_their_own_only(anna, ben, make, html):
    mine, theirs = make.lead("Mine", owner=anna.user), make.lead("Ben's", owner=ben.user)
    delete_leads([mine.id, theirs.id], actor=SYSTEM)

    page = html(anna.get("/bin"))

    assert [box.attrs["value"] for box in page.all("td.pick input")] == [str(mine.id)]
    assert anna.post(f"/leads/{theirs.id}/restore").status_code == 403
    assert anna.post(f"/leads/{mine.id}/restore").location == f"/leads/{mine.id}"


def test_what_is_not_in_the_bin_cannot_be_restored(mona, make):
    lead = make.lead()

    assert [mona.post(f"/leads/{number}/restore").status_code for number in (lead.id, 99)] == [404, 404]
    assert mona.post("/bin/restore", {"id": 99}).status_code == 303
