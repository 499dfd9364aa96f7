"""Work on many records as a job: what it changes, refuses and leaves alone; stopped, killed and taken back."""

import json
import random

import pytest

from leadboard.db import execute, one, rows
from leadboard.domain import bulk_jobs
from leadboard.domain.bulk import choose_task, draft_bulk, preview_bulk, resume_bulk, start_bulk, stop_bulk, sweep_bulk
from leadboard.domain.bulk_undo import start_bulk_undo
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.tags import set_tags
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.jobs import run_due
from leadboard.models import ChangeSet, Contact, Event, Lead, LostReason, Organisation, Stage
from leadboard.permissions import user_actor
from leadboard.queries.bulk import count_of, has_stopped, load_bulk, refusals
from leadboard.queries.settings import today


def begin(person, record_type="lead", task=None, **selection):
    """The id of a run that waits for its job."""
    run_id = draft_bulk(record_type, actor=person.actor, **selection)
    choose_task(run_id, task or {"verb": "delete"}, actor=person.actor)
    start_bulk(run_id, actor=person.actor)
    return run_id


def city(name):
    return {"verb": "edit", "values": {"city": name}}


def test_all_that_match_are_edited_in_one_change_set(mona, anna, make):
    mine = make.leads(5, owner=anna.user)
    other = make.lead(city="Oslo")

    run_id = begin(mona, task=city("Gdynia"), args={"owner": str(anna.id)})
    run_due()

    run = load_bulk(run_id)
    assert (run.state, run.total, run.done, run.counts) == ("done", 5, 5, {"changed": 5})
    assert [lead.city for lead in Lead.select().order_by(Lead.id)] == ["Gdynia"] * 5 + ["Oslo"]
    assert {event.change_set_id for event in Event.select().where(Event.kind == "lead_updated")} == {run.change_set_id}
    assert ChangeSet.get_by_id(run.change_set_id).kind == "lead.bulk"
    undo_change(run.change_set_id, actor=mona.actor)
    assert {lead.city for lead in Lead.select().where(Lead.id.in_([one.id for one in mine]))} == {""}
    assert Lead.get_by_id(other.id).version == other.version


def test_what_does_not_match_any_more_is_left_alone_and_counted(mona, anna, ben, make, monkeypatch):
    leads = make.leads(6, owner=anna.user)
    run_id = begin(mona, task=city("Gdynia"), args={"owner": str(anna.id)})
    collect = bulk_jobs._collect

    def collect_then_change(run, actor):
        collect(run, actor)
        update_lead(leads[0].id, {"owner": ben.id}, actor=mona.actor)
        delete_leads([leads[1].id], actor=mona.actor)
        make.lead(owner=anna.user)  # matches, but was not there when it was looked

    monkeypatch.setattr(bulk_jobs, "_collect", collect_then_change)
    run_due()

    run = load_bulk(run_id)
    assert (run.total, run.counts) == (6, {"changed": 4, "left": 2})
    assert Lead.select().where(Lead.city == "Gdynia").count() == 4


def test_all_matching_never_means_more_than_one_may_see(anna, ben, make):
    make.set_up(member_visibility="own")
    make.lead(owner=anna.user), make.lead(owner=ben.user), make.lead()
    actor = user_actor(anna.id, "Anna", "member", member_visibility="own")
    run_id = draft_bulk("lead", actor=actor, args={})
    choose_task(run_id, city("Gdynia"), actor=actor)

    assert count_of(load_bulk(run_id), actor, today()) == (2, True)
    start_bulk(run_id, actor=actor)
    run_due()
    assert load_bulk(run_id).counts == {"changed": 2}
    assert Lead.get(Lead.owner == ben.user).city == ""


def test_what_one_may_not_do_is_refused_with_its_reason(anna, ben, make):
    mine, theirs = make.lead("Mine", owner=anna.user), make.lead("Theirs", owner=ben.user)

    run_id = begin(anna, ids=[mine.id, theirs.id])
    run_due()

    run = load_bulk(run_id)
    assert run.counts == {"changed": 1, "refused": 1}
    assert [(one.record_id, one.title) for one in refusals(run, "lead", anna.actor, 10)] == [(theirs.id, "Theirs")]
    assert [lead.deleted_at is None for lead in Lead.select().order_by(Lead.id)] == [False, True]


