"""Interviews that tests hold: a few answers, quickly made."""

from __future__ import annotations

from aipm_cards.memory.history import Content
from aipm_cards.memory.interviews.log import Interviews
from aipm_cards.memory.interviews.mock import Asked, Mock, Result
from aipm_cards.model import Point, Rating
from tests.memory.conftest import FOUR, Desk

POINTS = (Point("Names the *user*", True), Point("Names a metric", False), Point("Names a risk", False))
ASKED = (Asked("queue:0", "TD", 300), Asked("story:0", "BH", 240), Asked("plan:0", "EX", 1200))


def result(card: str, *said: int, **more: object) -> Result:
    """An answer in which these points were said."""
    rating = Rating.GOOD if 0 in said and len(said) > 1 else Rating.AGAIN
    values: dict[str, object] = {
        "card": card,
        "rating": rating,
        "took": 1000,
        "points": POINTS,
        "said": frozenset(said),
        "late": False,
        "fresh": False,
        "text": "",
        "asked": f"What of {card}?",
        "skills": ("ops",),
        "revision": 0,
        "content": Content.of(card).digest,
        **more,
    }
    return Result(**values)  # type: ignore[arg-type]


def interviews(desk: Desk) -> Interviews:
    """The interviews beside the history of a desk."""
    return Interviews(desk.store, desk.namespace, "laptop", desk.token, FOUR)


def begun(desk: Desk, *asked: Asked, counts: bool = False) -> Mock:
    return interviews(desk).begin(asked or ASKED, desk.clock(), 7, {"minutes": 45}, counts)


def answered(desk: Desk, mock: Mock, *said: int, **more: object) -> Mock:
    """The interview after an answer to the question in turn."""
    assert mock.turn is not None
    card = mock.asked[mock.turn].card
    return interviews(desk).answer(mock, result(card, *said, **more), Content.of(card), desk.clock())
