"""The database layer: transactions, work after the commit, snapshots, raw SQL on both engines."""

import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from leadboard.db import (
    after_commit,
    as_day,
    atomic,
    execute,
    execute_many,
    forget_connection,
    in_transaction,
    insert_many,
    is_sqlite,
    many_writes,
    moment,
    now_ms,
    one,
    rows,
    snapshot,
)
from leadboard.models import Setting, SignInThrottle, Source


class Stop(Exception):
    """Raised by a test to roll something back."""


@contextmanager
def given_up():
    """A transaction whose work raises at its end."""
    with suppress(Stop), atomic():
        yield
        raise Stop


def add_source(name: str) -> None:
    execute("insert into source (name, position) values (?, 0)", (name,))


def sources() -> list[str]:
    return [name for (name,) in rows("select name from source order by id")]


def in_thread(work):
    """Run `work` in a thread of its own, with a connection of its own; what it raised, or None."""
    raised = []

    def run():
        try:
            work()
        except Exception as error:
            raised.append(error)
        finally:
            forget_connection()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def together(*works):
    started = [in_thread(work) for work in works]
    for thread, _ in started:
        thread.join(30)
        assert not thread.is_alive(), "a writer never got its turn"
    assert [error for _, raised in started for error in raised] == []


# ---------------------------------------------------------------------------------------------- atomic


def test_a_transaction_that_raises_leaves_nothing(app):
    with given_up():
        add_source("Fair")

    assert sources() == []
    assert not in_transaction()


def test_a_nested_transaction_that_raises_takes_only_its_own_part_back(app):
    with atomic():
        add_source("Fair")
        with given_up():
            add_source("Cold call")
        add_source("Referral")

    assert sources() == ["Fair", "Referral"]


def test_the_outer_transaction_takes_the_nested_one_with_it(app):
    with given_up(), atomic():
        add_source("Fair")

    assert sources() == []


# ---------------------------------------------------------------------------------------------- after the commit


def test_work_after_the_commit_runs_once_in_order_and_sees_the_data(app):
    seen = []
    with atomic():
        after_commit(lambda: seen.append(("first", sources(), in_transaction())))
        with atomic():
            add_source("Fair")
            after_commit(lambda: seen.append(("second", sources(), in_transaction())))
        assert seen == []

    assert seen == [("first", ["Fair"], False), ("second", ["Fair"], False)]


def test_work_without_a_transaction_runs_at_once(app):
    seen = []
    after_commit(lambda: seen.append("now"))
    assert seen == ["now"]


def test_work_of_a_rolled_back_transaction_never_runs(app):
    seen = []
    with given_up():
        after_commit(lambda: seen.append("outer"))
        with atomic():
            after_commit(lambda: seen.append("inner"))
    with atomic():
        after_commit(lambda: seen.append("later"))

    assert seen == ["later"]


def test_work_of_a_rolled_back_part_is_dropped_and_the_rest_runs(app):
    seen = []
    with atomic():
        after_commit(lambda: seen.append("before"))
        with given_up():
            after_commit(lambda: seen.append("dropped"))
            with atomic():
                after_commit(lambda: seen.append("dropped too"))
        after_commit(lambda: seen.append("after"))

    assert seen == ["before", "after"]


def test_work_after_the_commit_may_start_a_transaction_of_its_own(app):
    def next_step():
        with atomic():
            add_source("Referral")

    with atomic():
        add_source("Fair")
        after_commit(next_step)

    assert sources() == ["Fair", "Referral"]


# ---------------------------------------------------------------------------------------------- several connections


def test_a_snapshot_sees_one_state_while_others_write(app):
    add_source("Fair")
    with snapshot():
        before = sources()
        together(lambda: add_source("Referral"))
        assert sources() == before == ["Fair"]

    assert sources() == ["Fair", "Referral"]


def test_a_snapshot_takes_no_write_lock(app):
    with snapshot():
        rows("select 1 from source")

        def write():
            with atomic():
                add_source("Fair")

        together(write)

    assert sources() == ["Fair"]


def test_a_snapshot_inside_a_transaction_sees_what_it_wrote(app):
    with atomic():
        add_source("Fair")
        with snapshot():
            assert sources() == ["Fair"]