def test_a_preview_tells_and_changes_nothing(anna, ben, make):
    mine, theirs = make.lead("Mine", owner=anna.user, city="Oslo"), make.lead("Theirs", owner=ben.user)
    done = make.lead("Mine too", owner=ben.user, city="Oslo")
    run_id = draft_bulk("lead", actor=anna.actor, args={})
    before = one("select max(id) from event"), one("select max(id) from change_set")

    choose_task(run_id, {"verb": "assign", "owner": ben.id}, actor=anna.actor)
    found = preview_bulk(load_bulk(run_id), actor=anna.actor, today=today())

    assert [(one.record_id, one.values) for one in found.changed] == [(mine.id, {"owner": (anna.id, ben.id)})]
    assert (found.same, found.looked_at, found.refused) == (2, 3, [])
    choose_task(run_id, {"verb": "assign", "owner": anna.id}, actor=anna.actor)
    found = preview_bulk(load_bulk(run_id), actor=anna.actor, today=today())
    assert [(number, error.message) for number, error in found.refused] == [
        (done.id, "Only a manager gives somebody else's lead away."), (theirs.id, "Only a manager gives somebody else's lead away."),
    ]  # fmt: skip
    assert (one("select max(id) from event"), one("select max(id) from change_set")) == before
    assert [lead.owner_id for lead in Lead.select().order_by(Lead.id)] == [anna.id, ben.id, ben.id]


def test_moves_go_through_the_rules_of_stages(mona, make):
    leads = make.leads(3)
    lost = Stage.get(Stage.kind == "lost")
    move_lead(leads[2].id, to_stage_id=Stage.get(Stage.kind == "won").id, actor=mona.actor)
    run_id = draft_bulk("lead", actor=mona.actor, args={})

    with pytest.raises(Refused) as refusal:
        choose_task(run_id, {"verb": "move", "stage_id": lost.id}, actor=mona.actor)
    assert refusal.value.field == "lost_reason"
    reason = LostReason.select().first() or make.lost_reason("Price")
    choose_task(run_id, {"verb": "move", "stage_id": lost.id, "reason_id": reason.id}, actor=mona.actor)
    start_bulk(run_id, actor=mona.actor)
    run_due()

    assert load_bulk(run_id).counts == {"changed": 3}
    assert {(lead.stage_id, lead.lost_reason_id) for lead in Lead.select()} == {(lost.id, reason.id)}
    again = begin(mona, task={"verb": "move", "stage_id": lost.id, "reason_id": reason.id}, args={})
    run_due()
    assert load_bulk(again).counts == {"same": 3}


