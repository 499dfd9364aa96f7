"""A folder that a mail system puts mails into."""

import os
import time

import pytest

from leadboard.domain.plugins import disable, remove_data, save_settings
from leadboard.permissions import SYSTEM


@pytest.fixture
def box(tmp_path):
    folder = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def on(plugin, app, box):
    plugin("mail_drop")
    save_settings("mail_drop", {"folder": str(box), "own": "office@team.example\n@ours.example"}, {}, actor=SYSTEM)
    yield
    # On PostgreSQL the database outlives the test.
    disable("mail_drop", actor=SYSTEM)
    remove_data("mail_drop", actor=SYSTEM)


def aged(path, data, seconds=60):
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    at = time.time() - seconds
    os.utime(path, (at, at))
    return path


@pytest.fixture
def drop(box):
    """drop(data) puts a mail there as the mail system does."""
    count = iter(range(1000))
    return lambda data, part="new": aged(box / part / f"17.M{next(count)}.host", data)
