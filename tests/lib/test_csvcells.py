import csv
import datetime
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.csvcells import guard_cell, unguard_cell, write_row

FORMULAS = [
    *["=1+1", "+48600700800", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1", "＋1", "－1", "＠x"],
    *[" =1", "\t=1", "\u200b=1", "\ufeff=1", "\u00a0@x", "\u2066=1", "\x00=1", "\u3000-1"],
    *["\tx", "\rx", "\nx", "'=1", "''=1"],
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_guarded(text):
    assert guard_cell(text) == "'" + text
    assert unguard_cell("'" + text) == text


@pytest.mark.parametrize("text", ["", " ", "Anna", "'", "'Anna'", "O'Brien", "1-2", "a=b", "5", "”=1", "(+48) 600", "  x"])
def test_other_texts_stay_as_they_are(text):
    assert guard_cell(text) == text
    assert unguard_cell(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n a\u200b＝"), max_size=8) | st.text(max_size=20))
def test_a_guarded_text_comes_back_exactly(text):
    assert unguard_cell(guard_cell(text)) == text


@given(st.text(max_size=20))
def test_no_guarded_text_starts_like_a_formula(text):
    assert guard_cell(text).lstrip()[:1] not in tuple("=+-@")


def test_write_row():
    cells = ["Anna", 'say "x"', "a,b", "two\nlines", None, -5, datetime.date(2026, 11, 20), "=1", "+48"]

    assert write_row(cells, guarded=True) == 'Anna,"say ""x""","a,b","two\nlines",,-5,2026-11-20,\'=1,\'+48\r\n'
    assert write_row(cells[-2:], guarded=False) == "=1,+48\r\n"
    assert write_row(["a,b", "c;d"], ";", guarded=True) == 'a,b;"c;d"\r\n'
    assert write_row([None], guarded=True) == '""\r\n'
    assert write_row([], guarded=True) == "\r\n"


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=15)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=5), max_size=5), st.sampled_from([",", ";", "\t", "|"]), st.booleans())
def test_written_rows_are_read_back_exactly(rows, delimiter, guarded):
    written = "".join(write_row(row, delimiter, guarded=guarded) for row in rows)

    read = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)

    assert [[unguard_cell(cell) if guarded else cell for cell in row] for row in read] == rows
