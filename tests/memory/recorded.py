"""The recordings of the real Anki, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from aipm_cards.memory.days import DAY_MS, Moment
from aipm_cards.memory.settings import Preset
from aipm_cards.model import Rating

RECORDINGS = Path(__file__).parent / "recordings"
START = 240  # minutes after midnight: Anki's own 04:00


class Answer(NamedTuple):
    """An answer and what Anki had after it; `record_anki.py` says what the values are."""

    ms: int
    zone: str
    rating: int
    by: str
    fuzz: bool
    kind: str
    step: int
    stability: float
    difficulty: float
    interval: int
    delay: int
    days: int
    due: int
    next_day: int

    @property
    def moment(self) -> Moment:
        return Moment(self.ms, self.zone)

    @property
    def button(self) -> Rating:
        return Rating(self.rating)

    @property
    def offset_ms(self) -> int:
        """How far the wall clock is ahead of UTC."""
        return (self.moment.local.utcoffset() or timedelta()) // timedelta(milliseconds=1)


class Recording(NamedTuple):
    """One card: its settings and its answers."""

    name: str
    preset: Preset
    answers: tuple[Answer, ...]


def recordings() -> Iterator[Recording]:
    """All of them, in the order of the files."""
    for path in sorted(RECORDINGS.glob("*.json")):
        for scenario in json.loads(path.read_text(encoding="utf-8"))["scenarios"]:
            preset = Preset(
                desired_retention=scenario["desired_retention"],
                learning_steps=tuple(scenario["learning_steps"]),
                relearning_steps=tuple(scenario["relearning_steps"]),
                maximum_interval=scenario["maximum_interval"],
                parameters=tuple(scenario["parameters"]),
            )
            yield Recording(scenario["name"], preset, tuple(Answer(**answer) for answer in scenario["answers"]))


def rollover(answer: Answer) -> int:
    """When Anki thinks the next day begins (UTC ms): the next 04:00 by the offset of the moment,
    even if the clock changes before."""
    local = answer.ms + answer.offset_ms - START * 60_000
    return local - local % DAY_MS + DAY_MS - answer.offset_ms + START * 60_000


def ankis_days(last: Answer, now: Answer) -> int:
    """Anki's count of the days between two answers: spans of 86,400 s back from the next day."""
    return max(0, rollover(now) // 1000 - last.ms // 1000) // 86_400
