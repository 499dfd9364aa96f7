"""A lead that buys becomes a customer: made or linked, moved on, once only, taken back whole."""

import json

import pytest

from leadboard.db import one, rows
from leadboard.domain.conversion import Converted, Side, convert_lead
from leadboard.domain.custom_fields import add_field
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.parties import create_contact, create_organisation
from leadboard.domain.undo import undo_change
from leadboard.errors import Incomplete, NotAllowed, NotFound, Refused
from leadboard.queries.party_matches import Reason, matching_contacts, matching_organisations
from tests.support.buyers import COUNTS, acme_kitchen

NEW = Side(is_new=True)
NOBODY = Side()


@pytest.fixture
def lead(make, anna):
    return acme_kitchen(make, anna)


def lead_state(lead):
    row = rows("select * from lead where id = ?", (lead.id,))[0]
    return tuple(value for value in row if not (isinstance(value, int) and value > 10**12))


def test_both_are_made_linked_and_the_lead_moves_on(lead, make, anna):
    won = make.stage("Won")
    done = convert_lead(lead.id, organisation=NEW, contact=NEW, to_stage_id=won.id, actor=anna.actor)
    assert rows("select name, domain, city, owner_id, phone, email from organisation") == [
        ("Acme GmbH", "acme.example", "Berlin", anna.id, "", "")
    ]
    assert rows("select name, job_title, email_key, organisation_id, owner_id from contact") == [
        ("Anna Kim", "CEO", "anna@acme.example", done.organisation_id, anna.id)
    ]
    found = one("select contact_id, organisation_id, stage_id, organisation_name, converted_at is null from lead")
    assert (*found[:4], bool(found[4])) == (done.contact_id, done.organisation_id, won.id, "Acme GmbH", False)


def test_it_is_done_once_however_often_it_is_asked_for(lead, anna, ben):
    first = convert_lead(lead.id, organisation=NEW, contact=NEW, actor=anna.actor)
    for person in (anna, ben):
        again = convert_lead(lead.id, organisation=NEW, contact=NEW, actor=person.actor)
        assert again == Converted(None, lead.id, first.organisation_id, first.contact_id)
    assert one(COUNTS) == (1, 1)


def test_it_is_taken_back_whole(lead, make, anna):
    before = lead_state(lead)
    done = convert_lead(lead.id, organisation=NEW, contact=NEW, to_stage_id=make.stage("Won").id, actor=anna.actor)
    undo_change(done.change_set_id, actor=anna.actor)
    after = lead_state(lead)
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [(1, 3)]  # the version
    assert one(COUNTS) == (0, 0)
    assert convert_lead(lead.id, organisation=NEW, contact=NOBODY, actor=anna.actor).change_set_id is not None


def test_existing_records_are_linked_and_only_their_gaps_are_filled(lead, anna):
    firm = create_organisation({"name": "ACME", "city": "Hamburg"}, actor=anna.actor).id
    other = create_organisation({"name": "Birch"}, actor=anna.actor).id
    kim = create_contact({"name": "A. Kim", "email": "anna@acme.example", "organisation": other}, actor=anna.actor).id
    done = convert_lead(lead.id, organisation=Side(firm), contact=Side(kim), actor=anna.actor)
    assert (done.organisation_id, done.contact_id) == (firm, kim)
    assert one("select name, city, domain from organisation where id = ?", (firm,)) == ("ACME", "Hamburg", "acme.example")
    assert one("select name, job_title, phone, organisation_id from contact") == ("A. Kim", "CEO", "+49 30 901820", other)
    assert rows("select contact_id, organisation_id from employment") == [(kim, firm)]


