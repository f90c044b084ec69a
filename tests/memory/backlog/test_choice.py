"""Which reviews move where: the least harm that there is, within the room of the days."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.backlog.choice import Choice, Due, around, bearable, flattened, postponed, reviews
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.scheduler import Memory, State, retrievability
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.model import Rating
from tests.memory.conftest import Desk, cards, keys, studied

TODAY = 20_000
PRESETS = (Preset(), Preset(parameters=(*Preset().parameters[:20], 0.5)))


def due(number: int, chance: random.Random, first: int, last: int) -> list[Due]:
    found = []
    for each in range(number):
        day, stability = TODAY + chance.randint(first, last), 1.3 ** chance.uniform(0, 22)
        since = max(1, round(stability * chance.uniform(0.6, 1.4)))
        found.append(Due(f"n{each}:0", each, day, day - since, stability, PRESETS[each % 2]))
    return sorted(found, key=lambda card: card.due_day)


def recall(card: Due, day: int) -> float:
    """By the scheduler's own function."""
    memory = Memory(State.REVIEW, 0, card.stability, 5.0, card.last_day, 1)
    return retrievability(memory, day, card.preset)


def harm(card: Due, day: int) -> float:
    return abs(recall(card, max(card.due_day, TODAY)) - recall(card, day))


def harm_of(choice: Choice) -> float:
    return sum(harm(shift.card, shift.day) for shift in choice.shifts)


def least(moving: list[Due], room: dict[int, int]) -> float:
    """By trying everything."""
    best = float("inf")
    for days in product(room, repeat=len(moving)):
        if all(days.count(day) <= most for day, most in room.items()):
            best = min(best, sum(harm(card, day) for card, day in zip(moving, days, strict=True)))
    return best


SEEDS = st.integers(0, 2**32)


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.integers(1, 6), st.integers(0, 4))
def test_what_is_postponed_could_not_lose_less(seed: int, number: int, keep: int) -> None:
    waiting = due(number, random.Random(seed), -30, 0)
    choice = postponed(waiting, TODAY, keep, 3)
    level = -(-max(0, number - keep) // 3)
    room = {TODAY: min(keep, number)} | {TODAY + day: level for day in (1, 2, 3)}
    assert harm_of(choice) == pytest.approx(least(waiting, room), abs=1e-8)
    assert len(choice.shifts) == max(0, number - keep)
    assert choice.after[TODAY] == min(keep, number)
    assert max((choice.after[day] for day in range(TODAY + 1, TODAY + 4)), default=0) <= level


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(2, 5), st.integers(1, 3))
def test_what_is_flattened_could_not_lose_less(seed: int, number: int, most: int) -> None:
    waiting = due(number, random.Random(seed), -5, 2)
    choice = flattened(waiting, TODAY, most, 3)
    assert harm_of(choice) == pytest.approx(least(waiting, dict.fromkeys(range(TODAY, TODAY + 6), most)), abs=1e-8)
    assert max(choice.after.values()) <= most


@settings(deadline=None, max_examples=15)
@given(SEEDS, st.integers(1, 4), st.integers(1, 3))
def test_a_break_could_not_cost_less(seed: int, number: int, most: int) -> None:
    waiting = due(number, random.Random(seed), 2, 4)
    choice = around(waiting, TODAY, TODAY + 2, TODAY + 4, most)
    room = dict.fromkeys([*range(TODAY, TODAY + 2), *range(TODAY + 5, TODAY + 8)], most)
    assert harm_of(choice) == pytest.approx(least(waiting, room), abs=1e-8)
    assert not any(choice.after[TODAY + day] for day in (2, 3, 4))


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.integers(0, 120), st.integers(3, 40), st.integers(1, 30), st.integers(0, 50))
def test_what_holds_of_every_choice(seed: int, number: int, most: int, days: int, done: int) -> None:
    waiting = due(number, random.Random(seed), -40, 60)
    first, last = TODAY + days, TODAY + days + 7
    later, flat, broken = (
        postponed(waiting, TODAY, most, days),
        flattened(waiting, TODAY, most, days, done),
        around(waiting, TODAY, first, last, most, done),
    )
    for choice in (later, flat, broken):
        assert sum(choice.after.values()) == sum(choice.before.values()) == number
        assert all(shift.day != shift.planned and shift.day >= TODAY for shift in choice.shifts)
        assert len({shift.card.key for shift in choice.shifts}) == len(choice.shifts)
        assert all(shift.planned == max(shift.card.due_day, TODAY) for shift in choice.shifts)
        before, after = choice.recall
        assert choice.lost >= (before - after) * len(choice.shifts) - 1e-9
        for shift in choice.shifts:
            assert (shift.before, shift.after) == pytest.approx(
                (recall(shift.card, shift.planned), recall(shift.card, shift.day))
            )
    assert all(shift.day > TODAY == shift.planned for shift in later.shifts)
    assert later.after[TODAY] == min(most, later.before[TODAY])
    assert all(flat.after[day] <= most for day in range(TODAY + 1, TODAY + days))
    assert flat.after[TODAY] <= max(0, most - done)
    assert not any(broken.after[day] for day in range(first, last + 1))
    assert all(broken.after[day] <= max(most, broken.before[day]) for day in broken.after)


