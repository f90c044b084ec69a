"""What the tests of hostile histories share: processes to kill, what holds for every history, and
files that are none, damaged, or changed by somebody.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aipm_cards.memory import doctor
from aipm_cards.memory.log import CardState, Event, EventKind, folded
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.store import Store
from tests.hostile.history_session import (
    LATER,
    Job,
    study,
)
from tests.hostile.running import PACKAGE, UNSAFE

KILLED = -9
NOTES = 12


class Nursery:
    """Forks processes that use histories; see `history_session.py`."""

    stride = 2  # of the steps before which a job is killed; 1 with --long

    def __init__(self, *before: str) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.hostile.history_session"], cwd=PACKAGE.parent,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, op: str, path: Path, **more: Any) -> Job:
        """One job: how it ended and what it announced."""
        return self._looked_at(self._ask({"op": op, "path": str(path), **more}))

    def together(self, *jobs: Job) -> list[Job]:
        """Some jobs at the same time."""
        return [self._looked_at(ended) for ended in self._ask(list(jobs))]

    def close(self) -> None:
        if self.process.returncode is None:
            self.process.communicate()

    def _ask(self, job: object) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def _looked_at(self, ended: Job) -> Job:
        wrong = [line for line in ended["lines"] if line.startswith("x ")]
        assert not wrong, wrong[0].replace("\\n", "\n")
        assert not ended["hung"], f"hangs after {ended['lines'][-3:]}"
        if ended["code"] == 99:
            pytest.skip("root may do everything, and cannot do without that here")
        assert ended["code"] in (0, KILLED), ended
        return ended


@pytest.fixture(scope="session")
def nursery(pytestconfig: pytest.Config) -> Iterator[Nursery]:
    nursery = Nursery()
    if pytestconfig.getoption("--long"):
        nursery.stride = 1
    yield nursery
    nursery.close()


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of some months, to copy."""
    path = tmp_path_factory.mktemp("studied") / "history.db"
    with Store(path) as store:
        store.connection.execute("PRAGMA synchronous = OFF")
        study(store, 7, 260, NOTES)
    return path


@pytest.fixture
def path(studied: Path, tmp_path: Path) -> Path:
    """A copy of that history."""
    return Path(shutil.copy(studied, tmp_path / "history.db"))


# --- what holds for every history ----------------------------------------------------------

Entry = tuple[str, str]


def entries(store: Store) -> list[Entry]:
    """The log as it is acknowledged: undone events by the id that they void, others by theirs."""
    found = store.connection.execute("SELECT seq, kind, id, voids FROM event ORDER BY seq").fetchall()
    assert [row[0] for row in found] == list(range(1, len(found) + 1))
    return [("u", voids.hex()) if kind == EventKind.UNDO else ("a", id_.hex()) for _, kind, id_, voids in found]


def packed(state: CardState) -> bytes:
    """A state, bit for bit."""
    assert all(value is None or isinstance(value, (int, float)) for value in state)
    return b"".join(struct.pack("<d" if isinstance(value, float) else "<q", value or 0) for value in state)


def assert_folded(store: Store) -> None:
    """The state table is what the log comes to, bit for bit, and says what the last answer said."""
    columns = ", ".join(Event._fields)
    states = store.connection.execute(f"SELECT {', '.join(CardState._fields)} FROM state").fetchall()
    assert len(states) == store.connection.execute("SELECT count(DISTINCT card) FROM event").fetchone()[0]
    for row in states:
        state = CardState(*row)
        sql = f"SELECT {columns} FROM event WHERE card = ? ORDER BY seq"
        events = [Event(*found) for found in store.connection.execute(sql, (state.card,))]
        assert packed(state) == packed(folded(state.card, state.collection, events))
        voided = {event.voids for event in events}
        standing = [event for event in events if event.voids is None and event.id not in voided]
        last = next((e for e in reversed(standing) if e.kind == EventKind.AFRESH or e.before in (0, 1, 2, 3)), None)
        if last is None or last.kind == EventKind.AFRESH:
            assert state.state == State.NEW
        else:
            said = (last.state, last.step, last.stability, last.difficulty, last.interval, last.due, last.due_day)
            kept = (state.state, state.step, state.stability, state.difficulty)
            moved = [(e.due, e.due_day) for e in standing if e.kind == EventKind.MOVE and e.seq > last.seq]
            assert (*kept, state.interval, state.due, state.due_day) == (*said[:5], *(moved or [said[5:]])[-1])


