"""The world that the walks go through."""

import pytest

from tests.walks.walked_plugin import MIGRATION, PAGE, PART, SOURCE
from tests.walks.world import build_world, plain_text


@pytest.fixture(autouse=True)
def walked_plugin(drop_in):
    """A plugin with something of everything, before the application is made; build_world() turns it on."""
    files = {
        "migrations/0001_seen.py": MIGRATION,
        "templates/page.html": PAGE,
        "templates/part.html": PART,
        "static/walked.css": "b{}",
    }
    drop_in("walked", SOURCE, files=files)


@pytest.fixture
def world(app, make):
    return build_world(app, make, plain_text())
