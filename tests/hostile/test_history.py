"""Histories whose processes are killed or interrupted, whose disk is full, whose clock jumps.

An answer that was acknowledged is in the log once, whatever happens; what cannot be stored is
refused in one line.

    pytest tests/hostile/test_history.py --long     kills many times as often
"""

# ruff: noqa: F401, F811

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryError
from aipm_cards.memory import backups, doctor
from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.history import Answer, History
from aipm_cards.memory.log import Event
from aipm_cards.memory.scheduler import retrievability
from aipm_cards.memory.session import Session
from aipm_cards.memory.store import MIGRATIONS, Store
from aipm_cards.model import Rating
from tests.hostile.history_desk import (
    KILLED,
    NOTES,
    Entry,
    Nursery,
    acknowledged,
    assert_clear,
    assert_kept,
    assert_sound,
    at_every_step,
    digest,
    entries,
    fresh,
    long,
    nursery,
    path,
    studied,
)
from tests.hostile.history_session import (
    BEGINNING,
    BERLIN,
    DAY,
    LATER,
    PRESET,
    SETTINGS,
    START,
    Clock,
    Job,
    cards,
    history_of,
    keys,
    said_by,
    study,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and processes as Linux has them")

# --- killed --------------------------------------------------------------------------------

SHARDS = 4
SESSIONS = 60  # a shard


@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_any_moment(nursery: Nursery, tmp_path: Path, shard: int, long: bool) -> None:
    """Sessions with one file, so that damage would add up."""
    path = tmp_path / "history.db"
    log: list[Entry] = []
    sides: Counter[int] = Counter()
    offset = random.randrange(1 << 32) if long else 0
    for session in range(SESSIONS * (20 if long else 1)):
        seed = offset + shard * 100_000 + session
        chance = random.Random(seed)
        # When so many commits or acknowledgements were heard, and a little later; each tenth
        # between a commit and its acknowledgement, however short that is.
        after = chance.choice((0, 1, 2, 3, 5, 8, 13))
        delay = chance.choice((0, 50, 100, 200, 400, 1000, 3000)) * chance.random()
        how = (
            {"unsaid": after}
            if session % 10 == 9
            else {"after": after, "delay": delay, "aim": chance.choice(("", "c"))}
        )
        ended = nursery.run("study", path, seed=seed, count=30, **how)
        try:
            found = assert_kept(path, log, ended)
        except BaseException as error:
            error.add_note(f"seed {seed}, killed by {how}")
            raise
        if ended["code"] == KILLED:
            sides[len(found) - len(log) - len(acknowledged(ended))] += 1
        log = found
    # Before a commit, and within or after it but not acknowledged.
    assert min(sides[0], sides[1]) >= 5, sides
    assert sides.total() >= SESSIONS * 0.9, sides


def test_killed_before_each_step_of_the_first_session(nursery: Nursery, tmp_path: Path) -> None:
    """From a directory that is not there to the second answer."""
    numbers = iter(range(1000))

    def nowhere() -> Path:
        return tmp_path / f"{next(numbers)}" / "below" / "history.db"

    def check(path: Path, ended: Job) -> None:
        log = assert_kept(path, [], ended)
        again = nursery.run("study", path, seed=4, count=2)
        assert_kept(path, log, again)

    assert at_every_step(nursery, "study", nowhere, check, seed=3, count=2) > 50


def test_killed_at_any_moment_of_the_first_session(nursery: Nursery, tmp_path: Path, long: bool) -> None:
    made: Counter[str] = Counter()
    for seed in range(1000 if long else 60):
        delay = random.Random(seed).uniform(0, 30_000)
        path = tmp_path / f"{seed}" / "history.db"
        ended = nursery.run("study", path, seed=seed, count=2, after=0, delay=delay)
        there = path.exists() and path.stat().st_size > 0
        assert_kept(path, [], ended)
        made["there" if there else "not yet"] += 1
    assert set(made) == {"there", "not yet"}, made


def test_killed_before_each_step_of_an_undo(nursery: Nursery, fresh: Callable[[], Path], studied: Path) -> None:
    log = assert_sound(studied)
    more = set()

    def check(path: Path, ended: Job) -> None:
        more.add(len(assert_kept(path, log, ended)) - len(log))

    at_every_step(nursery, "undo", fresh, check, seed=1, count=2)
    assert more == {0, 1, 2}


def test_killed_before_each_step_of_a_move_and_its_undo(
    nursery: Nursery, fresh: Callable[[], Path], studied: Path
) -> None:
    """All cards have moved or none has, and all are back or none is."""
    log = assert_sound(studied)
    more = set()

    def check(path: Path, ended: Job) -> None:
        found = assert_sound(path)
        assert found[: len(log)] == log
        more.add(len(found) - len(log))
        assert len(found) - len(log) >= {0: 0, 1: 3, 2: 6}[len(ended["lines"])]

    at_every_step(nursery, "move", fresh, check, seed=1, count=3)
    assert more == {0, 3, 6}


def test_killed_before_each_step_of_a_later_session(nursery: Nursery, fresh: Callable[[], Path], studied: Path) -> None:
    log = assert_sound(studied)

    def check(path: Path, ended: Job) -> None:
        assert_kept(path, log, ended)

    at_every_step(nursery, "study", fresh, check, seed=5, count=4)


def test_killed_before_each_step_of_a_rebuild(nursery: Nursery, fresh: Callable[[], Path], studied: Path) -> None:
    """The old table stays, wrong as it was, or the new one stands in its place."""
    log = assert_sound(studied)
    ends = set()

    def broken() -> Path:
        path = fresh()
        with Store(path) as store, store.writing() as connection:
            connection.execute("UPDATE state SET reps = reps + 1000")
        return path

    def check(path: Path, _: Job) -> None:
        with Store(path) as store:
            wrong = len(doctor.examine(store).problems)
            states = store.connection.execute("SELECT count(*) FROM state").fetchone()[0]
            assert wrong in (0, min(50, states))
            assert entries(store) == log
            doctor.rebuild(store)
        assert assert_sound(path) == log
        ends.add(wrong == 0)

    at_every_step(nursery, "rebuild", broken, check)
    assert ends == {True, False}


def test_killed_before_each_step_of_a_migration(nursery: Nursery, fresh: Callable[[], Path], studied: Path) -> None:
    log = assert_sound(studied)
    versions = set()

    def check(path: Path, _: Job) -> None:
        with closing(sqlite3.connect(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            later = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'later'").fetchone()[0]
        assert version == len(MIGRATIONS) + later
        versions.add(later)
        if later:  # then there is a backup of what was before
            backup = backups.newest_good(path)
            assert backup is not None
            assert assert_sound(backup) == log
        assert all(backups.fault(backup) == "" for backup in backups.backups(path))
        assert assert_sound(path, migrations=LATER) == log

    at_every_step(nursery, "migrate", fresh, check, now=BEGINNING)
    assert versions == {0, 1}


def test_killed_at_any_moment_of_a_migration(nursery: Nursery, fresh: Callable[[], Path], studied: Path) -> None:
    log = assert_sound(studied)
    for seed in range(20):
        delay = random.Random(seed).uniform(0, 20_000)
        path = fresh()
        nursery.run("migrate", path, now=BEGINNING, after=0, delay=delay)
        assert assert_sound(path, migrations=LATER) == log, f"seed {seed}"


# --- killed: backups -----------------------------------------------------------------------


def test_killed_before_each_step_of_a_backup(nursery: Nursery, fresh: Callable[[], Path], studied: Path) -> None:
    log = assert_sound(studied)
    counts = set()

    def check(path: Path, ended: Job) -> None:
        assert assert_sound(path) == log
        found = backups.backups(path)
        assert [backups.fault(backup) for backup in found] == [""] * len(found)
        assert [assert_sound(backup) for backup in found] == [log] * len(found)
        assert len(found) == 1 or ended["code"] == KILLED
        counts.add(len(found))

    at_every_step(nursery, "back up", fresh, check, now=BEGINNING)
    assert counts == {0, 1}


def test_killed_at_any_moment_of_a_backup(nursery: Nursery, path: Path, long: bool) -> None:
    """Of the same file each time, with older backups beside it."""
    log = assert_sound(path)
    made = 0
    for seed in range(500 if long else 40):
        delay = random.Random(seed).uniform(0, 25_000)
        ended = nursery.run("back up", path, now=BEGINNING + seed * DAY, after=0, delay=delay)
        good = backups.newest_good(path)
        assert good in (*backups.backups(path)[:1], None), f"seed {seed}"
        assert good is None or assert_sound(good) == log, f"seed {seed}"
        made += ended["code"] == 0 or bool(ended["lines"])
    assert assert_sound(path) == log


def test_what_a_killed_backup_left_is_removed_by_a_later_one(nursery: Nursery, path: Path) -> None:
    directory = backups.directory_of(path)
    left: list[Path] = []
    for step in range(500):
        if left:
            break
        assert nursery.run("back up", path, now=BEGINNING, die_at=step)["code"] == KILLED
        left = [found for found in directory.glob("*") if backups.made_at(found) is None]
    for found in left:
        os.utime(found, (BEGINNING / 1000 - 86_400,) * 2)
    nursery.run("back up", path, now=BEGINNING + DAY)
    names = {found.name for found in directory.iterdir()}
    assert names == {found.name for found in backups.backups(path)}


def assert_same_pages(now: Path, before: Path) -> None:
    """Nothing of a file is lost: what changed comes from the log beside it."""
    wal = Path(f"{before}-wal")
    was, log = before.read_bytes(), wal.read_bytes() if wal.exists() else b""
    if now.read_bytes() == was:
        assert not log or Path(f"{now}-wal").read_bytes() == log
        return
    for start in range(0, len(was), 4096):
        had, page = was[start : start + 4096], now.read_bytes()[start : start + 4096]
        assert page[: len(had)] == had or page in log, start


@pytest.mark.parametrize("state", ["whole", "in use", "damaged", "damaged in use", "no file"])
def test_killed_before_each_step_of_a_restore(
    nursery: Nursery, fresh: Callable[[], Path], studied: Path, state: str
) -> None:
    """Nothing of the old file is lost, and the next attempt succeeds. `in use`: until it was
    killed, so that a log lies beside it."""
    log = assert_sound(studied)

    def prepared() -> Path:
        path = fresh()
        assert nursery.run("back up", path, now=BEGINNING)["code"] == 0
        if "in use" in state:
            nursery.run("study", path, seed=2, count=200, after=40, delay=0)
            assert Path(f"{path}-wal").stat().st_size > 0
        if "damaged" in state:
            with open(path, "rb+") as file:
                file.write(b"not SQLite format 3")
        shutil.copytree(path.parent, path.parent / "before", ignore=shutil.ignore_patterns("*-backups"))
        if state == "no file":
            path.unlink()
        return path

    def check(path: Path, _: Job) -> None:
        before = path.parent / "before" / path.name
        replaced = [found for found in path.parent.glob("history-replaced-*") if found.suffix == ".db"]
        assert len(replaced) <= 1
        old = replaced[0] if replaced else path
        if "damaged" in state:
            assert_same_pages(old, before)
        elif state != "no file":
            assert assert_sound(old) == assert_sound(before)
        backup = backups.newest_good(path)
        assert backup is not None
        backups.restore(path, backup, BEGINNING)
        assert assert_sound(path) == log

    at_every_step(nursery, "restore", prepared, check, now=BEGINNING)


def test_a_killed_restore_leaves_the_old_history_or_the_backup(
    nursery: Nursery, fresh: Callable[[], Path], studied: Path
) -> None:
    """Never no file: the next session would begin an empty history and say nothing."""
    log = assert_sound(studied)

    def prepared() -> Path:
        path = fresh()
        assert nursery.run("back up", path, now=BEGINNING)["code"] == 0
        return path

    def check(path: Path, _: Job) -> None:
        assert path.exists()
        assert assert_sound(path) == log

    at_every_step(nursery, "restore", prepared, check, now=BEGINNING)


def test_a_log_without_its_file_does_not_get_into_what_is_restored(nursery: Nursery, path: Path) -> None:
    """Of a damaged file that somebody removed, SQLite's own log may still lie there."""
    log = assert_sound(path)
    assert nursery.run("back up", path, now=BEGINNING)["code"] == 0
    assert nursery.run("study", path, seed=1, count=150)["code"] == 0
    nursery.run("study", path, seed=2, count=200, after=60, delay=0)
    assert Path(f"{path}-wal").stat().st_size > 0
    path.unlink()
    backup = backups.newest_good(path)
    assert backup is not None
    backups.restore(path, backup, BEGINNING + DAY)
    assert assert_sound(path) == log


@pytest.mark.parametrize("damage", ["overwritten", "cut", "beginning lost"])
def test_restore_keeps_what_it_replaces(nursery: Nursery, path: Path, damage: str) -> None:
    """Also twice in the same second, and the log beside it."""
    log = assert_sound(path)
    assert nursery.run("back up", path, now=BEGINNING)["code"] == 0
    backup = backups.newest_good(path)
    assert backup is not None
    for seed in range(3):
        nursery.run("study", path, seed=seed, count=200, after=60, delay=0)
        whole = path.read_bytes()
        broken = {"overwritten": b"\x01" * len(whole), "cut": whole[:20_000], "beginning lost": whole[4096:]}
        path.write_bytes(broken[damage])
        before = path.with_name(f"before-{seed}.db")
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{before}{end}")
        kept = backups.restore(path, backup, BEGINNING)
        assert kept is not None
        assert_same_pages(kept, before)
        assert assert_sound(path) == log
    assert len([name for name in os.listdir(path.parent) if re.fullmatch(r"history-replaced-\w+(-\d)?.db", name)]) == 3


def test_the_newest_good_backup_is_found(path: Path) -> None:
    with Store(path) as store:
        made = [backups.back_up(store, BEGINNING + day * DAY) for day in range(6)]
        study(store, 3, 5)
    log = assert_sound(made[2])
    made[5].write_bytes(b"")
    made[4].write_bytes(made[4].read_bytes()[: made[4].stat().st_size // 2])
    middle = bytearray(made[3].read_bytes())
    middle[5000:9000] = bytes(4000)
    made[3].write_bytes(middle)
    assert backups.newest_good(path) == made[2]
    for bad in made[3:]:
        before = digest(path)
        with pytest.raises(HistoryError) as raised:
            backups.restore(path, bad, BEGINNING)
        assert_clear(str(raised.value), bad)
        assert digest(path) == before
    backups.restore(path, made[2], BEGINNING)
    assert assert_sound(path) == log


@pytest.mark.parametrize("busy", [False, True])
def test_restore_while_a_session_is_open(path: Path, busy: bool) -> None:
    """The session would go on writing into a file that has another name."""
    with Store(path) as store:
        backup = backups.back_up(store, BEGINNING)
        before = entries(store)
        if busy:
            study(store, 1, 3)
            before = entries(store)
        with pytest.raises(HistoryError, match="in use"):
            backups.restore(path, backup, BEGINNING)
        history = history_of(store, random.Random(1))
        history.answer(Answer("later:0", Rating.GOOD, 0), Moment(history.newest() + 1, BERLIN), PRESET)
    assert assert_sound(path)[:-1] == before


# --- no room -------------------------------------------------------------------------------


def assert_went_on(path: Path, ended: Job) -> None:
    """What was acknowledged before there was no room and after is there, and nothing else."""
    assert ended["code"] == 0
    refused = [line for line in ended["lines"] if line.startswith("full ")]
    assert refused
    for line in refused:
        message = line.split(" ", 2)[2]
        assert line.startswith("full HistoryError "), line
        assert_clear(message, path)
        assert "not stored" in message
    assert assert_sound(path) == acknowledged(ended)


@pytest.mark.parametrize("room", [0, 1, 4096, 40_000, 200_000])
def test_a_file_that_may_not_grow(nursery: Nursery, tmp_path: Path, room: int) -> None:
    path = tmp_path / "history.db"
    assert_went_on(path, nursery.run("full", path, seed=room, room=room))


@pytest.fixture
def on_a_disk(tmp_path: Path) -> Iterator[Nursery]:
    """A nursery with a disk of its own at `tmp_path/disk`, which nobody else sees and which
    ends with it. The histories that are there at the end are copied to `tmp_path`."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        *("unshare", "--mount", "--map-root-user", "sh", "-c"),
        'mount -t tmpfs -o size=10m tmpfs "$0" && "$@" && for f in "$0"/history*.db*; do cp "$f" "$0/.."; done',
        str(disk),
    )
    probe = [*mounted, "touch", f"{disk}/history.db"]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    (tmp_path / "history.db").unlink()
    nursery = Nursery(*mounted)
    yield nursery
    nursery.close()


@pytest.mark.parametrize("room", [0, 4096, 8192, 30_000, 100_000])
def test_a_full_disk(on_a_disk: Nursery, tmp_path: Path, room: int) -> None:
    path = tmp_path / "disk" / "history.db"
    ended = on_a_disk.run("full disk", path, seed=room, room=room)
    on_a_disk.close()
    said = {line.split(":")[0]: line for line in ended["lines"] if ": " in line}
    for what in ("backup", "new file"):
        kind, _, message = said[what].partition(": ")[2].partition(" ")
        assert kind == "HistoryError"
        assert_clear(message, path.parent)
    assert "left " in ended["lines"], "half a backup was left"
    refused = [line for line in ended["lines"] if line.startswith("full ")]
    assert len(refused) == 2
    assert all("the disk is full" in line and "make room" in line for line in refused), refused
    shutil.move(tmp_path / "history.db", path)
    assert_went_on(path, ended)


@pytest.mark.parametrize("room", [0, 4096, 30_000])
def test_a_restore_on_a_full_disk(on_a_disk: Nursery, tmp_path: Path, room: int) -> None:
    """It is refused, and the history is where it was."""
    path = tmp_path / "disk" / "history.db"
    ended = on_a_disk.run("full restore", path, room=room)
    on_a_disk.close()
    (refusal,) = (line for line in ended["lines"] if line.startswith("restore: HistoryError"))
    assert_clear(refusal, path)
    assert "there history.db" in ended["lines"], (ended["lines"][-1], refusal)
    assert assert_sound(tmp_path / "history.db") == acknowledged(ended)


@pytest.mark.parametrize("pages", [0, 1, 2, 3, 5, 8])
def test_a_file_of_so_many_pages(path: Path, pages: int) -> None:
    """Full in the middle of a transaction; the same store goes on when there is room."""
    before = assert_sound(path)
    with Store(path) as store:
        history = history_of(store, random.Random(pages))
        one = store.connection.execute
        one(f"PRAGMA max_page_count = {one('PRAGMA page_count').fetchone()[0] + pages}")
        at, stored = history.newest(), 0

        def fill() -> None:
            nonlocal stored
            while True:
                key = f"full-{stored}:0"
                answer = Answer(key, Rating.GOOD, 0, 1000, said_by(key, stored))
                history.answer(answer, Moment(at + stored, BERLIN), PRESET)
                stored += 1

        with pytest.raises(HistoryError, match="the disk is full; the last step was not stored") as raised:
            fill()
        assert_clear(str(raised.value), path)
        assert len(entries(store)) == len(before) + stored
        assert doctor.examine(store).problems == []
        assert history.state(f"full-{stored}:0").revision == 0
        one("PRAGMA max_page_count = 100000")
        history.answer(Answer(f"full-{stored}:0", Rating.GOOD, 0), Moment(at + stored, BERLIN), PRESET)
    assert len(assert_sound(path)) == len(before) + stored + 1


@pytest.mark.parametrize("pages", [0, 6])
def test_words_of_an_answer_that_was_not_stored_are_not_used_later(tmp_path: Path, pages: int) -> None:
    """A zone and a device of one name: what the history remembers of them must not outlive the
    transaction that was to store them."""
    path = tmp_path / "history.db"
    with Store(path) as store:
        one = store.connection.execute
        chance = random.Random(pages)
        first = history_of(store, chance, device="desk")
        first.answer(Answer("first:0", Rating.GOOD, 0), Moment(BEGINNING, BERLIN), PRESET)
        one(f"PRAGMA max_page_count = {one('PRAGMA page_count').fetchone()[0] + pages}")
        history = History(store, "hostile", "Asia/Tokyo", lambda: chance.randbytes(10), START)
        tokyo = Moment(BEGINNING + 1000, "Asia/Tokyo")
        text = "x" * 60_000
        with pytest.raises(HistoryError, match="full"):
            history.answer(Answer("second:0", Rating.GOOD, 0, 0, said_by("a")._replace(text=text)), tokyo, PRESET)
        one("PRAGMA max_page_count = 100000")
        first.answer(Answer("third:0", Rating.GOOD, 0), Moment(BEGINNING, "Africa/Cairo"), PRESET)
        event = history.answer(Answer("second:0", Rating.GOOD, 0), tokyo, PRESET)
        assert history.zone(event.zone) == "Asia/Tokyo"
        assert history.zone(event.device) == "Asia/Tokyo"
    assert len(assert_sound(path)) == 3


# --- two at once ---------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["try", "undo"])
def test_locked_for_longer_than_the_patience(nursery: Nursery, path: Path, op: str) -> None:
    before = assert_sound(path)
    hold = {"op": "hold", "path": str(path), "seconds": 1.2, "first": True}
    ended = nursery.together(hold, {"op": "try", "path": str(path), "patience": 0.2})
    (line,) = ended[1]["lines"]
    assert line.startswith("r HistoryBusy "), line
    assert "0.2 seconds" in line
    assert_clear(line, path)
    assert assert_sound(path) == before
    assert nursery.run("try", path)["lines"] == ["r fine"]
    assert assert_sound(path)[:-1] == before


def test_locked_for_less_than_the_patience(nursery: Nursery, path: Path) -> None:
    before = assert_sound(path)
    hold = {"op": "hold", "path": str(path), "seconds": 0.5, "first": True}
    ended = nursery.together(hold, {"op": "try", "path": str(path)})
    assert ended[1]["lines"] == ["r fine"]
    assert assert_sound(path)[:-1] == before


def test_a_new_file_that_is_locked(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    hold = {"op": "hold", "path": str(path), "seconds": 1.0, "first": True}
    ended = nursery.together(hold, {"op": "try", "path": str(path), "patience": 0.2})
    assert ended[1]["lines"][0].startswith("r HistoryBusy ")
    assert nursery.run("try", path)["lines"] == ["r fine"]


def test_made_by_two_processes_at_once(nursery: Nursery, tmp_path: Path, long: bool) -> None:
    for number in range(300 if long else 25):
        path = tmp_path / f"{number}" / "history.db"
        jobs = [{"op": "try", "path": str(path), "key": f"made-{which}:0", "seed": which} for which in (1, 2)]
        ended = nursery.together(*jobs)
        assert [each["lines"] for each in ended] == [["r fine"], ["r fine"]]
        assert len(assert_sound(path)) == 2


def test_interrupted_while_it_waits(nursery: Nursery, path: Path) -> None:
    """Ctrl-C while another process writes must not leave a transaction open: the next answer
    would fail, and every other process would wait for ever."""
    before = assert_sound(path)
    hold = {"op": "hold", "path": str(path), "seconds": 20, "first": True}
    _, ended = nursery.together(hold, {"op": "interrupted", "path": str(path), "seed": 1, "interrupt": 0.4})
    assert "in a transaction: False" in ended["lines"], ended["lines"]
    assert ended["lines"][0] == "waiting"
    assert_kept(path, before, ended)


@pytest.mark.parametrize("processes", [2, 3])
def test_two_sessions_with_the_same_cards(nursery: Nursery, tmp_path: Path, processes: int, long: bool) -> None:
    path = tmp_path / "history.db"
    seconds = 20 if long else 2
    race = {"op": "race", "path": str(path), "notes": 8, "seconds": seconds}
    ended = nursery.together(*({**race, "seed": seed} for seed in range(processes)))
    log = assert_sound(path)
    assert sorted(log) == sorted(entry for each in ended for entry in acknowledged(each))
    answers = [tuple(line.split()[2:]) for each in ended for line in each["lines"] if line[0] == "a"]
    refused = [line.split()[2:] for each in ended for line in each["lines"] if line[0] == "s"]
    assert len(answers) == len(set(answers)), "a card was answered twice as it was shown once"
    assert len(answers) > 100
    assert len(refused) > 5, "they never met"
    assert all(int(shown) < int(now) for shown, now in refused)
    assert all(any(line[0] == "a" for line in each["lines"]) for each in ended)


# --- versions ------------------------------------------------------------------------------


def test_a_newer_version_that_migrates_meanwhile(path: Path) -> None:
    """While this one makes its backup, another brings the file further than this one knows."""
    third = (*LATER, lambda connection: connection.execute("CREATE TABLE third (id INTEGER)"))

    def meanwhile(_: Store) -> None:
        with Store(path, migrations=third):
            pass

    with suppress(HistoryError), Store(path, before_migration=meanwhile, migrations=LATER):
        pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(third)
    assert_sound(path, migrations=third)


def test_a_migration_that_fails(path: Path) -> None:
    log = assert_sound(path)

    def bad(connection: sqlite3.Connection) -> None:
        LATER[-1](connection)
        connection.execute("DELETE FROM event")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(HistoryError) as raised:
        Store(path, migrations=(*MIGRATIONS, bad))
    assert str(path) in str(raised.value)
    assert assert_sound(path) == log
    assert assert_sound(path, migrations=LATER) == log
    with pytest.raises(HistoryError, match="update aipm-cards"):
        Store(path)


# --- clocks --------------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Asia/Kathmandu", "UTC")
YEAR = 365 * DAY


@pytest.mark.parametrize("seed", range(6))
def test_clocks_and_zones_that_jump(path: Path, seed: int) -> None:
    """Nothing is lost, the order is that of the answers, and no time is negative."""
    chance = random.Random(seed)
    before = assert_sound(path)
    mine: list[Entry] = []
    with Store(path) as store:
        store.connection.execute("PRAGMA synchronous = OFF")
        history = history_of(store, chance)
        clock = Clock(history.newest() + DAY)
        session = Session(history, cards(NOTES), SETTINGS, clock)
        for number in range(150):
            clock.ms += chance.choice((1, 1000, 60_000, DAY, 30 * DAY, -1, -1000, -DAY, -YEAR, YEAR))
            clock.ms = max(0, clock.ms)
            if number == 70:
                clock.ms = 0  # a battery that is flat
            clock.zone = chance.choice(ZONES)
            turn = session.next()
            if turn is None:
                key = chance.choice(keys(NOTES))
                turn = session.turn(key, history.state(key), clock())
            assert 0 <= retrievability(turn.state.memory, session.day, PRESET) <= 1
            for outcome in turn.outcomes.values():
                assert outcome.memory.interval >= 0
                assert outcome.due >= clock.ms - DAY
                assert outcome.due_day >= learner_day(clock(), START)
            event = session.answer(turn, Rating(chance.choice((1, 3, 3, 4))), 1000)
            mine.append(("a", event.id.hex()))
            assert event.time == clock.ms
            assert event.day == learner_day(clock(), START)
            if chance.random() < 0.2:
                assert session.undo() == (turn.key, event)
                mine.append(("u", event.id.hex()))
            session.summary(), session.counts, session.upcoming(3), session.next_due_day()
    assert assert_sound(path) == before + mine
    with Store(path) as store:
        wrong = "SELECT count(*) FROM state WHERE interval < 0 OR due_day < last_day AND reps > 0 OR stability < 0"
        assert store.connection.execute(wrong).fetchone()[0] == 0


def test_the_clock_set_back_a_year(path: Path) -> None:
    """A card that was answered yesterday, by a clock that was a year ahead, is no time old."""
    with Store(path) as store:
        history = history_of(store, random.Random(1))
        clock = Clock(BEGINNING + 800 * DAY)
        given: list[Event] = []
        for number in range(6):
            state = history.state("back:0")
            event = history.answer(Answer("back:0", Rating.EASY, state.revision), clock(), PRESET)
            given.append(event)
            clock.ms += -YEAR if number % 2 == 0 else 40 * DAY
        assert [event.seq for event in given] == sorted(event.seq for event in given)
        states = [event.stability for event in given]
        assert all(value is not None and value > 0 for value in states)
        assert history.state("back:0").last_day == given[-1].day
        while history.undo(clock()):
            pass
        assert doctor.examine(store).problems == []


def test_a_backup_made_after_the_clock_was_set_back_is_the_newest(path: Path) -> None:
    """What was made last is what a restore brings back, whatever the clock said."""
    with Store(path) as store:
        backups.back_up(store, BEGINNING + YEAR)
        study(store, 9, 5)
        log = entries(store)
        last = backups.back_up(store, BEGINNING)
        assert last.exists()
    newest = backups.newest_good(path)
    assert newest is not None
    assert assert_sound(newest) == log


def test_leap_seconds_and_days_that_clocks_skip(path: Path) -> None:
    """The nights of the clock changes, a leap day, and the day that Samoa did not have."""
    moments = [
        *(Moment(1_774_746_000_000 + step * 600_000, BERLIN) for step in range(30)),  # 2026-03-29
        *(Moment(1_792_886_400_000 + step * 600_000, BERLIN) for step in range(30)),  # 2026-10-25
        *(Moment(1_835_395_200_000 + step * 3_600_000, BERLIN) for step in range(30)),  # 2028-02-29
        *(Moment(1_325_152_800_000 + step * 3_600_000, "Pacific/Apia") for step in range(40)),  # 2011-12-29
        Moment(1_483_228_799_999, "UTC"),  # 2016-12-31, 23:59:60
        Moment(1_483_228_800_000, "UTC"),
    ]
    before = assert_sound(path)
    with Store(path) as store:
        store.connection.execute("PRAGMA synchronous = OFF")
        history = history_of(store, random.Random(2))
        for number, moment in enumerate(moments):
            key = f"leap-{number % 3}:0"
            event = history.answer(Answer(key, Rating.GOOD, history.state(key).revision), moment, PRESET)
            assert event.due is not None
            assert event.due_day is not None
            assert event.due > moment.ms
            assert event.due_day >= event.day
    assert len(assert_sound(path)) == len(before) + len(moments)
