"""Leads out as a file, and the same file in again."""

import csv
import io
import json

import pytest

from leadboard.db import execute
from leadboard.domain.exports import export_leads
from leadboard.errors import NotAllowed
from leadboard.models import Event, Lead, LostReason, Pipeline, Source, Stage, User
from leadboard.permissions import SYSTEM
from leadboard.queries.export import COLUMNS, write_amount
from leadboard.testing.factories import STAGES, Make
from tests.imports.conftest import DEALS

EVERYTHING = ("lead.deleted_at is null", ())


def exact() -> str:
    return whole(export_leads(*EVERYTHING, actor=SYSTEM, exact=True))


def whole(parts) -> str:
    return b"".join(parts).decode()


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def fill(make: Make) -> None:
    """Leads with something in every field, and texts that are hard to carry."""
    make.pipeline("Sales")
    anna = make.user("Anna Nowak", email="anna@team.example")
    make.source("Fair")
    reason = make.lost_reason("Price")
    make.lead(
        "Big order", stage="Offer", owner=anna, source=Source.get().id, person_name="Zoë O'Brien", given_name="Zoë", family_name="O'Brien",
        organisation_name='Sea "Ltd", Ghent', job_title="Owner", email="zoe@sea.example", phone="+353 20 910 0000", website="https://sea.example",
        value_amount=123450, value_currency="EUR", probability=40, expected_close_on="2026-12-24", interest="hot", qualification="sql",
        industry="Food", employees=12, territory="West", street="1 Quay St", postal_code="H91", city="Galway", region="Connacht", country="IE",
    )  # fmt: skip
    make.lead("Dinars", stage="New", value_amount=1234, value_currency="KWD")
    make.lead("Yen", stage="New", value_amount=5000, value_currency="JPY")
    for text in ("=HYPERLINK(1)", "'=x", "@home", "سارا احمدی", "田中由紀", "a;b,c|d"):
        make.lead(text, stage="Contacted")
    lost = make.lead("Gone", stage="Lost")
    Lead.update(lost_reason=reason, lost_to="Rival").where(Lead.id == lost.id).execute()
    Lead.update(other_columns=json.dumps({"product": "GTX", "lines": "one\ntwo"}), external_source="x", external_id="A1").where(
        Lead.title == "Yen"
    ).execute()


def empty() -> None:
    """Another instance: the same lists, no lead."""
    execute("delete from lead_text")
    Lead.delete().execute()


def test_an_exact_export_comes_back_byte_for_byte(make, mona_brings):
    fill(make)
    before = exact()
    empty()

    run = mona_brings.bring(before, unguard=False)

    assert (run.counts["rejected"], run.counts["warnings"]) == (0, 0)
    assert exact() == before


def test_a_spreadsheets_export_comes_back_too(make, mona_brings):
    fill(make)
    before = exact()
    guarded = whole(export_leads(*EVERYTHING, actor=SYSTEM))
    empty()

    mona_brings.bring(guarded)

    assert exact() == before


def test_an_empty_instance_recognises_every_column(make, ada_brings):
    fill(make)
    before = exact()
    Pipeline.update(position=-1).execute()  # else the last stage of a kind would stay
    for model in (Lead, Stage, Pipeline, Source, LostReason):
        model.delete().execute()
    User.delete().where(User.name == "Anna Nowak").execute()
    make.pipeline("Sales", STAGES[:1])

    run = ada_brings.check(before, unguard=False, create=("stages", "owners", "sources", "reasons"))

    assert list(run.options.mapping) == [column.label for column in COLUMNS]
    assert {"other", "ignore"}.isdisjoint(run.options.mapping.values())
    assert (run.counts["created"], run.counts["rejected"], run.counts["new_owners"], run.counts["new_sources"]) == (10, 0, 1, 1)


def test_texts_that_a_spreadsheet_would_run_are_guarded(make, mona):
    make.lead("=1+1", phone="+49 30 901820", city="-x", value_amount=1200)

    (row,) = records(whole(export_leads(*EVERYTHING, actor=mona.actor)))

    assert (row["Title"], row["Phone"], row["City"], row["Value"]) == ("'=1+1", "'+49 30 901820", "'-x", "12.00")
    assert whole(export_leads(*EVERYTHING, actor=mona.actor)).startswith("\ufeffTitle,")


def test_leads_come_in_the_order_of_the_boards(make, mona):
    make.lead("B", stage="Contacted")
    make.lead("C", stage="New")
    make.lead("A", stage="Contacted")

    assert [row["Title"] for row in records(exact())] == ["C", "A", "B"]


