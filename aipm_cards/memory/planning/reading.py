"""What a plan starts from: the answers that a history holds, and the cards as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aipm_cards.memory.history import History
from aipm_cards.memory.log import CardState, EventKind
from aipm_cards.memory.planning.formulas import Floats, Ints
from aipm_cards.memory.queue import Cards, note_of
from aipm_cards.memory.rows import state_of, text_of, whole
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Settings

Bools = NDArray[np.bool_]

FAR = 2**30  # the due day of a card that is not scheduled


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that count, card by card in their order (shape n each): the card's place in `keys`,
    the learner day, rating, state before (0 to 3), milliseconds taken. Those before a card was
    started afresh are marked: they tell how the person answers, not what is remembered."""

    keys: Sequence[str]
    card: Ints
    day: Ints
    rating: Ints
    before: Ints
    took: Ints
    stale: Bools


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards of a plan (shape n each), in the author's order: all that were chosen, and those
    not chosen that come for review all the same. Days are counted from today."""

    keys: Sequence[str]
    chosen: Bools
    note: Ints  # cards of one note have one number
    preset: Ints  # place in `presets`
    state: Ints
    step: Ints
    stability: Floats
    difficulty: Floats
    last: Ints
    interval: Ints
    due: Ints  # FAR if the card does not come: it is new, or suspended
    lapses: Ints
    suspended: Bools
    done: Bools  # answered or buried today: does not come again today
    limited: Sequence[tuple[Bools, str]]  # decks with limits of their own: their cards, their preset's name


def read_answers(history: History) -> Answers:
    """All answers of the collection that count: not undone, not crammed. Raises HistoryError."""
    sql = (
        "SELECT c.key, e.kind, e.day, e.rating, e.before, e.took FROM event e JOIN card c ON c.id = e.card"
        f" WHERE c.collection = ? AND e.kind IN ({EventKind.ANSWER:d}, {EventKind.AFRESH:d})"
        " AND NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id) ORDER BY e.card, e.seq"
    )
    keys: dict[str, int] = {}
    rows: list[tuple[int, int, int, int, int]] = []
    fresh: dict[int, int] = {}  # the first row of a card that is not stale
    with history.store.reading() as connection:
        for key, kind, day, rating, before, took in connection.execute(sql, (history.collection_id,)):
            card = keys.setdefault(text_of(key), len(keys))
            if kind == EventKind.AFRESH:
                fresh[card] = len(rows)
            elif before != 4:
                took = 0 if took is None else whole(took, "took")
                rows.append((card, whole(day, "day"), whole(rating, "rating"), whole(before, "before"), took))
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    begin = np.zeros(len(keys), dtype=np.int64)
    for card, row in fresh.items():
        begin[card] = row
    stale = np.arange(len(table)) < begin[table[:, 0]] if len(table) else np.zeros(0, dtype=bool)
    return Answers(list(keys), table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4], stale)


def read_states(history: History) -> dict[str, CardState]:
    """The state of every card that the history knows. Raises HistoryError."""
    names = ", ".join(f"s.{name}" for name in CardState._fields)
    sql = f"SELECT c.key, {names} FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ?"
    with history.store.reading() as connection:
        rows = connection.execute(sql, (history.collection_id,)).fetchall()
        return {text_of(key): state_of(row) for key, *row in rows}


def read_deck(history: History, cards: Cards, chosen: frozenset[str], settings: Settings, today: int) -> Deck:
    """The cards as they stand on learner day `today`. Raises HistoryError."""
    states = read_states(history)
    keys = [key for key in cards.order if key in chosen or (key in states and _comes(states[key]))]
    found = [states.get(key, _BLANK) for key in keys]
    notes: dict[str, int] = {}
    decks = cards.deck_of({note_of(key) for key in keys}) if settings.decks else {}
    names = ["", *settings.decks]
    preset_of = {deck: names.index(settings.preset_name(deck)) for deck in set(decks.values())}

    def column(name: str, kind: type = np.int64) -> NDArray[np.int64]:
        return np.array([getattr(state, name) for state in found], dtype=kind)

    state, suspended = column("state"), column("suspended").astype(bool)
    answered = {key for key, before, _ in history.answered(today) if before != 4}
    return Deck(
        keys=keys,
        chosen=np.array([key in chosen for key in keys], dtype=bool),
        note=np.array([notes.setdefault(note_of(key), len(notes)) for key in keys], dtype=np.int64),
        preset=np.array([preset_of.get(decks.get(note_of(key), ""), 0) for key in keys], dtype=np.int64),
        state=state,
        step=column("step"),
        stability=column("stability", np.float64).astype(np.float64),
        difficulty=column("difficulty", np.float64).astype(np.float64),
        last=column("last_day") - today,
        interval=column("interval"),
        due=np.where((state == State.NEW) | suspended, FAR, column("due_day") - today),
        lapses=column("lapses"),
        suspended=suspended,
        done=np.array([s.buried == today or key in answered for key, s in zip(keys, found, strict=True)], dtype=bool),
        limited=[
            (np.array([_is_below(decks.get(note_of(key), ""), name) for key in keys], dtype=bool), name)
            for name in sorted(settings.decks, key=lambda name: -name.count("::"))
        ],
    )


_BLANK = CardState(0, 0)


def _comes(state: CardState) -> bool:
    return state.state != State.NEW and not state.suspended


def _is_below(deck: str, name: str) -> bool:
    return f"{deck}::".casefold().startswith(f"{name}::".casefold())
