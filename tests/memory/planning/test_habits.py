"""What answers show of a person's habits."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from aipm_cards.memory.days import date_of
from aipm_cards.memory.planning.habits import Draws, draw, habits_of
from aipm_cards.memory.planning.reading import Answers

TODAY, DAYS, LIVES = 20_000, 28, 400


def answers_of(rows: Sequence[tuple[int, int, int, int, int]], keys: Sequence[str] = ("a:0", "b:0")) -> Answers:
    """Answers from rows of card, day, rating, state before, milliseconds."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Answers(keys, *table.T, stale=np.zeros(len(table), dtype=bool))


def drawn(answers: Answers, usual: dict[str, float] | None = None) -> Draws:
    return draw(habits_of(answers, answers.keys, usual or {}, TODAY), LIVES, DAYS, np.random.default_rng(1))


def on(days: Iterable[int]) -> Answers:
    return answers_of([(0, day, 3, 2, 8000) for day in days])


def attended(answers: Answers, weekdays: set[int] | None = None) -> float:
    days = [day for day in range(DAYS) if weekdays is None or date_of(TODAY + day).weekday() in weekdays]
    return float(drawn(answers).attends[:, days].mean())


def test_who_studies_every_day_goes_on_so() -> None:
    assert attended(on(range(TODAY - 60, TODAY))) > 0.9
    assert 0.7 < attended(answers_of([])) < 0.9  # nothing is known


def test_weekends_off_are_learned_in_a_few_weeks() -> None:
    weekdays = [day for day in range(TODAY - 35, TODAY) if date_of(day).weekday() < 5]
    assert attended(on(weekdays), {5, 6}) < 0.3
    assert attended(on(weekdays), {0, 1, 2, 3, 4}) > 0.85


def test_missed_days_in_a_row_are_told_from_single_ones() -> None:
    def runs(answers: Answers) -> float:
        """How often a missed day follows a missed day."""
        missed = ~drawn(answers).attends
        return float(missed[:, 1:][missed[:, :-1]].mean())

    single = on(day for day in range(TODAY - 60, TODAY) if day % 3)
    in_a_row = on(day for day in range(TODAY - 60, TODAY) if day % 15 > 4)
    assert runs(in_a_row) > runs(single) + 0.15


def test_times_are_those_of_the_history_once_there_are_many() -> None:
    slow = answers_of([(0, TODAY - 1, 3, 2, 40_000)] * 200 + [(0, TODAY - 1, 1, 2, 90_000)] * 200)
    habits = habits_of(slow, slow.keys, {}, TODAY)
    assert habits.seconds[2] == pytest.approx(40, rel=0.1)
    assert habits.seconds[3] == pytest.approx(90, rel=0.1)
    few = answers_of([(0, TODAY - 1, 3, 2, 40_000)] * 3)
    assert habits_of(few, few.keys, {}, TODAY).seconds[2] < 25  # three answers say little
    assert drawn(slow).speed.std() < 0.6 * drawn(few).speed.std()


def test_cards_that_take_longer_take_longer() -> None:
    rows = [(0, TODAY - 1, 3, 2, 10_000)] * 100 + [(1, TODAY - 1, 3, 2, 120_000)] * 100
    habits = habits_of(answers_of(rows), ["a:0", "b:0"], {"b:0": 20.0}, TODAY)
    assert habits.card_factor[1] * habits.seconds[2] == pytest.approx(120, rel=0.25)
    assert habits.card_factor[0] * habits.seconds[2] == pytest.approx(10, rel=0.25)


def test_who_was_called_away_counts_ten_minutes_at_most() -> None:
    away = answers_of([(0, TODAY - 1, 3, 2, 8_000_000)] * 100)
    assert habits_of(away, away.keys, {}, TODAY).seconds[2] < 601


def test_shares_of_ratings_follow_what_was_answered() -> None:
    chance = random.Random(1)
    rows = [(0, TODAY - 1, chance.choice([2, 4]), 2, 8000) for _ in range(400)]
    shares = np.diff(drawn(answers_of(rows)).recalled, axis=1, prepend=0).mean(axis=0)
    assert shares == pytest.approx([0.48, 0.04, 0.48], abs=0.05)  # Hard, Good, Easy
