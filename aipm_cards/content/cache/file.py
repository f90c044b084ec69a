"""The file that a cache of the sources is: an SQLite file, and what one start needs of it.

SQLite is no more than a shelf here. Everything that is read back was sealed with a digest
when it was put there, and the seals hang together: the index names the seal of each deck
file's record and of each answer. So a page that was damaged, or is of another time than its
neighbours, is noticed, and the whole cache is thrown away.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aipm_cards.content.cache.index import Damaged, Index, index_from, pack

BUSY = 0.2  # seconds to wait for another process

_TABLES = {
    # The index, and answers that are the same until a source changes.
    "answer": "CREATE TABLE answer (name TEXT PRIMARY KEY, seal BLOB, value BLOB)",
    # What other files and questions need to know of a deck file.
    "record": "CREATE TABLE record (file INTEGER PRIMARY KEY, value BLOB)",
    # The notes of file n have the numbers from n << 20.
    "note": "CREATE TABLE note (number INTEGER PRIMARY KEY, id TEXT, seal BLOB, value BLOB)",
}
_INDEX_OF_IDS = "CREATE INDEX note_id ON note (id)"
_SCHEMA = {
    *((b"table", name.encode(), sql.encode()) for name, sql in _TABLES.items()),
    (b"index", b"note_id", _INDEX_OF_IDS.encode()),
    (b"index", b"sqlite_autoindex_answer_1", None),  # SQLite's own, for the primary key
}
_SHIFT = 20  # a file of 4 MiB holds fewer than 2 ** 20 notes

# What has nothing to do with the contents: another process, a full disk, a missing permission.
_CIRCUMSTANCES = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_AUTH,
}  # fmt: skip

# What running a statement may raise; ValueError where a message of SQLite's quotes damaged bytes.
_REFUSALS = (sqlite3.Error, ValueError, OverflowError)


class Unusable(Exception):
    """The cache cannot be used now, whatever it holds."""


def seal(*parts: bytes) -> bytes:
    """A digest over some bytes and where each of them ends."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


class CacheFile:
    """An open cache. Every method may raise Damaged (throw it away) or Unusable (leave it)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        """Close it; what was not committed is gone."""
        with suppress(sqlite3.Error):
            self._connection.close()

    # --- transactions ---

    def begin_reading(self) -> None:
        """From here on, what others write is not seen."""
        self._run("BEGIN")

    def claim(self) -> None:
        """Within a transaction: nobody else writes until it ends. Raises Unusable if another
        process does, or has written since the transaction began."""
        self._run("DELETE FROM answer WHERE name = ''")

    def commit(self) -> None:
        """Make what was written the truth."""
        self._run("COMMIT")

    def rollback(self) -> None:
        """End a transaction, if there is one, as if it had not been."""
        if self._connection.in_transaction:
            self._run("ROLLBACK")

    def copy_to_memory(self) -> CacheFile:
        """A copy that is nobody else's, with a transaction begun."""
        copy = in_memory()
        try:
            self._connection.backup(copy._connection)
        except _REFUSALS as error:
            copy.close()
            raise _told(error) from None
        copy.begin_reading()
        return copy

    # --- answers and the index ---

    def index(self) -> Index:
        """What is known of each file; empty in a new cache."""
        rows = self._run("SELECT seal, value FROM answer WHERE name = 'index'")
        if not rows:
            return Index()
        (sealed, value) = rows[0]
        if type(value) is not bytes or seal(value) != sealed:
            raise Damaged
        return index_from(value)

    def answer(self, name: str, index: Index) -> bytes:
        """An answer by its name."""
        return self._sealed("SELECT value FROM answer WHERE name = ?", name, index.seals.get(name))

    def keep(self, index: Index, answers: dict[str, bytes]) -> bytes:
        """Put the answers and the index in the place of the former ones; returns the index's seal."""
        index.seals = {**index.seals, **{name: seal(value).hex() for name, value in answers.items()}}
        everything = {**answers, "index": pack(index.as_json())}
        rows = [(name, seal(value), value) for name, value in everything.items()]
        self._many("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", rows)
        return rows[-1][1]

    def seal_of_index(self) -> bytes:
        """The seal of the index that is there, empty if there is none."""
        rows = self._run("SELECT seal FROM answer WHERE name = 'index'")
        return rows[0][0] if rows else b""

    # --- files and notes ---

    def record(self, file: int, sealed: str) -> bytes:
        """The record of a deck file."""
        return self._sealed("SELECT value FROM record WHERE file = ?", file, sealed)

    def remove(self, file: int) -> None:
        """Forget a deck file."""
        self._run("DELETE FROM record WHERE file = ?", file)
        self._run("DELETE FROM note WHERE number BETWEEN ? AND ?", file << _SHIFT, (file + 1 << _SHIFT) - 1)

    def remove_all(self) -> None:
        """Forget everything."""
        for table in _TABLES:
            self._run(f"DELETE FROM {table}")

    def add(self, file: int, digest: str, record: bytes, notes: Iterable[tuple[str, bytes]]) -> str:
        """Keep what was read from a deck file with that digest; returns the record's seal."""
        self._run("INSERT INTO record VALUES (?, ?)", file, record)
        first = file << _SHIFT
        rows = (
            (first + place, id_, seal(digest.encode(), id_.encode(), value), value)
            for place, (id_, value) in enumerate(notes)
        )
        self._many("INSERT INTO note VALUES (?, ?, ?, ?)", rows)
        return seal(record).hex()

    def notes(self, note_id: str, digests: dict[int, str]) -> list[tuple[int, bytes]]:
        """The file and the payload of each note of that id; `digests` has those of the files."""
        found = []
        for number, sealed, value in self._run("SELECT number, seal, value FROM note WHERE id = ?", note_id):
            file = number >> _SHIFT if type(number) is int else -1
            digest = digests.get(file, "")
            if type(value) is not bytes or seal(digest.encode(), note_id.encode(), value) != sealed:
                raise Damaged
            found.append((file, value))
        return found

    def _sealed(self, question: str, key: str | int, sealed: str | None) -> bytes:
        rows = self._run(question, key)
        value = rows[0][0] if rows else None
        if type(value) is not bytes or seal(value).hex() != sealed:
            raise Damaged
        return value

    def _run(self, statement: str, *values: str | int | bytes) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except _REFUSALS as error:
            raise _told(error) from None

    def _many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except _REFUSALS as error:
            raise _told(error) from None


