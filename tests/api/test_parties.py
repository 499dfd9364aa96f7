"""Contacts and organisations by the API: read, add, change, delete, note, further addresses and firms."""

import pytest

from leadboard.db import one
from leadboard.domain.parties import delete_parties, update_party
from leadboard.models import Event
from tests.api.conftest import fields_of

KINDS = ("contacts", "organisations")


def made(make, plural, **values):
    return getattr(make, plural.removesuffix("s"))(**values)


@pytest.mark.parametrize("plural", KINDS)
def test_one_reads_as_it_was_typed(plural, api, anna, make):
    record = made(make, plural, name="Łącka", email="zoe@x.example", city="Ulm", owner=anna.user)

    answer = api(anna, "contacts:read").get(f"/{plural}/{record.id}")

    found = answer.json
    assert (answer.status_code, answer.headers["ETag"], found["version"]) == (200, '"1"', 1)
    assert (found["name"], found["email"], found["city"], found["owner_id"]) == ("Łącka", "zoe@x.example", "Ulm", anna.id)
    assert (found["phone"], found["contact_points"], found["next_task_on"], found["custom_fields"]) == (None, [], None, {})
    assert found["created_at"].endswith("Z")


def test_a_new_contact_is_its_owners_and_the_log_says_by_api(api, anna, make):
    firm, program = make.organisation("Acme"), api(anna)

    answer = program.post("/contacts", {
        "given_name": "Zoë", "family_name": "Lund", "organisation_id": firm.id, "country": "Poland",
        "contact_points": [{"kind": "email", "text": "z@home.example", "label": "private"}, {"kind": "phone", "text": "030 901820"}],
    })  # fmt: skip

    found = answer.json
    assert answer.status_code == 201
    assert (found["name"], found["organisation_id"], found["owner_id"], found["country"]) == ("Zoë Lund", firm.id, anna.id, "PL")
    assert found["contact_points"] == [
        {"kind": "email", "text": "z@home.example", "label": "private"}, {"kind": "phone", "text": "030 901820", "label": ""},
    ]  # fmt: skip
    assert answer.headers["Location"] == f"/api/v1/contacts/{found['id']}"
    event = Event.get(Event.record_id == found["id"], Event.kind == "contact_created")
    assert (event.actor_kind, event.actor_id) == ("token", program.token_id)
    assert one("select count(*) from change_set where kind = 'contact.create'") == (1,), "with its addresses, one action"


def test_what_an_organisation_may_not_be(api, anna, make):
    firm, program = make.organisation("Acme"), api(anna)
    below = make.organisation("Acme Shop", parent=firm.id)

    for method, path, sent, field in (
        ("POST", "/organisations", {}, "name"), ("POST", "/organisations", {"name": "x", "parent_id": 999}, "parent_id"),
        ("POST", "/organisations", {"name": "x", "email": "nobody"}, "email"), ("POST", "/organisations", {"name": "x", "nonsense": 1}, "nonsense"),
        ("PATCH", f"/organisations/{firm.id}", {"parent_id": below.id}, "parent_id"),
        ("PATCH", f"/organisations/{firm.id}", {"name": "x" * 10_000}, "name"),
        ("PATCH", f"/organisations/{firm.id}", {"contact_points": [{"kind": "email", "text": "x"}]}, "contact_points"),
        ("PATCH", f"/organisations/{firm.id}", {"contact_points": [{"kind": "fax", "text": "1"}]}, "contact_points.0.kind"),
        ("PATCH", f"/organisations/{firm.id}", {"primary_contact_id": make.contact().id}, "primary_contact_id"),
        ("PATCH", f"/organisations/{firm.id}", {"primary_contact_id": 999}, "primary_contact_id"),
    ):  # fmt: skip
        answer = program.open(method, path, sent)
        assert (answer.status_code, list(fields_of(answer))) == (422, [field]), (sent, answer.text)


def test_a_contact_with_500_addresses_keeps_them_and_one_more_is_refused(api, anna, make):
    contact, program = make.contact(), api(anna)
    points = [{"kind": "email", "text": f"kim{number}@acme.example", "label": ""} for number in range(501)]

    assert program.patch(f"/contacts/{contact.id}", {"contact_points": points[:500]}).json["contact_points"] == points[:500]
    answer = program.patch(f"/contacts/{contact.id}", {"contact_points": points})
    assert (answer.status_code, list(fields_of(answer))) == (422, ["contact_points"])
    assert program.patch(f"/contacts/{contact.id}", {"contact_points": []}).json["contact_points"] == []


