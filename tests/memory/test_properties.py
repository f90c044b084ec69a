"""What holds of the schedule whatever the history: order, bounds, repeatable fuzz, sane clocks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.memory.days import Moment, day_begins, learner_day
from aipm_cards.memory.scheduler import (
    MAX_STABILITY,
    Memory,
    Outcome,
    State,
    days_until,
    fuzz_bounds,
    fuzzed,
    next_memory,
    outcomes,
    retrievability,
)
from aipm_cards.memory.settings import BOUNDS, DEFAULT_PARAMETERS, Preset
from aipm_cards.model import Rating
from tests.memory.recorded import START

BEGIN = 1_790_000_000_000  # September 2026
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Honolulu", "Pacific/Auckland", "Asia/Kathmandu")
MIN_STABILITY = 0.001
AGAIN, HARD, GOOD, EASY = Rating

RATINGS = st.sampled_from(list(Rating))
# Near the defaults, and anywhere that settings accept.
PARAMETERS = st.one_of(
    st.just(DEFAULT_PARAMETERS),
    st.tuples(*(st.floats(low, high) for low, high in BOUNDS)),
)
STEPS = st.lists(st.sampled_from([30, 60, 600, 3600, 43_200, 86_400, 129_600]), max_size=3).map(tuple)
PRESETS = st.builds(
    Preset,
    desired_retention=st.floats(0.7, 0.99),
    learning_steps=STEPS,
    relearning_steps=STEPS,
    maximum_interval=st.sampled_from([1, 2, 5, 30, 365, 36_500]),
    parameters=PARAMETERS,
)


class Visit(NamedTuple):
    """An answer: hours since the one before, where, and which."""

    hours: float
    zone: str
    rating: Rating


VISITS = st.lists(st.builds(Visit, st.floats(0, 3000), st.sampled_from(ZONES), RATINGS), min_size=1, max_size=15)
CONFUSED = st.lists(st.builds(Visit, st.floats(-3000, 3000), st.sampled_from(ZONES), RATINGS), min_size=2, max_size=15)
SEEDS = st.text(max_size=6)


def walk(
    visits: list[Visit], preset: Preset, seed: str = ""
) -> Iterator[tuple[Memory, Moment, Rating, dict[Rating, Outcome]]]:
    """Each answer of a history: the memory before it, when it comes, and what there was to choose."""
    memory, ms = Memory(), BEGIN
    for number, visit in enumerate(visits):
        ms += round(visit.hours * 3_600_000)
        now = Moment(ms, visit.zone)
        found = outcomes(memory, now, preset, START, f"{seed}/{number}" if seed else "")
        yield memory, now, visit.rating, found
        memory = found[visit.rating].memory


# --- order -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(VISITS, PRESETS, SEEDS)
def test_hard_good_and_easy_differ_in_days(visits: list[Visit], preset: Preset, seed: str) -> None:
    for _, _, _, found in walk(visits, preset, seed):
        in_days = [found[rating].memory.interval for rating in (HARD, GOOD, EASY) if found[rating].memory.interval]
        for fewer, more in pairwise(in_days):
            assert fewer < more or fewer == more == preset.maximum_interval
        assert found[EASY].memory.state is State.REVIEW


@settings(deadline=None)
@given(VISITS, PRESETS, SEEDS)
def test_what_is_in_days_is_due_on_that_day(visits: list[Visit], preset: Preset, seed: str) -> None:
    for _, now, _, found in walk(visits, preset, seed):
        for outcome in found.values():
            assert outcome.due > now.ms
            assert learner_day(Moment(outcome.due, now.zone), START) == outcome.due_day
            in_days = outcome.memory.state is State.REVIEW
            assert (1 <= outcome.memory.interval <= preset.maximum_interval) if in_days else not outcome.memory.interval
            if in_days:
                assert outcome.due_day - learner_day(now, START) == outcome.memory.interval


# --- memory ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(12))
def test_a_thousand_reviews_stay_in_bounds(number: int) -> None:
    chance = random.Random(number)
    parameters = tuple(chance.uniform(*bounds) for bounds in BOUNDS) if number % 3 else DEFAULT_PARAMETERS
    weights = ((1, 1, 1, 1), (0, 0, 0, 1), (1, 0, 0, 0), (9, 0, 0, 1))[number // 3]
    preset = Preset(parameters=parameters)
    memory, day = Memory(), 20_000
    for _ in range(1000):
        memory, delay = next_memory(memory, chance.choices(list(Rating), weights)[0], day, preset)
        assert isfinite(memory.stability)
        assert MIN_STABILITY <= memory.stability <= MAX_STABILITY
        assert 1 <= memory.difficulty <= 10
        assert 0 < days_until(memory.stability, preset) < 1e7
        assert delay.total_seconds() > 0
        day += chance.choice((0, 0, 1, 30, 4000))


@settings(deadline=None)
@given(VISITS, PRESETS)
def test_what_was_forgotten_is_no_stabler_and_what_was_recalled_no_less(visits: list[Visit], preset: Preset) -> None:
    for before, now, _, found in walk(visits, preset):
        if before.state is State.NEW or learner_day(now, START) <= before.last_day:
            continue
        stability = {rating: outcome.memory.stability for rating, outcome in found.items()}
        assert stability[AGAIN] <= max(before.stability, MIN_STABILITY)
        assert before.stability <= stability[HARD] <= stability[GOOD] <= stability[EASY]


@settings(deadline=None)
@given(VISITS, PRESETS)
def test_difficulty_follows_the_ratings(visits: list[Visit], preset: Preset) -> None:
    for _, _, _, found in walk(visits, preset):
        difficulties = [outcome.memory.difficulty for outcome in found.values()]
        assert difficulties == sorted(difficulties, reverse=True)


# --- the clock -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(CONFUSED, PRESETS)
def test_a_clock_that_goes_back_counts_no_days(visits: list[Visit], preset: Preset) -> None:
    for before, now, _, found in walk(visits, preset):
        if before.state is State.NEW or learner_day(now, START) >= before.last_day:
            continue
        later = now._replace(ms=day_begins(before.last_day, now.zone, START))
        for rating, outcome in outcomes(before, later, preset, START).items():
            assert found[rating].memory.stability == outcome.memory.stability
            assert found[rating].memory.difficulty == outcome.memory.difficulty


@settings(deadline=None)
@given(VISITS, PRESETS, st.integers(0, 400))
def test_only_learner_days_count(visits: list[Visit], preset: Preset, days: int) -> None:
    """The hour, the zone and the start of the day matter only through the number of days."""
    memory = Memory()
    for memory, _, _, found in walk(visits, preset):
        memory = found[GOOD].memory
    night = Moment(BEGIN, "Asia/Tokyo")
    first = replace(memory, last_day=learner_day(night, 0) - days)
    second = replace(memory, last_day=learner_day(night, 23 * 60) - days)
    for rating in Rating:
        one, other = (outcomes(m, night, preset, start)[rating].memory for m, start in ((first, 0), (second, 23 * 60)))
        assert (one.stability, one.difficulty) == (other.stability, other.difficulty)


# --- intervals -----------------------------------------------------------------------------------

STABILITIES = st.floats(MIN_STABILITY, MAX_STABILITY)
PLACES = st.none() | st.integers(0, 2**48 - 1).map(lambda number: number / 2**48)


@given(STABILITIES, STABILITIES, st.floats(0.7, 0.99), PARAMETERS, PLACES, st.sampled_from([1, 30, 36_500]))
def test_what_is_stabler_comes_no_sooner(
    one: float, other: float, retention: float, parameters: tuple[float, ...], place: float | None, longest: int
) -> None:
    preset = Preset(desired_retention=retention, parameters=parameters)
    less, more = (days_until(stability, preset) for stability in sorted((one, other)))
    assert 0 < less <= more
    assert fuzzed(less, 1, longest, place) <= fuzzed(more, 1, longest, place)


@given(STABILITIES, st.floats(0.7, 0.99), st.floats(0.7, 0.99), PARAMETERS)
def test_who_wants_to_recall_more_reviews_sooner(
    stability: float, one: float, other: float, parameters: tuple[float, ...]
) -> None:
    less, more = (
        days_until(stability, Preset(desired_retention=r, parameters=parameters)) for r in sorted((one, other))
    )
    assert less >= more


@given(STABILITIES, st.integers(0, 40_000), st.integers(0, 40_000), PARAMETERS)
def test_retrievability_falls(stability: float, one: int, other: int, parameters: tuple[float, ...]) -> None:
    preset = Preset(parameters=parameters)
    memory = Memory(State.REVIEW, 0, stability, 5.0, 0, 1)
    soon, late = (retrievability(memory, day, preset) for day in sorted((one, other)))
    assert 0 <= late <= soon <= 1
    assert retrievability(memory, 0, preset) == 1


# --- fuzz ----------------------------------------------------------------------------------------

# Anki's own cases for its fuzz: interval, shortest, longest, and what comes at 0, 0.5 and 0.99.
ANKIS_FUZZ = (
    (1.0, 1, 1000, (1, 1, 1)),
    (2.49, 1, 1000, (2, 2, 2)),
    (2.5, 1, 1000, (2, 3, 4)),
    (7.0, 1, 1000, (5, 7, 9)),
    (17.0, 1, 1000, (14, 17, 20)),
    (37.0, 1, 1000, (33, 37, 41)),
    (2.0, 2, 1000, (2, 2, 2)),
    (2.0, 3, 1000, (3, 4, 4)),
    (2.0, 3, 3, (3, 3, 3)),
    (6.9, 3, 1000, (5, 7, 9)),
    (7.1, 3, 1000, (5, 7, 9)),
    (19.9, 3, 1000, (17, 20, 23)),
    (20.1, 3, 1000, (17, 20, 23)),
)


@pytest.mark.parametrize(("interval", "shortest", "longest", "days"), ANKIS_FUZZ)
def test_fuzz_is_ankis(interval: float, shortest: int, longest: int, days: tuple[int, int, int]) -> None:
    assert tuple(fuzzed(interval, shortest, longest, place) for place in (0.0, 0.5, 0.99)) == days


def spread(interval: float) -> float:
    """How many days fuzz may add or take, as the documentation of `fuzz_bounds` has it."""
    if interval < 2.5:
        return 0.0
    within = (min(interval, 7) - 2.5, max(0, min(interval, 20) - 7), max(0, interval - 20))
    return 1 + sum(share * days for share, days in zip((0.15, 0.1, 0.05), within, strict=True))


@settings(deadline=None)
@given(VISITS, PRESETS, SEEDS)
def test_fuzz_keeps_to_its_bounds(visits: list[Visit], preset: Preset, seed: str) -> None:
    longest = preset.maximum_interval
    for before, _, _, found in walk(visits, preset, seed + "x"):
        below = before.interval  # what may push an interval up: the last one, and the rating below
        for rating in (HARD, GOOD, EASY):
            memory = found[rating].memory
            wanted = min(days_until(memory.stability, preset), longest)
            pushed = max(wanted, below + 1)
            if memory.state is State.REVIEW:
                assert memory.interval >= min(round(wanted - spread(wanted)), longest)
                assert memory.interval <= max(round(pushed + spread(pushed)), below + 2)
                below = max(below, memory.interval)
            else:  # a step counts for the next rating with the days that it would give
                below = max(below, round(pushed + spread(pushed)))


@settings(deadline=None)
@given(VISITS, PRESETS, SEEDS, st.integers())
def test_fuzz_is_a_function_of_its_seed(visits: list[Visit], preset: Preset, seed: str, chance: int) -> None:
    first = list(walk(visits, preset, seed))
    kept = random.getstate()
    random.seed(chance)
    try:
        assert list(walk(visits, preset, seed)) == first
    finally:
        random.setstate(kept)


def test_fuzz_reaches_each_day_of_its_bounds() -> None:
    memory = Memory(State.REVIEW, 0, 30.0, 5.0, learner_day(Moment(BEGIN, ZONES[0]), START) - 30, 30)
    now = Moment(BEGIN, ZONES[0])
    hard = outcomes(memory, now, Preset(), START)[HARD]
    low, high = fuzz_bounds(days_until(hard.memory.stability, Preset()), 31, 36_500)
    seen = {outcomes(memory, now, Preset(), START, str(seed))[HARD].memory.interval for seed in range(400)}
    assert seen == set(range(low, high + 1))
    assert len(seen) > 4
