"""What the statistics read of a history: its answers, and how each card stands.

Only the columns that are needed, checked as a whole: see `rows.py` for why.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Container
from sqlite3 import Connection
from typing import NamedTuple

from aipm_cards.memory.history import History
from aipm_cards.memory.log import Senseless
from aipm_cards.memory.rows import columns_checked, text_of
from aipm_cards.memory.scheduler import curve
from aipm_cards.memory.statistics.counts import Counts, Made, Row, count
from aipm_cards.memory.statistics.kept import Kept, Shelf

_ANSWERS = """
    SELECT e.seq, e.card, e.day, e.before, e.rating, ifnull(e.took, 0), e.stability, e.interval, e.scheduler
    FROM event e WHERE e.kind = 1 AND e.before != 4
    AND +e.id NOT IN (SELECT voids FROM event WHERE voids IS NOT NULL)
"""
# The answers with a number above :after, and what is needed to count them: of each card that has
# one, the answer before these, and all that it had on the same days.
_ANSWERS_AFTER = f"""
    WITH answer AS ({_ANSWERS} AND e.seq > :after),
    earlier AS (SELECT (
        SELECT e.seq FROM event e WHERE e.card = a.card AND e.seq <= :after AND e.kind = 1 AND e.before != 4
        AND NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id) ORDER BY e.seq DESC LIMIT 1
    ) AS seq FROM (SELECT DISTINCT card FROM answer) a
    UNION SELECT e.seq FROM event e WHERE e.day IN (SELECT day FROM answer) AND e.card IN (SELECT card FROM answer))
    SELECT * FROM answer UNION {_ANSWERS} AND e.seq IN (SELECT seq FROM earlier)
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


def answers(history: History, after: int = 0) -> list[Row]:
    """The answers of a collection that stand and were not crammed, in the order of the log: all,
    or what counting those with a number above `after` takes. Raises HistoryError."""
    number = history.collection_id
    sql = f"SELECT * FROM ({_ANSWERS_AFTER})" if after else _ANSWERS
    with history.store.reading() as connection:
        if connection.execute("SELECT 1 FROM collection WHERE id != ?", (number,)).fetchone():
            sql += f" {'WHERE' if after else 'AND'} card IN (SELECT id FROM card WHERE collection = {number:d})"
        rows = connection.execute(f"{sql} ORDER BY seq", {"after": after}).fetchall()
        columns_checked(rows, Row._fields)
    return rows


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


def counted(history: History, shelf: Shelf | None = None) -> Counts:
    """The counts of all answers of a collection, from what is kept on a shelf as far as it goes.
    Raises HistoryError."""
    with history.store.snapshot() as connection:
        last = connection.execute("SELECT seq, id FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        kept = shelf.get() if shelf is not None and last is not None else None
        if kept is not None and not _holds(connection, kept):
            kept = None
        if kept is not None and kept.seq == last[0]:
            return kept.counts
        rows = answers(history, kept.seq if kept else 0)
        made = made_by(history, {row[8] for row in rows})
    counts = _count(history, rows, made, kept.seq if kept else 0)
    if kept is not None:
        kept.counts.add(counts)  # the few to the many
        counts = kept.counts
    if shelf is not None and last is not None:
        shelf.put(Kept(last[0], last[1], counts))
    return counts


def counted_of(history: History, cards: Container[int]) -> Counts:
    """The counts of the answers to some cards, by number. Raises HistoryError."""
    with history.store.snapshot():
        rows = [row for row in answers(history) if row[1] in cards]
        made = made_by(history, {row[8] for row in rows})
    return _count(history, rows, made)


def _holds(connection: Connection, kept: Kept) -> bool:
    """Whether the log still begins with what was counted: it only grows, so if its event of that
    number has that id (which is drawn by lot), and if nothing before was taken back since."""
    found = connection.execute("SELECT id FROM event WHERE seq = ?", (kept.seq,)).fetchone()
    if found is None or found[0] != kept.id:
        return False
    # The new events first, of which there are few: a cross join keeps the order.
    sql = "SELECT 1 FROM event u CROSS JOIN event e ON e.id = +u.voids WHERE u.seq > ?1 AND e.seq <= ?1 LIMIT 1"
    return connection.execute(sql, (kept.seq,)).fetchone() is None


def _count(history: History, rows: list[Row], made: dict[int, Made], after: int = 0) -> Counts:
    with history.store.errors():
        try:
            return count(rows, made, after)
        except (KeyError, ArithmeticError) as error:
            raise Senseless("an answer has no settings of its scheduler, or no stability") from error
