"""What is believed of a person's memory: sets of FSRS parameters, as likely as the history makes them.

The scheduler works with one set of parameters; a person's memory follows another, unknown one. A
plan that took the scheduler's word for it would be too sure of itself. So each simulated life has
parameters of its own: drawn from how people differ, weighted by how well they predict the answers
that the history holds (adaptive importance sampling: Cappé and others, Population Monte Carlo, 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aipm_cards.memory.planning.formulas import Floats, Formulas, Ints
from aipm_cards.memory.planning.reading import Answers, Bools
from aipm_cards.memory.settings import BOUNDS

# How people's memories differ from the parameters that are assumed: first stabilities, decay and
# stability after a lapse by factors (spread of the logarithm), the growth of stability and the first
# difficulty by what is added to w8 and w4. Who finds more cards difficult also moves further with a rating.
STABILITY, GROWTH, DECAY, LAPSE, DIFFICULTY, MOVES = 0.75, 0.35, 0.25, 0.5, 0.8, 0.15
WAYS = 5  # in which they differ
SETS = 128  # tried in each round
ROUNDS = 4
MOST_ANSWERS = 4000  # that are weighed: more of them tell little new
TRUSTED = 0.6  # of what answers say: nobody's memory is quite as FSRS has it, and ratings flatter or blame
EFFECTIVE = 24.0  # sets that must keep weight between rounds


@dataclass(frozen=True, slots=True)
class Replay:
    """Answers in the order of lives: of every card the first, then of every card the second…
    `cards` is the number of cards, `turns` the rows of each turn."""

    cards: int
    turns: list[Ints]
    answers: Answers


def sets_of(centre: tuple[float, ...], z: Floats) -> Floats:
    """Parameters (P x 21) around those of a scheduler; `z` is P x WAYS, in spreads."""
    found = np.tile(np.array(centre), (len(z), 1))
    found[:, :4] *= np.exp(STABILITY * z[:, [0]])
    found[:, 8] += GROWTH * z[:, 1]
    found[:, 20] *= np.exp(DECAY * z[:, 2])
    found[:, 11] *= np.exp(LAPSE * z[:, 3])
    found[:, 4] += DIFFICULTY * z[:, 4]
    found[:, 6] *= np.exp(MOVES * z[:, 4])
    low, high = np.array(BOUNDS).T
    within: Floats = np.clip(found, low, high)
    return within


def replay_of(answers: Answers) -> Replay:
    """Answers of cards as they stand now, in turns."""
    rows = np.flatnonzero(~answers.stale)
    cards = answers.card[rows]
    turn = np.arange(len(rows)) - np.searchsorted(cards, cards)  # they are in the order of cards
    order = np.argsort(turn, kind="stable")
    if not len(rows):
        return Replay(len(answers.keys), [], answers)
    cuts = np.searchsorted(turn[order], np.arange(1, turn.max() + 1))
    return Replay(len(answers.keys), np.split(rows[order], cuts), answers)


def played(replay: Replay, parameters: Floats) -> tuple[Floats, Floats, Floats]:
    """Stabilities and difficulties of all cards (P x cards, 0 if never answered), and the
    logarithm of the likelihood of what was recalled (P), under P sets of parameters."""
    sets, answers = len(parameters), replay.answers
    formulas = Formulas(parameters)
    stability, difficulty = np.zeros((sets, replay.cards)), np.zeros((sets, replay.cards))
    last = np.zeros(replay.cards, dtype=np.int64)
    likely = np.zeros(sets)
    for turn, rows in enumerate(replay.turns):
        cards, rating, day = answers.card[rows], answers.rating[rows], answers.day[rows]
        which = np.repeat(np.arange(sets), len(rows))
        ratings = np.tile(rating, sets)
        if turn == 0:
            s, d = formulas.begin(which, ratings)
        else:
            elapsed = np.maximum(day - last[cards], 0)
            before, hard = stability[:, cards].ravel(), difficulty[:, cards].ravel()
            many = np.tile(elapsed, sets)
            tells = np.flatnonzero((answers.before[rows] == 2) & (elapsed > 0))
            if len(tells):
                at = (np.arange(sets)[:, None] * len(rows) + tells).ravel()
                recall = np.clip(formulas.recall(which[at], before[at], many[at]), 1e-4, 1 - 1e-4)
                said = np.where(ratings[at] > 1, np.log(recall), np.log1p(-recall))
                likely += said.reshape(sets, -1).sum(axis=1)
            s, d = formulas.after(which, before, hard, many, ratings)
        stability[:, cards], difficulty[:, cards] = s.reshape(sets, -1), d.reshape(sets, -1)
        last[cards] = day
    return stability, difficulty, likely


def believed(answers: Answers, centre: tuple[float, ...], lives: int, chance: np.random.Generator) -> Floats:
    """Parameters for each life (lives x 21)."""
    z = _drawn(np.zeros(WAYS), np.eye(WAYS), lives, chance)
    some = _some(answers, chance)
    if some is None:
        return sets_of(centre, z)
    replay = replay_of(some)
    mean, spread = np.zeros(WAYS), np.eye(WAYS)
    for _ in range(ROUNDS):
        z = _drawn(mean, spread, SETS, chance)
        *_, likely = played(replay, sets_of(centre, z))
        weight = TRUSTED * likely - 0.5 * (z**2).sum(axis=1) - _density(z, mean, spread)
        weights = _tempered(weight)
        mean = weights @ z
        spread = (z - mean).T @ ((z - mean) * weights[:, None]) + 0.003 * np.eye(WAYS)
    weights = np.exp(weight - weight.max())
    if 1 / ((weights / weights.sum()) ** 2).sum() < EFFECTIVE:  # too few stand out: what they spread over, then
        return sets_of(centre, _drawn(mean, spread, lives, chance))
    return sets_of(centre, z[chance.choice(SETS, lives, p=weights / weights.sum())])


def _drawn(mean: Floats, spread: Floats, many: int, chance: np.random.Generator) -> Floats:
    """Draws of a normal distribution, each with its mirror image: the mean of few is steadier."""
    half = chance.standard_normal((-(-many // 2), len(mean))) @ np.linalg.cholesky(spread).T
    found: Floats = mean + np.concatenate([half, -half])[:many]
    return found


def _density(z: Floats, mean: Floats, spread: Floats) -> Floats:
    """The logarithm of the density of what was drawn, but for a constant."""
    away = z - mean
    found: Floats = -0.5 * (away * np.linalg.solve(spread, away.T).T).sum(axis=1)
    return found


def _tempered(weight: Floats) -> Floats:
    """Weights that keep so many sets alive: the logarithms are scaled down as far as needed."""
    low, high = 0.0, 1.0
    weights = _normed(weight)
    if 1 / (weights**2).sum() >= EFFECTIVE:
        return weights
    for _ in range(30):
        middle = (low + high) / 2
        weights = _normed(weight * middle)
        low, high = (middle, high) if 1 / (weights**2).sum() >= EFFECTIVE else (low, middle)
    return _normed(weight * low)


def _normed(weight: Floats) -> Floats:
    weights = np.exp(weight - weight.max())
    found: Floats = weights / weights.sum()
    return found


def _some(answers: Answers, chance: np.random.Generator) -> Answers | None:
    """Answers of so many cards that they tell enough; None if none tells anything."""
    if not ((answers.before == 2) & ~answers.stale).any():
        return None
    if len(answers.card) <= MOST_ANSWERS:
        return answers
    share = MOST_ANSWERS / len(answers.card)
    kept: Bools = (chance.random(len(answers.keys)) < share)[answers.card]
    if not (kept & (answers.before == 2)).any():
        return answers
    known, numbers = np.unique(answers.card[kept], return_inverse=True)
    return Answers(
        [answers.keys[card] for card in known.tolist()],
        numbers,
        answers.day[kept],
        answers.rating[kept],
        answers.before[kept],
        answers.took[kept],
        answers.stale[kept],
    )
