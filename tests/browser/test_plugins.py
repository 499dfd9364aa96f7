"""An admin's way with a plugin: on, seen on the board, set up, failing, tried again, off, its data removed."""

import pytest
from playwright.sync_api import Page, expect

from leadboard.domain.plugins import enable, save_settings
from tests.browser.test_screens import LOOKS, keep, overflow, serious

pytestmark = [pytest.mark.browser, pytest.mark.plugin_errors("record")]

SOURCE = """
from peewee import CharField
from leadboard.api import *

PLUGIN = Plugin(
    name="visits", title="Visits", version="1.2", description="Plans visits and shows on the card when the next one is due.",
    author="Ola Nordmann", url="https://example.org/visits", public_prefix="in/visits", hosts=("maps.example.org",),
)

class Visit(PluginModel):
    place = CharField()
    class Meta:
        table_name = "p_visits_visit"

class Settings(SettingsForm):
    word = fields.StringField("Word on the card", default="due", validators=[validators.NoneOf(["wrong"], message="Take another word.")])
    is_shown = fields.BooleanField("Show it", default=True)
    key = SecretField("Key of the map", description="From the settings of your map.")

@hookimpl
def register_models():
    return [Visit]

@hookimpl
def register_settings_form():
    return [Settings]

@hookimpl
def register_jobs():
    return [Job(key="visits.sweep", run=lambda: None, every_s=7200)]

@hookimpl
def register_routes():
    bp = PluginBlueprint("visits")
    @bp.get("/hello")
    @needs(Permission.WRITE)
    def hello():
        return "hello"
    return [bp]

@hookimpl
def board_badges(leads):
    word = settings_for("visits").word
    if word == "broken":
        raise KeyError("no such word")
    return {lead.id: [Badge(word, Tone.TEAL)] for lead in leads}
"""
MIGRATION = """
def up(migrator, db):
    db.execute_sql("create table p_visits_visit (id integer primary key, place varchar(255))")
"""


@pytest.fixture(autouse=True)
def dropped(drop_in):
    drop_in("visits", SOURCE, files={"migrations/0001_visits.py": MIGRATION})
    drop_in("broken", "from leadboard.api import no_such_name")
    drop_in("newer", 'from leadboard.api import *\nPLUGIN = Plugin(name="newer", title="Newer", version="9", requires_api="7.1")')


def switch(page: Page, name: str):
    return page.get_by_role("switch", name=name)


def test_a_plugin_from_on_to_gone(as_ada, make):
    make.lead("Ferienhof Lüders")
    page = as_ada
    page.goto("/admin/plugins")
    switch(page, "Turn on Visits").click()
    expect(page.locator("#toasts")).to_contain_text("Visits is on.")
    expect(switch(page, "Turn off Visits")).to_be_checked()
    page.goto("/")
    expect(page.locator(".lc .tag", has_text="due")).to_be_visible()

    page.goto("/admin/plugins/visits")
    page.get_by_label("Word on the card").fill("wrong")
    page.get_by_label("Key of the map").fill("map-key-of-ours-4711")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error")).to_contain_text("Take another word.")
    expect(page.get_by_label("Word on the card")).to_have_value("wrong")
    page.get_by_label("Word on the card").fill("broken")
    page.get_by_label("Key of the map").fill("map-key-of-ours-4711")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept: ••••4711.")).to_be_visible()
    expect(page.get_by_label("Key of the map")).to_have_value("")

    for _ in range(5):
        page.goto("/")
        expect(page.locator(".lc")).to_have_count(1)
    page.goto("/leads")
    page.get_by_role("link", name="See why").click()
    failures = page.locator("#failures")
    expect(failures).to_contain_text("KeyError: 'no such word'")
    expect(failures).to_contain_text("5 times")
    failures.locator("summary").click()
    expect(failures.locator("pre")).to_contain_text("in board_badges")

    page.get_by_label("Word on the card").fill("again")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#failures")).to_have_count(0)
    page.goto("/")
    expect(page.locator(".lc .tag", has_text="again")).to_be_visible()

    page.goto("/admin/plugins/visits")
    switch(page, "Turn off Visits").click()
    expect(page.locator("#toasts")).to_contain_text("Visits is off. Its data stays.")
    page.get_by_role("link", name="Remove data…").click()
    page.get_by_label("Type visits to go on").fill("visit")
    page.get_by_role("button", name="Remove data").click()
    expect(page.locator(".error")).to_contain_text("Type visits to remove its data.")
    page.get_by_label("Type visits to go on").fill("visits")
    page.get_by_role("button", name="Remove data").click()
    expect(page.locator("#toasts")).to_contain_text("The data of visits is removed: 0 rows.")
    page.goto("/")
    expect(page.locator(".lc")).to_have_count(1)
    expect(page.locator(".lc .tag")).to_have_count(0)


def test_the_keyboard_stays_where_it_was(as_ada):
    page = as_ada
    for state in ("on", "off"):
        page.goto("/admin/plugins")  # the first time on leads to its settings
        switch(page, f"Turn {state} Visits").focus()
        page.keyboard.press("Space")
        expect(page.locator("#toasts")).to_contain_text(f"Visits is {state}.")
    for _ in range(2):  # its name, then its switch
        page.keyboard.press("Tab")
    expect(switch(page, "Turn on Visits")).to_be_focused()


def test_without_scripts(ada, make, second_browser):
    make.lead("Ferienhof Lüders")
    page = second_browser(ada, java_script_enabled=False)
    page.goto("/admin/plugins")
    switch(page, "Turn on Visits").click()
    expect(switch(page, "Turn off Visits")).to_be_visible()
    page.goto("/admin/plugins/visits")
    page.get_by_label("Word on the card").fill("plain")
    page.get_by_role("button", name="Save").click()
    page.goto("/")
    expect(page.locator(".lc .tag", has_text="plain")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_every_screen_of_plugins_is_sound(look, make, ada, second_browser):
    width, height, scheme, language = LOOKS[look]
    make.lead("Ferienhof Lüders")
    make.set_up(language=language)
    enable("visits", actor=ada.actor)
    save_settings("visits", {"word": "broken", "is_shown": True}, {"key": "map-key-of-ours-4711"}, actor=ada.actor)
    for _ in range(5):
        ada.get("/")
    page = second_browser(ada, viewport={"width": width, "height": height}, color_scheme=scheme)
    problems = []
    for name, url in {"plugins": "", "plugin": "/visits", "plugin-broken": "/broken", "plugin-newer": "/newer"}.items():
        page.goto(f"/admin/plugins{url}", wait_until="networkidle")
        for summary in page.locator("main details > summary").all():
            summary.click()
        problems += [f"{name}: {problem}" for problem in (*serious(page), *overflow(page, width))]
        keep(page, f"{name}-{look}")
    ada.post("/admin/plugins/visits/switch", {"on": "0"})
    page.goto("/admin/plugins/visits/remove", wait_until="networkidle")
    problems += [f"remove: {problem}" for problem in (*serious(page), *overflow(page, width))]
    keep(page, f"plugin-remove-{look}")

    assert problems == []
