"""Simulated learners of several kinds, none of whom is as the defaults say: how they forget, how
long they take, how they rate, and which days they miss. All that they do follows from their seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aipm_cards.memory.days import date_of
from aipm_cards.memory.settings import DEFAULT_PARAMETERS

# Seconds for Again, Hard, Good and Easy: cards of a sentence or two, read and answered in the head.
SECONDS = (14.0, 13.0, 8.0, 5.0)
FIRST = (0.30, 0.15, 0.45, 0.10)  # what a new card is felt to be, Again to Easy
RECALLED = (0.12, 0.78, 0.10)  # what a card that was recalled is felt to be, Hard to Easy

_STABILITIES = (0, 1, 2, 3)  # places of the first stabilities among the parameters
_LOWEST, _HIGHEST = 0.05, 90.0  # days


@dataclass(frozen=True, slots=True)
class Person:
    """A learner as they are, which neither the scheduler nor a plan knows.

    `parameters` are the true ones of FSRS-6; each card's stability is what they say times a
    factor of its own, lognormal with the standard deviation `scatter` of its logarithm. `steps`
    is the probability of recall on the day of an answer. `first` and `recalled` are in proportion
    to how often a card is felt to be so: a new one Again to Easy, a recalled one Hard to Easy.
    `bias` is the share of ratings that say one better (negative: one worse) than what was felt.
    `missed` is the share of days without a session and `streak` the probability that the day
    after a missed one is missed too; `off` are weekdays without one (0 for Monday), `away` days
    in a row that are missed once.
    """

    kind: str
    seed: int
    parameters: tuple[float, ...]
    scatter: float = 0.35
    steps: float = 0.9
    first: tuple[float, ...] = FIRST
    recalled: tuple[float, ...] = RECALLED
    bias: float = 0.0
    seconds: tuple[float, ...] = SECONDS  # medians by rating
    first_seconds: float = 1.8  # a new card takes so many times as long
    seconds_of_card: float = 0.35  # standard deviations of the logarithm: between cards, between answers
    seconds_of_answer: float = 0.5
    missed: float = 0.0
    streak: float = 0.0
    off: tuple[int, ...] = ()
    away: int = 0
    minutes: float | None = None  # a day that they are willing to spend

    def attends(self, first: int, last: int, luck: int = 0) -> list[bool]:
        """On which of the learner days `first` to `last` this person has a session."""
        chance = random.Random(f"{self.seed}/{luck}/days from {first}")
        days = range(first, last + 1)
        begin = chance.choice(days[: len(days) - self.away + 1]) if 0 < self.away < len(days) else last + 1
        # A missed day is followed by `streak` others on average; in all, `missed` of them are.
        begins = min(1.0, self.missed * (1 - self.streak) / (1 - self.missed))
        there, found = chance.random() >= self.missed, list[bool]()
        for day in days:
            free = date_of(day).weekday() not in self.off and not begin <= day < begin + self.away
            found.append(there and free)
            there = chance.random() >= (begins if there else self.streak)
        return found


def people(count: int, seed: int) -> Iterator[Person]:
    """So many learners, as many of each kind as of every other (at most one more)."""
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        chance = random.Random(f"{seed}/{number}")
        person = Person(
            kind,
            chance.getrandbits(48),
            around_the_defaults(chance),
            scatter=chance.uniform(0.2, 0.5),
            steps=min(0.98, chance.gauss(0.9, 0.03)),
            first=tuple(share * chance.lognormvariate(0, 0.35) for share in FIRST),
            recalled=tuple(share * chance.lognormvariate(0, 0.35) for share in RECALLED),
            seconds=_times(SECONDS, chance.lognormvariate(0, 0.25)),
            first_seconds=chance.uniform(1.3, 2.5),
            missed=chance.uniform(0, 0.15),
            # 100 cards in a month take 1 to 8 minutes a day: too long for some of these, and not for others.
            minutes=None if chance.random() < 0.1 else max(1.5, round(2 * chance.lognormvariate(1.6, 0.6)) / 2),
        )
        person = replace(person, streak=person.missed)  # one day says nothing of the next
        yield KINDS[kind](person, chance)


def around_the_defaults(chance: random.Random) -> tuple[float, ...]:
    """Parameters as a person near the average may have them: no two alike."""
    found = list(DEFAULT_PARAMETERS)
    memory = chance.lognormvariate(0, 0.25)
    for place in _STABILITIES:
        found[place] *= memory * chance.lognormvariate(0, 0.2)
    found[:4] = sorted(found[:4])
    found[4] += chance.gauss(0, 0.4)  # difficulty of a card that was new
    found[6] *= chance.lognormvariate(0, 0.15)  # how a rating moves it
    found[8] += chance.gauss(0, 0.15)  # growth of stability: its logarithm
    found[11] *= memory * chance.lognormvariate(0, 0.2)  # what a lapse leaves
    found[15] *= chance.lognormvariate(0, 0.15)  # Hard
    found[16] *= chance.lognormvariate(0, 0.15)  # Easy
    found[17] *= chance.lognormvariate(0, 0.15)  # the same day
    found[20] *= chance.lognormvariate(0, 0.2)  # the shape of the curve
    return _within(found)


def stability(person: Person, times: float) -> Person:
    """One whose stabilities are so many times as long: after a first answer, and after a lapse."""
    found = list(person.parameters)
    for place in (*_STABILITIES, 11):
        found[place] *= times
    return replace(person, parameters=_within(found))


def steep(person: Person) -> Person:
    """One whose cards become difficult quickly, and who loses most of one with a lapse."""
    found = list(person.parameters)
    found[4] += 1.2
    found[6] *= 1.3
    found[8] -= 0.3
    found[11] *= 0.5
    return replace(person, parameters=_within(found), scatter=person.scatter * 1.5)


def _times(numbers: Sequence[float], factor: float) -> tuple[float, ...]:
    return tuple(number * factor for number in numbers)


def _within(parameters: Sequence[float]) -> tuple[float, ...]:
    """Parameters that the program would take."""
    found = list(parameters)
    bounds = dict.fromkeys(_STABILITIES, (_LOWEST, _HIGHEST))
    bounds |= {4: (1.0, 10.0), 6: (0.001, 4.0), 8: (0.0, 4.5), 11: (0.001, 5.0), 15: (0.0, 1.0), 16: (1.0, 6.0)}
    bounds |= {17: (0.0, 2.0), 20: (0.1, 0.8)}
    for place, (low, high) in bounds.items():
        found[place] = min(max(found[place], low), high)
    return tuple(found)


def _irregular(person: Person, chance: random.Random) -> Person:
    return replace(person, missed=0.35, streak=chance.choice((0.35, 0.6)))  # single days, or several in a row


KINDS: Mapping[str, Callable[[Person, random.Random], Person]] = {
    "typical": lambda person, _: person,
    "forgetful": lambda person, _: stability(person, 0.4),
    "strong": lambda person, _: stability(person, 2.5),
    "steep": lambda person, _: steep(person),
    "slow": lambda person, _: replace(person, seconds=_times(person.seconds, 2.2)),
    "quick": lambda person, _: replace(person, seconds=_times(person.seconds, 0.5)),
    "irregular": _irregular,
    "weekends off": lambda person, _: replace(person, off=(5, 6)),
    "a week away": lambda person, _: replace(person, away=7),
    "optimist": lambda person, _: replace(person, bias=0.45),
    "harsh": lambda person, _: replace(person, bias=-0.35),
}
"""What makes a kind of learners of one near the average."""
