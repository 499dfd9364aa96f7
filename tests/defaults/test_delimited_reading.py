import codecs
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.defaults.delimited.kinds import check_kind
from leadboard.defaults.delimited.reading import guess_delimiter, open_table
from leadboard.lib.csvcells import write_row
from leadboard.lib.tables import LARGEST_CELL, MOST_COLUMNS, FileProblem, Row, RowProblem


@pytest.fixture
def table(tmp_path):
    """Opens bytes or text as a table."""

    def open_bytes(data, encoding="utf-8", delimiter=",", **options):
        path = tmp_path / "file.csv"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return open_table(path, encoding, delimiter, **options)

    return open_bytes


def read(opened):
    return opened.headers, [tuple(row)[:3] for row in opened.rows()]


# --- separators


@pytest.mark.parametrize(
    "text, delimiter",
    [
        ("name,phone\r\nAnna,1\r\n", ","),
        ("Imię;Nazwisko;Wartość\nŁucja;Żółć;1234,50\nJan;Nowak;12,00\n", ";"),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("name\tphone\nKim, Anna\t1\n", "\t"),
        ("name|phone\nKim, Anna|1\n", "|"),
        ("sep=|\r\na,b|c\r\n", "|"),
        ("\ufeffsep=;\na;b\n", ";"),
        ('"sep=;"\na;b\n', ";"),
        ('name,note\nAnna,"a;b;c"\nBen,"d;e\nf;g"\n', ","),
        ("email\na@acme.example\nb@acme.example\n", ","),
        ('Notes:\n"Some, long, text; more"\n\nFirst Name,Last Name,URL\nAnna,Kim,x\nBen,Li,y\n', ","),
        ("a,b,c\n1,2,3\n4,5", ","),
        ("a,b,c,d\n1,2\n3,4,5\n6,7,8,9\n", ","),
        ("title;note\nx;one, two\ny;three\n", ";"),
        ("", ","),
    ],
)
def test_guess_delimiter(text, delimiter):
    assert guess_delimiter(text) == delimiter


# --- headers


def test_a_plain_file(table):
    opened = table("name,phone\r\nAnna,1\r\n\r\nBen,2")

    assert opened.first_data_line == 2
    assert read(opened) == (["name", "phone"], [(2, ["Anna", "1"], False), (4, ["Ben", "2"], False)])


def test_lines_before_the_header_are_left_out(table):
    opened = table('Notes:\n"When exporting, you may\nnotice"\n\nFirst Name,Last Name,URL\nAnna,Kim,x\n')

    assert opened.first_data_line == 6
    assert read(opened) == (["First Name", "Last Name", "URL"], [(6, ["Anna", "Kim", "x"], False)])


def test_a_known_header_is_found_behind_rows_that_look_like_one(table):
    opened = table("Report,Leads\nMade,2026-11-20\nname,phone\nAnna,1\n", is_header=lambda cells: "phone" in cells)

    assert read(opened) == (["name", "phone"], [(4, ["Anna", "1"], False)])


def test_a_separator_line_is_no_header(table):
    opened = table("\ufeffsep=;\r\nname;phone\r\nAnna;1\r\n", delimiter=";")

    assert opened.first_data_line == 3
    assert read(opened) == (["name", "phone"], [(3, ["Anna", "1"], False)])


def test_nameless_and_doubled_columns_get_names(table):
    opened = table("Phone,Phone,Phone #2, E-mail\u00a0\nWork ,,\n")
    opened.close()

    assert opened.headers == ["Phone", "Phone #2", "Phone #2 #2", "E-mail"]

    opened = table('"Work\nPhone",Name,\nx,y,z\n')

    assert read(opened) == (["Work Phone", "Name", "Column 3"], [(3, ["x", "y", "z"], False)])


def test_a_file_of_one_column(table):
    assert read(table("\nemail\na@acme.example\n\nb@acme.example\n")) == (
        ["email"],
        [(3, ["a@acme.example"], False), (5, ["b@acme.example"], False)],
    )


