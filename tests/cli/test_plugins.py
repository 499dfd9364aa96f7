"""`leadboard plugins` and the commands that plugins bring."""

import json

import pytest

from leadboard.db import database, rows

HEAD = """
from leadboard.api import *
PLUGIN = Plugin(name="{name}", title="The {name}", version="1.2"{more})
"""
COMMANDS = """
import click

@click.command()
@click.argument("lead")
def sweep(lead):
    \"\"\"Sweeps one lead.\"\"\"
    click.echo(f"swept {lead}")

@click.command()
def fail():
    raise KeyError("no broom")

@click.command()
def refuse():
    raise Refused("Not on Sundays.")

@hookimpl
def register_commands():
    return [sweep, fail, refuse]
"""
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
UP = """
def up(migrator, db):
    db.execute_sql("create table p_one_visit (id integer primary key, place varchar(255))")
"""
DOWN = """
def down(migrator, db):
    db.execute_sql("drop table p_one_visit")
"""
TWICE = """
first = up
def up(migrator, db):
    first(migrator, db)
    db.execute_sql("create table was_here (id integer)")
"""


def source(name, body="", more=""):
    return HEAD.format(name=name, more=f", {more}" if more else "") + body


@pytest.fixture(autouse=True)
def tables_go(settings):
    yield
    for name in ("p_one_visit", "schema_migration_p_one"):
        database.execute_sql(f"drop table if exists {name}")


def test_list_enable_and_disable(shell, drop_in):
    drop_in("one", source("one"))
    drop_in("two", "import no_such_module")
    code, out, err = shell("plugins", "list")
    ours = [line for line in out.splitlines(keepends=True) if "\tdropin\t" in line]
    assert (code, "".join(ours)) == (0, "one\toff\t1.2\tdropin\tThe one\ntwo\tbroken\t-\tdropin\ttwo\n")
    assert "No module named 'no_such_module'" in err
    assert shell("plugins", "enable", "one")[:2] == (0, "one is on.\n")
    listed = json.loads(shell("plugins", "list", "--json")[1])
    assert [(one["name"], one["state"], one["version"], one["origin"]) for one in listed if one["origin"] == "dropin"] == [
        ("one", "on", "1.2", "dropin"), ("two", "broken", None, "dropin"),
    ]  # fmt: skip
    assert shell("plugins", "disable", "one")[:2] == (0, "one is off. Its data stays.\n")
    assert rows("select name, is_on from plugin_state") == [("one", False)]
    code, out, err = shell("plugins", "enable", "three")
    assert (code, out) == (1, "")
    assert "leadboard: There is no plugin three here." in err
    assert shell("plugins", "enable", "two")[0] == 1


def test_commands_of_a_plugin_that_is_on(shell, drop_in):
    drop_in("one", source("one", COMMANDS))
    code, out, err = shell("one", "sweep", "12")
    assert (code, out) == (1, "")
    assert "The plugin one is off. Turn it on with: leadboard plugins enable one" in err
    shell("plugins", "enable", "one")
    assert shell("one", "sweep", "12")[:2] == (0, "swept 12\n")
    assert "sweep   Sweeps one lead." in shell("one", "--help")[1]
    assert shell("one", "sweep")[0] == 2
    code, out, err = shell("one", "refuse")
    assert (code, err.splitlines()[-1]) == (1, "leadboard: Not on Sundays.")
    code, out, err = shell("one", "fail")
    assert code == 1
    assert "leadboard: The plugin one failed" in err
    assert "KeyError: 'no broom'" in err
    assert rows("select plugin, place, page, message from plugin_failure") == [
        ("one", "command", "command one", "KeyError: 'no broom'")
    ]


def test_plugins_are_left_alone_until_their_name_is_said(shell, drop_in, tmp_path, monkeypatch):
    drop_in("one", "raise SystemExit('imported')")
    drop_in("user", source("user", COMMANDS))
    code, _out, err = shell("--help")
    assert (code, "imported" in err) == (0, False)
    # Our own commands come first; a mistyped one makes no instance.
    assert "Add, list and deactivate people" in shell("user", "--help")[1]
    monkeypatch.setenv("LEADBOARD_INSTANCE", str(tmp_path / "nowhere"))
    code, _out, err = shell("sevre")
    assert (code, "No such command 'sevre'" in err) == (2, True)
    assert not (tmp_path / "nowhere").exists()


