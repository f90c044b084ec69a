"""Files that may not be used, are no history, are damaged, or were changed by somebody.

Using one gives the truth or a clear error of ours, and the doctor says what is wrong.

    pytest tests/hostile/test_history_files.py --long     damages many times as many
"""

# ruff: noqa: F401, F811

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from math import isclose
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryDamaged
from aipm_cards.memory import backups, doctor
from aipm_cards.memory.store import Store
from tests.hostile.history_desk import (
    DAMAGES,
    EDITED,
    HARMLESS,
    STRANGERS,
    Nursery,
    assert_clear,
    assert_sound,
    cut,
    digest,
    edited,
    entries,
    flipped,
    long,
    nursery,
    overwritten,
    path,
    studied,
    tried,
    used,
    where,
)
from tests.hostile.history_session import (
    BEGINNING,
    history_of,
    rows,
)
from tests.hostile.running import UNSAFE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and processes as Linux has them")

# --- places --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_no_history(nursery: Nursery, tmp_path: Path, name: str, read_only: bool) -> None:
    make, kind, message = STRANGERS[name]
    path = tmp_path / "history.db"
    make(path)
    before = digest(path)
    found = tried(nursery, path, read_only=read_only)
    assert found[0] == kind
    assert message in found[1], found
    assert digest(path) == before
    left = {file.name for file in tmp_path.iterdir()} - {"history.db"}
    assert left <= ({"history.db-wal", "history.db-shm"} if read_only else set())


def test_an_empty_file_is_a_new_history(nursery: Nursery, tmp_path: Path) -> None:
    """A session that was killed while it made the file leaves one."""
    path = tmp_path / "history.db"
    path.touch()
    assert tried(nursery, path, read_only=True)[0] == "HistoryError"
    assert path.read_bytes() == b""
    assert tried(nursery, path) == ("fine", "")
    assert len(assert_sound(path)) == 1


