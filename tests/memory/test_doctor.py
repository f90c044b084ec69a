"""The doctor finds each fault that is planted, and none where there is none."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from math import isclose
from pathlib import Path

import pytest

from aipm_cards.errors import HistoryDamaged, HistoryError
from aipm_cards.memory import doctor
from aipm_cards.memory.history import Answer, Content, History
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.queue import Wish
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Clock, Desk, content, folds, keys, log, table, tokens


def digest_of(text: str) -> bytes:
    return Content.of(text).digest


def fill(desk: Desk, days: int = 25) -> None:
    """Some weeks of study with a little of everything."""
    chance = random.Random(7)
    for day in range(days):
        session = desk.session(keys(12, of_each=2), Settings(preset=Preset(new_per_day=3, leech_threshold=2)))
        for _ in range(30):
            turn = session.next()
            if turn is None:
                break
            session.answer(turn, Rating(chance.choice((1, 2, 3, 3, 4))), 900, content(f"{turn.key} {day // 9}"))
            desk.clock.forward(minutes=1)
            if chance.random() < 0.15:
                session.undo()
            if chance.random() < 0.2:
                session.mark(chance.choice([EventKind.FLAG, EventKind.BURY, EventKind.SUSPEND]), turn.key, "remark")
            if chance.random() < 0.05:
                session.mark(chance.choice([EventKind.AFRESH, EventKind.UNFLAG, EventKind.UNSUSPEND]), turn.key)
        desk.clock.forward(days=1)
        if day % 10 == 5:
            cram = desk.session(keys(3), None, Wish(cram=True))
            if turn := cram.next():
                cram.answer(turn, Rating.HARD, 10)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a sound history, checkpointed."""
    desk = Desk(tmp_path_factory.mktemp("sound") / "history.db", Clock(), tokens())
    fill(desk)
    desk.store.close()
    return desk.path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "copy.db"))


