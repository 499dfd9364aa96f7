"""Custom fields in files and in the shell: an export is imported as the same values, what does not fit says why."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from leadboard.cli import command
from leadboard.domain.custom_fields import archive_field
from leadboard.domain.exports import export_leads
from leadboard.domain.purge import purge_bin
from leadboard.errors import LeadboardError
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from tests.fields.conftest import VALUES


@pytest.fixture
def shell(app, settings, monkeypatch):
    """shell("field list") runs a command on the test's database; its output."""
    monkeypatch.setenv("LEADBOARD_INSTANCE", str(settings.instance))
    monkeypatch.setenv("LEADBOARD_SECRET_KEY", settings.secret_key)
    if settings.database_url:
        monkeypatch.setenv("LEADBOARD_DATABASE_URL", settings.database_url)

    def run(*arguments):
        result = CliRunner().invoke(command, list(arguments))
        if isinstance(result.exception, LeadboardError):
            return str(result.exception)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    return run


def exported():
    return b"".join(export_leads("lead.deleted_at is null", [], actor=SYSTEM, exact=True)).decode()


def test_an_export_is_imported_as_the_same_values(every_field, make, anna, shell, tmp_path):
    make.lead("Acme", **{f"fields.{key}": value for key, (_, value, _, _) in VALUES.items()}, **{"fields.user": anna.user.id})
    make.lead("Empty")
    text = exported()
    [row] = [row for row in csv.DictReader(io.StringIO(text)) if row["Title"] == "Acme"]
    assert {key: row[f"My {key.replace('_', ' ')}"] for key in VALUES} == {key: cell for key, (_, _, _, cell) in VALUES.items()}
    assert row["My user"] == anna.user.email
    before = {lead.title: lead.fields for lead in Lead.select()}
    keys = {lead.title: lead.field_keys for lead in Lead.select()}
    path = tmp_path / "leads.csv"
    path.write_text(text, encoding="utf-8")
    Lead.update(title=Lead.title.concat(" old"), external_id=None).execute()

    answer = json.loads(shell("import", str(path), "--json"))

    assert (answer["created"], answer["rejected"]) == (2, 0), answer
    assert {lead.title: lead.fields for lead in Lead.select() if "old" not in lead.title} == before
    assert {lead.title: lead.field_keys for lead in Lead.select() if "old" not in lead.title} == keys
    purge_bin()


def test_columns_are_mapped_by_label_and_key_and_bad_cells_say_why(field, make, shell, tmp_path, settings):
    make.pipeline()
    field("number", is_required=True)
    field("choice")
    field("day")
    field("text", is_unique=True)
    path = tmp_path / "leads.csv"
    path.write_text(
        "organisation;my number;Level;day;code\n"
        "A;1.234,5;gold;13.4.2026;x1\nB;much;Gold;14.4.2026;x2\nC;2;platinum;;x3\nD;3;;30.2.2026;x4\nE;;;;x5\nF;6,25;;;X1\n",
        encoding="utf-8",
    )
    answer = json.loads(shell("import", str(path), "--map", "Level=My choice", "--map", "code=text", "--json"))
    assert (answer["created"], answer["rejected"]) == (1, 5), answer
    assert [lead.fields for lead in Lead.select()] == [{"number": 1234.5, "choice": "gold", "day": "2026-04-13", "text": "x1"}]
    with open(answer["rejected_file"], encoding="utf-8-sig") as file:
        reasons = [row["Leadboard reason"] for row in csv.DictReader(file)]
    assert len(reasons) == 5
    for reason, word in zip(
        reasons, ["“much” is not a number", "platinum", "30.2.2026", "every row needs it", "Already there"], strict=True
    ):
        assert word in reason or "line 2" in reason, reasons


def test_days_that_mean_two_things_are_asked_for(field, make, shell, tmp_path):
    make.pipeline()
    field("day")
    path = tmp_path / "leads.csv"
    path.write_text("organisation,day\nA,3/4/2026\n", encoding="utf-8")
    assert "--day-first" in shell("import", str(path))
    shell("import", str(path), "--month-first")
    assert Lead.get().fields == {"day": "2026-03-04"}


