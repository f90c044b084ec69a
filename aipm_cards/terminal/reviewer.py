"""The session at the terminal: which page is shown, and what each key does to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from aipm_cards.errors import HistoryError, StaleCard
from aipm_cards.memory.log import Event, EventKind, applied
from aipm_cards.memory.moves import told
from aipm_cards.memory.queue import Cards, note_of
from aipm_cards.memory.session import Session
from aipm_cards.model import Collection, Note, Rating
from aipm_cards.terminal import pages
from aipm_cards.terminal.bindings import SCROLLING, Phase, action_of
from aipm_cards.terminal.card import Card, has_card, laid
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.keys import END
from aipm_cards.terminal.pages import Hint, Page, View
from aipm_cards.terminal.rubric import Rubric, rubric_of
from aipm_cards.words import counted


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
        self._card: Card | None = None
        self._turns = 0
        self._notice = notice
        self._introduced = 0  # new cards before the wish that the session has now

    @property
    def is_at_the_end(self) -> bool:
        """Whether the end of the session is shown, and no card."""
        return self._card is None

    def run(self) -> None:
        """Show card after card, and the end, until the learner leaves."""
        self._next(even_late=True)
        while True:
            self._show()
            key = self._view.key(1.0 if self._card and self._card.ticks else None)
            if key is None:
                continue
            if key in (END, "q", "ctrl-d"):
                return
            if key == "ctrl-z":
                with self._away():
                    self._tools.suspend()
                continue
            self._notice = ""
            self._try(action_of(key, self._phase, self._card.has if self._card else ()))

    def _try(self, action: str) -> None:
        """Do something; say so if the history refuses it."""
        try:
            self._do(action)
        except HistoryError as error:
            self._notice = f"{'Not undone' if action == 'undo' else 'Not stored'}: {error}"
            if isinstance(error, StaleCard) and action != "undo":
                self._next()

    # --- what is shown ---------------------------------------------------------------------

    @property
    def _phase(self) -> Phase:
        return self._card.phase if self._card else Phase.END

    def _next(self, even_late: bool = False) -> None:
        """Go to the next card, or to the end."""
        self._card = None
        if self._ends is not None and self._tools.stopwatch() >= self._ends and not even_late:
            self._notice = self._notice or "The time is up."
            return
        while (turn := self.session.next()) is not None:
            note = self._shelf.note(note_of(turn.key))
            if note is not None and has_card(note, turn.key):
                self._card = laid(self.session, turn, note, self._tools.stopwatch())
                self._turns += 1
                return
            self._forget(turn.key)

    def _forget(self, key: str) -> None:
        """Leave out a card that left the sources while the session ran."""
        cards = self.session.cards
        self.session.cards = Cards([other for other in cards.order if other != key], cards.deck_of)
        self.session.queue.drop(key)

    def _show(self) -> None:
        card, spoken = self._card, self._view.spoken
        if card is None:
            sections = pages.end_page(self.session, self.session.clock(), spoken)
            title = self._shelf.collection.name
            self._view.show(Page(title, "", sections, pages.END_HINTS, self._turns + 1, notice=self._notice))
            return
        question = card.question()
        sections = question
        if card.answered:
            sections += card.answer(self._shelf.collection.sources, spoken)
        title = f"{card.note.deck} · {card.note.kind}"
        counts = pages.in_words(self.session.counts, self.session.wish.cram)
        page = Page(title, counts, sections, card.hints(), self._turns, len(question) if card.answered else 0)
        self._view.show(page._replace(clock=self._clock(card), notice=self._notice))

    def _clock(self, card: Card) -> str:
        clock = "" if self._view.spoken else card.clock(self._tools.stopwatch())
        return f"{clock}, paused" if clock and card.timer.paused is not None else clock

    def _away(self) -> AbstractContextManager[None]:
        return pages.away(self._view, self._tools.stopwatch, self._card.timer if self._card else None)

    # --- what keys do ----------------------------------------------------------------------

    def _do(self, action: str) -> None:
        if action in SCROLLING:
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
        """Go on, without the bounds that ended the session."""
        if not action:
            return
        wish, self._ends = replace(self.session.wish, limit=None), None
        if action == "ahead":
            due = self.session.next_review_day()
            wish = replace(wish, ahead=max(wish.ahead + 1, (due or 0) - self.session.day), cram=False)
        elif action == "cram":
            wish = replace(wish, cram=True)
        if action != "look" or self.session.wish.limit is not None:
            introduced = self.session.summary().new
            if wish.new is not None:
                wish = replace(wish, new=max(0, wish.new - introduced + self._introduced))
            self._introduced = introduced
            self.session = self.session.continued(wish)
        self._next()
        if action == "ahead":
            days = counted(wish.ahead, "day")
            nothing = f"Looked {days} ahead and found nothing; what was answered today does not come again."
            found = f"Studying {days} ahead." if self._card else nothing
            self._notice = found
        elif self._card is None:
            self._notice = "Nothing more is due now."

    def _on_card(self, action: str, card: Card) -> None:
        if action.upper() in Rating.__members__:
            self._rate(card, Rating[action.upper()])
        elif action == "accept":
            self._rate(card, card.proposed)
        else:
            _ACTIONS[action](self, card)

    def _rate(self, card: Card, rating: Rating) -> None:
        detail = None
        if card.rubric is not None and card.rubric.touched:
            detail = json.dumps({"ticks": sorted(card.rubric.ticks)})
        took = int(card.timer.took(self._tools.stopwatch()) * 1000)
        event = self.session.answer(card.turn, rating, took, card.content, detail)
        name = rating.name.capitalize()
        self._view.say(f"Rated {name}.")
        if event.leech:
            self._notice = f"{card.turn.key} was forgotten often: it is a leech, and suspended now. u takes it back."
        self._go_on("Stored")

    def _go_on(self, done: str, even_late: bool = False) -> None:
        """Go to the next card after something that is stored, whatever becomes of that."""
        try:
            self._next(even_late)
        except HistoryError as error:
            self._notice = f"{done}, but the next card cannot be read: {error}"

    def _reveal(self, card: Card) -> None:
        late = card.is_late(self._tools.stopwatch())
        card.answered = True
        if late and card.rubric is not None:
            card.rubric = card.rubric.late()
            self._notice = "Over time: the rubric counts it."

    def _type(self, card: Card) -> None:
        unit = card.note.text("unit")
        typed = self._view.ask(f"Your answer{f' ({unit})' if unit else ''}:", "compares")
        if typed is None or not typed.strip():
            self._notice = "Nothing typed."
            return
        card.typed = typed.strip()
        self._reveal(card)

    def _tick(self, card: Card, change: Callable[[Rubric], Rubric]) -> None:
        if card.rubric is not None:
            card.rubric = pages.ticked(self._view, card.rubric, change)

    def _pause(self, card: Card) -> None:
        now = self._tools.stopwatch()
        card.timer.pause(now)
        self._view.say(f"{'Going on' if card.timer.paused is None else 'Paused'} at {card.clock(now)}.")

    def _undo(self) -> None:
        taken = self.session.undo()
        if taken is None:
            self._notice = "There is nothing to undo."
            return
        key, event = taken
        what = Rating(event.rating).name.capitalize() if event.rating else EventKind(event.kind).name.lower()
        self._notice = f"Taken back: {what} on {key}."
        card = self._card
        if event.kind == EventKind.MOVE:  # the card on the screen may be one of them
            said = told(self.session.history.store, event)
            self._notice = f"{said[0].upper()}{said[1:]}: taken back."
            self._go_on("Taken back", even_late=card is not None)
        elif self.session.comes_back(event) or card is None:
            self._go_on("Taken back", even_late=key in self.session.cards)
        elif card is not None and key == card.turn.key and event.seq <= card.turn.revision:
            state = self.session.history.state(key)  # nothing came since but the flag, or it could not be undone
            card.turn = self.session.turn(key, state, card.turn.shown)

    def _mark(self, card: Card, kind: EventKind, remark: str | None = None) -> Event:
        """Store what is no answer; the card is as current as it was before."""
        turn = card.turn
        event = self.session.mark(kind, turn.key, remark, turn.revision)
        card.turn = self.session.turn(turn.key, applied(turn.state, event), turn.shown)
        return event

    def _put_away(self, card: Card, kind: EventKind, said: str) -> None:
        self._mark(card, kind)
        self._notice = f"{said}: {card.turn.key}. u takes it back."
        self._next()

    def _flag(self, card: Card) -> None:
        remark = self._view.ask("What is wrong with it?", "stores")
        if remark is None:
            self._notice = "Not flagged."
            return
        self._mark(card, EventKind.FLAG, remark.strip())
        self._notice = "Flagged; `aipm-cards flags` lists it."

    def _afresh(self, card: Card) -> None:
        self._mark(card, EventKind.AFRESH)
        card.afresh = True
        self._notice = f"{card.turn.key} starts afresh, as a new card. u takes it back."

    def _source(self, card: Card) -> None:
        place = self._tools.place(card.note)
        with self._away():
            said = self._tools.edit(card.note)
        self._notice = f"{place}{f': {said}' if said else ''}"
        note = self._shelf.note(card.note.id)
        if note is None and said:
            return  # a mistake hides it: the card stays, so that its source can be opened again
        if note is None or not has_card(note, card.turn.key):
            self._notice += f": {card.turn.key} is no more"
            self._next()
        elif note != card.note:
            new = laid(self.session, card.turn, note, card.timer.started)
            if rubric_of(note) == rubric_of(card.note):
                new.rubric = card.rubric  # with its ticks
            self._card = replace(card, note=note, content=new.content, before=new.before, rubric=new.rubric)
            self._turns += 1

    def _info(self, card: Card) -> None:
        self._overlay("Card information", pages.info_page(self.session, card.turn, self.session.clock()))

    def _overlay(self, title: str, sections: tuple[Section, ...]) -> None:
        """A page above the card, until a key that does not scroll it."""
        pages.above(self._view, Page(title, "", sections, (Hint("any key", "back"),), self._turns))


_ACTIONS: dict[str, Callable[[Reviewer, Card], None]] = {
    "show": Reviewer._reveal,
    "type": Reviewer._type,
    "next point": lambda self, card: self._tick(card, lambda r: r.moved(1)),
    "previous point": lambda self, card: self._tick(card, lambda r: r.moved(-1)),
    "tick": lambda self, card: self._tick(card, Rubric.toggled),
    "pause": Reviewer._pause,
    "afresh": Reviewer._afresh,
    "bury": lambda self, card: self._put_away(card, EventKind.BURY, "Buried until tomorrow"),
    "suspend": lambda self, card: self._put_away(card, EventKind.SUSPEND, "Suspended"),
    "flag": Reviewer._flag,
    "source": Reviewer._source,
    "info": Reviewer._info,
}
