"""What was predicted of past reviews: the probability of recall by the settings of the time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from aipm_cards.memory.history import History
from aipm_cards.memory.reviews import first_of_day, reviews_by_card
from aipm_cards.memory.rows import text_of
from aipm_cards.memory.scheduler import Memory, State, retrievability
from aipm_cards.memory.settings import DEFAULT_PARAMETERS, Preset
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
    """The first review of each card on each day on which it was in the review state, card by card.

    The prediction is the forgetting curve (see `scheduler.retrievability`) at the learner days
    since the answer before it, with the stability after that answer and the parameters that it
    was worked out with. Answers of a scheduler whose parameters are not those of FSRS-6 are left
    out. Raises HistoryError.
    """
    presets: dict[int, Preset | None] = {}
    for key, reviews in reviews_by_card(history):
        for number, review in enumerate(reviews):
            if review.before != State.REVIEW or not first_of_day(reviews, number):
                continue
            last = reviews[number - 1]
            if last.scheduler not in presets:
                presets[last.scheduler] = _preset(history, last.scheduler)
            if preset := presets[last.scheduler]:
                memory = Memory(State.REVIEW, stability=last.stability, last_day=last.day)
                predicted = retrievability(memory, review.day, preset)
                yield Prediction(key, review.day, predicted, review.rating != Rating.AGAIN, review.content)


def _preset(history: History, number: int) -> Preset | None:
    """A preset with the parameters that the history keeps under a number; None if it keeps none
    of FSRS-6 there."""
    with history.store.reading() as connection:
        found = connection.execute("SELECT text FROM word WHERE id = ?", (number,)).fetchone()
        text = text_of(found[0]) if found else ""
    try:
        said = json.loads(text)
        parameters = tuple(map(float, said["parameters"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if len(parameters) != len(DEFAULT_PARAMETERS) or not 0.1 <= parameters[20] <= 0.8:
        return None
    return Preset(parameters=parameters)
