"""Accidents of plugins with work, events and data: nothing is lost, nothing is taken from others."""

import importlib
import sys
import threading

import pytest

from leadboard import delivery, hookspecs
from leadboard.app import create_app
from leadboard.contributions import Draft, Match
from leadboard.db import atomic, execute, forget_connection, one, rows
from leadboard.domain.plugins import disable, enable, remove_data, save_settings
from leadboard.domain.purge import purge_bin
from leadboard.errors import NotFound, Refused
from leadboard.jobs import enqueue, run_due
from leadboard.permissions import SYSTEM
from leadboard.pluginhost import health, secrets
from leadboard.pluginhost.calling import collect, isolated
from leadboard.pluginhost.registry import loaded_plugins, refresh, registry
from leadboard.pluginhost.state import read_revision
from leadboard.pluginhost.tables import tables_of
from leadboard.queries.plugins import failure_rows
from tests.plugins.conftest import source

pytestmark = pytest.mark.plugin_errors("record")


# ---------------------------------------------------------------------------------------------- jobs and events

JOB = """
import threading
started, may_end, ended = threading.Event(), threading.Event(), threading.Event()

def work():
    started.set()
    assert may_end.wait(20)
    if settings_for("one") is None:
        raise KeyError("off")
    ended.set()

@hookimpl
def register_jobs():
    return [Job(key="one.work", run=work)]
"""


def test_one_that_is_switched_off_while_its_job_runs(started):
    started({"one": JOB})
    module = next(one for one in loaded_plugins() if one.name == "one").module
    enqueue("one.work")
    enqueue("one.work")
    worker = threading.Thread(target=run_here)
    worker.start()
    assert module.started.wait(20)
    disable("one", actor=SYSTEM)
    module.may_end.set()
    worker.join(20)
    assert module.ended.is_set()
    # The one in hand was finished, the next one waits until the plugin is on again.
    assert rows("select state from job where kind = 'one.work' order by id") == [("done",), ("queued",)]
    assert run_due() == 0
    enable("one", actor=SYSTEM)
    assert run_due() == 1
    assert rows("select distinct state from job where kind = 'one.work'") == [("done",)]


def run_here():
    try:
        run_due("other thread")
    finally:
        forget_connection()


REMOVED = """
from leadboard.domain.plugins import disable, remove_data

def work():
    disable("one", actor=SYSTEM)
    remove_data("one", actor=SYSTEM)
    raise LookupError("its table is gone")

@hookimpl
def register_jobs():
    return [Job(key="one.work", run=work)]
"""


def test_one_whose_data_is_removed_while_its_job_runs(started):
    """The job in hand goes with the data: it would be tried again once the plugin is on, and is no failure of the plugin."""
    started({"one": REMOVED})
    enqueue("one.work")
    run_here()
    health.flush()
    assert rows("select kind, state from job where kind = 'one.work'") == []
    assert failure_rows() == []
    enable("one", actor=SYSTEM)
    run_here()
    assert failure_rows() == []


def test_jobs_of_one_that_broke_or_went_wait_for_it(started, settings):
    started({"one": JOB.replace("assert may_end.wait(20)", "pass")})
    enqueue("one.work")
    file = settings.instance / "plugins" / "one.py"
    text = file.read_text()
    for change in (lambda: file.write_text("import nothing_at_all"), file.unlink):
        change()
        forget_modules()
        create_app(settings)
        assert run_due() == 0
    file.write_text(text)
    forget_modules()
    create_app(settings)
    assert run_due() == 1


def forget_modules():

    sys.modules.pop("leadboard_dropins.one", None)
    importlib.invalidate_caches()
    sys.dont_write_bytecode = True


@pytest.mark.sqlite_only
def test_a_listener_that_goes_while_events_are_handed_out(started, monkeypatch):
    started({"one": "@hookimpl\ndef event_emitted(event):\n    pass\n"})
    names = delivery._plugin_listeners()
    disable("one", actor=SYSTEM)
    assert [delivery.deliver(name) for name in names] == [0]


def test_a_success_after_a_failure_ends_the_row(started):
    """Failures of one request, then a success in the same one: that is no row of failures."""
    started({"one": ""})
    for _ in range(7):
        isolated("one", "place", lambda: 1 / 0)
        isolated("one", "place", lambda: 1)
        health.flush()
        refresh(read_revision())
    assert [(row.count, row.streak, row.tripped_at) for row in failure_rows()] == [(7, 0, None)]


LEFT_OPEN = """
@hookimpl
def page_assets():
    if {place!r} == "page":
        execute("begin")
    return []

def work():
    execute("begin")
    execute("update lead set title = 'half'")

@hookimpl
def register_jobs():
    return [Job(key="one.work", run=work)]
"""


@pytest.mark.parametrize("place", ["page", "job"])
def test_a_transaction_that_is_left_open_holds_nobody_up(started, place):
    ada = started({"one": LEFT_OPEN.format(place=place)})
    if place == "page":
        assert ada.get(f"/leads/{ada.lead.id}").status_code == 200
    else:
        enqueue("one.work", key="one.once")
        assert run_due() >= 1
        assert rows("select state from job where kind = 'one.work'") == [("done",)]
    done = threading.Event()

    def write():
        execute("update lead set title = 'whole' where id = ?", (ada.lead.id,))
        forget_connection()
        done.set()

    other = threading.Thread(target=write, daemon=True)
    other.start()
    assert done.wait(5)
    other.join()
    assert rows("select title from lead") == [("whole",)]


