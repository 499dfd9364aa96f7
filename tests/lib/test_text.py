import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.text import (
    TextError,
    clean_line,
    clean_text,
    fold,
    initials,
    search_fragments,
    slug,
    to_ascii_digits,
)


@pytest.mark.parametrize(
    "typed, folded",
    [
        ("  Anna   KIM ", "anna kim"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("Þórir Æsir Ørsted", "thorir aesir orsted"),
        ("Đặng Đình", "dang dinh"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("İstanbul IRMAK ırmak", "istanbul irmak irmak"),
        ("ﬁ ＡＢＣ①", "fi abc1"),
        ("O’Brien–Smith", "o'brien-smith"),
        ("Ёлкин", "елкин"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("\u1112\u1161\u11ab", "한"),
        ("कुमार", "कुमार"),
        ("שָׁלוֹם", "שלום"),
        ("a\u00adb\u200bc\x00d", "abcd"),
        ("Acme™ ½", "acme 1⁄2"),
        ("", ""),
    ],
)
def test_fold(typed, folded):
    assert fold(typed) == folded


@pytest.mark.parametrize(
    "one, other",
    [
        ("كريمي", "کریمی"),
        ("مهر‌آفرین", "مهرآفرین"),
        ("خانهٔ", "خانه"),
        ("خانۀ", "خانه"),
        ("فاطمة", "فاطمه"),
        ("موسى", "موسی"),
        ("عـــلی", "علی"),
        ("۰۲۱-٤٥٦", "021-456"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
    ],
)
def test_arabic_and_persian_ways_to_write_fold_to_one(one, other):
    assert fold(one) == fold(other)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=40))
def test_fold_leaves_no_control_character_and_no_outer_space(text):
    folded = fold(text)

    assert folded == " ".join(folded.split())
    assert "\0" not in folded


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=30))
def test_the_ascii_path_agrees_with_the_general_one(text):
    assert fold(text) == fold(text + "\u200d")


def test_clean_line_leaves_one_line_of_visible_text():
    assert clean_line("  Anna\t\r\nKim\x07 \u202egnp.exe\u202c\ufeff ", 50) == "Anna Kim gnp.exe"
    assert clean_line("e\u0301", 5) == "é"
    assert clean_line("مهر\u200cآفرین", 20) == "مهر\u200cآفرین"
    assert clean_line("a\ud800b", 5) == "a\ufffdb"


def test_clean_line_says_how_much_too_long():
    with pytest.raises(TextError, match=r"This is 1,201 characters long; at most 1,200 fit\. Shorten it\."):
        clean_line("x" * 1201, 1200)


def test_clean_text_keeps_lines_indents_and_blank_lines():
    typed = "\r\n\r\nOne  \r\n\r\n    code\tx\rTwo\x00\u202e\u2028Three\n\n"

    assert clean_text(typed, 100) == "One\n\n    code\tx\nTwo\nThree"


def test_clean_text_refuses_too_much():
    with pytest.raises(TextError):
        clean_text("ab\n" * 10, 20)


@given(st.text(max_size=60))
def test_cleaning_is_stable_and_storable(text):
    for clean in (clean_line, clean_text):
        cleaned = clean(text, 500)

        assert clean(cleaned, 500) == cleaned
        assert "\0" not in cleaned
        cleaned.encode()


@pytest.mark.parametrize(
    "name, letters",
    [
        ("Anna Kim", "AK"),
        ("anna maria kim", "AK"),
        ("Acme", "A"),
        ("(Łucja) “Żółć”", "ŁŻ"),
        ("3M", "3"),
        ("李 小龍", "李"),
        ("김민준", "김"),
        ("مهسا کریمی", "م\u200cک"),
        ("किरण राव", "किरा"),
        ("ß x", "ßX"),
        ("  ", "?"),
        ("👍", "?"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters


@given(st.text(max_size=30))
def test_initials_are_never_empty(name):
    assert initials(name)


@pytest.mark.parametrize(
    "text, made",
    [("Łódź – Offer №2!", "lodz-offer-no2"), ("O'Brien & Co", "obrien-co"), ("مهسا", "item"), ("", "item")],
)
def test_slug(text, made):
    assert slug(text) == made


def test_slug_is_cut_without_a_dash_at_the_end():
    assert slug("abc def", limit=4) == "abc"
    assert slug("مهسا", fallback="field") == "field"


@pytest.mark.parametrize(
    "line, fragments",
    [
        ("acme", ("acme",)),
        ('Łódź "Anna  Kim" łódź', ("lodz", "anna kim")),
        ("“Anna Kim” offer", ("anna kim", "offer")),
        ('open "quote', ("open", "quote")),
        ("ann anna", ("anna",)),
        ('  "" ', ()),
    ],
)
def test_search_fragments(line, fragments):
    assert search_fragments(line) == fragments


def test_search_fragments_are_limited():
    assert len(search_fragments(" ".join(f"word{n}x" for n in range(50)))) == 8


def test_digits_of_every_script_become_ascii():
    assert to_ascii_digits("۰۲۱ ٤٥ १२ x") == "021 45 12 x"
