"""The log and what it comes to: answers, marks, and taking them back."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aipm_cards.errors import HistoryDamaged, StaleCard
from aipm_cards.memory import doctor
from aipm_cards.memory.days import learner_day
from aipm_cards.memory.history import Answer, Flag, History
from aipm_cards.memory.log import CRAM, Event, EventKind
from aipm_cards.memory.scheduler import Memory, State, outcomes
from aipm_cards.memory.settings import Preset
from aipm_cards.memory.store import Store
from aipm_cards.memory.unseen import unseen
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Clock, Desk, content, folds, log, states, table, tokens

PRESET = Preset()
KEY = "n0:0"


def give(desk: Desk, rating: Rating = Rating.GOOD, key: str = KEY, preset: Preset = PRESET, **more: object) -> Event:
    """An answer to the card as it stands."""
    revision = desk.history.state(key).revision
    return desk.history.answer(Answer(key, rating, revision, **more), desk.clock(), preset)  # type: ignore[arg-type]


def mark(desk: Desk, kind: EventKind, key: str = KEY, remark: str | None = None) -> Event:
    return desk.history.record(kind, key, desk.clock(), remark)


def learned(desk: Desk, key: str = KEY) -> None:
    """A card in the review state, due."""
    give(desk, Rating.EASY, key)
    desk.clock.forward(days=desk.history.state(key).interval)


# --- answers -------------------------------------------------------------------------------


def test_an_unknown_card_is_new(history: History) -> None:
    state = history.state(KEY)
    assert (state.revision, state.state, state.reps) == (0, State.NEW, 0)
    assert (history.collection_id, history.newest(), history.events(KEY)) == (0, 0, [])


def test_an_answer_is_kept_whole(desk: Desk) -> None:
    now = desk.clock()
    event = give(desk, Rating.HARD, took=4321, content=content("Two and two?"), detail='{"ticks":[1]}')
    assert log(desk.store) == [event]
    word = dict(desk.store.connection.execute("SELECT id, text FROM word").fetchall())
    assert (word[event.zone], word[event.device]) == (now.zone, "laptop")
    assert event.id[:6] == now.ms.to_bytes(6)
    assert (event.time, event.day, event.took, event.detail) == (now.ms, learner_day(now, FOUR), 4321, '{"ticks":[1]}')
    assert (event.rating, event.before, event.state, event.leech) == (2, State.NEW, State.LEARNING, 0)
    outcome = outcomes(Memory(), now, PRESET, FOUR, f"aipm/{KEY}/0")[Rating.HARD]
    assert (event.due, event.due_day, event.stability) == (outcome.due, outcome.due_day, outcome.memory.stability)


def test_what_was_previewed_is_what_happens(desk: Desk) -> None:
    for rating in (3, 3, 3, 4, 2, 1, 3):
        state = desk.history.state(KEY)
        shown = desk.history.preview(KEY, state, desk.clock(), PRESET)[Rating(rating)]
        event = give(desk, Rating(rating))
        assert (event.due, event.due_day, event.interval) == (shown.due, shown.due_day, shown.memory.interval)
        desk.clock.now = desk.clock.now._replace(ms=event.due or 0)


def test_a_lapse_counts_only_in_review(desk: Desk) -> None:
    give(desk, Rating.AGAIN)
    assert desk.history.state(KEY).lapses == 0
    learned(desk)
    give(desk, Rating.AGAIN)
    assert (desk.history.state(KEY).lapses, desk.history.state(KEY).reps) == (1, 3)
    give(desk, Rating.AGAIN)
    assert (desk.history.state(KEY).lapses, desk.history.state(KEY).state) == (1, State.RELEARNING)


def test_time_never_counts_backwards(desk: Desk) -> None:
    """A clock set back a month: no negative days, nothing lost, and the log has the clock's time."""
    learned(desk)
    before = desk.history.state(KEY)
    give(desk)
    last_day = desk.history.state(KEY).last_day
    desk.clock.forward(days=-30)
    event = give(desk)
    after = desk.history.state(KEY)
    assert (event.time, event.day) == (desk.clock().ms, last_day - 30)
    assert (after.last_day, after.reps) == (last_day - 30, before.reps + 2)
    assert (after.stability, after.interval) >= (before.stability, 1)
    assert doctor.examine(desk.store).problems == []