def test_a_broken_plugin_says_why_instead_of_running_a_command(shell, drop_in):
    drop_in("one", "raise SystemExit('imported')")
    code, _out, err = shell("one", "sweep")
    assert (code, err.splitlines()[-1]) == (1, "leadboard: It cannot be imported: SystemExit: imported")


CRASHES = """
@hookimpl
def register_commands():
    raise KeyError("no broom")
"""


def test_what_fails_at_the_start_is_counted_of_plugins_that_are_on(shell, drop_in):
    drop_in("one", source("one", CRASHES))
    kept = "select place, count, tripped_at from plugin_failure"
    for _ in range(6):
        assert shell("user", "list")[0] == 0
    assert rows(kept) == []
    assert shell("plugins", "enable", "one")[0] == 0
    shell("user", "list")
    assert rows(kept) == [("register_commands", 2, None)]
    shell("plugins", "disable", "one")
    [(_, before, _)] = rows(kept)
    shell("user", "list")
    assert rows(kept) == [("register_commands", before, None)]


def test_db_upgrade_brings_the_tables_of_plugins_up_to_date(shell, drop_in, settings):
    drop_in("one", source("one", TABLE), files={"migrations/0001_visits.py": UP})
    shell("plugins", "enable", "one")
    assert database.table_exists("p_one_visit")
    folder = settings.instance / "plugins" / "one" / "migrations"
    (folder / "0002_more.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('alter table p_one_visit add column day integer')\n"
    )
    assert shell("db", "upgrade")[:2] == (0, "Applied: one 0002_more.\n")
    assert shell("db", "upgrade")[:2] == (0, "The database is up to date.\n")
    (folder / "0003_half.py").write_text("def up(migrator, db):\n    raise KeyError('half-way')\n")
    code, out, err = shell("db", "upgrade")
    assert (code, out) == (0, "The database is up to date.\n")
    assert "The plugin one stays off: its migration failed ('half-way')." in err
    assert rows("select message from plugin_failure") == [("KeyError: 'half-way'",)]


# ---------------------------------------------------------------------------------------------- check


@pytest.mark.sqlite_only
def test_check_finds_nothing_wrong_with_a_good_plugin(shell, tmp_path):
    folder = tmp_path / "one"
    write(
        folder,
        {
            "__init__.py": source("one", TABLE + COMMANDS),
            "migrations/0001_visits.py": UP + DOWN,
            "templates/a.html": "<p>{{ a }}</p>",
        },
    )
    code, out, _err = shell("plugins", "check", str(folder))
    assert code == 0
    assert out.splitlines() == [
        "The one 1.2 (one), for plugin interface 0.1", "hooks: register_commands, register_models", "table: p_one_visit",
        "No problem found.",
    ]  # fmt: skip
    assert json.loads(shell("plugins", "check", str(folder), "--json")[1])["ok"] is True


