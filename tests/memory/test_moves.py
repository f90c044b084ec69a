"""Moved due days in the history: one batch, one transaction, taken back as a whole."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aipm_cards.errors import HistoryDamaged, StaleCard
from aipm_cards.memory import doctor, export
from aipm_cards.memory.days import Moment, day_begins, learner_day
from aipm_cards.memory.history import Answer, Move
from aipm_cards.memory.log import EventKind
from aipm_cards.memory.moves import batch_size, said_of, told
from aipm_cards.memory.scheduler import State
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.memory.store import Store
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Clock, Desk, drawn, folds, keys, log, states, studied, table, tokens

PRESET = Preset(learning_steps=())  # a card is a review after its first answer
PLAIN = Settings(preset=PRESET)


def moves(desk: Desk, day: int, *which: str) -> list[Move]:
    return [Move(key, desk.history.state(key).revision, day) for key in which]


def today(desk: Desk) -> int:
    return learner_day(desk.clock(), FOUR)


@pytest.fixture
def reviews(desk: Desk) -> Desk:
    """Five cards that are reviews by now."""
    studied(desk.session(keys(5), PLAIN))
    desk.clock.forward(days=2)
    return desk


def test_a_move_changes_the_due_day_and_nothing_else(reviews: Desk) -> None:
    before, day = table(reviews.store), today(reviews) + 9
    batch = reviews.history.move(moves(reviews, day, "n1:0", "n3:0"), "postpone", reviews.clock())
    due = day_begins(day, reviews.clock().zone, FOUR)
    for key in ("n1:0", "n3:0"):
        state = reviews.history.state(key)
        assert state == before[state.card]._replace(revision=state.revision, due=due, due_day=day)
        event = reviews.history.events(key)[-1]
        assert (event.kind, event.due, event.due_day, event.rating) == (EventKind.MOVE, due, day, None)
        assert said_of(event) == (batch, "postpone")
        assert event.detail == f'{{"batch":"{batch}","why":"postpone"}}'
        assert told(reviews.store, event) == "postponed 2 cards"
    assert reviews.history.state("n2:0") == before[reviews.history.state("n2:0").card]
    assert table(reviews.store) == folds(reviews.store)
    assert doctor.examine(reviews.store).problems == []


def test_a_moved_card_comes_on_its_day_and_is_then_a_late_review(reviews: Desk) -> None:
    day = today(reviews) + 9
    reviews.history.move(moves(reviews, day, "n1:0"), "flatten", reviews.clock())
    reviews.clock.forward(days=8)
    assert "n1:0" not in studied(reviews.session(keys(5), PLAIN))
    reviews.clock.forward(days=1)
    session = reviews.session(["n1:0"], PLAIN)
    turn = drawn(session)
    unmoved = turn.state._replace(due_day=day - 9)
    assert turn.outcomes == reviews.history.preview("n1:0", unmoved, reviews.clock(), PRESET)
    event = session.answer(turn, Rating.GOOD, 1000)
    assert (event.before, event.stability) == (State.REVIEW, turn.outcomes[Rating.GOOD].memory.stability)
    assert doctor.examine(reviews.store).problems == []


def test_a_batch_is_taken_back_as_a_whole(reviews: Desk) -> None:
    before = states(reviews.store)
    reviews.history.move(moves(reviews, today(reviews) + 9, *keys(4)), "break", reviews.clock())
    taken = reviews.history.undo(reviews.clock())
    assert taken is not None
    assert told(reviews.store, taken[1]) == "moved 4 cards out of a break"
    assert batch_size(reviews.store, taken[1]) == 4
    assert states(reviews.store) == before
    assert len(log(reviews.store)) == 5 + 4 + 4
    assert table(reviews.store) == folds(reviews.store)
    assert doctor.examine(reviews.store).problems == []
    assert reviews.history.undo(reviews.clock())[0] == "n4:0"  # type: ignore[index]  # the answer before


def test_any_of_its_events_names_a_batch(reviews: Desk) -> None:
    before = states(reviews.store)
    reviews.history.move(moves(reviews, today(reviews) + 9, *keys(3)), "postpone", reviews.clock())
    reviews.history.move(moves(reviews, today(reviews) + 4, "n4:0"), "postpone", reviews.clock())
    named = reviews.history.events("n1:0")[-1]
    assert reviews.history.undo(reviews.clock(), named.id) == ("n1:0", named)
    assert reviews.history.undo(reviews.clock(), named.id) is None
    assert reviews.history.state("n4:0").due_day == today(reviews) + 4
    reviews.history.undo(reviews.clock())
    assert states(reviews.store) == before


def test_a_batch_of_which_a_card_changed_is_not_taken_back(reviews: Desk) -> None:
    reviews.history.move(moves(reviews, today(reviews) + 9, *keys(3)), "postpone", reviews.clock())
    moved = reviews.history.events("n2:0")[-1]
    reviews.history.record(EventKind.FLAG, "n1:0", reviews.clock())
    before = log(reviews.store), table(reviews.store)
    with pytest.raises(StaleCard, match="n1:0 has changed since it was moved; that has to be undone first"):
        reviews.history.undo(reviews.clock(), moved.id)
    assert (log(reviews.store), table(reviews.store)) == before
    reviews.history.undo(reviews.clock())  # the flag
    assert reviews.history.undo(reviews.clock(), moved.id) is not None


def test_one_card_that_changed_since_it_was_shown_stops_all(reviews: Desk) -> None:
    chosen = moves(reviews, today(reviews) + 9, *keys(3))
    reviews.history.record(EventKind.FLAG, "n2:0", reviews.clock())
    before = log(reviews.store), table(reviews.store)
    with pytest.raises(StaleCard, match="n2:0 has changed since it was shown"):
        reviews.history.move(chosen, "postpone", reviews.clock())
    assert (log(reviews.store), table(reviews.store)) == before


@pytest.mark.parametrize("what", ["new", "suspended", "learning"])
def test_only_reviews_are_moved(reviews: Desk, what: str) -> None:
    if what == "suspended":
        reviews.history.record(EventKind.SUSPEND, "n1:0", reviews.clock())
    if what == "learning":
        revision = reviews.history.state("n1:0").revision
        reviews.history.answer(Answer("n1:0", Rating.AGAIN, revision), reviews.clock(), PRESET)
    before = log(reviews.store)
    key = "n9:0" if what == "new" else "n1:0"
    with pytest.raises(StaleCard, match=f"{key} is suspended or no review"):
        reviews.history.move(moves(reviews, today(reviews) + 9, "n0:0", key), "postpone", reviews.clock())
    assert log(reviews.store) == before


def test_a_process_that_ends_midway_has_moved_nothing(reviews: Desk) -> None:
    chosen, before = moves(reviews, today(reviews) + 9, *keys(4)), (log(reviews.store), table(reviews.store))
    left = iter([b"0123456789"] * 3)
    reviews.history._token = lambda: next(left)
    with pytest.raises((StopIteration, RuntimeError, HistoryDamaged)):
        reviews.history.move(chosen, "postpone", reviews.clock())
    assert (log(reviews.store), table(reviews.store)) == before


def test_another_collection_in_the_file_is_left_alone(reviews: Desk) -> None:
    other = Desk(reviews.path, reviews.clock, tokens(), "other")
    other.history._token = iter([bytes([n]) * 10 for n in range(9)]).__next__
    studied(other.session(keys(2), PLAIN))
    day = today(reviews) + 9
    reviews.history.move(moves(reviews, day, "n1:0"), "postpone", reviews.clock())
    other.history.move(moves(other, day, "n1:0"), "postpone", reviews.clock())
    reviews.history.undo(reviews.clock())
    assert reviews.history.state("n1:0").due_day != day
    assert other.history.state("n1:0").due_day == day
    other.store.close()


def test_every_event_of_it_is_exported(reviews: Desk) -> None:
    batch = reviews.history.move(moves(reviews, today(reviews) + 9, "n1:0", "n2:0"), "flatten", reviews.clock())
    text = io.StringIO()
    export.write_jsonl(reviews.store, text)
    moved = [said for line in text.getvalue().splitlines() if (said := json.loads(line))["kind"] == "move"]
    assert [(said["card"], said["due_day"]) for said in moved] == [
        (key, today(reviews) + 9) for key in ("n1:0", "n2:0")
    ]
    assert all(json.loads(said["detail"]) == {"batch": batch, "why": "flatten"} for said in moved)
    text = io.StringIO()
    assert export.write_csv(reviews.store, text) == 5  # the answers


def test_u_in_a_session_takes_back_what_was_moved_before_it(reviews: Desk) -> None:
    count = reviews.session(keys(5), PLAIN).counts
    reviews.clock.forward(days=7)
    due = reviews.session(keys(5), PLAIN).counts[1]
    assert due == 5
    reviews.history.move(moves(reviews, today(reviews) + 3, *keys(4)), "postpone", reviews.clock())
    session = reviews.session(keys(5), PLAIN)
    assert session.counts[1] == 1
    taken = session.undo()
    assert taken is not None
    assert not session.comes_back(taken[1])
    assert (session.counts[1], count[2]) == (5, 0)


FAULTS = {
    "taken back in part": "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event WHERE kind = 2)",
    "of no batch": "UPDATE event SET detail = 'x' WHERE kind = 9",
    "of a batch without a name": 'UPDATE event SET detail = \'{"batch":7,"why":"x"}\' WHERE kind = 9',
    "without a day": "UPDATE event SET due_day = NULL WHERE kind = 9",
    "of a new card": "UPDATE event SET card = (SELECT id FROM card WHERE key = 'new:0') WHERE kind = 9 AND seq = 8",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_doctor_finds(reviews: Desk, fault: str) -> None:
    reviews.history.record(EventKind.FLAG, "new:0", reviews.clock())
    reviews.history.move(moves(reviews, today(reviews) + 9, *keys(3)), "postpone", reviews.clock())
    if fault == "taken back in part":
        reviews.history.undo(reviews.clock())
    assert doctor.examine(reviews.store).problems == []
    reviews.store.close()
    with closing(sqlite3.connect(reviews.path)) as connection:
        assert connection.execute(FAULTS[fault]).rowcount > 0
        connection.commit()
    said = {
        "taken back in part": "moved a card together with others, and only some of that was taken back",
        "without a day": "a move without its day",
        "of a new card": "moves a card that is in no review state",
    }
    with Store(reviews.path) as store:
        assert any(said.get(fault, "says no batch") in problem for problem in doctor.examine(store).problems)
    reviews.open()
    if "batch" in fault:
        with pytest.raises(HistoryDamaged, match="says no batch"):
            reviews.history.undo(reviews.clock())


# --- whatever happens ----------------------------------------------------------------------

KEYS = keys(4)
STEPS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(KEYS), st.sampled_from(list(Rating))),
    st.tuples(st.just("move"), st.sets(st.sampled_from(KEYS), min_size=1), st.integers(-3, 40)),
    st.tuples(st.just("mark"), st.sampled_from(KEYS), st.sampled_from([EventKind.SUSPEND, EventKind.UNSUSPEND])),
    st.tuples(st.just("wait"), st.sampled_from([1, 24, 24 * 9]), st.none()),
    st.tuples(st.just("undo"), st.none(), st.none()),
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=16))
def test_every_undo_gives_back_what_was_before(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    directory = Path(tempfile.mkdtemp())
    desk = Desk(directory / "history.db", Clock(), tokens())
    try:
        done = [states(desk.store)]
        for what, on, how in steps:
            if what == "wait":
                desk.clock.forward(hours=on)
            elif what == "undo":
                assert (desk.history.undo(desk.clock()) is None) == (len(done) == 1)
                done = done[:-1] or done
            elif _done(desk, what, on, how):
                done.append(states(desk.store))
            assert states(desk.store) == done[-1]
            assert table(desk.store) == folds(desk.store)
        assert doctor.examine(desk.store).problems == []
        while len(done) > 1:
            assert desk.history.undo(desk.clock()) is not None
            done.pop()
            assert states(desk.store) == done[-1]
        assert doctor.examine(desk.store).problems == []
    finally:
        desk.store.close()
        shutil.rmtree(directory)


def _done(desk: Desk, what: str, on: object, how: object) -> bool:
    """Whether a step was one."""
    revision: Callable[[str], int] = lambda key: desk.history.state(key).revision  # noqa: E731
    if what == "answer":
        desk.history.answer(Answer(str(on), Rating(how), revision(str(on))), desk.clock(), PRESET)
    elif what == "mark":
        desk.history.record(EventKind(how), str(on), desk.clock())
    else:
        assert isinstance(on, set)
        chosen = sorted(on)
        found = [desk.history.state(key) for key in chosen]
        may = [key for key, s in zip(chosen, found, strict=True) if s.state == State.REVIEW and not s.suspended]
        if not may:
            return False
        desk.history.move(moves(desk, today(desk) + int(str(how)), *may), "flatten", desk.clock())
    return True


def test_a_zone_that_changes_moves_no_day(reviews: Desk) -> None:
    """The day is what counts; the moment is its beginning where the learner was."""
    reviews.clock.fly("Pacific/Auckland")
    day = today(reviews) + 9
    reviews.history.move(moves(reviews, day, "n1:0"), "postpone", reviews.clock())
    state = reviews.history.state("n1:0")
    assert state.due_day == day == learner_day(Moment(state.due, "Pacific/Auckland"), FOUR)
