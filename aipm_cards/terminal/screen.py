"""A session on the whole screen: a title, the card, what the keys do."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len as cells
from rich.cells import chop_cells

from aipm_cards.characters import clean, one_line
from aipm_cards.terminal.keys import PASTE, RESIZE, Keys
from aipm_cards.terminal.pages import Hint, Page
from aipm_cards.terminal.paper import Look, draw

# A screen of its own, without a cursor, and what is pasted is marked as such.
_OPEN, _CLOSE = "\x1b[?1049h\x1b[?25l\x1b[?2004h", "\x1b[?2004l\x1b[?25h\x1b[?1049l"
_HOME, _END_OF_LINE, _BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_STYLE = re.compile(r"\x1b\[[\d;]*m")
_MARKED = re.compile(r"> \[[ x]\]")  # the point of a rubric that Tab has reached


class Screen:
    """Draws pages on the whole screen. `size` gives its columns and rows."""

    spoken = False

    def __init__(
        self, keys: Keys, write: Callable[[str], object], size: Callable[[], tuple[int, int]], look: Look
    ) -> None:
        self._keys = keys
        self._write = write
        self._size = size
        self._look = look
        self._page: Page | None = None
        self._drawn: tuple[tuple[object, ...], list[str], int] | None = None
        self._offset = 0
        self._height = 1
        # The page under the one that is shown, its offset, and whether its answer was to be seen.
        self._below: tuple[Page, int, bool] | None = None
        self._asking = ""  # what Enter does to the line that is typed
        self.typing = ""

    def __enter__(self) -> Screen:
        self._keys.__enter__()
        self._write(_OPEN)
        return self

    def __exit__(self, *_: object) -> None:
        self._write(_CLOSE)
        self._keys.__exit__()

    def leave(self) -> None:
        """Give the terminal to another program."""
        self._write(_CLOSE)
        self._keys.cooked()

    def enter(self) -> None:
        """Take the terminal back."""
        self._keys.raw()
        self._write(_OPEN)
        self._redraw()

    def key(self, timeout: float | None) -> str | None:
        """The next key; a window that changed its size is drawn anew."""
        while (key := self._keys.read(timeout)) in (RESIZE, "ctrl-l"):
            self._resized()
        return key

    def show(self, page: Page) -> None:
        """Draw a page, unless it is there; of the same card it stays where it was scrolled to."""
        if page == self._page:
            return
        if self._below is not None and not page.above:
            (self._page, self._offset, seen), self._below = self._below, None
            self._keep_the_answer(seen)
        before, saw, self._page = self._page, self._sees_the_answer(), page
        if before is None or (before.turn, before.title) != (page.turn, page.title):
            self._below = (before, self._offset, saw) if before is not None and page.above else None
            self._offset = 0
        elif len(page.sections) > len(before.sections) and page.new:
            self._bring(self._lines(page)[1], 2 / 3)
        elif _signs(page) != _signs(before):
            self._bring(self._marked(page), 1)
        self._redraw()

    def say(self, line: str) -> None:
        """Nothing: the page says it."""

    def scroll(self, action: str) -> None:
        """Move over a long page."""
        page = max(1, self._height - 2)
        by = {"up": -1, "down": 1, "page up": -page, "page down": page, "top": -(10**9), "bottom": 10**9}
        self._offset += by[action]
        self._redraw()

    def ask(self, prompt: str, enter: str) -> str | None:
        """A line typed at the foot of the screen; of a long one its end is shown."""
        typed, self._asking = "", enter
        self._redraw()
        try:
            while True:
                columns, rows = self._size()
                asked = cut(one_line(prompt), max(1, columns - 12))
                self._write(f"\x1b[{rows};1H{_END_OF_LINE}{asked} {tail(typed, columns - cells(asked) - 2)}\x1b[?25h")
                key = self._keys.read(None)
                if key == RESIZE:
                    self._resized()
                ended, typed = edited(typed, key)
                self.typing = "" if key == "enter" else typed
                if ended:
                    return typed if key == "enter" else None
        finally:
            self._asking = ""
            self._write("\x1b[?25l")
            self._redraw()

    # --- drawing ---------------------------------------------------------------------------

    def _redraw(self) -> None:
        page = self._page
        if page is None:
            return
        columns, rows, head, foot = self._frame(page)
        lines, _ = self._lines(page)
        height = self._height
        last = max(0, len(lines) - height)
        self._offset = min(max(0, self._offset), last)
        body = [f" {line}" for line in lines[self._offset : self._offset + height]]
        below = last - self._offset
        if below and foot:
            foot[0] = self._rule(columns, f"{below} more: down, page down" if columns > 50 else f"{below} more")
        elif self._offset and foot:
            foot[0] = self._rule(columns, "the end")
        body += [""] * (height - len(body))
        out = [f"{line}{_END_OF_LINE}" for line in (*head, *body, *foot)]
        self._write(_HOME + "\r\n".join(out[:rows]) + _BELOW)

    def _frame(self, page: Page) -> tuple[int, int, list[str], list[str]]:
        """Columns and rows, and the lines above and below the card, which has the rest."""
        columns, rows = self._size()
        columns, rows = max(20, columns), max(3, rows)
        head, foot = self._head(page, columns), self._foot(page, columns)
        if len(head) + len(foot) + 3 > rows:  # a very low window shows the card first
            head = []
            foot = foot[: max(0, rows - 3)]
        self._height = max(1, rows - len(head) - len(foot))
        return columns, rows, head, foot

    def _resized(self) -> None:
        """Draw in another size. If the answer began on the screen, it still does."""
        self._keep_the_answer(self._sees_the_answer())
        self._redraw()

    def _sees_the_answer(self) -> bool:
        """Whether the answer begins on the screen, as it was drawn last."""
        if self._page is None or self._drawn is None or not self._page.new:
            return False
        return self._offset <= self._drawn[2] < self._offset + self._height

    def _keep_the_answer(self, seen: bool) -> None:
        if seen and self._page is not None:
            self._bring(self._lines(self._page)[1], 2 / 3)

    def _bring(self, line: int, share: float) -> None:
        """Scroll until a line stands in the upper `share` of the card's part of the screen."""
        if self._page is not None:
            self._frame(self._page)
        if not self._offset <= line < self._offset + max(1, int(self._height * share)):
            self._offset = line - self._height // 3

    def _marked(self, page: Page) -> int:
        """The line with the point that is marked; without one, where the screen begins."""
        plain = (_STYLE.sub("", line) for line in self._lines(page)[0])
        return next((number for number, line in enumerate(plain) if _MARKED.match(line)), self._offset)

    def _lines(self, page: Page) -> tuple[list[str], int]:
        """The lines of a page, and where its new sections begin."""
        width = max(20, self._size()[0]) - 2
        key = (page.sections, page.new, width)
        if self._drawn is None or self._drawn[0] != key:
            above = draw(page.sections[: page.new], width, self._look)
            below = draw(page.sections[page.new :], width, self._look)
            gap = ["", self._rule(min(width, 40)), ""] if above and below else []
            self._drawn = (key, [*above, *gap, *below], len(above) + len(gap))
        return self._drawn[1], self._drawn[2]

    def _head(self, page: Page, columns: int) -> list[str]:
        name = one_line(page.title if self._look.unicode else page.title.replace("·", "-"))
        right = self._right(page.clock, page.counts)
        if columns - cells(right) < cells(name) + 4:  # `0+1+15`: learning cards, reviews and new cards
            right = self._right(page.clock, page.brief or "+".join(re.findall(r"\d+", page.counts)))
        room = columns - cells(right) - 3
        if room < 12:
            return [self._bold(cut(f" {name}", columns)), cut(f" {right}", columns), self._rule(columns)]
        title = cut(name, room)
        space = " " * (columns - cells(title) - cells(right) - 2)
        return [f" {self._bold(title)}{space}{right}", self._rule(columns)]

    def _right(self, *parts: str) -> str:
        return (" · " if self._look.unicode else " | ").join(filter(None, parts))

    def _foot(self, page: Page, columns: int) -> list[str]:
        lines = [self._rule(columns)]
        if self._asking:
            return [*lines, self._hints([Hint("Enter", self._asking), Hint("Esc", "leaves")]), ""]
        if page.notice:
            lines += [self._bold(cut(f" {part}", columns)) for part in wrapped(one_line(page.notice), columns - 2)[:4]]
        return lines + [self._hints(row) for row in rows_of(page.hints, columns - 2)]

    def _hints(self, row: list[Hint]) -> str:
        return " " + "  ".join(f"{self._bold(hint.key)} {clean(hint.label)}" for hint in row)

    def _rule(self, columns: int, said: str = "") -> str:
        line = "─" if self._look.unicode else "-"
        text = f" {said} " if said else ""
        drawn = line * max(0, columns - len(text) - 2) + text + line * 2
        return f"{_DIM}{drawn}{_PLAIN}" if self._look.styled else drawn

    def _bold(self, text: str) -> str:
        return f"{_BOLD}{text}{_PLAIN}" if self._look.styled else text