@pytest.mark.parametrize("plural", KINDS)
@pytest.mark.parametrize("by_header", [True, False])
def test_two_who_change_one_field_conflict_with_both_values(by_header, plural, api, anna, ben, make):
    record = made(make, plural, city="Ulm")
    update_party(plural.removesuffix("s"), record.id, {"city": "Bonn"}, actor=ben.actor)
    sent = {"city": "Kiel", "region": "North", "contact_points": [{"kind": "phone", "text": "1"}]}
    said = {"headers": {"If-Match": '"1"'}} if by_header else {}

    answer = api(anna).patch(f"/{plural}/{record.id}", sent if by_header else {**sent, "version": 1}, **said)

    fields = answer.json["error"]["fields"]
    assert (answer.status_code, fields.keys()) == (409, {"city", "version"})
    assert (fields["city"]["yours"], fields["city"]["theirs"], fields["city"]["by"]) == ("Kiel", "Bonn", "Ben Carter")
    assert (fields["version"]["yours"], fields["version"]["theirs"]) == (1, 2)
    now = api(anna).get(f"/{plural}/{record.id}").json
    assert (now["region"], now["contact_points"]) == (None, []), "nothing of it was saved"
    assert api(anna).patch(f"/{plural}/{record.id}", {"region": "North", "version": 1}).status_code == 200, "another field merges"


@pytest.mark.parametrize("plural", KINDS)
def test_one_that_changed_is_not_deleted(plural, api, mona, make):
    record, program = made(make, plural), api(mona)
    program.patch(f"/{plural}/{record.id}", {"city": "Ulm"})

    answer = program.delete(f"/{plural}/{record.id}", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json["error"]["fields"]["version"]["theirs"]) == (409, 2)
    assert program.delete(f"/{plural}/{record.id}", headers={"If-Match": '"2"'}).status_code == 204
    assert program.get(f"/{plural}/{record.id}").status_code == 404
    assert program.delete(f"/{plural}/{record.id}").status_code == 404


@pytest.mark.parametrize("plural", KINDS)
def test_a_note_stands_on_the_record(plural, api, anna, make):
    record = made(make, plural)

    answer = api(anna).post(f"/{plural}/{record.id}/notes", {"body": "Asked **twice**."})

    noun = plural.removesuffix("s")
    assert (answer.status_code, answer.json["body"], answer.json[f"{noun}_id"]) == (201, "Asked **twice**.", record.id)
    assert one(f"select author_id from note where {noun}_id = ?", (record.id,)) == (anna.id,)


def test_custom_fields_are_those_of_the_record(api, anna, make):
    make.field("Tier", "choice", options={"choices": ["Gold", "Silver"]}, record_type="organisation")
    make.field("Nickname", record_type="contact", is_required=True)
    program = api(anna)

    assert [one["key"] for one in program.get("/organisations/fields").json["data"] if one["is_custom"]] == ["tier"]
    assert [one["key"] for one in program.get("/contacts/fields").json["data"] if one["is_custom"]] == ["nickname"]
    assert [one["key"] for one in program.get("/fields").json["data"] if one["is_custom"]] == []
    firm = program.post("/organisations", {"name": "Acme", "custom_fields": {"tier": "gold"}}).json
    assert firm["custom_fields"] == {"tier": "gold"}
    assert program.patch(f"/organisations/{firm['id']}", {"custom_fields": {"tier": None}}).json["custom_fields"] == {
        "tier": None
    }
    answer = program.post("/contacts", {"name": "Kim"})
    assert (answer.status_code, list(fields_of(answer))) == (422, ["custom_fields.nickname"])
    assert program.post("/contacts", {"name": "Kim", "custom_fields": {"nickname": "K"}}).json["custom_fields"] == {
        "nickname": "K"
    }
    answer = program.post("/contacts", {"name": "Kim", "custom_fields": {"tier": "gold", "nickname": "K"}})
    assert (answer.status_code, list(fields_of(answer))) == (422, ["custom_fields.tier"])


def test_the_same_key_makes_one_contact(api, anna, make):
    program, said = api(anna), {"headers": {"Idempotency-Key": "form-1"}}

    first = program.post("/contacts", {"name": "Kim"}, **said)
    again = program.post("/contacts", {"name": "Kim"}, **said)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json and again.headers["Idempotency-Replayed"] == "true"
    assert one("select count(*) from contact") == (1,)


