import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.dates import (
    DayError,
    days_between,
    due_state,
    format_day,
    from_iso,
    iso_utc,
    parse_day,
    today_in,
    utc_now,
)

TODAY = date(2026, 11, 21)  # a Saturday


def day_of(text, *, day_first=True, today=TODAY):
    return parse_day(text, today=today, day_first=day_first).isoformat()


@pytest.mark.parametrize(
    "text, day",
    [
        ("2026-11-20", "2026-11-20"),
        ("2026/11/2", "2026-11-02"),
        ("20261120", "2026-11-20"),
        ("2026-07-16T00:12:13+03:00", "2026-07-16"),
        ("2026-02-03 09:15:00", "2026-02-03"),
        ("2026-02-03T09:15:00.123Z", "2026-02-03"),
        ("20.11.2026", "2026-11-20"),
        ("20. 11. 2026", "2026-11-20"),
        ("20.11.26", "2026-11-20"),
        ("31.12.99", "1999-12-31"),
        ("11/20/2026", "2026-11-20"),
        ("11/20/2026 10:30 PM", "2026-11-20"),
        ("7-Feb-22", "2022-02-07"),
        ("12 Mar 2024", "2024-03-12"),
        ("20 November 2026", "2026-11-20"),
        ("20th Nov 2026", "2026-11-20"),
        ("Nov 20, 2026", "2026-11-20"),
        ("Fri, 20 Nov 2026", "2026-11-20"),
        ("  20   NOV  2026 ", "2026-11-20"),
        ("20 listopada 2026", "2026-11-20"),
        ("3. März 2027", "2027-03-03"),
        ("5 de enero de 2027", "2027-01-05"),
        ("8 août 2027", "2027-08-08"),
        ("14 mei 2027", "2027-05-14"),
        ("۲۰۲۶-۱۱-۲۰", "2026-11-20"),
        ("۱۴۰۴/۰۹/۰۱", "2025-11-22"),
        ("1399/12/30", "2021-03-20"),
        ("1403-01-01", "2024-03-20"),
        ("1400/01/01", "2021-03-21"),
    ],
)
def test_days_with_a_year(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text, day",
    [
        ("22 Nov", "2026-11-22"),
        ("21 Nov", "2026-11-21"),
        ("20 Nov", "2027-11-20"),
        ("may 1", "2027-05-01"),
        ("22.11.", "2026-11-22"),
        ("12/12", "2026-12-12"),
        ("29 Feb", "2028-02-29"),
    ],
)
def test_a_day_without_a_year_is_the_next_one(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text, day",
    [
        ("today", "2026-11-21"),
        ("Tomorrow", "2026-11-22"),
        ("yesterday", "2026-11-20"),
        ("jutro", "2026-11-22"),
        ("فردا", "2026-11-22"),
        ("fri", "2026-11-27"),
        ("Friday", "2026-11-27"),
        ("sat", "2026-11-28"),
        ("freitag", "2026-11-27"),
        ("next wed", "2026-11-25"),
        ("+3", "2026-11-24"),
        ("in 3 days", "2026-11-24"),
        ("+۳", "2026-11-24"),
        ("2w", "2026-12-05"),
        ("in a week", "2026-11-28"),
        ("in 3 months", "2027-02-21"),
        ("next week", "2026-11-23"),
        ("next month", "2026-12-01"),
        ("1 year", "2027-11-21"),
    ],
)
def test_days_counted_from_today(text, day):
    assert day_of(text) == day


def test_months_end_where_they_end():
    assert day_of("in 1 month", today=date(2027, 1, 31)) == "2027-02-28"
    assert day_of("in 1 year", today=date(2028, 2, 29)) == "2029-02-28"
    assert day_of("in 12 months", today=date(2026, 12, 31)) == "2027-12-31"
    assert day_of("in 1 month", today=date(2026, 11, 30)) == "2026-12-30"


@pytest.mark.parametrize(
    "text, day_first, day",
    [
        ("03/04/2026", True, "2026-04-03"),
        ("03/04/2026", False, "2026-03-04"),
        ("03-04-26", False, "2026-03-04"),
        ("13/04/2026", False, "2026-04-13"),
        ("04/13/2026", True, "2026-04-13"),
        ("03.04.2026", False, "2026-04-03"),
    ],
)
def test_day_first_decides_only_what_could_be_either(text, day_first, day):
    assert day_of(text, day_first=day_first) == day


