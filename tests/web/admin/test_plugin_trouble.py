"""What the pages of plugins say when something is wrong."""

from dataclasses import replace

import pytest

from leadboard import hookspecs
from leadboard.app import create_app
from leadboard.db import database, rows
from leadboard.domain.plugins import enable
from leadboard.pluginhost.registry import forget, registry
from leadboard.testing.people import sign_in_directly
from leadboard.web.admin.plugin_view import HOOKS
from leadboard.wiring import connect_plugins

pytestmark = pytest.mark.plugin_errors("record")

HEAD = """
from leadboard.api import *
PLUGIN = Plugin(name="one", title="One", version="1.0")
"""
MIGRATION = "def up(migrator, db):\n    db.execute_sql('create table p_one_a (id integer primary key)')\n"
FORM = """
class Settings(SettingsForm):
    {field}
@hookimpl
def register_settings_form():
    return [Settings]
"""


def texts(node, selector):
    return [" ".join(found.text.split()) for found in node.all(selector)]


def test_every_hook_has_words_for_an_admin():
    assert set(HOOKS) == set(hookspecs.FAMILY)


@pytest.mark.sqlite_only
def test_without_plugins_it_says_where_they_go(ada, html, settings, monkeypatch):
    # Not another folder for the bundled ones: they would be imported anew beside what test modules hold of them.
    monkeypatch.setattr("leadboard.wiring.find_plugins", lambda *_, **__: [])
    connect_plugins(settings)
    page = html(ada.get("/admin/plugins"))
    assert texts(page, ".empty h2") == ["No plugins yet"]
    assert texts(page, ".empty code") == [str(settings.instance / "plugins")]
    assert "docs/plugins/" in page.one(".empty").text


@pytest.mark.sqlite_only
def test_safe_mode_is_told(drop_in, request, html):
    drop_in("one", HEAD)
    settings, make = request.getfixturevalue("settings"), request.getfixturevalue("make")
    app = create_app(replace(settings, safe_mode=True))
    client = sign_in_directly(app, make.user("Ada Admin", role="admin"))
    page = html(client.get("/admin/plugins"))
    assert any("Safe mode" in text for text in texts(page, ".banner"))
    assert "One" not in texts(page, ".name")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "text, tag, says",
    [
        ("def broken(:", "Broken", "It cannot be imported: SyntaxError: invalid syntax"),
        (HEAD.replace("1.0", '1.0", requires_api="7.0'), "Does not fit this version", "It needs version 7.0 of the plugin interface; this Leadboard has 0.2."),
    ],
)  # fmt: skip
def test_one_that_cannot_be_used_has_its_cause_on_its_page(drop_in, request, html, text, tag, says):
    drop_in("one", text)
    ada = request.getfixturevalue("ada")
    for page in (html(ada.get("/admin/plugins")), html(ada.get("/admin/plugins/one"))):
        assert says in " ".join(page.text.split())
        assert page.all("form[action=/admin/plugins/one/switch] button[role=switch]") == []
        assert tag in texts(page, ".tag")
    if tag == "Broken":
        assert "SyntaxError" in html(ada.get("/admin/plugins/one")).one("pre").text
    answer = ada.post("/admin/plugins/one/switch", {"on": "1"})
    assert (answer.status_code, says in answer.text.replace("&#39;", "'")) == (422, True)
    assert ada.get("/admin/plugins/two").status_code == 404
    assert ada.post("/admin/plugins/two/switch", {"on": "1"}).status_code == 404


@pytest.fixture
def tables_go(settings):
    yield
    for name in ("p_one_a", "schema_migration_p_one"):
        database.execute_sql(f"drop table if exists {name}")


def test_one_whose_migration_fails_says_so_and_can_be_left_off(drop_in, request, html, tables_go):
    path = drop_in("one", HEAD, files={"migrations/0001_a.py": MIGRATION})
    ada = request.getfixturevalue("ada")
    enable("one", actor=ada.actor)
    (path.parent / "migrations" / "0002_b.py").write_text("def up(migrator, db):\n    raise KeyError('half-way')\n")
    forget()
    banner = html(ada.get("/leads")).one(".banner")
    assert "The plugin One does not work as it should." in banner.text
    page = html(ada.get("/admin/plugins/one"))
    assert texts(page, ".panel-h .tag") == ["Its tables are not ready"]

    answer = ada.post("/admin/plugins/one/switch", {"on": "1"})
    assert answer.status_code == 422
    page = html(answer)
    assert texts(page, ".banner[role=alert]") == ["Its migration failed and it stays off: KeyError: 'half-way'"]
    assert "KeyError: 'half-way'" in page.one("#failures").text
    assert "p_one_a 0 rows" in " ".join(page.text.split())

    assert "Leave it off" in ada.get("/admin/plugins/one").text
    ada.post("/admin/plugins/one/switch", {"on": "0"})
    assert rows("select is_on from plugin_state") == [(False,)]
    assert html(ada.get("/leads")).all(".banner") == []


