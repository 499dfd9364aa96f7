"""Work for later: queued with the data, run at least once, by several workers."""

import threading

import pytest

from leadboard import jobs
from leadboard.db import atomic, execute, forget_connection, now_ms, one, rows
from leadboard.jobs import LEASE_MS, Worker, enqueue, enqueue_periodic, register, run_due, run_one, sweep_jobs
from leadboard.models import Job

HOUR_MS = 3_600_000


@pytest.fixture
def clock(monkeypatch):
    """clock.forward(ms): the time of the job table moves on."""

    class Clock:
        ahead = 0

        def forward(self, milliseconds):
            self.ahead += milliseconds

    found = Clock()
    monkeypatch.setattr(jobs, "now_ms", lambda: now_ms() + found.ahead)
    return found


@pytest.fixture
def ran(app, monkeypatch):
    """Payloads that jobs of the kind `note` were run with; no other kinds and no periodic ones."""
    found = []
    monkeypatch.setattr(jobs, "_handlers", {})
    monkeypatch.setattr(jobs, "_periodic", {})
    register("note", lambda **payload: found.append(payload))
    return found


def states():
    return [(job.state, job.attempts) for job in Job.select().order_by(Job.id)]


def queue_and_fail():
    with atomic():
        enqueue("note", number=1)
        raise LookupError


def test_a_job_gets_its_payload_and_runs_once(ran):
    enqueue("note", number=1, text="Łódź")

    assert (run_due(), run_due()) == (1, 0)
    assert ran == [{"number": 1, "text": "Łódź"}]
    assert states() == [("done", 1)]


def test_a_job_of_a_rolled_back_transaction_never_runs(ran):
    with pytest.raises(LookupError):
        queue_and_fail()

    assert run_due() == 0
    assert ran == []
    assert states() == []


def test_a_job_is_run_by_nobody_before_the_commit(ran):
    seen = []
    with atomic():
        enqueue("note", number=1)
        thread = threading.Thread(target=lambda: (seen.append(one("select count(*) from job")), forget_connection()))
        thread.start()
        thread.join(20)

    assert seen == [(0,)]
    assert run_due() == 1


def test_a_delayed_job_waits(ran, clock):
    enqueue("note", delay_s=60)
    assert run_due() == 0

    clock.forward(61_000)
    assert run_due() == 1


def test_jobs_run_in_the_order_in_which_they_are_due(ran, clock):
    enqueue("note", delay_s=2, number=1)
    enqueue("note", delay_s=1, number=2)
    enqueue("note", number=3)
    enqueue("note", number=4)
    clock.forward(3000)

    run_due()

    assert [payload["number"] for payload in ran] == [3, 4, 2, 1]


def test_a_key_queues_one_job(ran):
    enqueue("note", key="import 1", number=1)
    enqueue("note", key="import 1", number=2)

    run_due()

    assert ran == [{"number": 1}]


# ---------------------------------------------------------------------------------------------- failures


def test_a_failing_job_is_tried_again_later_and_later(ran, clock, caplog):
    def fail():
        raise ValueError("mail server down")

    register("fails", fail)
    enqueue("fails", max_attempts=3)
    waits = []
    for _ in range(3):
        assert run_due() == 1
        assert run_due() == 0, "tried again at once"
        waits.append(round((Job.get().run_at.timestamp() * 1000 - now_ms() - clock.ahead) / 1000))
        clock.forward(waits[-1] * 1000 + 1000)

    assert waits == [2, 4, 8]
    job = Job.get()
    assert (job.state, job.attempts, job.lease_until) == ("failed", 3, None)
    assert "Traceback" in job.error
    assert job.error.rstrip().endswith("ValueError: mail server down")
    assert "failed (attempt 3 of 3): ValueError: mail server down" in caplog.text
    clock.forward(24 * HOUR_MS)
    assert run_due() == 0


def test_a_job_that_works_in_the_end_forgets_its_error(ran, clock):
    register("flaky", lambda: ran.append(1) or (_ for _ in ()).throw(OSError()) if not ran else None)
    enqueue("flaky")
    run_due()
    assert Job.get().error is not None
    clock.forward(10_000)

    run_due()

    assert (Job.get().state, Job.get().error) == ("done", None)


def test_a_job_nobody_knows_fails_by_name(ran, caplog):
    enqueue("gone", max_attempts=1)

    run_due()

    assert (Job.get().state, Job.get().error) == ("failed", "no handler for jobs of kind gone")


