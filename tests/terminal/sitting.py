"""A person at a real terminal: the program on a pseudo-terminal, and the screen that it draws.

A `Home` holds a collection with a card of every kind, settings, and the place of the history.
Whoever sits down in it presses keys and waits until something is to be seen; there are no fixed
pauses. When the home is left, no process is left over and its history is sound.
"""

from __future__ import annotations

import os
import re
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pexpect
import pyte

import aipm_cards
from aipm_cards.meaning import meaning
from aipm_cards.memory.days import Moment
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.history import Answer, Content, Flag, History
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.settings import parse_settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating
from tests.seated import seated

PATIENCE = 20.0  # seconds until a screen that does not come counts as a failure
STYLE = re.compile(r"\x1b\[[\d;]*m")
COLOUR = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")

BASIC = """\
deck: Basics
cue: metrics
notes:
  - id: precision
    tier: 1
    front: What is **precision**?
    back: The share of alarms that are right.
    why: Each alarm costs work.
  - id: wide
    tier: 1
    tags: [wide]
    front: 精度とは何ですか。それは警報のうち正しいものの割合のことでしょうか、それとも別の割合でしょうか。 🎯🎯
    back: 正しい警報の割合 🎉
  - id: recall
    tier: 1
    front: What is recall?
    back: The share of cases that are found.
"""
KINDS = """\
deck: Kinds::Others
notes:
  - id: drift
    kind: reversed
    term: data drift
    definition: The inputs change after training.
  - id: f-one
    kind: cloze
    text: F1 is the {{c1::harmonic::kind of}} mean of precision and {{c2::recall}}.
  - id: rag-or-tuning
    kind: contrast
    a: RAG
    b: Fine-tuning
    split: Whether the weights change.
    rows:
      - [cost, for each question, once]
      - [news, at once, with the next training]
    case: A bot must know today's prices.
    verdict: a
    reason: Prices change daily.
  - id: share
    kind: calculation
    given: 1250 of 2000 alarms are right.
    ask: Precision in percent, one decimal
    formula: TP / (TP + FP)
    steps: [1250 / 2000 = 0.625]
    answer: "62.5"
    unit: "%"
    check: 1250 / 2000 * 100
    slip: Dividing by all cases.
  - id: queue
    kind: interview
    prompt: Design a review queue.
    round: PS
    minutes: 5
    rubric:
      - must: Names the *user*
      - Names a metric
      - Names a risk
      - Ends with a decision
    pass: 3
    outline: [First the user, Then the cost]
    mistakes: [Silence]
    follow_ups: [And at night?]
  - id: blocks
    kind: scenario
    situation: A model blocks accounts.
    question: Do you launch?
    stakeholders: [Users, Staff]
    options:
      - {name: Launch today, gain: speed, harm: some are blocked who did nothing}
      - {name: Wait, gain: trust, harm: fraud goes on}
    recommend: Wait.
    because: Blocks are hard to undo.
    unless: A person looks first.
    rubric:
      - must: Names the blocked
      - Weighs fraud
      - Names an appeal
    pass: 2
"""
LONG = "deck: Long\nnotes:\n  - id: long\n    front: Which lines are there?\n    back: |\n" + "".join(
    f"      - line number {number} of the answer\n" for number in range(1, 61)
)
COLLECTION = {
    "collection.yaml": "format: 1\nname: Terminal\nnamespace: terminal\n",
    "a.yaml": BASIC,
    "b.yaml": KINDS,
    "c.yaml": LONG,
}
CALM = 'bury_siblings = false\nlearning_steps = []\nrelearning_steps = []\ntime_zone = "Europe/Berlin"\n'
"""Settings under which an answered card is gone for today."""


def fresh_modes() -> list[Any]:
    """The modes of a terminal that nobody has used yet."""
    ends = os.openpty()
    try:
        return termios.tcgetattr(ends[1])
    finally:
        for end in ends:
            os.close(end)


