"""Who belongs to whom, and how they are reached: linked, unlinked, taken back."""

import pytest

from leadboard.db import one, rows
from leadboard.domain.parties import create_contact, create_organisation, delete_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import add_employment, end_employment, link_lead, set_main_firm, set_primary_contact
from leadboard.domain.settings import change_settings
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotFound, Refused
from leadboard.permissions import SYSTEM, user_actor

BOTH_LINKS = "select contact_id, organisation_id from lead where id = ?"


@pytest.fixture
def firm(anna):
    return create_organisation({"name": "Acme"}, actor=anna.actor).id


@pytest.fixture
def kim(anna, firm):
    return create_contact({"name": "Kim", "organisation": firm}, actor=anna.actor).id


def test_a_lead_is_linked_and_unlinked_and_shows_on_the_other_side(anna, make, firm, kim):
    lead = make.lead("Acme Ltd", organisation_name="Acme Ltd", actor=anna.actor, owner=anna.user)
    step = link_lead(lead.id, contact_id=kim, organisation_id=firm, actor=anna.actor)
    assert link_lead(lead.id, contact_id=kim, actor=anna.actor) is None
    assert one("select organisation_name, version from lead") == ("Acme Ltd", 1)
    assert rows("select lead_id, contact_id, organisation_id from event where kind = 'record_linked'") == [(lead.id, kim, firm)]
    away = link_lead(lead.id, contact_id=None, actor=anna.actor)
    assert one(BOTH_LINKS, (lead.id,)) == (None, firm)
    undo_change(away, actor=anna.actor)
    assert one(BOTH_LINKS, (lead.id,)) == (kim, firm)
    undo_change(step, actor=anna.actor)
    assert one(BOTH_LINKS, (lead.id,)) == (None, None)


def test_what_is_hidden_or_in_the_bin_is_not_linked(anna, ben, make, firm, kim):
    lead = make.lead(owner=ben.user, actor=ben.actor)
    change_settings(member_visibility="own", actor=SYSTEM)
    other = user_actor(ben.id, "Ben", "member", member_visibility="own")
    with pytest.raises(NotFound, match="organisation"):
        link_lead(lead.id, organisation_id=firm, actor=other)
    delete_parties("contact", [kim], actor=anna.actor)
    with pytest.raises(NotFound, match="contact"):
        link_lead(lead.id, contact_id=kim, actor=SYSTEM)
    assert one(BOTH_LINKS, (lead.id,)) == (None, None)


def test_a_person_works_at_several_firms(anna, firm, kim):
    other = create_organisation({"name": "Birch"}, actor=anna.actor).id
    step = add_employment(kim, other, job_title="Adviser", actor=anna.actor)
    assert (add_employment(kim, other, actor=anna.actor), add_employment(kim, firm, actor=anna.actor)) == (None, None)
    assert rows("select contact_id, organisation_id, job_title from employment") == [(kim, other, "Adviser")]
    left = end_employment(kim, other, actor=anna.actor)
    assert (rows("select id from employment"), end_employment(kim, other, actor=anna.actor)) == ([], None)
    undo_change(left, actor=anna.actor)
    assert one("select job_title from employment") == ("Adviser",)
    undo_change(step, actor=anna.actor)
    assert rows("select id from employment") == []


def test_the_first_contact_works_there_and_goes_with_the_last_one(anna, firm, kim):
    stranger = create_contact({"name": "Lee"}, actor=anna.actor).id
    with pytest.raises(Refused, match="does not work there"):
        set_primary_contact(firm, stranger, actor=anna.actor)
    set_primary_contact(firm, kim, actor=anna.actor)
    gone = end_employment(kim, firm, actor=anna.actor)
    assert one("select o.primary_contact_id, c.organisation_id from organisation o, contact c where c.id = ?", (kim,)) == (
        None,
        None,
    )
    undo_change(gone, actor=anna.actor)
    assert one("select o.primary_contact_id, c.organisation_id from organisation o, contact c where c.id = ?", (kim,)) == (
        kim,
        firm,
    )


FIRST = "select primary_contact_id from organisation where id = ?"


def test_who_moves_to_another_firm_is_no_longer_the_first_contact(anna, firm, kim):
    other = create_organisation({"name": "Other"}, actor=anna.actor).id
    set_primary_contact(firm, kim, actor=anna.actor)
    moved = update_party("contact", kim, {"organisation": other}, actor=anna.actor)
    assert one(FIRST, (firm,)) == (None,)
    undo_change(moved.change_set_id, actor=anna.actor)
    assert one(FIRST, (firm,)) == (kim,)
    add_employment(kim, firm, actor=anna.actor)
    set_main_firm(kim, firm, actor=anna.actor)
    add_employment(kim, other, actor=anna.actor)
    set_main_firm(kim, other, actor=anna.actor)
    assert one(FIRST, (firm,)) == (kim,)


def test_taking_back_that_somebody_came_takes_the_first_contact_too(anna, firm, kim):
    other = create_organisation({"name": "Other"}, actor=anna.actor).id
    further = add_employment(kim, other, actor=anna.actor)
    set_primary_contact(other, kim, actor=anna.actor)
    undo_change(further, actor=anna.actor)
    assert one(FIRST, (other,)) == (None,)
    moved = update_party("contact", kim, {"organisation": other}, actor=anna.actor).change_set_id
    set_primary_contact(other, kim, actor=anna.actor)
    undo_change(moved, actor=anna.actor)
    assert one(FIRST, (other,)) == (None,)


def test_further_addresses_are_one_list_with_keys(anna, kim):
    points = [
        Point("email", "Kim@Home.example", "private"),
        Point("phone", "030 901820", "desk"),
        Point("email", "kim@home.example"),
    ]
    step = set_points(points, contact_id=kim, actor=anna.actor)
    assert set_points(points[1:], contact_id=kim, actor=anna.actor) is not None
    assert rows("select kind, text, label, key, reversed from contact_point order by position") == [
        ("phone", "030 901820", "desk", *one("select key, reversed from contact_point where kind = 'phone'")),
        ("email", "kim@home.example", "", "kim@home.example", None),
    ]
    with pytest.raises(Conflict):
        undo_change(step, actor=anna.actor)
    set_points([], contact_id=kim, actor=anna.actor)
    assert one("select count(*) from contact_point") == (0,)


def test_a_list_is_taken_back_whole(anna, kim):
    first = [Point("email", f"kim{n}@home.example", "") for n in range(500)]
    set_points(first, contact_id=kim, actor=anna.actor)
    step = set_points(first[:1], contact_id=kim, actor=anna.actor)
    undo_change(step, actor=anna.actor)
    assert rows("select text from contact_point order by position") == [(point.text,) for point in first]


@pytest.mark.parametrize(
    "points, says",
    [
        ([Point("email", "nobody")], "not an e-mail"),
        ([Point("fax", "1")], "e-mail or phone"),
        ([Point("phone", "  ")], "empty"),
        ([Point("phone", "1", "x" * 41)], "too long"),
        ([Point("email", f"kim{n}@home.example") for n in range(501)], "At most 500"),
    ],
)
def test_what_is_no_address_is_refused(anna, kim, points, says):
    with pytest.raises(Refused, match=says) as refused:
        set_points(points, contact_id=kim, actor=anna.actor)
    assert (refused.value.field, one("select count(*) from contact_point")) == ("points", (0,))
