"""Writes what is derived from the plugin interface: docs/plugins/hooks/, docs/plugins/api.md, tests/plugins/golden_api.txt.

Run it after a change of hookspecs.py, contributions.py or api.py, read the difference of the golden file, and settle what
it means for API_VERSION: docs/plugins/README.md, "What is stable", says how.
"""

import ast
import dataclasses
import enum
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from leadboard import api, contributions, hookspecs
from leadboard.db import BaseModel
from leadboard.models.lead_fields import LEAD_FIELDS
from scripts import plugin_reference

ROOT = Path(__file__).resolve().parent.parent
HOOKS = ROOT / "docs" / "plugins" / "hooks"
API_PAGE = ROOT / "docs" / "plugins" / "api.md"
GOLDEN = ROOT / "tests" / "plugins" / "golden_api.txt"

# What a hook's signature does not name, and yet belongs to it.
MORE_TYPES: dict[str, tuple[type, ...]] = {
    "register_field_types": (
        api.FieldType, api.FieldDefinition, api.FieldContext, api.Input, api.Control, api.Shown, api.Storage, api.Operator,
        api.ValueSql,
    ),
    "register_importers": (api.Table, api.Row, api.RowProblem, api.ReaderOption, api.ReaderChoice),
    "register_exporters": (api.ExportColumn, api.ColumnKind),
    "register_pipeline_templates": (api.StageTemplate, api.FieldTemplate),
}  # fmt: skip
SHOWN_WHOLE = {api.FieldType, api.ValueSql}

FAMILIES = {
    "register": "called when the set of plugins that are on changes, and kept until then; a bad item is left out and shown to the admin, the rest stays",
    "collect": "called while a page is built; the answers of all plugins are put together, and a plugin that raises is left out",
    "first": "called until a plugin gives an answer that is not None; a plugin that raises is passed over",
    "guard": "called inside the transaction of a write, each plugin in a savepoint of its own; `Refused` stops the write and its text is shown, any other error undoes what the plugin wrote and the write goes on",
    "event": "called by the job worker after the commit, in no transaction, in order, at least once per event",
}


# ---------------------------------------------------------------------------------------------- the golden file


def golden() -> str:
    """Every hook and every name of the interface with its signature, one a line."""
    lines = [f"API_VERSION {'.'.join(map(str, api.API_VERSION))}", "", "# hooks"]
    lines += [f"{family} {signature_of(getattr(hookspecs, hook))}" for hook, family in sorted(hookspecs.FAMILY.items())]
    lines += ["", "# leadboard.api"]
    for name in sorted(api.__all__):
        lines += description_of(name, getattr(api, name))
    return "\n".join(lines) + "\n"


def signature_of(function: Callable[..., Any]) -> str:
    """As it is written in the source: the same text under every version of Python."""
    node = _node(inspect.unwrap(function))
    assert isinstance(node, ast.FunctionDef)
    returns = f" -> {_plain(node.returns)}" if node.returns is not None else ""
    return f"{node.name}({_plain(node.args)}){returns}"


def api_page() -> str:
    """docs/plugins/api.md."""
    names = ", ".join(f"`{name}`" for name in LEAD_FIELDS)
    return plugin_reference.api_page(
        description_of,
        f"Of leads, in `values`, `Draft.values` and the `targets` of a table: {names}. A custom field is `fields.KEY`;"
        " a table's column may also go to `note` or `other`.",
    )


def description_of(name: str, value: Any) -> list[str]:
    """The lines of one name of the interface: what a plugin may lean on."""
    if inspect.ismodule(value):
        return [f"module {name} = {value.__name__}"]
    module = getattr(value, "__module__", "") or ""
    if inspect.isfunction(value):
        return [f"def {signature_of(value)}" if module.startswith("leadboard") else f"def {name} = {module}.{value.__name__}"]
    if not isinstance(value, type):
        return [f"value {name}: {type(value).__name__}"]
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    lines = [f"class {name}({bases})"]
    if issubclass(value, enum.Enum):
        return lines + [f"    {member.name} = {member.value!r}" for member in value]
    if issubclass(value, BaseModel):
        return lines + [f"    {field.name}: {type(field).__name__}" for field in value._meta.sorted_fields]
    return lines + [f"    {line}" for line in _members(value)]


def _members(value: type) -> Iterator[str]:
    """Fields and public methods that the class itself writes down."""
    node = _node(value)
    assert isinstance(node, ast.ClassDef)
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and not _plain(part.target).startswith("_"):
            default = f" = {_plain(part.value)}" if part.value is not None else ""
            yield f"{_plain(part.target)}: {_plain(part.annotation)}{default}"
        elif isinstance(part, ast.Assign) and _plain(part.targets[0]).isupper():
            yield _plain(part)
        elif isinstance(part, ast.FunctionDef) and (part.name == "__init__" or not part.name.startswith("_")):
            returns = f" -> {_plain(part.returns)}" if part.returns is not None else ""
            yield f"def {part.name}({_plain(part.args)}){returns}"


def _node(value: Any) -> ast.stmt:
    return ast.parse(textwrap.dedent(inspect.getsource(value))).body[0]


