"""Pipelines, stages, sources and lost reasons."""

from datetime import date

import pytest

from leadboard.domain import lists
from leadboard.domain.leads import delete_leads, restore_leads
from leadboard.domain.moves import move_lead, snooze_lead
from leadboard.domain.pipelines import (
    add_pipeline,
    add_stage,
    archive_pipeline,
    move_stage,
    order_stages,
    update_pipeline,
    update_stage,
)
from leadboard.domain.stage_deleting import delete_stage
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.events import decode
from leadboard.models import ChangeSet, Event, EventValue, Lead, LostReason, Pipeline, Source, Stage
from leadboard.queries.pipelines import pipeline
from leadboard.queries.pipelines import stage as read_stage


def names(pipeline_id):
    return [stage.name for stage in pipeline(pipeline_id).stages]


def shown(stage_id):
    found = read_stage(stage_id)
    return {"name": found.name, "kind": found.kind, "probability": found.probability, "tone": found.tone}


@pytest.fixture
def sales(make):
    return make.pipeline("Sales").id


@pytest.fixture
def stage(sales):
    """stage("Offer"): its id."""
    return lambda name: Stage.get(Stage.pipeline == sales, Stage.name == name).id


def test_a_pipeline_gets_its_open_stages_and_one_won_and_one_lost(ada):
    made = add_pipeline(name=" Deals ", open_stages=["Prospecting", "", "  Engaging "], actor=ada.actor)

    assert Pipeline.get_by_id(made).name == "Deals"
    assert [(stage.name, stage.kind, stage.probability) for stage in pipeline(made).stages] == [
        ("Prospecting", "open", 35), ("Engaging", "open", 65), ("Won", "won", 100), ("Lost", "lost", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name, stages, field",
    [
        ("", ["A"], "name"), ("x" * 81, ["A"], "name"), ("SALES", ["A"], "name"), ("Deals", ["", " "], "open_stages"),
        ("Deals", ["A", "a"], "open_stages"), ("Deals", ["Won"], "open_stages"), ("Deals", [str(n) for n in range(39)], "open_stages"),
    ],
)  # fmt: skip
def test_a_pipeline_that_cannot_be_is_refused_with_the_field(name, stages, field, sales, ada):
    with pytest.raises(Refused) as refusal:
        add_pipeline(name=name, open_stages=stages, actor=ada.actor)

    assert refusal.value.field == field
    assert Pipeline.select().count() == 1


def test_one_pipeline_stays_in_use(sales, ada):
    with pytest.raises(Refused):
        archive_pipeline(sales, is_archived=True, actor=ada.actor)

    other = add_pipeline(name="Deals", open_stages=["A"], actor=ada.actor)
    archive_pipeline(sales, is_archived=True, actor=ada.actor)
    with pytest.raises(Refused):
        archive_pipeline(other, is_archived=True, actor=ada.actor)
    archive_pipeline(sales, is_archived=False, actor=ada.actor)
    assert Pipeline.get_by_id(sales).archived_at is None


def test_a_renamed_stage_means_the_same(make, sales, stage, ada):
    lead = make.lead(stage="Won")

    update_stage(stage("Won"), actor=ada.actor, **{**shown(stage("Won")), "name": "Lost by others"})

    found = Lead.get_by_id(lead.id)
    assert (found.stage.name, found.stage.kind, found.closed_at) == ("Lost by others", "won", lead.closed_at)
    assert found.version == lead.version


def test_a_stage_comes_after_the_last_of_its_kind(sales, ada):
    add_stage(sales, actor=ada.actor, name="Trial", kind="open", probability=70, tone="teal")
    add_stage(sales, actor=ada.actor, name="Won again", kind="won", probability=10, tone="green")

    assert names(sales) == ["New", "Contacted", "Meeting", "Offer", "Trial", "Won", "Won again", "Lost"]
    assert [stage.position for stage in pipeline(sales).stages] == list(range(8))
    assert next(stage for stage in pipeline(sales).stages if stage.name == "Won again").probability == 100


@pytest.mark.parametrize(
    "change, field",
    [({"name": " "}, "name"), ({"name": "new"}, "name"), ({"kind": "maybe"}, "kind"), ({"probability": 101}, "probability"),
     ({"probability": -1}, "probability"), ({"tone": "url(x)"}, "tone")],
)  # fmt: skip
def test_a_stage_that_cannot_be_is_refused_with_the_field(change, field, stage, ada):
    with pytest.raises(Refused) as refusal:
        update_stage(stage("Offer"), actor=ada.actor, **{**shown(stage("Offer")), **change})

    assert refusal.value.field == field
    assert shown(stage("Offer"))["name"] == "Offer"


@pytest.mark.parametrize("name", ["Won", "Lost"])
def test_the_last_stage_of_a_kind_stays(name, sales, stage, ada):
    for refused in (
        lambda: delete_stage(stage(name), actor=ada.actor, move_to=stage("New")),
        lambda: update_stage(stage(name), actor=ada.actor, **{**shown(stage(name)), "kind": "open"}),
    ):
        with pytest.raises(Refused) as refusal:
            refused()
        assert f"{name} is the only" in str(refusal.value)
    assert len(names(sales)) == 6


def test_the_last_open_stage_stays(sales, stage, ada):
    for name in ("New", "Contacted", "Meeting"):
        delete_stage(stage(name), actor=ada.actor)

    with pytest.raises(Refused):
        delete_stage(stage("Offer"), actor=ada.actor)
    assert names(sales) == ["Offer", "Won", "Lost"]


# ---------------------------------------------------------------------------------------------- deleting and meaning


def test_a_stage_with_leads_asks_where_they_go(make, sales, stage, ada):
    lead = make.lead(stage="Offer")

    for target in (None, stage("Offer"), 999, make.pipeline("Other").stages[0].id):
        with pytest.raises(Refused) as refusal:
            delete_stage(stage("Offer"), actor=ada.actor, move_to=target)
        assert refusal.value.field == "move_to"
    assert Lead.get_by_id(lead.id).stage_id == stage("Offer")


def test_its_leads_go_below_the_others_in_one_change_set(make, sales, stage, ada):
    here = make.lead(stage="Meeting")
    lower, upper = make.lead(stage="Offer"), make.lead(stage="Offer")
    snoozed, binned = make.lead(stage="Offer"), make.lead(stage="Offer")
    snooze_lead(snoozed.id, until=date(2026, 12, 1), today=date(2026, 11, 1), actor=ada.actor)
    delete_leads([binned.id], actor=ada.actor)
    before = ChangeSet.select().count()

    assert delete_stage(stage("Offer"), actor=ada.actor, move_to=stage("Meeting")).moved == 4

    order = [lead.id for lead in Lead.select().where(Lead.stage == stage("Meeting")).order_by(Lead.position)]
    assert order == [here.id, binned.id, snoozed.id, upper.id, lower.id]
    assert ChangeSet.select().count() == before + 1
    assert names(sales) == ["New", "Contacted", "Meeting", "Won", "Lost"]
    moves = [event for event in Event.select() if event.kind == "lead_moved"]
    assert {event.lead_id for event in moves} == {binned.id, snoozed.id, upper.id, lower.id}
    restore_leads([binned.id], actor=ada.actor)
    assert Lead.get_by_id(binned.id).stage.name == "Meeting"


def test_a_deleted_stage_cannot_be_undone_into_nothing(make, stage, ada):
    lead = make.lead(stage="Offer")
    moved = move_lead(lead.id, to_stage_id=stage("Meeting"), actor=ada.actor)
    delete_stage(stage("Offer"), actor=ada.actor)

    with pytest.raises(Conflict):
        undo_change(moved.change_set_id, actor=ada.actor)
    assert Lead.get_by_id(lead.id).stage.name == "Meeting"


def test_leads_that_go_to_lost_get_a_reason_and_those_that_come_back_lose_it(make, sales, stage, ada):
    add_stage(sales, actor=ada.actor, name="Never", kind="lost", probability=0, tone="red")
    lead, won = make.lead(stage="Offer"), make.lead(stage="Won")

    delete_stage(stage("Offer"), actor=ada.actor, move_to=stage("Never"))
    found = Lead.get_by_id(lead.id)
    assert (found.lost_reason.name, found.closed_at is not None) == ("Not stated", True)

    delete_stage(stage("Never"), actor=ada.actor, move_to=stage("New"))
    found = Lead.get_by_id(lead.id)
    assert (found.lost_reason, found.closed_at, found.version) == (None, None, 3)
    assert Lead.get_by_id(won.id).closed_at is not None


def test_what_a_stage_of_another_kind_makes_of_its_leads_stays_in_the_log(make, stage, ada):
    gone = make.lead("Gone", stage="Lost")
    Lead.update(lost_reason=make.lost_reason("Price"), lost_to="Rival").where(Lead.id == gone.id).execute()
    untouched = make.lead("Here", stage="Offer")
    add_stage(gone.pipeline_id, actor=ada.actor, name="Never", kind="lost", probability=0, tone="grey")
    gone = Lead.get_by_id(gone.id)

    update_stage(stage("Lost"), actor=ada.actor, **{**shown(stage("Lost")), "kind": "open"})

    event = Event.get(Event.kind == "lead_updated")
    values = {
        value.field: (decode(value.before), decode(value.after))
        for value in EventValue.select().where(EventValue.event == event.id)
    }
    assert event.lead_id == gone.id
    assert values == {
        "closed_at": (round(gone.closed_at.timestamp() * 1000), None),
        "lost_reason_id": (gone.lost_reason_id, None),
        "lost_to": ("Rival", ""),
    }
    now = Lead.get_by_id(gone.id)
    assert (now.closed_at, now.lost_reason_id, now.lost_to, now.version) == (None, None, "", gone.version + 1)
    assert Lead.get_by_id(untouched.id).version == untouched.version
    assert "changed whether the stage of this lead is open, won or lost" in ada.get(f"/leads/{gone.id}").get_data(as_text=True)


def test_another_kind_closes_and_reopens_the_leads_in_the_stage(make, stage, ada):
    lead = make.lead(stage="Offer")

    for kind, closed, reason in (("won", True, None), ("lost", True, "Not stated"), ("open", False, None)):
        update_stage(stage("Offer"), actor=ada.actor, **{**shown(stage("Offer")), "kind": kind})
        found = Lead.get_by_id(lead.id)
        assert (found.closed_at is not None, found.lost_reason and found.lost_reason.name) == (closed, reason)


# ---------------------------------------------------------------------------------------------- two admins at once


def test_two_admins_who_change_different_things_both_succeed(stage, ada):
    seen = shown(stage("Offer"))
    update_stage(stage("Offer"), actor=ada.actor, seen=seen, **{**seen, "tone": "pink"})

    update_stage(stage("Offer"), actor=ada.actor, seen=seen, **{**seen, "probability": 75})

    assert (shown(stage("Offer"))["tone"], shown(stage("Offer"))["probability"]) == ("pink", 75)


def test_two_admins_who_change_the_same_thing_are_told(stage, ada):
    offer = stage("Offer")
    seen = shown(offer)
    update_stage(offer, actor=ada.actor, seen=seen, **{**seen, "name": "Proposal"})

    with pytest.raises(Conflict) as conflict:
        update_stage(offer, actor=ada.actor, seen=seen, **{**seen, "name": "Quote"})

    assert (conflict.value.field, conflict.value.details) == ("name", {"theirs": "Proposal", "yours": "Quote"})
    update_stage(offer, actor=ada.actor, seen=shown(offer), **{**shown(offer), "name": "Quote"})
    assert shown(offer)["name"] == "Quote"


def test_the_same_change_by_two_is_no_conflict(stage, ada):
    offer = stage("Offer")
    seen = shown(offer)

    for _ in range(2):
        update_stage(offer, actor=ada.actor, seen=seen, **{**seen, "name": "Proposal"})

    assert shown(offer)["name"] == "Proposal"


def test_renaming_a_pipeline_notices_the_other_admin(sales, ada):
    update_pipeline(sales, name="Deals", actor=ada.actor, seen={"name": "Sales"})

    with pytest.raises(Conflict):
        update_pipeline(sales, name="Business", actor=ada.actor, seen={"name": "Sales"})
    assert Pipeline.get_by_id(sales).name == "Deals"


def test_an_order_made_from_an_old_list_keeps_what_was_added_and_skips_what_is_gone(sales, stage, ada):
    old = [found.id for found in pipeline(sales).stages]
    delete_stage(stage("Meeting"), actor=ada.actor)
    add_stage(sales, actor=ada.actor, name="Trial", kind="open", probability=70, tone="teal")

    order_stages(sales, [old[1], old[0], *old[2:]], actor=ada.actor)

    assert names(sales) == ["Contacted", "New", "Offer", "Trial", "Won", "Lost"]


def test_an_order_cannot_bring_in_stages_of_another_pipeline(make, sales, ada):
    other = make.pipeline("Other")
    foreign = [found.id for found in pipeline(other.id).stages]

    order_stages(sales, foreign, actor=ada.actor)

    assert names(sales) == ["New", "Contacted", "Meeting", "Offer", "Won", "Lost"]
    assert [found.id for found in pipeline(other.id).stages] == foreign


def test_one_place_up_and_down(sales, stage, ada):
    move_stage(stage("New"), by=-1, actor=ada.actor)
    move_stage(stage("Meeting"), by=-1, actor=ada.actor)
    move_stage(stage("New"), by=1, actor=ada.actor)

    assert names(sales) == ["Meeting", "New", "Contacted", "Offer", "Won", "Lost"]


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_stages_and_lists_are_for_admins(role, person, sales, stage):
    actor = person("Dora", role).actor
    source = Source.create(name="Fair").id
    before = names(sales)

    for verb in (
        lambda: add_pipeline(name="X", open_stages=["A"], actor=actor),
        lambda: update_pipeline(sales, name="X", actor=actor),
        lambda: archive_pipeline(sales, is_archived=True, actor=actor),
        lambda: add_stage(sales, actor=actor, name="X", kind="open", probability=1, tone="blue"),
        lambda: update_stage(stage("New"), actor=actor, **shown(stage("New"))),
        lambda: move_stage(stage("New"), by=1, actor=actor),
        lambda: delete_stage(stage("New"), actor=actor),
        lambda: lists.add_entry("source", "X", actor=actor),
        lambda: lists.rename_entry("source", source, "X", actor=actor),
        lambda: lists.archive_entry("source", source, is_archived=True, actor=actor),
        lambda: lists.move_entry("source", source, by=1, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert (names(sales), Source.get().name, Pipeline.select().count()) == (before, "Fair", 1)


# ---------------------------------------------------------------------------------------------- lists


def test_sources_are_added_renamed_ordered_and_archived(ada):
    web, fair = (lists.add_entry("source", name, actor=ada.actor) for name in ("Web", "Fair"))
    lists.rename_entry("source", web, "Website", actor=ada.actor)
    lists.move_entry("source", fair, by=-1, actor=ada.actor)
    lists.archive_entry("source", web, is_archived=True, actor=ada.actor)

    assert [(row.name, row.archived_at is None) for row in Source.select().order_by(Source.position)] == [
        ("Fair", True), ("Website", False),
    ]  # fmt: skip
    lists.archive_entry("source", web, is_archived=False, actor=ada.actor)
    assert Source.get_by_id(web).archived_at is None


@pytest.mark.parametrize("name", ["", "fair", "FÄIR", "x" * 81])
def test_entries_need_a_name_of_their_own(name, ada):
    Source.create(name="Fair")

    if name == "FÄIR":
        Source.create(name="Fäir")
    with pytest.raises(Refused) as refusal:
        lists.add_entry("source", name, actor=ada.actor)
    assert refusal.value.field == "name"


def test_not_stated_is_always_there(ada):
    reason = lists.not_stated_id(actor=ada.actor)

    assert lists.not_stated_id(actor=ada.actor) == reason
    for verb in (
        lambda: lists.rename_entry("lost_reason", reason, "Unknown", actor=ada.actor),
        lambda: lists.archive_entry("lost_reason", reason, is_archived=True, actor=ada.actor),
    ):
        with pytest.raises(Refused):
            verb()
    assert [(row.name, row.archived_at) for row in LostReason.select()] == [("Not stated", None)]


def test_two_who_rename_one_entry_are_told(ada):
    entry = lists.add_entry("source", "Web", actor=ada.actor)
    lists.rename_entry("source", entry, "Website", actor=ada.actor, seen="Web")

    with pytest.raises(Conflict):
        lists.rename_entry("source", entry, "Internet", actor=ada.actor, seen="Web")
    with pytest.raises(NotFound):
        lists.rename_entry("source", 999, "Internet", actor=ada.actor)
