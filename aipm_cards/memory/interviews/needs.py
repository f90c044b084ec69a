"""What a question trains, how well that is known, and so how much it is needed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from aipm_cards.kinds import ordinals
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.model import Note, Topic

RECENT = 5  # answers that tell how well something is said now


class Skill(NamedTuple):
    """Something that questions train: a tag, a topic or a deck, by its name. `tag` is what
    `aipm-cards review --tag` takes, empty for what is no tag."""

    name: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Learnt:
    """The cards of a skill: how many there are, how many were never studied, and the expected
    share that would be recalled now (the unseen ones count as forgotten)."""

    cards: int
    unseen: int
    recall: float


@dataclass(frozen=True, slots=True)
class Syllabus:
    """All notes as far as interviews need them. Cards go by their keys; `skills` are those of a
    note, by its id; `teaching` has the cards of each skill, `related` the cards of the notes
    that a note names."""

    skills: Mapping[str, tuple[Skill, ...]]
    teaching: Mapping[Skill, tuple[str, ...]]
    related: Mapping[str, tuple[str, ...]]


def syllabus_of(notes: Sequence[Note], questions: Sequence[Note], topics: Mapping[str, Topic]) -> Syllabus:
    """The skills of notes. A tag that every question of a kind has tells nothing of it, and
    neither does a topic that only one note has; what is left without any has its deck."""
    common: set[tuple[str, str]] = set()
    for kind in {note.kind for note in questions}:
        alike = [set(note.tags) for note in questions if note.kind == kind]
        if len(alike) > 1:
            common |= {(kind, tag) for tag in set.intersection(*alike)}
    counts = Counter(topic for note in notes for topic in note.topics)
    skills = {note.id: _skills(note, common, counts, topics) for note in notes}
    teaching: dict[Skill, list[str]] = defaultdict(list)
    cards = {note.id: tuple(f"{note.id}:{number}" for number in ordinals(note)) for note in notes}
    for note in notes:
        for skill in skills[note.id]:
            teaching[skill] += cards[note.id]
    related = {note.id: tuple(card for other in note.related for card in cards.get(other, ())) for note in questions}
    return Syllabus(skills, {skill: tuple(keys) for skill, keys in teaching.items()}, related)


def _skills(
    note: Note, common: set[tuple[str, str]], counts: Mapping[str, int], topics: Mapping[str, Topic]
) -> tuple[Skill, ...]:
    tags = [Skill(tag, tag) for tag in note.tags if (note.kind, tag) not in common]
    shared = [topic for topic in note.topics if counts[topic] > 1]
    named = [Skill(topics[topic].title if topic in topics else topic) for topic in shared]
    return tuple(dict.fromkeys((*tags, *named))) or (Skill(note.deck.rpartition("::")[2]),)


def learnt(cards: Sequence[str], recall: Mapping[str, float]) -> Learnt:
    """How well cards are known."""
    unseen = sum(card not in recall for card in cards)
    return Learnt(len(cards), unseen, fmean(recall.get(card, 0.0) for card in cards) if cards else 0.0)


def said_of(mocks: Iterable[Mock]) -> dict[str, list[Result]]:
    """The answers of interviews in their order, by the names of their skills, and by their cards."""
    found: dict[str, list[Result]] = defaultdict(list)
    for mock in mocks:
        for result in mock.results.values():
            for name in (result.card, *result.skills):
                found[name].append(result)
    return found


def needed(
    card: str, note_id: str, syllabus: Syllabus, recall: Mapping[str, float], said: Mapping[str, list[Result]]
) -> float:
    """How much a question is needed, from 0 to 1: one less the mean of what is known and what is
    said. Known is the mean expected recall of each of its skills, of the notes that it names and
    of its own card; said is the mean share of the points in the last answers to it, and to
    questions of each of its skills. What was never studied or asked counts as 0."""
    skills = syllabus.skills[note_id]
    groups = [syllabus.teaching[skill] for skill in skills] + [syllabus.related.get(note_id, ()), (card,)]
    known = fmean(learnt(cards, recall).recall for cards in groups if cards)
    shares = [_share(said.get(name, [])) for name in (card, *(skill.name for skill in skills))]
    return 1 - (known + fmean(shares)) / 2


def _share(results: Sequence[Result]) -> float:
    return fmean(result.share for result in results[-RECENT:]) if results else 0.0
