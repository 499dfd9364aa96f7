"""Workbooks that are none, or want more than a machine should give."""

import io
import time
import zipfile

import pytest
from leadboard_plugins.spreadsheets import workbooks
from leadboard_plugins.spreadsheets.reading import look, open_table

from leadboard.api import FileProblem


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADER = f'<row r="1">{cell("A1", "Company")}{cell("B1", "Value")}</row>'


def problem_of(path):
    try:
        look(path, {}, ())
        list(open_table(path, {"sheet": "A"}).rows())
    except FileProblem as problem:
        return problem.message
    return "nothing wrong"


def test_a_bomb_is_measured_before_it_is_opened(parts, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000_000)

    assert "unpacks to 2 MB" in problem_of(parts(HEADER + " " * 2_000_000))


def test_shared_texts_beyond_memory_are_refused(parts, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_IN_MEMORY", 1_000_000)

    assert "unpacks to" in problem_of(parts(HEADER, **{"xl/sharedStrings.xml": " " * 1_500_000}))


def test_xml_entities_are_refused(parts):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

    assert "cannot be read (EntitiesForbidden)" in problem_of(
        parts(HEADER + '<row r="2"><c r="A2" t="inlineStr"><is><t>&b;</t></is></c></row>', prolog=bomb)
    )


@pytest.mark.parametrize(
    "rows, words",
    [
        ('<row r="99999999999"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>', "beyond number 1,048,576"),
        (HEADER + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>', "cannot be read (IndexError)"),
        (HEADER + '<row r="2"><c r="A2"><v>abc</v></c></row>', "cannot be read (ValueError)"),
        (HEADER + '<row r="2"><c r="AAAAAAAA2"><v>1</v></c></row>', "cannot be read"),
        ("<row", "cannot be read (ExpatError)"),
        ("", "nothing in this workbook"),
    ],
)
def test_broken_sheets_are_one_clear_reason(parts, rows, words):
    assert words in problem_of(parts(rows))


@pytest.mark.parametrize(
    "content, words",
    [
        (b"PK\x03\x04 nothing more", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old workbook (.xls), or one with a password"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, words):
    (tmp_path / "x.xlsx").write_bytes(content)

    assert words in problem_of(tmp_path / "x.xlsx")


def test_a_document_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")

    assert "no Excel workbook" in problem_of(tmp_path / "x.docx")


def test_the_wizard_tells_the_reason(mona, html):
    answer = mona.post(
        "/imports", {"file": (io.BytesIO(b"PK\x03\x04 nothing"), "leads.xlsx")}, content_type="multipart/form-data"
    )

    assert (answer.status_code, "damaged" in html(answer).one("#file-error").text) == (422, True)


EMAIL = '<row><c t="inlineStr"><is><t>E-mail</t></is></c></row>'
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OVERRIDE = (
    '<Override PartName="/xl/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{name}+xml"/>'
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{}</Types>'
)


def whole(rows, prolog=""):
    return f"{prolog}<worksheet {NS}>{rows}</worksheet>"


@pytest.mark.parametrize(
    "sheet",
    [
        whole(f"<sheetData>{EMAIL}<row>{'<c/>' * 600_000}</row></sheetData>"),
        whole("<sheetData>" + EMAIL + '<row r="1"/>' * 1_100_000 + "</sheetData>"),
        whole("<x/>" * 600_000 + f"<sheetData>{EMAIL}</sheetData>"),
        whole(f"<sheetData>{EMAIL}<!--{'a>' * 600_000}--></sheetData>"),
        whole(f"<sheetData>{EMAIL}<!-- <{'a>' * 400_000}<{'a>' * 400_000} --></sheetData>"),
        whole(f"<sheetData>{EMAIL}<row a='" + "a" * 1_100_000 + "'/></sheetData>"),
        whole(f"<sheetData>{EMAIL}</sheetData>", '<?xml version="1.0" encoding="cp037"?>'),
        whole(f"<sheetData>{EMAIL}</sheetData>").encode("utf-16"),
    ],
    ids=["cells", "rows", "junk", "comment", "comment with tags", "attribute", "encoding", "utf-16"],
)
def test_a_few_bytes_that_unpack_to_many_objects_are_refused_in_time(parts, sheet):
    began = time.monotonic()
    assert "more than is read at once" in problem_of(parts("", **{"xl/worksheets/sheet1.xml": sheet}))
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "name, content", [("styles", "<styleSheet {}><cellXfs>" + "<xf/>" * 500_000 + "</cellXfs></styleSheet>"), ("sharedStrings", "<sst {}>" + "<x/>" * 4_100_000 + "</sst>")]
)  # fmt: skip
def test_styles_and_texts_are_measured_too(parts, name, content):
    more = {"[Content_Types].xml": TYPES.format(OVERRIDE.format(name=name)), f"xl/{name}.xml": content.format(NS)}
    assert "more than is read at once" in problem_of(parts(EMAIL, **more))


@pytest.mark.parametrize("encoding", ["UTF-8", "iso-8859-1", "us-ascii"])
def test_comments_and_encodings_that_are_plain_are_read(parts, encoding):
    sheet = whole(
        f"<sheetData>{EMAIL}<!-- <c> a > b --><?x y?><row><c t='inlineStr'><is><t>a@b.example</t></is></c></row></sheetData>",
        f'<?xml version="1.0" encoding="{encoding}"?>',
    )
    path = parts("", **{"xl/worksheets/sheet1.xml": sheet})
    assert [row.cells for row in open_table(path, {"sheet": "A"}).rows()] == [["a@b.example"]]
