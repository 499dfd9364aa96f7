"""Two records that are one, and one that was two: whatever is done, everything keeps pointing to something that is there."""

from datetime import date
from itertools import pairwise

import pytest

from leadboard.db import atomic, execute, one, rows
from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.hosts import Host
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note
from leadboard.domain.parties import (
    create_contact,
    create_organisation,
    delete_parties,
    restore_parties,
    update_party,
)
from leadboard.domain.points import Point, points_of, set_points
from leadboard.domain.relations import add_employment, end_employment, link_lead, set_primary_contact, works_at
from leadboard.domain.settings import change_settings
from leadboard.domain.tasks import add_task
from leadboard.domain.undo import undo_change
from leadboard.domain.versions import kept_id
from leadboard.errors import Conflict, Refused
from leadboard.permissions import SYSTEM
from tests.support.office import dangling, state


@pytest.fixture
def pair(anna):
    first = create_contact({"name": "Anna Kim", "email": "anna@acme.example", "city": "Kiel"}, actor=anna.actor).id
    second = create_contact(
        {"name": "A. Kim", "email": "kim@home.example", "phone": "+49 30 1", "job_title": "CEO"}, actor=anna.actor
    ).id
    execute("update contact set updated_at = updated_at - 1000 where id = ?", (second,))
    return first, second


def test_the_newer_values_win_gaps_are_filled_and_no_address_is_lost(anna, make, pair):
    keep, other = pair
    lead = make.lead(owner=anna.user, actor=anna.actor)
    link_lead(lead.id, contact_id=other, actor=anna.actor)
    note = add_note(body="From the fair", contact_id=other, actor=anna.actor)
    add_task(title="Call", due_on=date(2026, 12, 1), contact_id=other, actor=anna.actor)
    set_points([Point("phone", "+49 30 2", "desk")], contact_id=other, actor=anna.actor)
    before = state()
    done = merge_records("contact", keep, other, actor=anna.actor)
    assert one("select name, email, phone, job_title, city, next_task_id is null from contact where id = ?", (keep,))[:5] == (
        "Anna Kim", "anna@acme.example", "+49 30 1", "CEO", "Kiel",
    )  # fmt: skip
    assert points_of(Host("contact", keep, None)) == [Point("email", "kim@home.example"), Point("phone", "+49 30 2", "desk")]
    assert (one("select contact_id from note where id = ?", (note.id,)), one("select contact_id from lead")) == ((keep,), (keep,))
    with pytest.raises(Refused, match=f"was merged into #{keep} Anna Kim"):
        merge_records("contact", other, keep, actor=anna.actor)
    with pytest.raises(Refused, match=f"It was merged into #{keep}"):
        restore_parties("contact", [other], actor=anna.actor)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_chosen_values_are_taken(anna, pair):
    keep, other = pair
    merge_records("contact", keep, other, values={"name": "A. Kim", "city": ""}, actor=anna.actor)
    assert one("select name, city, email from contact where id = ?", (keep,)) == ("A. Kim", "", "anna@acme.example")


def test_what_came_later_stays_when_they_are_split(anna, pair):
    keep, other = pair
    done = merge_records("contact", keep, other, actor=anna.actor)
    later = add_note(body="Later", contact_id=keep, actor=anna.actor)
    update_party("contact", keep, {"city": "Bonn"}, actor=anna.actor)
    undo_change(done.change_set_id, actor=anna.actor)
    assert one("select contact_id from note where id = ?", (later.id,)) == (keep,)
    assert rows("select name, city from contact where deleted_at is null order by id") == [("Anna Kim", "Bonn"), ("A. Kim", "")]


