"""What the statistics read of a history: its answers, and how each card stands.

Only the columns that are needed, checked as a whole: see `rows.py` for why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator
from contextlib import closing
from functools import cache
from sqlite3 import Connection
from typing import NamedTuple

from aipm_cards.memory.history import History
from aipm_cards.memory.log import Senseless
from aipm_cards.memory.rows import between, columns_checked, text_of, whole
from aipm_cards.memory.scheduler import curve
from aipm_cards.memory.statistics.counting import ONE_DAY, Answers, Code, Counting
from aipm_cards.memory.statistics.counts import MATURE, Counts, Made
from aipm_cards.memory.statistics.kept import Kept, Shelf
from aipm_cards.model import Rating
from aipm_cards.parallel import ahead

_ANSWERS = """
    SELECT e.seq, e.card, e.day, e.before, e.rating, ifnull(e.took, 0) AS took, e.stability, e.interval, e.scheduler
    FROM event e WHERE e.kind = 1 AND e.before != 4
    AND e.seq NOT IN (SELECT e.seq FROM event u CROSS JOIN event e ON e.id = +u.voids WHERE u.voids IS NOT NULL)
"""
PART = 16_384  # events: of so many the answers are read at once
FEW = 8  # a card in so many is few
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


Progress = Callable[[int, int], None]
"""Called with how many events were counted, of how many."""


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


# What `Answers` has of a row, none of what cannot be: that is left out of a list, which is too
# short then. What is no whole number, though it lies between two, shows by its point.
_COLUMNS = {
    "card": f"CASE WHEN {between('card')} THEN card END",
    "day": f"CASE WHEN {between('day')} THEN day END",
    "outcome": f"""CASE WHEN {between("before")} AND {between("rating")} AND {between("interval")}
        AND {between("scheduler")} THEN before + {Code.FORGOTTEN} * (rating = {int(Rating.AGAIN)})
        + {Code.MATURE} * (interval >= {MATURE}) + (scheduler * {1 << Code.SHIFT}) + 0 * (rating + interval) END""",
    "took": f"CASE WHEN {between('took')} THEN took END",
    "stability": f"CASE WHEN {between('stability')} THEN CAST(stability * {ONE_DAY} AS INTEGER) END",
}
_LISTS = ", ".join(f"group_concat({column})" for column in _COLUMNS.values())


def answers(history: History, after: int = 0, cards: Collection[int] | None = None, part: int | None = None) -> Answers:
    """The answers of a collection, or of some of its cards by number: all, or what counting those
    with a number above `after` takes, or those of the part of the log that begins with the number
    `part`. Raises HistoryError.

    SQLite joins each column to one text, in which Python finds the numbers: that takes half the
    time that rows take. (It keeps the order of a subquery for `group_concat`.)
    """
    where = []
    if cards is not None:
        index = "" if part is None else "+"  # a plus keeps SQLite from using it
        where.append(f"{index}card IN ({', '.join(map(str, map(int, cards)))})")
    if part is not None:
        where.append("e.seq BETWEEN :part AND :part + :size - 1")
    with history.store.reading() as connection:
        if connection.execute("SELECT 1 FROM collection WHERE id != ?", (history.collection_id,)).fetchone():
            where.append(f"+card IN (SELECT id FROM card WHERE collection = {history.collection_id:d})")
        of = f"SELECT * FROM ({_ANSWERS_AFTER}) WHERE true" if after else _ANSWERS
        those = " AND ".join([of, *where])
        sql = f"SELECT count(*), ifnull(sum(seq <= :after), 0), {_LISTS} FROM ({those} ORDER BY seq)"
        number, before, *texts = connection.execute(sql, {"after": after, "part": part, "size": PART}).fetchone()
        columns = (_numbers(text, number, name) for name, text in zip(_COLUMNS, texts, strict=True))
        of_cards, days, codes, took, stabilities = columns
    return Answers(of_cards, days, codes, took, stabilities, before)


def _numbers(text: str | None, number: int, name: str) -> list[int]:
    """So many whole numbers, from a text with commas between them. Raises Senseless."""
    if not number:
        return []
    if text is None or text.encode().translate(None, b"-,0123456789"):
        raise Senseless(f"{name} is of a wrong kind")
    found: list[int] = json.loads(f"[{text}]")
    if len(found) != number:
        raise Senseless(f"{name} is no such number")
    return found


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


def made_by(history: History) -> Callable[[int], Made]:
    """A function that gives the settings of a scheduler by the number that answers name it with.
    Raises HistoryError; the function raises KeyError if there is none, or Senseless."""
    with history.store.reading() as connection:
        texts = dict(connection.execute("SELECT id, text FROM word WHERE text LIKE '{%'"))

    @cache
    def made(number: int) -> Made:
        return _made(texts[number])

    return made


def _made(text: object) -> Made:
    try:
        said = json.loads(text_of(text))
        last, desired = float(said["parameters"][20]), float(said["desired_retention"])
    except (ValueError, TypeError, LookupError, RecursionError):
        last = desired = 0.0
    if not (0.05 <= last <= 1 and 0 < desired < 1):
        raise Senseless("the settings of a scheduler cannot be read")
    return Made(*curve(last), desired)


def counted(history: History, shelf: Shelf | None = None, progress: Progress | None = None) -> Counts:
    """The counts of all answers of a collection, from what is kept on a shelf as far as it goes.
    Raises HistoryError."""
    with history.store.snapshot() as connection:
        last = connection.execute("SELECT seq, id FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        kept = shelf.get() if shelf is not None and last is not None else None
        if kept is not None and not _holds(connection, kept):
            kept = None
        if kept is not None and kept.seq == last[0]:
            return kept.counts
        after = kept.seq if kept else 0
        counts = _count(history, _parts(history, progress, after))
    if kept is not None:
        kept.counts.add(counts)  # the few to the many
        counts = kept.counts
    if shelf is not None and last is not None:
        shelf.put(Kept(last[0], last[1], counts))
    return counts


def counted_of(history: History, cards: Collection[int], progress: Progress | None = None) -> Counts:
    """The counts of the answers to some cards, by number. Raises HistoryError."""
    with history.store.snapshot():
        return _count(history, _parts(history, progress, cards=cards))


def _holds(connection: Connection, kept: Kept) -> bool:
    """Whether the log still begins with what was counted: it only grows, so if its event of that
    number has that id (which is drawn by lot), and if nothing before was taken back since."""
    found = connection.execute("SELECT id FROM event WHERE seq = ?", (kept.seq,)).fetchone()
    if found is None or found[0] != kept.id:
        return False
    # The new events first, of which there are few: a cross join keeps the order.
    sql = "SELECT 1 FROM event u CROSS JOIN event e ON e.id = +u.voids WHERE u.seq > ?1 AND e.seq <= ?1 LIMIT 1"
    return connection.execute(sql, (kept.seq,)).fetchone() is None


def _parts(
    history: History, progress: Progress | None, after: int = 0, cards: Collection[int] | None = None
) -> Generator[Answers, None, None]:
    """All answers, part by part: SQLite joins those of the next parts while some are counted. What
    counting those after some takes is one part; so are those of few cards, found by the index."""
    if after or (cards is not None and _are_few(history, cards)):
        yield answers(history, after, cards)
        return
    begins = []
    with history.store.reading() as connection:
        begin, last = connection.execute("SELECT min(seq), max(seq) FROM event").fetchone()
        while begin is not None:
            begins.append(whole(begin, "seq"))
            (begin,) = connection.execute("SELECT min(seq) FROM event WHERE seq >= ?", (begin + PART,)).fetchone()
    with closing(ahead(lambda begin: answers(history, cards=cards, part=begin), begins)) as found:
        for begin, part in zip(begins, found, strict=True):
            yield part
            if progress is not None:
                progress(min(begin + PART, last), last)


def _are_few(history: History, cards: Collection[int]) -> bool:
    """Whether to look up their answers is quicker than to read all."""
    with history.store.reading() as connection:
        (known,) = connection.execute("SELECT count(*) FROM card").fetchone()
    return len(cards) * FEW < int(known)


def _count(history: History, parts: Generator[Answers, None, None]) -> Counts:
    counting = Counting(made_by(history))
    with history.store.errors(), closing(parts):  # the history is read until they are closed
        try:
            for part in parts:
                counting.take(part)
            return counting.counts()
        except (KeyError, ArithmeticError) as error:
            raise Senseless("an answer has no settings of its scheduler, or no stability") from error
