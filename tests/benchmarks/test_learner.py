"""The history that the benchmarks generate is one that the program could have written."""

from __future__ import annotations

from pathlib import Path

from learner import START, ZONE, write

from aipm_cards.memory.days import Moment, learner_day
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.store import Store

NOW = 1_790_000_000_000  # UTC milliseconds


def test_a_generated_history_is_sound_and_looks_like_one(tmp_path: Path) -> None:
    cards = {f"note-{number}:0": f"What is {number // 2}?" for number in range(60)}
    events = write(tmp_path / "history.db", "generated", cards, 900, NOW)
    today = learner_day(Moment(NOW, ZONE), START)
    with Store(tmp_path / "history.db", read_only=True) as store:
        diagnosis = examine(store)
        assert (diagnosis.problems, diagnosis.elsewhere) == ([], 0)
        assert (diagnosis.events, diagnosis.cards) == (events, 54)
        one = store.connection.execute
        assert 800 < one("SELECT count(*) FROM event WHERE kind = 1").fetchone()[0] < 1400
        assert {kind for (kind,) in one("SELECT DISTINCT kind FROM event")} > {EventKind.ANSWER, EventKind.UNDO}
        assert one("SELECT max(day) FROM event").fetchone()[0] < today
        due = [day for (day,) in one("SELECT due_day FROM state WHERE state = 2")]
        assert min(due) <= today < max(due)


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    def rows(name: str) -> list[tuple[object, ...]]:
        write(tmp_path / name, "generated", {"one-note:0": "one", "another:0": "two"}, 20, NOW)
        with Store(tmp_path / name, read_only=True) as store:
            return store.connection.execute("SELECT * FROM event ORDER BY seq").fetchall()

    assert rows("a.db") == rows("b.db")
