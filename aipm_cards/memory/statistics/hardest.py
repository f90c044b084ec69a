"""The hardest cards: those forgotten most often, and those recalled less than predicted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import NamedTuple

from aipm_cards.memory.statistics.counts import OfCard
from aipm_cards.memory.statistics.reading import Standing

MOST = 10
LEAST_REVIEWS = 3  # fewer say nothing about a card
SURPRISING = 1.645  # deviations: about one card in twenty lies so far below by chance alone


class Hard(NamedTuple):
    """A card: lapses as the schedule counts them, and its reviews with what was predicted."""

    key: str
    lapses: int
    suspended: bool
    reviews: int
    recalled: int
    predicted: float  # how many should have been recalled

    @property
    def recall(self) -> float | None:
        """The share recalled; None of nothing."""
        return self.recalled / self.reviews if self.reviews else None


class Hardest(NamedTuple):
    """Cards with the most lapses, and others that fell the furthest below their predictions. With
    many cards some of the latter are chance; `failing.py` tells which are not."""

    lapses: list[Hard]
    below: list[Hard]


def hardest(standings: Iterable[Standing], cards: Mapping[int, OfCard]) -> Hardest:
    """The hardest of the cards that are given.

    How far a card fell below its predictions is counted in standard deviations of the number of
    recalled reviews (a sum of Bernoulli trials), so that one slip does not outweigh ten.
    """
    lapses, below = [], []
    for one in standings:
        of_card = cards.get(one.card, OfCard())
        hard = Hard(
            one.key, one.lapses, bool(one.suspended), int(of_card.reviews), int(of_card.recalled), of_card.predicted
        )
        if hard.lapses:
            lapses.append(hard)
        if hard.reviews >= LEAST_REVIEWS:
            deviations = (hard.predicted - hard.recalled) / sqrt(max(of_card.variance, 1e-9))
            if deviations >= SURPRISING:
                below.append((deviations, hard))
    lapses.sort(key=lambda hard: (-hard.lapses, hard.recall if hard.recall is not None else 1, hard.key))
    below.sort(key=lambda item: (-item[0], item[1].key))
    most = lapses[:MOST]
    named = {hard.key for hard in most}
    others = [hard for _, hard in below if hard.key not in named]
    return Hardest(most, others[:MOST])
