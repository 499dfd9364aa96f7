"""Leads that come in together with the people and organisations that their rows name."""

import pytest

from leadboard.domain import imports
from leadboard.domain.import_undo import start_undo
from leadboard.domain.parties import create_contact, create_organisation
from leadboard.domain.points import Point, set_points
from leadboard.models import Contact, Event, ImportRow, Lead, Organisation
from leadboard.permissions import SYSTEM

ROWS = """\
Deal name,Company,Person,Email,Phone
One,ACME GmbH,Anna Nowak,anna@acme.example,
Two,Acme,Anna Nowak,ANNA@acme.example,
Three,Acme,Ben Brandt,,+48 22 111 11 11
Four,,Carla Cohen,carla@gmail.com,
Five,Acme,Ben Brandt,,+48 22 111 11 11
Six,Acme,Dora Dahl,,+48 22 111 11 11
Seven,,,,
"""


@pytest.fixture
def board(make):
    make.pipeline()


def links() -> list[tuple[str, str | None, str | None]]:
    return [
        (
            lead.title,
            Organisation.get_by_id(lead.organisation_id).name if lead.organisation_id else None,
            Contact.get_by_id(lead.contact_id).name if lead.contact_id else None,
        )
        for lead in Lead.select().order_by(Lead.id)
    ]


def test_new_ones_are_made_once_each_and_an_undo_takes_them_back(board, mona_brings):
    checked = mona_brings.check(ROWS, people="new")
    assert (checked.counts["new_organisations"], checked.counts["new_contacts"]) == (1, 4)

    run = mona_brings.bring(ROWS, people="new")

    assert links() == [
        ("One", "ACME GmbH", "Anna Nowak"), ("Two", "ACME GmbH", "Anna Nowak"), ("Three", "ACME GmbH", "Ben Brandt"),
        ("Four", None, "Carla Cohen"), ("Five", "ACME GmbH", "Ben Brandt"), ("Six", "ACME GmbH", "Dora Dahl"), ("Seven", None, None),
    ]  # fmt: skip
    assert [lead.organisation_name for lead in Lead.select().order_by(Lead.id)][:3] == ["ACME GmbH", "Acme", "Acme"]
    assert (run.counts["linked"], run.counts["new_organisations"], run.counts["new_contacts"]) == (5, 1, 4)
    assert Contact.get(Contact.name == "Anna Nowak").organisation.name == "ACME GmbH"
    assert Event.select().where(Event.kind == "contact_created", Event.contact_id.is_null(False)).count() == 4

    start_undo(run.id, actor=mona_brings.actor)
    mona_brings.run_jobs()

    assert (Lead.select().count(), Contact.select().count(), Organisation.select().count()) == (0, 0, 0)
    assert ImportRow.select().where(ImportRow.outcome == "made").count() == 0


def test_known_ones_are_linked_by_every_mark(board, mona_brings):
    firm = create_organisation({"name": "Birch Ltd", "website": "birch.example", "phone": "+48 22 999 99 99"}, actor=SYSTEM).id
    create_organisation({"name": "Free", "email": "free@gmail.com"}, actor=SYSTEM)
    erin = create_contact({"name": "Erin", "email": "erin@birch.example", "organisation": firm}, actor=SYSTEM).id
    set_points([Point("email", "e@home.example"), Point("phone", "+48 600 100 200")], contact_id=erin, actor=SYSTEM)

    run = mona_brings.bring(
        "Deal name,Company,Person,Email,Phone\nName,BIRCH,,,\nDomain,Birch Trees,Somebody,x@birch.example,\n"
        "Phone,,,,0048 22 999 99 99\nFurther,,,e@home.example,\nNumber,,Erin,,+48600100200\nOf firm,Birch,erin,,\nFree,,Fred,fred@gmail.com,\n",
        people="known",
    )

    assert links() == [
        ("Name", "Birch Ltd", None), ("Domain", "Birch Ltd", None), ("Phone", "Birch Ltd", None), ("Further", None, "Erin"),
        ("Number", None, "Erin"), ("Of firm", "Birch Ltd", "Erin"), ("Free", None, None),
    ]  # fmt: skip
    assert (run.counts["new_organisations"], Organisation.select().count(), Contact.select().count()) == (0, 2, 1)


def test_a_batch_costs_a_few_statements_however_many_rows(board, mona_brings, queries):
    def rows(count: int) -> str:
        return "Deal name,Company,Person,Email\n" + "".join(
            f"D{number},Firm {number},P {number},p{number}@firm{number}.example\n" for number in range(count)
        )

    def counted(content: str) -> int:
        run_id = mona_brings.check(content, people="new").id
        with queries(at_most=1000) as seen:
            imports.start(run_id, actor=mona_brings.actor)
            mona_brings.run_jobs()
        return len(seen.texts)

    few = counted(rows(3))
    assert counted(rows(300)) <= few + 12


def test_people_that_somebody_uses_by_now_stay(board, mona_brings, make):
    run = mona_brings.bring("Deal name,Company,Person\nOne,Acme,Anna\nTwo,Birch,Ben\n", people="new")
    acme = Organisation.get(Organisation.name == "Acme")
    Lead.update(organisation_id=acme.id).where(Lead.id == make.lead("Mine").id).execute()

    start_undo(run.id, actor=mona_brings.actor)
    mona_brings.run_jobs()

    assert [firm.name for firm in Organisation.select()] == ["Acme"]
    assert Contact.select().count() == 0
