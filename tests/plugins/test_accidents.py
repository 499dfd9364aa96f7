"""Every accident that a plugin can have: the pages answer, the data is whole, the admin is told what it was."""

import os
import threading
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from leadboard import jobs
from leadboard.cli import COMMANDS
from leadboard.contributions import RESERVED
from leadboard.db import rows
from leadboard.domain.plugins import disable, enable
from leadboard.permissions import SYSTEM
from leadboard.pluginhost import discovery, health
from leadboard.pluginhost.loading import State
from leadboard.pluginhost.registry import loaded_plugins, registry
from leadboard.queries.plugins import failure_rows, plugins
from tests.plugins.conftest import source

pytestmark = pytest.mark.plugin_errors("record")


def panel(body):
    return f"""
@hookimpl
def lead_panels(lead):
    return [Panel(key="one.panel", title="One", template="plugins/one/part.html", is_lazy=False, load={body})]
"""


# ---------------------------------------------------------------------------------------------- what it shows


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "template, place",
    [
        ("{{ nothing.at.all }}", "panel one.panel template"),
        ("{% if %}", "panel one.panel template"),
        ("{% extends 'no/such.html' %}", "panel one.panel template"),
        ("{{ url_for('no.such') }}", "panel one.panel template"),
    ],
)
def test_a_template_that_fails_is_a_line_on_the_page(started, template, place, failures):
    ada = started({"one": panel("lambda lead, actor: {}")}, files={"templates/part.html": template})
    answer = ada.get(f"/leads/{ada.lead.id}")
    assert (answer.status_code, "This part is not available (" in answer.text) == (200, True)
    assert list(failures()) == [place]


@pytest.mark.sqlite_only
def test_a_lazy_panel_with_nothing_to_show_leaves_the_page(started, html):
    lazy = panel("lambda lead, actor: None").replace(" is_lazy=False,", "")
    ada = started({"one": lazy}, files={"templates/part.html": "never drawn"})
    url = f"/leads/{ada.lead.id}/panels/one.panel"
    assert url in ada.get(f"/leads/{ada.lead.id}").text
    answer = ada.htmx(url, method="GET")
    assert (answer.status_code, answer.text) == (200, "")  # in place of the whole panel
    # Without JavaScript the heading is a link, which leads to a page.
    assert html(ada.get(url)).one("#panel-one-panel .panel-b").text.strip() == "Nothing to show here."


@pytest.mark.sqlite_only
def test_a_slow_panel_does_not_hold_up_its_page(started, monkeypatch):
    """It is asked for by its own address: the page is there while the panel has not even begun."""
    body = """
import threading
waiting, may_end = threading.Event(), threading.Event()

def slow(lead, actor):
    waiting.set()
    assert may_end.wait(20)
    return {}

@hookimpl
def lead_panels(lead):
    return [Panel(key="one.panel", title="One", template="plugins/one/part.html", load=slow)]
"""
    ada = started({"one": body}, files={"templates/part.html": "slowly made"})
    module = next(one for one in loaded_plugins() if one.name == "one").module
    page = ada.get(f"/leads/{ada.lead.id}")
    assert (page.status_code, f"/leads/{ada.lead.id}/panels/one.panel" in page.text) == (200, True)
    assert not module.waiting.is_set()

    module.may_end.set()
    clock = iter((0.0, 5.0))
    monkeypatch.setattr("leadboard.pluginhost.calling.perf_counter", lambda: next(clock, 5.0))
    assert "slowly made" in ada.get(f"/leads/{ada.lead.id}/panels/one.panel").text
    health.flush(timings=True)
    assert rows(
        "select place, worst_us from plugin_timing where place = 'panel one.panel' or worst_us > 1000000 order by worst_us desc"
    )


