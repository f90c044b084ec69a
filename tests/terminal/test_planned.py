"""A plan as it is drawn and as it is read aloud.

`python -m tests.terminal.test_planned` writes the looks anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from aipm_cards.memory.days import date_of, day_of
from aipm_cards.memory.planning.advice import Advice, Aim, Change, Course, Range
from aipm_cards.memory.planning.simulate import Limits
from aipm_cards.terminal.look import Look
from aipm_cards.terminal.planned import MOST_ROWS, Way, drawn, rows, sentences, spoken

LOOKS = Path(__file__).parent / "plans"
TODAY = day_of(date_of(0).replace(2026, 11, 29))
COLOURED, PLAIN, ASCII = Look(True, True, True), Look(False, False, True), Look(False, False, False)
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def course(days: int, cards: int, minutes: float) -> list[Course]:
    """Days on which cards become known, fewer each day, with minutes that rise at the end."""
    found = []
    for day in range(days):
        known = cards * (1 - 0.88**day)
        band = Range(known, float(int(known * 0.8)), min(float(cards), float(int(known * 1.1))))
        found.append(Course(TODAY + day, band, minutes + day % 3, minutes * 1.5 + day / 2))
    return found


def made(days: int = 21, minutes: float = 25.0) -> Advice:
    """Advice for 480 cards that can be."""
    return Advice(
        Aim(frozenset(), TODAY, TODAY + days, minutes),
        Limits(18, 0.82, 3, minutes, new_first=True),
        cards=480,
        new=358,
        remembered=Range(412.4, 391, 430),
        now=0.0,
        typical=25.2,
        busiest=40.6,
        left_out=["a:0", "b:0", "b:1"],
        course=course(days, 480, 24),
        changes=[Change(each, TODAY + days, 480, 387.4 + each) for each in (20.0, 30.0)],
        nearest=[],
    )


LEFT_OUT = [("Ethics::Scenarios", 2), ("Concepts::Strategy", 1)]
POSSIBLE = made()
CHANGES = [
    Change(50.0, TODAY + 21, 480, 420.0),
    Change(25.0, TODAY + 32, 480, 430.6),
    Change(25.0, TODAY + 21, 201, 190.0, part=0),
]
FEWER = [replace(change, expected=change.expected - 202.4) for change in POSSIBLE.changes]
IMPOSSIBLE = replace(POSSIBLE, remembered=Range(210.0, 180, 240), changes=FEWER, nearest=CHANGES)
ASK = "aipm-cards plan --on 2026-12-20"
WAYS = [
    Way(CHANGES[0], "", f"{ASK} --minutes 50 'Concepts::A very long name of a deck that no line must break' --tier 1"),
    Way(CHANGES[1], "", "aipm-cards plan --on 2026-12-31 --minutes 25"),
    Way(CHANGES[2], "tier 1", f"{ASK} --minutes 25 --tier 1"),
]


def looks() -> dict[str, str]:
    """Every look that is kept."""
    found = {f"possible-{width}.txt": drawn(POSSIBLE, LEFT_OUT, [], width, PLAIN) for width in (60, 80, 120, 200)}
    found["possible-ascii-80.txt"] = drawn(POSSIBLE, LEFT_OUT, [], 80, ASCII)
    found["possible-styled-60.txt"] = drawn(POSSIBLE, LEFT_OUT, [], 60, COLOURED)
    found["possible-spoken.txt"] = spoken(POSSIBLE, LEFT_OUT, [])
    found["impossible-60.txt"] = drawn(IMPOSSIBLE, LEFT_OUT, WAYS, 60, PLAIN)
    found["impossible-spoken.txt"] = spoken(IMPOSSIBLE, LEFT_OUT, WAYS)
    found["long-80.txt"] = drawn(made(days=200), LEFT_OUT, [], 80, PLAIN)
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


@pytest.mark.parametrize("name", looks())
def test_a_plan_looks_as_it_did(name: str) -> None:
    assert (LOOKS / name).read_text(encoding="utf-8") == looks()[name]


def test_there_is_no_other_look() -> None:
    assert {path.name for path in LOOKS.iterdir()} == set(looks())


@pytest.mark.parametrize("width", [60, 61, 79, 100, 140, 200])
@pytest.mark.parametrize("days", [1, 2, 21, 22, 43, 150, 366])
def test_no_line_is_wider_than_the_terminal(days: int, width: int) -> None:
    advice = replace(made(days=days), cards=12_345, remembered=Range(12_000.4, 11_000, 12_345))
    lines = drawn(advice, LEFT_OUT, [], width, COLOURED)
    assert max(cell_len(STYLE.sub("", line)) for line in lines) <= width
    assert len(rows(advice)) <= MOST_ROWS + 1
    assert (rows(advice)[0].day, rows(advice)[-1].day) == (TODAY, TODAY + days)


def test_a_style_only_adds_to_what_is_there() -> None:
    assert [STYLE.sub("", line) for line in drawn(POSSIBLE, [], [], 80, COLOURED)] == drawn(POSSIBLE, [], [], 80, PLAIN)
    assert all(line.isascii() for line in drawn(POSSIBLE, [], [], 80, ASCII))


def said(advice: Advice, left_out: Sequence[tuple[str, int]] = ()) -> str:
    return " ".join(sentences(advice, left_out))


def test_what_the_limits_are_called() -> None:
    every = replace(POSSIBLE, limits=Limits(9999, 0.9, 0))
    assert "Best for it: all new cards as soon as there is time, desired retention 0.9." in said(every)
    many = replace(POSSIBLE, limits=Limits(200, 0.9, 0, minutes=20.0))
    assert "as many new cards as there is time for, up to 200 a day, desired retention 0.9." in said(many)
    none = replace(POSSIBLE, new=0, limits=Limits(1, 0.9, 1))
    assert "Best for it: desired retention 0.9, each card once more from 2026-12-19 on." in said(none)
    one = replace(POSSIBLE, limits=Limits(1, 0.9, 0))
    assert "up to 1 new card a day, desired retention 0.9." in said(one)


def test_what_other_minutes_bring() -> None:
    assert "With 20 minutes a day: about 407, 5 fewer; with 30 minutes a day: about 417, 5 more." in said(POSSIBLE)
    same = replace(POSSIBLE, changes=[replace(POSSIBLE.changes[0], expected=412.0)])
    assert "With 20 minutes a day: about as many." in said(same)
    assert "With" not in said(replace(POSSIBLE, changes=[]))


def test_little_time_and_few_cards() -> None:
    little = replace(POSSIBLE, typical=0.2, busiest=1.0, cards=1, aim=replace(POSSIBLE.aim, date=TODAY + 1))
    little = replace(little, remembered=Range(0.4, 0, 1))
    assert "By 2026-11-30, in 1 day: 0.4 of 1 card remembered" in said(little)
    assert "It takes less than a minute on a usual day, and up to 1 on the busiest." in said(little)
    assert "and up to 1 on the busiest." in said(replace(little, busiest=0.3))


def test_what_is_left_out_is_named_up_to_a_bound() -> None:
    decks = [(f"Deck {number}", 9 - number) for number in range(7)]
    assert "about 3 cards: Deck 0 9, Deck 1 8, Deck 2 7, Deck 3 6, Deck 4 5, 2 more decks." in said(POSSIBLE, decks)
    assert "Left out" not in said(replace(POSSIBLE, left_out=[]))


def test_nothing_near_is_possible() -> None:
    lines = spoken(replace(IMPOSSIBLE, nearest=[]), [], [])
    assert "No other minutes, date or cards near that were found possible." in lines


def test_a_name_of_a_deck_is_safe_to_print() -> None:
    name = "a\x1b]0;title\x07b\nc\u202e"
    lines = drawn(POSSIBLE, [(name, 1)], [Way(CHANGES[0], "", f"aipm-cards plan '{name}'")], 80, PLAIN)
    lines += drawn(IMPOSSIBLE, [(name, 1)], [Way(CHANGES[0], "", f"aipm-cards plan '{name}'")], 80, PLAIN)
    lines += spoken(IMPOSSIBLE, [(name, 1)], [Way(CHANGES[0], name, f"aipm-cards plan '{name}'")])
    assert not {"\x1b", "\x07", "\n", "\u202e"} & set("".join(lines))


if __name__ == "__main__":
    LOOKS.mkdir(exist_ok=True)
    for old in LOOKS.iterdir():
        old.unlink()
    for name, text in looks().items():
        (LOOKS / name).write_text(text, encoding="utf-8", newline="\n")


def test_what_is_said_to_be_possible_is_what_is_taken_for_it() -> None:
    from aipm_cards.memory.planning import advice
    from aipm_cards.terminal import planned

    assert round(100 * advice.READY) == planned.READY
