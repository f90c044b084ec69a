"""How a person answers: times, ratings, days missed. What the history says, with what is usual
of people as if it had been seen a few times before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aipm_cards.memory.planning.formulas import Floats, Ints
from aipm_cards.memory.planning.reading import Answers, Bools

# Seconds that an answer takes: first sight of a card, a learning step, a review that was recalled,
# one that was not. Near the medians that FSRS's simulator ships (fsrs-rs, default_simulator_config)
# for cards of a sentence.
SECONDS = (20.0, 10.0, 10.0, 20.0)
# Shares of Again, Hard, Good, Easy at first sight and in learning steps; of Hard, Good, Easy for
# what was recalled.
FIRST, STEP, RECALLED = (0.24, 0.12, 0.50, 0.14), (0.10, 0.07, 0.77, 0.06), (0.15, 0.72, 0.13)
SEEN_FIRST, SEEN_STEP, SEEN_RECALLED = 12.0, 15.0, 20.0  # as many answers as these count for
SPEED_SPREAD = 0.45  # of the logarithm of people's speeds
SPEED_SEEN = 15.0  # answers after which a person's own speed counts as much
LONGEST = 600_000  # milliseconds; who takes longer was called away
DAYS_LOOKED_BACK = 60
MISSED = (1.0, 6.0)  # days missed and studied, as if seen before
WEEKDAYS_ALIKE = 2.0  # days of a weekday that count as much as all others: some people have Sundays off
STREAK, STREAK_SPREAD = 0.5, 0.7  # by how much a missed day raises the log-odds that the next is missed
AWAY_EVERY, AWAY = 150, (4, 9)  # days between two absences, and the fewest and most days of one


@dataclass(frozen=True, slots=True)
class Habits:
    """What is drawn from for each life (counts include what is usual of people)."""

    first: Floats  # 4 counts of ratings
    step: Floats  # 4 counts
    recalled: Floats  # 3 counts: Hard, Good, Easy
    seconds: Floats  # of the four sorts of answers
    card_factor: Floats  # how many times as long each card of the deck takes
    speed_spread: float  # of the logarithm, what is not known of the speed
    missed: Floats  # 7 x 2 counts: days missed and studied, by weekday from Monday on
    streak: tuple[float, float]  # what a missed day adds to the log-odds of the next, and how unsure that is
    studied_yesterday: bool
    weekday: int  # of today


@dataclass(frozen=True, slots=True)
class Draws:
    """Habits of each of R lives."""

    first: Floats  # R x 4, cumulated shares
    step: Floats
    recalled: Floats  # R x 3, cumulated
    speed: Floats  # R
    attends: Bools  # R x days
    seconds: Floats
    card_factor: Floats


def habits_of(answers: Answers, keys: Sequence[str], usual: Mapping[str, float], today: int) -> Habits:
    """The habits that answers show. `usual` tells how many times as long as a card of a sentence
    each card takes people (1 where it says nothing)."""
    sort = np.where(answers.before == 0, 0, np.where(answers.before != 2, 1, np.where(answers.rating > 1, 2, 3)))
    factor = np.array([usual.get(key, 1.0) for key in answers.keys] or [1.0])[answers.card]
    took = np.minimum(answers.took, LONGEST) / 1000
    timed = took > 0
    expected = np.array(SECONDS)[sort] * factor
    speed, n = _shrunk(took[timed], expected[timed], 1.0)
    seconds = np.array([_shrunk(took[timed & (sort == s)] / factor[timed & (sort == s)],
                                np.full((timed & (sort == s)).sum(), SECONDS[s]), speed)[0] * SECONDS[s]
                        for s in range(4)])  # fmt: skip
    factors = np.array([usual.get(key, 1.0) for key in keys])
    own = {
        value: _shrunk(took[timed & (factor == value)], seconds[sort][timed & (factor == value)] * value, 1.0)[0]
        for value in set(factors.tolist())
    }
    missed, streak = _missed(answers.day, today)
    return Habits(
        first=SEEN_FIRST * np.array(FIRST) + np.bincount(answers.rating[sort == 0], minlength=5)[1:],
        step=SEEN_STEP * np.array(STEP) + np.bincount(answers.rating[sort == 1], minlength=5)[1:],
        recalled=SEEN_RECALLED * np.array(RECALLED) + np.bincount(answers.rating[sort == 2], minlength=5)[2:],
        seconds=seconds,
        card_factor=np.array([value * own[value] for value in factors.tolist()]),
        speed_spread=SPEED_SPREAD * float(np.sqrt(SPEED_SEEN / (SPEED_SEEN + n))),
        missed=missed,
        streak=streak,
        studied_yesterday=bool((answers.day == today - 1).any()) or not len(answers.day),
        weekday=(today + EPOCH_WEEKDAY) % 7,
    )


def _shrunk(took: Floats, expected: Floats, before: float) -> tuple[float, int]:
    """How many times as long as expected answers took, held near what was thought before while
    there are few; and how many there are."""
    n = len(took)
    ratio = float(took.sum() / expected.sum()) if n else before
    return (SPEED_SEEN * before + n * ratio) / (SPEED_SEEN + n), n


def _missed(days: Ints, today: int) -> tuple[Floats, tuple[float, float]]:
    """Days missed and studied by weekday, and how missed days follow one another: an estimate of
    the log-odds ratio (with half a day in each cell), held near what is usual while there are few."""
    by_weekday = np.zeros((7, 2))
    follows = np.full((2, 2), 0.5)  # day before missed, day missed
    if len(days):
        studied = set(days.tolist())
        for day in range(max(int(days.min()) + 1, today - DAYS_LOOKED_BACK), today):
            by_weekday[(day + EPOCH_WEEKDAY) % 7, int(day in studied)] += 1
            follows[int(day - 1 not in studied), int(day not in studied)] += 1
    ratio = float(np.log(follows[1, 1] * follows[0, 0] / (follows[1, 0] * follows[0, 1])))
    sure, before = 1 / float((1 / follows).sum()), 1 / STREAK_SPREAD**2
    return by_weekday, ((sure * ratio + before * STREAK) / (sure + before), (sure + before) ** -0.5)


EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


def draw(habits: Habits, lives: int, days: int, chance: np.random.Generator) -> Draws:
    """Habits for each life: shares and speeds as uncertain as they are, and the days attended."""
    attends = _attended(habits, lives, days, chance)
    spread = habits.speed_spread
    return Draws(
        first=np.cumsum(chance.dirichlet(habits.first, lives), axis=1),
        step=np.cumsum(chance.dirichlet(habits.step, lives), axis=1),
        recalled=np.cumsum(chance.dirichlet(habits.recalled, lives), axis=1),
        speed=np.exp(chance.normal(0.0, spread, lives)),
        attends=attends,
        seconds=habits.seconds,
        card_factor=habits.card_factor,
    )


def _attended(habits: Habits, lives: int, days: int, chance: np.random.Generator) -> Bools:
    """On which days each life studies: weekdays differ, missed days follow one another, and now
    and then somebody is away."""
    missed, studied = habits.missed.sum(axis=0) + MISSED
    share = np.clip(chance.beta(missed, studied, lives), 0.005, 0.995)[:, None]
    counts = habits.missed[None]
    of_weekday = chance.beta(WEEKDAYS_ALIKE * share + counts[:, :, 0], WEEKDAYS_ALIKE * (1 - share) + counts[:, :, 1])
    of_weekday = np.clip(of_weekday, 0.002, 0.998)
    streak = chance.normal(*habits.streak, lives)
    luck = chance.random((lives, days))
    attends = np.empty((lives, days), dtype=bool)
    before = np.full(lives, habits.studied_yesterday)
    for day in range(days):
        usual = of_weekday[:, (habits.weekday + day) % 7]
        odds = np.log(usual / (1 - usual)) + streak * (~before - usual)
        before = luck[:, day] >= 1 / (1 + np.exp(-odds))
        attends[:, day] = before
    away = chance.random(lives) < 1 - (1 - 1 / AWAY_EVERY) ** days
    first, length = chance.integers(0, max(1, days), lives), chance.integers(AWAY[0], AWAY[1] + 1, lives)
    every = np.arange(days)
    attends &= ~(away[:, None] & (every >= first[:, None]) & (every < (first + length)[:, None]))
    return attends
