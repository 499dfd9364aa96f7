"""Files of contacts and of organisations: in, out, in again, and taken back."""

import csv
import io
import json

from leadboard.db import execute, one
from leadboard.domain.erasing import erase_records
from leadboard.domain.exports import export_records
from leadboard.domain.hosts import Host
from leadboard.domain.import_undo import start_undo
from leadboard.domain.parties import create_contact, create_organisation, update_party
from leadboard.domain.points import Point, points_of, set_points
from leadboard.domain.relations import add_employment, set_primary_contact
from leadboard.models import Contact, ImportRow, Note, Organisation
from leadboard.permissions import SYSTEM
from tests.imports.conftest import reasons

FIRMS = {"record_type": "organisation", "create": ("organisations",)}
PEOPLE = {"record_type": "contact", "create": ("organisations",)}


def exact(record_type: str) -> str:
    parts = export_records(record_type, f"{record_type}.deleted_at is null", (), actor=SYSTEM, exact=True)
    return b"".join(parts).decode()


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def fill() -> None:
    """Firms and people with something in every field, and texts that are hard to carry."""
    sea = create_organisation(
        {"name": 'Sea "Ltd", Ghent', "email": "info@sea.example", "phone": "+353 20 910 0000", "website": "https://sea.example",
         "industry": "Food", "employees": 12, "street": "1 Quay St", "postal_code": "H91", "city": "Galway", "region": "Connacht", "country": "IE"},
        actor=SYSTEM,
    ).id  # fmt: skip
    port = create_organisation({"name": "Port (West)", "parent": sea}, actor=SYSTEM).id
    holding = create_organisation({"name": "Holding"}, actor=SYSTEM).id
    update_party("organisation", sea, {"parent": holding}, actor=SYSTEM)
    execute("update organisation set external_source = 'crm', external_id = '55' where id = ?", (sea,))
    zoe = create_contact(
        {"name": "Zoë O'Brien", "given_name": "Zoë", "family_name": "O'Brien", "organisation": sea, "job_title": "Owner",
         "email": "zoe@sea.example", "phone": "+353 20 910 0001", "website": "https://zoe.example", "city": "Galway", "country": "IE"},
        actor=SYSTEM,
    ).id  # fmt: skip
    set_points(
        [
            Point("email", "z@sea.example", "home"), Point("phone", "030 (12)"), Point("phone", "+353 1;2", "a (b"),
            Point("phone", "+353 20 910 0002", "work, old"),
        ],
        contact_id=zoe, actor=SYSTEM,
    )  # fmt: skip
    set_points([Point("email", "sales@sea.example", "Sales")], organisation_id=sea, actor=SYSTEM)
    add_employment(zoe, port, job_title="Chair", actor=SYSTEM)
    add_employment(zoe, holding, actor=SYSTEM)
    set_primary_contact(sea, zoe, actor=SYSTEM)
    for name in ("=HYPERLINK(1)", "سارا احمدی", "'=x"):
        create_contact({"name": name, "email": "x@y.example" if name == "'=x" else ""}, actor=SYSTEM)
    execute("update contact set other_columns = ? where name = '=HYPERLINK(1)'", (json.dumps({"tag": "a\nb"}),))


def empty() -> None:
    for model in (Contact, Organisation):
        erase_records(model._meta.table_name, [record.id for record in model.select()])


def test_exact_exports_come_back_byte_for_byte(app, mona_brings):
    fill()
    firms, people = exact("organisation"), exact("contact")
    assert (exact("organisation"), exact("contact")) == (firms, people)
    empty()

    one_run = mona_brings.bring(firms, unguard=False, record_type="organisation", create=())
    other_run = mona_brings.bring(people, unguard=False, record_type="contact", create=())

    assert [run.counts["rejected"] + run.counts["warnings"] for run in (one_run, other_run)] == [0, 0], reasons(one_run)
    assert exact("organisation") == firms
    assert exact("contact") == people


