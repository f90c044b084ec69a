"""Notes that ask the same are found, however many there are and however few their words."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate

import pytest

from aipm_cards.style import similar
from aipm_cards.style.similar import like_an_earlier

Text = tuple[int, ...]


def likeness(one: Text, other: Text) -> float:
    return len(set(one) & set(other)) / len(set(one) | set(other))


def by_hand(texts: list[Text], least: float) -> set[int]:
    return {
        later
        for later in range(len(texts))
        if any(texts[later] and likeness(texts[later], texts[earlier]) >= least for earlier in range(later))
    }


def vocabulary(size: int, even: bool, chance: random.Random) -> Callable[[int], list[int]]:
    """Draws words; in natural text the second is half as frequent as the first, and so on."""
    weights = list(accumulate(1.0 if even else 1 / (rank + 1) for rank in range(size)))
    return lambda number: chance.choices(range(size), cum_weights=weights, k=number)


def test_what_is_found_is_like_and_earlier() -> None:
    chance = random.Random(1)
    draw = vocabulary(40, True, chance)
    texts = [tuple(dict.fromkeys(draw(8))) for _ in range(2000)]
    found = like_an_earlier(texts, 0.6)
    assert found
    for later, earlier in found.items():
        assert earlier < later
        assert likeness(texts[later], texts[earlier]) >= 0.6


@pytest.mark.parametrize("size", [60, 300, 5000])
def test_nearly_all_that_comparing_all_with_all_finds(size: int) -> None:
    chance = random.Random(2)
    draw = vocabulary(size, False, chance)
    texts = [tuple(dict.fromkeys(draw(12))) for _ in range(700)]
    for source in range(0, 700, 10):
        copy = list(texts[source])
        copy[chance.randrange(len(copy))] = draw(1)[0]
        texts.append(tuple(dict.fromkeys(copy)))
    wanted = by_hand(texts, 0.6)
    assert len(wanted) >= 50
    assert len(like_an_earlier(texts, 0.6).keys() & wanted) >= 0.97 * len(wanted)


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize(("size", "length"), [(30, 10), (60, 12), (200, 18), (2000, 40)])
def test_planted_rewordings_are_found_in_a_crowd(
    size: int, length: int, even: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "SMALL", 300)  # so that a small test has crowds as a large collection has
    chance = random.Random(3)
    draw = vocabulary(size, even, chance)
    texts = [tuple(dict.fromkeys(draw(length))) for _ in range(10_000)]
    planted = []
    for number in range(200):
        source = chance.randrange(10_000)
        copy = list(texts[source])
        copy[chance.randrange(len(copy))] = draw(1)[0]
        if number % 2:  # a clause that moved to the front
            cut = chance.randrange(len(copy))
            copy = copy[cut:] + copy[:cut]
        texts.append(tuple(dict.fromkeys(copy)))
        if likeness(texts[-1], texts[source]) >= 0.55:
            planted.append(len(texts) - 1)
    found = like_an_earlier(texts, 0.55)
    assert len(planted) > 150
    assert sum(index in found for index in planted) >= 0.9 * len(planted)


def test_the_same_words_a_thousand_times_and_none_at_all() -> None:
    texts: list[Text] = [(), *[(1, 2, 3, 4, 5)] * 1000, (), (6,)]
    assert like_an_earlier(texts, 0.6) == dict.fromkeys(range(2, 1001), 1)


def test_no_text_is_no_trouble() -> None:
    assert like_an_earlier([], 0.6) == {}


def test_the_order_of_numbers_does_not_matter() -> None:
    chance = random.Random(4)
    draw = vocabulary(100, False, chance)
    texts = [tuple(dict.fromkeys(draw(10))) for _ in range(1000)]
    renamed = [tuple(word * 7919 % 104_729 for word in words) for words in texts]
    assert like_an_earlier(texts, 0.7).keys() == like_an_earlier(renamed, 0.7).keys()
