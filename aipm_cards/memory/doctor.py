"""Is a history sound? The file, the log, the state table, and the memory states once more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from math import isclose
from typing import Any

from aipm_cards.errors import HistoryDamaged
from aipm_cards.memory.history import Content
from aipm_cards.memory.log import CRAM, CardState, Event, EventKind, applied, folded, standing
from aipm_cards.memory.moves import said_of, taken_back_in_part
from aipm_cards.memory.rows import event_of
from aipm_cards.memory.scheduler import VERSION, Memory, State, next_memory
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

MAX_PROBLEMS = 50  # more of them tell nothing new
TOLERANCE = 1e-9  # relative; another machine's libm may differ in the last digits

Row = tuple[Any, ...]
Progress = Callable[[int, int], None]
"""Called with how many events were read, of how many."""


@dataclass
class Diagnosis:
    """What was found: sound if there are no problems. `elsewhere` counts the answers of another
    version of the scheduler, whose memory states were not worked out again."""

    events: int = 0
    cards: int = 0
    elsewhere: int = 0
    problems: list[str] = field(default_factory=list)

    def found(self, problem: str) -> None:
        """Note a problem."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


def examine(store: Store, progress: Progress | None = None) -> Diagnosis:
    """Examine a history; nothing is changed. Raises HistoryError if it cannot be read at all.

    The file is whole, every undo takes back an event that is there (of due days that were moved
    together all or none), the state table equals the
    fold of the log, each memory state follows from the one before it, and each text has its
    digest.
    """
    diagnosis = Diagnosis()
    with store.snapshot() as connection:
        if _whole(connection, diagnosis) and _schema(store, connection, diagnosis):
            _references(connection, diagnosis)
            _log(connection, diagnosis, progress)
            _contents(connection, diagnosis)
    return diagnosis


def rebuild(store: Store) -> None:
    """Make the state table anew from the log, in one transaction. Raises HistoryError."""
    with store.writing() as connection:
        try:
            states = [
                folded(card, collection, map(event_of, events)) for card, collection, events in _by_card(connection)
            ]
        except ValueError as error:
            raise HistoryDamaged(f"{store.path}: its log makes no sense, so nothing was made of it: {error}") from error
        connection.execute("DELETE FROM state")
        marks = ", ".join("?" * len(CardState._fields))
        connection.executemany(f"INSERT INTO state ({', '.join(CardState._fields)}) VALUES ({marks})", states)


def _whole(connection: sqlite3.Connection, diagnosis: Diagnosis) -> bool:
    for (message,) in connection.execute(f"PRAGMA integrity_check({MAX_PROBLEMS})"):
        if message != "ok":
            diagnosis.found(f"the file is damaged: {message}")
    for table, row, other, _ in connection.execute("PRAGMA foreign_key_check"):
        diagnosis.found(f"row {row} of '{table}' names a row of '{other}' that is not there")
    return not diagnosis.problems


