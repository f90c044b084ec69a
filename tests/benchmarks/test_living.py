"""The simulated learners that the plan is measured with live as they are said to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest
from living import Desk, World, desk, live
from people import KINDS, Person, people
from plan import table
from ways import POLICIES, Task, lived

from aipm_cards.memory.days import date_of
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import DEFAULT_PARAMETERS, Settings
from aipm_cards.model import Rating
from tests.memory.conftest import log

MONDAY = 20_003
ORDER = [f"n{number}:0" for number in range(15)]
AVERAGE = Person("average", 7, DEFAULT_PARAMETERS, scatter=0.0)
NEVER_FORGETS = replace(AVERAGE, parameters=(100.0,) * 4 + DEFAULT_PARAMETERS[4:20] + (0.1,), steps=1.0)
NEVER_RECALLS = replace(
    AVERAGE, parameters=(0.001,) * 4 + DEFAULT_PARAMETERS[4:20] + (0.8,), steps=0.0, first=(1.0, 0.0, 0.0, 0.0)
)

Look = Callable[[Desk], None]


def study(path: Path, person: Person, days: int, minutes: float | None = None, look: Look | None = None) -> World:
    """Some days with the default settings; `look` sees what is on the desk at their end."""
    world = World(person)
    with desk(path, ORDER, frozenset(ORDER), MONDAY + days, minutes) as at:
        world.days = live(world, at.clock, lambda: at.session(Settings()), MONDAY, MONDAY + days - 1, minutes)
        if look is not None:
            look(at)
    return world


def test_who_forgets_nothing_remembers_all_and_who_recalls_nothing_none(tmp_path: Path) -> None:
    world = study(tmp_path / "never.db", NEVER_FORGETS, 8)
    assert world.remembered(ORDER, MONDAY + 8) == len(ORDER)
    assert all(look.recalled for look in world.looks if look.state is State.REVIEW)
    world = study(tmp_path / "none.db", NEVER_RECALLS, 8, 3.0)
    assert world.remembered(ORDER, MONDAY + 8) <= 1
    assert world.recall("never seen", MONDAY + 8) == 0


def test_the_memory_of_who_is_as_the_settings_say_is_what_the_program_thinks(tmp_path: Path) -> None:
    """Through steps, lapses and days missed: the formulas are the same, and so are the days."""
    believed = {}

    def keep(at: Desk) -> None:
        believed.update({key: at.history.state(key).memory for key in ORDER})
        assert examine(at.history.store).problems == []

    world = study(tmp_path / "history.db", replace(AVERAGE, missed=0.3), 40, look=keep)
    assert {look.rating for look in world.looks if look.state is State.REVIEW} >= {Rating.AGAIN, Rating.GOOD}
    for key, memory in world.memories.items():
        assert (memory.stability, memory.difficulty, memory.last_day) == (
            pytest.approx(believed[key].stability),
            pytest.approx(believed[key].difficulty),
            believed[key].last_day,
        )


def test_the_history_has_what_was_lived(tmp_path: Path) -> None:
    rows = []
    world = study(
        tmp_path / "history.db", replace(AVERAGE, bias=-0.3), 12, 3.0, lambda at: rows.extend(log(at.history.store))
    )
    assert [(r.day, r.before, r.rating, r.took) for r in rows] == [
        (k.day, k.state, k.rating, k.took) for k in world.looks
    ]
    assert len({row.id for row in rows}) == len(rows)
    for day in world.days:
        took = [row.took / 60_000 for row in rows if row.day == day.day]
        assert (len(took), sum(took)) == (day.answers, pytest.approx(day.minutes))
        assert sum(took[:-1]) < 3.0
        assert not day.cut or sum(took) >= 3.0
    assert world.days[0].cut
    assert all(later.time - later.took >= earlier.time for earlier, later in pairwise(rows))


def test_as_many_are_recalled_as_is_likely(tmp_path: Path) -> None:
    looks = []
    for number, person in enumerate(people(len(KINDS), 5)):
        looks += [look for look in study(tmp_path / f"{number}.db", person, 15).looks if look.chance]
    variance = sum(look.chance * (1 - look.chance) for look in looks)
    assert abs(sum(look.recalled - look.chance for look in looks)) < 3 * sqrt(variance)
    assert all(look.recalled for look in looks if look.rating is not Rating.AGAIN)


def test_people_are_of_all_kinds_and_miss_the_days_that_they_say() -> None:
    found = list(people(4 * len(KINDS), 1))
    assert [person.kind for person in found] == list(KINDS) * 4
    assert len({person.parameters for person in found}) == len(found)
    assert found == list(people(4 * len(KINDS), 1))
    days = range(MONDAY, MONDAY + 4000)
    assert date_of(MONDAY).weekday() == 0
    for person in found:
        there = person.attends(days[0], days[-1])
        open_days = [at for day, at in zip(days, there, strict=True) if date_of(day).weekday() not in person.off]
        assert open_days.count(False) / len(open_days) == pytest.approx(person.missed, abs=0.04)
        assert not any(at for day, at in zip(days, there, strict=True) if date_of(day).weekday() in person.off)
    week = replace(AVERAGE, away=7).attends(MONDAY, MONDAY + 29)
    assert (week.count(False), week[week.index(False) :][:7].count(False)) == (7, 7)


def test_the_same_seed_lives_the_same_and_other_luck_another_life() -> None:
    harsh = next(person for person in people(11, 2) if person.kind == "harsh")
    task = Task(replace(harsh, minutes=4.0), 8, 20, 5, 6, None, list(POLICIES), foreseen=False)
    result = lived(task)
    assert result == lived(task)
    assert result.cards == 20
    assert 0 < result.seen < 20
    for outcome in result.outcomes.values():
        assert 0 < outcome.expected < outcome.seen <= 20
    assert result.outcomes["all new first"].seen == 20
    foreseen = lived(replace(task, policies=["spread evenly"], foreseen=True))
    outcome = foreseen.outcomes["spread evenly"]
    assert outcome.low < outcome.high  # nine courses, and not all the same
    assert replace(outcome, low=None, high=None, held=None) == result.outcomes["spread evenly"]
    for line in (*table([result]), *table([foreseen])):
        assert line == line.rstrip()
