"""A share of a count, and how sure it is: Wilson's score interval."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Z = 1.959963984540054  # of the normal distribution: 95 % lie within so many deviations
WIDEST = 0.20  # an interval that is wider says less than "about nine in ten": ±10 points


class Share(NamedTuple):
    """So many of so many, such as reviews that were recalled."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval, (0, 1) of nothing."""
        return wilson(self.hits, self.of)

    @property
    def is_enough(self) -> bool:
        """Whether the interval is narrow enough to be read: no more than 10 points to each side."""
        return _width(self.hits, self.of) <= WIDEST

    @property
    def wanted(self) -> int:
        """How many more would make it enough if the share stayed as it is; 0 if it is. Of nothing
        it is not known what the share will be: as many as nine in ten would want."""
        if self.is_enough:
            return 0
        share = self.hits / self.of if self.of else 0.9
        low, high = self.of, 400  # of any share 93 are enough
        while low + 1 < high:
            middle = (low + high) // 2
            if _width(share * middle, middle) <= WIDEST:
                high = middle
            else:
                low = middle
        return high - self.of


def wilson(hits: float, count: int) -> tuple[float, float]:
    """The interval of `hits` in `count` in which the true share lies with 95 % confidence.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal
    of the American Statistical Association 22 (1927), without a correction for continuity.
    """
    if not count:
        return 0.0, 1.0
    share, square = hits / count, Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == count else min(1.0, middle + half)
    return low, high


def _width(hits: float, count: int) -> float:
    low, high = wilson(hits, count)
    return high - low
