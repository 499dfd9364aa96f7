"""The pages of plugins in Settings."""

import pytest

from leadboard.domain.plugins import enable
from leadboard.forms.plugin_settings import settings_for
from leadboard.pluginhost.registry import registry

VISITS = """
from peewee import CharField
from leadboard.api import *

PLUGIN = Plugin(
    name="visits", title="Visits", version="1.2", description="Plans visits.", author="Ola", url="https://example.org/visits",
    public_prefix="in/visits", hosts=("maps.example.org",),
)

class Visit(PluginModel):
    place = CharField()
    class Meta:
        table_name = "p_visits_visit"

class Settings(SettingsForm):
    days = fields.IntegerField("Days", default=14, validators=[validators.NumberRange(min=1, message="At least one day.")])
    note = fields.StringField("Note")
    key = SecretField("Key", validators=[validators.DataRequired("Type the key.")])

@hookimpl
def register_models():
    return [Visit]

@hookimpl
def register_settings_form():
    return [Settings]

@hookimpl
def register_jobs():
    return [Job(key="visits.sweep", run=lambda: None, every_s=7200), Job(key="visits.ask", run=lambda: None)]

@hookimpl
def register_routes():
    bp, open_bp = PluginBlueprint("visits"), PluginBlueprint("visits", is_public=True)
    @bp.get("/hello")
    @needs(Permission.WRITE)
    def hello():
        return "hello"
    @open_bp.post("/call")
    @public
    @csrf_exempt(reason="signed")
    def call():
        return "thanks"
    return [bp, open_bp]

@hookimpl
def board_badges(leads):
    if settings_for("visits").days == 13:
        raise KeyError("thirteen")
    return {lead.id: [Badge("seen", Tone.TEAL)] for lead in leads}
"""
MIGRATION = """
def up(migrator, db):
    db.execute_sql("create table p_visits_visit (id integer primary key, place varchar(255))")
def down(migrator, db):
    db.execute_sql("drop table p_visits_visit")
"""
URL = "/admin/plugins/visits"


@pytest.fixture(autouse=True)
def dropped(drop_in):
    """Before the application is made."""
    drop_in(
        "visits",
        VISITS,
        files={"migrations/0001_visits.py": MIGRATION, "overrides/bin/index.html": "{% extends 'core/bin/index.html' %}"},
    )


@pytest.fixture(autouse=True)
def tables_go(app):
    from leadboard.db import database  # noqa: PLC0415

    yield
    for name in ("p_visits_visit", "schema_migration_p_visits"):
        database.execute_sql(f"drop table if exists {name}")


def texts(node, selector):
    return [" ".join(found.text.split()) for found in node.all(selector)]


def test_the_list_says_what_there_is_and_turns_it_on_and_off(ada, html, make):
    make.lead("Ferienhof Lüders")
    page = html(ada.get("/admin/plugins"))
    (row,) = [row for row in page.all("li.plug-i") if texts(row, ".name") == ["Visits"]]
    assert texts(row, ".tag") == ["Off"]
    assert "Plans visits. Dropped into the instance" in " ".join(row.text.split())
    assert row.one("button[role=switch]").attrs["aria-checked"] == "false"

    answer = ada.post(f"{URL}/switch", {"on": "1", "next": "/admin/plugins"})
    # It requires a key: the admin is led to the form.
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{URL}#settings")
    page = html(ada.get(URL))
    assert texts(page, ".toast-i span") == ["Visits is on, but its settings are not complete."]
    assert "not set yet" in page.one("#settings .banner").text
    page = html(ada.get("/admin/plugins"))
    assert [texts(row, ".tag") for row in page.all("li.plug-i") if texts(row, ".name") == ["Visits"]] == [["On"]]
    assert "seen" in ada.get("/").text

    assert ada.post(f"{URL}/switch", {"on": "0"}).headers["Location"] == URL
    assert "seen" not in ada.get("/").text
    assert texts(html(ada.get(URL)), "section .panel-h .tag") == ["Off"]


def test_only_admins_come_here(mona, anna, vera, carla):
    for person in (mona, anna, vera):
        assert person.get("/admin/plugins").status_code == 403
        assert person.get(URL).status_code == 403
        for path in (URL, f"{URL}/switch", f"{URL}/retry", f"{URL}/remove"):
            assert person.post(path, {"on": "1", "name": "visits"}).status_code == 403
    assert carla.get(URL).status_code == 303
    assert "visits" not in registry().on


