"""Contacts and organisations: made, changed, given away, deleted, taken back."""

import json
from datetime import date

import pytest
from peewee import IntegrityError

from leadboard.db import atomic, execute, one, rows
from leadboard.domain.activities import log_call
from leadboard.domain.custom_fields import add_field
from leadboard.domain.field_indexes import wanted_indexes
from leadboard.domain.notes import add_note, edit_note
from leadboard.domain.parties import (
    assign_parties,
    create_contact,
    create_organisation,
    create_party,
    delete_parties,
    restore_parties,
    update_party,
)
from leadboard.domain.settings import change_settings
from leadboard.domain.tasks import NextStep, add_task, complete_task
from leadboard.domain.undo import undo_change
from leadboard.domain.versions import FieldConflict
from leadboard.errors import Conflict, Incomplete, NotAllowed, NotFound, Refused
from leadboard.permissions import SYSTEM, user_actor
from leadboard.queries.custom_fields import index_names

BOTH = pytest.mark.parametrize("noun", ["contact", "organisation"])


def state(noun, record_id):
    """Everything that is stored of a record but for moments and versions."""
    row = rows(f"select * from {noun} where id = ?", (record_id,))[0]
    return tuple(value for value in row if not (isinstance(value, int) and value > 10**12))


def values_of(events):
    return [
        (event.kind, {field: (before, after) for field, before, after in rows(
            "select field, before, after from event_value where event_id = ? order by id", (event.id,)
        )})
        for event in events
    ]  # fmt: skip


def test_an_organisation_keeps_what_finds_it_again(anna, events):
    done = create_organisation(
        {
            "name": " Ferienhof  Lüders GmbH & Co. KG",
            "website": "https://www.lueders.example/hof",
            "phone": "+49 30 901820",
            "employees": "12",
        },
        actor=anna.actor,
    )
    found = one(
        "select name, match_key, domain, phone_e164, employees, owner_id, version from organisation where id = ?", (done.id,)
    )
    assert found == ("Ferienhof Lüders GmbH & Co. KG", "ferienhof luders", "lueders.example", "+4930901820", 12, anna.id, 1)
    (event,) = events("organisation_created")
    assert one("select organisation_id, lead_id, contact_id from event where id = ?", (event.id,)) == (done.id, None, None)
    assert values_of([event])[0][1]["name"] == (None, '"Ferienhof Lüders GmbH & Co. KG"')


def test_a_contact_is_named_by_its_parts_and_follows_them(anna):
    firm = create_organisation({"name": "Acme"}, actor=anna.actor)
    done = create_contact(
        {"given_name": "Anna", "family_name": "Kim", "email": "Anna.Kim@Gmail.com", "organisation": firm.id}, actor=anna.actor
    )
    update_party("contact", done.id, {"family_name": "Kim-Lee"}, actor=anna.actor)
    found = one("select name, email_key, organisation_id, version from contact where id = ?", (done.id,))
    assert found == ("Anna Kim-Lee", "anna.kim@gmail.com", firm.id, 2)


@pytest.mark.parametrize(
    "noun, values, field, says",
    [
        ("contact", {}, "name", "needs a name"),
        ("organisation", {"email": "x@y.example"}, "name", "needs a name"),
        ("organisation", {"name": "x" * 10_000}, "name", "at most 200"),
        ("contact", {"name": "A", "email": "nobody"}, "email", "not an e-mail"),
        ("contact", {"name": "A", "organisation": 99}, "organisation", "no longer exists"),
        ("contact", {"name": "A", "owner": 99}, "owner", "no longer exists"),
        ("organisation", {"name": "A", "parent": 99}, "parent", "no longer exists"),
        ("contact", {"name": "A", "shoe": "1"}, "shoe", "no field"),
    ],
)
def test_what_cannot_be_is_refused_by_field(anna, noun, values, field, says):
    with pytest.raises(Refused) as refused:
        create_party(noun, values, actor=anna.actor)
    assert refused.value.field == field
    assert says in str(refused.value)
    assert one(f"select count(*) from {noun}") == (0,)


