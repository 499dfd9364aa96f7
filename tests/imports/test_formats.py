"""Formats that plugins bring: recognised, asked about, read and written, and what becomes of those that fail."""

import io

import pytest

from leadboard.domain import imports
from leadboard.domain.exports import export_leads
from leadboard.domain.import_formats import importers, questions
from leadboard.domain.plugins import disable, enable
from leadboard.errors import Refused
from leadboard.file_formats import Exporter, Importer
from leadboard.models import Lead
from leadboard.models.import_options import Options
from leadboard.permissions import SYSTEM
from leadboard.pluginhost import health
from leadboard.queries.plugins import failure_rows
from tests.imports.conftest import reasons

# Lines of "name/city"; the first line says how many lines are left out.
SLASHES = """
from leadboard.api import (Exporter, FileProblem, Importer, Plugin, ReaderChoice, ReaderOption, Row, RowProblem, Table, hookimpl)
PLUGIN = Plugin(name="slashes", title="Slashes", version="1")

def look(path, given, languages):
    return [ReaderOption(name="skip", label="How many?", choices=(ReaderChoice(value="0", lines=("all",)), ReaderChoice(value="1")),
                         value=given.get("skip"), question="How many lines? Likely: %(likely)s.")]

def open_table(path, options):
    def records():
        for number, line in enumerate(path.read_text().splitlines()[1 + int(options["skip"]):], 2):
            if line == "bang": raise KeyError("boom")
            if line == "stop": raise FileProblem("It ends badly.", number)
            if line == "bad": yield RowProblem(number, "A bad line.")
            else:
                name, city = line.split("/")
                yield Row(number, [name, "" if city == "?" else city], False, ((1, "No city."),) if city == "?" else ())
    return Table(["Wer", "Wo"], records(), {"Wer": "organisation_name", "Wo": "city"})

def write(columns, rows, exact):
    yield b"begin\\n"
    for row in rows:
        if row[0] == "Bang": raise KeyError("boom")
        yield f"{columns[0].label}={row[0]} {exact}\\n".encode()

@hookimpl
def register_importers():
    return [Importer(key="slashes.slash", label="Slashes", suffixes=(".slash",), open=open_table, look=look, way_back="Again?")]
@hookimpl
def register_exporters():
    return [Exporter(key="slashes.slash", label="Slashes", suffix=".slash", media_type="text/x-slash", write=write)]
@hookimpl
def recognise_file(head, name):
    return "slashes.slash" if head.startswith(b"//") else "slashes.nothing" if b"odd" in head else None
"""


@pytest.fixture
def slashes(drop_in, request):
    """The plugin is on, and an actor brings files in."""
    drop_in("slashes", SLASHES)
    brings = request.getfixturevalue("ada_brings")
    enable("slashes", actor=SYSTEM)
    request.getfixturevalue("sales")
    return brings


def bring(brings, text, **given):
    run_id = brings.upload(text)
    imports.choose_reading(run_id, {"skip": "0", **given}, actor=brings.actor, folder=brings.settings.instance)
    imports.choose(run_id, brings.run(run_id).options, actor=brings.actor, folder=brings.settings.instance)
    brings.run_jobs()
    if brings.run(run_id).state == "checked":
        imports.start(run_id, actor=brings.actor)
        brings.run_jobs()
    return brings.run(run_id)


def test_register_importers_and_recognise_file_bring_a_format_in(slashes):
    run = bring(slashes, "//\nAcme/Ghent\nbad\nBirch/?\nCedar/Bonn\n")

    assert (run.options.importer, run.options.reader, run.file_path[-6:]) == ("slashes.slash", {"skip": "0"}, ".slash")
    assert sorted((lead.organisation_name, lead.city) for lead in Lead.select()) == [("Acme", "Ghent"), ("Cedar", "Bonn")]
    assert reasons(run) == [(3, ["A bad line."]), (4, ["Wo: No city."])]


def test_what_the_reader_asks_is_asked_by_the_wizard(slashes, ada, html):
    run_id = slashes.upload("//\nAcme/Ghent\n")
    page = ada.get(f"/imports/{run_id}", follow_redirects=True)
    assert html(page).texts(".pick-i b") == ["0", "1"]
    assert html(page).texts("legend") == ["How many?"]
    page = ada.post(f"/imports/{run_id}/reading", {"skip": "0"}, follow_redirects=True)
    assert html(page).one(f"a[href='/imports/{run_id}/reading']").text == "Again?"


def test_a_key_that_nobody_has_is_passed_over(slashes):
    assert slashes.run(slashes.upload("odd\nAcme\n")).options.importer == "csv"


