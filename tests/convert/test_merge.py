"""Merging and splitting in the browser: whom with, field by field, and back again."""

import pytest

from leadboard.db import execute, one, rows
from leadboard.domain.custom_fields import add_field
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_contact, create_organisation, create_party, delete_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import link_lead
from leadboard.domain.settings import change_settings
from leadboard.domain.undo import undo_change
from leadboard.permissions import SYSTEM


@pytest.fixture
def pair(anna):
    """An older contact that fewer is known of, and a newer one."""
    older = create_contact({"name": "Anna Kim", "email": "anna@acme.example", "city": "Kiel"}, actor=anna.actor).id
    newer = create_contact({"name": "A. Kim", "phone": "+49 30 901820", "city": "Bonn"}, actor=anna.actor).id
    execute("update contact set updated_at = updated_at - 1000 where id = ?", (older,))
    return older, newer


def url(pair, plural="contacts"):
    return f"/{plural}/{pair[0]}/merge/{pair[1]}"


def sent(page):
    return {
        node.attrs["name"]: node.attrs["value"]
        for node in page.all("form.merge input")
        if node.attrs["name"] != "csrf_token" and (node.attrs["type"] != "radio" or "checked" in node.attrs)
    }


def toast(page):
    return page.one("[data-toast] span").text


def labels(page):
    return [node.text for node in page.all("fieldset legend")][1:]


def test_both_are_shown_with_defaults_and_the_chosen_values_are_kept(pair, anna, make, html):
    older, newer = pair
    add_note(body="From the fair", contact_id=newer, actor=anna.actor)
    link_lead(make.lead(owner=anna.user).id, contact_id=newer, actor=anna.actor)
    set_points([Point("phone", "+49 40 1", "desk")], contact_id=newer, actor=anna.actor)
    page = html(anna.get(url(pair)))
    assert labels(page) == ["Name", "E-mail", "Phone", "City"]
    assert [node.text for node in page.all("fieldset small")] == ["On it: nothing yet", "On it: 1 note, 1 lead"]
    assert "+49 40 1" in page.one("form.merge").text
    data = sent(page)
    assert data == {
        "keep": str(older), f"version-{older}": "1", f"version-{newer}": "1",
        "v-name": str(newer), "v-email": str(older), "v-phone": str(newer), "v-city": str(newer),
    }  # fmt: skip
    answer = anna.post(url(pair), {**data, "v-name": older})
    assert (answer.status_code, answer.location) == (303, f"/contacts/{older}")
    assert one("select name, email, phone, city from contact where id = ?", (older,)) == (
        "Anna Kim", "anna@acme.example", "+49 30 901820", "Bonn",
    )  # fmt: skip
    assert (one("select contact_id from note"), one("select contact_id from lead")) == ((older,), (older,))
    kept = html(anna.get(f"/contacts/{older}"))
    assert toast(kept) == "A. Kim is merged into Anna Kim"
    assert kept.one("#panel-merged li b").text == "A. Kim"
    away = anna.get(f"/contacts/{newer}")
    assert (away.status_code, away.location) == (303, f"/contacts/{older}")
    assert toast(html(anna.get(away.location))) == "What you opened was merged into Anna Kim."


def test_the_other_one_may_be_kept(pair, anna, html):
    data = sent(html(anna.get(url(pair))))
    assert anna.post(url(pair), {**data, "keep": pair[1]}).location == f"/contacts/{pair[1]}"
    assert rows("select id, name, email from contact where deleted_at is null") == [(pair[1], "A. Kim", "anna@acme.example")]


def test_it_is_split_again_from_the_page(pair, anna, html):
    older, newer = pair
    merge_records("contact", older, newer, actor=anna.actor)
    page = html(anna.get(f"/contacts/{older}"))
    ask = html(anna.get(page.one("#panel-merged a").attrs["href"]))
    answer = anna.post(ask.one("main form").attrs["action"])
    assert (answer.status_code, answer.location) == (303, f"/contacts/{older}")
    page = html(anna.get(f"/contacts/{older}"))
    assert toast(page) == "A. Kim is a record of its own again"
    assert page.all("#panel-merged") == []
    assert rows("select id, name, city from contact where deleted_at is null order by id") == [
        (older, "Anna Kim", "Kiel"), (newer, "A. Kim", "Bonn"),
    ]  # fmt: skip
    assert anna.get(f"/contacts/{newer}").status_code == 200


def test_a_split_that_cannot_be_says_why(pair, anna, ben, html):
    older, newer = pair
    third = create_contact({"name": "Kim"}, actor=anna.actor).id
    first = merge_records("contact", older, newer, actor=anna.actor)
    split = f"/merges/{first.change_set_id}/split"
    assert ben.post(split).status_code == 403
    second = merge_records("contact", third, older, values={}, actor=anna.actor)
    for answer in (anna.get(split), anna.post(split)):
        assert (answer.status_code, "merged into Kim since. Split that one first." in answer.text) == (422, True)
    assert anna.get(f"/contacts/{newer}").location == f"/contacts/{third}"
    undo_change(second.change_set_id, actor=anna.actor)
    delete_parties("contact", [older], actor=anna.actor)
    assert "is in the bin. Restore it first" in anna.get(split).text
    assert anna.get("/merges/4711/split").status_code == 404


