"""A row that makes no sense is found, whatever rows were read before it."""

from __future__ import annotations

from typing import Any

import pytest

from aipm_cards.memory.log import Event, EventKind, Senseless
from aipm_cards.memory.rows import LATEST, event_of

SOUND = Event(
    seq=1, id=b"i" * 16, kind=1, card=1, time=1, zone=1, day=1, device=2, rating=3, took=1, before=0, state=2, step=0,
    stability=2.5, difficulty=5.0, due=1, due_day=2, interval=1, leech=0, content=1, scheduler=3,
)  # fmt: skip

WRONG = [
    *(("took", -5), ("leech", 7), ("card", -3), ("zone", -1), ("device", -1), ("content", -1), ("scheduler", -1)),
    *(
        ("kind", max(EventKind) + 1),
        ("kind", 0),
        ("time", LATEST + 1),
        ("day", 10**9),
        ("rating", 0),
        ("rating", 5),
        ("before", 5),
    ),
    *(("state", 4), ("step", 101), ("interval", 40_000), ("due", LATEST * 2), ("due_day", 10**9), ("seq", -1)),
    *(
        ("stability", -1.0),
        ("stability", float("nan")),
        ("difficulty", float("inf")),
        ("id", b"short"),
        ("voids", b"x"),
    ),
    *(
        ("voids", b"x"),
        ("took", "1"),
        ("stability", 1),
        ("detail", b"x"),
        ("card", None),
        ("time", 1.0),
        ("rating", True),
    ),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("before", [False, True])
def test_a_value_that_cannot_be(name: str, value: Any, before: bool) -> None:
    if before:
        assert event_of(SOUND) == SOUND
        voiding = SOUND._replace(voids=b"v" * 16)
        assert event_of(voiding) == voiding
    with pytest.raises(Senseless):
        event_of(SOUND._replace(**{name: value}))
