"""Sample data: believable, the same for the same seed, and removed exactly."""

import json
from typing import Any

import pytest

from leadboard import delivery, jobs
from leadboard.db import one, rows
from leadboard.domain import demo
from leadboard.domain.demo import add_sample_data, fill_job, start_filling
from leadboard.domain.demo_removal import remove_sample_data, start_removing, touched_leads
from leadboard.domain.demo_state import sample_state
from leadboard.domain.leads import delete_leads
from leadboard.domain.notes import add_note
from leadboard.domain.setup import prepare_instance
from leadboard.errors import NotAllowed, Refused
from leadboard.models import ALL_MODELS, Lead, Pipeline, User
from leadboard.queries.settings import read_setting

# Append-only, or about the work itself.
LEFT_OUT = {"event", "change_set", "job", "event_delivery"}


@pytest.fixture(autouse=True)
def prepared(make):
    """An instance as the set-up leaves it."""
    prepare_instance()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    tables = [model._meta.table_name for model in ALL_MODELS]
    found = {name: rows(f'select * from "{name}" order by 1') for name in tables if name not in LEFT_OUT}
    for name in ("lead_text", "contact_text", "organisation_text"):
        found[name] = rows(f"select rowid, words from {name} order by rowid")
    return found


def test_removing_leaves_every_table_as_it_was(make, anna, ada):
    own = make.lead("My own", owner=anna.user)
    make.note(own)
    before = everything()

    add_sample_data(60, user_id=ada.id)
    assert Lead.select().count() == 61
    remove_sample_data(actor=ada.actor)

    after = everything()
    removal = one("select max(id) from event")
    after["event_value"] = [row for row in after["event_value"] if row[1] != removal[0]]
    for name, found in before.items():
        if name == "event_value":
            # Values of what the preparation recorded about the pipeline stay with its events.
            kept = {row[1] for row in rows("select 0, id from event where record_type in ('pipeline', 'source', 'lost_reason')")}
            found = [row for row in found if row[1] not in kept]
            after[name] = [row for row in after[name] if row[1] not in kept]
        assert after[name] == found, name
    assert sample_state() is None


def test_the_same_seed_makes_the_same_leads(make, ada):
    def told() -> list[tuple[Any, ...]]:
        return rows("select title, email, phone, value_amount, city, interest, external_id from lead order by id")

    add_sample_data(40, seed=7)
    first = told()
    remove_sample_data(actor=ada.actor)
    add_sample_data(40, seed=7)
    assert told() == first
    remove_sample_data(actor=ada.actor)
    add_sample_data(40, seed=8)
    assert told() != first


def test_the_leads_are_in_every_state(make, ada):
    add_sample_data(400, user_id=ada.id)

    by_kind = dict(rows("select s.kind, count(*) from lead l join stage s on s.id = l.stage_id group by s.kind"))
    assert min(by_kind["open"], by_kind["won"], by_kind["lost"]) > 40
    counts = one(
        "select count(owner_id), count(next_task_on), count(snoozed_until), count(lost_reason_id), count(value_amount), count(source_id) from lead"
    )
    assert all(0 < count < 400 for count in counts)
    assert one("select count(*) from lead where owner_id = ?", (ada.id,))[0] > 20
    assert one("select count(*) from note")[0] > 100
    assert {row[0] for row in rows("select distinct name from pipeline")} == {"Sales", "Partners"}


def test_what_is_derived_agrees(make):
    add_sample_data(300)

    assert one(
        "select count(*) from lead where closed_at is not null and stage_id in (select id from stage where kind = 'open')"
    ) == (0,)
    assert one("select count(*) from lead l join stage s on s.id = l.stage_id where s.pipeline_id <> l.pipeline_id") == (0,)
    assert (
        rows(
            "select l.id from lead l where next_task_id is distinct from (select t.id from task t where t.lead_id = l.id"
            " and t.done_at is null and t.deleted_at is null order by t.due_on is null, t.due_on, t.id limit 1)"
        )
        == []
    )
    assert one("select count(*) from lead_text") == (300,)


