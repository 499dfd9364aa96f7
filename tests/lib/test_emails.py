import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.emails import email_key, find_emails, is_email, split_address


@pytest.mark.parametrize(
    "text, key",
    [
        ("anna@acme.example", "anna@acme.example"),
        ("  Anna.Kim+crm@ACME.Example ", "anna.kim+crm@acme.example"),
        ("mailto:Anna@acme.example?subject=Hi", "anna@acme.example"),
        ("mailto:anna%2Bx@acme.example", "anna+x@acme.example"),
        ("Anna Kim <anna@acme.example>", "anna@acme.example"),
        ('"Kim, Anna" <Anna@acme.example>;', "anna@acme.example"),
        ("<anna@acme.example>,", "anna@acme.example"),
        ("(anna@acme.example)", "anna@acme.example"),
        ("anna@acme.example.", "anna@acme.example"),
        ("o'brien@acme.example", "o'brien@acme.example"),
        ("\ufeffanna@acme.example\u200b", "anna@acme.example"),
        ("anna@münchen.example", "anna@xn--mnchen-3ya.example"),
        ("anna@xn--mnchen-3ya.example", "anna@xn--mnchen-3ya.example"),
        ("JÜRGEN@acme.example", "jürgen@acme.example"),
        ("ju\u0308rgen@acme.example", "jürgen@acme.example"),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("a@b.co", "a@b.co"),
    ],
)
def test_spellings_of_an_address_have_one_key(text, key):
    assert email_key(text) == key


NO_ADDRESSES = [
    *[
        "",
        " ",
        "anna",
        "anna@",
        "@acme.example",
        "anna@acme",
        "anna@localhost",
        "anna@127.0.0.1",
        "anna@[::1]",
        "a b@acme.example",
    ],
    *["anna@acme..example", ".anna@acme.example", "anna.@acme.example", "an..na@acme.example", "anna@-acme.example"],
    *["anna@acme.example, ben@acme.example", "anna@acme.example ben@acme.example", "anna@@acme.example", "anna@acme.1"],
    *[
        "x" * 65 + "@acme.example",
        "anna@" + "x" * 64 + ".example",
        "a@" + "b.c" * 90 + ".example",
        "anna@ä..example",
        "ä ö@a.example",
    ],
    *["anna@acme.example\nbcc: ben@acme.example", "anna\r\n@acme.example", "<script>@acme.example", "ü<x@acme.example"],
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_not_one_address_has_no_key(text):
    assert email_key(text) is None
    assert not is_email(text)


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(text):
    key = email_key(text + "@acme.example")

    if key is not None:
        assert email_key(key) == key
        assert not set(key) & set(" \r\n<>,;")


@pytest.mark.parametrize("length", [10_000, 100_000])
def test_long_rubbish_is_refused_quickly(length):
    for text in ("a." * length, "a@" * length, "a@" + "a." * length, "<" * length, "<a@" * length):
        assert email_key(text) is None


@pytest.mark.parametrize("text", ["a" * 300_000, "a." * 150_000, "a" * 300_000 + "@", "@" * 300_000, "a@" * 150_000])
def test_long_rubbish_holds_no_address_and_is_read_quickly(text):
    assert find_emails(text) == []


def test_is_email_wants_the_address_alone():
    assert is_email(" Anna@acme.example ")
    assert is_email("anna@münchen.example")
    assert not is_email("Anna <anna@acme.example>")
    assert not is_email("mailto:anna@acme.example")


@pytest.mark.parametrize(
    "text, name, address",
    [
        ("Anna Kim <Anna@acme.example>", "Anna Kim", "Anna@acme.example"),
        ('"Kim, Anna" <anna@acme.example>', "Kim, Anna", "anna@acme.example"),
        ("anna@acme.example", "", "anna@acme.example"),
        ("mailto:anna@acme.example", "", "anna@acme.example"),
        ("Anna Kim", "Anna Kim", ""),
        ("", "", ""),
    ],
)
def test_split_address(text, name, address):
    assert split_address(text) == (name, address)


def test_find_emails_takes_each_once_as_written():
    text = (
        "Kasia <K@acme.example>, b@acme.example ::: k@acme.example; mailto:c@acme.example (d@acme.example) e@x, f@acme.example."
    )

    assert find_emails(text) == ["K@acme.example", "b@acme.example", "c@acme.example", "d@acme.example", "f@acme.example"]
