"""What is believed of a memory, held against answers replayed one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from math import log

import numpy as np
import pytest

from aipm_cards.memory.planning.beliefs import WAYS, believed, played, replay_of, sets_of
from aipm_cards.memory.planning.reading import Answers
from aipm_cards.memory.scheduler import Memory, State, next_memory, retrievability
from aipm_cards.memory.settings import BOUNDS, DEFAULT_PARAMETERS, Preset
from aipm_cards.model import Rating

TODAY = 20_000


def lived(cards: int, reviews: int, parameters: tuple[float, ...], seed: str) -> Answers:
    """Answers of somebody whose memory follows `parameters`, to a scheduler that has the defaults."""
    chance, true, rows = random.Random(seed), Preset(parameters=parameters), []
    for card in range(cards):
        thought, memory, day = Memory(), Memory(), TODAY - 200
        for _ in range(reviews):
            if thought.state is State.REVIEW:
                rating = Rating.GOOD if chance.random() < retrievability(memory, day, true) else Rating.AGAIN
            else:
                rating = chance.choice([Rating.GOOD, Rating.GOOD, Rating.EASY, Rating.HARD, Rating.AGAIN])
            rows.append((card, day, int(rating), int(thought.state), 8000))
            thought, _ = next_memory(thought, rating, day, Preset())
            memory = replace(next_memory(memory, rating, day, true)[0], state=State.REVIEW)
            if thought.state is State.REVIEW:
                day += max(1, round(thought.stability * chance.uniform(0.7, 1.5)))
    table = np.array(rows)
    keys = [f"n{card}:0" for card in range(cards)]
    return Answers(keys, *table.T, stale=np.zeros(len(table), dtype=bool))


def one_by_one(answers: Answers, parameters: tuple[float, ...]) -> tuple[list[Memory], float]:
    """Memory states and the log-likelihood, by the scheduler itself."""
    preset, likely = Preset(parameters=parameters), 0.0
    memories = [Memory()] * len(answers.keys)
    for card, day, rating, before, stale in zip(
        *(column.tolist() for column in (answers.card, answers.day, answers.rating, answers.before, answers.stale)),
        strict=True,
    ):
        if stale:
            continue
        known = memories[card]
        if before == State.REVIEW and day > known.last_day:
            recall = min(max(retrievability(known, day, preset), 1e-4), 1 - 1e-4)
            likely += log(recall) if rating > 1 else log(1 - recall)
        memories[card] = replace(next_memory(known, Rating(rating), day, preset)[0], state=State.REVIEW, step=0)
    return memories, likely


def test_answers_are_replayed_as_the_scheduler_would() -> None:
    answers = lived(25, 9, DEFAULT_PARAMETERS, "replay")
    answers = replace(answers, stale=(answers.card == 3) & (answers.before == 0))  # one was started afresh
    sets = sets_of(DEFAULT_PARAMETERS, np.random.default_rng(1).standard_normal((4, WAYS)))
    stability, difficulty, likely = played(replay_of(answers), sets)
    for number, parameters in enumerate(sets.tolist()):
        memories, sum_ = one_by_one(answers, tuple(parameters))
        assert stability[number] == pytest.approx([memory.stability for memory in memories], rel=1e-9)
        assert difficulty[number] == pytest.approx([memory.difficulty for memory in memories], rel=1e-9)
        assert likely[number] == pytest.approx(sum_, rel=1e-9)


def test_sets_stay_within_what_the_scheduler_takes() -> None:
    sets = sets_of(DEFAULT_PARAMETERS, 6 * np.random.default_rng(1).standard_normal((200, WAYS)))
    assert all(low <= value <= high for one in sets.tolist() for value, (low, high) in zip(one, BOUNDS, strict=True))


def times(factor: float) -> tuple[float, ...]:
    return (*(value * factor for value in DEFAULT_PARAMETERS[:4]), *DEFAULT_PARAMETERS[4:])


@pytest.mark.parametrize(
    ("true", "than_usual"),
    [(times(0.25), lambda first: first.mean() < 1.5), (times(4.0), lambda first: first.mean() > 4.5)],
    ids=["forgetful", "strong"],
)
def test_a_memory_unlike_the_defaults_is_noticed(
    true: tuple[float, ...], than_usual: Callable[[np.ndarray], bool]
) -> None:
    chance = np.random.default_rng(2)
    nothing = believed(lived(1, 1, true, "nothing"), DEFAULT_PARAMETERS, 200, chance)
    much = believed(lived(150, 8, true, "much"), DEFAULT_PARAMETERS, 200, chance)
    assert 2.0 < np.median(nothing[:, 2]) < 2.7  # Good at first sight gives 2.3 days by default
    assert than_usual(much[:, 2])
    assert np.log(much[:, 2]).std() < 0.6 * np.log(nothing[:, 2]).std()


def test_the_more_answers_the_surer() -> None:
    spreads = []
    for cards in (5, 40, 300):
        sets = believed(lived(cards, 8, DEFAULT_PARAMETERS, "sure"), DEFAULT_PARAMETERS, 200, np.random.default_rng(3))
        spreads.append(float(np.log(sets[:, 2]).std()))
    assert spreads[0] > spreads[1] > spreads[2]