WRONG = """
@hookimpl
def {hook}({arguments}):
    return {answer}
"""
EMPTY = "lambda lead, actor: {}"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "hook, answer, says",
    [
        ("menu_items", "5", "TypeError: 'int' object is not iterable"),
        ("menu_items", "['Board']", "menu_items() gave 'Board', which is no MenuItem"),
        ("menu_items", "(1 / 0 for _ in range(1))", "ZeroDivisionError: division by zero"),
        ("menu_items", "[MenuItem(key='two.x', label='X', endpoint='bin.index')]", "the key 'two.x' must begin with one."),
        ("menu_items", "[MenuItem(key='one.x', label=['X'], endpoint='bin.index')]", "MenuItem.label is ['X'], which is no str"),
        ("menu_items", "[MenuItem(key='one.x', label='X', endpoint='bin.index', order='last')]", "MenuItem.order is 'last', which is no int"),
        ("menu_items", "[MenuItem(key='one.x', label='X', endpoint='leads.detail')]", "BuildError"),
        ("menu_items", "[MenuItem(key='one.x', label='X', endpoint='bin.index', needs='love')]", "ValueError: 'love' is not a valid Permission"),
        ("lead_panels", "{'a': 1}", "lead_panels() gave 'a', which is no Panel"),
        ("lead_panels", "[Panel(key='one.x', title='X', template='x.html', is_lazy=False, load=lambda lead, actor: 5)]", "TypeError"),
        ("lead_actions", "[Action(key='one.x', label='X', endpoint='health.healthz', needs='love')]", "ValueError: 'love' is not a valid Permission"),
        ("lead_actions", "[Action(key='one.x', label='X', endpoint='lists.edit')]", "BuildError"),
        ("board_badges", "[1]", "board_badges() gave [1], which is no dict of Badge or lists of Badge"),
        ("board_badges", "{1: ['seen']}", "board_badges() gave 'seen', which is no Badge"),
        ("board_badges", "{1: [Badge('x' * 25)]}", "must have 1 to 24 characters"),
        ("page_slot", "'<b>text</b>'", "page_slot() gave '<b>text</b>', which is no Part"),
        ("page_slot", "Part('plugins/one/part.html', [1])", "TypeError"),
        ("page_assets", "[Asset('../secret.css')]", "the asset '../secret.css' must be a .css or .js file below static/"),
        ("menu_items", "(MenuItem(key='one.x', label='X', endpoint='bin.index') for _ in iter(int, 1))", "menu_items() gave more than 1000 things"),
        ("board_badges", "{1: (Badge('x') for _ in iter(int, 1))}", "board_badges() gave more than 1000 things"),
        ("menu_items", "(_ for _ in ()).throw(GeneratorExit())", "GeneratorExit"),
        ("page_assets", "['a.css']", "page_assets() gave 'a.css', which is no Asset"),
    ],
)  # fmt: skip
def test_wrong_answers_are_left_out_and_told(started, hook, answer, says, failures):
    ada = started({"one": WRONG.format(hook=hook, arguments="", answer=answer)})
    for url in ("/", f"/leads/{ada.lead.id}"):
        answer = ada.get(url)
        assert answer.status_code == 200
        assert "not available" not in answer.text or hook in {"lead_panels", "page_slot"}
    assert any(says in message for message in failures().values()), failures()


@pytest.mark.sqlite_only
def test_what_comes_out_of_a_hook_need_be_no_exception(started, failures):
    body = """
import asyncio
@hookimpl
def board_badges(leads):
    raise asyncio.CancelledError("no time")
@hookimpl
def menu_items():
    class Mute(Exception):
        def __str__(self):
            raise KeyError("mute")
    raise Mute
@hookimpl
def page_assets():
    raise KeyError("half of a pair \\udcff and a \\x00")
"""
    ada = started({"one": body})
    assert ada.get("/").status_code == 200
    assert failures() == {
        "board_badges": "CancelledError: no time",
        "menu_items": "Mute: its text cannot be made",
        "page_assets": "KeyError: 'half of a pair \\udcff and a \\x00'",
    }


@pytest.mark.sqlite_only
def test_what_one_plugin_takes_out_of_a_list_the_next_one_still_finds(started):
    greedy = "@hookimpl\ndef board_badges(leads):\n    leads.clear()\n    return {}\n"
    other = "@hookimpl\ndef board_badges(leads):\n    return {lead.id: [Badge('still here')] for lead in leads}\n"
    ada = started({"one": greedy, "two": other})
    assert "still here" in ada.get("/", follow_redirects=True).text


