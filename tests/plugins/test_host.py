"""Finding, loading, turning on and off: nothing that a plugin does may keep Leadboard from working."""

import json

import pytest

from leadboard import hookspecs
from leadboard.app import create_app
from leadboard.config import load_settings
from leadboard.contributions import Badge, LeadRef, Plugin, Problem
from leadboard.db import atomic, database, execute, one, rows
from leadboard.domain.plugins import disable, enable, remove_data, save_settings, try_again
from leadboard.errors import NotAllowed, NotFound, Refused, SettingsProblem
from leadboard.pluginhost import health
from leadboard.pluginhost.calling import collect, first, guard
from leadboard.pluginhost.loading import State
from leadboard.pluginhost.registry import loaded_plugins, registry
from leadboard.pluginhost.state import bump_revision
from leadboard.queries.plugins import failure_rows, plugins
from leadboard.testing.factories import Make

HEAD = """
from leadboard.api import *
PLUGIN = Plugin(name="{name}", title="{name}", version="1.0"{more})
"""


def source(name, body="", more=""):
    return HEAD.format(name=name, more=f", {more}" if more else "") + body


@pytest.fixture
def start(settings):
    """Start the application on what was dropped in."""

    def run():
        app = create_app(settings)
        Make().set_up()
        return app

    return run


def states():
    return {one.name: one.state for one in plugins() if one.loaded.found.origin == "dropin"}


def problem_of(name):
    found = next(one for one in loaded_plugins() if one.name == name)
    return found.problem % found.params


# ---------------------------------------------------------------------------------------------- loading

ABOUT = 'PLUGIN = Plugin(name="one", title="One", version="1.0", requires_api="{api}")\n'
NEWER = "from leadboard.api import Plugin, hookimpl, paint_it_black\n" + ABOUT


@pytest.mark.parametrize(
    "text, state, says",
    [
        ("def broken(:", State.BROKEN, "SyntaxError"),
        ("import sys; sys.exit(3)", State.BROKEN, "SystemExit: 3"),
        ("raise RuntimeError('at import')", State.BROKEN, "RuntimeError: at import"),
        ("import no_such_module", State.BROKEN, "No module named 'no_such_module'"),
        ("x = 1", State.BROKEN, "It has no PLUGIN"),
        (source("other"), State.BROKEN, "calls itself other but is installed as one"),
        (source("one", more="requires_api='1.0'"), State.INCOMPATIBLE, "needs version 1.0"),
        (source("one", more="requires_api='0.99'"), State.INCOMPATIBLE, "needs version 0.99"),
        (NEWER.format(api="0.99"), State.INCOMPATIBLE, "It needs version 0.99 of the plugin interface; this Leadboard has 0.2."),
        (NEWER.format(api="0.1"), State.BROKEN, "cannot import name 'paint_it_black'"),
        (NEWER.format(api="soon"), State.BROKEN, "cannot import name 'paint_it_black'"),
        ("from leadboard.api import Plugin\nPLUGIN: Plugin = Plugin(name='one', title='One', version='1', requires_api='1.0', shiny=5)", State.INCOMPATIBLE, "needs version 1.0"),
        ("import no_such_module\nPLUGIN = dict(requires_api='9.9')['name']", State.BROKEN, "No module named 'no_such_module'"),
        (source("one", more="requires_api='latest'"), State.BROKEN, "must look like '0.1'"),
        (source("one", "@hookimpl\ndef board_badgse(leads): return {}"), State.BROKEN, "board_badgse"),
        (source("one", "@hookimpl\ndef board_badges(leeds): return {}"), State.BROKEN, "leeds"),
        (source("one", "@hookimpl(wrapper=True)\ndef board_badges(leads):\n    return (yield)"), State.BROKEN, "hook wrapper"),
        (source("one", "import threading\nthreading.Thread(target=threading.Event().wait, args=(9,), daemon=True).start()"), State.BROKEN, "thread"),
        (source("one"), State.OFF, ""),
    ],
)  # fmt: skip
@pytest.mark.sqlite_only
def test_a_plugin_that_cannot_be_used_says_why_and_the_app_starts(settings, drop_in, start, text, state, says):
    drop_in("one", text)
    client = start().test_client()
    assert states() == {"one": state}
    assert says in problem_of("one")
    assert client.get("/login").status_code == 200


@pytest.mark.sqlite_only
def test_a_package_whose_module_wants_a_newer_interface_is_told_so(drop_in, start):
    inner = {"inner.py": "from leadboard.api import paint_it_black"}
    drop_in("one", "from leadboard.api import Plugin\nfrom . import inner\n" + ABOUT.format(api="0.99"), files=inner)
    start()
    assert states() == {"one": State.INCOMPATIBLE}
    found = next(one for one in loaded_plugins() if one.name == "one")
    assert "paint_it_black" in found.traceback


@pytest.mark.sqlite_only
def test_two_plugins_of_one_name_the_first_wins(drop_in, start):
    drop_in("one", source("one"))
    drop_in("one", source("one"), files={})
    start()
    found = [(one.loaded.found.where.rpartition("/")[2], one.state) for one in plugins() if one.name == "one"]
    assert found == [("one", State.OFF), ("one.py", State.BROKEN)]


