"""The rubric while it is ticked: its lines, and the rating that it proposes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aipm_cards.kinds import rating_earned
from aipm_cards.model import Point, Rating
from aipm_cards.terminal.paper import Look, draw
from aipm_cards.terminal.plain import spoken
from aipm_cards.terminal.rubric import Rubric, rubric_of, section
from tests.terminal.notes import BASIC, INTERVIEW, NOTES, SCENARIO

POINTS = (Point("Names the *user*", True), Point("Names a metric", False), Point("Names a risk", False))
FRESH, LATE = 4, 3
NEW = Rubric(POINTS, passing=2)
PLAIN = Look(False, False, True)


def ticked(*lines: int) -> Rubric:
    """The rubric with these lines ticked, as Tab and x do it."""
    rubric = NEW
    for line in lines:
        while rubric.at != line:
            rubric = rubric.moved(1)
        rubric = rubric.toggled()
    return rubric


def test_which_notes_have_one() -> None:
    assert [note.kind for note in NOTES if rubric_of(note)] == ["interview", "scenario"]
    assert rubric_of(BASIC) is None
    rubric = rubric_of(INTERVIEW)
    assert rubric is not None
    assert rubric.points == INTERVIEW.points()
    assert rubric.passing == INTERVIEW.number("pass")
    assert not rubric.touched


@pytest.mark.parametrize(
    ("lines", "rating", "reason"),
    [
        ((0,), Rating.AGAIN, "1 of 3 points, 2 needed"),
        ((1, 2), Rating.AGAIN, "2 of 3 points, but a must is missing"),
        ((0, 1), Rating.GOOD, "2 of 3 points"),
        ((0, 1, 2), Rating.GOOD, "3 of 3 points"),
        ((0, 1, LATE), Rating.HARD, "2 of 3 points, over time or with a hint"),
        ((0, 1, FRESH), Rating.EASY, "2 of 3 points"),
        ((0, 1, LATE, FRESH), Rating.HARD, "2 of 3 points, over time or with a hint"),
        ((LATE, FRESH), Rating.AGAIN, "0 of 3 points, 2 needed"),
        ((1, 2, FRESH), Rating.AGAIN, "2 of 3 points, but a must is missing"),
        ((0, 1, 1), Rating.AGAIN, "1 of 3 points, 2 needed"),
    ],
)
def test_what_the_ticks_earn(lines: tuple[int, ...], rating: Rating, reason: str) -> None:
    rubric = ticked(*lines)
    assert rubric.earned is rating
    assert rubric.reason == reason
    assert rubric.proposal() == f"{rating.name.capitalize()}: {reason}"


@given(st.frozensets(st.integers(0, 4)), st.integers(1, 3), st.lists(st.booleans(), min_size=3, max_size=3))
def test_it_earns_what_the_table_of_kinds_says(ticks: frozenset[int], passing: int, musts: list[bool]) -> None:
    points = tuple(Point(str(number), must) for number, must in enumerate(musts))
    rubric = Rubric(points, passing, ticks, touched=True)
    missing = any(must and number not in ticks for number, must in enumerate(musts))
    said = [number for number in range(3) if number in ticks]
    assert rubric.said == said
    assert rubric.earned is rating_earned(len(said), missing, passing, LATE in ticks, FRESH in ticks)


def test_it_proposes_nothing_before_a_point_was_ticked() -> None:
    assert NEW.proposal() == ""
    assert NEW.moved(1).proposal() == ""
    assert ticked(0, 0).proposal() == "Again: 0 of 3 points, 2 needed"


def test_the_clock_ticks_a_line_but_proposes_nothing() -> None:
    late = NEW.late()
    assert late.ticks == {LATE}
    assert not late.touched
    assert late.moved(1).toggled().moved(1).toggled().earned is Rating.HARD


def test_tab_goes_round_both_ways() -> None:
    rubric = NEW
    found = []
    for _ in range(6):
        rubric = rubric.moved(1)
        found.append(rubric.at)
    assert found == [0, 1, 2, 3, 4, 0]
    assert NEW.moved(-1).at == 4
    assert NEW.moved(1).moved(-1).at == 4
    assert not rubric.ticks


def test_x_before_tab_ticks_the_first_point() -> None:
    rubric = NEW.toggled()
    assert (rubric.at, set(rubric.ticks), rubric.touched) == (0, {0}, True)


def test_how_it_looks() -> None:
    lines = draw([section(ticked(0, 2), spoken=False)], 60, PLAIN)
    assert lines == [
        "Did you say it?:",
        "  [x] Names the _user_ (must)",
        "  [ ] Names a metric",
        "> [x] Names a risk",
        "  [ ] Over time, or with a hint",
        "  [ ] I would say it the same way tomorrow, with a fresh",
        "      example",
        "",
        "Good: 2 of 3 points",
    ]


def test_what_is_reached_and_ticked_needs_no_colour() -> None:
    for look in (PLAIN, Look(True, True, True), Look(False, True, False)):
        text = "\n".join(draw([section(ticked(1), spoken=False)], 60, look))
        assert "> [x]" in text
        assert text.count("[ ]") == 4
        assert "(must)" in text


def test_how_it_sounds() -> None:
    assert spoken([section(ticked(0, 1), spoken=True)]) == [
        "Did you say it?: 1 of 5, ticked, a must: Names the user",
        "2 of 5, ticked: Names a metric",
        "3 of 5, not ticked: Names a risk",
        "4 of 5, not ticked: Over time, or with a hint",
        "5 of 5, not ticked: I would say it the same way tomorrow, with a fresh example",
        "Good: 2 of 3 points",
    ]


@pytest.mark.parametrize("width", [12, 20, 40, 80, 200])
@pytest.mark.parametrize("note", [INTERVIEW, SCENARIO], ids=lambda note: note.kind)
def test_it_fits(note: object, width: int) -> None:
    rubric = Rubric((Point("精度" * 30, True), Point("a" * 100, False)), 1).toggled()
    for line in draw([section(rubric, spoken=False)], width, PLAIN):
        from rich.cells import cell_len

        assert cell_len(line) <= width
