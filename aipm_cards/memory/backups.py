"""Backups of the history: made through SQLite, verified, thinned by age, brought back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path

from aipm_cards.errors import HistoryDamaged, HistoryError
from aipm_cards.memory.store import APPLICATION, MIGRATIONS, Store

_NAME = "history-%Y%m%dT%H%M%SZ.db"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file

# The newest of each period is kept: all of the last day, one a day for a week, one a week for
# a month, one a month for a year, and the three newest whatever their age.
_KEEP = (
    (timedelta(days=1), "%Y%m%dT%H%M%S"),
    (timedelta(days=7), "%Y%m%d"),
    (timedelta(days=35), "%G-%V"),
    (timedelta(days=366), "%Y%m"),
)
_KEEP_ALWAYS = 3
_PAGES = 4096  # copied at a time
_STALE = 600  # seconds after which an unfinished copy belongs to no running process


def directory_of(path: Path) -> Path:
    """Where the backups of a history file lie."""
    return path.with_name(f"{path.name.removesuffix('.db')}-backups")


def made_at(backup: Path) -> datetime | None:
    """When a backup was made, by its name; None for another file."""
    try:
        return datetime.strptime(backup.name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def backups(path: Path) -> list[Path]:
    """The backups of a history file, the newest first."""
    try:
        names = os.listdir(directory_of(path))
    except OSError:
        return []
    dated = [(made, directory_of(path) / name) for name in names if (made := made_at(Path(name)))]
    return [backup for _, backup in sorted(dated, reverse=True)]


def back_up(store: Store, now_ms: int, progress: Callable[[int, int], None] | None = None) -> Path:
    """Write a verified backup beside the history and thin the older ones. Raises HistoryError.

    `now_ms` is in UTC milliseconds; `progress` is called with the pages copied, of how many.
    The file takes its name only once it was verified.
    """
    directory = directory_of(store.path)
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    newest = next(map(made_at, backups(store.path)), None)
    if newest is not None and newest >= now:  # the clock was set back; the newest must be the last
        now = newest + timedelta(seconds=1)
    target = directory / now.strftime(_NAME)
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        _sweep(directory, ".history-*.partial*", now_ms)
        with store.reading() as source, _verified_copy(store.path, source, target, progress) as copy:
            _put(copy, target)
    except OSError as error:
        raise HistoryError(f"{target}: no backup could be written: {error.strerror}") from error
    _thin(store.path, now)
    return target


@contextmanager
def _verified_copy(
    of: Path, source: sqlite3.Connection, target: Path, progress: Callable[[int, int], None] | None = None
) -> Iterator[Path]:
    """A copy of a history beside `target`, on the disk and without a fault; removed at the end
    unless it was renamed. Raises HistoryError, OSError, sqlite3.Error."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        try:
            with closing(sqlite3.connect(partial)) as copy:
                source.backup(
                    copy, pages=_PAGES, progress=lambda _, left, all_: progress and progress(all_ - left, all_)
                )
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        except sqlite3.OperationalError as error:  # of the copy: a damaged source is another error
            raise HistoryError(f"{target}: no copy could be written: {error}") from error
        problem = fault(partial)
        if problem:
            raise HistoryDamaged(f"{of}: {problem}, so no copy of it was made")
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
        yield partial
    finally:
        for name in (partial, *(partial.with_name(partial.name + end) for end in _BESIDE)):
            with suppress(OSError):
                name.unlink(missing_ok=True)


def _put(copy: Path, target: Path) -> None:
    """Give a copy its name, for good."""
    os.replace(copy, target)
    if os.name == "posix":  # elsewhere a directory cannot be opened
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _sweep(directory: Path, pattern: str, now_ms: int) -> None:
    """Remove what a killed process left."""
    for stale in directory.glob(pattern):
        with suppress(OSError):
            if now_ms / 1000 - stale.stat().st_mtime > _STALE:
                stale.unlink()


