"""The card in front of the learner: what is shown of it, its clock, and a typed answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from aipm_cards.arithmetic import half_of_last_digit, number
from aipm_cards.kinds import ordinals
from aipm_cards.meaning import meaning
from aipm_cards.memory.history import Content
from aipm_cards.memory.queue import ordinal_of
from aipm_cards.memory.session import Session, Turn
from aipm_cards.model import Note, Rating, Source
from aipm_cards.terminal import faces, pages, rubric
from aipm_cards.terminal.bindings import Phase, usable
from aipm_cards.terminal.changes import changes
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.pages import Hint
from aipm_cards.terminal.rubric import Rubric
from aipm_cards.terminal.spans import clock as minutes
from aipm_cards.terminal.timer import Timer
from aipm_cards.text import Paragraph, Text


@dataclass
class Card:
    """The card in front of the learner."""

    turn: Turn
    note: Note
    ordinal: int
    content: Content
    before: str  # what it said when it was last seen, if that was something else
    timer: Timer
    rubric: Rubric | None = None
    answered: bool = False
    typed: str = ""
    afresh: bool = False  # it was started afresh while it was shown

    @property
    def phase(self) -> Phase:
        """Which side of it is shown."""
        return Phase.ANSWER if self.answered else Phase.QUESTION

    @property
    def has(self) -> list[str]:
        """What its keys depend on: see `bindings.Binding`."""
        kind = self.note.kind
        found = {"rubric": self.rubric, "clock": kind == "interview", "number": kind == "calculation"}
        return [name for name, there in {**found, "changed": self.before and not self.afresh}.items() if there]

    @property
    def proposed(self) -> Rating:
        """What the space bar rates it."""
        return self.rubric.earned if self.rubric and self.rubric.touched else Rating.GOOD

    # --- its clock -------------------------------------------------------------------------

    @property
    def ticks(self) -> bool:
        """Whether its clock is to be seen, and runs."""
        return "clock" in self.has and not self.answered and self.timer.runs

    def is_late(self, now: float) -> bool:
        """Whether the clock has run out."""
        return "clock" in self.has and self.timer.took(now) > self.note.number("minutes") * 60

    def clock(self, now: float) -> str:
        """The clock in words; empty where there is none to be seen."""
        if "clock" not in self.has or self.answered:
            return ""
        return f"{minutes(self.timer.took(now))} of {self.note.number('minutes')}:00"

    # --- what is shown ---------------------------------------------------------------------

    def question(self) -> tuple[Section, ...]:
        """Its front, and whether it changed."""
        front = faces.question(self.note, self.ordinal)
        if not self.before or self.answered:
            return front
        return (*front, Section("Note", (Paragraph((Text("This card changed since you last saw it."),)),)))

    def answer(self, sources: Mapping[str, Source], spoken: bool) -> tuple[Section, ...]:
        """Its back, below what changed, what was typed, and the rubric."""
        found: list[Section] = []
        if self.before:
            found.append(changes(self.before, self.content.text, spoken))
        if self.typed:
            found.append(Section("Your answer", (Paragraph((Text(compared(self.note, self.typed)),)),)))
        if self.rubric is not None:
            found.append(rubric.section(self.rubric, spoken))
        return (*found, *faces.answer(self.note, self.ordinal, sources))

    def hints(self) -> tuple[Hint, ...]:
        """What its keys do."""
        extra = tuple(Hint(b.keys[0], b.label, b.help) for b in usable(self.phase, self.has) if b.label)
        last = (Hint("?", "help"),)
        if not self.answered:
            return (Hint("space", "show the answer"), *extra, *last)
        return (*pages.ratings(self.turn), Hint("space", self.proposed.name.capitalize()), *extra, *last)


def laid(session: Session, turn: Turn, note: Note, now: float) -> Card:
    """The card of a note, as it is first shown. Raises HistoryError."""
    ordinal = ordinal_of(turn.key)
    text = meaning(note, ordinal)
    content = Content.of(text)
    seen = session.history.content_seen(turn.state)
    before = seen.text if seen is not None and seen.digest != content.digest else ""
    return Card(turn, note, ordinal, content, before, Timer(now), rubric.rubric_of(note))


def has_card(note: Note, key: str) -> bool:
    """Whether a note, as it is now, still has a card."""
    return not note.retired and ordinal_of(key) in ordinals(note)


_DECIMAL_COMMA = re.compile(r"([-+\u2212]?)([0-9]*|[0-9]{1,3}(?:\.[0-9]{3})+),([0-9]+)")


def compared(note: Note, typed: str) -> str:
    """A typed number against the answer of a calculation: right within its tolerance."""
    answer = note.text("answer")
    given = _number(typed.removesuffix(note.text("unit")).removesuffix("%").strip())
    wanted, tolerance = number(answer), number(note.text("tolerance"))
    if given is None or wanted is None:
        return f"{typed}: this is no number; the answer is {answer}."
    off = abs(given - wanted)
    if off <= (half_of_last_digit(answer) if tolerance is None else tolerance):
        return f"{typed}: right."
    return f"{typed}: not right; it is off by {_written_out(off)}."


def _number(text: str) -> Fraction | None:
    """A number as people write it: a comma parts the decimals off, unless it can only stand
    between thousands."""
    match = _DECIMAL_COMMA.fullmatch(text)
    if match and (len(match[3]) != 3 or match[2] in ("", "0")):
        text = f"{match[1]}{match[2].replace('.', '')}.{match[3]}"
    return number(text)


def _written_out(difference: Fraction) -> str:
    """A difference to four digits or more, without an exponent."""
    value = float(difference)
    return f"{value:,.0f}" if value >= 1000 else f"{Decimal(f'{value:.4g}'):f}"