def assert_sound(path: Path, **more: Any) -> list[Entry]:
    """The file opens, the doctor finds nothing, the states are right; the log is returned."""
    with Store(path, **more) as store:
        diagnosis = doctor.examine(store)
        assert diagnosis.problems == []
        assert_folded(store)
        found = entries(store)
        assert diagnosis.events == len(found)
    return found


def acknowledged(ended: Job) -> list[Entry]:
    return [(line[0], line.split()[1]) for line in ended["lines"] if line[0] in "au"]


def assert_kept(path: Path, before: list[Entry], ended: Job, **more: Any) -> list[Entry]:
    """What was acknowledged is in the log once and in its order, and at most one event more."""
    found = assert_sound(path, **more)
    expected = before + acknowledged(ended)
    assert found[: len(expected)] == expected
    assert len(found) <= len(expected) + 1
    assert len(set(found)) == len(found)
    return found


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_clear(message: str, path: Path) -> None:
    """One line for a person, with the file, and safe to print."""
    assert str(path) in message
    assert not UNSAFE.search(message), message
    assert "sqlite" not in message.lower().replace(str(path), ""), message


Check = Callable[[Path, Job], None]


def at_every_step(nursery: Nursery, op: str, fresh: Callable[[], Path], check: Check, **more: Any) -> int:
    """Kill a job before its first step, its second, and so on until it ends by itself, or before
    every second only; look at the file each time. Returns before which step it ended by itself."""
    for step in range(0, 1000, nursery.stride):
        path = fresh()
        ended = nursery.run(op, path, die_at=step, **more)
        try:
            check(path, ended)
        except BaseException as error:
            error.add_note(f"killed before step {step}: {path}")
            raise
        if ended["code"] == 0:
            return step
    raise AssertionError("it never ends")


@pytest.fixture
def fresh(studied: Path, tmp_path: Path) -> Callable[[], Path]:
    """Gives a copy of the history in a directory of its own, each time another one."""

    def copy() -> Path:
        directory = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        directory.mkdir()
        return Path(shutil.copy(studied, directory / "history.db"))

    return copy


# --- files that are none, damaged, or changed ----------------------------------------------


def tried(nursery: Nursery, path: Path, **more: Any) -> tuple[str, str]:
    """The kind of error to which opening and answering come, and its message."""
    ended = nursery.run("try", path, plain=True, **more)
    (line,) = ended["lines"]
    kind, _, message = line.removeprefix("r ").partition(" ")
    if message:
        assert_clear(message, path if str(path) in message else path.parent)
    return kind, message


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE event (id INTEGER, note TEXT)")
        connection.execute("INSERT INTO event VALUES (1, 'theirs')")
        connection.commit()


def marked_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 252006673")
        connection.execute("PRAGMA user_version = 1")


