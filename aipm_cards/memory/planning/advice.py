"""What a learner is told: how many cards will be remembered on the day, and what serves it best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from aipm_cards.memory.goal import Goal
from aipm_cards.memory.history import History
from aipm_cards.memory.planning.formulas import Floats
from aipm_cards.memory.planning.search import LIVES, best_limits, expectations, new_cards
from aipm_cards.memory.planning.simulate import Limits, World, simulate
from aipm_cards.memory.planning.world import world_of
from aipm_cards.memory.queue import Cards
from aipm_cards.memory.settings import Settings

SURE = 0.8  # of the lives lie in an interval
LOW, HIGH = 10.0, 90.0  # the percentiles at its ends
READY = 0.85  # of the chosen cards remembered: less is no plan that anybody asked for
STEP = 5.0  # minutes a day, more or fewer
MOST_NEW = 9999  # a day, as a setting may say
LONGEST = 366  # days that a plan looks ahead
USUAL, LAST_DAYS = 0.9, 3  # a desired retention and last days that serve most wishes well
ALTERNATIVES = 10  # lives for each of them
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
    """Other minutes a day, or another date, and the cards that are remembered then. `cards` are
    those asked for; fewer than were chosen if the rest is left out."""

    minutes: float
    date: int
    cards: int
    expected: float


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
        """Whether the aim comes true, as far as is known: nearly all cards are seen, and so many
        are remembered."""
        return self.remembered.expected >= READY * self.cards


def advise(
    history: History, cards: Cards, aim: Aim, settings: Settings, usual: Mapping[str, float], seed: int
) -> Advice:
    """Advice for an aim. `usual` tells how many times as long as a card of a sentence each card
    takes people (1 where it says nothing). The same seed gives the same advice. Raises HistoryError.
    """

    def world(date: int) -> World:
        return world_of(history, cards, aim.chosen, settings, usual, aim.today, date, LIVES, seed)

    here = world(aim.date)
    limits = best_limits(here, aim.minutes, seed)
    advice = _foretold(here, aim, limits, seed)
    changes = _changes(here, advice, seed)
    nearest = () if advice.possible else _nearest(world, here, advice, seed)
    return replace(advice, changes=changes, nearest=nearest)


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
        half, most = (float(np.percentile(minutes, share)) if len(minutes) else 0.0 for share in (50, HIGH))
        course.append(Course(aim.today + day, known, half, most))
    return Advice(
        aim,
        limits,
        cards=len(keys),
        new=new_cards(world.deck),
        remembered=_range(lives.remembered),
        now=float(lives.known[:, 0].mean()),
        typical=float(np.median(lives.minutes[studied])) if studied.any() else 0.0,
        busiest=float(np.percentile(lives.minutes.max(axis=1), HIGH)),
        left_out=[key for key, left in zip(keys, unseen.tolist(), strict=True) if left],
        course=course,
        changes=(),
        nearest=(),
    )


def _range(lives: Floats) -> Range:
    """The mean of the lives, and the whole numbers between which 80 % of them lie, or as near to
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


def _changes(world: World, advice: Advice, seed: int) -> list[Change]:
    """What five minutes a day more or fewer bring, with the limits fitted to them."""
    base = advice.aim.minutes or max(STEP, STEP * round(advice.typical / STEP))
    minutes = [each for each in (base - STEP, base + STEP) if each > 0]
    return [Change(each, advice.aim.date, advice.cards, found) for each, found in _in(world, advice, minutes, seed)]


def _in(world: World, advice: Advice, minutes: Sequence[float], seed: int) -> list[tuple[float, float]]:
    """The cards remembered in so many minutes a day, with the best of a few limits near those
    advised. Few lives tell a difference well and a number badly: so it is the difference to what
    is advised, found in the same way."""
    here, *best = _best_in(world, advice, [advice.aim.minutes, *minutes], seed)
    found = np.clip(advice.remembered.expected + np.array(best) - here, 0.0, advice.cards)
    return list(zip(minutes, found.tolist(), strict=True))


def _best_in(world: World, advice: Advice, minutes: Sequence[float], seed: int) -> list[float]:
    """About how many cards are remembered in each of several minutes a day."""
    near = _near(advice.limits, advice.new, world.days)
    tried = [replace(each, minutes=some) for some in minutes for each in near]
    shares = expectations(world, tried, ALTERNATIVES, seed).reshape(len(minutes), len(near))
    found: list[float] = (shares.max(axis=1) * advice.cards).tolist()
    return found


def _near(limits: Limits, new: int, days: int) -> list[Limits]:
    paces = sorted({min(max(1, each), max(1, new)) for each in (limits.new_per_day, ceil(1.3 * new / days), new)})
    usual = replace(limits, desired_retention=USUAL, last_days=min(LAST_DAYS, days))  # other minutes may want others
    return [replace(each, new_per_day=pace) for each in (limits, usual) for pace in paces]


def _nearest(world: Callable[[int], World], here: World, advice: Advice, seed: int) -> list[Change]:
    """What is possible of an impossible aim: more minutes, a later date, fewer cards."""
    aim, found = advice.aim, list[Change]()
    if aim.minutes:
        more = {float(ceil(aim.minutes * factor / STEP) * STEP) for factor in (1.25, 1.5, 2, 3, 4.5, 7, 12)}
        minutes_a_day = sorted(each for each in more if each <= MOST_MINUTES)
        for minutes, expected in zip(minutes_a_day, _best_in(here, advice, minutes_a_day, seed), strict=True):
            if expected >= READY * advice.cards:
                found.append(Change(minutes, aim.date, advice.cards, expected))
                break
    found += _later(world, advice, seed)
    fewer = int(advice.remembered.expected / READY)
    if 0 < fewer < advice.cards:
        found.append(Change(aim.minutes, aim.date, fewer, advice.remembered.expected))
    return found


def _later(world: Callable[[int], World], advice: Advice, seed: int) -> list[Change]:
    """The first date, roughly, by which the aim comes true."""
    aim = advice.aim

    def reached(days: int) -> Change | None:
        (expected,) = _best_in(world(aim.today + days), advice, [aim.minutes], seed)
        if expected < READY * advice.cards:
            return None
        return Change(aim.minutes, aim.today + days, advice.cards, expected)

    short = aim.date - aim.today
    for days in sorted({min(short * factor, LONGEST) for factor in (2, 4, 8)}):
        if (change := reached(days)) is not None:
            return [reached((days // 2 + days) // 2) or change]
    return []
