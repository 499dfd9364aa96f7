"""The wizard's pages, as plain forms."""

import io

import pytest

from leadboard.domain import import_jobs
from leadboard.domain.leads import update_lead
from leadboard.domain.parties import create_party
from leadboard.models import ImportRun, Lead
from leadboard.models.jobs import Job
from tests.imports.conftest import DEALS


def upload(person, content, name="deals.csv"):
    content = content.encode() if isinstance(content, str) else content
    return person.post("/imports", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def form_of(html, answer, name):
    """What a browser would send of the form: the values that its fields show."""
    form = next(node for node in html(answer).all("form") if node.all(f"[name={name}]"))
    values = {}
    for select in form.all("select"):
        chosen = [option.attrs["value"] for option in select.all("option") if "selected" in option.attrs]
        values[select.attrs["name"]] = (chosen or [select.all("option")[0].attrs["value"]])[0]
    for box in form.all("input[type=checkbox]"):
        if "checked" in box.attrs:
            values[box.attrs["name"]] = "y"
    return values


def test_the_whole_way_by_plain_forms(sales, ada, html, run_jobs):
    answer = upload(ada, DEALS)
    assert answer.status_code == 303
    home = answer.location

    answer = ada.get(home, follow_redirects=True)
    assert html(answer).texts("table.map label") == [
        "opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value",
    ]  # fmt: skip
    values = form_of(html, answer, "pipeline_id")
    assert [values[f"to-{number}"] for number in range(8)] == [
        "external_id", "owner", "other", "organisation_name", "stage", "stage_entered_at", "closed_at", "value_amount",
    ]  # fmt: skip
    assert ada.post(f"{home}/columns", {**values, "create_owners": "y"}).location == home

    answer = ada.get(home)
    assert html(answer).one("#poll").attrs["hx-get"] == f"{home}/progress"
    assert "Checking all rows" in answer.text
    run_jobs()
    answer = ada.get(home)
    assert html(answer).texts(".tally") == ["3new", "0with a warning", "0rejected"]
    assert "The import also makes: 2 owners." in answer.text
    assert Lead.select().count() == 0

    assert ada.post(f"{home}/start").location == home
    assert "Importing" in ada.get(home).text
    run_jobs()
    answer = ada.get(home)
    assert "3 leads are imported." in answer.text
    assert html(answer).texts("main p a") == ["Cancity", "A2", "Isdom"]
    assert html(answer).one(".form-a .btn-primary").attrs["href"] == f"/board/{sales.id}"

    answer = ada.get(f"{home}/undo")
    assert "3 leads that it made are removed for good" in answer.text
    assert ada.post(f"{home}/undo").location == home
    run_jobs()
    assert "Taken back: 3 leads are removed." in ada.get(home).text
    assert Lead.select().count() == 0


def test_the_bar_moves_by_htmx_and_leads_to_the_result(sales, mona, html, run_jobs):
    home = upload(mona, "Company\nAcme\n").location
    mona.post(f"{home}/columns", form_of(html, mona.get(f"{home}/columns"), "pipeline_id"))

    answer = mona.htmx(f"{home}/progress", method="GET")
    assert html(answer).one("progress").attrs["value"] == "0"
    assert not html(answer).all("nav")
    run_jobs()
    answer = mona.htmx(f"{home}/progress", method="GET")

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, home)


def test_a_file_that_is_no_table_comes_back_with_the_reason(mona, html):
    answer = upload(mona, b"%PDF-1.7\n", "offer.pdf")

    assert answer.status_code == 422
    assert html(answer).texts("#file-error") == ["This is a PDF. Export the table from the program it was made with, as CSV."]
    assert html(answer).one("#file").attrs["aria-invalid"] == "true"


def test_no_file_at_all_is_told(mona, html):
    answer = mona.post("/imports", {}, content_type="multipart/form-data")

    assert (answer.status_code, html(answer).texts("#file-error")) == (422, ["Choose a file first."])


def test_a_large_file_passes_the_gate(sales, mona):
    content = b"Company,Note\n" + b"Acme,tea\n" * 400_000
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + content + b"\r\n--x--\r\n"

    answer = mona.post("/imports", body, content_type="multipart/form-data; boundary=x")

    assert (answer.status_code, ImportRun.get().file_name) == (303, "a.csv")


