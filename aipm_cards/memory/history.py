"""The history of one collection: a log of events that only grows, and what it comes to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from aipm_cards.errors import StaleCard
from aipm_cards.memory.days import Moment, day_begins, learner_day
from aipm_cards.memory.log import CRAM, CardState, Event, EventKind, applied, folded, is_leech, standing, with_outcome
from aipm_cards.memory.moves import batch_of, moves_detail
from aipm_cards.memory.rows import event_of, state_of, text_of, whole
from aipm_cards.memory.scheduler import VERSION, Outcome, State, outcomes
from aipm_cards.memory.settings import Preset, is_zone
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating

_EVENT = ", ".join(f"e.{name}" for name in Event._fields)
_INSERT = f"INSERT INTO event ({', '.join(Event._fields)}) VALUES ({', '.join('?' * len(Event._fields))})"
_STATE = ", ".join(f"s.{name}" for name in CardState._fields)
_REPLACE = f"REPLACE INTO state ({', '.join(CardState._fields)}) VALUES ({', '.join('?' * len(CardState._fields))})"
_NOT_VOIDED = "NOT EXISTS (SELECT 1 FROM event u WHERE u.voids = e.id)"


class Content(NamedTuple):
    """What a card said when it was seen: a digest of it, and the text for a later word diff."""

    digest: bytes
    text: str

    @classmethod
    def of(cls, text: str) -> Content:
        """The content that a text is."""
        return cls(blake2b(text.encode(), digest_size=16).digest(), text)


class Answer(NamedTuple):
    """An answer to a card. `revision` is that of the card as it was shown; `took` is in
    milliseconds; `detail` is JSON of what went with it; a crammed one changes no memory."""

    key: str
    rating: Rating
    revision: int
    took: int = 0
    content: Content | None = None
    detail: str | None = None
    cram: bool = False


class Move(NamedTuple):
    """A card that is to fall due on another learner day. `revision` is that of the card as the
    move was shown."""

    key: str
    revision: int
    due_day: int


class Flag(NamedTuple):
    """A flag on a card, with a remark that may be empty; or the mark of a leech."""

    key: str
    remark: str
    time: int  # UTC milliseconds
    leech: bool


class History:
    """The history of the collection `namespace` in an open store.

    `device` names this machine in the log; `token` gives 10 random bytes for an event's id;
    `start` is the start of the day in minutes after midnight. Every method raises HistoryError.
    """

    def __init__(self, store: Store, namespace: str, device: str, token: Callable[[], bytes], start: int) -> None:
        self.store = store
        self.namespace = namespace
        self.start = start
        self._device = device
        self._token = token
        self._collection = 0

    # --- reading ---------------------------------------------------------------------------

    @property
    def collection_id(self) -> int:
        """The number of the collection in the file, 0 before its first event."""
        if not self._collection:
            found = self._one("SELECT id FROM collection WHERE namespace = ?", self.namespace)
            self._collection = found[0] if found else 0
        return self._collection

    def state(self, key: str) -> CardState:
        """What the log comes to for a card; a blank state for one that it does not know."""
        sql = f"SELECT {_STATE} FROM card c JOIN state s ON s.card = c.id WHERE c.collection = ? AND c.key = ?"
        found = self._one(sql, self.collection_id, key)
        with self.store.errors():
            return state_of(found) if found else CardState(0, self.collection_id)

    def reviews_due(self, first: int, last: int) -> Iterator[tuple[str, int]]:
        """Keys and due days of review cards due from day `first` to `last`, in the order in
        which they come: by day, then shuffled. Suspended ones are left out."""
        sql = (
            "SELECT c.key, s.due_day FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ? AND s.state = 2"
            " AND s.suspended = 0 AND s.due_day BETWEEN ? AND ? ORDER BY s.due_day, s.shuffle, s.card"
        )
        with self.store.reading() as connection:
            for key, due_day in connection.execute(sql, (self.collection_id, first, last)):
                yield text_of(key), whole(due_day, "due_day")

    def learning(self) -> list[tuple[str, int, int]]:
        """Keys of cards in learning or relearning with the moment and the day on which they are
        due, the next first. Suspended ones are left out."""
        sql = (
            "SELECT c.key, s.due, s.due_day FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ?"
            " AND s.state IN (1, 3) AND s.suspended = 0 ORDER BY s.due, s.card"
        )
        found = self._all(sql, self.collection_id)
        with self.store.errors():
            return [(text_of(key), whole(due), whole(due_day, "due_day")) for key, due, due_day in found]

    def buried(self, day: int) -> set[str]:
        """Keys of the cards that were buried on a day."""
        sql = (
            "SELECT c.key FROM event e JOIN card c ON c.id = e.card JOIN state s ON s.card = c.id"
            " WHERE e.day = ?1 AND e.kind = 3 AND c.collection = ?2 AND s.buried = ?1"
        )
        return {key for (key,) in self._all(sql, day, self.collection_id)}

    def answered(self, day: int) -> list[tuple[str, int, int]]:
        """The answers of a day: key, state before it (or CRAM), rating. Undone ones are left out."""
        sql = (
            "SELECT c.key, e.before, e.rating FROM event e JOIN card c ON c.id = e.card"
            f" WHERE e.day = ? AND e.kind = 1 AND c.collection = ? AND {_NOT_VOIDED} ORDER BY e.seq"
        )
        found = self._all(sql, day, self.collection_id)
        with self.store.errors():
            return [(text_of(k), whole(before, "before"), whole(rating, "rating")) for k, before, rating in found]

    def events(self, key: str) -> list[Event]:
        """All events of a card in their order, the undone ones included."""
        sql = f"SELECT {_EVENT} FROM event e JOIN card c ON c.id = e.card WHERE c.collection = ? AND c.key = ?"
        found = self._all(sql + " ORDER BY e.seq", self.collection_id, key)
        with self.store.errors():
            return [event_of(row) for row in found]

    def standing_events(self, key: str) -> list[Event]:
        """The events of a card that count."""
        return standing(self.events(key))

    def content_seen(self, state: CardState) -> Content | None:
        """What the card said when the learner last saw it."""
        if state.content is None:
            return None
        found = self._one("SELECT digest, text FROM content WHERE id = ?", state.content)
        with self.store.errors():
            return Content(found[0], text_of(found[1])) if found else None

    def flags(self) -> list[Flag]:
        """Remarks that still stand, the oldest first, and leeches."""
        sql = (
            f"SELECT {_EVENT}, c.key FROM state s JOIN card c ON c.id = s.card JOIN event e ON e.card = c.id"
            f" WHERE s.collection = ? AND s.flags > 0 AND {_NOT_VOIDED} ORDER BY e.seq"
        )
        flags: list[Flag] = []
        with self.store.errors():
            found = [(event_of(row), text_of(key)) for *row, key in self._all(sql, self.collection_id)]
        for event, key in found:
            if event.kind == EventKind.UNFLAG:
                flags = [flag for flag in flags if flag.key != key]
            elif event.kind == EventKind.FLAG or event.leech:
                remark = "" if event.leech else event.detail or ""
                flags.append(Flag(key, remark, event.time, bool(event.leech)))
        return flags

    def suspended(self) -> list[str]:
        """Keys of the suspended cards."""
        sql = "SELECT c.key FROM state s JOIN card c ON c.id = s.card WHERE s.collection = ? AND s.suspended = 1"
        with self.store.errors():
            return sorted(text_of(key) for (key,) in self._all(sql, self.collection_id))

    def newest(self) -> int:
        """The time of the last event in UTC milliseconds, 0 if there is none."""
        found = self._one("SELECT time FROM event ORDER BY seq DESC LIMIT 1")
        with self.store.errors():
            return whole(found[0], "time") if found else 0

    def zone(self, number: int) -> str:
        """The name of a zone that an event holds by its number; UTC for one that this machine
        does not know."""
        found = self._one("SELECT text FROM word WHERE id = ?", number)
        return str(found[0]) if found and is_zone(str(found[0])) else "UTC"

    # --- writing ---------------------------------------------------------------------------

    def preview(self, key: str, state: CardState, now: Moment, preset: Preset) -> dict[Rating, Outcome]:
        """What each rating would lead to now."""
        return outcomes(state.memory, now, preset, self.start, f"{self.namespace}/{key}/{state.reps}")

    def answer(self, answer: Answer, now: Moment, preset: Preset) -> Event:
        """Store an answer; it is on the disk when this returns.

        Raises StaleCard if the card changed since it was shown: nothing is stored then.
        """
        with self.store.writing() as connection:
            state = self._current(connection, answer.key, answer.revision)
            event = self._event(connection, EventKind.ANSWER, state, now)._replace(
                rating=int(answer.rating),
                took=max(0, answer.took),
                before=CRAM if answer.cram else int(state.state),
                content=self._content(connection, answer.content),
                scheduler=self._word(connection, scheduler_text(preset, self.start)),
                detail=answer.detail,
            )
            if not answer.cram:
                outcome = self.preview(answer.key, state, now, preset)[answer.rating]
                leech = is_leech(state, answer.rating, preset.leech_threshold)
                event = with_outcome(event, outcome, leech)
            self._append(connection, state, event)
        return event

    def record(
        self, kind: EventKind, key: str, now: Moment, detail: str | None = None, revision: int | None = None
    ) -> Event:
        """Store what is no answer: bury, suspend, flag, start afresh and their opposites.

        `revision` is that of the card as it was shown, None where nothing was shown. Raises
        StaleCard if the card changed since: nothing is stored then.
        """
        with self.store.writing() as connection:
            state = self._current(connection, key, revision)
            event = self._event(connection, kind, state, now)._replace(detail=detail)
            self._append(connection, state, event)
        return event

    def move(self, moves: Sequence[Move], why: str, now: Moment) -> str:
        """Store new due days as one batch, all in one transaction; returns the batch's name.

        `why` is the command that chose them. Raises StaleCard if one of the cards changed since
        it was shown, or is in no review state: nothing is stored then.
        """
        batch = self._token()[:8].hex()
        detail = moves_detail(batch, why)
        with self.store.writing() as connection:
            model: Event | None = None
            for number, move in enumerate(moves):
                state = self._current(connection, move.key, move.revision)
                if state.state != State.REVIEW or state.suspended:
                    raise StaleCard(f"{move.key} is suspended or no review, so it cannot be moved", state.revision)
                model = model or self._event(connection, EventKind.MOVE, state, now)._replace(detail=detail)
                due = day_begins(move.due_day, now.zone, self.start)
                id_ = now.ms.to_bytes(6) + self._token()
                event = model._replace(seq=model.seq + number, id=id_, card=state.card, due=due, due_day=move.due_day)
                self._append(connection, state, event)
        return batch

    def undo(self, now: Moment, event_id: bytes | None = None) -> tuple[str, Event] | None:
        """Take back an event: the one named, else the last that stands. Returns the card's key
        and the event taken back; None if there is none. Of a batch of moved due days all are
        taken back (see `moves.told`), in the same transaction.

        Raises StaleCard if the card has a later event: taking back what lies below would
        change what the learner was shown.
        """
        with self.store.writing() as connection:
            # The plus keeps SQLite from the index of collections: the log is to be read from its end.
            sql = f"SELECT {_EVENT}, c.key FROM event e JOIN card c ON c.id = e.card WHERE +c.collection = ?"
            sql += f" AND e.kind != {EventKind.UNDO:d} AND {_NOT_VOIDED}"
            parameters: tuple[object, ...] = (self.collection_id,)
            if event_id is not None:
                sql, parameters = sql + " AND e.id = ?", (*parameters, event_id)
            row = connection.execute(sql + " ORDER BY e.seq DESC LIMIT 1", parameters).fetchone()
            if row is None:
                return None
            *values, key = row
            taken = event_of(values)
            together = [(key, taken)]
            if taken.kind == EventKind.MOVE:
                together = batch_of(connection, self.collection_id, taken)
            for other, event in together:
                self._take_back(connection, other, event, now)
        return key, taken

    # --- inside a transaction --------------------------------------------------------------

    def _take_back(self, connection: sqlite3.Connection, key: str, taken: Event, now: Moment) -> None:
        """Void an event of a card. Raises StaleCard if the card has a later one."""
        state = self._current(connection, key, None)
        later = connection.execute(
            f"SELECT 1 FROM event e WHERE e.card = ? AND e.seq > ? AND e.kind != {EventKind.UNDO:d} AND {_NOT_VOIDED}",
            (taken.card, taken.seq),
        ).fetchone()
        if later:
            since = "since it was moved" if taken.kind == EventKind.MOVE else "since, in another session"
            raise StaleCard(f"{key} has changed {since}; that has to be undone first", state.revision)
        undo = self._event(connection, EventKind.UNDO, state, now)._replace(voids=taken.id)
        connection.execute(_INSERT, undo)
        sql = f"SELECT {_EVENT} FROM event e WHERE e.card = ? ORDER BY e.seq"
        events = (event_of(values) for values in connection.execute(sql, (state.card,)))
        connection.execute(_REPLACE, folded(state.card, state.collection, events))

    def _append(self, connection: sqlite3.Connection, state: CardState, event: Event) -> None:
        connection.execute(_INSERT, event)
        connection.execute(_REPLACE, applied(state, event))

    def _current(self, connection: sqlite3.Connection, key: str, revision: int | None) -> CardState:
        """The state of a card, which gets a number if it has none. Raises StaleCard if its
        revision is not the one given."""
        collection = self.collection_id
        number = _number(connection, "SELECT id FROM card WHERE collection = ? AND key = ?", collection, key)
        found = connection.execute(f"SELECT {_STATE} FROM state s WHERE s.card = ?", (number,)).fetchone()
        state = state_of(found) if found else CardState(number, collection)
        if revision is not None and state.revision != revision:
            raise StaleCard(self._explained(key, state), state.revision)
        if not collection:
            collection = _insert(connection, "INSERT INTO collection (namespace) VALUES (?)", self.namespace)
        if not number:
            number = _insert(connection, "INSERT INTO card (collection, key) VALUES (?, ?)", collection, key)
        return state._replace(card=number, collection=collection)

    def _explained(self, key: str, state: CardState) -> str:
        last = max(self.events(key), default=None, key=lambda event: event.seq)
        if last is None:
            return f"{key} has not been answered yet, so its revision is 0"
        happened = EventKind(last.kind).name.lower()
        if last.kind == EventKind.ANSWER and last.rating is not None:
            happened = f"answered {Rating(last.rating).name.capitalize()}"
        at = Moment(last.time, self.zone(last.zone)).local
        return f"{key} has changed since it was shown: {happened} at {at:%H:%M:%S}; its revision is {state.revision}"

    def _event(self, connection: sqlite3.Connection, kind: EventKind, state: CardState, now: Moment) -> Event:
        seq = _number(connection, "SELECT max(seq) FROM event") + 1
        return Event(
            seq,
            now.ms.to_bytes(6) + self._token(),
            int(kind),
            state.card,
            now.ms,
            self._word(connection, now.zone),
            learner_day(now, self.start),
            self._word(connection, self._device),
        )

    def _word(self, connection: sqlite3.Connection, text: str) -> int:
        found = _number(connection, "SELECT id FROM word WHERE text = ?", text)
        return found or _insert(connection, "INSERT INTO word (text) VALUES (?)", text)

    def _content(self, connection: sqlite3.Connection, content: Content | None) -> int | None:
        if content is None:
            return None
        connection.execute("INSERT OR IGNORE INTO content (digest, text) VALUES (?, ?)", content)
        return _number(connection, "SELECT id FROM content WHERE digest = ?", content.digest)

    def _one(self, sql: str, *parameters: object) -> Any:
        with self.store.reading() as connection:
            return connection.execute(sql, parameters).fetchone()

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with self.store.reading() as connection:
            return connection.execute(sql, parameters).fetchall()


def scheduler_text(preset: Preset, start: int) -> str:
    """What made an interval, as JSON: the version, its parameters, and the start of the day."""
    return json.dumps(
        {
            "version": VERSION,
            "parameters": preset.parameters,
            "desired_retention": preset.desired_retention,
            "learning_steps": preset.learning_steps,
            "relearning_steps": preset.relearning_steps,
            "maximum_interval": preset.maximum_interval,
            "day_start": start,
        },
        separators=(",", ":"),
    )


def _insert(connection: sqlite3.Connection, sql: str, *parameters: object) -> int:
    return connection.execute(sql, parameters).lastrowid or 0


def _number(connection: sqlite3.Connection, sql: str, *parameters: object) -> int:
    found = connection.execute(sql, parameters).fetchone()
    if found is None or found[0] is None:
        return 0
    return whole(found[0], "seq")