def test_a_contact_works_at_further_firms_until_taken_away(api, anna, make):
    main, other, program = make.organisation("Acme"), make.organisation("Bolt"), api(anna)
    contact = make.contact(organisation=main.id)
    path = f"/contacts/{contact.id}/employments"

    found = program.post(path, {"organisation_id": other.id, "job_title": "Adviser"}).json
    assert (found["organisation_id"], found["employments"]) == (main.id, [{"organisation_id": other.id, "job_title": "Adviser"}])
    assert (
        program.patch(f"/organisations/{other.id}", {"primary_contact_id": contact.id}).json["primary_contact_id"] == contact.id
    )
    for firm in (other, main, main):
        assert program.delete(f"{path}/{firm.id}").status_code == 204
    found = program.get(f"/contacts/{contact.id}").json
    assert (found["organisation_id"], found["employments"]) == (None, [])
    assert program.get(f"/organisations/{other.id}").json["primary_contact_id"] is None
    answer = program.post(path, {"organisation_id": 999})
    assert (answer.status_code, list(fields_of(answer))) == (422, ["organisation_id"])


def test_a_lead_is_linked_and_unlinked_and_keeps_what_was_typed(api, anna, ben, make):
    make.set_up(member_visibility="own")
    firm, contact, theirs = make.organisation("Acme"), make.contact("Kim"), make.contact("Bo", owner=ben.user)
    program = api(anna, "leads:write")
    make.pipeline()

    lead = program.post("/leads", {"title": "Kitchen", "organisation_name": "ACME", "organisation_id": firm.id}).json
    assert (lead["organisation_id"], lead["contact_id"], lead["organisation_name"]) == (firm.id, None, "ACME")
    lead = program.patch(f"/leads/{lead['id']}", {"contact_id": contact.id, "organisation_id": None}).json
    assert (lead["organisation_id"], lead["contact_id"], lead["organisation_name"]) == (None, contact.id, "ACME")
    for number in (theirs.id, 999):
        answer = program.patch(f"/leads/{lead['id']}", {"contact_id": number, "city": "Ulm"})
        assert (answer.status_code, list(fields_of(answer))) == (422, ["contact_id"])
    assert api(anna).get(f"/leads/{lead['id']}").json["city"] is None
    points = [{"kind": "phone", "text": "030 1", "label": "reception"}]
    assert program.patch(f"/leads/{lead['id']}", {"contact_points": points}).json["contact_points"] == points


def test_what_is_given_away_is_told_by_its_number(api, anna, ben, make):
    make.set_up(member_visibility="own")
    contact = make.contact("Kim", owner=anna.user)

    answer = api(anna).patch(f"/contacts/{contact.id}", {"owner_id": ben.id, "contact_points": [{"kind": "phone", "text": "1"}]})

    assert (answer.status_code, answer.json) == (200, {"id": contact.id, "version": 2})
    given = api(anna).post("/contacts", {"name": "Bo", "owner_id": ben.id, "contact_points": [{"kind": "phone", "text": "1"}]})
    assert given.status_code == 201 and given.json.keys() == {"id", "version"}
    assert len(api(ben).get(f"/contacts/{given.json['id']}").json["contact_points"]) == 1


def test_who_may_be_the_same_is_found_among_what_one_sees(api, anna, ben, make):
    make.set_up(member_visibility="own")
    contact = make.contact("Kim", email="kim@acme.example", owner=anna.user)
    twin, theirs = make.contact("K.", email="KIM@acme.example"), make.contact("Kim", email="kim@acme.example", owner=ben.user)
    firm, other = make.organisation("Acme GmbH"), make.organisation("ACME")
    program = api(anna, "contacts:read")

    assert program.get(f"/contacts/{contact.id}/matches").json["data"] == [
        {"id": twin.id, "name": "K.", "detail": "KIM@acme.example", "reason": "email"}
    ]
    assert [one["id"] for one in program.get(f"/organisations/{firm.id}/matches").json["data"]] == [other.id]
    assert program.get(f"/contacts/{theirs.id}/matches").status_code == 404


@pytest.mark.parametrize("plural", KINDS)
def test_reading_one_costs_two_statements(plural, api, anna, make, queries):
    record, program = made(make, plural), api(anna)
    program.get(f"/{plural}/{record.id}")
    with queries(at_most=2):
        assert program.get(f"/{plural}/{record.id}").status_code == 200


def test_what_points_to_the_bin_keeps_pointing(api, mona, make):
    firm = make.organisation()
    contact = make.contact(organisation=firm.id)
    delete_parties("organisation", [firm.id], actor=mona.actor)

    assert api(mona).get(f"/contacts/{contact.id}").json["organisation_id"] == firm.id
    assert api(mona).patch(f"/contacts/{contact.id}", {"city": "Ulm"}).status_code == 200
