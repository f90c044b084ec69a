"""Cards that fail far more than predicted: chance alone would hardly make them fail so often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log
from typing import NamedTuple

from aipm_cards.memory.statistics.predicted import Prediction

SHARE = 0.1  # of the cards found are there by chance alone, in the long run and at most
FEWEST = 2  # failures; one may happen to anyone


class Failing(NamedTuple):
    """A card with how often it was reviewed and failed, how many failures were expected, and the
    probability of so many or more."""

    key: str
    reviews: int
    failures: int
    expected: float
    probability: float


class Found(NamedTuple):
    """The cards that fail far more than predicted, the least probable first, of how many."""

    failing: list[Failing]
    cards: int


def failing(predictions: Iterable[Prediction]) -> Found:
    """Find the cards whose failures are improbable under the predicted recall of their reviews.

    Of a card that was corrected only the reviews of the last text count. Nothing is said of it
    here if it was corrected after them.

    First all predictions are moved by one number (of log-odds) so that together they are as
    often right as this learner was: a learner who forgets more than predicted makes no card
    worse than another. The number of failures of a card is then a sum of independent events of
    different probability (Poisson's binomial distribution), whose upper tail is worked out
    exactly. Of many cards some fail often by chance: Benjamini and Hochberg's step-up procedure
    (1995) keeps their expected share among those found under `SHARE`.
    """
    of_card: dict[str, list[Prediction]] = {}
    everything = []
    for one in predictions:
        everything.append(one)
        of_card.setdefault(one.key, []).append(one)
    moved = shift(everything)
    tested = [_tested(key, _of_the_last_text(own), moved) for key, own in of_card.items()]
    tested.sort(key=lambda card: card.probability)
    kept = 0
    for rank, card in enumerate(tested, 1):
        if card.probability <= SHARE * rank / len(tested):
            kept = rank
    return Found([card for card in tested[:kept] if card.failures >= FEWEST], len(tested))


def shift(predictions: Sequence[Prediction]) -> float:
    """By how much the log-odds of all predictions have to move to fit what was recalled: the most
    probable number, if before any review it is normal around 0 with variance 1 (Newton's method
    on a concave function)."""
    odds = [log(p / (1 - p)) for p in (_inside(one.predicted) for one in predictions)]
    recalled = sum(one.recalled for one in predictions)
    at = 0.0
    for _ in range(50):
        probabilities = [_logistic(odd + at) for odd in odds]
        slope = recalled - sum(probabilities) - at
        step = slope / (1 + sum(p * (1 - p) for p in probabilities))
        at += min(max(step, -1.0), 1.0)
        if abs(step) < 1e-9:
            break
    return at


def at_least(count: int, probabilities: Sequence[float]) -> float:
    """The probability that at least `count` of independent events happen."""
    chances = [1.0] + [0.0] * count  # of so many; the last is of `count` or more
    for probability in probabilities:
        for happened in range(count, 0, -1):
            stays = chances[happened] * (1 if happened == count else 1 - probability)
            chances[happened] = stays + chances[happened - 1] * probability
        chances[0] *= 1 - probability if count else 1
    return min(1.0, chances[count])


def _of_the_last_text(own: Sequence[Prediction]) -> list[Prediction]:
    """The predictions of a card about the text that its last review showed."""
    seen = next((one.content for one in reversed(own) if one.content is not None), None)
    return [one for one in own if one.content in (None, seen)]


def _tested(key: str, own: Sequence[Prediction], moved: float) -> Failing:
    forgotten = [1 - _logistic(log(p / (1 - p)) + moved) for p in (_inside(one.predicted) for one in own)]
    failures = sum(not one.recalled for one in own)
    return Failing(key, len(own), failures, sum(forgotten), at_least(failures, forgotten))


def _inside(probability: float) -> float:
    return min(max(probability, 1e-6), 1 - 1e-6)


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-odds))
