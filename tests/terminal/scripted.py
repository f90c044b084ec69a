"""A session without a terminal: a view that follows a script, with clocks that a test moves.

A script is a list of keys, of lines that are typed when asked for (`Typed`), and of functions
that are called when their turn comes. `Watched` keeps the page that was shown before each key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from aipm_cards.kinds import ordinals
from aipm_cards.memory.days import Moment
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.history import History
from aipm_cards.memory.log import CardState, Event, EventKind
from aipm_cards.memory.queue import Cards, Wish
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Collection, Note, Rating
from aipm_cards.terminal.keys import END
from aipm_cards.terminal.pages import Page
from aipm_cards.terminal.plain import spoken
from aipm_cards.terminal.reviewer import Reviewer, Tools
from tests.terminal.notes import SOURCES

ZONE = "Europe/Berlin"
START = 240  # minutes: a day that starts at 04:00
SIMPLE = Settings(preset=Preset(learning_steps=(), relearning_steps=()), bury_siblings=False)
"""Settings under which an answered card is gone for today."""


def basic(note_id: str, front: str = "", back: str = "", **more: Any) -> Note:
    """A question and its answer."""
    content = {"front": front or f"What is {note_id}?", "back": back or f"This is {note_id}."}
    return Note(note_id, "basic", more.pop("deck", "Deck"), content, **more)


class Typed(NamedTuple):
    """A line that is typed when it is asked for; None for Esc, with what was typed before it."""

    line: str | None
    left: str = ""


Step = str | Typed | Callable[[], object] | None


class Watched:
    """A view that follows a script, and then ends as a closed terminal does."""

    def __init__(self, script: Iterable[Step], is_spoken: bool = False) -> None:
        self.spoken = is_spoken
        self.typing = ""
        self.script = list(script)
        self.page: Page | None = None
        self.pages: list[Page] = []  # before each key
        self.said: list[str] = []
        self.asked: list[str] = []
        self.scrolled: list[str] = []
        self.patience: list[float | None] = []
        self.away: list[str] = []
        self._ended = False

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, page: Page) -> None:
        self.page = page

    def say(self, line: str) -> None:
        self.said.append(line)

    def scroll(self, action: str) -> None:
        self.scrolled.append(action)

    def key(self, timeout: float | None) -> str | None:
        self._call()
        assert self.page is not None
        if not self._ended:
            self.pages.append(self.page)
            self.patience.append(timeout)
        if not self.script:
            self._ended = True
            return END
        key = self.script.pop(0)
        assert key is None or isinstance(key, str), f"nobody asked for {key}"
        return key

    def ask(self, prompt: str, enter: str) -> str | None:
        self._call()
        self.asked.append(prompt)
        typed = self.script.pop(0)
        assert isinstance(typed, Typed), f"a line is asked for, not {typed}"
        self.typing = typed.left
        return typed.line

    def leave(self) -> None:
        self.away.append("left")

    def enter(self) -> None:
        self.away.append("entered")

    def _call(self) -> None:
        while self.script and not isinstance(step := self.script[0], (str, Typed)) and step is not None:
            del self.script[0]
            step()

    # --- what was shown --------------------------------------------------------------------

    @property
    def last(self) -> Page:
        """The page before the script ended."""
        return self.pages[-1]

    def text(self, number: int = -1) -> str:
        """The words of the page before a key, with its title, counts, clock, notice and hints."""
        return words(self.pages[number])

    def front(self, number: int = -1) -> str:
        """What the page asks: the line of a basic card."""
        return spoken(self.pages[number].sections)[0]


def words(page: Page) -> str:
    """All that a page says."""
    hints = [f"[{hint.key}] {hint.label}" for hint in page.hints]
    return "\n".join([page.title, page.counts, page.clock, *spoken(page.sections), page.notice, *hints])


@dataclass
class Clock:
    """The clock on the wall and the stopwatch; they go together unless one of them is set."""

    now: Moment
    seconds: float = 1000.0

    def __call__(self) -> Moment:
        return self.now

    def stopwatch(self) -> float:
        return self.seconds

    def forward(self, seconds: float = 0, **more: float) -> None:
        span = timedelta(seconds=seconds, **more)
        self.now = self.now._replace(ms=self.now.ms + span // timedelta(milliseconds=1))
        self.seconds += span.total_seconds()

    def later(self, seconds: float = 0, **more: float) -> Callable[[], None]:
        """A step of a script that moves the clock."""
        return lambda: self.forward(seconds, **more)


def at(local: str, zone: str = ZONE) -> Moment:
    """The moment at which a clock on the wall shows `local`."""
    return Moment(round(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000), zone)


@dataclass
class Shelf:
    """Notes that a test can change while a session runs."""

    collection: Collection

    def note(self, note_id: str) -> Note | None:
        return next((note for note in self.collection.notes if note.id == note_id), None)

    def put(self, *notes: Note) -> None:
        """Put notes in the place of those with their ids."""
        new = {note.id: note for note in notes}
        old = self.collection.notes
        self.collection = replace(self.collection, notes=tuple(new.get(note.id, note) for note in old))

    def take(self, note_id: str) -> None:
        """Take a note out."""
        kept = tuple(note for note in self.collection.notes if note.id != note_id)
        self.collection = replace(self.collection, notes=kept)


@dataclass
class Desk:
    """Notes, a history and clocks."""

    store: Store
    shelf: Shelf
    clock: Clock = field(default_factory=lambda: Clock(at("2026-09-21T12:00")))
    settings: Settings = SIMPLE
    edit: Callable[[Note], str] = lambda note: ""
    suspend: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        numbers = count()
        self._token = lambda: blake2b(str(next(numbers)).encode(), digest_size=10).digest()

    @property
    def history(self) -> History:
        return History(self.store, "scripted", "laptop", self._token, START)

    def session(self, wish: Wish | None = None) -> Session:
        notes = self.shelf.collection.notes
        decks: Mapping[str, str] = {note.id: note.deck for note in notes}
        order = [f"{note.id}:{ordinal}" for note in notes for ordinal in ordinals(note)]
        cards = Cards(order, lambda ids: {note_id: decks.get(note_id, "") for note_id in ids})
        return Session(self.history, cards, self.settings, self.clock, wish)

    def review(
        self,
        *script: Step,
        wish: Wish | None = None,
        limit: float | None = None,
        notice: str = "",
        is_spoken: bool = False,
    ) -> Watched:
        """Review by a script, which must be followed to its end."""
        view = Watched(script, is_spoken)
        tools = Tools(
            self.clock.stopwatch,
            lambda note: f"cards/{note.id}.yaml:7",
            lambda note: self.edit(note),
            lambda: self.suspend(),
        )
        self.reviewer = Reviewer(self.session(wish), self.shelf, view, tools, limit, notice)
        self.reviewer.run()
        assert not view.script, f"the session ended before {view.script}"
        assert examine(self.store).problems == []
        return view

    # --- what is stored --------------------------------------------------------------------

    def log(self) -> list[tuple[str, Event]]:
        """Every event with the key of its card, in order."""
        names = ", ".join(f"e.{name}" for name in Event._fields)
        sql = f"SELECT c.key, {names} FROM event e JOIN card c ON c.id = e.card ORDER BY e.seq"
        return [(key, Event(*values)) for key, *values in self.store.connection.execute(sql)]

    def standing(self) -> list[str]:
        """The events that count, in words: `a:0 Good`, `b:0 bury`."""
        events = self.log()
        voided = {event.voids for _, event in events}
        return [
            f"{key} {Rating(event.rating).name.capitalize() if event.rating else EventKind(event.kind).name.lower()}"
            for key, event in events
            if event.kind != EventKind.UNDO and event.id not in voided
        ]

    def state(self, key: str) -> CardState:
        return self.history.state(key)


@contextmanager
def desk_of(path: Path, *notes: Note, settings: Settings = SIMPLE) -> Iterator[Desk]:
    """A desk with notes in the author's order, and a new history."""
    collection = Collection(path, "Scripted", "scripted", sources=SOURCES, notes=notes)
    with Store(path / "scripted.db") as store:
        yield Desk(store, Shelf(collection), settings=settings)
