"""The schedule against fsrs-rs, the other implementation of FSRS-6, on histories of whole days.

fsrs-rs works in 32-bit floats, ours in 64-bit ones, and each goes its own way through a history.
Difficulty may differ by 1e-5 of itself. Stability may differ by 1e-5 of itself, or by 1e-5 days
(about a second). Beyond the defaults a few reviews may differ by more, in which 32 bits lose
figures: recall is nearly certain (the day after an interval of years), or stability is hours.
The largest relative differences seen in 4,000 histories, and in 120,000 (`--long`):

| parameters | stability | difficulty | reviews over the first bounds |
|---|---|---|---|
| the defaults | 6.1e-6, 8.2e-6 | 1.4e-6, 6.9e-6 | none |
| within half of the defaults | 1.2e-5, 3.1e-5 | 1.2e-6, 7.0e-6 | 0.01 % |
| anywhere in their bounds | 2.1e-4, 4.2e-4 | 1.3e-6, 2.5e-6 | 2 % |

Intervals differ by 5.2e-6 at most.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import fsrs_rs_python
import pytest

from aipm_cards.memory.scheduler import MAX_STABILITY, Memory, days_until, fuzzed, next_memory
from aipm_cards.memory.settings import BOUNDS, DEFAULT_PARAMETERS, Preset
from aipm_cards.model import Rating

DIFFERENCE, DAYS = 1e-5, 1e-5  # what nearly all stabilities stay within: one or the other
DIFFICULTY = 1e-5
INTERVAL = 1e-5


class Kind(NamedTuple):
    """Parameters to try: how many histories, the most that stability may differ by, and the
    share of reviews in which it may differ by more than 1e-5."""

    name: str
    histories: int
    most: float
    share: float


KINDS = (
    Kind("default", 1500, 1e-5, 0.0),
    Kind("near", 1500, 1e-4, 0.001),
    Kind("any", 1000, 1e-3, 0.03),
)


def parameters(kind: str, chance: random.Random) -> tuple[float, ...]:
    if kind == "default":
        return DEFAULT_PARAMETERS
    if kind == "near":
        near = (value * chance.uniform(0.5, 1.5) for value in DEFAULT_PARAMETERS)
        return tuple(min(max(value, low), high) for value, (low, high) in zip(near, BOUNDS, strict=True))
    return tuple(chance.uniform(low, high) for low, high in BOUNDS)


class Review(NamedTuple):
    """A review, and the memory after it by both."""

    rating: Rating
    gap: int
    ours: Memory
    theirs: Any


def history(seed: str, kind: str) -> Iterator[tuple[Preset, Review]]:
    """1 to 30 reviews with 0 to 400 days between them."""
    chance = random.Random(seed)
    preset = Preset(parameters=parameters(kind, chance))
    oracle = fsrs_rs_python.FSRS(list(preset.parameters))
    ours, theirs, day = Memory(), None, 20_000
    for number in range(chance.randint(1, 30)):
        gap = 0 if number == 0 else chance.choice((0, 1, chance.randint(0, 10), chance.randint(0, 400)))
        rating = chance.choice(list(Rating))
        day += gap
        ours, _ = next_memory(ours, rating, day, preset)
        states = oracle.next_states(theirs, 0.9, gap)
        theirs = getattr(states, rating.name.lower()).memory
        yield preset, Review(rating, gap, ours, theirs)


def apart(ours: float, theirs: float, nothing: float = 0.0) -> float:
    """The relative difference; none if it is at most `nothing`."""
    return 0.0 if abs(ours - theirs) <= nothing else abs(ours / theirs - 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_memory_states_are_those_of_fsrs_rs(kind: Kind, request: pytest.FixtureRequest) -> None:
    histories = kind.histories * (30 if request.config.getoption("--long") else 1)
    reviews = over = 0
    widest = [0.0, 0.0]
    for number in range(histories):
        for preset, review in history(f"{kind.name} {number}", kind.name):
            stability = apart(review.ours.stability, review.theirs.stability, DAYS)
            difficulty = apart(review.ours.difficulty, review.theirs.difficulty)
            where = f"history {number}, {review}, {preset.parameters}"
            assert stability <= kind.most, where
            assert difficulty <= DIFFICULTY, where
            reviews += 1
            over += stability > DIFFERENCE
            widest = [max(widest[0], stability), max(widest[1], difficulty)]
    assert reviews > 10 * histories
    assert over <= kind.share * reviews, f"{over} of {reviews} reviews differ by more than {DIFFERENCE}"
    print(f"{kind.name}: {reviews} reviews, widest {widest[0]:.1e} and {widest[1]:.1e}, {over} over {DIFFERENCE}")


@pytest.mark.parametrize("retention", [0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99])
def test_intervals_are_those_of_fsrs_rs(retention: float) -> None:
    chance = random.Random(f"intervals {retention}")
    widest = 0.0
    for number in range(500):
        preset = Preset(
            desired_retention=retention, parameters=parameters(("default", "near", "any")[number % 3], chance)
        )
        stability = 10 ** chance.uniform(-3, 4.5)
        theirs = fsrs_rs_python.FSRS(list(preset.parameters)).next_interval(stability, retention, 3)
        ours = days_until(stability, preset)
        widest = max(widest, apart(ours, theirs))
        assert apart(ours, theirs) <= INTERVAL, (stability, preset)
        if abs(ours % 1 - 0.5) > INTERVAL * ours:  # a hair from a half may go either way
            assert fuzzed(ours, 1, 10**9, None) == max(1, round(theirs))
    print(f"widest {widest:.1e}")


def test_the_bound_of_stability_is_that_of_fsrs_rs() -> None:
    preset = Preset()
    state = fsrs_rs_python.MemoryState(36_000.0, 1.0)
    theirs = fsrs_rs_python.FSRS(list(preset.parameters)).next_states(state, 0.9, 40_000).easy.memory
    assert theirs.stability == MAX_STABILITY