def _plain(node: ast.AST | None) -> str:
    return "" if node is None else ast.unparse(node).replace("'", '"')


# ---------------------------------------------------------------------------------------------- a page for each hook


def pages() -> dict[str, str]:
    """{file name: text} of docs/plugins/hooks/."""
    users = users_of_hooks()
    found = {f"{hook}.md": page(hook, users.get(hook, [])) for hook in hookspecs.FAMILY}
    found["README.md"] = index()
    return found


def index() -> str:
    lines = ["# Hooks", "", "Written by `scripts/plugin_docs.py` from `leadboard/hookspecs.py`.", ""]
    for family, meaning in FAMILIES.items():
        lines += [f"## {family}", "", f"{meaning[0].upper()}{meaning[1:]}.", ""]
        for hook in [hook for hook, its in hookspecs.FAMILY.items() if its == family]:
            lines.append(f"- [{hook}]({hook}.md): {_doc(getattr(hookspecs, hook)).splitlines()[0]}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def page(hook: str, users: list[tuple[str, str]]) -> str:
    function = getattr(hookspecs, hook)
    family = hookspecs.FAMILY[hook]
    lines = [
        f"# {hook}", "", "```python", signature_of(function).replace('"', ""), "```", "", _doc(function), "",
        f"Family *{family}*: {FAMILIES[family]}.", "",
    ]  # fmt: skip
    for kind in [*types_in(function), *MORE_TYPES.get(hook, ())]:
        lines += [f"## {kind.__name__}", "", _doc(kind), "", *_table(kind)]
    if users:
        where, source = users[0]
        lines += ["## Example", "", f"From `{where}`:", "", "```python", source, "```", ""]
        others = [f"`{other}`" for other, _ in users[1:]]
        lines += [f"Also in {', '.join(others)}.", ""] if others else []
    return "\n".join(lines).rstrip() + "\n"


def types_in(function: Callable[..., Any]) -> list[type]:
    """The types of the interface that the hook's signature names, each with what it is made of."""
    node = _node(function)
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    found = [getattr(contributions, name, None) or getattr(api, name, None) for name in dict.fromkeys(names)]
    return [kind for kind in found if isinstance(kind, type) and kind.__module__.startswith("leadboard")]


def _table(kind: type) -> list[str]:
    if issubclass(kind, enum.Enum):
        return [*(f"- `{kind.__name__}.{member.name}`: {member.value}" for member in kind), ""]
    if kind in SHOWN_WHOLE:
        return _parts(kind)
    if not dataclasses.is_dataclass(kind) and not hasattr(kind, "_fields"):
        return []
    lines = ["| Field | Type | Default |", "|---|---|---|"]
    for line in _members(kind):
        if not line.startswith("def "):
            name, _, rest = line.partition(": ")
            annotation, _, default = rest.partition(" = ")
            shown = f"`{default}`" if default else "required"
            lines.append(f"| `{name}` | `{annotation.replace('|', 'or')}` | {shown} |")
    return [*lines, ""]


def _parts(kind: type) -> list[str]:
    """What a class of functions is made of, each with what it says of itself."""
    lines = []
    for line in _members(kind):
        name = line.removeprefix("def ").partition("(")[0].partition(":")[0]
        said = " ".join(_doc(getattr(kind, name)).split()) if line.startswith("def ") else ""
        shown = re.sub(r"ClassVar\[(.*)\]", r"\1", line.removeprefix("def ").replace("(self, ", "(").replace("(self)", "()"))
        lines.append(f"- `{shown}`{': ' + said if said else ''}")
    return [*lines, ""]


def _doc(value: Any) -> str:
    return inspect.cleandoc(value.__doc__ or "")


def users_of_hooks() -> dict[str, list[tuple[str, str]]]:
    """{hook: (file, source) of each implementation}: those of plugins/ first, then those of leadboard/defaults/."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in [*sorted(ROOT.glob("plugins/*/*.py")), *sorted(ROOT.glob("leadboard/defaults/**/*.py"))]:
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            marks = [_plain(mark).split("(")[0] for mark in getattr(node, "decorator_list", ())]
            if isinstance(node, ast.FunctionDef) and "hookimpl" in marks:
                source = "\n".join(text.splitlines()[node.lineno - 2 : node.end_lineno])
                found.setdefault(node.name, []).append((path.relative_to(ROOT).as_posix(), source))
    return found


def main() -> None:
    """Write them; say what changed in the golden file."""
    HOOKS.mkdir(parents=True, exist_ok=True)
    written = pages()
    for path in HOOKS.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (HOOKS / name).write_text(text, encoding="utf-8")
    API_PAGE.write_text(api_page(), encoding="utf-8")
    before = GOLDEN.read_text(encoding="utf-8") if GOLDEN.is_file() else ""
    now = golden()
    GOLDEN.write_text(now, encoding="utf-8")
    gone = [line for line in before.splitlines() if line not in now.splitlines()]
    for line in gone:
        print(f"- {line}")
    if gone:
        print(
            "Lines of the interface went or changed: that takes a new minor of API_VERSION while the major is 0.", file=sys.stderr
        )


if __name__ == "__main__":
    main()
