"""The plan's scheduler is the session's scheduler: this fails if they part."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from aipm_cards.memory import scheduler
from aipm_cards.memory.days import Moment, day_begins
from aipm_cards.memory.planning.answers import Answering, Whose
from aipm_cards.memory.planning.formulas import Formulas
from aipm_cards.memory.planning.steps import tables
from aipm_cards.memory.scheduler import Memory, State, outcomes, retrievability
from aipm_cards.memory.settings import BOUNDS, DEFAULT_PARAMETERS, Preset, Settings
from aipm_cards.model import Rating

from .worlds import cards_from, deck_of

TODAY, START, MANY = 20_000, 240, 400
SETTINGS = Settings(day_start=START)
STEPS = [(60, 600), (), (600,), (60, 600, 86_400), (1800, 7200), (86_400 * 2,)]


def preset(chance: random.Random) -> Preset:
    wide = chance.random() < 0.5
    near = [value * chance.uniform(0.7, 1.4) for value in DEFAULT_PARAMETERS]
    parameters = [chance.uniform(low, high) for low, high in BOUNDS] if wide else near
    return Preset(
        desired_retention=chance.uniform(0.7, 0.99),
        learning_steps=chance.choice(STEPS),
        relearning_steps=chance.choice(STEPS),
        maximum_interval=chance.choice([36_500, 36_500, 30, 4]),
        parameters=tuple(min(max(p, low), high) for p, (low, high) in zip(parameters, BOUNDS, strict=True)),
    )


def memory(chance: random.Random) -> Memory:
    state = chance.choice(list(State))
    if state is State.NEW:
        return Memory()
    return Memory(
        state,
        0 if state is State.REVIEW else chance.choice([0, 0, 1, 2, 5]),
        10 ** chance.uniform(-2.5, 3.5),
        chance.uniform(1, 10),
        TODAY - chance.choice([0, 0, 1, 2, 5, 30, 400]),
        chance.choice([0, 1, 3, 20, 400]) if state is State.REVIEW else 0,
    )


@pytest.mark.parametrize("fuzz", [0.0, 0.37, 0.9999])
def test_an_answer_leads_where_the_session_leads(monkeypatch: pytest.MonkeyPatch, fuzz: float) -> None:
    chance = random.Random(f"same {fuzz}")
    presets = [preset(chance) for _ in range(12)]
    memories, which = [memory(chance) for _ in range(MANY)], [chance.randrange(12) for _ in range(MANY)]
    now = Moment(day_begins(TODAY, "UTC", START) + 12 * 3_600_000, "UTC")
    monkeypatch.setattr(scheduler, "_fraction", lambda seed: fuzz)
    for rating in Rating:
        deck = deck_of(memories, which, TODAY)
        answering = Answering(presets, tables(presets, SETTINGS), np.array([DEFAULT_PARAMETERS]))
        wanted = np.array([presets[number].desired_retention for number in which])
        scale = answering.scheduler.days_per_stability(deck.preset, wanted)
        whose = Whose(deck.preset, np.zeros(MANY, dtype=np.int64), scale, np.ones(MANY))
        cards = cards_from(deck)
        waits = answering.answer(cards, whose, np.full(MANY, int(rating)), np.full(MANY, fuzz), 0)
        for number, before in enumerate(memories):
            outcome = outcomes(before, now, presets[which[number]], START, "seed")[rating]
            after, said = outcome.memory, f"{before} under {presets[which[number]]}: {rating.name}"
            assert (cards.state[number], cards.step[number]) == (after.state, after.step), said
            assert cards.stability[number] == pytest.approx(after.stability, rel=1e-9), said
            assert cards.difficulty[number] == pytest.approx(after.difficulty, rel=1e-9), said
            assert cards.interval[number] == after.interval, said
            same_session = (outcome.due - now.ms) <= SETTINGS.learn_ahead * 1000 and after.state is not State.REVIEW
            assert waits[number] == ((outcome.due - now.ms) // 1000 if same_session else -1), said
            if not same_session:
                assert cards.due[number] == max(1, outcome.due_day - TODAY), said


def test_recall_is_that_of_the_session() -> None:
    chance = random.Random("recall")
    presets = [preset(chance) for _ in range(5)]
    formulas = Formulas([one.parameters for one in presets])
    for _ in range(200):
        number, known = chance.randrange(5), replace(memory(chance), state=State.REVIEW, stability=3.3)
        ours = formulas.recall(np.array([number]), np.array([3.3]), np.array([TODAY - known.last_day]))
        assert ours[0] == pytest.approx(retrievability(known, TODAY, presets[number]), rel=1e-12)