def test_every_story_is_in_order_and_in_the_past(make):
    add_sample_data(200)

    now = one("select max(at) from event")[0]
    for lead_id, created, entered, version, stage in rows("select id, created_at, stage_entered_at, version, stage_id from lead"):
        told = rows("select at, kind, data from event where lead_id = ? order by id", (lead_id,))
        times = [row[0] for row in told]
        assert times == sorted(times)
        assert (told[0][1], times[0]) == ("lead_created", created)
        assert times[-1] <= now
        moves = [json.loads(row[2]) for row in told if row[1] in {"lead_moved", "lead_created", "lead_snoozed"}]
        assert (moves[-1]["stage"], moves[-1]["version"]) == (stage, version)
        assert created <= entered <= now


def test_more_leads_can_follow(make):
    add_sample_data(20)
    assert add_sample_data(10) == 30

    assert one("select count(distinct external_id) from lead") == (30,)
    assert len(read_setting("sample_data")["users"]) == 10


def test_a_filling_that_was_cut_short_goes_on(make, ada, monkeypatch):
    monkeypatch.setattr(demo, "RICH_BATCH", 20)
    written = demo.write_stories
    calls = []

    def fail_once(stories: Any, **kwargs: Any) -> list[int]:
        calls.append(1)
        made = written(stories, **kwargs)
        if len(calls) == 2:
            raise RuntimeError("cut short")
        return made

    monkeypatch.setattr(demo, "write_stories", fail_once)
    start_filling(actor=ada.actor, leads=50)
    with pytest.raises(RuntimeError):
        fill_job(50, 1, ada.id)
    assert (Lead.select().count(), sample_state().leads, sample_state().phase) == (20, 20, "filling")

    fill_job(50, 1, ada.id)
    fill_job(50, 1, ada.id)
    assert (Lead.select().count(), sample_state().phase) == (50, "ready")


def test_removing_keeps_what_people_use(make, anna, ada):
    add_sample_data(30)
    colleague = User.get(User.name == "Maya Lindqvist")
    mine = make.lead("Mine", owner=colleague)
    partners = Pipeline.get(Pipeline.name == "Partners")
    make.lead("Ours", stage=partners.stages.first())

    remove_sample_data(actor=ada.actor)

    assert {lead.title for lead in Lead.select()} == {"Mine", "Ours"}
    assert User.get_by_id(colleague.id).name == "Maya Lindqvist"
    assert User.get_or_none(User.name == "Kenji Tanaka") is None
    assert Pipeline.get_or_none(Pipeline.name == "Partners") is not None
    assert mine.owner_id == colleague.id


def test_leads_that_people_worked_on_are_counted_first(make, anna, ada):
    add_sample_data(20)
    first, second = [row[0] for row in rows("select id from lead order by id limit 2")]
    assert touched_leads(sample_state()) == 0

    add_note(first, body="Called them", actor=anna.actor)
    add_note(first, body="Again", actor=anna.actor)
    delete_leads([second], actor=ada.actor)

    assert touched_leads(sample_state()) == 2
    remove_sample_data(actor=ada.actor)
    assert Lead.select().count() == 0


def test_listeners_do_not_hear_of_sample_events(make, run_jobs):
    heard: list[str] = []
    delivery.listen("ears", lambda event: heard.append(event.kind))
    delivery.deliver_all()
    add_sample_data(30)
    delivery.deliver_all()
    delivery.stop_listening("ears")

    assert heard == ["sample_data_added"]


def test_in_the_background(make, ada, run_jobs):
    start_filling(actor=ada.actor, leads=20)
    with pytest.raises(Refused):
        start_filling(actor=ada.actor)
    run_jobs()
    assert sample_state().phase == "ready"

    start_removing(actor=ada.actor)
    start_removing(actor=ada.actor)
    run_jobs()
    assert (sample_state(), Lead.select().count()) == (None, 0)
    assert jobs.run_due() == 0
    event = one("select actor_id, data from event where kind = 'sample_data_removed'")
    assert (event[0], json.loads(event[1])) == (ada.id, {"leads": 20})


@pytest.mark.parametrize("who", ["anna", "mona", "vera"])
def test_only_admins_fill_and_remove(who, make, request):
    actor = request.getfixturevalue(who).actor
    with pytest.raises(NotAllowed):
        start_filling(actor=actor)
    add_sample_data(1)
    with pytest.raises(NotAllowed):
        start_removing(actor=actor)
    with pytest.raises(NotAllowed):
        remove_sample_data(actor=actor)
