"""Importing: what becomes of the rows of a file."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from leadboard.db import rows
from leadboard.domain import import_jobs, imports
from leadboard.domain.hosts import Host
from leadboard.domain.import_batches import Pass
from leadboard.domain.import_jobs import run_import
from leadboard.domain.leads import delete_leads, restore_leads
from leadboard.domain.points import Point, points_of
from leadboard.errors import Conflict, NotAllowed, Refused
from leadboard.models import Event, EventValue, ImportRun, Lead, Note, Source, Stage, User
from leadboard.queries.lead_filter import LeadFilter, known_values
from tests.imports.conftest import DEALS, Importing, reasons, titles_in_order

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_file_of_deals_becomes_leads_with_everything_in_its_place(sales, make, ada_brings):
    run = ada_brings.bring(DEALS, create=("owners",))

    assert (run.state, run.counts["created"], run.counts["rejected"]) == ("done", 3, 0)
    won, open_, lost = Lead.select().order_by(Lead.id)
    assert (won.title, won.organisation_name, won.stage.name, won.value_amount, won.value_currency) == (
        "Cancity",
        "Cancity",
        "Won",
        105400,
        "EUR",
    )
    assert (won.external_source, won.external_id) == ("opportunity-id", "A1")
    assert won.stage_entered_at == datetime(2016, 10, 20, tzinfo=BERLIN)
    assert won.closed_at == datetime(2017, 3, 1, tzinfo=BERLIN)
    assert json.loads(won.other_columns) == {"product": "GTX Basic"}
    assert (open_.title, open_.organisation_name, open_.closed_at, open_.value_amount) == ("A2", "", None, None)
    assert (lost.lost_reason.name, lost.value_amount) == ("Not stated", 0)
    assert [user.name for user in User.select().where(User.password_hash.is_null()).order_by(User.id)][-2:] == [
        "Moses Frase",
        "Darcel Schlecht",
    ]
    assert (won.owner.name, lost.owner_id) == ("Moses Frase", won.owner_id)


def test_owners_made_by_an_import_are_members_who_cannot_sign_in(sales, ada_brings):
    ada_brings.bring(DEALS, create=("owners",))

    moses = User.get(User.name == "Moses Frase")
    assert (moses.role, moses.password_hash, moses.email, moses.email_key, moses.is_active) == ("member", None, "", None, True)


def test_without_create_rows_with_unknown_names_are_rejected(sales, make, mona_brings):
    make.user("Moses Frase")

    run = mona_brings.bring(DEALS.replace("Engaging", "Waiting"))

    assert reasons(run) == [
        (3, ["sales_agent: Nobody here is called “Darcel Schlecht”.", "deal_stage: There is no stage “Waiting”."])
    ]
    assert run.counts["created"] == 2


def test_a_second_import_finds_every_row_already_there(sales, ada_brings):
    first = ada_brings.bring(DEALS, create=("owners",))
    again = ada_brings.bring(DEALS, create=("owners",))

    lead = Lead.select().order_by(Lead.id).first()
    assert again.counts == {"created": 0, "rejected": 3, "already_there": 3, "warnings": 0, "without_reason": 0}
    assert reasons(again)[0] == (2, [f"opportunity_id: Already there: lead #{lead.id} Cancity"])
    assert first.counts["created"] == Lead.select().count() == 3


def test_a_lead_in_the_bin_does_not_block_an_import(sales, make, ada_brings, ada):
    ada_brings.bring(DEALS, create=("owners",))
    old = [lead.id for lead in Lead.select()]
    delete_leads(old, actor=ada.actor)

    run = ada_brings.bring(DEALS, create=("owners",))
    restore_leads(old, actor=ada.actor)

    assert run.counts["created"] == 3
    numbers = [lead.external_id for lead in Lead.select().where(Lead.deleted_at.is_null()).order_by(Lead.id)]
    assert numbers == [None, None, None, "A1", "A2", "A3"]


def test_the_rows_of_a_file_lie_on_top_of_their_stage_in_the_files_order(sales, make, mona_brings):
    prospecting = make.stage("Prospecting", sales)
    make.lead("Old", stage=prospecting)

    mona_brings.bring("Company\n" + "\n".join(f"Firm {number:04d}" for number in range(1203)))

    assert titles_in_order(prospecting) == [*(f"Firm {number:04d}" for number in range(1203)), "Old"]


def test_a_card_dropped_into_the_middle_of_a_running_import_keeps_its_place(sales, make, mona_brings, monkeypatch):
    """The block on top is set aside with the first batch; the places of later batches may be taken by then."""
    prospecting = make.stage("Prospecting", sales)
    write = Pass.write

    def write_and_take_a_place(self, drafts, step, *, first, total):
        write(self, drafts, step, first=first, total=total)
        if first == 0:
            make.lead("Dropped", stage=prospecting)
            base = self.kind.bases[prospecting.id]
            Lead.update(position=base + 65_536 * 700).where(Lead.title == "Dropped").execute()

    monkeypatch.setattr(import_jobs.Pass, "write", write_and_take_a_place)
    run = mona_brings.bring("Company\n" + "\n".join(f"Firm {number:04d}" for number in range(900)))

    assert run.state == "done"
    order = titles_in_order(prospecting)
    assert order[698:703] == ["Firm 0698", "Firm 0699", "Dropped", "Firm 0700", "Firm 0701"]


def test_the_dry_run_counts_every_row_and_writes_no_lead(sales, ada_brings):
    run = ada_brings.check(DEALS, create=("owners", "stages"))

    assert (run.state, run.counts["created"], run.counts["new_owners"], run.total_rows) == ("checked", 3, 2, 3)
    assert run.progress["made"] == {"owners": ["Moses Frase", "Darcel Schlecht"]}
    assert (Lead.select().count(), User.select().where(User.name == "Moses Frase").count(), Event.select().count()) == (0, 0, 0)


def test_the_same_key_twice_in_a_file_is_rejected_with_the_line_of_the_first(sales, mona_brings):
    text = "Name,Email\nAnna,anna@acme.example\nBen,ben@acme.example\nAnna K,ANNA@acme.example\n"

    checked = mona_brings.check(text, match="email")
    imports.start(checked.id, actor=mona_brings.actor)
    mona_brings.run_jobs()

    assert reasons(mona_brings.run(checked.id)) == [(4, ["Email: The same as line 2 of this file"])]
    assert checked.counts["rejected"] == mona_brings.run(checked.id).counts["rejected"] == 1


@pytest.mark.parametrize(
    "match, header, value",
    [
        ("email", "Email", "anna@acme.example"),
        ("phone", "Phone", "+49 30 901820"),
        ("organisation_name", "Company", "Acme GmbH"),
        ("title", "Deal name", "Big one"),
    ],
)
def test_rows_are_matched_by_the_chosen_field(match, header, value, sales, make, mona_brings):
    lead = make.lead("Big one", email="Anna@acme.example", phone="030 901820", organisation_name="ACME GmbH")

    run = mona_brings.bring(f"{header},City\n{value},Berlin\n", match=match)

    assert reasons(run) == [(2, [f"{header}: Already there: lead #{lead.id} Big one"])]


def test_stages_sources_and_reasons_are_made_on_request(sales, ada_brings):
    text = "Company,Stage,Source,Lost reason\nAcme,Offer,Fair,\nBirch,Verloren,Fair,Too dear\nCedar,Gewonnen,,\n"

    run = ada_brings.bring(text, create=("stages", "sources", "reasons"))

    assert run.counts["created"] == 3
    stages = [(stage.name, stage.kind) for stage in Stage.select().order_by(Stage.position)]
    assert stages == [
        ("Prospecting", "open"), ("Engaging", "open"), ("Offer", "open"), ("Won", "won"), ("Lost", "lost"), ("Verloren", "lost"), ("Gewonnen", "won"),
    ]  # fmt: skip
    assert [source.name for source in Source.select()] == ["Fair"]
    assert Lead.get(Lead.title == "Birch").lost_reason.name == "Too dear"


def test_only_admins_make_list_entries(sales, mona_brings):
    with pytest.raises(NotAllowed):
        mona_brings.check(DEALS, create=("owners",))


@pytest.mark.parametrize("who", ["anna", "vera"])
def test_importing_is_for_managers(who, request, sales, settings, run_jobs):
    person = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        Importing(person.actor, settings, run_jobs).upload(DEALS)


def test_owners_are_found_by_name_or_address(sales, make, mona_brings):
    anna = make.user("Anna Nowak", email="anna@team.example")
    make.user("Jan Kowalski", email="jan@team.example")
    make.user("Jan Kowalski", email="jan2@team.example")
    text = "Company,Owner,Owner e-mail\nA,anna nowak,\nB,ANNA@team.example,\nC,,anna@team.example\nD,Jan Kowalski,\nE,Jan Kowalski,jan2@team.example\n"

    run = mona_brings.bring(text, {"Owner e-mail": "owner_email"})

    assert [lead.owner_id for lead in Lead.select().order_by(Lead.id)][:3] == [anna.id] * 3
    assert reasons(run) == [(5, ["Owner: Several people are called “Jan Kowalski”. Write the e-mail address instead."])]
    assert Lead.get(Lead.title == "E").owner.email == "jan2@team.example"


def test_a_hoped_for_close_date_of_an_open_lead_is_its_expected_close(sales, mona_brings):
    mona_brings.bring("Company,Stage,Engage date,Close date\nAcme,Engaging,2026-01-02,2026-12-24\n")

    lead = Lead.get()
    assert (lead.closed_at, lead.expected_close_on) == (None, date(2026, 12, 24))


def test_notes_and_cells_that_do_not_fit_are_kept(sales, mona, mona_brings):
    text = 'Name,Email,Country,Note,Rating\nAnna,"anna@acme.example, a@b.example",Atlantis,Likes tea,Purple\n'

    run = mona_brings.bring(text)

    lead = Lead.get()
    assert (lead.email, lead.country, lead.interest) == ("anna@acme.example", "", "")
    assert json.loads(lead.other_columns) == {"Country": "Atlantis", "Rating": "Purple"}
    assert points_of(Host("lead", lead.id, None)) == [Point("email", "a@b.example")]
    assert [(note.body, note.author_id) for note in Note.select()] == [("Likes tea", mona.id)]
    assert run.counts["warnings"] == 1


def test_countries_are_known_in_several_languages(sales, mona_brings):
    mona_brings.bring("Company,Country\nA,Polska\nB,Deutschland\nC,USA\nD,fr\n")

    assert [lead.country for lead in Lead.select().order_by(Lead.id)] == ["PL", "DE", "US", "FR"]


def test_every_created_lead_has_its_event_and_the_run_one_of_its_own(sales, ada, ada_brings):
    run = ada_brings.bring(DEALS, create=("owners",))

    created = Event.select().where(Event.kind == "lead_created").order_by(Event.id)
    assert [(event.record_id, event.lead_id, event.actor_id, json.loads(event.data)["import"]) for event in created] == [
        (lead.id, lead.id, ada.id, run.id) for lead in Lead.select().order_by(Lead.id)
    ]
    finished = Event.get(Event.kind == "import_finished")
    assert (finished.record_id, json.loads(finished.data)) == (run.id, {"created": 3, "rejected": 0})
    assert {event.change_set_id for event in Event.select()} == {run.change_set_id}
    assert EventValue.select().join(Event).where(Event.kind == "lead_created").count() == 0


def test_imported_leads_are_found_by_search(sales, ada, ada_brings):
    ada_brings.bring("Name,Company,Email\nŁucja Żółć,Piekarnia,lucja@example.com\n")

    where, params = LeadFilter.from_args({"q": "zolc"}, ada.actor, known_values()).where(ada.actor, "lead", date(2026, 1, 1))

    assert rows(f"select title from lead where {where}", params) == [("Łucja Żółć",)]


# ---------------------------------------------------------------------------------------------- crashes


class Crash(Exception):
    """Stands for a kill: nothing catches it."""


def test_a_run_goes_on_where_it_was_killed(sales, make, mona_brings, monkeypatch):
    text = "Company\n" + "\n".join(f"Firm {number:04d}" for number in range(1600))
    run = mona_brings.check(text)
    imports.start(run.id, actor=mona_brings.actor)
    write = import_jobs.Pass.write
    calls = []

    def write_twice(self, drafts, step, *, first, total):
        write(self, drafts, step, first=first, total=total)
        calls.append(first)
        if len(calls) == 3:
            raise Crash

    monkeypatch.setattr(import_jobs.Pass, "write", write_twice)
    with pytest.raises(Crash):
        import_jobs.run_import(run.id, folder=mona_brings.settings.instance, most_rows=200_000)
    assert (mona_brings.run(run.id).done_rows, Lead.select().count()) == (1000, 1000)

    mona_brings.run_jobs()

    assert calls == [0, 500, 1000, 1000, 1500]
    assert mona_brings.run(run.id).counts["created"] == 1600
    assert titles_in_order(make.stage("Prospecting", sales)) == [f"Firm {number:04d}" for number in range(1600)]


def test_a_run_that_is_done_is_left_alone(sales, mona_brings):
    run = mona_brings.bring("Company\nAcme\n")

    run_import(run.id, folder=mona_brings.settings.instance, most_rows=200_000)

    assert Lead.select().count() == 1


def test_two_clicks_start_one_import(sales, mona_brings):
    run = mona_brings.check("Company\nAcme\n")
    imports.start(run.id, actor=mona_brings.actor)

    with pytest.raises(Conflict):
        imports.start(run.id, actor=mona_brings.actor)


def test_an_import_without_its_file_says_so_and_can_be_tried_again(sales, mona_brings):
    run = mona_brings.check("Company\nAcme\n")
    (mona_brings.settings.instance / run.file_path).unlink()
    imports.start(run.id, actor=mona_brings.actor)

    mona_brings.run_jobs()

    found = ImportRun.get_by_id(run.id)
    assert (found.state, json.loads(found.error)[1]) == ("checked", "The uploaded file is no longer there. Upload it again.")


@pytest.mark.parametrize("count", [500, 2000])
def test_each_batch_takes_the_same_few_statements(count, sales, make, mona_brings, queries):
    make.user("Owner A", email="a@team.example")
    text = "ID,Name,Email,Stage,Owner,Value\n" + "".join(
        f"N{number},Anna {number},a{number}@acme.example,Engaging,Owner A,{number}.50\n" for number in range(count)
    )
    run = mona_brings.check(text, match="email")
    imports.start(run.id, actor=mona_brings.actor)

    with queries(at_most=25 + 14 * (count // 500)):
        run_import(run.id, folder=mona_brings.settings.instance, most_rows=200_000)

    assert Lead.select().count() == count


def test_last_contact_and_creation_come_from_the_file(sales, mona_brings):
    mona_brings.bring(
        "Company,Created at,Last contact\nAcme,2026-01-02T10:00:00Z,2026-02-03 09:30\n", {"Last contact": "last_touch_at"}
    )

    lead = Lead.get()
    assert lead.created_at == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert lead.last_touch_at == datetime(2026, 2, 3, 9, 30, tzinfo=BERLIN)


def test_a_mapping_is_remembered_for_files_of_the_same_columns(sales, mona_brings):
    mona_brings.bring("Wer,Was\nAcme,Tea\n", {"Wer": "organisation_name", "Was": "note"})

    run = mona_brings.run(mona_brings.upload("Wer,Was\nBirch,Coffee\n"))

    assert run.options.mapping == {"Wer": "organisation_name", "Was": "note"}


def test_an_upload_can_be_forgotten_with_its_file(sales, mona_brings):
    run = mona_brings.check("Company\nAcme\n")

    imports.discard(run.id, actor=mona_brings.actor, folder=mona_brings.settings.instance)

    assert (ImportRun.select().count(), (mona_brings.settings.instance / run.file_path).exists()) == (0, False)


def test_a_row_needs_a_name(sales, mona_brings):
    run = mona_brings.bring("Company,City\n,Berlin\n")

    assert reasons(run) == [(2, ["A lead needs a name: fill the person, the organisation or the title."])]


def test_two_columns_for_one_field_are_refused(sales, mona_brings):
    with pytest.raises(Refused, match="Both A and B go into City"):
        mona_brings.check("A,B,Company\nx,y,z\n", {"A": "city", "B": "city"})
