"""Spans of time in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.terminal.spans import DAY, HOUR, MINUTE, clock, long, short

YEAR = 365.25 * DAY


@pytest.mark.parametrize(
    ("seconds", "said", "in_words"),
    [
        (-5, "0s", "0 seconds"),
        (0, "0s", "0 seconds"),
        (1, "1s", "1 second"),
        (30, "30s", "30 seconds"),
        (MINUTE, "1m", "1 minute"),
        (10 * MINUTE, "10m", "10 minutes"),
        (HOUR, "1h", "1 hour"),
        (1.5 * HOUR, "1.5h", "1.5 hours"),
        (2 * HOUR, "2h", "2 hours"),
        (DAY, "1d", "1 day"),
        (4 * DAY, "4d", "4 days"),
        (30 * DAY, "30d", "30 days"),
        (31 * DAY, "1mo", "1 month"),
        (46 * DAY, "1.5mo", "1.5 months"),
        (300 * DAY, "9.9mo", "9.9 months"),
        (365.25 * DAY, "1y", "1 year"),
        (767 * DAY, "2.1y", "2.1 years"),
        (36_500 * DAY, "99.9y", "99.9 years"),
    ],
)
def test_spans(seconds: float, said: str, in_words: str) -> None:
    assert short(seconds) == said
    assert long(seconds) == in_words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(59.7, "1m"), (3599, "1h"), (DAY - 1, "1d"), (364.9 * DAY, "1y")],
)
def test_what_rounds_to_the_next_unit_is_said_in_it(seconds: float, said: str) -> None:
    """Nobody says 60 seconds, 60 minutes, 24 hours or 12 months."""
    assert short(seconds) == said


IN_SECONDS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "mo": 30.44 * DAY, "y": YEAR}


@given(st.floats(0, 100 * YEAR))
def test_what_is_said_is_near(seconds: float) -> None:
    match = re.fullmatch(r"(\d+(?:\.\d)?)(s|m|h|d|mo|y)", short(seconds))
    assert match, short(seconds)
    said = float(match[1]) * IN_SECONDS[match[2]]
    assert abs(said - seconds) <= max(0.5, seconds * 0.34)
    assert long(seconds).split()[0] == match[1]
    assert long(seconds).endswith("s") == (match[1] != "1")


@given(st.integers(1, 36_500), st.integers(1, 36_500))
def test_more_days_are_not_said_to_be_fewer(one: int, other: int) -> None:
    fewer, more = sorted((one, other))

    def days(said: str) -> float:
        match = re.fullmatch(r"([\d.]+)(\w+)", said)
        assert match
        return float(match[1]) * IN_SECONDS[match[2]]

    assert days(short(fewer * DAY)) <= days(short(more * DAY))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (9.9, "0:09"), (60, "1:00"), (245, "4:05"), (3600, "60:00"), (7265, "121:05")]
)
def test_the_clock(seconds: float, said: str) -> None:
    assert clock(seconds) == said
