"""Simulated learners live through the program day by day: real sessions over a real history file.

What a card's memory truly is, nobody but `World` knows: it follows the person's own parameters
of FSRS-6. The program schedules by the settings, sees ratings and times, and writes its history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import count
from math import exp
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

from people import Person

from aipm_cards.memory.days import Moment, day_begins, learner_day
from aipm_cards.memory.history import History
from aipm_cards.memory.queue import Cards
from aipm_cards.memory.scheduler import Memory, State, next_memory, retrievability
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

ZONE = "UTC"  # no clock changes
START = 240  # minutes after midnight at which a day begins
EVENING = 18 * 60  # minutes after midnight at which a session begins
PATIENCE = 20 * 60_000  # milliseconds that a person waits for a card in its steps, as the program does
NAMESPACE = "living"
_NORMAL = NormalDist()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: Moment = field(default_factory=lambda: Moment(0, ZONE))

    def __call__(self) -> Moment:
        return self.now

    def at(self, ms: int) -> None:
        self.now = Moment(ms, ZONE)

    def evening(self, day: int) -> None:
        """To the time of a learner day at which sessions begin."""
        self.at(day_begins(day, ZONE, START) + (EVENING - START) * 60_000)

    def pass_by(self, ms: int) -> None:
        self.at(self.now.ms + ms)

    @property
    def day(self) -> int:
        return learner_day(self.now, START)


class Look(NamedTuple):
    """A person looks at a card: how likely they were to recall it (0 for a new one), and what came of it."""

    key: str
    day: int
    state: State  # of the card, to the program
    chance: float
    recalled: bool
    rating: Rating
    took: int  # milliseconds


@dataclass
class World:
    """The memory of a person as it truly is. `luck` numbers one of the courses that chance may take.

    What chance decides depends on the person, the luck, the card and how often it was seen, and
    on nothing else: so two ways of studying are compared with the same chances.
    """

    person: Person
    luck: int = 0
    memories: dict[str, Memory] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._preset = Preset(parameters=self.person.parameters)

    def copy(self, luck: int | None = None) -> World:
        """The same person at the same moment, in another course of things if `luck` says so."""
        luck = self.luck if luck is None else luck
        return replace(self, luck=luck, memories=dict(self.memories), met=dict(self.met), looks=list(self.looks))

    def recall(self, key: str, day: int) -> float:
        """The true probability of recall at the begin of a learner day; 0 if the card was never seen."""
        return retrievability(self.memories.get(key, Memory()), day, self._preset)

    def remembered(self, keys: Sequence[str], day: int) -> int:
        """How many of these cards are recalled on a learner day, were they all asked then."""
        return sum(self._chances(key, f"asked on {day}")[0] < self.recall(key, day) for key in keys)

    def look(self, key: str, state: State, day: int) -> Look:
        """The person is asked a card, answers and rates it, and their memory changes."""
        number = self.met.get(key, 0)
        self.met[key] = number + 1
        recall, feel, bias, speed = self._chances(key, str(number))
        before = self.memories.get(key, Memory())
        if before.state is State.NEW:
            chance, recalled = 0.0, False
            felt = _chosen(feel, list(Rating), self.person.first)
        else:
            chance = self.person.steps if before.last_day == day else self.recall(key, day)
            recalled = recall < chance
            felt = _chosen(feel, list(Rating)[1:], self.person.recalled) if recalled else Rating.AGAIN
        self.memories[key] = self._after(key, before, felt, day)
        look = Look(key, day, state, chance, recalled, self._said(felt, bias), self._took(key, before, felt, speed))
        self.looks.append(look)
        return look

    def _after(self, key: str, before: Memory, felt: Rating, day: int) -> Memory:
        """Memory follows what was felt, whatever the rating said."""
        after, _ = next_memory(before, felt, day, self._preset)
        afresh = before.state is State.NEW
        if afresh or (felt is Rating.AGAIN and before.last_day < day):  # here FSRS sets a stability anew
            stability = after.stability * self._factor(key)
            after = replace(after, stability=stability if afresh else min(stability, before.stability))
        return replace(after, state=State.REVIEW, step=0)  # the steps are the program's affair

    def _factor(self, key: str) -> float:
        """How many times as stable as others of this person a card is."""
        return exp(self.person.scatter * _NORMAL.inv_cdf(_uniform(f"{self.person.seed}/{key}/stability")[0]))

    def _said(self, felt: Rating, chance: float) -> Rating:
        """The rating given. Who forgot says so; who recalled may flatter or blame themselves."""
        if felt is Rating.AGAIN or chance >= abs(self.person.bias):
            return felt
        return Rating(min(max(felt + (1 if self.person.bias > 0 else -1), Rating.AGAIN), Rating.EASY))

    def _took(self, key: str, before: Memory, felt: Rating, chance: float) -> int:
        person = self.person
        seconds = person.seconds[felt - 1] * (person.first_seconds if before.state is State.NEW else 1)
        of_card = person.seconds_of_card * _NORMAL.inv_cdf(_uniform(f"{person.seed}/{key}/seconds")[0])
        return round(1000 * seconds * exp(of_card + person.seconds_of_answer * _NORMAL.inv_cdf(chance)))

    def _chances(self, key: str, what: str) -> tuple[float, ...]:
        return _uniform(f"{self.person.seed}/{self.luck}/{key}/{what}")


def _uniform(seed: str) -> tuple[float, ...]:
    """Four numbers between 0 and 1, neither of them reached."""
    found = blake2b(seed.encode(), digest_size=24).digest()
    return tuple((int.from_bytes(found[at : at + 6]) + 0.5) / 2**48 for at in (0, 6, 12, 18))


def _chosen(chance: float, ratings: Sequence[Rating], shares: Sequence[float]) -> Rating:
    chance *= sum(shares)
    for rating, share in zip(ratings, shares, strict=True):
        chance -= share
        if chance < 0:
            return rating
    return ratings[-1]


# --- the program --------------------------------------------------------------------------


class Desk(NamedTuple):
    """What the program knows of a learner, and what a way of studying may be worked out from.

    `target` is the learner day on which the `chosen` cards are to be remembered; `minutes` are
    those that the learner is willing to spend a day, None for as long as it takes.
    """

    history: History
    cards: Cards
    chosen: frozenset[str]
    clock: Clock
    settings: Settings
    target: int
    minutes: float | None

    def session(self, settings: Settings) -> Session:
        return Session(self.history, self.cards, settings, self.clock)


@contextmanager
def desk(
    path: Path, order: Sequence[str], chosen: frozenset[str], target: int, minutes: float | None
) -> Iterator[Desk]:
    """A desk over the history file `path` (made if it is not there), for a learner with default settings."""
    numbers = count()

    def token() -> bytes:  # the shuffle of a day's reviews comes from it
        return blake2b(f"{clock.now.ms}/{next(numbers)}".encode(), digest_size=10).digest()

    clock = Clock()
    with Store(path) as store:
        store.connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested
        history = History(store, NAMESPACE, "here", token, START)
        cards = Cards(order, lambda ids: dict.fromkeys(ids, "Deck"))
        yield Desk(history, cards, chosen, clock, Settings(), target, minutes)


class Day(NamedTuple):
    """A day that was lived. `cut` says that the minutes were over before the session was."""

    day: int
    answers: int
    minutes: float
    cut: bool


def live(
    world: World,
    clock: Clock,
    open_session: Callable[[], Session],
    first: int,
    last: int,
    minutes: float | None = None,
) -> list[Day]:
    """Live through the learner days from `first` to `last`, with a session on each that the
    person attends. It ends when nothing is left, or before the answer that would begin after
    `minutes` of answering (not counted: the wait for a card in its steps)."""
    lived = []
    for day, there in enumerate(world.person.attends(first, last, world.luck), first):
        if there:
            clock.evening(day)
            lived.append(_evening(world, clock, open_session(), day, minutes))
    return lived


def _evening(world: World, clock: Clock, session: Session, day: int, minutes: float | None) -> Day:
    answers = used = 0
    while (minutes is None or used < minutes * 60_000) and clock.day == day:
        turn = session.next()
        if turn is None:
            waiting = session.next_learning()
            if waiting is None or not clock.now.ms < waiting <= clock.now.ms + PATIENCE:
                break
            clock.at(waiting)
            continue
        look = world.look(turn.key, State(turn.state.state), day)
        clock.pass_by(look.took)
        session.answer(turn, look.rating, look.took)
        answers, used = answers + 1, used + look.took
    cut = minutes is not None and used >= minutes * 60_000 and session.next() is not None
    return Day(day, answers, used / 60_000, cut)
