"""Leads by the API: read, add, change, move, delete, note."""

import pytest

from leadboard.domain.leads import update_lead
from leadboard.domain.moves import move_lead
from leadboard.models import Event, Lead, Note, Stage
from tests.api.conftest import fields_of


def stages_of(lead):
    return {stage.name: stage.id for stage in Stage.select().where(Stage.pipeline == lead.pipeline_id)}


def test_a_lead_reads_as_it_was_typed(api, anna, make):
    source = make.source("Fair")
    lead = make.lead(
        person_name="Zoë Łącka", email="zoe@x.example", value_amount=123450, value_currency="PLN", expected_close_on="2026-12-31",
        source=source.id, interest="hot", owner=anna.user, actor=anna.actor,
    )  # fmt: skip

    answer = api(anna, "leads:read").get(f"/leads/{lead.id}")

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    found = answer.json
    assert (found["title"], found["person_name"], found["email"]) == ("Lead 1", "Zoë Łącka", "zoe@x.example")
    assert (found["value_amount"], found["value_currency"], found["expected_close_on"]) == (123450, "PLN", "2026-12-31")
    assert (found["owner_id"], found["source_id"], found["interest"]) == (anna.id, source.id, "hot")
    assert (found["city"], found["employees"], found["qualification"], found["closed_at"]) == (None, None, None, None)
    assert found["created_at"].endswith("Z")


def test_a_new_lead_is_its_owners_and_the_log_says_by_api(api, anna, make):
    make.pipeline()
    program = api(anna)

    answer = program.post("/leads", {"person_name": "Bo Lund", "phone": "030 901820", "country": "Poland"})

    assert answer.status_code == 201
    assert answer.json["owner_id"] == anna.id and answer.json["country"] == "PL"
    assert answer.headers["Location"] == f"/api/v1/leads/{answer.json['id']}"
    event = Event.get(Event.record_id == answer.json["id"], Event.kind == "lead_created")
    assert (event.actor_kind, event.actor_id) == ("token", program.token_id)
    page = anna.get(f"/leads/{answer.json['id']}").get_data(as_text=True)
    assert "Anna Kowalska by API" in page


def test_where_a_new_lead_starts(api, anna, make):
    lead = make.lead(title="There")
    stages, program = stages_of(lead), api(anna)

    below = program.post("/leads", {"title": "A", "stage_id": stages["Offer"]}).json
    above = program.post("/leads", {"title": "B", "stage_id": stages["Offer"], "before_id": below["id"]}).json
    assert Lead.get_by_id(above["id"]).position < Lead.get_by_id(below["id"]).position
    assert program.post("/leads", {"title": "C", "pipeline_id": lead.pipeline_id}).json["stage_id"] == stages["New"]
    assert program.post("/leads", {"title": "D", "stage_id": stages["Won"]}).json["closed_at"]
    for sent, field in (
        ({"stage_id": stages["Lost"]}, "stage_id"), ({"stage_id": 999}, "stage_id"), ({"pipeline_id": 999}, "pipeline_id"),
        ({}, "title"), ({"title": "x", "owner_id": 999}, "owner_id"), ({"title": "x", "source_id": 999}, "source_id"),
    ):  # fmt: skip
        answer = program.post("/leads", {"title": "x", **sent} if field != "title" else {})
        assert (answer.status_code, list(fields_of(answer))) == (422, [field])


def test_fields_are_changed_and_emptied(api, anna, make):
    lead = make.lead(title="Acme", city="Ulm", value_amount=100, employees=5, interest="hot")
    program = api(anna, "leads:write")

    answer = program.patch(
        f"/leads/{lead.id}", {"city": None, "value_amount": None, "employees": None, "interest": None, "region": "Bavaria"}
    )

    assert answer.status_code == 200
    assert {name: answer.json[name] for name in ("city", "value_amount", "value_currency", "employees", "interest", "region")} == {
        "city": None, "value_amount": None, "value_currency": None, "employees": None, "interest": None, "region": "Bavaria",
    }  # fmt: skip
    assert (answer.json["version"], answer.headers["ETag"]) == (2, '"2"')
    assert program.patch(f"/leads/{lead.id}", {}).json["version"] == 2
    assert (Lead.get_by_id(lead.id).city, Lead.get_by_id(lead.id).value_currency) == ("", "")


