"""The session at the terminal: which page is shown, and what each key does to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from aipm_cards.arithmetic import half_of_last_digit, number
from aipm_cards.errors import HistoryError, StaleCard
from aipm_cards.meaning import meaning
from aipm_cards.memory.doctor import content_digest
from aipm_cards.memory.history import Content
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import Wish, note_of
from aipm_cards.memory.session import Session, Turn
from aipm_cards.model import Collection, Note, Rating
from aipm_cards.terminal import faces, pages, rubric
from aipm_cards.terminal.bindings import Phase, action_of, usable
from aipm_cards.terminal.changes import changes
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.keys import END
from aipm_cards.terminal.pages import Hint, Page, View
from aipm_cards.terminal.rubric import Rubric
from aipm_cards.terminal.spans import clock as minutes
from aipm_cards.text import Paragraph, Text


class Shelf(Protocol):
    """Where the notes come from."""

    collection: Collection

    def note(self, note_id: str) -> Note | None:
        """A note by its id."""


@dataclass(frozen=True)
class Tools:
    """What the reviewer needs from outside.

    `stopwatch` gives seconds; `place` says where a note's source stands; `edit` opens it in the
    editor, reads the sources again and says how that went; `suspend` stops the process until it
    is continued.
    """

    stopwatch: Callable[[], float]
    place: Callable[[Note], str]
    edit: Callable[[Note], str]
    suspend: Callable[[], None]


@dataclass
class _Card:
    """The card in front of the learner."""

    turn: Turn
    note: Note
    ordinal: int
    content: Content
    before: str  # what it said when it was last seen, if that was something else
    started: float  # by the stopwatch
    rubric: Rubric | None = None
    answered: bool = False
    typed: str = ""
    paused: float | None = None  # by the stopwatch, since when the clock stands
    pauses: float = 0.0

    @property
    def has(self) -> list[str]:
        """What its keys depend on: see `bindings.Binding`."""
        kind = self.note.kind
        found = {"rubric": self.rubric, "clock": kind == "interview", "number": kind == "calculation"}
        return [name for name, there in {**found, "changed": self.before}.items() if there]


class Reviewer:
    """Runs a session over a view, until the learner leaves."""

    def __init__(
        self, session: Session, shelf: Shelf, view: View, tools: Tools, limit: float | None = None, notice: str = ""
    ) -> None:
        """`limit` ends the session after so many seconds, once the card is answered; `notice`
        is said with the first page."""
        self.session = session
        self._shelf = shelf
        self._view = view
        self._tools = tools
        self._ends = None if limit is None else tools.stopwatch() + limit
        self._card: _Card | None = None
        self._turns = 0
        self._notice = notice

    def run(self) -> None:
        """Show card after card, and the end, until the learner leaves."""
        self._next()
        while True:
            self._show()
            key = self._view.key(1.0 if self._ticks() else None)
            if key is None or key == "":
                continue
            if key in (END, "q", "ctrl-d"):
                return
            if key == "ctrl-z":
                self._view.leave()
                self._tools.suspend()
                self._view.enter()
                continue
            self._notice = ""
            try:
                self._do(action_of(key, self._phase, self._card.has if self._card else ()))
            except StaleCard as error:
                self._notice = f"Not stored: {error}"
                self._next()
            except HistoryError as error:
                self._notice = f"Not stored: {error}"

    # --- what is shown ---------------------------------------------------------------------

    @property
    def _phase(self) -> Phase:
        if self._card is None:
            return Phase.END
        return Phase.ANSWER if self._card.answered else Phase.QUESTION

    def _ticks(self) -> bool:
        card = self._card
        return card is not None and not card.answered and "clock" in card.has and card.paused is None

    def _next(self) -> None:
        self._card = None
        if self._ends is not None and self._tools.stopwatch() >= self._ends:
            self._notice = self._notice or "The time is up."
            return
        while (turn := self.session.next()) is not None:
            note = self._shelf.note(note_of(turn.key))
            if note is not None:
                self._card = self._laid(turn, note)
                self._turns += 1
                return
            self.session.queue.drop(turn.key)  # it left the sources a moment ago

    def _laid(self, turn: Turn, note: Note) -> _Card:
        ordinal = int(turn.key.rpartition(":")[2])
        text = meaning(note, ordinal)
        content = Content(content_digest(text), text)
        seen = self.session.history.content_seen(turn.state)
        before = seen.text if seen is not None and seen.digest != content.digest else ""
        return _Card(turn, note, ordinal, content, before, self._tools.stopwatch(), rubric.rubric_of(note))

    def _show(self) -> None:
        if self._card is None:
            now = self.session.clock()
            sections = pages.end_page(self.session, now, "")
            hints = (Hint("u", "undo"), Hint("a", "ahead"), Hint("c", "cram"), Hint("?", "help"), Hint("q", "leave"))
            title = self._shelf.collection.name
            self._view.show(Page(title, "", sections, hints, self._turns + 1, notice=self._notice))
            return
        card = self._card
        question = faces.question(card.note, card.ordinal)
        if card.before and not card.answered:
            question += (Section("Note", (Paragraph((Text("This card changed since you last saw it."),)),)),)
        sections = question + (self._answer(card) if card.answered else ())
        title = f"{card.note.deck} · {card.note.kind}"
        counts = pages.counted(self.session.counts)
        page = Page(title, counts, sections, self._hints(card), self._turns, len(question) if card.answered else 0)
        self._view.show(page._replace(clock=self._clock(card), notice=self._notice))

    def _answer(self, card: _Card) -> tuple[Section, ...]:
        found: list[Section] = []
        if card.before:
            found.append(changes(card.before, card.content.text, self._view.spoken))
        if card.typed:
            found.append(Section("Your answer", (Paragraph((Text(compared(card.note, card.typed)),)),)))
        if card.rubric is not None:
            found.append(rubric.section(card.rubric, self._view.spoken))
        return (*found, *faces.answer(card.note, card.ordinal, self._shelf.collection.sources))

    def _hints(self, card: _Card) -> tuple[Hint, ...]:
        extra = tuple(Hint(b.keys[0], b.label, b.help) for b in usable(self._phase, card.has) if b.label)
        last = (Hint("?", "help"),)
        if not card.answered:
            return (Hint("space", "show the answer"), *extra, *last)
        proposed = card.rubric.earned if card.rubric and card.rubric.touched else Rating.GOOD
        return (*pages.ratings(card.turn), Hint("space", proposed.name.capitalize()), *extra, *last)

    def _clock(self, card: _Card) -> str:
        if "clock" not in card.has or card.answered or self._view.spoken:
            return ""
        said = f"{minutes(self._took(card))} of {card.note.number('minutes')}:00"
        return f"{said}, paused" if card.paused is not None else said

    def _took(self, card: _Card) -> float:
        """Seconds that the card was in front of the learner."""
        until = self._tools.stopwatch() if card.paused is None else card.paused
        return max(0.0, until - card.started - card.pauses)

    # --- what keys do ----------------------------------------------------------------------

    def _do(self, action: str) -> None:
        if action in ("up", "down", "page up", "page down", "top", "bottom"):
            self._view.scroll(action)
        elif action == "help":
            self._overlay("Help", pages.help_page())
        elif action == "undo":
            self._undo()
        elif self._card is None:
            self._at_the_end(action)
        elif action:
            self._on_card(action, self._card)

    def _at_the_end(self, action: str) -> None:
        if action in ("ahead", "cram"):
            ahead = self.session.wish.ahead + 1 if action == "ahead" else 0
            self.session = self.session.continued(Wish(ahead=ahead, cram=action == "cram"))
        if action:
            self._ends = None
            self._next()

    def _on_card(self, action: str, card: _Card) -> None:
        if action.upper() in Rating.__members__:
            self._rate(card, Rating[action.upper()])
        elif action == "accept":
            self._rate(card, card.rubric.earned if card.rubric and card.rubric.touched else Rating.GOOD)
        else:
            _ACTIONS[action](self, card)

    def _rate(self, card: _Card, rating: Rating) -> None:
        detail = None
        if card.rubric is not None and card.rubric.touched:
            detail = json.dumps({"ticks": sorted(card.rubric.ticks)})
        took = int(self._took(card) * 1000)
        event = self.session.answer(card.turn, rating, took, card.content, detail)
        name = rating.name.capitalize()
        self._view.say(f"Rated {name}.")
        if event.leech:
            self._notice = f"{card.turn.key} was forgotten often: it is a leech, and suspended now. u takes it back."
        self._next()

    def _reveal(self, card: _Card) -> None:
        late = "clock" in card.has and self._took(card) > card.note.number("minutes") * 60
        card.answered = True
        if late and card.rubric is not None:
            card.rubric = card.rubric.late()
            self._notice = "Over time: the rubric counts it."

    def _type(self, card: _Card) -> None:
        unit = card.note.text("unit")
        typed = self._view.ask(f"Your answer{f' ({unit})' if unit else ''}:")
        if typed is not None and typed.strip():
            card.typed = typed.strip()
            self._reveal(card)

    def _tick(self, card: _Card, change: Callable[[Rubric], Rubric]) -> None:
        if card.rubric is not None:
            before, card.rubric = card.rubric, change(card.rubric)
            self._view.say(card.rubric.in_words(card.rubric.at or 0))
            if card.rubric.ticks != before.ticks:
                self._view.say(card.rubric.proposal())

    def _pause(self, card: _Card) -> None:
        now = self._tools.stopwatch()
        if card.paused is None:
            card.paused = now
        else:
            card.pauses += now - card.paused
            card.paused = None

    def _undo(self) -> None:
        taken = self.session.undo()
        if taken is None:
            self._notice = "There is nothing to undo."
            return
        key, event = taken
        what = Rating(event.rating).name.capitalize() if event.rating else EventKind(event.kind).name.lower()
        self._notice = f"Taken back: {what} on {key}."
        card = self._card
        if card is not None and event.kind == EventKind.FLAG and key == card.turn.key:
            card.turn = self._refreshed(card.turn)
        else:
            self._next()

    def _mark(self, card: _Card, kind: EventKind, said: str) -> None:
        self.session.mark(kind, card.turn.key)
        self._notice = f"{said}: {card.turn.key}. u takes it back."
        self._next()

    def _flag(self, card: _Card) -> None:
        remark = self._view.ask("What is wrong with it?")
        if remark is None:
            return
        self.session.mark(EventKind.FLAG, card.turn.key, remark.strip())
        card.turn = self._refreshed(card.turn)
        self._notice = "Flagged; `aipm-cards flags` lists it."

    def _afresh(self, card: _Card) -> None:
        self.session.mark(EventKind.AFRESH, card.turn.key)
        self._notice = f"{card.turn.key} starts afresh, as a new card. u takes it back."
        card.turn = self._refreshed(card.turn)

    def _refreshed(self, turn: Turn) -> Turn:
        state = self.session.history.state(turn.key)
        return self.session.turn(turn.key, state, turn.shown)

    def _source(self, card: _Card) -> None:
        place = self._tools.place(card.note)
        self._view.leave()
        try:
            said = self._tools.edit(card.note)
        finally:
            self._view.enter()
        self._notice = f"{place}{f': {said}' if said else ''}"
        note = self._shelf.note(card.note.id)
        if note is not None and note != card.note:
            fresh = self._laid(card.turn, note)
            self._turns += 1
            self._card = replace(fresh, started=card.started, answered=card.answered)

    def _info(self, card: _Card) -> None:
        self._overlay("Card information", pages.info_page(self.session, card.turn, self.session.clock()))

    def _overlay(self, title: str, sections: tuple[Section, ...]) -> None:
        """A page above the card, until a key that does not scroll it."""
        self._view.show(Page(title, "", sections, (Hint("any key", "back"),), self._turns))
        while True:
            key = self._view.key(None)
            if key is None or key == "":
                continue
            action = action_of(key, Phase.END)
            if action not in ("up", "down", "page up", "page down", "top", "bottom"):
                return
            self._view.scroll(action)


_ACTIONS: dict[str, Callable[[Reviewer, _Card], None]] = {
    "show": Reviewer._reveal,
    "type": Reviewer._type,
    "next point": lambda self, card: self._tick(card, lambda r: r.moved(1)),
    "previous point": lambda self, card: self._tick(card, lambda r: r.moved(-1)),
    "tick": lambda self, card: self._tick(card, Rubric.toggled),
    "pause": Reviewer._pause,
    "afresh": Reviewer._afresh,
    "bury": lambda self, card: self._mark(card, EventKind.BURY, "Buried until tomorrow"),
    "suspend": lambda self, card: self._mark(card, EventKind.SUSPEND, "Suspended"),
    "flag": Reviewer._flag,
    "source": Reviewer._source,
    "info": Reviewer._info,
}


def compared(note: Note, typed: str) -> str:
    """A typed number against the answer of a calculation: right within its tolerance."""
    answer = note.text("answer")
    given = number(typed.replace(",", "").removesuffix(note.text("unit")).removesuffix("%").strip())
    wanted, tolerance = number(answer), number(note.text("tolerance"))
    if given is None or wanted is None:
        return f"{typed}: this is no number; the answer is {answer}."
    if abs(given - wanted) <= (half_of_last_digit(answer) if tolerance is None else tolerance):
        return f"{typed}: right."
    return f"{typed}: not right; it is off by {float(abs(given - wanted)):.4g}."
