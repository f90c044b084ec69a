"""Backups: verified, thinned by age, brought back; and what is refused."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from aipm_cards.errors import HistoryError
from aipm_cards.memory import backups, doctor
from aipm_cards.memory.history import Answer
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import MIGRATIONS, Store
from aipm_cards.model import Rating
from tests.memory.conftest import Clock, Desk, log

DAY = timedelta(days=1)


def ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def at(backup: Path) -> datetime:
    made = backups.made_at(backup)
    assert made is not None
    return made


def give(desk: Desk, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        desk.history.answer(Answer(f"n{number}:0", Rating.GOOD, 0), desk.clock(), Preset())


@pytest.fixture
def used(desk: Desk) -> Desk:
    """A history with five answers."""
    give(desk, 5)
    return desk


def read(path: Path) -> int:
    """How many events a sound file holds."""
    with Store(path) as store:
        assert doctor.examine(store).problems == []
        return len(log(store))


# --- making --------------------------------------------------------------------------------


def test_a_backup_is_whole_and_named_by_its_time(used: Desk) -> None:
    seen: list[tuple[int, int]] = []
    when = datetime(2026, 9, 21, 10, 5, 7, tzinfo=UTC)
    backup = backups.back_up(used.store, ms(when), lambda done, all_: seen.append((done, all_)))
    assert backup == backups.directory_of(used.path) / "history-20260921T100507Z.db"
    assert at(backup) == datetime(2026, 9, 21, 10, 5, 7, tzinfo=UTC)
    assert backup.parent.stat().st_mode & 0o777 == 0o700
    assert seen
    assert seen[-1][0] == seen[-1][1] > 0
    give(used, 3, first=5)  # the backup is of then
    assert os.listdir(backup.parent) == [backup.name]  # one file: no log beside it, nothing partial
    assert backups.fault(backup) == ""
    with closing(sqlite3.connect(f"{backup.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (5,)
        assert connection.execute("PRAGMA journal_mode").fetchone() != ("wal",)


def test_a_backup_holds_what_is_still_in_the_log_beside_the_file(used: Desk) -> None:
    assert used.path.with_name("history.db-wal").stat().st_size > 0
    backup = backups.back_up(used.store, used.clock().ms)
    assert read(Path(shutil.copy(backup, used.path.parent / "copy.db"))) == 5


def test_a_backup_is_made_while_another_writes(used: Desk, token: Callable[[], bytes]) -> None:
    other = Desk(used.path, used.clock, token)
    with other.store.writing() as connection:
        connection.execute("INSERT INTO word (text) VALUES ('not yet')")
        backup = backups.back_up(used.store, used.clock().ms)
    other.store.close()
    assert backups.fault(backup) == ""


def test_backups_are_found_by_their_names(used: Desk) -> None:
    assert backups.backups(used.path) == []
    times = [datetime(2026, 9, day, tzinfo=UTC) for day in (1, 2, 3)]
    made = [backups.back_up(used.store, ms(when)) for when in times]
    for name in ("notes.txt", "history-2026.db", "history-20260901T000000Z.db-wal", "xhistory-20260901T000000Z.db"):
        (made[0].parent / name).touch()
    assert backups.backups(used.path) == [made[2], made[1], made[0]]
    assert backups.made_at(Path("notes.txt")) is None


@pytest.mark.parametrize(
    ("hours", "due"), [(0, False), (1, False), (23.999, False), (24, True), (48, True), (-0.001, True), (-48, True)]
)
def test_when_a_backup_is_due(used: Desk, hours: float, due: bool) -> None:
    start = datetime(2026, 9, 21, 10, tzinfo=UTC)
    assert backups.is_due(used.path, ms(start))
    backups.back_up(used.store, ms(start))
    assert backups.is_due(used.path, ms(start + timedelta(hours=hours))) is due


def test_a_backup_that_cannot_be_written_says_where(used: Desk) -> None:
    (used.path.parent / "history-backups").touch()
    with pytest.raises(HistoryError, match="no backup could be written"):
        backups.back_up(used.store, used.clock().ms)


def fill_the_disk(patch: pytest.MonkeyPatch) -> None:
    """No room for a copy of a history."""
    connect = sqlite3.connect

    def small(*args: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **more)
        if str(args[0]).endswith(".partial"):
            connection.execute("PRAGMA max_page_count = 2")
        return connection

    patch.setattr(sqlite3, "connect", small)


def test_a_backup_that_sqlite_cannot_write_does_not_speak_of_an_answer(
    used: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may be full for the backup: no answer was lost, and it is not the history's fault."""
    fill_the_disk(monkeypatch)
    with pytest.raises(HistoryError) as error:
        backups.back_up(used.store, used.clock().ms)
    assert "backup" in str(error.value).partition(": ")[2] or "history-backups" in str(error.value)
    assert "answer was not stored" not in str(error.value)
    assert os.listdir(used.path.parent / "history-backups") == []


