"""Taking moves back: to the very place, to the one beside it, or not at all."""

import pytest

from leadboard.db import execute
from leadboard.domain.leads import update_lead
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, Refused
from leadboard.models import Lead
from tests.support.cards import ids_of


def test_undo_puts_the_card_back_to_its_very_place(make, anna):
    leads = make.leads(3)
    stage = make.stage("New")
    before = Lead.get_by_id(leads[1].id)
    reason = make.lost_reason()
    moved = move_lead(leads[1].id, to_stage_id=make.stage("Lost").id, loss=Loss(reason.id, "Rival"), actor=anna.actor)

    undo_change(moved.change_set_id, actor=anna.actor)

    after = Lead.get_by_id(leads[1].id)
    assert ids_of(stage) == [leads[2].id, leads[1].id, leads[0].id]
    for column in ("stage_id", "position", "closed_at", "lost_reason_id", "lost_to", "stage_entered_at"):
        assert getattr(after, column) == getattr(before, column), column
    assert after.version == 3


def test_undo_puts_the_card_beside_the_one_that_took_its_place(make, anna):
    lead, other, top = make.leads(3)
    stage = make.stage("New")
    moved = move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)
    execute("update lead set position = ? where id = ?", (lead.position, other.id))

    undo_change(moved.change_set_id, actor=anna.actor)

    assert ids_of(stage) == [top.id, lead.id, other.id]


def test_undo_of_a_reorder_and_of_that_undo(make, anna):
    low, high = make.leads(2)
    stage = make.stage("New")
    moved = move_lead(low.id, to_stage_id=stage.id, before_id=high.id, actor=anna.actor)
    assert ids_of(stage) == [low.id, high.id]

    undone = undo_change(moved.change_set_id, actor=anna.actor)
    assert ids_of(stage) == [high.id, low.id]
    undo_change(undone.change_set_id, actor=anna.actor)
    assert ids_of(stage) == [low.id, high.id]


def test_a_move_is_undone_once(make, anna):
    lead = make.lead()
    moved = move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)
    undo_change(moved.change_set_id, actor=anna.actor)

    with pytest.raises(Refused):
        undo_change(moved.change_set_id, actor=anna.actor)


@pytest.mark.parametrize("back_again", [False, True])
def test_undo_is_refused_when_somebody_moved_it_since(back_again, make, anna, ben):
    lead = make.lead("Baltic Foods")
    meeting = make.stage("Meeting")
    moved = move_lead(lead.id, to_stage_id=meeting.id, actor=anna.actor)
    update_lead(lead.id, {"city": "Gdynia"}, actor=anna.actor)
    move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=ben.actor)
    if back_again:
        move_lead(lead.id, to_stage_id=meeting.id, actor=ben.actor)

    with pytest.raises(Conflict) as conflict:
        undo_change(moved.change_set_id, actor=anna.actor)

    assert conflict.value.params == {"title": "Baltic Foods", "by": "Ben Carter"}
    assert Lead.get_by_id(lead.id).stage.name == ("Meeting" if back_again else "Offer")


def test_undo_after_the_stage_was_removed_is_refused(make, anna):
    lead = make.lead()
    moved = move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)
    execute("delete from stage where name = 'New'")

    with pytest.raises(Conflict):
        undo_change(moved.change_set_id, actor=anna.actor)

    assert Lead.get_by_id(lead.id).stage.name == "Offer"


def test_undo_of_a_move_across_boards_goes_back_to_the_first(make, anna):
    lead = make.lead()
    moved = move_lead(lead.id, to_stage_id=make.stage("New", make.pipeline("Partners")).id, actor=anna.actor)

    undo_change(moved.change_set_id, actor=anna.actor)

    after = Lead.get_by_id(lead.id)
    assert (after.pipeline_id, after.stage_id) == (lead.pipeline_id, lead.stage_id)


@pytest.mark.parametrize("who, allowed", [("anna", True), ("ben", False), ("vera", False), ("mona", True)])
def test_who_did_it_or_a_manager_takes_it_back(who, allowed, make, anna, request):
    lead = make.lead()
    moved = move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)
    actor = request.getfixturevalue(who).actor

    if allowed:
        undo_change(moved.change_set_id, actor=actor)
    else:
        with pytest.raises(NotAllowed):
            undo_change(moved.change_set_id, actor=actor)

    assert Lead.get_by_id(lead.id).stage.name == ("New" if allowed else "Offer")
