"""The assignment of cards to days is the cheapest that there is."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.memory.backlog import assignment
from aipm_cards.memory.backlog.assignment import assigned


def total(costs: list[list[float]], place: list[int]) -> float:
    return sum(row[day] for row, day in zip(costs, place, strict=True))


def fits(place: list[int], room: list[int]) -> bool:
    return all(number <= room[day] for day, number in Counter(place).items())


def cheapest(costs: list[list[float]], room: list[int]) -> float:
    """By trying all."""
    every = product(range(len(room)), repeat=len(costs))
    return min(total(costs, list(place)) for place in every if fits(list(place), room))


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[list[float]], list[int]]:
    days = draw(st.integers(1, 4))
    room = draw(st.lists(st.integers(0, 3), min_size=days, max_size=days))
    cards = draw(st.integers(0, min(6, sum(room))))
    cost = st.one_of(st.integers(0, 4).map(float), st.floats(0, 1))  # with ties, and without
    return draw(st.lists(st.lists(cost, min_size=days, max_size=days), min_size=cards, max_size=cards)), room


@settings(deadline=None, max_examples=70)
@given(problems())
def test_no_assignment_is_cheaper(problem: tuple[list[list[float]], list[int]]) -> None:
    costs, room = problem
    place = assigned(costs, room)
    assert fits(place, room)
    assert total(costs, place) == pytest.approx(cheapest(costs, room), abs=1e-8)


def test_what_is_found_day_by_day_is_improved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random costs, which unlike forgetting have no order in time."""
    chance = random.Random(5)
    costs = [[chance.random() for _ in range(8)] for _ in range(60)]
    best = assigned(costs, [8] * 8)
    monkeypatch.setattr(assignment, "EXACT", 0)
    first = assigned(costs, [8] * 8)
    assert fits(best, [8] * 8)
    assert fits(first, [8] * 8)
    assert total(costs, best) < total(costs, first)


def test_a_cycle_of_three_days() -> None:
    """No two of these cards gain by an exchange, all three do."""
    costs = [[2.0, 1.0, 9.0], [9.0, 2.0, 1.0], [1.0, 9.0, 2.0]]
    on = [[0], [1], [2]]
    assignment._exchange(costs, [1, 1, 1], on)
    assert on == [[2], [0], [1]]


def test_too_many_cards() -> None:
    with pytest.raises(ValueError, match="3 cards do not fit into room for 2"):
        assigned([[0.0, 0.0]] * 3, [1, 1])
