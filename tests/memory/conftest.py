"""A history to try things on: a clock that can be moved, tokens that repeat from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aipm_cards.memory.days import Moment
from aipm_cards.memory.goal import InForce
from aipm_cards.memory.history import Content, History
from aipm_cards.memory.log import CardState, Event, folded
from aipm_cards.memory.queue import Cards, Wish, note_of
from aipm_cards.memory.session import Session, Turn
from aipm_cards.memory.settings import Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

BERLIN = "Europe/Berlin"
NOON = "2026-09-21T12:00"  # a Monday
FOUR = 240  # minutes: a day that starts at 04:00


def moment(local: str, zone: str = BERLIN) -> Moment:
    """The moment at which a clock on the wall shows `local`."""
    return Moment(round(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000), zone)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: Moment = field(default_factory=lambda: moment(NOON))

    def __call__(self) -> Moment:
        return self.now

    def forward(self, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self.now = self.now._replace(ms=self.now.ms + span // timedelta(milliseconds=1))

    def at(self, local: str) -> None:
        self.now = moment(local, self.now.zone)

    def fly(self, zone: str) -> None:
        self.now = self.now._replace(zone=zone)


def tokens() -> Callable[[], bytes]:
    """Ten bytes that look random and are the same in every run."""
    numbers = count()
    return lambda: blake2b(str(next(numbers)).encode(), digest_size=10).digest()


def cards(order: Sequence[str], decks: Mapping[str, str] | None = None) -> Cards:
    """Cards in this order; `decks` by note, else all in deck A."""
    return Cards(order, lambda ids: {note: (decks or {}).get(note, "A") for note in ids})


def keys(notes: int, of_each: int = 1) -> list[str]:
    return [f"n{note}:{ordinal}" for note in range(notes) for ordinal in range(of_each)]


def content(text: str) -> Content:
    return Content.of(text)


class Desk:
    """A store, the history in it, and a clock: what a session needs."""

    def __init__(self, path: Path, clock: Clock, token: Callable[[], bytes], namespace: str = "aipm") -> None:
        self.path = path
        self.clock = clock
        self.token = token
        self.namespace = namespace
        self.open()

    def open(self) -> None:
        self.store = Store(self.path)
        self.history = History(self.store, self.namespace, "laptop", self.token, FOUR)

    def reopen(self) -> None:
        self.store.close()
        self.open()

    def session(
        self,
        order: Sequence[str],
        settings: Settings | None = None,
        wish: Wish | None = None,
        decks: Mapping[str, str] | None = None,
        goal: InForce | None = None,
    ) -> Session:
        return Session(self.history, cards(order, decks), settings or Settings(), self.clock, wish, goal)


def drawn(session: Session) -> Turn:
    """The next card, which there must be."""
    turn = session.next()
    assert turn is not None
    return turn


def studied(session: Session, rating: Rating = Rating.GOOD, most: int = 1000) -> list[str]:
    """Answer what comes until nothing does; the keys in their order."""
    found: list[str] = []
    while len(found) < most and (turn := session.next()) is not None:
        session.answer(turn, rating, 1000)
        found.append(turn.key)
    return found


def notes(order: Sequence[str]) -> list[str]:
    return [note_of(key) for key in order]


def states(store: Store, *without: str) -> dict[int, CardState]:
    """The state table by card, some columns left out; blank rows say nothing."""
    names = ", ".join(CardState._fields)
    blank = dict.fromkeys(("revision", *without), 0)
    found = {}
    for row in store.connection.execute(f"SELECT {names} FROM state"):
        state = CardState(*row)._replace(**blank)
        if state != CardState(state.card, state.collection)._replace(**blank):
            found[state.card] = state
    return found


def log(store: Store) -> list[Event]:
    names = ", ".join(Event._fields)
    return [Event(*row) for row in store.connection.execute(f"SELECT {names} FROM event ORDER BY seq")]


def folds(store: Store) -> dict[int, CardState]:
    """What the log comes to, card by card."""
    of_card: dict[int, list[Event]] = {}
    for event in log(store):
        of_card.setdefault(event.card, []).append(event)
    collections = dict(store.connection.execute("SELECT id, collection FROM card").fetchall())
    return {card: folded(card, collections[card], events) for card, events in of_card.items()}


def table(store: Store) -> dict[int, CardState]:
    """The state table as it stands."""
    rows = store.connection.execute(f"SELECT {', '.join(CardState._fields)} FROM state")
    return {row[0]: CardState(*row) for row in rows}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token() -> Callable[[], bytes]:
    return tokens()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def desk(path: Path, clock: Clock, token: Callable[[], bytes]) -> Iterator[Desk]:
    desk = Desk(path, clock, token)
    yield desk
    desk.store.close()


@pytest.fixture
def store(desk: Desk) -> Store:
    return desk.store


@pytest.fixture
def history(desk: Desk) -> History:
    return desk.history
