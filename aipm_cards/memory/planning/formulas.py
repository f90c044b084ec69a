"""FSRS-6 for many cards at once.

The formulas are those of `fsrs` 6.3.2 (github.com/open-spaced-repetition/py-fsrs), over arrays and
whole days. `scheduler.py` stays the one that decides about a card; a test holds these against it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aipm_cards.memory.scheduler import MAX_STABILITY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_STABILITY = 0.001  # days; the bound of fsrs


class Formulas:
    """FSRS-6 under P sets of parameters (shape P x 21).

    Every method takes `which`, the number of the set for each card (shape n), and gives arrays of
    shape n. Stabilities and elapsed times are in days, ratings 1 to 4, difficulties 1 to 10.
    """

    def __init__(self, parameters: Sequence[Sequence[float]] | Floats) -> None:
        w = np.ascontiguousarray(np.asarray(parameters, dtype=np.float64).T)
        self.sets = w.shape[1]
        self._w = w
        self._decay = -w[20]
        self._factor = 0.9 ** (1 / self._decay) - 1
        self._growth = np.exp(w[8])
        self._same_day_loss = np.exp(w[17] * w[18])
        self._first = np.maximum(w[:4], MIN_STABILITY)
        raw = np.stack([w[4] - np.exp(w[5] * (rating - 1)) + 1 for rating in (1, 2, 3, 4)])
        self._first_difficulty = np.clip(raw, 1.0, 10.0)
        self._easy_difficulty = raw[3]

    def _of(self, row: Floats, which: Ints) -> Floats | np.float64:
        """A parameter for each card; one number where there is one set."""
        return row[0] if self.sets == 1 else row[which]

    def recall(self, which: Ints, stability: Floats, elapsed: Ints | Floats) -> Floats:
        """The probability of recall: (1 + F t / S) ^ decay."""
        found: Floats = (1 + self._of(self._factor, which) * elapsed / stability) ** self._of(self._decay, which)
        return found

    def days_per_stability(self, which: Ints, desired_retention: Floats) -> Floats:
        """By how much a stability is multiplied to give the days until recall falls to what is desired."""
        days: Floats = (desired_retention ** (1 / self._of(self._decay, which)) - 1) / self._of(self._factor, which)
        return days

    def begin(self, which: Ints, rating: Ints) -> tuple[Floats, Floats]:
        """Stability and difficulty after the first answer to a new card."""
        which = np.zeros_like(rating) if self.sets == 1 else which
        return self._first[rating - 1, which], self._first_difficulty[rating - 1, which]

    def same_day(self, which: Ints, stability: Floats, rating: Ints) -> Floats:
        """Stability after another answer on the same day."""
        w = self._w
        change = np.exp(self._of(w[17], which) * (rating - 3 + self._of(w[18], which)))
        change = change * stability ** -self._of(w[19], which)
        return _bounded(stability * np.where(rating > 1, np.maximum(change, 1.0), change))

    def forgotten(self, which: Ints, stability: Floats, difficulty: Floats, recall: Floats) -> Floats:
        """Stability after Again on a later day."""
        w = self._w
        long_term = self._of(w[11], which) * difficulty ** -self._of(w[12], which)
        long_term = long_term * ((stability + 1) ** self._of(w[13], which) - 1)
        long_term = long_term * np.exp((1 - recall) * self._of(w[14], which))
        return _bounded(np.minimum(long_term, stability / self._of(self._same_day_loss, which)))

    def gain(self, which: Ints, stability: Floats, difficulty: Floats, recall: Floats) -> Floats:
        """How many days of stability Good adds on a later day."""
        w = self._w
        share = self._of(self._growth, which) * (11 - difficulty) * stability ** -self._of(w[9], which)
        added: Floats = stability * share * (np.exp((1 - recall) * self._of(w[10], which)) - 1)
        return added

    def recalled(self, which: Ints, stability: Floats, gain: Floats, rating: int | Ints) -> Floats:
        """Stability after Hard, Good or Easy on a later day, from what Good would add."""
        hard, easy = self._of(self._w[15], which), self._of(self._w[16], which)
        return _bounded(stability + gain * np.where(rating == 2, hard, np.where(rating == 4, easy, 1.0)))

    def rated_otherwise(self, which: Ints, before: Floats, after: Floats, rating: Ints, other: int) -> Floats:
        """Stability on a later day had a recalled card been rated `other`, from what its rating led to."""
        hard, easy = self._of(self._w[15], which), self._of(self._w[16], which)
        own = np.where(rating == 4, easy, np.where(rating == 2, hard, 1.0))
        return _bounded(before + (after - before) / own * (easy if other == 4 else hard if other == 2 else 1.0))

    def difficulty(self, which: Ints, difficulty: Floats, rating: Ints) -> Floats:
        """Difficulty after an answer to a card that is not new."""
        w = self._w
        moved = difficulty - (10.0 - difficulty) * self._of(w[6], which) * (rating - 3) / 9.0
        share = self._of(w[7], which)
        aimed = share * self._of(self._easy_difficulty, which) + (1 - share) * moved
        return np.minimum(np.maximum(aimed, 1.0), 10.0)

    def after(
        self, which: Ints, stability: Floats, difficulty: Floats, elapsed: Ints, rating: Ints
    ) -> tuple[Floats, Floats]:
        """Stability and difficulty after an answer to a card that is not new."""
        later = (elapsed > 0).nonzero()[0]
        if len(later) == len(elapsed):
            found = self._later(which, stability, difficulty, elapsed, rating)
        else:
            found = self.same_day(which, stability, rating)
            if len(later):
                found[later] = self._later(
                    which[later], stability[later], difficulty[later], elapsed[later], rating[later]
                )
        return found, self.difficulty(which, difficulty, rating)

    def _later(self, which: Ints, stability: Floats, difficulty: Floats, elapsed: Ints, rating: Ints) -> Floats:
        """Stability after an answer on a later day."""
        recall = self.recall(which, stability, elapsed)
        found = self.recalled(which, stability, self.gain(which, stability, difficulty, recall), rating)
        lost = (rating == 1).nonzero()[0]
        if len(lost):
            found[lost] = self.forgotten(which[lost], stability[lost], difficulty[lost], recall[lost])
        return found


def _bounded(stability: Floats) -> Floats:
    return np.minimum(np.maximum(stability, MIN_STABILITY), MAX_STABILITY)


def fuzzed(interval: Floats, shortest: Ints, longest: Ints | int, fuzz: Floats) -> Ints:
    """Intervals in whole days at the place `fuzz` (from 0, below 1) within the bounds that
    `scheduler.fuzz_bounds` gives."""
    low, high = fuzz_bounds(interval, shortest, longest)
    return np.minimum((low + fuzz * (high - low + 1)).astype(np.int64), high)


def fuzz_bounds(interval: Floats, shortest: Ints, longest: Ints | int) -> tuple[Ints, Ints]:
    """The fewest and most days that fuzz makes of intervals: `scheduler.fuzz_bounds`."""
    least = np.minimum(np.maximum(shortest, 1), longest)
    days = np.minimum(np.maximum(interval, least), longest)
    delta = 1.0 + 0.15 * (np.minimum(days, 7.0) - 2.5)
    delta += 0.10 * np.maximum(np.minimum(days, 20.0) - 7.0, 0.0)
    delta += 0.05 * np.maximum(np.minimum(days, MAX_STABILITY) - 20.0, 0.0)
    delta[days < 2.5] = 0.0
    low, high = (
        np.minimum(np.maximum(np.rint(bound).astype(np.int64), least), longest)
        for bound in (days - delta, days + delta)
    )
    high = high + ((low == high) & (days >= 2.5) & (high > 2) & (high < longest))
    return low, high