def test_what_was_changed_since_comes_back_marked(pair, anna, ben, html):
    older, newer = pair
    data = {**sent(html(anna.get(url(pair)))), "v-name": older}
    update_party("contact", newer, {"city": "Köln"}, actor=ben.actor)
    answer = anna.post(url(pair), data)
    page = html(answer)
    assert answer.status_code == 409
    assert page.one("fieldset.marked legend").text == "City Ben Carter changed this just now"
    again = sent(page)
    assert (again["v-name"], again[f"version-{newer}"]) == (str(older), "2")
    assert one("select count(*) from contact where deleted_at is null") == (2,)
    assert anna.post(url(pair), again).status_code == 303
    assert one("select name, city from contact where id = ?", (older,)) == ("Anna Kim", "Köln")


def test_a_second_click_finds_them_one_and_a_third_record_takes_the_place(pair, anna, html):
    older, newer = pair
    data = sent(html(anna.get(url(pair))))
    assert [anna.post(url(pair), data).location for _ in range(2)] == [f"/contacts/{older}"] * 2
    assert toast(html(anna.get(f"/contacts/{older}"))) == "The two are one already: A. Kim"
    third = create_contact({"name": "Kim"}, actor=anna.actor).id
    assert anna.get(f"/contacts/{third}/merge/{newer}").location == f"/contacts/{third}/merge/{older}"


def test_custom_fields_and_equal_values(pair, anna, ada, html):
    add_field("Size", "number", record_type="contact", actor=ada.actor)
    add_field("Term", "number", record_type="contact", actor=ada.actor)
    update_party("contact", pair[0], {"fields.size": 5, "fields.term": 1}, actor=anna.actor)
    update_party("contact", pair[1], {"fields.term": 1}, actor=anna.actor)
    page = html(anna.get(url(pair)))
    assert labels(page)[-1] == "Size"
    assert page.texts(".more-f dt") == ["Owner", "Term"] or page.texts(".more-f dt") == ["Term"]
    anna.post(url(pair), {**sent(page), "keep": pair[1]})
    assert one("select fields from contact where deleted_at is null")[0] in ({"size": 5, "term": 1}, '{"term": 1, "size": 5}')


def test_leads_are_merged_with_their_money(make, anna, html):
    keep = make.lead("Acme", owner=anna.user, value_amount=100000, value_currency="EUR", actor=anna.actor)
    other = make.lead("Acme kitchen", owner=anna.user, value_amount=250000, value_currency="USD", actor=anna.actor)
    at = url((keep.id, other.id), "leads")
    page = html(anna.get(at))
    assert labels(page) == ["Title", "Value"]
    anna.post(at, {**sent(page), "v-value_amount": other.id, "v-title": keep.id})
    assert rows("select title, value_amount, value_currency from lead where deleted_at is null") == [("Acme", 250000, "USD")]
    kept = html(anna.get(f"/leads/{keep.id}"))
    assert kept.one("#panel-merged li b").text == "Acme kitchen"
    assert anna.get(f"/leads/{other.id}").location == f"/leads/{keep.id}"