@pytest.mark.parametrize("took", [0, -5])
def test_a_negative_time_taken_is_none(desk: Desk, took: int) -> None:
    assert give(desk, took=took).took == 0


def test_the_text_that_was_seen_is_kept_once(desk: Desk) -> None:
    for text in ("old", "old", "new", None, "old"):
        give(desk, Rating.AGAIN, content=content(text) if text else None)
    assert desk.store.connection.execute("SELECT text FROM content ORDER BY id").fetchall() == [("old",), ("new",)]
    assert desk.history.content_seen(desk.history.state(KEY)) == content("old")
    desk.history.undo(desk.clock())
    assert desk.history.content_seen(desk.history.state(KEY)) == content("new")
    assert desk.history.content_seen(desk.history.state("n9:0")) is None


# --- stale cards ---------------------------------------------------------------------------


def test_an_answer_to_a_card_that_changed_is_refused(desk: Desk) -> None:
    give(desk, Rating.HARD)
    before = log(desk.store)
    with pytest.raises(StaleCard) as error:
        desk.history.answer(Answer(KEY, Rating.GOOD, 0), desk.clock(), PRESET)
    assert error.value.revision == desk.history.state(KEY).revision == 1
    assert "answered Hard at 12:00:00" in str(error.value)
    assert "its revision is 1" in str(error.value)
    assert log(desk.store) == before
    desk.history.answer(Answer(KEY, Rating.GOOD, error.value.revision), desk.clock(), PRESET)


def test_an_answer_to_a_card_that_nobody_saw_is_refused(desk: Desk) -> None:
    with pytest.raises(StaleCard, match="has not been answered yet, so its revision is 0"):
        desk.history.answer(Answer(KEY, Rating.GOOD, 7), desk.clock(), PRESET)
    assert log(desk.store) == []
    assert desk.store.connection.execute("SELECT count(*) FROM card").fetchone() == (0,)


@pytest.mark.parametrize("kind", [EventKind.BURY, EventKind.SUSPEND, EventKind.FLAG, EventKind.AFRESH])
def test_whatever_happened_to_a_card_changes_its_revision(desk: Desk, kind: EventKind) -> None:
    event = mark(desk, kind)
    assert desk.history.state(KEY).revision == event.seq
    with pytest.raises(StaleCard, match="has changed since it was shown"):
        desk.history.answer(Answer(KEY, Rating.GOOD, 0), desk.clock(), PRESET)


def test_an_undo_changes_the_revision_too(desk: Desk) -> None:
    give(desk)
    desk.history.undo(desk.clock())
    assert desk.history.state(KEY).revision == 2
    with pytest.raises(StaleCard, match=r"has changed since it was shown: .* its revision is 2"):
        desk.history.answer(Answer(KEY, Rating.GOOD, 1), desk.clock(), PRESET)


def test_a_zone_that_this_machine_does_not_know_is_no_crash(desk: Desk) -> None:
    """A history may come from a machine whose time zones are newer."""
    give(desk)
    desk.store.connection.execute("UPDATE word SET text = 'Europe/Newtown' WHERE text = 'Europe/Berlin'")
    with pytest.raises(StaleCard, match="has changed since it was shown"):
        desk.history.answer(Answer(KEY, Rating.GOOD, 0), desk.clock(), PRESET)


def test_a_failed_answer_leaves_no_trace_in_the_next(path: Path, clock: Clock) -> None:
    """A machine may be called as its zone is; a word that was taken back must not be used."""
    clock.fly("UTC")
    with Store(path) as store:
        history = History(store, "aipm", "UTC", tokens(), FOUR)
        store.connection.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(HistoryDamaged):
            history.answer(Answer(KEY, Rating.GOOD, 0), clock(), PRESET)
        store.connection.execute("DROP TRIGGER full")
        event = history.answer(Answer(KEY, Rating.GOOD, 0), clock(), PRESET)
        words = dict(store.connection.execute("SELECT id, text FROM word").fetchall())
        assert (words[event.zone], words[event.device]) == ("UTC", "UTC")


