"""Notes: who writes, edits, pins and deletes them, and what undo brings back."""

import pytest

from leadboard.domain.notes import MAX_BODY, add_note, delete_note, edit_note, pin_note
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.models import Event, Lead, Note


def kinds() -> list[str]:
    return [event.kind for event in Event.select().order_by(Event.id)]


def state(note_id: int) -> tuple[str, bool, int, bool, bool]:
    note = Note.get_by_id(note_id)
    return note.body, note.is_pinned, note.version, note.edited_at is not None, note.deleted_at is not None


def test_a_note_is_kept_as_typed_and_starts_the_quiet_clock(make, anna):
    lead = make.lead()
    Lead.update(last_touch_at=1000).execute()

    added = add_note(lead.id, body="  Budget **approved**\r\nuntil March\x00  \n\n", actor=anna.actor)

    note = Note.get_by_id(added.id)
    assert (note.lead_id, note.author_id, note.body) == (lead.id, anna.id, "  Budget **approved**\nuntil March")
    assert Lead.get_by_id(lead.id).last_touch_at > Lead.get_by_id(lead.id).created_at.replace(year=2000)
    assert kinds() == ["lead_created", "note_added"]


@pytest.mark.parametrize("body, message", [("", "empty"), (" \n\t ", "empty"), ("x" * (MAX_BODY + 1), "100000")])
def test_an_empty_or_endless_note_is_refused(body, message, make, anna):
    lead = make.lead()

    with pytest.raises(Refused, match=message) as refusal:
        add_note(lead.id, body=body, actor=anna.actor)

    assert refusal.value.field == "body"
    assert Note.select().count() == 0


def test_the_longest_note_is_taken(make, anna):
    added = add_note(make.lead().id, body="ż" * MAX_BODY, actor=anna.actor)

    assert len(Note.get_by_id(added.id).body) == MAX_BODY


def test_an_edit_keeps_the_earlier_text_in_the_log(make, anna):
    note_id = make.note(make.lead(), "first", actor=anna.actor)

    edit_note(note_id, body="second", actor=anna.actor, version=1)

    assert state(note_id) == ("second", False, 2, True, False)
    event = Event.select().order_by(Event.id.desc()).get()
    assert {(value.field, value.before, value.after) for value in event.values if value.field == "body"} == {
        ("body", '"first"', '"second"')
    }


def test_saving_the_same_text_changes_nothing(make, anna):
    note_id = make.note(make.lead(), "first", actor=anna.actor)

    assert edit_note(note_id, body="first\r\n", actor=anna.actor, version=1) is None
    assert state(note_id) == ("first", False, 1, False, False)


def test_an_edit_of_a_text_that_changed_shows_it(make, anna, mona):
    note_id = make.note(make.lead(), "first", actor=anna.actor)
    edit_note(note_id, body="Mona's", actor=mona.actor, version=1)

    with pytest.raises(Conflict) as conflict:
        edit_note(note_id, body="Anna's", actor=anna.actor, version=1)

    assert conflict.value.details == "Mona's"
    assert state(note_id)[0] == "Mona's"


def test_a_pin_in_between_is_no_conflict(make, anna, ben):
    note_id = make.note(make.lead(), "first", actor=anna.actor)
    pin_note(note_id, pinned=True, actor=ben.actor)

    edit_note(note_id, body="second", actor=anna.actor, version=1)

    assert state(note_id) == ("second", True, 2, True, False)


@pytest.mark.parametrize("who, allowed", [("anna", True), ("ben", False), ("mona", True), ("ada", True), ("vera", False)])
def test_only_its_author_and_managers_change_a_note(who, allowed, make, anna, request):
    person = request.getfixturevalue(who)
    note_id = make.note(make.lead(), "first", actor=anna.actor)

    for verb in (lambda: edit_note(note_id, body="second", actor=person.actor), lambda: delete_note(note_id, actor=person.actor)):
        if allowed:
            verb()
        else:
            with pytest.raises(NotAllowed):
                verb()

    assert state(note_id)[0] == ("second" if allowed else "first")
    assert state(note_id)[4] is allowed