def test_what_a_failed_job_wrote_is_taken_back(ran):
    def half():
        with atomic():
            execute("insert into source (name, position) values ('half', 0)")
            raise ValueError

    register("half", half)
    enqueue("half", max_attempts=1)
    run_due()

    assert rows("select name from source") == []


# ---------------------------------------------------------------------------------------------- several workers


def die_with(worker):
    """What a killed worker leaves: the job is running and nobody keeps its lease."""
    assert jobs._claim(worker) is not None


def test_a_running_job_is_nobody_elses(ran):
    enqueue("note")
    die_with("dead")

    assert run_one("other") is False


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(ran, clock):
    enqueue("note", number=1)
    die_with("dead")
    clock.forward(LEASE_MS + 1000)

    assert run_one("other") is True
    assert ran == [{"number": 1}]
    assert states() == [("done", 2)]


def test_a_job_that_kills_every_worker_ends_as_failed(ran, clock):
    enqueue("note", max_attempts=3)
    for attempt in range(3):
        die_with(f"dead {attempt}")
        clock.forward(LEASE_MS + 1000)

    assert run_due() == 0
    assert ran == []
    assert states() == [("failed", 3)]
    assert "died" in Job.get().error


def test_a_worker_that_lost_its_job_does_not_overwrite_the_outcome(ran, clock):
    def slow():
        execute("update job set owner = 'other', state = 'done'")
        raise ValueError

    register("slow", slow)
    enqueue("slow")

    run_one("late")

    assert (Job.get().owner, Job.get().state, Job.get().error) == ("other", "done", None)


def test_many_workers_run_each_job_once(ran):
    with atomic():
        for number in range(40):
            enqueue("note", number=number)
    ready = threading.Barrier(4)

    def work(name):
        ready.wait(20)
        run_due(name)
        forget_connection()

    threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(payload["number"] for payload in ran) == list(range(40))
    assert states() == [("done", 1)] * 40


def test_a_periodic_job_runs_once_a_slot_over_several_workers(ran, clock):
    register("sweep", lambda: ran.append("sweep"), every_s=3600)
    clock.forward(HOUR_MS - now_ms() % HOUR_MS)  # the start of a slot
    for _ in range(2):
        enqueue_periodic()
        ready = threading.Barrier(3)

        def work(name, ready=ready):
            ready.wait(20)
            enqueue_periodic()
            run_due(name)
            forget_connection()

        threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        clock.forward(HOUR_MS)

    assert ran == ["sweep", "sweep"]
    assert Job.select().count() == 2


def test_an_idle_worker_writes_nothing(ran, queries):
    register("sweep", lambda: None, every_s=3600)
    enqueue_periodic()
    run_due()

    with queries(at_most=2) as seen:
        enqueue_periodic()
        run_one("idle")

    assert [text.split()[0] for text in seen.texts] == ["select", "select"]


def test_finished_jobs_are_forgotten_after_a_week_and_failed_ones_stay(ran, clock):
    enqueue("note")
    enqueue("gone", max_attempts=1)
    run_due()
    sweep_jobs()
    assert states() == [("done", 1), ("failed", 1)]

    clock.forward(8 * 24 * HOUR_MS)
    sweep_jobs()

    assert states() == [("failed", 1)]


# ---------------------------------------------------------------------------------------------- the worker thread


def test_stopping_a_worker_finishes_the_job_in_hand_and_takes_no_other(ran):
    inside, go_on = threading.Event(), threading.Event()

    def slow(number):
        inside.set()
        assert go_on.wait(20)
        ran.append(number)

    register("slow", slow)
    enqueue("slow", number=1)
    enqueue("slow", number=2)
    worker = Worker()
    worker.start()
    assert inside.wait(20)

    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    assert worker._stop.wait(20)
    go_on.set()
    stopper.join(20)

    assert not worker._thread.is_alive()
    assert ran == [1]
    assert states() == [("done", 1), ("queued", 0)]


def test_a_committed_job_wakes_an_idle_worker(ran, monkeypatch):
    monkeypatch.setattr(jobs, "POLL_S", 60)
    idle, done = threading.Event(), threading.Event()
    register("wake", done.set)
    wait = jobs._wake.wait

    class Wake:
        set, clear = jobs._wake.set, jobs._wake.clear

        def wait(self, timeout):
            idle.set()
            return wait(timeout)

    monkeypatch.setattr(jobs, "_wake", Wake())
    worker = Worker()
    worker.start()
    assert idle.wait(20)
    enqueue("wake")

    assert done.wait(20)
    worker.stop()
    assert not worker._thread.is_alive()
