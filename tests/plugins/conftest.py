"""Plugins with accidents, dropped in and turned on."""

import pytest

from leadboard.db import database
from leadboard.domain.plugins import enable
from leadboard.permissions import SYSTEM
from leadboard.pluginhost import health
from leadboard.queries.plugins import failure_rows

HEAD = """
from leadboard.api import *
PLUGIN = Plugin(name="{name}", title="{name}", version="1.0"{more})
"""


def source(name, body="", more=""):
    return HEAD.format(name=name, more=f", {more}" if more else "") + body


@pytest.fixture
def started(drop_in, request):
    """started({"one": body}, files={…}): the plugins are there and on; gives what an admin's browser is."""

    def start(bodies, files=None):
        for name, body in bodies.items():
            drop_in(name, source(name, body), files=files)
        ada = request.getfixturevalue("ada")
        ada.lead = request.getfixturevalue("make").lead("Ferienhof Lüders")
        for name in bodies:
            enable(name, actor=SYSTEM)
        return ada

    return start


@pytest.fixture
def tables_go(settings):
    """On PostgreSQL the database outlives the test."""
    names = []
    yield lambda *tables: names.extend(tables)
    for name in names:
        database.execute_sql(f"drop table if exists {name}{'' if hasattr(database.obj, 'pragma') else ' cascade'}")


@pytest.fixture
def failures():
    """{place: message} of what was recorded so far."""

    def read():
        health.flush()
        return {row.place: row.message for row in failure_rows()}

    return read
