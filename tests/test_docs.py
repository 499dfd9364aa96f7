"""What the documentation promises is what there is."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from leadboard import paths
from leadboard.cli import command
from leadboard.config import Settings

OPERATIONS = Path(__file__).resolve().parents[1] / "docs" / "operations"


def test_every_setting_is_documented_with_its_default():
    text = (OPERATIONS / "settings.md").read_text(encoding="utf-8")
    documented = {
        row[1]: (row[0], row[2]) for row in re.findall(r"^\| `(LEADBOARD_\w+)` \| `?(\w+|–)`? \| (.*?) \|", text, re.MULTILINE)
    }
    known = {field.name: field.default for field in fields(Settings) if field.name not in {"instance", "testing"}}

    assert set(documented) - {"–"} == set(known)
    for name, default in known.items():
        variable, told = documented[name]
        assert variable == f"LEADBOARD_{name.upper()}"
        if default not in ("", ()):
            assert told == f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("page", sorted(path.name for path in OPERATIONS.glob("*.md")))
def test_commands_and_options_that_pages_name_exist(page):
    text = (OPERATIONS / page).read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for name, rest in re.findall(r"(?:^|[ =])leadboard ([a-z]+)([^\n#|]*)", block, re.MULTILINE):
            assert name in command.commands, f"{page}: leadboard {name}"
            found = command.commands[name]
            for word in rest.split():
                nested = getattr(found, "commands", {})
                found = nested.get(word, found)
            options = {option for parameter in found.params for option in parameter.opts}
            named = {word.partition("=")[0] for word in rest.split() if word.startswith("-")}
            assert named <= options, f"{page}: leadboard {name}{rest}"


@pytest.mark.parametrize("page", sorted(path.name for path in OPERATIONS.glob("*.md")))
def test_links_between_pages_lead_somewhere(page):
    text = (OPERATIONS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+\.md)[^)]*\)", text):
        assert target.startswith("http") or (OPERATIONS / target).is_file(), f"{page} → {target}"


def test_the_templates_that_show_a_component_exist():
    table = (paths.TEMPLATES / "README.md").read_text(encoding="utf-8").partition("## Components")[2].partition("\n## ")[0]
    named = re.findall(r"\| ([a-z_]+/\w+) \|$", table, re.MULTILINE)

    assert len(named) > 20
    assert [name for name in named if not (paths.TEMPLATES / f"{name}.html").is_file()] == []
