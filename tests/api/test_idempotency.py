"""A POST that is sent twice is done once."""

import json
import threading

import pytest

from leadboard.db import forget_connection
from leadboard.domain.idempotency import KEEP_MS, sweep_answers
from leadboard.domain.leads import delete_leads
from leadboard.domain.purge import purge_bin
from leadboard.models import ApiAnswer, Lead, Note
from leadboard.permissions import SYSTEM
from tests.api.conftest import fields_of


def key(text):
    return {"headers": {"Idempotency-Key": text}}


def test_the_same_again_is_answered_and_not_done_again(api, anna, make):
    make.pipeline()
    program = api(anna)

    first = program.post("/leads", {"title": "Acme"}, **key("one"))
    again = program.post("/leads", {"title": "Acme"}, **key("one"))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert [again.headers[name] for name in ("ETag", "Location")] == [first.headers[name] for name in ("ETag", "Location")]
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Lead.select().count() == 1
    assert program.post("/leads", {"title": "Acme"}, **key("two")).json["id"] != first.json["id"]


def test_the_same_key_for_something_else_is_refused(api, anna, make):
    lead, program = make.lead(), api(anna)
    program.post("/leads", {"title": "Acme"}, **key("one"))

    for path, body in (("/leads", {"title": "Globex"}), (f"/leads/{lead.id}/notes", {"body": "x"})):
        answer = program.post(path, body, **key("one"))
        assert (answer.status_code, list(fields_of(answer))) == (422, ["Idempotency-Key"])
    assert (Lead.select().count(), Note.select().count()) == (2, 0)


def test_a_key_is_the_tokens_own(api, anna, make):
    make.pipeline()
    made = [api(anna).post("/leads", {"title": "Acme"}, **key("one")).json["id"] for _ in range(2)]

    assert made[0] != made[1]


def test_what_failed_may_be_tried_again_with_the_same_key(api, anna, make):
    lead, program = make.lead(title="Acme"), api(anna)

    assert program.post(f"/leads/{lead.id}/notes", {"body": " "}, **key("one")).status_code == 422
    assert program.post("/leads/999/notes", {"body": "x"}, **key("one")).status_code == 404
    assert ApiAnswer.select().count() == 0
    assert program.post(f"/leads/{lead.id}/notes", {"body": "x"}, **key("one")).status_code == 201


@pytest.mark.parametrize("text", ["", "x" * 256, "é"])
def test_a_key_that_is_none(text, api, anna, make):
    make.pipeline()
    answer = api(anna).post("/leads", {"title": "Acme"}, **key(text))

    assert (answer.status_code, list(fields_of(answer))) == (422, ["Idempotency-Key"])
    assert Lead.select().count() == 0


def test_after_a_day_a_key_is_free_again(api, anna, make):
    make.pipeline()
    program = api(anna)
    first = program.post("/leads", {"title": "Acme"}, **key("one")).json["id"]
    ApiAnswer.update(created_at=ApiAnswer.created_at - KEEP_MS).execute()

    assert program.post("/leads", {"title": "Acme"}, **key("one")).json["id"] != first
    ApiAnswer.update(created_at=ApiAnswer.created_at - KEEP_MS).execute()
    sweep_answers()
    assert ApiAnswer.select().count() == 0


def test_those_who_come_at_once_get_one_answer(api, anna, make):
    """The second waits for the first: writers take turns."""
    make.pipeline()
    program = api(anna)
    answers = []

    def send():
        try:
            answers.append(program.client.application.test_client().post(
                "/api/v1/leads", json={"title": "Acme"},
                headers={"Authorization": f"Bearer {program.token}", "Idempotency-Key": "one"},
            ))  # fmt: skip
        finally:
            forget_connection()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.json["id"] for answer in answers}) == 1
    assert Lead.select().count() == 1


def test_what_was_answered_about_a_lead_goes_with_the_lead(api, anna, make):
    make.pipeline()
    program = api(anna)
    gone = program.post("/leads", {"title": "Kowalska"}, **key("add")).json["id"]
    program.post(f"/leads/{gone}/notes", {"body": "wants a call"}, **key("note"))
    stage = make.stage("Offer").id
    program.post(f"/leads/{gone}/move", {"stage_id": stage}, **key("move"))
    for text in ("own", "list"):
        ApiAnswer.create(
            token=ApiAnswer.get().token, key=text, request_hash="", status=200, headers="{}",
            body=json.dumps({"calls": [{"lead": gone if text == "own" else {"id": gone, "title": "Kowalska"}}]}),
        )  # fmt: skip
    kept = program.post("/leads", {"title": "Another"}, **key("kept")).json["id"]
    ApiAnswer.create(token=ApiAnswer.get().token, key="text", request_hash="", status=200, headers="{}", body="no JSON")

    delete_leads([gone], actor=SYSTEM)
    purge_bin(kept_days=-1)

    assert sorted(one.key for one in ApiAnswer.select()) == ["kept", "text"]
    assert program.post("/leads", {"title": "Another"}, **key("kept")).json["id"] == kept
