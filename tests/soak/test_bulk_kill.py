"""Work on many leads survives kill -9 at any moment: every lead is changed once, in one action, which is taken back as one."""

import signal
import subprocess
import sys
import textwrap

import pytest

from leadboard.db import one, rows
from leadboard.domain.bulk import choose_task, draft_bulk, start_bulk
from leadboard.domain.bulk_undo import start_bulk_undo
from leadboard.jobs import run_due
from leadboard.queries.bulk import load_bulk
from tests.support.processes import ROOT, until

pytestmark = pytest.mark.soak

LEADS, KILLS = 2000, 8
WORKER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from leadboard.app import create_app
    from leadboard.config import Settings
    from leadboard.db import execute
    from leadboard.jobs import run_due

    app = create_app(Settings(instance=Path(sys.argv[1]), database_url=sys.argv[2], secret_key="t" * 40, testing=True))
    execute("update job set lease_until = 0 where state = 'running'")
    run_due()
""")


def test_kills_repeat_and_forget_no_lead(app, settings, make, mona):
    make.leads(LEADS)
    run_id = draft_bulk("lead", actor=mona.actor, args={})
    choose_task(run_id, {"verb": "edit", "values": {"city": "Gdynia"}}, actor=mona.actor)
    start_bulk(run_id, actor=mona.actor)

    for _ in range(KILLS):
        before = load_bulk(run_id).done
        command = [sys.executable, "-c", WORKER, str(settings.instance), settings.database_url]
        worker = subprocess.Popen(command, cwd=ROOT)
        until(lambda at=before, child=worker: load_bulk(run_id).done > at or child.poll() is not None or None, "progress")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert load_bulk(run_id).done > 0
    rows("update job set lease_until = 0 where state = 'running' returning id")
    run_due()

    run = load_bulk(run_id)
    assert (run.state, run.done, run.counts) == ("done", LEADS, {"changed": LEADS})
    assert rows(
        "select count(*), count(distinct record_id), count(distinct change_set_id) from event where kind = 'lead_updated'"
    ) == [(LEADS, LEADS, 1)]
    undo_id = start_bulk_undo(run.change_set_id, actor=mona.actor)
    run_due()
    assert load_bulk(undo_id).counts == {"changed": LEADS}
    assert one("select count(*) from lead where city <> ''") == (0,)
