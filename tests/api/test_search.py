"""The one search by the API: what a token may read, the types, the pages."""

import pytest

from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_party
from leadboard.domain.tasks import add_task
from leadboard.permissions import SYSTEM
from tests.api.conftest import fields_of


@pytest.fixture
def world(make, anna, ben):
    make.set_up(member_visibility="own")
    lead = make.lead("Acme", owner=anna.user, organisation_name="Baltic", phone="+48 22 555 01 20")
    secret = make.lead("Acme secret", owner=ben.user)
    person = create_party("contact", {"name": "Acme person", "owner": anna.id}, actor=SYSTEM)
    for host in ({"lead_id": lead.id}, {"lead_id": secret.id}, {"contact_id": person.id}):
        add_note(body=f"acme of {host}", actor=SYSTEM, **host)
    add_task(lead.id, title="Call acme", due_on="2026-12-01", actor=SYSTEM)
    return lead


def told(answer):
    assert answer.status_code == 200, answer.text
    return [(hit["type"], hit["name"] or hit["text"], hit["host"] and hit["host"]["name"]) for hit in answer.json["data"]]


def test_a_token_finds_what_its_owner_sees_of_what_its_scopes_name(api, anna, world):
    of_leads = [
        ("lead", "Acme", None), ("note", f"acme of {{'lead_id': {world.id}}}", "Acme"), ("task", "Call acme", "Acme"),
    ]  # fmt: skip
    assert told(api(anna, "leads:read").get("/search?q=acme")) == of_leads
    everything = told(api(anna).get("/search?q=acme"))
    assert [kind for kind, *_ in everything] == ["lead", "contact", "note", "note", "task"]
    assert "secret" not in str(everything)
    refused = api(anna, "leads:read").get("/search?q=acme&type=contact")
    assert (refused.status_code, refused.json["error"]["message"]) == (403, "This token lacks the scope contacts:read.")
    assert api(anna, "contacts:read").get("/search?q=acme").status_code == 403
    assert len(told(api(anna, "leads:read").get("/search?q=acme&type=note"))) == 1


def test_a_hit_tells_what_it_is(api, anna, world):
    (lead,) = api(anna).get("/search?q=22+555+01").json["data"]
    assert lead == {
        "type": "lead", "id": world.id, "name": "Acme", "details": ["Baltic", "+48 22 555 01 20"], "host": None, "text": None,
        "written_at": None, "due_on": None, "is_done": None,
    }  # fmt: skip
    (step,) = api(anna).get("/search?q=acme&type=task").json["data"]
    assert (step["due_on"], step["is_done"], step["host"]) == (
        "2026-12-01",
        False,
        {"type": "lead", "id": world.id, "name": "Acme"},
    )


def test_one_type_comes_page_by_page(api, anna, make):
    ids = [lead.id for lead in make.leads(5, title="Acme")]
    program, found, cursor = api(anna), [], ""
    assert program.get("/search?q=acme&limit=2").json["more"] == ["lead"]
    while cursor is not None:
        page = program.get(f"/search?q=acme&type=lead&limit=2{f'&cursor={cursor}' if cursor else ''}").json
        found.append([hit["id"] for hit in page["data"]])
        cursor = page["next_cursor"]
    assert found == [ids[:2:-1], ids[2:0:-1], ids[:1]]


@pytest.mark.parametrize(
    "query, field",
    [("type=person", "type"), ("q=x&cursor=1", "cursor"), ("type=lead&cursor=a.b", "cursor"), ("q=" + "x" * 201, "q")],
)
def test_what_is_wrong_is_named(query, field, api, anna):
    answer = api(anna).get(f"/search?{query}")

    assert answer.status_code == 422
    assert [*fields_of(answer)] == [field]
    assert api(anna).get("/search").json == {"data": [], "more": [], "next_cursor": None}