def is_due(path: Path, now_ms: int) -> bool:
    """Whether the newest backup is older than a day, or lies in the future."""
    newest = next((made for backup in backups(path) if (made := made_at(backup))), None)
    age = datetime.fromtimestamp(now_ms / 1000, UTC) - newest if newest else timedelta.max
    return not timedelta() <= age < timedelta(days=1)


def fault(backup: Path) -> str:
    """What is wrong with a backup, empty if it is good."""
    try:
        with closing(_opened(backup)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
                return "is no history"
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                return f"is of a newer aipm-cards (schema {version})"
            checked = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            return "" if checked == "ok" else "is damaged"
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        sayings = {sqlite3.SQLITE_NOTADB: "is no history", sqlite3.SQLITE_CANTOPEN: "cannot be opened"}
        return sayings.get(code, "is damaged")


def _opened(backup: Path) -> sqlite3.Connection:
    """A backup, to be read; with the newest answers if they still lie in a log beside it."""
    alone = not backup.with_name(f"{backup.name}-wal").exists()
    address = f"{backup.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    return sqlite3.connect(address, uri=True)


def newest_good(path: Path) -> Path | None:
    """The newest backup without a fault."""
    return next((backup for backup in backups(path) if not fault(backup)), None)


def restore(path: Path, backup: Path, now_ms: int) -> Path | None:
    """Put a backup in the place of the history, which is kept under another name: returned,
    None if there was no file. Raises HistoryError."""
    problem = fault(backup)
    if problem:
        raise HistoryError(f"{backup}: {problem}; `aipm-cards history restore --list` shows the others")
    if path.exists() and path.samefile(backup):
        raise HistoryError(f"{backup}: is the history itself; name one of its backups")
    kept: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(path.parent, f".{escape(path.name)}.*.partial*", now_ms)
        with closing(_opened(backup)) as source, _verified_copy(backup, source, path) as copy:
            kept = _set_aside(path, now_ms)
            _put(copy, path)
    except (OSError, sqlite3.Error) as error:
        was = f"; the file before is {kept}" if kept else ""
        raise HistoryError(f"{path}: cannot be written: {getattr(error, 'strerror', error)}{was}") from error
    return kept


def _set_aside(path: Path, now_ms: int) -> Path | None:
    """Give a history, and what SQLite keeps beside it, another name, so that nothing of it is
    lost. The file itself has both names until another takes its place: at no moment is there
    none."""
    beside = [end for end in ("", *_BESIDE) if Path(f"{path}{end}").exists()]
    if not beside:
        return None
    if path.exists():
        _refuse_if_in_use(path)
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = path.with_name(f"{path.stem}-replaced-{stamp}{path.suffix}")
    number = 2
    while kept.exists():
        kept = path.with_name(f"{path.stem}-replaced-{stamp}-{number}{path.suffix}")
        number += 1
    try:
        for end in beside:
            with suppress(FileNotFoundError):  # closing the file took away what lay beside it
                (_link if end == "" else os.rename)(f"{path}{end}", f"{kept}{end}")
    except OSError as error:
        raise HistoryError(f"{path}: cannot be set aside: {error.strerror}") from error
    return kept


def _link(path: str, kept: str) -> None:
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copy2(path, kept)


def _refuse_if_in_use(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise HistoryError(f"{path}: is in use; end the sessions that use it first") from error
    except sqlite3.DatabaseError:
        return  # damaged: that is why it is replaced


def _thin(path: Path, now: datetime) -> None:
    kept: set[str] = set()
    for number, backup in enumerate(backups(path)):
        made = made_at(backup)
        assert made is not None
        period = next((f for age, f in _KEEP if now - made <= age), "")
        name = made.strftime(period) if period else ""
        if number >= _KEEP_ALWAYS and (not name or f"{period}{name}" in kept):
            with suppress(OSError):  # it is only one too many
                backup.unlink()
        kept.add(f"{period}{name}")
