"""What the purge of the bin takes, and what it leaves."""

import pytest

from leadboard import jobs
from leadboard.db import execute, now_ms, rows
from leadboard.domain.activities import log_call
from leadboard.domain.leads import delete_leads, restore_leads
from leadboard.domain.purge import DAY_MS, purge_bin
from leadboard.domain.undo import undo_change
from leadboard.errors import NotFound
from leadboard.models import Event, EventValue, Lead
from leadboard.permissions import SYSTEM


@pytest.fixture
def old(make):
    """A lead with a note, a task and a call, deleted 31 days ago."""
    lead = make.lead("Old")
    make.note(lead, "secret")
    make.task(lead, "Call")
    log_call(lead.id, direction="outgoing", outcome="reached", body="said", actor=SYSTEM)
    delete_leads([lead.id], actor=SYSTEM)
    execute("update lead set deleted_at = ?", (now_ms() - 31 * DAY_MS,))
    return lead


def counts():
    return {table: rows(f"select count(*) from {table}")[0][0] for table in ("lead", "lead_text", "note", "task", "activity")}


def test_after_thirty_days_a_deleted_lead_goes_with_all_that_was_typed(make, old):
    make.note(make.lead("Kept"), "stays")
    delete_leads([make.lead("Deleted today").id], actor=SYSTEM)

    purge_bin()

    assert [lead.title for lead in Lead.select().order_by(Lead.id)] == ["Kept", "Deleted today"]
    assert counts() == {"lead": 2, "lead_text": 2, "note": 1, "task": 0, "activity": 0}
    assert EventValue.select().join(Event).where(Event.lead_id == old.id).count() == 0
    assert Event.select().where(Event.lead_id == old.id).count() == 5


def test_a_purge_works_through_more_than_one_batch(make, monkeypatch):
    monkeypatch.setattr("leadboard.domain.purge.BATCH", 2)
    delete_leads([lead.id for lead in make.leads(5)], actor=SYSTEM)

    purge_bin(kept_days=-1)
    purge_bin(kept_days=-1)

    assert counts()["lead"] == 0


def test_what_was_restored_is_kept(make, old):
    restore_leads([old.id], actor=SYSTEM)

    purge_bin()

    assert counts() == {"lead": 1, "lead_text": 1, "note": 1, "task": 1, "activity": 1}


def test_what_was_purged_cannot_be_brought_back(make, old, mona):
    change_set_id = Event.select().order_by(Event.id.desc()).get().change_set_id
    purge_bin()

    with pytest.raises(NotFound):
        undo_change(change_set_id, actor=mona.actor)


def test_the_purge_runs_by_itself_once_a_day(make, old, run_jobs):
    jobs.enqueue_periodic()
    jobs.enqueue_periodic()
    run_jobs()

    assert counts()["lead"] == 0
