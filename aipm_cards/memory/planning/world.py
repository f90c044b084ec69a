"""A world to simulate, made from a history: what is known of the cards and of the person."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aipm_cards.memory.history import History
from aipm_cards.memory.planning.beliefs import believed, played, replay_of
from aipm_cards.memory.planning.formulas import Floats, Ints
from aipm_cards.memory.planning.habits import draw, habits_of
from aipm_cards.memory.planning.reading import Answers, Deck, read_answers, read_deck
from aipm_cards.memory.planning.simulate import World
from aipm_cards.memory.planning.steps import tables
from aipm_cards.memory.queue import Cards
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Settings

SCATTER = 0.35  # how stable cards are beside one another: spread of the logarithm
MOST_REPLAYED = 2_000_000  # answers times sets of parameters


def world_of(
    history: History,
    cards: Cards,
    chosen: frozenset[str],
    settings: Settings,
    usual: Mapping[str, float],
    today: int,
    date: int,
    lives: int,
    seed: int,
) -> World:
    """The world as it stands on learner day `today`, to be lived until the begin of day `date`.

    `usual` tells how many times as long as a card of a sentence each card takes people (1 where it
    says nothing). Raises HistoryError.
    """
    chance = np.random.default_rng(seed)
    answers = read_answers(history)
    deck = read_deck(history, cards, chosen, settings, today)
    presets = [settings.preset, *settings.decks.values()]
    sets = max(1, min(lives, MOST_REPLAYED // max(1, len(answers.card))))
    truth = believed(answers, settings.preset.parameters, sets, chance)
    life = np.arange(lives) % sets
    stability, difficulty = _true_states(answers, deck, truth)
    of_today = answers.day == today
    draws = draw(habits_of(answers, deck.keys, usual, today), lives, max(0, date - today), chance)
    if of_today.any() and date > today:
        draws.attends[:, 0] = True
    return World(
        deck=deck,
        presets=presets,
        steps=tables(presets, settings),
        truth=truth,
        life=life,
        stability=stability[life],
        difficulty=difficulty[life],
        draws=draws,
        days=date - today,
        bury_siblings=settings.bury_siblings,
        scatter=SCATTER,
        review_limits=[(inside, settings.decks[name].reviews_per_day) for inside, name in deck.limited],
        new_today=int((of_today & (answers.before == State.NEW)).sum()),
        reviews_today=int((of_today & (answers.before == State.REVIEW)).sum()),
        spent_today=float(answers.took[of_today].sum()) / 60_000,
    )


def _true_states(answers: Answers, deck: Deck, truth: Floats) -> tuple[Floats, Floats]:
    """Stabilities and difficulties of the deck's cards under each set of parameters (sets x cards)."""
    stability, difficulty, _ = played(replay_of(answers), truth)
    places = {key: place for place, key in enumerate(answers.keys)}
    at: Ints = np.array([places.get(key, -1) for key in deck.keys], dtype=np.int64)
    shape = len(truth), len(deck.keys)
    found = np.zeros(shape), np.ones(shape)
    known = np.flatnonzero((at >= 0) & (deck.state != State.NEW))
    for column, values in zip(found, (stability, difficulty), strict=True):
        column[:, known] = values[:, at[known]]
    return found
