"""Who may change, assign, delete and restore which leads."""

import pytest

from leadboard.domain.leads import assign_leads, create_lead, delete_leads, restore_leads, update_lead
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.models import Event, Lead


@pytest.fixture
def leads(make, anna, ben):
    """Anna's, Ben's, nobody's."""
    return [make.lead("Anna's", owner=anna.user), make.lead("Ben's", owner=ben.user), make.lead("Nobody's")]


def ids(leads):
    return [lead.id for lead in leads]


def owners():
    return [lead.owner_id for lead in Lead.select().order_by(Lead.id)]


def test_a_viewer_writes_nothing(leads, vera):
    for write in (
        lambda: create_lead({"title": "x"}, actor=vera.actor),
        lambda: update_lead(leads[0].id, {"city": "x"}, actor=vera.actor),
        lambda: assign_leads(ids(leads), owner_id=None, actor=vera.actor),
        lambda: delete_leads(ids(leads), actor=vera.actor),
        lambda: restore_leads(ids(leads), actor=vera.actor),
    ):
        with pytest.raises(NotAllowed):
            write()
    assert Event.select().where(Event.actor_id == vera.id).count() == 0


def test_a_manager_assigns_any_lead_in_one_action(leads, anna, ben, mona):
    change_set_id = assign_leads(ids(leads), owner_id=mona.id, actor=mona.actor)

    assert owners() == [mona.id] * 3
    undo_change(change_set_id, actor=mona.actor)
    assert owners() == [anna.id, ben.id, None]


def test_a_member_takes_free_leads_and_gives_own_ones_away(leads, anna, ben):
    assert assign_leads([leads[2].id], owner_id=anna.id, actor=anna.actor) is not None
    assert assign_leads([leads[0].id], owner_id=ben.id, actor=anna.actor) is not None

    assert owners() == [ben.id, ben.id, anna.id]


def test_a_member_gives_away_nobody_elses(leads, anna, ben):
    for lead, owner in ((leads[1], anna.id), (leads[2], ben.id)):
        with pytest.raises(NotAllowed):
            assign_leads([leads[0].id, lead.id], owner_id=owner, actor=anna.actor)
    assert owners() == [anna.id, ben.id, None]


def test_assigning_what_is_assigned_changes_nothing(leads, anna, mona):
    assert assign_leads([leads[0].id], owner_id=anna.id, actor=mona.actor) is None
    assert Lead.get_by_id(leads[0].id).version == 1


def test_an_owner_who_does_not_exist_is_refused(leads, mona):
    with pytest.raises(Refused) as refusal:
        assign_leads(ids(leads), owner_id=99, actor=mona.actor)

    assert refusal.value.field == "owner"


def test_members_delete_and_restore_only_their_own(leads, anna):
    for lead in leads[1:]:
        with pytest.raises(NotAllowed):
            delete_leads([leads[0].id, lead.id], actor=anna.actor)
    assert Lead.select().where(Lead.deleted_at.is_null(False)).count() == 0

    delete_leads([leads[0].id], actor=anna.actor)
    restore_leads([leads[0].id], actor=anna.actor)
    assert Lead.get_by_id(leads[0].id).deleted_at is None


def test_a_restored_lead_is_where_it_was(leads, mona):
    before = Lead.get_by_id(leads[1].id)
    delete_leads([before.id], actor=mona.actor)
    restore_leads([before.id], actor=mona.actor)

    after = Lead.get_by_id(before.id)
    assert (after.stage_id, after.position, after.version) == (before.stage_id, before.position, before.version)


def test_leads_out_of_sight_are_left_alone(leads, make, anna, ben):
    make.set_up(member_visibility="own")

    assert delete_leads([leads[1].id], actor=anna.actor) is None
    assert assign_leads([leads[1].id], owner_id=anna.id, actor=anna.actor) is None
    with pytest.raises(NotFound):
        update_lead(leads[1].id, {"city": "x"}, actor=anna.actor)
    assert owners()[1] == ben.id


def test_a_deleted_lead_is_changed_by_nobody(leads, mona):
    delete_leads([leads[0].id], actor=mona.actor)

    with pytest.raises(NotFound):
        update_lead(leads[0].id, {"city": "x"}, actor=mona.actor)
    assert delete_leads([leads[0].id], actor=mona.actor) is None
    assert assign_leads([leads[0].id], owner_id=mona.id, actor=mona.actor) is None


def test_only_one_of_many_fields_in_conflict_stops_all(leads, anna, mona):
    update_lead(leads[0].id, {"city": "Sopot"}, actor=mona.actor)

    with pytest.raises(Conflict) as conflict:
        update_lead(leads[0].id, {"city": "Hel", "region": "x"}, actor=anna.actor, version=1)

    assert [one.field for one in conflict.value.details] == ["city"]
    assert Lead.get_by_id(leads[0].id).region == ""
    update_lead(leads[0].id, {"city": "Hel", "region": "x"}, actor=anna.actor, version=1, over=["city"])
    assert Lead.get_by_id(leads[0].id).city == "Hel"


def test_the_same_value_typed_twice_is_no_conflict(leads, anna, mona):
    update_lead(leads[0].id, {"city": "Sopot"}, actor=mona.actor)

    assert update_lead(leads[0].id, {"city": "Sopot"}, actor=anna.actor, version=1).change_set_id is None


def test_the_name_of_a_lead_cannot_be_taken_away(leads, anna):
    lead_id = create_lead({"person_name": "Anna"}, actor=anna.actor).lead_id

    with pytest.raises(Refused) as refusal:
        update_lead(lead_id, {"person_name": ""}, actor=anna.actor)

    assert (refusal.value.field, Lead.get_by_id(lead_id).title) == ("title", "Anna")
