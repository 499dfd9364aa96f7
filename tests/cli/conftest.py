import io
import sys

import pytest

from leadboard.cli import main
from leadboard.db import forget_connection
from leadboard.domain.passwords import use_cheap_hashes


@pytest.fixture
def shell(settings, monkeypatch, capsys):
    """shell("user", "list", typed="…"): exit code, output, errors."""
    monkeypatch.setenv("LEADBOARD_INSTANCE", str(settings.instance))
    if settings.database_url:
        monkeypatch.setenv("LEADBOARD_DATABASE_URL", settings.database_url)
    use_cheap_hashes(True)

    def run(*arguments, typed=""):
        forget_connection()  # the command is a process of its own
        monkeypatch.setattr(sys, "argv", ["leadboard", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, out, err

    return run
