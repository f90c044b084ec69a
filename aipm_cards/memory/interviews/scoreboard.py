"""How a mock interview went, by question, by round and by skill, and over time: pure counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.memory.interviews.needs import Learnt, Skill, Syllabus, learnt
from aipm_cards.memory.queue import note_of
from aipm_cards.model import Rating

WEAK = 0.8  # expected recall below which the cards of a skill are worth a review


class Score(NamedTuple):
    """Answers together: how many, how many of them passed (a rating above Again), points said of
    points, and milliseconds taken of those given."""

    name: str
    answers: int
    passed: int
    said: int
    points: int
    took: int
    given: int

    @property
    def share(self) -> float:
        """Points said of points, from 0 to 1."""
        return self.said / self.points if self.points else 0.0


class ToReview(NamedTuple):
    """A skill in which points were missed, and its cards, those least known first."""

    skill: Skill
    missed: int  # points
    learnt: Learnt
    cards: tuple[str, ...]


def score(name: str, answers: Iterable[tuple[Result, int]]) -> Score:
    """What answers come to, each with the seconds that it was given."""
    found = list(answers)
    results = [result for result, _ in found]
    return Score(
        name,
        len(found),
        sum(result.rating > Rating.AGAIN for result in results),
        sum(len(result.said) for result in results),
        sum(len(result.points) for result in results),
        sum(result.took for result in results),
        sum(seconds * 1000 for _, seconds in found),
    )


def in_all(mock: Mock) -> Score:
    """The whole interview."""
    return score("", _answers(mock))


def by_round(mock: Mock) -> list[Score]:
    """Its rounds, in the order of `kinds.ROUNDS`."""
    rounds = {number: asked.round for number, asked in enumerate(mock.asked)}
    here = [name for name in ROUNDS if any(rounds[number] == name for number in mock.results)]
    return [
        score(ROUNDS[name], [(r, mock.asked[n].seconds) for n, r in mock.results.items() if rounds[n] == name])
        for name in here
    ]


def by_skill(mock: Mock) -> list[Score]:
    """Its skills, the weakest first; an answer counts for each skill of its question."""
    names = dict.fromkeys(name for result in mock.results.values() for name in result.skills)
    found = [score(name, [(r, s) for r, s in _answers(mock) if name in r.skills]) for name in names]
    return sorted(found, key=lambda each: each.share)


def to_review(mock: Mock, syllabus: Syllabus, recall: Mapping[str, float]) -> list[ToReview]:
    """The skills in which this interview missed points and whose cards are weak or unseen, those
    with most missed first. The cards of the questions themselves are left out."""
    own = {asked.card for asked in mock.asked}
    missed: dict[Skill, int] = {}
    for result in mock.results.values():
        for skill in syllabus.skills.get(note_of(result.card), ()):
            missed[skill] = missed.get(skill, 0) + len(result.points) - len(result.said)
    found = []
    for skill, points in missed.items():
        cards = [card for card in syllabus.teaching[skill] if card not in own]
        state = learnt(cards, recall)
        if points and cards and state.recall < WEAK:
            found.append(ToReview(skill, points, state, _least_known(cards, recall)))
    return sorted(found, key=lambda each: (-each.missed, each.learnt.recall))


def related_to(mock: Mock, syllabus: Syllabus, recall: Mapping[str, float]) -> tuple[str, ...]:
    """The cards of the notes that the questions name where points were missed, if they are weak
    or unseen: those least known first."""
    cards = [
        card
        for result in mock.results.values()
        if len(result.said) < len(result.points)
        for card in syllabus.related.get(note_of(result.card), ())
        if recall.get(card, 0.0) < WEAK
    ]
    return _least_known(list(dict.fromkeys(cards)), recall)


def progress(mocks: Sequence[Mock]) -> list[tuple[Mock, Score]]:
    """The interviews in which something was answered, each with what it came to."""
    return [(mock, in_all(mock)) for mock in mocks if mock.results]


def _answers(mock: Mock) -> list[tuple[Result, int]]:
    return [(result, mock.asked[number].seconds) for number, result in mock.results.items()]


def _least_known(cards: Sequence[str], recall: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(cards, key=lambda card: recall.get(card, 0.0)))