def test_fields_from_the_shell(shell, make):
    lead = make.lead()
    assert "choices\tSeveral choices" in shell("field", "types")
    assert shell(
        "field", "add", "Tier", "choice", "--choice", "gold=Gold:amber", "--choice", "Silver", "--default", "Silver", "--in-list"
    ) == ("Added Tier: tier (choice).\n")
    assert "2 decimals" not in shell("field", "add", "Size", "number", "--option", "decimals=2", "--on-card")
    assert "is taken" in shell("field", "add", "Title 2", "text", "--key", "title")
    assert "There is a field “City” already" in shell("field", "add", "City", "text")
    assert "no field type colour" in shell("field", "add", "Colour", "colour")
    shell("field", "change", "size", "--label", "Size in m²", "--required", "--first")
    found = json.loads(shell("field", "list", "--json"))
    assert [(one["key"], one["label"], one["required"], one["default"]) for one in found] == [
        ("size", "Size in m²", True, None), ("tier", "Tier", False, "silver"),
    ]  # fmt: skip
    assert found[1]["options"]["choices"][0] == {"key": "gold", "label": "Gold", "tone": "amber"}
    assert shell("field", "archive", "tier") == "tier is archived.\n"
    assert "archived" in shell("field", "list")
    assert Lead.get_by_id(lead.id).fields == {}


def test_a_required_field_without_a_column_needs_a_value_for_every_row(field, make, shell, tmp_path):
    make.pipeline()
    field("choice", is_required=True)
    field("number", is_required=True, default=7, options={})
    path = tmp_path / "leads.csv"
    path.write_text("organisation,level\nA,Gold\nB,\n", encoding="utf-8")

    refused = shell("import", str(path))
    assert "Every row needs: My choice." in refused and "--fill FIELD=VALUE" in refused
    assert "platinum" in shell("import", str(path), "--fill", "choice=platinum")
    assert "no field colour to fill" in shell("import", str(path), "--fill", "colour=red")
    answer = json.loads(shell("import", str(path), "--map", "level=choice", "--fill", "My choice=Silver", "--json"))

    assert (answer["created"], answer["rejected"]) == (2, 0), answer
    assert [lead.fields for lead in Lead.select().order_by(Lead.title)] == [
        {"choice": "gold", "number": 7}, {"choice": "silver", "number": 7},
    ]  # fmt: skip


def test_an_export_has_archived_fields_too(field, make):
    field("text")
    field("number", options={})
    make.lead("Acme", **{"fields.text": "kept", "fields.number": 5})
    archive_field("text", is_archived=True, actor=SYSTEM)

    [row] = csv.DictReader(io.StringIO(exported()))

    assert ([*row][-2:], row["My number"], row["My text (archived)"]) == (["My number", "My text (archived)"], "5", "kept")


def test_the_column_of_an_archived_field_is_left_out_and_said_so(field, make, shell, tmp_path, mona, html):
    field("text")
    lead = make.lead("Acme", **{"fields.text": "kept"})
    archive_field("text", is_archived=True, actor=SYSTEM)
    path = tmp_path / "leads.csv"
    path.write_text(exported(), encoding="utf-8")
    lead.delete_instance()

    said = shell("import", str(path))
    assert "Left out, because these fields are archived here: My text (archived)." in said
    assert [one.other_columns for one in Lead.select()] == [""]
    started = mona.post("/imports", {"file": (io.BytesIO(path.read_bytes()), "leads.csv")}, content_type="multipart/form-data")
    page = html(mona.get(f"{started.headers['Location']}/columns"))
    assert "My text (archived)" in page.one("#archived").text
    [row] = [row for row in page.all("tr") if "My text (archived)" in row.text]
    assert [one.attrs["value"] for one in row.all("option") if "selected" in one.attrs] == ["ignore"]

    Lead.delete().execute()
    said = shell("import", str(path), "--map", "My text (archived)=other")
    assert "Left out" not in said
    assert [json.loads(one.other_columns) for one in Lead.select()] == [{"My text (archived)": "kept"}]
    archive_field("text", is_archived=False, actor=SYSTEM)
