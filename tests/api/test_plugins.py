"""Endpoints of plugins: by token, in the document, in the one shape, and away with their plugin."""

import pytest

from leadboard.app import create_app
from leadboard.domain.plugins import disable, enable
from leadboard.permissions import SYSTEM
from leadboard.rest import needs_scope
from leadboard.testing.factories import Make
from tests.api.conftest import fields_of

SOURCE = """
from leadboard.api import *

PLUGIN = Plugin(name="phones", title="Phones", version="1.0", public_prefix="in/phones")
CALL = Shape("Call", lambda: {
    "type": "object", "required": ["number"], "additionalProperties": False, "properties": {"number": {"type": "string", "maxLength": 40}},
})
bp = PluginBlueprint("phones", is_public=True)
own = PluginBlueprint("phones")


@bp.post("/calls")
@operation("Log a call", scope=Scope.TELEPHONY, body=CALL, answers={201: CALL})
def calls():
    number = json_body()["number"]
    if number == "crash":
        raise ZeroDivisionError("the secret of the world")
    return json_answer({"number": number}, 201)


@bp.get("/ping")
@needs_scope("telephony")
def ping():
    return json_answer({"by": current_actor().name})


@own.get("/lines/<int:line_id>")
@operation("Read a line", scope="", query={"as": {"enum": ["text"]}}, answers={200: None})
def line(line_id):
    query_values()
    return json_answer({"id": line_id})


@hookimpl
def register_routes():
    return [bp, own]
"""


@pytest.fixture
def app(settings, drop_in):
    """With the plugin there from the start: Flask takes no routes later."""
    drop_in("phones", SOURCE)
    app = create_app(settings)
    Make().set_up()
    enable("phones", actor=SYSTEM)
    return app


def test_a_plugins_endpoint_asks_for_its_scope(app, api, anna, ada):
    program = api(anna, "telephony")

    assert program.post("/in/phones/calls", {"number": "1"}).json == {"number": "1"}
    assert program.get("/in/phones/ping").json == {"by": "Anna Kowalska"}
    assert program.get("/p/phones/lines/3").json == {"id": 3}
    other = api(anna, "leads:read").post("/in/phones/calls", {"number": "1"})
    assert (other.status_code, other.json["error"]["code"]) == (403, "missing_scope")
    for method, url in (("POST", "/in/phones/calls"), ("GET", "/in/phones/ping"), ("GET", "/p/phones/lines/3")):
        answer = ada.client.open(url, method=method, headers={"X-CSRFToken": ada.csrf()})
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorised")


def test_a_plugins_endpoint_is_checked_like_ours(app, api, anna):
    program = api(anna)

    assert fields_of(program.post("/in/phones/calls", {"number": 1, "line": 2})).keys() == {"number", "line"}
    assert fields_of(program.get("/p/phones/lines/3?as=pdf")).keys() == {"as"}
    first = program.post("/in/phones/calls", {"number": "1"}, headers={"Idempotency-Key": "a"})
    again = program.post("/in/phones/calls", {"number": "1"}, headers={"Idempotency-Key": "a"})
    assert (first.json, "Idempotency-Replayed" in again.headers) == (again.json, True)


@pytest.mark.plugin_errors("record")
def test_a_plugin_that_raises_is_a_500_in_the_one_shape(app, api, anna):
    answer = api(anna).post("/in/phones/calls", {"number": "crash"})

    assert (answer.status_code, answer.json["error"]["code"], fields_of(answer)) == (500, "server_error", {})
    assert "secret" not in answer.get_data(as_text=True)


def test_the_document_has_what_plugins_add_while_they_are_on(app, api, anna):
    program = api(anna)

    def paths():
        return program.get("/openapi.json").json["paths"]

    assert paths()["/in/phones/calls"]["post"]["tags"] == ["phones"]
    assert "/p/phones/lines/{line_id}" in paths()
    assert "/in/phones/ping" not in paths(), "it has no description"
    assert program.get("/openapi.json").json["components"]["schemas"]["Call"]["required"] == ["number"]

    disable("phones", actor=SYSTEM)
    assert not [path for path in paths() if not path.startswith("/api/v1/")]
    gone = program.post("/in/phones/calls", {"number": "1"})
    assert (gone.status_code, fields_of(gone)) == (404, {})


def test_a_scope_that_is_none_is_refused_when_the_plugin_loads():
    with pytest.raises(ValueError, match="leads:read"):
        needs_scope("everything")