# ---------------------------------------------------------------------------------------------- data

TWO_TABLES = """
def up(migrator, db):
    db.execute_sql("create table p_{name}_a (id integer primary key, b_id integer)")
    db.execute_sql("create table p_{name}_b (id integer primary key, a_id integer not null references p_{name}_a (id))")
    db.execute_sql("create table p_{name}_c (id integer primary key, lead_id bigint not null references lead (id) on delete cascade)")
"""


def tables(*names):
    return [f"p_{name}_{table}" for name in names for table in "cba"] + [f"schema_migration_p_{name}" for name in names]


@pytest.fixture
def two_with_tables(drop_in, request, tables_go):
    for name in ("mail", "mail_box"):
        drop_in(name, source(name), files={"migrations/0001_all.py": TWO_TABLES.format(name=name)})
    tables_go(*tables("mail", "mail_box"))
    request.getfixturevalue("app")
    for name in ("mail", "mail_box"):
        enable(name, actor=SYSTEM)
        execute(f"insert into p_{name}_a (id) values (1)")
        execute(f"insert into p_{name}_b (id, a_id) values (1, 1)")


def test_removing_data_takes_only_ones_own(two_with_tables, settings, request):
    for name in ("mail", "mail_box"):
        disable(name, actor=SYSTEM)
    # Also when the other one is not here to say that a table is its own.
    (settings.instance / "plugins" / "mail_box").rename(settings.instance / "aside")
    create_app(settings)
    assert tables_of("mail") == ["p_mail_a", "p_mail_b", "p_mail_c"]
    assert remove_data("mail", actor=SYSTEM) == {"p_mail_a": 1, "p_mail_b": 1, "p_mail_c": 0}
    assert tables_of("mail") == []
    assert one("select count(*) from p_mail_box_b") == (1,)
    assert remove_data("mail_box", actor=SYSTEM) == {"p_mail_box_a": 1, "p_mail_box_b": 1, "p_mail_box_c": 0}
    with pytest.raises(NotFound):
        remove_data("mail_box", actor=SYSTEM)
    with pytest.raises(NotFound):
        remove_data('x"; drop table lead; --', actor=SYSTEM)
    with pytest.raises(Refused):
        remove_data("packs", actor=SYSTEM)


def test_leads_go_for_good_with_the_rows_of_plugins(two_with_tables, make):
    lead, other = make.lead("Ferienhof Lüders"), make.lead("Hotel Seeblick")
    for lead_id in (lead.id, other.id):
        execute("insert into p_mail_c (id, lead_id) values (?, ?)", (lead_id, lead_id))
    execute("update lead set deleted_at = 1 where id = ?", (lead.id,))
    purge_bin()
    assert rows("select lead_id from p_mail_c") == [(other.id,)]
    assert rows("select id from lead") == [(other.id,)]


def test_what_is_rolled_back_is_never_seen(started):
    started({"one": ""})
    disable("one", actor=SYSTEM)

    def turn_on_and_fail():
        with atomic():
            enable("one", actor=SYSTEM)
            assert "one" not in registry().on
            raise KeyError("taken back")

    with pytest.raises(KeyError):
        turn_on_and_fail()
    assert "one" not in registry().on
    enable("one", actor=SYSTEM)
    assert "one" in registry().on


def test_settings_of_two_processes_are_both_kept(started, monkeypatch):
    """A request that began before another one saved must not bring the old secrets back."""
    started({"one": ""})
    before = registry()
    save_settings("one", {"a": 1}, {"first": "x" * 20}, actor=SYSTEM)
    monkeypatch.setattr("leadboard.pluginhost.registry._host.registry", before)
    save_settings("one", {"a": 2}, {"second": "y" * 20}, actor=SYSTEM)
    kept = secrets.unseal(registry().states.secrets["one"])
    assert kept == {"first": "x" * 20, "second": "y" * 20}


def test_many_threads_turn_one_on_at_once(drop_in, request, failures):
    drop_in("mail", source("mail"), files={"migrations/0001_all.py": TWO_TABLES.format(name="mail")})
    request.getfixturevalue("tables_go")(*tables("mail"))
    request.getfixturevalue("app")
    gate = threading.Barrier(4)
    wrong = []

    def turn_on():
        from leadboard.db import forget_connection  # noqa: PLC0415

        gate.wait(20)
        try:
            enable("mail", actor=SYSTEM)
        except Exception as error:
            wrong.append(error)
        finally:
            forget_connection()

    threads = [threading.Thread(target=turn_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    refresh(read_revision())
    assert "mail" in registry().on
    assert one("select count(*) from schema_migration_p_mail") == (1,)
    assert failures() == {}


def test_collect_gives_what_fits(started):
    started({"one": "@hookimpl\ndef find_duplicates(draft):\n    return (Match(1, 'same mail', 90) for _ in range(2))\n"})
    assert collect(hookspecs.find_duplicates, draft=Draft(values={}), actor=SYSTEM) == [("one", [Match(1, "same mail", 90)] * 2)]
