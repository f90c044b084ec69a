"""When in a session each answer comes, against a session played out answer by answer."""

from __future__ import annotations

import random

import numpy as np
import pytest

from aipm_cards.memory.planning.answers import Cards
from aipm_cards.memory.planning.sitting import Turn, begins, timeline


def turn(rows: list[int], seconds: list[float], wait: list[int]) -> Turn:
    return Turn(np.array(rows), Cards(np.zeros((6, 1)), np.zeros((4, 1))), np.array(seconds), np.array(wait))  # type: ignore[arg-type]


def played(first: list[float], again: dict[int, tuple[int, float]]) -> tuple[list[float], dict[int, float]]:
    """Cards in turn; a card that comes again does so once it is due, before what waits, or when
    nothing waits. Returns when first and second answers begin."""
    now, waiting, begun, second = 0.0, list(range(len(first))), [0.0] * len(first), dict[int, float]()
    due: dict[int, float] = {}
    while waiting or due:
        ready = min(due, key=lambda card: due[card]) if due else None
        if ready is not None and (due[ready] <= now or not waiting):
            second[ready] = now
            now += again[ready][1]
            del due[ready]
            continue
        card = waiting.pop(0)
        begun[card] = now
        now += first[card]
        if card in again:
            due[card] = now + again[card][0]
    return begun, second


@pytest.mark.parametrize("seed", range(20))
def test_second_answers_come_between_first_ones(seed: int) -> None:
    chance = random.Random(seed)
    many = chance.randint(1, 40)
    first = [chance.uniform(3, 30) for _ in range(many)]
    again = {c: (chance.choice([60, 330, 600]), chance.uniform(3, 15)) for c in range(many) if chance.random() < 0.5}
    wait = [again[card][0] if card in again else -1 for card in range(many)]
    turns = [turn(list(range(many)), first, wait)]
    if again:
        turns.append(turn(list(again), [seconds for _, seconds in again.values()], [-1] * len(again)))
    place = np.arange(many) / many
    found = timeline(place, np.zeros(many, dtype=np.int64), turns)
    begun, second = played(first, again)
    # A second answer that comes a card sooner or later than played moves others by its few seconds.
    assert found[0] == pytest.approx(begun, abs=45)
    if again:
        assert found[1] == pytest.approx([second[card] for card in again], abs=45)
        assert max(*found[0], *found[1]) == pytest.approx(max(*begun, *second.values()), abs=30)


def test_lives_have_sessions_of_their_own() -> None:
    life = np.array([1, 0, 1, 0, 2])
    place = np.array([0.5, 0.1, 0.2, 0.9, -1.0])
    found = begins(life, place, np.array([10.0, 20.0, 30.0, 40.0, 50.0]))
    assert found.tolist() == [30.0, 0.0, 0.0, 20.0, 0.0]