def test_firms_do_not_own_each_other_in_a_ring(anna):
    top, middle, low = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Top", "Middle", "Low"))
    update_party("organisation", middle, {"parent": top}, actor=anna.actor)
    update_party("organisation", low, {"parent": middle}, actor=anna.actor)
    for parent in (top, low):
        with pytest.raises(Refused, match="part of itself"):
            update_party("organisation", top, {"parent": parent}, actor=anna.actor)
    assert rows("select name, parent_id from organisation order by id") == [("Top", None), ("Middle", top), ("Low", middle)]


@BOTH
def test_disjoint_fields_both_survive_and_the_same_asks(noun, anna, ben):
    record = create_party(noun, {"name": "Kim", "city": "Kiel", "phone": "1"}, actor=anna.actor)
    update_party(noun, record.id, {"city": "Bonn"}, actor=anna.actor, version=1)
    update_party(noun, record.id, {"phone": "2"}, actor=ben.actor, version=1)
    with pytest.raises(Conflict) as conflict:
        update_party(noun, record.id, {"city": "Köln"}, actor=ben.actor, version=1)
    assert conflict.value.details == [FieldConflict("city", "Köln", "Bonn", anna.user.name)]
    done = update_party(noun, record.id, {"city": "Köln"}, actor=ben.actor, version=1, over=["city"])
    assert (one(f"select city, phone from {noun}"), done.version) == (("Köln", "2"), 4)
    assert update_party(noun, record.id, {"city": "Köln"}, actor=ben.actor).change_set_id is None


@BOTH
def test_each_step_is_taken_back_to_the_state_before(noun, anna):
    steps, states = [], []
    record = create_party(noun, {"name": "Kim", "city": "Kiel"}, actor=anna.actor)
    for write in (
        lambda: update_party(noun, record.id, {"city": "Bonn", "name": "Kim Lee"}, actor=anna.actor).change_set_id,
        lambda: assign_parties(noun, [record.id], owner_id=None, actor=anna.actor),
        lambda: assign_parties(noun, [record.id], owner_id=anna.id, actor=anna.actor),
        lambda: delete_parties(noun, [record.id], actor=anna.actor),
    ):
        states.append(state(noun, record.id))
        steps.append(write())
    versionless = [tuple(value for value in one if not isinstance(value, int)) for one in states]
    for step, before in zip(reversed(steps), reversed(versionless), strict=True):
        undo_change(step, actor=anna.actor)
        assert tuple(value for value in state(noun, record.id) if not isinstance(value, int)) == before
    undo_change(record.change_set_id, actor=anna.actor)
    assert one(f"select count(*) from {noun} where deleted_at is null") == (0,)


@BOTH
def test_what_somebody_changed_since_stays(noun, anna, ben):
    record = create_party(noun, {"name": "Kim", "city": "Kiel"}, actor=anna.actor)
    step = update_party(noun, record.id, {"city": "Bonn"}, actor=anna.actor)
    update_party(noun, record.id, {"city": "Köln"}, actor=ben.actor)
    with pytest.raises(Conflict, match="Ben Carter changed it since"):
        undo_change(step.change_set_id, actor=anna.actor)
    assert one(f"select city from {noun}") == ("Köln",)


