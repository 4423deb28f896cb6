"""Time: instants in microseconds, wall-clock days, periods (rules §2)."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    LAST_INSTANT,
    Period,
    add_days,
    end_of_day,
    fiscal_year_start,
    instant_from,
    instant_of,
    instant_text,
    local_date,
    local_time,
    period_from,
    period_of,
    start_of_day,
    zone_named,
)
from domain.ids import Instant

NEW_YORK, TOKYO, BERLIN = zone_named("America/New_York"), zone_named("Asia/Tokyo"), zone_named("Europe/Berlin")
instants = st.integers(min_value=0, max_value=4_102_444_800_000_000).map(Instant)
days = st.dates(min_value=date(1971, 1, 1), max_value=date(2100, 1, 1))


def test_thirty_days_end_at_the_same_wall_clock_time_though_summer_time_began_between() -> None:
    """Approved 2026-02-20 12:00 New York ends 2026-03-22 16:00Z."""
    approved_at = instant_of(date(2026, 2, 20), time(12), NEW_YORK)
    assert instant_text(approved_at) == "2026-02-20T17:00:00.000000Z"
    assert instant_text(add_days(approved_at, 30, NEW_YORK)) == "2026-03-22T16:00:00.000000Z"


def test_a_local_time_that_does_not_exist_takes_the_offset_before_the_change() -> None:
    """02:30 on the night of 8 March 2026 does not exist in New York: it is read as 02:30 EST, which is 07:30Z."""
    the_day_before = instant_of(date(2026, 3, 7), time(2, 30), NEW_YORK)
    assert instant_text(add_days(the_day_before, 1, NEW_YORK)) == "2026-03-08T07:30:00.000000Z"


def test_a_local_time_that_exists_twice_is_the_first() -> None:
    """01:30 on 1 November 2026 exists twice in New York; the first is in summer time, 05:30Z."""
    the_day_before = instant_of(date(2026, 10, 31), time(1, 30), NEW_YORK)
    assert instant_text(add_days(the_day_before, 1, NEW_YORK)) == "2026-11-01T05:30:00.000000Z"


def test_the_second_of_two_equal_local_times_ends_days_later_at_the_one_there_is() -> None:
    second = instant_from("2026-11-01T06:30:00Z")
    assert local_time(second, NEW_YORK).time() == time(1, 30)
    assert instant_text(add_days(second, 1, NEW_YORK)) == "2026-11-02T06:30:00.000000Z"


def test_a_last_day_is_included_its_end_is_midnight_of_the_next_in_the_programmes_zone() -> None:
    """A termination effective "31 Jan" ends at 00:00 of 1 Feb in New York, when in Tokyo it is afternoon."""
    ends_at = end_of_day(date(2026, 1, 31), NEW_YORK)
    assert instant_text(ends_at) == "2026-02-01T05:00:00.000000Z"
    assert local_time(ends_at, TOKYO).isoformat() == "2026-02-01T14:00:00+09:00"
    assert end_of_day(date(2026, 1, 31), NEW_YORK) == start_of_day(date(2026, 2, 1), NEW_YORK)


def test_the_day_of_an_instant_depends_on_the_zone() -> None:
    evening = instant_from("2026-02-01T04:30:00Z")
    assert local_date(evening, NEW_YORK) == date(2026, 1, 31)
    assert local_date(evening, TOKYO) == date(2026, 2, 1)


def test_the_day_when_the_clock_changes_has_23_hours() -> None:
    hours = (end_of_day(date(2026, 3, 29), BERLIN) - start_of_day(date(2026, 3, 29), BERLIN)) // 3_600_000_000
    assert hours == 23


def test_what_is_agreed_for_ever_ends_with_the_year_9999() -> None:
    assert end_of_day(date.max, NEW_YORK) == LAST_INSTANT
    assert end_of_day(date(9999, 12, 30), NEW_YORK) < LAST_INSTANT
    assert instant_text(LAST_INSTANT) == "9999-12-31T23:59:59.999999Z"


@given(instant=instants)
def test_an_instant_reads_back_as_it_was_written(instant: Instant) -> None:
    assert instant_from(instant_text(instant)) == instant


@given(instant=instants, count=st.integers(min_value=0, max_value=400))
def test_days_are_added_to_the_calendar_and_the_clock_shows_the_same_but_for_a_gap(
    instant: Instant, count: int
) -> None:
    before, after = local_time(instant, NEW_YORK), local_time(add_days(instant, count, NEW_YORK), NEW_YORK)
    moved = (after.replace(tzinfo=None) - before.replace(tzinfo=None)) - timedelta(days=count)
    assert moved in (timedelta(0), timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000000Z"),
        ("2026-11-21t10:00:00.5z", "2026-11-21T10:00:00.500000Z"),
        ("2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00.123456Z"),
        ("2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00.000000Z"),
        ("2026-11-21T10:00:00-05:30", "2026-11-21T15:30:00.000000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_is_read_with_any_offset_and_written_in_utc(text: str, written: str) -> None:
    assert instant_text(instant_from(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00:00",
        "2026-11-21",
        "2026-11-21 10:00:00Z",
        "2026-13-21T10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-11-21T24:00:01Z",
        "2026-11-21T10:00:60Z",
        "2026-11-21T10:00:00+24:00",
        "2026-11-21T10:00:00+01:60",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-W47-6T10:00:00Z",
        "now",
        "",
    ],
)
def test_what_is_no_rfc_3339_date_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|calendar|offset|outside"):
        instant_from(text)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "America", "../etc/passwd", "a\0b"])
def test_a_zone_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone_named(name)


@pytest.mark.parametrize(
    ("text", "first_on", "ends_on", "following", "preceding"),
    [
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "2027-Q1", "2026-Q3"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2026-Q2", "2025-Q4"),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), "2027-01", "2026-11"),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), "2028-03", "2028-01"),
    ],
)
def test_a_period_is_a_calendar_quarter_or_month_whose_last_day_is_included(
    text: str, first_on: date, ends_on: date, following: str, preceding: str
) -> None:
    period = period_from(text)
    assert (period.first_on, period.ends_on) == (first_on, ends_on)
    assert (str(period), str(period.next()), str(period.previous())) == (text, following, preceding)
    assert period.contains(first_on) and period.contains(ends_on)
    assert not period.contains(ends_on + timedelta(days=1)) and not period.contains(first_on - timedelta(days=1))


@pytest.mark.parametrize(
    "text",
    ["2026-Q5", "2026-Q0", "2026-13", "2026-1", "2026", "26-Q1", "2026-q4", "0000-Q1", "9999-Q4", "", "2026-Q4 "],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        period_from(text)


@given(day=days, length=st.sampled_from(["quarter", "month"]))
def test_every_day_lies_in_exactly_one_period_and_reads_back(day: date, length: str) -> None:
    period = period_of(day, "quarter" if length == "quarter" else "month")
    assert period.contains(day) and not period.next().contains(day) and not period.previous().contains(day)
    assert period_from(str(period)) == period
    assert period.previous() < period < period.next()


def test_periods_order_by_their_first_day_whatever_their_length() -> None:
    written = ["2026-Q4", "2026-10", "2026-Q3", "2026-09", "2027-01"]
    assert [str(period) for period in sorted(map(period_from, written))] == [
        "2026-Q3",
        "2026-09",
        "2026-10",
        "2026-Q4",
        "2027-01",
    ]
    assert period_from("2026-Q4") > Period(first_on=date(2026, 10, 1), length="month")


@pytest.mark.parametrize(
    ("day", "start_month", "start"),
    [
        (date(2026, 3, 31), 1, date(2026, 1, 1)),
        (date(2026, 3, 31), 4, date(2025, 4, 1)),
        (date(2026, 4, 1), 4, date(2026, 4, 1)),
        (date(2026, 12, 31), 12, date(2026, 12, 1)),
    ],
)
def test_a_fiscal_year_begins_with_the_first_of_its_start_month(day: date, start_month: int, start: date) -> None:
    assert fiscal_year_start(day, start_month) == start
