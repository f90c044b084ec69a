"""What each key does to a session: the reviewer over a view that follows a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryBusy
from aipm_cards.memory.history import Move
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import Wish
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Settings
from aipm_cards.model import Note
from aipm_cards.terminal.card import compared
from aipm_cards.terminal.reviewer import Reviewer, Tools
from tests.terminal import notes
from tests.terminal.notes import CALCULATION, CLOZE, INTERVIEW, REVERSED
from tests.terminal.scripted import SIMPLE, Desk, Step, Typed, Watched, at, basic, desk_of

A, B, C = basic("a"), basic("b"), basic("c")
NOTES = [replace(note, retired="") for note in notes.NOTES]
SCENARIO = replace(notes.SCENARIO, retired="")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, A, B, C) as desk:
        yield desk


def with_notes(desk: Desk, *notes: Note) -> Desk:
    desk.shelf.collection = replace(desk.shelf.collection, notes=notes)
    return desk


def test_space_shows_the_answer_and_then_means_good(desk: Desk) -> None:
    view = desk.review("space", "space", "enter", "enter")
    assert "This is a." not in view.text(0)
    assert "This is a." in view.text(1)
    assert "What is b?" in view.text(2)
    assert desk.standing() == ["a:0 Good", "b:0 Good"]


def test_ratings_wait_for_the_answer(desk: Desk) -> None:
    desk.review("3", "4", "1", "2")
    assert desk.standing() == []


def test_every_rating(desk: Desk) -> None:
    desk.review("space", "1", "space", "2", "space", "4")
    assert desk.standing() == ["a:0 Again", "b:0 Hard", "c:0 Easy"]


def test_an_answer_is_stored_before_the_next_card_is_shown(desk: Desk) -> None:
    stored: list[str] = []
    desk.review("space", "3", lambda: stored.extend(desk.standing()), "q")
    assert stored == ["a:0 Good"]


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.kind)
def test_every_kind_can_be_answered(desk: Desk, note: Note) -> None:
    with_notes(desk, note)
    view = desk.review("space", "3", wish=Wish(limit=1))
    assert view.pages[0].title == f"Deck · {note.kind}"
    assert view.pages[1].sections[: view.pages[1].new] == view.pages[0].sections
    assert len(view.pages[1].sections) > view.pages[1].new
    assert desk.standing() == [f"a-{note.kind}:0 Good"]


def test_the_time_taken_is_stored(desk: Desk) -> None:
    desk.review(desk.clock.later(4), "space", desk.clock.later(2.5), "3")
    assert desk.log()[0][1].took == 6500


def test_what_was_typed_ahead_takes_no_time(desk: Desk) -> None:
    desk.review("space", "3")
    assert desk.log()[0][1].took == 0


# --- undo ----------------------------------------------------------------------------------


def test_undo_brings_the_card_back(desk: Desk) -> None:
    view = desk.review("space", "1", "u")
    assert "What is a?" in view.text()
    assert view.last.notice == "Taken back: Again on a:0."
    assert desk.standing() == []
    assert desk.state("a:0").state == State.NEW


def test_undo_goes_back_step_by_step(desk: Desk) -> None:
    view = desk.review("space", "3", "space", "4", "b", "u", "u", "u", "u")
    assert [page.notice for page in view.pages[-4:]] == [
        "Taken back: bury on c:0.",
        "Taken back: Easy on b:0.",
        "Taken back: Good on a:0.",
        "There is nothing to undo.",
    ]
    assert desk.standing() == []


def test_undo_from_the_answer_of_the_next_card(desk: Desk) -> None:
    view = desk.review("space", "3", "space", "u")
    assert "What is a?" in view.text()
    assert "This is a." not in view.text()


def test_undo_at_the_end(desk: Desk) -> None:
    view = desk.review(*["space", "3"] * 3, "u")
    assert "Finished" in view.text(-2)
    assert "What is c?" in view.text()


def test_undo_after_a_restart(desk: Desk) -> None:
    desk.review("space", "3", "space", "4", "q")
    view = desk.review("u", "u", "u")
    assert "What is b?" in view.text(1)
    assert "What is a?" in view.text(2)
    assert view.last.notice == "There is nothing to undo."
    assert desk.standing() == []


def test_undo_at_the_end_of_a_session_whose_time_is_up_brings_the_card_back(desk: Desk) -> None:
    view = desk.review(desk.clock.later(100), "space", "1", "u", limit=60)
    assert "The time is up" in view.text(-2)
    assert "What is a?" in view.text()


def test_undo_of_a_card_of_another_deck(desk: Desk) -> None:
    desk.review("space", "3", "q")
    with_notes(desk, B, C)
    view = desk.review("u")
    assert view.last.notice == "Taken back: Good on a:0."
    assert "What is b?" in view.text()


def test_undo_of_a_suspension_after_a_restart(desk: Desk) -> None:
    desk.review("s", "q")
    assert "What is b?" in desk.review().text()
    view = desk.review("u")
    assert "What is a?" in view.text()
    assert not desk.state("a:0").suspended


def test_undo_of_what_was_postponed_takes_all_of_it_back(desk: Desk) -> None:
    desk.review(*["space", "4"] * 3)
    day = max(desk.state(f"{note}:0").due_day for note in "abc")
    desk.clock.forward(days=30)
    moves = [Move(f"{note}:0", desk.state(f"{note}:0").revision, day + 40) for note in "ab"]
    desk.history.move(moves, "postpone", desk.clock())
    view = desk.review("space", "u", "space", "3", wish=Wish(limit=3))
    assert "What is c?" in view.text(0)
    assert view.pages[2].notice == "Postponed 2 cards: taken back."
    assert desk.state("a:0").due_day <= day
    assert {*desk.standing()} >= {"a:0 Easy", "b:0 Easy", "c:0 Easy"}
    assert len(desk.standing()) == 4


def test_undo_of_a_flag_keeps_the_card_where_it_is(desk: Desk) -> None:
    view = desk.review("space", "f", Typed("wrong"), "u", "3")
    assert "This is a." in view.text(-2)
    assert desk.standing() == ["a:0 Good"]


# --- marks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), ("space",)], ids=["question", "answer"])
@pytest.mark.parametrize(
    ("key", "kind", "said"), [("b", "bury", "Buried until tomorrow"), ("s", "suspend", "Suspended")]
)
def test_bury_and_suspend(desk: Desk, before: tuple[str, ...], key: str, kind: str, said: str) -> None:
    view = desk.review(*before, key)
    assert view.last.notice == f"{said}: a:0. u takes it back."
    assert "What is b?" in view.text()
    assert desk.standing() == [f"a:0 {kind}"]
    assert "What is b?" in desk.review().text()
    desk.clock.forward(days=1)
    assert ("What is a?" in desk.review().text()) == (key == "b")


def test_a_flag_has_a_remark(desk: Desk) -> None:
    view = desk.review("f", Typed("  is this so? 精度 🎯 "), "space", "3")
    assert view.asked == ["What is wrong with it?"]
    assert view.pages[1].notice == "Flagged; `aipm-cards flags` lists it."
    assert [(flag.key, flag.remark) for flag in desk.history.flags()] == [("a:0", "is this so? 精度 🎯")]
    assert desk.standing() == ["a:0 flag", "a:0 Good"]


def test_a_flag_without_a_remark(desk: Desk) -> None:
    desk.review("f", Typed(""))
    assert [flag.remark for flag in desk.history.flags()] == [""]


def test_esc_leaves_the_remark(desk: Desk) -> None:
    view = desk.review("space", "f", Typed(None), "3")
    assert "This is a." in view.text(2)
    assert view.pages[2].notice == "Not flagged."
    assert desk.standing() == ["a:0 Good"]


# --- leaving -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["q", "ctrl-d"])
@pytest.mark.parametrize("before", [(), ("space",), ("space", "3") * 3], ids=["question", "answer", "end"])
def test_leaving(desk: Desk, before: tuple[str, ...], key: str) -> None:
    desk.review(*before, key)
    assert len(desk.standing()) == len(before) // 2


def test_ctrl_z_gives_the_terminal_back_meanwhile(desk: Desk) -> None:
    stopped: list[str] = []
    desk.suspend = lambda: stopped.append("stopped")
    view = desk.review("space", "ctrl-z", "3")
    assert view.away == ["left", "entered"]
    assert stopped == ["stopped"]
    assert view.pages[1] == view.pages[2]


# --- the clock of an interview ---------------------------------------------------------------


def test_the_clock_runs(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review(desk.clock.later(1), None, desk.clock.later(64), None, "space")
    assert [page.clock for page in view.pages] == ["0:00 of 5:00", "0:01 of 5:00", "1:05 of 5:00", ""]
    assert view.patience == [1.0, 1.0, 1.0, None]


def test_only_an_interview_has_a_clock(desk: Desk) -> None:
    with_notes(desk, SCENARIO)
    view = desk.review("p")
    assert view.last.clock == ""
    assert view.patience == [None, None]


def test_the_clock_can_be_paused(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    later = desk.clock.later
    view = desk.review(later(10), "p", later(500), None, "p", later(5), None, "space", "3", wish=Wish(limit=1))
    assert [page.clock for page in view.pages[1:5]] == [
        "0:10 of 5:00, paused",
        "0:10 of 5:00, paused",
        "0:10 of 5:00",
        "0:15 of 5:00",
    ]
    assert view.patience[1] is None
    assert desk.log()[0][1].took == 15_000


def test_the_clock_can_be_paused_twice(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    later = desk.clock.later
    desk.review(later(10), "p", later(90), "p", later(10), "p", later(70), "p", "space", "3", wish=Wish(limit=1))
    assert desk.log()[0][1].took == 20_000


def test_paused_and_shown(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    later = desk.clock.later
    desk.review(later(10), "p", later(500), "space", later(500), "3", wish=Wish(limit=1))
    assert desk.log()[0][1].took == 10_000


def test_over_time_is_counted_by_the_rubric(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review(desk.clock.later(301), "space", "x", "space", wish=Wish(limit=1))
    assert view.pages[1].notice == "Over time: the rubric counts it."
    assert "3 of 4, ticked: Over time" in view.text(1) or "[x]" in "".join(
        view.pages[1].sections[view.pages[1].new].signs
    )
    assert desk.standing() == ["a-interview:0 Hard"]


def test_just_in_time(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review(desk.clock.later(300), "space", "x", "space", wish=Wish(limit=1))
    assert view.pages[1].notice == ""
    assert desk.standing() == ["a-interview:0 Good"]


def test_a_pause_keeps_one_in_time(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    later = desk.clock.later
    desk.review(later(290), "p", later(1000), "p", later(5), "space", "x", "space", wish=Wish(limit=1))
    assert desk.standing() == ["a-interview:0 Good"]


def test_a_pause_is_heard(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review(desk.clock.later(70), "p", "p", is_spoken=True)
    heard = [*view.said, *(page.notice for page in view.pages)]
    assert heard[:2] == ["Paused at 1:10 of 5:00.", "Going on at 1:10 of 5:00."]


def test_time_in_another_program_is_no_time_of_the_card(desk: Desk) -> None:
    """Neither in the editor nor while the session was stopped does anybody answer."""
    with_notes(desk, INTERVIEW)
    desk.suspend = desk.clock.later(600)
    view = desk.review(desk.clock.later(10), "ctrl-z", "space", "x", "space", wish=Wish(limit=1))
    assert desk.standing() == ["a-interview:0 Good"]
    assert view.pages[2].notice == ""


# --- the rubric ----------------------------------------------------------------------------


def test_the_rubric_proposes_the_rating(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review("space", "tab", "tab", "x", "space", wish=Wish(limit=1))
    proposals = [next(h.label for h in page.hints if h.key == "space") for page in view.pages[1:5]]
    assert proposals == ["Good", "Good", "Good", "Again"]
    assert desk.standing() == ["a-interview:0 Again"]


def test_the_ticks_are_stored(desk: Desk) -> None:
    with_notes(desk, SCENARIO)
    desk.review("space", "x", "tab", "x", "tab", "tab", "x", "space", wish=Wish(limit=1))
    _, event = desk.log()[0]
    assert json.loads(event.detail or "") == {"ticks": [0, 1, 3]}
    assert desk.standing() == ["a-scenario:0 Easy"]


def test_a_rubric_that_nobody_ticked_is_not_stored(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    desk.review(desk.clock.later(301), "space", "tab", "3", wish=Wish(limit=1))
    assert desk.log()[0][1].detail is None


def test_a_key_overrules_the_rubric(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    desk.review("space", "tab", "x", "4", wish=Wish(limit=1))
    assert desk.standing() == ["a-interview:0 Easy"]


def test_each_line_is_spoken_as_it_is_reached(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review("space", "tab", "x", "shift-tab", is_spoken=True)
    assert view.said == [
        "1 of 4, not ticked, a must: Names the user",
        "1 of 4, ticked, a must: Names the user",
        "Good: 1 of 2 points",
        "4 of 4, not ticked: I would say it the same way tomorrow, with a fresh example",
    ]


def test_an_undone_card_comes_back_unticked(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    view = desk.review("space", "x", "space", "u", "space")
    assert "[x]" not in "".join(view.last.sections[view.last.new].signs)


# --- a typed answer --------------------------------------------------------------------------


def test_a_typed_answer_is_compared(desk: Desk) -> None:
    with_notes(desk, CALCULATION)
    view = desk.review("t", Typed("0.8"), "3", wish=Wish(limit=1))
    assert view.asked == ["Your answer (%):"]
    assert "Your answer: 0.8: right." in view.text(1)
    assert desk.standing() == ["a-calculation:0 Good"]


@pytest.mark.parametrize("line", [None, "", "   "])
def test_nothing_typed_stays_at_the_question(desk: Desk, line: str | None) -> None:
    with_notes(desk, CALCULATION)
    view = desk.review("t", Typed(line), "3")
    assert "Your answer" not in view.text()
    assert view.pages[1].notice == "Nothing typed."
    assert desk.standing() == []


def calculation(answer: str, unit: str = "", tolerance: str = "") -> Note:
    content = {**CALCULATION.content, "answer": answer, "unit": unit, "tolerance": tolerance}
    return replace(CALCULATION, content={key: value for key, value in content.items() if value != ""})


@pytest.mark.parametrize(
    ("answer", "unit", "tolerance", "typed", "said"),
    [
        ("0.80", "", "", "0.8", "right."),
        ("0.80", "", "", ".8", "right."),
        ("0.80", "", "", "0.795", "right."),
        ("0.80", "", "", "0.805", "right."),
        ("0.80", "", "", "0.794", "not right; it is off by 0.006."),
        ("62.5", "%", "", "62.5%", "right."),
        ("62.5", "%", "", "62.5 %", "right."),
        ("62.5", "%", "", "62.4", "not right; it is off by 0.1."),
        ("30", "days", "", "30 days", "right."),
        ("30", "days", "5", "34", "right."),
        ("30", "days", "5", "36", "not right; it is off by 6."),
        ("1200", "", "", "1,200", "right."),
        ("0.80", "", "", "0,8", "right."),
        ("0.80", "", "", ",8", "right."),
        ("0.800", "", "", "0,800", "right."),
        ("-1.5", "", "", "-1,5", "right."),
        ("1234.5", "", "", "1.234,5", "right."),
        ("1200000", "", "", "1,200,000", "right."),
        ("12", "", "", "1,2,3", "this is no number; the answer is 12."),
        ("1", "", "", "1234567", "not right; it is off by 1,234,566."),
        ("0.0000012", "", "", "0.0000019", "not right; it is off by 0.0000007."),
        ("-3", "", "", "-3", "right."),
        ("-3", "", "", "\u22123", "right."),
        ("0.80", "", "", "abc", "this is no number; the answer is 0.80."),
        ("0.80", "", "", "1e400", "this is no number; the answer is 0.80."),
        ("0.80", "", "", "9" * 101, "this is no number; the answer is 0.80."),
    ],
)
def test_what_is_right(answer: str, unit: str, tolerance: str, typed: str, said: str) -> None:
    assert compared(calculation(answer, unit, tolerance), typed) == f"{typed}: {said}"


def test_a_decimal_comma_is_no_thousands_separator() -> None:
    """Half of Europe types 0,8."""
    assert compared(calculation("0.80"), "0,8") == "0,8: right."


def test_a_big_difference_is_written_out() -> None:
    said = compared(calculation("1000000"), "1012345")
    assert said in ("1012345: not right; it is off by 12345.", "1012345: not right; it is off by 12,345.")


# --- a card that changed ---------------------------------------------------------------------

CHANGED = basic("a", back="This is another a.")


def with_a_change(desk: Desk) -> Desk:
    desk.review(*["space", "3"] * 3)
    desk.shelf.put(CHANGED)
    desk.clock.forward(days=60)
    return desk


def first_of(desk: Desk, *script: Step) -> Watched:
    """Review the changed card alone."""
    with_notes(desk, CHANGED)
    return desk.review(*script)


def test_a_change_is_shown_once(desk: Desk) -> None:
    view = first_of(with_a_change(desk), "space", "3")
    assert "Note: This card changed since you last saw it." in view.text(0)
    assert "another" not in view.text(0)
    assert "Changed since you last saw it" in view.text(1)
    assert "{+another+}" in view.text(1)
    desk.clock.forward(days=300)
    view = first_of(desk, "space")
    assert "hanged since" not in view.text(0) + view.text(1)


def test_a_change_is_shown_until_the_card_was_answered(desk: Desk) -> None:
    first_of(with_a_change(desk), "space", "q")
    assert "{+another+}" in first_of(desk, "space").text()


def test_an_edit_keeps_the_history(desk: Desk) -> None:
    stability = desk.state("a:0").stability
    with_a_change(desk)
    before = desk.state("a:0")
    first_of(desk, "space", "3")
    after = desk.state("a:0")
    assert (before.state, after.reps) == (State.REVIEW, before.reps + 1)
    assert after.stability > before.stability > stability


def test_another_place_or_example_is_no_change(desk: Desk) -> None:
    desk.review(*["space", "3"] * 3)
    desk.clock.forward(days=60)
    desk.shelf.put(basic("a", path="elsewhere.yaml", tags=("x",), extra="More.", front="What is *a*?"))
    assert "hanged since" not in desk.review("space", wish=Wish(limit=1)).text()


def test_start_afresh(desk: Desk) -> None:
    view = first_of(with_a_change(desk), "space", "a", "3")
    assert view.pages[2].notice == "a:0 starts afresh, as a new card. u takes it back."
    assert desk.log()[-1][1].before == State.NEW
    assert desk.standing()[-2:] == ["a:0 afresh", "a:0 Good"]


def test_afresh_shows_the_intervals_of_a_new_card(desk: Desk) -> None:
    new = desk.review("space").last.hints[:4]
    view = first_of(with_a_change(desk), "space", "a")
    assert view.pages[1].hints[:4] != view.pages[2].hints[:4]
    assert [h.label.split()[0] for h in view.last.hints[:4]] == [h.label.split()[0] for h in new]
    assert view.last.hints[2].label == new[2].label  # Good: no fuzz below 2.5 days


def test_afresh_can_be_taken_back(desk: Desk) -> None:
    before = with_a_change(desk).state("a:0")
    view = first_of(desk, "space", "a", "u", "space", "3")
    assert "What is a?" in view.text(3)
    assert view.pages[3].notice == "Taken back: afresh on a:0."
    assert desk.log()[-1][1].before == State.REVIEW
    assert desk.state("a:0").stability > before.stability


def test_afresh_once_is_enough(desk: Desk) -> None:
    view = first_of(with_a_change(desk), "space", "a", "a", "3")
    assert "a" not in [hint.key for hint in view.pages[2].hints]
    assert [what for what in desk.standing() if what.endswith("afresh")] == ["a:0 afresh"]


def test_a_card_that_was_started_afresh_does_not_come_again_at_once(desk: Desk) -> None:
    with_a_change(desk)
    desk.settings = Settings()
    with_notes(desk, CHANGED, basic("z"))
    view = desk.review("space", "a", "3")
    assert "What is z?" in view.text(), "another card is due, and this one in ten minutes"
    assert desk.log()[-1][1].before == State.NEW


def test_a_card_that_did_not_change_offers_nothing(desk: Desk) -> None:
    desk.review("space", "a", "3")
    assert desk.standing() == ["a:0 Good"]


def test_every_gap_has_its_own_change(desk: Desk) -> None:
    with_notes(desk, CLOZE)
    desk.review(*["space", "3"] * 3)
    text = CLOZE.text("text").replace("harmonic", "geometric")
    with_notes(desk, replace(CLOZE, content={**CLOZE.content, "text": text}))
    desk.clock.forward(days=30)
    view = desk.review(*["space", "3"] * 3)
    assert sum("geometric" in view.text(number) and "hanged" in view.text(number) for number in (1, 3, 5)) == 3


# --- the source ------------------------------------------------------------------------------


def doing(change: Callable[[], None], said: str = "") -> Callable[[Note], str]:
    """An editor in which this is done, and how that went."""

    def edit(note: Note) -> str:
        change()
        return said

    return edit


def test_the_place_of_the_source_is_said(desk: Desk) -> None:
    view = desk.review("e", "space")
    assert view.pages[1].notice == "cards/a.yaml:7"
    assert view.away == ["left", "entered"]
    assert view.pages[1].sections == view.pages[0].sections


def test_what_went_wrong_in_the_editor_is_said(desk: Desk) -> None:
    desk.edit = lambda note: "vi ended with 1"
    assert desk.review("space", "e").last.notice == "cards/a.yaml:7: vi ended with 1"


@pytest.mark.parametrize("before", [(), ("space",)], ids=["question", "answer"])
def test_after_an_edit_the_card_is_the_new_one(desk: Desk, before: tuple[str, ...]) -> None:
    new = basic("a", front="What, then, is a?", back="This, then, is a.")
    desk.edit = doing(lambda: desk.shelf.put(new))
    view = desk.review(*before, "e")
    assert "What, then, is a?" in view.text()
    assert ("This, then, is a." in view.text()) == bool(before)
    assert "hanged since" not in view.text()


def test_after_an_edit_the_new_text_is_what_was_seen(desk: Desk) -> None:
    desk.edit = doing(lambda: desk.shelf.put(CHANGED))
    desk.review("e", "space", "3")
    desk.clock.forward(days=30)
    with_notes(desk, CHANGED)
    assert "hanged since" not in desk.review().text()


def test_an_editor_that_breaks_is_no_end_of_the_session(desk: Desk) -> None:
    def edit(note: Note) -> str:
        raise KeyboardInterrupt

    desk.edit = edit
    with pytest.raises(KeyboardInterrupt):
        desk.review("e")


def test_a_card_that_left_the_sources_in_the_editor_is_not_asked_again(desk: Desk) -> None:
    desk.edit = doing(lambda: desk.shelf.take("a"), "1 error in the sources now")
    view = desk.review("e", "space", "3", "space")
    assert "1 error in the sources now" in view.pages[1].notice
    assert "What is a?" not in view.text(3)


def test_a_gap_that_went_in_the_editor_leaves_the_screen(desk: Desk) -> None:
    """The card `a-cloze:0` is no more when the note has no first gap."""
    with_notes(desk, CLOZE)
    text = "F1 is the harmonic mean of {{c2::precision}} and {{c2::recall}}."
    desk.edit = doing(lambda: desk.shelf.put(replace(CLOZE, content={"text": text})))
    desk.review("e", "space", "3")
    assert "a-cloze:0 Good" not in desk.standing()


def test_a_card_that_another_kind_has_not_leaves_the_screen(desk: Desk) -> None:
    with_notes(desk, REVERSED)
    desk.review("space", "3", "q")
    desk.edit = doing(lambda: desk.shelf.put(basic(REVERSED.id)))
    desk.review("e", "space", "3")
    assert f"{REVERSED.id}:1 Good" not in desk.standing()


def test_a_card_that_was_retired_in_the_editor_leaves_the_screen(desk: Desk) -> None:
    desk.edit = doing(lambda: desk.shelf.put(basic("a", retired="It was wrong.")))
    view = desk.review("e", "space", "3")
    assert view.pages[1].notice == "cards/a.yaml:7: a:0 is no more"
    assert "What is b?" in view.text(1)
    assert desk.standing() == ["b:0 Good"]


def test_a_card_that_was_taken_out_in_the_editor_leaves_the_screen(desk: Desk) -> None:
    desk.edit = doing(lambda: desk.shelf.take("a"))
    assert "What is b?" in desk.review("e").text()


def test_a_card_hidden_by_a_mistake_stays_until_it_is_mended(desk: Desk) -> None:
    edits = iter([lambda: desk.shelf.take("a"), lambda: with_notes(desk, CHANGED, B, C)])
    said = iter(["1 error in the sources now", ""])

    def edit(note: Note) -> str:
        next(edits)()
        return next(said)

    desk.edit = edit
    view = desk.review("e", "e", "space")
    assert "What is a?" in view.text(1)
    assert "This is another a." in view.text()


def test_an_undone_card_that_is_no_more_is_passed_over(desk: Desk) -> None:
    desk.edit = doing(lambda: desk.shelf.take("a"))
    view = desk.review("space", "3", "e", "u", "space", "3")
    assert view.pages[4].notice == "Taken back: Good on a:0."
    assert "What is b?" in view.text(4)
    assert desk.standing() == ["b:0 Good"]


def test_an_edit_beside_the_rubric_keeps_its_ticks(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    prompt = replace(INTERVIEW, content={**INTERVIEW.content, "prompt": "Design another queue."})
    desk.edit = doing(lambda: desk.shelf.put(prompt))
    view = desk.review("space", "x", "e")
    assert "Design another queue." in view.text()
    assert "[x]" in "".join(view.last.sections[view.last.new].signs)


def test_time_in_the_editor_is_no_time_of_the_card(desk: Desk) -> None:
    desk.edit = doing(desk.clock.later(600))
    desk.review(desk.clock.later(5), "e", "space", "3")
    took = desk.log()[0][1].took
    assert took is not None
    assert took == 5000


def test_time_in_the_editor_while_the_clock_stands_counts_once(desk: Desk) -> None:
    with_notes(desk, INTERVIEW)
    desk.edit = doing(desk.clock.later(600))
    later = desk.clock.later
    desk.review(later(5), "p", later(7), "e", later(7), "p", later(3), "space", "3", wish=Wish(limit=1))
    assert desk.log()[0][1].took == 8000


# --- two sessions ----------------------------------------------------------------------------


def elsewhere(desk: Desk, *keys: str) -> Callable[[], None]:
    """A step of a script: another session answers meanwhile."""

    def review() -> None:
        tools = Tools(desk.clock.stopwatch, lambda note: "", lambda note: "", lambda: None)
        Reviewer(desk.session(), desk.shelf, Watched(keys), tools).run()
        desk.clock.forward(1)

    return review


def test_an_answer_to_a_card_that_was_answered_elsewhere_is_refused(desk: Desk) -> None:
    view = desk.review("space", elsewhere(desk, "space", "4"), "3")
    assert view.last.notice.startswith("Not stored: a:0 has changed since it was shown: answered Easy at 12:00:00")
    assert "What is b?" in view.text()
    assert desk.standing() == ["a:0 Easy"]


def test_a_flag_does_not_make_a_stale_card_current(desk: Desk) -> None:
    """An answer names the revision that was shown; a flag in between is no new showing."""
    view = desk.review("space", elsewhere(desk, "space", "4"), "f", Typed("wrong"), "3")
    assert "Not stored: a:0" in "".join(page.notice for page in view.pages)
    assert [what for what in desk.standing() if not what.endswith("flag")] == ["a:0 Easy"]


@pytest.mark.parametrize("key", ["b", "s"])
def test_no_mark_is_set_on_a_card_that_changed_elsewhere(desk: Desk, key: str) -> None:
    view = desk.review("space", elsewhere(desk, "space", "4"), key)
    assert view.last.notice.startswith("Not stored: a:0 has changed since it was shown")
    assert desk.standing() == ["a:0 Easy"]


def test_undo_of_a_flag_that_was_set_elsewhere_does_not_make_a_stale_card_current(desk: Desk) -> None:
    def flagged() -> None:
        desk.history.record(EventKind.FLAG, "a:0", desk.clock())

    view = desk.review("space", elsewhere(desk, "space", "4"), flagged, "u", "3")
    assert view.pages[2].notice == "Taken back: flag on a:0."
    assert view.last.notice.startswith("Not stored: a:0")
    assert desk.standing() == ["a:0 Easy"]


def test_afresh_does_not_wipe_an_answer_given_elsewhere(desk: Desk) -> None:
    with_a_change(desk)
    with_notes(desk, CHANGED)
    desk.review("space", elsewhere(desk, "space", "4"), "a", "3")
    assert desk.standing()[3:] == ["a:0 Easy"]


def test_a_card_that_was_suspended_elsewhere_is_refused(desk: Desk) -> None:
    view = desk.review("space", elsewhere(desk, "s"), "3")
    assert "Not stored: a:0 has changed since it was shown: suspend at 12:00:00" in view.last.notice
    assert desk.standing() == ["a:0 suspend"]


def test_cards_that_were_answered_elsewhere_do_not_come(desk: Desk) -> None:
    view = desk.review("space", elsewhere(desk, "space", "4", "space", "4"), "3")
    assert "What is c?" in view.text()


def test_undo_of_what_was_undone_elsewhere_goes_on(desk: Desk) -> None:
    """What is gone is no reason to say that there is nothing."""
    view = desk.review(
        *["space", "3"] * 2,
        lambda: desk.history.undo(desk.clock()),  # takes back b, as `aipm-cards undo` does
        "u",
    )
    assert view.last.notice == "Taken back: Good on a:0."


def test_an_answer_below_one_given_elsewhere_cannot_be_undone(desk: Desk) -> None:
    desk.settings = Settings()
    with_notes(desk, A)
    view = desk.review("space", "3", elsewhere(desk, "space", "3"), "u", "u")
    assert "a:0 has changed since, in another session" in view.last.notice
    assert "Not stored" not in view.last.notice  # nothing was to be stored


# --- limits ----------------------------------------------------------------------------------


def test_a_limit_on_cards(desk: Desk) -> None:
    view = desk.review(*["space", "3"] * 2, wish=Wish(limit=2))
    assert "Finished" in view.text()
    assert desk.standing() == ["a:0 Good", "b:0 Good"]


def test_a_limit_on_new_cards(desk: Desk) -> None:
    assert "Finished" in desk.review("space", "3", wish=Wish(new=1)).text()
    assert "Nothing is due" in desk.review(wish=Wish(new=0)).text()


def test_a_limit_above_that_of_the_day(desk: Desk) -> None:
    desk.settings = replace(SIMPLE, preset=replace(SIMPLE.preset, new_per_day=1))
    view = desk.review(*["space", "3"] * 3, wish=Wish(new=3))
    assert "Finished" in view.text()
    assert len(desk.standing()) == 3


def test_a_limit_on_new_cards_counts_those_of_this_session_only(desk: Desk) -> None:
    desk.review("space", "3", "q")
    view = desk.review("space", "3", wish=Wish(new=1))
    assert "What is b?" in view.text(0)
    assert "Finished" in view.text()


def test_a_limit_on_new_cards_counts_each_once(desk: Desk) -> None:
    """An undo plans the day anew: what was answered before must not count twice."""
    view = desk.review("space", "3", "b", "u", "space", "3", wish=Wish(new=2))
    assert desk.standing() == ["a:0 Good", "b:0 Good"]
    assert "Finished" in view.text()
    view = desk.review("u", "u", wish=Wish(new=2))
    assert "What is a?" in view.text()


def test_after_an_undo_as_many_new_cards_are_left_as_before(desk: Desk) -> None:
    view = desk.review("space", "3", "space", "3", "u", wish=Wish(new=3))
    assert view.pages[2].counts == view.last.counts


def test_the_time_ends_after_a_card_and_not_in_it(desk: Desk) -> None:
    later = desk.clock.later
    view = desk.review(later(50), "space", "3", later(50), "space", "3", limit=60)
    assert "The time is up." in view.text()
    assert "What is b?" in view.text(2)
    assert len(desk.standing()) == 2


def test_after_a_limit_one_may_go_on(desk: Desk) -> None:
    view = desk.review("space", "3", "space", *["space", "3"] * 2, wish=Wish(limit=1))
    assert "Left today: 0 learning, 0 reviews, 2 new. Space goes on." in view.text(2)
    assert "What is b?" in view.text(3)
    assert "Left today" not in view.text()


def test_what_the_time_left_is_said(desk: Desk) -> None:
    view = desk.review(desk.clock.later(61), "space", "3", limit=60)
    assert "Left today: 0 learning, 0 reviews, 2 new." in view.text()


def test_a_crammed_session_with_a_limit_leaves_cards(desk: Desk) -> None:
    view = desk.review("space", "3", wish=Wish(cram=True, limit=1))
    assert "Left today: 2 cards." in view.text()


def test_to_look_again_in_vain_is_said(desk: Desk) -> None:
    assert desk.review(*["space", "3"] * 3, "space").last.notice == "Nothing more is due now."


def test_after_the_time_one_may_go_on(desk: Desk) -> None:
    view = desk.review(desk.clock.later(61), "space", "3", "space", limit=60)
    assert "What is b?" in view.text()


# --- ahead and cram --------------------------------------------------------------------------


def done(desk: Desk) -> Desk:
    """All cards answered today; all due in two days."""
    desk.review(*["space", "3"] * 3)
    return desk


def waiting(desk: Desk, days: int) -> Desk:
    """All cards answered some days ago; the first is due in so many days."""
    desk.review(*["space", "4"] * 3)
    day = desk.session().day
    first = min(desk.state(f"{key}:0").due_day for key in "abc")
    desk.clock.forward(days=first - day - days)
    return desk


def test_ahead_of_some_days(desk: Desk) -> None:
    assert "Nothing is due" in waiting(desk, 2).review(wish=Wish(ahead=1)).text()
    view = desk.review("space", "3", wish=Wish(ahead=9))
    assert desk.log()[-1][1].before == State.REVIEW
    assert "0 learning, 2 reviews, 0 new" in view.text()


def test_a_card_that_was_answered_today_does_not_come_ahead(desk: Desk) -> None:
    assert "Nothing is due" in done(desk).review(wish=Wish(ahead=9)).text()


def test_ahead_from_the_end_reaches_the_next_card(desk: Desk) -> None:
    """Who asks for more is told how far ahead that is, or gets the next cards."""
    view = waiting(desk, 3).review("a")
    assert view.last != view.pages[0]


def test_ahead_from_the_end_again_and_again(desk: Desk) -> None:
    view = waiting(desk, 2).review("a", "a")
    assert "What is" in view.text()
    assert desk.reviewer.session.wish.ahead == 2


def test_ahead_keeps_to_what_was_asked_of_new_cards(desk: Desk) -> None:
    """Who said `--new 0` wants reviews."""
    waiting(desk, 1)
    with_notes(desk, *desk.shelf.collection.notes, basic("z"))
    view = desk.review("a", *["space", "4"] * 3, wish=Wish(new=0))
    assert "What is z?" not in "".join(view.text(number) for number in range(len(view.pages)))


def test_ahead_says_how_far(desk: Desk) -> None:
    assert waiting(desk, 3).review("a").last.notice == "Studying 3 days ahead."
    with_notes(desk, basic("z"))
    view = desk.review("a", "a", wish=Wish(new=0))
    assert [page.notice for page in view.pages[1:]] == [
        "Looked 1 day ahead and found nothing; what was answered today does not come again.",
        "Looked 2 days ahead and found nothing; what was answered today does not come again.",
    ]


def test_ahead_brings_as_many_new_cards_as_were_asked_for_in_all(desk: Desk) -> None:
    waiting(desk, 1)
    with_notes(desk, *(basic(name) for name in "wxyz"))
    view = desk.review("space", "4", "b", "a", *["space", "4"] * 8, wish=Wish(new=2))
    asked = {view.front(number) for number in range(len(view.pages)) if view.pages[number].counts}
    assert asked == {f"Question: What is {name}?" for name in "wxy"}  # of which x was buried, and not answered


def test_ahead_after_cramming_changes_memory(desk: Desk) -> None:
    waiting(desk, 1)
    view = desk.review("c", *["space", "4"] * 3, "a", "space", "4")
    assert "What is" in view.text(8)
    assert desk.log()[-1][1].before == State.REVIEW


def test_cram_changes_no_memory(desk: Desk) -> None:
    done(desk)
    before = [desk.state(f"{key}:0") for key in "abc"]
    view = desk.review(*["space", "3"] * 3, wish=Wish(cram=True))
    assert "Finished" in view.text()
    after = [desk.state(f"{key}:0") for key in "abc"]
    for one, other in zip(before, after, strict=True):
        assert one.memory == other.memory
        assert (one.due, one.reps) == (other.due, other.reps)


def test_cram_brings_what_was_forgotten_again(desk: Desk) -> None:
    view = desk.review("space", "1", *["space", "3"] * 3, wish=Wish(cram=True))
    assert [view.front(number) for number in (0, 2, 4, 6)] == [
        "Question: What is a?",
        "Question: What is b?",
        "Question: What is c?",
        "Question: What is a?",
    ]


def test_cram_can_be_undone(desk: Desk) -> None:
    view = desk.review("space", "3", "u", wish=Wish(cram=True))
    assert "What is a?" in view.text()
    assert desk.standing() == []


def test_cram_from_the_end(desk: Desk) -> None:
    """The end of a session offers to cram, and means the cards of that session, too."""
    view = desk.review(*["space", "3"] * 3, "c")
    assert "What is" in view.text()
    assert desk.reviewer.session.wish.cram


def test_cram_from_a_later_session(desk: Desk) -> None:
    view = done(desk).review("c", "space", "3")
    assert "What is" in view.text(1)
    assert len(view.pages) == 4


def test_cram_over_and_over(desk: Desk) -> None:
    view = desk.review(*["space", "3"] * 3, "c", wish=Wish(cram=True))
    assert "What is a?" in view.text()


def test_counts_of_a_cram_are_not_called_reviews(desk: Desk) -> None:
    assert "3 reviews" not in desk.review(wish=Wish(cram=True)).text()


# --- when something is wrong -------------------------------------------------------------------


def test_an_answer_that_cannot_be_stored_is_said_and_can_be_given_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aipm_cards.memory.history import History

    answer = History.answer

    def busy(*_: object) -> None:
        monkeypatch.setattr(History, "answer", answer)
        raise HistoryBusy("another program has been writing")

    monkeypatch.setattr(History, "answer", busy)
    view = desk.review("space", "3", "3")
    assert view.pages[2].notice == "Not stored: another program has been writing"
    assert "This is a." in view.text(2)
    assert desk.standing() == ["a:0 Good"]


def test_a_leech_is_told(desk: Desk) -> None:
    desk.settings = replace(SIMPLE, preset=replace(SIMPLE.preset, leech_threshold=1))
    with_notes(desk, A)
    desk.review("space", "3")
    desk.clock.forward(days=2)
    view = desk.review("space", "1")
    assert view.last.notice == "a:0 was forgotten often: it is a leech, and suspended now. u takes it back."
    assert desk.state("a:0").suspended
    desk.review("u")
    assert not desk.state("a:0").suspended


def test_a_notice_stands_until_the_next_key(desk: Desk) -> None:
    view = desk.review("b", "space", notice="The clock is 3.0 hours behind.")
    assert view.pages[0].notice == "The clock is 3.0 hours behind."
    assert "Buried" in view.pages[1].notice
    assert view.pages[2].notice == ""


def test_a_clock_that_was_set_back(desk: Desk) -> None:
    desk.review("space", "3", "q")
    desk.clock.now = at("2026-09-20T12:00")
    view = desk.review("space", "3", "space", "3")
    assert "Finished" in view.text()
    assert [key for key, _ in desk.log()] == ["a:0", "b:0", "c:0"]
