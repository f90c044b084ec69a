"""The last looks: in the last days before the day of a goal each chosen card comes once more.

On a day d of them, those cards *wait* that are chosen, in the review state, not suspended, and
were last answered before the last days began. As many are looked at on d as make all of them
seen by the end if every day does the same: ceil(waiting / (goal.day - d)), counted as d began.
What is due comes first; the others follow by the lowest probability of recall on the goal's day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from heapq import nsmallest
from typing import NamedTuple

from aipm_cards.memory.goal import InForce
from aipm_cards.memory.history import History
from aipm_cards.memory.log import CRAM
from aipm_cards.memory.rows import real, whole
from aipm_cards.memory.scheduler import State, recall
from aipm_cards.memory.settings import Preset


class LastLooks(NamedTuple):
    """What a day still brings of last looks: the cards that `wait` for one; those that are not
    due and come all the same (`early`, in order); those that had theirs today (`done`)."""

    waiting: frozenset[str] = frozenset()
    early: Sequence[str] = ()
    done: frozenset[str] = frozenset()


NONE = LastLooks()
PresetsOf = Callable[[Iterable[str]], Callable[[str], Preset]]


class _Waiting(NamedTuple):
    stability: float  # days
    last_day: int
    due_day: int


def last_looks(
    history: History,
    in_force: InForce,
    day: int,
    horizon: int,
    presets_of: PresetsOf,
    answers: Iterable[tuple[str, int, int]],
    buried: Collection[str],
) -> LastLooks:
    """The last looks of learner day `day`.

    What is due up to day `horizon` comes without them. `answers` are those of the day so far, as
    `History.answered` gives them. How many looks the day brings does not depend on which of them
    a session may show, nor on what was done of them: so any number of sessions makes no more.
    Raises HistoryError.
    """
    goal = in_force.goal
    if not goal.last_looks_from <= day < goal.day:
        return NONE
    waiting = _waiting(history, in_force)
    done = _done(history, in_force, day, answers)
    quota = -(-(len(waiting) + len(done)) // (goal.day - day))
    free = [key for key in waiting if key not in buried]
    later = [key for key in free if waiting[key].due_day > horizon]
    missing = quota - len(done) - (len(free) - len(later))
    if missing <= 0:
        return LastLooks(frozenset(waiting), (), done)
    preset_of = presets_of(later)

    def rank(key: str) -> tuple[float, int]:
        card = waiting[key]
        return recall(card.stability, goal.day - card.last_day, preset_of(key)), in_force.chosen[key]

    return LastLooks(frozenset(waiting), nsmallest(missing, later, rank), done)


def next_look_day(history: History, in_force: InForce, day: int, cards: Container[str]) -> int | None:
    """The first day after `day` that brings last looks at `cards`, as far as is known now."""
    goal = in_force.goal
    first = max(day + 1, goal.last_looks_from)
    return first if first < goal.day and any(key in cards for key in _waiting(history, in_force)) else None


def _waiting(history: History, in_force: InForce) -> dict[str, _Waiting]:
    sql = (
        "SELECT c.key, s.stability, s.last_day, s.due_day FROM state s JOIN card c ON c.id = s.card"
        " WHERE s.collection = ? AND s.state = 2 AND s.suspended = 0 AND s.last_day < ?"
    )
    found = {}
    with history.store.reading() as connection:
        rows = connection.execute(sql, (history.collection_id, in_force.goal.last_looks_from))
        for key, stability, last_day, due_day in rows:
            if key in in_force.chosen:
                days = whole(last_day, "last_day"), whole(due_day, "due_day")
                found[key] = _Waiting(real(stability, "stability"), *days)
    return found


def _done(history: History, in_force: InForce, day: int, answers: Iterable[tuple[str, int, int]]) -> frozenset[str]:
    """The cards that waited as the day began and were answered since."""
    first: dict[str, int] = {}
    for key, before, _ in answers:
        if before != CRAM and key in in_force.chosen:
            first.setdefault(key, before)
    done = frozenset(key for key, before in first.items() if before == State.REVIEW)
    if not done:
        return done
    sql = (
        "SELECT DISTINCT c.key FROM event e JOIN card c ON c.id = e.card WHERE e.day >= ? AND e.day < ?"
        " AND e.kind = 1 AND e.before != ? AND c.collection = ?"
        " AND NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id)"
    )
    with history.store.reading() as connection:
        rows = connection.execute(sql, (in_force.goal.last_looks_from, day, CRAM, history.collection_id))
        return done - {key for (key,) in rows}