def _told(error: Exception) -> Exception:
    if isinstance(error, sqlite3.ProgrammingError):
        return error  # used after it was closed, or from another thread: a mistake of ours
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return Unusable(str(error)) if code in _CIRCUMSTANCES else Damaged(str(error))


def in_memory() -> CacheFile:
    """A cache that ends with the process."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.text_factory = bytes
    for statement in (*_TABLES.values(), _INDEX_OF_IDS):
        connection.execute(statement)
    return CacheFile(connection)


def opened(path: Path) -> CacheFile:
    """The cache at `path`, made if there is none. Raises Damaged if it is not one of ours."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise Damaged  # a link may lead to a file that is no cache
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
    except sqlite3.Error as error:
        raise _told(error) from None
    except (OSError, ValueError) as error:
        raise Unusable(str(error)) from None
    try:
        _prepare(connection)
    except _REFUSALS as error:
        connection.close()
        raise _told(error) from None
    except BaseException:
        connection.close()
        raise
    return CacheFile(connection)


def _prepare(connection: sqlite3.Connection) -> None:
    """Set it up, and see that its schema is exactly ours."""
    connection.text_factory = bytes
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 28)
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = OFF", "mmap_size = 0"):
        connection.execute(f"PRAGMA {setting}")
    schema = _schema(connection)
    if schema == set():
        # In this mode a reader keeps its view while another process writes.
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() != (b"wal",):
            raise Unusable("no write-ahead log here")
        connection.execute("BEGIN IMMEDIATE")
        if (schema := _schema(connection)) == set():
            for statement in (*_TABLES.values(), _INDEX_OF_IDS):
                connection.execute(statement)
            schema = _schema(connection)
        connection.execute("COMMIT")
    if schema != _SCHEMA:
        raise Damaged
    if connection.execute("PRAGMA journal_mode").fetchone() != (b"wal",):
        raise Damaged


def _schema(connection: sqlite3.Connection) -> set[tuple[Any, ...]]:
    return set(connection.execute("SELECT type, name, sql FROM sqlite_master LIMIT 20"))


def throw_away(path: Path) -> None:
    """Delete a cache, as far as that is possible."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError, ValueError):
            os.unlink(f"{path}{suffix}")
