"""One pass over the answers of a history, and what everything else is counted from.

What is kept can be added up: the counts of a log and those of the rows that were added to it
since are the counts of both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import compress
from math import log
from operator import add, mul
from typing import NamedTuple

from aipm_cards.memory.scheduler import State

MATURE = 21  # days: a review after an interval of so many is of a mature card, as in Anki
LONGEST = 20 * 60_000  # milliseconds: who takes longer has left the terminal
LEAST = 1e-15  # no probability counts as less: its logarithm would be without end
BINS = 20  # of the probability of recall, 5 points each


class Code:
    """What an answer was, as one number: the state before it, FORGOTTEN if it was rated Again,
    MATURE if it left an interval of so many days, and `scheduler << SHIFT` (its settings)."""

    STATE = 3
    FORGOTTEN = 4
    MATURE = 8
    SHIFT = 4


ONE_DAY = 2**47
"""A day of stability in `Answers`, which has it as whole numbers: those are read three times as
fast, and 1e-14 days are nothing to a stability of at least 0.001."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that stand and were not crammed, in the order of the log, column by column. `took`
    is in milliseconds, `stabilities` in parts of ONE_DAY, `codes` see `Code`.

    The first `before` of them were counted already. Of each card that has one after these, they
    hold the last, and those of the same days.
    """

    cards: list[int]
    days: list[int]
    codes: list[int]
    took: list[int]
    stabilities: list[int]
    before: int = 0

    def __len__(self) -> int:
        """How many."""
        return len(self.cards)


class Made(NamedTuple):
    """What a scheduler's settings say of its answers: the curve of forgetting (see
    `scheduler.retrievability`), and the desired retention."""

    decay: float
    factor: float
    desired: float


class Day(NamedTuple):
    """What one learner day brought. A review is the first answer of its card on that day, to a
    card in the review state; it is recalled unless it was rated Again.

    `took` is in milliseconds, of all answers; `reviewing` of those to reviews and to what was
    forgotten; `desired` the sum of the desired retention of the reviews. All but that are whole
    numbers, which a float holds exactly.
    """

    answers: float = 0
    took: float = 0
    new: float = 0
    young: float = 0
    young_recalled: float = 0
    mature: float = 0
    mature_recalled: float = 0
    reviewing: float = 0
    desired: float = 0


class Bin(NamedTuple):
    """Reviews whose predicted recall is about the same: how many, how many were recalled, the
    sums of what was predicted, of log-loss and of squared errors."""

    reviews: float = 0
    recalled: float = 0
    predicted: float = 0
    log_loss: float = 0
    squares: float = 0


class OfCard(NamedTuple):
    """Reviews of one card: how many, how many were recalled, how many should have been, and the
    variance of that sum."""

    reviews: float = 0
    recalled: float = 0
    predicted: float = 0
    variance: float = 0


@dataclass
class Counts:
    """Counts by learner day, by predicted recall, and by card (by its number)."""

    days: dict[int, Day] = field(default_factory=dict)
    bins: list[Bin] = field(default_factory=lambda: [Bin()] * BINS)
    cards: dict[int, OfCard] = field(default_factory=dict)

    def add(self, more: Counts) -> None:
        """Add the counts of other answers."""
        for day, counted in more.days.items():
            self.days[day] = Day._make(map(add, self.days.get(day, Day()), counted))
        self.bins = [Bin._make(map(add, *both)) for both in zip(self.bins, more.bins, strict=True)]
        for card, of_card in more.cards.items():
            self.cards[card] = OfCard._make(map(add, self.cards.get(card, OfCard()), of_card))


@dataclass(slots=True)
class _Last:
    """The last answer of a card, and what was predicted of its reviews."""

    day: int
    code: int
    stability: int
    predicted: list[float]


def count(answers: Answers, made: Mapping[int, Made]) -> Counts:
    """Count answers; `made` has the settings of their schedulers. Raises KeyError of settings that
    are missing, and ArithmeticError without a stability."""
    days: defaultdict[int, list[float]] = defaultdict(lambda: [0] * len(Day._fields))
    _count_answers(answers, days)
    reviews = _reviews(answers, made)
    for (scheduler, forgotten, mature), on in reviews.days.items():
        place, desired = 5 if mature else 3, made[scheduler].desired
        for day, n in Counter(on).items():
            counted = days[day]
            counted[place] += n
            counted[place + 1] += 0 if forgotten else n
            counted[8] += n * desired
    bins = list(map(_bin, reviews.recalled, reviews.forgotten))
    slips = Counter(reviews.slips)
    cards = {card: _of_card(last.predicted, slips[card]) for card, last in reviews.cards.items() if last.predicted}
    return Counts({day: Day._make(values) for day, values in days.items()}, bins, cards)


def _count_answers(answers: Answers, days: Mapping[int, list[float]]) -> None:
    """Count the answers of each day, in the places of `Day`."""
    every, took, states = answers.days, answers.took, [code & Code.STATE for code in answers.codes]
    if max(took, default=0) > LONGEST:
        took = [min(one, LONGEST) for one in took]
    begins = [answers.before, *(n for n in range(answers.before + 1, len(every)) if every[n] != every[n - 1])]
    for begin, end in zip(begins, [*begins[1:], len(every)], strict=True):
        if begin == end:
            continue  # there is no answer at all
        counted, part, those = days[every[begin]], took[begin:end], states[begin:end]
        counted[0] += end - begin
        counted[1] += sum(part)
        counted[2] += those.count(_NEW)
        counted[7] += sum(compress(part, map(_LATER.__getitem__, those)))


_NEW, _REVIEW = int(State.NEW), int(State.REVIEW)
_LATER = [state >= State.REVIEW for state in State]  # or relearning


@dataclass(frozen=True, slots=True)
class _Reviews:
    """Reviews: the first answers of a card on a learner day, to a card in the review state, that
    come after another answer to it.

    `days` has their days by the settings of the scheduler, whether the card was forgotten, and
    whether it was mature. What is predicted of a review is the probability of recall that the
    answer before it left: by its stability, the curve of its settings, and the learner days
    since. Where these are none, nothing is predicted. The predictions are in `cards`, and by bin
    in `recalled` and `forgotten`; `slips` are the cards of the latter.
    """

    days: dict[tuple[int, int, int], list[int]]
    cards: dict[int, _Last]
    recalled: list[list[float]]
    forgotten: list[list[float]]
    slips: list[int]


def _reviews(answers: Answers, made: Mapping[int, Made]) -> _Reviews:
    """Every answer passes here: what it costs is what the statistics cost."""
    codes, n = _once_a_day(answers), answers.before
    settings = {code: made[code >> Code.SHIFT] for code in set(codes)}
    found = _Reviews({}, {}, [[] for _ in range(BINS + 1)], [[] for _ in range(BINS + 1)], [])
    recalled, forgotten, last = found.recalled, found.forgotten, found.cards
    for card, day, code, stability in zip(answers.cards[:n], answers.days, codes, answers.stabilities, strict=False):
        last[card] = _Last(day, code, stability, [])
    left = {code: (code & Code.MATURE, decay, factor * ONE_DAY) for code, (decay, factor, _) in settings.items()}
    put = {
        code: {
            mature: found.days.setdefault((code >> Code.SHIFT, code & Code.FORGOTTEN, mature), []).append
            for mature in (0, Code.MATURE)
        }
        for code in settings
        if code & Code.STATE == _REVIEW
    }
    for card, day, code, stability in zip(
        answers.cards[n:], answers.days[n:], codes[n:], answers.stabilities[n:], strict=True
    ):
        try:
            was = last[card]
        except KeyError:
            last[card] = _Last(day, code, stability, [])
            continue
        elapsed = day - was.day
        if elapsed and code in put:
            mature, decay, factor = left[was.code]
            put[code][mature](day)
            if elapsed > 0:
                predicted = (1 + factor * elapsed / was.stability) ** decay
                was.predicted.append(predicted)
                if code & Code.FORGOTTEN:
                    forgotten[int(predicted * BINS)].append(predicted)
                    found.slips.append(card)
                else:
                    recalled[int(predicted * BINS)].append(predicted)
        was.day = day
        was.code = code
        was.stability = stability
    for bins in (recalled, forgotten):
        certain = bins.pop()
        bins[-1] += certain
    return found


def _once_a_day(answers: Answers) -> list[int]:
    """The codes of answers. An answer that is not the first of its card on its day, but not on the
    day of the one before either, because the clock went back, is no review."""
    days, codes = answers.days, answers.codes
    if days == sorted(days):
        return codes
    codes = codes.copy()
    seen: set[tuple[int, int]] = set()
    for n, one in enumerate(zip(answers.cards, days, strict=True)):
        if one in seen and codes[n] & Code.STATE == _REVIEW:
            codes[n] += State.RELEARNING - State.REVIEW
        seen.add(one)
    return codes


def _bin(recalled: list[float], forgotten: list[float]) -> Bin:
    """Reviews by what was predicted of those that were recalled, and of the others."""
    n, predicted = len(recalled), sum(recalled)
    losses = sum(map(log, recalled)) + sum(log(max(1 - one, LEAST)) for one in forgotten)
    squares = n - 2 * predicted + _squares(recalled) + _squares(forgotten)
    return Bin(n + len(forgotten), n, predicted + sum(forgotten), -losses, squares)


def _of_card(predicted: list[float], forgotten: int) -> OfCard:
    sum_ = sum(predicted)
    return OfCard(len(predicted), len(predicted) - forgotten, sum_, sum_ - _squares(predicted))


def _squares(numbers: list[float]) -> float:
    return float(sum(map(mul, numbers, numbers)))