def test_a_backup_with_a_fault_is_not_kept(used: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    old = backups.back_up(used.store, ms(datetime(2026, 9, 1, tzinfo=UTC)))
    monkeypatch.setattr(backups, "fault", lambda _: "is damaged (a page)")
    with pytest.raises(HistoryError, match=r"history.db: is damaged \(a page\), so no copy of it was made"):
        backups.back_up(used.store, ms(datetime(2026, 9, 2, tzinfo=UTC)))
    assert os.listdir(old.parent) == [old.name]


# --- thinning ------------------------------------------------------------------------------


def kept_by_the_rule(made: list[datetime], now: datetime) -> set[datetime]:
    """What is documented, written down once more: all of the last day, the newest of each day
    for a week, of each week for five weeks, of each month for a year, and the three newest."""
    kept = set(sorted(made)[-3:])
    bands = [(0, 1, None), (1, 7, "%Y-%m-%d"), (7, 35, "%G-%V"), (35, 366, "%Y-%m")]
    for above, below, form in bands:
        newest: dict[str, datetime] = {}
        for when in sorted(made):
            age = (now - when) / DAY
            if (age <= below) and (age > above or above == 0):
                newest[when.strftime(form) if form else str(when)] = when
        kept |= set(newest.values())
    return kept


def test_backups_are_thinned_as_documented_over_400_days(used: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two a day, and after each the directory holds what the rule keeps of what was there."""
    directory = backups.directory_of(used.path)
    directory.mkdir()
    now = datetime(2026, 1, 1, 7, 30, tzinfo=UTC)
    expected: list[datetime] = []
    for number in range(800):
        (directory / now.strftime("history-%Y%m%dT%H%M%SZ.db")).touch()
        backups._thin(used.path, now)
        expected = sorted(kept_by_the_rule([*expected, now], now))
        if number % 7 == 0 or number > 780:
            assert sorted(map(at, backups.backups(used.path))) == expected
        now += timedelta(hours=10 if number % 2 == 0 else 14)
    ages = sorted((now - when) / DAY for when in expected)
    assert 20 <= len(ages) <= 28
    assert ages[-1] > 330  # the oldest is nearly a year old
    assert sum(age <= 7.6 for age in ages) >= 8
    gaps = [b - a for a, b in pairwise(ages)]
    assert max(gaps) <= 38  # nowhere is more missing than a month and a week
    assert all(gap <= 8 for age, gap in zip(ages[1:], gaps, strict=True) if age <= 28)


def test_the_three_newest_stay_whatever_their_age(used: Desk) -> None:
    made = [backups.back_up(used.store, ms(datetime(2020, 1, day, tzinfo=UTC))) for day in (1, 2, 3, 4)]
    newest = backups.back_up(used.store, ms(datetime(2026, 1, 1, tzinfo=UTC)))
    assert backups.backups(used.path) == [newest, made[3], made[2]]


def test_a_backup_from_the_future_is_no_reason_to_delete(used: Desk) -> None:
    """What is made once the clock was set right is the newest all the same."""
    future = backups.back_up(used.store, ms(datetime(2030, 1, 1, tzinfo=UTC)))
    now = datetime(2026, 1, 10, tzinfo=UTC)
    made = [backups.back_up(used.store, ms(now + DAY * number)) for number in range(-5, 1)]
    assert backups.backups(used.path) == [*reversed(made), future]
    assert [backups.made_at(each) for each in made] == [
        datetime(2030, 1, 1, 0, 0, second, tzinfo=UTC) for second in range(1, 7)
    ]


# --- verifying -----------------------------------------------------------------------------


def ruin(backup: Path, how: str) -> None:
    data = backup.read_bytes()
    if how == "cut":
        backup.write_bytes(data[:5000])
    elif how == "empty":
        backup.write_bytes(b"")
    elif how == "zeroes":
        backup.write_bytes(data[:4096] + bytes(4096 * 3) + data[4 * 4096 :])
    elif how == "text":
        backup.write_text("hello " * 100)
    elif how == "gone":
        backup.unlink()
    elif how == "directory":
        backup.unlink()
        backup.mkdir()
    else:
        statement = {"foreign": "PRAGMA application_id = 1", "newer": f"PRAGMA user_version = {len(MIGRATIONS) + 1}"}
        with closing(sqlite3.connect(backup)) as connection:
            connection.execute(statement[how])
            connection.commit()


RUINED = ["cut", "empty", "zeroes", "text", "gone", "directory", "foreign", "newer"]


@pytest.mark.parametrize("how", RUINED)
def test_a_ruined_backup_is_passed_over_and_not_restored(used: Desk, how: str) -> None:
    good = backups.back_up(used.store, ms(datetime(2026, 9, 1, tzinfo=UTC)))
    bad = backups.back_up(used.store, ms(datetime(2026, 9, 2, tzinfo=UTC)))
    assert backups.newest_good(used.path) == bad
    ruin(bad, how)
    assert backups.fault(bad)
    assert backups.newest_good(used.path) == good
    used.store.close()
    before = used.path.read_bytes()
    with pytest.raises(HistoryError, match=r"`aipm-cards history restore --list` shows the others"):
        backups.restore(used.path, bad, used.clock().ms)
    assert used.path.read_bytes() == before


def test_without_a_backup_there_is_none_to_restore(used: Desk) -> None:
    assert backups.newest_good(used.path) is None


def test_verifying_changes_nothing(used: Desk) -> None:
    backup = backups.back_up(used.store, used.clock().ms)
    before = backup.read_bytes()
    assert backups.fault(backup) == ""
    assert (backup.read_bytes(), os.listdir(backup.parent)) == (before, [backup.name])


# --- restoring -----------------------------------------------------------------------------


def test_a_backup_is_brought_back_and_the_file_kept(used: Desk) -> None:
    backup = backups.back_up(used.store, used.clock().ms)
    give(used, 3, first=5)
    used.store.close()
    kept = backups.restore(used.path, backup, used.clock().ms)
    assert kept == used.path.parent / "history-replaced-20260921T100000Z.db"
    assert (read(used.path), read(kept)) == (5, 8)
    assert backups.fault(backup) == ""
    again = backups.restore(used.path, backup, used.clock().ms)  # twice in a second
    assert again == used.path.parent / "history-replaced-20260921T100000Z-2.db"
    assert (read(used.path), read(kept), read(again)) == (5, 8, 5)


def test_a_history_that_is_gone_is_brought_back(used: Desk) -> None:
    backup = backups.back_up(used.store, used.clock().ms)
    used.store.close()
    used.path.unlink()
    assert backups.restore(used.path, backup, used.clock().ms) is None
    assert read(used.path) == 5


def test_what_is_left_of_a_lost_history_does_not_mix_with_the_backup(used: Desk) -> None:
    """A log that SQLite left beside a file that was deleted belongs to that file: it would be
    played into the one that takes its place."""
    backup = backups.back_up(used.store, used.clock().ms)
    give(used, 30, first=5)
    left = used.path.with_name("history.db-wal").read_bytes()
    used.store.close()
    used.path.unlink()
    used.path.with_name("history.db-wal").write_bytes(left)
    backups.restore(used.path, backup, used.clock().ms)
    assert read(used.path) == 5


def test_a_damaged_history_is_kept_as_it_is(used: Desk) -> None:
    backup = backups.back_up(used.store, used.clock().ms)
    used.store.close()
    ruin(used.path, "text")
    damaged = used.path.read_bytes()
    kept = backups.restore(used.path, backup, used.clock().ms)
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert read(used.path) == 5


def test_a_history_in_use_is_not_replaced(used: Desk, clock: Clock) -> None:
    backup = backups.back_up(used.store, clock().ms)
    with pytest.raises(HistoryError, match="is in use; end the sessions that use it first"):
        backups.restore(used.path, backup, clock().ms)
    give(used, 1, first=5)  # the session goes on
    used.store.close()
    assert read(used.path) == 6
    assert sorted(os.listdir(used.path.parent)) == ["history-backups", "history.db"]


def test_a_restore_that_fails_leaves_the_history(used: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the next review would begin an empty one in its place."""
    backup = backups.back_up(used.store, used.clock().ms)
    used.store.close()
    with monkeypatch.context() as patch:
        fill_the_disk(patch)
        with pytest.raises(HistoryError, match="full"):
            backups.restore(used.path, backup, used.clock().ms)
    assert used.path.exists()
    assert read(used.path) == 5


def test_an_older_backup_is_migrated_when_it_is_opened(used: Desk) -> None:
    backup = backups.back_up(used.store, used.clock().ms)
    used.store.close()
    backups.restore(used.path, backup, used.clock().ms)

    def second(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE extra (id)")

    with Store(used.path, migrations=(*MIGRATIONS, second)) as store:
        assert len(log(store)) == 5
        assert store.connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)


def test_histories_beside_each_other_have_backups_of_their_own(used: Desk, token: Callable[[], bytes]) -> None:
    """`mine.db` and `mine.sqlite` are two histories: one must not be restored over the other."""
    other = Desk(used.path.with_suffix(".sqlite"), used.clock, token)
    backups.back_up(used.store, used.clock().ms)
    assert backups.newest_good(other.path) is None
    other.store.close()
