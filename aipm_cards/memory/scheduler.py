"""When a card comes next: FSRS-6 over learner days.

`fsrs` works out memory states and learning steps. It counts elapsed time in periods of 24 hours
in UTC, so it is given a clock that shows whole learner days. Intervals are worked out here: its
own fuzz is drawn anew at each call, so that a preview would not be what happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import fsrs

from aipm_cards.memory.days import DAY_MS, Moment, day_begins, learner_day
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating

VERSION = "fsrs 6.3.2"
MAX_STABILITY = 36_500.0  # days; the bound of fsrs-rs, which fsrs has not
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class State(IntEnum):
    """The state of a card, with the numbers that FSRS tools use in review logs."""

    NEW = 0
    LEARNING = 1
    REVIEW = 2
    RELEARNING = 3


# Looked up in a tenth of the time that calling an enumeration takes.
_THEIR_STATES = {State.NEW: fsrs.State.Learning, **{state: fsrs.State(state.value) for state in list(State)[1:]}}
_OUR_STATES = {theirs: ours for ours, theirs in _THEIR_STATES.items() if ours is not State.NEW}
_THEIR_RATINGS = {rating: fsrs.Rating(rating.value) for rating in Rating}


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of one card: FSRS's memory state, and how it was scheduled last.

    `stability` is in days, `difficulty` from 1 to 10; both are 0 for a new card. `last_day` is
    the learner day of the last answer, `interval` the days then given (0 for a learning step).
    """

    state: State = State.NEW
    step: int = 0
    stability: float = 0.0
    difficulty: float = 0.0
    last_day: int = 0
    interval: int = 0


class Outcome(NamedTuple):
    """What a rating leads to: the memory after it and when the card is due (UTC milliseconds,
    and the learner day of that moment)."""

    memory: Memory
    due: int
    due_day: int


def outcomes(memory: Memory, now: Moment, preset: Preset, start: int, seed: str = "") -> dict[Rating, Outcome]:
    """What each rating would lead to.

    `start` is the start of the day in minutes after midnight. The fuzz is a function of `seed`
    (the card and how often it was reviewed), so what is shown is what will happen; without a
    seed there is none. Hard < Good < Easy in days, except at the maximum interval.
    """
    day = learner_day(now, start)
    fuzz = _fraction(seed) if seed else None
    found: dict[Rating, Outcome] = {}
    floor = 0
    for rating in Rating:
        after, delay = next_memory(memory, rating, day, preset)
        if rating is Rating.HARD and after.step == 0 and delay > _DAY:  # between two steps: whole days, as in Anki
            delay = _DAY * int(delay / _DAY + 0.5)
        shortest = _shortest(after, memory, preset)
        interval = fuzzed(days_until(after.stability, preset), max(shortest, floor), preset.maximum_interval, fuzz)
        if after.state is State.REVIEW:
            found[rating] = _in_days(after, interval, now, start)
        else:
            found[rating] = _in_a_step(after, delay, now, start)
        # What Good would give counts for Easy even while Good is a step, as in Anki.
        if (after.state is State.REVIEW and rating is not Rating.AGAIN) or rating is Rating.GOOD:
            floor = interval + 1
    return found


def next_memory(memory: Memory, rating: Rating, day: int, preset: Preset) -> tuple[Memory, timedelta]:
    """The memory after an answer on learner day `day`, without its interval, and the delay of a
    learning step (which means nothing in the review state)."""
    new = memory.state is State.NEW
    card = fsrs.Card(
        card_id=1,  # without one it would sleep to find one
        state=_THEIR_STATES[memory.state],
        step=None if memory.state is State.REVIEW else memory.step,
        stability=None if new else memory.stability,
        difficulty=None if new else memory.difficulty,
        due=_EPOCH,
        last_review=None if new else _on(min(memory.last_day, day)),  # no negative days after a clock was set back
    )
    after, _ = _scheduler(preset).review_card(card, _THEIR_RATINGS[rating], _on(day))
    assert after.stability is not None
    assert after.difficulty is not None
    state = _OUR_STATES[after.state]
    stability = min(after.stability, MAX_STABILITY)
    return Memory(state, after.step or 0, stability, after.difficulty, day), after.due - _on(day)


def retrievability(memory: Memory, day: int, preset: Preset) -> float:
    """The probability of recall on learner day `day`, 0 for a new card: (1 + F t / S) ^ decay,
    with F such that it is 0.9 after S days (FSRS-6)."""
    return 0.0 if memory.state is State.NEW else recall(memory.stability, day - memory.last_day, preset)