NO_DAYS = "|  |soon|3|May|31/02/2026|2026-13-01|31 Nov|0-0-00|--04-05|1400/12/30|1404/13/01|99999|12 apples|5 2026|next|in days"


@pytest.mark.parametrize("text", NO_DAYS.split("|"))
def test_anything_else_is_refused_with_a_way_out(text):
    with pytest.raises(DayError, match=r"Write it like 2026-11-20, 20 Nov, friday or \+3\."):
        day_of(text)


@pytest.mark.parametrize("text", ["1066-10-14", "2999-01-01", "31/12/0099"])
def test_years_of_typing_errors_are_refused(text):
    with pytest.raises(DayError, match="Write a year from 1900 to 2200"):
        day_of(text)


def test_far_offsets_are_refused():
    with pytest.raises(DayError, match="too far away"):
        day_of("in 900 months")


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_day_or_a_day_error(text, day_first):
    with contextlib.suppress(DayError):
        assert 1900 <= parse_day(text, today=TODAY, day_first=day_first).year <= 2200


DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31))


@given(DAYS, DAYS, st.booleans(), st.sampled_from(["en", "en_US", "de", "pl", "fr", "es", "sv"]))
def test_what_is_written_is_read_back(day, today, day_first, locale):
    for text in (day.isoformat(), day.strftime("%d.%m.%Y"), format_day(day, locale, today=date(1900, 1, 1))):
        assert parse_day(text, today=today, day_first=day_first) == day
    if (day.month, day.day) != (2, 29):
        coming = parse_day(format_day(day, locale, today=day), today=today, day_first=day_first)
        assert (coming.month, coming.day) == (day.month, day.day)
        assert 0 <= days_between(today, coming) <= 366


@given(
    st.integers(min_value=1290, max_value=1498), st.integers(min_value=1, max_value=12), st.integers(min_value=1, max_value=28)
)
def test_solar_hijri_days_follow_each_other(year, month, day):
    one, next_one, new_year = (
        parse_day(text, today=TODAY, day_first=True)
        for text in (f"{year}/{month}/{day}", f"{year}/{month}/{day + 1}", f"{year + 1}/01/01")
    )

    assert next_one - one == timedelta(days=1)
    assert (new_year.month, new_year.day) in [(3, 20), (3, 21), (3, 22)]


@pytest.mark.parametrize(
    "day, locale, text",
    [
        (date(2026, 11, 20), "en", "20 Nov"),
        (date(2027, 1, 5), "en", "5 Jan 2027"),
        (date(2026, 11, 20), "en_US", "Nov 20"),
        (date(2026, 11, 20), "de-DE", "20. Nov."),
        (date(2026, 11, 20), "xx", "20 Nov"),
    ],
)
def test_format_day(day, locale, text):
    assert format_day(day, locale, today=TODAY) == text


def test_due_state():
    days = [None, date(2026, 11, 20), TODAY, date(2026, 11, 22)]

    assert [due_state(due, TODAY) for due in days] == ["none", "overdue", "today", "planned"]


def test_today_depends_on_the_zone():
    zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago")  # 25 hours apart

    before = [datetime.now(ZoneInfo(zone)).date() for zone in zones]
    found = [today_in(zone) for zone in zones]
    after = [datetime.now(ZoneInfo(zone)).date() for zone in zones]

    assert before <= found <= after
    assert found[0] > found[1]


@pytest.mark.parametrize("name", ["No/Such", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_taken_for_utc(name):
    before, found, after = utc_now().date(), today_in(name), utc_now().date()

    assert before <= found <= after


def test_moments_are_written_and_read_in_utc():
    moment = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=3)))

    assert iso_utc(moment) == "2026-11-21T07:00:00Z"
    assert iso_utc(datetime(2026, 11, 21, 10, 0, 0, 5)) == "2026-11-21T10:00:00.000005Z"
    assert from_iso("2026-11-21T10:00:00+03:00") == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert from_iso("2026-11-21 10:00") == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize("text", ["", "now", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+10:00"])
def test_no_moment_is_refused(text):
    with pytest.raises(DayError, match="2026-11-21T10:00:00Z"):
        from_iso(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back_as_they_were(moment):
    assert from_iso(iso_utc(moment)) == moment
