"""Next steps, and the lead's own next step that follows from them."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.tasks import add_task, change_task, complete_task, delete_task, reopen_task
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.models import Event, EventValue, Lead, Task
from leadboard.permissions import SYSTEM

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)


def next_step(lead: Lead) -> tuple[str | None, date | None]:
    lead = Lead.get_by_id(lead.id)
    return (Task.get_by_id(lead.next_task_id).title if lead.next_task_id else None, lead.next_task_on)


def test_a_step_is_the_next_one_and_its_makers(make, anna):
    lead = make.lead()

    added = add_task(lead.id, title="  Call  about the offer ", due_on=FRIDAY, actor=anna.actor)

    task = Task.get_by_id(added.id)
    assert (task.title, task.due_on, task.assignee_id, task.done_at) == ("Call about the offer", FRIDAY, anna.id, None)
    assert next_step(lead) == ("Call about the offer", FRIDAY)
    event = Event.select().order_by(Event.id.desc()).get()
    assert (event.kind, event.lead_id, {(value.field, value.after) for value in event.values}) == (
        "task_added",
        lead.id,
        {("title", '"Call about the offer"'), ("due_on", '"2026-11-27"'), ("assignee_id", str(anna.id))},
    )


def test_the_earliest_open_step_is_next_and_one_without_a_day_comes_last(make, anna):
    lead = make.lead()
    make.task(lead, "Some time")
    assert next_step(lead) == ("Some time", None)
    friday = make.task(lead, "Friday", due_on=FRIDAY)
    monday = make.task(lead, "Monday", due_on=MONDAY)
    assert next_step(lead) == ("Monday", MONDAY)

    change_task(monday, due_on=FRIDAY + timedelta(1), actor=anna.actor)
    assert next_step(lead) == ("Friday", FRIDAY)
    complete_task(friday, actor=anna.actor)
    assert next_step(lead) == ("Monday", FRIDAY + timedelta(1))
    reopen_task(friday, actor=anna.actor)
    assert next_step(lead) == ("Friday", FRIDAY)
    delete_task(friday, actor=anna.actor)
    change_task(monday, clear_due=True, actor=anna.actor)
    assert next_step(lead) == ("Some time", None)


def test_doing_it_twice_is_no_error_and_no_second_event(make, anna):
    task_id = make.task(make.lead())

    assert complete_task(task_id, actor=anna.actor) is not None
    assert complete_task(task_id, actor=anna.actor) is None
    assert reopen_task(task_id, actor=anna.actor) is not None
    assert reopen_task(task_id, actor=anna.actor) is None
    assert [event.kind for event in Event.select().order_by(Event.id)][2:] == ["task_completed", "task_reopened"]


@pytest.mark.parametrize("title, message", [("", "what to do"), ("\u200b \n", "what to do"), ("x" * 201, "200")])
def test_a_step_says_what_to_do_in_one_line(title, message, make, anna):
    lead = make.lead()

    with pytest.raises(Refused, match=message) as refusal:
        add_task(lead.id, title=title, actor=anna.actor)

    assert (refusal.value.field, Task.select().count()) == ("title", 0)


def test_a_done_step_is_not_changed(make, anna):
    task_id = make.task(make.lead(), due_on=FRIDAY)
    complete_task(task_id, actor=anna.actor)

    with pytest.raises(Refused, match="Reopen"):
        change_task(task_id, due_on=MONDAY, actor=anna.actor)


def test_two_who_edit_one_step_see_each_other(make, anna, ben):
    task_id = make.task(make.lead(), "Call", due_on=FRIDAY)
    change_task(task_id, title="Call the CFO", actor=ben.actor, version=1)

    with pytest.raises(Conflict) as conflict:
        change_task(task_id, title="Mail", actor=anna.actor, version=1)

    assert conflict.value.details == {"title": "Call the CFO", "due_on": FRIDAY, "assignee_id": None}
    assert change_task(task_id, title="Call the CFO", actor=anna.actor, version=1) is None


# ---------------------------------------------------------------------------------------------- who does it


def test_a_step_goes_to_somebody_who_can_do_it(make, anna, ben, vera):
    lead = make.lead()
    gone = make.user("Gone", is_active=False)

    added = add_task(lead.id, title="Call", assignee_id=ben.id, actor=anna.actor)
    for nobody in (vera.id, gone.id, 4711):
        with pytest.raises(Refused) as refusal:
            add_task(lead.id, title="Call", assignee_id=nobody, actor=anna.actor)
        assert refusal.value.field == "assignee"
        with pytest.raises(Refused):
            change_task(added.id, assignee_id=nobody, actor=anna.actor)

    assert [task.assignee_id for task in Task.select()] == [ben.id]
    change_task(added.id, clear_assignee=True, actor=anna.actor)
    assert Task.get_by_id(added.id).assignee_id is None


def test_under_own_leads_only_a_step_goes_to_the_owner_or_a_manager(make, anna, ben, mona):
    make.set_up(member_visibility="own")
    lead, unassigned = make.lead(owner=anna.user), make.lead()

    add_task(lead.id, title="Call", assignee_id=mona.id, actor=anna.actor)
    add_task(unassigned.id, title="Call", assignee_id=ben.id, actor=anna.actor)
    with pytest.raises(Refused):
        add_task(lead.id, title="Call", assignee_id=ben.id, actor=anna.actor)

    assert [task.assignee_id for task in Task.select().order_by(Task.id)] == [mona.id, ben.id]


def test_a_step_of_the_system_is_the_owners_while_there_is_one(make, anna):
    gone = make.user("Gone", is_active=False)

    assert [Task.get_by_id(make.task(make.lead(owner=owner))).assignee_id for owner in (anna.user, gone, None)] == [
        anna.id,
        None,
        None,
    ]


def test_a_lost_lead_of_somebody_who_left_still_comes_back(make, anna):
    lead = make.lead(owner=make.user("Gone", is_active=False))
    loss = Loss(make.lost_reason().id, come_back_on=FRIDAY)

    move_lead(lead.id, to_stage_id=make.stage("Lost").id, loss=loss, actor=anna.actor)

    assert [(task.due_on, task.assignee_id) for task in Task.select()] == [(FRIDAY, anna.id)]


@pytest.mark.parametrize("verb", ["add", "change", "complete", "reopen", "delete"])
def test_steps_are_for_those_who_see_the_lead_and_write(verb, make, anna, ben, vera):
    make.set_up(member_visibility="own")
    lead = make.lead(owner=anna.user)
    task_id = make.task(lead)
    verbs = {
        "add": lambda actor: add_task(lead.id, title="x", actor=actor),
        "change": lambda actor: change_task(task_id, title="x", actor=actor),
        "complete": lambda actor: complete_task(task_id, actor=actor),
        "reopen": lambda actor: reopen_task(task_id, actor=actor),
        "delete": lambda actor: delete_task(task_id, actor=actor),
    }

    with pytest.raises(NotFound):
        verbs[verb](ben.actor)
    with pytest.raises(NotAllowed):
        verbs[verb](vera.actor)

    assert [(task.title, task.done_at, task.deleted_at) for task in Task.select()] == [("Call", None, None)]


# ---------------------------------------------------------------------------------------------- undo


def test_each_verb_is_taken_back(make, anna):
    lead = make.lead()
    Lead.update(last_touch_at=1000).execute()
    task_id = make.task(lead, "Call", due_on=FRIDAY)

    for verb in (
        lambda: change_task(task_id, title="Mail", due_on=MONDAY, assignee_id=anna.id, actor=anna.actor),
        lambda: complete_task(task_id, actor=anna.actor),
        lambda: delete_task(task_id, actor=anna.actor),
    ):
        undo_change(verb(), actor=anna.actor)
        task = Task.get_by_id(task_id)
        assert (task.title, task.due_on, task.assignee_id, task.done_at, task.deleted_at) == ("Call", FRIDAY, None, None, None)
        assert next_step(lead) == ("Call", FRIDAY)
        assert Lead.get_by_id(lead.id).last_touch_at.timestamp() == 1

    added = add_task(lead.id, title="Sooner", due_on=MONDAY, actor=anna.actor)
    undo_change(added.change_set_id, actor=anna.actor)
    assert next_step(lead) == ("Call", FRIDAY)

    complete_task(task_id, actor=anna.actor)
    undo_change(reopen_task(task_id, actor=anna.actor), actor=anna.actor)
    assert next_step(lead) == (None, None)


def test_undo_of_a_postponement_leaves_a_later_one(make, anna, ben):
    task_id = make.task(make.lead(), due_on=MONDAY)
    postponed = change_task(task_id, due_on=FRIDAY, actor=anna.actor)
    change_task(task_id, due_on=FRIDAY + timedelta(7), actor=ben.actor)

    with pytest.raises(Conflict, match="Ben Carter"):
        undo_change(postponed, actor=anna.actor)

    assert Task.get_by_id(task_id).due_on == FRIDAY + timedelta(7)


DAYS = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: MONDAY + timedelta(days)))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), DAYS),
        st.tuples(st.sampled_from(["complete", "reopen", "delete"]), st.integers(0, 9)),
        st.tuples(st.just("postpone"), st.integers(0, 9), DAYS),
        st.tuples(st.just("undo"), st.integers(0, 9)),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_next_step_is_always_the_earliest_open_one(steps, make):
    """Whatever is added, done, reopened, postponed, deleted and taken back, in any order."""
    lead = make.lead()
    tasks: list[int] = []
    changes: list[int] = []
    for verb, *values in steps:
        try:
            if verb == "add":
                added = add_task(lead.id, title="Call", due_on=values[0], actor=SYSTEM)
                tasks.append(added.id)
                changes.append(added.change_set_id)
            elif verb == "undo" and changes:
                changes.append(undo_change(changes[values[0] % len(changes)], actor=SYSTEM).change_set_id)
            elif verb != "undo" and tasks:
                task_id = tasks[values[0] % len(tasks)]
                done = {
                    "complete": lambda: complete_task(task_id, actor=SYSTEM),  # noqa: B023 - called at once
                    "reopen": lambda: reopen_task(task_id, actor=SYSTEM),  # noqa: B023
                    "delete": lambda: delete_task(task_id, actor=SYSTEM),  # noqa: B023
                    "postpone": lambda: change_task(task_id, due_on=values[1], clear_due=values[1] is None, actor=SYSTEM),  # noqa: B023
                }[verb]()
                changes += [done] if done is not None else []
        except (Refused, NotFound, Conflict):
            pass
        wanted = (
            Task.select(Task.id, Task.due_on)
            .where((Task.lead == lead.id) & Task.done_at.is_null() & Task.deleted_at.is_null())
            .order_by(Task.due_on.asc(nulls="last"), Task.id)
            .first()
        )
        lead = Lead.get_by_id(lead.id)
        assert (lead.next_task_id, lead.next_task_on) == ((wanted.id, wanted.due_on) if wanted else (None, None))


def test_no_text_of_a_step_stands_in_the_part_of_the_log_that_stays(make, anna):
    make.task(make.lead(), "Call Mrs Nowak at home", actor=anna.actor)

    assert "Nowak" not in " ".join(event.data for event in Event.select())
    assert EventValue.select().where(EventValue.after.contains("Nowak")).count() == 1