@pytest.mark.parametrize("by_header", [True, False])
def test_two_who_change_one_field_conflict_with_both_values(by_header, api, anna, ben, make):
    lead = make.lead(title="Acme", city="Ulm")
    update_lead(lead.id, {"city": "Bonn"}, actor=ben.actor)
    sent = {"city": "Kiel", "region": "North"}
    said = {"headers": {"If-Match": '"1"'}} if by_header else {}

    answer = api(anna).patch(f"/leads/{lead.id}", sent if by_header else {**sent, "version": 1}, **said)

    assert answer.status_code == 409
    assert fields_of(answer).keys() == {"city", "version"}
    fields = answer.json["error"]["fields"]
    assert (fields["city"]["yours"], fields["city"]["theirs"], fields["city"]["by"]) == ("Kiel", "Bonn", "Ben Carter")
    assert (fields["version"]["yours"], fields["version"]["theirs"]) == (1, 2)
    assert Lead.get_by_id(lead.id).region == ""
    assert api(anna).patch(f"/leads/{lead.id}", {"region": "North", "version": 1}).status_code == 200, "another field merges"


def test_a_change_by_a_token_is_told_as_its_owners(api, anna, ben, make):
    lead = make.lead(title="Acme", city="Ulm")
    api(ben).patch(f"/leads/{lead.id}", {"city": "Bonn"})

    answer = api(anna).patch(f"/leads/{lead.id}", {"city": "Kiel", "version": 1})

    assert answer.json["error"]["fields"]["city"]["by"] == "Ben Carter"
    assert "Ben Carter, " in anna.get(f"/leads/{lead.id}").get_data(as_text=True)


@pytest.mark.parametrize("header", ["x", '"0"', '"9999999999"', 'W/"1"', '"1", "2"', "-1"])
def test_an_if_match_that_is_none_is_refused(header, api, anna, make):
    lead = make.lead(title="Acme")

    answer = api(anna).patch(f"/leads/{lead.id}", {"city": "Ulm"}, headers={"If-Match": header})

    assert answer.status_code == 422
    assert set(fields_of(answer)) <= {"If-Match", "version"}


def test_if_match_and_version_must_agree(api, anna, make):
    lead = make.lead(title="Acme")
    url, program = f"/leads/{lead.id}", api(anna)

    assert program.patch(url, {"city": "Ulm", "version": 2}, headers={"If-Match": '"1"'}).status_code == 422
    assert program.patch(url, {"city": "Ulm", "version": 1}, headers={"If-Match": "*"}).status_code == 200


def test_a_lead_moves_among_its_neighbours(api, anna, make):
    first, second = make.lead(title="First"), make.lead(title="Second")
    stages, program = stages_of(first), api(anna)

    moved = program.post(f"/leads/{first.id}/move", {"stage_id": stages["Offer"], "version": 1})
    assert (moved.status_code, moved.json["stage_id"], moved.json["version"]) == (200, stages["Offer"], 2)
    below = program.post(f"/leads/{second.id}/move", {"stage_id": stages["Offer"], "after_id": first.id, "before_id": None})
    assert below.status_code == 200
    assert Lead.get_by_id(second.id).position > Lead.get_by_id(first.id).position


def test_a_loss_asks_for_its_reason(api, anna, make):
    lead, reason = make.lead(title="Acme"), make.lost_reason("Price")
    lost, program, url = stages_of(lead)["Lost"], api(anna), f"/leads/{lead.id}/move"

    assert fields_of(program.post(url, {"stage_id": lost})) == {"lost_reason_id": "Say why Acme was lost."}
    assert "lost_reason_id" in fields_of(program.post(url, {"stage_id": lost, "lost_reason_id": 999}))
    assert program.post(url, {"stage_id": lost, "lost_to": "Globex"}).status_code == 422
    assert fields_of(program.post(url, {"stage_id": lost, "lost_reason_id": reason.id, "come_back_on": "2027-02-30"})).keys() == {
        "come_back_on"
    }
    sent = {"stage_id": lost, "lost_reason_id": reason.id, "lost_to": "Globex", "come_back_on": "2027-02-28"}
    found = program.post(url, sent).json
    assert (found["lost_reason_id"], found["lost_to"], found["next_task_on"]) == (reason.id, "Globex", "2027-02-28")
    assert found["closed_at"]