# --- marks ---------------------------------------------------------------------------------


def test_marks_and_their_opposites(desk: Desk) -> None:
    learned(desk)
    mark(desk, EventKind.SUSPEND)
    assert (desk.history.state(KEY).suspended, list(desk.history.reviews_due(0, 10**6))) == (1, [])
    mark(desk, EventKind.UNSUSPEND)
    assert [key for key, _ in desk.history.reviews_due(0, 10**6)] == [KEY]
    mark(desk, EventKind.BURY)
    today = learner_day(desk.clock(), FOUR)
    assert (desk.history.buried(today), desk.history.buried(today + 1)) == ({KEY}, set())
    give(desk)
    assert desk.history.buried(today) == set()


def test_starting_afresh_forgets_all_but_the_log(desk: Desk) -> None:
    learned(desk)
    mark(desk, EventKind.FLAG, remark="wrong")
    mark(desk, EventKind.SUSPEND)
    give(desk, Rating.AGAIN, content=content("text"))
    before = desk.history.state(KEY)
    event = mark(desk, EventKind.AFRESH)
    state = desk.history.state(KEY)
    assert state.memory == Memory()
    assert (state.revision, state.suspended, state.buried, state.lapses) == (event.seq, 0, 0, 0)
    assert (state.reps, state.flags, state.content) == (before.reps, 1, before.content)
    assert list(unseen(desk.history, [KEY])) == [KEY]
    assert give(desk).before == State.NEW


def test_unseen_are_cards_that_are_new_and_not_suspended(desk: Desk) -> None:
    order = [f"{what}:0" for what in ("answered", "flagged", "buried", "suspended", "undone", "crammed", "unknown")]
    assert list(unseen(desk.history, order)) == order
    give(desk, key="answered:0")
    mark(desk, EventKind.FLAG, "flagged:0")
    mark(desk, EventKind.BURY, "buried:0")
    mark(desk, EventKind.SUSPEND, "suspended:0")
    give(desk, key="undone:0")
    desk.history.undo(desk.clock())
    give(desk, key="crammed:0", cram=True)
    assert list(unseen(desk.history, order)) == [key for key in order if key not in ("answered:0", "suspended:0")]


def test_remarks_stand_until_they_are_taken_down(desk: Desk) -> None:
    mark(desk, EventKind.FLAG, "a:0", "typo")
    desk.clock.forward(minutes=1)
    mark(desk, EventKind.FLAG, "b:0")
    mark(desk, EventKind.FLAG, "a:0", "and a comma")
    assert [(flag.key, flag.remark) for flag in desk.history.flags()] == [
        ("a:0", "typo"),
        ("b:0", ""),
        ("a:0", "and a comma"),
    ]
    assert desk.history.flags()[1] == Flag("b:0", "", desk.clock().ms, leech=False)
    mark(desk, EventKind.UNFLAG, "a:0")
    assert [flag.key for flag in desk.history.flags()] == ["b:0"]
    desk.history.undo(desk.clock())
    assert [flag.remark for flag in desk.history.flags()] == ["typo", "", "and a comma"]
    desk.history.undo(desk.clock())
    assert [flag.remark for flag in desk.history.flags()] == ["typo", ""]
    mark(desk, EventKind.UNFLAG, "a:0")
    mark(desk, EventKind.FLAG, "a:0", "again")
    assert [flag.remark for flag in desk.history.flags()] == ["", "again"]


