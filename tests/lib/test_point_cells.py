"""Several addresses or numbers in one cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.point_cells import label_of, read_labelled, read_points, write_labelled, write_points

LINES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"], include_characters=" ();,[]\"':+"), min_size=1
).map(lambda text: " ".join(text.split()))


@given(st.lists(st.tuples(LINES.filter(bool), LINES), max_size=4), st.sampled_from(["email", "phone"]))
def test_what_is_written_is_read_back(points, kind):
    assert read_points(write_points(points, kind), kind) == points


@given(LINES.filter(bool), LINES)
def test_a_labelled_text_is_read_back(text, label):
    assert read_labelled(write_labelled(text, label)) == (text, label)


@pytest.mark.parametrize(
    "cell, kind, found",
    [
        ("a@x.example, b@x.example;c@x.example", "email", ["a@x.example", "b@x.example", "c@x.example"]),
        ("zoe@example.com ::: z@example.com", "email", ["zoe@example.com", "z@example.com"]),
        ("+48 22 1, +48 22 2", "phone", ["+48 22 1", "+48 22 2"]),
        ("(446) 758-2122, ext. 3", "phone", ["(446) 758-2122, ext. 3"]),
        ("030 1\n030 2", "phone", ["030 1", "030 2"]),
        ("", "phone", []),
    ],
)
def test_cells_of_other_programs(cell, kind, found):
    assert [text for text, _ in read_points(cell, kind)] == found


@pytest.mark.parametrize(
    "column, label",
    [
        ("email_home", "home"), ("Phone - Work", "work"), ("E-mail 2 - Value", ""), ("Person - Email - Other", ""), ("Mobile Phone", "mobile"),
        ("Further e-mails", ""), ("Further phones", ""),
    ],
)  # fmt: skip
def test_labels_of_columns(column, label):
    assert label_of(column) == label