def test_a_move_of_a_lead_that_somebody_moved_conflicts(api, anna, ben, make):
    lead = make.lead(title="Acme")
    stages = stages_of(lead)
    move_lead(lead.id, to_stage_id=stages["Meeting"], actor=ben.actor)

    answer = api(anna).post(f"/leads/{lead.id}/move", {"stage_id": stages["Offer"], "version": 1})

    assert answer.status_code == 409
    fields = answer.json["error"]["fields"]
    assert (fields["stage_id"]["yours"], fields["stage_id"]["theirs"]) == (stages["Offer"], stages["Meeting"])
    assert fields["version"]["theirs"] == 2
    assert Lead.get_by_id(lead.id).stage_id == stages["Meeting"]


def test_a_deleted_lead_is_in_the_bin_and_gone_for_the_api(api, anna, make):
    lead, program = make.lead(title="Acme", owner=anna.user), api(anna)

    changed = program.delete(f"/leads/{lead.id}", headers={"If-Match": '"7"'})
    assert (changed.status_code, changed.json["error"]["fields"]["version"]["theirs"]) == (409, 1)
    assert program.delete(f"/leads/{lead.id}", headers={"If-Match": '"1"'}).status_code == 204
    assert Lead.get_by_id(lead.id).deleted_at is not None
    for answer in (program.delete(f"/leads/{lead.id}"), program.get(f"/leads/{lead.id}"), program.patch(f"/leads/{lead.id}", {})):
        assert (answer.status_code, fields_of(answer)) == (404, {})


def test_members_delete_their_own_leads_only(api, anna, mona, make):
    lead = make.lead(title="Acme", owner=mona.user)

    assert api(anna).delete(f"/leads/{lead.id}").status_code == 403
    assert api(mona, "leads:write").delete(f"/leads/{lead.id}").status_code == 204


def test_a_note_is_its_owners(api, anna, make):
    lead = make.lead(title="Acme")

    answer = api(anna).post(f"/leads/{lead.id}/notes", {"body": "**Called** twice"})

    assert answer.status_code == 201
    note = Note.get()
    assert answer.json == {
        "id": note.id, "lead_id": lead.id, "author_id": anna.id, "body": "**Called** twice", "is_pinned": False, "version": 1,
        "created_at": answer.json["created_at"], "edited_at": None,
    }  # fmt: skip
    for body in ("", "  ", "\n", "x" * 100_001):
        assert fields_of(api(anna).post(f"/leads/{lead.id}/notes", {"body": body})).keys() == {"body"}


def test_a_lead_given_out_of_sight_answers_with_its_number(api, anna, ben, make):
    make.set_up(member_visibility="own")
    make.pipeline()
    program = api(anna)

    added = program.post("/leads", {"title": "For Ben", "owner_id": ben.id})
    assert (added.status_code, set(added.json)) == (201, {"id", "version"})
    own = program.post("/leads", {"title": "Mine"}).json
    given = program.patch(f"/leads/{own['id']}", {"owner_id": ben.id})
    assert (given.status_code, given.json) == (200, {"id": own["id"], "version": 2})
    assert program.get(f"/leads/{own['id']}").status_code == 404


def test_undo_of_what_a_token_did_is_its_owners(api, anna, make):
    lead = make.lead(title="Acme", city="Ulm")
    api(anna).patch(f"/leads/{lead.id}", {"city": "Bonn"})
    change_set = Event.select(Event.change_set_id).order_by(Event.id.desc()).scalar()

    assert anna.post(f"/undo/{change_set}").status_code == 303
    assert Lead.get_by_id(lead.id).city == "Ulm"