def test_firms_are_merged(anna, html):
    firms = tuple(create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Acme Ltd"))
    kim = create_contact({"name": "Kim", "organisation": firms[1]}, actor=anna.actor).id
    page = html(anna.get(url(firms, "organisations")))
    assert page.texts("fieldset small")[1] == "On it: 1 person"
    assert anna.post(url(firms, "organisations"), sent(page)).status_code == 303
    assert one("select organisation_id from contact where id = ?", (kim,)) == (firms[0],)


# ---------------------------------------------------------------------------------------------- whom with


def test_what_looks_the_same_is_suggested_and_the_rest_is_searched(anna, html):
    kim = create_contact({"name": "Anna Kim", "email": "anna@acme.example"}, actor=anna.actor).id
    twin = create_contact({"name": "A. Kim", "email": "ANNA@acme.example"}, actor=anna.actor).id
    zoe = create_contact({"name": "Žoé Brandt", "email": "zoe@birch.example"}, actor=anna.actor).id
    page = html(anna.get(f"/contacts/{kim}/merge"))
    assert [(node.attrs["href"], node.one(".tag").text) for node in page.all(".cands a")] == [
        (f"/contacts/{kim}/merge/{twin}", "same e-mail")
    ]
    for text in ("zoe", "ŽOÉ b", "zoe@birch.example", f"#{zoe}"):
        part = html(anna.htmx(f"/contacts/{kim}/merge", {"q": text}, method="GET"))
        assert [node.attrs["href"] for node in part.all("a")] == [f"/contacts/{kim}/merge/{zoe}"], text
    whole = html(anna.get(f"/contacts/{kim}/merge?q=nobody"))
    assert whole.one("#merge-found p").text == "Nothing that you may see begins like this."
    for text in ("", "%", "\U0010ffff", "x" * 300, "--", "9" * 40):
        assert anna.get(f"/contacts/{kim}/merge", query_string={"q": text}).status_code == 200


def test_leads_are_suggested_by_plugins_and_found_by_their_words(plugin, make, anna, html):
    plugin("duplicates")
    acme, twin = (make.lead(title, email="a@acme.example", owner=anna.user) for title in ("Acme", "Acme kitchen"))
    other = make.lead("Birch garden", owner=anna.user)
    page = html(anna.get(f"/leads/{acme.id}/merge"))
    assert [node.attrs["href"] for node in page.all(".cands a")] == [f"/leads/{acme.id}/merge/{twin.id}"]
    part = html(anna.htmx(f"/leads/{acme.id}/merge", {"q": "garden"}, method="GET"))
    assert [node.attrs["href"] for node in part.all("a")] == [f"/leads/{acme.id}/merge/{other.id}"]


def test_pages_have_the_way_in(make, pair, anna, vera, html):
    lead = make.lead(owner=anna.user)
    for where in (f"/leads/{lead.id}",):
        page = html(anna.get(where))
        assert [node.text for node in page.all("a") if node.attrs["href"] == f"{where}/merge"] == ["Merge with …"]
        assert f"{where}/merge" not in vera.get(where).text


@pytest.mark.parametrize("record_type", ["contact", "organisation"])
def test_two_ticked_rows_of_any_list_are_merged(record_type, anna):
    ids = [create_party(record_type, {"name": name}, actor=anna.actor).id for name in ("Acme", "Birch")]
    lists = f"/{record_type}s"
    assert anna.post(f"{lists}/bulk", {"action": "merge", "id": ids}).location == f"{lists}/{ids[0]}/merge/{ids[1]}"


def test_two_ticked_leads_are_merged_from_the_list(make, anna, html):
    leads = make.leads(3, owner=anna.user)
    ids = [lead.id for lead in leads]
    answer = anna.post("/leads/bulk", {"action": "merge", "id": ids[:2]})
    assert answer.location == f"/leads/{ids[0]}/merge/{ids[1]}"
    assert anna.post("/leads/bulk", {"action": "merge", "id": ids}).location == "/leads"
    assert toast(html(anna.get("/leads"))) == "Tick exactly two to merge them."


# ---------------------------------------------------------------------------------------------- who may


def test_viewers_none_and_members_what_they_may_delete(pair, anna, ben, mona, vera, html):
    for answer in (vera.get(url(pair)), vera.post(url(pair)), vera.get(f"/contacts/{pair[0]}/merge")):
        assert answer.status_code == 403
    page = html(ben.get(url(pair)))
    assert page.one(".banner").text.startswith("You may merge away only what you may delete.")
    assert page.all("form.merge button") == []
    assert ben.post(url(pair), {"keep": pair[0]}).status_code == 422
    own = create_contact({"name": "Own"}, actor=ben.actor).id
    page = html(ben.get(url((own, pair[0]))))
    assert sent(page)["keep"] == str(pair[0])
    assert ben.post(url((own, pair[0])), sent(page)).location == f"/contacts/{pair[0]}"
    assert mona.post(url(pair), sent(html(mona.get(url(pair))))).status_code == 303


def test_strangers_neither_see_nor_guess(pair, anna, ben, make):
    lead = make.lead("Acme", owner=anna.user)
    twin = make.lead("Acme too", owner=anna.user)
    mine = create_contact({"name": "Mine"}, actor=ben.actor).id
    done = merge_records("contact", *pair, actor=anna.actor)
    change_settings(member_visibility="own", actor=SYSTEM)
    for where in (
        f"/contacts/{pair[1]}", f"/contacts/{pair[0]}/merge", url((mine, pair[1])), url((mine, pair[0])), url((pair[1], mine)),
        f"/leads/{lead.id}/merge/{twin.id}", f"/merges/{done.change_set_id}/split",
    ):  # fmt: skip
        assert ben.get(where).status_code == 404, where
    assert b"Kim" not in ben.get(f"/contacts/{mine}/merge?q=A").data


def test_nonsense_is_refused(pair, anna, make):
    assert anna.get(url((pair[0], pair[0]))).status_code == 422
    assert anna.get(url((pair[0], 4711))).status_code == 404
    junk = {"keep": "x", "v-name": "9" * 40, f"version-{pair[0]}": "ß", "v-city": "0"}
    assert anna.post(url(pair), junk).status_code == 303
    lead = make.lead(owner=anna.user)
    delete_leads([lead.id], actor=anna.actor)
    assert anna.get(f"/leads/{lead.id}").status_code == 404


def test_the_pages_take_the_same_statements_whatever_hangs_on_the_records(pair, anna, make, queries):
    anna.get(url(pair))
    for _ in range(3):
        add_note(body="x", contact_id=pair[1], actor=anna.actor)
        link_lead(make.lead(owner=anna.user).id, contact_id=pair[1], actor=anna.actor)
        with queries(at_most=11):
            anna.get(url(pair))
    lead = make.lead(owner=anna.user)
    for _ in range(2):
        update_lead(lead.id, {"city": "Kiel"}, actor=anna.actor)
        with queries(at_most=12):
            anna.get(f"/leads/{lead.id}/merge")
