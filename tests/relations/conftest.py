"""A firm with its person, as most of these tests need them."""

import pytest

from leadboard.domain.parties import create_contact, create_organisation
from leadboard.domain.relations import link_lead
from leadboard.domain.settings import change_settings
from leadboard.permissions import SYSTEM


@pytest.fixture
def firm(anna):
    return create_organisation({"name": "Acme Ltd", "website": "https://acme.example"}, actor=anna.actor).id


@pytest.fixture
def kim(anna, firm):
    values = {
        "name": "Anna Kim", "email": "kim@acme.example", "phone": "+49 30 901820", "job_title": "Buyer", "organisation": firm,
    }  # fmt: skip
    return create_contact(values, actor=anna.actor).id


@pytest.fixture
def own_only():
    """Members see their own records and those of nobody."""
    change_settings(member_visibility="own", actor=SYSTEM)


@pytest.fixture
def linked(make, anna, firm, kim):
    """Makes a lead of Acme and its person."""

    def build(title="Acme", **values):
        lead = make.lead(title, actor=anna.actor, owner=anna.user, **values)
        link_lead(lead.id, organisation_id=firm, contact_id=kim, actor=anna.actor)
        return lead

    return build
