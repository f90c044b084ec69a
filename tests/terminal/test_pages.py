"""What a session shows beside the cards: the keys' intervals, information, the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from aipm_cards.memory.goal import Goal, InForce
from aipm_cards.memory.queue import Wish
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.model import Rating
from aipm_cards.terminal import pages
from aipm_cards.terminal.faces import Section
from aipm_cards.terminal.paper import Look, draw
from aipm_cards.terminal.plain import spoken
from aipm_cards.terminal.spans import short
from tests.terminal.scripted import SIMPLE, Desk, Typed, at, basic, desk_of

PLAIN = Look(False, False, True)
CARDS = tuple(basic(f"n{number}") for number in range(1, 5))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, *CARDS) as desk:
        yield desk


@pytest.fixture
def steps(desk: Desk) -> Desk:
    """With the usual learning steps."""
    desk.settings = Settings()
    return desk


def end(desk: Desk, wish: Wish | None = None) -> dict[str, str]:
    """The end page of a session that just began, by its labels."""
    session = desk.session(wish)
    while session.next() is not None:
        session.wish = Wish(limit=0)
    return said(pages.end_page(session, desk.clock(), spoken=True))


def said(sections: tuple[Section, ...]) -> dict[str, str]:
    return {section.label: "\n".join(spoken([section])).removeprefix(f"{section.label}: ") for section in sections}


# --- intervals on the keys ---------------------------------------------------------------------


def test_each_rating_stands_with_its_interval(steps: Desk) -> None:
    view = steps.review("space")
    shown = {hint.key: hint.label for hint in view.last.hints}
    assert shown["1"] == "Again 1m"
    assert shown["2"] == "Hard 6m"
    assert shown["3"] == "Good 10m"
    assert shown["4"].startswith("Easy ")
    assert shown["4"].endswith("d")
    heard = {hint.key: hint.spoken for hint in view.last.hints}
    assert heard["3"] == "Good, in 10 minutes"


@pytest.mark.parametrize("rating", Rating)
@pytest.mark.parametrize("days", [0, 3, 40])
def test_the_interval_on_the_key_is_the_one_that_is_stored(steps: Desk, rating: Rating, days: int) -> None:
    steps.shelf.take("n2")
    steps.shelf.take("n3")
    steps.shelf.take("n4")
    if days:
        steps.review("space", "4")
        steps.clock.forward(days=days)
    view = steps.review("space", str(rating.value), wish=Wish(limit=1, ahead=60))
    label = {hint.key: hint.label for hint in view.pages[1].hints}[str(rating.value)]
    _, event = steps.log()[-1]
    assert event.due is not None
    seconds = event.interval * 86_400 if event.interval else (event.due - event.time) / 1000
    assert label == f"{rating.name.capitalize()} {short(seconds)}"


def test_a_crammed_card_promises_no_interval(desk: Desk) -> None:
    view = desk.review("space", wish=Wish(cram=True))
    assert [hint.label for hint in view.last.hints[:4]] == ["Again", "Hard", "Good", "Easy"]


# --- the end -----------------------------------------------------------------------------------


def test_nothing_due_and_nothing_learned(desk: Desk) -> None:
    desk.settings = Settings(preset=Preset(new_per_day=0))
    sections = end(desk)
    assert sections["Nothing is due"] == "More new cards come tomorrow; `aipm-cards review --new N` gives some now."
    assert "a, or `aipm-cards review --ahead DAYS`" in sections["More"]
    assert "c, or `aipm-cards review --cram`" in sections["More"]
    assert "This session" not in sections
    assert "Reviews of the next days" not in sections


def test_the_end_names_the_plan_in_force(desk: Desk) -> None:
    session = desk.session()
    aim = Goal(session.day + 2, 1, 0.8, 0)
    for chosen, new, more in ((["n1:0", "n2:0"], 1, True), (["n1:0", "n2:0"], 0, False), ([], 1, False)):
        goal = InForce.of(replace(aim, new_per_day=new), chosen)
        session = Session(desk.history, session.cards, desk.settings, desk.clock, Wish(new=0), goal)
        found = said(pages.end_page(session, desk.clock(), spoken=True))["Nothing is due"]
        assert f"Plan until 2026-09-23: {new} new card" in found
        assert ("More new cards come tomorrow" in found) is more


def test_nothing_is_due_until_a_day(desk: Desk) -> None:
    desk.review(*["space", "3"] * 4)
    sections = end(desk)
    assert sections["Nothing is due"] == "The next review comes in 2 days: Wednesday, 23 September 2026."
    assert sections["Reviews of the next days"] == "Wed 23 Sep: 4"


def test_tomorrow_is_called_tomorrow(desk: Desk) -> None:
    desk.review(*["space", "1"] * 4)
    assert end(desk)["Nothing is due"] == "The next review comes tomorrow: Tuesday, 22 September 2026."


def test_when_the_next_learning_card_comes(steps: Desk) -> None:
    steps.settings = Settings(learn_ahead=0)
    view = steps.review(*["space", "3"] * 4)
    assert "The next learning card comes in 10 minutes, at 12:10." in view.text()
    view = steps.review(steps.clock.later(minutes=4))
    assert "The next learning card comes in 10 minutes, at 12:10." in view.text()
    view = steps.review(steps.clock.later(minutes=8), "space")
    assert "What is n1?" in view.text()


def test_what_was_done(desk: Desk) -> None:
    forward = desk.clock.later(10)
    view = desk.review("space", forward, "1", "space", forward, "3", "space", forward, "3", "space", forward, "4")
    assert "This session: 4 answers to 4 cards, 4 of them new, in 40 seconds (10 s each): 1 Again, 2 Good, 1 Easy." in (
        view.text()
    )
    assert "Recalled" not in view.text()


def test_how_it_went_against_the_desired_retention(desk: Desk) -> None:
    desk.review(*["space", "3"] * 4)
    desk.clock.forward(days=2)
    view = desk.review("space", "1", *["space", "3"] * 3)
    assert "Recalled 3 of 4 reviews (75 %). Desired: 90 %; FSRS expected 3." in view.text()
    assert pages.told(desk.reviewer.session)[1].startswith("Recalled 3 of 4 reviews (75 %).")


def test_one_is_said_as_one(desk: Desk) -> None:
    view = desk.review("space", "3", wish=Wish(limit=1))
    assert "1 answer to 1 card, " in view.text()
    desk.clock.forward(days=2)
    view = desk.review("space", "3", wish=Wish(new=0))
    assert "Recalled 1 of 1 review (100 %)" in view.text()


def test_a_session_that_was_bounded_says_that_more_is_there(desk: Desk) -> None:
    """After `--limit 1` three new cards are left today; that the next review comes in days is
    not the whole truth."""
    view = desk.review("space", "3", wish=Wish(limit=1))
    assert re.search(r"\b3 (new|more|cards)\b", view.text())


def test_the_end_is_told_on_the_way_out(desk: Desk) -> None:
    desk.review("space", "3", "q")
    (line,) = pages.told(desk.reviewer.session)
    assert line.startswith("1 answer to 1 card")
    desk.review("q")
    assert pages.told(desk.reviewer.session) == []


def test_what_was_undone_is_not_told(desk: Desk) -> None:
    desk.review("space", "3", "u", "q")
    assert pages.told(desk.reviewer.session) == []


@pytest.mark.parametrize("width", [20, 40, 78, 198])
def test_the_end_fits(desk: Desk, width: int) -> None:
    view = desk.review(*["space", "3"] * 4)
    for line in draw(view.last.sections, width, PLAIN):
        assert cell_len(line) <= width


def test_the_forecast_draws_nothing_for_the_ear(desk: Desk) -> None:
    view = desk.review(*["space", "3"] * 4, is_spoken=True)
    assert "##" not in "\n".join(spoken(view.last.sections))


def test_the_forecast_is_seven_lines_at_forty_columns(desk: Desk) -> None:
    view = desk.review(*["space", "3"] * 4)
    lines = draw(view.last.sections, 38, PLAIN)
    of_days = [line for line in lines if re.search(r"\b2[2-8] Sep\b(?!tember)", line)]
    assert len(of_days) == 7
    assert sum("4" in line and "#" in line for line in of_days) == 1


# --- counts ------------------------------------------------------------------------------------


def test_counts_go_down(desk: Desk) -> None:
    view = desk.review(*["space", "3"] * 4)
    counts = [page.counts for page in view.pages[::2]]
    assert counts[:4] == [f"0 learning, 0 reviews, {left} new" for left in (4, 3, 2, 1)]


def test_one_review_is_no_plural(desk: Desk) -> None:
    assert "1 reviews" not in pages.in_words((0, 1, 0))


# --- card information --------------------------------------------------------------------------


def test_information_on_a_new_card(desk: Desk) -> None:
    view = desk.review("i")
    sections = said(view.last.sections)
    assert sections["Card"] == "n1:0 in Deck"
    assert "It is new" in sections["Memory"]
    assert "Answers: 0, lapses: 0, flags: 0" in sections["Memory"]
    assert sections["History"] == "Nothing yet."
    assert "row 3 of 4. Rating: Good. Interval: 2 days. Due: 2026-09-23." in sections["Next dates"]


def test_information_on_a_card_with_a_history(steps: Desk) -> None:
    for note in ("n2", "n3", "n4"):
        steps.shelf.take(note)
    steps.review("space", steps.clock.later(5), "4", wish=Wish(limit=1))
    steps.clock.forward(days=9)
    view = steps.review("f", Typed("is it so?"), "i", wish=Wish(ahead=30))
    sections = said(view.last.sections)
    assert "State: review" in sections["Memory"]
    assert "Stability: 8.30 days" in sections["Memory"]
    assert "Difficulty: 1.00 of 10" in sections["Memory"]
    assert "desired: 90 %" in sections["Memory"]
    assert "Answers: 1, lapses: 0, flags: 1" in sections["Memory"]
    first, second = sections["History"].split("\n")
    assert "When: 2026-09-30 12:00. What: flag is it so?" in first
    assert re.search(r"When: 2026-09-21 12:00\. What: Easy\. Interval: \d+d\. Took: 5s\.", second)


def test_information_after_an_undo_shows_what_stands(desk: Desk) -> None:
    view = desk.review("space", "3", "u", "i")
    assert "History: Nothing yet." in view.text()
    assert "It is new" in view.text()


def test_information_on_a_learning_card_says_the_hour_at_which_it_is_due(steps: Desk) -> None:
    steps.shelf.collection = steps.shelf.collection.__class__(Path(), "Scripted", "scripted", notes=CARDS[:1])
    view = steps.review("space", "3", "i")
    assert "State: learning" in view.text()
    assert "12:10" in said(view.last.sections)["Memory"]


def test_information_keeps_to_some_events(desk: Desk) -> None:
    flags = [step for number in range(30) for step in ("f", Typed(f"remark {number}"))]
    view = desk.review(*flags, "i")
    history = said(view.last.sections)["History"].split("\n")
    assert len(history) == pages.MAX_EVENTS
    assert "remark 29" in history[0]


@pytest.mark.parametrize("width", [20, 38, 78, 198])
def test_information_fits(desk: Desk, width: int) -> None:
    view = desk.review("space", "3", "u", "f", Typed("精度 " * 40), "i")
    for line in draw(view.last.sections, width, PLAIN):
        assert cell_len(line) <= width


def test_information_leads_back_to_where_one_was(desk: Desk) -> None:
    view = desk.review("space", "i", "down", "3", "3")
    assert view.scrolled == ["down"]
    assert view.pages[4] == view.pages[1]  # the first 3 only closed it
    assert desk.standing() == ["n1:0 Good"]


# --- the days ----------------------------------------------------------------------------------


def test_the_day_begins_at_four(desk: Desk) -> None:
    desk.clock.now = at("2026-09-22T03:30")
    desk.review(*["space", "1"] * 4)
    assert end(desk)["Nothing is due"] == "The next review comes tomorrow: Tuesday, 22 September 2026."
    desk.clock.now = at("2026-09-22T04:00")
    assert "What is" in desk.review().text()


def test_a_session_over_the_start_of_the_day_sees_the_new_day(tmp_path: Path) -> None:
    settings = Settings(preset=Preset(learning_steps=(), new_per_day=1), bury_siblings=False)
    with desk_of(tmp_path, *CARDS, settings=settings) as desk:
        desk.clock.now = at("2026-09-22T03:58")
        view = desk.review("space", "3", desk.clock.later(minutes=3), "space", "space", "3")
        assert "Finished" in view.text(2)
        assert "What is n2?" in view.text(3)
        assert desk.standing() == ["n1:0 Good", "n2:0 Good"]


def test_settings_bound_a_day(tmp_path: Path) -> None:
    settings = Settings(preset=Preset(learning_steps=(), new_per_day=2, reviews_per_day=1), bury_siblings=False)
    with desk_of(tmp_path, *CARDS, settings=settings) as desk:
        assert "Finished" in desk.review("space", "1", "space", "1").text()
        assert "Nothing is due" in desk.review().text()
        desk.clock.forward(days=1)
        view = desk.review(*["space", "3"] * 3)
        assert "0 learning, 1 reviews, 2 new" in view.text(0) or "1 review, 2 new" in view.text(0)
        assert "Finished" in view.text()


def test_the_settings_of_a_deck_count_for_it(tmp_path: Path) -> None:
    notes = (basic("a", deck="A"), basic("b", deck="B::C"))
    decks = {"B": Preset(learning_steps=(), maximum_interval=1)}
    with desk_of(tmp_path, *notes, settings=Settings(preset=SIMPLE.preset, decks=decks)) as desk:
        view = desk.review("space", "3", "space")
        assert "Easy 10d" in view.text(1) or "Easy 9d" in view.text(1) or "Easy 8d" in view.text(1)
        assert "Easy 1d" in view.text(3)
