"""`leadboard import` and `leadboard export`, as a shell sees them."""

import csv
import json

import pytest

from leadboard.domain import import_jobs
from leadboard.domain.leads import update_lead
from leadboard.models import Event, ImportRun, Job, Lead, User
from leadboard.permissions import SYSTEM

DEALS = """\
opportunity_id,sales_agent,product,account,deal_stage,close_value
A1,Moses Frase,GTX Basic,Cancity,Won,1054
A2,Darcel Schlecht,GTXPro,,Engaging,
A3,Moses Frase,MG Special,Isdom,Elsewhere,0
"""


def records(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def sales(make):
    return make.pipeline(
        "Sales", (("Prospecting", "open", 10), ("Engaging", "open", 40), ("Won", "won", 100), ("Lost", "lost", 0))
    )


@pytest.fixture
def deals(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    return path


def test_an_import_prints_what_it_did_and_where_the_rejected_rows_are(shell, deals, settings):
    code, out, err = shell("import", deals, "--create", "owners")

    path = settings.instance / "uploads" / "imports" / "import-1-rejected.csv"
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "3 rows: 2 leads imported, 1 rejected.",
        "Made: 2 owners.",
        "Take it back with: leadboard import --undo 1",
        f"Rejected rows with reasons: {path}",
    ]
    (row,) = records(path)
    assert (row["account"], row["Leadboard line"], row["Leadboard reason"]) == (
        "Isdom",
        "4",
        "deal_stage: There is no stage “Elsewhere”.",
    )


def test_the_mended_rejected_rows_can_be_imported(shell, deals, settings, tmp_path):
    shell("import", deals, "--create", "owners", "--rejected", tmp_path / "no.csv")
    (tmp_path / "no.csv").write_text(
        (tmp_path / "no.csv").read_text(encoding="utf-8").replace("Elsewhere", "Lost"), encoding="utf-8"
    )

    answer = json.loads(shell("import", tmp_path / "no.csv", "--json")[1])

    assert (answer["created"], answer["mapping"]["Leadboard reason"]) == (1, "ignore")
    assert Lead.get(Lead.title == "Isdom").external_id == "A3"


def test_the_json_says_everything(shell, deals, settings):
    code, out, _ = shell("import", deals, "--create", "owners,stages", "--json")

    assert code == 0
    assert json.loads(out) == {
        "import": 1, "state": "done", "dry_run": False, "rows": 3, "created": 3, "rejected": 0, "already_there": 0, "warnings": 0,
        "without_reason": 0, "removed": 0, "kept": 0, "linked": 0, "made": {"owners": 2, "stages": 1}, "rejected_file": None,
        "mapping": {
            "opportunity_id": "external_id", "sales_agent": "owner", "product": "other", "account": "organisation_name",
            "deal_stage": "stage", "close_value": "value_amount",
        },
        "error": None,
    }  # fmt: skip


def test_a_dry_run_writes_no_lead_and_leaves_no_trace(shell, deals, settings):
    code, out, _ = shell("import", deals, "--create", "owners", "--dry-run", "--json")

    answer = json.loads(out)
    assert (code, answer["import"], answer["created"], answer["rejected"], answer["made"]) == (0, None, 2, 1, {"owners": 2})
    assert (Lead.select().count(), ImportRun.select().count(), User.select().count(), Event.select().count()) == (0, 0, 0, 0)
    assert [path.name for path in (settings.instance / "uploads" / "imports").iterdir()] == ["import-1-rejected.csv"]


def test_columns_pipeline_stage_and_owner_can_be_said(shell, make, tmp_path):
    make.pipeline("Second", (("Start", "open", 10), ("Middle", "open", 50), ("Won", "won", 100), ("Lost", "lost", 0)))
    make.user("Anna Nowak", email="anna@team.example")
    (tmp_path / "x.csv").write_text("Wer;Wo;Pipeline\nAcme;Ghent;Sales\n", encoding="utf-8")

    code, _, err = shell(
        "import", tmp_path / "x.csv", "--map", "wer=organisation_name", "--map", "Wo=city", "--pipeline", "second", "--stage", "Middle",
        "--owner", "anna@team.example",
    )  # fmt: skip

    lead = Lead.get()
    assert (code, err) == (0, "")
    assert (lead.title, lead.city, lead.stage.name, lead.pipeline.name, lead.owner.name) == (
        "Acme",
        "Ghent",
        "Middle",
        "Second",
        "Anna Nowak",
    )
    assert json.loads(lead.other_columns) == {"Pipeline": "Sales"}


@pytest.mark.parametrize(
    "content, arguments, message",
    [
        ("", [], "empty"),
        ("Name\nŁucja\n".encode("cp1250"), [], "Add --encoding NAME."),
        ("Company;Value\nAcme;1,234\n", [], "Add --decimal point or --decimal comma."),
        ("Company,Expected close\nAcme,03/04/2026\n", [], "Add --day-first or --month-first."),
        ("Company\nAcme\n", ["--pipeline", "Nowhere"], "There is no pipeline Nowhere. Known: Sales."),
        ("Company\nAcme\n", ["--map", "Firm=city"], "The file has no column Firm. It has: Company."),
        ("Company\nAcme\n", ["--map", "Company=shoe"], "shoe is not a field."),
        ("Company\nAcme\n", ["--match", "email"], "no column goes into that field"),
        ("Company\nAcme\n", ["--create", "money"], "money cannot be created by an import."),
        ("Company\nAcme\n", ["--encoding", "klingon"], "klingon is not an encoding."),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_leaves_nothing(content, arguments, message, shell, tmp_path):
    (tmp_path / "x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())

    code, out, err = shell("import", tmp_path / "x.csv", *arguments)

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err
    assert (Lead.select().count(), ImportRun.select().count()) == (0, 0)


@pytest.mark.parametrize(
    "arguments", [[], ["--undo", "1", "x.csv"], ["x.csv", "--map", "nonsense"], ["x.csv", "--delimiter", "%"]]
)
def test_bad_usage_ends_with_2(arguments, shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("Company\nAcme\n", encoding="utf-8")

    assert shell("import", *arguments)[0] == 2
    assert (Lead.select().count(), ImportRun.select().count()) == (0, 0)


def test_a_missing_file_is_told(shell):
    code, _, err = shell("import", "nowhere.csv")

    assert (code, err) == (1, "leadboard: nowhere.csv cannot be read: No such file or directory.\n")


def test_undo_keeps_what_was_changed_unless_told(shell, deals):
    shell("import", deals, "--create", "owners")
    update_lead(Lead.get(Lead.title == "Cancity").id, {"city": "Ghent"}, actor=SYSTEM)

    code, out, _ = shell("import", "--undo", "1")
    assert (code, out) == (0, "Import 1 is taken back: 1 leads removed, 1 kept because somebody changed them since.\n")
    answer = json.loads(shell("import", "--undo", "1", "--remove-changed", "--json")[1])

    assert (answer["state"], answer["removed"], answer["kept"], Lead.select().count()) == ("undone", 2, 0, 0)


def test_an_import_that_stopped_goes_on_with_resume(shell, deals, monkeypatch):
    write = import_jobs.Pass.write

    def fail(self, *arguments, **options):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(import_jobs.Pass, "write", fail)
    code, _, err = shell("import", deals, "--create", "owners")
    assert (code, "go on with: leadboard import --resume 1" in err, Lead.select().count()) == (1, True, 0)

    monkeypatch.setattr(import_jobs.Pass, "write", write)
    Job.update(state="failed").execute()
    code, _, _ = shell("import", "--resume", "1")

    assert (code, Lead.select().count()) == (0, 2)


def test_an_export_is_written_whole_or_not_at_all(shell, deals, tmp_path):
    shell("import", deals, "--create", "owners")

    code, out, _ = shell("export", "-o", tmp_path / "out.csv", "--json")
    assert (code, json.loads(out)) == (0, {"file": str(tmp_path / "out.csv"), "format": "csv", "rows": 2})
    assert [row["Title"] for row in records(tmp_path / "out.csv")] == ["A2", "Cancity"]

    code, _, err = shell("export", "-o", tmp_path / "no" / "out.csv")
    assert (code, err.count("\n")) == (1, 1)


def test_an_export_takes_the_lists_filters(shell, deals, tmp_path):
    shell("import", deals, "--create", "owners")

    shell("export", "-o", tmp_path / "a.csv", "--query", "cancity")
    shell("export", "-o", tmp_path / "b.csv", "--query", "closed=open")

    assert [row["Title"] for row in records(tmp_path / "a.csv")] == ["Cancity"]
    assert [row["Title"] for row in records(tmp_path / "b.csv")] == ["A2"]
    assert shell("export", "-o", tmp_path / "c.csv", "--query", "stage=99")[0] == 1


def test_contacts_and_organisations_go_in_and_out(shell, tmp_path):
    firms, people = tmp_path / "firms.csv", tmp_path / "people.csv"
    firms.write_text("account,industry,subsidiary of\nBirch,Food,Acme\n", encoding="utf-8")
    people.write_text("Name,Email,Company\nAnna,anna@birch.example,Birch\nBen,,New Firm\n", encoding="utf-8")

    code, out, _ = shell("import", firms, "--as", "organisations", "--create", "organisations")
    assert (code, out.splitlines()[:2]) == (0, ["1 rows: 1 organisations imported, 0 rejected.", "Made: 1 organisations."])
    answer = json.loads(shell("import", people, "--as", "contacts", "--create", "organisations", "--json")[1])
    assert (answer["created"], answer["warnings"], answer["made"]) == (2, 0, {"organisations": 1})
    assert "cannot be created" in shell("import", people, "--as", "contacts", "--create", "stages")[2]
    assert "Only rows of leads" in shell("import", people, "--as", "contacts", "--people", "new")[2]

    target = tmp_path / "out.csv"
    assert shell("export", "--of", "contacts", "-o", target)[1] == f"2 contacts written to {target}\n"
    assert [(row["Name"], row["Organisation"]) for row in records(target)] == [("Anna", "Birch"), ("Ben", "New Firm")]
    shell("export", "--of", "organisations", "-o", target)
    assert [(row["Name"], row["Part of"]) for row in records(target)] == [("Birch", "Acme"), ("Acme", ""), ("New Firm", "")]
    assert "1 contacts written" in shell("export", "--of", "contacts", "--query", "anna", "-o", target)[1]
    assert (
        shell("import", "--undo", "2")[1]
        == "Import 2 is taken back: 2 contacts removed, 0 kept because somebody changed them since.\n"
    )


def test_leads_are_linked_from_the_shell(shell, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("Deal name,Company,Person\nOne,Acme,Anna\nTwo,ACME Inc.,Ben\n", encoding="utf-8")

    out = shell("import", path, "--people", "new")[1]

    assert out.splitlines()[1:3] == ["2 leads are linked to their organisation.", "Made: 2 contacts, 1 organisations."]