@pytest.mark.sqlite_only
def test_one_that_broke_while_on_is_told_and_can_be_left_off(drop_in, request, html):
    path = drop_in("one", HEAD)
    ada, settings = request.getfixturevalue("ada"), request.getfixturevalue("settings")
    enable("one", actor=ada.actor)
    path.rename(path.with_name("aside"))
    (settings.instance / "plugins" / "one").mkdir()
    (settings.instance / "plugins" / "one" / "__init__.py").write_text("PLUGIN = None")
    request.getfixturevalue("monkeypatch").delitem(__import__("sys").modules, "leadboard_dropins.one")
    connect_plugins(settings)
    assert "The plugin one does not work as it should." in html(ada.get("/leads")).one(".banner").text
    assert "Leave it off" in ada.get("/admin/plugins/one").text
    ada.post("/admin/plugins/one/switch", {"on": "0"})
    assert html(ada.get("/leads")).all(".banner") == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "field, shows, says",
    [
        ("def __init__(self, *args, **kwargs): raise KeyError('made')", "failed (", "KeyError: 'made'"),
        (
            "x = fields.SelectField('X', choices=lambda: 1 / 0)",
            "This part is not available (",
            "ZeroDivisionError: division by zero",
        ),
        (
            "x = fields.StringField('X', widget=lambda field, **kwargs: 1 / 0)",
            "This part is not available (",
            "ZeroDivisionError",
        ),
    ],
)
def test_a_settings_form_that_fails_leaves_the_page(drop_in, request, html, field, shows, says):
    drop_in("one", HEAD + FORM.format(field=field))
    ada = request.getfixturevalue("ada")
    enable("one", actor=ada.actor)
    answer = ada.get("/admin/plugins/one")
    assert (answer.status_code, shows in answer.text) == (200, True)
    assert says in html(ada.get("/admin/plugins/one")).one("#failures").text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "field, says",
    [
        ("x = fields.DateField('X')", "TypeError: Object of type date is not JSON serializable"),
        ("x = fields.StringField('X', validators=[lambda form, field: 1 / 0])", "ZeroDivisionError: division by zero"),
    ],
)
def test_settings_that_cannot_be_kept_are_the_plugins_failure(drop_in, request, html, field, says):
    drop_in("one", HEAD + FORM.format(field=field))
    ada = request.getfixturevalue("ada")
    enable("one", actor=ada.actor)
    answer = ada.post("/admin/plugins/one", {"x": "2026-11-22"})
    assert answer.status_code == 422
    assert "The settings form of this plugin failed (" in html(answer).one(".banner[role=alert]").text
    assert says in html(answer).one("#failures").text
    assert registry().states.settings.get("one") == {}


@pytest.mark.sqlite_only
def test_secrets_of_another_key_are_told(drop_in, request, html):
    drop_in("one", HEAD + FORM.format(field="key = SecretField('Key')"))
    ada, settings = request.getfixturevalue("ada"), request.getfixturevalue("settings")
    enable("one", actor=ada.actor)
    ada.post("/admin/plugins/one", {"key": "a-long-secret-of-ours"})
    connect_plugins(replace(settings, secret_key="another key".ljust(40, "x")))
    page = html(ada.get("/admin/plugins/one"))
    assert any("The secrets that were kept cannot be read" in text for text in texts(page, ".banner"))
    connect_plugins(settings)


@pytest.mark.sqlite_only
def test_who_turns_one_on_for_the_first_time_sees_its_settings(drop_in, request, html):
    """They cannot be reached before. Once they are saved, turning it on leads back to where one was."""
    field = 'days = fields.IntegerField("Days", default=14, validators=[validators.InputRequired()])'
    drop_in("one", HEAD + FORM.format(field=field))
    ada = request.getfixturevalue("ada")
    url, sent = "/admin/plugins/one", {"on": "1", "next": "/admin/plugins"}
    assert ada.post(f"{url}/switch", sent).headers["Location"] == f"{url}#settings"
    page = html(ada.get(url))
    assert ([node.text for node in page.all("#settings .banner")], page.one("#days").attrs["value"]) == ([], "14")
    ada.post(url, {"days": "7"})
    ada.post(f"{url}/switch", {"on": "0"})
    assert ada.post(f"{url}/switch", sent).headers["Location"] == "/admin/plugins"
