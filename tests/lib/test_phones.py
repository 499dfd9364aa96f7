import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from leadboard.lib.phones import Phone, international, phone_fragment, phone_keys, read_phone


def test_a_number_is_kept_as_typed_beside_what_it_means():
    assert read_phone("030 / 90 18 20", "DE") == Phone(
        raw="030 / 90 18 20",
        e164="+4930901820",
        digits="4930901820",
        reversed_digits="0281090394",
        extension="",
        state="valid",
        damaged=False,
    )


@pytest.mark.parametrize(
    "raw, region, e164, extension, state",
    [
        ("+48 600 700 801", None, "+48600700801", "", "valid"),
        ("600-700-801", "PL", "+48600700801", "", "valid"),
        ("0048 600 700 801", "PL", "+48600700801", "", "valid"),
        ("48600700801", "PL", "+48600700801", "", "valid"),
        ("tel:+48-600-700-801;ext=12", None, "+48600700801", "12", "valid"),
        ("callto:+48600700801", None, "+48600700801", "", "valid"),
        ("p:+48600700801", None, "+48600700801", "", "valid"),
        ("+49 (0)30 901820", None, "+4930901820", "", "valid"),
        ("(202) 555-0143", "US", "+12025550143", "", "valid"),
        ("(202) 555-0143 ext. 7", "US", "+12025550143", "7", "valid"),
        ("(202) 555-0143 x7", "US", "+12025550143", "7", "valid"),
        ("22 555 01 01 wew. 12", "PL", "+48225550101", "12", "valid"),
        ("030 901820 Durchwahl 5", "DE", "+4930901820", "5", "valid"),
        ("۰۲۱-۸۸۷۷۶۶۵۵", "IR", "+982188776655", "", "valid"),
        ("٠٢١ ٨٨٧٧٦٦٥٥", "IR", "+982188776655", "", "valid"),
        ("\u202a+48\u00a0600\u00a0700\u00a0801\u202c", None, "+48600700801", "", "valid"),
        ("06 1234 5678", "IT", "+390612345678", "", "valid"),
        ("1-800-FLOWERS", "US", "+18003569377", "", "valid"),
        ("600700801.0", "PL", "+48600700801", "", "valid"),
        ("+1 222 555 0143", None, "+12225550143", "", "possible"),
    ],
)
def test_numbers_as_people_type_them(raw, region, e164, extension, state):
    phone = read_phone(raw, region)

    assert (phone.raw, phone.e164, phone.extension, phone.state) == (raw, e164, extension, state)
    assert phone.digits == e164[1:] == phone.reversed_digits[::-1]


@pytest.mark.parametrize(
    "raw, region, digits",
    [
        ("anonymous", "PL", ""),
        ("", "PL", ""),
        ("12345", "PL", "12345"),
        ("600 700 801", None, "600700801"),
        ("600 700 801", "XX", "600700801"),
        ("201", "PL", "201"),
        ("+999 123 456 789", None, "999123456789"),
        ("ask Anna", "PL", ""),
        ("5" * 500, "PL", "5" * 100),
    ],
)
def test_other_texts_are_unknown_and_keep_their_digits(raw, region, digits):
    assert read_phone(raw, region) == Phone(
        raw, None, digits[:100] if len(raw) <= 100 else "5" * 100, digits[::-1], "", "unknown"
    )


@pytest.mark.parametrize("raw", ["4.86E+10", "4,86E+10", "4.86e10", "4E+11", "+4.86007E+10", "۴.۸۶E+10"])
def test_a_number_damaged_by_a_spreadsheet_is_told(raw):
    phone = read_phone(raw, "PL")

    assert (phone.state, phone.damaged, phone.e164, phone.digits) == ("unknown", True, None, "")


@given(st.text(max_size=120), st.sampled_from(["PL", "US", "IR", "IT", "BR", None, "", "xx"]))
def test_no_text_raises(text, region):
    phone = read_phone(text, region)

    assert phone.raw == text
    assert (phone.e164 is None) == (phone.state == "unknown")


EXAMPLES = [
    number
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
    if (number := phonenumbers.example_number_for_type(region, kind))
]


def test_numbers_of_all_regions_are_shown_as_the_library_shows_them():
    for number in EXAMPLES:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)

        assert international(e164) == phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def test_numbers_of_all_regions_are_read_back_as_shown():
    for number in EXAMPLES:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)

        assert read_phone(international(e164), None).e164 == e164
        assert read_phone(e164, "PL").state == "valid"


@pytest.mark.parametrize("text", ["", "+", "12", "+x", "+0", "+999", "+48", "+4860070080012345678", "+۴۸"])
def test_what_is_no_number_is_shown_as_it_is(text):
    assert international(text) == text


@given(st.from_regex(r"\A\+[0-9]{1,15}\Z"))
def test_any_digits_are_shown_complete(e164):
    assert [char for char in international(e164) if char.isdigit()] == list(e164[1:])


@pytest.mark.parametrize(
    "stored, region, typed",
    [
        ("+49 30 901820", None, "030 901820"),
        ("+49 30 901820", None, "0049 30 901820"),
        ("+49 30 901820", None, "+49 (0)30 901820"),
        ("+49 30 901820", None, "1820"),
        ("+39 06 1234 5678", None, "06 12345678"),
        ("+98 21 88776655", None, "۰۲۱۸۸۷۷۶۶۵۵"),
        ("+48 600 700 801", None, "600.700.801"),
        ("12345", "PL", "345"),
    ],
)
def test_any_typed_end_of_a_number_finds_it(stored, region, typed):
    assert read_phone(stored, region).reversed_digits.startswith(phone_fragment(typed))


@pytest.mark.parametrize("text", ["", "12", "acme", "acme 123", "a@b.example", "00", "12k"])
def test_other_texts_are_no_part_of_a_number(text):
    assert phone_fragment(text) is None


@given(st.from_regex(r"\+[1-9][0-9 ]{5,14}", fullmatch=True))
def test_a_plain_number_has_the_keys_that_parsing_gives(raw):
    phone = read_phone(raw, None)

    assert phone_keys(raw, None) == (phone.e164, phone.reversed_digits)


@pytest.mark.parametrize(
    "raw",
    [
        "+49 30 901820",
        "030 901820",
        "p:+48600700803",
        "4.86E+10",
        "+39 06 1234567",
        "12",
        "ask him",
        "۰۲۱ ۸۸۷۷ ۶۶۵۵",
        "0800-FLOWERS",
        "1" * 200,
        "+49 (0)30 901820",
        "+4930901820 ",
        "+4 8 2 2 5 5 5",
        "+1 ------",
        "+49 (()) --",
    ],
)
def test_the_keys_alone_are_those_of_the_whole_number(raw):
    phone = read_phone(raw, "DE")

    assert phone_keys(raw, "DE") == (phone.e164, phone.reversed_digits)
