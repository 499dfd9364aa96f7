"""Formats of plugins in the shell."""

import json

import openpyxl
import pytest

from leadboard.domain.plugins import enable
from leadboard.models import ImportRun, Lead
from leadboard.permissions import SYSTEM


@pytest.fixture
def fair(make, app, tmp_path):
    """A workbook of two sheets."""
    make.pipeline("Sales")
    enable("spreadsheets", actor=SYSTEM)
    book = openpyxl.Workbook()
    book.active.append(["Company", "City"])
    book.active.append(["Acme", "Ghent"])
    book.create_sheet("More").append(["Company", "City"])
    book["More"].append(["Birch", "Bonn"])
    book.save(tmp_path / "fair.xlsx")
    return tmp_path / "fair.xlsx"


def test_what_a_format_asks_is_answered_with_an_option(fair, shell):
    code, out, err = shell("import", fair)
    assert (code, out) == (1, "")
    assert err == "leadboard: This workbook has several sheets with rows: Sheet, More. Add --reader sheet=…\n"
    assert ImportRun.select().count() == 0

    answer = json.loads(shell("import", fair, "--reader", "sheet=More", "--json")[1])

    assert (answer["created"], Lead.get().title) == (1, "Birch")


def test_a_format_is_exported_by_its_key(fair, shell, tmp_path):
    shell("import", fair, "--reader", "sheet=More")

    code, out, _ = shell("export", "--format", "spreadsheets.xlsx", "-o", tmp_path / "out.xlsx", "--json")

    assert (code, json.loads(out)) == (0, {"file": str(tmp_path / "out.xlsx"), "format": "spreadsheets.xlsx", "rows": 1})
    with (tmp_path / "out.xlsx").open("rb") as file:
        assert openpyxl.load_workbook(file)["Leads"]["A2"].value == "Birch"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["import", "fair.xlsx", "--importer", "abacus"], "--importer abacus: there is no such format. Known: "),
        (["import", "fair.xlsx", "--reader", "sheet"], "--reader sheet: write NAME=VALUE."),
        (["export", "--format", "abacus", "-o", "x"], "--format abacus: there is no such format. Known: csv, "),
    ],
)
def test_formats_that_are_not_there_are_bad_usage(arguments, words, fair, shell, monkeypatch):
    monkeypatch.chdir(fair.parent)
    code, _, err = shell(*arguments)

    assert (code, words in err) == (2, True)


@pytest.mark.parametrize(
    "reader, words",
    [("colour=red", "Files of this format have no option colour."), ("sheet=Nowhere", "There is no sheet “Nowhere” with rows.")],
)
def test_answers_that_do_not_fit_leave_nothing(reader, words, fair, shell):
    code, _, err = shell("import", fair, "--reader", reader)

    assert (code, words in err, ImportRun.select().count()) == (1, True, 0)
