"""No cell of a file for spreadsheets is a formula, whatever was typed or brought in, in every format and of every record."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest

from leadboard.db import execute, now_ms
from leadboard.domain.exports import export_records
from leadboard.domain.plugins import disable
from leadboard.lib.csvcells import unguard_cell
from leadboard.models import CustomField, Pipeline, Source, Stage, User
from leadboard.models.import_fields import TARGETS_OF
from leadboard.permissions import SYSTEM

RUN = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("a";"b")']
BEHIND = ["\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx", " =1", "\u200b=1", "\ufeff=1", "\u00a0-1", "'=1", "''+1"]
WIDE = ["＝1+1", "＋1", "－1", "＠SUM(A1)", "\u3000＝1"]
RECORDS = ("lead", "contact", "organisation")
NAMED = {"lead": "title"}


@pytest.fixture
def hostile(make, plugin):
    """hostile(record_type): {number: text} of records that have this text in every column that holds one."""
    plugin("spreadsheets")
    texts = [*RUN, *BEHIND, *WIDE]

    def fill(record_type):
        make.set_up()
        make.pipeline()
        make.field("=1+2", key="custom", record_type=record_type)
        make.field("@archived", key="gone", record_type=record_type)
        CustomField.update(archived_at=now_ms()).where(CustomField.key == "gone").execute()
        owner = make.user("=owner()")
        Stage.update(name="+stage()").execute()
        Pipeline.update(name="@pipeline").execute()
        more = {"source": make.source("-source()").id} if record_type == "lead" else {}
        for text in texts:
            made = getattr(make, record_type)("x", owner=owner, **more)
            given = dict.fromkeys(_columns(record_type), text)
            given["fields"] = json.dumps({"custom": text, "gone": text})
            given["other_columns"] = json.dumps({text: text})
            names = ", ".join(f"{name} = ?" for name in given)
            execute(f"update {record_type} set {names} where id = ?", [*given.values(), made.id])
        assert User.get_by_id(owner.id).name == "=owner()" and (record_type != "lead" or Source.get().name == "-source()")
        return texts

    yield fill
    disable("spreadsheets", actor=SYSTEM)


def _columns(record_type):
    """Those of an export that are texts as typed, and long enough for these."""
    name = NAMED.get(record_type, "name")
    typed = {
        name,
        "job_title",
        "email",
        "phone",
        "website",
        "industry",
        "territory",
        "street",
        "postal_code",
        "city",
        "region",
        "lost_to",
    }
    if record_type == "lead":
        typed |= {"person_name", "given_name", "family_name", "organisation_name"}
    kept = {
        "lead": typed,
        "contact": typed - {"industry", "territory", "lost_to"},
        "organisation": typed - {"job_title", "territory", "lost_to"},
    }
    return sorted(kept[record_type] & set(TARGETS_OF[record_type]))


def taken(record_type, format_key):
    where = f"{record_type}.deleted_at is null"
    return b"".join(export_records(record_type, where, (), actor=SYSTEM, format_key=format_key))


@pytest.mark.parametrize("format_key, delimiter", [("csv", ","), ("tsv", "\t")])
@pytest.mark.parametrize("record_type", RECORDS)
def test_cells_of_text_files_are_guarded(hostile, record_type, format_key, delimiter):
    texts = hostile(record_type)
    content = taken(record_type, format_key).decode("utf-8").removeprefix("\ufeff")

    lines = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))

    assert len(lines) == len(texts) + 1
    for cell in (cell for line in lines for cell in line):
        assert not cell.lstrip("\t\r\n \u200b\ufeff\u00a0\u3000").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), cell
        assert not cell.startswith(("\t", "\r", "\n")), cell
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert {"'=1+2", "'@archived (archived)"} <= set(lines[0])
    labels = [TARGETS_OF[record_type][name].label for name in _columns(record_type)] + ["'=1+2", "'@archived (archived)"]
    for label in labels:
        assert sorted(unguard_cell(row[label]) for row in rows) == sorted(texts), label
    assert {row["Owner"] for row in rows} == {"'=owner()"}
    others = [json.loads(row["Other columns"]) for row in rows]
    assert sorted(next(iter(other)) for other in others) == sorted(texts)
    if record_type == "lead":
        assert {(row["Pipeline"], row["Stage"], row["Source"]) for row in rows} == {("'@pipeline", "'+stage()", "'-source()")}


@pytest.mark.parametrize("record_type", RECORDS)
def test_cells_of_workbooks_are_texts_never_formulas(hostile, record_type):
    texts = hostile(record_type)
    data = taken(record_type, "spreadsheets.xlsx")

    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert sheets and all(b"<f>" not in sheet and b"<f " not in sheet for sheet in sheets)
    [sheet] = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    heading, *rows = sheet.iter_rows()
    assert len(rows) == len(texts)
    for cell in (cell for row in (heading, *rows) for cell in row):
        assert cell.data_type != "f", cell.value
        if isinstance(cell.value, str):
            assert cell.data_type in {"s", "inlineStr"}, cell.value
            is_run = cell.value.lstrip("'\t\r\n \u200b\ufeff\u00a0\u3000").startswith(
                ("=", "+", "-", "@", "＝", "＋", "－", "＠")
            )
            assert cell.quotePrefix or not is_run, cell.value
    places = {cell.value: number for number, cell in enumerate(heading)}
    as_read = sorted(text.replace("\r", "\n") for text in texts)
    for label in [TARGETS_OF[record_type][name].label for name in _columns(record_type)] + ["=1+2", "@archived (archived)"]:
        assert sorted(str(row[places[label]].value).replace("\r", "\n") for row in rows) == as_read, label
