"""`leadboard plugins check`: loads a plugin in a process of its own, on a scratch instance, and says what is wrong with it."""

import ast
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import TemplateError
from playhouse.migrations import Runner

from leadboard import schema
from leadboard.app import create_app
from leadboard.config import Settings
from leadboard.contributions import NAME
from leadboard.db import database, forget_connection, open_database
from leadboard.domain.plugins import enable
from leadboard.domain.setup import prepare_instance
from leadboard.errors import LeadboardError
from leadboard.forms.plugin_settings import settings_for, settings_form_of
from leadboard.permissions import SYSTEM
from leadboard.pluginhost import health
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.discovery import ENTRY_POINTS
from leadboard.pluginhost.loading import Loaded
from leadboard.pluginhost.migrations import history_of, migrate, scripts_of
from leadboard.pluginhost.registry import at_start, loaded_plugins, registry
from leadboard.pluginhost.tables import tables_of
from leadboard.queries.plugins import failure_rows
from leadboard.web.plugin_routes import routes_of

TIMEOUT_S = 60
# Not part of what runs: tests may import more, and build folders hold copies.
SKIPPED = {"tests", "build", "dist", "__pycache__", ".venv", "node_modules"}
ALLOWED = {"leadboard", "leadboard.api"}


@dataclass
class Report:
    """What a plugin is, in lines, and what is wrong with it, one line each."""

    name: str
    facts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ok": not self.problems}


