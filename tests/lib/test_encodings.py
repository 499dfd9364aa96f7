import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.encodings import Detected, detect, detect_file

POLISH = "Imię;Nazwisko;Firma\r\nŁucja;Żółć;Piekarnia „Źródło”\r\n"
GREEK = "Όνομα;Επώνυμο\r\nΜαρία;Παπαδοπούλου\r\n"
PERSIAN = "نام,شركت\r\nمهسا,مهر\r\n"


@pytest.mark.parametrize(
    "data, encoding",
    [
        (codecs.BOM_UTF8 + POLISH.encode(), "utf-8-sig"),
        (POLISH.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + POLISH.encode("utf-16-be"), "utf-16"),
        (POLISH.encode("utf-32"), "utf-32"),
    ],
)
def test_a_byte_order_mark_is_certain(data, encoding):
    assert detect(data) == Detected(encoding, True, (encoding,))
    assert data.decode(encoding) == POLISH


@pytest.mark.parametrize(
    "data, encoding",
    [
        (POLISH.encode(), "utf-8"),
        (b"name,phone\r\n", "utf-8"),
        (POLISH.encode()[:-30], "utf-8"),
        ("Łucja".encode()[:1], "utf-8"),
        (POLISH.encode("utf-16-le"), "utf-16-le"),
        (POLISH.encode("utf-16-be"), "utf-16-be"),
        (GREEK.encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_utf_without_a_mark_is_certain_too(data, encoding):
    assert detect(data) == Detected(encoding, False, (encoding,))


@pytest.mark.parametrize(
    "text, page, language",
    [
        (POLISH, "cp1250", "pl"),
        (GREEK, "cp1253", "el"),
        (PERSIAN, "cp1256", "fa"),
        ("Müller;Jürgen;Straße\r\n", "cp1252", "de"),
        ("Иван;Ёлкин\r\n", "cp1251", "ru"),
        ("山田;太郎\r\n", "cp932", "ja"),
    ],
)
def test_a_code_page_is_asked_for_with_the_language_s_own_first(text, page, language):
    found = detect(text.encode(page), (language,))

    assert (found.encoding, found.bom, found.candidates[0]) == (None, False, page)
    assert 3 <= len(found.candidates) <= 5
    assert len(set(found.candidates)) == len(found.candidates)


def test_only_code_pages_that_read_every_byte_are_offered():
    found = detect(b"\x81\x8d\x8f\x90 x" * 5, ("de",))

    assert "cp1252" not in found.candidates
    assert found.candidates


@given(st.binary(max_size=300))
def test_any_bytes_get_an_encoding_or_a_choice(data):
    found = detect(data, ("pl", "fa"))

    assert found.candidates
    assert found.encoding is None or found.candidates == (found.encoding,)


def test_the_whole_file_is_looked_at(tmp_path):
    path = tmp_path / "late.csv"
    path.write_bytes(b"name,city\r\n" + b"Anna,Berlin\r\n" * 200_000 + "Łucja,Łódź\r\n".encode("cp1250"))

    assert detect(path.read_bytes()[:65_536]).encoding == "utf-8"
    assert detect_file(path, ("pl",)).encoding is None
    assert detect_file(path, ("pl",)).candidates[0] == "cp1250"


def test_a_long_file_in_utf8_is_certain(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("Łucja,Łódź\n" * 200_000, encoding="utf-8")

    assert detect_file(path).encoding == "utf-8"


def test_a_file_cut_in_the_middle_of_a_character_is_not_utf8(tmp_path):
    path = tmp_path / "cut.csv"
    path.write_bytes("a,b\nŁ".encode()[:-1])

    assert detect_file(path).encoding is None
