"""True retention: of the first reviews of a learner day, how many were recalled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aipm_cards.memory.statistics.periods import Period
from aipm_cards.memory.statistics.shares import Share


class Retention(NamedTuple):
    """The reviews of a period: of young cards (the interval was below 21 days), of mature ones,
    of all; and the mean desired retention that was set when they were answered (None of nothing)."""

    period: str
    all: Share
    young: Share
    mature: Share
    desired: float | None


def retention(periods: Mapping[str, Period]) -> list[Retention]:
    """The retention of each period."""
    found = []
    for name, (sums, _) in periods.items():
        young = Share(int(sums.young_recalled), int(sums.young))
        mature = Share(int(sums.mature_recalled), int(sums.mature))
        both = Share(young.hits + mature.hits, young.of + mature.of)
        found.append(Retention(name, both, young, mature, sums.desired / both.of if both.of else None))
    return found
