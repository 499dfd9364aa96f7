import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.quickadd import QuickAddError, QuickLead, looks_like_firm, read_line, read_lines


def read(text, *, currency="EUR", region="DE", locale="en"):
    return read_line(text, currency=currency, region=region, locale=locale)


WHOLE = QuickLead(
    person_name="Anna Kim",
    organisation_name="Acme",
    email="anna@acme.example",
    phone="+49 30 901820",
    value_amount=1_200_000,
    value_currency="EUR",
)


@pytest.mark.parametrize("mark", [", ", ",", "; ", " | ", "\t", " ;"])
def test_a_line_with_everything(mark):
    assert read(mark.join(["Anna Kim", "Acme", "anna@acme.example", "+49 30 901820", "12k"])) == WHOLE


@given(st.permutations(["anna@acme.example", "+49 30 901820", "12k", "NAMES"]))
def test_the_order_does_not_matter(pieces):
    assert read(", ".join(pieces).replace("NAMES", "Anna Kim, Acme")) == WHOLE


@pytest.mark.parametrize(
    "text, amount, currency",
    [
        ("12k", 1_200_000, "EUR"),
        ("12,000", 1_200_000, "EUR"),
        ("1,234,567", 123_456_700, "EUR"),
        ("1234,50", 123_450, "EUR"),
        ("€5,000", 500_000, "EUR"),
        ("3000 PLN", 300_000, "PLN"),
        ("$5k", 500_000, "USD"),
        ("12 000", 1_200_000, "EUR"),
        ("1 200 000", 120_000_000, "EUR"),
        ("999999", 99_999_900, "EUR"),
        ("۱۲٬۰۰۰", 1_200_000, "EUR"),
    ],
)
def test_money_by_its_shape(text, amount, currency):
    for line in (f"{text}, Anna", f"Anna; {text}", f"{text},Anna", text):
        lead = read(line)

        assert (lead.value_amount, lead.value_currency, lead.phone, lead.rest) == (amount, currency, "", "")


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 901820",
        "030 901820",
        "030901820",
        "(030) 90-18-20",
        "600700800",
        "1234567",
        "+49 30 901820 ext 5",
        "۰۲۱۸۸۷۷۶۶۵۵",
        "tel: 030 901820",
    ],
)
def test_phones_by_their_shape(text):
    assert read(f"Anna, {text}, Acme") == QuickLead(person_name="Anna", organisation_name="Acme", phone=text)


def test_what_could_be_either_is_a_phone_where_such_numbers_exist():
    assert read("600 700 800", region="PL").phone == "600 700 800"
    assert read("600 700 800", region="US").value_amount == 60_070_080_000


def test_numbers_parted_by_commas_without_spaces_are_apart():
    assert read("Anna,600700800,12k") == QuickLead(
        person_name="Anna", phone="600700800", value_amount=1_200_000, value_currency="EUR"
    )


@pytest.mark.parametrize(
    "text, lead",
    [
        ("Anna Kim <anna@acme.example>", QuickLead(person_name="Anna Kim", email="anna@acme.example")),
        ("Anna Kim (anna@acme.example)", QuickLead(person_name="Anna Kim", email="anna@acme.example")),
        (
            "Anna Kim anna@acme.example +49 30 901820",
            QuickLead(person_name="Anna Kim", email="anna@acme.example", phone="+49 30 901820"),
        ),
        ("mailto:anna@acme.example", QuickLead(email="anna@acme.example")),
        ("Acme GmbH, Anna", QuickLead(person_name="Anna", organisation_name="Acme GmbH")),
        ("Anna, Berlin, Acme GmbH", QuickLead(person_name="Anna", organisation_name="Acme GmbH", rest="Berlin")),
        ("Acme Sp. z o.o.", QuickLead(organisation_name="Acme Sp. z o.o.")),
        ("Anna", QuickLead(person_name="Anna")),
        (
            "Anna, Acme, Berlin, wants a demo",
            QuickLead(person_name="Anna", organisation_name="Acme", rest="Berlin, wants a demo"),
        ),
        ("Anna, 20.11.2026, 50%, https://a.example", QuickLead(person_name="Anna", rest="20.11.2026, 50%, https://a.example")),
        ("a@b.co, c@d.co", QuickLead(email="a@b.co", rest="c@d.co")),
        ("10k, 20k", QuickLead(value_amount=1_000_000, value_currency="EUR", rest="20k")),
        ("-5, Anna", QuickLead(person_name="Anna", rest="-5")),
        (" , ;; | ", QuickLead()),
        ("", QuickLead()),
    ],
)
def test_other_lines(text, lead):
    assert read(text) == lead


