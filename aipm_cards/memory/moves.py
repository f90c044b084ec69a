"""Moved due days in the log: what the events of one batch have in common.

All events of a batch carry the same text, so that one is found from the other, and are taken
back together: half a batch would be a load that nobody chose.
"""

from __future__ import annotations

import json
import re
import sqlite3

from aipm_cards.memory.log import Event, EventKind, Senseless
from aipm_cards.memory.rows import event_of, text_of, whole
from aipm_cards.memory.store import Store
from aipm_cards.words import counted

_BATCH = re.compile("[0-9a-f]{16}")


def moves_detail(batch: str, why: str) -> str:
    """The text that all events of a batch carry: JSON with its name, 16 hexadecimal digits, and
    the command that chose the moves."""
    return json.dumps({"batch": batch, "why": why}, separators=(",", ":"))


def said_of(event: Event) -> tuple[str, str]:
    """The batch of a move, and why it was made. Raises Senseless for a text of something else."""
    try:
        said = json.loads(event.detail or "")
    except (ValueError, RecursionError):
        said = None
    batch, why = (said.get("batch"), said.get("why")) if isinstance(said, dict) else (None, None)
    if not isinstance(batch, str) or not _BATCH.fullmatch(batch) or not isinstance(why, str):
        raise Senseless(f"event {event.seq}: a move that says no batch")
    return batch, why


def _named(event: Event) -> tuple[int, int, str | None]:
    return event.day, int(EventKind.MOVE), event.detail


def batch_of(connection: sqlite3.Connection, collection: int, event: Event) -> list[tuple[str, Event]]:
    """The keys and events of a batch that stand, the last first, from one of its events. Raises
    Senseless."""
    said_of(event)
    columns = ", ".join(f"e.{name}" for name in Event._fields)
    sql = (
        f"SELECT {columns}, c.key FROM event e JOIN card c ON c.id = e.card"
        f" WHERE c.collection = ? AND {_SAME} AND {_NOT_VOIDED} ORDER BY e.seq DESC"
    )
    found = connection.execute(sql, (collection, *_named(event))).fetchall()
    return [(text_of(key), event_of(row)) for *row, key in found]


def batch_size(store: Store, event: Event) -> int:
    """How many cards were moved together with that of an event, undone or not. Raises
    HistoryError."""
    with store.reading() as connection:
        return int(connection.execute(f"SELECT count(*) FROM event e WHERE {_SAME}", _named(event)).fetchone()[0])


def told(store: Store, event: Event) -> str:
    """What a batch did, for people: `postponed 43 cards`. Raises HistoryError."""
    with store.errors():
        _, why = said_of(event)
    number = batch_size(store, event)
    return _TOLD.get(why, "moved {}").format(counted(number, "card"))


def taken_back_in_part(connection: sqlite3.Connection) -> list[int]:
    """The first events of the batches of which some events were taken back and others were not."""
    sql = (
        "SELECT min(e.seq) FROM event e LEFT JOIN event u ON u.voids = e.id"
        f" WHERE e.kind = {EventKind.MOVE:d} GROUP BY e.detail HAVING count(u.seq) NOT IN (0, count(*))"
    )
    return [whole(seq, "seq") for (seq,) in connection.execute(sql)]


_SAME = "e.day = ? AND e.kind = ? AND e.detail = ?"  # the day for its index
_NOT_VOIDED = "NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id)"
_TOLD = {"postpone": "postponed {}", "flatten": "spread {} over the days", "break": "moved {} out of a break"}
