"""The log of the interviews: what it comes to, who else writes it, and rows that make no sense."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from aipm_cards.errors import HistoryDamaged
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.export import write_jsonl
from aipm_cards.memory.interviews.log import Interviews, MovedOn
from aipm_cards.memory.interviews.mock import Draft
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Desk, tokens
from tests.memory.interviews.held import ASKED, answered, begun, interviews, result


def test_what_was_stored_is_read_back(desk: Desk) -> None:
    mock = begun(desk, counts=True)
    assert (mock.turn, mock.asked, mock.counts, mock.seed) == (0, ASKED, True, 7)
    assert mock.came == ["queue:0"]
    mock = interviews(desk).draft(mock, Draft("half a\nthought", 1234, False, (2,)), desk.clock())
    assert interviews(desk).all() == [mock]
    assert mock.draft == Draft("half a\nthought", 1234, False, (2,))
    mock = answered(desk, mock, 0, 2, text="Zwölf “😀”", late=True)
    assert (mock.turn, mock.draft, mock.to_count) == (1, None, [0])
    mock = interviews(desk).leave_out(mock, "gone", desk.clock())
    assert mock.came == ["queue:0", "story:0", "plan:0"]
    mock = interviews(desk).counted(mock, 0, "ab", desk.clock())
    mock = answered(desk, mock)
    assert (mock.turn, mock.points, mock.to_count) == (None, (2, 6), [2])
    mock = interviews(desk).end(mock, "finished", desk.clock())
    mock = interviews(desk).counted(mock, 2, "", desk.clock(), "stale")  # also after the end
    assert interviews(desk).all() == [mock]
    assert interviews(desk).unfinished() is None
    assert mock.results[0] == result(
        "queue:0", 0, 2, text="Zwölf “😀”", late=True, time=desk.clock().ms, zone=mock.zone, id=mock.results[0].id
    )
    assert mock.results[0].rating is Rating.GOOD
    assert mock.results[2].missed == ["Names the *user*"]
    assert examine(desk.store).problems == []
    assert examine(desk.store).interviews == 1


def test_what_is_taken_back_is_asked_again_as_it_stood(desk: Desk) -> None:
    first = begun(desk)
    mock = answered(desk, first, 0, 2, text="so", fresh=True)
    mock = interviews(desk).take_back(mock, desk.clock())
    assert mock == replace(first, draft=Draft("so", 1000, True, (0, 2, 4), 3), revision=3)
    mock = interviews(desk).leave_out(answered(desk, mock), "left out", desk.clock())
    mock = interviews(desk).end(answered(desk, mock), "finished", desk.clock())
    mock = interviews(desk).take_back(interviews(desk).take_back(mock, desk.clock()), desk.clock())
    assert (mock.turn, mock.left_out, mock.draft, mock.ended) == (1, {}, None, "")
    mock = interviews(desk).take_back(mock, desk.clock())
    with pytest.raises(MovedOn, match="nothing"):
        interviews(desk).take_back(mock, desk.clock())
    assert interviews(desk).all() == [mock]
    assert examine(desk.store).problems == []


def test_another_collection_has_its_own(desk: Desk) -> None:
    mock = begun(desk)
    other = Interviews(desk.store, "other", "laptop", tokens(), FOUR)
    assert other.all() == []
    assert other.begin(ASKED, desk.clock()._replace(ms=desk.clock().ms + 1), 1, {}).turn == 0
    assert interviews(desk).unfinished() == mock


def test_a_new_one_leaves_the_old_one_alone(desk: Desk) -> None:
    """Another terminal may still hold it; only the one that was begun last is offered."""
    old = answered(desk, begun(desk), 0, 1)
    new = begun(desk)
    old = answered(desk, old)
    assert interviews(desk).all() == [old, new]
    assert interviews(desk).unfinished() == new
    interviews(desk).end(new, "finished", desk.clock())
    assert interviews(desk).unfinished() is None


def test_two_sessions_of_one_interview(desk: Desk) -> None:
    mock = begun(desk)
    answered(desk, mock, 0, 1)
    with pytest.raises(MovedOn, match="another session"):
        answered(desk, mock, 1)
    (stands,) = interviews(desk).all()
    assert stands.results[0].said == {0, 1}


def test_no_review_comes_of_it(desk: Desk) -> None:
    answered(desk, begun(desk), 0, 1)
    assert desk.history.newest() == 0
    assert desk.store.connection.execute("SELECT count(*) FROM card").fetchone()[0] == 0


def test_the_export_has_kinds_of_its_own(desk: Desk) -> None:
    answered(desk, begun(desk, counts=True), 0, 1, text="ü")
    file = StringIO()
    assert write_jsonl(desk.store, file) == 2
    first, second = map(json.loads, file.getvalue().splitlines())
    assert (first["kind"], second["kind"]) == ("interview_begun", "interview_answered")
    assert first["detail"]["asked"] == [list(asked) for asked in ASKED]
    assert (second["card"], second["collection"], second["zone"]) == ("queue:0", "aipm", "Europe/Berlin")
    assert second["detail"]["text"] == "ü"
    assert "card" not in first


DETAILS: dict[str, tuple[int, Any]] = {
    "no JSON": (2, "{"),
    "no object": (2, "[]"),
    "nested": (2, "[" * 100_000),
    "no questions": (1, {"seed": 1, "counts": False, "asked": []}),
    "no such round": (1, {"seed": 1, "counts": False, "asked": [["queue:0", "XX", 300]]}),
    "no time": (1, {"seed": 1, "counts": False, "asked": [["queue:0", "TD", 0]]}),
    "a seed that is none": (1, {"seed": "1", "counts": False, "asked": [["queue:0", "TD", 3]]}),
    "another question": (2, {"question": 1}),
    "no such question": (2, {"question": 99}),
    "a truth for a number": (2, {"question": False}),
    "no text": (2, {"text": 5}),
    "no points": (2, {"points": []}),
    "points of a wrong shape": (2, {"points": [["a", 1]]}),
    "a point that is not there": (2, {"said": [3]}),
    "no rating": (2, {"rating": 5}),
    "skills of a wrong kind": (2, {"skills": [1]}),
    "no digest": (2, {"content": "x"}),
    "a negative time": (2, {"took": -1}),
    "no revision": (2, {"revision": None}),
}


@pytest.mark.parametrize("name", DETAILS)
def test_a_detail_that_cannot_be(desk: Desk, name: str) -> None:
    answered(desk, begun(desk), 0, 1)
    seq, detail = DETAILS[name]
    if isinstance(detail, dict):
        old = desk.store.connection.execute("SELECT detail FROM interview WHERE seq = ?", (seq,)).fetchone()[0]
        detail = json.dumps({**json.loads(old), **detail})
    spoil(desk.store, "detail", detail, seq)


@pytest.mark.parametrize(
    ("column", "value", "seq"),
    [
        *(("kind", 8, 2), ("kind", 1, 2), ("kind", 2, 1), ("kind", "x", 2), ("card", None, 2), ("card", "else:0", 2)),
        *(("card", "queue:0", 1), ("card", b"x", 2), ("time", -1, 2), ("time", 2**60, 1), ("day", "x", 2)),
        *(("detail", None, 2), ("detail", b"{}", 1), ("mock", b"m" * 16, 2), ("zone", -1, 1), ("device", 1.5, 1)),
    ],
)
def test_a_row_that_cannot_be(desk: Desk, column: str, value: Any, seq: int) -> None:
    answered(desk, begun(desk), 0, 1)
    spoil(desk.store, column, value, seq)


def spoil(store: Store, column: str, value: Any, seq: int) -> None:
    """Write something into a row: whoever reads it says that it is damage, and the doctor finds it."""
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute(f"UPDATE interview SET {column} = ? WHERE seq = ?", (value, seq))
    with pytest.raises(HistoryDamaged):
        Interviews(store, "aipm", "laptop", tokens(), FOUR).all()
    assert examine(store).problems


def test_a_text_that_is_not_there(desk: Desk) -> None:
    answered(desk, begun(desk), 0, 1)
    desk.store.connection.execute("DELETE FROM content")
    assert examine(desk.store).problems == ["row 2 of the interviews names a text that is not there"]


def test_rows_after_the_end(desk: Desk) -> None:
    mock = interviews(desk).end(begun(desk), "finished", desk.clock())
    with pytest.raises(MovedOn, match="ended"):
        interviews(desk).draft(mock, Draft(), desk.clock())
    with pytest.raises(HistoryDamaged):
        interviews(desk).end(mock, "again", desk.clock())
    assert examine(desk.store).problems == []
