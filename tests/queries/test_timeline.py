"""What the timeline tells, in which order, and how many statements it takes."""

from datetime import date
from itertools import pairwise

import pytest

from leadboard.db import execute, now_ms
from leadboard.domain.activities import delete_activity, log_call
from leadboard.domain.leads import delete_leads, restore_leads, update_lead
from leadboard.domain.moves import Loss, move_lead, snooze_lead, wake_lead
from leadboard.domain.notes import delete_note, edit_note, pin_note
from leadboard.domain.tasks import change_task, complete_task
from leadboard.errors import NotFound
from leadboard.models import ImportRow, ImportRun
from leadboard.permissions import SYSTEM
from leadboard.queries.notes import SHOWN_CHARACTERS, note_history, note_row
from leadboard.queries.timeline import FieldChange, MoveFacts, timeline_page

FRIDAY = date(2026, 11, 27)
DAY_MS = 86_400_000


@pytest.fixture
def lead(make, anna):
    return make.lead(owner=anna.user)


def kinds(lead, actor=SYSTEM, before=None):
    return [str(entry.kind) for entry in timeline_page("lead", lead.id, actor, before).entries]


def test_everything_that_happens_is_told_newest_first(make, lead, anna):
    note_id = make.note(lead, "A thought", actor=anna.actor)
    log_call(lead.id, direction="incoming", outcome="reached", body="hi", actor=anna.actor)
    task_id = make.task(lead, "Call", due_on=FRIDAY, actor=anna.actor)
    change_task(task_id, title="Mail", actor=anna.actor)
    complete_task(task_id, actor=anna.actor)
    update_lead(lead.id, {"city": "Gdańsk"}, actor=anna.actor)
    move_lead(lead.id, to_stage_id=make.stage("Contacted").id, actor=anna.actor)
    snooze_lead(lead.id, until=FRIDAY, today=date(2026, 11, 20), actor=anna.actor)
    wake_lead(lead.id, actor=anna.actor)
    delete_leads([lead.id], actor=anna.actor)
    restore_leads([lead.id], actor=anna.actor)

    page = timeline_page("lead", lead.id, anna.actor)

    assert [str(entry.kind) for entry in page.entries] == [
        "lead_restored", "lead_deleted", "lead_woken", "lead_snoozed", "lead_moved", "lead_updated",
        "task_completed", "task_changed", "task_added", "activity_logged", "note_added", "lead_created",
    ]  # fmt: skip
    by_kind = {str(entry.kind): entry for entry in page.entries}
    assert by_kind["note_added"].note == note_row(note_id, anna.actor)
    assert (by_kind["activity_logged"].activity.body, by_kind["activity_logged"].activity.may_delete) == ("hi", True)
    assert by_kind["task_changed"].changes == [FieldChange("title", ("Call", "Mail"), ("", ""))]
    assert by_kind["task_added"].changes[:2] == [
        FieldChange("title", (None, "Call"), ("", "")),
        FieldChange("due_on", (None, "2026-11-27"), ("", "")),
    ]
    assert (page.names.users, page.older, page.pinned) == ({anna.id: "Anna Kowalska"}, None, ())


def test_a_move_tells_from_where_to_where_and_after_how_long(make, lead, anna):
    execute("update lead set stage_entered_at = ?", (now_ms() - 3 * DAY_MS,))
    new, lost, reason = make.stage("New"), make.stage("Lost"), make.lost_reason("Too expensive")
    move_lead(lead.id, to_stage_id=lost.id, loss=Loss(reason.id, "Acme"), actor=anna.actor)

    page = timeline_page("lead", lead.id, anna.actor)

    move = page.entries[0].move
    assert move == MoveFacts(new.id, lost.id, new.pipeline_id, new.pipeline_id, move.stayed_ms, reason.id, "Acme")
    assert round(move.stayed_ms / DAY_MS) == 3
    assert page.entries[0].changes == []
    assert (page.names.stages[new.id][0], page.names.stages[lost.id][0], page.names.lost_reasons) == (
        "New",
        "Lost",
        {reason.id: "Too expensive"},
    )


