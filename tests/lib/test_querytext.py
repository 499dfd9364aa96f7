"""Reading and writing the text of a filter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.querytext import Group, Not, QueryError, Term, Value, Words, parse_query, query_text


@pytest.mark.parametrize(
    "text, parts",
    [
        ("", ()),
        ("  anna   nowak ", (Words("anna"), Words("nowak"))),
        ('"anna \\"n\\" nowak"', (Words('anna "n" nowak', is_phrase=True),)),
        ("stage:new", (Term("stage", ":", (Value("new"),)),)),
        ("Stage:New,won", (Term("stage", ":", (Value("New"), Value("won"))),)),
        ('city="São Paulo",none', (Term("city", "=", (Value("São Paulo", is_quoted=True), Value("none"))),)),
        ("value:10..20", (Term("value", ":", (Value("10", "20"),)),)),
        ("value:10..", (Term("value", ":", (Value("10", ""),)),)),
        ("-owner!=me", (Not(Term("owner", "!=", (Value("me"),))),)),
        ("a or b c", (Group("any", (Words("a"), Group("all", (Words("b"), Words("c"))))),)),
        ("a and (b OR c)", (Words("a"), Group("any", (Words("b"), Words("c"))))),
        ("(a (b c))", (Words("a"), Words("b"), Words("c"))),
        ("https://a.example/x - b", (Words("https://a.example/x"), Words("-", is_phrase=True), Words("b"))),
        ("۱۲ 10:30 o'neil", (Words("۱۲"), Words("10:30"), Words("o'neil"))),
        ("τιμή>=5", (Term("τιμή", ">=", (Value("5"),)),)),
    ],
)  # fmt: skip
def test_a_text_is_read_and_written(text, parts):
    assert parse_query(text) == parts
    assert parse_query(query_text(parts)) == parts


@given(st.text(alphabet='ab :=<>!-()",.or\\ż\u200c\n', max_size=60))
def test_any_text_is_read_or_refused_at_a_place_in_it(text):
    parts, error = read(text)
    if error is not None:
        assert 0 <= error.start < max(1, len(text)) and error.start < error.end
    else:
        assert parse_query(query_text(parts)) == parts


def read(text):
    try:
        return parse_query(text), None
    except QueryError as error:
        return (), error
