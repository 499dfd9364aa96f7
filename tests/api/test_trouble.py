"""A database that takes no writes: reading goes on, writing says when to try again."""

import pytest

from leadboard import db
from leadboard.db import open_database
from leadboard.models import ApiAnswer, Lead
from tests.api.conftest import fields_of


@pytest.mark.sqlite_only
def test_a_read_only_database(settings, api, anna, make, monkeypatch, caplog):
    lead, program = make.lead(title="Here before"), api(anna)
    with monkeypatch.context() as fixed:
        fixed.setitem(db.SQLITE_PRAGMAS, "query_only", 1)
        open_database(settings)
        assert program.get(f"/leads/{lead.id}").json["title"] == "Here before"
        assert "was not written down" in caplog.text
        for headers in ({}, {"Idempotency-Key": "one"}):
            answer = program.post("/leads", {"title": "New one"}, headers=headers)
            assert (answer.status_code, answer.json["error"]["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
            assert fields_of(answer) == {}
    open_database(settings)

    assert (Lead.select().count(), ApiAnswer.select().count()) == (1, 0)
    assert program.post("/leads", {"title": "New one"}, headers={"Idempotency-Key": "one"}).status_code == 201


def test_what_fails_in_the_middle_is_not_done_and_may_be_sent_again(app, api, anna, make, monkeypatch):
    """As after a kill: work and answer are one transaction."""
    make.pipeline()
    program = api(anna)
    with monkeypatch.context() as broken:
        broken.setattr(ApiAnswer, "create", lambda **values: 1 / 0)
        assert program.post("/leads", {"title": "Acme"}, headers={"Idempotency-Key": "one"}).status_code == 500
    assert Lead.select().count() == 0

    assert program.post("/leads", {"title": "Acme"}, headers={"Idempotency-Key": "one"}).status_code == 201
    assert Lead.select().count() == 1