def recall(stability: float, days: int, preset: Preset) -> float:
    """The probability of recall `days` after the last answer to a card that is not new: the
    curve above."""
    return recall_on(curve(preset.parameters[20]), stability, days)


def recall_on(curve: tuple[float, float], stability: float, days: int) -> float:
    """The same on a curve that is known already: its decay and its factor."""
    decay, factor = curve
    return float((1 + factor * max(0, days) / stability) ** decay)


def recalls(stability: float, elapsed: Iterable[int], preset: Preset) -> list[float]:
    """The same after each of several numbers of days since the last answer, for a card whose
    stability is in days: for many at once."""
    # Not by the function above: this runs for each card and each day that it may move to.
    decay, factor = curve(preset.parameters[20])
    return [(1 + factor * max(0, days) / stability) ** decay for days in elapsed]


def days_until(stability: float, preset: Preset) -> float:
    """Days until the probability of recall falls to the desired retention: the curve above,
    solved for t."""
    decay, factor = curve(preset.parameters[20])
    return float(stability / factor * (preset.desired_retention ** (1 / decay) - 1))


def fuzz_bounds(interval: float, shortest: int, longest: int) -> tuple[int, int]:
    """The fewest and most days that fuzz makes of an interval, within `shortest` and `longest`.

    Intervals under 2.5 days are left alone. From there one day to each side, plus 15 % of what
    lies between 2.5 and 7 days, 10 % of what lies between 7 and 20, 5 % of the rest (Anki's).
    """
    shortest = min(max(1, shortest), longest)
    interval = min(max(interval, shortest), longest)
    if interval < 2.5:
        days = min(max(round(interval), shortest), longest)
        return days, days
    bands = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.10), (20.0, MAX_STABILITY, 0.05))
    delta = 1.0 + sum(share * max(min(interval, end) - start, 0.0) for start, end, share in bands)
    low, high = (min(max(round(days), shortest), longest) for days in (interval - delta, interval + delta))
    return low, high + 1 if low == high and 2 < high < longest else high


def fuzzed(interval: float, shortest: int, longest: int, fuzz: float | None) -> int:
    """An interval in whole days: at the place `fuzz` (from 0, below 1) within its bounds, or
    rounded if there is none."""
    if fuzz is None:
        return min(max(round(interval), 1, shortest), longest)
    low, high = fuzz_bounds(interval, shortest, longest)
    return min(int(low + fuzz * (high - low + 1)), high)


def _shortest(after: Memory, before: Memory, preset: Preset) -> int:
    """A longer interval than the last is at least a day longer, whatever the fuzz; one that is
    as good as the last is no shorter (Anki's)."""
    if before.state is not State.REVIEW:
        return 1
    interval = days_until(after.stability, preset)
    if round(interval) > before.interval:
        return before.interval + 1
    _, high = fuzz_bounds(interval, 1, preset.maximum_interval)
    return before.interval if before.interval <= high else 1


def _in_days(after: Memory, interval: int, now: Moment, start: int) -> Outcome:
    due_day = learner_day(now, start) + interval
    return Outcome(replace(after, interval=interval), day_begins(due_day, now.zone, start), due_day)


def _in_a_step(after: Memory, delay: timedelta, now: Moment, start: int) -> Outcome:
    ms = delay // timedelta(milliseconds=1)
    if ms >= DAY_MS:  # a step of days comes at the start of its day
        due_day = max(learner_day(now, start) + ms // DAY_MS, learner_day(Moment(now.ms + ms, now.zone), start))
        return Outcome(after, day_begins(due_day, now.zone, start), due_day)
    due = now.ms + ms
    return Outcome(after, due, learner_day(Moment(due, now.zone), start))


@lru_cache(maxsize=4096)
def _on(day: int) -> datetime:
    return _EPOCH + timedelta(days=day)


def _fraction(seed: str) -> float:
    return int.from_bytes(blake2b(seed.encode(), digest_size=6).digest()) / 2**48


@lru_cache(maxsize=64)
def _scheduler(preset: Preset) -> fsrs.Scheduler:
    return fsrs.Scheduler(
        parameters=preset.parameters,
        desired_retention=preset.desired_retention,
        learning_steps=[timedelta(seconds=seconds) for seconds in preset.learning_steps],
        relearning_steps=[timedelta(seconds=seconds) for seconds in preset.relearning_steps],
        maximum_interval=preset.maximum_interval,
        enable_fuzzing=False,
    )


@lru_cache(maxsize=64)
def curve(last: float) -> tuple[float, float]:
    """The decay of the forgetting curve (negative) and its factor F, by the last parameter."""
    return -last, 0.9 ** (1 / -last) - 1
