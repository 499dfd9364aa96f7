"""What the lead page reads: names, who set what, days in stages."""

from datetime import date
from types import SimpleNamespace

import pytest

from leadboard.domain.leads import update_lead
from leadboard.domain.moves import move_lead, snooze_lead, wake_lead
from leadboard.domain.undo import undo_change
from leadboard.errors import NotFound
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_page import DAY_MS, Setter, history_of, one_lead, with_current

START = 1_700_000_000_000


@pytest.fixture
def on_day(monkeypatch):
    """on_day(3): from here on it is three days after the start; gives the moment."""

    def set_clock(days):
        now = START + round(days * DAY_MS)
        monkeypatch.setattr("leadboard.db.time", SimpleNamespace(time_ns=lambda: now * 1_000_000))
        return now

    return set_clock


def days_of(lead, make, now):
    names = {stage.id: stage.name for stage in make.stage("New").pipeline.stages}
    spent = history_of(one_lead(lead.id, SYSTEM), now=now).stages
    return {names[stage]: milliseconds / DAY_MS for stage, milliseconds in spent.items() if milliseconds}


def test_days_are_counted_in_every_stage(make, on_day):
    on_day(0)
    lead = make.lead()
    on_day(1)
    move_lead(lead.id, to_stage_id=make.stage("Contacted").id, actor=SYSTEM)
    on_day(5)
    move_lead(lead.id, to_stage_id=make.stage("New").id, actor=SYSTEM)
    on_day(6)
    move_lead(lead.id, to_stage_id=make.stage("Meeting").id, actor=SYSTEM)

    assert days_of(lead, make, on_day(8.5)) == {"New": 2, "Contacted": 4, "Meeting": 2.5}


def test_a_lead_that_never_moved_counts_from_its_entry(make, on_day):
    on_day(10)
    lead = make.lead()
    Lead.update(stage_entered_at=START).execute()

    assert days_of(lead, make, on_day(12)) == {"New": 12}
    move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=SYSTEM)
    assert days_of(lead, make, on_day(13)) == {"New": 12, "Offer": 1}


def test_days_off_the_board_and_after_the_end_do_not_count(make, on_day):
    on_day(0)
    lead = make.lead()
    on_day(2)
    snooze_lead(lead.id, until=date(2030, 1, 1), today=date(2029, 12, 1), actor=SYSTEM)
    assert days_of(lead, make, on_day(50)) == {"New": 2}
    wake_lead(lead.id, actor=SYSTEM)
    on_day(53)
    move_lead(lead.id, to_stage_id=make.stage("Won").id, actor=SYSTEM)

    assert days_of(lead, make, on_day(90)) == {"New": 5}


def test_a_move_taken_back_leaves_the_days_where_they_were(make, on_day):
    on_day(0)
    lead = make.lead()
    on_day(3)
    moved = move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=SYSTEM)
    undo_change(moved.change_set_id, actor=SYSTEM)

    assert days_of(lead, make, on_day(4)) == {"New": 4}


def test_the_last_who_set_a_field_is_told(make, anna, on_day):
    on_day(0)
    lead = make.lead(city="Gdańsk", phone="1")
    at = on_day(1)
    update_lead(lead.id, {"city": "Sopot"}, actor=anna.actor)

    setters = history_of(one_lead(lead.id, SYSTEM), now=at).setters

    assert (setters["city"], setters["phone"], setters.get("region")) == (Setter(at, "Anna Kowalska"), Setter(START, ""), None)


def test_a_lead_comes_with_its_names(make, anna, ben):
    source = make.source("Fair")
    lead = make.lead(owner=anna.user, source=source.id)

    row = one_lead(lead.id, ben.actor)

    assert (row["owner_name"], row["source_name"], row["stage_name"], row["stage_kind"]) == (
        "Anna Kowalska",
        "Fair",
        "New",
        "open",
    )
    make.set_up(member_visibility="own")
    with pytest.raises(NotFound):
        one_lead(lead.id, ben.actor)


def test_what_is_set_now_stays_a_choice():
    assert with_current([(1, "a")], 2, "gone") == [(1, "a"), (2, "gone")]
    assert with_current([(1, "a")], 1, "a") == with_current([(1, "a")], None, None) == [(1, "a")]
