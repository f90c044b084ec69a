"""The question of a mock interview in front of the learner: its clock, and what is shown of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from aipm_cards.kinds import ROUNDS
from aipm_cards.memory.interviews.choice import pick
from aipm_cards.memory.interviews.mock import Asked, Draft, Result
from aipm_cards.model import Note, Source
from aipm_cards.terminal import faces, rubric, spans
from aipm_cards.terminal.bindings import Phase, usable
from aipm_cards.terminal.faces import BETWEEN, Section
from aipm_cards.terminal.interview_keys import BINDINGS
from aipm_cards.terminal.pages import Hint, lines
from aipm_cards.terminal.rubric import Rubric
from aipm_cards.terminal.timer import Timer
from aipm_cards.text import Break, Inline, List, Paragraph, Table, Text, parse_inline


@dataclass
class Sheet:
    """A question that is asked; `earlier` is the last answer in an interview before, with its date
    in words."""

    asked: Asked
    note: Note
    rubric: Rubric
    timer: Timer  # until the rubric is shown
    revision: int
    seed: int
    earlier: tuple[Result, str] | None = None
    text: str = ""
    shown: bool = False

    # --- its clock -------------------------------------------------------------------------

    def is_late(self, now: float) -> bool:
        """Whether the time is over."""
        return self.timer.took(now) > self.asked.seconds

    def clock(self, now: float) -> str:
        """The clock in words: what is left, or how far the time is over."""
        took = int(self.timer.took(now))
        if self.shown:
            return f"{spans.clock(took)} of {spans.clock(self.asked.seconds)}"
        left = self.asked.seconds - took
        said = f"{spans.clock(left)} left" if left >= 0 else f"{spans.clock(-left)} over time"
        return said if self.timer.paused is None else f"{said}, paused"

    def show(self, now: float) -> None:
        """Show the rubric; the clock stops, and what came too late is ticked as such."""
        self.timer.end(now)
        if self.is_late(now):
            self.rubric = self.rubric.late()
        self.shown = True

    def draft(self, now: float, typing: str = "") -> Draft:
        """How far it has come; `typing` is a line that is being typed."""
        text = "\n".join(part for part in (self.text, typing) if part)
        ticks = tuple(sorted(self.rubric.ticks))
        return Draft(text, int(self.timer.took(now) * 1000), self.shown, ticks, len(self.rubric.points))

    def take_up(self, draft: Draft, now: float) -> None:
        """Go on where it was left. Ticks count lines: of a rubric with more or fewer points than
        there were then they would be those of others, so it is ticked anew."""
        self.text, self.shown = draft.text, draft.shown
        self.timer = Timer(now, draft.took / 1000, now if draft.shown else None)
        points = len(self.rubric.points)
        is_same = draft.points in (0, points)
        known = frozenset(tick for tick in draft.ticks if is_same and tick < len(self.rubric.lines))
        touched = any(tick != points for tick in known)
        self.rubric = replace(self.rubric, ticks=known, touched=touched)
        if not is_same and draft.shown and self.is_late(now):
            self.rubric = self.rubric.late()

    # --- what is shown ---------------------------------------------------------------------

    def question(self) -> tuple[Section, ...]:
        """What is asked, with the time of the interview, and not that of a study."""
        frame: tuple[Inline, ...] = (Text(ROUNDS[self.asked.round]), BETWEEN, Text(_given(self.asked.seconds)))
        round_ = Section("Round", (Paragraph(frame),), quiet=True, heading=False)
        front = [section for section in faces.question(self.note, 0) if section.label != "Round"]
        at = next((number for number, section in enumerate(front) if not section.quiet), len(front))
        typed = (Section("Your answer so far", _paragraphs(self.text)),) if self.text and not self.shown else ()
        return (*front[:at], round_, *front[at:], *typed)

    def answer(self, sources: Mapping[str, Source], spoken: bool) -> tuple[Section, ...]:
        """What was answered, now and before; the rubric, the mistakes, what is asked next, and then
        a good answer."""
        back = faces.answer(self.note, 0, sources)
        first = [section for section in back if section.label == "Mistakes"]
        rest = [section for section in back if section.label not in ("Mistakes", "What comes next")]
        ticked = rubric.section(self.rubric, spoken)
        return (*self._answers(), ticked, *self._unsaid(), *first, *self._follow_up(), *rest)

    def _answers(self) -> Iterable[Section]:
        """The answer beside the earlier one; a terminal too narrow for that has it below."""
        if self.earlier is None:
            return (Section("Your answer", _paragraphs(self.text)),) if self.text else ()
        result, date = self.earlier
        went = f"{date}: {result.rating.name.capitalize()}, {len(result.said)} of {len(result.points)} points"
        if self.text and result.text:
            table = Table(("", ""), ((Text("Now"),), (Text(went),)), ((_broken(self.text), _broken(result.text)),))
            return (Section("Your answers", (table,)),)
        now = (Section("Your answer", _paragraphs(self.text)),) if self.text else ()
        said = _paragraphs(result.text) if result.text else lines("Said aloud.")
        return (*now, Section("Last time", (*lines(f"{went}."), *said)))

    def _unsaid(self) -> Iterable[Section]:
        """The points that the earlier answer left out."""
        if self.earlier is not None:
            result, _ = self.earlier
            unsaid = [point for number, point in enumerate(result.points) if number not in result.said]
            items = tuple((Paragraph(parse_inline(point.text), tight=True),) for point in unsaid)
            if items:
                yield Section("Not said last time", (List(None, items),))

    def _follow_up(self) -> Iterable[Section]:
        asked = self.note.lines("follow_ups")
        if asked:
            one = asked[pick(len(asked), self.seed, self.asked.card)]
            yield Section("And then you are asked", (Paragraph(parse_inline(one)),))

    def hints(self) -> tuple[Hint, ...]:
        """What its keys do."""
        phase = Phase.ANSWER if self.shown else Phase.QUESTION
        return tuple(
            Hint(b.keys[0], self._label(b.action, b.label), b.help) for b in usable(phase, (), BINDINGS) if b.label
        )

    def _label(self, action: str, label: str) -> str:
        if action == "store":
            return f"store {self.rubric.earned.name.capitalize()}" if self.rubric.touched else label
        return "go on" if action == "pause" and self.timer.paused is not None else label


def _given(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{spans.clock(seconds)} min"


def _paragraphs(text: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph((Text(line),), tight=True) for line in text.split("\n") if line.strip())


def _broken(text: str) -> tuple[Inline, ...]:
    """The lines of a text in a cell."""
    rows = [line for line in text.split("\n") if line.strip()]
    return tuple(node for row in rows for node in (Break(), Text(row)))[1:]
