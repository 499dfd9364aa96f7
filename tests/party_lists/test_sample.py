"""Sample data has people and firms behind its leads, and all of it goes again."""

from leadboard.db import one, rows
from leadboard.domain.checks import check_database
from leadboard.domain.demo import add_sample_data
from leadboard.domain.demo_removal import remove_sample_data
from leadboard.domain.parties import update_party
from leadboard.domain.relations import link_lead
from leadboard.domain.setup import prepare_instance
from leadboard.models import Contact, Lead, Organisation
from leadboard.permissions import SYSTEM


def count(table, where="true"):
    return one(f"select count(*) from {table} where {where}")[0]


def test_sample_leads_have_people_and_firms(make, settings):
    prepare_instance()
    add_sample_data(200)

    assert count("contact") > 20
    assert count("organisation") > 20
    won = "stage_id in (select id from stage where kind = 'won')"
    assert count("lead", f"{won} and converted_at is not null and organisation_id is not null") == count("lead", won)
    # A firm that bought asks again, under its own name.
    assert count("organisation o", "(select count(*) from lead where organisation_id = o.id) > 1") > 2
    assert (
        rows("select lead.id from lead join organisation o on o.id = lead.organisation_id where lead.organisation_name <> o.name")
        == []
    )
    assert count("organisation", "primary_contact_id is not null") > 10
    assert count("event", "contact_id is not null and organisation_id is not null") > 20
    assert [finding.name for finding in check_database(settings) if finding.count] == []


def test_people_and_firms_go_with_the_rest(make, ada):
    prepare_instance()
    own_firm, own_lead = make.organisation("My firm"), make.lead("My lead")
    own = make.contact("My person", organisation=own_firm.id)
    add_sample_data(60)
    theirs = Organisation.select().where(Organisation.external_source == "sample").first()
    link_lead(own_lead.id, organisation_id=theirs.id, actor=SYSTEM)
    update_party("contact", own.id, {"organisation": theirs.id}, actor=SYSTEM)

    remove_sample_data(actor=ada.actor)

    assert [row.name for row in Contact.select()] == ["My person"]
    assert [row.name for row in Organisation.select()] == ["My firm"]
    assert (Lead.get().organisation_id, Contact.get().organisation_id) == (None, None)
    assert (count("contact_text"), count("organisation_text")) == (1, 1)
