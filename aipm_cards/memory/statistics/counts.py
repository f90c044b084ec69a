"""What everything else in the statistics is counted from.

What is kept can be added up: the counts of a log and those of the rows that were added to it
since are the counts of both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import add
from typing import NamedTuple

MATURE = 21  # days: a review after an interval of so many is of a mature card, as in Anki
LONGEST = 20 * 60_000  # milliseconds: who takes longer has left the terminal
LEAST = 1e-15  # no probability counts as less: its logarithm would be without end
BINS = 20  # of the probability of recall, 5 points each


class Made(NamedTuple):
    """What a scheduler's settings say of its answers: the curve of forgetting (see
    `scheduler.retrievability`), and the desired retention."""

    decay: float
    factor: float
    desired: float


class Day(NamedTuple):
    """What one learner day brought. A review is the first answer of its card on that day, to a
    card in the review state; it is recalled unless it was rated Again.

    `took` is in milliseconds, of all answers; `reviewing` of those to reviews and to what was
    forgotten; `desired` the sum of the desired retention of the reviews. All but that are whole
    numbers, which a float holds exactly.
    """

    answers: float = 0
    took: float = 0
    new: float = 0
    young: float = 0
    young_recalled: float = 0
    mature: float = 0
    mature_recalled: float = 0
    reviewing: float = 0
    desired: float = 0


class Bin(NamedTuple):
    """Reviews whose predicted recall is about the same: how many, how many were recalled, the
    sums of what was predicted, of log-loss and of squared errors."""

    reviews: float = 0
    recalled: float = 0
    predicted: float = 0
    log_loss: float = 0
    squares: float = 0


class OfCard(NamedTuple):
    """Reviews of one card: how many, how many were recalled, how many should have been, and the
    variance of that sum."""

    reviews: float = 0
    recalled: float = 0
    predicted: float = 0
    variance: float = 0


@dataclass
class Counts:
    """Counts by learner day, by predicted recall, and by card (by its number)."""

    days: dict[int, Day] = field(default_factory=dict)
    bins: list[Bin] = field(default_factory=lambda: [Bin()] * BINS)
    cards: dict[int, OfCard] = field(default_factory=dict)

    def add(self, more: Counts) -> None:
        """Add the counts of other answers."""
        for day, counted in more.days.items():
            self.days[day] = Day._make(map(add, self.days.get(day, Day()), counted))
        self.bins = [Bin._make(map(add, *both)) for both in zip(self.bins, more.bins, strict=True)]
        for card, of_card in more.cards.items():
            self.cards[card] = OfCard._make(map(add, self.cards.get(card, OfCard()), of_card))