def _schema(store: Store, connection: sqlite3.Connection, diagnosis: Diagnosis) -> bool:
    """Whether the tables are ours, and hold names where names belong."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for migration in store.migrations:
            migration(fresh)
        ours, theirs = (set(one.execute("SELECT type, name, sql FROM sqlite_schema")) for one in (fresh, connection))
    for kind, name, _ in sorted(ours ^ theirs, key=str):
        diagnosis.found(f"the {kind} '{name}' is not as it was made")
    for sql in ("SELECT namespace FROM collection", "SELECT key FROM card", "SELECT text FROM word"):
        if any(type(value) is not str for (value,) in connection.execute(sql)):
            diagnosis.found(f"a name is no text ({sql.rpartition(' ')[2]})")
    return not diagnosis.problems


def _references(connection: sqlite3.Connection, diagnosis: Diagnosis) -> None:
    sql = (
        "SELECT u.seq FROM event u LEFT JOIN event e ON e.id = u.voids WHERE u.voids IS NOT NULL"
        " AND (e.seq IS NULL OR e.seq >= u.seq OR e.card != u.card OR e.kind = 2)"
    )
    for (seq,) in connection.execute(sql):
        diagnosis.found(f"event {seq} takes back an event that is not there before it")
    for seq in taken_back_in_part(connection):
        diagnosis.found(f"event {seq} moved a card together with others, and only some of that was taken back")


def _log(connection: sqlite3.Connection, diagnosis: Diagnosis, progress: Progress | None) -> None:
    total = connection.execute("SELECT count(*) FROM event").fetchone()[0]
    names = ", ".join(CardState._fields)
    states = {row[0]: CardState(*row) for row in connection.execute(f"SELECT {names} FROM state")}
    words: dict[int, str] = dict(connection.execute("SELECT id, text FROM word"))
    for card, collection, rows in _by_card(connection):
        diagnosis.cards += 1
        diagnosis.events += len(rows)
        try:
            come_to = _come_to(card, collection, [event_of(row) for row in rows], words, diagnosis)
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
            diagnosis.found(f"card {card}: its events make no sense: {error}")
        else:
            if states.get(card) != come_to:
                diagnosis.found(f"card {card}: the state table differs from what the log comes to")
        states.pop(card, None)
        if progress is not None:
            progress(diagnosis.events, total)
    for card in states:
        diagnosis.found(f"card {card}: has a state but no event")


def _by_card(connection: sqlite3.Connection) -> Iterator[tuple[int, int, list[Row]]]:
    names = ", ".join(f"e.{name}" for name in Event._fields)
    sql = f"SELECT c.collection, {names} FROM event e JOIN card c ON c.id = e.card ORDER BY e.card, e.seq"
    for (card, collection), rows in groupby(connection.execute(sql), key=lambda row: (row[4], row[0])):
        yield card, collection, [row[1:] for row in rows]


def _come_to(card: int, collection: int, events: list[Event], words: dict[int, str], diagnosis: Diagnosis) -> CardState:
    """What the events of a card come to (see `log.folded`). On the way, each answer's memory
    state must follow from the one before it."""
    state = CardState(card, collection)
    for event in events:
        if event.kind == EventKind.MOVE:
            said_of(event)
    for event in standing(events):
        if event.kind == EventKind.MOVE and state.state != State.REVIEW:
            diagnosis.found(f"event {event.seq}: moves a card that is in no review state")
        if event.kind == EventKind.ANSWER and event.before != CRAM:
            preset = _preset(words[event.scheduler or 0])
            if preset is None:
                diagnosis.elsewhere += 1
            elif not _follows(state.memory, event, preset):
                diagnosis.found(f"event {event.seq}: its memory state does not follow from the one before")
        state = applied(state, event)
    return state._replace(revision=events[-1].seq)


def _follows(before: Memory, event: Event, preset: Preset) -> bool:
    after, _ = next_memory(before, Rating(event.rating or 0), event.day, preset)
    return (
        event.before == before.state
        and (after.state, after.step) == (event.state, event.step)
        and isclose(after.stability, event.stability or 0.0, rel_tol=TOLERANCE)
        and isclose(after.difficulty, event.difficulty or 0.0, rel_tol=TOLERANCE)
    )


@cache
def _preset(text: str) -> Preset | None:
    """The settings of an answer; None if another version of the scheduler worked it out."""
    said = json.loads(text)
    if said["version"] != VERSION:
        return None
    if not 0 < said["desired_retention"] < 1:
        raise ValueError("a desired retention that cannot be")
    return Preset(
        desired_retention=said["desired_retention"],
        learning_steps=tuple(said["learning_steps"]),
        relearning_steps=tuple(said["relearning_steps"]),
        maximum_interval=said["maximum_interval"],
        parameters=tuple(said["parameters"]),
    )


def _contents(connection: sqlite3.Connection, diagnosis: Diagnosis) -> None:
    for number, digest, text in connection.execute("SELECT id, digest, text FROM content"):
        if Content.of(str(text)).digest != digest:
            diagnosis.found(f"the text {number} of a card is not the one that was seen")
