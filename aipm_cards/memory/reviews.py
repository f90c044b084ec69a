"""The answers that say something about memory, card by card."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from aipm_cards.memory.days import DAY_MS
from aipm_cards.memory.history import History
from aipm_cards.memory.log import CRAM, Event, EventKind, Senseless
from aipm_cards.memory.rows import event_of, text_of


class Review(NamedTuple):
    """An answer that counts. `day` is its learner day, `time` UTC milliseconds, `before` the
    state before it; `stability` (days) is that after it, worked out with the settings that the
    history keeps under the number `scheduler`; `content` is the number of the text that was seen."""

    day: int
    time: int
    rating: int
    before: int
    stability: float
    scheduler: int
    content: int | None = None


def reviews_by_card(history: History) -> Iterator[tuple[str, list[Review]]]:
    """Cards by their keys with their answers since they were last started afresh, in order.

    What was undone or crammed is left out, and so are cards without an answer. Raises
    HistoryError.
    """
    names = ", ".join(f"e.{name}" for name in Event._fields)
    sql = (
        f"SELECT c.key, {names} FROM event e JOIN card c ON c.id = e.card WHERE c.collection = ?"
        f" AND (e.kind = {EventKind.AFRESH:d} OR (e.kind = {EventKind.ANSWER:d} AND e.before != {CRAM}))"
        " AND NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id) ORDER BY e.card, e.seq"
    )
    with history.store.reading() as connection:
        rows = connection.execute(sql, (history.collection_id,))
        for key, of_card in groupby(rows, key=lambda row: row[0]):
            reviews: list[Review] = []
            for _, *row in of_card:
                event = event_of(row)
                if event.kind == EventKind.AFRESH:
                    reviews = []
                else:
                    reviews.append(_review(event))
            if reviews:
                yield text_of(key), reviews


def first_of_day(reviews: list[Review], number: int) -> bool:
    """Whether a review is the first of the card on a later day than the one before it."""
    return number > 0 and reviews[number].day > reviews[number - 1].day


def _review(event: Event) -> Review:
    """A review from its row. Raises Senseless."""
    if event.rating is None or event.before is None or event.scheduler is None or not event.stability:
        raise Senseless(f"event {event.seq}: an answer without its outcome")
    if not -2 <= event.day - event.time // DAY_MS <= 1:  # wherever on earth, whenever a day begins
        raise Senseless(f"event {event.seq}: its day is not that of its time")
    return Review(event.day, event.time, event.rating, event.before, event.stability, event.scheduler, event.content)
