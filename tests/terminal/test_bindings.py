"""Each key does what its line says, where it says so, and nothing elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from aipm_cards.model import Rating
from aipm_cards.terminal import bindings
from aipm_cards.terminal.bindings import BINDINGS, CONTROLS, Binding, Phase, action_of, usable
from aipm_cards.terminal.pages import help_page
from aipm_cards.terminal.plain import spoken
from tests.terminal.notes import CALCULATION, INTERVIEW
from tests.terminal.scripted import Desk, Step, Typed, Watched, basic, desk_of

README = Path(__file__).parent.parent.parent / "README.md"
SCROLLING = ("up", "down", "page up", "page down", "top", "bottom")
EVERY = [
    (binding, phase, key) for binding in BINDINGS for phase in Phase if phase in binding.phases for key in binding.keys
]
NOTES = {"": basic("a"), "number": CALCULATION, "rubric": INTERVIEW, "clock": INTERVIEW, "changed": basic("a")}


def names(case: tuple[Binding, Phase, str]) -> str:
    return f"{case[0].action}-{case[1].name.lower()}-{case[2]}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, basic("first")) as desk:
        yield desk


def test_no_key_means_two_things_in_one_phase() -> None:
    for one, other in combinations(BINDINGS, 2):
        if one.phases & other.phases:
            assert not set(one.keys) & set(other.keys), (one.action, other.action)


def test_no_action_has_two_lines_in_one_phase() -> None:
    for one, other in combinations(BINDINGS, 2):
        assert one.action != other.action, one.action


def test_what_a_card_has_not_is_not_usable() -> None:
    for binding in BINDINGS:
        for phase in binding.phases:
            assert (binding in usable(phase)) == (not binding.only)
            assert binding in usable(phase, ["rubric", "clock", "number", "changed"])
            assert action_of(binding.keys[0], phase, [binding.only]) == binding.action
    assert action_of("x", Phase.ANSWER, ["clock"]) == ""


def test_only_what_depends_on_the_card_has_a_label() -> None:
    assert {b.action for b in BINDINGS if b.label} == {b.action for b in BINDINGS if b.only} - {"previous point"}


def reached(desk: Desk, phase: Phase, only: str) -> list[Step]:
    """The keys that lead to a phase with a card that has something; one answer is there to undo."""
    note = NOTES[only]
    keys: list[Step] = ["space", "3"]
    desk.shelf.collection = desk.shelf.collection.__class__(
        desk.shelf.collection.root, "Scripted", "scripted", notes=(basic("first"), note)
    )
    if only == "changed":
        desk.review("space", "3", "space", "3")
        desk.shelf.put(basic("a", back="This is another a."))
        desk.clock.forward(days=60)
    if phase is Phase.END:
        return [*keys, "space", "3"]
    return [*keys, "space"] if phase is Phase.ANSWER else keys


def effect(desk: Desk, view: Watched, before: int, action: str) -> bool:
    """Whether something happened that this action is for."""
    page, after = view.pages[before], view.pages[before + 1]
    stored = desk.standing()
    if action in ("again", "hard", "good", "easy", "accept"):
        name = "Good" if action == "accept" else action.capitalize()
        return stored[-1].endswith(f" {name}") and after.turn > page.turn
    checks: dict[str, Callable[[], bool]] = {
        "show": lambda: after.new > 0 and page.new == 0,
        "look": lambda: after.title == page.title,
        "type": lambda: view.asked != [] and "Your answer: 5" in view.text(),
        "next point": lambda: "> [ ]" in "".join(after.sections[page.new].signs),
        "previous point": lambda: after.sections[page.new].signs[-1].startswith(">"),
        "tick": lambda: "[x]" in "".join(after.sections[page.new].signs),
        "pause": lambda: "paused" in after.clock,
        "afresh": lambda: stored[-1].endswith(" afresh"),
        "undo": lambda: "Taken back: " in after.notice,
        "bury": lambda: stored[-1].endswith(" bury"),
        "suspend": lambda: stored[-1].endswith(" suspend"),
        "flag": lambda: stored[-1].endswith(" flag"),
        "source": lambda: "cards/" in after.notice and view.away == ["left", "entered"],
        "info": lambda: after.title == "Card information",
        "help": lambda: after.title == "Help",
        "ahead": lambda: desk.reviewer.session.wish.ahead >= 1,
        "cram": lambda: desk.reviewer.session.wish.cram,
    }
    if action in SCROLLING:
        return view.scrolled == [action]
    return checks[action]()


@pytest.mark.parametrize(("binding", "phase", "key"), EVERY, ids=map(names, EVERY))
def test_each_key_works_in_each_phase_that_it_names(desk: Desk, binding: Binding, phase: Phase, key: str) -> None:
    before = reached(desk, phase, binding.only)
    more: list[Step] = [Typed("5")] if binding.action in ("type", "flag") else []
    if binding.action == "quit":
        view = desk.review(*before, key)  # what is left of a script is an error, so nothing comes after it
        assert len(view.pages) == len(before) + 1
        return
    view = desk.review(*before, key, *more)
    assert effect(desk, view, len(before), binding.action), view.text()


OTHERS = sorted({key for binding in BINDINGS for key in binding.keys} | {"esc", "left", "backspace", "5", "é", "Q"})


@pytest.mark.parametrize("phase", Phase)
def test_other_keys_do_nothing(desk: Desk, phase: Phase) -> None:
    before = reached(desk, phase, "")
    keys = [key for key in OTHERS if not action_of(key, phase)]
    assert {"esc", "5", "x"} <= set(keys)
    view = desk.review(*before, *keys)
    assert view.pages[len(before)] == view.last
    assert len(desk.standing()) == (2 if phase is Phase.END else 1)


def test_the_help_is_made_from_the_bindings() -> None:
    lines = spoken(help_page())
    for binding in BINDINGS:
        said = f"{' or '.join(binding.keys)}: {binding.help}"
        assert sum(line.endswith(f": {said}") for line in lines) == 1, said
    assert len(lines) == len(BINDINGS) + len(CONTROLS)


def test_every_line_of_the_help_stands_below_its_phase() -> None:
    sections = {section.label: "\n".join(spoken([section])) for section in help_page()}
    assert list(sections) == ["At the question", "At the answer", "At both", "At the end", "Everywhere"]
    assert "show the answer" in sections["At the question"]
    assert "rate it Hard" in sections["At the answer"]
    assert "study ahead" in sections["At the end"]
    assert "bury" in sections["At both"]
    assert "leave" in sections["Everywhere"]
    for key in ("ctrl-c", "ctrl-z", "ctrl-l"):
        assert key in sections["Everywhere"]


@pytest.mark.parametrize("phase", Phase)
def test_hints_name_keys_that_work_there(desk: Desk, phase: Phase) -> None:
    view = desk.review(*reached(desk, phase, "rubric"))
    assert len(view.last.hints) >= 3
    for hint in view.last.hints:
        assert action_of(hint.key, phase, ["rubric", "clock"]), hint


def test_hints_of_the_end_name_all_that_one_can_do_there(desk: Desk) -> None:
    view = desk.review(*reached(desk, Phase.END, ""))
    named = {hint.key for hint in view.last.hints}
    wanted = {b.keys[0] for b in usable(Phase.END) if b.action not in SCROLLING}
    assert named == wanted


def test_the_readme_names_the_keys_as_they_are() -> None:
    page = README.read_text(encoding="utf-8")
    (said,) = re.findall(r"## Review in the terminal\n(.*?)\n## ", page, re.DOTALL)
    assert "Space shows the answer and then means Good" in said
    assert action_of("space", Phase.QUESTION) == "show"
    assert action_of("space", Phase.ANSWER) == "accept"
    assert "`1` to `4` rate it" in said
    assert [action_of(str(r.value), Phase.ANSWER) for r in Rating] == [r.name.lower() for r in Rating]
    wanted = {"u": "undo", "?": "help", "x": "tick", "t": "type"}
    for key, action in wanted.items():
        assert re.search(rf"`\{key}`" if key == "?" else f"`{key}`", said), key
        (binding,) = (binding for binding in BINDINGS if binding.action == action)
        assert binding.keys == (key,)
    assert "Tab moves over its points" in said
    assert action_of("tab", Phase.ANSWER, ["rubric"]) == "next point"


def test_the_actions_of_a_card_are_all_known() -> None:
    from aipm_cards.terminal import reviewer

    handled = {r.name.lower() for r in Rating} | {"accept", "undo", "help", "quit", *SCROLLING, *reviewer._ACTIONS}
    on_cards = {b.action for b in BINDINGS if b.phases & {Phase.QUESTION, Phase.ANSWER}}
    assert on_cards == handled
    assert bindings.action_of("q", Phase.END) == "quit"
