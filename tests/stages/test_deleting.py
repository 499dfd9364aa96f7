"""Deleting a stage: no lead is lost, one undo brings all of it back."""

import threading

import pytest

from leadboard.db import database, execute, forget_connection, is_sqlite, one, rows
from leadboard.domain.moves import move_lead
from leadboard.domain.pipelines import add_stage, update_stage
from leadboard.domain.stage_deleting import delete_stage
from leadboard.domain.undo import undo_change
from leadboard.errors import NotAllowed, Refused
from leadboard.models import FoldedStage, Lead, Stage
from leadboard.permissions import SYSTEM
from leadboard.queries.pipelines import pipeline
from leadboard.queries.pipelines import stage as read_stage


def board_of(pipeline_id):
    return {
        stage.name: [lead.title for lead in Lead.select().where(Lead.stage == stage.id).order_by(Lead.position)]
        for stage in pipeline(pipeline_id).stages
    }


def test_one_undo_brings_back_the_stage_its_rules_and_its_leads_in_their_order(make, ada):
    sales = make.pipeline("Sales").id
    for number in range(4):
        make.lead(f"Lead {number}", stage="Meeting")
    make.lead("Elsewhere", stage="Offer")
    meeting, offer = make.stage("Meeting").id, make.stage("Offer").id
    update_stage(meeting, actor=ada.actor, needs=["email"], touch_days=7, leads_to=[offer], tone="pink")
    update_stage(make.stage("New").id, actor=ada.actor, leads_to=[meeting])
    before, stage_before = board_of(sales), read_stage(meeting)

    done = delete_stage(meeting, actor=ada.actor, move_to=offer)
    assert done.moved == 4
    assert board_of(sales)["Offer"] == ["Elsewhere", "Lead 3", "Lead 2", "Lead 1", "Lead 0"]
    assert read_stage(make.stage("New").id).leads_to == ()

    undone = undo_change(done.change_set_id, actor=ada.actor)
    assert (undone.count, undone.kept) == (5, 0)
    assert board_of(sales) == before
    assert read_stage(meeting) == stage_before
    with pytest.raises(Refused):
        undo_change(done.change_set_id, actor=ada.actor)


def test_a_lead_that_somebody_moved_since_stays_there(make, ada, anna):
    make.pipeline("Sales")
    first, second = make.lead("A", stage="Meeting"), make.lead("B", stage="Meeting")
    done = delete_stage(make.stage("Meeting").id, actor=ada.actor, move_to=make.stage("Offer").id)
    move_lead(first.id, to_stage_id=make.stage("New").id, actor=anna.actor)
    move_lead(first.id, to_stage_id=make.stage("Offer").id, actor=anna.actor)

    undone = undo_change(done.change_set_id, actor=ada.actor)

    assert undone.kept == 1
    assert [Lead.get_by_id(lead.id).stage.name for lead in (first, second)] == ["Offer", "Meeting"]


def test_a_lead_closed_by_it_is_open_again(make, ada):
    make.pipeline("Sales")
    lead = make.lead("A", stage="Meeting")
    done = delete_stage(make.stage("Meeting").id, actor=ada.actor, move_to=make.stage("Lost").id)
    assert Lead.get_by_id(lead.id).closed_at is not None

    undo_change(done.change_set_id, actor=ada.actor)

    found = Lead.get_by_id(lead.id)
    assert (found.closed_at, found.lost_reason_id) == (None, None)


def test_its_name_may_be_taken_meanwhile(make, ada):
    sales = make.pipeline("Sales").id
    done = delete_stage(make.stage("Meeting").id, actor=ada.actor)
    add_stage(sales, actor=ada.actor, name="meeting", kind="open", probability=1, tone="blue")

    with pytest.raises(Refused, match="this name already"):
        undo_change(done.change_set_id, actor=ada.actor)


def test_only_who_may_change_stages_takes_it_back(make, ada, mona):
    make.pipeline("Sales")
    done = delete_stage(make.stage("Meeting").id, actor=ada.actor)
    with pytest.raises(NotAllowed):
        undo_change(done.change_set_id, actor=mona.actor)


def test_the_page_offers_the_undo(make, ada, html):
    sales = make.pipeline("Sales").id
    make.lead("A", stage="Meeting")
    answer = ada.post(f"/admin/pipelines/stages/{make.stage('Meeting').id}/delete", {"move_to": make.stage("Offer").id})
    page = html(ada.get(answer.location))
    undo = next(form for form in page.all("form[data-undo]") if form.attrs["action"] != "#")
    assert "1 lead was moved" in undo.parent.text
    ada.post(undo.attrs["action"])
    assert board_of(sales)["Meeting"] == ["A"]


# ---------------------------------------------------------------------------------------------- kept by the database


@pytest.mark.parametrize("name", ["Won", "Lost"])
def test_the_database_itself_keeps_the_last_of_a_kind(make, name):
    make.pipeline("Sales")
    stage = make.stage(name)
    for sql in ("delete from stage where id = ?", "update stage set kind = 'open' where id = ?"):
        with pytest.raises(Exception, match="keeps a stage of each kind"), database.atomic():
            execute(sql, (stage.id,))
    assert Stage.get_by_id(stage.id).kind == name.lower()


def test_two_who_delete_at_once_leave_one(make, sales_of_two_won):
    """Also when neither goes through our functions, which take turns by themselves."""
    first, second = sales_of_two_won
    barrier, errors = threading.Barrier(2), []

    def delete(stage_id):
        try:
            barrier.wait()
            with database.atomic():
                execute("delete from stage where id = ?", (stage_id,))
        except Exception as error:
            errors.append(str(error))
        finally:
            forget_connection()

    threads = [threading.Thread(target=delete, args=(stage_id,)) for stage_id in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert one("select count(*) from stage where kind = 'won'") == (1,)
    assert len(errors) == 1


def test_two_admins_who_delete_at_once_leave_one_and_the_second_is_told(make, sales_of_two_won):
    barrier, told = threading.Barrier(2), []

    def delete(stage_id):
        try:
            barrier.wait()
            delete_stage(stage_id, actor=SYSTEM)
        except Refused as refusal:
            told.append(str(refusal))
        finally:
            forget_connection()

    threads = [threading.Thread(target=delete, args=(stage_id,)) for stage_id in sales_of_two_won]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert one("select count(*) from stage where kind = 'won'") == (1,)
    assert len(told) == 1
    assert "is the only won stage" in told[0]


@pytest.fixture
def sales_of_two_won(make):
    sales = make.pipeline("Sales").id
    made = add_stage(sales, actor=SYSTEM, name="Signed", kind="won", probability=100, tone="green")
    return make.stage("Won").id, made


def test_a_deleted_stage_leaves_nothing_behind(make, ada, anna):
    make.pipeline("Sales")
    stage = make.stage("Meeting")
    FoldedStage.create(user=anna.actor.id, stage=stage)
    delete_stage(stage.id, actor=ada.actor)
    assert rows("select 1 from folded_stage") == []
    if is_sqlite():
        assert rows("pragma foreign_key_check") == []
