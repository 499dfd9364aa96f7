"""Every recipe of the pages for authors, copied from the page, turned on and used."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from leadboard.app import create_app
from leadboard.db import execute, rows
from leadboard.domain.custom_fields import add_field
from leadboard.domain.packs import install_pack
from leadboard.domain.plugins import enable
from leadboard.lib.signatures import new_signing_secret, sign_message
from leadboard.models import Lead, Stage
from leadboard.permissions import SYSTEM
from leadboard.testing.factories import Make
from tests.cli.conftest import shell  # noqa: F401 - a fixture
from tests.support.recipes import plugins_of, write

RECIPES = {**plugins_of("recipes.md"), **plugins_of("endpoints.md")}


@pytest.fixture
def app(settings):
    """All of them are in the instance, beside each other."""
    folder = settings.instance / "plugins"
    folder.mkdir()
    for name, files in RECIPES.items():
        write(folder, files, name)
    app = create_app(settings)
    Make().set_up()
    return app


@pytest.fixture
def recipe(ada):
    """recipe("shelf") turns the page's plugin on, and gives an admin's browser."""

    def start(name):
        enable(name, actor=SYSTEM)
        return ada

    return start


@pytest.fixture
def work_off(run_jobs):
    """work_off() does everything that was queued, also what was put off."""

    def run():
        run_jobs()
        execute("update job set run_at = 0 where state = 'queued'")
        run_jobs()

    return run


def save_settings(ada, name, values):
    assert ada.post(f"/admin/plugins/{name}", values).status_code == 303


def test_a_panel_with_its_own_table(recipe, make, html, anna, ben):
    recipe("shelf")
    lead = make.lead(owner=anna.user)
    address = f"/leads/{lead.id}/panels/shelf.place"
    assert "On no shelf." in anna.get(address).text
    assert anna.post(f"/p/shelf/leads/{lead.id}", {"place": " B 12 "}).status_code == 303
    assert html(anna.get(address)).one("#shelf-place").attrs["value"] == "B 12"
    execute("update setting set value = '\"own\"' where key = 'member_visibility'")
    execute("update setting set value = '99' where key = 'revision'")
    assert ben.post(f"/p/shelf/leads/{lead.id}", {"place": "C 1"}).status_code == 404
    execute("delete from lead where id = ?", (lead.id,))
    assert rows("select count(*) from p_shelf_place") == [(0,)]


def test_work_in_the_background(recipe, work_off, make, anna):
    recipe("first_step")
    lead = make.lead("Ferienhof", owner=anna.user)
    work_off()
    assert rows("select lead_id, title, assignee_id from task") == [(lead.id, "Get in touch", anna.id)]
    execute("update event_delivery set last_event_id = 0 where listener like '%first_step%'")
    work_off()
    assert rows("select count(*) from task") == [(1,)]


@pytest.fixture
def chat():
    """What a server was told: (token, body)."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook", heard
        server.shutdown()


def test_settings_with_a_secret(recipe, work_off, make, chat, anna):
    address, heard = chat
    ada = recipe("chat_bell")
    save_settings(ada, "chat_bell", {"url": address, "token": "hush"})
    lead, other = make.lead("Ferienhof", owner=anna.user), make.lead("Other", owner=anna.user)
    for one, stage in ((lead, "Won"), (other, "Offer")):
        answer = anna.post(f"/leads/{one.id}/move", {"stage_id": make.stage(stage).id})
        assert answer.status_code == 303
    work_off()
    assert heard == [("Bearer hush", {"text": "Ferienhof"})]
    assert "hush" not in ada.get("/admin/plugins/chat_bell").text


def test_telephony(recipe, work_off, make, carla):
    ada = recipe("phone_log")
    lead = make.lead(phone="+49 30 901820")
    body = json.dumps({"id": "c1", "from": "030 901820", "seconds": 61}).encode()

    def call(secret, told=body):
        signature = hmac.new(secret, told, hashlib.sha256).hexdigest()
        headers = {"X-Signature": signature, "Content-Type": "application/json"}
        return carla.client.post("/in/phone_log/call", data=told, headers=headers).status_code

    assert call(b"") == 403
    save_settings(ada, "phone_log", {"secret": "s3cret"})
    assert (call(b"wrong"), call(b"s3cret"), call(b"s3cret")) == (403, 204, 204)
    for odd in ({"from": "1", "seconds": 1}, {"id": "c2", "from": "1", "seconds": "long"}, [], "c2", None):
        assert call(b"s3cret", json.dumps(odd).encode()) == 422
    work_off()
    assert rows("select lead_id, duration_seconds from activity") == [(lead.id, 61)]


def test_a_rule_that_says_no(recipe, make, anna):
    recipe("priced_offers")
    poor, rich = make.lead("Poor", owner=anna.user), make.lead("Rich", owner=anna.user, value_amount=500, value_currency="EUR")
    offer = make.stage("Offer").id
    answer = anna.post(f"/leads/{poor.id}/move", {"stage_id": offer})
    assert (answer.status_code, "Poor needs a value before it becomes an offer." in answer.text) == (422, True)
    assert anna.post(f"/leads/{rich.id}/move", {"stage_id": offer}).status_code == 303
    assert [Lead.get_by_id(one.id).stage_id == offer for one in (poor, rich)] == [False, True]


