"""A plugin that one process turns on or off is on or off in another with its next request: real processes, one database."""

import subprocess
import sys

from tests.plugins.conftest import source
from tests.support.plugin_projects import ROOT, environment

ROUTE = """
bp = PluginBlueprint("one")

@bp.get("/hello")
@needs(Permission.READ)
def hello():
    return "hello"

@hookimpl
def register_routes():
    return [bp]

@hookimpl
def board_badges(leads):
    return {lead.id: [Badge("from one")] for lead in leads}
"""


def test_on_and_off_elsewhere_is_seen_by_the_next_request(drop_in, settings, request):
    drop_in("one", source("one", ROUTE))
    anna = request.getfixturevalue("anna")
    request.getfixturevalue("make").lead(owner=anna.user)

    def seen():
        return anna.get("/p/one/hello").status_code, "from one" in anna.get("/").text

    assert seen() == (404, False)
    for verb, expected in (("enable", (200, True)), ("disable", (404, False)), ("enable", (200, True))):
        leadboard(settings, "plugins", verb, "one")
        assert seen() == expected


def leadboard(settings, *arguments):
    env = {**environment(), "LEADBOARD_INSTANCE": str(settings.instance), "LEADBOARD_SECRET_KEY": settings.secret_key}
    if settings.database_url:
        env["LEADBOARD_DATABASE_URL"] = settings.database_url
    command = [sys.executable, "-m", "leadboard", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