def test_our_own_files_tell_what_a_row_is(app, mona_brings):
    fill()
    for record_type in ("contact", "organisation"):
        run_id = mona_brings.upload(exact(record_type), record_type="")
        run = mona_brings.run(run_id)
        assert run.options.record_type == record_type
        assert "other" not in run.options.mapping.values()


def test_organisations_and_their_undo(app, mona_brings):
    """A parent that comes later in the file, one that is nowhere, and one that was there before."""
    old = create_organisation({"name": "Old Holding"}, actor=SYSTEM).id
    content = (
        "account,sector,employees,subsidiary of,Note\n"
        "Child,Food,12,Late Parent,Met them\nOrphan,,,Unknown Ltd,\nLate Parent,,,OLD HOLDING,\n"
    )
    checked = mona_brings.check(content, **FIRMS)
    assert (checked.counts["created"], checked.counts["new_organisations"]) == (3, 1)

    run = mona_brings.bring(content, **FIRMS)

    found = {firm.name: firm for firm in Organisation.select()}
    assert {name: (firm.parent.name if firm.parent else None) for name, firm in found.items()} == {
        "Old Holding": None, "Child": "Late Parent", "Orphan": "Unknown Ltd", "Late Parent": "Old Holding", "Unknown Ltd": None,
    }  # fmt: skip
    assert (found["Child"].industry, found["Child"].employees, found["Child"].match_key) == ("Food", 12, "child")
    assert Note.get().organisation_id == found["Child"].id
    assert run.counts["new_organisations"] == 1
    start_undo(run.id, actor=mona_brings.actor)
    mona_brings.run_jobs()

    assert [firm.id for firm in Organisation.select()] == [old]
    assert (mona_brings.run(run.id).counts["removed"], Note.select().count()) == (3, 0)


def test_an_undo_keeps_what_somebody_changed(app, mona_brings):
    run = mona_brings.bring("Name,Company\nAnna,Acme\nBen,Birch\n", **PEOPLE)
    anna = Contact.get(Contact.name == "Anna")
    update_party("contact", anna.id, {"city": "Ghent"}, actor=SYSTEM)

    start_undo(run.id, actor=mona_brings.actor)
    mona_brings.run_jobs()

    assert [person.name for person in Contact.select()] == ["Anna"]
    # Her firm was made by the import, too, and is still needed.
    assert [firm.name for firm in Organisation.select()] == ["Acme"]
    start_undo(run.id, actor=mona_brings.actor, remove_changed="all")
    mona_brings.run_jobs()
    assert (
        Contact.select().count(),
        Organisation.select().count(),
        ImportRow.select().where(ImportRow.outcome == "made").count(),
    ) == (0, 0, 0)


def test_a_loop_of_parents_is_left_open(app, mona_brings):
    content = "account,industry,subsidiary of\nA,x,B\nB,x,C\nC,x,A\nD,x,D\n"
    checked = mona_brings.check(content, **FIRMS)
    run = mona_brings.bring(content, **FIRMS)

    assert (checked.counts["warnings"], run.counts["warnings"]) == (2, 2)
    found = {firm.name: (firm.parent.name if firm.parent else None) for firm in Organisation.select()}
    assert found == {"A": "B", "B": "C", "C": None, "D": None}
    assert json.loads(Organisation.get(Organisation.name == "C").other_columns) == {"subsidiary of": "A"}


def test_a_parent_that_is_not_there_is_kept_aside_unless_it_may_be_made(app, mona_brings):
    content = "account,industry,subsidiary of\nA,x,Nowhere\n"
    checked = mona_brings.check(content, record_type="organisation", create=())
    run = mona_brings.bring(content, record_type="organisation", create=())

    assert (checked.counts["warnings"], run.counts["warnings"], Organisation.select().count()) == (1, 1, 1)
    assert json.loads(Organisation.get().other_columns) == {"subsidiary of": "Nowhere"}