@pytest.mark.sqlite_only
def test_a_keyboard_interrupt_out_of_a_plugin_is_a_failure(started, failures):
    """Python raises it for Ctrl+C in the main thread, and pages are made in others."""
    body = "@hookimpl\ndef menu_items():\n    raise KeyboardInterrupt\n"
    ada = started({"one": body})
    answers = []
    other = threading.Thread(target=lambda: answers.append(ada.get("/leads").status_code))
    other.start()
    other.join(20)
    assert answers == [200]
    assert failures() == {"menu_items": "KeyboardInterrupt: "}


@pytest.mark.sqlite_only
def test_files_outside_of_static_are_not_sent(started):
    ada = started({"one": ""}, files={"static/a.css": "b{}", "secret.css": "no"})
    assert ada.get("/static/p/one/a.css").text == "b{}"
    for name in ("../secret.css", "..%2fsecret.css", "%2e%2e/secret.css", "a.css/../../secret.css", "nothing.css"):
        assert ada.get(f"/static/p/one/{name}").status_code == 404, name
    disable("one", actor=SYSTEM)
    assert ada.get("/static/p/one/a.css").status_code == 404


# ---------------------------------------------------------------------------------------------- what it replaces


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "template, count",
    [
        ("{% if %}", 1),
        ("{% extends 'core/bin/index.html' %}{% block content %}{{ nothing.at.all }}{% endblock %}", 5),
        ("{% extends 'no.html' %}", 5),
    ],
)
def test_a_replaced_template_that_fails_gives_way_to_ours(started, template, count):
    ada = started({"one": ""}, files={"overrides/bin/index.html": template})
    for _ in range(6):
        answer = ada.get("/bin")
        assert (answer.status_code, "The bin is empty" in answer.text or "Bin" in answer.text) == (200, True)
    row = next(row for row in failure_rows() if row.place == "override bin/index.html")
    assert (row.count, row.tripped_at is not None) == (count, count == 5)


@pytest.mark.sqlite_only
def test_a_replaced_layout_that_fails_takes_no_page_down(started):
    layout = "{% extends 'core/layouts/page.html' %}{% block content %}{{ 1 / 0 }}{% endblock %}"
    ada = started(
        {"one": ""}, files={"overrides/layouts/plain.html": "{% include 'no.html' %}", "overrides/layouts/page.html": layout}
    )
    assert ada.get("/no-such-page").status_code == 404
    for url in ("/", "/leads", "/admin/plugins/one"):
        assert ada.get(url).status_code == 200, url


@pytest.mark.sqlite_only
def test_a_replaced_template_that_works_is_shown(started):
    ada = started(
        {"one": ""},
        files={"overrides/bin/index.html": "{% extends 'core/bin/index.html' %}{% block page_title %}Skip{% endblock %}"},
    )
    assert "Skip</h1>" in ada.get("/bin").text
    disable("one", actor=SYSTEM)
    assert "Skip</h1>" not in ada.get("/bin").text


# ---------------------------------------------------------------------------------------------- what it registers


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "hook, answer, says",
    [
        ("register_jobs", "5", "TypeError: 'int' object is not iterable"),
        ("register_jobs", "iter(int, 1)", "register_jobs() gave more than 1000 things"),
        ("register_jobs", "[Job(key=5, run=print)]", "Job.key is 5, which is no str"),
        ("register_jobs", "[Job(key='jobs.sweep', run=print)]", "the key 'jobs.sweep' must begin with one."),
        ("register_pipeline_templates", "[Badge('x')]", "which is no PipelineTemplate"),
        ("register_models", "[Lead]", "which is no PluginModel"),
        ("register_settings_form", "[object]", "which is no SettingsForm"),
        ("register_routes", "[PluginBlueprint('two')]", "which calls itself a part of two"),
        ("register_routes", "[PluginBlueprint('one').before_app_request(print)]", "before_app_request() reaches beyond the pages of the plugin one"),
        ("register_activity_types", "[ActivityType(key='one.x', label=None, verb='x')]", "ActivityType.label is None, which is no str"),
    ],
)  # fmt: skip
def test_wrong_contributions_are_left_out_and_told(started, hook, answer, says, failures):
    ada = started({"one": WRONG.format(hook=hook, arguments="", answer=answer)})
    assert ada.get("/").status_code == 200
    assert any(says in message for message in failures().values()), failures()