def test_a_person_may_say_who_reads_a_file(slashes, ada, html):
    page = html(ada.get("/imports"))
    assert page.texts("select[name=importer] option") == ["Find it", *(importer.label for importer in importers())]
    assert ".slash" in page.one("#file").attrs["accept"]
    with pytest.raises(Refused, match="There is no format nonsense"):
        imports.upload(
            io.BytesIO(b"x"), "x", actor=ada.actor, folder=slashes.settings.instance, most_bytes=10**6, importer="nonsense"
        )


@pytest.mark.plugin_errors("record")
def test_a_reader_that_raises_is_told_and_nothing_came_in(slashes):
    run = bring(slashes, "//\n" + "Acme/Ghent\n" * 300 + "bang\n")

    assert (run.state, Lead.select().count()) == ("uploaded", 0)
    health.flush(timings=True)
    assert [(row.plugin, row.place, row.message) for row in failure_rows()] == [
        ("slashes", "importer slashes.slash", "KeyError: 'boom'")
    ]


def test_a_problem_of_the_file_is_the_reason(slashes, ada):
    run_id = slashes.upload("//\nAcme/Ghent\nstop\n")
    with pytest.raises(Refused, match="It ends badly"):
        imports.choose_reading(run_id, {"skip": "0"}, actor=ada.actor, folder=slashes.settings.instance)


def test_a_format_whose_plugin_is_off_says_so_and_every_page_answers(slashes, ada):
    run_id = slashes.upload("//\nAcme/Ghent\n")
    imports.choose_reading(run_id, {"skip": "0"}, actor=ada.actor, folder=slashes.settings.instance)
    done = bring(slashes, "//\nBirch/Bonn\n")
    disable("slashes", actor=SYSTEM)

    assert ada.get("/imports").status_code == 200
    assert ada.get(f"/imports/{done.id}").status_code == 200
    answer = ada.get(f"/imports/{run_id}/columns")
    assert (answer.status_code, "its plugin is off" in answer.text) == (422, True)
    assert ada.post(f"/imports/{run_id}/discard").status_code == 303


def test_register_exporters_brings_a_format_out(slashes, ada, make, html):
    make.lead("Acme")
    assert [node.attrs["value"] for node in html(ada.get("/leads/export")).all("input[name=format]")][-1] == "slashes.slash"

    answer = ada.post("/leads/export", {"kind": "exact", "format": "slashes.slash"})

    assert (answer.content_type, answer.text) == ("text/x-slash", "begin\nTitle=Acme False\n")
    assert answer.headers["Content-Disposition"].endswith('.slash"')
    assert ada.post("/leads/export", {"format": "nonsense"}).status_code == 422


@pytest.mark.plugin_errors("record")
def test_a_writer_that_raises_never_looks_like_a_whole_file(slashes, make):
    make.lead("Bang")
    parts = export_leads("lead.deleted_at is null", (), actor=SYSTEM, format_key="slashes.slash")

    assert next(parts) == b"begin\n"
    with pytest.raises(Refused, match="The plugin that writes Slashes files failed"):
        next(parts)


def test_tsv_goes_out_and_comes_in(make, mona, ada_brings):
    make.lead("=Acme\tLtd")
    answer = mona.post("/leads/export", {"kind": "spreadsheet", "format": "tsv"})
    assert answer.text.splitlines()[1].split("\t")[0] == "'=Acme Ltd"
    Lead.delete().execute()

    assert ada_brings.bring(answer.data).counts["created"] == 1


def test_options_of_earlier_versions_are_read():
    found = Options.from_json('{"encoding": "cp1250", "delimiter": ";", "mapping": {"Firma": "organisation_name"}}')

    assert (found.importer, found.reader) == ("csv", {"encoding": "cp1250", "delimiter": ";"})
    assert Options.from_json('{"encoding": "", "delimiter": ","}').reader is None


def test_a_separator_that_is_none_is_refused(ada_brings):
    path = ada_brings.settings.instance / ada_brings.run(ada_brings.upload("a,b\n1,2\n")).file_path

    with pytest.raises(Refused, match="The separator must be one of"):
        questions("csv", path, {"delimiter": "%"})


@pytest.mark.parametrize("suffix", ["csv", ".", "..", "./x", ".a/b", ""])
def test_a_suffix_is_a_dot_and_letters(suffix):
    with pytest.raises(ValueError, match="suffix"):
        Importer(key="x.y", label="X", suffixes=(suffix,), open=lambda path, options: None)
    with pytest.raises(ValueError, match="suffix"):
        Exporter(key="x.y", label="X", suffix=suffix, media_type="x/y", write=lambda columns, rows, exact: iter(()))
