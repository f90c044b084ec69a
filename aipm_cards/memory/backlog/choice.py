"""Which reviews move to which day when there are too many, at the least harm to memory.

The harm of a move is by how much the probability of recall at the review (FSRS) differs from
what it would have been on the day that was planned: today for what is overdue. A later review
costs recall. An earlier one finds more recalled but teaches less, for the stability that a
review gains grows with what was forgotten (FSRS), so it counts as much as a later one that is
as far from the plan. Which card goes to which day is an assignment problem: see `assignment`.

Only cards in the review state move. Nothing here writes: see `History.move`.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.backlog.assignment import assigned
from aipm_cards.memory.history import History, Move
from aipm_cards.memory.queue import Cards, presets_of
from aipm_cards.memory.reading import states
from aipm_cards.memory.scheduler import State, recalls
from aipm_cards.memory.settings import Preset, Settings

LONGEST = 366  # days over which a load may be spread
BEYOND = 7  # days more than there must be, so that the last cards have a choice


class Due(NamedTuple):
    """A review that is due: the card, its revision, its day and what its recall depends on."""

    key: str
    revision: int
    due_day: int
    last_day: int
    stability: float
    preset: Preset


class Shift(NamedTuple):
    """A card that changes its day: from the planned one, with the probability of recall there
    and on the new one."""

    card: Due
    planned: int
    day: int
    before: float
    after: float


@dataclass(frozen=True)
class Choice:
    """What moves, and how many reviews each day has before and after that. Days are learner
    days; what is overdue counts for today."""

    shifts: Sequence[Shift]
    before: Mapping[int, int]
    after: Mapping[int, int]

    @property
    def moves(self) -> list[Move]:
        """What the history has to store."""
        return [Move(shift.card.key, shift.card.revision, shift.day) for shift in self.shifts]

    @property
    def lost(self) -> float:
        """How many fewer of the later reviews will be recalled, expected."""
        return sum(max(0.0, shift.before - shift.after) for shift in self.shifts)

    @property
    def recall(self) -> tuple[float, float]:
        """The mean probability of recall of the moved cards before and after; 0 if none moves."""
        count = max(1, len(self.shifts))
        return sum(s.before for s in self.shifts) / count, sum(s.after for s in self.shifts) / count

    @property
    def worst(self) -> Shift | None:
        """The card that loses most; None if none comes later."""
        later = [shift for shift in self.shifts if shift.day > shift.planned]
        return max(later, key=lambda shift: shift.before - shift.after, default=None)


def reviews(history: History, cards: Cards, settings: Settings) -> list[Due]:
    """The reviews of these cards, whenever they are due, in the order in which they come;
    suspended ones are left out. Raises HistoryError."""
    found = {
        key: state
        for key, state in states(history).items()
        if key in cards and state.state == State.REVIEW and not state.suspended
    }
    preset_of = presets_of(settings, cards, found)
    order = sorted(found.items(), key=lambda item: (item[1].due_day, item[1].shuffle, item[1].card))
    return [
        Due(key, state.revision, state.due_day, state.last_day, state.stability, preset_of(key)) for key, state in order
    ]


def postponed(due: Sequence[Due], today: int, keep: int, days: int) -> Choice:
    """All but `keep` of the reviews that are due today or overdue, moved to the next `days`
    days, so that the fullest of those is as empty as can be."""
    waiting = [card for card in due if card.due_day <= today]
    moving = max(0, len(waiting) - keep)
    loads = _loads(due, today)
    following = range(today + 1, today + 1 + days)
    level = _level([loads[day] for day in following], moving)
    room = {today: min(keep, len(waiting))} | {day: max(0, level - loads[day]) for day in following}
    return _chosen(waiting, today, room, loads)


def flattened(due: Sequence[Due], today: int, most: int, days: int, done: int = 0) -> Choice:
    """The reviews that are overdue or due within `days` days from today, spread so that no day
    has more than `most`, of which today has had `done`. Days after those take what they have
    room for. Raises AipmCardsError if that would take more than a year."""
    last = today + days - 1
    moving = [card for card in due if card.due_day <= last]
    loads = _loads(due, today)
    fixed = Counter({day: load for day, load in loads.items() if day > last})
    room = {today: max(0, most - done)} | dict.fromkeys(range(today + 1, last + 1), most)
    _extend(room, last, fixed, most, len(moving))
    return _chosen(moving, today, room, loads)


def around(due: Sequence[Due], today: int, first: int, last: int, most: int, done: int = 0) -> Choice:
    """The reviews that fall due on the days `first` to `last`, moved before or after those, as far
    as days have fewer than `most` (today had `done`). Nothing else moves: what is overdue is due
    today, so it does if the break began. Raises AipmCardsError if that would take more than a year."""
    moving = [card for card in due if first <= max(card.due_day, today) <= last]
    loads = _loads(due, today)
    gone = Counter(max(card.due_day, today) for card in moving)
    room = {day: max(0, most - (loads[day] - gone[day])) for day in range(today, first)}
    if today in room:
        room[today] = max(0, room[today] - done)
    _extend(room, last, loads, most, len(moving))
    return _chosen(moving, today, room, loads)


def bearable(due: Sequence[Due], today: int, last: int, limit: int) -> int:
    """How many reviews a day should take around a break that ends with day `last`: half as many
    again as a day has on average until then, and no more than the `limit` of a day."""
    waiting = sum(card.due_day <= last for card in due)
    return max(1, min(limit, -(-3 * waiting // (2 * (last - today + 1)))))


def _loads(due: Iterable[Due], today: int) -> Counter[int]:
    return Counter(max(card.due_day, today) for card in due)


def _level(loads: Sequence[int], more: int) -> int:
    """The lowest level to which days with these loads are filled by so many more cards."""
    filled, room = 0, 0
    for number, load in enumerate(sorted(loads), 1):
        filled += load
        room = -(-(filled + more) // number)
        if number == len(loads) or room <= sorted(loads)[number]:
            break
    return room


def _extend(room: dict[int, int], last: int, loads: Mapping[int, int], most: int, needed: int) -> None:
    """Add days after `last` until there is room for `needed` cards, and a few more."""
    left = needed - sum(room.values())
    day, more = last, BEYOND
    while left > 0 or more > 0:
        more -= left <= 0
        day += 1
        room[day] = max(0, most - loads.get(day, 0))
        left -= room[day]
        if left > 0 and day - last >= LONGEST:
            least = -(-(needed + sum(loads.get(d, 0) for d in range(last + 1, day + 1))) // LONGEST)
            raise AipmCardsError(
                f"with {most:,} a day it would take more than a year to do {needed:,} reviews; try {least:,} a day"
            )


def _chosen(moving: Sequence[Due], today: int, room: Mapping[int, int], loads: Mapping[int, int]) -> Choice:
    """The moves of least harm into the days with room."""
    days = [day for day in sorted(room) if room[day]]
    rows = (_recall(card, today, days) for card in moving)
    costs = [array("d", (abs(planned - there) for there in row)) for planned, *row in rows]
    shifts, after = [], Counter(loads)
    for card, place in zip(moving, assigned(costs, [room[day] for day in days]), strict=True):
        day, was = days[place], max(card.due_day, today)
        if day != was:
            shifts.append(Shift(card, was, day, *_recall(card, today, (day,))))
            after[was] -= 1
            after[day] += 1
    return Choice(shifts, loads, after)


def _recall(card: Due, today: int, days: Iterable[int]) -> list[float]:
    """The probability of recall on the planned day, and then on each of some days."""
    return recalls(card.stability, [day - card.last_day for day in (max(card.due_day, today), *days)], card.preset)
