"""Workbooks in and out, as a team uses them."""

import io
import json
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from leadboard_plugins.spreadsheets import writing
from leadboard_plugins.spreadsheets.reading import look, open_table

from leadboard.api import ColumnKind, ExportColumn, RowProblem, execute
from leadboard.domain import imports
from leadboard.domain.exports import export_leads
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from leadboard.queries.imports import load_run

EVERYTHING = ("lead.deleted_at is null", ())
XLSX = "spreadsheets.xlsx"


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADER = f'<row r="1">{cell("A1", "Company")}{cell("B1", "Value")}</row>'


def read(path, sheet="A"):
    table = open_table(path, {"sheet": sheet})
    return table.headers, list(table.rows())


def texts(path, sheet="A"):
    return [row.cells for row in read(path, sheet)[1]]


def bring(path, settings, run_jobs, **given):
    """Upload, columns as suggested, import; the run."""
    with path.open("rb") as file:
        run_id = imports.upload(file, path.name, actor=SYSTEM, folder=settings.instance, most_bytes=10**8)
    if given:
        imports.choose_reading(run_id, given, actor=SYSTEM, folder=settings.instance)
    imports.start_unchecked(run_id, load_run(run_id).options, actor=SYSTEM, folder=settings.instance)
    run_jobs()
    return load_run(run_id)


# ---------------------------------------------------------------------------------------------- cells


def test_cells_read_as_a_person_sees_them(workbook):
    values = [
        48601234567,
        4.8601234567e10,
        0.1 + 0.2,
        1234.5,
        1.234,
        7,
        True,
        datetime(2026, 11, 20),
        datetime(2026, 11, 20, 9, 30),
        "  x ",
        None,
    ]

    headers, (row,) = read(workbook({"A": [[f"C{number}" for number in range(11)], values]}))

    assert headers == [f"C{number}" for number in range(11)]
    assert row.cells == [
        "48601234567", "48601234567", "0.3", "1234.5", "1.2340", "7", "TRUE", "2026-11-20", "2026-11-20 09:30:00", "  x ", "",
    ]  # fmt: skip


def test_number_formats_that_change_the_meaning_count(workbook):
    def change(book):
        book["A"]["A2"].number_format, book["A"]["B2"].number_format = "00000", "0.00%"

    assert texts(workbook({"A": [["Postal code", "Probability"], [1234, 0.4]]}, change)) == [["01234", "40 %"]]


def test_formulas_are_never_worked_out_and_say_so_when_nobody_did(workbook):
    _, rows = read(workbook({"A": [["Company", "Value"], ["Acme", "=1+1"], ["Birch", 5]]}))

    assert [row.cells for row in rows] == [["Acme", ""], ["Birch", "5"]]
    assert [(index, why[:37]) for index, why in rows[0].wrong] == [(1, "This formula was never worked out, so")]


def test_what_a_spreadsheet_worked_out_is_taken(parts):
    path = parts(
        HEADER + f'<row r="2">{cell("A2", "Acme")}<c r="B2"><f>6*7</f><v>42</v></c></row>'
        f'<row r="3">{cell("A3", "Birch")}<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        f'<row r="4">{cell("A4", "Cedar")}<c r="B4" t="str"><f>""</f><v></v></c></row>'
    )
    _, rows = read(path)

    assert [row.cells for row in rows] == [["Acme", "42"], ["Birch", ""], ["Cedar", ""]]
    assert [row.wrong for row in rows] == [(), ((1, "The cell holds the error #DIV/0!. Mend its formula or empty it."),), ()]


def test_a_broken_cell_rejects_its_row_only_when_its_column_is_wanted(workbook, settings, run_jobs, make):
    make.pipeline("Sales")
    path = workbook({"A": [["Company", "Value", "Sum"], ["Acme", 5, "=1+1"], ["Birch", "=2+2", 1]]})

    run = bring(path, settings, run_jobs)

    assert (run.counts["created"], run.counts["rejected"]) == (0, 2)
    with path.open("rb") as file:
        run_id = imports.upload(file, "x.xlsx", actor=SYSTEM, folder=settings.instance, most_bytes=10**8)
    options = load_run(run_id).options
    imports.start_unchecked(
        run_id,
        type(options)(**{**vars(options), "mapping": {**options.mapping, "Sum": "ignore"}}),
        actor=SYSTEM,
        folder=settings.instance,
    )
    run_jobs()
    assert [lead.title for lead in Lead.select()] == ["Acme"]


def test_titles_merged_cells_blank_rows_and_blank_columns(workbook):
    def change(book):
        book["A"].merge_cells("A1:C1")
        book["A"].merge_cells("A4:A5")

    rows = [
        ["Leads of the fair"],
        [],
        ["Company", None, "City"],
        ["Acme", None, "Ghent"],
        [None, None, "Bruges"],
        [None],
        ["Birch", "x", "  "],
    ]
    headers, found = read(workbook({"A": rows}, change))

    assert headers == ["Company", "Column 2", "City"]
    assert [(row.line_number, row.cells) for row in found] == [
        (4, ["Acme", "", "Ghent"]),
        (5, ["", "", "Bruges"]),
        (7, ["Birch", "x", ""]),
    ]


def test_a_cell_beyond_the_header_rejects_its_row_with_its_place(workbook):
    _, rows = read(workbook({"A": [["Company", "City"], ["Acme", "Ghent", "call him"], ["Birch", "Bruges"]]}))

    assert rows[0] == RowProblem(2, "Column C has no name in the header row. Name it, or empty the cell.")
    assert rows[1].cells == ["Birch", "Bruges"]


# ---------------------------------------------------------------------------------------------- sheets


