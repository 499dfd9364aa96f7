"""Each check of the conformance suite catches the plugin that it was written for."""

import inspect
import sys

import pytest

from leadboard.pluginhost import health
from leadboard.testing.conformance import PluginConformance

HEAD = """
import itertools, sys
from peewee import CharField
from leadboard.api import *
PLUGIN = Plugin(name="flaw", title="Flaw", {about})
"""
GOOD = 'version="1.0", description="Does nothing well."'
ROUTES = """
bp = PluginBlueprint("flaw")
{views}
@hookimpl
def register_routes():
    return [bp]
"""
TABLE = """
class Thing(PluginModel):
    place = CharField()
    class Meta:
        table_name = "p_flaw_thing"
@hookimpl
def register_models():
    return [Thing]
"""
UP = "def up(migrator, db): db.execute_sql('create table p_flaw_thing (id integer primary key, place varchar(255))')\n"
DOWN = "def down(migrator, db): db.execute_sql('drop table p_flaw_thing')\n"
FORM = """
class Form(SettingsForm):
    {field}
    {more}
@hookimpl
def register_settings_form():
    return [Form]
"""
PANEL = """
@hookimpl
def lead_panels(lead, actor):
    return [Panel(key="{key}", title="Flaw", template="x.html", load=lambda lead, actor: None)]
"""
MENU = (
    ROUTES.format(views='@bp.get("/")\n@needs(Permission.READ)\ndef index():\n    return "x"\n')
    + """
calls = itertools.count()
@hookimpl
def menu_items(actor):
    {before}
    return [MenuItem(key="flaw.page", label={label}, endpoint="p_flaw.index")]
"""
)


def plugin(body="", about=GOOD, **files):
    """The files of a plugin: `migration="…"` and `template="…"` are put where they belong."""
    places = {"migration": "migrations/0001_things.py", "template": "templates/x.html", "override": "overrides/no/such.html"}
    return {"": HEAD.format(about=about) + body, "README.md": "# Flaw", **{places[name]: text for name, text in files.items()}}


def without_readme():
    files = plugin()
    del files["README.md"]
    return files


def route(rule, body, mark="@needs(Permission.READ)", more=""):
    return ROUTES.format(views=f"@bp.get({rule!r}{more})\n{mark}\ndef page(**values):\n    {body}\n")


METADATA, README, IMPORTS = (
    "test_its_metadata_is_complete",
    "test_it_has_a_readme",
    "test_it_imports_nothing_of_leadboard_but_its_api",
)
NAMES, TEMPLATES = "test_everything_it_adds_is_in_its_namespace", "test_its_templates_compile"
MIGRATIONS = "test_its_migrations_make_what_its_models_say_go_down_and_up_again"
OFF, STRANGERS = (
    "test_while_it_is_off_its_addresses_are_not_there",
    "test_its_addresses_ask_who_is_there_unless_they_are_public",
)
UNSEEN, SETTINGS = (
    "test_who_may_not_see_a_lead_gets_nothing_of_it",
    "test_its_settings_are_kept_and_its_secrets_are_not_shown",
)
BESIDE = "test_every_page_answers_beside_a_plugin_that_raises_everywhere"
BADGES = "test_badges_cost_as_many_statements_for_three_leads_as_for_one"
SECRET = "key = SecretField('Key'{more})"
FLAWS = [
    (METADATA, plugin(about='version="1.0"'), "PLUGIN has no description"),
    (METADATA, plugin(about='version="one", description="x"'), "must begin with two numbers"),
    (README, without_readme(), "write a README.md"),
    (IMPORTS, plugin("from leadboard.domain import leads"), "imports leadboard.domain"),
    (NAMES, plugin(migration=UP.replace("p_flaw_thing", "things") + DOWN), r"\['things'\] == \[\]"),
    (NAMES, plugin(PANEL.format(key="panel")), "the key 'panel' must begin with flaw."),
    (NAMES, plugin(route("/x", 'return "x"').replace('PluginBlueprint("flaw")', 'type("Mine", (PluginBlueprint,), {"prefix": lambda self, public: "/leads/flaw"})("flaw")')), "addresses with /p/flaw/"),
    (TEMPLATES, plugin(template="{% if %}"), "Expected an expression"),
    (TEMPLATES, plugin(override="x"), "core/no/such.html"),
    (MIGRATIONS, plugin(TABLE), "p_flaw_thing"),
    (MIGRATIONS, plugin(TABLE, migration=UP.replace("place", "spot") + DOWN), "p_flaw_thing"),
    (MIGRATIONS, plugin(TABLE, migration=UP), r"does not define down\(\)"),
    (MIGRATIONS, plugin(TABLE, migration=UP + "def down(migrator, db): pass"), r"down\(\) leaves tables behind"),
    (MIGRATIONS, plugin(TABLE, migration=UP + DOWN + "\nimport itertools\ncount = itertools.count()\nfirst = up\ndef up(migrator, db):\n    if db.table_exists('flaw_was_here'): raise KeyError('twice')\n    db.execute_sql('create table flaw_was_here (id integer)')\n    first(migrator, db)\n"), "twice"),
    (OFF, plugin(route("/old", 'return "x"', more=', redirect_to="/p/flaw/new"')), "GET /p/flaw/old"),
    (STRANGERS, plugin(route("/old", 'return "x"', more=', redirect_to="/p/flaw/new"')), "somebody who is not signed in"),
    (UNSEEN, plugin(route("/leads/<int:lead_id>", "return one('select title from lead where id = ?', (values['lead_id'],))[0]")), "not shown to them"),
    (UNSEEN, plugin(route("/leads/<int:lead_id>", "return one('select title from lead where id = ?', (values['lead_id'],))[0]", mark='@needs_scope("leads:read")')), "not shown to them"),
    (SETTINGS, plugin(FORM.format(field="x = fields.StringField('X', default=object)", more="")), "not JSON serializable"),
    (SETTINGS, plugin(FORM.format(field="x = fields.StringField('X', validators=[validators.DataRequired()])", more="")), "refuses its own defaults"),
    (SETTINGS, plugin(FORM.format(field="x = fields.StringField('X', default='a', filters=[lambda text: (text or '') + '!'])", more="")), "a!!"),
    (SETTINGS, plugin(FORM.format(field=SECRET.format(more=""), more="copy = fields.StringField('Copy')\n    def validate_key(self, field): self.copy.data = field.data")), "copy.*conformance-secret"),
    (SETTINGS, plugin(FORM.format(field="key = type('Loud', (SecretField,), {})('Key')", more="def __init__(self, *a, **k):\n        super().__init__(*a, **k)\n        self.key.description = settings_for('flaw').key if k.get('data') is not None else ''")), "not in .*doctype"),
    (SETTINGS, plugin(FORM.format(field=SECRET.format(more=""), more="").replace("SecretField('Key')", "type('Sticky', (SecretField,), {'data': property(lambda self: vars(self).get('typed') or 'gone', lambda self, text: vars(self).update(typed=text))})('Key')")), "has to stay"),
    (BESIDE, plugin(MENU.format(before="", label='f"Flaw {next(calls)}"')), ": -Flaw 0"),
    (BESIDE, plugin(MENU.format(before="", label='"Beside" if "leadboard.testing.broken_plugin" in sys.modules else "Alone"')), ": -Alone"),
    (BESIDE, plugin("@hookimpl\ndef page_assets(endpoint):\n    assert 'leadboard.testing.broken_plugin' not in sys.modules\n    return []"), "page_assets"),
    (BADGES, plugin("@hookimpl\ndef board_badges(leads):\n    return {lead.id: [Badge(one('select title from lead where id = ?', (lead.id,))[0][:20])] for lead in leads}"), "statements"),
]  # fmt: skip


