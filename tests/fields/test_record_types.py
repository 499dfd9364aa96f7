"""Fields whose value is a lead, a contact or an organisation."""

import json

import pytest

from leadboard.db import execute, one
from leadboard.domain.custom_fields import add_field
from leadboard.domain.leads import update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.parties import delete_parties
from leadboard.domain.undo import undo_change
from leadboard.errors import Refused
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields, field_context
from leadboard.queries.settings import instance

KINDS = ("lead", "contact", "organisation")


@pytest.fixture
def adviser(app):
    """Leads have a contact as their adviser."""
    return add_field("Adviser", "contact", key="adviser", in_list=True, on_card=True, actor=SYSTEM)


def stored(lead):
    return custom_fields().by_key["adviser"], one("select fields from lead where id = ?", (lead.id,))


def value(program, lead):
    return program.get(f"/leads/{lead.id}").json["custom_fields"]["adviser"]


@pytest.fixture
def program(api, anna):
    return api(anna)


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_an_address_or_a_number_is_read(kind, make, anna, ben):
    made = add_field("Points to", kind, key="points_to", actor=SYSTEM)
    field, context = custom_fields().by_key[made.key], field_context(instance(), actor=anna.actor)
    maker = getattr(make, kind)
    first, second = maker("Kim Łund", email="kim@acme.example"), maker("Kim Łund")
    third = maker("Bo", email="bo@acme.example", owner=ben.user)
    execute(f"update {kind} set external_source = 'erp', external_id = 'K-7' where id = ?", (second.id,))

    for text in ("KIM@acme.example", f"#{first.id}", f" Kim Łund #{first.id} "):
        assert field.from_input(text, context) == first.id, text
    assert field.from_cell("K-7", context) == second.id
    assert field.from_cell("bo", context) == third.id
    with pytest.raises(Refused, match=f"#{first.id}.*#{second.id}"):
        field.from_input("kim łund", context)
    for text in ("Nobody", "#999", f"Bo #{999}x", "x@acme.example"):
        with pytest.raises(Refused):
            field.from_input(text, context)
    for record in (first, second, third):
        assert field.from_cell(field.to_cell(record.id, context), context) == record.id
    for wrong in (0, -1, 999, "1", True, 1.5, 2**60):
        with pytest.raises(Refused):
            field.check(wrong, context)


def test_a_number_of_elsewhere_with_another_name_is_not_taken(make, anna, adviser):
    """A file of another Leadboard: its #1 is somebody else here."""
    contact = make.contact("Kim")
    field, context = custom_fields().by_key["adviser"], field_context(instance(), actor=anna.actor)
    with pytest.raises(Refused, match="not found"):
        field.from_cell(f"Zoë #{contact.id}", context)
    assert field.from_cell("Kim #77", context) == contact.id


def test_it_is_typed_shown_as_a_link_and_found(make, anna, adviser, program, html):
    contact, lead = make.contact("Kim Lund"), make.lead("Acme")
    make.lead("Other")
    page = anna.post(f"/leads/{lead.id}/fields/fields.adviser", {"fields.adviser": "kim lund", "version": 1})
    assert page.status_code in {200, 303}, page.text
    assert value(program, lead) == contact.id
    link = html(anna.get(f"/leads/{lead.id}")).one(f"a[href='/contacts/{contact.id}']")
    assert link.text == "Kim Lund"
    for arg in (f"f.adviser={contact.id}", "f.adviser=Kim+Lund", f"f.adviser=%23{contact.id}", "f.adviser.empty=0"):
        listed = html(anna.get(f"/leads?{arg}"))
        assert [one.text for one in listed.all("td.who a")] == ["Acme"], arg
    assert [one.text for one in html(anna.get("/leads?f.adviser.empty=1")).all("td.who a")] == ["Other"]
    assert anna.get("/leads?f.adviser=Nobody").status_code == 400
    assert "Adviser: Kim Lund" in anna.get("/").text
    answer = program.patch(f"/leads/{lead.id}", {"custom_fields": {"adviser": 999}})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["custom_fields.adviser"])
    assert program.get("/fields").json["data"][-1]["schema"]["type"] == "integer"


def test_the_names_of_a_page_are_read_at_once(make, anna, adviser, queries):
    counts = []
    for count in (1, 3):
        for _ in range(count):
            make.lead(**{"fields.adviser": make.contact().id})
        for path in ("/leads", "/"):
            anna.get(path)
            with queries(at_most=40) as seen:
                anna.get(path)
            counts.append(len(seen.texts))
    assert counts[:2] == counts[2:]