@pytest.mark.parametrize(
    "amount, currency, text",
    [(None, "", ""), (123450, "EUR", "1234.50"), (5, "EUR", "0.05"), (5000, "JPY", "5000"), (1234, "KWD", "1.2340")],
)
def test_amounts_are_written_so_that_they_can_be_read_in_one_way(amount, currency, text):
    assert write_amount(amount, currency) == text


def test_an_export_is_a_fact_with_the_number_of_rows(make, mona):
    make.leads(3)

    answer = mona.post("/leads/export", {"kind": "spreadsheet"})

    assert len(records(answer.get_data(as_text=True))) == 3
    event = Event.get(Event.kind == "exported")
    assert (event.actor_id, json.loads(event.data)) == (mona.id, {"rows": 3})


def test_who_stops_reading_is_recorded_with_what_he_got(make, mona):
    make.leads(3)
    lines = export_leads(*EVERYTHING, actor=mona.actor)
    next(lines)
    next(lines)

    lines.close()

    assert json.loads(Event.get(Event.kind == "exported").data) == {"rows": 3}


def test_the_lists_filter_decides_what_goes_out(make, mona, html):
    make.lead("Here", stage="New")
    make.lead("There", stage="Offer")
    offer = make.stage("Offer").id

    form = html(mona.get(f"/leads/export?stage={offer}")).one("main form.panel")
    answer = mona.post(form.attrs["action"], {"kind": "exact"})

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="leads-')
    assert [row["Title"] for row in records(answer.get_data(as_text=True))] == ["There"]


def test_an_unknown_filter_is_refused(make, mona):
    assert mona.post("/leads/export?stage=999").status_code == 400


def test_looking_at_the_question_writes_nothing(make, mona):
    mona.get("/leads/export")

    assert Event.select().count() == 0


@pytest.mark.parametrize("who, status", [("anna", 403), ("vera", 403), ("carla", 303), ("mona", 200), ("ada", 200)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_exporting_is_for_managers(method, who, status, request, make):
    assert getattr(request.getfixturevalue(who), method)("/leads/export").status_code == status


def test_a_member_cannot_export_by_the_domain_either(anna):
    with pytest.raises(NotAllowed):
        export_leads(*EVERYTHING, actor=anna.actor)


@pytest.mark.parametrize("count", [500, 2500])
def test_memory_and_statements_follow_the_parts_not_the_leads(count, sales, mona_brings, queries):
    mona_brings.bring("Company\n" + "\n".join(f"Firm {number}" for number in range(count)))

    parts = count // 1000 + 1  # each with the further addresses of its leads; the tags are read once
    with queries(at_most=4 + 6 + count // 1000 + parts):
        assert exact().count("\r\n") == count + 1


def test_what_was_imported_comes_out_with_its_other_columns(sales, ada_brings):
    ada_brings.bring(DEALS, create=("owners",))

    won = next(row for row in records(exact()) if row["External ID"] == "A1")

    assert (won["Owner"], won["Stage"], won["Closed"], won["Other columns"]) == (
        "Moses Frase", "Won", "2017-02-28T23:00:00Z", '{"product": "GTX Basic"}',
    )  # fmt: skip


def test_further_addresses_of_leads_go_out_and_come_in_again(sales, ada_brings):
    ada_brings.bring(
        'Company,Email,Email 2,Phone,Mobile\nAcme,anna@acme.example,"a@acme.example; b@acme.example",030 1,0171 2\nOther,,,,\n'
    )
    before = exact()
    first, other = records(before)
    assert (first["E-mail"], first["Further e-mails"]) == ("anna@acme.example", "a@acme.example\nb@acme.example")
    assert (first["Phone"], first["Further phones"], other["Further e-mails"]) == ("030 1", "0171 2 (mobile)", "")

    empty()
    ada_brings.bring(before)
    assert [(row["E-mail"], row["Further e-mails"], row["Further phones"]) for row in records(exact())] == [
        ("anna@acme.example", "a@acme.example\nb@acme.example", "0171 2 (mobile)"), ("", "", ""),
    ]  # fmt: skip


def test_the_list_links_to_its_own_export(make, mona, anna, html):
    make.lead("Here", stage="New")
    new = make.stage("New").id

    link = html(mona.get(f"/leads?stage={new}")).one("#export").attrs["href"]
    part = mona.htmx("/leads", {"stage": new, "q": "here"}, method="GET")

    assert link == f"/leads/export?stage={new}"
    assert html(part).one("#export").attrs["href"] == f"/leads/export?stage={new}&q=here"
    assert html(anna.get("/leads")).all("#export") == []