# --- leeches -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        (8, [8, 12, 16, 20]),
        (5, [5, 8, 11, 14, 17, 20]),  # half of five is three
        (4, [4, 6, 8, 10, 12, 14, 16, 18, 20]),
        (1, list(range(1, 21))),
        (0, []),
    ],
)
def test_leeches_are_told_at_the_threshold_and_at_each_half_of_it(desk: Desk, threshold: int, told: list[int]) -> None:
    preset = Preset(leech_threshold=threshold, relearning_steps=())
    give(desk, Rating.EASY, preset=preset)
    found = []
    for lapse in range(1, 21):
        desk.clock.forward(days=30)
        event = give(desk, Rating.AGAIN, preset=preset)
        state = desk.history.state(KEY)
        assert bool(event.leech) == bool(state.suspended)
        if event.leech:
            found.append(lapse)
            mark(desk, EventKind.UNSUSPEND)
    assert found == told
    assert desk.history.state(KEY).flags == len(desk.history.flags()) == len(told)
    assert all(flag.leech and not flag.remark for flag in desk.history.flags())


def test_an_undone_leech_is_none(desk: Desk) -> None:
    preset = Preset(leech_threshold=1)
    learned(desk)
    before = states(desk.store)
    give(desk, Rating.AGAIN, preset=preset)
    assert desk.history.state(KEY).suspended
    desk.history.undo(desk.clock())
    assert states(desk.store) == before
    assert desk.history.flags() == []


# --- cramming ------------------------------------------------------------------------------


@pytest.mark.parametrize("rating", Rating)
def test_cramming_changes_no_memory(desk: Desk, rating: Rating) -> None:
    learned(desk, "n0:0")
    give(desk, Rating.AGAIN, "n1:0")
    mark(desk, EventKind.BURY, "n2:0")
    before = states(desk.store, "content")
    for key in ("n0:0", "n1:0", "n2:0", "n3:0"):
        event = give(desk, rating, key, cram=True, content=content(f"seen of {key}"))
        assert (event.before, event.state, event.due, event.leech) == (CRAM, None, None, None)
        assert desk.history.content_seen(desk.history.state(key)) is None  # its review will show what changed
    assert states(desk.store, "content") == before
    assert doctor.examine(desk.store).problems == []


# --- undo ----------------------------------------------------------------------------------


def test_nothing_to_take_back(desk: Desk) -> None:
    assert desk.history.undo(desk.clock()) is None
    give(desk)
    assert desk.history.undo(desk.clock()) is not None
    assert desk.history.undo(desk.clock()) is None
    assert [event.kind for event in log(desk.store)] == [EventKind.ANSWER, EventKind.UNDO]


def test_an_undo_names_what_it_took_back(desk: Desk) -> None:
    give(desk, key="a:0")
    second = give(desk, key="b:0")
    assert desk.history.undo(desk.clock()) == ("b:0", second)
    assert desk.history.standing_events("b:0") == []
    assert [event.kind for event in desk.history.events("b:0")] == [EventKind.ANSWER, EventKind.UNDO]
    assert desk.history.answered(second.day) == [("a:0", State.NEW, Rating.GOOD)]


def test_one_event_may_be_named(desk: Desk) -> None:
    first = give(desk, key="a:0")
    give(desk, key="b:0")
    assert desk.history.undo(desk.clock(), first.id) == ("a:0", first)
    for gone in (first.id, b"x" * 16):
        assert desk.history.undo(desk.clock(), gone) is None


def test_what_others_built_upon_is_not_taken_back(desk: Desk) -> None:
    first = give(desk)
    mark(desk, EventKind.FLAG)
    before = log(desk.store)
    with pytest.raises(StaleCard, match="that has to be undone first") as error:
        desk.history.undo(desk.clock(), first.id)
    assert error.value.revision == 2
    assert log(desk.store) == before
    desk.history.undo(desk.clock())
    assert desk.history.undo(desk.clock(), first.id) is not None


