"""A mock interview at the terminal: question after question, and what each key does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from aipm_cards.characters import clean
from aipm_cards.errors import HistoryError
from aipm_cards.kinds import ROUNDS
from aipm_cards.meaning import meaning
from aipm_cards.memory.days import Moment
from aipm_cards.memory.history import Content
from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Mock, Result
from aipm_cards.memory.queue import note_of
from aipm_cards.model import Collection, Note
from aipm_cards.terminal import pages
from aipm_cards.terminal.bindings import SCROLLING, Phase, action_of
from aipm_cards.terminal.card import has_card
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.interview_keys import BINDINGS, PLACES
from aipm_cards.terminal.keys import END
from aipm_cards.terminal.pages import Hint, Page, View, lines
from aipm_cards.terminal.rubric import Rubric, rubric_of
from aipm_cards.terminal.sheet import Sheet
from aipm_cards.terminal.timer import Timer
from aipm_cards.text import parse, words
from aipm_cards.words import dated

LONGEST = 100_000  # characters of an answer
_ASKED = ("prompt", "situation", "question")  # of an interview card, and of a scenario
_LEAVING = (
    Hint("y", "leave", "leave now, and go on later"),
    Hint("f", "end it here", "end the interview here, with the scoreboard"),
    Hint("any other key", "back"),
)


@dataclass(frozen=True)
class Tools:
    """What an interview needs from outside.

    `stopwatch` gives seconds, `clock` the moment; `note` a note by its id; `revision` the current
    one of a card; `skills` the names of what a note trains; `compose` opens a text in the editor,
    gives every text that was saved there to the function, and says what went wrong; `count` lets
    an answer count as a review and says why it does not, if so; `take_back` takes back the last one,
    with its review; `board` draws what an interview came to;
    `suspend` stops the process until it is continued.
    """

    stopwatch: Callable[[], float]
    clock: Callable[[], Moment]
    note: Callable[[str], Note | None]
    revision: Callable[[str], int]
    skills: Callable[[str], tuple[str, ...]]
    compose: Callable[[str, Callable[[str], None]], str]
    count: Callable[[Mock, int], tuple[Mock, str]]
    take_back: Callable[[Mock], Mock]
    board: Callable[[Mock, bool], tuple[Section, ...]]
    suspend: Callable[[], None]


class Interviewer:
    """Runs a mock interview over a view, until it is over or the learner leaves."""

    def __init__(
        self,
        interviews: Interviews,
        mock: Mock,
        collection: Collection,
        view: View,
        tools: Tools,
        earlier: Mapping[str, tuple[Result, Moment]],
        notice: str = "",
    ) -> None:
        """`earlier` has the last answer to each card in the interviews before, and its moment."""
        self.mock = mock
        self._interviews = interviews
        self._collection = collection
        self._view = view
        self._tools = tools
        self._earlier = earlier
        self._notice = notice
        self._sheet: Sheet | None = None
        self._sure = False  # whether it was said what the key just pressed would leave out
        self._board: tuple[Section, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the scoreboard is shown, and no question."""
        return self._sheet is None

    def run(self) -> Mock:
        """Ask, until the learner leaves; the interview as it stands then. What was typed is kept
        whatever ends it. Raises HistoryError, KeyboardInterrupt."""
        try:
            self._count_all()
            self._next()
            while self._step():
                pass
        except (KeyboardInterrupt, OSError):  # the latter if the terminal is gone and cannot be drawn on
            self._keep()
            raise
        return self.mock

    def _step(self) -> bool:
        """Show where it stands and do what one key asks for; False to leave."""
        self._show()
        key = self._view.key(1.0 if self._sheet and self._sheet.timer.runs else None)
        if key is None:
            return True
        if key in (END, "ctrl-d"):
            self._keep()
            return False
        if key == "ctrl-z":
            with self._away():
                self._tools.suspend()
            return True
        self._notice = ""
        action = action_of(key, self._phase, (), BINDINGS)
        if action == "quit":
            return self._stays()
        try:
            self._do(action)
        except HistoryError as error:
            self._notice = f"{'Not taken back' if action == 'undo' else 'Not stored'}: {error}"
        return True

    # --- what is shown ---------------------------------------------------------------------

    @property
    def _phase(self) -> Phase:
        if self._sheet is None:
            return Phase.END
        return Phase.ANSWER if self._sheet.shown else Phase.QUESTION

    def _next(self) -> None:
        """Go to the next question that is still there, or to the scoreboard."""
        self._sheet, self._sure = None, False
        while (turn := self.mock.turn) is not None:
            asked = self.mock.asked[turn]
            note = self._tools.note(note_of(asked.card))
            rubric = rubric_of(note) if note is not None and has_card(note, asked.card) else None
            if note is not None and rubric is not None:
                self._sheet = self._laid(note, rubric, turn)
                return
            self.mock = self._interviews.leave_out(self.mock, "it left the sources", self._tools.clock())
            self._notice = f"{asked.card} is no longer in the sources; it is left out."
        if not self.mock.ended:
            self.mock = self._interviews.end(self.mock, "finished", self._tools.clock())
        self._board = self._tools.board(self.mock, self._view.spoken)

    def _go_on(self) -> None:
        """Go to the next question after something that is stored, whatever becomes of that."""
        self._sheet = None
        try:
            self._count_all()
            self._next()
        except HistoryError as error:
            self._notice = f"Stored, but it cannot go on: {error} Any key tries again, q leaves."

    def _laid(self, note: Note, rubric: Rubric, turn: int) -> Sheet:
        """A question as it is asked, or taken up where it was left."""
        asked, now = self.mock.asked[turn], self._tools.stopwatch()
        before = self._earlier.get(asked.card)
        earlier = (before[0], dated(before[1].local)) if before else None
        sheet = Sheet(asked, note, rubric, Timer(now), self._tools.revision(asked.card), self.mock.seed, earlier)
        if self.mock.draft is not None:
            sheet.take_up(self.mock.draft, now)
        return sheet

    def _show(self) -> None:
        sheet, spoken = self._sheet, self._view.spoken
        if sheet is None:
            hints = (Hint("space", "leave"), Hint("u", "take the last back"), Hint("?", "help"))
            title = f"{self._collection.name} · mock interview"
            self._view.show(Page(title, "", self._board, hints, len(self.mock.asked) + 1, notice=self._notice))
            return
        turn = self.mock.turn or 0
        question = sheet.question()
        sections = question
        if sheet.shown:
            sections += sheet.answer(self._collection.sources, spoken)
        title = f"{ROUNDS[sheet.asked.round]} · mock interview"
        counts = f"question {turn + 1} of {len(self.mock.asked)}"
        page = Page(title, counts, sections, sheet.hints(), turn + 1, len(question) if sheet.shown else 0)
        clock = "" if spoken else sheet.clock(self._tools.stopwatch())
        brief = f"{turn + 1}/{len(self.mock.asked)}"
        self._view.show(page._replace(clock=clock, notice=self._notice, brief=brief))

    def _away(self) -> AbstractContextManager[None]:
        return pages.away(self._view, self._tools.stopwatch, self._sheet.timer if self._sheet else None)

    def _above(self, title: str, sections: tuple[Section, ...], hints: tuple[Hint, ...]) -> str:
        """A page above the question; the key that leaves it."""
        return pages.above(self._view, Page(title, "", sections, hints, len(self.mock.asked) + 2), BINDINGS)

    # --- leaving ---------------------------------------------------------------------------

    def _stays(self) -> bool:
        """Ask whether to leave, unless the interview is over."""
        if self._sheet is None:
            return False
        left = len(self.mock.asked) - len(self.mock.results) - len(self.mock.left_out)
        said = [
            f"{left} of {len(self.mock.asked)} questions are left, this one among them."
            if left > 1
            else "This is the last question.",
            "What you answered and typed is stored. `aipm-cards interview` goes on from here later.",
        ]
        try:
            self._keep()
        except HistoryError as error:
            said[1] = f"What you typed last is not stored: {error}"
        since = self._tools.stopwatch()
        key = self._above("Leave?", (Section("Leave", lines(*said)),), _LEAVING)
        if key == "f":
            self._try_to_end()
        elif key in ("y", END, "ctrl-d"):
            return False
        if self._sheet is not None:
            self._sheet.timer.away(since, self._tools.stopwatch())
        return True

    def _try_to_end(self) -> None:
        try:
            self.mock = self._interviews.end(self.mock, "ended by the learner", self._tools.clock())
        except HistoryError as error:
            self._notice = f"Not stored: {error}"
        else:
            self._go_on()

    def _keep(self) -> None:
        """Store how far the answer has come. Raises HistoryError."""
        if self._sheet is not None:
            draft = self._sheet.draft(self._tools.stopwatch(), self._view.typing)
            self.mock = self._interviews.draft(self.mock, draft, self._tools.clock())

    # --- what keys do ----------------------------------------------------------------------

    def _do(self, action: str) -> None:
        if action in SCROLLING:
            self._view.scroll(action)
        elif action == "help":
            self._above("Help", pages.help_page(BINDINGS, PLACES), (Hint("any key", "back"),))
        elif action == "undo":
            self._undo()
        elif self._sheet is None and not self.mock.ended:
            self._go_on()
        elif self._sheet is not None and action:
            _ACTIONS[action](self, self._sheet)

    def _reveal(self, sheet: Sheet) -> None:
        now = self._tools.stopwatch()
        sheet.show(now)
        self._sure = False
        if sheet.is_late(now):
            self._notice = f"Over time, {sheet.clock(now)}: the rubric counts it."
        elif self._view.spoken:
            self._view.say(f"You took {sheet.clock(now)}.")
        self._keep()

    def _type(self, sheet: Sheet) -> None:
        """Lines until an empty one; each is stored before the next is asked for, and one that Esc
        breaks off as well."""
        while (line := self._view.ask("Next line (an empty one ends):", "stores")) is not None and line.strip():
            if line.strip() == ".":
                break
            self._add(sheet, line)
            self._show()
        left, self._view.typing = self._view.typing, ""
        if line is None and left.strip():
            self._notice = "The line that you were typing is kept."
            self._add(sheet, left)

    def _add(self, sheet: Sheet, line: str) -> None:
        self._take(sheet, f"{sheet.text}\n{line}" if sheet.text else line)

    def _write(self, sheet: Sheet) -> None:
        """The answer in the editor; the clock goes on."""
        self._view.leave()
        try:
            said = self._tools.compose(sheet.text, lambda text: self._take(sheet, text))
        finally:
            self._view.enter()
        self._notice = said

    def _take(self, sheet: Sheet, text: str) -> None:
        sheet.text = clean(text[:LONGEST].replace("\t", " ")).strip("\n")
        self._keep()

    def _pause(self, sheet: Sheet) -> None:
        now = self._tools.stopwatch()
        sheet.timer.pause(now)
        self._view.say(f"{'Going on' if sheet.timer.paused is None else 'Paused'}: {sheet.clock(now)}.")

    def _tell_the_time(self, sheet: Sheet) -> None:
        self._notice = f"{sheet.clock(self._tools.stopwatch()).capitalize()}."

    def _skip(self, sheet: Sheet) -> None:
        if sheet.text and not self._sure:
            self._sure = True
            self._notice = "n again leaves out what you typed as well."
            return
        self.mock = self._interviews.leave_out(self.mock, "the learner left it out", self._tools.clock())
        self._go_on()

    def _tick(self, sheet: Sheet, change: Callable[[Rubric], Rubric]) -> None:
        sheet.rubric = pages.ticked(self._view, sheet.rubric, change)

    def _store(self, sheet: Sheet) -> None:
        if not sheet.rubric.touched and not self._sure:
            self._sure = True
            self._notice = f"No point is ticked. Space again stores 0 of {len(sheet.rubric.points)} points."
            return
        content = Content.of(meaning(sheet.note, 0))
        result = self._result(sheet, content)
        self.mock = self._interviews.answer(self.mock, result, content, self._tools.clock())
        said = f"{result.rating.name.capitalize()}: {sheet.rubric.reason}."
        self._view.say(said)
        self._notice = "" if self._view.spoken else f"Stored. {said}"
        self._go_on()

    def _undo(self) -> None:
        """Go back to the question before, as it stood when its result was stored."""
        if self.mock.last is None:
            self._notice = "There is nothing to take back."
        elif self._sheet is not None and self._sheet.text:
            self._notice = "Finish this one first: what you typed would be lost."
        else:
            self.mock = self._tools.take_back(self.mock)
            self._go_on()
            self._notice = self._notice or "Taken back: tick it anew, and space stores it."

    def _result(self, sheet: Sheet, content: Content) -> Result:
        rubric = sheet.rubric
        asked = " ".join(word for key in _ASKED for word in words(parse(sheet.note.text(key))).split())
        points = len(rubric.points)
        return Result(
            card=sheet.asked.card,
            rating=rubric.earned,
            took=int(sheet.timer.took(self._tools.stopwatch()) * 1000),
            points=rubric.points,
            said=frozenset(rubric.said),
            late=points in rubric.ticks,
            fresh=points + 1 in rubric.ticks,
            text=sheet.text,
            asked=asked,
            skills=self._tools.skills(sheet.note.id),
            revision=sheet.revision,
            content=content.digest,
        )

    # --- counting as a review --------------------------------------------------------------

    def _count_all(self) -> None:
        """Count the answers that are to count, also those that an earlier run had no time for."""
        for number in self.mock.to_count:
            self.mock, said = self._tools.count(self.mock, number)
            self._notice = said or self._notice


_ACTIONS: dict[str, Callable[[Interviewer, Sheet], None]] = {
    "show": Interviewer._reveal,
    "type": Interviewer._type,
    "write": Interviewer._write,
    "pause": Interviewer._pause,
    "clock": Interviewer._tell_the_time,
    "skip": Interviewer._skip,
    "next point": lambda self, sheet: self._tick(sheet, lambda r: r.moved(1)),
    "previous point": lambda self, sheet: self._tick(sheet, lambda r: r.moved(-1)),
    "tick": lambda self, sheet: self._tick(sheet, Rubric.toggled),
    "store": Interviewer._store,
}