def test_anybody_who_writes_pins_and_takes_it_back(make, anna, ben):
    note_id = make.note(make.lead(), "first", actor=anna.actor)

    pinned = pin_note(note_id, pinned=True, actor=ben.actor)
    assert pin_note(note_id, pinned=True, actor=ben.actor) is None
    undo_change(pinned, actor=ben.actor)

    assert state(note_id) == ("first", False, 1, False, False)
    assert kinds()[-2:] == ["note_pinned", "note_pinned"]


def test_a_viewer_writes_nothing(make, vera):
    with pytest.raises(NotAllowed):
        add_note(make.lead().id, body="x", actor=vera.actor)


def test_notes_of_a_lead_out_of_sight_do_not_exist(make, anna, ben):
    make.set_up(member_visibility="own")
    lead = make.lead(owner=anna.user)
    note_id = make.note(lead, "secret", actor=anna.actor)

    for verb in (
        lambda: add_note(lead.id, body="x", actor=ben.actor),
        lambda: edit_note(note_id, body="x", actor=ben.actor),
        lambda: pin_note(note_id, pinned=True, actor=ben.actor),
        lambda: delete_note(note_id, actor=ben.actor),
    ):
        with pytest.raises(NotFound):
            verb()
    assert state(note_id) == ("secret", False, 1, False, False)


# ---------------------------------------------------------------------------------------------- undo


def test_undo_of_a_new_note_takes_it_and_its_touch_away(make, anna):
    lead = make.lead()
    Lead.update(last_touch_at=1000).execute()
    added = add_note(lead.id, body="wrong lead", actor=anna.actor)

    undo_change(added.change_set_id, actor=anna.actor)

    assert state(added.id)[4] is True
    assert Lead.get_by_id(lead.id).last_touch_at.timestamp() == 1


def test_undo_leaves_a_later_touch_alone(make, anna):
    lead = make.lead()
    added = add_note(lead.id, body="wrong", actor=anna.actor)
    Lead.update(last_touch_at=2**41).execute()

    undo_change(added.change_set_id, actor=anna.actor)

    assert Lead.get_by_id(lead.id).last_touch_at.timestamp() * 1000 == 2**41


def test_undo_of_an_edit_brings_the_text_back_and_keeps_the_history(make, anna):
    note_id = make.note(make.lead(), "first", actor=anna.actor)
    edited = edit_note(note_id, body="second", actor=anna.actor)

    undo_change(edited, actor=anna.actor)

    assert state(note_id) == ("first", False, 3, True, False)


def test_undo_of_an_edit_does_not_write_over_a_later_one(make, anna, mona):
    note_id = make.note(make.lead(), "first", actor=anna.actor)
    edited = edit_note(note_id, body="second", actor=anna.actor)
    edit_note(note_id, body="third", actor=mona.actor)

    with pytest.raises(Conflict, match="Mona Haddad"):
        undo_change(edited, actor=anna.actor)

    assert state(note_id)[0] == "third"


def test_undo_of_a_deletion_and_undo_of_that(make, anna):
    note_id = make.note(make.lead(), "first", actor=anna.actor)

    undone = undo_change(delete_note(note_id, actor=anna.actor), actor=anna.actor)
    assert state(note_id) == ("first", False, 1, False, False)

    undo_change(undone.change_set_id, actor=anna.actor)
    assert state(note_id)[4] is True
    assert kinds()[-3:] == ["note_deleted", "note_restored", "note_deleted"]


def test_undo_is_for_who_did_it_and_managers(make, anna, ben, mona):
    note_id = make.note(make.lead(), "first", actor=anna.actor)
    deleted = delete_note(note_id, actor=anna.actor)

    with pytest.raises(NotAllowed):
        undo_change(deleted, actor=ben.actor)
    undo_change(deleted, actor=mona.actor)

    assert state(note_id)[4] is False
