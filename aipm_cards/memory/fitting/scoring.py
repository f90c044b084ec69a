"""How well two sets of parameters predict the same reviews, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from aipm_cards.memory.reading import Review
from aipm_cards.model import Rating

FEWEST_CARDS, FEWEST_REVIEWS = 10, 20  # below them nothing is judged
CONFIDENCE = 0.9  # of an interval; so 5 % of parameters that are no better pass for better
_NEARLY = 1e-6  # no prediction is surer than this

Bin = tuple[int, int, int]


class Scored(NamedTuple):
    """A review of a card with the probability of recall by the parameters before and after."""

    key: str
    before: float
    after: float
    recalled: bool
    bin: Bin


class Score(NamedTuple):
    """Log-loss (nats a review) and RMSE in bins, before and after; `gain` is by how much the
    log-loss falls, `low` and `high` its 90 % interval."""

    reviews: int
    cards: int
    log_loss: tuple[float, float]
    rmse: tuple[float, float]
    gain: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the log-loss falls by more than chance."""
        return self.low > 0


def score(scored: Sequence[Scored]) -> Score | None:
    """The score of predictions; None if they are too few.

    The interval is that of a mean of paired differences. Reviews of a card hang together, so
    its error is that of the sums by card, with Student's t. It is at least the error that the
    differences would have if the parameters before were right: a few reviews that were all
    recalled differ little, and prove little.
    """
    gains: dict[str, list[float]] = {}
    variance = 0.0
    losses = [0.0, 0.0]
    for one in scored:
        before, after = (min(max(p, _NEARLY), 1 - _NEARLY) for p in (one.before, one.after))
        if_recalled, if_not = log(after / before), log((1 - after) / (1 - before))
        gains.setdefault(one.key, []).append(if_recalled if one.recalled else if_not)
        variance += before * (1 - before) * (if_recalled - if_not) ** 2
        losses[0] -= log(before if one.recalled else 1 - before)
        losses[1] -= log(after if one.recalled else 1 - after)
    count, cards = len(scored), len(gains)
    if cards < FEWEST_CARDS or count < FEWEST_REVIEWS:
        return None
    gain = (losses[0] - losses[1]) / count
    by_card = sum((sum(own) - gain * len(own)) ** 2 for own in gains.values()) * cards / (cards - 1)
    error = sqrt(max(by_card, variance)) / count * _t(cards - 1)
    rmse = (
        _rmse([(one.bin, one.before, one.recalled) for one in scored]),
        _rmse([(one.bin, one.after, one.recalled) for one in scored]),
    )
    log_loss = (losses[0] / count, losses[1] / count)
    return Score(count, cards, log_loss, rmse, gain, gain - error, gain + error)


def _t(freedom: int) -> float:
    """The quantile of Student's t for the interval, by its expansion from the normal one
    (Abramowitz and Stegun 26.7.5); within 0.001 from 9 degrees of freedom on."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def bin_of(reviews: Sequence[Review], number: int) -> Bin:
    """The bin of a review of a card: by the days since the one before, by how many first reviews
    of a day there were, and by how many of those before it were forgotten, each on a logarithmic
    scale (that of fsrs-rs and of the benchmark of FSRS)."""
    count, lapses = 1, 0
    for last, review in pairwise(reviews[:number]):
        if review.day > last.day:
            count += 1
            lapses += review.rating == Rating.AGAIN
    days = max(1, reviews[number].day - reviews[number - 1].day)
    return (
        round(248 * 3.62 ** floor(log(days, 3.62))),
        round(1.99 * 1.89 ** floor(log(count + 1, 1.89))),
        round(1.65 * 1.73 ** floor(log(lapses, 1.73))) if lapses else 0,
    )


def _rmse(predicted: Sequence[tuple[Bin, float, bool]]) -> float:
    """The root of the mean square of how far the mean prediction of a bin is from the share that
    was recalled, each bin weighed by its reviews."""
    bins: dict[Bin, list[float]] = {}
    for bin_, probability, recalled in predicted:
        sums = bins.setdefault(bin_, [0.0, 0.0])
        sums[0] += probability - recalled
        sums[1] += 1
    return sqrt(sum(off**2 / count for off, count in bins.values()) / len(predicted))