def planted(path: Path, *statements: str) -> list[str]:
    """What the doctor says after someone else wrote to the file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
        connection.commit()
    with Store(path) as store:
        return doctor.examine(store).problems


def test_a_sound_history(copy: Path) -> None:
    with Store(copy) as store:
        before = log(store)
        seen: list[tuple[int, int]] = []
        found = doctor.examine(store, lambda done, total: seen.append((done, total)))
        assert (found.problems, found.elsewhere) == ([], 0)
        assert found.events == len(before) > 150
        assert found.cards == len({event.card for event in before})
        assert seen[-1] == (found.events, found.events)
        assert [done for done, _ in seen] == sorted(done for done, _ in seen)
        assert {event.kind for event in before} == set(EventKind) - {EventKind.MOVE}  # nothing is left untried
        assert not store.connection.in_transaction
        assert log(store) == before
    with Store(copy, read_only=True) as store:
        assert doctor.examine(store).problems == []


def test_an_empty_history_is_sound(store: Store) -> None:
    found = doctor.examine(store)
    assert (found.problems, found.events, found.cards) == ([], 0, 0)


ANSWER = "(SELECT max(seq) FROM event e WHERE kind = 1 AND before = 2 AND NOT EXISTS"
ANSWER += " (SELECT 1 FROM event u WHERE u.voids = e.id))"
FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a changed stability": (
        "does not follow from the one before",
        (f"UPDATE event SET stability = stability * 1.0001 WHERE seq = {ANSWER}",),
    ),
    "a changed difficulty": (
        "does not follow from the one before",
        (f"UPDATE event SET difficulty = 11 - difficulty WHERE seq = {ANSWER}",),
    ),
    "a changed rating": (
        "does not follow from the one before",
        (f"UPDATE event SET rating = 5 - rating WHERE seq = {ANSWER}",),
    ),
    "a changed state before": (
        "does not follow from the one before",
        (f"UPDATE event SET before = 1 WHERE seq = {ANSWER}",),
    ),
    "a changed day": (
        "does not follow from the one before",
        (f"UPDATE event SET day = day + 3 WHERE seq = {ANSWER}",),
    ),
    "a changed due day": (
        "the state table differs",
        (f"UPDATE event SET due_day = due_day + 3 WHERE seq = {ANSWER}",),
    ),
    "a changed interval": (
        "the state table differs",
        (f"UPDATE event SET interval = interval + 3 WHERE seq = {ANSWER}",),
    ),
    "a deleted answer": (
        "the state table differs",
        (f"DELETE FROM event WHERE seq = {ANSWER}",),
    ),
    "a deleted mark": (
        "the state table differs",
        ("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event WHERE kind = 6)",),
    ),
    "an orphan undo": (
        "takes back an event that is not there before it",
        ("UPDATE event SET voids = zeroblob(16) WHERE seq = (SELECT min(seq) FROM event WHERE kind = 2)",),
    ),
    "an undo of another card's event": (
        "takes back an event that is not there before it",
        (
            "UPDATE event SET voids = (SELECT id FROM event WHERE seq = 1)"
            " WHERE seq = (SELECT max(seq) FROM event WHERE kind = 2 AND card != 1)",
        ),
    ),
    "an undo of an undo": (
        "takes back an event that is not there before it",
        (
            "UPDATE event SET voids = (SELECT id FROM event WHERE kind = 2 ORDER BY seq LIMIT 1)"
            " WHERE seq = (SELECT max(seq) FROM event WHERE kind = 2)",
        ),
    ),
    "a missing state": (
        "the state table differs",
        ("DELETE FROM state WHERE card = 3",),
    ),
    "a state without an event": (
        "card 999: has a state but no event",
        (
            "INSERT INTO card VALUES (999, 1, 'ghost:0')",
            "INSERT INTO state SELECT 999, collection, 0, 0, 0, 0.0, 0.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL"
            " FROM state LIMIT 1",
        ),
    ),
    "a changed text": (
        "the text 1 of a card is not the one that was seen",
        ("UPDATE content SET text = text || '.' WHERE id = 1",),
    ),
    "a wrong digest": (
        "the text 2 of a card is not the one that was seen",
        ("UPDATE content SET digest = zeroblob(16) WHERE id = 2",),
    ),
    "an event of no card": (
        "row 5 of 'event' names a row of 'card' that is not there",
        ("UPDATE event SET card = 12345 WHERE seq = 5",),
    ),
    "a missing zone": (
        "names a row of 'word' that is not there",
        ("DELETE FROM word WHERE text = 'Europe/Berlin'",),
    ),
    "an answer without its outcome": (
        "event",
        (f"UPDATE event SET state = NULL WHERE seq = {ANSWER}",),
    ),
    "no such rating": (
        "CHECK constraint failed in event",
        (f"UPDATE event SET rating = 9 WHERE seq = {ANSWER}",),
    ),
    "a number that is a text": (
        "make no sense",
        ("UPDATE word SET text = '{\"version\": ' WHERE text LIKE '{%'",),
    ),
    "parameters that are none": (
        "make no sense",
        ("UPDATE word SET text = replace(text, '0.212', '\"x\"') WHERE text LIKE '{%'",),
    ),
}
COLUMNS = {
    "collection": "collection + 1",
    "revision": "revision + 1",
    "state": "3 - state",
    "step": "step + 1",
    "stability": "stability * (1 + 1e-12)",
    "difficulty": "difficulty + 0.1",
    "last_day": "last_day - 1",
    "interval": "interval + 1",
    "time": "time + 1",
    "due": "due + 1",
    "due_day": "due_day + 1",
    "reps": "reps + 1",
    "lapses": "lapses + 1",
    "suspended": "1 - suspended",
    "buried": "buried + 1",
    "flags": "flags + 1",
    "shuffle": "shuffle + 1",
    "content": "1 - content",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(copy: Path, fault: str) -> None:
    said, statements = FAULTS[fault]
    found = planted(copy, *statements)
    assert [problem for problem in found if said in problem], found


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_of_the_state_table_is_found(copy: Path, column: str) -> None:
    which = "(SELECT card FROM state WHERE state = 2 AND content > 1 LIMIT 1)"
    found = planted(copy, f"UPDATE state SET {column} = {COLUMNS[column]} WHERE card = {which}")
    assert found, column
    assert set(COLUMNS) | {"card"} == set(table_columns(copy))


def table_columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(state)")]


def test_an_earlier_change_is_found_where_it_happened(desk: Desk) -> None:
    """Not at each answer that was built upon it: those follow from what is stored."""
    for rating in (4, 3, 3, 3):
        state = desk.history.state("n0:0")
        desk.history.answer(Answer("n0:0", Rating(rating), state.revision), desk.clock(), Preset())
        desk.clock.forward(days=20)
    desk.store.connection.execute("UPDATE event SET rating = 2 WHERE seq = 2")
    assert doctor.examine(desk.store).problems == ["event 2: its memory state does not follow from the one before"]


def test_an_answer_without_its_outcome_is_one_problem(copy: Path) -> None:
    found = planted(copy, f"UPDATE event SET state = NULL WHERE seq = {ANSWER}")
    assert not [problem for problem in found if "no event" in problem]


def test_problems_are_bounded(copy: Path) -> None:
    found = planted(copy, "UPDATE event SET stability = stability * 2 WHERE kind = 1 AND before != 4")
    assert len(found) == doctor.MAX_PROBLEMS


def test_another_version_of_the_scheduler_is_not_judged(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE word SET text = replace(text, 'fsrs 6.3.2', 'fsrs 7.0.0')")
        connection.execute("UPDATE word SET text = replace(text, '0.212', '0.3')")
        connection.commit()
    with Store(copy) as store:
        found = doctor.examine(store)
        answers = [event for event in log(store) if event.kind == EventKind.ANSWER and event.before != 4]
        voided = {event.voids for event in log(store)}
    assert found.problems == []
    assert found.elsewhere == len([event for event in answers if event.id not in voided])


def test_a_foreign_file(tmp_path: Path) -> None:
    path = tmp_path / "foreign.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE event (id)")
    with pytest.raises(HistoryDamaged, match="is no history of aipm-cards"):
        Store(path)


def cells(path: Path) -> dict[tuple[str, str, int], object]:
    """All values of a file by table, column and row."""
    found: dict[tuple[str, str, int], object] = {}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.text_factory = bytes
        for table_ in ("collection", "card", "word", "content", "event", "state"):
            rows = connection.execute(f"SELECT rowid, * FROM {table_} NOT INDEXED")
            names = [column[0] for column in rows.description]
            for number, *values in rows:
                found |= {(table_, name, number): value for name, value in zip(names[1:], values, strict=True)}
    return found


# What nothing else in the file says once more, so that no doctor can know: where and when an
# answer was given, on which machine, how long it took, what was remarked, and names; and when
# a card was due that has been answered since.
ALONE = {("event", name) for name in ["time", "took", "zone", "device", "detail", "day", "due", "due_day", "interval"]}
ALONE |= {("word", "text"), ("card", "key"), ("collection", "namespace")}


def same(value: object, other: object) -> bool:
    if isinstance(value, float) and isinstance(other, float):
        return isclose(value, other, rel_tol=doctor.TOLERANCE)
    return value == other


def test_random_bytes_that_change_are_found(sound: Path, tmp_path: Path) -> None:
    """Whatever byte changes: the doctor says so, or that the file cannot be read, or it is a
    value that stands in the file once, or belongs to an answer that was undone."""
    chance = random.Random(11)
    data = sound.read_bytes()
    before = cells(sound)
    undone = {value for (_, name, _), value in before.items() if name == "voids" and value is not None}
    voided = {row for (_, name, row), value in before.items() if name == "id" and value in undone}
    crammed = {row for (_, name, row), value in before.items() if name == "before" and value == 4}
    path = tmp_path / "flipped.db"
    found = 0
    for _ in range(200):
        place = chance.randrange(len(data))
        path.write_bytes(data[:place] + bytes([data[place] ^ chance.randrange(1, 256)]) + data[place + 1 :])
        try:
            with Store(path) as store:
                problems = doctor.examine(store).problems
        except HistoryError as error:
            problems = [str(error)]
        finally:
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
        found += bool(problems)
        if not problems:
            after = cells(path)
            changed = {cell for cell, value in before.items() if not same(value, after.get(cell))}
            unknown = {c for c in changed if c[:2] not in ALONE and not (c[0] == "event" and c[2] in voided | crammed)}
            assert not unknown, f"byte {place}: {unknown}"
    assert found > 40


@pytest.mark.parametrize("place", ["header", "middle", "end"])
def test_a_file_that_was_cut_or_zeroed(copy: Path, place: str) -> None:
    data = copy.read_bytes()
    start = {"header": 0, "middle": len(data) // 2 // 4096 * 4096, "end": len(data) - 4096}[place]
    for ruined in (data[:start] + bytes(4096) + data[start + 4096 :], data[: start + 100]):
        copy.write_bytes(ruined)
        try:
            with Store(copy) as store:
                assert doctor.examine(store).problems
        except HistoryError as error:
            assert str(copy) in str(error)  # noqa: PT017


# --- rebuild -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM state",
        "UPDATE state SET stability = 1, due_day = 0, suspended = 1",
        "DELETE FROM state WHERE card % 2",
        "UPDATE state SET revision = 0",
    ],
)
def test_a_table_that_is_wrong_is_made_anew(copy: Path, statement: str) -> None:
    with Store(copy) as store:
        right = table(store)
    assert planted(copy, statement)
    with Store(copy) as store:
        doctor.rebuild(store)
        assert doctor.examine(store).problems == []
        assert table(store) == folds(store) == right


def test_rebuilding_changes_nothing_that_is_right(desk: Desk) -> None:
    other = History(desk.store, "other", "x", tokens(), FOUR)
    fill(desk, days=4)
    other.answer(Answer("n0:0", Rating.GOOD, 0), desk.clock(), Preset())
    before, events = table(desk.store), log(desk.store)
    doctor.rebuild(desk.store)
    assert (table(desk.store), log(desk.store)) == (before, events)


def test_a_log_that_makes_no_sense_is_not_rebuilt(copy: Path) -> None:
    assert planted(copy, f"UPDATE event SET state = NULL WHERE seq = {ANSWER}")
    with Store(copy) as store:
        before = table(store)
        with pytest.raises(HistoryError):
            doctor.rebuild(store)
        assert table(store) == before


def test_the_digest_of_a_text() -> None:
    assert len(digest_of("")) == 16
    assert digest_of("a") != digest_of("b")
    assert isinstance(digest_of("ü😀"), bytes)


def test_the_doctor_leaves_writers_alone(copy: Path) -> None:
    """It looks at one state of the file, whatever another session writes meanwhile."""
    with Store(copy) as store, Store(copy) as other:
        history = History(other, "aipm", "x", tokens_from(99), FOUR)

        def meanwhile(done: int, total: int) -> None:
            key = f"later{done}:0"
            history.answer(Answer(key, Rating.GOOD, 0), Clock().now, Preset())

        found = doctor.examine(store, meanwhile)
        assert found.problems == []
        assert doctor.examine(store).events > found.events


def tokens_from(number: int) -> Callable[[], bytes]:
    token = tokens()
    return lambda: token()[:9] + bytes([number])