@pytest.mark.parametrize(
    "name",
    [
        *[
            "Acme GmbH",
            "Acme Ltd.",
            "Acme, Inc.",
            "Acme S.A.",
            "Piekarnia Sp. z o.o.",
            "Birch & Co",
            "Volvo AB",
            "Nokia Oyj",
            "Dupont SARL",
        ],
        *[
            "Rossi S.r.l.",
            "Siemens AG",
            "ООО Ромашка",
            "株式会社アクメ",
            "شرکت مهر",
            "Müller & Söhne",
            "Novák s.r.o.",
            "First National Bank",
        ],
    ],
)
def test_names_of_firms(name):
    assert looks_like_firm(name)


@pytest.mark.parametrize(
    "name", ["Anna Kim", "Inc", "Maria da Silva", "Jan Bank-Nowak", "Ab Osman", "As Salah", "Sal Costa", "Corey", "Anna Co"]
)
def test_names_of_people(name):
    assert not looks_like_firm(name)


WORDS = st.text(alphabet=st.characters(categories=["L", "Nd", "P", "S"]), min_size=1, max_size=10)
PIECES = st.one_of(
    WORDS,
    st.sampled_from(
        ["Anna Kim", "Acme GmbH", "anna@acme.example", "Ben <b@acme.example>", "+49 30 901820", "12k", "1,234", "5 zł", "x@"]
    ),
)


@given(st.lists(PIECES, max_size=7), st.sampled_from([", ", ";", "\t", " | ", ",", " "]))
def test_nothing_typed_is_lost(pieces, mark):
    line = mark.join(pieces)
    lead = read(line)
    kept = f"{lead.person_name} {lead.organisation_name} {lead.email} {lead.phone} {lead.rest}"

    if lead.value_amount is None:
        assert sorted(_letters(line)) == sorted(_letters(kept))
    else:
        # All that may be missing is one amount, which is kept as a number.
        assert Counter(_letters(kept)) <= Counter(_letters(line))
        assert any(letter.isdigit() for letter in (Counter(_letters(line)) - Counter(_letters(kept))).elements())


def _letters(text):
    return re.findall(r"[^\W_]", re.sub(r"(?i)mailto:|e-?mail:?", "", text))


@given(st.text(max_size=80))
def test_any_line_is_read(text):
    lead = read(text)

    assert (lead.value_amount is None) == (lead.value_currency is None)


def test_pasted_lines_become_leads():
    leads = read_lines("Anna, Acme\r\n\n   \nBen; 5k\n", currency="EUR", region=None)

    assert leads == [
        QuickLead(person_name="Anna", organisation_name="Acme"),
        QuickLead(person_name="Ben", value_amount=500_000, value_currency="EUR"),
    ]


def test_too_many_lines_are_refused_with_the_other_way():
    assert len(read_lines("Anna\n" * 500, currency="EUR", region=None)) == 500
    with pytest.raises(QuickAddError, match=r"These are 1,200 lines; at most 500 .* Import them as a file\."):
        read_lines("Anna\n" * 1200, currency="EUR", region=None)


def test_a_line_that_is_no_line_is_refused_with_the_other_way():
    assert read_lines("a" * 2000, currency="EUR", region=None)[0].person_name == "a" * 2000
    with pytest.raises(QuickAddError, match=r"Line 2 has 2,001 characters; at most 2,000 are read\. Put long texts in a note\."):
        read_lines("Anna\n" + "-1" * 1000 + "@", currency="EUR", region=None)