@pytest.mark.sqlite_only
def test_blocked_and_safe_mode_import_nothing(drop_in, settings, start, monkeypatch):
    drop_in("one", "raise SystemExit('imported')")
    monkeypatch.setenv("LEADBOARD_BLOCK_PLUGINS", "one, two")
    monkeypatch.setenv("LEADBOARD_SAFE_MODE", "yes")
    found = load_settings(settings.instance)
    assert (found.block_plugins, found.safe_mode) == (("one", "two"), True)
    create_app(found)
    assert "one" not in [one.name for one in loaded_plugins()]
    monkeypatch.setenv("LEADBOARD_SAFE_MODE", "0")
    create_app(load_settings(settings.instance))
    assert {one.name: one.state for one in loaded_plugins() if one.name == "one"} == {"one": State.BLOCKED}
    monkeypatch.setenv("LEADBOARD_SAFE_MODE", "maybe")
    with pytest.raises(SettingsProblem, match="SAFE_MODE must be 1 or 0"):
        load_settings(settings.instance)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("values", [{"name": "X"}, {"title": " "}, {"public_prefix": "admin/x"}, {"public_prefix": "in/../x"}])
def test_metadata_is_checked_where_it_is_written(values):
    with pytest.raises(Problem):
        Plugin(**{"name": "one", "title": "One", "version": "1", **values})


# ---------------------------------------------------------------------------------------------- on and off

BADGES = """
@hookimpl
def board_badges(leads):
    return {lead.id: [Badge("seen", Tone.TEAL)] for lead in leads}
"""
ROUTE = """
@hookimpl
def register_routes():
    bp = PluginBlueprint("one")
    @bp.get("/hello")
    @needs(Permission.READ)
    def hello():
        return "hello"
    return [bp]
"""


def test_on_and_off_need_no_restart_and_off_is_404(drop_in, request):
    drop_in("one", source("one", BADGES + ROUTE))
    ada, make = request.getfixturevalue("ada"), request.getfixturevalue("make")
    make.lead("Ferienhof Lüders")
    assert states() == {"one": State.OFF}
    assert ada.get("/p/one/hello").status_code == 404
    assert "seen" not in ada.get("/").text
    enable("one", actor=ada.actor)
    assert states() == {"one": State.ON}
    assert ada.get("/p/one/hello").text == "hello"
    assert '<i class="tag tone-teal">seen</i>' in ada.get("/").text
    disable("one", actor=ada.actor)
    assert ada.get("/p/one/hello").status_code == 404
    assert "seen" not in ada.get("/").text
    assert [json.loads(data)["plugin"] for (data,) in rows("select data from event where kind = 'plugin_changed' order by id")] == [
        "one", "one",
    ]  # fmt: skip


def test_another_process_sees_it_on_its_next_request(drop_in, request, ada):
    """A second application on the same database stands for a second process: only the revision tells it."""
    drop_in("one", source("one", BADGES))
    request.getfixturevalue("make").lead("Ferienhof Lüders")
    create_app(request.getfixturevalue("settings"))
    known = registry()
    # As another process would: the rows change, this process is told nothing.
    from_outside = "insert into plugin_state (name, is_on, settings, secrets, changed_at) values ('one', ?, '{}', '', 0)"
    request.getfixturevalue("execute_raw")(from_outside, (True,))
    assert registry() is known
    assert "seen" in ada.get("/").text


@pytest.fixture
def execute_raw():
    def run(sql, params):
        with atomic():
            execute(sql, params)
            bump_revision()

    return run


def test_only_admins_switch_and_only_what_is_there(drop_in, request):
    drop_in("one", source("one"))
    drop_in("two", "x = 1")
    anna, ada = request.getfixturevalue("anna"), request.getfixturevalue("ada")
    for call in (enable, disable, remove_data, try_again):
        with pytest.raises(NotAllowed):
            call("one", actor=anna.actor)
    with pytest.raises(NotAllowed):
        save_settings("one", {}, {}, actor=anna.actor)
    with pytest.raises(NotFound):
        enable("three", actor=ada.actor)
    with pytest.raises(Refused, match="It has no PLUGIN"):
        enable("two", actor=ada.actor)
    with pytest.raises(Refused, match="always on"):
        disable("packs", actor=ada.actor)


# ---------------------------------------------------------------------------------------------- tables

TABLE = """
from peewee import CharField
class Visit(PluginModel):
    place = CharField()
    class Meta:
        table_name = "p_one_visit"
@hookimpl
def register_models():
    return [Visit]
"""
MIGRATION = """
def up(migrator, db):
    db.execute_sql("create table p_one_visit (id integer primary key, place varchar(255))")
"""
FAILING = """
def up(migrator, db):
    db.execute_sql("create table p_one_half (id integer primary key)")
    raise RuntimeError("half-way")
"""


