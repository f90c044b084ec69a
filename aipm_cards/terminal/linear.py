"""A session line by line: for screen readers, and terminals that cannot move the cursor."""

from __future__ import annotations

from collections.abc import Callable

from aipm_cards.characters import one_line
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.keys import RESIZE, Keys
from aipm_cards.terminal.pages import Page
from aipm_cards.terminal.plain import spoken
from aipm_cards.terminal.screen import edited


class Linear:
    """Writes what is new of each page, in labelled lines, and never draws anything anew."""

    spoken = True

    def __init__(self, keys: Keys, write: Callable[[str], object]) -> None:
        self._keys = keys
        self._write = write
        self._page: Page | None = None
        self._above = False  # whether a page lies above it
        self.typing = ""

    def __enter__(self) -> Linear:
        self._keys.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._keys.__exit__()

    def leave(self) -> None:
        """Give the terminal to another program."""
        self._keys.cooked()

    def enter(self) -> None:
        """Take the terminal back."""
        self._keys.raw()

    def key(self, timeout: float | None) -> str | None:
        """The next key. Nothing is shown meanwhile, so there is no timeout."""
        while (key := self._keys.read(None)) == RESIZE:
            pass
        return key

    def show(self, page: Page) -> None:
        """Write what this page adds."""
        title = page.title.replace(" · ", ", ")  # a dot would be read out
        before = None if page.above else self._page
        same = before is not None and (before.turn, before.title) == (page.turn, page.title)
        if not same:
            self.say("")
            named = title if title.endswith("?") else f"{title}."
            self.say(f"{named} {page.counts}." if page.counts else named)
        elif self._above:
            self.say(f"Back: {title}.")
        new: tuple[Section, ...] = page.sections
        if before is not None and same:  # ticking a point, say, adds nothing
            new = page.sections[page.new :] if page.new != before.new else ()
        for line in spoken(new):
            self.say(line)
        if page.notice:
            self.say(f"Note: {page.notice}")
        if new:
            hints = ". ".join(f"{hint.key}: {hint.spoken or hint.label}" for hint in page.hints)
            self.say(f"Keys: {hints}.")
        self._above = page.above
        if not page.above:
            self._page = page

    def say(self, line: str) -> None:
        """Write a line."""
        self._write(f"{one_line(line).rstrip()}\r\n")

    def scroll(self, action: str) -> None:
        """Nothing: the terminal keeps what was written."""

    def ask(self, prompt: str, enter: str) -> str | None:
        """A line that is typed, shown as it is typed."""
        self._write(f"{one_line(prompt)} (Enter {enter}, Esc leaves) ")
        typed = ""
        while True:
            key = self._keys.read(None)
            ended, after = edited(typed, key)
            self.typing = "" if key == "enter" else after
            if ended:
                self._write("\r\n")
                return typed if key == "enter" else None
            self._write(after[len(typed) :] if after.startswith(typed) else f"\r\n{one_line(prompt)} {after}")
            typed = after
