"""Histories of made-up learners: written in one go, as the program itself would have kept them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from aipm_cards.memory.days import DAY_MS
from aipm_cards.memory.doctor import rebuild
from aipm_cards.memory.history import scheduler_text
from aipm_cards.memory.log import Event, EventKind
from aipm_cards.memory.scheduler import Memory, State, days_until, fuzzed, next_memory, retrievability
from aipm_cards.memory.settings import DEFAULT_PARAMETERS, Preset
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

FIRST_DAY = 20_000  # the learner day on which lives begin; in the zone UTC
NOON = DAY_MS // 2
PRESET = Preset()
# Of someone who forgets much sooner than most.
OWN = (0.05, 0.2, 0.4, 1.0, *DEFAULT_PARAMETERS[4:8], 1.2, *DEFAULT_PARAMETERS[9:20], 0.5)

Answer = tuple[int, int]
"""A learner day and a rating."""


@lru_cache
def lives(cards: int, days: int, seed: int, parameters: tuple[float, ...] = OWN) -> dict[str, list[Answer]]:
    """The answers to cards (by their keys) of a learner whose memory has these parameters, and
    whose schedule has those of `PRESET`."""
    chance = random.Random(seed)
    return {f"n{number}:0": _life(chance, days, Preset(parameters=parameters)) for number in range(cards)}


def _life(chance: random.Random, days: int, true: Preset) -> list[Answer]:
    day = FIRST_DAY + chance.randrange(max(1, days * 2 // 3))
    memory = scheduled = Memory()
    found: list[Answer] = []
    while day < FIRST_DAY + days:
        rating = _rated(chance, memory, day, true)
        found.append((day, rating))
        memory, _ = next_memory(memory, rating, day, true)
        scheduled, _ = next_memory(scheduled, rating, day, PRESET)
        if scheduled.state is State.REVIEW:
            day += fuzzed(days_until(scheduled.stability, PRESET), 1, 36_500, chance.random())
    return found


def _rated(chance: random.Random, memory: Memory, day: int, true: Preset) -> Rating:
    if memory.state is State.NEW:
        return chance.choices(list(Rating), (30, 15, 45, 10))[0]
    if chance.random() > retrievability(memory, day, true):
        return Rating.AGAIN
    return chance.choices(list(Rating), (0, 10, 80, 10))[0]


def write(path: Path, namespace: str, answers: Mapping[str, Sequence[Answer]], preset: Preset = PRESET) -> None:
    """Write a history with these answers to cards, in the order of days."""
    with Store(path) as store:
        with store.writing() as rows:
            rows.execute("INSERT INTO collection (id, namespace) VALUES (1, ?)", (namespace,))
            words = ("UTC", "somewhere", scheduler_text(preset, 240))
            rows.executemany("INSERT INTO word (text) VALUES (?)", ((word,) for word in words))
            rows.executemany("INSERT INTO card (collection, key) VALUES (1, ?)", ((key,) for key in answers))
            sql = f"INSERT INTO event ({', '.join(Event._fields)}) VALUES ({', '.join('?' * len(Event._fields))})"
            rows.executemany(sql, _events(answers, preset))
        rebuild(store)


def _events(answers: Mapping[str, Sequence[Answer]], preset: Preset) -> Iterable[Event]:
    chance = random.Random(1)
    memories = [Memory() for _ in answers]
    order = [
        (day, number, card, rating)
        for card, own in enumerate(answers.values())
        for number, (day, rating) in enumerate(own)
    ]
    last = (0, 0)
    for seq, (day, _, card, rating) in enumerate(sorted(order), 1):
        last = (day, last[1] + 1 if last[0] == day else 0)
        time = day * DAY_MS + NOON + last[1] * 1000
        before = memories[card]
        after, _ = next_memory(before, Rating(rating), day, preset)
        interval = fuzzed(days_until(after.stability, preset), 1, 36_500, None) if after.state is State.REVIEW else 0
        memories[card] = after
        yield Event(
            seq, time.to_bytes(6) + chance.randbytes(10), EventKind.ANSWER, card + 1, time, 1, day, 2, rating, 4000,
            before.state, after.state, after.step, after.stability, after.difficulty, time + interval * DAY_MS,
            day + interval, interval, 0, None, 3,
        )  # fmt: skip