def test_a_header_alone_is_a_table_without_rows(table):
    assert read(table("name,phone")) == (["name", "phone"], [])


# --- rows


def test_short_rows_are_filled_up_and_long_ones_told(table):
    _, rows = read(table("a,b,c\n1\n1,2,3,,\n1,2,3,4\n,,\n,,,x\n5,6,7\n"))

    assert rows[:2] == [(2, ["1", "", ""], True), (3, ["1", "2", "3"], False)]
    assert [row[0] for row in rows] == [2, 3, 4, 6, 7]
    assert rows[2][1] == "This row has 4 cells, the header has 3. Put quotes around a cell that holds the separator."


def test_line_breaks_inside_quotes_stay(table):
    opened = table('a,b\r\n1,"two\r\nlines"\r\n2,"cr\ronly"\r\n3,x\r\n')

    assert read(opened)[1] == [(2, ["1", "two\r\nlines"], False), (4, ["2", "cr\ronly"], False), (6, ["3", "x"], False)]


def test_lone_carriage_returns_end_lines(table):
    assert read(table("a,b\r1,2\r3,4\r"))[1] == [(2, ["1", "2"], False), (3, ["3", "4"], False)]


@pytest.mark.parametrize(
    "encoding, mark",
    [
        ("utf-8", codecs.BOM_UTF8),
        ("utf-8-sig", codecs.BOM_UTF8),
        ("utf-16", b""),
        ("utf-16-le", b""),
        ("utf-32", b""),
        ("cp1250", b""),
    ],
)
def test_encodings(table, encoding, mark):
    text = "Imię;Miasto\r\nŁucja;Łódź\r\n"
    data = mark + text.encode("utf-8" if mark else encoding)

    assert read(table(data, encoding, ";")) == (["Imię", "Miasto"], [(2, ["Łucja", "Łódź"], False)])


# --- problems of a row


def problems(opened):
    return {row.line_number: row.message for row in opened.rows() if isinstance(row, RowProblem)}


def test_a_quote_that_is_never_closed_is_told_with_its_line(table):
    found = problems(table('a,b\n1,2\n3,"open\n5,6\n7,8\n'))

    assert list(found) == [3]
    assert "never closed" in found[3]


def test_a_quote_inside_quotes_spoils_its_row_only(table):
    opened = table('a,b\n1,2\n"Piekarnia "U Łucji"",2\n5,6\n')

    assert [type(row) for row in opened.rows()] == [Row, RowProblem, Row]


def test_a_nul_spoils_its_row_only(table):
    found = problems(table("a,b\n1,2\n3,\x004\n5,6\n"))

    assert list(found) == [3]
    assert "NUL" in found[3]


def test_a_cell_may_be_large_but_not_too_large(table):
    opened = table(f"a,b\n1,{'x' * LARGEST_CELL}\n1,{'x' * (LARGEST_CELL + 1)}\n5,6\n")

    rows = list(opened.rows())

    assert [type(row) for row in rows] == [Row, RowProblem, Row]
    assert "A cell has 100,001 characters; at most 100,000 fit." in rows[1].message


def test_a_row_may_have_many_columns_but_not_too_many(table):
    found = problems(table("a,b\n" + "," * MOST_COLUMNS + "x\n1,2\n"))

    assert list(found) == [2]
    assert "2,001 cells" in found[2]


# --- problems of the file


def refusal(table, data, **options):
    with pytest.raises(FileProblem) as refused:
        list(table(data, **options).rows())
    return refused.value


def test_a_swallowed_file_is_told_with_the_line_of_the_quote(table):
    problem = refusal(table, 'a,b\n1,2\n3,"open\n' + "some,row\n" * 100_000)

    assert problem.line_number == 3
    assert "Probably a quote is never closed" in problem.message


