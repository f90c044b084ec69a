"""What was predicted of past reviews: the probability of recall by the settings of the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from aipm_cards.memory.history import History
from aipm_cards.memory.log import Senseless
from aipm_cards.memory.reading import answered_cards, tells_recall
from aipm_cards.memory.scheduler import recall_on
from aipm_cards.memory.statistics.counts import Made
from aipm_cards.memory.statistics.reading import made_by
from aipm_cards.model import Rating


class Prediction(NamedTuple):
    """A review of the card `key` on a learner day: the probability of recall that the scheduler
    gave it then, and whether it was recalled (rated better than Again). `content` is the number
    of the text that was seen."""

    key: str
    day: int
    predicted: float
    recalled: bool
    content: int | None = None


def predictions(history: History) -> Iterator[Prediction]:
    """The reviews that tell recall (`reading.tells_recall`), card by card; also those before a card
    was started afresh, which were predicted as well.

    The prediction is the forgetting curve (`scheduler.recall_on`) at the learner days since the
    answer before it, with the stability after that answer and the parameters that it was worked
    out with. Raises HistoryError.
    """
    made = made_by(history)
    for key, reviews, _ in answered_cards(history):
        for number, review in enumerate(reviews):
            if tells_recall(reviews, number):
                last = reviews[number - 1]
                decay, factor, _ = _of(history, made, last.scheduler)
                predicted = recall_on((decay, factor), last.stability, review.day - last.day)
                yield Prediction(key, review.day, predicted, review.rating != Rating.AGAIN, review.content)


def _of(history: History, made: Callable[[int], Made], number: int) -> Made:
    with history.store.errors():
        try:
            return made(number)
        except KeyError:
            raise Senseless("an answer has no settings of its scheduler") from None