def version_only(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 3")


def newer(path: Path) -> None:
    with Store(path, migrations=LATER):
        pass


def package(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("collection.anki2", b"SQLite format 3\0")


STRANGERS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "text": (lambda path: path.write_text("format: 1\n" * 900), "HistoryDamaged", "is damaged"),
    "two bytes": (lambda path: path.write_bytes(b"no"), "HistoryDamaged", "is damaged"),
    "zeros": (lambda path: path.write_bytes(bytes(8192)), "HistoryDamaged", "is damaged"),
    "its first bytes": (lambda path: path.write_bytes(b"SQLite format 3\0"), "HistoryDamaged", "is damaged"),
    "another program's": (other_program, "HistoryDamaged", "is no history"),
    "another program's, marked": (marked_program, "HistoryDamaged", "is no history"),
    "another program's, empty": (version_only, "HistoryDamaged", "is no history"),
    "newer": (newer, "HistoryError", "update aipm-cards"),
    "zip": (package, "HistoryDamaged", "is damaged"),
}


def flipped(data: bytearray, chance: random.Random) -> str:
    for _ in range(chance.choice((1, 1, 1, 2, 5, 30))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return "bits flipped"


def overwritten(data: bytearray, chance: random.Random) -> str:
    start, length = chance.randrange(len(data)), chance.choice((1, 4, 16, 100, 600))
    data[start : start + length] = chance.randbytes(min(length, len(data) - start))
    return f"{length} bytes from {start} overwritten"


def header_changed(data: bytearray, chance: random.Random) -> str:
    start = chance.choice((*range(16, 100), *range(100, 112)))
    data[start] = chance.choice((0, 1, 2, 4, 127, 128, 255))
    return f"byte {start} of the header changed"


def page_header_changed(data: bytearray, chance: random.Random) -> str:
    start = chance.randrange(1, len(data) // 4096) * 4096 + chance.randrange(12)
    data[start] = chance.randrange(256)
    return f"byte {start % 4096} of page {start // 4096 + 1} changed"


def cut(data: bytearray, chance: random.Random) -> str:
    pages = len(data) // 4096
    end = chance.choice((chance.randrange(len(data)), chance.randrange(1, pages) * 4096, chance.randrange(2, 600)))
    del data[end:]
    return f"cut at {end}"


def pages_moved(data: bytearray, chance: random.Random) -> str:
    one, other = (chance.randrange(len(data) // 4096) * 4096 for _ in range(2))
    moved = bytes(data[one : one + 4096])
    if chance.random() < 0.5:
        data[one : one + 4096] = data[other : other + 4096]
    data[other : other + 4096] = moved
    return f"pages at {one} and {other} moved"


def page_emptied(data: bytearray, chance: random.Random) -> str:
    start = chance.randrange(len(data) // 512) * 512
    data[start : start + 512] = bytes(len(data[start : start + 512]))
    return f"sector at {start} emptied"


def lengthened(data: bytearray, chance: random.Random) -> str:
    data += chance.randbytes(chance.randrange(10_000))
    return "something appended"


DAMAGES = (
    *(flipped, flipped, overwritten, header_changed, page_header_changed),
    *(cut, pages_moved, page_emptied, lengthened),
)


def where(foreign: list[str]) -> list[str]:
    """Where exceptions that are not ours come from: the innermost line of the package."""
    places: Counter[str] = Counter()
    for told in foreign:
        lines = re.findall(r'File "[^"]*/(aipm_cards/\S+)", line (\d+), in (\w+)', told)
        place = ":".join(lines[-1]) if lines else "here"
        last = re.sub("[0-9]+", "N", told.strip().splitlines()[-1])
        places[f"{place} {last[:150]}"] += 1
    return [f"{place} ({count})" for place, count in places.most_common()]


def used(nursery: Nursery, *paths: Path) -> list[Job]:
    """What using each of these files came to."""
    ended = nursery.run("exercise", paths[0], paths=[str(path) for path in paths], notes=NOTES)
    found = [json.loads(line[2:]) for line in ended["lines"]]
    assert ended["code"] == 0, f"ended by signal {-ended['code']} at {paths[len(found)]}"
    return found


def assert_ours(found: Job) -> None:
    """Nothing came of a file but truth and clear errors of ours."""
    assert where(found["foreign"]) == []
    for message in found["ours"].values():
        assert not UNSAFE.search(message), message


VALUES = {
    "text": "'x'",
    "bytes": "x'ff00'",
    "huge": 2**62,
    "negative": -5,
    "a fraction": 1.5,
    "infinite": "9e999",
    "nothing": "NULL",
}
_COLUMNS = ", ".join(Event._fields[2:])
EDITS: dict[str, str] = {
    # values that are none, of another kind, or out of all bounds
    **{
        f"state.{column} is {name}": f"UPDATE state SET {column} = {value}"
        for column in CardState._fields[2:]
        for name, value in VALUES.items()
    },
    **{
        f"event.{column} is {name}": f"UPDATE event SET {column} = {value} WHERE kind = 1"
        for column in Event._fields[2:-1]
        for name, value in VALUES.items()
        if column != "card"
    },
    "event.id is text": "UPDATE event SET id = printf('%016d', seq)",
    "event.id is short": "UPDATE event SET id = CAST(seq AS BLOB)",
    "event.id is a number": "UPDATE event SET id = seq",
    "event.voids is text": "UPDATE event SET voids = printf('%016d', seq) WHERE kind = 2",
    "event.voids points nowhere": "UPDATE event SET voids = randomblob(16) WHERE kind = 2",
    "an undo that is voided": "INSERT INTO event (seq, id, kind, card, time, zone, day, device, voids)"
                              " SELECT 100000, randomblob(16), 2, card, time, zone, day, device, id FROM event"
                              " WHERE kind = 2 LIMIT 1",
    "an undo of another card": "INSERT INTO event (seq, id, kind, card, time, zone, day, device, voids)"
                               " SELECT 100000, randomblob(16), 2, card + 1, time, zone, day, device, id FROM event"
                               " WHERE kind = 1 ORDER BY seq DESC LIMIT 1",
    "event.seq is negative": "UPDATE event SET seq = -seq",
    "event.seq is at its end": f"UPDATE event SET seq = {2**63 - 1} WHERE seq = (SELECT max(seq) FROM event)",
    "an event is gone": "DELETE FROM event WHERE seq = 20",
    "all events are gone": "DELETE FROM event",
    "a rating was changed": "UPDATE event SET rating = 5 - rating WHERE seq IN (SELECT seq FROM event WHERE kind = 1"
                            " AND before BETWEEN 0 AND 3 AND rating != 5 - rating LIMIT 3)",
    "a state points to nothing": "INSERT INTO state SELECT 999999, collection, revision, state, step, stability,"
                                 " difficulty, last_day, interval, time, due, due_day, reps, lapses, suspended, buried,"
                                 " flags, shuffle, content FROM state LIMIT 1",
    "a state is gone": "DELETE FROM state WHERE card = 3",
    "all states are gone": "DELETE FROM state",
    "cards are gone": "DELETE FROM card WHERE id > 4",
    "all cards are gone": "DELETE FROM card",
    "the collection is gone": "DELETE FROM collection",
    "words are gone": "DELETE FROM word",
    "texts are gone": "DELETE FROM content",
    "card.key is bytes": "UPDATE card SET key = CAST(key AS BLOB)",
    "card.key is a number": "UPDATE card SET key = id",
    "card.key is not UTF-8": "UPDATE card SET key = CAST(x'ff' || CAST(key AS BLOB) AS TEXT)",
    "card.key has lines": "UPDATE card SET key = key || char(10) || 'x' || char(27) || '[31m' WHERE id < 5",
    "card.collection is another": "UPDATE card SET collection = 77",
    "collection.namespace is bytes": "UPDATE collection SET namespace = CAST(namespace AS BLOB)",
    "collection.namespace is not UTF-8": "UPDATE collection SET namespace = CAST(x'ff' AS TEXT)",
    "zones that are not": "UPDATE word SET text = 'Mars/Olympus' || id WHERE text LIKE '%/%'",
    "zones that lead elsewhere": "UPDATE word SET text = '../../etc/passwd' WHERE text LIKE 'Europe/%'",
    "zones that are absolute": "UPDATE word SET text = '/etc/passwd' WHERE text LIKE 'Europe/%'",
    "zones that are directories": "UPDATE word SET text = 'Europe' WHERE text LIKE 'Europe/%'",
    "zones that are empty": "UPDATE word SET text = '' WHERE text LIKE 'Europe/%'",
    "zones that are bytes": "UPDATE word SET text = CAST(text AS BLOB)",
    "zones that are not UTF-8": "UPDATE word SET text = CAST(x'ff' || id AS TEXT)",
    "a scheduler of no JSON": "UPDATE word SET text = 'fsrs' WHERE text LIKE '{%'",
    "a scheduler that is a list": "UPDATE word SET text = '[1]' WHERE text LIKE '{%'",
    "a scheduler that is deep": "UPDATE word SET text = replace(hex(zeroblob(100000)), '0', '[') WHERE text LIKE '{%'",
    "a scheduler without parameters": "UPDATE word SET text = '{\"version\":\"fsrs 6.3.2\"}' WHERE text LIKE '{%'",
    **{
        f"a scheduler whose {name} is {value}": f"UPDATE word SET text = json_set(text, '$.{name}', json('{value}'))"
                                                 " WHERE text LIKE '{%'"
        for name, values in {
            "desired_retention": ("0", "1", "-1", "2", '\"x\"', "null", "[]", "1e400"),
            "parameters": ("[]", "[1,2,3]", "null", "{}", '\"x\"', "[[1]]"),
            "learning_steps": ("null", "[-1]", '[\"x\"]', "[1e300]", "[[1]]", "7"),
            "relearning_steps": ("null", "[-1]", "[1e300]"),
            "maximum_interval": ("0", "-1", "null", '\"x\"', "1e300"),
            "version": ("7", "null", "[]"),
            "day_start": ("null", '\"x\"', "-1e300"),
        }.items()
        for value in values
    },
    "content.text is a number": "UPDATE content SET text = 7",
    "content.text is not UTF-8": "UPDATE content SET text = CAST(x'ff' AS TEXT)",
    "content.digest is a number": "UPDATE content SET digest = id",
    # another schema under our names
    "a trigger that answers twice": "CREATE TRIGGER twice AFTER INSERT ON event WHEN NEW.kind = 1 BEGIN"
                                    f" INSERT INTO event (seq, id, {_COLUMNS})"
                                    f" SELECT seq + 1, randomblob(16), {_COLUMNS}"
                                    " FROM event WHERE seq = NEW.seq; END",
    "a trigger that forgets": "CREATE TRIGGER event AFTER INSERT ON event BEGIN DELETE FROM event WHERE seq = NEW.seq;"
                              " END",
    "a trigger that refuses": "CREATE TRIGGER event AFTER INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END",
    "a trigger that ignores": "CREATE TRIGGER event BEFORE INSERT ON event BEGIN SELECT RAISE(IGNORE); END",
    "a trigger that rolls back": "CREATE TRIGGER event AFTER INSERT ON event BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    "a view of states": "ALTER TABLE state RENAME TO states; CREATE VIEW state AS SELECT * FROM states",
    "a view of nothing": "DROP TABLE state; CREATE VIEW state AS SELECT 1 AS card",
    "a view without an end": "DROP TABLE state; CREATE VIEW state AS WITH RECURSIVE n(i) AS"
                             " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS card, 1 AS collection,"
                             " 0 AS revision, 2 AS state, 0 AS step, 1.0 AS stability, 5.0 AS difficulty,"
                             " 0 AS last_day, 1 AS interval, 0 AS time, 0 AS due, 0 AS due_day, 0 AS reps, 0 AS lapses,"
                             " 0 AS suspended, 0 AS buried, 0 AS flags, 0 AS shuffle, NULL AS content FROM n",
    "a table is gone": "DROP TABLE content",
    "a column is gone": "ALTER TABLE state DROP COLUMN lapses",
    "a column is new": "ALTER TABLE event ADD COLUMN more TEXT NOT NULL DEFAULT 'x'",
    "an index is gone": "DROP INDEX event_voided",
    "a table without its rules": "CREATE TABLE e2 AS SELECT * FROM event; DROP TABLE event;"
                                 " ALTER TABLE e2 RENAME TO event",
    "a generated column": "ALTER TABLE state ADD COLUMN more INTEGER GENERATED ALWAYS AS (revision + 1)",
}  # fmt: skip
# What says nothing wrong: the doctor cannot know, or there is nothing to know.
HARMLESS = re.compile(
    r"event\.(took|detail|time|zone|device) is .*|event\.content is nothing|event\.leech is (nothing|a fraction)"
    r"|zones that .*|all events are gone|card\.key (has lines|is a number)"
    r"|a scheduler whose (version|day_start|desired_retention|maximum_interval|relearning_steps) is .*"
)
EDITED = sorted(EDITS)


def edited(path: Path, name: str) -> bool:
    """Change a history as a program without scruples would; false if SQLite does not let it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
        try:
            connection.executescript(f"BEGIN; {EDITS[name]}; COMMIT")
        except sqlite3.IntegrityError:
            return False  # of a rule that nothing turns off: UNIQUE, NOT NULL, the type of a key
        return True
