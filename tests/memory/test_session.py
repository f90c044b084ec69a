"""A session: which card comes, what an answer does, two sessions at once, and how it went."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aipm_cards.errors import HistoryError, StaleCard
from aipm_cards.memory import doctor
from aipm_cards.memory.days import learner_day
from aipm_cards.memory.history import Answer
from aipm_cards.memory.log import CRAM, EventKind
from aipm_cards.memory.queue import Wish
from aipm_cards.memory.scheduler import State, retrievability
from aipm_cards.memory.settings import Preset, Settings
from aipm_cards.model import Rating
from tests.memory.conftest import FOUR, Clock, Desk, content, drawn, folds, keys, log, moment, states, studied, table

PLAIN = Preset()


def easy(desk: Desk, *order: str) -> None:
    """Make review cards of these, with the default steps."""
    for key in order:
        desk.history.answer(
            Answer(key, Rating.EASY, desk.history.state(key).revision),
            desk.clock(),
            PLAIN,
        )


# --- what comes ----------------------------------------------------------------------------


def test_nothing_to_do(desk: Desk) -> None:
    session = desk.session([])
    assert (session.next(), session.counts, session.next_learning(), session.next_due_day()) == (
        None,
        (0, 0, 0),
        None,
        None,
    )
    assert session.undo() is None
    assert (session.summary().answers, session.summary().desired) == (0, 0.0)


def test_a_turn_says_what_each_rating_leads_to(desk: Desk) -> None:
    for rating in (Rating.GOOD, Rating.GOOD, Rating.HARD, Rating.AGAIN):
        session = desk.session(keys(1))
        turn = drawn(session)
        event = session.answer(turn, rating, 0)
        assert (event.due, event.due_day) == (turn.outcomes[rating].due, turn.outcomes[rating].due_day)
        assert event.before == turn.state.state
        desk.clock.now = desk.clock.now._replace(ms=event.due or 0)


def test_looking_twice_shows_the_same_card(desk: Desk) -> None:
    session = desk.session(keys(5))
    for _ in range(3):
        assert drawn(session) == drawn(session)
        session.answer(drawn(session), Rating.EASY, 0)


def test_looking_twice_after_an_undo_shows_the_same_card(desk: Desk) -> None:
    """A remark on the card, or a new size of the window, must not make it go away."""
    easy(desk, *keys(5))
    desk.clock.forward(days=30)
    last = desk.session(keys(5)).queue.reviews[-1]
    easy(desk, last)
    session = desk.session(keys(5))
    session.undo()
    assert drawn(session).key == last
    session.mark(EventKind.FLAG, last, "a remark")
    assert drawn(session).key == last


def test_looking_twice_after_starting_afresh_shows_the_same_card(desk: Desk) -> None:
    easy(desk, "n0:0")
    desk.clock.forward(days=20)
    session = desk.session(keys(1), Settings(preset=Preset(new_per_day=0)))
    session.mark(EventKind.AFRESH, drawn(session).key)
    assert drawn(session).state.state == State.NEW
    assert drawn(session).key == "n0:0"


def test_a_card_that_starts_afresh_comes_once(desk: Desk) -> None:
    """It stays on the screen and is answered there: then it is the turn of the others."""
    easy(desk, *keys(3))
    desk.clock.forward(days=30)
    session = desk.session(keys(3))
    key = drawn(session).key
    session.mark(EventKind.AFRESH, key)
    turn = session.turn(key, desk.history.state(key), desk.clock())
    session.answer(turn, Rating.GOOD, 0)
    assert drawn(session).key != key


@pytest.mark.parametrize(("early", "comes"), [(1200, True), (1201, False), (0, True)])
def test_a_learning_card_may_come_twenty_minutes_early(desk: Desk, early: int, comes: bool) -> None:
    session = desk.session(keys(1), Settings(preset=Preset(learning_steps=(3600,))))
    event = session.answer(drawn(session), Rating.AGAIN, 0)
    assert session.next() is None
    assert session.next_learning() == event.due
    desk.clock.forward(seconds=3600 - early)
    assert (session.next() is not None) is comes


def test_a_learning_card_does_not_come_early_while_there_is_something_else(desk: Desk) -> None:
    session = desk.session(keys(3))
    session.answer(drawn(session), Rating.AGAIN, 0)
    assert drawn(session).key == "n1:0"
    desk.clock.forward(minutes=1)
    assert drawn(session).key == "n0:0"  # it is due: now it goes first


def test_the_learning_card_that_is_due_first_goes_first(desk: Desk) -> None:
    session = desk.session(keys(2))
    session.answer(drawn(session), Rating.GOOD, 0)  # ten minutes
    session.answer(drawn(session), Rating.AGAIN, 0)  # one minute
    assert drawn(session).key == "n1:0"


def test_how_far_a_learning_card_comes_early_is_a_setting(desk: Desk) -> None:
    session = desk.session(keys(1), Settings(learn_ahead=0))
    session.answer(drawn(session), Rating.AGAIN, 0)
    desk.clock.forward(seconds=59)
    assert session.next() is None
    desk.clock.forward(seconds=1)
    assert session.next() is not None


def test_a_step_of_days_is_not_left_for_today(desk: Desk) -> None:
    settings = Settings(preset=Preset(learning_steps=(3 * 86_400,)))
    session = desk.session(keys(1), settings)
    session.answer(drawn(session), Rating.AGAIN, 0)
    assert session.counts == (0, 0, 0)
    assert desk.session(keys(1), settings).counts == (0, 0, 0)


def test_a_step_of_days_does_not_come_early_the_evening_before(desk: Desk) -> None:
    """It is due on a day; twenty minutes before that day begins, it would come at once."""
    desk.clock.at("2026-09-22T03:50")
    session = desk.session(keys(1), Settings(preset=Preset(learning_steps=(86_400,))))
    session.answer(drawn(session), Rating.AGAIN, 0)
    assert session.next() is None


# --- the day passes ------------------------------------------------------------------------


def test_the_next_day_begins_in_the_middle_of_a_session(desk: Desk) -> None:
    desk.clock.at("2026-09-22T03:50")
    settings = Settings(preset=Preset(new_per_day=2))
    session = desk.session(keys(9), settings)
    assert studied(session, Rating.EASY) == keys(2)
    desk.clock.forward(minutes=9)
    assert session.next() is None
    desk.clock.forward(minutes=1)
    assert studied(session, Rating.EASY) == ["n2:0", "n3:0"]
    assert session.day == learner_day(moment("2026-09-22T12:00"), FOUR)
    assert session.summary().answers == 4
    assert doctor.examine(desk.store).problems == []


def test_a_card_shown_before_the_day_began_counts_where_it_was_answered(desk: Desk) -> None:
    desk.clock.at("2026-09-22T03:59:50")
    session = desk.session(keys(3))
    turn = drawn(session)
    desk.clock.forward(seconds=20)
    event = session.answer(turn, Rating.EASY, 0)
    assert event.day == learner_day(moment("2026-09-22T12:00"), FOUR)
    assert session.next() is not None


def test_a_flight_in_the_middle_of_a_session(desk: Desk) -> None:
    """Berlin, 12:00, is 03:00 in Los Angeles: still the day before there."""
    easy(desk, "n0:0")
    desk.clock.forward(days=20)
    settings = Settings(preset=Preset(new_per_day=1))
    session = desk.session(keys(9), settings)
    today = session.day
    first = studied(session, Rating.EASY)
    assert len(first) == 2
    desk.clock.fly("America/Los_Angeles")
    turn = drawn(session)
    assert session.day == today - 1
    event = session.answer(turn, Rating.EASY, 0)
    assert event.day == today - 1
    desk.clock.fly("Asia/Tokyo")
    studied(session, Rating.GOOD)
    assert session.day == today
    words = dict(desk.store.connection.execute("SELECT id, text FROM word").fetchall())
    assert [words[event.zone] for event in log(desk.store)][:4] == [
        *["Europe/Berlin"] * 3,
        "America/Los_Angeles",
    ]
    assert doctor.examine(desk.store).problems == []
    assert table(desk.store) == folds(desk.store)


def test_no_card_is_lost_or_aged_by_flying_west(desk: Desk) -> None:
    easy(desk, "n0:0")
    state = desk.history.state("n0:0")
    desk.clock.fly("America/Los_Angeles")
    session = desk.session(keys(1), None, Wish(ahead=400))
    turn = drawn(session)
    session.answer(turn, Rating.GOOD, 0)
    after = desk.history.state("n0:0")
    assert after.last_day == state.last_day - 1
    assert after.stability >= state.stability  # as if no day had passed
    assert session.done[0].expected == 1.0
    assert session.summary().reviews == 0


def test_the_clock_set_back_in_the_middle_of_a_session(desk: Desk) -> None:
    easy(desk, *keys(4))
    desk.clock.forward(days=30)
    session = desk.session(keys(8), Settings(preset=Preset(new_per_day=2)))
    studied(session, Rating.GOOD, most=3)
    desk.clock.forward(days=-40)
    studied(session, Rating.GOOD)
    desk.clock.forward(days=41)
    studied(session, Rating.GOOD)
    events = [event for event in log(desk.store) if event.before == State.REVIEW]
    assert len(events) >= 4
    assert all((event.interval or 0) >= 0 for event in events)
    assert doctor.examine(desk.store).problems == []
    assert {f"n{number}:0" for number in range(8)} - {done.key for done in session.done} <= set(keys(8))
    assert all(desk.history.state(key).reps >= 2 for key in keys(4))


# --- what happens --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [EventKind.BURY, EventKind.SUSPEND])
def test_what_is_put_away_does_not_come(desk: Desk, kind: EventKind) -> None:
    session = desk.session(keys(3))
    session.mark(kind, drawn(session).key)
    assert drawn(session).key == "n1:0"
    session.undo()
    assert drawn(session).key == "n0:0"


def test_a_card_with_a_remark_stays(desk: Desk) -> None:
    session = desk.session(keys(2))
    turn = drawn(session)
    session.mark(EventKind.FLAG, turn.key, "typo")
    with pytest.raises(StaleCard):
        session.answer(turn, Rating.GOOD, 0)
    again = drawn(session)
    assert (again.key, again.revision) == (turn.key, 1)
    session.answer(again, Rating.GOOD, 0)
    assert [flag.remark for flag in desk.history.flags()] == ["typo"]


def test_undo_goes_back_through_the_session_and_beyond(desk: Desk) -> None:
    easy(desk, "n0:0")
    desk.clock.forward(days=30)
    before = states(desk.store)
    session = desk.session(keys(4))
    order = studied(session, Rating.EASY)
    assert len(order) == 4
    for key in reversed(order):
        taken = session.undo()
        assert taken is not None
        assert taken[0] == key
        assert drawn(session).key == key
    assert (states(desk.store), session.summary().answers) == (before, 0)
    taken = session.undo()  # what was done a month ago
    assert taken is not None
    assert (taken[0], states(desk.store)) == ("n0:0", {})


def test_an_undone_answer_is_taken_out_of_the_summary(desk: Desk) -> None:
    session = desk.session(keys(2))
    session.answer(drawn(session), Rating.AGAIN, 500)
    session.answer(drawn(session), Rating.EASY, 700)
    session.undo()
    summary = session.summary()
    assert (summary.answers, summary.took, summary.ratings[Rating.EASY]) == (1, 500, 0)


def test_cramming_moves_no_card(desk: Desk) -> None:
    easy(desk, *keys(3))
    desk.history.answer(Answer("n3:0", Rating.AGAIN, 0), desk.clock(), PLAIN)
    before = states(desk.store, "content")
    session = desk.session(keys(6), None, Wish(cram=True))
    failed: set[str] = set()
    found = []
    while (turn := session.next()) is not None:
        rating = Rating.GOOD if turn.key in failed else Rating.AGAIN
        failed.add(turn.key)
        assert (turn.cram, turn.outcomes) == (True, {})
        assert session.answer(turn, rating, 0, content(turn.key)).before == CRAM
        found.append(turn.key)
    assert sorted(found[:6]) == keys(6)
    assert found[6:] == found[:6]  # what was failed comes again, at the end
    assert states(desk.store, "content") == before
    assert session.summary().reviews == 0
    session.undo()
    assert drawn(session).key == found[-1]
    assert desk.session(keys(6)).counts == (1, 0, 2)


# --- a session that goes on with another wish ----------------------------------------------


def test_a_session_goes_on_and_can_be_taken_back(desk: Desk) -> None:
    session = desk.session(keys(6), Settings(preset=Preset(new_per_day=2)))
    studied(session, Rating.EASY)
    further = session.continued(Wish(new=3))
    assert studied(further, Rating.EASY) == ["n2:0", "n3:0", "n4:0"]
    assert further.summary().answers == 5
    for key in ("n4:0", "n3:0", "n2:0", "n1:0", "n0:0"):
        taken = further.undo()
        assert taken is not None
        assert taken[0] == key
    assert states(desk.store) == {}


def test_a_wish_to_go_on_is_not_used_up_by_what_came_before(desk: Desk) -> None:
    session = desk.session(keys(9), Settings(preset=Preset(new_per_day=4)))
    studied(session, Rating.EASY)
    further = session.continued(Wish(new=3))
    studied(further, Rating.EASY, most=2)
    further.undo()  # which plans anew
    assert studied(further, Rating.EASY) == ["n5:0", "n6:0"]


def test_cramming_on_is_not_disturbed_by_what_came_before(desk: Desk) -> None:
    easy(desk, *keys(2))
    desk.clock.forward(days=30)
    session = desk.session(keys(4))
    studied(session, Rating.EASY)
    cram = session.continued(Wish(cram=True))
    assert cram.counts == (0, 4, 0)
    cram.answer(drawn(cram), Rating.GOOD, 0)
    cram.undo()
    assert cram.counts == (0, 4, 0)


# --- two sessions on one file --------------------------------------------------------------


@pytest.fixture
def second(desk: Desk, clock: Clock, token: Callable[[], bytes]) -> Desk:
    return Desk(desk.path, clock, token)


def test_a_second_answer_is_refused_and_explained(desk: Desk, second: Desk) -> None:
    one, two = desk.session(keys(3)), second.session(keys(3))
    mine, theirs = drawn(one), drawn(two)
    assert mine.key == theirs.key
    one.answer(mine, Rating.HARD, 0)
    with pytest.raises(StaleCard, match="n0:0 has changed since it was shown: answered Hard at 12:00:00") as error:
        two.answer(theirs, Rating.EASY, 0)
    assert error.value.revision == 1
    assert (len(log(desk.store)), two.summary().answers) == (1, 0)
    second.store.close()


def test_what_another_session_has_begun_to_learn_waits_for_its_step(desk: Desk, second: Desk) -> None:
    """It may come early only when there is nothing else, as if it had been begun here."""
    one, two = desk.session(keys(3)), second.session(keys(3))
    one.answer(drawn(one), Rating.HARD, 0)
    assert drawn(two).key == "n1:0"
    two.answer(drawn(two), Rating.EASY, 0)
    two.answer(drawn(two), Rating.EASY, 0)
    assert drawn(two).key == "n0:0"
    second.store.close()


def test_what_another_session_built_upon_is_not_taken_back(desk: Desk, second: Desk) -> None:
    one, two = desk.session(keys(1)), second.session(keys(1))
    one.answer(drawn(one), Rating.GOOD, 0)
    two = second.session(keys(1))
    desk.clock.forward(minutes=10)
    two.answer(drawn(two), Rating.GOOD, 0)
    with pytest.raises(StaleCard, match="in another session; that has to be undone first"):
        one.undo()
    two.undo()
    assert one.undo() is not None
    assert states(desk.store) == {}
    second.store.close()


def test_what_another_session_took_back_does_not_stand_in_the_way(desk: Desk, second: Desk) -> None:
    """Once that is said, undo goes on with what this session did before."""
    one = desk.session(keys(4))
    studied(one, Rating.EASY, most=2)
    assert second.session(keys(4)).undo() is not None
    try:
        taken = one.undo()
    except HistoryError:
        taken = one.undo()
    assert taken is not None
    assert taken[0] == "n0:0"
    second.store.close()


def test_each_session_takes_back_its_own(desk: Desk, second: Desk) -> None:
    one, two = desk.session(keys(4)), second.session(keys(4))
    one.answer(drawn(one), Rating.EASY, 0)
    two.answer(drawn(two), Rating.EASY, 0)
    taken = one.undo()
    assert taken is not None
    assert taken[0] == "n0:0"
    assert drawn(one).key == "n0:0"
    second.store.close()


def test_two_sessions_share_a_day(desk: Desk, second: Desk) -> None:
    one, two = desk.session(keys(10)), second.session(keys(10))
    found = []
    for session in (one, two) * 5:
        turn = drawn(session)
        session.answer(turn, Rating.EASY, 0)
        found.append(turn.key)
    assert sorted(found) == keys(10)
    assert (one.next(), two.next()) == (None, None)
    second.store.close()


# --- figures -------------------------------------------------------------------------------


def test_the_summary_by_hand(desk: Desk) -> None:
    settings = Settings(preset=Preset(desired_retention=0.8), decks={"B": Preset(desired_retention=0.95)})
    decks = {"n0": "A", "n1": "A", "n2": "B", "n3": "A"}
    easy(desk, "n0:0", "n1:0", "n2:0")
    desk.clock.forward(days=20)
    session = desk.session(keys(4), settings, decks=decks)
    # Reviewed 20 days after a first Easy (S = 8.2956): (1 + 0.98035 * 20 / 8.2956) ^ -0.1542
    each = (1 + (0.9 ** (-1 / 0.1542) - 1) * 20 / 8.2956) ** -0.1542
    ratings = {"n0:0": Rating.AGAIN, "n1:0": Rating.HARD, "n2:0": Rating.GOOD, "n3:0": Rating.GOOD}
    for _ in range(4):
        turn = drawn(session)
        session.answer(turn, ratings[turn.key], 1500)
    for _ in range(2):  # the lapse and the new card once more: no reviews
        session.answer(drawn(session), Rating.GOOD, 250)
    summary = session.summary()
    assert (summary.answers, summary.cards, summary.new, summary.took) == (6, 4, 1, 6500)
    assert dict(summary.ratings) == {Rating.AGAIN: 1, Rating.HARD: 1, Rating.GOOD: 4, Rating.EASY: 0}
    assert (summary.reviews, summary.recalled) == (3, 2)
    assert summary.expected == pytest.approx(3 * each)
    assert summary.desired == pytest.approx((0.8 + 0.8 + 0.95) / 3)


def test_a_second_review_on_one_day_says_nothing_about_retention(desk: Desk) -> None:
    easy(desk, "n0:0")
    session = desk.session(keys(1), Settings(bury_siblings=False), Wish(ahead=365))
    turn = session.turn("n0:0", desk.history.state("n0:0"), desk.clock())
    session.answer(turn, Rating.AGAIN, 0)
    assert (session.summary().answers, session.summary().reviews, session.summary().expected) == (1, 0, 0)
    assert retrievability(turn.state.memory, session.day, PLAIN) == 1


def test_what_is_coming(desk: Desk) -> None:
    for number, key in enumerate(keys(30)):
        desk.history.answer(Answer(key, Rating.EASY, 0), desk.clock(), Preset(learning_steps=()))
        if number % 10 == 9:
            desk.clock.forward(days=1)
    session = desk.session(keys(25))
    due = [day for key, day in desk.history.reviews_due(0, 10**6) if key in keys(25)]
    today = session.day
    assert session.upcoming(20) == [due.count(today + number) for number in range(1, 21)]
    assert sum(session.upcoming(20)) == 25
    assert session.next_due_day() == min(due)
    assert session.upcoming(0) == []


def test_the_counts_go_down(desk: Desk) -> None:
    easy(desk, *keys(3))
    desk.clock.forward(days=30)
    session = desk.session(keys(5))
    assert session.counts == (0, 3, 2)
    seen = [session.counts]
    while (turn := session.next()) is not None:
        session.answer(turn, Rating.AGAIN if len(seen) == 1 else Rating.EASY, 0)
        seen.append(session.counts)
    assert sum(seen[1]) == 5  # it is being learned again
    assert seen[1][0] == 1
    assert [sum(counts) for counts in seen] == [5, 5, 4, 3, 2, 1, 0]


def test_a_leech_leaves_the_session(desk: Desk) -> None:
    easy(desk, "n0:0")
    desk.clock.forward(days=30)
    session = desk.session(keys(1), Settings(preset=Preset(leech_threshold=1)))
    assert session.answer(drawn(session), Rating.AGAIN, 0).leech == 1
    assert (session.counts, session.next_learning()) == ((0, 0, 0), None)
    desk.clock.forward(minutes=10)
    assert session.next() is None
    session.undo()
    assert drawn(session).key == "n0:0"


def test_decks_have_presets_of_their_own(desk: Desk) -> None:
    settings = Settings(decks={"B": Preset(learning_steps=())})
    session = desk.session(keys(2), settings, decks={"n0": "A", "n1": "b::C"})
    found = {}
    for _ in range(2):
        turn = drawn(session)
        found[turn.key] = session.answer(turn, Rating.GOOD, 0).state
    assert found == {"n0:0": State.LEARNING, "n1:0": State.REVIEW}
    assert doctor.examine(desk.store).problems == []