def test_firms_are_merged_with_people_leads_and_daughters(anna, make):
    keep, other, top = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Acme Ltd", "Top"))
    update_party("organisation", other, {"parent": top}, actor=anna.actor)
    update_party("organisation", keep, {"parent": other}, actor=anna.actor)
    kim = create_contact({"name": "Kim", "organisation": other}, actor=anna.actor).id
    lee = create_contact({"name": "Lee", "organisation": keep}, actor=anna.actor).id
    add_employment(lee, other, actor=anna.actor)
    set_primary_contact(other, kim, actor=anna.actor)
    before = state()
    done = merge_records("organisation", keep, other, actor=anna.actor)
    assert rows("select organisation_id from contact order by id") == [(keep,), (keep,)]
    assert one("select parent_id from organisation where id = ?", (keep,)) == (top,)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_a_person_who_is_two_stays_at_both_firms_and_their_first_contact(anna):
    acme, birch = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Birch"))
    keep = create_contact({"name": "Kim", "organisation": acme, "job_title": "CEO"}, actor=anna.actor).id
    other = create_contact({"name": "Kim", "organisation": birch, "job_title": "Advisor"}, actor=anna.actor).id
    for firm, person in ((acme, keep), (birch, other)):
        set_primary_contact(firm, person, actor=anna.actor)
    before = state()
    for values, main, further in (({}, acme, (birch, "Advisor")), ({"organisation": birch}, birch, (acme, "CEO"))):
        done = merge_records("contact", keep, other, values=values, actor=anna.actor)
        assert one("select organisation_id from contact where id = ?", (keep,)) == (main,)
        assert rows("select organisation_id, job_title from employment where contact_id = ?", (keep,)) == [further]
        assert rows("select primary_contact_id from organisation") == [(keep,), (keep,)]
        assert dangling() == {}
        undo_change(done.change_set_id, actor=anna.actor)
        assert state() == before


def test_of_no_firm_nobody_is_the_first_contact(anna):
    """Whoever merges may say that the person is at no firm."""
    acme = create_organisation({"name": "Acme"}, actor=anna.actor).id
    keep, other = (create_contact({"name": "Kim", "organisation": firm}, actor=anna.actor).id for firm in (None, acme))
    set_primary_contact(acme, other, actor=anna.actor)
    before = state()
    done = merge_records("contact", keep, other, values={}, actor=anna.actor)
    assert one("select primary_contact_id from organisation") == (None,)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_a_split_firm_forgets_a_first_contact_who_left_meanwhile(anna):
    acme, birch, ltd = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Birch", "Acme Ltd"))
    kim = create_contact({"name": "Kim", "organisation": ltd}, actor=anna.actor).id
    set_primary_contact(ltd, kim, actor=anna.actor)
    done = merge_records("organisation", acme, ltd, actor=anna.actor)
    update_party("contact", kim, {"organisation": birch}, actor=anna.actor)
    assert dangling() == {}
    undo_change(done.change_set_id, actor=anna.actor)
    assert dangling() == {}


def test_links_that_only_the_other_had_come_over(anna, make):
    keep, other = (make.lead(title, owner=anna.user, actor=anna.actor) for title in ("Acme", "Acme kitchen"))
    done = convert_lead(other.id, organisation=Side(is_new=True, values={"name": "Acme"}), contact=Side(), actor=anna.actor)
    before = state()
    merged = merge_records("lead", keep.id, other.id, actor=anna.actor)
    found = one("select organisation_id, converted_at is null from lead where id = ?", (keep.id,))
    assert (found[0], bool(found[1])) == (done.organisation_id, False)
    undo_change(merged.change_set_id, actor=anna.actor)
    assert state() == before
    firm = create_organisation({"name": "ACME"}, actor=anna.actor).id
    kim = create_contact({"name": "Kim", "organisation": done.organisation_id}, actor=anna.actor).id
    set_primary_contact(done.organisation_id, kim, actor=anna.actor)
    before = state()
    merged = merge_records("organisation", firm, done.organisation_id, actor=anna.actor)
    assert one("select primary_contact_id from organisation where id = ?", (firm,)) == (kim,)
    undo_change(merged.change_set_id, actor=anna.actor)
    assert state() == before


def test_what_was_changed_since_it_was_looked_at_is_named(anna, ben, pair):
    keep, other = pair
    update_party("contact", other, {"job_title": "CTO"}, actor=ben.actor)
    with pytest.raises(Conflict) as caught:
        merge_records("contact", keep, other, versions={keep: 1, other: 1}, actor=anna.actor)
    assert caught.value.details == {other: {"job_title": "Ben Carter"}}
    merge_records("contact", keep, other, versions={keep: 1, other: 2}, actor=anna.actor)


