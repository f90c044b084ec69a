"""Which cards a day brings, in which order: limits, siblings, and what goes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from aipm_cards.kinds import ordinals
from aipm_cards.memory.goal import InForce
from aipm_cards.memory.history import History
from aipm_cards.memory.last_looks import NONE, last_looks
from aipm_cards.memory.log import CRAM
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.unseen import unseen
from aipm_cards.model import Collection

DeckOf = Callable[[Iterable[str]], Mapping[str, str]]
"""The decks of notes, by their ids."""


class Cards:
    """The cards that a session is about: their keys in the author's order, and their decks.
    `name` may be a digest of that order: see `unseen`."""

    def __init__(self, order: Sequence[str], deck_of: DeckOf, name: str = "") -> None:
        self.order = order
        self.name = name
        self.deck_of = deck_of
        self._known = frozenset(order)

    @classmethod
    def of(cls, collection: Collection) -> Cards:
        """All cards of a collection that was loaded, but for retired notes."""
        decks = {note.id: note.deck for note in collection.notes if not note.retired}
        order = [f"{n.id}:{number}" for n in collection.notes if not n.retired for number in ordinals(n)]
        return cls(order, lambda note_ids: {note_id: decks[note_id] for note_id in note_ids if note_id in decks})

    def __contains__(self, key: object) -> bool:
        return key in self._known

    def deck(self, key: str) -> str:
        """The full name of the deck of a card."""
        note_id = note_of(key)
        return self.deck_of([note_id]).get(note_id, "")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of a session: at most `new` new cards and `limit` cards, whatever the
    daily limits say; `ahead` days of reviews that are not yet due; or to `cram`."""

    new: int | None = None
    limit: int | None = None
    ahead: int = 0
    cram: bool = False


@dataclass(slots=True)
class Queue:
    """What is left of a day. Reviews and new cards are in order; of learning cards the moment
    is known at which they are due. `done_*` count what the day brought before. `early` are those
    of the reviews that are not due: last looks. With `new_first` new cards wait for no review."""

    reviews: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    learning: dict[str, int] = field(default_factory=dict)
    done_reviews: int = 0
    done_new: int = 0
    early: frozenset[str] = frozenset()
    new_first: bool = False

    def next_of_day(self) -> list[str]:
        """The list, of reviews or new cards, whose turn it is; empty when both are.

        New cards are spread evenly between reviews: the one goes first of which the smaller
        share is done.
        """
        if not self.reviews or not self.new:
            return self.reviews or self.new
        if self.new_first:
            return self.new
        reviews = (self.done_reviews + 1) * (self.done_new + len(self.new) + 1)
        new = (self.done_new + 1) * (self.done_reviews + len(self.reviews) + 1)
        return self.new if new < reviews else self.reviews

    def drop(self, key: str) -> None:
        """Take a card out, wherever it is."""
        self.learning.pop(key, None)
        for waiting in (self.reviews, self.new):
            if key in waiting:
                waiting.remove(key)


def note_of(key: str) -> str:
    """The id of the note that a card belongs to."""
    return key.rpartition(":")[0]


def ordinal_of(key: str) -> int:
    """Anki's ordinal of a card."""
    return int(key.rpartition(":")[2])


def plan(
    history: History,
    cards: Cards,
    settings: Settings,
    wish: Wish,
    day: int,
    introduced: int = 0,
    in_force: InForce | None = None,
) -> Queue:
    """The queue of a learner day. Of `wish.new` cards, `introduced` had their turn already.

    Reviews come in the order of their due days, and before new cards when both are siblings.
    Who studies ahead takes everything that is due first, without a limit. With a plan `in_force`,
    new cards are chosen ones, as many as it says; and in its last days chosen cards have a last
    look, beside the limit of reviews and whatever their siblings do. Raises HistoryError.
    """
    buried, answers = history.buried(day), history.answered(day)
    learning = {k: due for k, due, on in history.learning() if on <= day and k in cards and k not in buried}
    queue = Queue(learning=learning)
    looks = NONE
    if in_force is not None:
        queue.new_first = in_force.goal.new_first
        presets = partial(presets_of, settings, cards)
        looks = last_looks(history, in_force, day, day + wish.ahead, presets, answers, buried)
    new = _Allowance("new_per_day", settings, cards.deck, _new_given(wish, introduced, in_force))
    reviews = _Allowance("reviews_per_day", settings, cards.deck)
    answered = _count_the_day(queue, answers, reviews, None if wish.new is not None else new, looks.done)
    siblings = {note_of(key) for key in (*learning, *answered)}  # notes that have their card today

    def free(key: str) -> bool:
        """Whether a card may come today; if so, its siblings may not."""
        if key in buried or key in answered or key not in cards:
            return False
        if settings.bury_siblings and note_of(key) in siblings and key not in looks.waiting:
            return False
        siblings.add(note_of(key))
        return True

    due = (key for key, _ in history.reviews_due(_EVER, day + wish.ahead))
    if wish.ahead:
        queue.reviews = [key for key in due if free(key)]
    else:
        _fill(queue.reviews, due, free, reviews, looks.waiting)
    queue.early = frozenset(key for key in looks.early if free(key))
    queue.reviews += [key for key in looks.early if key in queue.early]
    if new.left > 0:
        _fill(queue.new, _new(history, cards, wish, in_force), free, new)
    return queue


