"""Looking leads up for plugins: by any way of writing a number, by address, and never one that the actor may not see."""

import pytest

from leadboard.domain.settings import change_settings
from leadboard.errors import NotFound
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_refs import find_lead, find_leads, find_leads_by_email, find_leads_by_phone


@pytest.mark.parametrize(
    "stored, caller",
    [
        ("+49 30 901820", "030 901820"),
        ("+49 30 901820", "0049 (0)30 / 90 18-20"),
        ("030/901820", "+4930901820"),
        ("+49 30 901820", "30901820"),
        ("+49 170 1234567", "1234567"),
        ("+49 30 901820", "tel:+49-30-901820"),
        ("+49 30 901820", "+49 ۳۰ ۹۰۱۸۲۰"),
    ],
)
def test_a_caller_is_found_in_any_number_format(anna, make, stored, caller):
    make.lead("Other", phone="+49 30 555555555")
    lead = make.lead("Ferienhof Lüders", phone=stored)
    assert [found.id for found in find_leads_by_phone(caller, anna.actor)] == [lead.id]


@pytest.mark.parametrize("caller", ["", "anonymous", "110", "820", "+49 30 901821", "9" * 300])
def test_a_number_that_is_nobodys_finds_nobody(anna, make, caller):
    make.lead("Ferienhof Lüders", phone="+49 30 901820")
    make.lead("No number")
    assert find_leads_by_phone(caller, anna.actor) == []


def test_leads_are_found_by_any_of_several_addresses_the_latest_first(anna, make):
    one, two = make.lead("One", email="Ilse@Hof.example"), make.lead("Two", email="office@barn.example")
    make.lead("Three")
    found = find_leads_by_email(["ilse@hof.example", "Office <OFFICE@barn.example>", "no address", ""], anna.actor)
    assert [lead.id for lead in found] == [two.id, one.id]
    assert find_leads_by_email([], anna.actor) == []


def test_what_the_actor_may_not_see_is_not_found(anna, ben, make):
    lead = make.lead("Ferienhof Lüders", phone="+49 30 901820", email="ilse@hof.example", owner=anna.user)
    change_settings(member_visibility="own", actor=SYSTEM)
    for actor, expected in ((anna.actor, [lead.id]), (ben.actor, [])):
        assert [found.id for found in find_leads_by_phone("030901820", actor)] == expected
        assert [found.id for found in find_leads_by_email(["ilse@hof.example"], actor)] == expected
        assert list(find_leads([lead.id, 999], actor)) == expected
    assert find_lead(lead.id, anna.actor).title == "Ferienhof Lüders"
    with pytest.raises(NotFound):
        find_lead(lead.id, ben.actor)