@pytest.mark.sqlite_only
def test_of_two_with_one_key_the_first_has_it(started, failures):
    both = (
        "@hookimpl\ndef register_jobs():\n    return [Job(key='one.sweep', run=lambda: 1), Job(key='one.sweep', run=lambda: 2)]\n"
    )
    started({"one": both})
    assert [job.run() for job in registry().items("register_jobs")] == [1]
    assert failures() == {"register_jobs": "Problem: the key 'one.sweep' is already taken by the plugin one"}


@pytest.mark.sqlite_only
@pytest.mark.plugin_errors("record")
def test_what_failed_at_the_start_is_told_once_the_plugin_is_on(drop_in, request, failures):
    same = "bp = PluginBlueprint('one')\n@hookimpl\ndef register_routes():\n    return [bp, bp]\n"
    drop_in("one", source("one", same + "@hookimpl\ndef register_models():\n    raise KeyError('no table')\n"))
    ada = request.getfixturevalue("ada")
    request.getfixturevalue("make").lead()
    assert ada.get("/").status_code == 200
    assert failures() == {}
    enable("one", actor=SYSTEM)
    assert ada.get("/").status_code == 200
    assert failures()["register_models"] == "KeyError: 'no table'"
    assert "already registered" in failures()["register_routes"]


FOREIGN = """
from peewee import ForeignKeyField
class Seen(PluginModel):
    lead = ForeignKeyField(Lead, {options})
    class Meta:
        table_name = "p_one_seen"
@hookimpl
def register_models():
    return [Seen]
"""


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "options, is_taken", [("backref='+'", False), ("on_delete='CASCADE'", False), ("on_delete='CASCADE', backref='+'", True)]
)
def test_a_table_must_let_go_of_leads(started, options, is_taken, failures):
    started({"one": FOREIGN.format(options=options)})
    assert (failures() == {}) is is_taken
    if not is_taken:
        assert "needs on_delete='CASCADE' and backref='+'" in failures()["register_models"]


@pytest.mark.sqlite_only
def test_settings_are_not_asked_for_before_there_is_a_database(drop_in, settings, request, failures):
    """Routes are registered at start, perhaps on a database without tables."""
    body = "@hookimpl\ndef register_routes():\n    return [] if vars(settings_for('one')) == {} else 5\n"
    drop_in("one", source("one", body))
    request.getfixturevalue("app")
    assert failures() == {}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", sorted(RESERVED))
def test_our_own_names_are_not_to_be_had(drop_in, request, name):
    drop_in(name, source(name))
    request.getfixturevalue("app")
    assert {info.name: info.state for info in plugins() if info.loaded.found.origin == "dropin"} == {name: State.BROKEN}


def test_our_jobs_and_commands_are_among_the_reserved_names(app):
    assert {kind.split(".")[0] for kind in jobs._handlers} | {command.name for command in COMMANDS} <= RESERVED


# ---------------------------------------------------------------------------------------------- where it lies


@pytest.mark.sqlite_only
def test_odd_things_where_plugins_lie_are_left_out(drop_in, settings, request, monkeypatch):
    folder = drop_in("one", source("one")).parent
    os.mkfifo(folder / "pipe.py")
    (folder / "loop.py").symlink_to(folder / "loop.py")
    (folder / os.fsdecode(b"b\xffd")).mkdir()
    (folder / os.fsdecode(b"b\xffd") / "__init__.py").write_text(source("bad"))
    (folder / "closed").mkdir()
    looked_at = Path.is_file

    def is_file(path):
        if path.parent.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return looked_at(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    points = [EntryPoint(name, value, "leadboard.plugins") for name, value in (("x", "!!"), ("y", ""), ("z", "no such:thing"))]
    monkeypatch.setattr(discovery, "entry_points", lambda group: points)
    ada = request.getfixturevalue("ada")
    assert ada.get("/admin/plugins").status_code == 200
    assert {info.name: info.state for info in plugins() if info.loaded.found.origin in {"dropin", "package"}} == {
        "b?d": State.BROKEN, "one": State.OFF,
    }  # fmt: skip


@pytest.mark.sqlite_only
def test_a_folder_of_plugins_that_cannot_be_read_is_an_empty_one(settings, monkeypatch, app):
    (settings.instance / "plugins").mkdir(exist_ok=True)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert [found for found in discovery.find_plugins(settings.instance) if found.origin == "dropin"] == []
