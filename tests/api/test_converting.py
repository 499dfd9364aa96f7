"""Converting, merging and splitting by the API."""

import pytest

from leadboard.db import one
from leadboard.domain.leads import delete_leads
from tests.api.conftest import fields_of


def test_what_a_lead_may_become_is_suggested(lead, api, anna, make):
    firm = make.organisation("ACME", website="acme.example")
    make.field("Tier")
    make.field("Tier", record_type="organisation")
    program = api(anna)
    program.patch(f"/leads/{lead.id}", {"custom_fields": {"tier": "A"}})

    found = program.get(f"/leads/{lead.id}/convert").json

    assert (found["converted_at"], found["contact_id"], found["organisation_id"]) == (None, None, None)
    assert found["organisation"]["matches"] == [{"id": firm.id, "name": "ACME", "detail": "acme.example", "reason": "domain"}]
    assert found["contact"]["matches"] == []
    assert {name: found["contact"]["new"][name] for name in ("name", "job_title", "email", "owner_id")} == {
        "name": "Anna Kim", "job_title": "CEO", "email": "anna@acme.example", "owner_id": anna.id,
    }  # fmt: skip
    assert found["carried"] == [{"record_type": "organisation", "key": "tier", "value": "A"}]


def test_a_lead_is_converted_once(lead, api, anna, ben, make):
    make.field("Tier")
    make.field("Tier", record_type="organisation")
    program, won = api(anna), make.stage("Won")
    program.patch(f"/leads/{lead.id}", {"custom_fields": {"tier": "A"}})
    sent = {"organisation": {"new": {"name": "Acme AG"}}, "contact": {"new": {"job_title": None}}, "stage_id": won.id}

    first = program.post(f"/leads/{lead.id}/convert", sent)

    assert (first.status_code, first.json["was_converted"], first.json["lead_id"]) == (200, False, lead.id)
    firm = program.get(f"/organisations/{first.json['organisation_id']}").json
    assert (firm["name"], firm["city"], firm["domain"], firm["custom_fields"]) == (
        "Acme AG",
        "Berlin",
        "acme.example",
        {"tier": "A"},
    )
    contact = program.get(f"/contacts/{first.json['contact_id']}").json
    assert (contact["name"], contact["job_title"], contact["organisation_id"]) == ("Anna Kim", None, firm["id"])
    now = program.get(f"/leads/{lead.id}").json
    assert (now["stage_id"], now["organisation_id"], now["contact_id"]) == (won.id, firm["id"], contact["id"])
    assert now["converted_at"] and now["version"] == first.json["version"]
    again = api(ben).post(f"/leads/{lead.id}/convert", {"organisation": {"new": {}}, "contact": None})
    assert again.json == {**first.json, "was_converted": True}
    assert one("select (select count(*) from contact), (select count(*) from organisation)") == (1, 1)


@pytest.mark.parametrize(
    "sent, field",
    [
        ({"organisation": None, "contact": None}, "organisation"), ({"contact": None}, "organisation"),
        ({"organisation": {"id": 999}, "contact": None}, "organisation.id"), ({"organisation": None, "contact": {"id": 999}}, "contact.id"),
        ({"organisation": {"id": 1, "new": {}}, "contact": None}, "organisation"), ({"organisation": {}, "contact": None}, "organisation"),
        ({"organisation": {"new": {"email": "x"}}, "contact": None}, "organisation.email"), ({"organisation": {"new": {}}, "contact": None, "stage_id": 999}, "stage_id"),
    ],
)  # fmt: skip
def test_what_is_no_conversion_changes_nothing(sent, field, lead, api, anna):
    answer = api(anna).post(f"/leads/{lead.id}/convert", sent)

    assert (answer.status_code, list(fields_of(answer))) == (422, [field]), answer.text
    assert one("select (select count(*) from contact), (select count(*) from organisation)") == (0, 0)
    assert api(anna).get(f"/leads/{lead.id}").json["converted_at"] is None


def test_a_binned_lead_is_not_converted(lead, api, anna):
    delete_leads([lead.id], actor=anna.actor)
    answer = api(anna).post(f"/leads/{lead.id}/convert", {"organisation": {"new": {}}, "contact": None})
    assert (answer.status_code, answer.json["error"]["message"]) == (
        422,
        "This lead is in the bin. Restore it first, then convert it.",
    )


@pytest.mark.parametrize("plural", ["leads", "contacts", "organisations"])
def test_two_become_one_and_two_again(plural, api, anna, make):
    maker = getattr(make, plural.removesuffix("s"))
    keep, other = maker(city="Ulm", owner=anna.user), maker(city="", phone="030 901820", owner=anna.user)
    program = api(anna)
    program.post(f"/{plural}/{other.id}/notes", {"body": "From the other"})

    merged = program.post(
        f"/{plural}/{keep.id}/merge", {"other_id": other.id, "version": 1, "other_version": 1, "values": {"region": "South"}}
    )

    assert merged.status_code == 200
    assert (merged.json["city"], merged.json["phone"], merged.json["region"]) == ("Ulm", "030 901820", "South")
    noun = plural.removesuffix("s")
    assert one(f"select {noun}_id from note") == (keep.id,)
    assert program.get(f"/{plural}/{other.id}").status_code == 404
    answer = program.post(f"/{plural}/{make_another(maker, anna)}/merge", {"other_id": other.id})
    assert answer.status_code == 422 and f"#{keep.id}" in answer.json["error"]["message"]
    again = program.post(f"/{plural}/{keep.id}/split", {"other_id": other.id})
    assert (again.status_code, again.json["phone"], again.json["region"]) == (200, None, None)
    assert program.get(f"/{plural}/{other.id}").json["phone"] == "030 901820"
    assert one(f"select {noun}_id from note") == (other.id,)
    assert program.post(f"/{plural}/{keep.id}/split", {"other_id": other.id}).status_code == 404


def make_another(maker, anna):
    return maker(owner=anna.user).id


@pytest.mark.parametrize("name", ["version", "other_version"])
def test_a_merge_of_what_changed_meanwhile_is_a_conflict(name, api, anna, make):
    keep, other = make.contact("Kim", owner=anna.user), make.contact("K.", owner=anna.user)
    program = api(anna)
    program.patch(f"/contacts/{keep.id if name == 'version' else other.id}", {"city": "Ulm"})

    answer = program.post(f"/contacts/{keep.id}/merge", {"other_id": other.id, name: 1})

    assert answer.status_code == 409
    assert (answer.json["error"]["fields"][name]["yours"], answer.json["error"]["fields"][name]["theirs"]) == (1, 2)
    assert program.get(f"/contacts/{other.id}").status_code == 200


def test_what_cannot_be_merged_is_refused(api, anna, ben, make):
    make.set_up(member_visibility="own")
    keep, free, theirs = make.contact(owner=anna.user), make.contact(), make.contact(owner=ben.user)
    program = api(anna)

    for other_id, status in ((keep.id, 422), (free.id, 422), (theirs.id, 404), (999, 404)):
        assert program.post(f"/contacts/{keep.id}/merge", {"other_id": other_id}).status_code == status