@BOTH
def test_three_people_see_and_may_what_they_should(noun, anna, ben, vera, mona):
    change_settings(member_visibility="own", actor=SYSTEM)
    people = {
        who: user_actor(person.id, who, role, member_visibility="own")
        for who, person, role in (
            ("anna", anna, "member"),
            ("ben", ben, "member"),
            ("vera", vera, "viewer"),
            ("mona", mona, "manager"),
        )
    }
    record = create_party(noun, {"name": "Kim"}, actor=people["anna"])
    with pytest.raises(NotFound):
        update_party(noun, record.id, {"city": "Bonn"}, actor=people["ben"])
    assert delete_parties(noun, [record.id], actor=people["ben"]) is None
    with pytest.raises(NotAllowed):
        update_party(noun, record.id, {"city": "Bonn"}, actor=people["vera"])
    update_party(noun, record.id, {"city": "Bonn"}, actor=people["mona"])
    delete_parties(noun, [record.id], actor=people["anna"])
    assert restore_parties(noun, [record.id], actor=people["ben"]) is None
    assert restore_parties(noun, [record.id], actor=people["mona"]) is not None
    assert one(f"select city, deleted_at from {noun}") == ("Bonn", None)


@BOTH
def test_a_member_gives_away_only_the_own(noun, anna, ben, mona):
    record = create_party(noun, {"name": "Kim"}, actor=anna.actor)
    with pytest.raises(NotAllowed):
        assign_parties(noun, [record.id], owner_id=ben.id, actor=ben.actor)
    with pytest.raises(NotAllowed):
        delete_parties(noun, [record.id], actor=ben.actor)
    assign_parties(noun, [record.id], owner_id=ben.id, actor=mona.actor)
    assert one(f"select owner_id, deleted_at from {noun}") == (ben.id, None)


@BOTH
def test_a_number_of_elsewhere_is_not_there_twice(noun, anna):
    first = create_party(noun, {"name": "Kim"}, actor=anna.actor)
    for_all = f"update {noun} set external_source = 'hub', external_id = '7' where id = ?"
    execute(for_all, (first.id,))
    delete_parties(noun, [first.id], actor=anna.actor)
    second = create_party(noun, {"name": "Kim"}, actor=anna.actor)
    execute(for_all, (second.id,))
    restore_parties(noun, [first.id], actor=anna.actor)
    assert rows(f"select id, external_id from {noun} order by id") == [(first.id, None), (second.id, "7")]


# ---------------------------------------------------------------------------------------------- custom fields


def test_each_record_has_fields_of_its_own(anna, ada):
    for noun, label in (("contact", "Budget"), ("organisation", "Budget"), ("lead", "Budget")):
        add_field(label, "number", record_type=noun, actor=ada.actor)
    add_field("Licence", "text", record_type="organisation", is_unique=True, actor=ada.actor)
    firm = create_organisation({"name": "Acme", "fields.budget": 5, "fields.licence": "X1"}, actor=anna.actor)
    person = create_contact({"name": "Kim", "fields.budget": 7}, actor=anna.actor)
    assert (custom_of("organisation", firm.id), custom_of("contact", person.id)) == (
        {"budget": 5, "licence": "X1"},
        {"budget": 7},
    )
    with pytest.raises(Refused, match="There is no field"):
        update_party("contact", person.id, {"fields.licence": "X2"}, actor=anna.actor)
    with pytest.raises(Refused, match=f"must be unique, and #{firm.id} Acme has this value already"):
        create_organisation({"name": "Birch", "fields.licence": "x1"}, actor=anna.actor)
    step = update_party("organisation", firm.id, {"fields.budget": 6}, actor=anna.actor)
    undo_change(step.change_set_id, actor=anna.actor)
    assert custom_of("organisation", firm.id) == {"budget": 5, "licence": "X1"}
    assert index_names() == set(wanted_indexes())


def test_a_required_field_is_asked_for_where_somebody_can_answer(anna, ada):
    add_field("Licence", "text", record_type="organisation", is_required=True, actor=ada.actor)
    with pytest.raises(Incomplete):
        create_party("organisation", {"name": "Acme"}, actor=anna.actor, complete=True)
    firm = create_organisation({"name": "Acme", "fields.licence": "X"}, actor=anna.actor)
    with pytest.raises(Refused, match="must not be empty"):
        update_party("organisation", firm.id, {"fields.licence": ""}, actor=anna.actor)


