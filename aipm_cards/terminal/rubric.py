"""The rubric of a card while it is ticked, and the rating that it proposes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aipm_cards.kinds import rating_earned
from aipm_cards.model import Note, Point, Rating
from aipm_cards.terminal.faces import Section
from aipm_cards.text import Block, Document, Inline, List, Paragraph, Text, parse_inline, words

_LABEL = "Did you say it?"
_LATE = "Over time, or with a hint"
_FRESH = "I would say it the same way tomorrow, with a fresh example"


@dataclass(frozen=True, slots=True)
class Rubric:
    """Points with their ticks. Below the points stand two lines about the answer as a whole;
    `at` is the line that Tab has reached, None before the first."""

    points: tuple[Point, ...]
    passing: int
    ticks: frozenset[int] = frozenset()
    at: int | None = None
    touched: bool = False

    @property
    def lines(self) -> list[tuple[str, bool]]:
        """Each line: its text, and whether it is a `must`."""
        return [*((p.text, p.must) for p in self.points), (_LATE, False), (_FRESH, False)]

    def moved(self, by: int) -> Rubric:
        """With the line before or after."""
        at = (-1 if by > 0 else 0) if self.at is None else self.at
        return replace(self, at=(at + by) % len(self.lines))

    def toggled(self) -> Rubric:
        """With the line ticked that was not, or the other way round."""
        at = self.at or 0
        return replace(self, at=at, ticks=self.ticks ^ {at}, touched=True)

    def late(self) -> Rubric:
        """Ticked as over time: the clock ran out."""
        return replace(self, ticks=self.ticks | {len(self.points)})

    @property
    def said(self) -> list[int]:
        """The points that are ticked, from 0."""
        return sorted(tick for tick in self.ticks if tick < len(self.points))

    @property
    def earned(self) -> Rating:
        """The rating by the rule of `kinds.rating_earned`."""
        missing = any(point.must and number not in self.ticks for number, point in enumerate(self.points))
        late, fresh = len(self.points) in self.ticks, len(self.points) + 1 in self.ticks
        return rating_earned(len(self.said), missing, self.passing, late, fresh)

    @property
    def reason(self) -> str:
        """Why it is that rating."""
        count = f"{len(self.said)} of {len(self.points)} points"
        if len(self.said) < self.passing:
            return f"{count}, {self.passing} needed"
        if self.earned is Rating.AGAIN:
            return f"{count}, but a must is missing"
        return f"{count}, over time or with a hint" if self.earned is Rating.HARD else count

    def in_words(self, number: int) -> str:
        """A line for a screen reader."""
        text, must = self.lines[number]
        ticked = "ticked" if number in self.ticks else "not ticked"
        said = words(parse_inline(text))
        return f"{number + 1} of {len(self.lines)}, {ticked}{', a must' if must else ''}: {said}"

    def proposal(self) -> str:
        """What it proposes, and why; empty before a point was ticked."""
        return f"{self.earned.name.capitalize()}: {self.reason}" if self.touched else ""


def rubric_of(note: Note) -> Rubric | None:
    """The rubric of a note, None if it has none."""
    points = note.points()
    return Rubric(points, note.number("pass")) if points else None


def section(rubric: Rubric, spoken: bool) -> Section:
    """The rubric as it is shown or spoken, with what it proposes once a point was ticked."""
    proposal: Document = (Paragraph((Text(rubric.proposal()),)),) if rubric.touched else ()
    if spoken:
        said = [Paragraph((Text(rubric.in_words(number)),), tight=True) for number in range(len(rubric.lines))]
        return Section(_LABEL, (*said, *proposal))
    items: list[tuple[Block, ...]] = []
    signs = []
    for number, (text, must) in enumerate(rubric.lines):
        marked: tuple[Inline, ...] = (Text(" (must)"),) if must else ()
        items.append((Paragraph((*parse_inline(text), *marked), tight=True),))
        signs.append(f"{'>' if number == rubric.at else ' '} [{'x' if number in rubric.ticks else ' '}] ")
    return Section(_LABEL, (List(None, tuple(items)), *proposal), signs=tuple(signs))
