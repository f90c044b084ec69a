"""The file of the history: opened, made, migrated; one transaction at a time; clear errors."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from aipm_cards.errors import HistoryBusy, HistoryDamaged, HistoryError
from aipm_cards.memory.log import Senseless

APPLICATION = 0x4149504D  # "AIPM", in the file's header
PATIENCE = 5.0  # seconds to wait while another process writes

Migration = Callable[[sqlite3.Connection], None]


def _first(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)


# Words that many rows share stand in `word` once: zones, devices, scheduler settings.
# The log is `event`: rows are added, never changed. `state` is what the log comes to, per card.
_SCHEMA = (
    "CREATE TABLE collection (id INTEGER PRIMARY KEY, namespace TEXT NOT NULL UNIQUE,"
    " begun TEXT NOT NULL DEFAULT '', begun_cards INTEGER NOT NULL DEFAULT 0)",  # see unseen.py
    "CREATE TABLE card (id INTEGER PRIMARY KEY, collection INTEGER NOT NULL REFERENCES collection,"
    " key TEXT NOT NULL, UNIQUE (collection, key))",
    "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    "CREATE TABLE content (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text BLOB NOT NULL)",
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL,"
    " card INTEGER NOT NULL REFERENCES card, time INTEGER NOT NULL, zone INTEGER NOT NULL REFERENCES word,"
    " day INTEGER NOT NULL, device INTEGER NOT NULL REFERENCES word, rating INTEGER, took INTEGER, before INTEGER,"
    " state INTEGER, step INTEGER, stability REAL, difficulty REAL, due INTEGER, due_day INTEGER, interval INTEGER,"
    " leech INTEGER, content INTEGER REFERENCES content, scheduler INTEGER REFERENCES word, detail TEXT, voids BLOB,"
    " CHECK (kind BETWEEN 1 AND 8), CHECK (length(id) = 16), CHECK ((kind = 2) = (voids IS NOT NULL)),"
    # A comparison with NULL is neither true nor false, and a CHECK lets it pass: hence `ifnull`.
    " CHECK (kind != 1 OR ifnull(rating BETWEEN 1 AND 4 AND before BETWEEN 0 AND 4 AND scheduler IS NOT NULL, 0)),"
    " CHECK (kind != 1 OR ifnull(before = 4 OR (state BETWEEN 1 AND 3 AND stability > 0 AND step >= 0"
    " AND difficulty BETWEEN 1 AND 10 AND interval >= 0 AND due IS NOT NULL AND due_day IS NOT NULL), 0)))",
    "CREATE INDEX event_of_card ON event (card, seq)",
    "CREATE INDEX event_of_day ON event (day, seq)",
    "CREATE UNIQUE INDEX event_voided ON event (voids) WHERE voids IS NOT NULL",
    "CREATE TABLE state (card INTEGER PRIMARY KEY REFERENCES card, collection INTEGER NOT NULL REFERENCES collection,"
    " revision INTEGER NOT NULL, state INTEGER NOT NULL, step INTEGER NOT NULL, stability REAL NOT NULL,"
    " difficulty REAL NOT NULL, last_day INTEGER NOT NULL, interval INTEGER NOT NULL, time INTEGER NOT NULL,"
    " due INTEGER NOT NULL, due_day INTEGER NOT NULL, reps INTEGER NOT NULL, lapses INTEGER NOT NULL,"
    " suspended INTEGER NOT NULL, buried INTEGER NOT NULL, flags INTEGER NOT NULL, shuffle INTEGER NOT NULL,"
    " content INTEGER)",
    "CREATE INDEX state_due ON state (collection, due_day, shuffle) WHERE state = 2 AND suspended = 0",
    "CREATE INDEX state_learning ON state (collection, due) WHERE state IN (1, 3) AND suspended = 0",
    "CREATE INDEX state_unseen ON state (collection) WHERE state = 0",
    "CREATE INDEX state_flagged ON state (collection) WHERE flags > 0",
)


def _second(connection: sqlite3.Connection) -> None:
    for statement in _MOVES_AND_INTERVIEWS:
        connection.execute(statement)


_EVENT = next(statement for statement in _SCHEMA if statement.startswith("CREATE TABLE event "))
# A ninth kind of event moves a due day. SQLite cannot change a CHECK, so the table is made anew.
# Mock interviews have a log of their own. It names cards by their keys: a card that was only
# practised must not count as known to the schedule.
_MOVES_AND_INTERVIEWS = (
    _EVENT.replace("CREATE TABLE event ", "CREATE TABLE event_2 ").replace("BETWEEN 1 AND 8", "BETWEEN 1 AND 9"),
    "INSERT INTO event_2 SELECT * FROM event",
    "DROP TABLE event",
    "ALTER TABLE event_2 RENAME TO event",
    *(statement for statement in _SCHEMA if " ON event " in statement),
    "CREATE TABLE interview (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, mock BLOB NOT NULL,"
    " collection INTEGER NOT NULL REFERENCES collection, kind INTEGER NOT NULL, time INTEGER NOT NULL,"
    " zone INTEGER NOT NULL REFERENCES word, day INTEGER NOT NULL, device INTEGER NOT NULL REFERENCES word,"
    " card TEXT, detail TEXT, CHECK (length(id) = 16), CHECK (length(mock) = 16))",
    "CREATE INDEX interview_of_mock ON interview (mock, seq)",
    "CREATE INDEX interview_of_card ON interview (collection, card, seq)",
)


# Each leads from one version of the schema to the next; the first makes it.
MIGRATIONS: Sequence[Migration] = (_first, _second)


class Store:
    """An open history file. Use it in a `with` block, or close it."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        patience: float = PATIENCE,
        before_migration: Callable[[Store], object] | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        """Open `path`, making it if it is not there (unless `read_only`).

        `before_migration` is called with the store before an older file is migrated: it makes
        a backup. Raises HistoryError, and its kinds.
        """
        self.path = path
        self.patience = patience
        self.migrations = migrations
        with self.errors():
            self.connection = _connect(path, read_only, patience)
        try:
            with self.errors():
                self._prepare(read_only, before_migration, migrations)
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self.errors():
            self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Statements that only read. Raises HistoryError."""
        with self.errors():
            yield self.connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Several statements that read one state of the file, whatever others write meanwhile.
        Raises HistoryError."""
        with self.errors():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                self.connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on the disk when the block ends; an exception takes it back.

        Raises HistoryError; HistoryBusy if another process kept the file for too long.
        """
        with self.errors():
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # a full disk may have rolled back already
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def errors(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise translated(error, self.path, self.patience) from error
        except Senseless as error:
            raise HistoryDamaged(f"{self.path}: is damaged ({error})") from error
        except UnicodeDecodeError as error:  # SQLite passes on whatever bytes a text holds
            raise HistoryDamaged(f"{self.path}: is damaged (a text in it is none)") from error

    def _prepare(
        self, read_only: bool, before: Callable[[Store], object] | None, migrations: Sequence[Migration]
    ) -> None:
        one = self.connection.execute
        one("BEGIN")  # one state of the file: another process may be making it
        application, version = one("PRAGMA application_id").fetchone()[0], self._version()
        foreign = (version or application or not self._is_empty()) and application != APPLICATION
        programs = one("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')").fetchone()[0]
        one("COMMIT")
        if foreign:
            raise HistoryDamaged(f"{self.path}: is no history of aipm-cards; choose another file with --history")
        self._refuse_newer(version, len(migrations))
        if programs:  # one could make answers vanish
            raise HistoryDamaged(f"{self.path}: holds triggers or views, which are not ours")
        if read_only:
            if version < len(migrations):
                raise HistoryError(f"{self.path}: has schema {version}; `aipm-cards review` brings it up to date")
            return
        self._write_ahead()
        one("PRAGMA synchronous = FULL")
        one("PRAGMA foreign_keys = ON")
        if version < len(migrations):
            if version and before is not None:
                before(self)
            self._migrate(migrations)

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        with self.writing() as connection:
            version = self._version()  # another process may have been first
            self._refuse_newer(version, len(migrations))
            for migration in migrations[version:]:
                migration(connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {len(migrations)}")

    def _write_ahead(self) -> None:
        """Only here SQLite does not wait for another process that makes the same file."""
        for left in range(100, -1, -1):
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if not left or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(self.patience / 100)

    def _refuse_newer(self, version: int, known: int) -> None:
        if version > known:
            message = f"{self.path}: was written by a newer aipm-cards (schema {version}, this one knows {known})"
            raise HistoryError(f"{message}; update aipm-cards")

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def _is_empty(self) -> bool:
        return not self.connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def _connect(path: Path, read_only: bool, patience: float) -> sqlite3.Connection:
    if not read_only:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            what = "is no directory" if isinstance(error, FileExistsError) else error.strerror
            raise HistoryError(f"{path.parent}: {what}; choose another file with --history") from None
        if os.path.exists(path) and not os.access(path, os.W_OK):
            # Asked before SQLite is: it would leave files beside this one that may not be written either.
            raise HistoryError(f"{path}: {_SAYINGS[sqlite3.SQLITE_READONLY]}")
        _make_private(path)
    # An absolute address: a `%` or `?` in a name must not be read as a part of it.
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    # Used by one thread at a time, but not always by the same (see `parallel.ahead`).
    connection = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _make_private(path: Path) -> None:
    """Make the file, if it is not there, so that only its owner can read what is remarked."""
    with suppress(OSError):  # it is there, or SQLite will say why it cannot be made
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_SAYINGS = {
    sqlite3.SQLITE_FULL: "the disk is full; the last step was not stored; make room and do it again",
    sqlite3.SQLITE_READONLY: "may not be written, or what lies beside it may not; give yourself the right, or choose"
    " another file with --history",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see that the directory is there and may be written",
    sqlite3.SQLITE_PERM: "may not be opened; give yourself the right, or choose another file with --history",
    sqlite3.SQLITE_IOERR: "the disk reports an error; the last step was not stored; try another disk with --history",
}


def translated(error: sqlite3.Error, path: Path, patience: float) -> HistoryError:
    """An error of SQLite in words, with a way out."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the high bits say more of the same
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return HistoryBusy(f"{path}: another program has been writing for {patience:g} seconds; try again")
    if (
        code in _DAMAGED
        or "Could not decode" in str(error)
        or isinstance(error, (sqlite3.DataError, sqlite3.IntegrityError))
    ):
        what = "it is no history at all, or its beginning is damaged" if code == sqlite3.SQLITE_NOTADB else "its pages"
        return HistoryDamaged(f"{path}: is damaged ({what})")
    beside = [str(Path(f"{path}{end}")) for end in ("-wal", "-shm") if os.path.exists(f"{path}{end}")]
    also = f" ({', '.join(beside)})" if code == sqlite3.SQLITE_READONLY and beside else ""
    return HistoryError(f"{path}: {_SAYINGS.get(code, str(error))}{also}")