def test_it_goes_on_where_it_stopped_and_does_no_lead_twice(mona, make, monkeypatch):
    make.leads(30)
    monkeypatch.setattr(bulk_jobs, "MOST_IN_BATCH", 4)
    monkeypatch.setattr(bulk_jobs, "FIRST_BATCH", 4)
    run_id = begin(mona, task=city("Gdynia"), args={})
    batch, calls = bulk_jobs._batch, []

    def killed(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return batch(*args)

    monkeypatch.setattr(bulk_jobs, "_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        run_due()
    assert 0 < load_bulk(run_id).done == Event.select().where(Event.kind == "lead_updated").count() < 30
    execute("update job set lease_until = 0 where state = 'running'")  # as when its worker is gone
    run_due()

    assert (load_bulk(run_id).state, load_bulk(run_id).counts) == ("done", {"changed": 30})
    assert Event.select().where(Event.kind == "lead_updated").count() == 30
    assert len({event.change_set_id for event in Event.select().where(Event.kind == "lead_updated")}) == 1


def test_it_can_be_stopped_and_what_was_done_taken_back(mona, make, monkeypatch):
    make.leads(10)
    monkeypatch.setattr(bulk_jobs, "SLICE_S", 0.0)
    monkeypatch.setattr(bulk_jobs, "FIRST_BATCH", 4)
    run_id = begin(mona, task=city("Gdynia"), args={})
    run = load_bulk(run_id)
    bulk_jobs._collect(run, mona.actor)
    bulk_jobs._batch(
        load_bulk(run_id), 0, [lead.id for lead in Lead.select().order_by(Lead.id).limit(4)], None, mona.actor, today()
    )
    change_set_id = load_bulk(run_id).change_set_id
    with pytest.raises(Refused, match="still being done"):
        start_bulk_undo(change_set_id, actor=mona.actor)

    stop_bulk(run_id, actor=mona.actor)
    run_due()

    assert (load_bulk(run_id).state, load_bulk(run_id).done) == ("stopped", 4)
    with pytest.raises(Conflict):
        stop_bulk(run_id, actor=mona.actor)
    undo_change(change_set_id, actor=mona.actor)
    assert {lead.city for lead in Lead.select()} == {""}


def test_two_people_take_turns(mona, anna, make, monkeypatch):
    leads = make.leads(8, owner=anna.user)
    monkeypatch.setattr(bulk_jobs, "FIRST_BATCH", 2)
    monkeypatch.setattr(bulk_jobs, "MOST_IN_BATCH", 2)
    monkeypatch.setattr(bulk_jobs, "SLICE_S", 0)
    order, batch = [], bulk_jobs._batch
    monkeypatch.setattr(bulk_jobs, "_batch", lambda run, *rest: order.append(run.user_id) or batch(run, *rest))
    first = begin(mona, task=city("Gdynia"), args={})
    second = begin(anna, task={"verb": "edit", "values": {"territory": "North"}}, ids=[lead.id for lead in leads])
    run_due()

    assert [load_bulk(one).counts for one in (first, second)] == [{"changed": 8}] * 2
    assert {(lead.city, lead.territory, lead.version) for lead in Lead.select()} == {("Gdynia", "North", 3)}
    assert order[:4] in ([mona.id, anna.id, mona.id, anna.id], [anna.id, mona.id, anna.id, mona.id])


def test_a_large_action_is_taken_back_by_a_job(mona, ben, make, monkeypatch):
    leads = make.leads(12, city="Oslo")
    run_id = begin(mona, task=city("Gdynia"), args={})
    run_due()
    update_lead(leads[3].id, {"city": "Bergen"}, actor=ben.actor)

    undo_id = start_bulk_undo(load_bulk(run_id).change_set_id, actor=mona.actor)
    with pytest.raises(Refused, match="undone already"):
        start_bulk_undo(load_bulk(run_id).change_set_id, actor=mona.actor)
    run_due()

    assert load_bulk(undo_id).counts == {"changed": 11, "kept": 1}
    assert [lead.city for lead in Lead.select().order_by(Lead.id)] == ["Oslo"] * 3 + ["Bergen"] + ["Oslo"] * 8


def test_only_whoever_drafted_it_sees_and_begins_it(mona, anna, vera, make):
    lead = make.lead()
    run_id = draft_bulk("lead", actor=mona.actor, ids=[lead.id])

    for step in (
        lambda: choose_task(run_id, city("x"), actor=anna.actor),
        lambda: start_bulk(run_id, actor=anna.actor),
        lambda: stop_bulk(run_id, actor=anna.actor),
        lambda: resume_bulk(run_id, actor=anna.actor),
    ):
        with pytest.raises(NotFound):
            step()
    with pytest.raises(NotAllowed):
        draft_bulk("lead", actor=vera.actor, ids=[lead.id])
    with pytest.raises(Refused):
        start_bulk(run_id, actor=mona.actor)  # nothing was chosen
    choose_task(run_id, city("x"), actor=mona.actor)
    start_bulk(run_id, actor=mona.actor)
    with pytest.raises(Conflict):
        start_bulk(run_id, actor=mona.actor)
    with pytest.raises(Conflict):
        choose_task(run_id, city("y"), actor=mona.actor)


def test_rights_are_those_of_the_moment_it_is_done(mona, make):
    make.leads(2)
    run_id = begin(mona, task=city("Gdynia"), args={})
    execute("update \"user\" set role = 'viewer' where id = ?", (mona.id,))
    run_due()

    run = load_bulk(run_id)
    assert (run.state, run.done) == ("done", 0)
    assert "role" in run.error


def test_a_job_that_gave_up_can_go_on(mona, make):
    make.leads(2)
    run_id = begin(mona, task=city("Gdynia"), args={})
    with pytest.raises(Refused):
        resume_bulk(run_id, actor=mona.actor)
    execute("update job set state = 'failed'")

    assert has_stopped(load_bulk(run_id))
    resume_bulk(run_id, actor=mona.actor)
    run_due()
    assert load_bulk(run_id).counts == {"changed": 2}


@pytest.mark.parametrize(
    "task, field",
    [({}, "verb"), ({"verb": "burn"}, "verb"), ({"verb": "edit"}, "field"), ({"verb": "edit", "values": {"nope": "x"}}, "nope"),
     ({"verb": "edit", "values": {"email": "no address"}}, "email"), ({"verb": "edit", "values": {"fields.nope": 1}}, "fields.nope"),
     ({"verb": "edit", "how": "add", "values": {"city": "x"}}, "city"), ({"verb": "assign", "owner": 999}, "owner"),
     ({"verb": "move", "stage_id": 999}, "stage"), ({"verb": "move"}, "stage"), ({"verb": "tag", "how": "add", "tags": [" "]}, "tags"),
     ({"verb": "tag", "tags": ["Hot"]}, "how"), ({"verb": "tag", "how": "add", "tags": ["x" * 41]}, "name")],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_before_it_begins(mona, make, task, field):
    run_id = draft_bulk("lead", actor=mona.actor, ids=[make.lead().id])

    with pytest.raises(Refused) as refusal:
        choose_task(run_id, task, actor=mona.actor)
    assert refusal.value.field == field


def test_several_choices_are_added_and_taken_away(mona, make):
    choices = {"choices": [{"key": key, "label": key.title()} for key in ("red", "green", "blue")]}
    make.field("Colours", "choices", options=choices)
    lead = make.lead()
    update_lead(lead.id, {"fields.colours": ["red"]}, actor=mona.actor)

    for how, value, kept in (("add", ["blue"], ["red", "blue"]), ("remove", ["red"], ["blue"]), ("set", ["green"], ["green"])):
        begin(mona, task={"verb": "edit", "how": how, "values": {"fields.colours": value}}, ids=[lead.id])
        run_due()
        [(fields,)] = rows("select fields from lead where id = ?", (lead.id,))
        assert (json.loads(fields) if isinstance(fields, str) else fields)["colours"] == kept


def tags_of_leads():
    return rows("select l.lead_id, t.name from lead_tag l join tag t on t.id = l.tag_id order by l.lead_id, t.name")


def test_tags_are_given_and_taken_away_and_the_undo_knows_whose_they_were(mona, anna, ben, make):
    one_, two, _ = make.leads(3, owner=anna.user)
    set_tags(one_.id, ["Hot", "Fair"], actor=mona.actor)
    set_tags(two.id, ["Cold"], actor=mona.actor)
    first = tags_of_leads()

    # Nothing is made by looking: the tag is not there before it begins.
    run_id = draft_bulk("lead", actor=mona.actor, args={})
    choose_task(run_id, {"verb": "tag", "how": "add", "tags": ["hot", "New one"]}, actor=mona.actor)
    found = preview_bulk(load_bulk(run_id), actor=mona.actor, today=today())
    assert [one.values["tags"] for one in sorted(found.changed, key=lambda one: one.record_id)] == [
        (["Fair", "Hot"], ["Fair", "Hot", "New one"]), (["Cold"], ["Cold", "Hot", "New one"]), ([], ["Hot", "New one"]),
    ]  # fmt: skip
    assert rows("select name from tag where name = 'New one'") == [] and tags_of_leads() == first
    start_bulk(run_id, actor=mona.actor)
    run_due()
    assert load_bulk(run_id).counts == {"changed": 3}
    assert [name for lead_id, name in tags_of_leads() if lead_id == two.id] == ["Cold", "Hot", "New one"]
    undo_change(load_bulk(run_id).change_set_id, actor=mona.actor)
    assert tags_of_leads() == first

    run_id = begin(mona, task={"verb": "tag", "how": "remove", "tags": ["HOT", "never there"]}, args={})
    run_due()
    assert load_bulk(run_id).counts == {"changed": 1, "same": 2}
    assert tags_of_leads() == [(one_.id, "Fair"), (two.id, "Cold")]
    with pytest.raises(Refused, match="Only leads have tags"):
        begin(mona, "contact", {"verb": "tag", "how": "add", "tags": ["Hot"]}, ids=[make.contact("Zoë").id])


@pytest.mark.parametrize("record_type, model", [("contact", Contact), ("organisation", Organisation)])
def test_people_and_firms_alike(mona, anna, make, record_type, model):
    ids = [getattr(make, record_type)(f"Nr {number}", owner=anna.user) for number in range(4)]
    ids = [getattr(one, "id", one) for one in ids]
    begin(mona, record_type, city("Gdynia"), args={"owner": str(anna.id)})
    run_due()
    assert {one.city for one in model.select()} == {"Gdynia"}

    run_id = begin(mona, record_type, {"verb": "assign", "owner": None}, ids=ids[:2])
    run_due()
    assert model.select().where(model.owner.is_null()).count() == 2

    run_id = begin(mona, record_type, args={})
    run_due()
    assert model.select().where(model.deleted_at.is_null()).count() == 0
    undo_change(load_bulk(run_id).change_set_id, actor=mona.actor)
    assert model.select().where(model.deleted_at.is_null()).count() == 4


def test_old_drafts_and_old_work_are_forgotten(mona, make):
    lead = make.lead()
    draft = draft_bulk("lead", actor=mona.actor, ids=[lead.id])
    done = begin(mona, ids=[lead.id])
    run_due()
    sweep_bulk()
    assert load_bulk(draft) and load_bulk(done)
    execute("update bulk_run set created_at = 0")
    sweep_bulk()
    assert load_bulk(draft) is None and load_bulk(done) is None


WHOLE = (
    "select id, title, city, stage_id, position, owner_id, closed_at, lost_reason_id, lost_to, stage_entered_at, deleted_at is null"
    " from lead order by id"
)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_done_to_many_the_undo_gives_the_first_state(mona, anna, ben, make, seed):
    chance = random.Random(seed)
    leads = make.leads(12)
    stages, reason = [stage.id for stage in Stage.select()], make.lost_reason("Price")
    for lead in leads:
        move_lead(lead.id, to_stage_id=chance.choice(stages), loss=Loss(reason.id), actor=mona.actor)
        update_lead(
            lead.id, {"owner": chance.choice([anna.id, ben.id, None]), "city": chance.choice(["Oslo", ""])}, actor=mona.actor
        )
    first, owner = rows(WHOLE), chance.choice(["", f"{anna.id}", "none"])
    task = chance.choice([
        city("Gdynia"), city(""), {"verb": "delete"}, {"verb": "assign", "owner": ben.id},
        {"verb": "move", "stage_id": chance.choice(stages), "reason_id": reason.id},
    ])  # fmt: skip

    run_id = begin(mona, task=task, args={"owner": owner} if owner else {})
    run_due()

    run = load_bulk(run_id)
    assert sum(run.counts.values()) == run.total and not run.counts.get("refused")
    if run.change_set_id is None:
        assert not run.counts.get("changed")
    else:
        start_bulk_undo(run.change_set_id, actor=mona.actor)
        run_due()
    assert rows(WHOLE) == first
