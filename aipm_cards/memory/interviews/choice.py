"""Which questions a mock interview asks: those of weak topics, and those not asked lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from typing import NamedTuple

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews.mock import LONGEST, Asked

# Minutes that a real round gives to one question (`minutes` of a note is the time to study it).
MINUTES = {"PS": 35, "SD": 45, "TD": 5, "EX": 20, "ST": 25, "RA": 15, "BH": 4, "HM": 4, "PR": 45}
assert MINUTES.keys() == ROUNDS.keys()

USUAL = 45.0  # minutes of an interview
LATELY = 2  # interviews: what they asked comes after all other questions
MAIN = (0.4, 0.8)  # of a mixed interview, for its main question; a longer one would be the only one
TWICE = 2  # questions of one round in a mixed interview
LEAST_WEIGHT = 0.05  # also what is known well is asked at times


class Question(NamedTuple):
    """A question that could be asked: its card and round, how much it is needed (from 0 to 1, see
    `needs.needed`), and how many interviews ago it was asked (1 for the last one, 0 for never)."""

    card: str
    round: str
    need: float
    ago: int = 0


@dataclass(frozen=True, slots=True)
class Wished:
    """What was asked of an interview. Without minutes and without a number of questions it has
    45 minutes; no rounds mean all of them."""

    rounds: tuple[str, ...] = ()
    minutes: float | None = None
    questions: int | None = None

    @property
    def seconds(self) -> int | None:
        """How long it may take, None for however long."""
        minutes = USUAL if self.minutes is None and self.questions is None else self.minutes
        return None if minutes is None else min(LONGEST, max(1, round(minutes * 60)))

    def as_json(self) -> dict[str, object]:
        """It, as the log keeps it."""
        return {"rounds": list(self.rounds), "minutes": self.minutes, "questions": self.questions}


def chosen(questions: Sequence[Question], wished: Wished, seed: int) -> list[Asked]:
    """The questions of an interview in the order in which they are asked, the same for the same
    seed; empty if there is none of the rounds wished.

    One after the other is drawn, from those that fit into what is left of the time: a round
    again only after all others that fit, what the last two interviews asked only after
    everything else, and otherwise with a chance that grows with the square of the need
    (Efraimidis and Spirakis 2006: the smallest of the waiting times -log(u) / weight wins).
    Where time is given and no rounds are, the interview is mixed: the first one drawn takes
    between two and four fifths of the time, no round comes more than twice, and short questions
    are asked first, as a real one warms up.
    """
    found = [question for question in questions if not wished.rounds or question.round in wished.rounds]
    waiting = {question.card: -log(_fraction(seed, question.card)) / _weight(question) for question in found}
    most = LONGEST if wished.seconds is None else wished.seconds
    mixed = wished.seconds is not None and not wished.rounds and len({question.round for question in found}) > 1
    asked: list[Asked] = []
    used: Counter[str] = Counter()
    left = most if wished.seconds is not None else LONGEST * len(found)
    while len(asked) < (wished.questions or len(questions)):
        fitting = [question for question in found if _time(question, most) <= left]
        if mixed:
            fitting = _of_a_mixed_one(fitting, used, most)
        if not fitting and not asked:  # shorter than any question of its kind: one, in a hurry
            shortest = min((_time(question, LONGEST) for question in found), default=0)
            fitting = [question for question in found if _time(question, LONGEST) == shortest]
        if not fitting:
            break
        best = min(fitting, key=lambda q: (used[q.round], _lately(q), waiting[q.card]))
        asked.append(Asked(best.card, best.round, _time(best, most)))
        found.remove(best)
        used[best.round] += 1
        left -= asked[-1].seconds
    return sorted(asked, key=lambda each: each.seconds) if mixed else asked


def _of_a_mixed_one(fitting: list[Question], used: Counter[str], most: int) -> list[Question]:
    """The questions that may come next in an interview of all rounds."""
    low, high = (int(most * share) for share in MAIN)
    fitting = [q for q in fitting if used[q.round] < TWICE and _time(q, LONGEST) <= high]
    main = [q for q in fitting if _time(q, LONGEST) >= low]
    return main if main and not used else fitting


def _lately(question: Question) -> int:
    """0 for what was not asked in the last interviews, more for what was asked last."""
    return max(0, LATELY + 1 - question.ago) if question.ago else 0


def _time(question: Question, most: int) -> int:
    """Seconds for a question: those of its round, or the whole interview if that is shorter."""
    return min(MINUTES[question.round] * 60, most)


def _weight(question: Question) -> float:
    return max(LEAST_WEIGHT, min(1.0, question.need)) ** 2


def _fraction(seed: int, card: str) -> float:
    """A number above 0 and below 1 that only depends on what it is given."""
    digest = blake2b(f"{seed}/{card}".encode(), digest_size=6).digest()
    return (int.from_bytes(digest) + 0.5) / 2**48


def pick(count: int, seed: int, card: str) -> int:
    """One of `count` things, from 0; which one depends on the seed and the card alone."""
    return int(_fraction(seed, f"{card}?") * count)


def asked_ago(interviews: Iterable[Iterable[str]]) -> Mapping[str, int]:
    """How many interviews ago each card was asked, given the cards of all, the oldest first."""
    everything = [set(cards) for cards in interviews]
    return {card: len(everything) - number for number, cards in enumerate(everything) for card in cards}
