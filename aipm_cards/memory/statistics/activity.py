"""What a learner did: answers and time by day, and days in a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aipm_cards.memory.statistics.counts import Day
from aipm_cards.memory.statistics.periods import Period

YEAR = 371  # days of the calendar: 53 weeks, so that the first and the last may be parts
LEVELS = 4  # of a day with answers


class Spent(NamedTuple):
    """What a period took: answers, new cards, milliseconds, and days with an answer."""

    period: str
    answers: int
    new: int
    took: int
    active: int

    @property
    def seconds(self) -> float | None:
        """The mean time of an answer; None of nothing."""
        return self.took / self.answers / 1000 if self.answers else None


class Activity(NamedTuple):
    """Answers by learner day, each day from `first` to today; the most of one day; days in a row
    until today (or yesterday, while today is young), and the most ever."""

    spent: list[Spent]
    first: int
    answers: list[int]
    most: int
    in_a_row: int
    longest: int

    def level(self, answers: int) -> int:
        """From 0 (none) to 4: in which quarter of the most answers of a day they lie."""
        return -(-answers * LEVELS // self.most) if answers else 0


def activity(days: Mapping[int, Day], periods: Mapping[str, Period], today: int) -> Activity:
    """Activity until today, of which the last 53 weeks are listed day by day."""
    spent = [
        Spent(name, int(sums.answers), int(sums.new), int(sums.took), active)
        for name, (sums, active) in periods.items()
    ]
    first = today - YEAR + 1
    answers = [int(days[day].answers) if day in days else 0 for day in range(first, today + 1)]
    return Activity(spent, first, answers, max(answers), *_in_a_row(days, today))


def _in_a_row(days: Mapping[int, Day], today: int) -> tuple[int, int]:
    longest = run = 0
    before: int | None = None
    for day in sorted(days):
        run = run + 1 if before == day - 1 else 1
        longest, before = max(longest, run), day
    return run if before is not None and before >= today - 1 else 0, longest