def test_two_firms_of_one_name(app, mona_brings):
    """Both come in; who names them gets the one of the e-mail's domain, else the first with a warning."""
    mona_brings.bring("account,website,industry\nAcme,acme.example,x\nAcme,https://acme.other.example,y\n", **FIRMS)
    first, second = Organisation.select().order_by(Organisation.id)
    run = mona_brings.bring("Name,Email,Company\nAnna,anna@acme.other.example,ACME GmbH\nBen,,Acme\n", **PEOPLE)

    assert Contact.get(Contact.name == "Anna").organisation_id == second.id
    assert Contact.get(Contact.name == "Ben").organisation_id == first.id
    assert (run.counts["warnings"], run.counts["new_organisations"], Organisation.select().count()) == (1, 0, 2)


def test_bad_rows_say_which_column(app, mona_brings):
    long = "x" * 10_000
    people = mona_brings.check(f"Name,Email,Company\nAnna,,{long}\n,,\nBen,nobody,\n", {"Email": "email"}, **PEOPLE)
    firms = mona_brings.check(f"account,industry,subsidiary of\n{long},x,\nB,x,{long}\n,Food,\n", **FIRMS)

    assert reasons(people) == [
        (2, ["Company: Name is too long: at most 200 characters."]),
        (4, ["Email: nobody is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."]),
    ]
    assert reasons(firms) == [
        (2, ["account: Name is too long: at most 200 characters."]),
        (3, ["subsidiary of: Name is too long: at most 200 characters."]),
        (4, ["account: An organisation needs a name."]),
    ]


def test_a_contact_with_500_emails(app, mona_brings):
    several = "; ".join(f"a{number}@acme.example" for number in range(500))
    more = "; ".join(f"b{number}@acme.example" for number in range(501))
    run = mona_brings.bring(f'Name,Email\nAnna,"{several}"\nBen,"{more}"\n', {"Email": "more_emails"}, **PEOPLE)

    anna = Contact.get()
    assert (anna.email, len(points_of(Host("contact", anna.id, None)))) == ("a0@acme.example", 499)
    assert reasons(run) == [(3, ["Email: At most 500 addresses and numbers fit."])]


def test_several_columns_of_addresses_are_labelled(app, mona_brings):
    content = (
        "first_name,last_name,company,email_work,email_home,phone_work,phone_home\n"
        "Jane,Doe,Acme,,jane@doe.example,659-980-2020,740.647.3802\n"
        'Max,Roe,Acme,"max@roe.example, m@roe.example",max@home.example,,\n'
    )
    run = mona_brings.bring(content, **PEOPLE)

    jane, maximilian = Contact.select().order_by(Contact.id)
    assert (run.counts["rejected"], run.counts["warnings"], Organisation.select().count()) == (0, 0, 1)
    assert (jane.name, jane.email, jane.phone) == ("Jane Doe", "jane@doe.example", "659-980-2020")
    assert points_of(Host("contact", jane.id, None)) == [Point("phone", "740.647.3802", "home")]
    assert maximilian.email == "max@roe.example"
    assert points_of(Host("contact", maximilian.id, None)) == [
        Point("email", "m@roe.example"), Point("email", "max@home.example", "home"),
    ]  # fmt: skip


def test_rows_that_are_there_already_are_left_out(app, mona_brings):
    create_organisation({"name": "Acme Inc.", "website": "www.acme.example"}, actor=SYSTEM)
    content = "account,website,industry\nACME GmbH,https://other.example,\nOther,acme.example/shop,\nThird,,\n"

    by_name = mona_brings.check(content, match="name", **FIRMS)
    by_domain = mona_brings.check(content, match="website", **FIRMS)

    assert [line for line, _ in reasons(by_name)] == [2]
    assert reasons(by_domain) == [(3, ["website: Already there: organisation #1 Acme Inc."])]


def test_custom_fields_of_people_are_filled(make, mona_brings):
    make.field("Tier", record_type="contact")
    mona_brings.bring("Name,Tier,Company\nAnna,Gold,Acme\n", **PEOPLE)

    kept = one("select fields from contact")
    assert "Gold" in str(kept[0])
    assert records(exact("contact"))[0]["Tier"] == "Gold"
