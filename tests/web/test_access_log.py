"""The line for each request."""

import logging
from dataclasses import replace

from leadboard.app import create_app


def test_at_debug_each_request_has_a_line_without_its_secrets(settings, caplog):
    client = create_app(replace(settings, log_level="DEBUG")).test_client()
    with caplog.at_level(logging.DEBUG, logger="leadboard.access"):
        client.get("/setup/very-secret-token?name=Anna")
        client.get("/no/such/page")

    lines = [record.getMessage() for record in caplog.records if record.name == "leadboard.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == ["GET /setup/<token> 404", "GET (no route) 404"]


def test_otherwise_there_is_none(settings, caplog):
    client = create_app(settings).test_client()
    with caplog.at_level(logging.INFO, logger="leadboard.access"):
        client.get("/healthz")

    assert [record for record in caplog.records if record.name == "leadboard.access"] == []
