"""The pieces of a text that were searched for, led back from the folded form to what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.folding import fold, fold_with_places
from leadboard.lib.snippets import marked, marked_number, snippet
from leadboard.lib.text import search_fragments


def shown(pieces):
    return "".join(f"[{text}]" if found else text for text, found in pieces)


@pytest.mark.parametrize(
    "text, asked, wanted",
    [
        ("Acme Foods", "acme", "[Acme] Foods"),
        ("Łukasz Żółć", "zolc lu", "[Łu]kasz [Żółć]"),
        ("Z\u0307o\u0301łć", "zo", "[Z\u0307o\u0301]łć"),  # letters and their accents apart
        ("Straße 7", "strasse", "[Straße] 7"),
        ("Straße 7", "stras", "[Straß]e 7"),
        ("Þórður Guðmundsson", "thor", "[Þór]ður Guðmundsson"),
        ("ΟΔΥΣΣΕΥΣ ο Οδυσσεύς", "οδυσσεύς", "[ΟΔΥΣΣΕΥΣ] ο [Οδυσσεύς]"),
        ("محمد علي كريمي", "کریمی", "محمد علي [كريمي]"),
        ("می\u200cخواهم", "میخواهم", "[می\u200cخواهم]"),
        ("مُحَمَّد", "محمد", "[مُحَمَّد]"),
        ("王小芳", "小芳", "王[小芳]"),
        ("ｶﾞｽ", "ガ", "[ｶﾞ]ｽ"),
        ("한국", "한", "[한]국"),
        ("A  B\u00a0C", "a b c", "[A]  [B]\u00a0[C]"),
        ("A  B\u00a0C", '"a b c"', "[A  B\u00a0C]"),
        ("Superacme acme", "acme", "Super[acme] [acme]"),
        ("banana", "ana nan", "b[anan]a"),
        ("%_<b>", "<b>", "%_[<b>]"),
        ("Acme", "other", "Acme"),
        ("", "acme", ""),
    ],
)
def test_what_was_found_is_marked_as_it_was_written(text, asked, wanted):
    assert shown(marked(text, search_fragments(asked))) == wanted


def test_words_that_begin_so_are_marked_before_any_other_place():
    assert shown(marked("A party of artists", ["art"], words=True)) == "A party of [art]ists"
    assert shown(marked("A party", ["art"], words=True)) == "A p[art]y"
    assert shown(marked("给王小芳打电话", ["小芳"], words=True)) == "给王[小芳]打电话"


@pytest.mark.parametrize(
    "number, asked, wanted",
    [
        ("+48 22 555 01 20", "555-01", "+48 22 [555 01] 20"),
        ("+48 22 555 01 20", "022 555", "+48 [22 555] 01 20"),
        ("+۴۸ ۲۲ ۵۵۵", "2255", "+۴۸ [۲۲ ۵۵]۵"),
        ("+48 22 555 01 20", "999", "+48 22 555 01 20"),
        ("+48 22 555 01 20", "acme", "+48 22 555 01 20"),
        ("", "555", ""),
    ],
)
def test_digits_are_marked_whatever_stands_between_them(number, asked, wanted):
    assert shown(marked_number(number, asked)) == wanted


def test_a_snippet_stands_around_the_first_word():
    body = "Nothing here. " * 100 + "\n\nThey asked for a Discount of 5 %.\n" + "And so on. " * 100

    found = snippet(body, ["discoun"])
    assert shown(found).startswith("…here. Nothing here. Nothing here. They asked for a [Discoun]t of 5 %. And so on. ")
    assert shown(found).endswith(" And so on. And…") and len(shown(found)) < 170
    assert shown(snippet("Short", ["other"])) == "Short"
    assert shown(snippet("x " * 500, ["other"])).startswith("x x ")
    assert shown(snippet("", ["other"])) == ""


def test_a_word_counts_before_the_same_letters_inside_another():
    body = "party " * 200 + "art"
    assert shown(snippet(body, ["art"])).endswith("party [art]")


def test_a_long_run_without_spaces_is_cut_between_characters():
    body = "好" * 2000 + "王小芳" + "e\u0301" * 500
    text = shown(snippet(body, ["小芳"]))
    assert "王[小芳]" in text and len(text) < 200


@given(st.text(max_size=80), st.text(min_size=1, max_size=10))
def test_pieces_are_the_text_whatever_it_is(text, asked):
    fragments = search_fragments(asked)

    assert "".join(part for part, _ in marked(text, fragments)) == text
    folded, places = fold_with_places(text)
    assert len(folded) == len(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    snippet(text, fragments)


@given(st.text(alphabet="aZł ßΣςéÞ\u0301\u200cيیکك٣3王ｶﾞ한\u1112\u1161-’", max_size=40))
def test_folding_with_places_folds_as_folding_does(text):
    assert fold_with_places(text)[0] == fold(text)