def test_custom_values_are_carried_by_key_and_type(lead, anna, ada):
    for noun, kind in (("lead", "number"), ("organisation", "number"), ("contact", "text")):
        add_field("Size", kind, record_type=noun, actor=ada.actor)
    add_field("Licence", "text", actor=ada.actor)
    update_lead(lead.id, {"fields.size": 12, "fields.licence": "X"}, actor=anna.actor)
    convert_lead(lead.id, organisation=NEW, contact=NEW, actor=anna.actor)
    found = one("select o.fields, c.fields from organisation o, contact c")
    assert [value if isinstance(value, dict) else json.loads(value) for value in found] == [{"size": 12}, {}]


def test_what_cannot_be_converted_says_why(lead, anna, vera):
    with pytest.raises(Refused, match="Choose an organisation"):
        convert_lead(lead.id, organisation=NOBODY, contact=NOBODY, actor=anna.actor)
    with pytest.raises(NotFound, match="organisation does not exist"):
        convert_lead(lead.id, organisation=Side(4711), contact=NEW, actor=anna.actor)
    with pytest.raises(NotAllowed):
        convert_lead(lead.id, organisation=NEW, contact=NEW, actor=vera.actor)
    delete_leads([lead.id], actor=anna.actor)
    with pytest.raises(Refused, match="in the bin"):
        convert_lead(lead.id, organisation=NEW, contact=NEW, actor=anna.actor)
    assert one(COUNTS) == (0, 0)


def test_suggestions_name_the_reason_and_free_mail_suggests_no_firm(anna):
    acme = create_organisation({"name": "Acme GmbH", "website": "acme.example"}, actor=anna.actor).id
    free = create_organisation({"name": "Solo", "email": "solo@gmail.com"}, actor=anna.actor).id
    kim = create_contact({"name": "Anna Kim", "email": "anna@acme.example", "organisation": acme}, actor=anna.actor).id
    firms = [
        [(one.id, one.reason) for one in matching_organisations(anna.actor, **asked)]
        for asked in (
            {"email": "bob@acme.example"}, {"name": "ACME Inc."}, {"email": "bob@gmail.com"}, {"name": "solo"}, {"name": ""},
        )
    ]  # fmt: skip
    assert firms == [[(acme, Reason.DOMAIN)], [(acme, Reason.NAME)], [], [(free, Reason.NAME)], []]
    people = [
        [(one.id, one.detail, one.reason) for one in matching_contacts(anna.actor, **asked)]
        for asked in ({"email": "ANNA@acme.example"}, {"name": "anna kim"}, {"name": "Kim"}, {})
    ]
    assert people == [[(kim, "Acme GmbH", Reason.EMAIL)], [(kim, "Acme GmbH", Reason.NAME)], [], []]


def test_what_was_merged_away_meanwhile_stands_for_the_one_that_was_kept(lead, anna):
    kept, gone = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "ACME"))
    merge_records("organisation", kept, gone, actor=anna.actor)
    assert convert_lead(lead.id, organisation=Side(gone), contact=NOBODY, actor=anna.actor).organisation_id == kept


def test_given_values_win_over_what_an_existing_record_holds(lead, anna):
    firm = create_organisation({"name": "ACME", "city": "Hamburg", "industry": "Toys"}, actor=anna.actor).id
    chosen = Side(firm, values={"city": "Berlin"})
    convert_lead(lead.id, organisation=chosen, contact=NOBODY, actor=anna.actor)
    assert one("select name, city, industry from organisation") == ("ACME", "Berlin", "Toys")


def test_a_new_record_needs_what_its_kind_needs_and_says_on_which_side(lead, anna, ada):
    add_field("Licence", "text", record_type="contact", is_required=True, actor=ada.actor)
    with pytest.raises(Incomplete) as caught:
        convert_lead(lead.id, organisation=NEW, contact=NEW, complete=True, actor=anna.actor)
    assert [problem.field for problem in caught.value.problems] == ["contact.fields.licence"]
    with pytest.raises(Refused) as refused:
        convert_lead(
            lead.id, organisation=Side(is_new=True, values={"name": "", "website": ""}), contact=NOBODY, actor=anna.actor
        )
    assert refused.value.field == "organisation.name"
    assert one(COUNTS) == (0, 0)