def edited(typed: str, key: str | None) -> tuple[bool, str]:
    """A typed line after one more key, and whether that ended it."""
    if key is None or key in ("enter", "esc", "ctrl-d", "end of input"):
        return key is not None, typed
    if key == "backspace":
        return False, typed[:-1]
    if key == "ctrl-u":
        return False, ""
    if key.startswith(PASTE):
        return False, typed + key.removeprefix(PASTE)
    character = " " if key == "space" else key
    return False, typed + character if len(character) == 1 else typed


def _signs(page: Page) -> list[tuple[str, ...]]:
    return [section.signs for section in page.sections if section.signs]


def rows_of(hints: tuple[Hint, ...], width: int) -> list[list[Hint]]:
    """Hints in as many rows as they need."""
    rows: list[list[Hint]] = [[]]
    used = 0
    for hint in hints:
        size = cells(hint.key) + 1 + cells(hint.label)
        if rows[-1] and used + 2 + size > width:
            rows.append([])
            used = 0
        used += size + (2 if rows[-1] else 0)
        rows[-1].append(hint)
    return rows if rows[0] else []


def wrapped(text: str, width: int) -> list[str]:
    """Words in lines of at most `width` cells; a longer word, such as a path, is broken."""
    lines = [""]
    for word in text.split():
        for part in chop_cells(word, max(2, width)):
            if lines[-1] and cells(lines[-1]) + 1 + cells(part) > width:
                lines.append("")
            lines[-1] = f"{lines[-1]} {part}".strip()
    return lines


def tail(text: str, width: int) -> str:
    """The end of `text` in at most `width` cells."""
    text = text[-4 * max(1, width) :]
    while text and cells(text) > width:
        text = text[1:]
    return text


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, with a mark where it was cut."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[:-1]
    return f"{text}~"
