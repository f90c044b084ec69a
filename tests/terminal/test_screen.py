"""The whole screen without a process: what is kept in sight, asked and pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyte
import pytest

from aipm_cards.terminal.keys import END, PASTE, RESIZE
from aipm_cards.terminal.paper import Look
from aipm_cards.terminal.reviewer import Reviewer, Tools
from aipm_cards.terminal.screen import Screen, edited, tail
from tests.terminal.notes import INTERVIEW
from tests.terminal.scripted import Desk, basic, desk_of

LONG = "\n\n".join(f"Line {number} of the answer, which is long enough to be wrapped." for number in range(1, 40))
QUESTION = "What is it that is asked here, in so many words that they are wrapped in a narrow window?"
Step = str | tuple[int, int]


class Glass:
    """A screen on which keys are pressed one after the other; `seen` is what stood there before each.

    A pair of numbers is a new size of the window.
    """

    def __init__(self, steps: tuple[Step, ...], size: tuple[int, int], look: Look) -> None:
        self._steps = list(steps)
        self._size = size
        self._made(size)
        self.seen: list[str] = []
        self.view = Screen(self, self._write, lambda: self._size, look)  # type: ignore[arg-type]

    def _made(self, size: tuple[int, int]) -> None:
        self._picture = pyte.Screen(*size)
        self._stream = pyte.Stream(self._picture)

    def _write(self, text: str) -> None:
        self._stream.feed(text)

    def read(self, timeout: float | None) -> str | None:
        self.seen.append("\n".join(line.rstrip() for line in self._picture.display))
        if not self._steps:
            return END
        step = self._steps.pop(0)
        if isinstance(step, str):
            return step
        self._size = step
        self._made(step)
        return RESIZE

    def __enter__(self) -> Glass:
        return self

    def __exit__(self, *_: object) -> None: ...


Sit = Callable[..., list[str]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, basic("long", front=QUESTION, back=LONG), basic("next")) as desk:
        yield desk


@pytest.fixture
def sit(desk: Desk) -> Sit:
    def sit(*steps: Step, size: tuple[int, int] = (80, 16), unicode: bool = True, **more: Any) -> list[str]:
        glass = Glass(steps, size, Look(False, False, unicode))
        tools = Tools(desk.clock.stopwatch, lambda note: "", lambda note: "", lambda: None)
        with glass.view:
            Reviewer(desk.session(), desk.shelf, glass.view, tools, **more).run()
        return glass.seen

    return sit


def test_a_page_above_the_card_leaves_it_where_it_was(sit: Sit) -> None:
    seen = sit("space", "page down", "page down", "?", "down", "page down", "x", "i", "x")
    assert "Line 1 of" not in seen[3]
    assert "At the question" in seen[4]
    assert seen[7] == seen[9] == seen[3]


@pytest.mark.parametrize("size", [(30, 16), (200, 16), (30, 8)])
def test_the_beginning_of_the_answer_stays_in_sight(sit: Sit, size: tuple[int, int]) -> None:
    seen = sit("space", size, (80, 16))
    assert all("Line 1 of" in page for page in seen[1:4])
    seen = sit("space", "?", size, "x")
    assert "Line 1 of" in seen[4]


def test_what_was_scrolled_to_is_not_left_for_the_beginning_of_the_answer(sit: Sit) -> None:
    seen = sit("space", "end", (30, 16))
    assert "Line 1 of" not in seen[3]


def test_the_marked_point_stays_in_sight_and_scrolling_is_free(sit: Sit, desk: Desk) -> None:
    desk.shelf.collection = replace(desk.shelf.collection, notes=(INTERVIEW,))
    seen = sit("space", *["tab"] * 4, *["shift-tab"] * 3, "end", "x", "x", size=(80, 8))
    for number in range(2, 9):
        assert re.search(r"> \[ \]", seen[number]), seen[number]
    assert "> [" not in seen[9]
    assert "> [x]" in seen[10]
    assert "> [ ]" in seen[11]


def test_a_low_window_asks_as_well(sit: Sit, desk: Desk) -> None:
    for rows in (3, 4, 5, 6):
        seen = sit("f", "x", "esc", size=(40, rows))
        assert seen[2].split("\n")[-1].startswith("What is wrong with it? x")


def test_while_asking_only_two_keys_are_named(sit: Sit, desk: Desk) -> None:
    seen = sit("b", "f", *"q3 ", "enter", "f", "esc")
    assert "Buried" in seen[1]
    assert "Enter stores  Esc leaves" in seen[2]
    assert "show the answer" not in seen[2]
    assert "Buried" not in seen[2]
    assert "What is wrong with it? q3" in seen[4]
    assert "Flagged" in seen[6]
    assert "Not flagged." in seen[8]
    assert [flag.remark for flag in desk.history.flags()] == ["q3"]


def test_a_paste_is_part_of_a_remark_and_nowhere_a_key(sit: Sit, desk: Desk) -> None:
    sit(f"{PASTE} 3q", "f", "a", f"{PASTE}b c 3 q", "enter")
    assert desk.standing() == ["long:0 flag"]
    assert [flag.remark for flag in desk.history.flags()] == ["ab c 3 q"]


def test_counts_in_a_narrow_window(sit: Sit) -> None:
    assert "0 learning, 0 reviews, 2 new" in sit()[0].split("\n")[0]
    assert sit(size=(30, 12))[0].split("\n")[0].endswith(" 0+0+2")


def test_signs_of_a_terminal_without_unicode(sit: Sit) -> None:
    seen = sit("space", "3", "space", "3", "f", unicode=False)
    assert "Deck - basic" in seen[0]
    assert all(page.isascii() for page in seen)


def test_the_end_of_a_line() -> None:
    assert tail("abc", 5) == "abc"
    assert tail("abcdef", 3) == "def"
    assert tail("精度と", 5) == "度と"
    assert tail("精" * 10_000, 4) == "精精"
    assert tail("abc", 0) == ""


def test_a_line_is_edited() -> None:
    typed = ""
    for key in ("a", "space", "backspace", "b", "\u200d", "up", "ctrl-l", None, f"{PASTE}c d"):
        ended, typed = edited(typed, key)
        assert not ended
    assert typed == "ab\u200dc d"
    assert edited(typed, "ctrl-u") == (False, "")
    for key in ("enter", "esc", END, "ctrl-d"):
        assert edited(typed, key) == (True, typed)
