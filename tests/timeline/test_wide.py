"""The timeline of a firm with everything that belongs to it: page after page the same as all its events in order."""

import random

import pytest

from leadboard.db import execute, rows
from leadboard.domain.leads import update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note, edit_note, pin_note
from leadboard.domain.relations import add_employment
from leadboard.permissions import SYSTEM
from leadboard.queries.timeline import PAGE, timeline_page
from leadboard.queries.timeline_events import MOST_RECORDS


def told(record_type, record_id, actor, **options):
    """The ids of all entries, newest first, from page to page."""
    found, before = [], None
    while True:
        page = timeline_page(record_type, record_id, actor, before, is_wide=True, **options)
        assert len(page.entries) <= PAGE
        found += [entry.id for entry in page.entries]
        before = page.older
        if before is None:
            return found


def note_events(organisation_id):
    """What all notes of the firm, of its leads and of its people were written with, but for pinned ones."""
    return [
        row[0]
        for row in rows(
            "select e.id from event e join note n on n.id = e.record_id and e.kind = 'note_added' left join lead l on l.id = n.lead_id"
            " left join contact c on c.id = n.contact_id"
            " where (n.organisation_id = ? or l.organisation_id = ? or c.organisation_id = ?"
            " or exists (select 1 from employment m where m.contact_id = n.contact_id and m.organisation_id = ?))"
            " and n.deleted_at is null and not n.is_pinned order by e.id desc",
            [organisation_id] * 4,
        )
    ]


@pytest.mark.parametrize("leads, notes", [(3, 260), (MOST_RECORDS - 3, 300), (MOST_RECORDS + 30, 400)])
def test_pages_follow_each_other_without_a_gap(leads, notes, anna, firm, person_at, make):
    chance = random.Random(leads)
    acme, other = firm(), firm("Other")
    people = [person_at(acme, "Kim"), person_at(other, "Guest")]
    add_employment(people[1], acme, actor=anna.actor)
    found = [make.lead(owner=anna.user) for _ in range(leads)]
    execute("update lead set organisation_id = ?", (acme,))
    hosts = [{"organisation_id": acme}, *({"contact_id": one} for one in people), *({"lead_id": lead.id} for lead in found)]
    for number in range(notes):
        note = add_note(body=f"note {number}", actor=SYSTEM, **chance.choice(hosts))
        if number % 9 == 0:
            edit_note(note.id, body=f"note {number} again", actor=SYSTEM)
        if number % 11 == 0:
            pin_note(note.id, pinned=True, actor=SYSTEM)
    merge_records("lead", found[0].id, found[1].id, values={}, actor=SYSTEM)

    seen = told("organisation", acme, anna.actor)

    assert seen == sorted(set(seen), reverse=True)
    wanted = note_events(acme)
    assert [event for event in seen if event in set(wanted)] == wanted


def test_edits_of_two_leads_at_once_stay_apart_and_know_their_currency(anna, firm, lead_of):
    acme = firm()
    first, second = lead_of("First", organisation_id=acme), lead_of("Second", organisation_id=acme)
    update_lead(first.id, {"value_amount": 100, "value_currency": "PLN"}, actor=anna.actor)
    update_lead(second.id, {"value_amount": 200, "value_currency": "CHF"}, actor=anna.actor)
    update_lead(first.id, {"value_amount": 300}, actor=anna.actor)

    entries = [
        entry for entry in timeline_page("organisation", acme, anna.actor, is_wide=True).entries if entry.kind == "lead_updated"
    ]

    assert [(entry.host.id, entry.changes[0].values, entry.changes[0].currencies[-1]) for entry in entries] == [
        (first.id, (100, 300), "PLN"),
        (second.id, (None, 200), "CHF"),
        (first.id, (None, 100), "PLN"),
    ]


@pytest.mark.parametrize("leads", [1, 3, 200])
def test_statements_do_not_grow_with_the_leads(leads, anna, firm, make, queries):
    acme = firm()
    for _ in range(leads):
        make.note(make.lead(owner=anna.user))
    execute("update lead set organisation_id = ?", (acme,))
    actor = anna.actor
    with queries(at_most=10):
        page = timeline_page("organisation", acme, actor, is_wide=True)
    if page.older is not None:
        with queries(at_most=10):
            timeline_page("organisation", acme, actor, page.older, is_wide=True)


def test_what_has_no_entry_does_not_end_the_timeline(anna, firm, make):
    acme = firm()
    leads = [make.lead(owner=anna.user) for _ in range(MOST_RECORDS + 5)]
    execute("update lead set organisation_id = ?", (acme,))
    notes = [make.note(lead) for lead in leads]
    for note in notes:
        edit_note(note, body="again", actor=SYSTEM)
        edit_note(note, body="and again", actor=SYSTEM)

    first = timeline_page("organisation", acme, anna.actor, is_wide=True)

    assert (first.entries, first.older is None) == ((), False)
    seen = told("organisation", acme, anna.actor)
    assert [event for event in seen if event in set(note_events(acme))] == note_events(acme)