def test_too_large_a_file_is_refused_with_the_setting(mona, html):
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"x" * 51_000_000 + b"\r\n--x--\r\n"

    answer = mona.post("/imports", body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413
    assert "up to 50 MB. Split the file, or let an admin raise LEADBOARD_IMPORT_MAX_MB." in html(answer).one("main").text


def test_a_form_elsewhere_stays_small(mona):
    assert mona.post("/imports/1/start", {"x": "y" * 3_000_000}).status_code == 413


def test_an_uncertain_encoding_is_shown_with_what_each_makes_of_it(mona, html):
    home = upload(mona, "Imię;Firma\nŁucja;Żółw\n".encode("cp1250")).location
    answer = mona.get(home, follow_redirects=True)

    choices = [node.attrs["value"] for node in html(answer).all("input[type=radio]")]
    assert "cp1250" in choices
    peek = html(answer).all(".peek")[choices.index("cp1250")]
    assert peek.texts("mark") == ["ę", "Ł", "Żół"]
    for encoding in ("nonsense", "undefined", "punycode", "a\0b"):
        assert mona.post(f"{home}/reading", {"encoding": encoding}).status_code == 422

    answer = mona.post(f"{home}/reading", {"encoding": "cp1250", "delimiter": ""}, follow_redirects=True)
    assert html(answer).texts("table.map td.sample") == ["Łucja", "Żółw"]


def test_a_choice_that_contradicts_itself_keeps_what_was_chosen(sales, mona, html):
    home = upload(mona, "Company,Ort,Stadt\nAcme,Berlin,Bonn\n").location
    values = form_of(html, mona.get(f"{home}/columns"), "pipeline_id")

    answer = mona.post(f"{home}/columns", {**values, "to-1": "city", "to-2": "city", "match": "title"})

    assert answer.status_code == 422
    assert html(answer).texts(".banner.bad") == ["Both Ort and Stadt go into City. Choose another field for one of them."]
    again = form_of(html, answer, "pipeline_id")
    assert (again["to-1"], again["to-2"], again["match"]) == ("city", "city", "title")


def test_a_question_of_the_dry_run_comes_back_beside_its_field(sales, mona, html, run_jobs):
    home = upload(mona, "Company;Value\nAcme;1,234\n").location
    mona.post(f"{home}/columns", form_of(html, mona.get(f"{home}/columns"), "pipeline_id"))
    run_jobs()

    answer = mona.get(home, follow_redirects=True)

    assert html(answer).texts("#decimal-error") == [
        "Column Value: 1,234 can be read in two ways. Say whether the point or the comma marks the decimals."
    ]


def test_managers_are_not_offered_what_only_admins_may_make(sales, mona, ada, html):
    home = upload(mona, DEALS).location

    assert html(mona.get(f"{home}/columns")).all("[name=create_owners]") == []
    assert len(html(ada.get(f"{home}/columns")).all("[name=create_owners]")) == 1
    values = form_of(html, mona.get(f"{home}/columns"), "pipeline_id")
    assert mona.post(f"{home}/columns", {**values, "create_owners": "y"}).status_code == 403


def test_rejected_rows_are_shown_and_can_be_downloaded_safely(sales, mona, html, run_jobs):
    home = upload(mona, 'Name,Email\n=cmd(),nobody\n"Anna, K",anna@acme.example\n').location
    mona.post(f"{home}/columns", form_of(html, mona.get(f"{home}/columns"), "pipeline_id"))
    run_jobs()

    row = html(mona.get(home)).one("table.tbl tbody tr")
    assert row.texts("td")[:2] == [
        "2", "Email: nobody is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example.",
    ]  # fmt: skip
    answer = mona.get(f"{home}/rejected.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.text.splitlines() == [
        "\ufeffName,Email,Leadboard line,Leadboard reason",
        '\'=cmd(),nobody,2,"Email: nobody is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."',
    ]


def test_names_that_are_not_here_come_with_the_way_out(sales, mona, html, run_jobs):
    home = upload(mona, "Company,Owner\nAcme,Moses Frase\n").location
    mona.post(f"{home}/columns", form_of(html, mona.get(f"{home}/columns"), "pipeline_id"))
    run_jobs()

    page = html(mona.get(home))
    assert "tick what the import may make" in page.one(".banner.warn").text


def test_undo_lists_what_others_changed_and_takes_a_choice(sales, ben, mona, html, run_jobs):
    home = upload(mona, "Company\nAcme\nBirch\nCedar\n").location
    mona.post(f"{home}/columns", form_of(html, mona.get(f"{home}/columns"), "pipeline_id"))
    run_jobs()
    mona.post(f"{home}/start")
    run_jobs()
    acme, birch, _ = Lead.select().order_by(Lead.id)
    update_lead(acme.id, {"city": "Ghent"}, actor=ben.actor)
    update_lead(birch.id, {"city": "Ghent"}, actor=ben.actor)

    page = html(mona.get(f"{home}/undo"))
    assert page.texts("tbody td a") == ["Birch", "Acme"]
    assert "1 lead that it made is removed" in page.text
    mona.post(f"{home}/undo", {"remove": str(birch.id)})
    run_jobs()

    assert [lead.title for lead in Lead.select()] == ["Acme"]
    assert "kept, changed since" in mona.get(home).text


def test_a_run_that_gave_up_offers_to_go_on(sales, mona, html, run_jobs, monkeypatch):
    home = upload(mona, "Company\nAcme\n").location
    mona.post(f"{home}/columns", form_of(html, mona.get(f"{home}/columns"), "pipeline_id"))
    run_jobs()
    mona.post(f"{home}/start")
    Job.update(state="failed").where(Job.kind == import_jobs.RUN_JOB).execute()

    answer = mona.get(home)
    assert "stopped by an error" in answer.text
    mona.post(f"{home}/resume")
    run_jobs()

    assert Lead.select().count() == 1


def test_an_upload_can_be_forgotten(sales, mona):
    home = upload(mona, "Company\nAcme\n").location

    assert mona.post(f"{home}/discard").location == "/imports"
    assert ImportRun.select().count() == 0
    assert mona.get(home).status_code == 404


def test_a_wide_file_shows_the_first_columns_and_keeps_the_rest(sales, mona, html, run_jobs):
    header = ["Company", *(f"C{number}" for number in range(400))]
    home = upload(mona, ",".join(header) + "\n" + ",".join(["Acme"] * 401) + "\n").location

    answer = mona.get(f"{home}/columns")
    assert (len(html(answer).all("table.map select")), "251 more columns" in answer.text) == (150, True)
    mona.post(f"{home}/columns", form_of(html, answer, "pipeline_id"))
    run_jobs()
    mona.post(f"{home}/start")
    run_jobs()

    assert '"C399": "Acme"' in Lead.get().other_columns


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_imports_takes_the_same_statements_for_one_and_three(count, sales, mona, queries):
    for number in range(count):
        upload(mona, f"Company\nAcme {number}\n")

    with queries(at_most=4):
        mona.get("/imports")


@pytest.mark.parametrize("path", ["", "/1", "/1/columns", "/1/reading", "/1/progress", "/1/undo", "/1/rejected.csv"])
@pytest.mark.parametrize("who, status", [("anna", 403), ("vera", 403), ("carla", 303), ("mona", 200)])
def test_the_wizard_is_for_managers(path, who, status, request, sales, mona_brings):
    mona_brings.bring("Company\nAcme\n")

    answer = request.getfixturevalue(who).get(f"/imports{path}")

    expected = {"/1/columns": 409, "/1/reading": 409, "/1/progress": 303}.get(path, 200) if status == 200 else status
    assert answer.status_code == expected


@pytest.mark.parametrize("action", ["start", "resume", "undo", "discard", "columns"])
@pytest.mark.parametrize("who, status", [("anna", 403), ("vera", 403), ("carla", 303)])
def test_its_verbs_are_too(action, who, status, request, sales, mona_brings):
    run = mona_brings.check("Company\nAcme\n")

    answer = request.getfixturevalue(who).post(f"/imports/{run.id}/{action}")

    assert answer.status_code == status
    assert mona_brings.run(run.id).state == "checked"


def test_what_a_row_is_can_be_chosen_by_a_plain_form(sales, mona, ben, html):
    home = upload(mona, "Name,Email,Company\nAnna,anna@acme.example,Acme\n", name="people.csv").location
    page = html(mona.get(f"{home}/columns"))
    pressed = {one.attrs["value"]: one.attrs["aria-pressed"] for one in page.all("button[name=record_type]")}
    assert pressed == {"lead": "false", "contact": "true", "organisation": "false"}
    assert not page.all("[name=stage_id]") and page.all("[name=create_organisations]")

    assert mona.post(f"{home}/record", {"record_type": "lead"}).status_code == 303
    page = html(mona.get(f"{home}/columns"))
    assert page.all("[name=stage_id]") and page.all("[name=people]") and not page.all("[name=create_organisations]")
    assert mona.post(f"{home}/record", {"record_type": "planet"}).status_code == 422
    assert ben.post(f"{home}/record", {"record_type": "lead"}).status_code == 403


@pytest.mark.parametrize("plural", ["contacts", "organisations"])
def test_the_export_of_people_and_firms_asks_and_gives(plural, mona, ben, html):
    page = html(mona.get(f"/{plural}/export"))
    assert page.one("h1").text == f"Export {plural}"
    answer = mona.post(f"/{plural}/export", {"format": "csv", "kind": "exact"})
    assert answer.text.startswith("Name,") and f'filename="{plural}-' in answer.headers["Content-Disposition"]
    assert ben.get(f"/{plural}/export").status_code == 403
    create_party(plural[:-1], {"name": "Anna"}, actor=mona.actor)
    create_party(plural[:-1], {"name": "Birch"}, actor=mona.actor)
    assert f'href="/{plural}/export?q=anna"' in mona.htmx(f"/{plural}?q=anna", method="GET").text
    assert html(mona.get(f"/{plural}/export?q=anna")).all(f"a[href='/{plural}?q=anna']")
    rows = mona.post(f"/{plural}/export?q=anna", {"format": "csv", "kind": "exact"}).text.splitlines()
    assert [row.split(",")[0] for row in rows] == ["Name", "Anna"]