def test_another_place_in_the_same_stage_is_not_told(make, lead, anna):
    other = make.lead()
    move_lead(lead.id, to_stage_id=lead.stage_id, before_id=other.id, actor=anna.actor)

    assert kinds(lead) == ["lead_created"]


def test_edits_of_one_person_fold_and_lose_nothing(lead, anna, ben, make):
    update_lead(lead.id, {"city": "Gdańsk", "phone": "1"}, actor=anna.actor)
    update_lead(lead.id, {"city": "Sopot"}, actor=anna.actor)
    update_lead(lead.id, {"interest": "hot"}, actor=anna.actor)
    make.note(lead, "between", actor=anna.actor)
    update_lead(lead.id, {"city": "Gdynia"}, actor=anna.actor)

    entries = timeline_page("lead", lead.id, anna.actor).entries

    assert [[(change.field, change.values) for change in entry.changes] for entry in entries if entry.kind == "lead_updated"] == [
        [("city", ("Sopot", "Gdynia"))],
        [("phone", ("", "1")), ("city", ("", "Gdańsk", "Sopot")), ("interest", ("", "hot"))],
    ]


def test_edits_of_two_people_stay_apart(make, lead, anna, mona):
    update_lead(lead.id, {"city": "Gdańsk"}, actor=anna.actor)
    update_lead(lead.id, {"city": "Sopot"}, actor=mona.actor)

    assert kinds(lead) == ["lead_updated", "lead_updated", "lead_created"]


def test_an_amount_is_told_in_the_currency_it_was_in(lead, anna):
    update_lead(lead.id, {"value_amount": 100}, actor=anna.actor)
    update_lead(lead.id, {"value_currency": "PLN"}, actor=anna.actor)
    update_lead(lead.id, {"value_amount": 200}, actor=anna.actor)

    (entry, _created) = timeline_page("lead", lead.id, anna.actor).entries

    assert [(change.field, change.values, change.currencies) for change in entry.changes] == [
        ("value_amount", (None, 100, 200), ("", "EUR", "PLN")),
        ("value_currency", ("", "EUR", "PLN"), ("", "EUR", "PLN")),
    ]


def test_an_older_page_knows_the_currency_of_its_time(make, lead, anna, ben):
    update_lead(lead.id, {"value_amount": 100}, actor=anna.actor)
    make.note(lead)
    before = timeline_page("lead", lead.id, anna.actor).entries[0].id
    update_lead(lead.id, {"value_currency": "PLN"}, actor=anna.actor)

    page = timeline_page("lead", lead.id, anna.actor, before)

    assert page.entries[0].changes[0].currencies == ("", "EUR")


def test_pinned_notes_stand_above_the_first_page_only(make, lead, anna):
    pinned = make.note(lead, "pinned", actor=anna.actor)
    for number in range(30):
        make.note(lead, f"note {number}")
    pin_note(pinned, pinned=True, actor=anna.actor)

    first = timeline_page("lead", lead.id, anna.actor)
    rest = timeline_page("lead", lead.id, anna.actor, first.older)

    assert ([note.id for note in first.pinned], len(first.entries)) == ([pinned], 30)
    assert (rest.pinned, kinds(lead, before=first.older), rest.older) == ((), ["lead_created"], None)


def test_a_deleted_note_leaves_a_line_without_its_text(make, lead, anna, mona):
    note_id = make.note(lead, "regretted", actor=anna.actor)
    edit_note(note_id, body="regretted even more", actor=anna.actor)
    delete_note(note_id, actor=mona.actor)

    (entry, _created) = timeline_page("lead", lead.id, anna.actor).entries

    assert (entry.kind, entry.actor_id, entry.note, entry.changes) == ("note_deleted", mona.id, None, [])


def test_a_deleted_call_leaves_a_line(lead, anna):
    added = log_call(lead.id, direction="incoming", outcome="reached", body="secret", actor=anna.actor)
    delete_activity(added.id, actor=anna.actor)

    (entry, _created) = timeline_page("lead", lead.id, anna.actor).entries

    assert (entry.kind, entry.activity, entry.changes) == ("activity_deleted", None, [])


