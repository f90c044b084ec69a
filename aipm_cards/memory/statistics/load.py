"""The load: reviews that are scheduled now, by the day on which they are due, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aipm_cards.memory.queue import note_of
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.statistics.counts import Day
from aipm_cards.memory.statistics.periods import period
from aipm_cards.memory.statistics.reading import Standing

DAYS = 30
RECENT = 90  # days from which the time of a review is taken ...
FEW = 50  # ... if they brought so many; else from all


class Load(NamedTuple):
    """Cards in the review state by the learner day on which they are due, suspended ones left
    out, whatever the daily limits are; and cards in learning steps until today. Those that are
    overdue or due today are of `notes` notes.

    `ahead` are the next 30 days, tomorrow first; `later` is what lies beyond. `seconds` are those
    of a review with the steps that follow when it is forgotten, None as long as there was none.
    """

    overdue: int
    today: int
    ahead: list[int]
    later: int
    learning: int
    notes: int
    seconds: float | None
    timed: int  # reviews that `seconds` is the mean of

    @property
    def is_empty(self) -> bool:
        """Whether no card is scheduled."""
        return not (self.overdue + self.today + sum(self.ahead) + self.later + self.learning)

    def minutes(self, reviews: int) -> float | None:
        """What so many reviews take."""
        return None if self.seconds is None else reviews * self.seconds / 60


def load(standings: Iterable[Standing], days: Mapping[int, Day], today: int) -> Load:
    """The load of the cards that are given."""
    ahead = [0] * DAYS
    overdue = now = later = learning = 0
    notes = set()
    for card in standings:
        wait = card.due_day - today
        if card.suspended:
            continue
        if card.state in (State.LEARNING, State.RELEARNING):
            learning += wait <= 0
        elif card.state == State.REVIEW:
            if wait <= 0:
                notes.add(note_of(card.key))
            if wait < 0:
                overdue += 1
            elif wait == 0:
                now += 1
            elif wait <= DAYS:
                ahead[wait - 1] += 1
            else:
                later += 1
    return Load(overdue, now, ahead, later, learning, len(notes), *_seconds(days, today))


def _seconds(days: Mapping[int, Day], today: int) -> tuple[float | None, int]:
    for span in (RECENT, None):
        sums, _ = period(days, today, span)
        reviews = int(sums.young + sums.mature)
        if reviews >= (FEW if span else 1):
            return sums.reviewing / reviews / 1000, reviews
    return None, 0