ROUTE = """
@hookimpl
def register_routes():
    bp = PluginBlueprint("one")
    @bp.get("/hello")
    def hello():
        return "hello"
    return [bp]
"""


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "files, says",
    [
        ({"__init__.py": "def broken(:"}, "It cannot be imported: SyntaxError: invalid syntax"),
        ({"__init__.py": "import os; os._exit(3)"}, "it ended Python with exit code 3"),
        ({"__init__.py": source("two")}, "It calls itself two but is installed as one"),
        ({"__init__.py": source("one", more="requires_api='0.9'")}, "It needs version 0.9 of the plugin interface"),
        ({"__init__.py": "from leadboard.api import Plugin, no_such_name\nPLUGIN = Plugin(name='one', title='One', version='1.0', requires_api='0.9')"}, "It needs version 0.9 of the plugin interface; this Leadboard has 0.2."),
        ({"__init__.py": source("one", "from . import inner"), "inner.py": "import os\nfrom leadboard.domain import leads"}, "inner.py:2: imports leadboard.domain; a plugin may import leadboard.api only"),
        ({"__init__.py": source("one", ROUTE)}, "register_routes: Problem: the view hello has neither @needs(…) nor @public"),
        ({"__init__.py": source("one"), "templates/a.html": "{% if %}"}, "templates/a.html: TemplateSyntaxError: Expected an expression"),
        ({"__init__.py": source("one"), "overrides/no/such.html": "x"}, "overrides/no/such.html: TemplateNotFound: core/no/such.html"),
        ({"__init__.py": source("one", TABLE)}, "no migration makes the table p_one_visit"),
        ({"__init__.py": source("one", TABLE), "migrations/0001_a.py": UP.replace("place", "spot") + DOWN}, "no migration makes the column p_one_visit.place"),
        ({"__init__.py": source("one"), "migrations/0001_a.py": UP.replace("p_one_visit", "visit")}, "the table visit must be called p_one_…"),
        ({"__init__.py": source("one", TABLE), "migrations/0001_a.py": UP}, "migration 0001_a, down: MigrationError: 0001_a does not define down()."),
        ({"__init__.py": source("one", TABLE), "migrations/0001_a.py": UP + "def down(migrator, db): pass"}, "its migrations, down, leave p_one_visit"),
        ({"__init__.py": source("one"), "migrations/0001_a.py": "def up(migrator, db): raise KeyError('x')"}, "Its migration failed and it stays off: KeyError: 'x'"),
        ({"__init__.py": source("one", "class S(SettingsForm):\n    x = fields.StringField(default=object)\n@hookimpl\ndef register_settings_form(): return [S]")}, "its settings form: TypeError"),
        ({"__init__.py": source("one", "@hookimpl\ndef register_jobs(): return [5]")}, "register_jobs: Problem: register_jobs() gave 5, which is no Job"),
        ({"__init__.py": source("one"), "inner.py": "def work():\n    from leadboard_plugins.duplicates import finders"}, "inner.py:2: imports leadboard_plugins.duplicates; a plugin may import leadboard.api only"),
        ({"__init__.py": source("one", TABLE), "migrations/0001_a.py": UP + "def down(migrator, db): raise KeyError('no')"}, "migration 0001_a, down: KeyError: 'no'"),
        ({"__init__.py": source("one", TABLE), "migrations/0001_a.py": UP + DOWN + TWICE}, "its migrations, up again: OperationalError: table was_here already exists"),
        ({"__init__.py": source("one", "class S(SettingsForm):\n    def __init__(self, *a, **k): raise KeyError('form')\n@hookimpl\ndef register_settings_form(): return [S]")}, "its settings form: KeyError: 'form'"),
        ({"__init__.py": "import time; time.sleep(60)"}, "it did not finish within 5 s"),
        ({"notes.txt": "nothing"}, "is no package: it has no __init__.py"),
    ],
)  # fmt: skip
def test_check_tells_each_problem_in_one_line(shell, tmp_path, files, says, monkeypatch):
    if "did not finish" in says:
        monkeypatch.setattr("leadboard.cli.plugin_check.TIMEOUT_S", 5)
    write(tmp_path / "one", files)
    code, out, _err = shell("plugins", "check", str(tmp_path / "one"))
    assert code == 1
    problems = [line for line in out.splitlines() if line.startswith("problem: ")]
    assert any(says in problem for problem in problems), out


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "name, says",
    [
        ("notes.txt", "is neither a folder nor a .py file"),
        ("Two words.py", "'Two words' is no name for a plugin"),
        ("one.py", ""),
    ],
)
def test_check_takes_a_file_with_the_name_of_a_plugin(shell, tmp_path, name, says):
    (tmp_path / name).write_text(source("one"))
    code, out, _err = shell("plugins", "check", str(tmp_path / name))
    assert (code, says in out) == (1 if says else 0, True)


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
