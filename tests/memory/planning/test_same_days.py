"""The days of the plan are the days of the session: chance taken out, both come to the same cards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aipm_cards.memory import scheduler
from aipm_cards.memory.days import Moment, day_begins
from aipm_cards.memory.goal import Goal, InForce
from aipm_cards.memory.history import History
from aipm_cards.memory.planning import simulate as simulating
from aipm_cards.memory.planning.reading import read_deck
from aipm_cards.memory.planning.simulate import Limits
from aipm_cards.memory.queue import Cards, note_of
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import DEFAULT_PARAMETERS, Preset, Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

from .worlds import world_of

TODAY, DAYS, BEFORE = 20_000, 12, 6
# Three notes of two cards, one of three, and single ones, in two decks.
KEYS = [f"n{n}:{c}" for n in range(24) for c in range({3: 2, 7: 2, 8: 2, 12: 3}.get(n, 1))]
CHOSEN = frozenset(key for key in KEYS if not key.startswith(("n2:", "n5:", "n20:")))
SETTINGS = {
    "defaults": Settings(preset=Preset(new_per_day=4)),
    "few reviews": Settings(preset=Preset(new_per_day=6, reviews_per_day=3)),
    "siblings together": Settings(preset=Preset(new_per_day=4), bury_siblings=False),
    "steps of days": Settings(preset=Preset(new_per_day=4, learning_steps=(60, 86_400, 172_800))),
    "no steps": Settings(preset=Preset(new_per_day=3, learning_steps=(), desired_retention=0.95)),
    "deck of its own": Settings(
        preset=Preset(new_per_day=5),
        decks={"B": Preset(new_per_day=2, reviews_per_day=2, desired_retention=0.8, learning_steps=(600,))},
    ),
}
LIMITS = [Limits(4, 0.9, 0), Limits(3, 0.8, 4), Limits(9, 0.95, 2), Limits(5, 0.9, 3, new_first=True)]


class Even:
    """Chance without chance."""

    def random(self, size: object) -> np.ndarray:
        return np.full(size, 0.5)  # type: ignore[call-overload, no-any-return]

    def standard_normal(self, size: int) -> np.ndarray:
        return np.zeros(size)

    def integers(self, *_: object, size: int) -> np.ndarray:
        return np.zeros(size, dtype=np.int64)


def deck_of(key: str) -> str:
    return "B" if int(note_of(key)[1:]) % 3 == 0 else "A"


CARDS = Cards(KEYS, lambda ids: {note: deck_of(f"{note}:0") for note in ids})


def live(history: History, settings: Settings, first: int, last: int, goal: InForce | None) -> dict[int, int]:
    """Every card is answered Good, in ten seconds; returns the answers of each day."""
    answers = {}
    for day in range(first, last):
        now = [day_begins(day, "UTC", 240) + 14 * 3_600_000]
        session = Session(history, CARDS, settings, lambda now=now: Moment(now[0], "UTC"), None, goal)  # type: ignore[misc]
        answers[day - TODAY] = 0
        while (turn := session.next()) is not None:
            now[0] += 10_000
            session.answer(turn, Rating.GOOD, 10_000)
            answers[day - TODAY] += 1
    return answers


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_the_plan_lives_the_days_of_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limits: Limits
) -> None:
    monkeypatch.setattr(scheduler, "_fraction", lambda seed: 0.5)
    settings = SETTINGS[name]
    with Store(tmp_path / "history.db") as store:
        store.connection.execute("PRAGMA synchronous = OFF")
        ids = iter(range(10**6))
        history = History(store, "x", "device", lambda: next(ids).to_bytes(7) + bytes(3), 240)
        live(history, settings, TODAY - BEFORE, TODAY, None)
        presets = [settings.preset, *settings.decks.values()]
        deck = read_deck(history, CARDS, CHOSEN, settings, TODAY)
        world = replace(
            world_of(deck, presets, settings, DAYS),
            # A memory in which everything lasts: Good is always true.
            truth=np.array([[*([100.0] * 4), *DEFAULT_PARAMETERS[4:]]]),
            review_limits=[(inside, settings.decks[name].reviews_per_day) for inside, name in deck.limited],
        )
        simulation = simulating._Simulation(world, [limits], Even())  # type: ignore[arg-type]
        lives = simulation.run(trace=False)
        goal = Goal(TODAY + DAYS, limits.new_per_day, limits.desired_retention, limits.last_days)
        in_force = InForce.of(replace(goal, new_first=limits.new_first), [key for key in KEYS if key in CHOSEN])
        answers = live(history, settings, TODAY, TODAY + DAYS, in_force)
        states = [history.state(key) for key in deck.keys]
    assert (lives.minutes[0] * 6).round().astype(int).tolist() == [answers[day] for day in range(DAYS)]
    cards = simulation.cards
    for number, (key, state) in enumerate(zip(deck.keys, states, strict=True)):
        ours = cards.state[number], cards.step[number], cards.interval[number], cards.last[number] + TODAY
        assert ours == (state.state, state.step, state.interval, state.last_day), key
        if state.state:
            assert cards.due[number] + TODAY == state.due_day, key
            assert cards.stability[number] == pytest.approx(state.stability, rel=1e-9), key