def test_stages_and_pipelines(recipe):
    ada = recipe("choir")
    assert "Came to a rehearsal" in ada.get("/admin/pipelines/packs/choir.singers").text
    pipeline = install_pack("choir.singers", actor=ada.actor)
    names = [stage.name for stage in Stage.select().where(Stage.pipeline == pipeline).order_by(Stage.position)]
    assert names == ["Asked", "Came to a rehearsal", "Sings", "Sings elsewhere"]


def test_a_page_a_menu_entry_and_a_command(recipe, make, anna, ben, shell, settings):  # noqa: F811
    recipe("head_count")
    make.lead(owner=anna.user)
    assert "Head count" in anna.get("/").text
    assert ben.get("/p/head_count/").text == "1\n"
    execute("update setting set value = '\"own\"' where key = 'member_visibility'")
    execute("update setting set value = '99' where key = 'revision'")
    assert (anna.get("/p/head_count/").text, ben.get("/p/head_count/").text) == ("1\n", "0\n")
    assert shell("head_count", "show")[:2] == (0, "1\n")


def test_a_field_type(recipe, make, anna):
    recipe("colour_field")
    make.pipeline()
    add_field("Colour", "colour_field.colour", actor=SYSTEM, in_list=True)
    refused = anna.post("/leads/new", {"title": "Gate", "fields.colour": "red"})
    assert (refused.status_code, "Colour must look like #aabbcc." in refused.text) == (422, True)
    assert anna.post("/leads/new", {"title": "Gate", "fields.colour": "#FF0000"}).status_code == 303
    assert "Gate" in anna.get("/leads?f.colour=%23ff0000&sort=f.colour").text
    assert "Gate" not in anna.get("/leads?f.colour=%230000ff").text


def test_an_importer(recipe, make, tmp_path, shell):  # noqa: F811
    recipe("line_file")
    make.pipeline()
    (tmp_path / "fair.leads").write_text("LEADS\nZoë Lund\tzoe@acme.example\n\tnobody@acme.example\nBen\t\n", encoding="utf-8")
    code, out, err = shell("import", tmp_path / "fair.leads", "--rejected", tmp_path / "rejected.csv", "--json")
    assert code == 0, err
    assert {name: json.loads(out)[name] for name in ("created", "rejected")} == {"created": 2, "rejected": 1}
    assert [(lead.person_name, lead.email) for lead in Lead.select().order_by(Lead.id)] == [
        ("Zoë Lund", "zoe@acme.example"),
        ("Ben", ""),
    ]
    assert "This line has no name." in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "other.leads").write_text("nothing\n", encoding="utf-8")
    code, out, err = shell("import", tmp_path / "other.leads", "--importer", "line_file.leads")
    assert (code, "its first line must be LEADS" in err) == (1, True)


def test_endpoints_for_programs(recipe, make, anna, ben, carla, api):
    ada = recipe("door_bell")
    lead = make.lead(owner=anna.user, email="zoe@acme.example")
    program = api(anna)
    again = {"headers": {"Idempotency-Key": "visit-1"}}
    for _ in range(2):
        answer = program.post("/in/door_bell/visits", {"email": "zoe@acme.example", "said": "Hello"}, **again)
        assert (answer.status_code, answer.json) == (201, {"lead_id": lead.id})
    assert rows("select body, author_id from note") == [("Came in. Hello", anna.id)]
    assert list(program.post("/in/door_bell/visits", {"email": 1, "who": ""}).json["error"]["fields"]) == ["who", "email"]
    assert program.post("/in/door_bell/visits", {"email": "no@acme.example"}).status_code == 404
    assert api(anna, "leads:read").post("/in/door_bell/visits", {"email": "zoe@acme.example"}).status_code == 403
    assert anna.get(f"/p/door_bell/leads/{lead.id}").status_code == 401
    assert program.get(f"/p/door_bell/leads/{lead.id}").json == {"visits": 1}
    assert program.get(f"/p/door_bell/leads/{lead.id}?since={int(time.time() * 1000) + 60_000}").json == {"visits": 0}
    assert program.get(f"/p/door_bell/leads/{lead.id}?since=x").status_code == 422
    assert api(anna, "telephony").get("/p/door_bell/ping").json == {"as": "Anna Kowalska"}
    document = program.get("/openapi.json").json
    assert {"/in/door_bell/visits", "/p/door_bell/leads/{lead_id}"} <= set(document["paths"])
    assert "/p/door_bell/ping" not in document["paths"]
    secret = new_signing_secret()
    save_settings(ada, "door_bell", {"secret": secret})
    assert [ring(carla, text) for text in (secret, new_signing_secret())] == [204, 403]
    assert rows("select count(*) from note") == [(2,)]
    assert ada.post("/admin/plugins/door_bell/switch", {"on": "0"}).status_code == 303
    assert program.get(f"/p/door_bell/leads/{lead.id}").status_code == 404


def ring(carla, secret):
    body, at = b'{"email": "zoe@acme.example"}', int(time.time())
    headers = {
        "webhook-id": "m1", "webhook-timestamp": str(at), "webhook-signature": sign_message(secret, "m1", at, body)
    }  # fmt: skip
    return carla.client.post("/in/door_bell/button", data=body, headers=headers).status_code


def test_every_recipe_is_used(request):
    used = (request.path).read_text(encoding="utf-8")
    assert {name for name in RECIPES if f'recipe("{name}")' not in used} == set()
