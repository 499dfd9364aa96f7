import pytest

from leadboard.domain.parties import create_contact, create_organisation
from leadboard.domain.relations import link_lead


@pytest.fixture
def firm(anna):
    """firm("Acme"): an organisation of Anna's, by its id."""
    return lambda name="Acme", actor=None, **values: create_organisation({"name": name, **values}, actor=actor or anna.actor).id


@pytest.fixture
def person_at(anna):
    """person_at(firm, "Kim"): a contact of Anna's."""
    return lambda firm=None, name="Kim Lee", actor=None, **values: (
        create_contact({"name": name, "organisation": firm, **values}, actor=actor or anna.actor).id
    )


@pytest.fixture
def lead_of(make, anna):
    """lead_of("Kitchen", organisation_id=7): a lead of Anna's that is linked."""

    def build(title, *, owner=None, **links):
        lead = make.lead(title, owner=(owner or anna).user, actor=anna.actor)
        link_lead(lead.id, actor=anna.actor, **links)
        return lead

    return build


@pytest.fixture
def lines(html):
    """lines(anna, "/contacts/1"): what its timeline says, newest first, without clocks, days, the filter and the ways to split."""

    def read(person, url):
        found = []
        for item in html(person.get(url)).all("#timeline .tl-i"):
            head = item.all(".tl-h span")[0]
            rest = [" ".join(part.text.split()) for part in item.all(".tl-c li")]
            body = [part.text for part in item.all(".prose")]
            found.append(" | ".join([" ".join(head.text.split()).replace(" · Split again", ""), *rest, *body]))
        return found

    return read
