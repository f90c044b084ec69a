"""What answers lead to, for many cards at once: `scheduler.outcomes`, and the true memory beside it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aipm_cards.memory.planning.formulas import Floats, Formulas, Ints, fuzz_bounds, fuzzed
from aipm_cards.memory.planning.reading import FAR, Bools
from aipm_cards.memory.planning.steps import Steps
from aipm_cards.memory.scheduler import MAX_STABILITY, State
from aipm_cards.memory.settings import Preset

NEW, REVIEW = int(State.NEW), int(State.REVIEW)
HARD, GOOD, EASY = 2, 3, 4


class Cards:
    """The memory and schedule of cards (shape n each), as rows of two tables: `whole` (6 x n) and
    `real` (4 x n). Days are counted from today. The true memory decides what is recalled, the
    other one is what the scheduler keeps."""

    def __init__(self, whole: Ints, real: Floats) -> None:
        self.whole, self.real = whole, real
        self.state, self.step, self.last, self.interval, self.due, self.lapses = whole
        self.stability, self.difficulty, self.true_stability, self.true_difficulty = real

    def of(self, at: Ints) -> Cards:
        """A copy of some of them."""
        return Cards(self.whole[:, at], self.real[:, at])

    def become(self, at: Ints, others: Cards) -> None:
        """Take over what became of the cards at `at`."""
        self.whole[:, at], self.real[:, at] = others.whole, others.real


class Whose(NamedTuple):
    """Of cards that are answered (shape n each): their preset, the set of parameters that their
    true memory follows, the days that a day of stability gives, and how many times as stable as
    others the card truly is from its first answer on."""

    preset: Ints
    truth: Ints
    scale: Floats
    stable: Floats

    def of(self, rows: Ints) -> Whose:
        """Some of them."""
        return Whose(self.preset[rows], self.truth[rows], self.scale[rows], self.stable[rows])


class _Before(NamedTuple):
    """Cards that are in review after an answer, as they were before it (shape n each)."""

    preset: Ints
    state: Ints
    step: Ints
    interval: Ints
    stability: Floats
    difficulty: Floats
    elapsed: Ints
    rating: Ints

    def of(self, rows: Ints) -> _Before:
        return _Before(
            self.preset[rows],
            self.state[rows],
            self.step[rows],
            self.interval[rows],
            self.stability[rows],
            self.difficulty[rows],
            self.elapsed[rows],
            self.rating[rows],
        )


class Answering:
    """Answers under presets, by people whose memories follow `truth` (sets x 21)."""

    def __init__(self, presets: list[Preset], steps: Steps, truth: Floats) -> None:
        self.scheduler = Formulas([preset.parameters for preset in presets])
        self.truth = Formulas(truth)
        self.steps = steps
        self._then, self._step, self._days = (table.ravel() for table in (steps.state, steps.step, steps.days))
        self._wait = steps.wait.ravel()
        self._longest = np.array([preset.maximum_interval for preset in presets])
        self._leech = np.array([preset.leech_threshold for preset in presets])

    def answer(self, cards: Cards, whose: Whose, rating: Ints, fuzz: Floats, day: int) -> Ints:
        """Change `cards` as ratings (shape n) on a day change them; tells after how many seconds each
        comes again in the same session, -1 if it does not. `fuzz` says where within its bounds an
        interval lies (from 0, below 1)."""
        state, elapsed = cards.state.copy(), np.maximum(day - cards.last, 0)
        step = np.minimum(cards.step, self.steps.longest)
        stability, difficulty = cards.stability.copy(), cards.difficulty.copy()
        new = state == NEW
        cards.stability[:], cards.difficulty[:] = _memory(
            self.scheduler, whose.preset, stability, difficulty, elapsed, rating, new
        )
        cards.true_stability[:], cards.true_difficulty[:] = _memory(
            self.truth, whose.truth, cards.true_stability, cards.true_difficulty, elapsed, rating, new
        )
        cards.true_stability[new] *= whose.stable[new]
        to = self._place(whose.preset, state, step, rating)
        then, days = self._then[to], self._days[to]
        leaves = (then == REVIEW).nonzero()[0]
        interval = np.zeros_like(rating)
        if len(leaves):
            before = _Before(whose.preset, state, step, cards.interval, stability, difficulty, elapsed, rating)
            interval[leaves] = self._intervals(
                before.of(leaves), cards.stability[leaves], whose.scale[leaves], fuzz[leaves]
            )
        lapsed = (state == REVIEW) & (rating == 1)
        cards.lapses += lapsed
        cards.state[:], cards.step[:], cards.last[:], cards.interval[:] = then, self._step[to], day, interval
        cards.due[:] = day + np.maximum(interval, days)
        goes_on: Bools = (then != REVIEW) & (days == 0)
        if lapsed.any():
            leech = lapsed & self._is_leech(cards.lapses, whose.preset)
            cards.due[leech] = FAR
            goes_on &= ~leech
        return np.where(goes_on, self._wait[to], -1)

    def _place(self, preset: Ints, state: Ints, step: Ints, rating: Ints) -> Ints:
        """Where an answer stands in the tables of steps."""
        return ((preset * 4 + state) * (self.steps.longest + 1) + step) * 4 + rating - 1

    def _is_leech(self, lapses: Ints, preset: Ints) -> Bools:
        """`history._is_leech`, for cards that lapsed."""
        threshold = self._leech[preset]
        half = np.maximum(1, -(-threshold // 2))
        found: Bools = (threshold > 0) & (lapses >= threshold) & ((lapses - threshold) % half == 0)
        return found

    def _intervals(self, before: _Before, after: Floats, scale: Floats, fuzz: Floats) -> Ints:
        """Intervals as `scheduler.outcomes` gives them: Hard < Good < Easy. `after` are the
        stabilities that the answers led to."""
        rating, longest = before.rating, self._longest[before.preset]
        floor, found = np.zeros_like(rating), np.zeros_like(rating)
        hard = np.full_like(rating, HARD)
        hard_is_review = self._then[self._place(before.preset, before.state, before.step, hard)] == REVIEW
        for answer in (1, HARD, GOOD, EASY):
            asks = rating == answer
            # Hard sets a floor if it leads to review, Good always, even while it is a step (as in
            # Anki); Again sets none.
            if answer == HARD:
                asks |= hard_is_review & (rating > HARD)
            elif answer == GOOD:
                asks |= rating > GOOD
            rows = asks.nonzero()[0]
            if not len(rows):
                continue
            asked, days = before.of(rows), after[rows]
            others = (asked.rating != answer).nonzero()[0]
            if len(others):
                days[others] = self._would_be(asked.of(others), days[others], answer)
            days *= scale[rows]
            least = np.maximum(_shortest(days, asked, longest[rows]), floor[rows])
            found[rows] = these = fuzzed(days, least, longest[rows], fuzz[rows])
            if answer in (HARD, GOOD):
                floor[rows] = these + 1
        return found

    def _would_be(self, asked: _Before, after: Floats, answer: int) -> Floats:
        """The stability that another rating would have led to; the one given led to `after`."""
        gained = (asked.state == REVIEW) & (asked.elapsed > 0) & (after < MAX_STABILITY)
        # What was gained differs by a factor, so it need not be worked out anew.
        found = self.scheduler.rated_otherwise(asked.preset, asked.stability, after, asked.rating, answer)
        if not gained.all():
            rows = (~gained).nonzero()[0]
            one = asked.of(rows)
            ratings = np.full_like(rows, answer)
            found[rows], _ = _memory(
                self.scheduler, one.preset, one.stability, one.difficulty, one.elapsed, ratings, one.state == NEW
            )
        return found


def _memory(
    formulas: Formulas, which: Ints, stability: Floats, difficulty: Floats, elapsed: Ints, rating: Ints, new: Bools
) -> tuple[Floats, Floats]:
    """Memory states after answers, to new cards and to others."""
    first = new.nonzero()[0]
    if len(first) == len(new):
        return formulas.begin(which, rating)
    if not len(first):
        return formulas.after(which, stability, difficulty, elapsed, rating)
    rest = (~new).nonzero()[0]
    s, d = np.empty_like(stability), np.empty_like(difficulty)
    s[first], d[first] = formulas.begin(which[first], rating[first])
    s[rest], d[rest] = formulas.after(which[rest], stability[rest], difficulty[rest], elapsed[rest], rating[rest])
    return s, d


def _shortest(days: Floats, asked: _Before, longest: Ints) -> Ints:
    """`scheduler._shortest`: a longer interval than the last is at least a day longer; one that is
    as good as the last is no shorter."""
    reviewed = asked.state == REVIEW
    least = np.where(reviewed, asked.interval + 1, 1)
    not_longer = np.flatnonzero(reviewed & (np.rint(days) <= asked.interval))
    if len(not_longer):
        before = asked.interval[not_longer]
        _, high = fuzz_bounds(days[not_longer], np.ones_like(before), longest[not_longer])
        least[not_longer] = np.where(before <= high, before, 1)
    return least
