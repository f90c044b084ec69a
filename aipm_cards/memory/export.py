"""The history for other programs: reviews in the columns of FSRS tools, or every event."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import TextIO

from aipm_cards.memory.interviews.log import entry_of
from aipm_cards.memory.interviews.mock import Entry, Kind
from aipm_cards.memory.log import Event, EventKind, Senseless
from aipm_cards.memory.rows import event_of, text_of
from aipm_cards.memory.store import Store

# The first five are what FSRS optimizers read; times in UTC milliseconds, durations too.
COLUMNS = (
    "card_id",
    "review_time",
    "review_rating",
    "review_state",
    "review_duration",
    "timezone",
    "day_start",
    "card",
)

_REVIEWS = """
    SELECT c.id, e.time, e.rating, e.before, e.took, z.text, s.text, n.namespace || '/' || c.key
    FROM event e JOIN card c ON c.id = e.card JOIN collection n ON n.id = c.collection
    JOIN word z ON z.id = e.zone JOIN word s ON s.id = e.scheduler
    WHERE e.kind = 1 AND e.before != 4 AND NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id) ORDER BY e.seq
"""


def write_csv(store: Store, file: TextIO) -> int:
    """Write the reviews that count, a line each; returns how many. What was undone or crammed
    is left out: it says nothing about memory. Raises HistoryError, OSError."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    with store.snapshot() as connection:
        for *row, scheduler, card in connection.execute(_REVIEWS):
            start = _day_start(scheduler)
            writer.writerow((*row, f"{start // 60:02}:{start % 60:02}", card))
            count += 1
    return count


def write_jsonl(store: Store, file: TextIO) -> int:
    """Write every event, a JSON object a line, the undone ones included; then every row of the
    mock interviews, whose kinds begin with `interview_`. Returns how many. Raises HistoryError,
    OSError."""
    count = 0
    for event in chain(_events(store), _interviews(store)):
        file.write(json.dumps(event, separators=(",", ":")) + "\n")
        count += 1
    return count


def _events(store: Store) -> Iterator[dict[str, object]]:
    names = ", ".join(f"e.{name}" for name in Event._fields)
    sql = (
        f"SELECT {names}, n.namespace, c.key, x.digest FROM event e JOIN card c ON c.id = e.card"
        " JOIN collection n ON n.id = c.collection LEFT JOIN content x ON x.id = e.content ORDER BY e.seq"
    )
    with store.snapshot() as connection:
        words: dict[int, str] = dict(connection.execute("SELECT id, text FROM word"))
        for *row, namespace, key, digest in connection.execute(sql):
            event = event_of(row)
            said = {
                **event._asdict(),
                "id": event.id.hex(),
                "kind": EventKind(event.kind).name.lower(),
                "collection": text_of(namespace),
                "card": text_of(key),
                "zone": text_of(words.get(event.zone)),
                "device": text_of(words.get(event.device)),
                "content": bytes(digest).hex() if isinstance(digest, bytes) else None,
                "scheduler": None if event.scheduler is None else _scheduler(words.get(event.scheduler)),
                "voids": event.voids.hex() if event.voids else None,
            }
            yield {name: value for name, value in said.items() if value is not None}


def _interviews(store: Store) -> Iterator[dict[str, object]]:
    names = ", ".join(f"i.{name}" for name in Entry._fields)
    sql = f"SELECT {names}, n.namespace FROM interview i JOIN collection n ON n.id = i.collection ORDER BY i.seq"
    with store.snapshot() as connection:
        words: dict[int, str] = dict(connection.execute("SELECT id, text FROM word"))
        for *row, namespace in connection.execute(sql):
            entry = entry_of(row)
            said = {
                **entry._asdict(),
                "id": entry.id.hex(),
                "mock": entry.mock.hex(),
                "kind": f"interview_{Kind(entry.kind).name.lower()}",
                "collection": text_of(namespace),
                "zone": text_of(words.get(entry.zone)),
                "device": text_of(words.get(entry.device)),
                "detail": json.loads(entry.detail or "{}"),
            }
            yield {name: value for name, value in said.items() if value is not None}


@cache
def _scheduler(text: str | None) -> dict[str, object]:
    """The settings of a scheduler. Raises Senseless."""
    try:
        said = json.loads(text_of(text))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Senseless("the settings of a scheduler cannot be read")
    return said


def _day_start(scheduler: str) -> int:
    start = _scheduler(scheduler).get("day_start")
    if not isinstance(start, int) or not 0 <= start < 1440:
        raise Senseless("the start of a day is no time")
    return start
