"""Periods that end today, and what their days come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aipm_cards.memory.statistics.counts import Day

SPANS: dict[str, int | None] = {"today": 1, "7 days": 7, "30 days": 30, "year": 365, "all": None}  # days; None for all


class Period(NamedTuple):
    """The sums of the days of a period, and on how many of them there was an answer."""

    sums: Day
    active: int


def periods(days: Mapping[int, Day], today: int) -> dict[str, Period]:
    """All periods by their names."""
    return {name: period(days, today, span) for name, span in SPANS.items()}


def period(days: Mapping[int, Day], today: int, span: int | None) -> Period:
    """The period of the last `span` days, or of all."""
    if span is None:
        those = list(days.values())
    else:
        those = [days[day] for day in range(today - span + 1, today + 1) if day in days]
        those += [days[day] for day in days if day > today]  # the clock was set back
    return Period(Day._make(map(sum, zip(*those, strict=True))) if those else Day(), len(those))