def test_the_sheet_is_asked_for_when_several_hold_rows(workbook):
    def change(book):
        book["Hidden"].sheet_state = "hidden"

    path = workbook(
        {"Read me": [["Made by Ann"]], "Empty": [], "Leads": [["Company", "City"], ["Acme"]], "Hidden": [["x"]]}, change
    )

    (option,) = look(path, {}, ())
    assert ([choice.value for choice in option.choices], option.value) == (["Read me", "Leads"], None)
    assert (option.choices[1].lines, option.likely) == (("Company · City", "Acme"), "Leads")
    assert look(path, {"sheet": "Leads"}, ())[0].value == "Leads"


def test_one_sheet_is_not_asked_for(workbook):
    assert look(workbook({"A": [["Company"], ["Acme"]], "B": []}), {}, ())[0].value == "A"


def test_the_wizard_asks_for_the_sheet(workbook, make, mona, html):
    make.pipeline("Sales")
    path = workbook({"Fair <1>": [["Company", "City"], ["Acme", "Ghent"]], "Web": [["Company", "City"], ["Birch", "Bruges"]]})
    home = mona.post(
        "/imports", {"file": (io.BytesIO(path.read_bytes()), "leads.xlsx")}, content_type="multipart/form-data"
    ).location

    answer = mona.get(home, follow_redirects=True)
    assert [node.attrs["value"] for node in html(answer).all("input[name=sheet]")] == ["Fair <1>", "Web"]
    assert "This file does not say in which encoding" not in answer.text
    assert mona.post(f"{home}/reading", {"sheet": "Nowhere"}).status_code == 422
    answer = mona.post(f"{home}/reading", {"sheet": "Web"}, follow_redirects=True)
    assert html(answer).texts("table.map td.sample") == ["Birch", "Bruges"]
    assert html(answer).one(f"a[href='{home}/reading']").text == "Another sheet?"


# ---------------------------------------------------------------------------------------------- out


def written(columns, rows):
    data = b"".join(writing.write(columns, rows, False))
    return data, openpyxl.load_workbook(io.BytesIO(data))["Leads"]


def test_texts_are_texts_and_numbers_are_numbers(app):
    columns = [
        ExportColumn("title", "Title"), ExportColumn("employees", "Employees", ColumnKind.NUMBER), ExportColumn("value_amount", "Value", ColumnKind.AMOUNT),
        ExportColumn("expected_close_on", "Close", ColumnKind.DAY), ExportColumn("created_at", "Created", ColumnKind.MOMENT),
    ]  # fmt: skip
    data, sheet = written(
        columns, [['=HYPERLINK("http://x")', 12, "1234.50", "2026-12-24", "2026-12-24T10:00:00Z"], ["#N/A\x07", None, "", "", ""]]
    )

    assert [one.value for one in sheet[2]] == [
        '=HYPERLINK("http://x")',
        12,
        1234.5,
        datetime(2026, 12, 24),
        datetime(2026, 12, 24, 11, 0),
    ]
    assert [one.value for one in sheet[3]] == ["#N/A", None, None, None, None]
    assert [one.data_type for one in sheet[2]][:3] == ["s", "n", "n"]
    assert (sheet["A2"].quotePrefix, sheet["A3"].quotePrefix, sheet.freeze_panes) == (True, False, "A2")
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_a_failure_on_the_way_leaves_no_file(app, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    def rows():
        yield ["Acme"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        list(writing.write([ExportColumn("title", "Title")], rows(), False))

    assert list(folder.iterdir()) == []


def fill(make):
    make.pipeline("Sales")
    make.lead(
        "=1+1", stage="Offer", person_name="Zoë O'Brien", phone="+353 20 910 0000", value_amount=123450, value_currency="EUR", probability=40,
        expected_close_on="2026-12-24", employees=12, postal_code="01234",
    )  # fmt: skip
    make.lead("Dinars", stage="New", value_amount=1234, value_currency="KWD")
    make.lead("سارا احمدی", stage="Contacted")
    Lead.update(other_columns=json.dumps({"product": "GTX", "lines": "one\ntwo"}), external_source="x", external_id="007").where(
        Lead.title == "Dinars"
    ).execute()


def test_what_goes_out_comes_in_again_unchanged(make, settings, run_jobs, tmp_path):
    fill(make)
    before = b"".join(export_leads(*EVERYTHING, actor=SYSTEM, exact=True))
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"".join(export_leads(*EVERYTHING, actor=SYSTEM, format_key=XLSX)))
    execute("delete from lead_text")
    Lead.delete().execute()

    run = bring(path, settings, run_jobs)

    assert (run.counts["created"], run.counts["rejected"]) == (3, 0)
    assert b"".join(export_leads(*EVERYTHING, actor=SYSTEM, exact=True)) == before


def test_the_export_page_offers_it(make, mona, html):
    make.lead("Here")
    assert XLSX in [node.attrs["value"] for node in html(mona.get("/leads/export")).all("input[name=format]")]

    answer = mona.post("/leads/export", {"kind": "spreadsheet", "format": XLSX})

    assert answer.content_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    assert openpyxl.load_workbook(io.BytesIO(answer.data))["Leads"]["A2"].value == "Here"


def test_dates_of_a_sheet_become_days_of_leads(workbook, settings, run_jobs, make):
    make.pipeline("Sales")
    bring(
        workbook({"A": [["Company", "Expected close", "Phone"], ["Acme", datetime(2026, 12, 24, 8), 48601234567]]}),
        settings,
        run_jobs,
    )

    lead = Lead.get()
    assert (lead.expected_close_on, lead.phone) == (date(2026, 12, 24), "48601234567")
