"""The log of the mock interviews in the history file: rows are added, each in its own transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from aipm_cards.errors import HistoryError
from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.history import Content
from aipm_cards.memory.interviews.folding import applied, detail_of_result, folded
from aipm_cards.memory.interviews.mock import Asked, Draft, Entry, Kind, Mock, Result
from aipm_cards.memory.log import Senseless
from aipm_cards.memory.rows import text_of, whole
from aipm_cards.memory.store import Store

NAMES = ", ".join(Entry._fields)
_INSERT = f"INSERT INTO interview ({NAMES}) VALUES ({', '.join('?' * len(Entry._fields))})"


class MovedOn(HistoryError):
    """An interview went on in another session."""


class Interviews:
    """The mock interviews of the collection `namespace` in an open store. `device`, `token` and
    `start` are those of `History`. Every method raises HistoryError."""

    def __init__(self, store: Store, namespace: str, device: str, token: Callable[[], bytes], start: int) -> None:
        self.store = store
        self.namespace = namespace
        self.start = start
        self._device = device
        self._token = token

    # --- reading ---------------------------------------------------------------------------

    def all(self) -> list[Mock]:
        """All interviews, the oldest first."""
        sql = f"SELECT {NAMES} FROM interview WHERE collection = (SELECT id FROM collection WHERE namespace = ?)"
        with self.store.reading() as connection:
            return list(_by_mock(connection.execute(sql + " ORDER BY seq", (self.namespace,))))

    def unfinished(self) -> Mock | None:
        """The interview that was begun last, if it can go on."""
        return next((mock for mock in self.all()[-1:] if not mock.ended), None)

    # --- writing ---------------------------------------------------------------------------

    def begin(
        self, asked: Sequence[Asked], now: Moment, seed: int, wish: Mapping[str, object], counts: bool = False
    ) -> Mock:
        """Begin an interview with these questions. `wish` is what was asked for, `counts` whether
        each result also counts as a review."""
        detail = {**wish, "seed": seed, "counts": counts, "asked": [list(question) for question in asked]}
        with self.store.writing() as connection:
            collection = self._collection(connection)
            entry = self._entry(connection, collection, b"", Kind.BEGUN, now, None, detail)
            entry = entry._replace(mock=entry.id)
            connection.execute(_INSERT, entry)
            return applied(None, entry)

    def draft(self, mock: Mock, draft: Draft, now: Moment) -> Mock:
        """Keep how far the answer to the question in turn has come."""
        number = _turn(mock)
        detail = {"question": number, **draft._asdict()}
        return self._add(mock, Kind.DRAFT, now, mock.asked[number].card, detail)

    def answer(self, mock: Mock, result: Result, content: Content, now: Moment) -> Mock:
        """Store the answer to the question in turn, and what its card said."""
        number = _turn(mock)
        return self._add(mock, Kind.ANSWERED, now, result.card, detail_of_result(number, result), content)

    def leave_out(self, mock: Mock, why: str, now: Moment) -> Mock:
        """Go on without the question in turn."""
        number = _turn(mock)
        return self._add(mock, Kind.LEFT_OUT, now, mock.asked[number].card, {"question": number, "why": why})

    def counted(self, mock: Mock, number: int, event: str, now: Moment, why: str = "") -> Mock:
        """Mark an answer as counted by the review with the id `event`; with an empty one as
        refused, for the reason `why`."""
        detail = {"question": number, "event": event, **({"why": why} if why else {})}
        return self._add(mock, Kind.COUNTED, now, mock.asked[number].card, detail)

    def take_back(self, mock: Mock, now: Moment) -> Mock:
        """Ask the question again that was answered or left out last."""
        number = mock.last
        if number is None:
            raise MovedOn("there is nothing to take back")
        return self._add(mock, Kind.TAKEN_BACK, now, mock.asked[number].card, {"question": number})

    def end(self, mock: Mock, why: str, now: Moment) -> Mock:
        """Nothing more is asked."""
        return self._add(mock, Kind.ENDED, now, None, {"why": why})

    # --- inside a transaction --------------------------------------------------------------

    def _add(
        self,
        mock: Mock,
        kind: Kind,
        now: Moment,
        card: str | None,
        detail: Mapping[str, object],
        content: Content | None = None,
    ) -> Mock:
        """One more row, on the disk when this returns. Raises MovedOn if the interview has rows
        that `mock` does not know."""
        with self.store.writing() as connection:
            found = connection.execute("SELECT max(seq) FROM interview WHERE mock = ?", (mock.id,)).fetchone()
            if found[0] != mock.revision:
                raise MovedOn("this interview went on in another session; `aipm-cards interview` shows where it stands")
            if content is not None:
                connection.execute("INSERT OR IGNORE INTO content (digest, text) VALUES (?, ?)", content)
            entry = self._entry(connection, self._collection(connection), mock.id, kind, now, card, detail)
            after = applied(mock, entry)  # what cannot follow is not written
            connection.execute(_INSERT, entry)
            return after

    def _entry(
        self,
        connection: sqlite3.Connection,
        collection: int,
        mock: bytes,
        kind: Kind,
        now: Moment,
        card: str | None,
        detail: Mapping[str, object],
    ) -> Entry:
        (last,) = connection.execute("SELECT max(seq) FROM interview").fetchone()
        return Entry(
            seq=whole(last or 0, "seq") + 1,
            id=now.ms.to_bytes(6) + self._token(),
            mock=mock,
            collection=collection,
            kind=int(kind),
            time=now.ms,
            zone=_word(connection, now.zone),
            day=learner_day(now, self.start),
            device=_word(connection, self._device),
            card=card,
            detail=json.dumps(detail, separators=(",", ":")),
        )

    def _collection(self, connection: sqlite3.Connection) -> int:
        return _number(connection, "collection", "namespace", self.namespace)


def entry_of(row: Sequence[Any]) -> Entry:
    """A row of the log, checked. Raises Senseless."""
    entry = Entry(*row)
    for name in ("seq", "collection", "time", "zone", "day", "device"):
        whole(getattr(entry, name), name)
    if type(entry.kind) is not int or entry.kind not in set(Kind):
        raise Senseless(f"row {entry.seq} of the interviews is of no kind that there is")
    for value in (entry.id, entry.mock):
        if type(value) is not bytes or len(value) != 16:
            raise Senseless(f"row {entry.seq} of the interviews has no id")
    text_of(entry.detail)
    if (entry.card is None) != (entry.kind in (Kind.BEGUN, Kind.ENDED)):
        raise Senseless(f"row {entry.seq} of the interviews has a card too many or too few")
    if entry.card is not None:
        text_of(entry.card)
    return entry


def problems(connection: sqlite3.Connection) -> Iterator[str]:
    """What makes no sense in the log of the interviews, in words."""
    known = {digest for (digest,) in connection.execute("SELECT digest FROM content")}
    last: dict[object, Mock] = {}
    broken: set[object] = set()
    for row in connection.execute(f"SELECT {NAMES} FROM interview ORDER BY seq"):
        try:
            entry = entry_of(row)
            if entry.mock in broken:
                continue
            mock = last[entry.mock] = applied(last.get(entry.mock), entry)
            if entry.kind == Kind.ANSWERED and next(reversed(mock.results.values())).content not in known:
                raise Senseless(f"row {entry.seq} of the interviews names a text that is not there")
        except Senseless as error:
            broken.add(row[2])
            yield str(error)


def _by_mock(rows: Iterator[Any] | sqlite3.Cursor) -> Iterator[Mock]:
    """Interviews from rows in their order, those that began first first."""
    entries: dict[bytes, list[Entry]] = {}
    for row in rows:
        entry = entry_of(row)
        entries.setdefault(entry.mock, []).append(entry)
    return (folded(those) for those in entries.values())


def _turn(mock: Mock) -> int:
    if mock.turn is None:
        raise MovedOn("this interview has ended")
    return mock.turn


def _word(connection: sqlite3.Connection, text: str) -> int:
    return _number(connection, "word", "text", text)


def _number(connection: sqlite3.Connection, table: str, column: str, text: str) -> int:
    """The number of a text in a table, which gets it if it is not there."""
    connection.execute(f"INSERT OR IGNORE INTO {table} ({column}) VALUES (?)", (text,))
    return whole(connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (text,)).fetchone()[0], "seq")
