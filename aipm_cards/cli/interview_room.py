"""What a mock interview works with: the cards that it may ask, and all that tells which to ask."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from aipm_cards.cli.interviews_past import interviews_of
from aipm_cards.cli.learner import Desk
from aipm_cards.cli.progress import progress
from aipm_cards.errors import AipmCardsError
from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.interviews import choice, counting, needs
from aipm_cards.memory.interviews.log import Interviews, MovedOn
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.memory.queue import note_of, presets_of
from aipm_cards.memory.statistics.readiness import recalls
from aipm_cards.memory.statistics.reading import standings
from aipm_cards.model import Note


@dataclass
class Room:
    """What an interview works with: the cards it may ask, and all that tells which to ask."""

    opened: Desk
    wished: choice.Wished
    kinds: tuple[str, ...]
    counts: bool
    options: str

    @cached_property
    def interviews(self) -> Interviews:
        """The log of the interviews."""
        return interviews_of(self.opened)

    @cached_property
    def notes(self) -> list[Note]:
        """All notes that have cards."""
        ids = list(dict.fromkeys(note_of(card) for card in self.opened.sources.cards()))
        found = []
        with progress("looking at what the cards train") as step:
            for number, id_ in enumerate(ids):
                found.append(self.opened.sources.note(id_))
                if step is not None and number % 100 == 0:
                    step(number, len(ids))
        return [note for note in found if note is not None]

    @cached_property
    def syllabus(self) -> needs.Syllabus:
        """What the notes train."""
        questions = [note for note in self.notes if note.kind in ("interview", "scenario")]
        return needs.syllabus_of(self.notes, questions, self.opened.sources.collection.topics)

    def recall(self) -> dict[str, float]:
        """What is recalled now."""
        opened, every = self.opened, standings(self.opened.history)
        preset_of = presets_of(opened.settings, opened.cards, [card.key for card in every])
        return recalls(every, learner_day(opened.clock(), opened.settings.day_start), preset_of)

    def begun(self, seed: int) -> Mock:
        """A new interview. Raises AipmCardsError if there is no such question."""
        mocks, recall = self.interviews.all(), self.recall()
        said, ago = needs.said_of(mocks), choice.asked_ago(mock.came for mock in mocks)
        found = [
            choice.Question(
                card, _round(note), needs.needed(card, note.id, self.syllabus, recall, said), ago.get(card, 0)
            )
            for note in self.notes
            if (card := f"{note.id}:0") in self.opened.cards and note.kind in self.kinds
        ]
        asked = choice.chosen(found, self.wished, seed)
        if not found:
            raise AipmCardsError("there is no such question: no interview card is in all of what was asked for")
        if not asked:
            rounds = ", ".join(sorted({question.round for question in found}))
            raise AipmCardsError(f"there is no question of such a round; there are some of {rounds}")
        for mock in mocks:
            self._count_what_is_left(mock)
        return self.interviews.begin(asked, self.opened.clock(), seed, self.wished.as_json(), self.counts)

    def count(self, mock: Mock, number: int) -> tuple[Mock, str]:
        """Let an answer count as a review."""
        preset = self.opened.preset(mock.results[number].card)
        return counting.count(self.opened.history, self.interviews, mock, number, preset, self.opened.clock())

    def _count_what_is_left(self, mock: Mock) -> None:
        """Count what a process that died had no time to count."""
        with suppress(MovedOn):  # it lives, and counts them itself
            for number in mock.to_count:
                mock, _ = self.count(mock, number)

    def moment(self, time: int, zone: int) -> Moment:
        """A moment from the log."""
        return Moment(time, self.opened.history.zone(zone))

    def earlier(self, mock: Mock) -> dict[str, tuple[Result, Moment]]:
        """The last answer to each card in the other interviews."""
        results = [r for other in self.interviews.all() if other.id != mock.id for r in other.results.values()]
        return {result.card: (result, self.moment(result.time, result.zone)) for result in results}


def _round(note: Note) -> str:
    return note.text("round") if note.kind == "interview" else "RA"
