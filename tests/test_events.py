"""Recording what a write did, and telling listeners of it."""

import threading
from datetime import UTC, date, datetime

import pytest

from leadboard import delivery
from leadboard.db import execute, forget_connection, now_ms, one, rows
from leadboard.delivery import deliver, deliver_all, listen
from leadboard.errors import Refused
from leadboard.events import EventKind, change, decode, encode, events_after
from leadboard.models import ChangeSet, Event
from leadboard.permissions import SYSTEM


@pytest.fixture
def listeners(monkeypatch):
    """Only the listeners of the test."""
    found: dict[str, delivery.Listener] = {}
    monkeypatch.setattr(delivery, "_listeners", found)
    return found


def record(step, record_id=1, kind=EventKind.NOTE_ADDED):
    return step.record(kind, "note", record_id, lead_id=7)


def refused(actor):
    """A change that records something and then raises."""
    with change(actor, "note.add") as step:
        record(step, 1)
        raise Refused("no")


def write(*record_ids):
    """One change set an event, as separate requests would."""
    for record_id in record_ids:
        with change(SYSTEM, "note.add") as step:
            record(step, record_id)


# ---------------------------------------------------------------------------------------------- recording


def test_a_change_is_one_change_set_with_its_events(app, anna):
    with change(anna.actor, "note.add") as step:
        record(step, 1)
        record(step, 2)

    change_set = ChangeSet.get()
    assert (change_set.kind, change_set.actor_kind, change_set.user_id) == ("note.add", "user", anna.id)
    assert [
        (event.record_id, event.lead_id, event.change_set_id, event.actor_id) for event in Event.select().order_by(Event.id)
    ] == [
        (1, 7, change_set.id, anna.id),
        (2, 7, change_set.id, anna.id),
    ]


def test_a_change_without_an_event_leaves_no_change_set(app):
    with change(SYSTEM, "note.add") as step:
        pass

    assert not step.recorded
    assert ChangeSet.select().count() == 0


def test_a_change_inside_a_change_joins_it(app, anna):
    with change(anna.actor, "bulk") as outer:
        with change(SYSTEM, "note.add") as inner:
            record(inner)
        assert inner is outer
        record(outer, 2)

    assert [(change_set.kind, change_set.actor_kind) for change_set in ChangeSet.select()] == [("bulk", "user")]


def test_a_refused_part_leaves_no_trace_in_the_change_around_it(app, anna):
    with change(anna.actor, "bulk") as outer:
        with pytest.raises(Refused):
            refused(anna.actor)
        assert not outer.recorded
        record(outer, 2)

    change_set = ChangeSet.get()
    assert [(event.record_id, event.change_set_id) for event in Event.select()] == [(2, change_set.id)]
    # The id of the part that was taken back is not given to somebody else's action.
    write(3)
    assert [event.change_set_id for event in Event.select().order_by(Event.id)] == [
        change_set.id,
        ChangeSet.select().order_by(ChangeSet.id.desc()).get().id,
    ]
    assert ChangeSet.select().count() == 2


@pytest.mark.parametrize(
    "value, stored",
    [
        (None, None),
        ("", '""'),
        ("Łódź 🙂", '"Łódź 🙂"'),
        (0, "0"),
        (True, "true"),
        (date(2026, 2, 28), '"2026-02-28"'),
        (datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC), "1500"),
    ],
)
def test_values_are_kept_as_json(value, stored, app):
    assert encode(value) == stored
    with change(SYSTEM, "lead.update") as step:
        step.record(EventKind.LEAD_UPDATED, "lead", 1, values={"city": (None, value)})

    assert rows("select field, before, after from event_value") == [("city", None, stored)]
    assert decode(stored) == (value if not isinstance(value, date) else decode(stored))


