"""Calls that were written down."""

from datetime import date

import pytest

from leadboard.db import now_ms
from leadboard.domain.activities import delete_activity, log_call
from leadboard.domain.tasks import NextStep
from leadboard.domain.undo import undo_change
from leadboard.errors import NotAllowed, NotFound, Refused
from leadboard.models import Activity, ChangeSet, Event, Lead, Task

FRIDAY = date(2026, 11, 27)


def test_a_call_is_kept_and_touches_the_lead(make, anna):
    lead = make.lead()
    Lead.update(last_touch_at=1000).execute()

    added = log_call(
        lead.id, direction="incoming", outcome="reached", body="Wants **40 seats**", duration_seconds=240, actor=anna.actor
    )

    call = Activity.get_by_id(added.id)
    assert (call.lead_id, call.kind, call.direction, call.outcome, call.body, call.duration_seconds, call.author_id) == (
        lead.id, "call", "incoming", "reached", "Wants **40 seats**", 240, anna.id,
    )  # fmt: skip
    assert Lead.get_by_id(lead.id).last_touch_at == call.at


def test_a_call_and_its_next_step_are_one_change(make, anna, ben):
    lead = make.lead()
    before = ChangeSet.select().count()

    added = log_call(
        lead.id, direction="outgoing", outcome="no_answer", next_step=NextStep("Call again", FRIDAY, ben.id), actor=anna.actor
    )

    assert [(task.title, task.due_on, task.assignee_id) for task in Task.select()] == [("Call again", FRIDAY, ben.id)]
    assert (ChangeSet.select().count() - before, Lead.get_by_id(lead.id).next_task_on) == (1, FRIDAY)

    undo_change(added.change_set_id, actor=anna.actor)
    assert Activity.get_by_id(added.id).deleted_at is not None
    assert Lead.get_by_id(lead.id).next_task_id is None


def test_a_step_that_is_refused_takes_the_call_with_it(make, anna, vera):
    lead = make.lead()

    for step, field in ((NextStep(""), "next_title"), (NextStep("Call", None, vera.id), "next_assignee")):
        with pytest.raises(Refused) as refusal:
            log_call(lead.id, direction="incoming", outcome="reached", next_step=step, actor=anna.actor)
        assert refusal.value.field == field

    assert (Activity.select().count(), Event.select().count()) == (0, 1)


@pytest.mark.parametrize(
    "values, field",
    [
        ({"direction": "sideways"}, "direction"),
        ({"outcome": ""}, "outcome"),
        ({"duration_seconds": -1}, "duration"),
        ({"duration_seconds": 86_401}, "duration"),
        ({"body": "x" * 20_001}, "body"),
        ({"at": 2**42}, "at"),
    ],
)
def test_what_is_no_call_is_refused(values, field, make, anna):
    lead = make.lead()

    with pytest.raises(Refused) as refusal:
        log_call(lead.id, **{"direction": "incoming", "outcome": "reached", "actor": anna.actor, **values})

    assert (refusal.value.field, Activity.select().count()) == (field, 0)


def test_a_call_of_yesterday_can_be_written_down(make, anna):
    yesterday = now_ms() - 86_400_000

    added = log_call(make.lead().id, direction="incoming", outcome="reached", at=yesterday, actor=anna.actor)

    assert Activity.get_by_id(added.id).at.timestamp() * 1000 == pytest.approx(yesterday, abs=1)


@pytest.mark.parametrize("who, allowed", [("anna", True), ("ben", False), ("mona", True), ("vera", False)])
def test_its_author_and_managers_delete_a_call_and_bring_it_back(who, allowed, make, anna, request):
    person = request.getfixturevalue(who)
    added = log_call(make.lead().id, direction="incoming", outcome="reached", actor=anna.actor)

    if not allowed:
        with pytest.raises(NotAllowed):
            delete_activity(added.id, actor=person.actor)
        assert Activity.get_by_id(added.id).deleted_at is None
        return
    deleted = delete_activity(added.id, actor=person.actor)
    with pytest.raises(NotFound):
        delete_activity(added.id, actor=person.actor)
    undo_change(deleted, actor=person.actor)

    assert Activity.get_by_id(added.id).deleted_at is None


def test_calls_of_a_lead_out_of_sight_do_not_exist(make, anna, ben):
    make.set_up(member_visibility="own")
    lead = make.lead(owner=anna.user)
    added = log_call(lead.id, direction="incoming", outcome="reached", actor=anna.actor)

    for verb in (
        lambda: log_call(lead.id, direction="incoming", outcome="reached", actor=ben.actor),
        lambda: delete_activity(added.id, actor=ben.actor),
    ):
        with pytest.raises(NotFound):
            verb()
