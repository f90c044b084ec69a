"""The schedule, figure by figure: what FSRS is given, what comes back, and the fuzz."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.memory.days import Moment, day_begins, learner_day
from aipm_cards.memory.scheduler import (
    MAX_STABILITY,
    Memory,
    State,
    days_until,
    fuzz_bounds,
    fuzzed,
    next_memory,
    outcomes,
    retrievability,
)
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating
from tests.memory.conftest import BERLIN, FOUR, NOON, moment

NOW = moment(NOON)
TODAY = learner_day(NOW, FOUR)
PLAIN = Preset()
KNOWN = Memory(State.REVIEW, 0, 10.0, 5.0, TODAY - 10, 10)
SECOND = 1000
AGAIN, HARD, GOOD, EASY = Rating


def delays(memory: Memory, preset: Preset = PLAIN, now: Moment = NOW) -> dict[Rating, int]:
    """Seconds until each rating's card is due."""
    return {rating: (found.due - now.ms) // SECOND for rating, found in outcomes(memory, now, preset, FOUR).items()}


# --- steps ---------------------------------------------------------------------------------


def test_a_new_card() -> None:
    found = outcomes(Memory(), NOW, PLAIN, FOUR)
    assert {rating: (o.memory.state, o.memory.step, o.memory.stability) for rating, o in found.items()} == {
        AGAIN: (State.LEARNING, 0, 0.212),
        HARD: (State.LEARNING, 0, 1.2931),
        GOOD: (State.LEARNING, 1, 2.3065),
        EASY: (State.REVIEW, 0, 8.2956),
    }
    assert [o.memory.interval for o in found.values()] == [0, 0, 0, 8]
    assert list(delays(Memory()).values())[:3] == [60, 330, 600]
    assert all(o.memory.last_day == TODAY for o in found.values())
    assert {o.due_day for o in found.values()} == {TODAY, TODAY + 8}


def test_a_lapse() -> None:
    lapsed = outcomes(KNOWN, NOW, PLAIN, FOUR)[AGAIN]
    assert (lapsed.memory.state, lapsed.memory.step, lapsed.memory.interval) == (State.RELEARNING, 0, 0)
    assert lapsed.due == NOW.ms + 600 * SECOND
    assert lapsed.memory.stability < 10 < lapsed.memory.stability * 20


def test_without_steps_everything_is_in_days() -> None:
    bare = replace(PLAIN, learning_steps=(), relearning_steps=())
    for memory in (Memory(), KNOWN):
        found = outcomes(memory, NOW, bare, FOUR)
        assert {o.memory.state for o in found.values()} == {State.REVIEW}
        days = [o.memory.interval for o in found.values()]
        assert 1 <= days[0] <= days[1] < days[2] < days[3]


def test_a_step_that_passes_the_start_of_the_day_is_due_the_next() -> None:
    late = moment("2026-09-22T03:59:30")
    found = outcomes(Memory(), late, PLAIN, FOUR)
    assert (found[AGAIN].due_day, found[AGAIN].due) == (TODAY + 1, late.ms + 60 * SECOND)


@pytest.mark.parametrize(("step", "days"), [(86_400, 1), (2 * 86_400, 2), (86_399, None), (30 * 86_400, 30)])
def test_a_step_of_days_comes_at_the_start_of_its_day(step: int, days: int | None) -> None:
    found = outcomes(Memory(), NOW, replace(PLAIN, learning_steps=(step,)), FOUR)[AGAIN]
    if days is None:
        assert found.due == NOW.ms + step * SECOND
    else:
        assert (found.due_day, found.due) == (TODAY + days, day_begins(TODAY + days, BERLIN, FOUR))


@pytest.mark.parametrize("rating", Rating)
def test_fewer_steps_than_before_still_lead_on(rating: Rating) -> None:
    fifth = Memory(State.LEARNING, 4, 3.0, 5.0, TODAY, 0)
    found = outcomes(fifth, NOW, replace(PLAIN, learning_steps=(60,)), FOUR)[rating]
    assert found.memory.state is (State.LEARNING if rating is AGAIN else State.REVIEW)


# --- days ----------------------------------------------------------------------------------


def test_an_interval_counts_learner_days() -> None:
    """At three in the morning it is still yesterday, and the change of clocks costs nothing."""
    night = moment("2026-10-24T03:00")  # the day of the 23rd, two days before clocks go back
    memory = replace(KNOWN, last_day=learner_day(night, FOUR) - 10)
    good = outcomes(memory, night, PLAIN, FOUR)[GOOD]
    assert good.due_day == learner_day(night, FOUR) + good.memory.interval
    assert good.due == moment("2026-10-23T04:00").ms + good.memory.interval * 86_400_000 + 3_600_000


def test_a_clock_set_back_makes_no_negative_days() -> None:
    back = NOW._replace(ms=NOW.ms - 40 * 86_400_000)
    memory = replace(KNOWN, last_day=TODAY)
    for rating in Rating:
        there, here = (outcomes(memory, now, PLAIN, FOUR)[rating].memory for now in (back, NOW))
        assert there.last_day == TODAY - 40
        assert replace(there, last_day=TODAY) == here  # as if no day had passed


@pytest.mark.parametrize("elapsed", [0, 1, 10, 400])
def test_retrievability_by_hand(elapsed: int) -> None:
    factor = exp(-log(0.9) / 0.1542) - 1  # 0.9804
    assert factor == pytest.approx(0.98035, abs=1e-4)
    expected = (1 + factor * elapsed / 10.0) ** -0.1542
    assert retrievability(KNOWN, KNOWN.last_day + elapsed, PLAIN) == pytest.approx(expected)
    assert retrievability(KNOWN, KNOWN.last_day - 5, PLAIN) == 1
    assert retrievability(Memory(), TODAY, PLAIN) == 0


@given(st.floats(0.01, MAX_STABILITY), st.sampled_from([0.7, 0.8, 0.9, 0.95, 0.99]), st.floats(0.1, 0.8))
def test_an_interval_ends_at_the_desired_retention(stability: float, desired: float, decay: float) -> None:
    preset = replace(PLAIN, desired_retention=desired, parameters=(*PLAIN.parameters[:20], decay))
    days = days_until(stability, preset)
    factor = 0.9 ** (-1 / decay) - 1
    assert (1 + factor * days / stability) ** -decay == pytest.approx(desired)
    if desired == 0.9:
        assert days == pytest.approx(stability)


def test_stability_has_a_bound() -> None:
    memory = Memory(State.REVIEW, 0, MAX_STABILITY, 1.0, TODAY - 30_000, 30_000)
    found, _ = next_memory(memory, EASY, TODAY, PLAIN)
    assert found.stability == MAX_STABILITY


# --- order ---------------------------------------------------------------------------------

MEMORIES = st.builds(
    Memory,
    st.sampled_from([State.LEARNING, State.REVIEW, State.RELEARNING]),
    st.integers(0, 2),
    st.floats(0.001, 36_500),
    st.floats(1, 10),
    st.integers(TODAY - 3000, TODAY),
    st.integers(0, 3000),
) | st.just(Memory())
PRESETS = st.builds(
    Preset,
    st.floats(0.7, 0.99),
    st.sampled_from([(), (60,), (60, 600), (600, 86_400)]),
    st.sampled_from([(), (600,)]),
    st.sampled_from([1, 2, 3, 10, 365, 36_500]),
)


@given(MEMORIES, PRESETS, st.text(max_size=8))
def test_hard_good_and_easy_keep_their_order(memory: Memory, preset: Preset, seed: str) -> None:
    found = outcomes(memory, NOW, preset, FOUR, seed)
    longest = preset.maximum_interval
    days = [o.memory.interval for rating, o in found.items() if rating is not AGAIN and o.memory.interval]
    assert all(a < b or a == b == longest for a, b in pairwise(days))
    for outcome in found.values():
        if outcome.memory.state is State.REVIEW:
            assert 1 <= outcome.memory.interval <= longest
            assert outcome.due_day == TODAY + outcome.memory.interval
            assert outcome.due == day_begins(outcome.due_day, BERLIN, FOUR)
        else:
            assert outcome.memory.interval == 0
            assert outcome.due > NOW.ms


@given(MEMORIES, PRESETS, st.text(max_size=8))
def test_what_is_shown_is_what_happens(memory: Memory, preset: Preset, seed: str) -> None:
    assert outcomes(memory, NOW, preset, FOUR, seed) == outcomes(memory, NOW, preset, FOUR, seed)


def test_easy_stays_above_what_good_would_give_while_good_is_a_step() -> None:
    slow = replace(PLAIN, parameters=(0.5, 1.0, 30.0, 30.5, *PLAIN.parameters[4:]))
    assert outcomes(Memory(), NOW, slow, FOUR)[EASY].memory.interval == 31  # Good would give 30


@given(st.integers(0, 500))
def test_a_longer_interval_is_a_day_longer_whatever_the_fuzz(count: int) -> None:
    found = outcomes(KNOWN, NOW, PLAIN, FOUR, f"card/{count}")
    assert found[HARD].memory.interval > KNOWN.interval


def test_an_interval_that_shrinks_may() -> None:
    over = replace(KNOWN, interval=200)
    assert outcomes(over, NOW, PLAIN, FOUR)[HARD].memory.interval < 200


# --- fuzz ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "bounds"),
    [
        (0.2, (1, 1)),
        (2.4, (2, 2)),
        (2.5, (2, 4)),  # one day to each side: 1.5 to 3.5
        (7, (5, 9)),  # 1 + 15 % of 4.5 = 1.675
        (20, (17, 23)),  # and 10 % of 13 = 2.975
        (100, (93, 107)),  # and 5 % of 80 = 6.975
        (1000, (948, 1052)),  # 51.975
    ],
)
def test_the_bounds_of_the_fuzz_by_hand(interval: float, bounds: tuple[int, int]) -> None:
    assert fuzz_bounds(interval, 1, 36_500) == bounds


