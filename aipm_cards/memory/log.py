"""The events of the log, and what they come to for a card."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple, TypeVar

from aipm_cards.memory.scheduler import Memory, Outcome, State
from aipm_cards.model import Rating

T = TypeVar("T")

CRAM = 4  # as the state before an answer: it changed no memory


class Senseless(ValueError):
    """A row of the history holds what nothing here ever wrote."""


class EventKind(IntEnum):
    """What an event says happened to a card."""

    ANSWER = 1
    UNDO = 2
    BURY = 3
    SUSPEND = 4
    UNSUSPEND = 5
    FLAG = 6
    UNFLAG = 7
    AFRESH = 8
    MOVE = 9  # to another due day


class Event(NamedTuple):
    """A row of the log. `card`, `zone`, `device`, `content` and `scheduler` are the numbers
    under which the history keeps them; times are UTC milliseconds, days learner days."""

    seq: int
    id: bytes
    kind: int
    card: int
    time: int
    zone: int
    day: int
    device: int
    rating: int | None = None
    took: int | None = None  # milliseconds
    before: int | None = None  # a State, or CRAM
    state: int | None = None
    step: int | None = None
    stability: float | None = None
    difficulty: float | None = None
    due: int | None = None
    due_day: int | None = None
    interval: int | None = None
    leech: int | None = None
    content: int | None = None
    scheduler: int | None = None
    detail: str | None = None  # a remark; JSON of an answer (the rubric's ticks) or of a move (its batch)
    voids: bytes | None = None  # the id of the event that an undo takes back


_STATES = tuple(State)  # looked up in a tenth of the time of a call


class CardState(NamedTuple):
    """What the log comes to for one card: a row of the state table.

    `revision` is the number of the last event of the card, undone or not; `buried` the learner
    day on which it was buried; `shuffle` orders the reviews of a day.
    """

    card: int
    collection: int
    revision: int = 0
    state: int = State.NEW
    step: int = 0
    stability: float = 0.0
    difficulty: float = 0.0
    last_day: int = 0
    interval: int = 0
    time: int = 0
    due: int = 0
    due_day: int = 0
    reps: int = 0
    lapses: int = 0
    suspended: int = 0
    buried: int = 0
    flags: int = 0
    shuffle: int = 0
    content: int | None = None

    @property
    def memory(self) -> Memory:
        """The part that the scheduler works on."""
        return Memory(_STATES[self.state], self.step, self.stability, self.difficulty, self.last_day, self.interval)


def applied(state: CardState, event: Event) -> CardState:
    """The state of a card after one more event, which is no undo."""
    if event.kind == EventKind.ANSWER:
        return _answered(state, event)
    state = state._replace(revision=event.seq)
    if event.kind == EventKind.AFRESH:
        blank = CardState(state.card, state.collection)
        return blank._replace(revision=event.seq, reps=state.reps, flags=state.flags, content=state.content)
    return _marked(state, event)


def _marked(state: CardState, event: Event) -> CardState:
    match EventKind(event.kind):
        case EventKind.BURY:
            return state._replace(buried=event.day)
        case EventKind.SUSPEND:
            return state._replace(suspended=1)
        case EventKind.UNSUSPEND:
            return state._replace(suspended=0)
        case EventKind.FLAG:
            return state._replace(flags=state.flags + 1)
        case EventKind.UNFLAG:
            return state._replace(flags=0)
        case EventKind.MOVE:  # memory and interval stay: an answer then is a late or an early one
            return state._replace(due=_given(event.due, event), due_day=_given(event.due_day, event))
        case kind:
            raise ValueError(f"event {event.seq}: {kind.name} is nothing to apply")


def _answered(state: CardState, event: Event) -> CardState:
    if event.before == CRAM:
        return state._replace(revision=event.seq)  # what changed in the card is shown at its review
    content = state.content if event.content is None else event.content
    lapsed = event.before == State.REVIEW and event.rating == Rating.AGAIN
    return CardState(
        state.card,
        state.collection,
        revision=event.seq,
        state=_given(event.state, event),
        step=_given(event.step, event),
        stability=_given(event.stability, event),
        difficulty=_given(event.difficulty, event),
        last_day=event.day,
        interval=_given(event.interval, event),
        time=event.time,
        due=_given(event.due, event),
        due_day=_given(event.due_day, event),
        reps=state.reps + 1,
        lapses=state.lapses + lapsed,
        suspended=1 if event.leech else state.suspended,
        buried=0,
        flags=state.flags + (1 if event.leech else 0),
        shuffle=int.from_bytes(event.id[-3:]),
        content=content,
    )


def _given(value: T | None, event: Event) -> T:
    """A value that every answer has, or every move. Raises Senseless for a row that something
    else wrote."""
    if value is None:
        what = "a move without its day" if event.kind == EventKind.MOVE else "an answer without its outcome"
        raise Senseless(f"event {event.seq}: {what}")
    return value


def with_outcome(event: Event, outcome: Outcome, leech: bool) -> Event:
    """An answer with what it led to."""
    memory = outcome.memory
    return event._replace(
        state=int(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=outcome.due,
        due_day=outcome.due_day,
        interval=memory.interval,
        leech=int(leech),
    )


def is_leech(state: CardState, rating: Rating, threshold: int) -> bool:
    """Whether an answer is the lapse that makes a leech: at the threshold, and then at every
    half of it, so that one who unsuspends it is told again (as in Anki)."""
    if rating is not Rating.AGAIN or state.state != State.REVIEW or threshold == 0:
        return False
    lapses, half = state.lapses + 1, max(1, -(-threshold // 2))
    return lapses >= threshold and (lapses - threshold) % half == 0


def standing(events: Iterable[Event]) -> list[Event]:
    """The events of one card that count: no undo, and nothing that one took back."""
    events = list(events)
    voided = {event.voids for event in events if event.kind == EventKind.UNDO}
    return [event for event in events if event.kind != EventKind.UNDO and event.id not in voided]


def folded(card: int, collection: int, events: Iterable[Event]) -> CardState:
    """What the events of one card, in their order, come to."""
    events = list(events)
    state = CardState(card, collection)
    for event in standing(events):
        state = applied(state, event)
    return state._replace(revision=max((event.seq for event in events), default=0))
