"""A history of the first schema becomes one of today's, and nothing of it is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryDamaged
from aipm_cards.memory import backups, doctor
from aipm_cards.memory.history import Answer, History
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import MIGRATIONS, Store
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Clock, Desk, folds, keys, log, table, tokens
from tests.memory.test_doctor import fill

FIRST = MIGRATIONS[:1]
KINDS = {kind for kind in EventKind if kind <= EventKind.AFRESH}  # those that the first schema knew
TABLES = ("collection", "card", "word", "content", "event", "state")


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that the first schema had, with its number."""
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"SELECT rowid, * FROM {name} ORDER BY rowid").fetchall() for name in TABLES}


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


class Earlier(Desk):
    """A desk of the time of the first schema."""

    def open(self) -> None:
        self.store = Store(self.path, migrations=FIRST)
        self.history = History(self.store, self.namespace, "laptop", self.token, FOUR)


@pytest.fixture
def first(path: Path, clock: Clock) -> Path:
    """Some weeks of study in a file of the first schema, with events of every kind that it knew."""
    desk = Earlier(path, clock, tokens())
    fill(desk, 12)
    for kind in (EventKind.UNSUSPEND, EventKind.UNFLAG, EventKind.AFRESH, EventKind.BURY):
        desk.history.record(kind, "n0:0", clock())
    assert {event.kind for event in log(desk.store)} == KINDS
    desk.store.close()
    assert version(path) == 1
    return path


def test_a_history_of_the_first_schema_is_backed_up_and_migrated(first: Path, clock: Clock) -> None:
    before = dump(first)
    made: list[Path] = []
    with Store(first, before_migration=lambda store: made.append(backups.back_up(store, clock().ms))) as store:
        assert table(store) == folds(store)
        found = doctor.examine(store)
        assert (found.problems, found.events) == ([], len(before["event"]))
        assert store.connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert dump(first) == before
    assert version(first) == len(MIGRATIONS)
    (backup,) = made
    assert (version(backup), backups.fault(backup), dump(backup)) == (1, "", before)


def test_its_tables_and_indexes_are_those_of_a_new_history(first: Path, tmp_path: Path) -> None:
    Store(first).close()
    Store(tmp_path / "new.db").close()
    found = []
    for path in (first, tmp_path / "new.db"):
        with closing(sqlite3.connect(path)) as connection:
            found.append(sorted(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"), key=str))
    assert found[0] == found[1]
    names = {name for _, name, _, _ in found[0]}
    assert {"event_of_card", "event_of_day", "event_voided", "interview_of_mock", "interview_of_card"} <= names


@pytest.mark.parametrize(
    "change",
    ["card = 7777", "zone = 7777", "device = 7777", "content = 7777", "scheduler = 7777", "kind = 10", "rating = 9",
     "id = zeroblob(3)", "id = (SELECT id FROM event WHERE seq = 2)", "stability = NULL"],
)  # fmt: skip
def test_its_log_still_refuses_what_makes_no_sense(first: Path, change: str) -> None:
    sql = f"UPDATE event SET {change} WHERE seq = (SELECT min(seq) FROM event WHERE kind = 1 AND seq > 2)"
    with Store(first) as store:
        with pytest.raises(HistoryDamaged), store.writing() as connection:
            connection.execute(sql)
        assert doctor.examine(store).problems == []


def test_it_is_studied_further(first: Path, clock: Clock, token: Callable[[], bytes]) -> None:
    desk = Desk(first, clock, token)
    events = len(log(desk.store))
    desk.history.answer(Answer("n11:1", Rating.GOOD, desk.history.state("n11:1").revision), clock(), Preset())
    assert desk.history.undo(clock()) is not None
    assert len(log(desk.store)) == events + 2
    assert desk.session(keys(12, of_each=2)).next() is not None
    assert doctor.examine(desk.store).problems == []
    desk.store.close()


def test_a_backup_of_the_first_schema_is_restored_and_migrated(first: Path, clock: Clock) -> None:
    before = dump(first)
    with Store(first, migrations=FIRST) as store:
        backup = backups.back_up(store, clock().ms)
    Store(first).close()
    backups.restore(first, backup, clock().ms)
    assert version(first) == 1
    with Store(first) as store:
        assert doctor.examine(store).problems == []
    assert dump(first) == before