@pytest.mark.parametrize(
    ("shortest", "longest", "bounds"),
    [(1, 100, (93, 100)), (98, 36_500, (98, 107)), (150, 36_500, (150, 159)), (1, 50, (46, 50)), (200, 50, (50, 50))],
)
def test_the_fuzz_stays_within_its_limits(shortest: int, longest: int, bounds: tuple[int, int]) -> None:
    assert fuzz_bounds(100, shortest, longest) == bounds


def test_the_fuzz_reaches_all_its_days_evenly() -> None:
    found = [fuzzed(20, 1, 36_500, place / 700) for place in range(700)]
    assert {days: found.count(days) for days in range(17, 24)} == dict.fromkeys(range(17, 24), 100)


@given(st.floats(0.1, 40_000), st.integers(1, 400), st.integers(1, 36_500), st.floats(0, 0.999))
def test_the_fuzz_is_within_its_bounds(interval: float, shortest: int, longest: int, place: float) -> None:
    days = fuzzed(interval, shortest, longest, place)
    low, high = fuzz_bounds(interval, shortest, longest)
    assert 1 <= low <= high <= longest
    assert low <= days <= high


def test_the_largest_fraction_stays_within_the_bounds() -> None:
    """36,500 and a fraction of 1 - 2 ** -48 are 36,501 in floats."""
    assert fuzzed(36_500, 36_500, 36_500, 1 - 2**-48) == 36_500


def test_without_a_seed_there_is_no_fuzz() -> None:
    assert fuzzed(20.4, 1, 36_500, None) == 20
    assert fuzzed(0.3, 1, 36_500, None) == 1
    assert fuzzed(20.4, 25, 36_500, None) == 25
    assert fuzzed(20.4, 25, 10, None) == 10


def test_each_review_of_each_card_has_its_own_fuzz() -> None:
    memory = Memory(State.REVIEW, 0, 100.0, 5.0, TODAY - 100, 100)
    seeds = [f"{card}/{count}" for card in "abcdefgh" for count in range(8)]
    assert len({outcomes(memory, NOW, PLAIN, FOUR, seed)[EASY].memory.interval for seed in seeds}) > 15