@pytest.mark.parametrize(
    "label, key, says", [("Name", "", "already"), ("Other", "employees", "taken"), ("Budget", "", "already")]
)
def test_a_field_is_told_from_those_that_are_there(ada, label, key, says):
    add_field("Budget", "number", record_type="organisation", actor=ada.actor)
    with pytest.raises(Refused, match=says):
        add_field(label, "number", key=key, record_type="organisation", actor=ada.actor)


def custom_of(noun, record_id):
    found = one(f"select fields from {noun} where id = ?", (record_id,))[0]
    return json.loads(found) if isinstance(found, str) else found


# ---------------------------------------------------------------------------------------------- what hangs on them

HANGING = "select count(*) from {0} where {1}_id = ? and deleted_at is null"


@BOTH
def test_notes_steps_and_calls_hang_on_them_and_are_taken_back(noun, anna, ben):
    record, day = create_party(noun, {"name": "Kim"}, actor=anna.actor), date(2026, 12, 1)
    begun = one(f"select last_touch_at, next_task_id, next_task_on from {noun}")
    where = {f"{noun}_id": record.id}
    note = add_note(body="Call back", actor=ben.actor, **where)
    task = add_task(title="Send the offer", due_on=day, actor=anna.actor, **where)
    call = log_call(direction="outgoing", outcome="reached", next_step=NextStep("Visit"), actor=anna.actor, **where)
    edit_note(note.id, body="Call back on Monday", actor=ben.actor)
    assert [one(HANGING.format(table, noun), (record.id,))[0] for table in ("note", "task", "activity")] == [1, 2, 1]
    assert one(f"select next_task_id from {noun}") == (task.id,)
    kinds = rows(f"select kind, lead_id from event where {noun}_id = ? order by id", (record.id,))
    assert kinds == [
        (f"{noun}_created", None), ("note_added", None), ("task_added", None), ("activity_logged", None), ("task_added", None),
        ("note_edited", None),
    ]  # fmt: skip
    done = complete_task(task.id, actor=anna.actor)
    assert one(f"select next_task_on from {noun}") == (None,)
    for step, person in ((done, anna), (call.change_set_id, anna), (task.change_set_id, anna), (note.change_set_id, ben)):
        undo_change(step, actor=person.actor)
    assert [one(HANGING.format(table, noun), (record.id,))[0] for table in ("note", "task", "activity")] == [0, 0, 0]
    assert one(f"select last_touch_at, next_task_id, next_task_on from {noun}") == begun


@BOTH
def test_what_hangs_on_a_hidden_record_is_hidden(noun, anna, ben):
    change_settings(member_visibility="own", actor=SYSTEM)
    owner, other = (user_actor(person.id, "x", "member", member_visibility="own") for person in (anna, ben))
    record = create_party(noun, {"name": "Kim"}, actor=owner)
    note = add_note(body="Secret", actor=owner, **{f"{noun}_id": record.id})
    for write in (
        lambda: add_note(body="?", actor=other, **{f"{noun}_id": record.id}),
        lambda: edit_note(note.id, body="?", actor=other),
    ):
        with pytest.raises(NotFound):
            write()
    assert rows("select body from note") == [("Secret",)]


def test_a_row_hangs_on_one_record_only(anna, make):
    lead, person = make.lead(), create_contact({"name": "Kim"}, actor=anna.actor)
    with pytest.raises(TypeError):
        add_note(lead.id, body="?", contact_id=person.id, actor=anna.actor)
    for hosts in ((lead.id, person.id), (None, None)):
        with pytest.raises(IntegrityError), atomic():
            execute(
                "insert into note (lead_id, contact_id, body, is_pinned, version, created_at) values (?, ?, 'x', false, 1, 1)",
                hosts,
            )
    assert one("select count(*) from note") == (0,)