def test_own_tables_come_with_the_switch_and_stay_until_removed_twice(drop_in, request):
    drop_in("one", source("one", TABLE), files={"migrations/0001_visits.py": MIGRATION})
    ada = request.getfixturevalue("ada")
    request.getfixturevalue("drop_tables_after")("p_one_visit", "schema_migration_p_one")
    enable("one", actor=ada.actor)
    Visit = request.getfixturevalue("module_of")("one").Visit
    Visit.create(id=1, place="Kiel")
    with pytest.raises(Refused, match="Turn the plugin off first"):
        remove_data("one", actor=ada.actor)
    disable("one", actor=ada.actor)
    assert Visit.select().count() == 1
    enable("one", actor=ada.actor)
    assert [visit.place for visit in Visit.select()] == ["Kiel"]
    disable("one", actor=ada.actor)
    assert remove_data("one", actor=ada.actor) == {"p_one_visit": 1}
    assert not Visit.table_exists()
    enable("one", actor=ada.actor)
    assert Visit.select().count() == 0


def test_a_migration_that_fails_leaves_nothing_and_the_plugin_off(drop_in, request):
    drop_in(
        "one", source("one", TABLE), files={"migrations/0001_visits.py": MIGRATION, "migrations/0002_half.py": FAILING},
    )  # fmt: skip
    ada = request.getfixturevalue("ada")
    request.getfixturevalue("drop_tables_after")("p_one_visit", "schema_migration_p_one")
    with pytest.raises(Refused, match="RuntimeError: half-way"):
        enable("one", actor=ada.actor)
    assert states() == {"one": State.OFF}
    assert [(row.plugin, row.place, row.message) for row in failure_rows()] == [("one", "migration", "RuntimeError: half-way")]
    assert "p_one_half" not in registry().states.chosen
    assert one("select count(*) from lead") == (0,)
    assert ada.get("/leads").status_code == 200


@pytest.fixture
def module_of():
    return lambda name: next(one for one in loaded_plugins() if one.name == name).module


@pytest.fixture
def drop_tables_after(app):
    """On PostgreSQL the database outlives the test."""
    names = []
    yield lambda *tables: names.extend(tables)
    for name in names:
        database.execute_sql(f"drop table if exists {name}")


# ---------------------------------------------------------------------------------------------- calling


RAISES = """
@hookimpl
def board_badges(leads):
    raise KeyError("no badge")
@hookimpl
def before_lead_save(lead, values, actor):
    execute("delete from lead")
    raise KeyError("guard")
@hookimpl
def recognise_file(head, name):
    raise KeyError("file")
"""
REFUSES = """
@hookimpl
def before_lead_save(lead, values, actor):
    if values.get("title") == "no":
        raise Refused("The plugin says no.", field="title")
@hookimpl
def recognise_file(head, name):
    return "two.csv"
"""


@pytest.mark.plugin_errors("record")
def test_what_a_plugin_raises_is_recorded_and_nothing_else(drop_in, request):
    drop_in("one", source("one", RAISES, "order=1"))
    drop_in("two", source("two", BADGES.replace("seen", "two") + REFUSES))
    ada, make = request.getfixturevalue("ada"), request.getfixturevalue("make")
    enable("one", actor=ada.actor)
    enable("two", actor=ada.actor)
    lead = make.lead("Ferienhof Lüders")
    asked = [LeadRef(lead.id, lead.title, 1, 1, None)]
    assert collect(hookspecs.board_badges, leads=asked, actor=ada.actor) == [("two", {lead.id: [Badge("two", "teal")]})]
    assert first(hookspecs.recognise_file, head=b"", name="a.csv") == "two.csv"
    # The guard's own write went away with its savepoint; the other plugin's refusal stops the write.
    assert one("select title from lead") == ("Ferienhof Lüders",)
    with pytest.raises(Refused, match="The plugin says no"):
        make.lead("no")
    assert one("select count(*) from lead") == (1,)
    guard(hookspecs.before_lead_save, lead=None, values={}, actor=ada.actor)
    health.flush(timings=True)
    found = {row.place: (row.plugin, row.message, row.count) for row in failure_rows()}
    assert found == {
        "board_badges": ("one", "KeyError: 'no badge'", 1),
        "recognise_file": ("one", "KeyError: 'file'", 1),
        "before_lead_save": ("one", "KeyError: 'guard'", 3),
    }
    assert all("Traceback" in row.traceback for row in failure_rows())


@pytest.mark.plugin_errors("record")
def test_five_failures_in_a_row_trip_a_place_until_tried_again(drop_in, request):
    drop_in("one", source("one", RAISES))
    ada, make = request.getfixturevalue("ada"), request.getfixturevalue("make")
    make.lead("Ferienhof Lüders")
    enable("one", actor=ada.actor)
    for _ in range(7):
        assert ada.get("/").status_code == 200
    row = next(row for row in failure_rows() if row.place == "board_badges")
    assert (row.count, row.streak, row.page, row.tripped_at is not None) == (5, 5, "/", True)
    assert states() == {"one": State.TRIPPED}
    try_again("one", actor=ada.actor)
    assert states() == {"one": State.ON}
    assert ada.get("/").status_code == 200
    assert [(row.place, row.count) for row in failure_rows()] == [("board_badges", 1)]
