"""What holds for every Python file: who may import whom, who may write, how much fits in one file.

Each rule takes a parsed file and yields what is wrong; tests/test_architecture.py runs them over the tree.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

# Low to high; a module imports its own layer and lower ones. A package counts as one.
LAYERS = (
    ("lib", "errors", "__init__"),
    ("config", "paths", "logs", "instance_lock", "outbound"),
    ("db",),
    ("models", "schema", "migrations"),
    ("events",),
    ("contributions", "fieldtypes"),
    ("file_formats",),
    ("hookspecs",),
    ("pluginhost",),
    ("permissions", "delivery", "queries", "jobs"),
    ("domain",),
    ("forms", "i18n", "formats", "http"),
    ("rest", "blueprints"),
    ("api",),
    ("web", "defaults"),
    ("wiring", "app"),
    ("server", "supervisor"),
    ("cli", "__main__"),
    ("testing",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
WEB_LIBRARIES = {"flask", "flask_wtf", "flask_babel", "wtforms", "htmx_flask", "werkzeug", "jinja2", "markupsafe"}
BELOW_THE_WEB = LEVEL["forms"]

LATE_IMPORT_REASONS = ("optional dependency", "slow import", "Unix only")
MAX_FILE = 400
MAX_FUNCTION = 60
BANNED_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}

SQL_CALLS = {"rows", "one", "execute", "execute_many", "execute_sql", "SQL", "raw"}
WRITING_SQL = re.compile(r"\s*(?:insert|update|delete|replace|create|drop|alter|truncate)\b", re.IGNORECASE)
WRITING_NAMES = {"execute", "execute_many", "atomic", "change", "enqueue"}
WRITING_CALLS_ON_A_MODEL = {
    "insert", "insert_many", "insert_from", "update", "replace", "replace_many", "delete", "create", "bulk_create", "bulk_update",
    "get_or_create", "set_by_id", "delete_by_id", "create_table", "drop_table",
}  # fmt: skip
WRITING_CALLS_ON_A_ROW = {"save", "delete_instance"}


@dataclass(frozen=True)
class Source:
    """A file under leadboard/ (`name` is its path from there), under tests/ or elsewhere in the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def name(self) -> str:
        """leadboard/web/board.py → web/board.py"""
        return self.path.removeprefix("leadboard/")

    @property
    def package(self) -> str:
        """leadboard/web/board.py → web, leadboard/db.py → db"""
        return PurePosixPath(self.name).parts[0].removesuffix(".py")

    def says(self, node: ast.AST, pattern: str) -> bool:
        """A comment on one of the node's lines matches."""
        span = self.lines[node.lineno - 1 : node.end_lineno]  # type: ignore[attr-defined]
        return any(re.search(pattern, line) for line in span)

    def at(self, node: ast.AST, text: str) -> str:
        return f"{self.path}:{node.lineno}: {text}"  # type: ignore[attr-defined]


def imported(source: Source) -> Iterator[tuple[ast.stmt, str, str]]:
    """(statement, module, name) of every import, late ones and those for type checking too."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, node.module or "", alias.name


def import_order(source: Source) -> Iterator[str]:
    if source.package not in LEVEL:
        yield f"{source.path}: {source.package} has no place in the import order; give it one in tests/support/python_rules.py"
        return
    for node, module, name in imported(source):
        if module.split(".")[0] != "leadboard":
            continue
        part = module.split(".")[1] if "." in module else (name if name in LEVEL else "__init__")
        if part not in LEVEL:
            yield source.at(node, f"imports leadboard.{part}, which has no place in the import order")
        elif LEVEL[part] > LEVEL[source.package]:
            yield source.at(node, f"{source.package} stands below {part} and may not import it")


def no_web_below_the_web(source: Source) -> Iterator[str]:
    if LEVEL.get(source.package, 99) >= BELOW_THE_WEB:
        return
    for node, module, _ in imported(source):
        if module.split(".")[0] in WEB_LIBRARIES:
            yield source.at(node, f"{source.package} knows nothing of the web, but imports {module}")


def late_imports_say_why(source: Source) -> Iterator[str]:
    top = set(source.tree.body)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Import | ast.ImportFrom) or node in top or _for_types_only(source, node):
            continue
        if not source.says(node, rf"# noqa: PLC0415 - (?:{'|'.join(LATE_IMPORT_REASONS)})\b"):
            yield source.at(node, f"a late import needs `# noqa: PLC0415 - ` and one of: {', '.join(LATE_IMPORT_REASONS)}")


def _for_types_only(source: Source, node: ast.stmt) -> bool:
    return any(
        isinstance(other, ast.If) and ast.unparse(other.test).endswith("TYPE_CHECKING") and node in other.body
        for other in source.tree.body
    )


def reads_only(source: Source) -> Iterator[str]:
    """No way to write: neither our own functions for it, nor peewee's, nor SQL."""
    for node, module, name in imported(source):
        if module.startswith("leadboard.") and name in WRITING_NAMES:
            yield source.at(node, f"only reads, but imports {name}")
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and _writes(node.func):
            yield source.at(node, f"only reads, but calls {ast.unparse(node.func)}()")
        if _called(node) in SQL_CALLS and node.args and WRITING_SQL.match(_text_of(node.args[0])):
            yield source.at(node, f"only reads, but runs {_text_of(node.args[0]).split()[0]}")


