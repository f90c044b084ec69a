"""Which cards a day brings to many lives at once: what `queue.plan` does for one learner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aipm_cards.memory.planning.answers import NEW, REVIEW, Cards
from aipm_cards.memory.planning.formulas import Floats, Formulas, Ints
from aipm_cards.memory.planning.reading import FAR, Bools

if TYPE_CHECKING:
    from aipm_cards.memory.planning.simulate import Limits, World

EARLIEST = 100_000  # days that a card may be overdue and still be in its place


class Shown(NamedTuple):
    """The cards of a day: where they stand among the cards of all lives (life by life laid out
    flat), and their place in the session: what is in its steps comes first, then reviews with new
    cards spread evenly between them."""

    at: Ints
    place: Floats


class Day:
    """The days of a world under limits."""

    def __init__(
        self, world: World, limits: Sequence[Limits], scheduler: Formulas, chance: np.random.Generator
    ) -> None:
        deck = world.deck
        self.world, self.scheduler, self.chance = world, scheduler, chance
        self.new_per_day = np.array([each.new_per_day for each in limits])
        self.window = world.days - np.array([each.last_days for each in limits])  # the first of the last days
        self.new_first = np.array([each.new_first for each in limits])
        self.in_order = any(each.minutes for each in limits)
        self.lives, self.many = len(world.life), len(deck.keys)
        self.notes = int(deck.note.max()) + 1 if self.many else 0
        self.siblings = world.bury_siblings and self.notes < self.many
        self.new = (deck.chosen & (deck.state == NEW) & ~deck.suspended).nonzero()[0]
        self.earlier = _earlier_siblings(deck.note[self.new])

    def shown(self, cards: Cards, day: int) -> Shown:
        """The cards that come on a day to the lives that attend it."""
        deck, here = self.world.deck, self.world.draws.attends[:, day]
        due = (cards.due <= day).nonzero()[0]
        due = due[here[due // self.many]]
        in_steps = cards.state[due] != REVIEW
        steps, reviews = due[in_steps], due[~in_steps]
        taken = np.zeros(self.lives * self.notes, dtype=bool)
        if day == 0:
            reviews = reviews[~deck.done[reviews % self.many]]
            taken.reshape(self.lives, self.notes)[:, deck.note[deck.done]] = True
        taken[self._note(steps)] = True
        waiting = self._waiting(cards, day, here)
        looks = reviews[waiting[reviews]] if waiting is not None else reviews[:0]
        early = self._early(cards, waiting, looks, day) if waiting is not None else looks
        taken[self._note(looks)] = True
        others = reviews[~waiting[reviews]] if waiting is not None else reviews
        others = self._limited(self._in_turn(others, cards, taken), day)
        taken[self._note(others)] = True
        taken[self._note(early)] = True
        new = self._new_cards(cards, taken, day, here)
        return self._ordered(cards, steps, np.concatenate([looks, others]), early, new)

    def _note(self, at: Ints) -> Ints:
        """The notes of cards, numbered anew in each life."""
        life, card = np.divmod(at, self.many)
        return life * self.notes + self.world.deck.note[card]

    def _waiting(self, cards: Cards, day: int, here: Bools) -> Bools | None:
        """Which cards wait for their last look (see `last_looks.py`); None before the last days."""
        begun = here & (day >= self.window)
        if not begun.any():
            return None
        waits: Bools = (cards.state == REVIEW) & (cards.due < FAR)
        matrix = waits.reshape(self.lives, self.many)
        matrix &= self.world.deck.chosen & begun[:, None]
        matrix &= cards.last.reshape(self.lives, self.many) < self.window[:, None]
        return waits

    def _early(self, cards: Cards, waiting: Bools, looks: Ints, day: int) -> Ints:
        """Cards that are not due and get their last look all the same: those least likely to be
        recalled on the date, as many as are missing to the day's share."""
        per_life = waiting.reshape(self.lives, self.many).sum(axis=1)
        missing = -(-per_life // (self.world.days - day)) - np.bincount(looks // self.many, minlength=self.lives)
        free = waiting & (cards.due > day)
        if day == 0:
            free.reshape(self.lives, self.many)[:, self.world.deck.done] = False
        at = free.nonzero()[0]
        life, card = np.divmod(at, self.many)
        elapsed = self.world.days - cards.last[at]
        recall = self.scheduler.recall(self.world.deck.preset[card], cards.stability[at], elapsed)
        order = np.lexsort((recall, life))
        found: Ints = at[order[_rank(life[order], self.lives) < missing[life[order]]]]
        return found

    def _in_turn(self, reviews: Ints, cards: Cards, taken: Bools) -> Ints:
        """Reviews by due day, then shuffled, without those whose sibling comes today."""
        # One key is sorted in a third of the time of three: life, due day, chance.
        key = (reviews // self.many << 44) + (np.maximum(cards.due[reviews] + EARLIEST, 0) << 20)
        reviews = reviews[np.argsort(key + self.chance.integers(1 << 20, size=len(reviews)))]
        if not self.siblings:
            return reviews
        note = self._note(reviews)
        free = (~taken[note]).nonzero()[0]
        _, first = np.unique(note[free], return_index=True)
        return reviews[free[np.sort(first)]]

    def _limited(self, reviews: Ints, day: int) -> Ints:
        """As many reviews as the limits take, of decks and in all."""
        for cards, most in self.world.review_limits:
            inside = (cards[reviews % self.many]).nonzero()[0]
            over = inside[_rank(reviews[inside] // self.many, self.lives) >= most]
            reviews = np.delete(reviews, over)
        most = self.world.presets[0].reviews_per_day - (self.world.reviews_today if day == 0 else 0)
        return reviews[_rank(reviews // self.many, self.lives) < most]

    def _new_cards(self, cards: Cards, taken: Bools, day: int, here: Bools) -> Ints:
        """New cards in the author's order: the first of each note that has no card today."""
        most = self.new_per_day - (self.world.new_today if day == 0 else 0)
        if not len(self.new) or not (most > 0).any():
            return np.zeros(0, dtype=np.int64)
        free = cards.state.reshape(self.lives, self.many)[:, self.new] == NEW
        free &= here[:, None]
        if self.siblings:
            free &= ~taken.reshape(self.lives, self.notes)[:, self.world.deck.note[self.new]]
            for later, earlier in self.earlier:
                free[:, later] &= ~free[:, earlier]
        free &= np.cumsum(free, axis=1, dtype=np.int32) <= most[:, None]
        life, place = np.nonzero(free)
        found: Ints = life * self.many + self.new[place]
        return found

    def _ordered(self, cards: Cards, steps: Ints, reviews: Ints, early: Ints, new: Ints) -> Shown:
        at = np.concatenate([steps, reviews, early, new])
        if not self.in_order:
            return Shown(at, np.zeros(len(at)))
        turn = np.lexsort((cards.due[reviews], reviews // self.many))  # as before, those of last looks in between
        old = np.concatenate([reviews[turn], early])
        old = old[np.argsort(old // self.many, kind="stable")]
        old_place = self._spread(old)
        # New cards that come first take the places below those of all reviews.
        new_place = self._spread(new) * np.where(self.new_first[new // self.many], 1 / (2 + self.many), 1.0)
        places = [np.full(len(steps), -1.0), old_place, new_place]
        return Shown(np.concatenate([steps, old, new]), np.concatenate(places))

    def _spread(self, at: Ints) -> Floats:
        """Places from 0 to 1, evenly in each life; `at` is in the order of lives."""
        life = at // self.many
        counts = np.bincount(life, minlength=self.lives)
        found: Floats = (_rank(life, self.lives) + 1) / (counts[life] + 1)
        return found


def _rank(life: Ints, lives: int) -> Ints:
    """The place of each within its life, from 0; `life` ascends."""
    return np.arange(len(life)) - np.searchsorted(life, np.arange(lives))[life]


def _earlier_siblings(note: Ints) -> list[tuple[Ints, Ints]]:
    """Pairs of places of new cards: a card, and the one of its note before it. For a note
    of three cards the third is set beside the first and beside the second."""
    first: dict[int, list[int]] = {}
    levels: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for place, number in enumerate(note.tolist()):
        before = first.setdefault(number, [])
        for depth, earlier in enumerate(before):
            later, known = levels.setdefault((len(before), depth), ([], []))
            later.append(place)
            known.append(earlier)
        before.append(place)
    return [(np.array(later), np.array(known)) for _, (later, known) in sorted(levels.items())]
