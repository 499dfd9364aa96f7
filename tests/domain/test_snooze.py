"""Leads that leave the board for a while."""

from datetime import date, timedelta

import pytest

from leadboard.db import execute
from leadboard.domain.moves import move_lead, snooze_lead, wake_due_leads, wake_lead
from leadboard.domain.undo import undo_change
from leadboard.errors import NotAllowed, Refused
from leadboard.models import Event, Lead
from leadboard.permissions import SYSTEM
from tests.support.cards import ids_of, kinds

TODAY = date(2026, 11, 20)
SOON = TODAY + timedelta(days=7)


def test_a_snoozed_lead_leaves_the_board_and_wakes_on_top(make, anna):
    lead, other = make.leads(2)
    stage = make.stage("New")

    asleep = snooze_lead(lead.id, until=SOON, today=TODAY, actor=anna.actor)
    assert ids_of(stage) == [other.id]
    assert (Lead.get_by_id(lead.id).snoozed_until, asleep.version) == (SOON, 2)

    execute("update lead set stage_entered_at = 0, last_touch_at = 0")
    wake_lead(lead.id, actor=anna.actor)
    after = Lead.get_by_id(lead.id)
    assert ids_of(stage) == [lead.id, other.id]
    assert (after.version, after.stage_entered_at.year > 2000, after.last_touch_at.year > 2000) == (3, True, True)
    assert kinds()[-2:] == ["lead_snoozed", "lead_woken"]


@pytest.mark.parametrize("until", [TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=4000)])
def test_a_day_that_is_no_day_to_wait_for_is_refused(until, make, anna):
    lead = make.lead()

    with pytest.raises(Refused) as refusal:
        snooze_lead(lead.id, until=until, today=TODAY, actor=anna.actor)

    assert refusal.value.field == "until"
    assert Lead.get_by_id(lead.id).snoozed_until is None


def test_viewers_neither_snooze_nor_wake(make, vera):
    lead = make.lead()
    with pytest.raises(NotAllowed):
        snooze_lead(lead.id, until=SOON, today=TODAY, actor=vera.actor)
    with pytest.raises(NotAllowed):
        wake_lead(lead.id, actor=vera.actor)


def test_leads_wake_on_their_day_by_themselves(make):
    due, later, awake = make.leads(3)
    snooze_lead(due.id, until=SOON, today=TODAY, actor=SYSTEM)
    snooze_lead(later.id, until=SOON + timedelta(days=1), today=TODAY, actor=SYSTEM)

    assert wake_due_leads(SOON - timedelta(days=1)) == 0
    assert wake_due_leads(SOON) == 1
    assert wake_due_leads(SOON) == 0

    assert ids_of(make.stage("New")) == [due.id, awake.id]
    assert [event.actor_kind for event in Event.select().where(Event.kind == "lead_woken")] == ["system"]


def test_moving_a_snoozed_lead_wakes_it(make, anna):
    lead = make.lead()
    snooze_lead(lead.id, until=SOON, today=TODAY, actor=anna.actor)
    execute("update lead set stage_entered_at = 0")

    moved = move_lead(lead.id, to_stage_id=lead.stage_id, actor=anna.actor)

    after = Lead.get_by_id(lead.id)
    assert (after.snoozed_until, after.version, moved.version, after.stage_entered_at.year > 2000) == (None, 3, 3, True)
    undo_change(moved.change_set_id, actor=anna.actor)
    assert Lead.get_by_id(lead.id).snoozed_until == SOON


def test_snoozing_and_waking_are_undone(make, anna):
    lead, other = make.leads(2)
    stage = make.stage("New")
    asleep = snooze_lead(lead.id, until=SOON, today=TODAY, actor=anna.actor)
    undo_change(asleep.change_set_id, actor=anna.actor)
    assert ids_of(stage) == [other.id, lead.id]

    snooze_lead(lead.id, until=SOON, today=TODAY, actor=anna.actor)
    awake = wake_lead(lead.id, actor=anna.actor)
    undo_change(awake.change_set_id, actor=anna.actor)
    assert (Lead.get_by_id(lead.id).snoozed_until, ids_of(stage)) == (SOON, [other.id])


def test_waking_a_lead_that_is_awake_changes_nothing(make, anna):
    lead, _ = make.leads(2)

    assert wake_lead(lead.id, actor=anna.actor).change_set_id is None
    assert Lead.get_by_id(lead.id).position == lead.position
    assert kinds() == ["lead_created", "lead_created"]