@pytest.fixture
def check(drop_in, request, monkeypatch):
    """check(name, files) runs one check of the suite over a plugin, as pytest would."""
    # Another test may have imported it for itself: what it breaks is to be seen beside it only.
    monkeypatch.delitem(sys.modules, "leadboard.testing.broken_plugin", raising=False)

    def run(name, files):
        inner = {path: text for path, text in files.items() if path}
        drop_in("flaw", files[""], files=inner)
        app = request.getfixturevalue("app")
        suite = type("Suite", (PluginConformance,), {"plugin_name": "flaw"})()
        list(inspect.unwrap(PluginConformance._turned_on)(suite, app) or ())
        method = getattr(suite, name)
        wanted = [argument for argument in inspect.signature(method).parameters if argument != "request"]
        values = {argument: request.getfixturevalue(argument) for argument in wanted}
        if "request" in inspect.signature(method).parameters:
            values["request"] = request
        method(**values)

    yield run
    health.forget()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name, files, says", FLAWS, ids=[f"{name}-{n}" for n, (name, _, _) in enumerate(FLAWS)])
def test_a_check_catches_what_it_is_for(name, files, says, check):
    with pytest.raises(Exception, match=says):
        check(name, files)


CHECKS = [name for name in vars(PluginConformance) if name.startswith("test_")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", CHECKS)
def test_a_plugin_without_a_flaw_passes(name, check):
    badges = "@hookimpl\ndef board_badges(leads):\n    return {lead.id: [Badge('fine')] for lead in leads}\n"
    form = FORM.format(field=SECRET.format(more=""), more="x = fields.StringField('X', default='a')")
    routes = ROUTES.format(
        views="@bp.get('/leads/<int:lead_id>')\n@needs_scope('leads:read')\ndef page(lead_id):\n"
        "    condition, params = visible_sql(current_actor())\n"
        "    found = one(f'select title from lead where id = ? and {condition}', (lead_id, *params))\n"
        "    if found is None: raise NotFound('none')\n    return found[0]"
    )
    check(name, plugin(badges + form + routes + TABLE, migration=UP + DOWN, template="<p>{{ x }}</p>"))


def test_every_check_of_the_suite_was_seen_to_fail():
    assert {name for name, _, _ in FLAWS} == set(CHECKS)


@pytest.mark.sqlite_only
def test_a_plugin_that_cannot_be_used_says_why_in_the_suite(check):
    with pytest.raises(AssertionError, match=r"It needs version 0\.99 of the plugin interface"):
        check(METADATA, plugin(about=GOOD + ', requires_api="0.99"'))
