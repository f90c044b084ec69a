"""Worlds made by hand, for the tests of the plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from aipm_cards.memory import queue
from aipm_cards.memory.history import History
from aipm_cards.memory.planning.answers import Cards
from aipm_cards.memory.planning.habits import Draws
from aipm_cards.memory.planning.reading import FAR, Deck
from aipm_cards.memory.planning.simulate import World
from aipm_cards.memory.planning.steps import tables
from aipm_cards.memory.scheduler import Memory, State
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.store import Store


def deck_of(memories: Sequence[Memory], presets: Sequence[int], today: int, notes: Sequence[int] = ()) -> Deck:
    """A deck of chosen cards, all due today unless new."""
    many = len(memories)
    state = np.array([int(memory.state) for memory in memories])
    return Deck(
        keys=[f"n{number}:0" for number in range(many)],
        chosen=np.ones(many, dtype=bool),
        note=np.array(list(notes) or range(many)),
        preset=np.array(presets),
        state=state,
        step=np.array([memory.step for memory in memories]),
        stability=np.array([memory.stability for memory in memories]),
        difficulty=np.array([memory.difficulty for memory in memories]),
        last=np.array([memory.last_day - today for memory in memories]),
        interval=np.array([memory.interval for memory in memories]),
        due=np.where(state == State.NEW, FAR, 0),
        lapses=np.zeros(many, dtype=np.int64),
        suspended=np.zeros(many, dtype=bool),
        done=np.zeros(many, dtype=bool),
        limited=[],
    )


def cards_from(deck: Deck) -> Cards:
    """The cards of one life; the true memory is what the scheduler thinks."""
    whole = np.stack([deck.state, deck.step, deck.last, deck.interval, deck.due, deck.lapses])
    memory = [deck.stability, deck.difficulty]
    return Cards(whole, np.stack([*memory, *memory]))


def world_of(deck: Deck, presets: list[Preset], settings: Settings, days: int = 10, lives: int = 1) -> World:
    """A world in which everybody answers Good in ten seconds and misses no day; memory is as the
    scheduler thinks."""
    shares = np.tile(np.array([0.0, 0.0, 1.0, 1.0]), (lives, 1))
    draws = Draws(
        first=shares,
        step=shares,
        recalled=np.tile(np.array([0.0, 1.0, 1.0]), (lives, 1)),
        speed=np.ones(lives),
        attends=np.ones((lives, days), dtype=bool),
        seconds=np.full(4, 10.0),
        card_factor=np.ones(len(deck.keys)),
    )
    return World(
        deck=deck,
        presets=presets,
        steps=tables(presets, settings),
        truth=np.array([preset.parameters for preset in presets[:1]]),
        life=np.zeros(lives, dtype=np.int64),
        stability=np.tile(deck.stability, (lives, 1)),
        difficulty=np.tile(deck.difficulty, (lives, 1)),
        draws=draws,
        days=days,
        bury_siblings=settings.bury_siblings,
    )


def history_at(path: Path) -> History:
    """A new history."""
    return History(Store(path), "x", "device", lambda: os.urandom(10), 240)


def cards_of(keys: Sequence[str]) -> queue.Cards:
    """Cards in one deck."""

    def deck_of(ids: Iterable[str]) -> Mapping[str, str]:
        return dict.fromkeys(ids, "A")

    return queue.Cards(keys, deck_of)