def test_nothing_moves_that_need_not() -> None:
    waiting = due(20, random.Random(1), 0, 9)
    for choice in (
        postponed(waiting, TODAY, 20, 7),
        flattened(waiting, TODAY, 20, 10),
        around(waiting, TODAY, TODAY + 20, TODAY + 30, 20),
    ):
        assert (choice.shifts, choice.moves, choice.lost, choice.recall, choice.worst) == ([], [], 0, (0, 0), None)
        assert choice.before == choice.after


def test_nothing_at_all() -> None:
    assert postponed([], TODAY, 0, 7).shifts == []
    assert flattened([], TODAY, 1, 30).shifts == []
    assert around([], TODAY, TODAY, TODAY + 3, 1).shifts == []
    assert bearable([], TODAY, TODAY + 3, 200) == 1


def test_the_freshly_learned_stay() -> None:
    """What is forgotten quickly is reviewed today; what has waited for a year can wait a day more."""
    fresh = Due("fresh:0", 1, TODAY, TODAY - 2, 2.0, Preset())
    old = Due("old:0", 1, TODAY - 60, TODAY - 365, 300.0, Preset())
    (shift,) = postponed([old, fresh], TODAY, 1, 7).shifts
    assert (shift.card.key, shift.day) == ("old:0", TODAY + 1)
    choice = postponed([old, fresh], TODAY, 1, 7)
    assert choice.worst == shift
    assert choice.lost == pytest.approx(recall(old, TODAY) - recall(old, TODAY + 1))


def test_the_days_that_follow_are_filled_evenly() -> None:
    waiting = due(30, random.Random(3), -9, 0)
    coming = [Due(f"c{n}:0", 1, TODAY + 1 + n % 2, TODAY - 9, 10.0, Preset()) for n in range(10)]
    choice = postponed([*waiting, *coming], TODAY, 10, 4)
    after = [choice.after[TODAY + day] for day in range(6)]
    assert (after[0], sum(after[1:5]), max(after[1:5]), after[5]) == (10, 30, 8, 0)


def test_a_break_that_began_already_leaves_only_the_days_after_it() -> None:
    waiting = due(12, random.Random(4), -3, 2)
    choice = around(waiting, TODAY, TODAY, TODAY + 2, 4)
    assert len(choice.shifts) == 12
    assert [choice.after[TODAY + day] for day in range(3, 6)] == [4, 4, 4]


def test_a_break_to_come_moves_nothing_that_is_due_before_it() -> None:
    waiting = due(12, random.Random(4), -9, 9)
    choice = around(waiting, TODAY, TODAY + 4, TODAY + 6, 1)
    assert {shift.card.key for shift in choice.shifts} == {c.key for c in waiting if 4 <= c.due_day - TODAY <= 6}
    assert choice.shifts
    assert all(choice.after[TODAY + day] >= choice.before[TODAY + day] for day in range(4))


def test_how_many_a_day_bears() -> None:
    waiting = [Due(f"n{n}:0", 1, TODAY + n % 20, TODAY - 9, 10.0, Preset()) for n in range(400)]
    assert bearable(waiting, TODAY, TODAY + 19, 200) == 30  # 20 a day, and half as many again
    assert bearable(waiting, TODAY, TODAY + 19, 25) == 25


def test_more_than_a_year_is_refused_with_what_would_do() -> None:
    waiting = due(1000, random.Random(5), -5, 0)
    with pytest.raises(AipmCardsError, match="more than a year to do 1,000 reviews; try 3 a day"):
        flattened(waiting, TODAY, 2, 30)
    assert max(flattened(waiting, TODAY, 3, 30).after.values()) <= 3


def test_only_reviews_that_may_come_are_chosen_from(desk: Desk) -> None:
    """In the order in which they come, each with the settings of its deck."""
    order = keys(6)
    settings_ = Settings(preset=Preset(learning_steps=()), decks={"B": PRESETS[1]})
    studied(desk.session(order[:5], settings_))
    desk.history.record(EventKind.SUSPEND, "n0:0", desk.clock())
    desk.history.answer(Answer("n1:0", Rating.AGAIN, desk.history.state("n1:0").revision), desk.clock(), Preset())
    found = reviews(desk.history, cards(["n0:0", "n1:0", "n2:0", "n3:0", "n5:0"], {"n3": "B::C"}), settings_)
    assert {card.key for card in found} == {"n2:0", "n3:0"}  # suspended, in steps, another's, new
    for card in found:
        state = desk.history.state(card.key)
        assert card[1:5] == (state.revision, state.due_day, state.last_day, state.stability)
        assert card.preset == (PRESETS[1] if card.key == "n3:0" else settings_.preset)
