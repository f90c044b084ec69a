"""True retention: of the first reviews of a learner day, how many were recalled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aipm_cards.memory.statistics.counts import Day
from aipm_cards.memory.statistics.shares import Share

# Periods that end today, by their names; None for all days.
PERIODS: dict[str, int | None] = {"today": 1, "7 days": 7, "30 days": 30, "year": 365, "all": None}


class Retention(NamedTuple):
    """The reviews of a period: of young cards (the interval was below 21 days), of mature ones,
    of all; and the mean desired retention that was set when they were answered (None of nothing)."""

    period: str
    all: Share
    young: Share
    mature: Share
    desired: float | None


def retention(days: Mapping[int, Day], today: int) -> list[Retention]:
    """The retention of each period."""
    return [
        _of(name, [of_day for day, of_day in days.items() if span is None or day > today - span])
        for name, span in PERIODS.items()
    ]


def _of(name: str, days: list[Day]) -> Retention:
    young = Share(sum(day.young_recalled for day in days), sum(day.young for day in days))
    mature = Share(sum(day.mature_recalled for day in days), sum(day.mature for day in days))
    both = Share(young.hits + mature.hits, young.of + mature.of)
    return Retention(name, both, young, mature, sum(day.desired for day in days) / both.of if both.of else None)
