"""Calibration: of reviews whose recall was predicted to be so likely, how many were recalled."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from aipm_cards.memory.statistics.counts import BINS, Bin
from aipm_cards.memory.statistics.shares import Share

# Where bins begin and end: wide where few reviews lie. All of them are ends of a `Bin`.
EDGES = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)


class Predicted(NamedTuple):
    """Reviews with a predicted recall from `low` to below `high`: its mean, and what was recalled."""

    low: float
    high: float
    predicted: float  # the mean; 0 where there are no reviews
    observed: Share

    @property
    def verdict(self) -> str:
        """`none`, `few`, or whether the mean prediction lies `within`, `above` or `below` the
        interval of what was observed."""
        if not self.observed.of:
            return "none"
        if not self.observed.is_enough:
            return "few"
        low, high = self.observed.interval
        return "above" if self.predicted > high else "below" if self.predicted < low else "within"


class Calibration(NamedTuple):
    """All reviews with a prediction, in bins; the mean prediction; log-loss and Brier score, each
    beside that of a constant guess, which would be the share recalled (None of nothing).

    Log-loss is -ln of the probability that was given to what happened, the Brier score
    (G. W. Brier, Monthly Weather Review 78, 1950) the square of what was missing to it: of both
    the mean, and less is better.
    """

    bins: list[Predicted]
    recalled: Share
    predicted: float | None
    log_loss: float | None
    brier: float | None
    constant_log_loss: float | None
    constant_brier: float | None


def calibration(bins: Sequence[Bin]) -> Calibration:
    """How predictions held."""
    parts = [_summed(bins[round(low * BINS) : round(high * BINS)]) for low, high in pairwise(EDGES)]
    shown = [
        Predicted(
            low,
            high,
            part.predicted / part.reviews if part.reviews else 0.0,
            Share(int(part.recalled), int(part.reviews)),
        )
        for (low, high), part in zip(pairwise(EDGES), parts, strict=True)
    ]
    whole = _summed(bins)
    recalled, n = Share(int(whole.recalled), int(whole.reviews)), whole.reviews
    share = recalled.value
    if share is None:
        return Calibration(shown, recalled, None, None, None, None, None)
    entropy = -sum(part * log(part) for part in (share, 1 - share) if part)
    return Calibration(
        shown, recalled, whole.predicted / n, whole.log_loss / n, whole.squares / n, entropy, share * (1 - share)
    )


def _summed(bins: Sequence[Bin]) -> Bin:
    return Bin._make(map(sum, zip(*bins, strict=True)))