def check_apart(path: Path) -> Report:
    """Check in another process: one that ends itself, hangs or prints does no harm here."""
    name, path = plugin_at(path.resolve())
    if problem := _no_plugin(path, name):
        return Report(name, problems=[problem])
    with tempfile.TemporaryDirectory(prefix="leadboard-check-") as folder:
        answer = Path(folder, "report.json")
        start = "from leadboard.cli.plugin_check import main; main()"
        command = [sys.executable, "-c", start, name, str(path), str(answer)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return Report(name, problems=[f"it did not finish within {TIMEOUT_S} s"])
        if not answer.is_file():
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            return Report(name, problems=[f"it ended Python with exit code {done.returncode}: {last}"])
        found = json.loads(answer.read_text(encoding="utf-8"))
        return Report(found["name"], found["facts"], found["problems"])


def plugin_at(path: Path) -> tuple[str, Path]:
    """(name, folder or file) of the plugin: of a project for pip what its pyproject.toml announces, else the path itself."""
    project = path / "pyproject.toml"
    if project.is_file():
        about, _ = outcome_of(lambda: tomllib.loads(project.read_text(encoding="utf-8")))
        points = (about or {}).get("project", {}).get("entry-points", {}).get(ENTRY_POINTS, {})
        for name, module in points.items():
            inner = Path(*str(module).split("."))
            return name, next((place for place in (path / inner, path / "src" / inner) if place.is_dir()), path / f"{inner}.py")
    return path.stem if path.is_file() else path.name, path


def _no_plugin(path: Path, name: str) -> str:
    if path.is_dir() and not (path / "__init__.py").is_file():
        return f"{path} is no package: it has no __init__.py"
    if path.is_file() and path.suffix != ".py":
        return f"{path} is neither a folder nor a .py file"
    if not NAME.fullmatch(name):
        return f"{name!r} is no name for a plugin: 2 to 40 of a-z, 0-9 and _, a letter first"
    return ""


# ---------------------------------------------------------------------------------------------- without running it


def sources_of(path: Path) -> Iterator[Path]:
    """The Python files of a plugin that run with it."""
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*.py")):
        if not SKIPPED & set(file.relative_to(path).parts):
            yield file


def foreign_imports(path: Path) -> list[str]:
    """Imports of Leadboard's own modules other than leadboard.api, one line each."""
    base = path if path.is_dir() else path.parent
    return [
        f"{file.relative_to(base)}:{line}: imports {module}; a plugin may import leadboard.api only"
        for file in sources_of(path)
        for line, module in _imported(file)
        if module.split(".")[0] in {"leadboard", "leadboard_plugins", "leadboard_dropins"} and module not in ALLOWED
    ]


def _imported(file: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import; a file that cannot be parsed is told by loading it."""
    tree, _ = outcome_of(lambda: ast.parse(file.read_text(encoding="utf-8")))
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names = [f"leadboard.{name.name}" for name in node.names] if node.module == "leadboard" else [node.module]
            yield from ((node.lineno, name) for name in names)


# ---------------------------------------------------------------------------------------------- on a scratch instance


def check_here(name: str, path: Path, folder: Path) -> Report:
    """Load the plugin into a fresh instance in `folder` and try it there. Changes this process for good."""
    report = Report(name, problems=foreign_imports(path))
    target = folder / "plugins" / (f"{name}.py" if path.is_file() else name)
    target.parent.mkdir(parents=True)
    if path.is_file():
        shutil.copy(path, target)
    else:
        shutil.copytree(path, target, ignore=shutil.ignore_patterns(*SKIPPED))
    settings = Settings(instance=folder, secret_key="c" * 40, log_level="ERROR", testing=True)
    open_database(settings)
    schema.upgrade(settings)
    app = create_app(settings)
    prepare_instance()
    one = next(one for one in loaded_plugins() if one.name == name and str(one.found.where) == str(target))
    if one.plugin is None or not one.is_usable:
        report.problems.append(one.problem % one.params if one.params else one.problem)
        return report
    report.facts += _metadata(one)
    _try(one, app, report)
    report.facts += _what_it_adds(one, app)
    health.flush()
    report.problems += [f"{row.place}: {row.message}" for row in reversed(failure_rows()) if row.plugin == name]
    forget_connection()
    return report


def _try(one: Loaded, app: Flask, report: Report) -> None:
    before = set(database.get_tables())
    try:
        enable(one.name, actor=SYSTEM)
    except LeadboardError as error:
        report.problems.append(str(error))
        return
    made = set(database.get_tables()) - before - {history_of(one.name)}
    report.problems += [f"the table {table} must be called p_{one.name}_…" for table in sorted(made - set(tables_of(one.name)))]
    report.problems += _missing_tables(one, made)
    report.problems += _templates(one, app)
    report.problems += _settings(one)
    report.problems += _back_and_forth(one, made)


def _missing_tables(one: Loaded, made: set[str]) -> Iterator[str]:
    """Tables and columns that the models have and the migrations do not make."""
    for plugin, model in at_start("register_models"):
        if plugin != one.name:
            continue
        table = model._meta.table_name
        if table not in made:
            yield f"no migration makes the table {table}"
            continue
        there = {column.name for column in database.get_columns(table)}
        yield from (
            f"no migration makes the column {table}.{key.column_name}"
            for key in model._meta.sorted_fields
            if key.column_name not in there
        )


def _templates(one: Loaded, app: Flask) -> Iterator[str]:
    """Templates that do not compile, and overrides of what is not there."""
    if one.folder is None:
        return
    for part in ("templates", "overrides"):
        for file in sorted((one.folder / part).rglob("*.html")):
            name = file.relative_to(one.folder / part).as_posix()
            try:
                app.jinja_env.compile(file.read_text(encoding="utf-8"), name)
                if part == "overrides":
                    app.jinja_env.get_template(f"core/{name}")
            except TemplateError as error:
                yield f"{part}/{name}: {type(error).__name__}: {error}"


def _settings(one: Loaded) -> Iterator[str]:
    """The defaults must be what JSON can keep, and the form must be made without an error."""
    if settings_form_of(one.name) is None:
        return
    values, error = outcome_of(lambda: vars(settings_for(one.name)))
    if error is None:
        _, error = outcome_of(lambda: json.dumps(values))
    if error is not None:
        yield f"its settings form: {type(error).__name__}: {error}"


def _back_and_forth(one: Loaded, made: set[str]) -> Iterator[str]:
    """Every migration down, which must leave no table, and up again."""
    scripts = scripts_of(one)
    if scripts is None:
        return
    runner = Runner(database.obj, str(scripts), table_name=history_of(one.name))
    while done := [migration for migration in runner.status() if migration.applied]:
        _, error = outcome_of(runner.down)
        if error is not None:
            yield f"migration {done[-1].name}, down: {type(error).__name__}: {error}"
            return
    if left := made & set(database.get_tables()):
        yield f"its migrations, down, leave {', '.join(sorted(left))}"
    error = migrate(one)
    if error is not None:
        yield f"its migrations, up again: {type(error).__name__}: {error}"


def _metadata(one: Loaded) -> list[str]:
    about = one.plugin
    if about is None:
        return []
    facts = [f"{about.title} {about.version} ({one.name}), for plugin interface {about.requires_api}"]
    if about.hosts:
        facts.append(f"talks to {', '.join(about.hosts)}")
    return [*facts, f"hooks: {', '.join(one.hooks) or 'none'}"]


def _what_it_adds(one: Loaded, app: Flask) -> list[str]:
    facts = [f"route: {methods} {rule} ({needs or 'public'})" for rule, methods, needs in routes_of(app, one.name)]
    facts += [f"table: {table}" for table in tables_of(one.name)]
    for hook, contributions in registry().contributions.items():
        keys = [getattr(item, "key", None) for plugin, item in contributions if plugin == one.name]
        facts += [f"{hook.removeprefix('register_')}: {key}" for key in keys if isinstance(key, str)]
    return facts


def main() -> None:
    """What check_apart() starts, with the plugin's name and path and the answer's as arguments."""
    path, answer = (Path(text) for text in sys.argv[2:4])
    report = check_here(sys.argv[1], path, answer.parent / "instance")
    answer.write_text(json.dumps(asdict(report)), encoding="utf-8")
