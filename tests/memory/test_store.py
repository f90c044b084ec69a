"""The file of the history: made, opened, migrated, and what is said when it cannot be."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryBusy, HistoryDamaged, HistoryError
from aipm_cards.memory import backups
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import APPLICATION, MIGRATIONS, Migration, Store
from aipm_cards.model import Rating
from tests.memory.conftest import Clock, Desk, log


def pragma(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


# --- making and opening --------------------------------------------------------------------


def test_a_history_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "history.db"
    with Store(path) as store:
        assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store.connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store.connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert (pragma(path, "application_id"), pragma(path, "user_version")) == (APPLICATION, len(MIGRATIONS))
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["50%.db", "what?mode=memory.db", "a#b.db", "with spaces.db", "ä€😀.db", "%41.db", "a&b"]
)
def test_names_that_mean_something_in_an_address(
    tmp_path: Path, name: str, clock: Clock, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "dir %20?#" / name
    path.parent.mkdir()
    desk = Desk(path, clock, request.getfixturevalue("token"))
    desk.history.answer(Answer("n0:0", Rating.GOOD, 0), clock(), Preset())
    backup = backups.back_up(desk.store, clock().ms)
    desk.store.close()
    assert [found.name for found in path.parent.iterdir() if found.is_file()] == [name]
    assert backups.fault(backup) == ""
    with Store(path, read_only=True) as store:
        assert len(log(store)) == 1
    assert backups.restore(path, backup, clock().ms) is not None


def test_an_empty_file_becomes_a_history(path: Path) -> None:
    path.touch()
    Store(path).close()
    assert pragma(path, "application_id") == APPLICATION


def test_nothing_is_made_for_a_reader(path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be opened"):
        Store(path, read_only=True)
    assert not path.exists()
    path.touch()
    with pytest.raises(HistoryError, match="schema 0; `aipm-cards review` brings it up to date"):
        Store(path, read_only=True)
    assert path.read_bytes() == b""


def test_a_reader_cannot_write(desk: Desk) -> None:
    with (
        Store(desk.path, read_only=True) as store,
        pytest.raises(HistoryError, match="may not be written"),
        store.writing() as connection,
    ):
        connection.execute("INSERT INTO word (text) VALUES ('x')")


def test_a_text_is_no_history(path: Path) -> None:
    path.write_text("this is my diary, not a history\n" * 50)
    with pytest.raises(HistoryDamaged, match="no history at all"):
        Store(path)
    assert path.read_text().startswith("this is my diary")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE notes (id)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"]
)
def test_another_programs_file_is_left_alone(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(HistoryDamaged, match=r"is no history of aipm-cards; choose another file with --history"):
        Store(path)
    assert path.read_bytes() == before


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="choose another file with --history"):
        Store(tmp_path / "file" / "history.db")
    with pytest.raises(HistoryError, match="cannot be opened"):
        Store(tmp_path)


# --- writing -------------------------------------------------------------------------------


def test_an_exception_takes_a_transaction_back(store: Store) -> None:
    def fails() -> None:
        with store.writing() as connection:
            connection.execute("INSERT INTO word (text) VALUES ('x')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert store.connection.execute("SELECT count(*) FROM word").fetchone() == (0,)
    assert not store.connection.in_transaction
    with store.writing() as connection:
        connection.execute("INSERT INTO word (text) VALUES ('y')")
    assert store.connection.execute("SELECT text FROM word").fetchall() == [("y",)]


def test_another_writer_is_waited_for_and_named(desk: Desk) -> None:
    with Store(desk.path, patience=0.05) as other, desk.store.writing():
        with pytest.raises(HistoryBusy, match=r"another program has been writing for 0\.05 seconds"), other.writing():
            raise AssertionError
        with other.reading() as connection:  # readers need not wait
            assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)


def test_what_the_schema_forbids(store: Store) -> None:
    columns = "seq, id, kind, card, time, zone, day, device"
    with store.writing() as connection:
        connection.execute("INSERT INTO collection (id, namespace) VALUES (1, 'n')")
        connection.execute("INSERT INTO card VALUES (1, 1, 'n0:0')")
        connection.execute("INSERT INTO word VALUES (1, 'UTC')")
        connection.execute(f"INSERT INTO event ({columns}) VALUES (1, zeroblob(16), 3, 1, 0, 1, 0, 1)")
    ruined = [
        "2, zeroblob(16), 3, 1, 0, 1, 0, 1",  # an id twice
        "2, x'00', 3, 1, 0, 1, 0, 1",  # no id
        f"2, randomblob(16), {max(EventKind) + 1}, 1, 0, 1, 0, 1",  # no kind
        "2, randomblob(16), 2, 1, 0, 1, 0, 1",  # an undo of nothing
        "2, randomblob(16), 1, 1, 0, 1, 0, 1",  # an answer without a rating
        "2, randomblob(16), 3, 7, 0, 1, 0, 1",  # no such card
        "2, randomblob(16), 3, 1, 0, 7, 0, 1",  # no such zone
        "1, randomblob(16), 3, 1, 0, 1, 0, 1",  # a number twice
    ]
    for values in ruined:
        with pytest.raises(HistoryDamaged), store.writing() as connection:
            connection.execute(f"INSERT INTO event ({columns}) VALUES ({values})")
    assert len(log(store)) == 1


@pytest.mark.parametrize("missing", ["rating", "before", "state", "step", "stability", "difficulty", "interval"])
def test_the_schema_forbids_an_answer_without_its_outcome(store: Store, missing: str) -> None:
    """A comparison with NULL is NULL, which a CHECK lets pass."""
    values: dict[str, object] = {"seq": 1, "id": bytes(16), "kind": 1, "card": 1, "time": 0, "zone": 1, "day": 0}
    values |= {"device": 1, "rating": 3, "before": 0, "state": 1, "step": 0, "stability": 1.0, "difficulty": 5.0}
    values |= {"due": 0, "due_day": 0, "interval": 0, "scheduler": 1}
    insert = f"INSERT INTO event ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
    with store.writing() as connection:
        connection.execute("INSERT INTO collection (id, namespace) VALUES (1, 'n')")
        connection.execute("INSERT INTO card VALUES (1, 1, 'n0:0')")
        connection.execute("INSERT INTO word VALUES (1, 'UTC')")
    with pytest.raises(HistoryDamaged), store.writing() as connection:
        connection.execute(insert, list((values | {missing: None}).values()))
    with store.writing() as connection:
        connection.execute(insert, list(values.values()))
    assert len(log(store)) == 1


def test_a_schema_whose_text_is_damaged_is_said_in_words(desk: Desk) -> None:
    """SQLite repeats the text in its message, which is then no UTF-8."""
    desk.store.close()
    data = desk.path.read_bytes()
    desk.path.write_bytes(data.replace(b"CREATE TABLE word (id", b"CREATE TABL\xa7 word (id"))
    with pytest.raises(HistoryDamaged, match="is damaged"):
        Store(desk.path)
    assert backups.fault(desk.path)


# --- migrations ----------------------------------------------------------------------------


def _later(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE extra (id INTEGER PRIMARY KEY)")
    connection.execute("ALTER TABLE event ADD COLUMN mood TEXT")


def _broken(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM event")
    raise RuntimeError("the power went")


NEXT: tuple[Migration, ...] = (*MIGRATIONS, _later)
NOW = len(MIGRATIONS)


@pytest.fixture
def older(desk: Desk) -> Path:
    """A history of today's schema with one answer, older than `NEXT`."""
    desk.history.answer(Answer("n0:0", Rating.GOOD, 0), desk.clock(), Preset())
    desk.store.close()
    return desk.path