def test_the_page_says_what_it_adds(ada, html):
    enable("visits", actor=ada.actor)
    page = html(ada.get(URL))
    adds = dict(zip(texts(page, "section dl.panel-b dt"), texts(page, "section dl.panel-b dd"), strict=True))
    assert adds == {
        "Addresses": "POST /in/visits/call everybody, without signing in GET /p/visits/hello members and above",
        "Background work": "visits.sweep every 2 hours visits.ask when something asks for it",
        "Hosts it talks to": "maps.example.org",
        "Pages of Leadboard that it replaces": "bin/index.html",
        "What it takes part in": "board_badges Badges on cards",
    }
    text = " ".join(page.text.split())
    assert "1.2 for plugin interface 0.1" in text
    assert "Dropped into the instance" in text
    assert "p_visits_visit 0 rows" in text


def save(ada, **values):
    return ada.post(URL, {"days": "14", "note": "", "key": "", **values})


def test_settings_are_kept_and_secrets_never_shown(ada, html):
    enable("visits", actor=ada.actor)
    answer = save(ada)
    assert answer.status_code == 422
    assert texts(html(answer), ".error") == ["Type the key."]

    assert save(ada, days="7", note="Mondays", key="top-secret-12345").status_code == 303
    assert vars(settings_for("visits")) == {"days": 7, "note": "Mondays", "key": "top-secret-12345"}
    text = ada.get(URL).text
    assert "top-secret" not in text
    assert "Kept: ••••2345." in text
    assert "not set yet" not in text

    # Left empty it stays; what does not validate comes back as typed, but for secrets.
    answer = save(ada, days="0", note="<b>typed", key="another-secret-9")
    assert answer.status_code == 422
    page = html(answer)
    assert texts(page, ".error") == ["At least one day."]
    assert (page.one("#days").attrs["value"], page.one("#note").attrs["value"]) == ("0", "<b>typed")
    assert page.one("#key").attrs.get("value", "") == ""
    assert "another-secret" not in answer.text
    assert vars(settings_for("visits")) == {"days": 7, "note": "Mondays", "key": "top-secret-12345"}

    assert save(ada, days="8").status_code == 303
    assert vars(settings_for("visits")) == {"days": 8, "note": "", "key": "top-secret-12345"}
    # A required one cannot be taken away without another.
    assert save(ada, **{"remove-key": "1"}).status_code == 422
    assert save(ada, key="short", **{"remove-key": "1"}).status_code == 303
    assert settings_for("visits").key == "short"
    assert "••••hort" not in ada.get(URL).text


def test_a_secret_typed_beside_an_error_is_asked_for_again(ada, html):
    enable("visits", actor=ada.actor)
    answer = save(ada, days="0", key="sk-1234567890")
    assert answer.status_code == 422
    assert "Not saved: type it again." in html(answer).one("#key-kept").text
    assert "sk-1234567890" not in answer.text


def test_a_secret_of_the_environment_goes_first(ada, monkeypatch):
    enable("visits", actor=ada.actor)
    monkeypatch.setenv("LEADBOARD_P_VISITS_KEY", "from-outside-6789")
    assert "Comes from LEADBOARD_P_VISITS_KEY (••••6789)" in ada.get(URL).text
    assert save(ada, days="3").status_code == 303
    assert settings_for("visits").key == "from-outside-6789"
    monkeypatch.delenv("LEADBOARD_P_VISITS_KEY")
    assert settings_for("visits").key == ""


@pytest.mark.plugin_errors("record")
def test_failures_are_told_with_everything_and_tried_again(ada, anna, html, make):
    make.lead("Ferienhof Lüders")
    enable("visits", actor=ada.actor)
    save(ada, days="13", key="a-key")
    for _ in range(5):
        ada.get("/")
    banner = html(ada.get("/leads")).one(".banner")
    assert "The plugin Visits does not work as it should." in banner.text
    assert banner.one("a").attrs["href"] == URL
    assert "does not work as it should" not in anna.get("/leads").text

    page = html(ada.get(URL))
    failure = page.one("#failures li")
    assert texts(page, ".panel-h .tag") == ["Partly stopped"]
    assert texts(failure, "code") == ["board_badges", "/"]
    assert "KeyError: 'thirteen'" in failure.text
    assert "5 times" in failure.text
    assert "Traceback (most recent call last)" in failure.one("pre").text

    answer = ada.post(f"{URL}/retry")
    assert (answer.status_code, answer.headers["Location"]) == (303, URL)
    page = html(ada.get(URL))
    assert page.all("#failures") == []
    assert texts(page, "section .panel-h .tag") == ["On"]
    assert page.all(".banner") == []


