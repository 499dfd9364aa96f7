"""JSON from strangers."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.strictjson import MAX_DEPTH, JsonError, read_json

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e9, 1e9) | TEXT,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXT, below, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_well_formed_comes_out_as_it_went_in(value):
    assert read_json(json.dumps(value).encode()) == value


def test_a_whole_number_may_be_written_with_a_point():
    value = read_json(b'{"a": 1.0, "b": 1e3, "c": 1.5}')
    assert value == {"a": 1, "b": 1000, "c": 1.5}
    assert isinstance(value["a"], int)


@pytest.mark.parametrize("text, reason", [
    (b"", "line 1"), (b"{", "line 1"), (b'{"a": 1,}', "column"), (b"\xff\xfe", "UTF-8"), (b"\xef\xbb\xbf{}", "BOM"), (b"'a'", "column"),
    (b'{"a": 1, "a": 2}', '"a" is there twice'), (b'[{"b": {"a": 1, "b": 1, "a": 1}}]', '"a" is there twice'),
    (b"NaN", "NaN"), (b"[-Infinity]", "Infinity"), (b"1e999", "too large"), (b"9" * 19, "too large"), (b"-" + b"9" * 5000, "too large"),
    (b'"a\\u0000b"', "NUL"), (b'{"\\u0000": 1}', "NUL"), (b'"\x00"', "control character"),
    (b'"\\ud800"', "surrogate"), (b'{"\\udfff": 1}', "surrogate"),
    (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested"), (b"[" * 100_000, "nested"), (b'{"a":' * 100_000, "nested"),
])  # fmt: skip
def test_what_is_not_is_refused_with_its_reason(text, reason):
    with pytest.raises(JsonError, match=reason) as error:
        read_json(text)
    str(error.value).encode("ascii")


@given(st.binary(max_size=40))
def test_bytes_are_read_or_refused(data):
    try:
        read_json(data)
    except JsonError:
        pass


def test_a_doubled_name_among_many_is_found_in_time():
    text = "{" + ",".join(f'"k{number}": 1' for number in range(70_000)) + ', "k69999": 2}'
    began = time.monotonic()
    with pytest.raises(JsonError, match="k69999"):
        read_json(text.encode())
    assert time.monotonic() - began < 5
