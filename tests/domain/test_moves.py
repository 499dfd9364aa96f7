"""Moving leads between stages, inside one, and to other boards."""

from datetime import date, timedelta

import pytest

from leadboard.db import execute
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.moves import Loss, Place, move_lead, snooze_lead, wake_lead
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.events import events_after
from leadboard.models import Event, Lead, Task
from tests.support.cards import ids_of, kinds

TODAY = date(2026, 11, 20)
SOON = TODAY + timedelta(days=7)


def last_event():
    return events_after(0, limit=1000)[-1]


# ---------------------------------------------------------------------------------------------- between stages


def test_a_move_changes_stage_version_and_clock_and_is_told(make, anna):
    lead = make.lead(owner=anna.user)
    meeting = make.stage("Meeting")
    execute("update lead set stage_entered_at = 0")

    moved = move_lead(lead.id, to_stage_id=meeting.id, actor=anna.actor)

    after = Lead.get_by_id(lead.id)
    assert (moved.lead_id, moved.from_stage_id, moved.to_stage_id, moved.stage_name, moved.stage_kind, moved.version) == (
        lead.id,
        lead.stage_id,
        meeting.id,
        "Meeting",
        "open",
        2,
    )
    assert (after.stage_id, after.version, after.closed_at) == (meeting.id, 2, None)
    assert after.stage_entered_at.year >= 2025
    event = last_event()
    assert (event.kind, event.actor_id, event.change_set_id) == ("lead_moved", anna.id, moved.change_set_id)
    assert event.data == {
        "version": 2,
        "stage": meeting.id,
        "pipeline": lead.pipeline_id,
        "from_stage": lead.stage_id,
        "from_pipeline": lead.pipeline_id,
        "from_position": lead.position,
    }


@pytest.mark.parametrize("who, allowed", [("vera", False), ("anna", True), ("ben", True), ("mona", True), ("ada", True)])
def test_everybody_but_viewers_moves_leads(who, allowed, make, anna, request):
    actor = request.getfixturevalue(who).actor
    lead = make.lead(owner=anna.user)

    if allowed:
        move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=actor)
    else:
        with pytest.raises(NotAllowed):
            move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=actor)

    assert Lead.get_by_id(lead.id).stage.name == ("Offer" if allowed else "New")


def test_a_stranger_to_a_lead_cannot_move_snooze_or_wake_it(make, anna, ben):
    make.set_up(member_visibility="own")
    lead = make.lead(owner=anna.user)

    with pytest.raises(NotFound):
        move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=ben.actor)
    with pytest.raises(NotFound):
        snooze_lead(lead.id, until=SOON, today=TODAY, actor=ben.actor)
    with pytest.raises(NotFound):
        wake_lead(lead.id, actor=ben.actor)

    assert kinds() == ["lead_created"]


def test_a_deleted_lead_does_not_move(make, anna):
    lead = make.lead(owner=anna.user)
    delete_leads([lead.id], actor=anna.actor)

    with pytest.raises(NotFound):
        move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)


def test_a_stage_that_has_gone_is_refused(make, anna):
    lead = make.lead()

    with pytest.raises(Refused) as refusal:
        move_lead(lead.id, to_stage_id=9999, actor=anna.actor)

    assert refusal.value.field == "stage"


def test_a_stage_of_another_board_is_refused_on_this_one(make, anna):
    lead = make.lead()
    other = make.pipeline("Partners")
    foreign = make.stage("Meeting", other)

    for board_id in (lead.pipeline_id, other.id, 9999):
        with pytest.raises(Refused):
            move_lead(lead.id, to_stage_id=foreign.id, board_id=board_id, actor=anna.actor)
    assert Lead.get_by_id(lead.id).stage_id == lead.stage_id

    move_lead(lead.id, to_stage_id=foreign.id, actor=anna.actor)  # from the lead's own page it may
    after = Lead.get_by_id(lead.id)
    assert (after.pipeline_id, after.stage_id) == (other.id, foreign.id)


def test_an_archived_pipeline_takes_no_leads(make, anna):
    lead = make.lead()
    other = make.pipeline("Old")
    execute("update pipeline set archived_at = 1 where id = ?", (other.id,))

    with pytest.raises(Refused):
        move_lead(lead.id, to_stage_id=make.stage("New", other).id, actor=anna.actor)


# ---------------------------------------------------------------------------------------------- inside a stage


def test_a_card_goes_above_below_or_on_top(make, anna):
    a, b, c, d = (lead.id for lead in make.leads(4))
    stage = make.stage("New")
    assert ids_of(stage) == [d, c, b, a]

    move_lead(a, to_stage_id=stage.id, before_id=c, actor=anna.actor)
    assert ids_of(stage) == [d, a, c, b]
    move_lead(d, to_stage_id=stage.id, after_id=b, actor=anna.actor)
    assert ids_of(stage) == [a, c, b, d]
    move_lead(b, to_stage_id=stage.id, actor=anna.actor)
    assert ids_of(stage) == [b, a, c, d]


def test_a_new_place_in_the_stage_keeps_version_and_clock(make, anna):
    first, second = make.leads(2)
    execute("update lead set stage_entered_at = 12345")

    moved = move_lead(first.id, to_stage_id=first.stage_id, before_id=second.id, actor=anna.actor)

    after = Lead.get_by_id(first.id)
    assert (moved.version, after.version, after.stage_entered_at.timestamp()) == (1, 1, 12.345)
    assert kinds() == ["lead_created", "lead_created", "lead_moved"]


