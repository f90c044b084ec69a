"""Cards that fail far more than predicted: the numbers against other ways to count them."""

from __future__ import annotations

import random
from itertools import product
from math import comb, log, prod

import pytest

from aipm_cards.memory.statistics.failing import Failing, at_least, failing, shift
from aipm_cards.memory.statistics.predicted import Prediction


def test_the_tail_against_all_outcomes() -> None:
    chance = random.Random(1)
    for count in range(8):
        chances = [chance.random() for _ in range(7)]
        every = (
            prod(p if happens else 1 - p for p, happens in zip(chances, outcome, strict=True))
            for outcome in product((0, 1), repeat=7)
            if sum(outcome) >= count
        )
        assert at_least(count, chances) == pytest.approx(sum(every), abs=1e-12)


def test_the_tail_of_equal_chances_is_the_binomial_one() -> None:
    expected = sum(comb(200, k) * 0.1**k * 0.9 ** (200 - k) for k in range(35, 201))
    assert at_least(35, [0.1] * 200) == pytest.approx(expected, rel=1e-9)


def reviews(key: str, failures: int, of: int, predicted: float = 0.9, content: int | None = None) -> list[Prediction]:
    return [Prediction(key, day, predicted, day >= failures, content) for day in range(of)]


def ordinary(cards: int) -> list[Prediction]:
    """Each fails once in ten."""
    return [one for number in range(cards) for one in reviews(f"n{number}:0", 1, 10)]


def test_a_card_that_fails_more_than_predicted_is_found() -> None:
    found = failing([*ordinary(50), *reviews("bad:0", 6, 9)])
    assert found.cards == 51
    ((key, count, failures, expected, probability),) = found.failing
    assert (key, count, failures) == ("bad:0", 9, 6)
    assert expected == pytest.approx(0.9, abs=0.15)
    assert probability == pytest.approx(at_least(6, [expected / 9] * 9))


def test_who_forgets_more_than_predicted_makes_no_card_worse() -> None:
    """Half of everything is forgotten, predicted was a tenth."""
    assert failing([one for number in range(40) for one in reviews(f"n{number}:0", 5, 10)]).failing == []


def test_one_failure_is_none() -> None:
    assert failing([*ordinary(5), *reviews("bad:0", 1, 1, 0.999999)]).failing == []
    assert failing([]) == ([], 0)


def test_failures_before_a_correction_do_not_count() -> None:
    before = reviews("bad:0", 6, 9, content=1)
    assert failing([*ordinary(50), *before]).failing
    assert not failing([*ordinary(50), *before, *reviews("bad:0", 0, 3, content=2)]).failing


def test_the_shift_fits_what_was_recalled() -> None:
    """0.8 recalled of 0.9 predicted, of many reviews: the difference of the log-odds."""
    many = [Prediction("a:0", day, 0.9, day % 5 > 0) for day in range(20_000)]
    assert shift(many) == pytest.approx(log(4) - log(9), abs=1e-3)
    assert shift([]) == 0
    assert 0 < shift(reviews("a:0", 0, 10)) < 1  # all recalled, yet not beyond all bounds


def test_by_chance_few_are_found() -> None:
    """Histories in which every card is as predicted: in at most one of ten any is found (measured:
    in 17 of 400)."""
    chance = random.Random(4)
    alarms = 0
    for _ in range(60):
        recalls = [(f"n{number % 40}:0", chance.uniform(0.7, 0.98)) for number in range(400)]
        alarms += bool(failing(Prediction(key, 1, p, chance.random() < p) for key, p in recalls).failing)
    assert alarms <= 6


def test_what_is_found_is_in_order() -> None:
    found = failing([*ordinary(60), *reviews("a:0", 6, 9), *reviews("b:0", 8, 9)])
    assert [card.key for card in found.failing] == ["b:0", "a:0"]
    assert all(isinstance(card, Failing) for card in found.failing)
