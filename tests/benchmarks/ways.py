"""Ways of studying towards a day, and a learner who follows them one by one: each begins with the
same history, the same chances and the same minutes a day.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from typing import NamedTuple

from living import Desk, World, desk, live
from people import Person

from aipm_cards.memory.goal import InForce
from aipm_cards.memory.planning.advice import Aim, advise
from aipm_cards.memory.session import Session
from aipm_cards.memory.settings import Settings
from aipm_cards.memory.unseen import unseen

FIRST_DAY = 20_000  # the learner day on which histories may begin
FORESEEN = 9  # courses: a tenth one lies between the least and the most of them in 80 % of cases
MEMORY = Path("/dev/shm")  # a file system that is no disk, where there is one


# --- ways of studying ----------------------------------------------------------------------


class Begun(NamedTuple):
    """A way of studying, once it has begun: what opens the session of a day, and how many of the
    chosen cards are foretold to be remembered (an interval of 80 %), if it foretells that."""

    session: Callable[[], Session]
    low: float | None = None
    high: float | None = None


Policy = Callable[[Desk, int], Begun]
"""Begins a way of studying on a learner day. It may know what stands on the desk, and nothing else."""


def default_settings(desk: Desk, today: int) -> Begun:
    return Begun(lambda: desk.session(desk.settings))


def spread_evenly(desk: Desk, today: int) -> Begun:
    """So many new cards a day that the last one is begun on the last day."""
    new = len(list(unseen(desk.history, desk.cards.order)))
    settings = _new_a_day(desk.settings, ceil(new / (desk.target - today)))
    return Begun(lambda: desk.session(settings))


def all_new_first(desk: Desk, today: int) -> Begun:
    return Begun(lambda: desk.session(_new_a_day(desk.settings, 9999)))


def _new_a_day(settings: Settings, new: int) -> Settings:
    return replace(settings, preset=replace(settings.preset, new_per_day=new))


def as_planned(desk: Desk, today: int) -> Begun:
    """What `aipm-cards plan` advises, put in force."""
    aim = Aim(desk.chosen, today, desk.target, desk.minutes or 0.0)
    advice = advise(desk.history, desk.cards, aim, desk.settings, {}, seed=1)
    chosen = [key for key in desk.cards.order if key in desk.chosen]
    in_force = InForce.of(advice.goal(), chosen)
    session = partial(Session, desk.history, desk.cards, desk.settings, desk.clock, None, in_force)
    return Begun(session, advice.remembered.low, advice.remembered.high)


POLICIES: Mapping[str, Policy] = {
    "as planned": as_planned,
    "default settings": default_settings,
    "spread evenly": spread_evenly,
    "all new first": all_new_first,
}
"""The ways of studying. The first of those that are run is compared with the others."""


# --- one learner ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What a learner is to live through. `cards` are those chosen, 0 for 60 to 150 of them;
    `others` those beside them; `history` the most days that were lived before; `minutes` a day
    stand above those that the person would give."""

    person: Person
    days: int
    cards: int
    others: int
    history: int
    minutes: float | None
    policies: Sequence[str]
    foreseen: bool


@dataclass(frozen=True)
class Outcome:
    """What came of a way of studying. `expected` is the sum of the true probabilities; `minutes`
    are those of a day, over all days; `cut` is the share of the sessions for which they were too
    few; `held` says whether the interval did."""

    remembered: int
    expected: float
    seen: int
    answers: int
    minutes: float
    longest: float
    cut: float
    low: float | None
    high: float | None
    held: bool | None


@dataclass(frozen=True)
class Result:
    """What a learner lived through; `seen` of the chosen cards had been seen before that."""

    kind: str
    cards: int
    seen: int
    minutes: float | None
    outcomes: Mapping[str, Outcome]


class Start(NamedTuple):
    """Where all ways of studying begin: the history and the memory on a day, and what is wished."""

    history: Path
    world: World
    order: Sequence[str]
    chosen: frozenset[str]
    today: int
    target: int
    minutes: float | None

    def desk(self, path: Path) -> AbstractContextManager[Desk]:
        return desk(path, self.order, self.chosen, self.target, self.minutes)


def lived(task: Task) -> Result:
    """The whole of a learner, in a directory of its own that goes away."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as directory:
        start = _started(task, Path(directory))
        outcomes = {name: _outcome(task, start, POLICIES[name]) for name in task.policies}
        seen = sum(key in start.chosen for key in start.world.memories)
    return Result(task.person.kind, len(start.chosen), seen, start.minutes, outcomes)


def _started(task: Task, directory: Path) -> Start:
    """After days of studying with default settings, but for new cards: some cards are still new."""
    chance = random.Random(f"{task.person.seed}/start")
    chosen = [f"n{number}:0" for number in range(task.cards or chance.randint(60, 150))]
    order = list(chosen)
    for number in range(task.others):
        order.insert(chance.randint(0, len(order)), f"o{number}:0")
    before, share = chance.randint(0, task.history), chance.uniform(0.1, 0.7)
    today, minutes = FIRST_DAY + before, task.minutes or task.person.minutes
    path, world = directory / "history.db", World(task.person)
    start = Start(path, world, order, frozenset(chosen), today, today + task.days, minutes)
    with start.desk(path) as at:
        settings = _new_a_day(at.settings, ceil(share * len(order) / max(1, before)))
        live(world, at.clock, lambda: at.session(settings), FIRST_DAY, today - 1, minutes)
    return start


def _outcome(task: Task, start: Start, policy: Policy) -> Outcome:
    outcome = _followed(start, policy, luck=0)
    if not task.foreseen:
        return outcome
    # What is equal is put in order by lot: else the interval would hold more than 80 %.
    lots = random.Random(f"{task.person.seed}/lots")
    courses = [_followed(start, policy, luck).remembered for luck in range(1, FORESEEN + 1)]
    (low, _), *_, (high, _) = drawn = sorted((remembered, lots.random()) for remembered in courses)
    held = drawn[0] < (outcome.remembered, lots.random()) < drawn[-1]
    return replace(outcome, low=low, high=high, held=held)


def _followed(start: Start, policy: Policy, luck: int) -> Outcome:
    """A way of studying until the day, from a copy of the history on."""
    world, path = start.world.copy(luck), start.history.with_name("followed.db")
    shutil.copyfile(start.history, path)
    with start.desk(path) as at:
        at.clock.evening(start.today)
        session, low, high = policy(at, start.today)
        days = live(world, at.clock, session, start.today, start.target - 1, start.minutes)
    path.unlink()
    remembered = world.remembered(sorted(start.chosen), start.target)
    return Outcome(
        remembered,
        sum(world.recall(key, start.target) for key in sorted(start.chosen)),
        sum(key in start.chosen for key in world.memories),
        sum(day.answers for day in days),
        sum(day.minutes for day in days) / (start.target - start.today),
        max((day.minutes for day in days), default=0.0),
        sum(day.cut for day in days) / max(1, len(days)),
        low,
        high,
        None if low is None or high is None else low <= remembered <= high,
    )
