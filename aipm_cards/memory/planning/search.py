"""Which limits serve a date best: many limits tried at once, a few lives each.

All lives of a round are one simulation, in which each has limits of its own. A large deck is
thinned for it: every k-th note, with a k-th of the limits and of the minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import ceil
from typing import NamedTuple

import numpy as np

from aipm_cards.memory.planning.answers import NEW
from aipm_cards.memory.planning.formulas import Floats
from aipm_cards.memory.planning.reading import Deck
from aipm_cards.memory.planning.simulate import Limits, World, simulate

ENOUGH = 9000  # cards times days in a thinned deck
FEWEST = 100  # cards in it
FEW, FINE = 6, 20  # lives each
MIDDLE = 0.85  # the desired retention that the search begins with
RETENTIONS = (0.70, 0.77, 0.85, 0.90, 0.95)
SHARES = (0.7, 1.0, 1.5, 3.0, 8.0, 1000.0)  # of the pace that sees every card just in time
LEAST, MOST = 0.70, 0.99  # of a desired retention
NEARLY = 0.005  # of the chosen cards: a difference that is not worth more time
HALF_A_CARD = 0.5  # the same for few cards
LIVES = 200  # of a forecast


def best_limits(world: World, minutes: float, seed: int) -> Limits:
    """The limits under which most chosen cards are expected to be remembered, in at most
    `minutes` a day (0 for as many as it takes). Of those that come to nearly the same, the ones
    that take the least time; where there is no bound, the ones whose busiest day takes the least.
    There is always a last day on which each chosen card is shown once more."""
    small, share = thinned(world)
    pace = _pace(small)
    most, end = max(1, new_cards(small.deck)), world.days
    last = sorted({1, 2, 4, end // 10, end // 5, end // 3} & set(range(1, end + 1)))
    first = Limits(1, MIDDLE, 0, minutes / share)
    best = _best(small, _around(first, _paces(pace, SHARES, most), [MIDDLE], last), FEW, seed)
    paces = _paces(best.new_per_day, (0.65, 1.0, 1.5), most)
    days = {1, best.last_days, *(min(max(best.last_days + step, 1), end) for step in (-2, 2))}
    best = _best(small, _around(best, paces, RETENTIONS, sorted(days)), FEW, seed)
    wanted = sorted({_within(best.desired_retention + step) for step in (-0.04, 0.0, 0.03)})
    days = {min(max(best.last_days + step, 1), end) for step in (-1, 0, 1)}
    near = _around(best, [best.new_per_day], wanted, sorted(days))
    if minutes:  # the order matters only to who stops before the end
        near += [replace(each, new_first=True) for each in near]
    best = _best(small, near, FINE, seed)
    return replace(best, new_per_day=ceil(best.new_per_day * share), minutes=minutes)


def expectations(world: World, limits: Sequence[Limits], lives: int, seed: int) -> Floats:
    """The share of the chosen cards that is remembered under each of several limits."""
    small, share = thinned(world)
    scaled = [
        replace(each, new_per_day=round(each.new_per_day / share), minutes=each.minutes / share) for each in limits
    ]
    found: Floats = _tried(small, scaled, lives, seed).expected / max(1, int(small.deck.chosen.sum()))
    return found


def some_lives(world: World, lives: Sequence[int]) -> World:
    """The world with these lives of it, as often as they are named."""
    at, draws = np.array(lives), world.draws
    return replace(
        world,
        life=world.life[at],
        stability=world.stability[at],
        difficulty=world.difficulty[at],
        draws=replace(
            draws,
            first=draws.first[at],
            step=draws.step[at],
            recalled=draws.recalled[at],
            speed=draws.speed[at],
            attends=draws.attends[at],
        ),
    )


def thinned(world: World) -> tuple[World, int]:
    """The world with every k-th note of a large deck, and k."""
    cards = len(world.deck.keys)
    share = max(1, min(cards * world.days // ENOUGH, cards // FEWEST))
    if share == 1:
        return world, 1
    kept = world.deck.note % share == 0
    deck = world.deck
    columns = {name: getattr(deck, name)[kept] for name in _COLUMNS}
    columns["note"] = np.unique(columns["note"], return_inverse=True)[1]
    keys = [key for key, keep in zip(deck.keys, kept.tolist(), strict=True) if keep]
    few = replace(
        world,
        deck=replace(deck, keys=keys, limited=[(inside[kept], name) for inside, name in deck.limited], **columns),
        stability=world.stability[:, kept],
        difficulty=world.difficulty[:, kept],
        draws=replace(world.draws, card_factor=world.draws.card_factor[kept]),
        presets=[replace(one, reviews_per_day=ceil(one.reviews_per_day / share)) for one in world.presets],
        review_limits=[(inside[kept], ceil(most / share)) for inside, most in world.review_limits],
        new_today=round(world.new_today / share),
        reviews_today=round(world.reviews_today / share),
        spent_today=world.spent_today / share,
    )
    return few, share


_COLUMNS = [
    *("chosen", "note", "preset", "state", "step", "stability", "difficulty"),
    *("last", "interval", "due", "lapses", "suspended", "done"),
]


def new_cards(deck: Deck) -> int:
    """How many chosen cards are still new."""
    return int((deck.chosen & (deck.state == NEW) & ~deck.suspended).sum())


def _pace(world: World) -> int:
    """New cards a day that see every card just in time."""
    return max(1, ceil(new_cards(world.deck) / max(1.0, float(world.draws.attends.sum(axis=1).mean()))))


def _paces(pace: int, shares: Iterable[float], most: int) -> list[int]:
    return sorted({min(max(1, round(pace * share)), max(1, most)) for share in shares})


def _around(
    limits: Limits, paces: Iterable[int], retentions: Iterable[float], last_days: Iterable[int]
) -> list[Limits]:
    return [Limits(*each, limits.minutes) for each in product(paces, retentions, last_days)]


def _within(retention: float) -> float:
    return round(min(max(retention, LEAST), MOST), 2)


def _best(world: World, limits: Sequence[Limits], lives: int, seed: int) -> Limits:
    tried = _tried(world, limits, lives, seed)
    good = np.flatnonzero(tried.expected >= tried.expected.max() - nearly(int(world.deck.chosen.sum())))
    cost = tried.minutes if limits[0].minutes else tried.busiest
    return limits[int(good[np.argmin(cost[good])])]


def nearly(cards: int) -> float:
    """So few of `cards` remembered more or fewer are not worth more time, nor told for sure."""
    return max(NEARLY * cards, HALF_A_CARD)


class _Tried(NamedTuple):
    """What each of several limits came to, on average of the lives: cards remembered, minutes of
    a day, minutes of the busiest day."""

    expected: Floats
    minutes: Floats
    busiest: Floats


def _tried(world: World, limits: Sequence[Limits], lives: int, seed: int) -> _Tried:
    """Each of several limits tried, all with the same people."""
    people = np.linspace(0, len(world.life) - 1, lives).round().astype(int).tolist()
    found = simulate(some_lives(world, people * len(limits)), [each for each in limits for _ in people], seed)

    def mean(column: Floats) -> Floats:
        means: Floats = column.reshape(len(limits), lives).mean(axis=1)
        return means

    return _Tried(mean(found.expected), mean(found.minutes.mean(axis=1)), mean(found.minutes.max(axis=1)))
