"""Files as they come: shapes, encodings, numbers and days, and everything that is no table."""

import json
from datetime import date

import pytest

from leadboard import jobs
from leadboard.domain import imports
from leadboard.domain.import_jobs import CHECK_JOB, check_import
from leadboard.domain.import_values import mark_of, order_of
from leadboard.errors import Refused
from leadboard.models import ImportRun, Lead
from tests.imports.conftest import reasons


@pytest.fixture(autouse=True)
def _sales(sales):
    """Every file goes into the pipeline "Sales"."""


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_separators_and_unicode_encodings_are_found(sign, encoding, mona_brings):
    text = sign.join(["Name", "Firma", "Ort"]) + "\n" + sign.join(["Łucja Żółć", "Müller & Söhne", "Łódź"]) + "\n"

    mona_brings.bring(text.encode(encoding))

    assert [(lead.person_name, lead.organisation_name, lead.city) for lead in Lead.select()] == [
        ("Łucja Żółć", "Müller & Söhne", "Łódź")
    ]


def test_an_uncertain_encoding_is_asked_for_never_guessed(mona_brings):
    run_id = mona_brings.upload("Imię;Firma\nŁucja;Żółw\n".encode("cp1250"))
    assert mona_brings.run(run_id).options.reader is None
    with pytest.raises(Refused) as refusal:
        imports.choose(run_id, mona_brings.run(run_id).options, actor=mona_brings.actor, folder=mona_brings.settings.instance)
    assert refusal.value.field == "encoding"

    imports.choose_reading(run_id, {"encoding": "cp1250"}, actor=mona_brings.actor, folder=mona_brings.settings.instance)
    imports.choose(run_id, mona_brings.run(run_id).options, actor=mona_brings.actor, folder=mona_brings.settings.instance)
    mona_brings.run_jobs()
    imports.start(run_id, actor=mona_brings.actor)
    mona_brings.run_jobs()

    assert [(lead.given_name, lead.organisation_name) for lead in Lead.select()] == [("Łucja", "Żółw")]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
        (b"PK\x03\x04" + b"\0" * 20 + b"xl/workbook.xml", "Excel workbook"),
        (b"%PDF-1.7\n", "PDF"),
        (b'[{"name": "Anna"}]', "JSON"),
        (b"Name," * 5000 + b"\n" + b"x," * 5000 + b"\n", "5,001 cells; at most 2,000"),
        (b'"Name,Company\nAnna,Acme\n', "quote"),
        (b"Na\0me,Company\nAnna,Acme\n", "NUL"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason_and_leaves_nothing(content, message, mona_brings):
    with pytest.raises(Refused) as refusal:
        mona_brings.upload(content)

    assert message in str(refusal.value)
    assert ImportRun.select().count() == 0
    assert list((mona_brings.settings.instance / "uploads" / "imports").iterdir()) == []


def test_a_file_of_rows_without_a_header_is_refused_when_nothing_names_a_field(mona_brings):
    with pytest.raises(Refused, match="No column goes into a field"):
        mona_brings.check("12,34\n56,78\n")


def test_a_header_without_rows_is_told(mona_brings):
    run = mona_brings.check("Name,Company\n")

    assert (run.state, json.loads(ImportRun.get_by_id(run.id).error)[1]) == ("uploaded", "This file has a header but no rows.")


def test_broken_rows_are_rejected_and_the_others_go_in(mona_brings):
    text = 'Name,Company\nAnna,Acme\nBen,Birch,too,many\n"Cara"x,Cedar\nDora\nEve\0,Elm\nFay,Fir\n'

    run = mona_brings.bring(text)

    assert [lead.title for lead in Lead.select().order_by(Lead.id)] == ["Anna", "Dora", "Fay"]
    assert [line for line, _ in reasons(run)] == [3, 4, 6]
    assert "4 cells, the header has 2" in reasons(run)[0][1][0]
    assert "NUL" in reasons(run)[2][1][0]


def test_a_quote_that_never_closes_is_a_rejected_row_not_a_lost_file(mona_brings):
    run = mona_brings.bring('Name,Company\nAnna,Acme\nBen,"Birch\nCara,Cedar\n')

    assert [lead.title for lead in Lead.select()] == ["Anna"]
    assert [(line, "never closed" in why[0]) for line, why in reasons(run)] == [(3, True)]


def test_a_name_of_ten_thousand_characters_rejects_its_row_only(mona_brings):
    run = mona_brings.bring(f"Name,Company\n{'x' * 10_000},Acme\nAnna,Birch\n")

    assert reasons(run) == [(2, ["Name: Person is too long: at most 200 characters."])]
    assert [lead.title for lead in Lead.select()] == ["Anna"]


def test_a_file_over_the_limits_is_refused(mona_brings, settings):
    small = type(mona_brings)(
        mona_brings.actor, type(settings)(instance=settings.instance, import_max_mb=1), mona_brings.run_jobs
    )

    with pytest.raises(Refused, match="larger than 1 MB"):
        small.upload("Name,Company\n" + "Anna,Acme\n" * 110_000)


def test_too_many_rows_are_told_before_anything_is_written(mona_brings):
    jobs.register(CHECK_JOB, lambda run_id: check_import(run_id, folder=mona_brings.settings.instance, most_rows=3))
    run = mona_brings.check("Company\nA\nB\nC\nD\n")

    assert "more than %(most)d rows" in json.loads(ImportRun.get_by_id(run.id).error)[1]


@pytest.mark.parametrize(
    "row, reason",
    [
        (
            "Anna,not-an-address,,,,",
            "Email: not-an-address is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example.",
        ),
        (
            "Anna,,4.86E+10,,,",
            "Phone: “4.86E+10” was a phone number before a spreadsheet cut its digits. Format the column as text and export again.",
        ),
        ("Anna,,,ask him,,", "Value: “ask him” is not an amount. Write it like 1234.50 or 12k."),
        ("Anna,,,-5,,", "Value: “-5” is below zero. An amount is 0 or more."),
        ("Anna,,,,31.02.2026,", "Expected close: “31.02.2026” is not a day of the calendar."),
        ("Anna,,,,,many", "Employees: “many” is not a whole number."),
        ("Anna,,,,,", None),
    ],
)
def test_cells_that_cannot_be_read_reject_their_row_with_the_column_and_why(row, reason, mona_brings):
    text = f"Name,Email,Phone,Value,Expected close,Employees\n{row}\nBen,b@acme.example,030 901820,12.50,2026-01-01,12\n"

    found = reasons(mona_brings.bring(text))

    assert [why[0].startswith(reason or "") for _, why in found] == ([True] if reason else [])


@pytest.mark.parametrize(
    "cells, amounts",
    [
        (["1.234", "1.234,50"], [123_400, 123_450]),
        (["1,234", "1,234.50"], [123_400, 123_450]),
        (["1 234,50", "7"], [123_450, 700]),
        (["12'000.50", "1,5k"], [1_200_050, 150_000]),
        (["۱۲۳۴٫۵", "5"], [123_450, 500]),
        (["0.123", "12"], [12, 1200]),
    ],
)
def test_the_decimal_mark_is_decided_by_all_rows_of_a_column(cells, amounts, mona_brings):
    mona_brings.bring("Company;Value\n" + "".join(f"Firm {number};{cell}\n" for number, cell in enumerate(cells)))

    assert [lead.value_amount for lead in Lead.select().order_by(Lead.id)] == amounts


@pytest.mark.parametrize("said, amount", [("point", 123_400), ("comma", 123)])
def test_a_number_that_can_be_read_in_two_ways_is_asked_about(said, amount, mona_brings):
    run = mona_brings.check("Company;Value\nAcme;1,234\n")
    assert run.state == "uploaded"
    field, message, params = json.loads(ImportRun.get_by_id(run.id).error)
    assert (field, message % params) == (
        "decimal", "Column Value: 1,234 can be read in two ways. Say whether the point or the comma marks the decimals.",
    )  # fmt: skip

    mona_brings.bring("Company;Value\nAcme;1,234\n", decimal=said)

    assert Lead.get().value_amount == amount


@pytest.mark.parametrize(
    "cells, days",
    [
        (["03/04/2026", "13/04/2026"], [date(2026, 4, 3), date(2026, 4, 13)]),
        (["03/04/2026", "04/13/2026"], [date(2026, 3, 4), date(2026, 4, 13)]),
        (["3.4.2026", "2026-04-05"], [date(2026, 4, 3), date(2026, 4, 5)]),
        (["46115", "46116"], [date(2026, 4, 3), date(2026, 4, 4)]),
        (["1405/01/14", "20 Nov 2026"], [date(2026, 4, 3), date(2026, 11, 20)]),
        (["00/00/0000", "05/05/2026"], [None, date(2026, 5, 5)]),
    ],
)
def test_day_and_month_are_decided_by_all_rows_of_a_column(cells, days, mona_brings):
    mona_brings.bring("Company,Expected close\n" + "".join(f"Firm {number},{cell}\n" for number, cell in enumerate(cells)))

    assert [lead.expected_close_on for lead in Lead.select().order_by(Lead.id)] == days


@pytest.mark.parametrize("said, day", [("day", date(2026, 4, 3)), ("month", date(2026, 3, 4))])
def test_a_date_that_can_be_read_in_two_ways_is_asked_about(said, day, mona_brings):
    run = mona_brings.check("Company,Expected close\nAcme,03/04/2026\n")
    assert json.loads(ImportRun.get_by_id(run.id).error)[0] == "day_order"

    mona_brings.bring("Company,Expected close\nAcme,03/04/2026\n", day_order=said)

    assert Lead.get().expected_close_on == day


@pytest.mark.parametrize(
    "text, vote",
    [
        ("1054", ""),
        ("1,234", "either"),
        ("1.5", "point"),
        ("1,5", "comma"),
        ("1,234,567", "point"),
        ("1.234,5", "comma"),
        ("0,123", "comma"),
        ("1234,567", "comma"),
        ("12k", ""),
    ],
)
def test_what_a_number_says_about_its_column(text, vote):
    assert mark_of(text) == vote


@pytest.mark.parametrize(
    "text, vote",
    [
        ("2026-01-02", ""),
        ("1/2/2026", "either"),
        ("2/2/2026", ""),
        ("13/1/2026", "day"),
        ("1/13/26", "month"),
        ("46115", "serial"),
        ("1.2.2026", ""),
    ],
)
def test_what_a_date_says_about_its_column(text, vote):
    assert order_of(text) == vote


def test_apostrophes_of_careful_exports_come_off_or_stay(mona_brings):
    text = "Name,Note\n'=1+1,'@home\n'tis,'k\n"

    mona_brings.bring(text)
    mona_brings.bring(text, unguard=False)

    assert [lead.title for lead in Lead.select().order_by(Lead.id)] == ["=1+1", "'tis", "'=1+1", "'tis"]


def test_amounts_in_other_currencies_keep_them(mona_brings):
    mona_brings.bring("Company,Value,Currency\nA,9900,PLN\nB,€ 12,\nC,100,\nD,5000,JPY\n")

    assert [(lead.value_amount, lead.value_currency) for lead in Lead.select().order_by(Lead.id)] == [
        (990_000, "PLN"), (1200, "EUR"), (10_000, "EUR"), (5000, "JPY"),
    ]  # fmt: skip