KEYS = ("n0:0", "n0:1", "n1:0")
MARKS = [kind for kind in EventKind if kind not in (EventKind.ANSWER, EventKind.UNDO, EventKind.MOVE)]
STEPS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(KEYS), st.sampled_from(list(Rating))),
    st.tuples(st.just("cram"), st.sampled_from(KEYS), st.sampled_from(list(Rating))),
    st.tuples(st.just("mark"), st.sampled_from(KEYS), st.sampled_from(MARKS)),
    st.tuples(st.just("wait"), st.sampled_from([-40 * 24, -1, 0.01, 1, 24, 24 * 20]), st.none()),
    st.tuples(st.just("reopen"), st.none(), st.none()),
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=6), st.lists(STEPS, max_size=14))
def test_as_many_undos_as_events_bring_back_the_beginning(before: list[tuple], steps: list[tuple]) -> None:  # type: ignore[type-arg]
    directory = Path(tempfile.mkdtemp())
    desk = Desk(directory / "history.db", Clock(), tokens())
    preset = Preset(leech_threshold=2)

    def run(steps: list[tuple]) -> int:  # type: ignore[type-arg]
        done = 0
        for what, on, how in steps:
            if what == "wait":
                desk.clock.forward(hours=on)
            elif what == "reopen":
                desk.reopen()
            elif what == "mark":
                mark(desk, how, on, "remark" if how == EventKind.FLAG else None)
            else:
                give(desk, how, on, preset, cram=what == "cram", content=content(f"{on} {done % 3}"))
            done += what not in ("wait", "reopen")
            assert table(desk.store) == folds(desk.store)
        return done

    try:
        run(before)
        start, flags = states(desk.store), desk.history.flags()
        events = len(log(desk.store))
        done = run(steps)
        for number in range(done):
            if number % 3 == 2:
                desk.reopen()
            assert desk.history.undo(desk.clock()) is not None
            assert table(desk.store) == folds(desk.store)
        assert states(desk.store) == start
        assert desk.history.flags() == flags
        assert len(log(desk.store)) == events + 2 * done
        assert doctor.examine(desk.store).problems == []
    finally:
        desk.store.close()
        shutil.rmtree(directory)


# --- several collections, several machines -------------------------------------------------


def test_collections_in_one_file_do_not_see_one_another(desk: Desk) -> None:
    other = History(desk.store, "other", "laptop", tokens(), FOUR)
    learned(desk)
    mark(desk, EventKind.FLAG, remark="mine")
    mark(desk, EventKind.BURY)
    give(desk, key="learning:0")
    day = learner_day(desk.clock(), FOUR)
    assert other.state(KEY).revision == 0
    assert (list(other.reviews_due(0, 10**6)), other.learning(), other.flags()) == ([], [], [])
    assert other.answered(day) == []
    assert other.buried(day) == set()
    assert list(unseen(other, [KEY])) == [KEY]
    assert other.events(KEY) == []
    assert other.undo(desk.clock()) is None
    other.record(EventKind.SUSPEND, KEY, desk.clock())
    assert not desk.history.state(KEY).suspended
    taken = desk.history.undo(desk.clock())
    assert taken is not None
    assert taken[0] == "learning:0"
    assert doctor.examine(desk.store).problems == []


def test_the_words_are_kept_once(desk: Desk) -> None:
    for zone in ("Asia/Tokyo", "UTC", "Asia/Tokyo"):
        desk.clock.fly(zone)
        give(desk)
    texts = [text for (text,) in desk.store.connection.execute("SELECT text FROM word")]
    assert sorted(texts)[:3] == ["Asia/Tokyo", "UTC", "laptop"]
    assert len(texts) == 4


def test_the_newest_event_has_its_time(desk: Desk) -> None:
    give(desk)
    desk.clock.forward(hours=-3)
    give(desk)
    assert desk.history.newest() == desk.clock().ms


def test_reviews_come_by_day_and_then_shuffled(desk: Desk) -> None:
    for number in range(40):
        give(desk, Rating.EASY, f"n{number}:0")
    due = list(desk.history.reviews_due(0, 10**6))
    assert len(due) == 40
    assert [day for _, day in due] == sorted(day for _, day in due)
    assert [key for key, _ in due] != [f"n{number}:0" for number in range(40)]
    first = due[0][1]
    assert {day for _, day in desk.history.reviews_due(first + 1, 10**6)} == {day for _, day in due} - {first}