def test_who_does_not_see_the_record_does_not_read_its_name(make, anna, ben, adviser):
    make.set_up(member_visibility="own")
    contact = make.contact("Secret Kim", owner=ben.user)
    lead = make.lead("Acme", owner=anna.user, **{"fields.adviser": contact.id})

    for path in ("/", "/leads", f"/leads/{lead.id}", f"/leads/{lead.id}/edit", f"/leads?f.adviser={contact.id}"):
        answer = anna.get(path)
        assert answer.status_code == 200 and "Secret" not in answer.text, path
    assert anna.get("/leads?f.adviser=Secret+Kim").status_code == 400
    update_lead(lead.id, {"fields.adviser": contact.id, "city": "Ulm"}, actor=anna.actor)  # a form sends back what it had
    assert "in the bin, or not for you to see" in anna.get(f"/leads/{lead.id}").text


def test_a_merged_record_stands_for_the_one_that_stays(make, anna, mona, adviser, program, html):
    keep, gone, third = make.contact("Kim Lund"), make.contact("K. Lund"), make.contact("Kimi")
    lead = make.lead("Acme", **{"fields.adviser": gone.id})
    first = merge_records("contact", keep.id, gone.id, values={}, actor=mona.actor)
    merge_records("contact", third.id, keep.id, values={}, actor=mona.actor)

    assert html(anna.get(f"/leads/{lead.id}")).one(f"a[href='/contacts/{third.id}']").text == "Kimi"
    assert [one["id"] for one in program.get(f"/leads?f.adviser={third.id}").json["data"]] == [lead.id]
    assert program.patch(f"/leads/{lead.id}", {"custom_fields": {"adviser": third.id}}).status_code == 200
    assert first.id == keep.id


def test_one_in_the_bin_is_told_as_such_and_comes_back(make, anna, mona, adviser, html):
    contact = make.contact("Kim Lund")
    lead = make.lead("Acme", **{"fields.adviser": contact.id})
    done = delete_parties("contact", [contact.id], actor=mona.actor)
    assert "Kim Lund" not in anna.get(f"/leads/{lead.id}").text
    assert anna.get(f"/leads/{lead.id}/edit").status_code == 200
    undo_change(done, actor=mona.actor)
    assert "Kim Lund" in anna.get(f"/leads/{lead.id}").text
    execute("delete from contact where id = ?", (contact.id,))
    assert "in the bin" in anna.get(f"/leads/{lead.id}").text


@pytest.mark.parametrize("kind", KINDS)
def test_its_input_suggests_what_the_reader_may_see(kind, make, anna, ben, carla, html):
    make.set_up(member_visibility="own")
    add_field("Points to", kind, key="points_to", actor=SYSTEM)
    build = getattr(make, kind)
    mine = build("Acme Tools", owner=anna.user)
    build("Acme Secret", owner=ben.user)
    build("Other", owner=anna.user)
    lead = make.lead("Deal", owner=anna.user)

    field = html(anna.get(f"/leads/{lead.id}/edit")).one("#fields-points_to")
    url = field.attrs["hx-get"]
    assert url == f"/{kind}s/suggest?numbered=1"
    found = html(anna.get(f"{url}&of=fields.points_to&fields.points_to=acme&list=x"))
    texts = [node.attrs["data-text"] for node in found.all("li")]
    seen = [f"Acme Tools #{mine.id}"] if kind == "lead" else texts
    assert texts == seen and texts[0] == f"Acme Tools #{mine.id}"
    # What is taken is what is understood.
    anna.post(f"/leads/{lead.id}/edit", {"title": "Deal", "fields.points_to": texts[0], "version": "1"})
    assert custom_fields().by_key["points_to"].key == "points_to"
    [(kept,)] = [one("select fields from lead where id = ?", (lead.id,))]
    assert f'"points_to": {mine.id}' in (kept if isinstance(kept, str) else json.dumps(kept))
    assert anna.get(f"/{kind}s/suggest?q=").text.strip() == ""
    assert carla.get(url).status_code == 303


def test_leads_are_suggested_by_their_firm_too(make, anna, html):
    lead = make.lead("Anna Nowak", organisation_name="Łódź Foods")
    found = html(anna.get("/leads/suggest?q=lodz&numbered=1"))
    assert [node.attrs["data-text"] for node in found.all("li")] == [f"Anna Nowak #{lead.id}"]