def test_a_directory_in_its_place(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.mkdir()
    assert tried(nursery, path)[0] == "HistoryError"
    assert tried(nursery, path, read_only=True)[0] == "HistoryError"
    assert list(path.iterdir()) == []


def test_a_path_below_a_file(nursery: Nursery, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for below in (tmp_path / "file" / "history.db", tmp_path / "file" / "deeper" / "history.db"):
        assert tried(nursery, below)[0] == "HistoryError"
        assert tried(nursery, below, read_only=True)[0] == "HistoryError"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_name_that_is_too_long(nursery: Nursery, tmp_path: Path) -> None:
    for name in ("x" * 300, f"{'y' * 300}/history.db", "z" * 255):
        assert tried(nursery, tmp_path / name)[0] == "HistoryError"


@pytest.mark.parametrize(
    "name", ["a?mode=memory.db", "100%.db", "a#b.db", "%41.db", "ä ö.db", ":memory:", "a\udcffb.db"]
)
def test_names_that_mean_something_elsewhere(nursery: Nursery, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert tried(nursery, path) == ("fine", "")
    assert len(assert_sound(path)) == 1
    with Store(path) as store:
        backup = backups.back_up(store, BEGINNING)
    assert backups.newest_good(path) == backup
    backups.restore(path, backup, BEGINNING)
    assert len(assert_sound(path)) == 1


def test_a_pipe_and_devices_in_its_place(nursery: Nursery, tmp_path: Path) -> None:
    """None is waited for."""
    pipe = tmp_path / "history.db"
    os.mkfifo(pipe)
    places = [pipe]
    for name in ("null", "full", "zero"):
        (tmp_path / name).mkdir()
        places.append(tmp_path / name / "history.db")
        places[-1].symlink_to(f"/dev/{name}")
    for place in places:
        assert tried(nursery, place)[0] in ("HistoryError", "HistoryDamaged"), place


def test_a_read_only_file(nursery: Nursery, path: Path) -> None:
    path.chmod(0o444)
    before = digest(path)
    kind, message = tried(nursery, path)
    assert kind == "HistoryError"
    assert "may not be written" in message
    assert digest(path) == before
    path.chmod(0o644)
    assert tried(nursery, path) == ("fine", "")


def test_a_read_only_file_that_was_looked_at(nursery: Nursery, path: Path) -> None:
    """To give oneself the right, as the message says, is enough, or it says what else to do:
    SQLite gives the log beside a file the rights of the file."""
    path.chmod(0o444)
    before = digest(path)
    assert tried(nursery, path, read_only=True) == ("fine", "")
    assert digest(path) == before
    path.chmod(0o644)
    kind, message = tried(nursery, path)
    assert kind == "fine" or f"{path}-" in message, message


def test_an_unreadable_file(nursery: Nursery, path: Path) -> None:
    before = digest(path)
    path.chmod(0)
    for read_only in (False, True):
        assert tried(nursery, path, read_only=read_only)[0] == "HistoryError"
    path.chmod(0o644)
    assert digest(path) == before


def test_a_read_only_directory(nursery: Nursery, path: Path) -> None:
    """Where SQLite cannot put its log beside the file, nothing is written into the file either."""
    before = digest(path)
    path.parent.chmod(0o555)
    try:
        assert tried(nursery, path)[0] == "HistoryError"
        assert tried(nursery, path.with_name("new.db"))[0] == "HistoryError"
        assert tried(nursery, path.parent / "new" / "history.db")[0] == "HistoryError"
        kind, message = tried(nursery, path, read_only=True)
        assert kind in ("fine", "HistoryError"), message
    finally:
        path.parent.chmod(0o755)
    assert digest(path) == before
    assert os.listdir(path.parent) == ["history.db"]


def test_a_directory_that_may_not_be_entered(nursery: Nursery, path: Path) -> None:
    path.parent.chmod(0o600)
    try:
        for read_only in (False, True):
            assert tried(nursery, path, read_only=read_only)[0] == "HistoryError"
    finally:
        path.parent.chmod(0o755)


def test_a_symbolic_link(nursery: Nursery, path: Path) -> None:
    """Its target is the history: two names, one log."""
    link = path.parent / "elsewhere" / "history.db"
    link.parent.mkdir()
    link.symlink_to(path)
    before = assert_sound(path)
    assert tried(nursery, link) == ("fine", "")
    assert assert_sound(path)[:-1] == before
    assert link.is_symlink()
    with Store(link) as store:
        backup = backups.back_up(store, BEGINNING)
    log = assert_sound(path)
    assert tried(nursery, link, key="tried again:0") == ("fine", "")
    kept = backups.restore(link, backup, BEGINNING)
    assert kept is not None
    assert assert_sound(kept)[:-1] == log
    assert assert_sound(link) == log


def test_links_that_lead_nowhere(nursery: Nursery, tmp_path: Path) -> None:
    circle = tmp_path / "circle.db"
    circle.symlink_to(circle)
    assert tried(nursery, circle)[0] == "HistoryError"
    dangling = tmp_path / "dangling.db"
    dangling.symlink_to(tmp_path / "not there" / "history.db")
    assert tried(nursery, dangling)[0] == "HistoryError"


# --- damaged files -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def truth(studied: Path) -> list[list[object]]:
    with Store(studied, read_only=True) as store:
        return rows(store)


def difference(found: list[list[object]], truth: list[list[object]]) -> str:
    """How two logs differ, but for a memory state by less than the doctor can know, or one that
    was taken back and counts no more."""
    if len(found) != len(truth):
        return f"{len(found)} events"
    undone = {right[-1] for right in truth}
    for row, right in zip(found, truth, strict=True):
        for value, true in zip(row, right, strict=True):
            numbers = isinstance(value, float) and isinstance(true, float)
            near = numbers and isclose(value, true, rel_tol=doctor.TOLERANCE)
            if value != true and not near and not (numbers and right[1] in undone):
                return f"{row}, not {right}"
    return ""


@pytest.mark.parametrize("shard", range(6))
def test_a_damaged_file(
    nursery: Nursery, studied: Path, tmp_path: Path, truth: list[list[object]], shard: int, long: bool
) -> None:
    """Used in every way it gives the truth or an error of ours. What the doctor finds sound
    says what it said before."""
    count = 1000 if long else 12
    said: dict[str, str] = {}
    for seed in range(shard * 100_000, shard * 100_000 + count):
        chance = random.Random(seed)
        data = bytearray(studied.read_bytes())
        what = DAMAGES[seed % len(DAMAGES)](data, chance)
        path = tmp_path / f"{seed}" / "history.db"
        path.parent.mkdir()
        path.write_bytes(data)
        said[str(path)] = f"seed {seed}: {what}"
    outcomes: Counter[bool] = Counter()
    wrong: list[str] = []
    for found in used(nursery, *map(Path, said)):
        what = said[found["path"]]
        outcomes[found["problems"] == []] += 1
        wrong += [f"{what}: {place}" for place in where(found["foreign"])]
        if found["problems"] == [] and (changed := difference(found["rows"] or [], truth)):
            wrong.append(f"{what}: the doctor finds nothing, but the log says {changed}")
        if found["problems"] == [] and found["after"] != []:
            wrong.append(f"{what}: sound, then {found['after'][:2]}")
    assert not wrong, "\n".join(wrong)
    assert min(outcomes[True], outcomes[False]) > count // 12, outcomes


def test_a_damaged_log_beside_the_file(nursery: Nursery, path: Path, tmp_path: Path) -> None:
    """SQLite takes what is whole of it. What a killed session left is damaged here."""
    before = assert_sound(path)
    nursery.run("study", path, seed=2, count=200, after=60, delay=0)
    places = []
    for seed in range(40):
        chance = random.Random(seed)
        copy = tmp_path / f"{seed}" / "history.db"
        copy.parent.mkdir()
        shutil.copy(path, copy)
        log = bytearray(Path(f"{path}-wal").read_bytes())
        (flipped, overwritten, cut)[seed % 3](log, chance)
        Path(f"{copy}-wal").write_bytes(log)
        places.append(copy)
    for seed, (found, copy) in enumerate(zip(used(nursery, *places), places, strict=True)):
        assert where(found["foreign"]) == [], f"seed {seed}"
        assert found["problems"] == [], f"seed {seed}"
        with Store(copy) as store:
            assert entries(store)[: len(before)] == before, f"seed {seed}"


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_kept_and_replaced(nursery: Nursery, path: Path, seed: int) -> None:
    log = assert_sound(path)
    assert nursery.run("back up", path, now=BEGINNING)["code"] == 0
    data = bytearray(path.read_bytes())
    DAMAGES[1 + seed](data, random.Random(seed))
    path.write_bytes(data)
    backup = backups.newest_good(path)
    assert backup is not None
    kept = backups.restore(path, backup, BEGINNING)
    assert kept is not None
    assert kept.read_bytes() == bytes(data)
    assert assert_sound(path) == log


def test_the_words_for_damage(path: Path, tmp_path: Path) -> None:
    """They name a way out and are words of the learner."""
    text = tmp_path / "text.db"
    text.write_text("mine" * 500)
    cut_short = tmp_path / "cut.db"
    cut_short.write_bytes(path.read_bytes()[:30_000])
    for broken in (text, cut_short):
        with pytest.raises(HistoryDamaged) as raised:
            assert_sound(broken)
        message = str(raised.value)
        assert_clear(message, broken)
        assert "database" not in message, message


# --- histories that somebody changed -------------------------------------------------------


@pytest.mark.parametrize("start", range(0, len(EDITED), 20))
def test_a_history_that_somebody_changed(
    nursery: Nursery, studied: Path, tmp_path: Path, start: int, long: bool
) -> None:
    """No exception but ours, no hang, and the doctor says that something is wrong. Each third
    change, or all of them."""
    names = EDITED[start : start + 20][:: 1 if long else 3]
    paths = []
    for number, name in enumerate(names):
        path = tmp_path / f"{number}" / "history.db"
        path.parent.mkdir()
        shutil.copy(studied, path)
        if edited(path, name):
            paths.append((name, path))
    wrong: list[str] = []
    for name, path in paths:
        try:
            (found,) = used(nursery, path)
        except AssertionError as error:
            wrong.append(f"{name}: {str(error)[:300]}")
            continue
        wrong += [f"{name}: {place}" for place in where(found["foreign"])]
        wrong += [f"{name}: {said!r}" for said in found["ours"].values() if UNSAFE.search(said)]
        if not found["problems"] and not HARMLESS.fullmatch(name):
            wrong.append(f"{name}: the doctor finds nothing")
    assert not wrong, "\n".join(wrong)