class Home:
    """Where a person keeps a collection, settings, and a history. Use it in a `with` block."""

    def __init__(self, path: Path, files: Mapping[str, str] = COLLECTION, settings: str = "") -> None:
        self.path = path
        self.cards = path / "cards"
        self.history = path / "history.db"
        self.config = path / "config.toml"
        self._sittings: list[Sitting] = []
        self.cards.mkdir()
        for name, text in files.items():
            self.write(name, text)
        self.set(settings)

    def __enter__(self) -> Home:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        for sitting in self._sittings:
            sitting.stop()
        if failed is None:
            assert self.problems() == []

    def write(self, name: str, text: str) -> None:
        (self.cards / name).write_text(text, encoding="utf-8")

    def set(self, settings: str) -> None:
        self.config.write_text(settings, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a deck file as an author would."""
        text = (self.cards / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        said = {
            **kept,
            "HOME": str(self.path),
            "TZ": "Europe/Berlin",
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "AIPM_CARDS_COLLECTION": str(self.cards),
            "AIPM_CARDS_CACHE": str(self.path / "cache"),
            "AIPM_CARDS_CONFIG": str(self.config),
            "AIPM_CARDS_HISTORY": str(self.history),
            "PYTHONDONTWRITEBYTECODE": "1",
            **more,
        }
        return {name: value for name, value in said.items() if value}

    def sit(self, *arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> Sitting:
        """Start `aipm-cards review` with arguments; an empty variable is taken out."""
        return self.run(sys.executable, "-m", "aipm_cards", "review", *arguments, size=(columns, rows), **environment)

    def run(self, *command: str, size: tuple[int, int] = (80, 24), **environment: str) -> Sitting:
        """Start a program at a terminal. In a language of its own it begins by itself, as some should."""
        real = not environment.keys().isdisjoint({"LC_ALL", "LANG", "PYTHONUTF8"})
        sitting = Sitting(command, size, self.environment(environment), self.path, real)
        self._sittings.append(sitting)
        return sitting

    def studied(self, days: int, *notes: str) -> None:
        """The first cards of these notes were answered Easy so many days ago."""
        collection, _ = aipm_cards.load(self.cards)
        then = Moment(time.time_ns() // 1_000_000 - days * 86_400_000, "Europe/Berlin")
        with Store(self.history) as store:
            history = History(store, "terminal", "laptop", lambda: os.urandom(10), 240)
            for note in collection.notes:
                if note.id in notes:
                    text = meaning(note, 0)
                    seen = Content.of(text)
                    answer = Answer(f"{note.id}:0", Rating.EASY, 0, took=1000, content=seen)
                    history.answer(answer, then, parse_settings(CALM, "CALM").preset)

    # --- what is stored --------------------------------------------------------------------

    def problems(self) -> list[str]:
        """What is wrong with the history, if there is one."""
        if not self.history.exists():
            return []
        with Store(self.history, read_only=True) as store:
            return examine(store).problems

    def events(self) -> list[tuple[str, Event]]:
        """Every event with the key of its card, in order."""
        with Store(self.history, read_only=True) as store:
            names = ", ".join(f"e.{name}" for name in Event._fields)
            sql = f"SELECT c.key, {names} FROM event e JOIN card c ON c.id = e.card ORDER BY e.seq"
            return [(key, Event(*values)) for key, *values in store.connection.execute(sql)]

    def standing(self) -> list[tuple[str, str]]:
        """The events that count: keys, and ratings or what happened, in words."""
        events = self.events() if self.history.exists() else []
        voided = {event.voids for _, event in events}
        return [
            (key, Rating(event.rating).name.capitalize() if event.rating else EventKind(event.kind).name.lower())
            for key, event in events
            if event.kind != EventKind.UNDO and event.id not in voided
        ]

    def flags(self) -> list[Flag]:
        with Store(self.history, read_only=True) as store:
            return History(store, "terminal", "laptop", lambda: bytes(10), 240).flags()


class Sitting:
    """A program at a terminal of so many columns and rows, and the screen as it is now."""

    def __init__(
        self, command: tuple[str, ...], size: tuple[int, int], environment: dict[str, str], at: Path, real: bool
    ) -> None:
        columns, rows = size
        self._child: Any = seated(
            command, env=environment, cwd=at, dimensions=(rows, columns), timeout=PATIENCE, real=real
        )
        self._child.delayafterread = None
        self._child.ptyproc.delayafterclose = self._child.ptyproc.delayafterterminate = 0.01
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""  # all that was written to the terminal
        self._ended = False

    @property
    def pid(self) -> int:
        return int(self._child.pid)

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def words(self) -> str:
        """What is on the screen, however it is wrapped."""
        return " ".join(" ".join(self.screen.display).split())

    @property
    def text(self) -> str:
        """All that was written, as text without its styles."""
        return STYLE.sub("", self.raw.decode("utf-8", "replace").replace("\r", ""))

    @property
    def afterwards(self) -> str:
        """What was printed after the screen was given back."""
        return self.text.rpartition("\x1b[?1049l")[2]

    @property
    def modes(self) -> list[Any]:
        """The modes of the terminal now."""
        return list(termios.tcgetattr(self._child.child_fd))

    def press(self, keys: str | bytes) -> Sitting:
        """Send keys, all in one write."""
        os.write(self._child.child_fd, keys.encode() if isinstance(keys, str) else keys)
        return self

    def see(self, *wanted: str, gone: str = "", within: float = PATIENCE) -> Sitting:
        """Wait until all of it is on the screen, and what should be gone is not."""

        def there() -> bool:
            words = self.words
            return all(text in words for text in wanted) and not (gone and gone in words)

        return self._until(there, f"{wanted}{f' without {gone!r}' if gone else ''}", within)

    def hear(self, *wanted: str, within: float = PATIENCE) -> Sitting:
        """Wait until all of it was written, in this order, after what was heard before."""
        at = self._heard

        def there() -> bool:
            text, here = self.text, at
            for part in wanted:
                found = text.find(part, here)
                if found < 0:
                    return False
                here = found + len(part)
            self._heard = here
            return True

        return self._until(there, f"{wanted} after {self.text[at:]!r}", within)

    _heard = 0

    def resize(self, columns: int, rows: int) -> Sitting:
        """Change the size of the window; the program is told by SIGWINCH."""
        self.screen.resize(rows, columns)
        self.screen.reset()  # nothing of the old screen counts
        self._child.setwinsize(rows, columns)
        return self

    def signal(self, number: int) -> Sitting:
        os.kill(self.pid, number)
        return self

    def close(self) -> int:
        """Close the terminal itself; how the process ended (negative: the signal)."""
        self._child.ptyproc.fileobj.close()
        self._child.ptyproc.closed = self._child.closed = True
        return self._wait(time.monotonic() + PATIENCE)

    def end(self, within: float = PATIENCE) -> int:
        """Wait until the process ends; how it ended (negative: the signal)."""
        until = time.monotonic() + within
        while self._read(max(0.0, until - time.monotonic())):
            pass
        return self._wait(until)

    def leave(self) -> int:
        return self.press("q").end()

    def stop(self) -> None:
        """Whatever it does, it ends now."""
        if not self._ended:
            with suppress(Exception):
                self._child.ptyproc.close(force=True)

    def _wait(self, until: float) -> int:
        process = self._child.ptyproc
        while True:
            process.flag_eof = False  # otherwise it would wait for ever
            if not process.isalive():
                self._ended = True
                return int(process.exitstatus if process.signalstatus is None else -process.signalstatus)
            if time.monotonic() > until:
                break
            time.sleep(0.005)
        raise AssertionError(f"it did not end: {self.picture()}")

    def _until(self, there: Any, wanted: str, within: float) -> Sitting:
        while self._read(0):  # what was true of an older screen says nothing
            pass
        until = time.monotonic() + within
        while not there():
            left = until - time.monotonic()
            if left <= 0 or not self._read(left):
                if there():
                    break
                raise AssertionError(f"not to be seen: {wanted}\n{self.picture()}")
        return self

    def _read(self, patience: float) -> bool:
        """Read what was written; False at the end, or if nothing came."""
        try:
            data: bytes = self._child.read_nonblocking(65536, patience)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    def picture(self) -> str:
        """The screen in a frame, for a person."""
        frame = "+" + "-" * self.screen.columns + "+"
        return "\n".join((frame, *(f"|{line}" for line in self.lines), frame))