def _new_given(wish: Wish, introduced: int, in_force: InForce | None) -> int | None:
    """How many new cards a day takes, if not what the settings say."""
    if wish.new is not None:
        return wish.new - introduced
    return None if in_force is None else in_force.goal.new_per_day


def _new(history: History, cards: Cards, wish: Wish, in_force: InForce | None) -> Iterator[str]:
    """The new cards in the order in which they come. With a plan in force these are the chosen
    ones; who asks for a number gets others after them."""
    if in_force is None:
        yield from unseen(history, cards.order, cards.name)
        return
    yield from (key for key in unseen(history, cards.order, cards.name) if key in in_force.chosen)
    if wish.new is not None:
        yield from (key for key in unseen(history, cards.order, cards.name) if key not in in_force.chosen)


def presets_of(settings: Settings, cards: Cards, keys: Iterable[str]) -> Callable[[str], Preset]:
    """The presets of many cards, with one look at their decks: a function of their keys."""
    if not settings.decks:
        return lambda key: settings.preset
    decks = cards.deck_of({note_of(key) for key in keys})
    known = {deck: settings.preset_of(deck) for deck in set(decks.values())}
    return lambda key: known.get(decks.get(note_of(key), ""), settings.preset)


def _count_the_day(
    queue: Queue,
    answers: list[tuple[str, int, int]],
    reviews: _Allowance,
    new: _Allowance | None,
    looked: frozenset[str],
) -> set[str]:
    """Count what a day brought so far, last looks not as reviews; returns the cards that were
    answered."""
    answered = set()
    for key, before, _ in answers:
        if before == State.NEW:
            queue.done_new += 1
            if new is not None:
                new.count(key)
        elif before == State.REVIEW:
            queue.done_reviews += 1
            if key not in looked:
                reviews.count(key)
        if before != CRAM:
            answered.add(key)
    return answered


def plan_cram(history: History, cards: Cards, day: int) -> Queue:
    """A queue of all cards, whatever their state: what was studied first, in the order in
    which it is due, then what is new."""
    learning = [key for key, _, _ in history.learning()]
    studied = learning + [key for key, _ in history.reviews_due(_EVER, _NEVER)]
    buried = history.buried(day)
    order = [*studied, *unseen(history, cards.order, cards.name)]
    return Queue(reviews=[key for key in order if key in cards and key not in buried])


_EVER, _NEVER = -(2**31), 2**31


def _fill(
    into: list[str],
    keys: Iterable[str],
    free: Callable[[str], bool],
    allowance: _Allowance,
    beside: frozenset[str] = frozenset(),
) -> None:
    """Take what is free and allowed; cards that are `beside` the allowance need not be allowed."""
    for key in keys:
        if key in beside:
            if free(key):
                into.append(key)
        elif allowance.left <= 0:
            if not beside:
                return
        elif allowance.allows(key) and free(key):
            allowance.count(key)
            into.append(key)


class _Allowance:
    """How many more reviews, or new cards, a day takes: in all, and below each deck that has a
    preset. A number given for the session stands above all that."""

    def __init__(self, setting: str, settings: Settings, deck: Callable[[str], str], given: int | None = None) -> None:
        self.left: int = getattr(settings.preset, setting) if given is None else given
        self._decks: dict[str, int] = {}
        self._deck = deck
        if given is None:
            self._decks = {name.casefold(): getattr(preset, setting) for name, preset in settings.decks.items()}

    def allows(self, key: str) -> bool:
        """Whether one more is allowed in the deck of this card and those above it."""
        return all(self._decks[name] > 0 for name in self._above(key))

    def count(self, key: str) -> None:
        """Take one."""
        self.left -= 1
        for name in self._above(key):
            self._decks[name] -= 1

    def _above(self, key: str) -> list[str]:
        if not self._decks:
            return []
        parts = self._deck(key).casefold().split("::")
        names = ("::".join(parts[:depth]) for depth in range(1, len(parts) + 1))
        return [name for name in names if name in self._decks]
