"""Advice for a date: what holds whatever the numbers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from aipm_cards.memory.days import Moment, day_begins
from aipm_cards.memory.history import Answer, History
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.planning.advice import READY, SURE, Advice, Aim, _range, advise, enough_minutes
from aipm_cards.memory.planning.search import best_limits, some_lives, thinned
from aipm_cards.memory.planning.world import world_of
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

from .worlds import cards_of

TODAY = 20_000
KEYS = [f"n{number}:0" for number in range(40)]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with Store(tmp_path / "history.db") as store:
        store.connection.execute("PRAGMA synchronous = OFF")
        numbers = iter(range(10**6))
        yield History(store, "x", "here", lambda: next(numbers).to_bytes(10), 240)


def asked(
    history: History,
    days: int,
    minutes: float,
    keys: list[str] = KEYS,
    chosen: list[str] | None = None,
    parts: Sequence[frozenset[str]] = (),
) -> Advice:
    aim = Aim(frozenset(keys if chosen is None else chosen), TODAY, TODAY + days, minutes)
    return advise(history, cards_of(keys), aim, Settings(), {}, seed=1, parts=parts)


def answered(history: History, keys: list[str], day: int) -> None:
    """Easy at first sight: in review from then on."""
    now = Moment(day_begins(day, "UTC", 240) + 3_600_000, "UTC")
    for key in keys:
        history.answer(Answer(key, Rating.EASY, history.state(key).revision, 9000), now, Preset())


def test_the_same_question_gets_the_same_answer(history: History) -> None:
    assert asked(history, 4, 3.0) == asked(history, 4, 3.0)


def test_minutes_bound_every_day(history: History) -> None:
    advice = asked(history, 10, 3.0)
    longest_answer = 4.0  # minutes: the slowest of 200 people at the hardest card
    assert 0 < advice.busiest < 3.0 + longest_answer
    assert all(day.minutes <= day.most_minutes for day in advice.course)
    assert [day.day for day in advice.course] == list(range(TODAY, TODAY + 10))


def test_more_time_is_not_worse(history: History) -> None:
    remembered = [asked(history, 6, minutes).remembered.expected for minutes in (1.0, 3.0, 10.0)]
    assert remembered[0] < remembered[1] < remembered[2]
    few, many = asked(history, 6, 6.0).changes
    assert (few.minutes, many.minutes) == (1.0, 11.0)
    assert few.expected < many.expected


def test_an_interval_holds_what_is_expected(history: History) -> None:
    found = asked(history, 10, 5.0).remembered
    assert found.low <= found.expected <= found.high <= len(KEYS)


@pytest.mark.parametrize("most", [1, 3, 12, 100])
def test_whole_numbers_hold_as_near_to_what_is_wanted_as_they_can(most: int) -> None:
    lives = np.random.default_rng(most).integers(0, most + 1, 500).astype(float)
    found = _range(lives)
    held = float(((lives >= found.low) & (lives <= found.high)).mean())
    one_less = [float(((lives >= low) & (lives <= high)).mean()) for low, high in (
        (found.low + 1, found.high), (found.low, found.high - 1))]  # fmt: skip
    assert all(abs(held - SURE) <= abs(other - SURE) + 0.02 for other in one_less)


def test_an_impossible_aim_is_told_what_is_possible(history: History) -> None:
    parts = [frozenset(KEYS[:30]), frozenset(KEYS[:8]), frozenset(KEYS[:2])]
    advice = asked(history, 4, 2.0, parts=parts)
    assert not advice.possible
    assert advice.limits.last_days > 0  # whatever the time
    assert advice.left_out
    assert set(advice.left_out) <= set(KEYS)
    more = [change for change in advice.nearest if change.minutes > 2.0]
    later = [change for change in advice.nearest if change.date > TODAY + 4]
    fewer = [change for change in advice.nearest if change.part is not None]
    assert more
    assert later
    assert all(change.expected >= READY * change.cards for change in more + later + fewer)
    # Of the parts offered the first with which it comes true: 30 cards are still too many.
    assert [(change.cards, change.part) for change in fewer] == [(8, 1)]
    assert asked(history, 4, more[0].minutes).remembered.expected > advice.remembered.expected + 5


def test_who_knows_all_is_asked_once_more(history: History) -> None:
    answered(history, KEYS, TODAY - 3)
    advice = asked(history, 20, 0.0)
    assert advice.new == 0
    assert advice.possible
    assert not advice.left_out
    assert advice.remembered.expected > 0.93 * len(KEYS)
    assert advice.limits.last_days > 0


def test_cards_that_were_not_chosen_cost_time_and_are_not_counted(history: History) -> None:
    answered(history, KEYS[:20], TODAY - 30)
    alone = asked(history, 4, 0.0, KEYS[20:])
    beside = asked(history, 4, 0.0, KEYS, chosen=KEYS[20:])
    assert alone.cards == beside.cards == 20
    assert sum(day.minutes for day in beside.course) > sum(day.minutes for day in alone.course) + 1
    assert set(beside.left_out) <= set(KEYS[20:])


def test_suspended_cards_do_not_come(history: History) -> None:
    now = Moment(day_begins(TODAY - 1, "UTC", 240), "UTC")
    for key in KEYS:
        history.record(EventKind.SUSPEND, key, now)
    advice = asked(history, 5, 5.0)
    assert (advice.remembered.expected, advice.typical, advice.new) == (0, 0, 0)


def test_what_today_brought_counts_today(history: History) -> None:
    answered(history, KEYS[:10], TODAY)
    world = world_of(history, cards_of(KEYS), frozenset(KEYS), Settings(), {}, TODAY, TODAY + 5, 10, 1)
    assert (world.new_today, world.reviews_today, world.spent_today) == (10, 0, pytest.approx(1.5))
    assert world.draws.attends[:, 0].all()


def test_the_limits_are_put_in_force_as_they_are(history: History) -> None:
    advice = asked(history, 10, 5.0)
    goal = advice.goal(namespace="x", tiers=(1,))
    limits = advice.limits
    assert (goal.day, goal.minutes, goal.namespace, goal.tiers) == (TODAY + 10, 5.0, "x", (1,))
    assert (goal.new_per_day, goal.desired_retention) == (limits.new_per_day, limits.desired_retention)
    assert (goal.last_days, goal.new_first) == (limits.last_days, limits.new_first)


def test_a_large_deck_is_thinned_with_all_that_goes_with_it(history: History) -> None:
    keys = [f"n{note}:{card}" for note in range(600) for card in range(2)]
    answered(history, keys[:300:2], TODAY)
    world = world_of(history, cards_of(keys), frozenset(keys), Settings(), {}, TODAY, TODAY + 60, 6, 1)
    small, share = thinned(world)
    assert share > 3
    assert len(small.deck.keys) == pytest.approx(1200 / share, rel=0.1)
    notes = {key.rpartition(":")[0] for key in small.deck.keys}
    assert len(small.deck.keys) == 2 * len(notes)  # whole notes
    assert small.deck.note.max() == len(notes) - 1
    assert small.stability.shape == (6, len(small.deck.keys))
    assert small.new_today == pytest.approx(150 / share, abs=1)
    assert len(some_lives(small, [0, 3, 3]).life) == 3
    assert best_limits(world, 10.0, 1).minutes == 10.0


def test_minutes_that_nobody_named_are_the_fewest_that_are_enough(history: History) -> None:
    def enough(keys: list[str], days: int) -> float:
        aim = Aim(frozenset(keys), TODAY, TODAY + days)
        return enough_minutes(history, cards_of(KEYS), aim, Settings(), {}, seed=1)

    assert enough(KEYS[:5], 20) == 5.0
    assert 10.0 <= enough(KEYS, 3) <= 45.0  # 40 cards of a good half minute, and days that are missed
    assert enough(KEYS, 20) < enough(KEYS, 3)