def test_writers_take_turns_so_that_read_then_write_loses_nothing(app):
    execute("insert into setting (key, value) values ('counter', '0')")
    ready = threading.Barrier(4)

    def count_up():
        ready.wait(10)
        for _ in range(10):
            with atomic():
                value = int(one("select value from setting where key = 'counter'")[0])
                execute("update setting set value = ? where key = 'counter'", (str(value + 1),))

    together(*[count_up] * 4)

    assert one("select value from setting where key = 'counter'") == ("40",)


# ---------------------------------------------------------------------------------------------- raw SQL


@pytest.mark.parametrize("text", ["100%", "%s", "%(name)s", "?", "50 % off?", "'", "ż€🙂"])
def test_question_marks_bind_any_text(text, app):
    add_source(text)

    assert rows("select name, position + ? from source where name = ?", (5, text)) == [(text, 5)]


def test_a_percent_sign_in_the_statement_is_plain_sql(app):
    execute_many("insert into source (name, position) values (?, ?)", [("Fair", 1), ("Fan mail", 12), ("Referral", 2)])

    assert rows("select name from source where name like 'Fa%' order by position") == [("Fair",), ("Fan mail",)]
    assert rows("select name from source where name like ? and position % 10 = ?", ("Fa%", 2)) == [("Fan mail",)]
    assert one("select name from source where position = ?", (99,)) is None
    assert execute("update source set position = ? where name like 'F%'", (0,)) == 2


# ---------------------------------------------------------------------------------------------- values


def test_a_moment_comes_back_as_the_same_millisecond(app):
    at = datetime(2026, 3, 29, 1, 59, 59, 123_000, tzinfo=UTC)

    SignInThrottle.create(key="a", last_at=at, blocked_until=1_774_749_599_123)

    found = SignInThrottle.get_by_id("a")
    assert (found.last_at, found.blocked_until) == (at, at)
    assert rows("select last_at, blocked_until from sign_in_throttle") == [(1_774_749_599_123, 1_774_749_599_123)]
    assert SignInThrottle.get(SignInThrottle.last_at == at).key == "a"


def test_a_moment_may_be_empty_and_before_1970(app):
    Source.create(name="Fair", archived_at=None)
    Source.create(name="Old", archived_at=datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC))

    assert [source.archived_at for source in Source.select().order_by(Source.name)] == [None, moment(-500)]


def test_now_is_in_milliseconds_since_1970():
    assert abs(now_ms() / 1000 - datetime.now(UTC).timestamp()) < 5


def test_a_day_of_a_raw_row_is_a_date_on_both_engines(make):
    lead = make.lead(expected_close_on="2026-02-28")

    assert as_day(one("select expected_close_on from lead where id = ?", (lead.id,))[0]).isoformat() == "2026-02-28"
    assert as_day(None) is None


def test_ids_are_never_given_twice(app):
    for name in ("a", "b"):
        add_source(name)
    newest = Source.select().order_by(Source.id.desc()).get()
    newest.delete_instance()

    assert Source.create(name="c").id == newest.id + 1
    assert Setting.select().count() > 0


def test_many_rows_go_in_as_they_are_and_in_their_order(app):
    """Columns that are the same in all rows, and those that are not; more rows than one statement takes."""
    batch = [(f"Source {number}", 7, number % 3 or None) for number in range(1201)]

    insert_many("source", ["name", "position", "archived_at"], batch)
    insert_many("source", ["name", "position", "archived_at"], [])

    assert rows("select name, position, archived_at from source order by id")[-1201:] == batch


@pytest.mark.parametrize("count", [1, 2, 3])
def test_rows_that_are_all_the_same_go_in_as_many_times(app, count):
    insert_many("change_set", ["at", "kind", "actor_kind"], [(1, "x", "system")] * count)

    assert rows("select at, kind, actor_kind, user_id from change_set") == [(1, "x", "system", None)] * count


def test_a_walk_of_many_writes_leaves_the_connection_as_it_was(app):
    if not is_sqlite():
        with many_writes():
            assert one("select 1") == (1,)
        return
    usual = [one("pragma cache_size"), one("pragma wal_autocheckpoint")]

    with suppress(Stop), many_writes():
        during = [one("pragma cache_size"), one("pragma wal_autocheckpoint")]
        raise Stop

    assert during == [(-32_000,), (8_000,)]
    assert [one("pragma cache_size"), one("pragma wal_autocheckpoint")] == usual
