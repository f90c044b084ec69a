"""What a learner is told: how many cards will be remembered on the day, and what serves it best."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from aipm_cards.memory.goal import Goal
from aipm_cards.memory.history import History
from aipm_cards.memory.planning.formulas import Floats
from aipm_cards.memory.planning.search import LIVES, best_limits, expectations, nearly, new_cards
from aipm_cards.memory.planning.simulate import Limits, World, simulate
from aipm_cards.memory.planning.world import world_of
from aipm_cards.memory.queue import Cards
from aipm_cards.memory.settings import Settings

# The share of the lives in an interval, and the percentiles at its ends. Lives do not differ in all
# ways in which people do: of 1,200 learners of tests/benchmarks/plan.py, who are unlike them in other ways
# too, intervals that held 80 % of the lives held 78 %.
SURE = 0.82
LOW, HIGH = 9.0, 91.0
MOSTLY = 90.0  # the percentile of minutes that stay below in nine of ten lives
READY = 0.85  # of the chosen cards remembered: less is no plan that anybody asked for
STEP = 5.0  # minutes a day, more or fewer
MOST_NEW = 9999  # a day, as a setting may say
LONGEST = 366  # days that a plan looks ahead
SURELY = 0.01  # more than ready, what is offered instead has to be: few lives find it
NINE_OF_TEN = 0.9
ENOUGH = 0.02  # of the cards: what more time would add without being worth it
MINUTES = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 240.0)  # a day, to choose from
USUAL, LAST_DAYS = 0.9, 3  # a desired retention and last days that serve most wishes well
ALTERNATIVES = 8  # lives for each of them
MOST_MINUTES = 240.0  # a day: nobody reviews for longer


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked: cards to be remembered at the begin of learner day `date`, seen from learner
    day `today`, in at most so many minutes a day (0 for as many as it takes)."""

    chosen: frozenset[str]
    today: int
    date: int
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Range:
    """An expected number with the interval that holds it in 80 of 100 lives."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Course:
    """A day on the way: the cards that would be remembered at its begin, and its minutes: those
    of half of the lives that study on it, and of nine in ten of them."""

    day: int
    known: Range
    minutes: float
    most_minutes: float


@dataclass(frozen=True, slots=True)
class Change:
    """Other minutes a day, another date or fewer cards, and how many are remembered then. `part`
    is the place of these cards among the parts that were offered."""

    minutes: float
    date: int
    cards: int
    expected: float
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """The limits that serve an aim best and what they come to.

    `typical` are the minutes of half of the days of study, `busiest` those that the busiest day
    stays below in nine of ten lives. `left_out` are chosen cards that are seen in less than half of
    the lives. `changes` tell what five minutes a day more or fewer bring, `nearest` what is possible
    if the aim is not.
    """

    aim: Aim
    limits: Limits
    cards: int
    new: int
    remembered: Range
    now: float
    typical: float
    busiest: float
    left_out: Sequence[str]
    course: Sequence[Course]
    changes: Sequence[Change]
    nearest: Sequence[Change]

    def goal(self, **chosen: Any) -> Goal:
        """The goal that puts the limits in force; `chosen` says which cards are chosen, as a Goal does."""
        limits = self.limits
        return Goal(
            self.aim.date,
            min(limits.new_per_day, MOST_NEW),
            limits.desired_retention,
            limits.last_days,
            limits.minutes or None,
            new_first=limits.new_first,
            **chosen,
        )

    @property
    def possible(self) -> bool:
        """Whether the aim comes true: `READY` of the cards are expected to be remembered."""
        return self.remembered.expected >= READY * self.cards


def advise(
    history: History,
    cards: Cards,
    aim: Aim,
    settings: Settings,
    usual: Mapping[str, float],
    seed: int,
    parts: Sequence[frozenset[str]] = (),
) -> Advice:
    """Advice for an aim. `usual` tells how many times as long as a card of a sentence each card
    takes people (1 where it says nothing); `parts` are cards that might be chosen instead if all
    are too many, the largest first. The same seed gives the same advice. Raises HistoryError.
    """

    def world(date: int, chosen: frozenset[str] = aim.chosen) -> World:
        return world_of(history, cards, chosen, settings, usual, aim.today, date, LIVES, seed)

    here = world(aim.date)
    advice = _foretold(here, aim, best_limits(here, aim.minutes, seed), seed)
    other = _other_minutes(here, advice, seed)
    advice = replace(advice, changes=_changes(advice, other))
    if advice.possible:
        return advice
    nearest = [*_more_minutes(advice, other), *_later(world, advice, seed)]
    fewer = next(_parts(world, advice, parts, seed), None)
    return replace(advice, nearest=[*nearest, *([fewer] if fewer else [])])


def enough_minutes(
    history: History, cards: Cards, aim: Aim, settings: Settings, usual: Mapping[str, float], seed: int
) -> float:
    """The fewest minutes a day, of some, with which nine of ten of the chosen cards are remembered;
    if that cannot be, to which more would add little. The arguments are those of `advise`."""
    world = world_of(history, cards, aim.chosen, settings, usual, aim.today, aim.date, LIVES, seed)
    many = int(world.deck.chosen.sum())
    limits = Limits(max(1, new_cards(world.deck)), USUAL, min(LAST_DAYS, world.days))
    best, *found = _best_in(world, limits, (0.0, *MINUTES), seed)
    wanted = min(NINE_OF_TEN * many, best - max(ENOUGH * many, nearly(many)))
    return next((some for some, expected in zip(MINUTES, found, strict=True) if expected >= wanted), MINUTES[-1])


def _foretold(world: World, aim: Aim, limits: Limits, seed: int) -> Advice:
    """What limits come to."""
    lives = simulate(world, limits, seed + 1, trace=True)
    assert lives.known is not None
    studied = lives.minutes > 0
    keys = [key for key, chosen in zip(world.deck.keys, world.deck.chosen.tolist(), strict=True) if chosen]
    unseen = lives.seen.mean(axis=0) < 0.5
    course = []
    for day in range(world.days):
        minutes = lives.minutes[studied[:, day], day]
        known = _range(lives.known[:, day])
        half, most = (float(np.percentile(minutes, share)) if len(minutes) else 0.0 for share in (50, MOSTLY))
        course.append(Course(aim.today + day, known, half, most))
    return Advice(
        aim,
        limits,
        cards=len(keys),
        new=new_cards(world.deck),
        remembered=_range(lives.remembered),
        now=float(lives.known[:, 0].mean()),
        typical=float(np.median(lives.minutes[studied])) if studied.any() else 0.0,
        busiest=float(np.percentile(lives.minutes.max(axis=1), MOSTLY)),
        left_out=[key for key, left in zip(keys, unseen.tolist(), strict=True) if left],
        course=course,
        changes=(),
        nearest=(),
    )


def _range(lives: Floats) -> Range:
    """The mean of the lives, and the whole numbers between which `SURE` of them lie, or as near to
    that as whole numbers come: both ends belong to it, and with few cards each end is many lives."""
    low, high = np.percentile(lives, (LOW, HIGH))
    ends = [
        (left, right)
        for left in (np.floor(low), np.floor(low) + 1)
        for right in (np.ceil(high), np.ceil(high) - 1)
        if left <= right
    ]
    held = [abs(float(((lives >= left) & (lives <= right)).mean()) - SURE) for left, right in ends]
    left, right = ends[held.index(min(held))]
    return Range(float(lives.mean()), float(left), float(right))


def _other_minutes(world: World, advice: Advice, seed: int) -> dict[float, float]:
    """About how many cards are remembered in the minutes a day of the aim, in a few more and fewer,
    and, if it is not possible, in many more."""
    base = _base(advice)
    more = [] if advice.possible else [ceil(base * factor / STEP) * STEP for factor in (1.25, 1.5, 2, 3, 4.5, 7, 12)]
    asked = sorted({base, base + STEP, *(each for each in more if base < each <= MOST_MINUTES)})
    asked = [base - STEP, *asked] if base > STEP else asked
    return dict(zip(asked, _best_in(world, advice.limits, asked, seed), strict=True))


def _base(advice: Advice) -> float:
    """The minutes a day of the aim; of one without a bound about those of a usual day."""
    return advice.limits.minutes or max(STEP, STEP * round(advice.typical / STEP))


def _changes(advice: Advice, other: Mapping[float, float]) -> list[Change]:
    """What five minutes a day more or fewer bring, with the limits fitted to them. Few lives tell a
    difference well and a number badly: so it is the difference to what is advised, found in the
    same way. More minutes need not be used, so they bring no less."""
    base, expected = _base(advice), advice.remembered.expected
    changes = []
    for some in (base - STEP, base + STEP):
        if some in other:
            differs = other[some] - other[base]
            differs = max(0.0, differs) if some > base else min(0.0, differs)
            differs = 0.0 if abs(differs) < nearly(advice.cards) else differs
            found = min(max(expected + differs, 0.0), advice.cards)
            changes.append(Change(some, advice.aim.date, advice.cards, found))
    return changes


def _best_in(world: World, limits: Limits, minutes: Sequence[float], seed: int) -> list[float]:
    """About how many cards are remembered in each of several minutes a day, with the best of a few
    limits near those given."""
    near = _near(limits, new_cards(world.deck), world.days)
    tried = [replace(each, minutes=some) for some in minutes for each in near]
    shares = expectations(world, tried, ALTERNATIVES, seed).reshape(len(minutes), len(near))
    found: list[float] = (shares.max(axis=1) * int(world.deck.chosen.sum())).tolist()
    return found


def _near(limits: Limits, new: int, days: int) -> list[Limits]:
    paces = sorted({min(max(1, each), max(1, new)) for each in (limits.new_per_day, ceil(1.3 * new / days), new)})
    usual = replace(limits, desired_retention=USUAL, last_days=min(LAST_DAYS, days))  # other minutes may want others
    return list(dict.fromkeys(replace(each, new_per_day=pace) for each in (limits, usual) for pace in paces))


# --- what is possible of an impossible aim -------------------------------------------------


def _comes_true(expected: float, cards: int) -> bool:
    return expected >= (READY + SURELY) * cards


def _more_minutes(advice: Advice, other: Mapping[float, float]) -> list[Change]:
    """The fewest minutes a day with which the aim comes true."""
    if not advice.limits.minutes:
        return []
    more = [some for some in other if some > advice.limits.minutes and _comes_true(other[some], advice.cards)]
    return [Change(some, advice.aim.date, advice.cards, other[some]) for some in more[:1]]


def _later(world: Callable[[int], World], advice: Advice, seed: int) -> list[Change]:
    """The first date, roughly, by which the aim comes true."""
    aim, base = advice.aim, advice.limits.minutes

    def reached(days: int) -> Change | None:
        (expected,) = _best_in(world(aim.today + days), advice.limits, [base], seed)
        if not _comes_true(expected, advice.cards):
            return None
        return Change(base, aim.today + days, advice.cards, expected)

    short = aim.date - aim.today
    for days in sorted({min(short * factor, LONGEST) for factor in (2, 4, 8)} - {short}):
        if (change := reached(days)) is not None:
            return [reached((days // 2 + days) // 2) or change]
    return []


def _parts(
    world: Callable[[int, frozenset[str]], World], advice: Advice, parts: Sequence[frozenset[str]], seed: int
) -> Iterator[Change]:
    """Those parts of the cards with which the aim comes true."""
    aim, base = advice.aim, advice.limits.minutes
    for number, part in enumerate(parts):
        (expected,) = _best_in(world(aim.date, part), advice.limits, [base], seed)
        if _comes_true(expected, len(part)):
            yield Change(base, aim.date, len(part), expected, number)
