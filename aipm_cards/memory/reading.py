"""What is read of a whole history: the answers to each card, and how each card stands.

Here is said which answers tell something about memory, for all who ask: what is predicted of
reviews, what parameters are fitted to, what a plan begins with. The statistics read a hundred
thousand answers faster with a reader of their own (`statistics.reading`); a test holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from aipm_cards.memory.days import DAY_MS
from aipm_cards.memory.history import History
from aipm_cards.memory.log import CRAM, CardState, EventKind, Senseless
from aipm_cards.memory.rows import columns_checked, state_of, text_of
from aipm_cards.memory.scheduler import State


class Review(NamedTuple):
    """An answer that stands and was not crammed. `day` is its learner day, `time` UTC
    milliseconds, `before` the state before it; `stability` (days) is that after it, worked out
    with the settings that the history keeps under the number `scheduler`; `content` is the number
    of the text that was seen, `took` milliseconds (0 if nobody measured)."""

    day: int
    time: int
    rating: int
    before: int
    stability: float
    scheduler: int
    content: int | None = None
    took: int = 0


Row = tuple[int, int, int, int, int, int, float, int, int, int]


class Answered(NamedTuple):
    """A card by its key with all its answers, in order. Those before the number `fresh` it had
    until it was started afresh: they tell how the person answers, not what is remembered."""

    key: str
    reviews: list[Review]
    fresh: int


_COLUMNS = ("seq", "card", "day", "time", "rating", "before", "stability", "scheduler", "content", "took")
_STANDS = "e.id NOT IN (SELECT voids FROM event WHERE voids IS NOT NULL)"


def answered_cards(history: History) -> Iterator[Answered]:
    """Every card with an answer that stands and was not crammed. Raises HistoryError."""
    keys, begun, rows = _rows(history)
    with history.store.errors():
        for card, of_card in groupby(rows, key=itemgetter(1)):
            if card not in keys:
                continue  # of another collection
            own = list(of_card)
            start = begun.get(card, 0)
            yield Answered(keys[card], [_review(row) for row in own], sum(row[0] < start for row in own))


def _rows(history: History) -> tuple[dict[int, str], dict[int, int], list[Row]]:
    """The keys of the collection's cards by their numbers; of those that were started afresh, the
    number of the event; all answers, card by card, with columns as above."""
    names = ", ".join(f"ifnull(e.{name}, 0)" if name in ("content", "took") else f"e.{name}" for name in _COLUMNS)
    answers = (
        f"SELECT {names} FROM event e WHERE e.kind = {EventKind.ANSWER:d} AND e.before IS NOT {CRAM} AND {_STANDS}"
        " ORDER BY e.card, e.seq"
    )
    afresh = f"SELECT card, max(seq) FROM event e WHERE e.kind = {EventKind.AFRESH:d} AND {_STANDS} GROUP BY card"
    with history.store.snapshot() as connection:
        cards = connection.execute("SELECT id, key FROM card WHERE collection = ?", (history.collection_id,)).fetchall()
        begun = connection.execute(afresh).fetchall()
        rows: list[Row] = connection.execute(answers).fetchall()
        columns_checked(cards, ("card", "key"))
        columns_checked(begun, ("card", "seq"))
        columns_checked(rows, _COLUMNS)
    return dict(cards), dict(begun), rows


def reviews_by_card(history: History) -> Iterator[tuple[str, list[Review]]]:
    """Cards by their keys with their answers since they were last started afresh, those without
    one left out. Raises HistoryError."""
    for key, reviews, fresh in answered_cards(history):
        if len(reviews) > fresh:
            yield key, reviews[fresh:]


def first_of_day(reviews: Sequence[Review], number: int) -> bool:
    """Whether an answer is the first to the card on its day, which is later than that of the one
    before it."""
    day = reviews[number].day
    if number == 0 or day <= reviews[number - 1].day:
        return False
    return all(earlier.day != day for earlier in reviews[:number])  # one is if a clock was set back


def tells_recall(reviews: Sequence[Review], number: int) -> bool:
    """Whether an answer tells if the card was remembered, as was predicted or not: it is the
    first on its day (see above) to a card in the review state. What else counts as a review is
    part of learning, or of the same day."""
    return reviews[number].before == State.REVIEW and first_of_day(reviews, number)


def states(history: History) -> dict[str, CardState]:
    """How every card that the history knows stands, by its key. Raises HistoryError."""
    names = ", ".join(f"s.{name}" for name in CardState._fields)
    sql = f"SELECT c.key, {names} FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ?"
    with history.store.reading() as connection:
        rows = connection.execute(sql, (history.collection_id,)).fetchall()
        return {text_of(key): state_of(row) for key, *row in rows}


def _review(row: Row) -> Review:
    """A review from its row. Raises Senseless."""
    seq, _, day, time, rating, before, stability, scheduler, content, took = row
    if not stability:
        raise Senseless(f"event {seq}: an answer without its outcome")
    if not -2 <= day - time // DAY_MS <= 1:  # wherever on earth, whenever a day begins
        raise Senseless(f"event {seq}: its day is not that of its time")
    return Review(day, time, rating, before, stability, scheduler, content or None, took)
