"""Learner days, where the clocks change and the calendar jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.memory.days import DAY_MS, Moment, date_of, day_begins, learner_day
from tests.memory.conftest import BERLIN, moment

MINUTE = 60_000


def number(day: str) -> int:
    return (date.fromisoformat(day) - date(1970, 1, 1)).days


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


# The right column is worked out by hand from the offsets of the zone.
BEGINNINGS = [
    (BERLIN, "2026-03-28", "04:00", "2026-03-28T03:00"),
    (BERLIN, "2026-03-29", "04:00", "2026-03-29T02:00"),  # clocks went forward at 01:00 UTC
    (BERLIN, "2026-03-29", "02:30", "2026-03-29T01:30"),  # a time that the clock skips: 03:30 in summer time
    (BERLIN, "2026-03-30", "02:30", "2026-03-30T00:30"),
    (BERLIN, "2026-03-29", "00:00", "2026-03-28T23:00"),
    (BERLIN, "2026-03-29", "23:59", "2026-03-29T21:59"),
    (BERLIN, "2026-10-25", "04:00", "2026-10-25T03:00"),
    (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30"),  # comes twice: the first counts
    (BERLIN, "2026-10-25", "00:00", "2026-10-24T22:00"),
    (BERLIN, "2026-10-24", "23:59", "2026-10-24T21:59"),
    ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30"),
    ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
    ("America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00"),  # midnight itself is skipped
    ("America/Sao_Paulo", "2018-02-18", "00:00", "2018-02-18T03:00"),  # 24:00 became 23:00
    ("America/Sao_Paulo", "2018-02-17", "23:30", "2018-02-18T01:30"),  # twice: the first
    ("Asia/Kathmandu", "2026-06-01", "04:00", "2026-05-31T22:15"),
    ("Asia/Kolkata", "2026-06-01", "00:00", "2026-05-31T18:30"),
    ("America/St_Johns", "2026-06-01", "02:30", "2026-06-01T05:00"),
    ("Pacific/Chatham", "2026-06-01", "04:00", "2026-05-31T15:15"),
    ("Pacific/Kiritimati", "2026-06-01", "04:00", "2026-05-31T14:00"),
    ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),  # half an hour twice
    ("Pacific/Apia", "2011-12-29", "04:00", "2011-12-29T14:00"),
    ("Pacific/Apia", "2011-12-31", "04:00", "2011-12-30T14:00"),  # 30 December never was
    ("Pacific/Apia", "2011-12-31", "00:00", "2011-12-30T10:00"),
]


def minutes(start: str) -> int:
    return int(start[:2]) * 60 + int(start[3:])


@pytest.mark.parametrize(("zone", "day", "start", "begins"), BEGINNINGS)
def test_a_day_begins(zone: str, day: str, start: str, begins: str) -> None:
    assert day_begins(number(day), zone, minutes(start)) == utc(begins)


@pytest.mark.parametrize(("zone", "day", "start", "begins"), BEGINNINGS)
def test_the_day_changes_in_that_millisecond(zone: str, day: str, start: str, begins: str) -> None:
    at = utc(begins)
    assert learner_day(Moment(at, zone), minutes(start)) == number(day)
    assert learner_day(Moment(at - 1, zone), minutes(start)) < number(day)


@pytest.mark.parametrize(
    ("local", "start", "day"),
    [
        ("2026-09-21T03:59:59.999", "04:00", "2026-09-20"),
        ("2026-09-21T04:00", "04:00", "2026-09-21"),
        ("2026-09-22T03:59", "04:00", "2026-09-21"),
        ("2026-09-21T00:00", "00:00", "2026-09-21"),
        ("2026-09-20T23:59:59", "00:00", "2026-09-20"),
        ("2026-09-21T23:58", "23:59", "2026-09-20"),
        ("2026-09-21T23:59", "23:59", "2026-09-21"),
        ("2026-09-21T02:29", "02:30", "2026-09-20"),
        ("2026-09-21T02:30", "02:30", "2026-09-21"),
    ],
)
def test_the_day_of_a_moment(local: str, start: str, day: str) -> None:
    assert learner_day(moment(local), minutes(start)) == number(day)


def test_an_hour_that_comes_twice_is_in_one_day() -> None:
    """02:00 to 03:00 came twice on 25 October: with a start of 02:30, the first 02:30 counts."""
    first, second = utc("2026-10-25T00:30"), utc("2026-10-25T01:30")
    found = {learner_day(Moment(ms, BERLIN), 150) for ms in range(first, second + 1, MINUTE)}
    assert found == {number("2026-10-25")}
    assert Moment(second - 30 * MINUTE, BERLIN).local.strftime("%H:%M") == "02:00"  # earlier by the wall


def test_the_skipped_date_of_apia_has_no_moment() -> None:
    around = range(utc("2011-12-28T00:00"), utc("2012-01-02T00:00"), MINUTE)
    found = {learner_day(Moment(ms, "Pacific/Apia"), 240) for ms in around}
    assert number("2011-12-30") not in found
    assert {number("2011-12-29"), number("2011-12-31")} <= found


def test_the_same_moment_is_another_day_elsewhere() -> None:
    ms = utc("2026-09-21T12:00")
    found = [learner_day(Moment(ms, zone), 240) - number("2026-09-21") for zone in ("Etc/GMT+12", BERLIN, "Etc/GMT-14")]
    assert found == [-1, 0, 0]
    assert learner_day(Moment(utc("2026-09-21T14:00"), "Etc/GMT-14"), 240) == number("2026-09-22")


@pytest.mark.parametrize(
    ("zone", "year", "start"),
    [
        (BERLIN, 2026, 150),
        ("America/Sao_Paulo", 2018, 0),
        ("Australia/Lord_Howe", 2026, 105),
        ("Pacific/Apia", 2011, 240),
        ("Asia/Beirut", 2026, 1439),
        ("Antarctica/Casey", 2010, 0),  # three hours back over midnight: the date went back too
        ("Africa/Casablanca", 2026, 150),
    ],
)
def test_days_never_go_back_over_a_year_of_minutes(
    zone: str, year: int, start: int, pytestconfig: pytest.Config
) -> None:
    """Each seventh minute, or all of them."""
    step = MINUTE if pytestconfig.getoption("--long") else 7 * MINUTE
    first, last = utc(f"{year}-01-01T00:00"), utc(f"{year + 1}-01-02T00:00")
    day = learner_day(Moment(first, zone), start)
    begins, ends = day_begins(day, zone, start), day_begins(day + 1, zone, start)
    for ms in range(first, last, step):
        now = learner_day(Moment(ms, zone), start)
        if now != day:
            assert day < now <= day + (2 if zone == "Pacific/Apia" else 1)
            day, begins, ends = now, day_begins(now, zone, start), day_begins(now + 1, zone, start)
        assert begins <= ms < ends


@pytest.mark.parametrize("start", [0, 150, 240, 1439])
def test_a_year_has_one_short_and_one_long_day(start: int) -> None:
    begin = [day_begins(day, BERLIN, start) for day in range(number("2026-01-01"), number("2027-01-01"))]
    hours = [(after - before) / 3_600_000 for before, after in pairwise(begin)]
    short, long = [h for h in hours if h < 24], [h for h in hours if h > 24]
    assert sum(hours) == 24 * len(hours)
    assert (short, long) == ([23.0], [25.0])


@given(
    st.integers(0, 4_000_000_000_000),
    st.sampled_from([BERLIN, "Asia/Kathmandu", "America/Havana", "Pacific/Apia", "Africa/Cairo", "UTC"]),
    st.integers(0, 1439),
)
def test_a_moment_lies_in_its_day(ms: int, zone: str, start: int) -> None:
    day = learner_day(Moment(ms, zone), start)
    assert day_begins(day, zone, start) <= ms < day_begins(day + 1, zone, start)
    assert abs(day - ms / DAY_MS) < 3


def test_dates() -> None:
    assert date_of(0) == date(1970, 1, 1)
    assert date_of(number("2026-09-21")) == date(2026, 9, 21)
    assert date_of(10**9).year == 9999
    assert date_of(-(10**9)) == date(1, 1, 1)


def test_a_due_day_a_hundred_years_ahead_begins() -> None:
    assert day_begins(number("2126-09-21"), BERLIN, 240) == utc("2126-09-21T02:00")
