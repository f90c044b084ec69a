"""The statistics counted another way: event by event through the history's own methods, days from
the wall clock, predictions from `fsrs` itself. Slow and plain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import fsrs

from aipm_cards.memory.history import History
from aipm_cards.memory.log import CRAM, Event, EventKind
from aipm_cards.memory.scheduler import State

EPOCH = date(1970, 1, 1)


class Reviewed(NamedTuple):
    """A review that counts for retention."""

    key: str
    day: int
    recalled: bool
    mature: bool
    desired: float
    predicted: float | None


def keys(history: History) -> list[str]:
    found = history.store.connection.execute("SELECT key FROM card WHERE collection = ?", (history.collection_id,))
    return sorted(key for (key,) in found)


def standing_answers(history: History, key: str) -> list[Event]:
    """The answers of a card that were neither taken back nor crammed."""
    events = history.events(key)
    voided = [event.voids for event in events if event.kind == EventKind.UNDO]
    answers = [event for event in events if event.kind == EventKind.ANSWER and event.id not in voided]
    return [event for event in answers if event.before != CRAM]


def settings(history: History, event: Event) -> dict[str, object]:
    (text,) = history.store.connection.execute("SELECT text FROM word WHERE id = ?", (event.scheduler,)).fetchone()
    said: dict[str, object] = json.loads(text)
    return said


def calendar_day(history: History, event: Event) -> int:
    """The day that a clock on the wall shows, which begins at 04:00."""
    wall = datetime.fromtimestamp(event.time / 1000, UTC).astimezone(ZoneInfo(history.zone(event.zone)))
    return ((wall.replace(tzinfo=None) - timedelta(hours=4)).date() - EPOCH).days


def predicted(history: History, before: Event, day: int) -> float | None:
    """What py-fsrs says of a card that was answered on days that begin at midnight in UTC."""
    if day <= before.day:
        return None
    parameters = settings(history, before)["parameters"]
    assert isinstance(parameters, list)
    noon = datetime(1970, 1, 1, 12, tzinfo=UTC)
    card = fsrs.Card(
        card_id=1,
        state=fsrs.State.Review,
        step=None,
        stability=before.stability,
        difficulty=before.difficulty,
        due=noon,
        last_review=noon + timedelta(days=before.day),
    )
    return fsrs.Scheduler(parameters=parameters).get_card_retrievability(card, noon + timedelta(days=day))


def reviews(history: History) -> Iterator[Reviewed]:
    for key in keys(history):
        days: set[int] = set()
        before: Event | None = None
        for event in standing_answers(history, key):
            day = calendar_day(history, event)
            if event.before == State.REVIEW and day not in days and before is not None:
                desired = settings(history, event)["desired_retention"]
                assert isinstance(desired, float)
                assert before.interval is not None
                yield Reviewed(
                    key, day, event.rating != 1, before.interval >= 21, desired, predicted(history, before, day)
                )
            days.add(day)
            before = event
