"""One pass over the answers of a history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import compress, islice
from math import log
from operator import mul

from aipm_cards.memory.scheduler import State
from aipm_cards.memory.statistics.counts import BINS, LEAST, LONGEST, Bin, Counts, Day, Made, OfCard


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


@dataclass(slots=True)
class _Last:
    """The last answer of a card, and what was predicted of its reviews."""

    day: int
    code: int
    stability: int
    predicted: list[float]


class Counting:
    """Counts in the making: of answers that are taken part by part, in the order of the log.

    A review is counted if another answer to its card came before. What is predicted of it is the
    probability of recall that that answer left: by its stability, the curve of its settings, and
    the learner days since. Where these are none, nothing is predicted.
    """

    def __init__(self, made: Callable[[int], Made]) -> None:
        """`made` gives the settings of a scheduler by its number."""
        self._made = made
        self._days: defaultdict[int, list[float]] = defaultdict(lambda: [0] * len(Day._fields))
        self._last: dict[int, _Last] = {}
        self._taken: list[Answers] = []
        self._latest: int | None = None  # the last day, as long as the days never went back
        self._seen: set[tuple[int, int]] | None = None  # cards on days, once they did
        # By the code of an answer: whether the card was mature after it, and its curve.
        self._left: dict[int, tuple[int, float, float]] = {}
        # Of those to cards in the review state: where the days of reviews go, young and mature.
        self._put: dict[int, dict[int, Callable[[int], None]]] = {}
        self._reviews: dict[tuple[int, int, int], list[int]] = {}  # days by scheduler, forgotten, mature
        self._recalled: list[list[float]] = [[] for _ in range(BINS + 1)]  # predictions by bin; the last is certainty
        self._forgotten: list[list[float]] = [[] for _ in range(BINS + 1)]
        self._slips: list[int] = []  # the cards of the latter

    def take(self, answers: Answers) -> None:
        """Count some more answers. Raises ArithmeticError without a stability, and what `made` does."""
        if len(answers):
            _count_answers(answers, self._days)
            codes = self._once_a_day(answers)
            self._learn(set(codes))
            self._count_reviews(answers, codes)
            self._taken.append(answers)

    def counts(self) -> Counts:
        """The counts of all that was taken."""
        days = {day: values.copy() for day, values in self._days.items()}
        for (scheduler, forgotten, mature), on in self._reviews.items():
            place, desired = 5 if mature else 3, self._made(scheduler).desired
            for day, n in Counter(on).items():
                counted = days[day]
                counted[place] += n
                counted[place + 1] += 0 if forgotten else n
                counted[8] += n * desired
        bins = list(map(_bin, _folded(self._recalled), _folded(self._forgotten)))
        slips = Counter(self._slips)
        cards = {card: _of_card(last.predicted, slips[card]) for card, last in self._last.items() if last.predicted}
        return Counts({day: Day._make(values) for day, values in days.items()}, bins, cards)

    def _learn(self, codes: Iterable[int]) -> None:
        """What codes mean."""
        for code in codes:
            if code not in self._left:
                scheduler, forgotten = code >> Code.SHIFT, code & Code.FORGOTTEN
                decay, factor, _ = self._made(scheduler)
                self._left[code] = code & Code.MATURE, decay, factor * ONE_DAY
                if code & Code.STATE == _REVIEW:
                    self._put[code] = {
                        mature: self._reviews.setdefault((scheduler, forgotten, mature), []).append
                        for mature in (0, Code.MATURE)
                    }

    def _count_reviews(self, answers: Answers, codes: list[int]) -> None:
        """Every answer passes here: what it costs is what the statistics cost."""
        last, left, put, n = self._last, self._left, self._put, answers.before
        rows = zip(answers.cards, answers.days, codes, answers.stabilities, strict=True)
        for card, day, code, stability in islice(rows, n):
            last[card] = _Last(day, code, stability, [])
        for card, day, code, stability in rows:
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
                        self._forgotten[int(predicted * BINS)].append(predicted)
                        self._slips.append(card)
                    else:
                        self._recalled[int(predicted * BINS)].append(predicted)
            was.day = day
            was.code = code
            was.stability = stability

    def _once_a_day(self, answers: Answers) -> list[int]:
        """The codes of answers. One that is not the first of its card on its day, though the one
        before was on another day, because the clock went back, is no review."""
        days, codes = answers.days, answers.codes
        if self._seen is None:
            if (self._latest is None or days[0] >= self._latest) and days == sorted(days):
                self._latest = days[-1]
                return codes
            self._seen = {one for part in self._taken for one in zip(part.cards, part.days, strict=True)}
        codes = codes.copy()
        for n, one in enumerate(zip(answers.cards, days, strict=True)):
            if one in self._seen and codes[n] & Code.STATE == _REVIEW:
                codes[n] += State.RELEARNING - State.REVIEW
            self._seen.add(one)
        return codes


def _count_answers(answers: Answers, days: Mapping[int, list[float]]) -> None:
    """Count the answers of each day, in the places of `Day`."""
    if answers.before == len(answers):
        return
    every, took, states = answers.days, answers.took, [code & Code.STATE for code in answers.codes]
    if max(took, default=0) > LONGEST:
        took = [min(one, LONGEST) for one in took]
    begins = [answers.before, *(n for n in range(answers.before + 1, len(every)) if every[n] != every[n - 1])]
    for begin, end in zip(begins, [*begins[1:], len(every)], strict=True):
        counted, part, those = days[every[begin]], took[begin:end], states[begin:end]
        counted[0] += end - begin
        counted[1] += sum(part)
        counted[2] += those.count(_NEW)
        counted[7] += sum(compress(part, map(_LATER.__getitem__, those)))


_NEW, _REVIEW = int(State.NEW), int(State.REVIEW)
_LATER = [state >= State.REVIEW for state in State]  # or relearning


def _folded(bins: list[list[float]]) -> list[list[float]]:
    """Bins without that of certainty, which belongs to the last."""
    return [*bins[: BINS - 1], bins[BINS - 1] + bins[BINS]]


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