def _writes(called: ast.Attribute) -> bool:
    if called.attr in WRITING_CALLS_ON_A_ROW:
        return True
    on_a_class = isinstance(called.value, ast.Name) and called.value.id[:1].isupper() and not called.value.id.isupper()
    return on_a_class and called.attr in WRITING_CALLS_ON_A_MODEL


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _text_of(node: ast.expr) -> str:
    """The beginning of a text that is written in the source."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr) and node.values:
        return _text_of(node.values[0])
    return _text_of(node.left) if isinstance(node, ast.BinOp) else ""


def sql_is_written_out(source: Source) -> Iterator[str]:
    """A statement put together from parts is declared: by a reason on its line, or by its file in pyproject.toml."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or _called(node) not in SQL_CALLS or not node.args:
            continue
        if _put_together(node.args[0]) and not source.says(node, r"# noqa: S608 - \w+"):
            yield source.at(node, "SQL put together from parts needs `# noqa: S608 - ` and why it is safe")


def _put_together(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        constant = isinstance(node.op, ast.Add) and all(_is_named_sql(side) for side in (node.left, node.right))
        return not constant
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "replace", "join"}


def _is_named_sql(node: ast.expr) -> bool:
    """A literal, a constant of the module, or a condition that permissions.visible_sql() has made."""
    return (
        isinstance(node, ast.Constant)
        or (isinstance(node, ast.Name) and (node.id.isupper() or node.id == "condition"))
        or (isinstance(node, ast.BinOp) and not _put_together(node))
    )


def markup_is_declared(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or _called(node) != "Markup":
            continue
        # A literal of our own, whose places .format() fills with escaped values, says by itself why it is safe.
        if not isinstance(node.args[0], ast.Constant) and not source.says(node, r"# noqa: S704 - \w+"):
            yield source.at(node, "Markup() needs `# noqa: S704 - ` and why the text is safe")


def no_broad_except(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        names = {ast.unparse(name) for name in _types(node.type)}
        goes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if (node.type is None or names & {"Exception", "BaseException"}) and not goes_on:
            yield source.at(node, "catches everything; only pluginhost/boundary.py does")


def _types(node: ast.expr | None) -> list[ast.expr]:
    return [] if node is None else node.elts if isinstance(node, ast.Tuple) else [node]


def is_small(source: Source) -> Iterator[str]:
    if len(source.lines) > MAX_FILE:
        yield f"{source.path}: {len(source.lines)} lines; at most {MAX_FILE}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            if size > MAX_FUNCTION:
                yield source.at(node, f"{node.name}() has {size} lines; at most {MAX_FUNCTION}")


def is_named_for_what_it_holds(source: Source) -> Iterator[str]:
    if PurePosixPath(source.path).name in BANNED_NAMES:
        yield f"{source.path}: name the file for what is in it"


def is_finished(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.unparse(node.exc):
            yield source.at(node, "is not implemented")


def is_a_fair_test(source: Source) -> Iterator[str]:
    """Runs always, waits for what it waits for, and stands on nothing but the repository."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = ast.unparse(node)
            if re.search(r"\bmark\.(skip|skipif|xfail)$|^pytest\.(skip|xfail|importorskip)$|unittest\.skip", name):
                yield source.at(node, f"{name}: a test runs, or it is not there")
            if re.search(r"(^|\.)sleep$|wait_for_timeout$", name):
                yield source.at(node, f"{name}: wait for an event, not for a time")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.match(FOREIGN_PATHS, node.value):
            yield source.at(node, f"{node.value!r} is not in the repository; use tmp_path")


FOREIGN_PATHS = r"/(?:work|home|root|tmp|mnt|Users|media)(?:/|$)"
