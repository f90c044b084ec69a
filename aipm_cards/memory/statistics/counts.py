"""One pass over the answers of a history, and what everything else is counted from.

What is kept can be added up: the counts of a log and those of the rows that were added to it
since are the counts of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from operator import add
from typing import NamedTuple

from aipm_cards.memory.scheduler import State
from aipm_cards.model import Rating

MATURE = 21  # days: a review after an interval of so many is of a mature card, as in Anki
LONGEST = 20 * 60_000  # milliseconds: who takes longer has left the terminal
LEAST = 1e-15  # no probability counts as less: its logarithm would be without end
BINS = 20  # of the probability of recall, 5 points each


class Row(NamedTuple):
    """An answer that stands and was not crammed."""

    seq: int
    card: int
    day: int
    before: int
    rating: int
    took: int  # milliseconds
    stability: float
    interval: int
    scheduler: int


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


class Review(NamedTuple):
    """The first answer of a card on a learner day, to a card in the review state; with what the
    answer before it left, and the learner days since (below 1 after a clock was set back)."""

    card: int
    day: int
    recalled: bool
    elapsed: int
    stability: float
    interval: int
    before: int  # scheduler settings, of the answer before
    scheduler: int  # ... and of this one


def count(rows: Iterable[Row], made: Mapping[int, Made], after: int = 0) -> Counts:
    """Count the answers with a number above `after`.

    `rows` are in the order of the log. Of each card that has an answer above it they also hold the
    one before, and those of the same days.
    """
    days, reviews = _by_day(rows, after)
    _count_reviews(reviews, made, days)
    bins, cards = _hold_against_predictions(reviews, made)
    return Counts({day: Day._make(values) for day, values in days.items()}, bins, cards)


def _by_day(rows: Iterable[Row], after: int) -> tuple[dict[int, list[float]], list[Review]]:
    """What each day brought, in the places of `Day` (its reviews are not counted yet); the reviews."""
    days: defaultdict[int, list[float]] = defaultdict(lambda: [0] * len(Day._fields))
    reviews: list[Review] = []
    answered: defaultdict[int, set[int]] = defaultdict(set)
    last: dict[int, tuple[int, float, int, int]] = {}
    for seq, card, day, before, rating, took, stability, interval, scheduler in rows:
        of_day = answered[day]
        if seq > after:
            counted = days[day]
            if took > LONGEST:
                took = LONGEST
            counted[0] += 1
            counted[1] += took
            if before >= _REVIEW:  # or relearning
                counted[7] += took
                if before == _REVIEW and card not in of_day and card in last:
                    was, *rest = last[card]
                    reviews.append(_review((card, day, rating != _AGAIN, day - was, *rest, scheduler)))
            elif before == _NEW:
                counted[2] += 1
        of_day.add(card)
        last[card] = day, stability, interval, scheduler
    return days, reviews


_AGAIN, _NEW, _REVIEW = int(Rating.AGAIN), int(State.NEW), int(State.REVIEW)
_review = Review._make


def _count_reviews(reviews: Iterable[Review], made: Mapping[int, Made], days: Mapping[int, list[float]]) -> None:
    """Count the reviews of each day, in the places of `Day`: young or mature, recalled, desired."""
    for _, day, recalled, _, _, interval, _, scheduler in reviews:
        counted = days[day]
        place = 5 if interval >= MATURE else 3
        counted[place] += 1
        counted[place + 1] += recalled
        counted[8] += made[scheduler].desired


def _hold_against_predictions(
    reviews: Iterable[Review], made: Mapping[int, Made]
) -> tuple[list[Bin], dict[int, OfCard]]:
    """Counts by predicted recall and by card.

    What is predicted of a review is the probability of recall that the answer before it left:
    by its stability, the curve of its settings, and the learner days since. Where these are
    none, nothing is predicted.
    """
    bins: list[list[float]] = [[0] * len(Bin._fields) for _ in range(BINS)]
    cards: defaultdict[int, list[float]] = defaultdict(lambda: [0] * len(OfCard._fields))
    for card, _, recalled, elapsed, stability, _, before, _ in reviews:
        if elapsed < 1:
            continue
        decay, factor, _ = made[before]
        predicted = (1 + factor * elapsed / stability) ** decay
        given = predicted if recalled else 1 - predicted  # the probability of what happened
        values = bins[min(int(predicted * BINS), BINS - 1)]
        values[0] += 1
        values[1] += recalled
        values[2] += predicted
        values[3] -= log(max(given, LEAST))
        values[4] += (1 - given) * (1 - given)
        values = cards[card]
        values[0] += 1
        values[1] += recalled
        values[2] += predicted
        values[3] += predicted * (1 - predicted)
    return [*map(Bin._make, bins)], {card: OfCard._make(values) for card, values in cards.items()}