def test_an_older_history_is_backed_up_and_then_migrated(older: Path, clock: Clock) -> None:
    made: list[Path] = []

    def back_up(store: Store) -> None:
        assert "extra" not in tables(older)
        made.append(backups.back_up(store, clock().ms))

    with Store(older, before_migration=back_up, migrations=NEXT) as store:
        assert store.connection.execute("SELECT rating, mood FROM event").fetchall() == [(3, None)]
    assert (pragma(older, "user_version"), "extra" in tables(older)) == (NOW + 1, True)
    (backup,) = made
    assert (pragma(backup, "user_version"), backups.fault(backup)) == (NOW, "")
    with Store(older, before_migration=back_up, migrations=NEXT):
        assert len(made) == 1  # nothing to do the second time


def test_a_new_history_needs_no_backup(path: Path) -> None:
    def never(_: Store) -> None:
        raise AssertionError

    Store(path, before_migration=never, migrations=NEXT).close()
    assert pragma(path, "user_version") == NOW + 1


def test_a_migration_that_fails_leaves_the_older_history(older: Path) -> None:
    with pytest.raises(RuntimeError, match="the power went"):
        Store(older, migrations=(*NEXT, _broken))
    assert pragma(older, "user_version") == NOW
    assert not {"extra", "half"} & tables(older)
    with Store(older) as store:
        assert len(log(store)) == 1