@pytest.mark.parametrize("how", ["before", "after", "both", "itself"])
def test_a_card_dropped_where_it_is_changes_nothing(how, make, anna):
    below, lead, above = make.leads(3)
    where = {
        "before": {"before_id": below.id},
        "after": {"after_id": above.id},
        "both": {"before_id": below.id, "after_id": above.id},
        "itself": {"before_id": lead.id},
    }[how]

    moved = move_lead(lead.id, to_stage_id=lead.stage_id, version=1, actor=anna.actor, **where)

    assert (moved.change_set_id, moved.version) == (None, 1)
    assert Lead.get_by_id(lead.id).position == lead.position
    assert kinds() == ["lead_created"] * 3


def test_the_top_card_dropped_on_top_changes_nothing(make, anna):
    _, top = make.leads(2)

    assert move_lead(top.id, to_stage_id=top.stage_id, actor=anna.actor).change_set_id is None


def test_a_neighbour_that_has_gone_is_no_error(make, anna):
    lead, gone, left = make.leads(3)
    meeting = make.stage("Meeting")
    for other in (gone, left):
        move_lead(other.id, to_stage_id=meeting.id, actor=anna.actor)
    move_lead(gone.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)

    move_lead(lead.id, to_stage_id=meeting.id, before_id=gone.id, after_id=left.id, actor=anna.actor)
    assert ids_of(meeting) == [left.id, lead.id]

    move_lead(lead.id, to_stage_id=meeting.id, before_id=gone.id, after_id=9999, actor=anna.actor)
    assert ids_of(meeting) == [lead.id, left.id]


# ---------------------------------------------------------------------------------------------- two people


def test_a_card_that_somebody_moved_first_conflicts_and_says_where_it_is(make, anna, ben):
    lead = make.lead("Baltic Foods")
    meeting, offer = make.stage("Meeting"), make.stage("Offer")
    move_lead(lead.id, to_stage_id=meeting.id, version=1, actor=anna.actor)

    with pytest.raises(Conflict) as conflict:
        move_lead(lead.id, to_stage_id=offer.id, version=1, actor=ben.actor)

    assert conflict.value.details == Place(lead.id, meeting.id, "Meeting", 2)
    assert conflict.value.params == {"title": "Baltic Foods", "stage": "Meeting"}
    assert Lead.get_by_id(lead.id).stage_id == meeting.id


def test_an_edit_or_a_new_place_in_between_is_no_conflict(make, anna, ben):
    lead, other = make.leads(2)
    update_lead(lead.id, {"city": "Gdynia"}, version=1, actor=anna.actor)
    move_lead(lead.id, to_stage_id=lead.stage_id, before_id=other.id, actor=anna.actor)

    moved = move_lead(lead.id, to_stage_id=make.stage("Offer").id, version=1, actor=ben.actor)

    assert moved.version == 3


def test_a_lead_put_to_sleep_in_between_conflicts(make, anna, ben):
    lead = make.lead()
    snooze_lead(lead.id, until=SOON, today=TODAY, actor=anna.actor)

    with pytest.raises(Conflict):
        move_lead(lead.id, to_stage_id=make.stage("Offer").id, version=1, actor=ben.actor)


# ---------------------------------------------------------------------------------------------- won and lost


def test_a_lost_lead_needs_a_reason(make, anna):
    lead = make.lead("Baltic Foods")

    with pytest.raises(Refused) as refusal:
        move_lead(lead.id, to_stage_id=make.stage("Lost").id, actor=anna.actor)

    assert refusal.value.field == "lost_reason"
    assert Lead.get_by_id(lead.id).stage_id == lead.stage_id


def test_a_reason_that_has_gone_and_a_rival_too_long_are_refused(make, anna):
    lead, reason = make.lead(), make.lost_reason("Price")
    lost = make.stage("Lost").id

    with pytest.raises(Refused) as refusal:
        move_lead(lead.id, to_stage_id=lost, loss=Loss(9999), actor=anna.actor)
    assert refusal.value.field == "lost_reason"
    with pytest.raises(Refused) as refusal:
        move_lead(lead.id, to_stage_id=lost, loss=Loss(reason.id, "x" * 121), actor=anna.actor)
    assert refusal.value.field == "lost_to"
    assert Lead.get_by_id(lead.id).stage_id == lead.stage_id


def test_losing_keeps_reason_rival_and_a_day_to_come_back(make, anna):
    lead, reason = make.lead(owner=anna.user), make.lost_reason("Price")

    move_lead(
        lead.id, to_stage_id=make.stage("Lost").id, loss=Loss(reason.id, " Acme\n Rival ", come_back_on=SOON), actor=anna.actor
    )

    after = Lead.get_by_id(lead.id)
    assert (after.lost_reason_id, after.lost_to, after.closed_at is None) == (reason.id, "Acme Rival", False)
    task = Task.get()
    assert (task.lead_id, task.due_on, task.assignee_id, after.next_task_id) == (lead.id, SOON, anna.id, task.id)
    assert len({event.change_set_id for event in Event.select().where(Event.kind != "lead_created")}) == 1


def test_a_lead_that_comes_back_forgets_why_it_was_lost(make, anna):
    lead, reason = make.lead(), make.lost_reason()
    move_lead(lead.id, to_stage_id=make.stage("Lost").id, loss=Loss(reason.id, "Rival"), actor=anna.actor)

    move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)

    after = Lead.get_by_id(lead.id)
    assert (after.lost_reason_id, after.lost_to, after.closed_at) == (None, "", None)


def test_winning_closes_and_going_back_opens(make, anna):
    lead = make.lead()

    move_lead(lead.id, to_stage_id=make.stage("Won").id, actor=anna.actor)
    assert Lead.get_by_id(lead.id).closed_at is not None
    move_lead(lead.id, to_stage_id=make.stage("New").id, actor=anna.actor)
    assert Lead.get_by_id(lead.id).closed_at is None