def test_the_data_goes_only_when_the_name_is_typed(ada, html):
    enable("visits", actor=ada.actor)
    from leadboard.db import execute, rows  # noqa: PLC0415

    execute("insert into p_visits_visit (id, place) values (1, 'Kiel')")
    save(ada, key="a-key")
    assert "Turn it off first" in ada.get(f"{URL}/remove").text
    answer = ada.post(f"{URL}/remove", {"name": "visits"})
    assert answer.status_code == 422
    ada.post(f"{URL}/switch", {"on": "0"})
    assert "p_visits_visit 1 row" in " ".join(html(ada.get(f"{URL}/remove")).text.split())
    answer = ada.post(f"{URL}/remove", {"name": "visit"})
    assert answer.status_code == 422
    assert texts(html(answer), ".error") == ["Type visits to remove its data."]
    assert html(answer).one("#typed-name").attrs["value"] == "visit"
    assert rows("select place from p_visits_visit") == [("Kiel",)]
    assert ada.post(f"{URL}/remove", {"name": "visits"}).headers["Location"] == "/admin/plugins"
    assert "p_visits_visit" not in ada.get(URL).text
    enable("visits", actor=ada.actor)
    assert settings_for("visits").key == ""


def test_one_that_is_gone_has_its_data_removed_too(ada, html, settings):
    from leadboard.wiring import connect_plugins  # noqa: PLC0415

    enable("visits", actor=ada.actor)
    folder = settings.instance / "plugins" / "visits"
    folder.rename(settings.instance / "visits-elsewhere")
    connect_plugins(settings)
    page = html(ada.get("/admin/plugins"))
    assert texts(page, "li.set-i code") == ["visits"]
    assert ada.get(URL).status_code == 404
    assert ada.get(f"{URL}/remove").status_code == 200
    assert ada.post(f"{URL}/remove", {"name": "visits"}).status_code == 303
    assert texts(html(ada.get("/admin/plugins")), "li.set-i code") == []
    assert ada.get(f"{URL}/remove").status_code == 404


def test_the_pages_cost_the_same_with_one_plugin_and_with_three(ada, drop_in, settings, queries):
    from leadboard.wiring import connect_plugins  # noqa: PLC0415

    def cost():
        ada.get("/admin/plugins")
        with queries(at_most=20) as seen:
            ada.get("/admin/plugins")
        return len(seen.texts)

    one = cost()
    for name in ("two", "three"):
        drop_in(name, f"from leadboard.api import *\nPLUGIN = Plugin(name='{name}', title='x', version='1')")
    connect_plugins(settings)
    assert cost() == one


def test_its_own_pages_can_be_opened_from_its_page_while_it_is_on(ada, html):
    assert html(ada.get(URL)).all("a[href='/p/visits/hello']") == []
    enable("visits", actor=ada.actor)
    page = html(ada.get(URL))
    assert page.one("a[href='/p/visits/hello']").text == "GET /p/visits/hello"
    assert page.all("a[href='/in/visits/call']") == []  # for programs


def test_a_number_with_a_range_is_not_called_optional(ada, html):
    enable("visits", actor=ada.actor)
    assert texts(html(ada.get(URL)), "label.form-label") == ["Days", "Note optional", "Key"]
    for typed in ("", "many"):
        answer = save(ada, days=typed, key="k")
        assert (answer.status_code, texts(html(answer), ".error")) == (422, ["At least one day."])


def test_a_secret_of_the_environment_is_no_missing_setting(ada, html, monkeypatch):
    monkeypatch.setenv("LEADBOARD_P_VISITS_KEY", "from-outside-1234")
    ada.post(f"{URL}/switch", {"on": "1"})
    assert html(ada.get(URL)).all("#settings .banner") == []
