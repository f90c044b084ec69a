"""Which cards are new, also where thousands are not: with what is remembered, and without it."""

from __future__ import annotations

import random

import pytest

from aipm_cards.memory import doctor, unseen
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating
from tests.memory.conftest import Desk

ORDER = [f"n{number:03}:0" for number in range(60)]


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unseen, "MANY", 10)
    monkeypatch.setattr(unseen, "CHUNK", 4)


def answer(desk: Desk, *keys: str) -> None:
    for key in keys:
        revision = desk.history.state(key).revision
        desk.history.answer(Answer(key, Rating.EASY, revision), desk.clock(), Preset())


def remembered(desk: Desk) -> tuple[str, int]:
    with desk.store.reading() as connection:
        found: tuple[str, int] = connection.execute("SELECT begun, begun_cards FROM collection").fetchone()
    return found


def new(desk: Desk, name: str = "", order: list[str] = ORDER) -> list[str]:
    return list(unseen.unseen(desk.history, order, name))


def test_the_beginning_of_an_order_is_remembered(desk: Desk) -> None:
    answer(desk, *ORDER[:30], ORDER[40])
    assert new(desk, "one") == [*ORDER[30:40], *ORDER[41:]]
    assert remembered(desk) == ("one", 30)
    assert new(desk, "one") == [*ORDER[30:40], *ORDER[41:]]
    answer(desk, *ORDER[30:55])
    assert new(desk, "one") == ORDER[55:]
    assert remembered(desk) == ("one", 55)
    assert doctor.examine(desk.store).problems == []


def test_what_is_remembered_is_used(desk: Desk) -> None:
    """A wrong number would hide cards: so it is what the answer rests on."""
    answer(desk, *ORDER[:30])
    new(desk, "one")
    with desk.store.writing() as connection:
        connection.execute("UPDATE collection SET begun_cards = 50")
    assert new(desk, "one") == ORDER[50:]
    assert new(desk, "another") == ORDER[30:]
    assert remembered(desk) == ("another", 30)


def test_nothing_is_remembered_without_a_name_or_for_a_few_cards(desk: Desk) -> None:
    answer(desk, *ORDER[:30])
    assert new(desk) == ORDER[30:]
    assert remembered(desk) == ("", 0)
    assert new(desk, "short", ORDER[22:32]) == ORDER[30:32]
    assert remembered(desk) == ("", 0)


def test_an_answer_that_is_undone_comes_back_in_its_place(desk: Desk) -> None:
    answer(desk, *ORDER[:30])
    new(desk, "one")
    answer(desk, ORDER[30])
    desk.history.undo(desk.clock())
    desk.history.undo(desk.clock())
    desk.history.record(EventKind.AFRESH, ORDER[3], desk.clock())
    assert new(desk, "one") == [ORDER[3], *ORDER[29:]]
    desk.history.record(EventKind.SUSPEND, ORDER[3], desk.clock())
    assert new(desk, "one") == ORDER[29:]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_same_with_and_without(desk: Desk, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        answer(desk, *rng.sample(ORDER, 2), *ORDER[: rng.randrange(30)])
        if rng.random() < 0.4:
            desk.history.undo(desk.clock())
        if rng.random() < 0.2:
            desk.history.record(rng.choice([EventKind.AFRESH, EventKind.SUSPEND]), rng.choice(ORDER), desk.clock())
        states = {key: desk.history.state(key) for key in ORDER}
        expected = [key for key in ORDER if states[key].state == 0 and not states[key].suspended]
        assert new(desk, "one") == new(desk) == expected


def test_a_history_that_may_not_be_written_is_read_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(desk, *ORDER[:30])
    monkeypatch.setattr(desk.store, "patience", 0.01)
    with desk.store.reading() as connection:
        connection.execute("PRAGMA query_only = ON")
        assert new(desk, "one") == ORDER[30:]
        connection.execute("PRAGMA query_only = OFF")
    assert remembered(desk) == ("", 0)