def test_an_event_comes_back_with_its_data(app, anna):
    with change(anna.actor, "lead.move") as step:
        event_id = step.record(EventKind.LEAD_MOVED, "lead", 5, stage=3, from_position=None)

    (event,) = events_after(0, limit=10)
    assert (event.id, event.kind, event.lead_id, event.data) == (event_id, "lead_moved", 5, {"stage": 3, "from_position": None})
    assert events_after(event_id, limit=10) == []


# ---------------------------------------------------------------------------------------------- telling


def test_a_new_listener_hears_what_happens_from_now_on(app, listeners):
    write(1)
    heard = []
    listen("a", lambda event: heard.append(event.record_id))
    deliver_all()
    write(2, 3)

    assert deliver_all() == 2
    assert deliver_all() == 0
    assert heard == [2, 3]


def test_a_listener_goes_on_after_a_restart_where_it_stopped(app, listeners):
    listen("a", lambda event: None)
    deliver_all()
    write(1)
    deliver_all()
    listeners.clear()
    write(2)
    heard = []
    listen("a", lambda event: heard.append(event.record_id))

    deliver_all()

    assert heard == [2]


def test_a_raising_listener_gets_the_event_again_and_blocks_nobody_else(app, listeners, caplog):
    heard, failing = [], []

    def fail_once(event):
        failing.append(event.record_id)
        if failing == [1, 2]:
            raise ValueError("mail server down")

    listen("fails", fail_once)
    listen("works", lambda event: heard.append(event.record_id))
    deliver_all()
    write(1, 2, 3)

    deliver_all()
    assert (failing, heard) == ([1, 2], [1, 2, 3])
    assert "listener fails failed" in caplog.text
    assert "mail server down" in caplog.text

    deliver_all()
    assert (failing, heard) == ([1, 2, 2, 3], [1, 2, 3])


def test_a_listener_runs_outside_the_transaction_and_may_write(app, listeners):
    def answer(event):
        if event.kind == EventKind.NOTE_ADDED:
            with change(SYSTEM, "task.add") as step:
                step.record(EventKind.TASK_ADDED, "task", event.record_id)

    listen("a", answer)
    deliver_all()
    write(1)

    deliver_all()

    assert [event.kind for event in Event.select().order_by(Event.id)] == ["note_added", "task_added"]


def test_a_refused_write_is_never_told(app, listeners):
    heard = []
    listen("a", heard.append)
    deliver_all()
    with pytest.raises(Refused):
        refused(SYSTEM)

    assert deliver_all() == 0
    assert heard == []


def test_two_workers_do_not_tell_one_listener_at_the_same_time(app, listeners):
    heard, inside, go_on = [], threading.Event(), threading.Event()

    def slow(event):
        heard.append(event.record_id)
        inside.set()
        assert go_on.wait(20)

    listen("a", slow)
    deliver_all()
    write(1, 2)

    def first_worker():
        deliver("a")
        forget_connection()

    thread = threading.Thread(target=first_worker)
    thread.start()
    assert inside.wait(20)
    told_by_second = deliver("a")
    go_on.set()
    thread.join(20)

    assert told_by_second == 0
    assert heard == [1, 2]
    assert deliver("a") == 0


def test_another_worker_takes_over_from_one_that_died_while_telling(app, listeners):
    heard = []
    listen("a", lambda event: heard.append(event.record_id))
    deliver_all()
    write(1)
    execute("update event_delivery set owner = 'dead', lease_until = ?", (now_ms() + 60_000,))
    assert deliver("a") == 0
    execute("update event_delivery set lease_until = ?", (now_ms() - 1,))

    assert deliver("a") == 1
    assert heard == [1]
    assert one("select owner, lease_until from event_delivery") == (None, None)


def test_an_idle_delivery_writes_nothing(app, listeners, queries):
    listen("a", lambda event: None)
    write(1)
    deliver_all()

    with queries(at_most=2) as seen:
        deliver_all()

    assert [text.split()[0] for text in seen.texts] == ["select", "select"]