def test_somebody_elses_record_keeps_its_owner(anna, ben):
    keep = create_contact({"name": "Kim"}, actor=ben.actor).id
    other = create_contact({"name": "A. Kim", "owner": anna.id}, actor=anna.actor).id
    execute("update contact set updated_at = updated_at + 1000 where id = ?", (other,))
    merge_records("contact", keep, other, actor=anna.actor)
    assert one("select name, owner_id from contact where id = ?", (keep,)) == ("A. Kim", ben.id)


def test_leads_are_merged(anna, make):
    keep = make.lead("Acme", email="a@acme.example", owner=anna.user, actor=anna.actor)
    other = make.lead("Acme kitchen", phone="+49 30 1", owner=anna.user, actor=anna.actor)
    add_note(other.id, body="Hi", actor=anna.actor)
    add_task(other.id, title="Call", due_on=date(2026, 12, 1), actor=anna.actor)
    before = state()
    done = merge_records("lead", keep.id, other.id, actor=anna.actor)
    assert one("select email, phone from lead where deleted_at is null") == ("a@acme.example", "+49 30 1")
    assert one("select lead_id from note") == (keep.id,)
    assert one("select next_task_id, next_task_on from lead where id = ?", (other.id,)) == (None, None)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_what_is_in_the_bin_or_hidden_does_not_hold_a_merge_up(anna, ben, mona, make):
    gone, hidden = make.organisation("Gone", owner=anna.user).id, make.organisation("Hidden", owner=ben.user).id
    keep = make.contact("Kim", owner=anna.user).id
    others = [make.contact("Kim", owner=anna.user, organisation=firm).id for firm in (gone, hidden)]
    delete_parties("organisation", [gone], actor=mona.actor)
    change_settings(member_visibility="own", actor=SYSTEM)
    before = state()
    done = [merge_records("contact", keep, other, actor=anna.actor).change_set_id for other in others]
    assert one("select organisation_id from contact where id = ?", (keep,)) == (None,)
    for change_set_id in reversed(done):
        undo_change(change_set_id, actor=anna.actor)
    assert state() == before


@pytest.mark.parametrize("keep, other", [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)])
def test_no_firm_is_part_of_itself_after_a_merge(keep, other, anna, make):
    ids = [make.organisation(f"Firm {number}", owner=anna.user).id for number in range(3)]
    for above, below in pairwise(ids):
        update_party("organisation", below, {"parent": above}, actor=anna.actor)
    before = state()
    done = merge_records("organisation", ids[keep], ids[other], actor=anna.actor)
    parents = dict(rows("select id, parent_id from organisation where deleted_at is null"))
    for firm in parents:
        way = [firm]
        while (above := parents[way[-1]]) is not None:
            assert above not in way
            way.append(above)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_the_end_of_a_long_chain_is_found(anna, make):
    ids = [make.contact("Kim", owner=anna.user).id for _ in range(1100)]
    with atomic():
        for gone, kept in pairwise(ids):
            execute("update contact set merged_into_id = ?, deleted_at = 1 where id = ?", (kept, gone))
    assert kept_id("contact", ids[0]) == ids[-1]
    with pytest.raises(Refused, match=f"was merged into #{ids[-1]} Kim"):
        merge_records("contact", ids[0], ids[-1], actor=anna.actor)


def test_somebody_leaves_a_firm_that_was_two(anna, make):
    firm, other = (make.organisation(name, owner=anna.user).id for name in ("Acme", "Acme Ltd"))
    kim = make.contact("Kim", owner=anna.user, organisation=firm).id
    add_employment(kim, other, job_title="Buyer", actor=anna.actor)
    merge_records("organisation", firm, other, actor=anna.actor)
    before = state()
    done = end_employment(kim, firm, actor=anna.actor)
    assert not works_at(kim, firm)
    undo_change(done, actor=anna.actor)
    assert state() == before
