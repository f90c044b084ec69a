"""A learner's days, lived through many times at once, by the rules of the session.

What the queue does for one day of one learner (`queue.py`) is done here for a day of many lives:
limits, siblings, learning steps, lapses and leeches, last looks before the date. Each card has two
memory states: the one that the scheduler keeps, which decides when it comes, and the true one
under the life's own parameters, which decides whether it is recalled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aipm_cards.memory.planning.answers import NEW, REVIEW, Answering, Cards, Whose
from aipm_cards.memory.planning.day import Day, Shown
from aipm_cards.memory.planning.formulas import Floats, Ints
from aipm_cards.memory.planning.habits import Draws
from aipm_cards.memory.planning.reading import Bools, Deck
from aipm_cards.memory.planning.sitting import Turn, begins, timeline
from aipm_cards.memory.planning.steps import Steps
from aipm_cards.memory.settings import Preset

TRACED = 50  # lives are enough for a chart of the days
MOST_STEPS = 12  # answers to one card in a session: hardly anybody goes on for longer


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan sets: new cards a day, desired retention of the chosen cards, on how many last
    days each of them is shown once more, after how many minutes the learner stops (0 for never),
    and whether new cards come before reviews."""

    new_per_day: int
    desired_retention: float
    last_days: int
    minutes: float = 0.0
    new_first: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What is the same for all limits: the deck, the presets (the first is the general one), the
    lives' true parameters and habits, the true memory states they begin with (lives x cards), and
    what today brought already."""

    deck: Deck
    presets: list[Preset]
    steps: Steps
    truth: Floats  # sets x 21
    life: Ints  # which set each life has
    stability: Floats
    difficulty: Floats
    draws: Draws
    days: int  # from today to the day before the date
    bury_siblings: bool
    scatter: float = 0.0  # spread of the logarithm of how stable cards are beside one another
    review_limits: list[tuple[Bools, int]] = field(default_factory=list)  # of decks, the deepest first
    new_today: int = 0
    reviews_today: int = 0
    spent_today: float = 0.0  # minutes


@dataclass(slots=True)
class Lives:
    """What came of the lives: the chosen cards remembered on the date (lives), the same as an
    expectation, minutes of each day (lives x days), the chosen cards that were seen (lives x
    chosen cards), how many answers were given in all, and, if asked for, how many cards would be
    remembered at the begin of each day (some of the lives x days + 1)."""

    remembered: Floats
    expected: Floats
    minutes: Floats
    seen: Bools
    answers: int
    known: Floats | None = None


def simulate(world: World, limits: Limits | Sequence[Limits], seed: int, trace: bool = False) -> Lives:
    """Live until the date under `limits`, the same for all lives or one for each. The same seed
    gives the same lives."""
    each = [limits] * len(world.life) if isinstance(limits, Limits) else limits
    return _Simulation(world, each, np.random.default_rng(seed)).run(trace)


class _Simulation:
    def __init__(self, world: World, limits: Sequence[Limits], chance: np.random.Generator) -> None:
        deck, lives = world.deck, len(world.life)
        self.world, self.chance = world, chance
        self.lives, self.many = lives, len(deck.keys)
        self.answering = Answering(world.presets, world.steps, world.truth)
        self.day = Day(world, limits, self.answering.scheduler, chance)
        self.minutes = np.array([each.minutes or np.inf for each in limits])
        self.scale = self._scale(limits)
        self.stable = np.exp(world.scatter * chance.standard_normal(lives * self.many))
        whole = np.stack([deck.state, deck.step, deck.last, deck.interval, deck.due, deck.lapses])
        real = np.tile(np.stack([deck.stability, deck.difficulty]), lives)
        true = np.stack([world.stability.ravel(), world.difficulty.ravel()])
        self.cards = Cards(np.tile(whole, lives), np.concatenate([real, true]))
        self.answers = 0

    def _scale(self, limits: Sequence[Limits]) -> Floats:
        """The days that a day of stability gives, for the cards of all lives."""
        deck = self.world.deck
        usual = np.array([preset.desired_retention for preset in self.world.presets])[deck.preset]
        wanted = np.where(deck.chosen, np.array([[each.desired_retention] for each in limits]), usual)
        return self.answering.scheduler.days_per_stability(np.tile(deck.preset, self.lives), wanted.ravel())

    def run(self, trace: bool) -> Lives:
        days = self.world.days
        minutes = np.zeros((self.lives, days))
        traced = np.arange(0, self.lives, max(1, self.lives // TRACED))
        known = np.zeros((len(traced), days + 1)) if trace else None
        for day in range(days):
            if known is not None:
                known[:, day] = self._recall(day, traced).sum(axis=1)
            minutes[:, day] = self._live(day)
        recall = self._recall(days, np.arange(self.lives))
        if known is not None:
            known[:, days] = recall[traced].sum(axis=1)
        remembered = (self.chance.random(recall.shape) < recall).sum(axis=1).astype(np.float64)
        seen = self.cards.state.reshape(self.lives, self.many)[:, self.world.deck.chosen] != NEW
        return Lives(remembered, recall.sum(axis=1), minutes, seen, self.answers, known)

    def _recall(self, day: int, lives: Ints) -> Floats:
        """The true probability of recall of each chosen card at the begin of a day (lives x
        chosen cards), 0 for one that was never seen."""
        at = np.ix_(lives, self.world.deck.chosen.nonzero()[0])
        stability = self.cards.true_stability.reshape(self.lives, self.many)[at]
        last = self.cards.last.reshape(self.lives, self.many)[at]
        life = np.repeat(self.world.life[lives], stability.shape[1])
        elapsed = np.maximum(day - last, 0).ravel()
        recall = self.answering.truth.recall(life, np.maximum(stability, 1e-9).ravel(), elapsed)
        found: Floats = np.where(stability > 0, recall.reshape(stability.shape), 0.0)
        return found

    def _live(self, day: int) -> Floats:
        """One day of all lives; returns its minutes."""
        shown = self._reachable(self.day.shown(self.cards, day), day)
        if not len(shown.at):
            return np.zeros(self.lives)
        life, card = np.divmod(shown.at, self.many)
        turns = self._sitting(shown.at, life, card, day)
        if np.isfinite(self.minutes).any():
            spent = self.world.spent_today * 60 if day == 0 else 0.0
            begins = timeline(shown.place, life, turns)
            turns = [
                turn.of((begin + spent < 60 * self.minutes[life[turn.rows]]).nonzero()[0])
                for turn, begin in zip(turns, begins, strict=True)
            ]
        found = np.zeros(self.lives)
        for turn in turns:
            self.cards.become(shown.at[turn.rows], turn.cards)
            found += np.bincount(life[turn.rows], turn.seconds, minlength=self.lives)
            self.answers += len(turn.rows)
        return found / 60

    def _reachable(self, shown: Shown, day: int) -> Shown:
        """The cards that may come before the minutes are used up: each takes at least its quickest
        answer. The others need not be worked out."""
        if not np.isfinite(self.minutes).any():
            return shown
        draws = self.world.draws
        life, card = np.divmod(shown.at, self.many)
        new = self.cards.state[shown.at] == NEW
        least = np.where(new, draws.seconds[0], draws.seconds[1:].min()) * draws.speed[life] * draws.card_factor[card]
        spent = self.world.spent_today * 60 if day == 0 else 0.0
        begin = begins(life, shown.place, least)
        kept = (begin + spent < 60 * self.minutes[life]).nonzero()[0]
        return Shown(shown.at[kept], shown.place[kept])

    def _sitting(self, at: Ints, life: Ints, card: Ints, day: int) -> list[Turn]:
        """What becomes of the cards of a day, answer by answer, as if there were time for all."""
        world, rows, turns = self.world, np.arange(len(at)), list[Turn]()
        pace = world.draws.speed[life] * world.draws.card_factor[card]
        whose = Whose(world.deck.preset[card], world.life[life], self.scale[at], self.stable[at])
        cards = self.cards.of(at)
        for _ in range(MOST_STEPS):
            rating, sort = self._ratings(cards, life[rows], whose.truth, day)
            wait = self.answering.answer(cards, whose, rating, self.chance.random(len(rows)), day)
            turns.append(Turn(rows, cards, pace[rows] * world.draws.seconds[sort], wait))
            goes_on = (wait >= 0).nonzero()[0]
            if not len(goes_on):
                break
            rows, cards, whose = rows[goes_on], cards.of(goes_on), whose.of(goes_on)
        return turns

    def _ratings(self, cards: Cards, life: Ints, truth: Ints, day: int) -> tuple[Ints, Ints]:
        """Ratings, and the sort of each answer (see `habits.SECONDS`)."""
        draws, state = self.world.draws, cards.state
        rating, sort = np.empty_like(life), np.where(state == NEW, 0, 1)
        in_steps, reviews = (state != REVIEW).nonzero()[0], (state == REVIEW).nonzero()[0]
        for first, rows in ((True, in_steps[sort[in_steps] == 0]), (False, in_steps[sort[in_steps] == 1])):
            shares = draws.first if first else draws.step
            rating[rows] = _drawn(self.chance.random(len(rows)), shares, life[rows], 1)
        if len(reviews):
            elapsed = np.maximum(day - cards.last[reviews], 0)
            recall = self.answering.truth.recall(truth[reviews], cards.true_stability[reviews], elapsed)
            recalled = self.chance.random(len(reviews)) < recall
            passed = _drawn(self.chance.random(len(reviews)), draws.recalled, life[reviews], 2)
            rating[reviews] = np.where(recalled, passed, 1)
            sort[reviews] = np.where(recalled, 2, 3)
        return rating, sort


def _drawn(luck: Floats, shares: Floats, life: Ints, lowest: int) -> Ints:
    """Ratings from `lowest` on, by the cumulated shares of lives (lives x ratings)."""
    rating = np.full(len(luck), lowest)
    for share in shares.T[:-1]:
        rating += luck >= share[life]
    return rating
