"""A session: which card comes next, what an answer does, and how it went.

The reviewer at the terminal and the commands for programs run on the same session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.goal import InForce
from aipm_cards.memory.history import Answer, Content, History
from aipm_cards.memory.last_looks import next_look_day
from aipm_cards.memory.log import CRAM, CardState, Event, EventKind
from aipm_cards.memory.queue import Cards, Queue, Wish, plan, plan_cram
from aipm_cards.memory.scheduler import Outcome, State, retrievability
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.unseen import unseen
from aipm_cards.model import Rating


class Turn(NamedTuple):
    """A card whose turn it is: its state, what each rating would lead to, and when it was drawn."""

    key: str
    state: CardState
    outcomes: Mapping[Rating, Outcome]
    shown: Moment
    cram: bool = False

    @property
    def revision(self) -> int:
        """What an answer to it has to name."""
        return self.state.revision


class Done(NamedTuple):
    """An answer of this session: the card, the state before it, the probability of recall
    that FSRS gave it (0 for a new card), and the desired retention."""

    event: Event
    key: str
    expected: float
    desired: float


@dataclass(frozen=True, slots=True)
class Summary:
    """How a session went. Reviews are answers to cards in the review state on a later day than
    the one before: only they say something about retention."""

    answers: int
    cards: int
    new: int
    took: int  # milliseconds
    ratings: Mapping[Rating, int]
    reviews: int
    recalled: int
    expected: float  # recalled reviews, if FSRS were right
    desired: float  # mean desired retention of the reviews; 0 if there were none


class Session:
    """A session over `cards`. `clock` says what time it is, and where."""

    def __init__(
        self,
        history: History,
        cards: Cards,
        settings: Settings,
        clock: Callable[[], Moment],
        wish: Wish | None = None,
        goal: InForce | None = None,
    ) -> None:
        """`goal` is followed on the days on which it is in force. Raises HistoryError, as every
        method does."""
        self.history = history
        self.cards = cards
        self.settings = settings
        self.clock = clock
        self.wish = wish or Wish()
        self.goal = goal
        self.done: list[Done] = []
        self._mine: list[bytes] = []  # events of this session that undo may take back
        self._shown: set[str] = set()
        self._earlier: frozenset[bytes] = frozenset()  # what was done before this wish
        self._front = ""  # a card that comes before all others: its answer was undone, say
        self._plan()

    # --- what comes ------------------------------------------------------------------------

    def next(self) -> Turn | None:
        """The card whose turn it is, or None if there is nothing to do now."""
        now = self.clock()
        if self._day_of(now) != self.day:
            self._plan()
        while (key := self._candidate(now)) is not None:
            state = self.history.state(key)
            if self._is_due(key, state, now):
                self._shown.add(key)
                return self.turn(key, state, now)
            self._set_aside(key, state)  # another session had it meanwhile
        return None

    def turn(self, key: str, state: CardState, now: Moment) -> Turn:
        """A card as it would be shown now, whether its turn has come or not."""
        outcomes = {} if self.wish.cram else self.history.preview(key, state, now, self.preset(key))
        return Turn(key, state, outcomes, now, self.wish.cram)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many learning cards, reviews and new cards are left today."""
        learning = self.queue.learning
        reviews, new = len(self.queue.reviews), len(self.queue.new)
        if self.wish.limit is None:
            return len(learning), reviews, new
        waiting = {*self.queue.reviews, *self.queue.new}  # the card on the screen is among them
        room = max(0, self.wish.limit - len(self._shown - waiting))
        reviews = min(reviews, room)
        return sum(key in self._shown for key in learning), reviews, min(new, room - reviews)

    def next_learning(self) -> int | None:
        """When the next learning card is due, in UTC milliseconds."""
        return min(self.queue.learning.values(), default=None)

    def upcoming(self, days: int) -> list[int]:
        """How many reviews fall due on each of the next days, tomorrow first."""
        counts = [0] * days
        for key, due_day in self.history.reviews_due(self.day + 1, self.day + days):
            counts[due_day - self.day - 1] += key in self.cards
        return counts

    def next_review_day(self) -> int | None:
        """The first learner day after today on which a review is due."""
        reviews = self.history.reviews_due(self.day + 1, 2**31)
        return next((due_day for key, due_day in reviews if key in self.cards), None)

    def next_due_day(self) -> int | None:
        """The first learner day after today on which a card is due, in steps or for review."""
        first = [self.next_review_day()]
        if self.in_force is not None:
            first.append(next_look_day(self.history, self.in_force, self.day, self.cards))
        first += [on for key, _, on in self.history.learning() if on > self.day and key in self.cards]
        return min((day for day in first if day is not None), default=None)

    def more_new(self) -> bool:
        """Whether there are new cards for another day."""
        waiting = unseen(self.history, self.cards.order, self.cards.name)
        aim = self.in_force
        if aim is not None and aim.goal.in_force(self.day + 1):
            return aim.goal.new_per_day > 0 and any(key in aim.chosen for key in waiting)
        return next(waiting, None) is not None

    def preset(self, key: str) -> Preset:
        """The settings for a card."""
        preset = self.settings.preset_of(self.cards.deck(key)) if self.settings.decks else self.settings.preset
        return preset if self.in_force is None else self.in_force.preset(key, preset)

    # --- what happens ----------------------------------------------------------------------

    def answer(
        self, turn: Turn, rating: Rating, took: int, content: Content | None = None, detail: str | None = None
    ) -> Event:
        """Store an answer, durably, before anything else is shown. Raises StaleCard."""
        preset, now = self.preset(turn.key), self.clock()
        given = Answer(turn.key, rating, turn.revision, took, content, detail, turn.cram)
        event = self.history.answer(given, now, preset)
        self._mine.append(event.id)
        expected = retrievability(turn.state.memory, event.day, preset)
        self.done.append(Done(event, turn.key, expected, preset.desired_retention))
        self._after(turn.key, event)
        return event

    def mark(self, kind: EventKind, key: str, remark: str | None = None, revision: int | None = None) -> Event:
        """Bury, suspend or flag a card, or start it afresh. Raises StaleCard if it changed since
        it was shown with `revision`."""
        event = self.history.record(kind, key, self.clock(), remark, revision)
        self._mine.append(event.id)
        if kind in (EventKind.BURY, EventKind.SUSPEND):
            self._drop(key)
        elif kind == EventKind.AFRESH:
            self._front = key
        return event

    def undo(self) -> tuple[str, Event] | None:
        """Take back the last event of this session, else of the history. The card comes next.

        Returns the card and the event, None if there is nothing. Raises StaleCard.
        """
        taken = None
        while self._mine and taken is None:  # another session may have taken one back already
            taken = self.history.undo(self.clock(), self._mine[-1])
            self._mine.pop()
        taken = taken or self.history.undo(self.clock())
        if taken is None:
            return None
        key, event = taken
        self.done = [done for done in self.done if done.event.id != event.id]
        self._plan()
        if key in self.cards and self.comes_back(event):
            self._front = key
        return taken

    def comes_back(self, event: Event) -> bool:
        """Whether a card is shown again once this event of it is taken back: if the event took
        it out of the session. What was crammed comes back only to cramming."""
        if event.kind == EventKind.ANSWER:
            return (event.before == CRAM) == self.wish.cram
        return event.kind in (EventKind.BURY, EventKind.SUSPEND, EventKind.AFRESH)

    def continued(self, wish: Wish) -> Session:
        """This session with another wish; what was done counts on, and can be undone."""
        session = Session(self.history, self.cards, self.settings, self.clock, wish, self.goal)
        session.done, session._mine = self.done, self._mine
        session._earlier = frozenset(done.event.id for done in self.done)
        return session

    def summary(self) -> Summary:
        """How it went so far."""
        reviews = [done for done in self.done if done.event.before == State.REVIEW and done.expected < 1]
        recalled = sum(done.event.rating != Rating.AGAIN for done in reviews)
        return Summary(
            answers=len(self.done),
            cards=len({done.key for done in self.done}),
            new=sum(done.event.before == State.NEW for done in self.done),
            took=sum(done.event.took or 0 for done in self.done),
            ratings={rating: sum(done.event.rating == rating for done in self.done) for rating in Rating},
            reviews=len(reviews),
            recalled=recalled,
            expected=sum(done.expected for done in reviews),
            desired=sum(done.desired for done in reviews) / len(reviews) if reviews else 0.0,
        )

    # --- inside ----------------------------------------------------------------------------

    def _day_of(self, now: Moment) -> int:
        return learner_day(now, self.history.start)

    def _plan(self) -> None:
        now = self.clock()
        self.day = self._day_of(now)
        self.in_force = self.goal if self.goal is not None and self.goal.goal.in_force(self.day) else None
        self.queue: Queue
        if self.wish.cram:
            self.queue = plan_cram(self.history, self.cards, self.day)
            for done in self._since():
                self._after(done.key, done.event)
            return
        introduced = sum(done.event.before == State.NEW for done in self._since())
        self.queue = plan(self.history, self.cards, self.settings, self.wish, self.day, introduced, self.in_force)

    def _since(self) -> list[Done]:
        """What was done since the wish was made."""
        return [done for done in self.done if done.event.id not in self._earlier]

    def _drop(self, key: str) -> None:
        self.queue.drop(key)
        if self._front == key:
            self._front = ""

    def _set_aside(self, key: str, state: CardState) -> None:
        """Take out a card that is not due; one that is being learned waits for its step."""
        self._drop(key)
        in_steps = state.state in (State.LEARNING, State.RELEARNING) and state.due_day <= self.day
        if in_steps and not state.suspended and state.buried != self.day and not self.wish.cram:
            self.queue.learning[key] = state.due

    def _candidate(self, now: Moment) -> str | None:
        if self._front:
            return self._front
        full = self.wish.limit is not None and len(self._shown) >= self.wish.limit
        learning = {k: due for k, due in self.queue.learning.items() if not full or k in self._shown}
        key, due = min(learning.items(), key=lambda item: item[1], default=("", 0))
        if key and due <= now.ms:
            return key
        of_day = [k for k in self.queue.next_of_day() if not full or k in self._shown]
        if of_day:
            return of_day[0]
        return key if key and due <= self._early(now) else None

    def _early(self, now: Moment) -> int:
        """Learning cards that are due until then may come now, if there is nothing else."""
        return now.ms + self.settings.learn_ahead * 1000

    def _is_due(self, key: str, state: CardState, now: Moment) -> bool:
        if state.suspended or state.buried == self.day or key not in self.cards:
            return False
        if self.wish.cram:
            return True
        if key == self._front or state.state == State.NEW:
            return True
        if state.state == State.REVIEW:
            looked_at = key in self.queue.early and state.last_day < self.day
            return looked_at or state.due_day <= self.day + self.wish.ahead
        return state.due <= now.ms or (state.due <= self._early(now) and self.queue.learning.get(key) == state.due)

    def _after(self, key: str, event: Event) -> None:
        """What an answer changes in the queue."""
        queue = self.queue
        self._drop(key)
        if event.before == CRAM:
            if event.rating == Rating.AGAIN:
                queue.reviews.append(key)
            return
        queue.done_new += event.before == State.NEW
        queue.done_reviews += event.before == State.REVIEW
        in_steps = event.state in (State.LEARNING, State.RELEARNING) and not event.leech
        if in_steps and event.due is not None and event.due_day is not None and event.due_day <= self.day:
            queue.learning[key] = event.due
