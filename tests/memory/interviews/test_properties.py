"""Whatever is done to interviews, in any order: what is read back is what was held, and it is sound."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from aipm_cards.errors import HistoryError
from aipm_cards.memory.doctor import examine
from aipm_cards.memory.interviews.counting import count, take_back
from aipm_cards.memory.interviews.mock import Draft, Mock
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.settings import Preset
from tests.memory.conftest import Clock, Desk, log, tokens
from tests.memory.interviews.held import answered, begun, interviews

OPERATIONS = ("draft", "answer", "leave out", "count", "take back", "end", "review", "undo", "forget the mark")


def done(desk: Desk, mock: Mock, operation: str, number: int) -> Mock:
    """The interview after an operation; one that cannot be raises HistoryError."""
    held, now = interviews(desk), desk.clock()
    match operation:
        case "draft":
            return held.draft(mock, Draft("x" * number, number, bool(number % 2), (number,)), now)
        case "answer":
            card = mock.asked[mock.turn or 0].card
            return answered(desk, mock, *range(number % 3), revision=desk.history.state(card).revision)
        case "leave out":
            return held.leave_out(mock, "so", now)
        case "take back":
            return take_back(desk.history, held, mock, now)
        case "end":
            return held.end(mock, "so", now)
        case "review":
            desk.history.record(EventKind.FLAG, "queue:0", now)
        case "undo":
            desk.history.undo(now)
        case _:
            return counted(desk, mock, forget=operation != "count")
    return mock


def counted(desk: Desk, mock: Mock, forget: bool) -> Mock:
    """The interview after its answers counted; or as if it died before that was marked."""
    for number in mock.to_count:
        marked, _ = count(desk.history, interviews(desk), mock, number, Preset(), desk.clock())
        if forget:
            desk.store.connection.execute("DELETE FROM interview WHERE seq = ?", (marked.revision,))
        else:
            mock = marked
    return mock


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 4)), max_size=25))
def test_any_order(operations: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        desk = Desk(Path(directory) / "history.db", Clock(), tokens())
        mock = begun(desk, counts=True)
        for operation, number in operations:
            try:
                if operation == "answer" and mock.turn is None:
                    continue
                mock = done(desk, mock, operation, number)
            except HistoryError:
                assert interviews(desk).all() == [mock]  # nothing was done
            desk.clock.forward(minutes=1)
        assert interviews(desk).all() == [mock]
        assert examine(desk.store).problems == []
        voided = {event.voids for event in log(desk.store)}
        marks = [e.detail for e in log(desk.store) if e.kind == EventKind.ANSWER and e.id not in voided]
        assert len(marks) == len(set(marks))  # none counts twice
        desk.store.close()
