"""A mock interview by a script of keys: its clock, what each key does, and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryBusy
from aipm_cards.memory.days import Moment
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Asked, Mock, Result
from aipm_cards.memory.store import Store
from aipm_cards.model import Collection, Note, Point
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.interview_keys import BINDINGS, PLACES
from aipm_cards.terminal.interviewer import Interviewer, Tools
from aipm_cards.terminal.pages import help_page, lines
from aipm_cards.terminal.plain import spoken
from tests.terminal.notes import INTERVIEW, SCENARIO, SOURCES
from tests.terminal.scripted import START, Clock, Step, Typed, Watched, at

POINTS = tuple(Point(text, text == "the user") for text in ("the user", "a metric", "a risk", "a decision"))
RUBRIC = {"rubric": POINTS, "pass": 3}
FIRST = replace(INTERVIEW, id="first", content={**INTERVIEW.content, **RUBRIC, "follow_ups": ("At night?", "Alone?")})
SECOND = replace(SCENARIO, id="second", retired="", content={**SCENARIO.content, **RUBRIC})
ASKED = (Asked("first:0", "PS", 120), Asked("second:0", "RA", 900))
ALL = ("tab", "x", "tab", "x", "tab", "x", "tab", "x")


@dataclass
class Room:
    """An interview, its clocks, and what the tools of it were asked."""

    store: Store
    clock: Clock = field(default_factory=lambda: Clock(at("2026-09-21T12:00")))
    notes: dict[str, Note] = field(default_factory=lambda: {"first": FIRST, "second": SECOND})
    earlier: dict[str, tuple[Result, Moment]] = field(default_factory=dict)
    counted: list[int] = field(default_factory=list)
    compose: Callable[[str, Callable[[str], None]], str] = lambda text, keep: ""
    suspend: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        numbers = count()
        self.interviews = Interviews(self.store, "scripted", "laptop", lambda: next(numbers).to_bytes(10), START)
        self.mock = self.interviews.begin(ASKED, self.clock(), 7, {})

    def hold(self, *script: Step, is_spoken: bool = False) -> Watched:
        """Hold the interview by a script, from where it stands."""
        view = Watched(script, is_spoken)
        (mock,) = self.interviews.all()
        collection = Collection(Path(), "Scripted", "scripted", sources=SOURCES)
        self.mock = Interviewer(self.interviews, mock, collection, view, self.tools(), self.earlier).run()
        assert not view.script, f"it ended before {view.script}"
        assert examine(self.store).problems == []
        assert self.interviews.all() == [self.mock]
        return view

    def tools(self) -> Tools:
        return Tools(
            self.clock.stopwatch,
            self.clock,
            self.notes.get,
            lambda card: 0,
            lambda note_id: ("ops",),
            lambda text, keep: self.compose(text, keep),
            self.count,
            lambda mock: self.interviews.take_back(mock, self.clock()),
            lambda mock, spoken: (Section("How it went", lines(f"{len(mock.results)} answers")),),
            lambda: self.suspend(),
        )

    def count(self, mock: Mock, number: int) -> tuple[Mock, str]:
        self.counted.append(number)
        return self.interviews.counted(mock, number, "", self.clock(), "stale"), "It does not count."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Store(tmp_path / "history.db") as store:
        yield Room(store)


def test_the_clock_counts_down_and_then_tells_how_far_it_is_over(room: Room) -> None:
    view = room.hold(None, room.clock.later(50), None, None, room.clock.later(75), None, "space")
    clocks = ["2:00 left", "1:10 left", "0:05 over time", "2:05 of 2:00"]
    assert list(dict.fromkeys(page.clock for page in view.pages)) == clocks
    assert view.patience[:3] == [1.0] * 3
    assert view.patience[-1] is None  # it stands
    assert "Over time, 2:05 of 2:00: the rubric counts it." in view.text()


def test_over_time_is_hard(room: Room) -> None:
    room.hold(room.clock.later(121), "space", *ALL, "space", "q", "y")
    result = room.mock.results[0]
    assert (result.late, result.rating.name, result.took) == (True, "HARD", 121_000)


def test_a_pause_and_other_programs_take_no_time(room: Room) -> None:
    room.suspend = room.clock.later(500)
    view = room.hold(
        *(room.clock.later(10), "p", room.clock.later(1000), None, "p", room.clock.later(5), "c", "ctrl-z"),
        *("q", room.clock.later(300), "x", "?", "k", "x", room.clock.later(20), "space"),
    )
    assert "1:50 left, paused" in [page.clock for page in view.pages]
    assert "1:45 left." in [page.notice for page in view.pages]
    assert view.pages[-1].clock == "0:35 of 2:00"
    assert view.away == ["left", "entered"]


def test_what_was_left_goes_on_with_its_time_its_text_and_its_ticks(room: Room) -> None:
    room.hold("t", Typed("one"), Typed("two"), Typed(""), room.clock.later(30), "q", "y")
    room.clock.forward(days=2)
    view = room.hold(None, "space", "tab", "x", "ctrl-d")
    assert view.pages[0].clock == "1:30 left"
    assert "Your answer so far: one\ntwo" in view.text(0)
    view = room.hold(None, *("tab",) * 5, "esc", "y")
    assert "1 of 4 points" in view.text(0) or "1 of 3 points" in view.text(0)
    assert view.pages[0].clock == "0:30 of 2:00"
    assert room.mock.draft is not None
    assert room.mock.draft.ticks == (0,)


def test_the_answer_is_kept_as_it_was_given(room: Room) -> None:
    view = room.hold("t", Typed("a\tb \x1b[31m"), Typed("."), "space", "tab", "x", "space", "n", "q")
    result = room.mock.results[0]
    assert result.text == "a b \ufffd[31m"
    assert result.said == {0}
    assert result.points == FIRST.points()
    assert result.skills == ("ops",)
    assert room.mock.left_out == {1: "the learner left it out"}
    assert room.mock.ended == "finished"
    assert "1 answers" in view.text()


def test_a_line_that_esc_breaks_off_is_kept(room: Room) -> None:
    view = room.hold("t", Typed("one"), Typed(None, "half a line"), None, "t", Typed(None), "q", "y")
    assert "Your answer so far: one\nhalf a line" in view.text(1)
    assert view.pages[1].notice == "The line that you were typing is kept."
    assert view.pages[3].notice == ""
    assert room.mock.draft is not None
    assert room.mock.draft.text == "one\nhalf a line"


def test_the_last_question_is_called_so(room: Room) -> None:
    view = room.hold("q", "x", "n", "q", "y")
    said = [view.text(number) for number in range(len(view.pages))]
    assert any("2 of 2 questions are left, this one among them." in words for words in said)
    assert "This is the last question." in said[-1]


def test_nothing_ticked_is_asked_again(room: Room) -> None:
    view = room.hold("space", "space", "space", "q", "y")
    assert "No point is ticked. Space again stores 0 of" in view.text(2)
    assert room.mock.results[0].said == frozenset()


def test_undo_goes_back_to_the_rubric_as_it_stood(room: Room) -> None:
    view = room.hold(
        "u", "t", Typed("one"), Typed(""), room.clock.later(30), "space", *ALL, "space", "u", None, "x", "space"
    )
    assert view.pages[1].notice == "There is nothing to take back."
    back = view.pages[-3]
    assert (back.clock, back.notice) == ("0:30 of 2:00", "Taken back: tick it anew, and space stores it.")
    assert "Your answer: one" in view.text(-3)
    assert "4 of 4 points" in view.text(-3)
    assert (room.mock.turn, room.mock.results[0].text) == (1, "one")


def test_undo_at_the_end_and_of_what_was_left_out(room: Room) -> None:
    view = room.hold("n", "n", "u", "t", Typed("two"), Typed(""), "u", "n", "n", "u", "u", None)
    assert "Finish this one first" in view.text(5)
    assert "n again leaves out what you typed" in view.text(6)
    assert (room.mock.turn, room.mock.ended, room.mock.left_out) == (0, "", {})


def test_ended_by_the_learner(room: Room) -> None:
    room.hold("space", *ALL, "space", "q", "f", "space")
    assert (room.mock.ended, len(room.mock.results)) == ("ended by the learner", 1)


def test_a_scenario_is_asked_with_its_round(room: Room) -> None:
    view = room.hold("n", None)
    assert "Responsible AI, 15 min" in view.text()
    assert view.pages[-1].title == "Responsible AI · mock interview"


def test_the_mistakes_come_after_the_rubric_and_one_follow_up(room: Room) -> None:
    view = room.hold("space", None)
    labels = [section.label for section in view.pages[-1].sections]
    wanted = ["Did you say it?", "Mistakes", "And then you are asked", "A good answer"]
    assert [label for label in labels if label in wanted] == wanted
    assert "What comes next" not in labels


def test_the_earlier_answer_is_shown_without_text_too(room: Room) -> None:
    room.hold("space", "tab", "x", "space", "q", "f", "q")
    room.earlier = {"first:0": (room.mock.results[0], room.clock())}
    room.mock = room.interviews.begin(ASKED, room.clock(), 8, {})
    room.interviews.all = lambda: [room.mock]  # type: ignore[method-assign]
    view = Watched(["t", Typed("new"), Typed(""), "space", None])
    collection = Collection(Path(), "Scripted", "scripted", sources=SOURCES)
    Interviewer(room.interviews, room.mock, collection, view, room.tools(), room.earlier).run()
    assert "Last time: 21 September 2026: Again, 1 of" in view.text()
    assert "Said aloud." in view.text()
    assert "Not said last time" in view.text()


def test_ticks_of_a_rubric_that_has_another_point_since(room: Room) -> None:
    """A tick is a line of the rubric: that of "over time" must not become one of the new point."""
    room.hold(room.clock.later(121), "space", "tab", "x", "q", "y")
    more = {**FIRST.content, "rubric": (Point("the cost", True), *POINTS)}
    room.notes["first"] = replace(FIRST, content=more)
    room.hold(None, "space", "space", "q", "y")
    result = room.mock.results[0]
    assert (result.said, result.late) == (frozenset(), True)


def test_a_question_that_left_the_sources(room: Room) -> None:
    del room.notes["first"]
    room.notes["second"] = replace(SECOND, retired="wrong")
    view = room.hold(None)
    assert room.mock.left_out == {0: "it left the sources", 1: "it left the sources"}
    assert "second:0 is no longer in the sources" in view.text()


def test_another_session_went_on(room: Room) -> None:
    (other,) = room.interviews.all()
    view = Watched(["space", "q", "y"])
    room.hold("space", "q", "y")
    collection = Collection(Path(), "Scripted", "scripted", sources=SOURCES)
    Interviewer(room.interviews, other, collection, view, room.tools(), {}).run()
    assert "Not stored: this interview went on in another session" in view.text(1)
    assert "What you typed last is not stored" in view.text(2)


def test_a_history_that_is_busy_loses_nothing(room: Room) -> None:
    """The answer stays on the screen until it can be stored."""
    answer = room.interviews.answer

    def busy(*_: object) -> Mock:
        room.interviews.answer = answer  # type: ignore[method-assign]
        raise HistoryBusy("history.db: another program has been writing")

    room.interviews.answer = busy  # type: ignore[assignment, method-assign]
    view = room.hold("space", *ALL, "space", "space", "q", "y")
    assert "Not stored: history.db: another program has been writing" in view.text(10)
    assert len(room.mock.results) == 1


def test_results_count_also_those_of_an_earlier_run(room: Room) -> None:
    with closing(room.store.connection.execute("UPDATE interview SET detail = replace(detail, 'false', 'true')")):
        pass
    room.hold("space", "tab", "x", "space", "q", "y")
    assert room.counted == [0]
    room.store.connection.execute("DELETE FROM interview WHERE kind = 5")
    view = room.hold(None)
    assert room.counted == [0, 0]
    assert "It does not count." in view.text(0)


def test_the_editor(room: Room) -> None:
    def compose(text: str, keep: Callable[[str], None]) -> str:
        room.clock.forward(20)
        keep(f"{text}From the editor.\n")
        return "vi ended with 1"

    room.compose = compose
    view = room.hold("e", None)
    assert "Your answer so far: From the editor." in view.text()
    assert (view.pages[-1].notice, view.pages[-1].clock) == ("vi ended with 1", "1:40 left")  # it is part of the answer
    assert view.away == ["left", "entered"]
    assert room.mock.draft is not None
    assert room.mock.draft.text == "From the editor."


@contextmanager
def _interrupted() -> Iterator[None]:
    with pytest.raises(KeyboardInterrupt):
        yield


def test_an_editor_that_is_killed(room: Room) -> None:
    def compose(text: str, keep: Callable[[str], None]) -> str:
        try:
            raise KeyboardInterrupt
        finally:
            keep("what was saved")

    room.compose = compose
    with _interrupted():
        room.hold("e")
    (mock,) = room.interviews.all()
    assert mock.draft is not None
    assert mock.draft.text == "what was saved"


def test_it_is_said_what_a_screen_shows(room: Room) -> None:
    view = room.hold(room.clock.later(65), "p", "p", "space", "tab", "x", "space", is_spoken=True)
    assert view.said[:3] == ["Paused: 0:55 left, paused.", "Going on: 0:55 left.", "You took 1:05 of 2:00."]
    assert view.said[-1].startswith("Again: 1 of")


def test_the_help_has_every_key_once() -> None:
    said = "\n".join(spoken(help_page(BINDINGS, PLACES)))
    for key in ("space or enter", "t:", "e:", "p:", "n:", "c:", "x:", "tab:", "q or esc"):
        assert key in said