def test_an_endless_line_is_refused(table):
    assert "does not end" in refusal(table, "a,b\n" + "x," * 3_000_000).message


def test_bytes_of_another_encoding_are_told_with_their_place(table):
    problem = refusal(table, b"a,b\r\n" * 5000 + "Ł,Łódź\r\n".encode("cp1250"))

    assert problem.line_number == 5001
    assert "Line 5,001, character 1 cannot be read as utf-8. Choose another encoding" in problem.message


def test_utf16_that_breaks_off_is_told(table):
    assert "Export it again" in refusal(table, "a,b\r\n1,2\r\n".encode("utf-16") + b"\x00", encoding="utf-16").message


def test_utf16_read_as_utf8_is_refused(table):
    assert "NUL" in refusal(table, "a,b\r\n1,2\r\n".encode("utf-16-le")).message


@pytest.mark.parametrize("data", ["", "\ufeff", "\r\n\r\n", " ,,\n;;"])
def test_empty_files_are_refused(table, data):
    assert refusal(table, data).message.startswith("The file is empty")


def test_a_file_of_blank_cells_has_no_header(table):
    assert "no header row" in refusal(table, '"",""\n"  "\n').message


def test_a_workbook_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "leads.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")

    with pytest.raises(FileProblem, match=r"This is an Excel workbook .* save it as “CSV UTF-8"):
        open_table(path, "utf-8", ",")


@pytest.mark.parametrize(
    "head, words",
    [
        (b"PK\x03\x04 plain zip", "compressed (ZIP)"),
        (b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument", "OpenDocument"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"SQLite format 3\x00", "database"),
        (b"\xef\xbb\xbfBEGIN:VCARD\r\n", "vCard"),
        (b"\r\n<!DOCTYPE html>", "web page"),
        (b"<table><tr>", "web page"),
        (b'[{"name": 1}]', "JSON"),
        (bytes(range(256)) * 16, "not a table"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 9 + b"\x03\x00\x3e\x00\xff\x9c", "not a table"),
    ],
)
def test_other_kinds_of_files_are_named(head, words):
    with pytest.raises(FileProblem) as refused:
        check_kind(head)

    assert words in refused.value.message


@pytest.mark.parametrize(
    "head",
    [
        b"name,phone",
        b"[x],y\n",
        b"{a},b",
        codecs.BOM_UTF16_LE + "a;b".encode("utf-16-le"),
        b"<test>,b",
        b"name,phone\nAn\0na,1\n" + b"Ben,2\n" * 20,
        "Name;Łódź\n".encode("utf-16-be"),
        b"Caf\xe9,1\n",
    ],
)
def test_tables_are_let_through(head):
    check_kind(head)


# --- whole


def test_memory_stays_flat(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("name,phone,note\n" + "Anna Kim,+49 30 901820,some note\n" * 100_000, encoding="utf-8")

    tracemalloc.start()
    count = sum(1 for _ in open_table(path, "utf-8", ",").rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 100_000
    assert peak < 500_000


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS).filter(any), max_size=6), st.sampled_from([",", ";", "\t", "|"]))
def test_what_is_written_is_read(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    text = "".join(write_row(row, delimiter, guarded=False) for row in [("one", "two", "three"), *rows])
    path.write_bytes(text.encode())

    opened = open_table(path, "utf-8", delimiter)

    assert opened.headers == ["one", "two", "three"]
    assert [tuple(row.cells) for row in opened.rows()] == rows


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "cp1250", "utf-16", "latin-1"]), st.sampled_from([",", ";", "\t"]))
def test_any_bytes_are_rows_or_problems(tmp_path_factory, data, encoding, delimiter):
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_bytes(data)
    try:
        opened = open_table(path, encoding, delimiter)
        rows = list(opened.rows())
    except FileProblem as problem:
        rows, message = [], problem.message
        assert message.endswith((".", "?"))
        return
    for row in rows:
        assert isinstance(row, RowProblem) or len(row.cells) == len(opened.headers)
