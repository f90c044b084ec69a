"""A mock interview: the rows of its log, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from aipm_cards.model import Point, Rating

LONGEST = 24 * 3600  # seconds that a question may be given
MOST = 1000  # questions of an interview, or points of a rubric


class Kind(IntEnum):
    """What a row of the log says happened."""

    BEGUN = 1
    DRAFT = 2  # how far the answer to the question in turn has come
    ANSWERED = 3
    LEFT_OUT = 4
    COUNTED = 5  # as a review, or why it could not be
    ENDED = 6
    TAKEN_BACK = 7  # what was done to a question last; it is asked again


class Entry(NamedTuple):
    """A row of the log. `collection`, `zone` and `device` are the numbers under which the
    history keeps them, `time` UTC milliseconds, `day` a learner day; `detail` is JSON."""

    seq: int
    id: bytes
    mock: bytes
    collection: int
    kind: int
    time: int
    zone: int
    day: int
    device: int
    card: str | None
    detail: str | None


class Asked(NamedTuple):
    """A question of an interview: its card, its round, and the seconds that it is given."""

    card: str
    round: str
    seconds: int


class Draft(NamedTuple):
    """How far an answer has come: what was typed, the milliseconds taken, whether the rubric was
    shown, its ticks, and how many points it had (0 if that is not known)."""

    text: str = ""
    took: int = 0
    shown: bool = False
    ticks: tuple[int, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """An answer with what its rubric came to. `said` are the points that were ticked, from 0;
    `content` is the digest of what the card said, `revision` that of the card as it was shown;
    `asked` is the question in plain words, which may have left the sources since."""

    card: str
    rating: Rating
    took: int  # milliseconds
    points: tuple[Point, ...]
    said: frozenset[int]
    late: bool
    fresh: bool
    text: str
    asked: str
    skills: tuple[str, ...]
    revision: int
    content: bytes
    time: int = 0  # UTC milliseconds; with the zone as the log keeps it
    zone: int = 0
    id: bytes = b""  # of the row

    @property
    def missed(self) -> list[str]:
        """The `must` points that were not said."""
        return [point.text for number, point in enumerate(self.points) if point.must and number not in self.said]

    @property
    def share(self) -> float:
        """Points said of points, from 0 to 1."""
        return len(self.said) / len(self.points)


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock interview as its log stands. `results`, `left_out` and `counted` go by the number of
    the question, from 0; `counted` holds the id of the review, or an empty text if it was refused;
    `ended` is empty as long as it can go on; `revision` is the number of its last row."""

    id: bytes
    time: int
    zone: int
    day: int
    asked: tuple[Asked, ...]
    seed: int
    counts: bool
    results: dict[int, Result] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    counted: dict[int, str] = field(default_factory=dict)
    draft: Draft | None = None
    ended: str = ""
    revision: int = 0

    @property
    def turn(self) -> int | None:
        """The number of the question whose turn it is, None after the last."""
        left = (n for n in range(len(self.asked)) if n not in self.results and n not in self.left_out)
        return None if self.ended else next(left, None)

    @property
    def last(self) -> int | None:
        """The number of the question that was answered or left out last, None before the first."""
        return max((*self.results, *self.left_out), default=None)

    @property
    def came(self) -> list[str]:
        """The cards whose turn came."""
        numbers = {*self.results, *self.left_out, self.turn}
        return [asked.card for number, asked in enumerate(self.asked) if number in numbers]

    @property
    def to_count(self) -> list[int]:
        """The numbers of the answers that are to count as reviews and are not yet marked so."""
        return [number for number in self.results if number not in self.counted] if self.counts else []

    @property
    def points(self) -> tuple[int, int]:
        """Points said, and all points of the questions that were answered."""
        results = self.results.values()
        return sum(len(result.said) for result in results), sum(len(result.points) for result in results)
