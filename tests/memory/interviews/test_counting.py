"""A result counts as a review once, whatever comes between the two logs."""

from __future__ import annotations

import json

import pytest

from aipm_cards.errors import StaleCard
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.history import Answer
from aipm_cards.memory.interviews.counting import count, take_back
from aipm_cards.memory.interviews.mock import Mock
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating
from tests.memory.conftest import Desk, log
from tests.memory.interviews.held import answered, begun, interviews

PRESET = Preset()


def counted(desk: Desk, mock: Mock, number: int = 0) -> tuple[Mock, str]:
    return count(desk.history, interviews(desk), mock, number, PRESET, desk.clock())


def test_it_counts_with_the_rating_and_at_the_time_of_the_answer(desk: Desk) -> None:
    then = desk.clock()
    mock = answered(desk, begun(desk, counts=True), 0, 2, late=True)
    desk.clock.forward(days=3)
    mock, said = counted(desk, mock)
    assert (said, mock.to_count) == ("", [])
    (event,) = log(desk.store)
    assert (event.rating, event.took, event.time) == (Rating.GOOD, 1000, then.ms)
    assert json.loads(event.detail or "") == {
        "ticks": [0, 2, 3],
        "interview": mock.id.hex(),
        "answer": mock.results[0].id.hex(),
    }
    seen = desk.history.content_seen(desk.history.state("queue:0"))
    assert seen is not None
    assert seen.text == "queue:0"
    assert examine(desk.store).problems == []


def test_one_who_died_between_the_two_writes_counts_once(desk: Desk) -> None:
    mock = answered(desk, begun(desk, counts=True), 0, 1)
    counted(desk, mock)
    desk.store.connection.execute("DELETE FROM interview WHERE kind = 5")  # the mark never came
    (again,) = interviews(desk).all()
    assert again == mock
    again, said = counted(desk, again)
    assert (said, again.to_count, len(log(desk.store))) == ("", [], 1)


def test_one_that_was_undone_is_not_counted_again(desk: Desk) -> None:
    mock = answered(desk, begun(desk, counts=True), 0, 1)
    counted(desk, mock)
    desk.history.undo(desk.clock())
    desk.store.connection.execute("DELETE FROM interview WHERE kind = 5")
    counted(desk, mock)
    assert [event.kind for event in log(desk.store)] == [EventKind.ANSWER, EventKind.UNDO]


def test_a_card_that_was_answered_meanwhile_is_explained(desk: Desk) -> None:
    mock = answered(desk, begun(desk, counts=True), 0, 1)
    desk.history.answer(Answer("queue:0", Rating.EASY, 0), desk.clock(), PRESET)
    mock, said = counted(desk, mock)
    assert said.startswith("It does not count as a review: queue:0 has changed since it was shown: answered Easy at")
    assert (mock.counted, mock.to_count, len(log(desk.store))) == ({0: ""}, [], 1)


def test_one_that_is_taken_back_takes_its_review_with_it_and_counts_anew(desk: Desk) -> None:
    mock, _ = counted(desk, answered(desk, begun(desk, counts=True), 0, 1))
    mock = take_back(desk.history, interviews(desk), mock, desk.clock())
    assert (mock.turn, mock.results, mock.counted, desk.history.state("queue:0").state) == (0, {}, {}, State.NEW)
    revision = desk.history.state("queue:0").revision
    mock, said = counted(desk, answered(desk, mock, revision=revision))
    assert (said, mock.to_count) == ("", [])
    assert [event.kind for event in log(desk.store)] == [EventKind.ANSWER, EventKind.UNDO, EventKind.ANSWER]
    assert examine(desk.store).problems == []


def test_what_was_answered_since_is_not_taken_back(desk: Desk) -> None:
    mock, _ = counted(desk, answered(desk, begun(desk, counts=True), 0, 1))
    desk.history.answer(Answer("queue:0", Rating.EASY, desk.history.state("queue:0").revision), desk.clock(), PRESET)
    with pytest.raises(StaleCard):
        take_back(desk.history, interviews(desk), mock, desk.clock())
    assert interviews(desk).all() == [mock]


def test_a_remark_is_no_mark(desk: Desk) -> None:
    desk.history.record(EventKind.FLAG, "queue:0", desk.clock(), "[" * 100_000)
    mock = answered(desk, begun(desk, counts=True), 0, 1, revision=1)
    assert counted(desk, mock)[1] == ""


def test_a_leech_is_told(desk: Desk) -> None:
    desk.history.answer(Answer("queue:0", Rating.EASY, 0), desk.clock(), PRESET)
    desk.clock.forward(days=30)
    mock = answered(desk, begun(desk, counts=True), revision=1)
    _, said = count(desk.history, interviews(desk), mock, 0, Preset(leech_threshold=1), desk.clock())
    assert "it is a leech" in said
