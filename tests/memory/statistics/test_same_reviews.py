"""Who reads past reviews, and what was predicted of them: all count the same ones, and say the same."""

from __future__ import annotations

import random
from collections import defaultdict
from math import log

import numpy as np
import pytest

from aipm_cards.errors import HistoryDamaged
from aipm_cards.memory.fitting import optimizer
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.planning.beliefs import played, replay_of
from aipm_cards.memory.planning.reading import read_answers
from aipm_cards.memory.reading import reviews_by_card, states
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.statistics.counts import OfCard
from aipm_cards.memory.statistics.predicted import Prediction, predictions
from aipm_cards.memory.statistics.reading import counted, standings
from aipm_cards.model import Rating
from tests.memory.conftest import Desk

PRESET = Preset()


def live(desk: Desk, seed: int, days: int = 50, afresh: float = 0.0) -> None:
    """Answers to a few cards: late, early, twice a day, crammed, taken back; some cards begun afresh."""
    chance = random.Random(seed)
    for _ in range(days):
        desk.clock.forward(days=chance.choice((1, 1, 1, 2, 5)))
        for number in range(8):
            for _ in range(chance.choice((0, 1, 1, 2))):
                key = f"n{number}:0"
                rating = chance.choices(list(Rating), (2, 1, 6, 1))[0]
                revision, cram = desk.history.state(key).revision, chance.random() < 0.1
                desk.history.answer(Answer(key, rating, revision, 5000, cram=cram), desk.clock(), PRESET)
                desk.clock.forward(minutes=7)
                if chance.random() < 0.1:
                    desk.history.undo(desk.clock())
            if chance.random() < afresh:
                desk.history.record(EventKind.AFRESH, key, desk.clock())


def by_card(found: list[Prediction]) -> dict[str, OfCard]:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * 4)
    for one in found:
        for at, value in enumerate((1, one.recalled, one.predicted, one.predicted * (1 - one.predicted))):
            sums[one.key][at] += value
    return {key: OfCard._make(values) for key, values in sums.items()}


@pytest.fixture
def past(desk: Desk) -> Desk:
    live(desk, seed=5)
    return desk


@pytest.mark.parametrize("afresh", [0.0, 0.03])
def test_the_statistics_and_the_report_count_the_same_reviews(desk: Desk, afresh: float) -> None:
    live(desk, seed=5, afresh=afresh)
    found = list(predictions(desk.history))
    assert len(found) > 80
    counts = counted(desk.history)
    keys = {one.card: one.key for one in standings(desk.history)}
    theirs = {keys[card]: of_card for card, of_card in counts.cards.items()}
    ours = by_card(found)
    assert ours.keys() == theirs.keys()
    for key, of_card in ours.items():
        assert of_card == pytest.approx(theirs[key])
    loss = -sum(log(one.predicted if one.recalled else 1 - one.predicted) for one in found)
    assert loss == pytest.approx(sum(bin_.log_loss for bin_ in counts.bins))


def test_a_day_that_comes_twice_has_one_first_review(desk: Desk) -> None:
    """As after a clock was set back."""
    for rating, days in ((Rating.EASY, 10), (Rating.GOOD, -1), (Rating.GOOD, 1), (Rating.AGAIN, 5), (Rating.GOOD, 0)):
        revision = desk.history.state("n0:0").revision
        desk.history.answer(Answer("n0:0", rating, revision, 5000), desk.clock(), Preset(relearning_steps=()))
        desk.clock.forward(days=days)
    counts, found = counted(desk.history), list(predictions(desk.history))
    assert [one.recalled for one in found] == [True, True]
    assert len(found) == sum(of_card.reviews for of_card in counts.cards.values())
    assert sum(one.predicted for one in found) == pytest.approx(sum(bin_.predicted for bin_ in counts.bins))


@pytest.mark.parametrize(
    "change", ["took = 'long'", "took = -1", "day = 1e9", "rating = 7", "stability = 0.0", "scheduler = 99"]
)
def test_what_makes_no_sense_is_damage_to_all(desk: Desk, change: str) -> None:
    live(desk, seed=1, days=20)
    desk.store.connection.execute("PRAGMA foreign_keys = OFF")
    desk.store.connection.execute("PRAGMA ignore_check_constraints = ON")
    desk.store.connection.execute(f"UPDATE event SET {change} WHERE kind = 1 AND before = 2")
    for read in (counted, lambda history: list(predictions(history))):
        with pytest.raises(HistoryDamaged):
            read(desk.history)
    if not change.startswith("scheduler"):  # a plan works with the settings of today
        with pytest.raises(HistoryDamaged):
            read_answers(desk.history)


def test_parameters_are_judged_on_the_same_reviews(past: Desk) -> None:
    cards = dict(reviews_by_card(past.history))
    judged = {
        (key, cards[key][number].day): recall
        for (key, number), recall in optimizer._recall(cards, PRESET, 0, 2**62).items()
    }
    found = {(one.key, one.day): one.predicted for one in predictions(past.history)}
    assert judged == pytest.approx(found)


def test_after_a_card_was_begun_afresh_only_what_followed_tells_of_its_memory(desk: Desk) -> None:
    live(desk, seed=5, afresh=0.03)
    cards = dict(reviews_by_card(desk.history))
    judged = [(key, cards[key][number].day) for key, number in optimizer._recall(cards, PRESET, 0, 2**62)]
    found = [(one.key, one.day) for one in predictions(desk.history)]
    assert 20 < len(judged) < len(found)
    assert set(judged) < set(found)


def test_a_plan_begins_with_the_same_reviews(past: Desk) -> None:
    """Under the scheduler's own parameters the plan finds what happened as likely as the statistics do,
    and the cards as stable as the schedule has them."""
    answers = read_answers(past.history)
    stability, difficulty, likely = played(replay_of(answers), np.array([PRESET.parameters]))
    assert -likely[0] == pytest.approx(sum(bin_.log_loss for bin_ in counted(past.history).bins), rel=1e-6)
    known = states(past.history)
    for place, key in enumerate(answers.keys):
        if known[key].state:
            assert stability[0, place] == pytest.approx(known[key].stability, rel=1e-6)
            assert difficulty[0, place] == pytest.approx(known[key].difficulty, rel=1e-6)


def test_states_and_standings_are_the_same(past: Desk) -> None:
    every = states(past.history)
    assert list(every) == [one.key for one in standings(past.history)]
    for one in standings(past.history):
        assert (one.state, one.stability, one.due_day, one.last_day) == (
            every[one.key].state, every[one.key].stability, every[one.key].due_day, every[one.key].last_day
        )  # fmt: skip
