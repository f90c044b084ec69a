"""What the statistics read of a history: its answers, and how each card stands.

Only the columns that are needed, checked as a whole: see `rows.py` for why.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Container
from typing import Any, NamedTuple

from aipm_cards.memory.history import History
from aipm_cards.memory.log import Senseless
from aipm_cards.memory.rows import columns_checked, text_of
from aipm_cards.memory.scheduler import curve
from aipm_cards.memory.statistics.counts import Counts, Made, Row, count

_ANSWERS = """
    SELECT e.seq, e.card, e.day, e.before, e.rating, ifnull(e.took, 0), e.stability, e.interval, e.scheduler
    FROM event e WHERE e.kind = 1 AND e.before != 4
    AND +e.id NOT IN (SELECT voids FROM event WHERE voids IS NOT NULL)
"""


class Standing(NamedTuple):
    """How a card stands now: a part of its row in the state table."""

    card: int
    key: str
    state: int
    stability: float
    last_day: int
    due_day: int
    reps: int
    lapses: int
    suspended: int


def answers(history: History, cards: Container[int] | None = None) -> list[Row]:
    """The answers of a collection that stand and were not crammed, in the order of the log; only
    those of some cards (by number), if these are given. Raises HistoryError."""
    with history.store.reading() as connection:
        (others,) = connection.execute(
            "SELECT count(*) FROM collection WHERE id != ?", (history.collection_id,)
        ).fetchone()
        sql = _ANSWERS
        if others:
            sql += f" AND e.card IN (SELECT id FROM card WHERE collection = {history.collection_id:d})"
        rows: list[Any] = connection.execute(sql + " ORDER BY e.seq").fetchall()
        columns_checked(rows, Row._fields)
    return rows if cards is None else [row for row in rows if row[1] in cards]


def standings(history: History) -> list[Standing]:
    """How every card that the history knows stands. Raises HistoryError."""
    names = ", ".join(f"s.{name}" if name != "key" else "c.key" for name in Standing._fields)
    sql = f"SELECT {names} FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ? ORDER BY s.card"
    with history.store.reading() as connection:
        rows = connection.execute(sql, (history.collection_id,)).fetchall()
        columns_checked(rows, Standing._fields)
        found = list(map(Standing._make, rows))
        if any(one.state and not one.stability > 0 for one in found):
            raise Senseless("a card was learned, but has no memory state")
    return found


def made_by(history: History, numbers: Collection[int]) -> dict[int, Made]:
    """The settings of schedulers by the numbers that answers name them with. Raises HistoryError."""
    sql = f"SELECT id, text FROM word WHERE id IN ({', '.join('?' * len(numbers))})"
    with history.store.reading() as connection:
        return {number: _made(text) for number, text in connection.execute(sql, tuple(numbers))}


def _made(text: object) -> Made:
    try:
        said = json.loads(text_of(text))
        last, desired = float(said["parameters"][20]), float(said["desired_retention"])
    except (ValueError, TypeError, LookupError, RecursionError):
        last = desired = 0.0
    if not (0.05 <= last <= 1 and 0 < desired < 1):
        raise Senseless("the settings of a scheduler cannot be read")
    return Made(*curve(last), desired)


def counted(history: History, cards: Container[int] | None = None) -> Counts:
    """The counts of all answers of a collection, or of some cards. Raises HistoryError."""
    rows = answers(history, cards)
    with history.store.errors():
        made = made_by(history, {row[8] for row in rows})
        try:
            return count(rows, made)
        except (KeyError, ArithmeticError) as error:
            raise Senseless("an answer has no settings of its scheduler, or no stability") from error