def test_a_backup_that_fails_stops_the_migration(older: Path) -> None:
    def fails(_: Store) -> None:
        raise HistoryError("the disk is full")

    with pytest.raises(HistoryError, match="the disk is full"):
        Store(older, before_migration=fails, migrations=NEXT)
    assert pragma(older, "user_version") == NOW


def test_a_newer_history_is_refused_and_left_alone(older: Path) -> None:
    Store(older, migrations=NEXT).close()
    before = older.read_bytes()
    with pytest.raises(HistoryError, match=rf"newer aipm-cards \(schema {NOW + 1}, this one knows {NOW}\); update"):
        Store(older)
    with pytest.raises(HistoryError, match="newer aipm-cards"):
        Store(older, read_only=True)
    assert older.read_bytes() == before


def test_a_reader_does_not_migrate(older: Path) -> None:
    with pytest.raises(HistoryError, match=f"has schema {NOW}; `aipm-cards review` brings it up to date"):
        Store(older, read_only=True, migrations=NEXT)
    assert pragma(older, "user_version") == NOW


def test_two_that_migrate_at_once_do_it_once(older: Path) -> None:
    """Both have seen the older schema before either may write."""
    both = threading.Barrier(2, timeout=10)
    ran: list[int] = []
    failed: list[BaseException] = []

    def counted(connection: sqlite3.Connection) -> None:
        ran.append(1)
        _later(connection)

    def open_it() -> None:
        try:
            Store(older, before_migration=lambda _: both.wait(), migrations=(*MIGRATIONS, counted)).close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (failed, ran, pragma(older, "user_version")) == ([], [1], NOW + 1)


def test_several_that_make_a_history_at_once_make_one(tmp_path: Path) -> None:
    """None of them may say that the file is no history, nor give up before its patience ends."""
    failed: list[BaseException] = []

    def open_it(path: Path, all_: threading.Barrier) -> None:
        try:
            all_.wait()
            Store(path).close()
        except BaseException as error:
            failed.append(error)

    for number in range(30):
        path = tmp_path / f"{number}.db"
        threads = [threading.Thread(target=open_it, args=(path, all_)) for all_ in [threading.Barrier(4)] * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert pragma(path, "user_version") == len(MIGRATIONS)
    assert failed == []


def test_a_newer_version_that_migrates_meanwhile_is_not_taken_back(older: Path) -> None:
    """Between our look at the schema and our lock, a newer aipm-cards brings it further."""

    def third(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")

    def newer(_: Store) -> None:
        Store(older, migrations=(*NEXT, third)).close()

    with pytest.raises(HistoryError, match="newer"):
        Store(older, before_migration=newer, migrations=NEXT)
    assert pragma(older, "user_version") == NOW + 2
