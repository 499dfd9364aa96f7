"""The house rules, over every file: import order, who may write, what fits in a file, what a page may hold."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from leadboard import paths
from tests.support import page_rules, python_rules
from tests.support.python_rules import Source

ROOT = Path(__file__).resolve().parent.parent
THIS = "tests/test_architecture.py"
# The rules themselves name what they look for.
RULES = {THIS, "tests/support/python_rules.py", "tests/support/page_rules.py"}

# file: why it may
MAY_CATCH_EVERYTHING = {"leadboard/pluginhost/boundary.py": "the one place that outlives foreign code"}
MAY_WRITE_IN_THE_WEB = {"leadboard/web/gate.py": "the session's own clock, which is no record"}
MAY_MAKE_MARKUP = {"leadboard/lib/markdown.py": "its output went through nh3"}
MAY_BUILD_SQL = {
    "leadboard/domain/leads.py": "one of three conditions, written beside it",
    "leadboard/queries/merging.py": "its own statements with one more condition of its own",
    "leadboard/events.py": "adds `returning id` to its own two statements",
    "leadboard/models/leads.py": "the indexes of one table, from a list of literals",
    "leadboard/domain/demo.py": "columns of our own tables",
    "leadboard/domain/field_indexes.py": "names of our own indexes, from an id and a sum",
    "leadboard/migrations/0003_fields.py": "one of two words",
    "leadboard/migrations/0011_field_rewrite.py": "one of two words",
    "leadboard/queries/field_history.py": "its own statements, with what they share",
    "leadboard/migrations/0005_parties.py": "our own tables and columns, and the indexes that the database names",
    "leadboard/migrations/0006_imports.py": "one of two words, our own columns",
    "leadboard/domain/import_undo.py": "our own tables and columns, and places",
    "leadboard/migrations/0007_party_search.py": "our own tables and columns",
    "leadboard/models/parties.py": "indexes of our own tables, from lists of literals",
    "leadboard/domain/restore.py": "names of tables that the backup was checked for",
    "leadboard/pluginhost/migrations.py": "the history table of a plugin, whose name is a-z, 0-9 and _",
    "leadboard/pluginhost/tables.py": "tables as the database itself names them",
    "leadboard/queries/board.py": "columns, conditions of permissions and filters, whole numbers of our own",
    "leadboard/queries/limits.py": "a whole number of our own: SET takes no parameter",
    "leadboard/queries/moves.py": "the condition of permissions",
    "plugins/vcard/views.py": "columns of our own, the condition of permissions",
    "plugins/duplicates/pairs.py": "columns of our own, places, the condition of permissions",
    "leadboard/testing/postgres.py": "names of throw-away databases that it made itself",
    "leadboard/testing/pytest_plugin.py": "names of throw-away databases and of our own tables",
}
MAY_SLEEP: dict[str, str] = {
    "leadboard/testing/postgres.py": "waits for a server that tells nobody when it is ready",
    "tests/support/processes.py": "waits for what another process does",
}
MAY_RUN_A_STATEMENT = {"leadboard/queries/limits.py": "sets the time limit of the statement that follows"}
# A tool that runs without the package, in one file.
MAY_BE_LARGE = {"benchmarks/load.py": "the load driver, kept in one file to be copied beside any server"}
MAY_NAME_SIDES: dict[str, str] = {}


def texts(folder: str, *endings: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in endings and "vendor" not in path.parts and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def sources(*folders: str) -> list[Source]:
    return [Source(path, text) for folder in folders for path, text in texts(folder, ".py")]


OURS = sources("leadboard", "plugins")
CORE = [source for source in OURS if source.path.startswith("leadboard/")]
TESTS = sources("tests")


def check(rule, files, *, but=()):
    problems = [problem for source in files if source.path not in but for problem in rule(source)]
    assert not problems, "\n".join(["", *problems])


def test_the_rules_see_the_whole_house():
    """A moved folder must not leave the rules with nothing to look at."""
    assert len(CORE) > 60
    assert len(TESTS) > 15
    assert paths.TEMPLATES == ROOT / "templates"
    assert len(list(texts("templates", ".html"))) > 20
    assert len(list(texts("static", ".css"))) >= 2


# ---------------------------------------------------------------------------------------------- who imports whom


def test_lower_layers_never_import_higher_ones():
    check(python_rules.import_order, CORE)


def test_nothing_below_the_web_knows_of_it():
    check(python_rules.no_web_below_the_web, CORE)


def test_late_imports_give_a_reason_from_the_list():
    check(python_rules.late_imports_say_why, OURS)


def test_the_core_names_no_bundled_plugin():
    names = {folder.name for folder in (ROOT / "plugins").glob("*/")} - {"__pycache__"}
    for source in CORE:
        modules = {module.split(".")[0] for _, module, _ in python_rules.imported(source)}
        assert not modules & {"plugins", "leadboard_plugins"}, source.path
        constants = {node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant)}
        assert not constants & names, source.path


# ---------------------------------------------------------------------------------------------- who writes


def test_queries_only_read():
    check(python_rules.reads_only, [source for source in CORE if source.package == "queries"], but=MAY_RUN_A_STATEMENT)


def test_views_and_forms_write_only_through_the_domain():
    upper = [source for source in CORE if source.package in {"web", "forms", "http", "formats", "i18n"}]
    check(python_rules.reads_only, upper, but=MAY_WRITE_IN_THE_WEB)


def test_sql_is_written_out_or_says_why_it_is_not():
    ignores = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]["per-file-ignores"]
    declared = [pattern for pattern, rules in ignores.items() if "S608" in rules]
    check(
        python_rules.sql_is_written_out,
        [source for source in OURS if not any(fnmatch(source.path, pattern) for pattern in declared)],
        but=MAY_BUILD_SQL,
    )


# ---------------------------------------------------------------------------------------------- how it is written


def test_only_one_place_outlives_everything():
    check(python_rules.no_broad_except, OURS, but=MAY_CATCH_EVERYTHING)


def test_markup_is_made_where_it_is_declared():
    check(python_rules.markup_is_declared, OURS, but=MAY_MAKE_MARKUP)


def test_files_and_functions_stay_small():
    check(python_rules.is_small, OURS + TESTS + sources("scripts", "benchmarks"), but=MAY_BE_LARGE)


def test_files_are_named_for_what_they_hold():
    check(python_rules.is_named_for_what_it_holds, OURS + TESTS)


def test_nothing_is_left_for_later():
    check(python_rules.is_finished, OURS)
    problems = [
        f"{path}:{problem}"
        for folder in ("leadboard", "plugins", "templates", "static", "tests", "scripts", "benchmarks", "docs")
        for path, text in texts(folder, ".py", ".html", ".css", ".js", ".sh", ".md")
        if path not in RULES
        for problem in page_rules.unfinished(text)
    ]
    assert problems == []


def test_tests_run_always_wait_for_events_and_stand_on_the_repository():
    check(python_rules.is_a_fair_test, TESTS, but=RULES | set(MAY_SLEEP))


# ---------------------------------------------------------------------------------------------- pages


def test_templates_hold_no_script_style_or_unescaped_text():
    problems = [
        f"{path}:{problem}" for path, text in texts("templates", ".html") for problem in page_rules.template_problems(text)
    ]
    assert problems == []


def test_every_icon_that_a_template_names_is_in_the_sprite():
    wanted = set(json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["leadboard"]["icons"])
    named = {
        (path, name)
        for path, text in texts("templates", ".html")
        for name in re.findall(r"(?:icon|icon_html|empty_state)\('([a-z0-9-]+)'", text)
    }
    assert named
    assert {(path, name) for path, name in named if name not in wanted} == set()


def test_style_sheets_name_no_side():
    problems = [
        f"{path}:{problem}"
        for path, text in texts("static", ".css")
        if path not in MAY_NAME_SIDES
        for problem in page_rules.style_problems(text)
    ]
    assert problems == []


def test_scripts_neither_evaluate_nor_put_html_together():
    problems = [f"{path}:{problem}" for path, text in texts("static", ".js") for problem in page_rules.script_problems(text)]
    assert problems == []


# ---------------------------------------------------------------------------------------------- the rules themselves


@pytest.mark.parametrize(
    "rule, path, text",
    [
        ("import_order", "leadboard/db.py", "from leadboard.models import Lead"),
        ("import_order", "leadboard/queries/a.py", "def f():\n    from leadboard.domain import leads"),
        ("import_order", "leadboard/lib/a.py", "import leadboard.config"),
        ("import_order", "leadboard/web/a.py", "from leadboard import app"),
        ("import_order", "leadboard/mystery.py", ""),
        ("no_web_below_the_web", "leadboard/domain/a.py", "from flask import g"),
        ("no_web_below_the_web", "leadboard/queries/a.py", "import wtforms.fields"),
        ("late_imports_say_why", "leadboard/web/a.py", "def f():\n    import csv  # noqa: PLC0415"),
        ("late_imports_say_why", "leadboard/web/a.py", "def f():\n    import csv  # noqa: PLC0415 - a cycle"),
        ("reads_only", "leadboard/queries/a.py", "from leadboard.db import execute"),
        ("reads_only", "leadboard/queries/a.py", "Lead.update(x=1).execute()"),
        ("reads_only", "leadboard/queries/a.py", "lead.save()"),
        ("reads_only", "leadboard/queries/a.py", "one('DELETE from lead returning id')"),
        ("reads_only", "leadboard/queries/a.py", "one(f'update lead set x = {1}')"),
        ("sql_is_written_out", "leadboard/queries/a.py", "rows(f'select {x}')"),
        ("sql_is_written_out", "leadboard/queries/a.py", "rows('select ' + x)"),
        ("sql_is_written_out", "leadboard/queries/a.py", "rows('select %s' % x)"),
        ("sql_is_written_out", "leadboard/queries/a.py", "rows('select {}'.format(x))  # noqa: S608"),
        ("markup_is_declared", "leadboard/web/a.py", "Markup(text)"),
        ("no_broad_except", "leadboard/web/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
        ("no_broad_except", "leadboard/web/a.py", "try:\n    f()\nexcept (ValueError, BaseException):\n    g()"),
        ("no_broad_except", "leadboard/web/a.py", "try:\n    f()\nexcept:\n    g()"),
        ("is_small", "leadboard/web/a.py", "x = 1\n" * 401),
        ("is_small", "leadboard/web/a.py", "def f():\n" + "    x = 1\n" * 60),
        ("is_named_for_what_it_holds", "leadboard/web/utils.py", ""),
        ("is_finished", "leadboard/web/a.py", "raise NotImplementedError('later')"),
        ("is_a_fair_test", "tests/a.py", "@pytest.mark.skipif(True)\ndef test(): pass"),
        ("is_a_fair_test", "tests/a.py", "pytest.importorskip('x')"),
        ("is_a_fair_test", "tests/a.py", "time.sleep(1)"),
        ("is_a_fair_test", "tests/a.py", "page.wait_for_timeout(50)"),
        ("is_a_fair_test", "tests/a.py", "open('/tmp/x')"),
    ],
)
def test_the_rules_for_python_see_what_is_wrong(rule, path, text):
    assert list(getattr(python_rules, rule)(Source(path, text)))


@pytest.mark.parametrize(
    "rule, path, text",
    [
        ("import_order", "leadboard/domain/a.py", "from leadboard.models import Lead\nfrom leadboard.errors import N_"),
        (
            "late_imports_say_why",
            "leadboard/schema.py",
            "try:\n    import fcntl  # noqa: PLC0415 - Unix only\nfinally:\n    pass",
        ),
        ("reads_only", "leadboard/queries/a.py", "found.update(x=1)\nLead.select()\nNAMES.update(x)\nrows('select 1')"),
        (
            "sql_is_written_out",
            "leadboard/queries/a.py",
            "rows('select 1')\nrows(f'select {x}')  # noqa: S608 - a column of ours",
        ),
        ("sql_is_written_out", "leadboard/queries/a.py", "one(_MOVING + condition, [1])"),
        ("markup_is_declared", "leadboard/http.py", "Markup('<b>{}</b>').format(name)"),
        ("no_broad_except", "leadboard/db.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    ],
)
def test_the_rules_for_python_let_good_code_pass(rule, path, text):
    assert not list(getattr(python_rules, rule)(Source(path, text)))


@pytest.mark.parametrize(
    "rule, text",
    [
        ("template_problems", "{{ body|safe }}"),
        ("template_problems", "{{ body | safe }}"),
        ("template_problems", "{{ _(pack.name) }}"),
        ("template_problems", '<div style="color: red">'),
        ("template_problems", "<script>alert(1)</script>"),
        ("template_problems", '<a href="#" onclick="x()">'),
        ("template_problems", '<a href="javascript:x()">'),
        ("template_problems", "<a hx-vals='js:{x: 1}'>"),
        ("template_problems", '<a hx-on:click="x()">'),
        ("template_problems", "<p>\n" * 151),
        ("style_problems", ".a { margin-left: 1px }"),
        ("style_problems", ".a {\n  color: red; left: 0;\n}"),
        ("style_problems", ".a{text-align:left}"),
        ("style_problems", ".a { float: right; }"),
        ("style_problems", ".a { border-top-left-radius: 2px }"),
        ("style_problems", "@media (min-width: 1px) { .a { padding-right: 0 } }"),
        ("style_problems", "a {}\n" * 401),
        ("script_problems", "eval (x)"),
        ("script_problems", "a.innerHTML = text"),
        ("unfinished", "x = 1  # TODO: more"),
    ],
)
def test_the_rules_for_pages_see_what_is_wrong(rule, text):
    assert list(getattr(page_rules, rule)(text))


@pytest.mark.parametrize(
    "rule, text",
    [
        (
            "template_problems",
            '<script src="{{ asset(1) }}" defer></script>{# style= onclick= #}<input name="season" hx-swap-oob="x">',
        ),
        ("style_problems", ".left { margin-inline-start: 1px; transform-origin: left; inset-inline-end: 0; text-align: start }"),
        ("style_problems", "/* left: 0; */ .a { background-position: right center }"),
    ],
)
def test_the_rules_for_pages_let_good_ones_pass(rule, text):
    assert not list(getattr(page_rules, rule)(text))