def test_an_imported_lead_tells_file_and_row(lead):
    run = ImportRun.create(file_name="fair-2026.csv", file_path="x", file_hash="x", state="done")
    ImportRow.create(run=run, line_number=118, outcome="created", lead_id=lead.id)

    (entry,) = timeline_page("lead", lead.id, SYSTEM).entries

    assert (entry.imported.file_name, entry.imported.line_number) == ("fair-2026.csv", 118)


def test_pages_follow_each_other_without_a_gap(make, lead, anna):
    for number in range(65):
        make.note(lead, f"note {number}")
        if number % 3 == 0:
            update_lead(lead.id, {"employees": number}, actor=SYSTEM)

    seen, before = [], None
    while True:
        page = timeline_page("lead", lead.id, anna.actor, before)
        seen += [entry.note.body if entry.note else str(entry.kind) for entry in page.entries]
        if page.older is None:
            break
        assert len(page.entries) == 30
        before = page.older

    wanted = ["lead_created"]
    for number in range(65):
        wanted += [f"note {number}"] + (["lead_updated"] if number % 3 == 0 and number else [])
        if number == 0:
            wanted.append("lead_updated")
    assert seen == list(reversed(wanted))


def test_a_long_row_of_edits_is_told_whole(lead, anna):
    for number in range(1, 131):
        update_lead(lead.id, {"employees": number}, actor=anna.actor)

    seen, before = [], None
    while True:
        page = timeline_page("lead", lead.id, anna.actor, before)
        seen = [
            change.values for entry in reversed(page.entries) for change in entry.changes if change.field == "employees"
        ] + seen
        before = page.older
        if before is None:
            break

    steps = [pair for values in seen for pair in pairwise(values)]
    assert steps == [(None if number == 1 else number - 1, number) for number in range(1, 131)]


def test_a_stranger_gets_nothing(make, lead, ben):
    make.set_up(member_visibility="own")

    for read in (lambda: timeline_page("lead", lead.id, ben.actor), lambda: timeline_page("lead", 4711, ben.actor)):
        with pytest.raises(NotFound):
            read()


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_statements_do_not_grow(count, make, lead, anna, queries):
    for number in range(count):
        make.note(lead, actor=anna.actor)
        make.task(lead, actor=anna.actor)
        log_call(lead.id, direction="incoming", outcome="reached", actor=anna.actor)
        update_lead(lead.id, {"employees": number, "source": make.source().id}, actor=anna.actor)
        move_lead(lead.id, to_stage_id=make.stage(["Contacted", "New"][number % 2]).id, actor=anna.actor)

    actor = anna.actor
    with queries(at_most=8) as seen:
        page = timeline_page("lead", lead.id, actor)
    if page.older is None:
        assert len(seen.texts) == 7
    else:
        with queries(at_most=8):
            timeline_page("lead", lead.id, actor, page.older)


# ---------------------------------------------------------------------------------------------- notes


def test_a_long_note_comes_by_its_beginning(make, lead, anna):
    line = "A line of the minutes.\n"
    note_id = make.note(lead, line * 1000, actor=anna.actor)

    entry = timeline_page("lead", lead.id, anna.actor).entries[0]

    assert entry.note.is_cut
    assert SHOWN_CHARACTERS - len(line) <= len(entry.note.body) <= SHOWN_CHARACTERS
    assert entry.note.body.endswith("minutes.")
    assert note_row(note_id, anna.actor).body == (line * 1000).strip()


def test_a_note_tells_who_wrote_each_earlier_text(make, lead, anna, mona):
    note_id = make.note(lead, "one", actor=anna.actor)
    edit_note(note_id, body="two", actor=mona.actor)
    pin_note(note_id, pinned=True, actor=mona.actor)
    edit_note(note_id, body="three", actor=anna.actor)

    history = note_history(note_id, anna.actor)

    assert (history.note.body, [(text.body, text.by) for text in history.earlier]) == (
        "three",
        [("two", "Mona Haddad"), ("one", "Anna Kowalska")],
    )
