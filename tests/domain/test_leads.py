"""Creating and changing leads."""

import pytest

from leadboard.domain.leads import create_lead, delete_leads, update_lead
from leadboard.domain.undo import undo_change
from leadboard.domain.versions import FieldConflict
from leadboard.errors import Conflict, NotFound, Refused
from leadboard.models import ChangeSet, Event, Lead


def test_a_new_lead_belongs_to_the_member_who_typed_it(make, anna):
    make.pipeline()

    done = create_lead({"person_name": "Anna Nowak", "email": "Anna@Baltic.example", "value_amount": 980000}, actor=anna.actor)

    lead = Lead.get_by_id(done.lead_id)
    assert (lead.title, lead.email_key, lead.value_amount, lead.value_currency) == (
        "Anna Nowak",
        "anna@baltic.example",
        980000,
        "EUR",
    )
    assert (lead.owner_id, lead.stage.name, lead.version) == (anna.id, "New", 1)


def test_new_leads_come_on_top(make, anna):
    first, second = make.leads(2)

    assert second.position < first.position


def test_a_lead_without_any_name_is_refused(make, anna):
    make.pipeline()

    with pytest.raises(Refused) as refusal:
        create_lead({"city": "Kraków"}, actor=anna.actor)

    assert refusal.value.field == "title"


def test_the_title_follows_the_person_until_it_is_typed(make, anna):
    make.pipeline()
    lead_id = create_lead({"person_name": "Anna"}, actor=anna.actor).lead_id
    update_lead(lead_id, {"person_name": "Anna Nowak"}, actor=anna.actor)
    assert Lead.get_by_id(lead_id).title == "Anna Nowak"

    update_lead(lead_id, {"title": "Big order"}, actor=anna.actor)
    update_lead(lead_id, {"person_name": "Ewa"}, actor=anna.actor)
    assert Lead.get_by_id(lead_id).title == "Big order"


def test_edits_of_different_fields_both_survive(make, anna, ben):
    lead = make.lead()
    update_lead(lead.id, {"city": "Gdańsk"}, actor=anna.actor, version=1)
    update_lead(lead.id, {"phone": "+48 22 555 01 20"}, actor=ben.actor, version=1)

    lead = Lead.get_by_id(lead.id)
    assert (lead.city, lead.phone, lead.phone_e164, lead.version) == ("Gdańsk", "+48 22 555 01 20", "+48225550120", 3)


def test_edits_of_the_same_field_show_both_values(make, anna, ben):
    lead = make.lead()
    update_lead(lead.id, {"city": "Gdańsk"}, actor=anna.actor, version=1)

    with pytest.raises(Conflict) as conflict:
        update_lead(lead.id, {"city": "Gdynia"}, actor=ben.actor, version=1)

    assert conflict.value.details == [FieldConflict("city", "Gdynia", "Gdańsk", "Anna Kowalska")]
    assert Lead.get_by_id(lead.id).city == "Gdańsk"


def test_a_stranger_to_a_lead_cannot_change_it(make, anna, ben):
    make.set_up(member_visibility="own")
    lead = make.lead(owner=anna.user)

    with pytest.raises(NotFound):
        update_lead(lead.id, {"city": "Gdynia"}, actor=ben.actor)

    assert Lead.get_by_id(lead.id).city == ""


def test_an_edit_can_be_undone(make, anna):
    lead = make.lead(city="Gdańsk")
    done = update_lead(lead.id, {"city": "Sopot"}, actor=anna.actor)

    undo_change(done.change_set_id, actor=anna.actor)

    assert Lead.get_by_id(lead.id).city == "Gdańsk"
    assert [event.kind for event in Event.select().order_by(Event.id)] == ["lead_created", "lead_updated", "lead_updated"]


def test_what_cannot_be_taken_back_is_not_told_as_undone(make, anna, ben, mona):
    """A lead that its maker no longer sees, or that is in the bin already, stays as it is, and the action stays open."""
    make.set_up(member_visibility="own")
    lead = make.lead(owner=ben.user, actor=anna.actor)
    event = Event.get(Event.kind == "lead_created")
    with pytest.raises(NotFound):
        undo_change(event.change_set_id, actor=anna.actor)
    delete_leads([lead.id], actor=ben.actor)
    with pytest.raises(NotFound):
        undo_change(event.change_set_id, actor=mona.actor)

    assert [row.undone_at for row in ChangeSet.select().where(ChangeSet.id == event.change_set_id)] == [None]
