"""The tutorial, followed word for word: its code blocks are written and run in their order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.support.plugin_projects import environment

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "tutorial.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"`([\w/.]+\.(?:py|html|md))`")


def script_of(page):
    """(a shell script that does what the page says, the lines that it says are printed)."""
    lines, printed, position = ["set -e"], [], 0
    for block in BLOCK.finditer(page):
        kind, text = block.groups()
        if kind == "console":
            lines.append(text)
        elif kind == "text":
            printed += text.splitlines()
        elif kind == "sh":
            pass  # how a reader comes to an installation; the test has one
        else:
            # A file's name stands in the sentence before it, or further above.
            *_, name = FILE.findall(page[position : block.start()])
            lines.append(f"mkdir -p $(dirname {name})\ncat > {name} <<'END OF FILE'\n{text}END OF FILE")
        position = block.end()
    return "\n".join(lines), printed


def commands(folder):
    """`leadboard` and `pytest` of this checkout, as an installation has them."""
    python = shlex.quote(sys.executable)
    for name, call in (("leadboard", "leadboard"), ("pytest", "pytest -p leadboard.testing.pytest_plugin -p no:cacheprovider")):
        (folder / name).write_text(f'#!/bin/sh\nexec {python} -m {call} "$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_the_tutorial_does_what_it_says(tmp_path):
    script, printed = script_of(PAGE.read_text(encoding="utf-8"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path / "home", env={**environment(), "PATH": commands(tmp_path / "bin")},
        capture_output=True, text=True,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert [line for line in printed if line not in said.splitlines()] == [], said
    assert len(re.findall(r"\d+ passed", said)) == 2
